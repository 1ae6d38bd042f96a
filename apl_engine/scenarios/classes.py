"""The class of each territory in many scenarios, without the APLs of communes.

With one demand, the APL of a territory is linear in supply: a matrix of territories by communes
with supply, far smaller than that of pairs, gives it. It differs by rounding from the mean of the
APLs of communes. If the APLs on both sides of a cut are so close that rounding could swap them, the
scenario is computed in full, so that each has the classes of a full run.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from .. import kernels
from ..columns import Float, Index, Indices, Pointers, numbered, numbers, starts_of
from ..errors import OnStep, check_arguments, check_threads
from ..executors import Given, Range, open_workers
from ..kernels.blocks import LANES
from ..kernels.territories import BUCKETS
from ..kernels.threads import run_all, share_out
from ..kernels.types import Bands
from ..method.accessibility import reached_demand
from ..method.network import TravelNetwork
from ..method.ranking import Contest
from ..method.result import Zoning, network_of
from ..method.weighted_rows import PairRows
from ..method.zoning import contest_of, territory_means
from ..methodology.model import Methodology
from .batch import apl_of_scenarios, check_scenarios, columns_at_once, some_columns

# APLs whose relative difference is larger than this cannot be swapped by rounding.
_APART = 1e-9
_STRADDLING = {"at_or_below": 0, "crossing": 1, "nearest": 2}


@dataclass(frozen=True)
class ScenarioClasses:
    """The class of each territory in every scenario.

    Attributes
    ----------
    classes : int8 (n_territories, n_scenarios)
        Index among the classes of the methodology, -1 if there is none; territories in the order of
        the result.
    computed_in_full : int
        Number of scenarios whose cuts were too close to call from the matrix.
    """

    classes: npt.NDArray[np.int8]
    computed_in_full: int

    def counts(self, n_classes: int) -> Indices:
        """Return in how many scenarios each territory is in each class.

        Parameters
        ----------
        n_classes : int
            Number of classes of the methodology.

        Returns
        -------
        int64 (n_territories, n_classes)
        """
        return np.stack([np.count_nonzero(self.classes == k, axis=1) for k in range(n_classes)], 1)


@check_arguments(result=Zoning, network=(TravelNetwork, None))
def scenario_classes(
    result: Zoning,
    supply: npt.ArrayLike,
    *,
    network: TravelNetwork | None = None,
    threads: int | None = None,
    executor: Given = None,
    on_step: OnStep | None = None,
) -> ScenarioClasses:
    """Classify territories by other supplies, each scenario as a full run of it would.

    Parameters
    ----------
    result, network, threads, executor, on_step
        As for `zone_scenarios`.
    supply : array (n_communes, n_scenarios)
        ETP of each commune of the result in each scenario; 0 or more.

    Returns
    -------
    ScenarioClasses

    Raises
    ------
    InputDataError
        Shapes do not match, or a value is negative or not finite, or the network is of other
        communes.
    MethodologyError
        The network was built by other rules, or no edge of it is the end of a step.
    ExecutorError
        The executor cannot be used.

    Examples
    --------
    >>> draws = np.random.default_rng(0).poisson(etp[:, None], (len(etp), 1000))  # doctest: +SKIP
    >>> scenario_classes(result, draws).counts(4)  # doctest: +SKIP
    """
    check_threads(threads)
    result.check_exact("result.published_scenarios")
    network = network_of(result, network)
    network.check_communes(result.communes["commune"])
    etp, _, highest = check_scenarios(network, supply, np.zeros(len(network.communes)), threads)
    with open_workers(executor, on_step) as workers:
        shared = _Shared.of(result, network, etp, highest, threads)
        shared = replace(shared, threads=workers.threads(threads))
        units = columns_at_once(network, etp.shape[1], workers)
        parts = list(workers.map(_classes_of, shared, units, label="classifying the scenarios"))
    classes = [part.classes for part in parts]
    return ScenarioClasses(
        classes[0] if len(classes) == 1 else np.concatenate(classes, axis=1),
        sum(part.computed_in_full for part in parts),
    )


@dataclass(frozen=True)
class _Matrix:
    """Weights of communes with supply in the APL of ranked territories, see `group_rows`."""

    at: Pointers
    counts: Pointers
    columns: Index
    weights: Float

    @classmethod
    def of(
        cls, rows: PairRows, communes: Index, starts: Pointers, shares: Float, supplied: Index,
        threads: int | None,
    ) -> _Matrix:  # fmt: skip
        """Add up the pairs of some communes, each territory after the other."""
        pointers, pairs = rows.rows.pointers, rows.rows.pairs
        lengths = np.diff(pointers)[communes]
        at = np.concatenate(([0], np.cumsum(lengths)))[starts]
        column_of = np.full(len(pointers) - 1, len(supplied), dtype=np.uint32)
        column_of[supplied] = np.arange(len(supplied))
        counts, weights = np.empty(len(at) - 1, dtype=np.int64), np.empty(at[-1])
        columns = np.empty(at[-1], dtype=np.uint32)

        def work(first: int, last: int) -> None:
            slots = np.full(len(supplied), -1, dtype=np.int64)
            kernels.group_rows(
                starts, communes, shares, pointers, pairs, rows.weights, column_of, len(supplied),
                first, last, at, slots, counts, columns, weights,
            )  # fmt: skip

        share_out(work, at, threads)
        return cls(at, counts, columns, weights)


@dataclass(frozen=True)
class _Shared:
    """What all scenarios share."""

    network: TravelNetwork
    communes: pl.DataFrame
    rules: Methodology
    contest: Contest
    etp: Float
    highest: Float
    reached: Float
    # The communes with supply that serves somebody, and the territories that are ranked.
    supplied: Index
    ranked: Indices
    matrix: _Matrix
    threads: int | None

    @classmethod
    def of(
        cls,
        result: Zoning,
        network: TravelNetwork,
        etp: Float,
        highest: Float,
        threads: int | None,
    ) -> _Shared:
        communes, rules = result.communes, result.methodology
        people = numbers(communes["standardised_population"])
        reached = reached_demand(network.ways(rules), people, threads)
        contest = contest_of(result.territories, rules)
        codes, territory = numbered(communes["territory"])
        weight = numbers(communes[rules.zoning.aggregation_weight])
        totals = np.bincount(territory, weight, len(codes))
        ranked = np.flatnonzero((contest.imposed < 0) & (totals > 0))
        supplied = np.flatnonzero((highest > 0) & (reached > 0)).astype(np.uint32)
        order = np.argsort(territory, kind="stable").astype(np.uint32)
        order = order[np.isin(territory, ranked)[order]]
        share = float(rules.apl.per_inhabitants) * weight[order] / totals[territory[order]]
        rows = PairRows(network.by_origin, network.weights(rules))
        matrix = _Matrix.of(rows, order, starts_of(territory[order]), share, supplied, threads)
        return cls(
            network, communes, rules, contest, etp, highest, reached, supplied, ranked, matrix,
            threads,
        )  # fmt: skip


def _classes_of(shared: _Shared, columns: Range) -> ScenarioClasses:
    """Classify a range of scenarios."""
    etp = some_columns(shared.etp, columns)
    imposed = shared.contest.imposed
    classes = np.repeat(imposed[:, None], etp.shape[1], axis=1).astype(np.int8)
    work = _Work(shared, etp, classes, np.zeros(etp.shape[1], dtype=bool))
    work.by_matrix()
    if len(again := np.flatnonzero(work.doubtful)):
        work.in_full(again)
    return ScenarioClasses(classes, len(again))


@dataclass(frozen=True)
class _Work:
    """A range of scenarios, which threads share; `classes` and `doubtful` are filled."""

    shared: _Shared
    etp: Float
    classes: npt.NDArray[np.int8]
    doubtful: npt.NDArray[np.bool_]

    def by_matrix(self) -> None:
        """Classify all scenarios by the matrix, and flag those that are too close to call."""
        contest, ranked = self.shared.contest, self.shared.ranked
        count, population = self.etp.shape[1], contest.population
        whole = bool((population == np.floor(population)).all())
        cumulated = contest.rules.cuts == "cumulated"
        if count < LANES or not (whole and cumulated) or not population[ranked].any():
            self.doubtful[:] = True
            return
        firsts = [*range(0, count - LANES, LANES), count - LANES]
        workers = min(self.shared.threads or os.cpu_count() or 1, len(firsts))
        run_all([partial(self._blocks, firsts[k::workers]) for k in range(workers)])

    def _blocks(self, firsts: Sequence[int]) -> None:
        shared, contest, matrix = self.shared, self.shared.contest, self.shared.matrix
        ranked, supplied = shared.ranked, shared.supplied
        some, size, width = len(supplied), len(ranked), self.etp.shape[1]
        scales, limits = contest.limits(ranked)
        population = contest.population[ranked]
        ratios, apl = np.empty((some, LANES)), np.empty((size, LANES))
        keys, members = np.empty((2, size), dtype=np.uint32)
        sums, gaps = np.empty(BUCKETS), np.empty((LANES, len(limits)))
        found: Bands = np.empty((size, LANES), dtype=np.uint8)
        straddling = _STRADDLING[contest.rules.straddling]
        for first in firsts:
            kernels.divide_block(self.etp, shared.reached, supplied, some, width, first, ratios)
            kernels.multiply_block(
                matrix.at, matrix.counts, matrix.columns, matrix.weights, ratios, size, apl
            )
            kernels.cut_block(
                apl, population, scales, limits, len(limits), straddling, size,
                keys, sums, members, found, gaps,
            )  # fmt: skip
            self.doubtful[first : first + LANES] = ~(gaps > _APART).all(axis=1)
            self.classes[ranked, first : first + LANES] = found

    def in_full(self, columns: Indices) -> None:
        """Classify some scenarios by the APLs of all communes."""
        shared, rules, contest = self.shared, self.shared.rules, self.shared.contest
        rows, per = shared.network.ways(rules).by_origin, float(rules.apl.per_inhabitants)
        etp = np.ascontiguousarray(self.etp[:, columns])
        apl = apl_of_scenarios(rows, etp, shared.highest, shared.reached, per, shared.threads)
        means = territory_means(shared.communes, rules, apl).T
        for column, own in zip(columns, means, strict=True):
            self.classes[:, column] = contest.zones(contest.rank(own))
