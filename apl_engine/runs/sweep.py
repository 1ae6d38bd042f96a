"""One reading and one network for several methodologies, or for a run and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from ..errors import Fault, MethodologyError
from ..inputs import Inputs, read_for, travel_times_beside
from ..kernels.threads import check_threads
from ..method.compute import network_of
from ..method.network import TravelNetwork
from ..method.result import OnStep, Result
from ..methodology import load_methodology
from ..methodology.model import Methodology
from ..networks.file import check_fits, load_network
from .reproduce import reach_of
from .run import load_inputs, run

Given = str | Path | Mapping[str, object] | Inputs


def sweep(
    inputs: Given,
    methodologies: Iterable[str | Path | Methodology],
    *,
    network: str | Path | TravelNetwork | None = None,
    threads: int | None = None,
    on_step: OnStep | None = None,
) -> dict[str, Result]:
    """Compute the same tables by several methodologies.

    Tables are read once for all methodologies that read them in the same way, and networks built
    as few as serve all: one, of the longest reach, where the rules on pairs of communes agree.

    Parameters
    ----------
    inputs, network, threads, on_step : as for `run`.
    methodologies : each as for `run`; no two of one id.

    Returns
    -------
    dict of str to Result
        By id, in the order given; each has the figures of `run` for it alone, to the last bit. The
        ``network`` of a result describes the one that was shared.

    Raises
    ------
    InputDataError
        The tables are wrong; lists every fault. Or the network is damaged, or not theirs.
    MethodologyError
        A methodology is, or two have one id; or the network was built by other rules than one's.
    ValueError
        `threads` is no whole number of 1 or more, or there is no methodology.

    Examples
    --------
    >>> results = sweep("my_tables", ["mk-2024", "my_variant.toml"])  # doctest: +SKIP
    >>> diff_zones(results["mk-2024"], results["my-variant"])  # doctest: +SKIP
    """
    check_threads(threads)
    rules = _loaded(methodologies)
    given = _opened(network)
    if given:
        for one in rules:
            given.weights(one)
    results: dict[str, Result] = {}
    for one, tables, by in _shared(inputs, rules, given, on_step):
        step = _named(on_step, one.id)
        results[one.id] = run(tables, one, network=by, threads=threads, on_step=step)
    return {one.id: results[one.id] for one in rules}


def run_with_network(
    inputs: Given,
    methodology: str | Path | Methodology | None = None,
    *,
    network: str | Path | TravelNetwork | None = None,
    threads: int | None = None,
    on_step: OnStep | None = None,
) -> tuple[Result, TravelNetwork]:
    """Run, and give back the network too, for what is asked of the result afterwards.

    Parameters
    ----------
    inputs, methodology, network, threads, on_step : as for `run`.

    Returns
    -------
    Result, TravelNetwork
        The network is the one given, or built once for both.

    Raises
    ------
    InputDataError, MethodologyError, ValueError, ComputationError
        As from `run`.

    Examples
    --------
    >>> what_if = WhatIf(*run_with_network("my_tables"))  # doctest: +SKIP
    """
    check_threads(threads)
    given = _opened(network)
    if given:
        found = run(inputs, methodology, network=given, threads=threads, on_step=on_step)
        return found, given
    if on_step:
        on_step("reading and checking the tables")
    rules, tables = load_inputs(inputs, methodology, on_step=on_step)
    built = network_of(tables, rules)
    return run(tables, rules, network=built, threads=threads, on_step=on_step), built


def diff_zones(first: Result, other: Result) -> pl.DataFrame:
    """Return the territories whose zone differs between two results.

    Parameters
    ----------
    first, other : of the same tables.

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


def _loaded(methodologies: Iterable[str | Path | Methodology]) -> list[Methodology]:
    rules = [
        given if isinstance(given, Methodology) else load_methodology(given)
        for given in methodologies
    ]
    if not rules:
        raise ValueError("give one methodology or more")
    check_ids(rules)
    return rules


def check_ids(rules: Iterable[Methodology]) -> None:
    """Refuse methodologies of one id, by which results are known.

    Parameters
    ----------
    rules : any number.

    Raises
    ------
    MethodologyError
        Two have the same id.
    """
    ids = [one.id for one in rules]
    if twice := [name for name in dict.fromkeys(ids) if ids.count(name) > 1]:
        hint = "Give each an id of its own, by which its result is known"
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=twice[0],
                key="id",
                details={"problem": "several methodologies have this id", "hint": hint},
            )
        )


def _opened(network: str | Path | TravelNetwork | None) -> TravelNetwork | None:
    return load_network(network) if isinstance(network, str | Path) else network


def _named(on_step: OnStep | None, name: str) -> OnStep | None:
    return (lambda step: on_step(f"{name}: {step}")) if on_step else None


def _shared(
    inputs: Given, rules: list[Methodology], given: TravelNetwork | None, on_step: OnStep | None
) -> Iterator[tuple[Methodology, Inputs, TravelNetwork]]:
    """Give each methodology with tables read for it and a network that serves it."""
    tell = on_step or (lambda _: None)
    imported = isinstance(inputs, str | Path) and Path(inputs).suffix == ".toml"
    networks: dict[str, TravelNetwork] = {}
    for alike in _grouped(rules, imported):
        tell("reading and checking the tables")
        tables = load_inputs(inputs, alike[0], travel_times=given is None, on_step=on_step)[1]
        if given:
            check_fits(given, tables, travel_times_beside(inputs))
        elif imported or not networks:
            # The tables of a folder hold the same travel times however they are read.
            tell("building the network")
            networks |= _networks(tables, alike if imported else rules)
        for one in alike:
            yield one, tables, given or networks[one.id]


def _grouped(rules: list[Methodology], imported: bool) -> list[list[Methodology]]:
    """Return which methodologies one reading serves.

    Publishers' files are made into tables by more of the rules than tables are read by.
    """
    groups: dict[tuple[object, ...], list[Methodology]] = {}
    for one in rules:
        making = (one.profession, one.demand, one.travel, one.mesh) if imported else ()
        groups.setdefault((*read_for(one), *making), []).append(one)
    return list(groups.values())


def _networks(tables: Inputs, rules: list[Methodology]) -> dict[str, TravelNetwork]:
    """Build as few networks as serve all methodologies, and return that of each."""
    times, found, left = tables.travel_times, dict[str, TravelNetwork](), list(rules)
    # A network of no commune tells as well whom it would serve.
    nowhere = replace(
        tables,
        communes=tables.communes.clear(),
        travel_times=None if times is None else times.clear(),
    )
    while left:
        choices = [(one, _served(one, left, nowhere)) for one in left]
        by, served = max(choices, key=lambda choice: len(choice[1]))
        network = network_of(tables, by, reach=reach_of(served))
        found |= {one.id: network for one in served}
        left = [one for one in left if one not in served]
    return found


def _served(by: Methodology, rules: list[Methodology], tables: Inputs) -> list[Methodology]:
    """Return the methodologies that a network built by one of them serves."""
    trial = network_of(tables, by, reach=reach_of(rules))
    return [one for one in rules if _accepts(trial, one)]


def _accepts(network: TravelNetwork, methodology: Methodology) -> bool:
    try:
        network.weights(methodology)
    except MethodologyError:
        return False
    return True
