"""Travel times of any size to a prepared network: read in batches, pairs out of reach dropped."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from numbers import Real
from pathlib import Path

import numpy as np
import polars as pl

from .. import kernels
from ..errors import Fault, InputDataError, Note, OnStep, check_arguments, check_threads, first
from ..inputs.named_columns import NamedColumns
from ..inputs.provenance import check_provenance, read_provenance
from ..inputs.tables import Source, find_table, open_table, open_tables, table_fault
from ..inputs.travel_times import (
    Limit,
    TablePairs,
    check_times,
    check_zero_times,
    none_within,
    repaired_code,
)
from ..inputs.validate import Categories, check_table, plan_reading
from ..kernels.types import Float
from ..method.network import (
    TravelNetwork,
    build_network,
    check_size,
    commune_pairs,
    connect,
    edges_of,
    own_pairs,
)
from ..method.sparse_rows import CommunePairs
from ..methodology import DEFAULT, load_methodology
from ..methodology.model import Methodology, Travel
from ..schemas import COMMUNE_CODE, COMMUNES, TRAVEL_TIMES, duplicate_fault
from ..steps import announce
from .islands import island_notes

Given = str | Path | object
_OF_CODES = replace(COMMUNES, columns=(COMMUNES["commune"],))


@check_arguments(
    methodology=(str, Path, Methodology, None), reach=(Real, None), vintage=(int, None)
)
def prepare_network(
    travel_times: Given,
    communes: Given | None = None,
    methodology: str | Path | Methodology | None = None,
    *,
    reach: float | None = None,
    vintage: int | None = None,
    threads: int | None = None,
    columns: NamedColumns | Mapping[str, str] | None = None,
    on_step: OnStep | None = None,
) -> TravelNetwork:
    """Build a network from a table of travel times, once for all runs that use it.

    Rows are read in batches. Nine bytes are held for each pair within reach until it is in its row;
    the network itself takes eight.

    Parameters
    ----------
    travel_times : str, Path or object
        A table travel_times, or a folder of tables that holds it.
    communes : str, Path or object, optional
        The communes of the network: a table with a column ``commune``. By default, the table
        communes beside the travel times; without one, the codes in the travel times.
    methodology : str, Path or Methodology, optional
        For its section ``travel``; by default, mk-2024.
    reach : float, optional
        Pairs farther than this are left out, minutes; by default, the end of the last step.
    vintage : int, optional
        Year of the codes; by default, the year that `apl import` recorded beside the table.
    columns : mapping of str to str, optional
        What the tables call columns, by our names; see `read_inputs`.
    threads : int, optional
        Number of threads; the result is the same for any number.
    on_step : callable, optional
        Called with a few words as each step begins.

    Returns
    -------
    TravelNetwork
        Its `source` gives file and vintage.

    Raises
    ------
    InputDataError
        A table is wrong, or not of the vintage given; lists every fault. Or `reach` is out of
        range, or there are more communes than a network can hold.
    MethodologyError
        The methodology is wrong.
    """
    report = partial(announce, on_step=on_step)
    rules = methodology or DEFAULT
    if not isinstance(rules, Methodology):
        rules = load_methodology(rules)
    edges = edges_of(rules.travel, reach)
    check_threads(threads)
    given, beside = _locate(travel_times)
    named = NamedColumns.of(columns)
    source = open_table(TRAVEL_TIMES.name, given, TRAVEL_TIMES.names, named)
    report("reading the codes of communes")
    codes, notes, faults = _codes(source, communes if communes is not None else beside, named)
    if named is not columns:
        faults += named.faults("travel_times")
    if isinstance(source, Fault):
        raise InputDataError([source, *faults])
    if faults:
        raise InputDataError(faults)
    check_size(len(codes))
    # Before the digest, which takes a while.
    year = _vintage(source, vintage, communes is None and beside is not None)
    stamp = source.stamp
    files = [{"file": stamp.name, "bytes": stamp.size, "sha256": stamp.sha256}] if stamp else []
    dtype = pl.Enum(codes)
    limit = Limit.of(rules.travel) if reach is None else Limit(reach, True)
    known = Categories(communes=dtype, limit=limit)
    report("reading travel times")
    if (rules.travel.two_way_pairs, rules.travel.one_way_pairs) != ("as_given", "as_given"):
        # Both ways of a pair must be known before either has its time.
        table = pl.DataFrame({"commune": codes.cast(dtype)})
        times, noted = _checked(source, known)
        network = build_network(times, table, rules, reach=reach, threads=threads)
        network = replace(network, notes=(*noted, *network.notes))
    else:
        network = _streamed(source, known, rules.travel, edges, threads, report)
    islands = island_notes(network)
    report("ordering communes")
    network = network.laid_out(threads).keeping(rules)
    notes = [*notes, *network.notes, *islands]
    return replace(network, source={"vintage": year, "files": files}, notes=tuple(notes))


def _locate(given: Given) -> tuple[Given, Path | None]:
    """Return the table of travel times, and the table communes beside it if there is one."""
    if not isinstance(given, str | Path):
        return given, None
    path = Path(given)
    folder = path if os.path.isdir(path) else path.parent
    beside = open_tables(folder, {COMMUNES.name: ["commune"]})[0].get(COMMUNES.name)
    table = find_table(folder, TRAVEL_TIMES.name) if os.path.isdir(path) else path
    return table, beside.path if beside else None


def _codes(
    source: Source | Fault, communes: Given | None, named: NamedColumns
) -> tuple[pl.Series, list[Note], list[Fault]]:
    """Return the codes that a network is of, sorted; with notes and faults."""
    codes = pl.Series("commune", [], dtype=pl.String)
    if communes is None:
        if isinstance(source, Fault):
            return codes, [], []
        faults, _ = plan_reading(TRAVEL_TIMES, source, Categories())
        if faults:
            return codes, [], faults
        columns = [
            source.frame.select(commune=pl.col(name).cast(pl.String).unique())
            for name in ("origin", "destination")
        ]
        frames = pl.collect_all(columns, engine="streaming")
        given = pl.concat([codes.to_frame(), *frames]).select(repaired_code("commune"))
        codes = given.filter(pl.col("commune").str.contains(COMMUNE_CODE))["commune"]
        codes = codes.unique().sort()
        return codes, [Note("network.communes_from_pairs", len(codes))], []
    opened = open_table(COMMUNES.name, communes, ["commune"], named)
    if isinstance(opened, Fault):
        return codes, [], [opened]
    faults, plan = plan_reading(_OF_CODES, opened, Categories())
    if plan is None:
        return codes, [], faults
    column = plan.collect().to_series()
    return column.sort(), [], _code_faults(column)


def _code_faults(column: pl.Series) -> list[Fault]:
    faults = []
    if empty := column.null_count():
        faults.append(replace(table_fault(COMMUNES.name, "no_value", "commune"), count=empty))
    given = column.drop_nulls()
    twice = given.filter(given.is_duplicated()).unique().sort()
    if len(twice):
        fault = duplicate_fault(COMMUNES)
        faults.append(replace(fault, count=len(twice), values=first(twice, 3)))
    return faults


def _checked(source: Source, known: Categories) -> tuple[pl.DataFrame, list[Note]]:
    """Return the whole table and what was dropped or repaired, or raise all its faults."""
    checked = check_table(TRAVEL_TIMES, source, known)
    if checked.faults or checked.frame is None:
        raise InputDataError(checked.faults)
    assert known.limit is not None
    faults, notes = check_times(TRAVEL_TIMES.name, checked.frame, known.limit)
    if faults:
        raise InputDataError(faults)
    return checked.frame, [*checked.notes, *notes]


def _streamed(
    source: Source,
    known: Categories,
    rules: Travel,
    edges: Float,
    threads: int | None,
    report: OnStep,
) -> TravelNetwork:
    assert known.communes is not None
    codes, beyond = known.communes.categories.alias("commune"), 2 * len(edges)
    parts: list[CommunePairs] = []
    rows = replaced = 0
    assert known.limit is not None
    totals = _Totals(TablePairs(known.limit))
    for batch in _batches(source, known, totals):
        rows += batch.height
        report(f"reading travel times: {rows:,} pairs".replace(",", " "))
        pairs, count = commune_pairs(batch, rules, edges)
        replaced += count
        for part in pairs:
            # Times to oneself stay even if out of reach: a commune that has one gets no other.
            within = (part.bands != beyond) | (part.origin == part.destination)
            parts.append(
                CommunePairs(part.origin[within], part.destination[within], part.bands[within])
            )
    report("sorting pairs into rows")
    left_out = rows - sum(len(part.bands) for part in parts)
    network = _connect(codes, parts, rules, edges, threads, left_out, replaced)
    if _are_repeated(network, parts):
        # Which are the same is known from reading the table again, whole.
        table, noted = _checked(source, known)
        parts, replaced = commune_pairs(table, rules, edges)
        network = _connect(codes, parts, rules, edges, threads, 0, replaced)
    else:
        noted = totals.check(known.limit)
    return replace(network, notes=(*noted, *network.notes))


@dataclass
class _Totals:
    """What is counted over all batches: rows in doubt, and pairs of different communes."""

    pairs: TablePairs
    apart: int = 0
    zeros: list[pl.DataFrame] = field(default_factory=list)

    def check(self, limit: Limit) -> list[Note]:
        """Return the notes of the table, or raise its faults, as `_checked` does."""
        if not self.pairs.rows:
            raise InputDataError(none_within(TRAVEL_TIMES.name, limit))
        faults, notes = list[Fault](), list[Note]()
        if self.zeros:
            zeros = pl.concat(self.zeros)
            faults, notes = check_zero_times(TRAVEL_TIMES.name, zeros, self.apart)
        if faults:
            raise InputDataError(faults)
        return [*self.pairs.notes(), *notes]


def _connect(
    codes: pl.Series, parts: list[CommunePairs], rules: Travel, edges: Float, threads: int | None,
    left_out: int, replaced: int,
) -> TravelNetwork:  # fmt: skip
    own, long = own_pairs(parts, len(codes), rules, edges)
    return connect(codes, [*parts, own], rules, edges, threads, left_out, replaced, long)


def _batches(source: Source, known: Categories, totals: _Totals) -> Iterator[pl.DataFrame]:
    """Read a table by batches; if one has a fault, raise all faults of the table."""
    faults, plan = plan_reading(TRAVEL_TIMES, source, known)
    if faults or plan is None or known.limit is None:
        raise InputDataError(faults)
    pairs, rows = totals.pairs, 0
    minutes, apart = pl.col("minutes"), pl.col("origin") != pl.col("destination")
    within, free = known.limit.within(minutes), apart & (minutes == 0)
    given = source.frame.select(TRAVEL_TIMES.names)
    for raw in given.collect_batches(engine="streaming", maintain_order=True):
        part = replace(source, frame=raw.lazy())
        reading = plan_reading(TRAVEL_TIMES, part, known)[1]
        assert reading is not None
        batch, rows = reading.collect(), rows + raw.height
        if batch.select(_is_sound()).item():
            pairs.rows += batch.select((within | ~apart).sum()).item()
        else:
            batch, faults = pairs.add(batch, part, known.communes)
            if faults:
                # Those of the whole table, with its rows.
                _checked(source, known)
        close, zero = batch.select(close=(within & apart).sum(), zero=free.any()).row(0)
        totals.apart += close
        if zero:
            totals.zeros.append(batch.filter(free).select("origin", "destination"))
        yield batch
    if not rows:
        _checked(source, known)
    if faults := pairs.faults():
        raise InputDataError(faults)


def _is_sound() -> pl.Expr:
    """Return whether all codes of a batch are known, and all times valid."""
    minutes = pl.col("minutes")
    return pl.all_horizontal(
        pl.col("origin", "destination").is_not_null().all(),
        (minutes.is_finite() & (minutes >= 0)).fill_null(False).all(),
    )


def _are_repeated(network: TravelNetwork, parts: Sequence[CommunePairs]) -> bool:
    """Return whether a pair is on several rows; in sorted rows they are neighbours."""
    rows, repeats = network.by_origin, np.zeros(4, dtype=np.int64)
    kernels.find_repeats(rows.pointers, rows.pairs, len(network.communes), repeats)
    if repeats[0]:
        return True
    # Times of communes to themselves that are beyond reach are in no row.
    own = [part.origin[part.origin == part.destination] for part in parts]
    given = np.concatenate([np.empty(0, dtype=np.uint32), *own])
    return len(np.unique(given)) < len(given)


def _vintage(source: Source, asked: int | None, communes: bool) -> int | None:
    """Return the year of the codes, as asked or as the imports of the tables recorded it."""
    if source.path is None:
        return asked
    imports = read_provenance(source.path.parent)
    if isinstance(imports, Fault):
        raise InputDataError(imports)
    used = {TRAVEL_TIMES.name, COMMUNES.name} if communes else {TRAVEL_TIMES.name}
    own = [
        {**entry, "tables": tables}
        for entry in imports
        if (tables := [table for table in entry["tables"] if table["table"] in used])
    ]
    faults, _ = check_provenance(own, {})
    recorded = {entry["vintage"] for entry in own if entry.get("vintage")}
    if asked and not faults and recorded - {asked}:
        details = {"recorded": tuple(recorded), "asked": asked}
        code = "network.vintage_mismatch"
        faults = [Fault(code, TRAVEL_TIMES.name, details=details)]
    if faults:
        raise InputDataError(faults)
    return asked or next(iter(recorded), None)
