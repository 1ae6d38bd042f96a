"""Many scenarios of supply and demand on one network.

If all have the same demand, the first step is done once, and the second for 16 scenarios at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from .. import kernels
from ..columns import Float, Index, Pointers
from ..errors import Fault, InputDataError, OnStep, check_arguments, check_threads
from ..executors import Given, Range, Workers, open_workers, ranges
from ..kernels.blocks import LANES
from ..kernels.threads import run_all, share_out
from ..method.accessibility import reached_demand, reached_supply, supply_ratios
from ..method.exact_sums import BOUND, Unit, may_exceed_a_word, ratios_unit, weighted_sums
from ..method.network import TravelNetwork
from ..method.weighted_rows import MOST_NARROWED, RunRows, WeightedRows
from ..methodology.model import Methodology

# With this many scenarios, deriving the layout of a raw network takes less time than it saves.
_WORTH_A_LAYOUT = 512
# Blocks whose supply is read at once.
_PACKED = 4
# A range of scenarios visits this many pairs, about a second, and has APLs of this many bytes.
_PAIRS, _BYTES = 2_500_000_000, 1 << 26


@dataclass(frozen=True)
class Scenarios:
    """The APL of every commune in every scenario.

    Attributes
    ----------
    apl : float64 (n_communes, n_scenarios)
        ETP per `per_inhabitants` of the methodology; rows in the order of the network, columns as
        given.
    unreachable_etp : float64 (n_scenarios,)
        ETP that are excluded: no inhabitants within reach.
    """

    apl: Float
    unreachable_etp: Float


@check_arguments(network=TravelNetwork, methodology=Methodology)
def scenario_accessibility(
    network: TravelNetwork,
    supply: npt.ArrayLike,
    demand: npt.ArrayLike,
    methodology: Methodology,
    *,
    threads: int | None = None,
    executor: Given = None,
    on_step: OnStep | None = None,
) -> Scenarios:
    """Compute the APL of every commune in many scenarios.

    Each column has the same bits as `compute_accessibility` gives for it alone.

    Parameters
    ----------
    network : TravelNetwork
        Of n communes.
    supply : array (n, k) or (n,)
        ETP by commune and scenario; 0 or more.
    demand : array (n,) or (n, k)
        Standardised inhabitants, for all scenarios or for each; 0 or more.
    methodology : Methodology
        See its sections ``travel`` and ``apl``.
    threads : int, optional
        Number of threads; by default, as many as the machine has. The result is the same.
    executor : concurrent.futures.Executor or str, optional
        What computes ranges of scenarios, see `open_workers`; the result is the same.
    on_step : callable, optional
        Called with a few words as ranges are done.

    Returns
    -------
    Scenarios

    Raises
    ------
    InputDataError
        Shapes do not match, something is no array of numbers, or a value is negative or not a
        finite number.
    MethodologyError
        The network was built by other rules, or no edge of it is the end of a step.
    ExecutorError
        The executor cannot be used.

    Examples
    --------
    >>> draws = np.random.default_rng(0).poisson(etp[:, None], (len(etp), 1000))  # doctest: +SKIP
    >>> scenario_accessibility(network, draws, population, rules).apl.std(axis=1)  # doctest: +SKIP
    """
    check_threads(threads)
    with open_workers(executor, on_step) as workers:
        batch = Batch.of(network, supply, demand, methodology, threads, workers)
        units = batch.units(workers)
        parts = list(workers.map(_apl_of, batch, units, label="computing the scenarios"))
    return Scenarios(joined([part[0] for part in parts]), batch.unreachable(parts))


@dataclass(frozen=True)
class Batch:
    """Scenarios that are computed by ranges of columns.

    Attributes
    ----------
    network : TravelNetwork
        Of n communes.
    etp : float64 (n, k)
        Supply.
    people : float64 (n, 1 or k)
        Standardised inhabitants.
    highest : float64 (n,)
        The largest supply of each commune.
    reached : float64 (n,) or None
        Demand within reach of each commune, if it is the same in all scenarios.
    methodology : Methodology
    threads : int or None
        For a range.
    """

    network: TravelNetwork
    etp: Float
    people: Float
    highest: Float
    reached: Float | None
    methodology: Methodology
    threads: int | None

    @classmethod
    def of(
        cls, network: TravelNetwork, supply: npt.ArrayLike, demand: npt.ArrayLike,
        methodology: Methodology, threads: int | None, workers: Workers,
    ) -> Batch:  # fmt: skip
        """Check the scenarios, and compute what all ranges use."""
        etp, people, highest = check_scenarios(network, supply, demand, threads)
        reached = None
        if people.shape[1] == 1:
            if etp.shape[1] >= _WORTH_A_LAYOUT:
                network = network.laid_out(threads)
            reached = reached_demand(network.ways(methodology), people[:, 0].copy(), threads)
        return cls(network, etp, people, highest, reached, methodology, workers.threads(threads))

    def units(self, workers: Workers) -> list[Range]:
        """Return the ranges of columns that are computed at once."""
        size, count = self.etp.shape
        return columns_at_once(self.network, count, workers, most=_BYTES // (8 * size))

    def apl(self, columns: Range) -> tuple[Float, Float | None]:
        """Compute a range.

        Returns
        -------
        float64 (n, n_columns), float64 (n_columns,) or None
            APL, and unreachable ETP if demand differs between scenarios.
        """
        etp = some_columns(self.etp, columns)
        per, ways = float(self.methodology.apl.per_inhabitants), self.network.ways(self.methodology)
        if self.reached is not None:
            apl = apl_of_scenarios(
                ways.by_origin, etp, self.highest, self.reached, per, self.threads
            )
            return apl, None
        apl, unreachable = np.empty_like(etp), np.empty(etp.shape[1])
        for k in range(etp.shape[1]):
            own = np.ascontiguousarray(etp[:, k])
            people = np.ascontiguousarray(self.people[:, columns[0] + k])
            reached = reached_demand(ways, people, self.threads)
            apl[:, k] = per * reached_supply(ways, supply_ratios(own, reached), self.threads)
            unreachable[k] = own[reached <= 0].sum()
        return apl, unreachable

    def unreachable(self, parts: Iterable[tuple[object, Float | None]]) -> Float:
        """Return the unreachable ETP of each scenario, (k,), from those of its ranges."""
        if self.reached is not None:
            # Of all scenarios at once: a sum of one column may be added in another order.
            unreachable: Float = self.etp[self.reached <= 0].sum(axis=0)
            return unreachable
        return np.concatenate([part[1] for part in parts if part[1] is not None])


def _apl_of(batch: Batch, columns: Range) -> tuple[Float, Float | None]:
    return batch.apl(columns)


def columns_at_once(
    network: TravelNetwork, count: int, workers: Workers, *, most: int | None = None
) -> list[Range]:
    """Return ranges of scenarios that take about a second each; here, threads share all of them.

    Parameters
    ----------
    network : TravelNetwork
    count : int
        Number of scenarios.
    workers : Workers
    most : int, optional
        Scenarios of a range at most.
    """
    if workers.are_here:
        return [(0, count)]
    length = _PAIRS // max(network.pairs, 1)
    if most is not None:
        length = min(length, most)
    return ranges(count, max(length // LANES, 1) * LANES, LANES)


def some_columns(values: Float, columns: Range) -> Float:
    """Return a range of columns, contiguous."""
    return np.ascontiguousarray(values[:, slice(*columns)])


def joined(parts: Sequence[Float]) -> Float:
    """Return ranges of columns side by side."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def check_scenarios(
    network: TravelNetwork, supply: npt.ArrayLike, demand: npt.ArrayLike, threads: int | None
) -> tuple[Float, Float, Float]:
    """Return supply and demand as columns, and the largest supply of each commune, or refuse them.

    Parameters
    ----------
    network, supply, demand, threads
        As for `scenario_accessibility`.

    Returns
    -------
    float64 (n, k), float64 (n, 1 or k), float64 (n,)
    """
    etp, people = _columns(supply, "supply"), _columns(demand, "demand")
    _check_shapes(network, etp, people)
    return etp, people, _highest({"supply": etp, "demand": people}, threads)["supply"]


