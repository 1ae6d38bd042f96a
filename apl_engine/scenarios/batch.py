"""Many scenarios of supply and demand on one network: both steps for all of them at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from .. import kernels
from ..errors import Fault, InputDataError
from ..kernels.threads import check_threads, run_all, share_out
from ..kernels.types import Float
from ..method.network import TravelNetwork
from ..method.sparse_rows import Rows
from ..methodology.model import Methodology

# Scenarios that pass through a row together, in vector registers.
_LANES = 16


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


def scenario_accessibility(
    network: TravelNetwork,
    supply: npt.ArrayLike,
    demand: npt.ArrayLike,
    methodology: Methodology,
    *,
    threads: int | None = None,
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

    Returns
    -------
    Scenarios

    Raises
    ------
    InputDataError
        Shapes do not match, or a value is negative or not a finite number.
    MethodologyError
        The network was built by other rules, or no edge of it is the end of a step.

    Examples
    --------
    >>> draws = np.random.default_rng(0).poisson(etp[:, None], (len(etp), 1000))  # doctest: +SKIP
    >>> scenario_accessibility(network, draws, population, rules).apl.std(axis=1)  # doctest: +SKIP
    """
    check_threads(threads)
    etp, people = _columns(supply, "supply"), _columns(demand, "demand")
    _check_shapes(network, etp, people)
    job = _Job.of(network, etp, people, methodology, threads)
    blocks = range(0, job.width, _LANES)
    workers = min(threads or os.cpu_count() or 1, len(blocks))
    # A single block is shared out by rows instead.
    each = threads if workers == 1 else 1
    run_all([partial(job.blocks, blocks[k::workers], each) for k in range(workers)])
    if odd := sum(job.odd):
        raise InputDataError(_fault("not_a_quantity", "supply, demand", invalid=odd))
    return Scenarios(job.apl, job.unreachable)


def _columns(given: npt.ArrayLike, name: str) -> Float:
    """Return scenarios as columns, (n, k), float64, contiguous."""
    values = np.asarray(given, dtype=np.float64)
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
    return Fault(code=f"argument.{kind}", table=name, details=details)


@dataclass(frozen=True)
class _Job:
    """What threads share: the inputs, and the results of each block of columns."""

    network: TravelNetwork
    weights: Float
    per: float
    etp: Float
    people: Float
    # Demand that reaches each commune, (n,), if it is the same in all scenarios.
    reached: Float | None
    apl: Float
    unreachable: Float
    # Number of values that are negative or not finite, by thread.
    odd: list[int]

    @classmethod
    def of(
        cls,
        network: TravelNetwork,
        etp: Float,
        people: Float,
        methodology: Methodology,
        threads: int | None,
    ) -> _Job:
        weights, per = network.weights(methodology), float(methodology.apl.per_inhabitants)
        odd, size, width = [0], len(etp), etp.shape[1]
        reached = None
        if people.shape[1] == 1:
            odd = [int(np.count_nonzero(~((people >= 0) & (people < np.inf))))]
            reached = np.empty(size)
            rows, values = network.by_destination, people[:, 0].copy()

            def gather(start: int, stop: int) -> None:
                kernels.gather(rows.pointers, rows.pairs, weights, values, start, stop, reached)

            share_out(gather, rows.pointers, threads)
        return cls(
            network, weights, per, etp, people, reached,
            np.empty((size, width)), np.zeros(width), odd,
        )  # fmt: skip

    @property
    def width(self) -> int:
        return int(self.etp.shape[1])

    def blocks(self, firsts: range, threads: int | None) -> None:
        """Compute the blocks that begin at some columns."""
        size, odd = len(self.etp), np.zeros(1, dtype=np.int64)
        ratios, ones = np.empty((size, _LANES)), np.ones(size)
        for first in firsts:
            columns = slice(first, min(first + _LANES, self.width))
            if self.reached is not None:
                _pack(self.etp, self.reached, first, ratios, odd)
                lost = self.etp[self.reached <= 0, columns].sum(axis=0)
            else:
                _pack(self.people, ones, first, ratios, odd)
                reached = self._gathered(self.network.by_destination, ratios, 1.0, threads)
                _pack(self.etp, ones, first, ratios, odd)
                lost = np.where(reached > 0, 0.0, ratios).sum(axis=0)[: columns.stop - first]
                np.divide(ratios, reached, out=ratios, where=reached > 0)
                ratios[reached <= 0] = 0.0
            self.unreachable[columns] = lost
            self._gather(self.network.by_origin, ratios, first, threads)
        self.odd.append(int(odd[0]))

    def _gathered(self, rows: Rows, values: Float, factor: float, threads: int | None) -> Float:
        out = np.empty_like(values)
        _gather_block(rows, self.weights, values, factor, 0, out, threads)
        return out

    def _gather(self, rows: Rows, values: Float, first: int, threads: int | None) -> None:
        """Put the sums of a block into its columns of the result."""
        if first + _LANES <= self.width:
            _gather_block(rows, self.weights, values, self.per, first, self.apl, threads)
        else:
            last = self._gathered(rows, values, self.per, threads)
            self.apl[:, first:] = last[:, : self.width - first]


def _pack(
    values: Float, divisors: Float, first: int, out: Float, odd: npt.NDArray[np.int64]
) -> None:
    kernels.pack_block(values, divisors, len(values), values.shape[1], first, out, odd)


def _gather_block(
    rows: Rows,
    weights: Float,
    values: Float,
    factor: float,
    first: int,
    out: Float,
    threads: int | None,
) -> None:
    factors = np.array([factor])

    def work(start: int, stop: int) -> None:
        kernels.gather_block(
            rows.pointers, rows.pairs, weights, values, factors, start, stop,
            first, out.shape[1], out,
        )  # fmt: skip

    share_out(work, rows.pointers, threads)
