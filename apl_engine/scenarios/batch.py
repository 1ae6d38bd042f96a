"""Many scenarios of supply and demand on one network: both steps for all of them at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from .. import kernels
from ..columns import Float
from ..errors import Fault, InputDataError, check_arguments, check_threads
from ..kernels.threads import run_all, share_out
from ..method.accessibility import reached_demand
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


@check_arguments(network=TravelNetwork, methodology=Methodology)
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
        Shapes do not match, something is no array of numbers, or a value is negative or not a
        finite number.
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
    weights, reached, odd = network.weights(methodology), None, 0
    if people.shape[1] == 1:
        odd = int(np.count_nonzero(~((people >= 0) & (people < np.inf))))
        reached = reached_demand(network, weights, people[:, 0].copy(), threads)
    per = np.array([float(methodology.apl.per_inhabitants)])
    apl, unreachable = np.empty_like(etp), np.zeros(etp.shape[1])
    job = _Job(network, weights, per, etp, people, reached, apl, unreachable, [odd])
    blocks = range(0, etp.shape[1], _LANES)
    workers = min(threads or os.cpu_count() or 1, len(blocks))
    # A single block is divided by rows instead.
    each = threads if workers == 1 else 1
    run_all([partial(job.blocks, blocks[k::workers], each) for k in range(workers)])
    if odd := sum(job.odd):
        raise InputDataError(_fault("not_a_quantity", "supply, demand", invalid=odd))
    return Scenarios(apl, unreachable)


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


@dataclass(frozen=True)
class _Job:
    """What threads share: the inputs, and the results of each block of columns."""

    network: TravelNetwork
    weights: Float
    per: Float
    etp: Float
    people: Float
    # Demand that reaches each commune, (n,), if it is the same in all scenarios.
    reached: Float | None
    apl: Float
    unreachable: Float
    # Number of values that are negative or not finite, by thread.
    odd: list[int]

    def blocks(self, firsts: range, threads: int | None) -> None:
        """Compute the blocks that begin at some columns."""
        (size, width), odd = self.etp.shape, np.zeros(1, dtype=np.int64)
        ratios, block, ones = np.empty((size, _LANES)), np.empty((size, _LANES)), np.ones(size)

        def pack(values: Float, divisors: Float) -> None:
            kernels.pack_block(values, divisors, size, values.shape[1], first, ratios, odd)

        for first in firsts:
            count = min(_LANES, width - first)
            columns = slice(first, first + count)
            if self.reached is not None:
                pack(self.etp, self.reached)
                lost = self.etp[self.reached <= 0, columns].sum(axis=0)
            else:
                pack(self.people, ones)
                self._gather(self.network.by_destination, ratios, ones[:1], 0, block, threads)
                pack(self.etp, ones)
                lost = np.where(block > 0, 0.0, ratios).sum(axis=0)[:count]
                np.divide(ratios, block, out=ratios, where=block > 0)
                ratios[block <= 0] = 0.0
            self.unreachable[columns] = lost
            by_origin = self.network.by_origin
            if count == _LANES:
                self._gather(by_origin, ratios, self.per, first, self.apl, threads)
            else:
                self._gather(by_origin, ratios, self.per, 0, block, threads)
                self.apl[:, columns] = block[:, :count]
        self.odd.append(int(odd[0]))

    def _gather(
        self, rows: Rows, values: Float, factor: Float, first: int, out: Float, threads: int | None
    ) -> None:
        """Put the weighted sums of a block into columns of `out`, from the first on."""

        def work(start: int, stop: int) -> None:
            kernels.gather_block(
                rows.pointers, rows.pairs, self.weights, values, factor, start, stop,
                first, out.shape[1], out,
            )  # fmt: skip

        share_out(work, rows.pointers, threads)
