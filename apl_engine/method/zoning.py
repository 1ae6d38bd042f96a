"""Zones: communes aggregated into territories, ranked and cut. Annexe, IV, 4.1 and 4.2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from ..columns import Indices, numbered, numbers, row_numbers
from ..errors import Note, check_arguments, first
from ..kernels.types import Float
from ..methodology.model import Methodology
from ..schemas import OUTPUT_TABLES, PRACTITIONERS, Kind, enum_of, in_order, table_of, typed_columns
from .ranking import Contest, Ranking, cut_share
from .regions import main_regions

_COMMUNES: dict[str, Kind] = {
    "commune": "code",
    **dict.fromkeys(("region", "territory", "territory_name"), "text"),
    **dict.fromkeys(("population", "standardised_population", "apl"), "quantity"),
}
_TERRITORIES: dict[str, Kind] = {
    **dict.fromkeys(("territory", "region"), "text"),
    **dict.fromkeys(("population", "standardised_population", "apl"), "quantity"),
}
RANKED, NOBODY, NO_DEMAND = "ranked", "no inhabitants", "no standardised inhabitants"


@dataclass(frozen=True)
class Cut:
    """The end of a class.

    Attributes
    ----------
    zone : str
        Id of the class below the cut.
    share : float
        Cumulative share of the population that the text sets for the cut, %; for successive cuts,
        that of the class after what was reached before.
    reached : float
        Cumulative share of the population up to the cut, %.
    highest_apl : float or None
        APL of the last ranked territory below the cut; None if there is none.
    next_territory, next_apl, next_share : str, float, float, or None
        The first territory above the cut, its APL and the cumulative share with it, %: it
        straddles the cut, unless the cut falls between two territories.
    """

    zone: str
    share: float
    reached: float
    highest_apl: float | None
    next_territory: str | None
    next_apl: float | None
    next_share: float | None


@check_arguments(methodology=Methodology)
def aggregate_territories(
    communes: pl.DataFrame, methodology: Methodology, *, practices: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Aggregate communes into territories.

    The APL of a territory is the mean of its communes weighted by standardised population
    (arrêté of 20 March 2024, annexe, IV, 4.1); its region of attribution the one with most of
    its population (4.3), the smallest code where two have as much.

    Parameters
    ----------
    communes : pl.DataFrame
        One row per commune: ``commune``, ``region``, ``territory``, ``territory_name``,
        ``population``, ``standardised_population``, ``apl``, and ``etp`` if known.
    methodology : Methodology
        Section ``zoning``.
    practices : pl.DataFrame, optional
        Those of `Supply`, to count the practitioners of each territory.

    Returns
    -------
    pl.DataFrame
        One row per territory, sorted by code: ``territory``, ``territory_name``, ``region``,
        ``communes``, ``etp`` (if communes have it), ``practitioners`` (if `practices` are given;
        each once), ``population``, ``standardised_population``, ``apl`` (null if the weights add
        up to 0).
    """
    rows = typed_columns(communes, "communes", _COMMUNES, identified=OUTPUT_TABLES["communes"])
    known = enum_of(rows["commune"])
    if not (known and in_order(rows["commune"], known) and known.categories.is_sorted()):
        rows, known = rows.with_columns(pl.col("commune").cast(pl.String)).sort("commune"), None
    if "etp" in rows.columns:
        rows = typed_columns(rows, "communes", {"etp": "quantity"})
    codes, territory = numbered(rows["territory"])

    def summed(values: Float) -> Float:
        # bincount adds in the order of the rows, that of the codes of communes.
        return np.bincount(territory, values, len(codes)).astype(np.float64, copy=False)

    weight = numbers(rows[methodology.zoning.aggregation_weight])
    apl = group_means(territory, len(codes), weight, numbers(rows["apl"]))
    head = np.empty(len(codes), dtype=np.int64)
    head[territory[::-1]] = np.arange(rows.height)[::-1]
    columns: dict[str, pl.Series | Float] = {}
    if "etp" in rows.columns:
        columns["etp"] = summed(numbers(rows["etp"]))
    if practices is not None:
        columns["practitioners"] = _practitioners(
            practices, known or pl.Enum(rows["commune"]), territory, len(codes)
        )
    for name in ("population", "standardised_population"):
        columns[name] = summed(numbers(rows[name]))
    return pl.DataFrame(
        {
            "territory": codes,
            "territory_name": rows["territory_name"][head],
            "region": main_regions(rows, territory, len(codes))[0],
            "communes": np.bincount(territory, minlength=len(codes)),
            **columns,
            "apl": pl.Series(apl, nan_to_null=True),
        }
    )


