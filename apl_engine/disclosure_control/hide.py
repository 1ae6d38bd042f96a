"""A result that may be published: no figure in it tells of a few practitioners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import polars as pl

from ..columns import Flags, numbered, numbers
from ..kernels.types import Float
from ..method.network import TravelNetwork
from ..method.result import Secrecy, Zoning, totals_of
from ..method.zoning import Cut
from ..methodology.model import Methodology, common_denominator
from ..notes import Note
from .audit import Pattern, Supplies, import_sparse
from .suppress import primary
from .suppress import secondary as protecting

Some = TypeVar("Some", bound=Zoning)


def suppress_small_counts(
    result: Some, network: TravelNetwork, least: int, *, secondary: bool = True
) -> Some:
    """Hide the figures behind which few practitioners stand, and those that would give them back.

    Hidden for themselves are the ETP and the number of practitioners of communes and territories
    of 1 to `least` - 1 practitioners (primary suppression). Where nobody practises, the 0 stays.
    Hidden beside them (secondary suppression; Hundepool et al., Statistical Disclosure Control,
    2012, chapter 4) are ETP of others, APL of communes and, where nothing else helps, APL of
    territories, until every figure of the first kind could be a fifth larger or smaller, none
    below 0, with all that is published as it is. Zones are never hidden.

    Parameters
    ----------
    result : as from `run`; one without supply, as from `zone_published`, is returned as it is.
    network : that the result was computed with.
    least : fewest practitioners whose figure is shown, 2 or more.
    secondary : whether to hide more than the figures of few practitioners themselves; without,
        the result must not be published.

    Returns
    -------
    of the type of `result`
        Hidden values are null, and sums that tell of them None; ``secrecy`` says how many. Ranks
        and cumulative shares are null in each zone where the APL of a ranked territory is: the
        gaps that they leave would tell its place.

    Raises
    ------
    ValueError
        `least` is no whole number of 2 or more, or something is hidden already.
    InputDataError
        The network is of other communes.
    MethodologyError
        It was built by other rules.
    AplError
        SciPy is not installed.

    Examples
    --------
    >>> result, network = run_with_network("my_tables")  # doctest: +SKIP
    >>> write_result(hide_small(result, network, 5), "to-publish")  # doctest: +SKIP
    """
    check_least(least)
    if result.secrecy:
        raise ValueError("figures of this result are hidden already; hide those of the whole one")
    if "etp" not in result.communes.columns:
        return result
    network.check_communes(result.communes["commune"])
    supplies = _supplies(result, network)
    pattern = protecting(supplies, least) if secondary else primary(supplies, least)
    return _hidden(result, pattern, supplies, least, secondary)


def check_least(least: int) -> None:
    """Refuse a number of practitioners that hides nothing, or a missing SciPy, before any work.

    Raises
    ------
    ValueError
        It is no whole number of 2 or more.
    AplError
        SciPy is not installed.
    """
    if isinstance(least, bool) or not isinstance(least, int) or least < 2:
        raise ValueError(f"min_practitioners must be a whole number of 2 or more; got {least!r}")
    import_sparse()


def hidden(result: Zoning) -> pl.DataFrame:
    """Tell of which communes figures are hidden.

    Parameters
    ----------
    result : any, read again from its folder too.

    Returns
    -------
    pl.DataFrame
        One row per commune: ``commune``, ``etp`` and ``apl``, whether that figure is hidden.
    """
    communes = result.communes
    names = [name for name in ("etp", "apl") if result.secrecy and name in communes.columns]
    none = {name: pl.lit(value=False) for name in ("etp", "apl")}
    return communes.select("commune", **none | {name: pl.col(name).is_null() for name in names})


def _supplies(result: Zoning, network: TravelNetwork) -> Supplies:
    communes, areas, rules = result.communes, result.territories, result.methodology
    territory = numbered(communes["territory"])[1]
    reached = numbers(communes["demand_reached"])
    apl_per_etp = _apl_per_etp(network, reached, rules)
    weight = numbers(communes[rules.zoning.aggregation_weight])
    total = np.bincount(territory, weight, areas.height)[territory]
    share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    sparse, size = import_sparse(), len(weight)
    mean = sparse.csr_array((share, (territory, np.arange(size))), shape=(areas.height, size))
    return Supplies(
        etp=numbers(communes["etp"]),
        practitioners=communes["practitioners"].cast(pl.Int64).to_numpy(),
        territory=territory,
        etp_of=numbers(areas["etp"]),
        practitioners_of=areas["practitioners"].cast(pl.Int64).to_numpy(),
        apl_per_etp=apl_per_etp,
        mean_apl_per_etp=(mean @ apl_per_etp).tocsr(),
        reachable=reached > 0,
        population=numbers(communes["population"]),
        counted=result.counts["practitioners"]["counted"],
    )


def _apl_per_etp(network: TravelNetwork, reached: Float, rules: Methodology) -> Any:
    """Return what an ETP in a commune (column) adds to the APL of another (row)."""
    rows, sparse = network.by_origin, import_sparse()
    there = rows.places.astype(np.int64)
    weight = network.weights(rules)[rows.bands] / common_denominator(rules.travel.steps)
    per = float(rules.apl.per_inhabitants)
    # Where nobody lives in reach, a pair of any weight adds nothing.
    demand = reached[there]
    added = np.divide(per * weight, demand, out=np.zeros_like(weight), where=demand > 0)
    matrix = sparse.csr_array((added, there, rows.pointers), shape=(len(reached), len(reached)))
    # A pair too far away is none, and nothing can be told from it.
    matrix.eliminate_zeros()
    return matrix


def _hidden(
    result: Some, pattern: Pattern, supplies: Supplies, least: int, secondary: bool
) -> Some:
    """Return the result without what the pattern hides."""
    communes = _without(
        result.communes,
        {"etp": pattern.etp, "practitioners": pattern.etp, "apl": pattern.apl},
    )
    ranked = result.territories["rank"].is_not_null()
    zone = result.territories["zone"]
    mixed = zone.filter(ranked & pl.Series(pattern.apl_of)).unique()
    ranks = (zone.is_in(mixed.implode()) & ranked).to_numpy() | pattern.apl_of
    territories = _without(
        result.territories,
        {
            "etp": pattern.etp_of,
            "practitioners": pattern.etp_of,
            "apl": pattern.apl_of,
            "rank": ranks,
            "cumulative_share": ranks,
        },
    )
    secrecy = Secrecy(
        min_practitioners=least,
        secondary=secondary,
        hidden={
            "communes_etp": int(pattern.etp.sum()),
            "communes_apl": int(pattern.apl.sum()),
            "territories_etp": int(pattern.etp_of.sum()),
            "territories_apl": int(pattern.apl_of.sum()),
            "territories_rank": territories["rank"].null_count() - int((~ranked).sum()),
        },
        totals=_totals(result, pattern),
    )
    return replace(
        result,
        communes=communes,
        territories=territories,
        cuts=tuple(_cut(cut, result.territories.filter(pattern.apl_of)) for cut in result.cuts),
        notes=(*_notes(result, pattern, supplies), _told(secrecy)),
        secrecy=secrecy,
    )


def _without(table: pl.DataFrame, masks: Mapping[str, Flags]) -> pl.DataFrame:
    """Return a table with null where a mask is true."""
    return table.with_columns(
        pl.when(~pl.Series(mask)).then(pl.col(name)).alias(name) for name, mask in masks.items()
    )


def _totals(result: Zoning, pattern: Pattern) -> dict[str, float | None]:
    """Return the totals, without those that tell of a hidden figure."""
    without = {
        "etp": pattern.country[0],
        "reachable_etp": pattern.country[1],
        # The same sum, taken the other way.
        "distributed_etp": pattern.country[1],
    }
    return {name: None if without.get(name) else value for name, value in totals_of(result).items()}


def _cut(cut: Cut, hidden_ones: pl.DataFrame) -> Cut:
    """Return a cut that names no territory, nor the APL of one, whose APL is hidden."""
    if cut.highest_apl in set(hidden_ones["apl"]):
        cut = replace(cut, highest_apl=None)
    if cut.next_territory in set(hidden_ones["territory"]):
        cut = replace(cut, next_territory=None, next_apl=None, next_share=None)
    return cut


def _notes(result: Zoning, pattern: Pattern, supplies: Supplies) -> list[Note]:
    """Return the notes; that on supply nobody reaches without its ETP, where one is hidden."""
    if not pattern.etp[~supplies.reachable].any():
        return list(result.notes)
    return [
        replace(note, code="accessibility.unreachable_supply_suppressed", details={})
        if note.code == "accessibility.unreachable_supply"
        else note
        for note in result.notes
    ]


def _told(secrecy: Secrecy) -> Note:
    hidden, least = secrecy.hidden, secrecy.min_practitioners
    text = (
        f"figures of fewer than {least} practitioners are hidden"
        f"{', and those that would give them back' if secrecy.secondary else ''}: the ETP of "
        f"{hidden['communes_etp']} communes and {hidden['territories_etp']} territories, the APL "
        f"of {hidden['communes_apl']} communes and {hidden['territories_apl']} territories"
    )
    if not secrecy.secondary:
        text += "; they can be computed from what is shown: not to be published"
    return Note(
        "secrecy", hidden["communes_etp"], warning=not secrecy.secondary, details={"text": text}
    )
