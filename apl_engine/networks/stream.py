"""Travel times of any size to a prepared network: read in batches, pairs out of reach dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from numbers import Real
from pathlib import Path

import numpy as np
import polars as pl

from .. import kernels
from ..errors import Fault, InputDataError, Note, OnStep, check_arguments, check_threads
from ..inputs.named_columns import NamedColumns
from ..inputs.tables import Source, stamp_of
from ..inputs.travel_times import Limit, TablePairs, check_times
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
from ..schemas import TRAVEL_TIMES
from ..steps import announce
from .islands import island_notes
from .reading import (
    Given,
    Located,
    Piece,
    Totals,
    codes_of,
    in_order,
    locate,
    open_times,
    pieces_of,
    read_piece,
    vintage_of,
)


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
        A table travel_times, or a folder of tables that holds it; or the files of a data set: their
        folder, or a pattern such as ``times/*.parquet``.
    communes : str, Path or object, optional
        The communes of the network: a table with a column ``commune``, which may hold any codes
        that can be printed, such as those of squares. By default, the table
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
    located = locate(travel_times)
    beside = located.beside()
    named = NamedColumns.of(columns)
    source, sources = _opened(located, named)
    report("reading the codes of communes")
    codes, notes, faults = codes_of(sources, communes if communes is not None else beside, named)
    if named is not columns:
        faults += named.faults("travel_times")
    if isinstance(source, Fault):
        raise InputDataError([source, *faults])
    if faults:
        raise InputDataError(faults)
    check_size(len(codes))
    # Before the digest, which takes a while.
    year = vintage_of(located.folder, vintage, communes is None and beside is not None)
    files = _stamps(source, located)
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
        network = _streamed(source, sources, known, rules.travel, edges, threads, report)
    islands = island_notes(network)
    report("ordering communes")
    network = network.laid_out(threads).keeping(rules)
    notes = [*notes, *network.notes, *islands]
    return replace(network, source={"vintage": year, "files": files}, notes=tuple(notes))


def _opened(located: Located, named: NamedColumns) -> tuple[Source | Fault, list[Source]]:
    """Open a table, or the files of a data set: as one table, and each."""
    if isinstance(located.tables, Fault):
        return located.tables, []
    opened = [open_times(given, named) for given in located.tables]
    if faults := [source for source in opened if isinstance(source, Fault)]:
        return faults[0], []
    sources = [source for source in opened if isinstance(source, Source)]
    if len(sources) == 1:
        return sources[0], sources
    frames = [source.frame.select(TRAVEL_TIMES.names) for source in sources]
    frame = pl.concat(frames, how="vertical_relaxed")
    return replace(sources[0], frame=frame, path=None, format="frame"), sources


def _stamps(source: Source, located: Located) -> list[dict[str, object]]:
    """Return the files of travel times with their digests."""
    stamps = [source.stamp] if source.path else []
    if located.names:
        assert not isinstance(located.tables, Fault)
        paths = (path for path in located.tables if isinstance(path, Path))
        stamps = [replace(stamp_of(path), name=name)
                  for path, name in zip(paths, located.names, strict=True)]  # fmt: skip
    return [{"file": s.name, "bytes": s.size, "sha256": s.sha256} for s in stamps if s]


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
    sources: Sequence[Source],
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
    totals = Totals(TablePairs(known.limit))
    for batch in _batches(source, sources, known, totals, threads):
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


def _connect(
    codes: pl.Series, parts: list[CommunePairs], rules: Travel, edges: Float, threads: int | None,
    left_out: int, replaced: int,
) -> TravelNetwork:  # fmt: skip
    own, long = own_pairs(parts, len(codes), rules, edges)
    return connect(codes, [*parts, own], rules, edges, threads, left_out, replaced, long)


def _batches(
    source: Source,
    sources: Sequence[Source],
    known: Categories,
    totals: Totals,
    threads: int | None,
) -> Iterator[pl.DataFrame]:
    """Read a table, or its files, by pieces; if one has a fault, raise all faults of the table."""
    for each in sources:
        faults, plan = plan_reading(TRAVEL_TIMES, each, known)
        if faults or plan is None:
            raise InputDataError(faults)
    given = ((each, rows) for each in sources for rows in pieces_of(each))
    work = partial(_piece, known)
    for piece in in_order(work, given, min(threads or 2, 2)):
        if piece.faults:
            # Those of the whole table, with its rows.
            _checked(source, known)
        totals.add(piece.totals)
        yield piece.rows
    if not totals.read:
        _checked(source, known)
    if faults := totals.pairs.faults():
        raise InputDataError(faults)


def _piece(known: Categories, given: tuple[Source, pl.DataFrame]) -> Piece:
    return read_piece(*given, known)


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
