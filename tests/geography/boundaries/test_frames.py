"""The planes of the outlines, beside those of PROJ."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer

from apl_engine.geography.boundaries.frames import FRAMES, frame_of, project


@pytest.mark.parametrize("number", range(len(FRAMES)))
def test_projections_are_those_of_proj(number: int) -> None:
    west, south, east, north = FRAMES[number].box
    lon, lat = (
        part.ravel()
        for part in np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
    )
    frame = frame_of(lon, lat)
    assert (frame == number).all()
    transform = Transformer.from_crs(4326, FRAMES[number].epsg, always_xy=True).transform
    assert project(lon, lat, frame) == pytest.approx(np.column_stack(transform(lon, lat)), abs=1e-3)


def test_points_elsewhere_have_no_plane() -> None:
    frame = frame_of(np.array([-73.9, 2.35]), np.array([40.7, 48.85]))
    assert frame.tolist() == [-1, 0]
    assert np.isnan(project(np.array([-73.9]), np.array([40.7]), frame[:1])).all()
