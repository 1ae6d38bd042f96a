"""What the page needs to move the cuts: the order of territories, and the rules of the law."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
import polars as pl

from ...columns import Flags, Float, Indices, numbers
from ...method.ranking import tie_starts
from ...method.result import Zoning
from ...method.zoning import contest_of
from ...methodology.model import Methodology


def national_content(zones: Zoning) -> dict[str, Any]:
    """Return what decides the zones of a result, for any place of the cuts; see `ranked`."""
    return ranked(zones.territories, zones.methodology, published=zones.publication is not None)


def ranked(
    territories: pl.DataFrame, methodology: Methodology, *, published: bool
) -> dict[str, Any]:
    """Return the order of territories, and the rules by which it is cut.

    Parameters
    ----------
    territories : pl.DataFrame
        Those of a result, by code; they are named by their row.
    methodology : Methodology
        Section ``zoning``.
    published : bool
        Whether APLs are rounded, and some null. Territories are then in the order of their zones
        and APLs; those of one zone and APL in an order that is not known; those without an APL,
        the last of their zone, anywhere in it.

    Returns
    -------
    dict
        Plain values, as `cuts.mjs` reads them: ``territories`` that are ranked, by rising APL;
        ``people`` of each that the cuts count; ``held``, those with an imposed zone in each zone
        or below; ``blocks``, where each block begins of territories that no cut divides, or whose
        order is not known (null if there are none); of a publication the ``zones`` of these
        territories and the positions of those ``hidden``; ``law``.
    """
    rules = methodology.zoning
    contest = contest_of(territories, methodology)
    apl = numbers(territories["apl"])
    # Of a publication the ranking gives the imposed zones alone, whatever is hidden.
    ranking = contest.rank(np.nan_to_num(apl) if published else apl)
    order, blocks = ranking.order, None
    of_publication: dict[str, Any] = {"zones": None, "hidden": None}
    if published:
        ids = pl.Enum([zone.id for zone in rules.classes])
        codes = territories["zone"].cast(ids).to_physical().cast(pl.Int64).fill_null(-1)
        zones = codes.to_numpy()
        order = np.flatnonzero((contest.imposed < 0) & (zones >= 0))
        # NaN, for those without an APL, comes last.
        order = order[np.lexsort((contest.code_order[order], apl[order], zones[order]))]
        hidden = np.isnan(apl[order])
        blocks = np.flatnonzero(_changes(zones[order]) | _changes(apl[order]))
        of_publication = {
            "zones": zones[order].tolist(),
            "hidden": np.flatnonzero(hidden).tolist(),
        }
    elif rules.ties == "together":
        blocks = tie_starts(np.sort(apl[order]))
    shares = [zone.share for zone in rules.classes[:-1] if zone.share is not None]
    return {
        "territories": order.tolist(),
        "people": _plain(contest.population[order]),
        "held": _plain(ranking.held),
        "blocks": None if blocks is None else blocks.tolist(),
        **of_publication,
        "law": {
            "shares": [list(share.as_integer_ratio()) for share in accumulate(shares)],
            "population": rules.cut_population,
            "straddling": rules.straddling,
            "cuts": rules.cuts,
        },
    }


def _changes(values: Indices | Float) -> Flags:
    """Return whether each value differs from the one before it; the first does."""
    return np.concatenate((np.ones(min(len(values), 1), dtype=bool), values[1:] != values[:-1]))


def _plain(values: Float) -> list[float]:
    """Return numbers for JSON: whole ones without a decimal point."""
    return [int(value) if value.is_integer() else value for value in map(float, values)]
