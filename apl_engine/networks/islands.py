"""Communes that no road leaves, in a network of times by road."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..errors import Note, first
from ..geography.estimate.land import cut_off, islands_by_road
from ..method.network import TravelNetwork
from ..method.sparse_rows import MOST_COMMUNES

_NAMED = 12


def island_notes(network: TravelNetwork) -> list[Note]:
    """Name the islands that a network connects with other land.

    Their times are by ferry, or from the shore that a router moved their points to.

    Parameters
    ----------
    network : TravelNetwork

    Returns
    -------
    list of Note
    """
    codes = network.communes
    islands = islands_among(codes)
    if not len(islands):
        return []
    ends: list[NDArray[np.int64]] = []
    for rows in (network.by_origin, network.by_destination):
        first_pair, end = rows.pointers[islands], rows.pointers[islands + 1]
        pairs = [rows.pairs[a:b] for a, b in zip(first_pair, end, strict=True)]
        others = np.concatenate(pairs) & np.uint32(MOST_COMMUNES - 1)
        ends += [np.repeat(islands, end - first_pair), others.astype(np.int64)]
    # The second rows are by destination.
    origins, destinations = np.concatenate([ends[0], ends[3]]), np.concatenate([ends[1], ends[2]])
    return notes_of_islands(codes, origins, destinations)


def islands_among(codes: pl.Series) -> NDArray[np.int64]:
    """Return the row numbers of the communes that no road leaves."""
    return np.flatnonzero(codes.is_in(list(cut_off())).to_numpy())


def notes_of_islands(
    codes: pl.Series, origins: NDArray[np.int64], destinations: NDArray[np.int64]
) -> list[Note]:
    """Name the islands that pairs connect with other land.

    Parameters
    ----------
    codes : pl.Series
        Of the communes.
    origins, destinations : int64 (n,)
        Row numbers of the pairs of islands.
    """
    table = {"origin": codes.gather(origins), "destination": codes.gather(destinations)}
    found = islands_by_road(pl.DataFrame(table))
    code = "travel_times.islands_by_road"
    return [Note(code, len(found), first(found, _NAMED), warning=True)] if found else []
