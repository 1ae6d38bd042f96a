"""How a zone depends on the points that the text leaves open, tried one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import polars as pl

from ..errors import AplError, Fault, InputDataError, MethodologyError, OnStep, check_arguments
from ..executors import Given, open_workers
from ..method.network import build_network
from ..method.result import Zoning
from ..method.zoning import classify
from ..methodology import vary
from ..methodology.model import Methodology
from ..methodology.values import plain_fields
from ..runs.reproduce import LocatedInputs
from ..runs.run import run

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
    *,
    executor: Given = None,
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
    executor : concurrent.futures.Executor or str, optional
        What tries the readings, see `open_workers`; the outcome is the same.

    Returns
    -------
    list of Reading
        In the order of the methodology.

    Raises
    ------
    InputDataError
        The result has no such territory.
    ExecutorError
        The executor cannot be used.
    """
    if territory not in zones.territories["territory"]:
        raise InputDataError(Fault("margins.unknown_territory", "territory", values=(territory,)))
    unclassified = zones.territories.drop("rank", "cumulative_share", "zone", "zone_reason")
    # The national zones, whatever an agency made of them since.
    before = classify(unclassified, zones.methodology)[0].select("territory", before="zone")
    with open_workers(executor, on_step) as workers:
        shared = _Shared(
            zones.methodology, territory, unclassified, before, located, workers.threads(None)
        )
        units = list(_readings(zones.methodology))
        return list(workers.map(_tried, shared, units, label="trying the other readings"))


class _Shared(NamedTuple):
    """What all readings share."""

    methodology: Methodology
    territory: str
    unclassified: pl.DataFrame
    before: pl.DataFrame
    located: LocatedInputs | None
    threads: int | None


def _tried(shared: _Shared, reading: Reading) -> Reading:
    """Return a reading with its outcome."""
    rules = vary(shared.methodology, reading.key, reading.other)
    try:
        after = _rezone(rules, reading.key, shared)
    except AplError as error:
        return replace(reading, untried=str(error.faults[-1]))
    own = after.row(by_predicate=pl.col("territory") == shared.territory, named=True)
    both = after.join(shared.before, on="territory", how="left")
    changed = both.filter(pl.col("zone").ne_missing(pl.col("before"))).height
    return replace(reading, zone=own["zone"], apl=own["apl"], changed=changed)


def _readings(methodology: Methodology) -> Iterator[Reading]:
    for one in methodology.parameters:
        if not one.key.startswith(_OUTSIDE_RUN):
            for other in one.others:
                yield Reading(one.key, one.value, other, one.article)


def _rezone(rules: Methodology, key: str, shared: _Shared) -> pl.DataFrame:
    """Return the territories by another reading; raise if it cannot be tried."""
    if key.startswith(_CLASSIFYING):
        return classify(shared.unclassified, rules)[0]
    located = shared.located
    tables, network = (located.tables, located.network) if located else (None, None)
    if tables is None or network is None:
        raise MethodologyError(Fault("explanation.tables_unavailable", rules.id, key=key))
    try:
        network.weights(rules)
    except MethodologyError:
        if tables.travel_times is None:
            raise
        network = build_network(tables.travel_times, tables.communes, rules, threads=shared.threads)
    return run(tables, rules, network=network, threads=shared.threads).territories
