"""A result that may be published: the suppression applied to its tables, totals and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import polars as pl

from ..columns import Flags, numbered, numbers
from ..errors import Fault, InputDataError, Note, check_arguments, check_whole_number
from ..method.network import TravelNetwork
from ..method.result import Suppression, Zoning, network_of, totals_of
from ..method.zoning import Cut
from .audit import Pattern, Supplies
from .suppress import primary_suppression, secondary_suppression

Some = TypeVar("Some", bound=Zoning)

# A figure of one practitioner is that person's activity.
FEWEST_PRACTITIONERS = 2


@check_arguments(result=Zoning, network=(TravelNetwork, None))
def suppress_small_counts(
    result: Some,
    min_practitioners: int,
    *,
    network: TravelNetwork | None = None,
    secondary: bool = True,
) -> Some:
    """Suppress the figures of few practitioners, and those that would disclose them.

    Primary suppression: the ETP and the number of practitioners of communes and territories of 1
    to `min_practitioners` - 1 practitioners. A count of 0 stays. Secondary suppression (Hundepool
    et al., Statistical Disclosure Control, 2012, chapter 4): the ETP of others, the APL of communes
    and, if nothing else helps, the APL of territories, until every primary figure could be a fifth
    larger or smaller, none negative, given all that is published. Zones are never suppressed.

    Parameters
    ----------
    result : Zoning
        As from `run`; one without supply, as from `zone_published`, is returned unchanged.
    min_practitioners : int
        Fewest practitioners whose figure is published, 2 or more.
    network : TravelNetwork, optional
        The network that the result was computed on; by default the one that it holds.
    secondary : bool
        Whether to apply secondary suppression; without it the result must not be published.

    Returns
    -------
    of the type of `result`
        Suppressed values are null, and totals that disclose them None; `suppression` has their
        number. Ranks and cumulative shares are null in each zone in which the APL of a ranked
        territory is suppressed: gaps among them would disclose its position.

    Raises
    ------
    InputDataError
        `min_practitioners` is not a whole number of 2 or more, figures are suppressed already, or
        the network has other communes.
    MethodologyError
        The network was built by other rules.

    Examples
    --------
    >>> publishable = suppress_small_counts(run("my_tables"), 5)  # doctest: +SKIP
    >>> write_result(publishable, "to-publish")  # doctest: +SKIP
    """
    check_whole_number("min_practitioners", min_practitioners, FEWEST_PRACTITIONERS)
    if result.suppression:
        raise InputDataError(Fault("suppression.already_applied", "result"))
    if "etp" not in result.communes.columns:
        return result
    network = network_of(result, network)
    network.check_communes(result.communes["commune"])
    supplies = supplies_of(result, network)
    decide = secondary_suppression if secondary else primary_suppression
    pattern = decide(supplies, min_practitioners)
    return _suppressed(result, pattern, supplies, min_practitioners, secondary)


@check_arguments(result=Zoning)
def suppressed_figures(result: Zoning) -> pl.DataFrame:
    """Return which figures of communes are suppressed.

    Parameters
    ----------
    result : Zoning
        Any result, including one read from its folder.

    Returns
    -------
    pl.DataFrame
        One row per commune: ``commune``, ``etp`` and ``apl``, whether that figure is suppressed.
    """
    available = result.communes.columns if result.suppression else []
    null = {name: pl.col(name).is_null() for name in ("etp", "apl") if name in available}
    not_suppressed = {name: pl.lit(value=False) for name in ("etp", "apl")}
    return result.communes.select("commune", **not_suppressed | null)


def supplies_of(result: Zoning, network: TravelNetwork) -> Supplies:
    """Return the terms of the published figures of a result."""
    from scipy import sparse

    communes, areas, rules = result.communes, result.territories, result.methodology
    territory = numbered(communes["territory"])[1]
    reached = numbers(communes["demand_reached"])
    apl_per_etp = _apl_per_etp(network, result)
    weight = numbers(communes[rules.zoning.aggregation_weight])
    total = np.bincount(territory, weight, areas.height)[territory]
    share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    size = len(weight)
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


def _apl_per_etp(network: TravelNetwork, result: Zoning) -> Any:
    """Return what one ETP in a commune (column) adds to the APL of another (row)."""
    from scipy import sparse

    reached, rules = numbers(result.communes["demand_reached"]), result.methodology
    rows = network.by_origin
    suppliers = rows.communes.astype(np.int64)
    weight = network.weights(rules)[rows.bands] / rules.travel.denominator
    # Supply without inhabitants within reach adds nothing.
    demand = reached[suppliers]
    apl = float(rules.apl.per_inhabitants) * weight
    added = np.divide(apl, demand, out=np.zeros_like(weight), where=demand > 0)
    matrix = sparse.csr_array((added, suppliers, rows.pointers), shape=(len(reached), len(reached)))
    # A pair of weight 0 is no term of a published figure.
    matrix.eliminate_zeros()
    return matrix


def _suppressed(
    result: Some, pattern: Pattern, supplies: Supplies, least: int, secondary: bool
) -> Some:
    """Return the result without the figures of the pattern."""
    ranked = result.territories["rank"].is_not_null()
    zone = result.territories["zone"]
    affected = zone.filter(ranked & pl.Series(pattern.apl_of)).unique()
    ranks = (zone.is_in(affected.implode(), nulls_equal=True) & ranked).to_numpy() | pattern.apl_of
    communes = _without(
        result.communes, etp=pattern.etp, practitioners=pattern.etp, apl=pattern.apl
    )
    territories = _without(
        result.territories,
        etp=pattern.etp_of,
        practitioners=pattern.etp_of,
        apl=pattern.apl_of,
        rank=ranks,
        cumulative_share=ranks,
    )
    counts = {
        "communes_etp": int(pattern.etp.sum()),
        "communes_apl": int(pattern.apl.sum()),
        "territories_etp": int(pattern.etp_of.sum()),
        "territories_apl": int(pattern.apl_of.sum()),
        "territories_rank": territories["rank"].null_count() - int((~ranked).sum()),
    }
    suppression = Suppression(
        min_practitioners=least,
        secondary=secondary,
        counts=counts,
        totals=_totals(result, pattern),
    )
    note = Note(
        "suppression.small_counts" if secondary else "suppression.primary_only",
        counts["communes_etp"],
        warning=not secondary,
        details={"min_practitioners": least, **counts},
    )
    return replace(
        result,
        communes=communes,
        territories=territories,
        cuts=tuple(_cut(cut, result.territories.filter(pattern.apl_of)) for cut in result.cuts),
        notes=(*_notes(result, pattern, supplies), note),
        suppression=suppression,
        ambiguous=None,
    )


def _without(table: pl.DataFrame, **masks: Flags) -> pl.DataFrame:
    """Return a table with null for each value of a column whose mask is true."""
    return table.with_columns(
        pl.when(~pl.Series(mask)).then(pl.col(name)).alias(name) for name, mask in masks.items()
    )


def _totals(result: Zoning, pattern: Pattern) -> Mapping[str, float | None]:
    """Return the totals, None for those that disclose a suppressed figure."""
    country, reachable = pattern.country
    # The ETP distributed by the APLs equal the reachable ETP.
    suppressed = {"etp": country, "reachable_etp": reachable, "distributed_etp": reachable}
    totals = totals_of(result)
    return {name: None if suppressed.get(name) else totals[name] for name in totals}


def _cut(cut: Cut, suppressed: pl.DataFrame) -> Cut:
    """Return a cut without territories whose APL is suppressed, and without their APL."""
    if cut.highest_apl in set(suppressed["apl"]):
        cut = replace(cut, highest_apl=None)
    if cut.next_territory in set(suppressed["territory"]):
        cut = replace(cut, next_territory=None, next_apl=None, next_share=None)
    return cut


def _notes(result: Zoning, pattern: Pattern, supplies: Supplies) -> list[Note]:
    """Return the notes; that on supply out of reach without its ETP if part of it is suppressed.

    Which zones depend on the end of a step says how near they are to a cut: none is named.
    """
    notes = [
        replace(note, examples=()) if note.code == "zoning.step_ends" else note
        for note in result.notes
    ]
    if not pattern.etp[~supplies.reachable].any():
        return notes
    return [
        replace(note, code="suppression.unreachable_supply", details={})
        if note.code == "accessibility.unreachable_supply"
        else note
        for note in notes
    ]
