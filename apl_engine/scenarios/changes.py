"""Scenarios as changes of supply at a few communes: only the rows within reach are computed.

Sums over rows are exact, so that adding the differences to those of the base gives the bits of a
full computation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..columns import Float, Index, Indices, Pointers
from ..errors import Fault, InputDataError, check_arguments, check_threads
from ..method.accessibility import reached_demand, reached_supply, supply_ratios
from ..method.exact_sums import ExactSums, ratios_unit
from ..method.network import TravelNetwork
from ..method.weighted_rows import PairRows
from ..methodology.model import Methodology


@dataclass(frozen=True)
class ChangedRows:
    """The APLs that each scenario changes.

    Attributes
    ----------
    starts : int64 (n_scenarios + 1,)
        First entry of each scenario in `rows` and `apl`, and at the end their length.
    rows : uint32 (n,)
        Communes that reach a change, by row of the network; in no particular order.
    apl : float64 (n,)
        Their APL, ETP per `per_inhabitants` of the methodology.
    """

    starts: Pointers
    rows: Index
    apl: Float


class ChangedSupply:
    """A supply that many scenarios change at a few communes.

    Parameters
    ----------
    network : TravelNetwork
        Of n communes.
    supply : float64 (n,)
        ETP of each commune before any change; 0 or more.
    demand : float64 (n,)
        Standardised inhabitants; 0 or more.
    methodology : Methodology
        Sections ``travel`` and ``apl``.

    Raises
    ------
    InputDataError
        Shapes do not match, or a value is negative or not a finite number.
    MethodologyError
        The network was built by other rules, or no edge of it is the end of a step.

    Examples
    --------
    >>> base = ChangedSupply(network, etp, population, rules)  # doctest: +SKIP
    >>> base.changed([0, 2], [17, 230], [1.5, 0.0]).apl  # doctest: +SKIP
    """

    @check_arguments(network=TravelNetwork, methodology=Methodology)
    def __init__(
        self,
        network: TravelNetwork,
        supply: npt.ArrayLike,
        demand: npt.ArrayLike,
        methodology: Methodology,
    ) -> None:
        size = len(network.communes)
        self.supply = _vector(supply, "supply", size)
        self._per, self._ways = float(methodology.apl.per_inhabitants), network.ways(methodology)
        self._reaching = PairRows(network.by_destination, network.weights(methodology))
        #: Demand within reach of each commune, float64 (n,).
        self.reached = reached_demand(self._ways, _vector(demand, "demand", size))

    @cached_property
    def apl(self) -> Float:
        """The APL of each commune before any change, float64 (n,)."""
        return self._per * reached_supply(self._ways, supply_ratios(self.supply, self.reached))

    @cached_property
    def _sums(self) -> ExactSums:
        rows = self._ways.by_origin
        ratio = supply_ratios(self.supply, self.reached)
        return ExactSums(rows, self._reaching, ratio, ratios_unit(rows.heaviest))

    def changed(
        self,
        starts: npt.ArrayLike,
        communes: npt.ArrayLike,
        etp: npt.ArrayLike,
        *,
        threads: int | None = None,
    ) -> ChangedRows:
        """Compute the APLs that each scenario changes.

        Parameters
        ----------
        starts : int (n_scenarios + 1,)
            First change of each scenario, and at the end the number of changes.
        communes : int (n_changes,)
            Rows of the communes whose supply changes, none twice in a scenario.
        etp : float (n_changes,)
            Their supply in the scenario, ETP; 0 or more.
        threads : int, optional
            Number of threads; the result is the same for any number.

        Returns
        -------
        ChangedRows

        Raises
        ------
        InputDataError
            Lengths do not match, a row does not exist, or a value is negative or not finite.
        """
        check_threads(threads)
        cases, rows, values = _changes(starts, communes, etp, len(self.supply))
        ratio = supply_ratios(values, self.reached[rows])
        firsts, reached, apl = self._sums.changed(cases, rows, ratio, threads)
        apl *= self._per
        return ChangedRows(firsts, reached, apl)

    def whole(
        self,
        starts: npt.ArrayLike,
        communes: npt.ArrayLike,
        etp: npt.ArrayLike,
        *,
        threads: int | None = None,
    ) -> Float:
        """Compute the APL of every commune in each scenario, float64 (n, n_scenarios).

        Parameters
        ----------
        starts, communes, etp, threads
            As for `changed`.

        Raises
        ------
        InputDataError
            As from `changed`.
        """
        changed = self.changed(starts, communes, etp, threads=threads)
        scenarios = len(changed.starts) - 1
        apl = np.empty((scenarios, len(self.supply)))
        apl[:] = self.apl
        apl[np.repeat(np.arange(scenarios), np.diff(changed.starts)), changed.rows] = changed.apl
        return apl.T


def _vector(given: npt.ArrayLike, name: str, size: int) -> Float:
    try:
        values = np.ascontiguousarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        details = {"expected": ("array of numbers",), "type": type(given).__name__}
        raise InputDataError(Fault("argument.wrong_type", name, details=details)) from None
    if values.shape != (size,):
        raise InputDataError(_fault("length", name, length=size, shape=values.shape))
    if invalid := int(np.count_nonzero(~((values >= 0) & (values < np.inf)))):
        raise InputDataError(_fault("not_a_quantity", name, invalid=invalid))
    return values


def _changes(
    starts: npt.ArrayLike, communes: npt.ArrayLike, etp: npt.ArrayLike, size: int
) -> tuple[Pointers, Index, Float]:
    cases, rows = _whole_numbers(starts, "starts"), _whole_numbers(communes, "communes")
    values = _vector(etp, "etp", len(rows))
    if len(cases) < 1 or cases[0] != 0 or cases[-1] != len(rows) or (np.diff(cases) < 0).any():
        raise InputDataError(_fault("not_pointers", "starts", last=len(rows)))
    if absent := int(np.count_nonzero((rows < 0) | (rows >= size))):
        raise InputDataError(_fault("no_such_row", "communes", rows=size, invalid=absent))
    case = np.repeat(np.arange(len(cases) - 1), np.diff(cases))
    named = np.sort(case * size + rows)
    twice = int(np.count_nonzero(named[1:] == named[:-1]))
    if twice:
        raise InputDataError(_fault("twice", "communes", invalid=twice))
    return cases, rows.astype(np.uint32), values


def _whole_numbers(given: npt.ArrayLike, name: str) -> Indices:
    values = np.asarray(given)
    if values.ndim != 1 or (values.dtype.kind not in "iu" and values.size):
        got = str(values.dtype) if values.ndim == 1 else f"{values.ndim} dimensions"
        details = {"expected": ("array of whole numbers",), "type": got}
        raise InputDataError(Fault("argument.wrong_type", name, details=details))
    return values.astype(np.int64)


def _fault(kind: str, name: str, **details: object) -> Fault:
    return Fault(f"argument.{kind}", name, details=details)
