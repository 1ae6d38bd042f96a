"""Travel times of any size to a prepared network: read in batches, only pairs within reach kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from .. import kernels
from ..columns import numbers, places
from ..errors import Fault, InputDataError
from ..inputs.provenance import PROVENANCE, check_provenance, read_provenance
from ..inputs.tables import Source, open_table, open_tables
from ..inputs.validate import Known, check_table, plan_of
from ..kernels.threads import check_threads
from ..kernels.types import Float
from ..method.network import TravelNetwork, build_network, connect, edges_of, own_pairs
from ..method.result import OnStep
from ..method.sparse_rows import MOST_PLACES, PlacePairs, time_bands
from ..methodology import DEFAULT, load_methodology
from ..methodology.model import Methodology, Travel
from ..notes import Note, first
from ..schemas import TRAVEL_TIMES

Given = str | Path | object


def prepare_network(
    travel_times: Given,
    communes: Given | None = None,
    methodology: str | Path | Methodology | None = None,
    *,
    reach: float | None = None,
    vintage: int | None = None,
    threads: int | None = None,
    on_step: OnStep | None = None,
) -> TravelNetwork:
    """Make a network of a table of travel times, once for all runs on it.

    Rows are read in batches, and nine bytes kept of each pair within reach until it is in its row;
    the network itself takes eight.

    Parameters
    ----------
    travel_times : a table travel_times, or a folder of tables that holds it.
    communes : what its places are: a table with a column ``commune``. Where None, the table
        communes beside the travel times; where there is none, the codes of these themselves.
    methodology : for its section ``travel``; mk-2024 where None.
    reach : pairs farther than this are left out, minutes; the end of the last step where None.
    vintage : year of the codes; what `apl import` left beside the table where None.
    threads : how many may work; the result is the same for any number.
    on_step : called with a few words as each step begins.

    Returns
    -------
    TravelNetwork
        Its `source` tells file and vintage.

    Raises
    ------
    InputDataError
        A table is wrong, or of another vintage than is told; lists every fault.
    MethodologyError
        The methodology is.
    ValueError
        `reach` is below the last step, or too far to tell all its minutes apart.
    """
    told = on_step or (lambda _: None)
    rules = (
        methodology
        if isinstance(methodology, Methodology)
        else load_methodology(methodology or DEFAULT)
    )
    edges = edges_of(rules.travel, reach)
    check_threads(threads)
    given, beside = _located(travel_times)
    source = open_table(TRAVEL_TIMES.name, given, TRAVEL_TIMES.names)
    told("reading the codes of communes")
    codes, notes, faults = _codes(source, communes if communes is not None else beside)
    if isinstance(source, Fault):
        faults = [source, *faults]
    if faults or isinstance(source, Fault):
        raise InputDataError(faults)
    origin = _origin(source, vintage, communes is None and beside is not None)
    dtype = pl.Enum(codes)
    known = Known(communes=dtype)
    told("reading travel times")
    if (rules.travel.two_way_pairs, rules.travel.one_way_pairs) != ("as_given", "as_given"):
        # Both ways of a pair must be known before either has its time.
        table = pl.DataFrame({"commune": codes.cast(dtype)})
        network = build_network(_checked(source, known), table, rules, reach=reach, threads=threads)
    else:
        network = _streamed(source, known, rules.travel, edges, threads, told)
    return replace(network, source=origin, notes=(*notes, *network.notes))


def _located(given: Given) -> tuple[Given, Path | None]:
    """Return the table of travel times, and that of communes beside it where there is one."""
    if not isinstance(given, str | Path):
        return given, None
    path = Path(given)
    folder = path if path.is_dir() else path.parent
    sources, _ = open_tables(folder, {"communes": ["commune"]})
    beside = sources["communes"].path if "communes" in sources else None
    if not path.is_dir():
        return path, beside
    found, faults = open_tables(folder, {TRAVEL_TIMES.name: TRAVEL_TIMES.names})
    if faults:
        raise InputDataError(faults)
    return found[TRAVEL_TIMES.name].path, beside


def _codes(
    source: Source | Fault, communes: Given | None
) -> tuple[pl.Series, list[Note], list[Fault]]:
    """Return the codes that a network is of, sorted; what is to be said; and what is wrong."""
    none = pl.Series("commune", [], dtype=pl.String)
    if communes is None:
        if isinstance(source, Fault):
            return none, [], []
        there = [
            source.frame.select(commune=pl.col(name).cast(pl.String).unique())
            for name in ("origin", "destination")
            if name in source.frame.collect_schema()
        ]
        found = pl.collect_all(there, engine="streaming")
        codes = pl.concat([none.to_frame(), *found])["commune"].unique().drop_nulls().sort()
        text = "communes are those of travel_times: no table of communes was given"
        return (
            codes,
            [Note("communes_of_pairs", len(codes), details={"text": f"{len(codes)} {text}"})],
            [],
        )
    opened = open_table("communes", communes, ["commune"])
    if isinstance(opened, Fault):
        return none, [], [opened]
    names = opened.frame.collect_schema().names()
    if "commune" not in names:
        hint = f"It has {', '.join(names)}."
        return (
            none,
            [],
            [
                Fault(
                    code="legacy.fault",
                    table="communes",
                    column="commune",
                    details={"problem": "the column is missing", "hint": hint},
                )
            ],
        )
    column = opened.frame.select(pl.col("commune").cast(pl.String)).collect().to_series()
    return column.sort(), [], _code_faults(column)


def _code_faults(column: pl.Series) -> list[Fault]:
    faults = []
    if empty := column.null_count():
        faults.append(
            Fault(
                code="legacy.fault",
                table="communes",
                column="commune",
                count=empty,
                details={"problem": "no value", "hint": "Fill it in."},
            )
        )
    twice = column.drop_nulls().filter(column.drop_nulls().is_duplicated()).unique().sort()
    if len(twice):
        problem = "the same commune stands in several rows"
        faults.append(Fault(code="legacy.fault", table="communes", column="commune", count=len(twice), values=first(twice, 3), details={"problem": problem, "hint": "Keep one."}))  # fmt: skip
    return faults


def _checked(source: Source, known: Known) -> pl.DataFrame:
    """Return the whole table, or all that is wrong with it."""
    checked = check_table(TRAVEL_TIMES, source, known)
    if checked.faults or checked.frame is None:
        raise InputDataError(checked.faults)
    return checked.frame


def _streamed(
    source: Source,
    known: Known,
    rules: Travel,
    edges: Float,
    threads: int | None,
    told: OnStep,
) -> TravelNetwork:
    assert known.communes is not None
    codes, beyond = known.communes.categories.alias("commune"), 2 * len(edges)
    parts: list[PlacePairs] = []
    rows = 0
    for batch in _batches(source, known):
        rows += batch.height
        told(f"reading travel times: {rows:,} pairs".replace(",", " "))
        part = _pairs(batch, rules, edges)
        kept = part.bands != beyond
        parts.append(PlacePairs(part.origin[kept], part.destination[kept], part.bands[kept]))
    told("sorting pairs into rows")
    own = own_pairs(parts, len(codes), rules, edges)
    left_out = rows - sum(len(part.bands) for part in parts)
    network = connect(codes, [*parts, own], rules, edges, threads, left_out)
    _refuse_repeated(network)
    return network


def _batches(source: Source, known: Known) -> Iterator[pl.DataFrame]:
    """Read a table by batches; where one has a fault, tell all there are in the table."""
    faults, plan = plan_of(TRAVEL_TIMES, source, known)
    if faults or plan is None:
        raise InputDataError(faults)
    rows = 0
    for batch in plan.collect_batches(engine="streaming", maintain_order=True):
        sound = batch.select(
            pl.all_horizontal(
                pl.col("origin", "destination").is_not_null().all(),
                (pl.col("minutes").is_finite() & (pl.col("minutes") >= 0)).fill_null(False).all(),
            )
        ).item()
        if not sound:
            _checked(source, known)
        rows += batch.height
        yield batch
    if not rows:
        _checked(source, known)


def _pairs(batch: pl.DataFrame, rules: Travel, edges: Float) -> PlacePairs:
    origin, destination = places(batch["origin"]), places(batch["destination"])
    minutes = numbers(batch["minutes"])
    if rules.same_commune == "always":
        minutes = np.where(origin == destination, float(rules.same_commune_minutes), minutes)
    return PlacePairs(origin, destination, time_bands(minutes, edges))


def _refuse_repeated(network: TravelNetwork) -> None:
    """Refuse pairs within reach that stand on several rows; in sorted rows they are neighbours."""
    rows, found = network.by_origin, np.zeros(4, dtype=np.int64)
    kernels.find_repeats(rows.pointers, rows.pairs, len(network.communes), found)
    if not found[0]:
        return
    codes = network.communes
    shown = [
        f"{codes[int(np.searchsorted(rows.pointers, at, side='right')) - 1]} / "
        f"{codes[int(rows.pairs[at] & (MOST_PLACES - 1))]}"
        for at in found[1 : 1 + min(int(found[0]), 3)]
    ]
    problem = "the same origin and destination stands in several rows"
    hint = f"A row is {TRAVEL_TIMES.row}. {TRAVEL_TIMES.twice}"
    fault = Fault(
        code="legacy.fault",
        table=TRAVEL_TIMES.name,
        column=None,
        count=int(found[0]),
        values=tuple(shown),
        details={"problem": problem, "hint": hint},
    )
    raise InputDataError([fault])


def _origin(source: Source, vintage: int | None, communes: bool) -> dict[str, Any]:
    """Return where travel times come from, as plain values; see `TravelNetwork`."""
    year, stamp = _vintage(source, vintage, communes), source.stamp
    files = [{"file": stamp.name, "bytes": stamp.size, "sha256": stamp.sha256}] if stamp else []
    return {"vintage": year, "files": files}


def _vintage(source: Source, told: int | None, communes: bool) -> int | None:
    """Return the year of the codes, as told or as the imports of the tables used know it."""
    if source.path is None:
        return told
    imports = read_provenance(source.path.parent)
    if isinstance(imports, Fault):
        raise InputDataError([imports])
    used = {TRAVEL_TIMES.name, "communes"} if communes else {TRAVEL_TIMES.name}
    own = [
        {**entry, "tables": tables}
        for entry in imports
        if (tables := [table for table in entry["tables"] if table["table"] in used])
    ]
    faults, _ = check_provenance(own, {})
    known = {entry["vintage"] for entry in own if entry.get("vintage")}
    if told and not faults and known - {told}:
        years = ", ".join(map(str, known))
        hint = f"Say --vintage {years}, or bring the table to {told} first."
        problem = f"its codes are of {years} by {PROVENANCE}, not of {told}"
        faults = [
            Fault(
                code="legacy.fault",
                table=TRAVEL_TIMES.name,
                details={"problem": problem, "hint": hint},
            )
        ]
    if faults:
        raise InputDataError(faults)
    return told or next(iter(known), None)
