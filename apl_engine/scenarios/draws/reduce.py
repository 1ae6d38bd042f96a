"""Draws reduced as they are computed: classes and APLs counted, and the zones of each if asked.

A unit of work is a range of draws. Nothing that it returns depends on how draws are divided into
units, nor on how a unit is divided among threads: all that is added up are whole numbers.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

import numpy as np
import polars as pl

from ... import kernels
from ...columns import Bands, Flags, Float, Indices
from ...errors import Fault, InputDataError
from ...executors import Workers
from ...kernels.blocks import LANES
from ...kernels.draws import MOST_STEPS
from ...kernels.threads import run_all
from ..classes import Block, Classifier
from .counts import StepCounts, Tally, extent_of, whole_blocks
from .models import RandomSupply
from .table import TableSupply

# Draws of a unit: about a second of work for all of France.
UNIT = 4096
# Draws that are computed in full at once.
_IN_FULL = 128
# Blocks of 16 draws whose steps are counted together.
_TOGETHER = 32
# The APL of a territory by its matrix and by its communes differ by less, relative to it.
_ROUNDING = 1e-11

Units = tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """What all units of the draws of one methodology use.

    Attributes
    ----------
    classifier : Classifier
        For the communes of `supply`; its rows are all territories with an APL.
    supply : RandomSupply or TableSupply
        The supply of each draw.
    codes : pl.Series
        Codes of the territories.
    scale : float
        Steps of an APL in 1.
    keep : bool
        Whether the zones of each draw are returned.
    threads : int or None
        Number of threads of a unit; the result is the same for any.
    """

    classifier: Classifier
    supply: RandomSupply | TableSupply
    codes: pl.Series
    scale: float
    keep: bool
    threads: int | None


@dataclass(frozen=True)
class Counted:
    """What is counted of some draws.

    Attributes
    ----------
    classes : int64 (n_ranked, n_classes)
        In how many draws each territory that is ranked is in each class; see `Classifier.rows`.
    apl : StepCounts
        The APL of each of `Classifier.rows`, in steps.
    cuts : StepCounts
        The highest APL of each class but the last and those below, in steps.
    in_full : int
        Number of draws that were computed from all communes.
    zones : bytes
        The classes of each draw, as a Parquet file; empty unless asked for.
    faults : tuple of Fault
        What is wrong with the scenarios; then nothing else counts.
    """

    classes: Indices
    apl: StepCounts
    cuts: StepCounts
    in_full: int
    zones: bytes = b""
    faults: tuple[Fault, ...] = ()

    def plus(self, other: Counted) -> Counted:
        """Return what is counted of the draws of both."""
        return Counted(
            self.classes + other.classes,
            self.apl.plus(other.apl),
            self.cuts.plus(other.cuts),
            self.in_full + other.in_full,
            faults=(*self.faults, *other.faults),
        )


def count_draws(
    plan: Plan,
    workers: Workers,
    label: str,
    keep: Callable[[int, bytes], Any] | None = None,
    unit: int = UNIT,
) -> Counted:
    """Count all draws of one methodology.

    Parameters
    ----------
    plan : Plan
        See there.
    workers : Workers
        What carries out the units.
    label : str
        What is done, for progress.
    keep : callable, optional
        Called with the first draw of each unit and the zones of its draws, as a Parquet file.
    unit : int
        Draws of a unit, a multiple of 128.

    Returns
    -------
    Counted
        Without zones.

    Raises
    ------
    InputDataError
        Scenarios are wrong; lists every fault.
    """
    count = plan.supply.count
    units = [(first, min(first + unit, count)) for first in range(0, count, unit)]
    found = _nothing(plan)
    results = workers.map(count_unit, plan, units, label=label)
    for (first, _), part in zip(units, results, strict=True):
        found = found.plus(part)
        if keep and not found.faults:
            keep(first, part.zones)
    if found.faults:
        raise InputDataError(dict.fromkeys(found.faults))
    return found


def count_unit(plan: Plan, unit: Units) -> Counted:
    """Count some draws.

    Parameters
    ----------
    plan : Plan
        See there.
    unit : tuple of int
        The first draw, a multiple of 16, and the one after the last.

    Returns
    -------
    Counted
    """
    first, stop = unit
    ranked = plan.classifier.n_ranked if plan.keep else 0
    zones = np.empty((ranked, stop - first), dtype=np.uint8)
    blocks = range(first, stop, LANES)
    workers = min(plan.threads or os.cpu_count() or 1, len(blocks))
    edges = [len(blocks) * k // workers for k in range(workers + 1)]
    parts = [_Part(plan, zones, first, stop) for _ in range(workers)]
    run_all([partial(parts[k].run, blocks[edges[k] : edges[k + 1]]) for k in range(workers)])
    counted = reduce(Counted.plus, (part.counted() for part in parts))
    kept = _zones_file(plan, first, zones) if plan.keep and not counted.faults else b""
    return replace(counted, apl=counted.apl.narrowed(), cuts=counted.cuts.narrowed(), zones=kept)


def _nothing(plan: Plan) -> Counted:
    classifier = plan.classifier
    cuts = len(classifier.rules.zoning.classes) - 1
    nothing = np.zeros((classifier.n_ranked, cuts + 1), dtype=np.int64)
    return Counted(nothing, StepCounts.none(len(classifier.rows)), StepCounts.none(cuts), 0)


class _Part:
    """The draws of one thread."""

    def __init__(self, plan: Plan, zones: Bands, first: int, stop: int) -> None:
        self._plan, self._zones, self._first, self._stop = plan, zones, first, stop
        self._classes = _nothing(plan).classes
        size, n_classes = len(plan.classifier.rows), self._classes.shape[1]
        self._apl, self._cuts = Tally(size), Tally(n_classes - 1)
        self._in_full, self._faults = 0, list[Fault]()
        self._reader = plan.supply.reader()
        self._etp = np.empty((len(plan.supply.communes), LANES))
        # Blocks whose steps wait until they are counted together.
        self._keys = np.empty((_TOGETHER, size, LANES), dtype=np.int64)
        self._ends = np.empty((_TOGETHER, n_classes - 1, LANES), dtype=np.int64)
        self._sure = np.empty((_TOGETHER, LANES), dtype=np.uint8)
        self._lows, self._highs = np.empty((2, _TOGETHER, size), dtype=np.int64)
        self._waiting = 0

    def counted(self) -> Counted:
        """Return what was counted."""
        apl, cuts = self._apl.counts(), self._cuts.counts()
        return Counted(self._classes, apl, cuts, self._in_full, faults=tuple(self._faults))

    def run(self, firsts: Sequence[int]) -> None:
        """Count blocks of 16 draws."""
        classifier, supply = self._plan.classifier, self._plan.supply
        block, again = classifier.block(), list[int]()
        serving = np.searchsorted(supply.communes, classifier.supplied).astype(np.uint32)
        reached = np.ascontiguousarray(classifier.reached[supply.communes])
        for first in firsts:
            close = chosen = np.arange(first, first + LANES) < self._stop
            if classifier.uses_matrix:
                if not self._fill(first):
                    continue
                kernels.divide_block(
                    self._etp, reached, serving, len(serving), LANES, 0, block.ratios
                )
                close = self._by_matrix(block, first, chosen)
            again += (first + np.flatnonzero(close & chosen)).tolist()
            while len(again) >= _IN_FULL:
                self._by_communes(again[:_IN_FULL])
                del again[:_IN_FULL]
        if again:
            self._by_communes(again)
        self._count_waiting()

    def _fill(self, first: int) -> bool:
        """Fill the ETP of 16 draws; return whether nothing is wrong with them."""
        try:
            self._reader.fill(first, self._etp)
        except InputDataError as error:
            self._faults += error.faults
            return False
        return True

    def _by_matrix(self, block: Block, first: int, chosen: Flags) -> Flags:
        """Count draws by the matrix; return those that are too close to call."""
        classifier, classes = self._plan.classifier, block.classes
        size, (ranked, n_classes) = len(classifier.rows), self._classes.shape
        close, k = classifier.classify(block), self._waiting
        unsure, sure = np.empty(LANES, dtype=np.uint8), self._sure[k]
        kernels.step_block(
            block.apl, classes, self._plan.scale, _ROUNDING, n_classes - 1, ranked, size,
            unsure, self._keys[k], self._ends[k], self._lows[k], self._highs[k],
        )  # fmt: skip
        close = close | (unsure > 0)
        sure[:] = chosen & ~close
        kernels.count_classes(classes, sure, n_classes, ranked, self._classes)
        self._waiting += 1
        if self._waiting == _TOGETHER:
            self._count_waiting()
        if len(self._zones):
            columns = np.flatnonzero(sure)
            self._zones[:, first - self._first + columns] = classes[:, columns]
        return close

    def _count_waiting(self) -> None:
        """Count the steps of blocks that wait."""
        if n := self._waiting:
            sure, ends = self._sure[:n], self._ends[:n]
            lows, highs = self._lows[:n].min(axis=0), self._highs[:n].max(axis=0)
            self._apl.add(self._keys[:n], sure, lows, highs)
            self._cuts.add(ends, sure, *extent_of(ends))
            self._waiting = 0

    def _by_communes(self, draws: Sequence[int]) -> None:
        """Count draws by the APLs of all communes."""
        classifier, scale = self._plan.classifier, self._plan.scale
        etp = self._supply_of(draws)
        if etp is None:
            return
        means = classifier.means_in_full(etp, etp.max(axis=1), 1)
        keys = steps_of(means[classifier.rows], scale)
        ends = np.empty((self._classes.shape[1] - 1, len(draws)), dtype=np.int64)
        ranked = classifier.rows[: classifier.n_ranked]
        for k, (draw, apl) in enumerate(zip(draws, means.T, strict=True)):
            ranking = classifier.contest.rank(apl)
            zones = classifier.contest.zones(ranking)[ranked]
            self._classes[np.arange(len(ranked)), zones] += 1
            inside = [np.count_nonzero(ranking.classes <= c) for c in range(len(ends))]
            highest = [apl[ranking.order[n - 1]] if n else np.nan for n in inside]
            ends[:, k] = steps_of(np.array(highest), scale)
            if len(self._zones):
                self._zones[:, draw - self._first] = zones
        for tally, of in ((self._apl, keys), (self._cuts, ends)):
            blocks = whole_blocks(of)
            tally.add(blocks, np.ones((len(blocks), LANES), np.uint8), *extent_of(blocks))
        self._in_full += len(draws)

    def _supply_of(self, draws: Sequence[int]) -> Float | None:
        """Return the ETP of all communes in some draws, (n_communes, n); None if it is wrong."""
        supply, filled = self._plan.supply, -1
        found = np.zeros((supply.n_communes, len(draws)))
        for k, draw in enumerate(draws):
            first = draw // LANES * LANES
            if first != filled and not self._fill(first):
                return None
            filled = first
            found[supply.communes, k] = self._etp[:, draw - first]
        return found


def _zones_file(plan: Plan, first: int, zones: Bands) -> bytes:
    """Return the class of each territory, a column, in some draws, rows, as a Parquet file."""
    classifier, count = plan.classifier, zones.shape[1]
    row_of = dict(zip(classifier.rows[: classifier.n_ranked].tolist(), zones, strict=True))
    codes = set(plan.codes)
    columns = [pl.Series(_free("draw", codes), np.arange(first, first + count))]
    if isinstance(plan.supply, TableSupply):
        names = plan.supply.names(first, first + count)
        columns.append(pl.Series(_free("scenario", codes), names))
    for territory, code in enumerate(plan.codes):
        imposed = int(classifier.contest.imposed[territory])
        if territory in row_of:
            columns.append(pl.Series(code, row_of[territory]))
        else:
            value = imposed if imposed >= 0 else None
            columns.append(pl.Series(code, [value], dtype=pl.UInt8).new_from_index(0, count))
    file = io.BytesIO()
    pl.DataFrame(columns).write_parquet(file, statistics=False)
    return file.getvalue()


def _free(name: str, taken: set[str]) -> str:
    """Return a name of a column that is not the code of a territory."""
    while name in taken:
        name += "_"
    return name


def steps_of(apl: Float, scale: float) -> Indices:
    """Return APLs in whole steps, rounded half up; -1 for one that is not a number."""
    steps = np.floor(np.minimum(apl * scale + 0.5, MOST_STEPS))
    return np.where(np.isnan(steps), -1, steps).astype(np.int64)