def _highest(given: Mapping[str, Float], threads: int | None) -> dict[str, Float]:
    """Return the largest value of each row, (n,), by name; refuse what is no quantity."""
    faults, found = [], {}
    for name, values in given.items():
        size, width = values.shape
        found[name], odd = np.empty(size), np.empty(size, dtype=np.int64)

        def work(
            start: int, stop: int, values: Float = values, width: int = width,
            highest: Float = found[name], odd: Pointers = odd,
        ) -> None:  # fmt: skip
            kernels.scan_rows(values, width, start, stop, highest, odd)

        share_out(work, np.arange(size + 1) * width, threads)
        if odd.any():
            invalid = int(np.count_nonzero(~((values >= 0) & (values < np.inf))))
            faults.append(_fault("not_a_quantity", name, invalid=invalid))
    if faults:
        raise InputDataError(faults)
    return found


def apl_of_scenarios(
    rows: WeightedRows, etp: Float, highest: Float, reached: Float, per: float, threads: int | None
) -> Float:
    """Return the APL of all communes in all scenarios, (n, k), for one demand.

    Parameters
    ----------
    rows : WeightedRows
        The network by origin.
    etp : float64 (n, k)
        Supply, ETP.
    highest : float64 (n,)
        The largest supply of each commune.
    reached : float64 (n,)
        Demand within reach of each commune.
    per : float
        Inhabitants that an APL is per.
    threads : int or None
        Number of threads; the result is the same for any.
    """
    unit = ratios_unit(rows.heaviest)
    count = etp.shape[1]
    job = _Job(rows, etp, reached, per, unit, np.empty_like(etp))
    few = np.count_nonzero(highest > 0) <= MOST_NARROWED
    if not (few and isinstance(rows, RunRows) and rows.is_simple):
        job.one_by_one(range(count), threads)
        return job.apl
    if count < LANES:
        etp = np.pad(etp, ((0, 0), (0, LANES - count)))
        job = replace(job, etp=etp, apl=np.empty_like(etp))
    has = highest[rows.order] > 0
    narrow, supplied = rows.narrowed(has), rows.order[has]
    # The last block may overlap with the one before, and writes the same.
    whole = etp.shape[1] // LANES
    groups = [(LANES * k, min(_PACKED, whole - k)) for k in range(0, whole, _PACKED)]
    if etp.shape[1] % LANES:
        groups.append((etp.shape[1] - LANES, 1))
    workers = min(threads or os.cpu_count() or 1, len(groups))
    run_all([partial(job.blocks, narrow, supplied, groups[k::workers]) for k in range(workers)])
    return np.ascontiguousarray(job.apl[:, :count])


