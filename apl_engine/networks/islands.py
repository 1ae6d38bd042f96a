"""Communes that no road leaves, in a network of times by road."""

from __future__ import annotations

import numpy as np
import polars as pl

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
    islands = codes.is_in(list(cut_off())).arg_true()
    if not len(islands):
        return []
    parts = [pl.DataFrame(schema={"origin": pl.String, "destination": pl.String})]
    for rows, one, other in (
        (network.by_origin, "origin", "destination"),
        (network.by_destination, "destination", "origin"),
    ):
        for island in islands:
            pairs = rows.pairs[rows.pointers[island] : rows.pointers[island + 1]]
            others = codes[(pairs & np.uint32(MOST_COMMUNES - 1)).astype(np.int64)]
            ends = {one: [codes[island]] * len(others), other: others}
            parts.append(pl.DataFrame(ends).select("origin", "destination"))
    found = islands_by_road(pl.concat(parts))
    code = "travel_times.islands_by_road"
    return [Note(code, len(found), first(found, _NAMED), warning=True)] if found else []
