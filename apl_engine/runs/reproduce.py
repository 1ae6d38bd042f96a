"""What stands behind a result that is compared: its network, and where needed its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import polars as pl

from ..columns import numbers
from ..comparison.matching import column
from ..errors import Fault, InputDataError, MethodologyError
from ..inputs import Inputs, has_every_table, read_for
from ..kernels.types import Float
from ..method.accessibility import apl_by
from ..method.compute import network_of
from ..method.demand import compute_demand
from ..method.network import TravelNetwork
from ..method.result import OnStep, Result, Zoning
from ..method.sparse_rows import MOST_EDGES
from ..method.supply import compute_supply
from ..methodology.model import Methodology
from ..networks.file import load_network
from ..networks.stream import prepare_network
from ..results.read import StoredResult
from .run import load_inputs, load_run

GivenInputs: TypeAlias = str | Path | Mapping[str, object] | Inputs
GivenNetwork: TypeAlias = str | Path | TravelNetwork
Rules: TypeAlias = tuple[Methodology, Methodology]
Pair: TypeAlias = tuple[Float, Float]

_OTHERWISE = (
    "Name those of this result with --inputs-{0} or --network-{0}, or add --apl-as-given: supply, "
    "population and travel are then not told apart."
)


@dataclass(frozen=True)
class Behind:
    """What the APLs of one result are made of, by the rules of either methodology.

    Attributes
    ----------
    networks : its travel times, sorted by the rules of the first and of the second methodology;
        the same one where it serves both.
    etp, standardised : float64 (n_communes,) each, as those rules count them; as stored in both
        places where the tables are not needed, or not at hand.
    has_tables : whether practitioners and inhabitants by age are at hand.
    """

    networks: tuple[TravelNetwork, TravelNetwork]
    etp: Pair
    standardised: Pair
    has_tables: bool

    def as_stored(self, side: int) -> Behind:
        """Return the same with ETP and standardised inhabitants as the result `side` has them."""
        etp, people = self.etp[side], self.standardised[side]
        return replace(self, etp=(etp, etp), standardised=(people, people))


def open_behind(
    side: int,
    zones: Zoning,
    rules: Rules,
    inputs: GivenInputs | None,
    network: GivenNetwork | None,
    *,
    with_tables: bool,
    on_step: OnStep | None = None,
) -> Behind | None:
    """Open what a result was computed from, and check that it is that.

    Parameters
    ----------
    side : 0 for A, 1 for B.
    zones : the result.
    rules : the methodologies of both.
    inputs, network : its tables and its prepared network; where None, what its record tells.
    with_tables : whether tables are wanted even where there is a prepared network.
    on_step : called with a few words as each step begins.

    Returns
    -------
    Behind or None
        None where its APL was published, or neither network nor travel times are at hand.

    Raises
    ------
    InputDataError
        They are not those of the result: its APLs do not come out of them to the last bit.
    MethodologyError
        A prepared network does not serve both methodologies.
    """
    if "demand_reached" not in zones.communes.columns:
        return None
    inputs = inputs if inputs is not None else _located(zones, "inputs")
    network = network if network is not None else _located(zones, "network")
    if inputs is None and network is None:
        return None
    if on_step:
        on_step(f"{_NAMES[side]}: network")
    own = rules[side]
    tables = None
    if isinstance(inputs, str | Path) and not has_every_table(
        Path(inputs), travel_times=network is None
    ):
        # ETP and standardised inhabitants are in the result: travel times are enough.
        network, inputs = network or _prepared(inputs, zones, rules, side), None
    if inputs is not None and (network is None or with_tables):
        _, tables, given = load_run(inputs, own, network=network)
    else:
        assert network is not None
        given = load_network(network) if isinstance(network, str | Path) else network
    networks = (given, given) if given else _built(tables, rules, side)
    for one, by in zip(networks, rules, strict=True):
        one.weights(by)
    stored = column(zones, "etp"), column(zones, "standardised_population")
    _check_own(side, zones, networks[side], stored)
    behind = Behind(networks, (stored[0],) * 2, (stored[1],) * 2, tables is not None)
    if tables is None or inputs is None or not with_tables:
        return behind
    return _counted_by_both(behind, side, inputs, tables, rules)


_NAMES = ("A", "B")


def _located(zones: Zoning, what: str) -> Path | None:
    if isinstance(zones, StoredResult):
        return zones.located(what)
    return zones.located.get(what) if isinstance(zones, Result) else None


def _prepared(inputs: str | Path, zones: Zoning, rules: Rules, side: int) -> TravelNetwork:
    """Build a network of the travel times alone, far enough for both methodologies."""
    reach = _reach(rules)
    return prepare_network(inputs, zones.communes, rules[side], reach=reach)


def _reach(rules: Rules) -> float | None:
    farthest = max(float(one.travel.steps[-1].to) for one in rules)
    return farthest if farthest <= MOST_EDGES else None


def _built(tables: Inputs | None, rules: Rules, side: int) -> tuple[TravelNetwork, TravelNetwork]:
    """Build a network that serves both methodologies, or one for each."""
    assert tables is not None
    reach = _reach(rules)
    own = network_of(tables, rules[side], reach=reach)
    try:
        own.weights(rules[1 - side])
        other = own
    except MethodologyError:
        other = network_of(tables, rules[1 - side], reach=reach)
    return (own, other) if side == 0 else (other, own)


def _check_own(side: int, zones: Zoning, network: TravelNetwork, stored: Pair) -> None:
    """Refuse a network that the stored APLs do not come out of."""
    name = _NAMES[side]
    hint = _OTHERWISE.format(name.lower())
    codes = zones.communes["commune"].cast(pl.String)
    if not codes.equals(network.communes):
        problem = f"the network at hand is of other communes than {name}"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault", table="network", details={"problem": problem, "hint": hint}
                )
            ]
        )
    apl = apl_by(network, zones.methodology, *stored)
    apart = int(np.count_nonzero(apl != column(zones, "apl")))
    if apart:
        problem = (
            f"the network at hand is not that of {name}: the stored APL of {apart} of "
            f"{len(codes)} communes does not come out of it"
        )
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault", table="network", details={"problem": problem, "hint": hint}
                )
            ]
        )


def _counted_by_both(
    behind: Behind, side: int, inputs: GivenInputs, tables: Inputs, rules: Rules
) -> Behind:
    """Count ETP and standardised inhabitants by the rules of both methodologies."""
    own, other = rules[side], rules[1 - side]
    etp, people = _counted(tables, own)
    name = _NAMES[side]
    if not (np.array_equal(etp, behind.etp[0]) and np.array_equal(people, behind.standardised[0])):
        problem = f"the tables at hand are not those of {name}: its ETP do not come out of them"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="inputs",
                    details={"problem": problem, "hint": _OTHERWISE.format(name.lower())},
                )
            ]
        )
    if read_for(own) != read_for(other):
        if isinstance(inputs, Inputs):
            return replace(behind, has_tables=False)
        # Ages and bands are read by the rules, so the same tables are read anew.
        tables = load_inputs(inputs, other)[1]
    by_other = _counted(tables, other)
    etps, everybody = (etp, by_other[0]), (people, by_other[1])
    if side:
        etps, everybody = etps[::-1], everybody[::-1]
    return replace(behind, etp=etps, standardised=everybody)


def _counted(tables: Inputs, rules: Methodology) -> Pair:
    supply = compute_supply(tables.practitioners, tables.communes, rules)
    demand = compute_demand(tables.population, tables.consumption, tables.communes, rules)
    return numbers(supply.communes["etp"]), numbers(demand.communes["standardised_population"])
