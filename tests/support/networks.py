"""A prepared network of a small country, and how two networks are compared."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from support.tables import frames, small_world

from apl_engine import TravelNetwork, load_methodology
from apl_engine.networks import prepare_network, save_network


@cache
def small_network() -> TravelNetwork:
    """Return a network of `small_world`, of the vintage 2023."""
    world = frames(small_world())
    return prepare_network(world["travel_times"], world["communes"], vintage=2023)


def saved(network: TravelNetwork, folder: Path) -> Path:
    """Save a network as ``n.aplnet`` in a folder."""
    path = folder / "n.aplnet"
    save_network(network, path)
    return path


def check_same_bits(one: TravelNetwork, two: TravelNetwork) -> None:
    """Assert that two networks are the same, to the last bit."""
    assert one.communes.equals(two.communes)
    assert one.edges.tobytes() == two.edges.tobytes()
    for rows in ("by_origin", "by_destination"):
        for array in ("pointers", "pairs"):
            a, b = (getattr(getattr(network, rows), array) for network in (one, two))
            assert (a.dtype, a.tobytes()) == (b.dtype, b.tobytes())
    for name in ("built_by", "notes", "source"):
        assert getattr(one, name) == getattr(two, name)


def check_same_sums(one: TravelNetwork, two: TravelNetwork) -> None:
    """Assert that two networks have the same pairs, in whatever layout."""
    assert one.communes.equals(two.communes)
    assert one.band_counts.tolist() == two.band_counts.tolist()
    assert one.edges.tobytes() == two.edges.tobytes()
    assert one.built_for.tolist() == two.built_for.tolist()
    rules = load_methodology("mk-2024")
    words = np.random.default_rng(0).integers(0, 2**40, len(one.communes))
    some = np.arange(0, len(words), 7)
    for name in ("by_origin", "by_destination"):
        rows = [getattr(network.ways(rules), name) for network in (one, two)]
        for a, b in zip(*(each.add(each.terms(words), 2) for each in rows), strict=True):
            assert (a.dtype, a.tobytes()) == (b.dtype, b.tobytes())
        a, b = (each.add_at(each.terms(words), some) for each in rows)
        assert a.tobytes() == b.tobytes()
        for array in ("pointers", "pairs"):
            a, b = (getattr(getattr(network, name), array) for network in (one, two))
            assert (a.dtype, a.tobytes()) == (b.dtype, b.tobytes())
