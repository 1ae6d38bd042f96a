"""The class of each territory in many scenarios, without the APLs of communes.

With one demand, the APL of a territory is linear in supply: a matrix of territories by communes
with supply, far smaller than that of pairs, gives it. It differs by rounding from the mean of the
APLs of communes. If the APLs on both sides of a cut are so close that rounding could swap them, the
scenario is computed in full, so that each has the classes of a full run.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from .. import kernels
from ..columns import Bands, Flags, Float, Index, Indices, Pointers, numbered, numbers, starts_of
from ..errors import OnStep, check_arguments, check_threads
from ..executors import Given, Range, open_workers
from ..kernels.blocks import LANES
from ..kernels.territories import BUCKETS
from ..kernels.threads import run_all, share_out
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
        classifier = Classifier.of(result, network, np.flatnonzero(highest > 0), threads=threads)
        shared = _Shared(classifier, etp, highest, workers.threads(threads))
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
class Block:
    """What a thread needs for 16 scenarios at a time.

    Attributes
    ----------
    ratios : float64 (n_supplied, 16)
        Supply to demand within reach of each commune with supply; to be filled.
    apl : float64 (n_rows, 16)
        The APL of each row of the matrix.
    classes : uint8 (n_ranked, 16)
        The class of each territory that is ranked.
    """

    ratios: Float
    apl: Float
    classes: Bands
    scratch: tuple[Index, Index, Float, Float]


@dataclass(frozen=True)
class Classifier:
    """All that the classes of territories depend on except supply: made once for many scenarios.

    Attributes
    ----------
    network : TravelNetwork
        Of n communes.
    rules : Methodology
        Sections ``travel``, ``apl`` and ``zoning``.
    communes : pl.DataFrame
        ``territory``, and the weight of each commune in it.
    contest : Contest
        See there.
    reached : float64 (n,)
        Demand within reach of each commune.
    supplied : uint32 (n_supplied,)
        The communes with supply that serves somebody: the columns of the matrix.
    rows : int64 (n_rows,)
        The territories that are rows of the matrix; those that are ranked come first.
    n_ranked : int
        Number of these.
    matrix : _Matrix
        Weight of each commune in the APL of each territory.
    """

    network: TravelNetwork
    rules: Methodology
    communes: pl.DataFrame
    contest: Contest
    reached: Float
    supplied: Index
    rows: Indices
    n_ranked: int
    matrix: _Matrix

    @classmethod
    def of(
        cls,
        result: Zoning,
        network: TravelNetwork,
        supplied: Indices,
        *,
        imposed: bool = False,
        threads: int | None = None,
    ) -> Classifier:
        """Prepare for supply at some communes; `imposed` for rows of territories not ranked too."""
        communes, rules = result.communes, result.methodology
        people = numbers(communes["standardised_population"])
        reached = reached_demand(network.ways(rules), people, threads)
        contest = contest_of(result.territories, rules)
        codes, territory = numbered(communes["territory"])
        weight = numbers(communes[rules.zoning.aggregation_weight])
        totals = np.bincount(territory, weight, len(codes))
        ranked = np.flatnonzero((contest.imposed < 0) & (totals > 0))
        others = np.flatnonzero((contest.imposed >= 0) & (totals > 0))
        chosen = np.concatenate((ranked, others if imposed else others[:0]))
        place = np.full(len(codes), -1)
        place[chosen] = np.arange(len(chosen))
        row = place[territory]
        order = np.argsort(row, kind="stable").astype(np.uint32)[np.count_nonzero(row < 0) :]
        share = float(rules.apl.per_inhabitants) * weight[order] / totals[territory[order]]
        serving = supplied[reached[supplied] > 0].astype(np.uint32)
        rows = PairRows(network.by_origin, network.weights(rules))
        return cls(
            network,
            rules,
            communes.select("territory", rules.zoning.aggregation_weight),
            contest,
            reached,
            serving,
            chosen,
            len(ranked),
            _Matrix.of(rows, order, starts_of(row[order]), share, serving, threads),
        )

    @property
    def uses_matrix(self) -> bool:
        """Whether the matrix decides classes; otherwise each scenario is computed in full."""
        population = self.contest.population
        return (
            self.contest.rules.cuts == "cumulated"
            and bool((population == np.floor(population)).all())
            and bool(population[self.rows[: self.n_ranked]].any())
        )

    def block(self) -> Block:
        """Return memory for one thread."""
        some, size, ranked = len(self.supplied), len(self.rows), self.n_ranked
        cuts = len(self.rules.zoning.classes) - 1
        keys, members = np.empty((2, ranked), dtype=np.uint32)
        return Block(
            np.empty((some, LANES)),
            np.empty((size, LANES)),
            np.empty((ranked, LANES), dtype=np.uint8),
            (keys, members, np.empty(BUCKETS), np.empty((LANES, cuts))),
        )

    def classify(self, block: Block) -> Flags:
        """Fill the APLs and classes of a block; return which are too close to call, (16,)."""
        matrix, (keys, members, sums, gaps) = self.matrix, block.scratch
        kernels.multiply_block(
            matrix.at, matrix.counts, matrix.columns, matrix.weights, block.ratios,
            len(self.rows), block.apl,
        )  # fmt: skip
        kernels.cut_block(
            block.apl, *self._limits, gaps.shape[1], _STRADDLING[self.contest.rules.straddling],
            self.n_ranked, keys, sums, members, block.classes, gaps,
        )  # fmt: skip
        # A gap between two APLs of 0 is not a number.
        close: Flags = np.any(~(gaps > _APART), axis=1)
        return close

    @cached_property
    def _limits(self) -> tuple[Float, Float, Float]:
        """The population of ranked territories, scales and limits."""
        ranked = self.rows[: self.n_ranked]
        return self.contest.population[ranked], *self.contest.limits(ranked)

    def means_in_full(self, etp: Float, highest: Float, threads: int | None) -> Float:
        """Return the APL of territories by those of all communes, (n_territories, n_scenarios).

        `etp` is (n, n_scenarios), and `highest` (n,) the largest of each row, or more.
        """
        rows, per = self.network.ways(self.rules).by_origin, float(self.rules.apl.per_inhabitants)
        apl = apl_of_scenarios(rows, etp, highest, self.reached, per, threads)
        return territory_means(self.communes, self.rules, apl)

    def zones(self, apl: Float) -> Indices:
        """Return the class of each territory from the APLs of all; -1 if there is none."""
        return self.contest.zones(self.contest.rank(apl))


class _Shared(NamedTuple):
    """What all scenarios share."""

    classifier: Classifier
    etp: Float
    highest: Float
    threads: int | None


def _classes_of(shared: _Shared, columns: Range) -> ScenarioClasses:
    """Classify a range of scenarios."""
    etp, classifier = some_columns(shared.etp, columns), shared.classifier
    imposed = classifier.contest.imposed
    classes = np.repeat(imposed[:, None], etp.shape[1], axis=1).astype(np.int8)
    work = _Work(classifier, etp, classes, np.zeros(etp.shape[1], dtype=bool))
    work.by_matrix(shared.threads)
    if len(again := np.flatnonzero(work.doubtful)):
        some = np.ascontiguousarray(etp[:, again])
        means = classifier.means_in_full(some, shared.highest, shared.threads)
        for column, own in zip(again, means.T, strict=True):
            classes[:, column] = classifier.zones(own)
    return ScenarioClasses(classes, len(again))


@dataclass(frozen=True)
class _Work:
    """A range of scenarios, which threads share; `classes` and `doubtful` are filled."""

    classifier: Classifier
    etp: Float
    classes: npt.NDArray[np.int8]
    doubtful: Flags

    def by_matrix(self, threads: int | None) -> None:
        """Classify all scenarios by the matrix, and flag those that are too close to call."""
        count = self.etp.shape[1]
        if count < LANES or not self.classifier.uses_matrix:
            self.doubtful[:] = True
            return
        firsts = [*range(0, count - LANES, LANES), count - LANES]
        workers = min(threads or os.cpu_count() or 1, len(firsts))
        run_all([partial(self._blocks, firsts[k::workers]) for k in range(workers)])

    def _blocks(self, firsts: Sequence[int]) -> None:
        classifier, block = self.classifier, self.classifier.block()
        some, width = len(classifier.supplied), self.etp.shape[1]
        for first in firsts:
            kernels.divide_block(
                self.etp, classifier.reached, classifier.supplied, some, width, first, block.ratios
            )
            self.doubtful[first : first + LANES] = classifier.classify(block)
            self.classes[classifier.rows, first : first + LANES] = block.classes
