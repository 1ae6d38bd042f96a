"""What else the text may be read to say, tried one point at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ..errors import AplError, Fault, MethodologyError
from ..inputs import Inputs
from ..method.compute import network_of
from ..method.network import TravelNetwork
from ..method.result import OnStep, Zoning
from ..method.zoning import classify
from ..methodology import vary
from ..methodology.model import Methodology
from ..methodology.values import plain
from ..runs.run import run

# Sections that play no part between the tables of a run and its zones.
_BEFORE = ("mesh", "regional")
# Parameters by which tables are read or made, and not a result of them.
_OF_TABLES = ("demand.open_age_band", "etp.age_reference_date")
# Those by which a result is cut, whatever it was computed from.
_OF_CUTS = "zoning."


@dataclass(frozen=True)
class Reading:
    """Another reading of a silent point, and where it leads.

    Attributes
    ----------
    key, value, other : the parameter, its value, and the other one.
    article : where the text is silent.
    zone, apl : of the territory by the other reading; None where it was not tried.
    changed : how many territories have another zone by it; None likewise.
    untried : why it was not tried; empty where it was.
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
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


def other_readings(
    zones: Zoning,
    territory: str,
    tables: Inputs | None = None,
    network: TravelNetwork | None = None,
    on_step: OnStep | None = None,
) -> list[Reading]:
    """Try every other reading of the points that the text leaves open.

    Parameters
    ----------
    zones : a result.
    territory : whose zone is asked for.
    tables : its inputs; without them only the rules of the cuts are tried.
    network : that it was computed on.
    on_step : called with a few words as each step begins.

    Returns
    -------
    list of Reading
        In the order of the methodology.
    """
    told = on_step or (lambda _: None)
    by_key = {parameter.key: parameter for parameter in zones.methodology.parameters}
    gathered = zones.territories.drop("rank", "cumulative_share", "zone", "zone_reason")
    # The national zones, whatever an agency made of them since.
    before = classify(gathered, zones.methodology)[0]
    found = []
    for key, other in _points(zones.methodology):
        parameter = by_key[key]
        reading = Reading(key, parameter.value, other, parameter.article)
        rules = vary(zones.methodology, key, other)
        told(f"another reading: {key}")
        try:
            after = _territories(rules, key, gathered, tables, network)
        except AplError as error:
            reason = str(error).splitlines()[-1].removeprefix("  - ")
            found.append(replace(reading, untried=reason))
        else:
            found.append(_told(reading, before, territory, after))
    return found


def _points(methodology: Methodology) -> Iterator[tuple[str, Any]]:
    for parameter in methodology.parameters:
        outside = parameter.key.split(".")[0] in _BEFORE or parameter.key in _OF_TABLES
        for other in () if outside else parameter.others:
            yield parameter.key, other


def _territories(
    rules: Methodology,
    key: str,
    gathered: pl.DataFrame,
    tables: Inputs | None,
    network: TravelNetwork | None,
) -> pl.DataFrame:
    """Return the territories by another reading, or say why it cannot be tried."""
    if key.startswith(_OF_CUTS):
        return classify(gathered, rules)[0]
    if tables is None or network is None:
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=rules.id,
                key=key or None,
                details={"problem": "the tables of the run are not at hand"},
            )
        )
    try:
        network.weights(rules)
    except MethodologyError:
        if tables.travel_times is None:
            raise
        network = network_of(tables, rules)
    return run(tables, rules, network=network).territories


def _told(reading: Reading, before: pl.DataFrame, territory: str, after: pl.DataFrame) -> Reading:
    now = before.select("territory", now="zone")
    both = after.join(now, on="territory", how="left")
    own = after.row(by_predicate=pl.col("territory") == territory, named=True)
    changed = both.filter(pl.col("zone").ne_missing(pl.col("now"))).height
    return replace(reading, zone=own["zone"], apl=own["apl"], changed=changed)
