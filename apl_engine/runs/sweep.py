"""Several methodologies on one reading and one network; or a run together with its network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import polars as pl

from ..errors import (
    Fault,
    InputDataError,
    MethodologyError,
    OnStep,
    check_arguments,
    check_threads,
)
from ..executors import Given, Here, open_workers
from ..imports import refuse_two_sources
from ..inputs import Inputs, read_for, travel_times_beside
from ..method.network import TravelNetwork, build_network
from ..method.result import Result, Zoning
from ..methodology import load_methodology
from ..methodology.model import Methodology
from ..methodology.vary import for_year
from ..networks.file import check_fits, load_network
from ..steps import announce
from .reproduce import reach_of
from .run import GivenColumns, load_run, locate, run, run_file_of

GivenInputs: TypeAlias = str | Path | Mapping[str, object] | Inputs
# Fields of a result that are known without a run.
_OF_INPUTS = ("network", "located")


@check_arguments(
    inputs=(str, Path, Mapping, Inputs),
    methodologies=Iterable,
    network=(str, Path, TravelNetwork, None),
)
def sweep(
    inputs: GivenInputs,
    methodologies: Iterable[str | Path | Methodology],
    *,
    network: str | Path | TravelNetwork | None = None,
    year: int | None = None,
    columns: GivenColumns | None = None,
    threads: int | None = None,
    executor: Given = None,
    on_step: OnStep | None = None,
) -> dict[str, Result]:
    """Run several methodologies on the same tables.

    Tables are read once for all methodologies that read them in the same way, and as few networks
    as possible are built: only one, of the longest reach, if the rules on pairs of communes agree.

    Parameters
    ----------
    inputs, network, year, columns, threads, on_step
        As for `run`.
    methodologies : iterable of str, Path or Methodology
        Each as for `run`; with distinct ids.
    executor : concurrent.futures.Executor or str, optional
        What runs the methodologies, see `open_workers`; the results are the same.

    Returns
    -------
    dict of str to Result
        By id, in the order given; each has the figures of `run` for it alone, to the last bit. The
        ``network`` of a result describes the shared network.

    Raises
    ------
    InputDataError
        The tables are wrong; lists every fault. Or the network is damaged or does not belong to
        them, `threads` is not a whole number of 1 or more, or there is no methodology.
    MethodologyError
        A methodology is wrong, or two have the same id; or the network was built by other rules.
    ExecutorError
        The executor cannot be used.

    Examples
    --------
    >>> results = sweep("my_tables", ["mk-2024", "my_variant.toml"])  # doctest: +SKIP
    >>> diff_zones(results["mk-2024"], results["my-variant"])  # doctest: +SKIP
    """
    rules, located, read = read_each(
        inputs, methodologies, network, year, columns, threads, on_step
    )
    results: dict[str, Result] = {}
    with open_workers(executor, on_step) as workers:
        # Here, the tables of one reading after the other are in memory.
        for some in ([alike] for alike in read) if workers.are_here else [list(read)]:
            report = on_step if workers.are_here else None
            shared = _Shared(some, workers.threads(threads), Here(report))
            units = [(k, one) for k, alike in enumerate(some) for one in alike.rules]
            done = workers.map(_figures_of, shared, units, label="running the methodologies")
            for (k, one), figures in zip(units, done, strict=True):
                by = some[k].networks[one.id]
                results[one.id] = Result(**figures, network=by, located=located)
    return {one.id: results[one.id] for one in rules}


def read_each(
    inputs: GivenInputs,
    methodologies: Iterable[str | Path | Methodology],
    network: str | Path | TravelNetwork | None,
    year: int | None,
    columns: GivenColumns | None,
    threads: int | None,
    on_step: OnStep | None,
) -> tuple[list[Methodology], dict[str, Path], Iterator[Alike]]:
    """Check what `sweep` is given, and read the tables as they are asked for.

    Returns
    -------
    list of Methodology, dict of str to Path, iterator of Alike
        The methodologies in the order given, where inputs and network are, and the readings.
    """
    check_threads(threads)
    rules = [
        given if isinstance(given, Methodology) else load_methodology(given)
        for given in methodologies
    ]
    if not rules:
        raise InputDataError(Fault("argument.empty", "methodologies"))
    check_ids(rules)
    located = locate(inputs, network)
    if run_file := run_file_of(inputs):
        refuse_two_sources(run_file, network)
        network = run_file.network if network is None else network
        year = run_file.year if year is None else year
    if year is not None:
        rules = [for_year(one, year) for one in rules]
    prepared = _opened(network)
    if prepared:
        for one in rules:
            prepared.weights(one)
    return rules, located, _read(inputs, rules, prepared, columns, on_step)


class Alike(NamedTuple):
    """Methodologies that one reading of the tables serves, and a network for each, by id."""

    rules: list[Methodology]
    tables: Inputs
    networks: Mapping[str, TravelNetwork]

    def run(self, rules: Methodology, threads: int | None, on_step: OnStep | None) -> Result:
        """Return the result of one of them."""
        report = partial(_report, on_step, rules.id) if on_step else None
        network = self.networks[rules.id]
        return run(self.tables, rules, network=network, threads=threads, on_step=report)


class _Shared(NamedTuple):
    """What all runs share."""

    read: list[Alike]
    threads: int | None
    on_step: Here


def _figures_of(shared: _Shared, unit: tuple[int, Methodology]) -> dict[str, Any]:
    """Return the fields of the result of one methodology, without those of the inputs."""
    alike, one = shared.read[unit[0]], unit[1]
    result = alike.run(one, shared.threads, shared.on_step)
    return {name: value for name, value in vars(result).items() if name not in _OF_INPUTS}


@check_arguments(first=Zoning, other=Zoning)
def diff_zones(first: Result, other: Result) -> pl.DataFrame:
    """Return the territories whose zone differs between two results.

    Parameters
    ----------
    first, other : Result
        Of the same tables.

    Returns
    -------
    pl.DataFrame
        One row per territory of `other`, by code: ``territory``, ``territory_name``,
        ``population``, ``apl``, ``apl_first``, ``zone``, ``zone_first``.
    """
    before = first.territories.select("territory", apl_first="apl", zone_first="zone")
    both = other.territories.join(before, on="territory", how="left", maintain_order="left")
    return both.filter(pl.col("zone").ne_missing(pl.col("zone_first"))).select(
        "territory", "territory_name", "population", "apl", "apl_first", "zone", "zone_first"
    )


def check_ids(rules: Iterable[Methodology]) -> None:
    """Refuse methodologies with the same id, by which results are identified.

    Parameters
    ----------
    rules : iterable of Methodology
        Any number.

    Raises
    ------
    MethodologyError
        Two have the same id.
    """
    ids = [one.id for one in rules]
    if repeated := [name for name in dict.fromkeys(ids) if ids.count(name) > 1]:
        raise MethodologyError(Fault("sweep.repeated_id", name, key="id") for name in repeated)


def _opened(network: str | Path | TravelNetwork | None) -> TravelNetwork | None:
    return load_network(network) if isinstance(network, str | Path) else network


def _report(on_step: OnStep, name: str, step: str) -> None:
    on_step(f"{name}: {step}")


def _read(
    inputs: GivenInputs,
    rules: list[Methodology],
    given: TravelNetwork | None,
    columns: GivenColumns | None,
    on_step: OnStep | None,
) -> Iterator[Alike]:
    """Yield the methodologies with tables read for them and networks that serve them."""
    report = partial(announce, on_step=on_step)
    imported = isinstance(inputs, str | Path) and Path(inputs).suffix == ".toml"
    networks: dict[str, TravelNetwork] = {}
    for alike in _grouped(rules, imported):
        report("reading and checking the tables")
        tables = load_run(
            inputs, alike[0], columns=columns, travel_times=given is None, on_step=on_step
        ).tables
        if given:
            check_fits(given, tables, travel_times_beside(inputs))
        elif imported or not networks:
            # Travel times of a folder do not depend on how its tables are read.
            report("building the network")
            networks |= _networks(tables, alike if imported else rules)
        yield Alike(alike, tables, {one.id: given or networks[one.id] for one in alike})


def _grouped(rules: list[Methodology], imported: bool) -> list[list[Methodology]]:
    """Return groups of methodologies that one reading serves.

    More rules determine how publishers' files are made into tables than how tables are read.
    """
    groups: dict[tuple[object, ...], list[Methodology]] = {}
    for one in rules:
        making = (one.profession, one.demand, one.travel, one.mesh) if imported else ()
        groups.setdefault((*read_for(one), *making), []).append(one)
    return list(groups.values())


def _networks(tables: Inputs, rules: list[Methodology]) -> dict[str, TravelNetwork]:
    """Build as few networks as serve all methodologies, and return that of each."""
    times, networks, left = tables.travel_times, dict[str, TravelNetwork](), list(rules)
    # An empty network shows as well which methodologies it would serve.
    nowhere = replace(
        tables,
        communes=tables.communes.clear(),
        travel_times=None if times is None else times.clear(),
    )
    while left:
        choices = [(one, _served(one, left, nowhere)) for one in left]
        by, served = max(choices, key=lambda choice: len(choice[1]))
        network = build_network(tables.travel_times, tables.communes, by, reach=reach_of(served))
        networks |= {one.id: network for one in served}
        left = [one for one in left if one not in served]
    return networks


def _served(by: Methodology, rules: list[Methodology], tables: Inputs) -> list[Methodology]:
    """Return the methodologies that a network built by one of them serves."""
    reach, served = reach_of(rules), []
    trial = build_network(tables.travel_times, tables.communes, by, reach=reach)
    for one in rules:
        with suppress(MethodologyError):
            trial.weights(one)
            served.append(one)
    return served
