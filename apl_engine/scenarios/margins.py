"""The margin between a territory and another zone: in APL, and in ETP to add or remove in it.

The class of a territory depends only on the territories ranked before it (for successive cuts, also
on the order of these, which is taken as it is). As one amount grows, each
other territory changes places with it once at most: its class changes at one of these crossings,
and a walk through them gives the first that leads to a class. The amount of ETP is then verified by
computing all APLs and zones with it, and with one step less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from itertools import islice
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from ..columns import Float, Indices, numbers
from ..errors import Fault, InputDataError, OnStep, check_arguments, first
from ..executors import Given, Range, open_workers, ranges
from ..method.ranking import Contest, Ranking
from ..method.result import Zoning
from ..method.zoning import contest_of
from .what_if import WhatIf

# The resolution of ETP, and the most crossings tried in turn if a class lasts less than a step.
STEP = Decimal("0.000001")
_MOST_TRIED = 50
# Territories whose margins are computed at once.
_AT_ONCE = 50


@dataclass(frozen=True)
class Distance:
    """The margin between a territory and a class.

    Attributes
    ----------
    zone : str
        Id of the class.
    apl : float or None
        What its APL must gain (negative: lose) with all others unchanged, ETP per
        `per_inhabitants`; None if no APL leads there.
    etp : Decimal or None
        ETP to add in the territory (negative: remove) so that a run with it gives that class, and a
        run with one step less, `STEP`, does not; None if there is none or it is not known.
    changes : mapping of str to float
        The same by commune, as `WhatIf.change` takes it.
    reason : str
        Why there is no `etp`: ``unknown`` (no network), ``all_taken`` (not even without any supply
        of its own) or ``none_added`` (no supply added there); empty if there is one.
    """

    zone: str
    apl: float | None
    etp: Decimal | None = None
    changes: Mapping[str, float] = field(default_factory=dict)
    reason: str = "unknown"

    def as_dict(self) -> dict[str, Any]:
        """Return the distance as plain values, for JSON."""
        return {**asdict(self), "etp": None if self.etp is None else float(self.etp)}


@dataclass(frozen=True)
class _Walk:
    """The crossings of one amount that grows from 0, and the class after each."""

    at: Float
    classes: Indices

    def intervals(self, target: int) -> Iterator[tuple[float, float]]:
        """Yield the start and end of each interval of the amount that leads to a class."""
        ends = np.append(self.at[1:], np.inf)
        for k in np.flatnonzero(self.classes == target):
            yield float(self.at[k]), float(ends[k])


@check_arguments(zones=Zoning, territory=str, what_if=(WhatIf, None), at=(str, None), beside=bool)
def distances(
    zones: Zoning,
    territory: str,
    what_if: WhatIf | None = None,
    *,
    at: str | None = None,
    beside: bool = False,
) -> list[Distance]:
    """Return the margin between a territory and each other class.

    Parameters
    ----------
    zones : Zoning
        A result.
    territory : str
        Code of a ranked territory.
    what_if : WhatIf, optional
        The same result with its network, to compute ETP; by default, only APLs are.
    at : str, optional
        The commune of the territory where ETP is added or removed. By default, each commune in
        proportion to its supply; without supply, in proportion to its inhabitants.
    beside : bool
        Whether only the classes just above and below its own are of interest.

    Returns
    -------
    list of Distance
        By class, without that of the territory.

    Raises
    ------
    InputDataError
        The territory is unknown or not ranked, `at` is not one of its communes, or figures of the
        result are hidden.
    """
    zones.check_exact("result.published_margins")
    contest = contest_of(zones.territories, zones.methodology)
    row = _row_of(zones, territory, at)
    apl = numbers(zones.territories["apl"])
    ids = [zone.id for zone in zones.methodology.zoning.classes]
    ranking = contest.rank(apl)
    own = int(contest.zones(ranking)[row])
    alone = np.zeros(len(apl))
    alone[row] = 1.0
    walks = {sign: _walk(contest, ranking, apl, row, sign * alone) for sign in (1, -1)}
    search = None
    if what_if:
        communes = zones.communes.filter(territory=territory)
        supply = dict(communes.select("commune", "etp").iter_rows())
        search = _Search(what_if, row, apl, ranking, _shares(communes, at), supply)
    margins = []
    for target, zone in enumerate(ids):
        if target == own or (beside and abs(target - own) > 1):
            continue
        # Classes are in order of increasing APL.
        sign = 1 if target > own else -1
        gain = _gain(contest, apl, row, walks[sign], target, sign)
        margins.append(
            search.distance(zone, target, sign, gain) if search else Distance(zone, gain)
        )
    return margins


@check_arguments(zones=Zoning, what_if=(WhatIf, None), region=(str, None), beside=bool)
def zone_margins(
    zones: Zoning,
    what_if: WhatIf | None = None,
    *,
    region: str | None = None,
    beside: bool = False,
    executor: Given = None,
    on_step: OnStep | None = None,
) -> pl.DataFrame:
    """Return the margin between every ranked territory and each other class.

    Parameters
    ----------
    zones, what_if
        As for `distances`.
    region : str, optional
        Code of the region of attribution; by default, all.
    beside : bool
        As for `distances`.
    executor : concurrent.futures.Executor or str, optional
        What computes the margins of some territories each, see `open_workers`; they are the same.
    on_step : callable, optional
        Called with a few words as the work goes on.

    Returns
    -------
    pl.DataFrame
        One row per territory and class, by rank, then class: ``territory``, ``territory_name``,
        ``region``, ``rank``, ``zone`` (by rank, before any regional adaptation), ``to_zone``,
        ``apl`` and ``etp`` (to gain, negative to lose; null if none leads there), ``reason``; see
        `Distance`.

    Raises
    ------
    InputDataError
        Figures of the result are hidden.
    ExecutorError
        The executor cannot be used.
    """
    zones.check_exact("result.published_margins")
    ranked = zones.territories.with_columns(zone_by_rank(zones)).drop_nulls("rank").sort("rank")
    if region is not None:
        ranked = ranked.filter(region=region)
    names = ("territory", "territory_name", "region", "rank", "zone")
    shared = _Shared(zones, what_if, ranked["territory"].to_list(), beside)
    units = ranges(ranked.height, _AT_ONCE)
    with open_workers(executor, on_step) as workers:
        parts = workers.map(_margins_of, shared, units, label="computing the margins")
        margins = [own for part in parts for own in part]
    heads = ranked.select(names).iter_rows()
    rows = [(*head, *margin) for head, own in zip(heads, margins, strict=True) for margin in own]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        **ranked.select(names).schema, "to_zone": pl.String, "apl": pl.Float64, "etp": pl.Float64,
        "reason": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


class _Shared(NamedTuple):
    """What the margins of all territories share."""

    zones: Zoning
    what_if: WhatIf | None
    territories: list[str]
    beside: bool


def _margins_of(
    shared: _Shared, some: Range
) -> list[list[tuple[str, float | None, float | None, str]]]:
    """Return class, APL, ETP and reason of each margin of some territories."""
    zones, what_if, territories, beside = shared
    return [
        [
            (one.zone, one.apl, None if one.etp is None else float(one.etp), one.reason)
            for one in distances(zones, code, what_if, beside=beside)
        ]
        for code in territories[slice(*some)]
    ]


def zone_by_rank(zones: Zoning) -> pl.Series:
    """Return the class of each territory by its rank, before any regional adaptation.

    Parameters
    ----------
    zones : Zoning
        A result.

    Returns
    -------
    pl.Series
        ``zone``, id of the class, null if there is none.
    """
    contest = contest_of(zones.territories, zones.methodology)
    classes = contest.zones(contest.rank(numbers(zones.territories["apl"])))
    ids = [zone.id for zone in zones.methodology.zoning.classes]
    return pl.Series("zone", [ids[k] if k >= 0 else None for k in classes.tolist()], pl.String)


def _row_of(zones: Zoning, territory: str, at: str | None) -> int:
    """Return the row of a territory; refuse one that has no margins."""
    match = zones.territories.with_row_index().filter(territory=territory)
    if match.is_empty():
        raise _refused("unknown_territory", "territory", territory)
    if match.item(0, "rank") is None:
        zone_reason = match.item(0, "zone_reason")
        raise _refused("not_ranked", "territory", territory, zone_reason=zone_reason)
    communes = zones.communes.filter(territory=territory)["commune"]
    if at is not None and at not in communes.to_list():
        details = {"territory": territory, "communes": first(communes, 8)}
        raise _refused("not_in_territory", "at", at, **details)
    return int(match.item(0, "index"))


def _refused(kind: str, argument: str, value: str, **details: object) -> InputDataError:
    code = f"margins.{kind}"
    return InputDataError(Fault(code, argument, values=(value,), details=details))


def _gain(
    contest: Contest, apl: Float, row: int, walk: _Walk, target: int, sign: int
) -> float | None:
    """Return the APL to gain or lose for a class; None if none leads there, or only below 0."""
    for start, end in walk.intervals(target):
        if sign < 0 and start >= apl[row]:
            nothing = apl.copy()
            nothing[row] = 0.0
            there = start == apl[row] and contest.zones(contest.rank(nothing))[row] == target
            return -start if there and start > 0 else None
        if end > start:
            return sign * start
    return None


def _walk(contest: Contest, ranking: Ranking, apl: Float, row: int, slopes: Float) -> _Walk:
    """Return the crossings of a territory, as all APLs grow by `slopes` per unit."""
    order = ranking.order
    population, code = contest.population, contest.code_order
    others = order[order != row]
    ahead = apl[others] - apl[row]
    closing = slopes[row] - slopes[others]
    before = (ahead < 0) | ((ahead == 0) & (code[others] < code[row]))
    with np.errstate(divide="ignore", invalid="ignore"):
        at = ahead / closing
    # Those ahead are passed if the distance closes, those behind pass if it grows.
    passing = np.where(before, closing < 0, closing > 0) & np.isfinite(at)
    passed = np.flatnonzero(passing)
    passed = passed[np.argsort(at[passed], kind="stable")]
    weights = population[others]
    start = float(weights[before].sum())
    moved = np.where(before[passed], -weights[passed], weights[passed])
    below = start + np.concatenate(([0.0], np.cumsum(moved)))
    classes = contest.class_at(below, below + population[row], ranking, others)
    return _Walk(np.concatenate(([0.0], at[passed])), classes)


@dataclass(frozen=True)
class _Search:
    """Searches the ETP that leads to a class, by trying it."""

    what_if: WhatIf
    row: int
    apl: Float
    ranking: Ranking
    # The part of a unit that each commune gets, and the supply that can be removed.
    shares: Mapping[str, float]
    supply: Mapping[str, float]
    walks: dict[int, _Walk] = field(default_factory=dict)

    def distance(self, zone: str, target: int, sign: int, gain: float | None) -> Distance:
        if sign not in self.walks:
            slopes = sign * self.what_if.slopes(self.shares)
            self.walks[sign] = _walk(self.what_if.contest, self.ranking, self.apl, self.row, slopes)
        most = sum(self.supply[code] for code in self.shares) if sign < 0 else np.inf
        for start, end in islice(self.walks[sign].intervals(target), _MOST_TRIED):
            if start > most:
                break
            if (etp := self._first_step(start, min(end, most), target, sign)) is not None:
                return Distance(zone, gain, sign * etp, self._changes(sign * etp), "")
        return Distance(zone, gain, reason="all_taken" if sign < 0 else "none_added")

    def _first_step(self, start: float, end: float, target: int, sign: int) -> Decimal | None:
        """Return the first step from `start` on for which a run gives the class."""
        nearest = max(ceil(Decimal(start) / STEP), 1)
        # A crossing is exact but for rounding: it is at this step, or at one beside.
        for steps in (nearest, nearest - 1, nearest + 1, nearest - 2, nearest + 2):
            amount = steps * STEP
            if (
                steps >= 1
                and float(amount) <= end
                and self._leads_to(target, sign * amount)
                and not self._leads_to(target, sign * (amount - STEP))
            ):
                return amount
        return None

    def _leads_to(self, target: int, amount: Decimal) -> bool:
        return int(self.what_if.zones_after(self._changes(amount))[self.row]) == target

    def _changes(self, amount: Decimal) -> dict[str, float]:
        wanted = {code: float(amount) * part for code, part in self.shares.items() if part}
        # Rounding must not remove more than there is.
        return {code: max(more, -self.supply[code]) for code, more in wanted.items()}


def _shares(communes: pl.DataFrame, at: str | None) -> dict[str, float]:
    """Return how a unit of supply is divided between the communes of a territory."""
    if at:
        return {at: 1.0}
    for by in ("etp", "standardised_population"):
        total = float(communes[by].sum())
        if total > 0:
            return {code: value / total for code, value in communes.select("commune", by).rows()}
    # Neither supply nor inhabitants: the first commune.
    return {str(communes["commune"].min()): 1.0}