def _practitioners(
    practices: pl.DataFrame, communes: pl.Enum, territory: Indices, size: int
) -> pl.Series:
    """Count the practitioners of each territory, each once however many practices it has there."""
    practices = table_of(practices, PRACTITIONERS, ["commune"], {"commune": communes})
    # One number for a practitioner in a territory.
    number = practices["number"].to_numpy().astype(np.int64)
    home = row_numbers(practices["commune"])
    counted = pl.Series(number * size + territory[home]).unique().to_numpy()
    return pl.Series(np.bincount(counted % size, minlength=size)).cast(pl.Int64)


def group_means(groups: Indices, size: int, weights: Float, values: Float) -> Float:
    """Return the weighted mean of each group, added in the order of the rows.

    Parameters
    ----------
    groups : int64 (n,)
        The group of each row, below `size`.
    size : int
        Number of groups.
    weights, values : float64 (n,)

    Returns
    -------
    float64 (size,)
        NaN if the weights of the group add up to 0.
    """
    total, weighted = (np.bincount(groups, part, size) for part in (weights, weights * values))
    means: Float = np.full(size, np.nan)
    np.divide(weighted, total, out=means, where=total > 0)
    return means


def territory_means(communes: pl.DataFrame, methodology: Methodology, apl: Float) -> Float:
    """Return the APL of territories by that of communes, as `aggregate_territories` computes it.

    Parameters
    ----------
    communes : pl.DataFrame
        Those of a result, sorted by code.
    methodology : Methodology
        Section ``zoning``.
    apl : float64 (n_communes, n_scenarios)

    Returns
    -------
    float64 (n_territories, n_scenarios)
        By code; NaN if the weights of the territory add up to 0.
    """
    codes, territory = numbered(communes["territory"])
    weight = numbers(communes[methodology.zoning.aggregation_weight])
    return np.stack([group_means(territory, len(codes), weight, values) for values in apl.T], 1)


class Classification(NamedTuple):
    """Territories in their zones.

    Attributes
    ----------
    territories : pl.DataFrame
        Those classified, with ``rank``, ``cumulative_share`` (%), ``zone`` and ``zone_reason``.
    cuts : tuple of Cut
        Where each class but the last ends.
    notes : tuple of Note
        Territories whose zone does not come from their rank, and classes without territories.
    """

    territories: pl.DataFrame
    cuts: tuple[Cut, ...]
    notes: tuple[Note, ...]


@check_arguments(methodology=Methodology)
def classify(territories: pl.DataFrame, methodology: Methodology) -> Classification:
    """Rank territories by rising APL and cut them into classes by cumulative population.

    Arrêté of 20 March 2024, annexe, IV, 4.2. Territories attributed to a region whose zone the
    methodology imposes are not ranked; those without inhabitants have no zone.

    Parameters
    ----------
    territories : pl.DataFrame
        As from `aggregate_territories`.
    methodology : Methodology
        Section ``zoning``.

    Returns
    -------
    Classification

    Raises
    ------
    InputDataError
        The table cannot be used, or the territories to rank have no population.
    """
    territories = typed_columns(
        territories, "territories", _TERRITORIES, nullable=["apl"],
        identified=OUTPUT_TABLES["territories"],
    )  # fmt: skip
    contest = contest_of(territories, methodology)
    ranking = contest.rank(numbers(territories["apl"]))
    zoned = with_zones(territories, contest, ranking)
    notes = tuple(_notes(zoned, methodology))
    return Classification(zoned, cuts_of(territories, contest, ranking), notes)