@dataclass(frozen=True)
class _Job:
    """The second step of many scenarios; `apl` is filled."""

    rows: WeightedRows
    etp: Float
    reached: Float
    per: float
    unit: Unit
    apl: Float

    def one_by_one(self, columns: Iterable[int], threads: int | None = 1) -> None:
        """Compute some scenarios, one after the other."""
        for k in columns:
            ratio = supply_ratios(np.ascontiguousarray(self.etp[:, k]), self.reached)
            sums = weighted_sums(self.rows, ratio, self.unit, "supply", threads)
            self.apl[:, k] = self.per * sums

    def blocks(self, rows: RunRows, supplied: Index, groups: Sequence[tuple[int, int]]) -> None:
        """Compute groups of blocks on rows of the communes with supply.

        A group is its first column and its number of blocks.
        """
        size, some = len(self.etp), len(supplied)
        windows, width = len(rows.pointers) - 1, self.etp.shape[1]
        most = max(blocks for _, blocks in groups)
        mains, fines = np.empty((2, most, some + 1, LANES), dtype=np.int64)
        scratch, tiny = np.empty(LANES + 1, dtype=np.int64), np.empty(1, dtype=np.int64)
        totals = np.empty((most, LANES))
        unit = 2.0**-self.unit.bits
        runs = (rows.pointers, rows.counts, rows.members, rows.order, rows.starts, rows.lengths)
        for start, blocks in groups:
            kernels.pack_blocks(
                self.etp, self.reached, supplied, 1 / unit, some, width, start, blocks,
                mains, fines, totals, tiny,
            )  # fmt: skip
            kernels.add_runs_blocks(
                *runs, mains, fines, rows.widths, unit, BOUND, self.per,
                size, some + 1, blocks, 0, windows, start, width, self.apl, scratch,
            )  # fmt: skip
            # Neither do fine words suffice for values of less than half a unit.
            coarse = -1 if tiny[0] else int(scratch[LANES])
            for block in range(blocks):
                # Each quotient has its main word below 2**63 units: half a word, also for weights
                # of 1.
                wide = may_exceed_a_word(totals[block].max(), max(rows.heaviest, 2))
                if wide or coarse >> block & 1:
                    first = start + LANES * block
                    self.one_by_one(range(first, first + LANES))


def _columns(given: npt.ArrayLike, name: str) -> Float:
    """Return scenarios as columns, (n, k), float64, contiguous."""
    try:
        values = np.asarray(given)
    except Exception:  # whatever the library that made it raises
        values = np.asarray(None)
    if values.dtype.kind not in "iuf":
        got = type(given).__name__ if values.dtype == object else str(values.dtype)
        raise InputDataError(_fault("wrong_type", name, expected=("array of numbers",), type=got))
    values = values.astype(np.float64, copy=False)
    if values.ndim not in (1, 2):
        raise InputDataError(_fault("dimensions", name, dimensions=values.ndim))
    return np.ascontiguousarray(values if values.ndim == 2 else values[:, None])


def _check_shapes(network: TravelNetwork, etp: Float, people: Float) -> None:
    size = len(network.communes)
    faults = [
        _fault("rows_and_columns", name, rows=size, shape=values.shape)
        for name, values in (("supply", etp), ("demand", people))
        if len(values) != size or not values.shape[1]
    ]
    if not faults and people.shape[1] not in (1, etp.shape[1]):
        faults = [_fault("columns", "demand", columns=etp.shape[1], given=people.shape[1])]
    if faults:
        raise InputDataError(faults)


def _fault(kind: str, name: str, **details: object) -> Fault:
    return Fault(f"argument.{kind}", name, details=details)
