"""Draws of supply by several methodologies: each is counted, and dropped before the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from numbers import Real
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError, OnStep, check_arguments, check_types, check_whole_number
from ..executors import Given, open_workers
from ..inputs import Inputs
from ..inputs.named_columns import NamedColumns
from ..method.network import TravelNetwork
from ..method.supply import compute_practices
from ..methodology.model import Methodology
from ..scenarios.draws import (
    Draws,
    RandomSupply,
    SupplyModels,
    TableSupply,
    draws_of,
    open_scenarios,
)
from ..scenarios.draws.result import STEP
from .run import GivenColumns
from .sweep import GivenInputs, read_each

# Called with the id of a methodology, the first draw of some, and their zones as a Parquet file.
OnZones = Callable[[str, int, bytes], Any]
_MOST_DRAWS, _MOST_SEED = 10**9, 2**64 - 1


@check_arguments(
    inputs=(str, Path, Mapping, Inputs),
    methodologies=Iterable,
    supply=(str, Path, SupplyModels),
    network=(str, Path, TravelNetwork, None),
    step=(str, Real, Fraction),
)
def draws(
    inputs: GivenInputs,
    methodologies: Iterable[str | Path | Methodology],
    supply: SupplyModels | str | Path,
    *,
    count: int = 1000,
    seed: int = 0,
    step: Fraction | float | str = STEP,
    network: str | Path | TravelNetwork | None = None,
    year: int | None = None,
    columns: GivenColumns | None = None,
    threads: int | None = None,
    executor: Given = None,
    on_step: OnStep | None = None,
    on_zones: OnZones | None = None,
) -> Iterator[Draws]:
    """Count the zones and APLs of territories over many draws of supply.

    Each draw has the zones of a full run with its supply. Only counts are held, of one methodology
    at a time, so that memory does not grow with the number of draws or of methodologies.

    Parameters
    ----------
    inputs, methodologies, network, year, columns, on_step
        As for `sweep`.
    supply : SupplyModels, str or Path
        What varies; or scenarios in a Parquet file, with ``commune`` and a column of ETP for each,
        or in a folder of such files. Ranges of columns are read as they are needed.
    count : int
        Number of draws, up to 10**9; not used for scenarios, all of which are computed.
    seed : int
        From 0 to 2**64 - 1. Draw k is a function of the seed, of k and of the models alone.
    step : Fraction, float or str
        What APLs are rounded to before they are counted, ETP per `per_inhabitants`.
    threads : int, optional
        Number of threads, without an executor. The result is the same for any.
    executor : concurrent.futures.Executor or str, optional
        What carries out the work: threads, processes, a cluster or its address; see
        `open_workers`. The result is the same.
    on_zones : callable, optional
        Called with the id of a methodology, the number of the first draw of a range, and the class
        of each territory in its draws as a Parquet file: ``draw``, ``scenario`` if there are
        names, and for each territory a column of uint8, the index of its class.

    Yields
    ------
    Draws
        Of each methodology; those read in the same way follow one another.

    Raises
    ------
    InputDataError
        As from `sweep`; or scenarios are wrong, with every fault; an argument is out of range; or
        APLs spread over too many steps.
    MethodologyError
        As from `sweep`.
    ExecutorError
        The workers cannot be used.

    Examples
    --------
    >>> models = SupplyModels(departures={0: 0.03, 60: 0.2})
    >>> for found in draws("my_tables", ["mk-2024"], models):  # doctest: +SKIP
    ...     print(found.territories())
    """
    check_whole_number("count", count, 1)
    check_whole_number("seed", seed, 0)
    _check_most("count", count, _MOST_DRAWS)
    _check_most("seed", seed, _MOST_SEED)
    if on_zones is not None:
        check_types(on_zones=(on_zones, Callable))
    exact, named = _step(step), NamedColumns.of(columns)
    _, located, read = read_each(inputs, methodologies, network, year, named, threads, on_step)

    def found() -> Iterator[Draws]:
        source = _Source(supply, count, seed, named)
        with open_workers(executor, on_step) as workers:
            for alike in read:
                for rules in alike.rules:
                    result = alike.run(rules, threads, on_step)
                    codes = result.communes["commune"]
                    drawn = source.of(codes, alike.tables, result.methodology)
                    if named is not columns:
                        named.finish(columns, "draws")
                    yield draws_of(
                        replace(result, located=located), drawn, workers, step=exact,
                        threads=threads, keep=partial(on_zones, rules.id) if on_zones else None,
                    )  # fmt: skip

    return found()


class _Source:
    """What gives the supply of draws for each methodology."""

    def __init__(
        self, given: SupplyModels | str | Path, count: int, seed: int, columns: NamedColumns
    ) -> None:
        self._given, self._count, self._seed, self._columns = given, count, seed, columns
        self._table: TableSupply | None = None

    def of(
        self, codes: pl.Series, tables: Inputs, rules: Methodology
    ) -> RandomSupply | TableSupply:
        if isinstance(self._given, SupplyModels):
            practices = compute_practices(tables.practitioners, tables.communes, rules)
            return RandomSupply.of(
                practices, len(codes), rules, self._given, self._count, self._seed
            )
        if self._table is None or not self._table.codes.equals(codes):
            self._table = open_scenarios(self._given, codes, self._columns)
        return self._table


def _check_most(name: str, value: int, most: int) -> None:
    if value > most:
        details = {"low": 0.0, "high": float(most), "value": float(value)}
        raise InputDataError(Fault("argument.out_of_range", name, details=details))


def _step(given: Fraction | float | str) -> Fraction:
    """Return a step of APLs exactly as it is written."""
    try:
        step = given if isinstance(given, Fraction) else Fraction(str(given))
    except (ValueError, ZeroDivisionError):
        step = Fraction(0)
    if step <= 0:
        raise InputDataError(Fault("draws.no_step", "step", values=(str(given),)))
    return step
