"""How a zone depends on the points that the text leaves open, tried one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ..errors import AplError, Fault, InputDataError, MethodologyError, OnStep, check_arguments
from ..method.network import build_network
from ..method.result import Zoning
from ..method.zoning import classify
from ..methodology import vary
from ..methodology.model import Methodology
from ..methodology.values import plain_fields
from ..runs.reproduce import LocatedInputs
from ..runs.run import run
from ..steps import announce

# Parameters that act before the tables of a run or after its zones.
_OUTSIDE_RUN = ("mesh.", "regional.", "demand.open_age_band", "etp.age_reference_date")
# Parameters that only classify territories, whatever they were computed from.
_CLASSIFYING = "zoning."


@dataclass(frozen=True)
class Reading:
    """Another reading of a point that the text leaves open, and its outcome.

    Attributes
    ----------
    key : str
        The parameter.
    value, other : object
        Its value in the methodology, and the one of this reading.
    article : str
        The article that leaves it open.
    zone, apl : str, float or None
        Of the territory by this reading; None if it was not tried.
    changed : int or None
        Number of territories whose zone changes; None if it was not tried.
    untried : str
        The fault for which it was not tried; empty if it was.
    """

    key: str
    value: Any
    other: Any
    article: str
    zone: str | None = None
    apl: float | None = None
    changed: int | None = None
    untried: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the reading as plain values, for JSON."""
        return plain_fields(self, *vars(self))


@check_arguments(zones=("Zoning",), territory=str, located=("LocatedInputs", None))
def other_readings(
    zones: Zoning,
    territory: str,
    located: LocatedInputs | None = None,
    on_step: OnStep | None = None,
) -> list[Reading]:
    """Try every other reading of the points that the text leaves open.

    Parameters
    ----------
    zones : Zoning
        A result.
    territory : str
        The territory in question.
    located : LocatedInputs, optional
        The inputs of the result; without tables and network, only rules of classification are
        tried.
    on_step : callable, optional
        Called with a few words as each step begins.

    Returns
    -------
    list of Reading
        In the order of the methodology.

    Raises
    ------
    InputDataError
        The result has no such territory.
    """
    if territory not in zones.territories["territory"]:
        raise InputDataError(Fault("margins.unknown_territory", "territory", values=(territory,)))
    unclassified = zones.territories.drop("rank", "cumulative_share", "zone", "zone_reason")
    # The national zones, whatever an agency made of them since.
    before = classify(unclassified, zones.methodology)[0].select("territory", before="zone")
    readings = []
    for reading in _readings(zones.methodology):
        announce(f"another reading: {reading.key}", on_step)
        rules = vary(zones.methodology, reading.key, reading.other)
        try:
            after = _rezone(rules, reading.key, unclassified, located)
        except AplError as error:
            readings.append(replace(reading, untried=str(error.faults[-1])))
            continue
        own = after.row(by_predicate=pl.col("territory") == territory, named=True)
        both = after.join(before, on="territory", how="left")
        changed = both.filter(pl.col("zone").ne_missing(pl.col("before"))).height
        readings.append(replace(reading, zone=own["zone"], apl=own["apl"], changed=changed))
    return readings


def _readings(methodology: Methodology) -> Iterator[Reading]:
    for one in methodology.parameters:
        if not one.key.startswith(_OUTSIDE_RUN):
            for other in one.others:
                yield Reading(one.key, one.value, other, one.article)


def _rezone(
    rules: Methodology, key: str, unclassified: pl.DataFrame, located: LocatedInputs | None
) -> pl.DataFrame:
    """Return the territories by another reading; raise if it cannot be tried."""
    if key.startswith(_CLASSIFYING):
        return classify(unclassified, rules)[0]
    tables, network = (located.tables, located.network) if located else (None, None)
    if tables is None or network is None:
        raise MethodologyError(Fault("explanation.tables_unavailable", rules.id, key=key))
    try:
        network.weights(rules)
    except MethodologyError:
        if tables.travel_times is None:
            raise
        network = build_network(tables.travel_times, tables.communes, rules)
    return run(tables, rules, network=network).territories
