"""Requests as compact blocks of communes."""

from __future__ import annotations

import numpy as np
import pytest
from support.osrm_server import grid

from apl_engine.geography.estimate.points import read_points
from apl_engine.geography.hilbert import hilbert_order
from apl_engine.geography.osrm.blocks import blocks_of


def test_blocks_hold_every_near_pair_once() -> None:
    blocks = blocks_of(read_points(grid(9)), 4.0, 16)
    pairs = [
        (int(block.sources[a]), int(block.destinations[b]))
        for block in blocks
        for a, b in np.argwhere(block.wanted)
    ]
    assert len(pairs) == len(set(pairs))
    assert all(len(block.sources) + len(block.destinations) <= 16 for block in blocks)
    points = grid(9).select("lat", "lon").rows()
    near = {
        (a, b) for a in range(81) for b in range(81) if a != b
        and ((points[a][0] - points[b][0]) * 111.19) ** 2
        + ((points[a][1] - points[b][1]) * 77.2) ** 2 < 16
    }  # fmt: skip
    assert set(pairs) == near


def test_the_curve_leads_from_neighbour_to_neighbour() -> None:
    points = read_points(grid(8, 1 / 7))
    places = np.stack([points.lat, points.lon], axis=1)[hilbert_order(points.lat, points.lon)]
    steps = np.abs(np.diff(places, axis=0)).sum(axis=1)
    assert steps.max() == pytest.approx(1 / 7)
