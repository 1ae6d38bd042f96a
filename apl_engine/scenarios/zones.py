"""Scenarios of supply to zones: the results of a full run of each, for all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from ..columns import Float, Indices, numbers
from ..errors import Note, OnStep, check_arguments, check_threads
from ..executors import Given, Range, open_workers
from ..inputs import ScenarioTable, read_scenarios
from ..inputs.named_columns import NamedColumns
from ..method.network import TravelNetwork
from ..method.ranking import Contest
from ..method.result import Result, Zoning, network_of
from ..method.zoning import Cut, contest_of, cuts_of, territory_means
from .batch import Batch, joined


@dataclass(frozen=True, kw_only=True)
class ScenarioZones:
    """The APL of communes and territories, and the zone of territories, by scenario.

    Attributes
    ----------
    names : tuple of str
        Names of the scenarios.
    communes_apl : pl.DataFrame
        ``commune``, and a column for each scenario, ETP per `per_inhabitants` of the methodology;
        by code.
    territories_apl : pl.DataFrame
        ``territory``, ``territory_name``, and the same; null if the weights of the territory are 0.
    territories_zone : pl.DataFrame
        ``territory``, ``territory_name``, and the id of the class by scenario; null if there is
        none.
    etp, unreachable_etp : float64 (n_scenarios,)
        All ETP, and those without inhabitants within reach.
    territories, population : float64 (n_scenarios, n_classes)
        Number of territories of each class, and their inhabitants.
    cuts : tuple of tuple of Cut
        The end of each class but the last, by scenario.
    notes : tuple of Note
        What was matched by rule or imputed in the table of scenarios.
    table : ScenarioTable
        The scenarios.
    result : Result
        The run that provides population, territories and methodology.
    network : mapping of str to object
        See `TravelNetwork.as_dict`.
    """

    names: tuple[str, ...]
    communes_apl: pl.DataFrame
    territories_apl: pl.DataFrame
    territories_zone: pl.DataFrame
    etp: Float
    unreachable_etp: Float
    territories: Float
    population: Float
    cuts: tuple[tuple[Cut, ...], ...]
    notes: tuple[Note, ...]
    table: ScenarioTable
    result: Result
    network: Mapping[str, Any]


@check_arguments(result=Zoning, network=(TravelNetwork, None))
def zone_scenarios(
    result: Result,
    scenarios: object,
    *,
    network: TravelNetwork | None = None,
    threads: int | None = None,
    columns: NamedColumns | None = None,
    executor: Given = None,
    on_step: OnStep | None = None,
) -> ScenarioZones:
    """Zone territories by other supplies, each scenario with the bits of a full run of it.

    Parameters
    ----------
    result : Result
        A run, for its population, territories and methodology; its supply is not used.
    scenarios : object
        A path, or anything that supports the Arrow C interface: ``commune``, and a column of ETP
        for each scenario; unlisted communes get 0 ETP, and their number is reported.
    network : TravelNetwork, optional
        A prepared network of the same travel times; by default that of the result.
    threads : int, optional
        Number of threads; the result is the same for any number.
    columns : NamedColumns, optional
        Columns that the user names.
    executor : concurrent.futures.Executor or str, optional
        What computes ranges of scenarios, see `open_workers`; the result is the same.
    on_step : callable, optional
        Called with a few words as ranges are done.

    Returns
    -------
    ScenarioZones

    Raises
    ------
    InputDataError
        The scenarios are wrong; lists every fault. Or the network is of other communes, or
        `threads` is not a whole number of 1 or more.
    MethodologyError
        The network was built by other rules, or no edge of it is the end of a step.
    ExecutorError
        The executor cannot be used.

    Examples
    --------
    >>> result = run("my_tables")  # doctest: +SKIP
    >>> zone_scenarios(result, "scenarios.csv").territories_zone  # doctest: +SKIP
    """
    check_threads(threads)
    network, communes = network_of(result, network), result.communes
    network.check_communes(communes["commune"])
    table = read_scenarios(scenarios, communes["commune"], columns)
    supply = table.etp.drop("commune").to_numpy()
    people = numbers(communes["standardised_population"])
    with open_workers(executor, on_step) as workers:
        batch = Batch.of(network, supply, people, result.methodology, threads, workers)
        shared = _Shared(
            batch, communes, result.territories, contest_of(result.territories, result.methodology)
        )
        units = batch.units(workers)
        parts = list(workers.map(_zones_of, shared, units, label="computing the scenarios"))
    apl, means = joined([part.apl for part in parts]), joined([part.means for part in parts])
    zones = np.concatenate([part.zones for part in parts], axis=1)
    classes = [*(zone.id for zone in result.methodology.zoning.classes), None]
    names, head = table.names, result.territories.select("territory", "territory_name")
    return ScenarioZones(
        names=names,
        communes_apl=communes.select("commune").with_columns(_columns(names, apl)),
        territories_apl=head.with_columns(_columns(names, means)),
        # Index -1 is the last, that of no class.
        territories_zone=head.with_columns(
            pl.Series(classes, dtype=pl.String)[zones[:, k]].alias(name)
            for k, name in enumerate(names)
        ),
        etp=supply.sum(axis=0),
        unreachable_etp=batch.unreachable([part[:2] for part in parts]),
        territories=_by_class(zones, np.ones(len(zones)), len(classes) - 1),
        population=_by_class(zones, numbers(result.territories["population"]), len(classes) - 1),
        cuts=tuple(cut for part in parts for cut in part.cuts),
        notes=table.notes,
        table=table,
        result=result,
        network=network.as_dict(),
    )


class _Shared(NamedTuple):
    """What all scenarios share."""

    batch: Batch
    communes: pl.DataFrame
    territories: pl.DataFrame
    contest: Contest


class _Part(NamedTuple):
    """The figures of a range of scenarios."""

    apl: Float
    unreachable: Float | None
    # Of territories, (n_territories, n_columns).
    means: Float
    zones: Indices
    cuts: list[tuple[Cut, ...]]


def _zones_of(shared: _Shared, columns: Range) -> _Part:
    """Zone territories in a range of scenarios."""
    apl, unreachable = shared.batch.apl(columns)
    means = territory_means(shared.communes, shared.batch.methodology, apl)
    zoned = [_zoned(shared.territories, shared.contest, own) for own in means.T]
    zones = np.stack([one[0] for one in zoned], axis=1)
    return _Part(apl, unreachable, means, zones, [one[1] for one in zoned])


def _zoned(
    territories: pl.DataFrame, contest: Contest, apl: Float
) -> tuple[Indices, tuple[Cut, ...]]:
    """Return the class of each territory, (n_territories,), and the cuts."""
    ranking = contest.rank(apl)
    own = territories.with_columns(apl=pl.Series(apl, nan_to_null=True))
    return contest.zones(ranking), cuts_of(own, contest, ranking)


def _columns(names: tuple[str, ...], values: Float) -> list[pl.Series]:
    return [
        pl.Series(name, np.ascontiguousarray(values[:, k]), nan_to_null=True)
        for k, name in enumerate(names)
    ]


def _by_class(zones: Indices, values: Float, classes: int) -> Float:
    """Add up territories by class, (n_scenarios, n_classes); those of no class are excluded."""
    # bincount adds in the order of the territories, which is that of their codes.
    sums = [np.bincount(zone + 1, values, classes + 1)[1:] for zone in zones.T]
    return np.stack(sums)