def contest_of(territories: pl.DataFrame, methodology: Methodology) -> Contest:
    """Return all that ranks and cuts depend on except the APLs; see `classify`."""
    rules = methodology.zoning
    places = {zone.id: place for place, zone in enumerate(rules.classes)}
    imposed = {row.region: places[row.zone] for row in rules.imposed}
    return Contest(
        numbers(territories[rules.cut_population]),
        territories["territory"].rank("ordinal").cast(pl.Int64).to_numpy(),
        territories["region"].replace_strict(imposed, default=-1, return_dtype=pl.Int64).to_numpy(),
        rules,
    )


def with_zones(territories: pl.DataFrame, contest: Contest, ranking: Ranking) -> pl.DataFrame:
    """Add rank, cumulative share, zone and its reason to territories."""
    columns = zone_columns(contest, ranking)
    reason = {row.region: f"imposed: {row.reason}" for row in contest.rules.imposed}
    without = pl.when(pl.col("population") > 0).then(pl.lit(NO_DEMAND)).otherwise(pl.lit(NOBODY))
    return territories.with_columns(
        *columns,
        zone_reason=pl.when(columns[-1].is_not_null())
        .then(pl.col("region").replace_strict(reason, default=RANKED, return_dtype=pl.String))
        .otherwise(without),
    )


def zone_columns(contest: Contest, ranking: Ranking) -> list[pl.Series]:
    """Return the columns ``rank``, ``cumulative_share`` and ``zone`` of territories."""
    zones = contest.zones(ranking)
    rank, share = np.zeros(len(zones), dtype=np.uint32), np.full(len(zones), np.nan)
    rank[ranking.order] = np.arange(1, len(ranking.order) + 1)
    share[ranking.order] = ranking.shares
    ranks = pl.Series("rank", rank)
    if len(ranking.order) < len(zones):
        ranks = ranks.set(pl.Series(rank == 0), None)
    # The last one is for -1, which is the highest number without a sign.
    ids = pl.Series("zone", [*(zone.id for zone in contest.rules.classes), None], dtype=pl.String)
    return [
        ranks,
        pl.Series("cumulative_share", share, nan_to_null=True),
        ids[pl.Series(np.minimum(zones.astype(np.uint32), len(ids) - 1))],
    ]


def cuts_of(territories: pl.DataFrame, contest: Contest, ranking: Ranking) -> tuple[Cut, ...]:
    """Return the end of each class but the last."""
    codes, apl, rules = territories["territory"], territories["apl"], contest.rules
    total = ranking.total or float(contest.population.sum()) or 1.0
    found: list[Cut] = []
    for k, zone in enumerate(rules.classes[:-1]):
        start = found[-1].reached if found and rules.cuts == "successive" else 0.0
        # Ranks in class k or below.
        count = int(np.count_nonzero(ranking.classes <= k))
        inside = float(ranking.cumulative[count - 1]) if count else 0.0
        held, above = float(ranking.held[k]), count < len(ranking.order)
        last = int(ranking.order[count - 1]) if count else None
        following = int(ranking.order[count]) if above else None
        found.append(
            Cut(
                zone=zone.id,
                share=start + float(cut_share(k, rules)),
                reached=100.0 * (inside + held) / total,
                highest_apl=None if last is None else apl[last],
                next_territory=None if following is None else codes[following],
                next_apl=None if following is None else apl[following],
                next_share=100.0 * (float(ranking.cumulative[count]) + held) / total
                if above
                else None,
            )
        )
    return tuple(found)


def _notes(territories: pl.DataFrame, methodology: Methodology) -> Iterator[Note]:
    """Report territories whose zone does not come from their rank, and empty classes."""
    imposed = territories.filter(pl.col("zone_reason").str.starts_with("imposed"))
    for (reason,), rows in imposed.group_by("zone_reason", maintain_order=True):
        codes = first(rows["territory"])
        yield Note("zoning.imposed_zone", rows.height, codes, details={"reason": str(reason)})
    unzoned = territories.filter(pl.col("zone").is_null())["territory"]
    if len(unzoned):
        yield Note("zoning.no_zone", len(unzoned), first(unzoned), warning=True)
    present = set(territories["zone"])
    if empty := [c.label for c in methodology.zoning.classes if c.id not in present]:
        yield Note("zoning.empty_class", len(empty), first(empty), warning=True)
