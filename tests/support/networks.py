"""A prepared network of a small country, and how two networks are compared."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from support.tables import frames, small_world

from apl_engine import TravelNetwork
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
