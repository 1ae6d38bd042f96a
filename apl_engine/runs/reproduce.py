"""Find the inputs of a result again, and verify that its figures follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ..errors import (
    AplError,
    Fault,
    InputDataError,
    MethodologyError,
    OnStep,
    check_arguments,
    first,
)
from ..inputs import Inputs, has_every_table, read_for
from ..inputs.named_columns import NamedColumns
from ..method.accessibility import apl_by
from ..method.demand import compute_demand
from ..method.exact_sums import APL_BOUND
from ..method.network import TravelNetwork, build_network
from ..method.result import Result, Zoning
from ..method.sparse_rows import MOST_EDGES
from ..method.supply import compute_supply
from ..methodology.model import Methodology
from ..methodology.vary import for_year
from ..networks.file import load_network
from ..networks.stream import prepare_network
from ..results.read import StoredResult
from ..steps import announce
from .run import GivenColumns, load_run

GivenInputs: TypeAlias = str | Path | Mapping[str, object] | Inputs
GivenNetwork: TypeAlias = str | Path | TravelNetwork
Rules: TypeAlias = tuple[Methodology, Methodology]
Pair: TypeAlias = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Missing:
    """One reason why part of an explanation is not available.

    Attributes
    ----------
    code : str
        ``published`` (the APL was not computed here), ``moved`` (the inputs are not where they
        were), ``unusable`` (the files there are not those inputs), ``tables`` (only travel times
        are available), ``secret``, ``unranked``, ``other_zone`` (the zone is not that of the
        rank).
    detail : str
        The fault or the reason for the zone; empty if the code says it all.
    """

    code: str
    detail: str = ""


@dataclass(frozen=True)
class LocatedInputs:
    """The inputs of a result, as far as they are available.

    Attributes
    ----------
    network : TravelNetwork or None
        Its travel times.
    tables : Inputs or None
        Its input tables; None unless all of them are available.
    missing : Missing or None
        Why `network` or `tables` is None.
    """

    network: TravelNetwork | None = None
    tables: Inputs | None = None
    missing: Missing | None = None


@check_arguments(
    zones=StoredResult, inputs=(str, Path, None), network=(str, Path, TravelNetwork, None)
)
def locate_inputs(
    zones: StoredResult,
    inputs: str | Path | None = None,
    network: GivenNetwork | None = None,
    on_step: OnStep | None = None,
    columns: GivenColumns | None = None,
) -> LocatedInputs:
    """Read the inputs of a stored result, as far as they are available.

    Most of an explanation needs travel times alone: a folder that holds only them, or a prepared
    network, is enough.

    Parameters
    ----------
    zones : StoredResult
        The result.
    inputs : path, optional
        Its tables or its run file; by default where they were when it was written.
    network : path or TravelNetwork, optional
        A prepared network of its travel times, or the one that a run holds; by default as for
        `inputs`.
    on_step : callable, optional
        Called with a few words as each step begins.
    columns : mapping of str to str, optional
        What the tables call columns, by our names; by default as recorded with the result.

    Returns
    -------
    LocatedInputs
        Inputs that were not named by the caller and cannot be used are reported in `missing`.

    Raises
    ------
    InputDataError
        The inputs named by the caller are wrong, or the result was not computed from them.
    """
    named = inputs is not None or isinstance(network, str | Path)
    if not zones.has_supply and named:
        raise InputDataError(Fault("reproduction.published_apl", "inputs"))
    if not zones.has_supply:
        return LocatedInputs(missing=Missing("published"))
    inputs, network = inputs or zones.located("inputs"), network or zones.located("network")
    if inputs is None and network is None:
        return LocatedInputs(missing=Missing("moved"))
    names = NamedColumns.of(columns)
    try:
        travel, tables = _read(zones, inputs, network, columns=names, on_step=on_step)
        names.finish(columns, "inputs")
        if tables:
            _check_unchanged(zones, tables)
            travel = travel or build_network(
                tables.travel_times, tables.communes, zones.methodology
            )
        if travel:
            check_network(zones, travel)
    except AplError as error:
        # Other files may lie there by now.
        if named:
            raise
        return LocatedInputs(missing=Missing("unusable", str(error.faults[0])))
    return LocatedInputs(travel, tables, None if tables else Missing("tables"))


@dataclass(frozen=True)
class Reproduced:
    """What the APLs of a result are computed from, by the rules of two methodologies.

    Attributes
    ----------
    networks : tuple of TravelNetwork
        Its travel times by each methodology; one network if it serves both.
    etp, standardised : tuple of float64 (n_communes,)
        ETP and standardised inhabitants by each methodology; as stored, twice, unless
        `has_tables`.
    has_tables : bool
        Whether practitioners and population by age are available.
    """

    networks: tuple[TravelNetwork, TravelNetwork]
    etp: Pair
    standardised: Pair
    has_tables: bool

    def as_stored(self, side: int) -> Reproduced:
        """Return the same with ETP and standardised inhabitants as the result `side` has them."""
        etp, people = self.etp[side], self.standardised[side]
        return replace(self, etp=(etp, etp), standardised=(people, people))


def reproduce(
    zones: Zoning,
    rules: Rules,
    inputs: GivenInputs | None = None,
    network: GivenNetwork | None = None,
    *,
    with_tables: bool,
    columns: GivenColumns | None = None,
    on_step: OnStep | None = None,
) -> Reproduced | None:
    """Read what a result was computed from, and verify that its APLs follow from it.

    Parameters
    ----------
    zones : Zoning
        The result.
    rules : tuple of Methodology
        Two methodologies, one of them that of the result.
    inputs, network : optional
        Its tables and its prepared network; by default those named by its record.
    with_tables : bool
        Whether to read the tables even if there is a prepared network.
    columns : mapping of str to str, optional
        What the tables call columns, by our names; by default as recorded with the result.
    on_step : callable, optional
        Called with a few words as each step begins.

    Returns
    -------
    Reproduced or None
        None if the APL was published, or neither a network nor travel times are available.

    Raises
    ------
    InputDataError
        The stored APLs or ETP do not follow from the inputs to the last bit.
    MethodologyError
        A prepared network does not serve both methodologies.
    """
    if "demand_reached" not in zones.communes.columns:
        return None
    inputs = _located(zones, "inputs") if inputs is None else inputs
    network = _located(zones, "network") if network is None else network
    if inputs is None and network is None:
        return None
    reach = reach_of(rules)
    travel, tables = _read(
        zones, inputs, network, reach=reach, with_tables=with_tables, columns=columns,
        on_step=on_step,
    )  # fmt: skip
    networks = (travel, travel) if travel else _build_networks(tables, rules, reach)
    for one, by in zip(networks, rules, strict=True):
        one.weights(by)
    check_network(zones, networks[rules.index(zones.methodology)])
    etp, people = (zones.communes[name].to_numpy() for name in _COUNTED)
    stored = Reproduced(networks, (etp, etp), (people, people), tables is not None)
    if tables is None or not with_tables:
        return stored
    return _count_by_both(stored, zones, inputs, tables, rules, _columns_of(zones, columns))


_COUNTED = ("etp", "standardised_population")


def _located(zones: Zoning, what: str) -> Path | None:
    if isinstance(zones, StoredResult):
        return zones.located(what)
    return zones.located.get(what) if isinstance(zones, Result) else None


def _read(
    zones: Zoning,
    inputs: GivenInputs | None,
    network: GivenNetwork | None,
    *,
    reach: float | None = None,
    with_tables: bool = True,
    columns: GivenColumns | None = None,
    on_step: OnStep | None = None,
) -> tuple[TravelNetwork | None, Inputs | None]:
    """Read the prepared network, and the tables if all are there and they are needed."""
    announce("reading travel times", on_step)
    travel = load_network(network) if isinstance(network, str | Path) else network
    if inputs is None or (travel and not with_tables):
        return travel, None
    named = _columns_of(zones, columns)
    if isinstance(inputs, str | Path) and not has_every_table(
        Path(inputs), travel_times=travel is None
    ):
        # ETP and standardised inhabitants are in the result: travel times are enough.
        if travel is None:
            travel = prepare_network(
                inputs, zones.communes, zones.methodology, reach=reach, columns=named
            )
        return travel, None
    rules = zones.methodology
    _, tables, travel = load_run(inputs, rules, network=travel, year=rules.year, columns=named)
    return travel, tables


def _columns_of(zones: Zoning, columns: GivenColumns | None) -> NamedColumns:
    """Return the columns that the record of a result has, and those that the caller names."""
    named = NamedColumns.of(columns)
    record = zones.record["inputs"] if isinstance(zones, StoredResult) else ()
    entries = zones.inputs if isinstance(zones, Result) else record
    recorded = {
        f"{entry['table']}.{ours}": theirs
        for entry in entries
        for ours, theirs in entry.get("columns", {}).items()
    }
    return NamedColumns({**recorded, **named.given}, named.fields, named.used)


def reach_of(rules: Iterable[Methodology]) -> float | None:
    """Return how far a network must reach to serve all rules, minutes; None if that is too far."""
    farthest = max(float(one.travel.steps[-1].to) for one in rules)
    return farthest if farthest <= MOST_EDGES else None


def _build_networks(
    tables: Inputs | None, rules: Rules, reach: float | None
) -> tuple[TravelNetwork, TravelNetwork]:
    """Build a network that serves both methodologies, or one for each."""
    assert tables is not None
    one = build_network(tables.travel_times, tables.communes, rules[0], reach=reach)
    try:
        one.weights(rules[1])
    except MethodologyError:
        return one, build_network(tables.travel_times, tables.communes, rules[1], reach=reach)
    return one, one


def _check_unchanged(zones: StoredResult, tables: Inputs) -> None:
    """Refuse tables whose files are not those of the run."""
    recorded = {entry["table"]: entry.get("sha256") for entry in zones.record["inputs"]}
    faults = [
        Fault("reproduction.other_file", name, details={"file": source.stamp.name})
        for name, source in tables.sources.items()
        if source.stamp and recorded.get(name) not in (None, source.stamp.sha256)
    ]
    if faults:
        raise InputDataError(faults)


def check_network(zones: Zoning, network: TravelNetwork) -> None:
    """Refuse a network from which the APL of a result does not follow.

    The last digits may differ: an earlier version rounded each sum in another way.

    Parameters
    ----------
    zones : Zoning
        A result with its supply.
    network : TravelNetwork
        Any.

    Raises
    ------
    InputDataError
        It is of other communes or of other travel times.
    MethodologyError
        It was built by other rules.
    """
    communes = zones.communes
    network.check_communes(communes["commune"])
    apl = apl_by(network, zones.methodology, *(communes[name].to_numpy() for name in _COUNTED))
    stored = communes["apl"].to_numpy()
    # False for hidden figures, which are NaN.
    other = np.abs(stored - apl) > APL_BOUND * stored
    if other.any():
        raise InputDataError(
            Fault(
                "reproduction.other_apl",
                "network",
                values=first(communes["commune"].filter(other), 3),
                details={"communes": int(other.sum()), "of": len(stored)},
            )
        )


def _count_by_both(
    stored: Reproduced, zones: Zoning, inputs: GivenInputs | None, tables: Inputs, rules: Rules,
    columns: GivenColumns,
) -> Reproduced:  # fmt: skip
    """Count ETP and standardised inhabitants by the rules of both methodologies."""
    own = zones.methodology
    counted = _count(tables, own)
    # An earlier version rounded each sum in another way.
    pairs = zip(counted, (stored.etp[0], stored.standardised[0]), strict=True)
    if not all(np.allclose(now, then, rtol=APL_BOUND, atol=0.0) for now, then in pairs):
        raise InputDataError(Fault("reproduction.other_etp", "inputs"))
    by: list[Pair] = []
    # The year belongs to the tables, not to the rules.
    for one in (for_year(given, own.year) for given in rules):
        if one == own:
            by.append(counted)
        elif read_for(one) == read_for(own):
            by.append(_count(tables, one))
        elif inputs is None or isinstance(inputs, Inputs):
            return replace(stored, has_tables=False)
        else:
            # Ages and age bands are read by the rules: read the same tables again.
            by.append(_count(load_run(inputs, one, year=one.year, columns=columns).tables, one))
    return replace(stored, etp=(by[0][0], by[1][0]), standardised=(by[0][1], by[1][1]))


def _count(tables: Inputs, rules: Methodology) -> Pair:
    supply = compute_supply(tables.practitioners, tables.communes, rules)
    demand = compute_demand(tables.population, tables.consumption, tables.communes, rules)
    people = demand.communes["standardised_population"].to_numpy()
    return supply.communes["etp"].to_numpy(), people
