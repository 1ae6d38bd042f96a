"""What of its inputs is at hand for a result that was written, and whether it is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..columns import numbers
from ..errors import AplError, Fault, InputDataError
from ..inputs import Inputs, has_every_table
from ..method.accessibility import apl_by
from ..method.compute import network_of
from ..method.network import TravelNetwork
from ..method.result import OnStep
from ..networks.file import load_network
from ..networks.stream import prepare_network
from ..results.read import StoredResult
from .run import load_inputs

Given = str | Path


@dataclass(frozen=True)
class Missing:
    """What an explanation lacks.

    Attributes
    ----------
    code : ``published`` (the APL was), ``moved`` (inputs are not where they were), ``unusable``
        (what lies there is not they), ``tables`` (only travel times are at hand), ``secret``,
        ``unranked``, ``other_zone`` (than that of its rank), or ``untried``.
    detail : more of it, as found.
    """

    code: str
    detail: str = ""


@dataclass(frozen=True)
class LocatedInputs:
    """What a result can be explained by.

    Attributes
    ----------
    network : its travel times; None where they are not at hand.
    tables : all its input tables; None where some are not.
    missing : why `network` or `tables` is None; None where both are there.
    """

    network: TravelNetwork | None = None
    tables: Inputs | None = None
    missing: Missing | None = None


def locate_inputs(
    zones: StoredResult,
    inputs: Given | None = None,
    network: Given | None = None,
    on_step: OnStep | None = None,
) -> LocatedInputs:
    """Read what a result was computed from, where it still is.

    Practitioners are not needed for most of an explanation, and may well be somewhere else: then
    the folder of inputs, or a prepared network, gives travel times alone.

    Parameters
    ----------
    zones : a result that was written.
    inputs : its tables or run file; where they lay when it was written, where None.
    network : a prepared network of the same travel times; likewise.
    on_step : called with a few words as each step begins.

    Returns
    -------
    AtHand

    Raises
    ------
    InputDataError
        What was given is not what the result was computed from, or is wrong.
    """
    asked = inputs is not None or network is not None
    if not zones.has_supply and asked:
        problem = "the APL of this result was published: no supply and no travel time made it here"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="inputs",
                    details={"problem": problem, "hint": "Leave --inputs and --network out."},
                )
            ]
        )
    if not zones.has_supply:
        return LocatedInputs(missing=Missing("published"))
    inputs, network = inputs or zones.located("inputs"), network or zones.located("network")
    if inputs is None and network is None:
        return LocatedInputs(missing=Missing("moved"))
    try:
        return _read(zones, inputs, network, on_step)
    except AplError as error:
        # What lies where the inputs once were may be anything by now.
        if asked:
            raise
        reason = str(error).splitlines()[-1].removeprefix("  - ")
        return LocatedInputs(missing=Missing("unusable", reason))


def _read(
    zones: StoredResult, inputs: Given | None, network: Given | None, on_step: OnStep | None
) -> LocatedInputs:
    told = on_step or (lambda _: None)
    told("reading travel times")
    found = load_network(network) if network else None
    if inputs is not None and has_every_table(Path(inputs), travel_times=found is None):
        tables = load_inputs(inputs, zones.methodology, travel_times=found is None)[1]
        _check_unchanged(zones, tables)
        found = found or network_of(tables, zones.methodology)
        return _checked(zones, LocatedInputs(found, tables))
    if found is None and inputs is not None:
        found = prepare_network(inputs, zones.communes, zones.methodology)
    return _checked(zones, LocatedInputs(found, missing=Missing("tables")))


def _checked(zones: StoredResult, hand: LocatedInputs) -> LocatedInputs:
    if hand.network:
        check_network(zones, hand.network)
    return hand


def _check_unchanged(zones: StoredResult, tables: Inputs) -> None:
    """Refuse tables that are not those of the run."""
    told: Mapping[str, str] = {
        entry["table"]: entry["sha256"] for entry in zones.record["inputs"] if "sha256" in entry
    }
    faults = []
    for name, source in tables.sources.items():
        if name in told and source.stamp and source.stamp.sha256 != told[name]:
            hint = "Give the tables it was computed from, or run again."
            problem = f"{source.stamp.name} is not the file that the result was computed from"
            faults.append(
                Fault(code="legacy.fault", table=name, details={"problem": problem, "hint": hint})
            )
    if faults:
        raise InputDataError(faults)


def check_network(zones: StoredResult, network: TravelNetwork) -> None:
    """Refuse a network that does not give the APL of a result again, to the last bit.

    Parameters
    ----------
    zones : a result with its supply.
    network : any.

    Raises
    ------
    InputDataError
        It is of other communes, or of other travel times.
    MethodologyError
        It was built by other rules.
    """
    communes = zones.communes
    network.check_communes(communes["commune"])
    etp, people = (numbers(communes[name]) for name in ("etp", "standardised_population"))
    apl, stored = apl_by(network, zones.methodology, etp, people), numbers(communes["apl"])
    # Where supply is kept secret there is nothing to compare.
    other = ~np.isnan(stored) & ~np.isnan(apl) & (stored != apl)
    if other.any():
        codes = communes["commune"].filter(other).head(3)
        problem = f"{int(other.sum())} communes have another APL by it than in the result"
        hint = "Give the travel times that the result was computed from."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="network",
                    values=tuple(codes),
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
