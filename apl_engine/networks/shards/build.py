"""Travel times of any size to a network in parts, within the memory that is given."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import partial
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ..._version import __version__
from ...errors import (
    Fault,
    InputDataError,
    MethodologyError,
    Note,
    OnStep,
    OutputError,
    check_arguments,
    check_threads,
)
from ...geography.hilbert import hilbert_order
from ...inputs.codes import TextTable
from ...inputs.named_columns import NamedColumns
from ...inputs.tables import open_file
from ...inputs.travel_times import Limit
from ...kernels.types import Index
from ...method.network import (
    TravelNetwork,
    built_by_of,
    check_size,
    edges_of,
    other_ends_of,
    weights_of,
)
from ...method.network_notes import CountedPairs, Outcome, network_notes
from ...methodology import DEFAULT, load_methodology
from ...methodology.model import Methodology
from ...readers.coordinates import read_coordinates
from ...results.atomic_file import refuse_taken
from ...results.atomic_folder import whole_folder
from ...schemas import TRAVEL_TIMES
from ...steps import announce
from ..file import SUFFIX, load_network
from ..islands import notes_of_islands
from ..reading import Given, codes_of, rows_of, vintage_of
from ..structure import CODES, ORDER
from .arrange import Arranging
from .collect import Collecting, Plan
from .inputs import InputFile, InputFiles, find_inputs
from .limits import Limits, bytes_of
from .manifest import FORMAT, MANIFEST, kind_of, manifest_bytes
from .parts import write_part
from .work import Work, folder_of

_COORDINATES = ("commune", "lat", "lon")


@check_arguments(
    path=(str, Path), methodology=(str, Path, Methodology, None), reach=(Real, None),
    vintage=(int, None), memory=(int, str), coordinates=(str, Path, None),
)  # fmt: skip
def build_shards(
    travel_times: Given,
    path: str | Path,
    communes: Given | None = None,
    methodology: str | Path | Methodology | None = None,
    *,
    memory: int | str,
    coordinates: str | Path | None = None,
    reach: float | None = None,
    vintage: int | None = None,
    replace: bool = False,
    threads: int | None = None,
    columns: NamedColumns | Mapping[str, str] | None = None,
    on_step: OnStep | None = None,
) -> TravelNetwork:
    """Build a network in parts from travel times of any size, within a given memory.

    Pairs are read a million at a time, spooled to a hidden folder beside `path`, eight bytes each,
    and sorted there a part at a time. A build that was stopped, by whatever, goes on where it was
    if it is called again with the same inputs and options, and ends with the same bytes.

    Parameters
    ----------
    travel_times : str, Path or object
        As for `prepare_network`; or an address that fsspec knows, such as ``s3://bucket/times``, of
        a file, a folder or a pattern (extra ``cluster``).
    path : str or Path
        The folder to write, ending in ``.aplnet``; it appears whole.
    communes, methodology, reach, vintage, columns, on_step
        As for `prepare_network`. Rules that combine both ways of a pair need a network in memory.
    memory : int or str
        What the process may take, in bytes or such as ``"2GiB"``: interpreter and libraries
        included, pages of files that the system keeps not.
    coordinates : str or Path, optional
        A table with a commune code, ``lat`` and ``lon``. Communes are then put in an order in which
        those near each other in space are near each other; otherwise in that of their codes. The
        better the order, the fewer bytes a run reads; results do not depend on it.
    replace : bool
        Whether an earlier network in parts is replaced.
    threads : int, optional
        Number of threads; the result is the same for any number.

    Returns
    -------
    TravelNetwork
        As from `load_network`.

    Raises
    ------
    InputDataError
        A table is wrong, with all its faults; or the memory is too little, and how much is needed.
    MethodologyError
        The methodology is wrong, or combines both ways of a pair.
    OutputError
        The path is taken or cannot be written to.

    Examples
    --------
    >>> from apl_engine.networks.shards import build_shards
    >>> build_shards("times/", "france.aplnet", "squares.parquet", memory="2GiB")  # doctest: +SKIP
    """
    output = _build(
        travel_times, path, communes, methodology, memory, coordinates, reach, vintage, replace,
        threads, columns, on_step,
    )  # fmt: skip
    # What building held is free by now.
    return load_network(output)


def _build(
    travel_times: Given, path: str | Path, communes: Given | None,
    methodology: str | Path | Methodology | None, memory: int | str,
    coordinates: str | Path | None, reach: float | None, vintage: int | None, replace: bool,
    threads: int | None, columns: NamedColumns | Mapping[str, str] | None, on_step: OnStep | None,
) -> Path:  # fmt: skip
    """Build a network, see `build_shards`, and return where it is."""
    report = partial(announce, on_step=on_step)
    rules = methodology or DEFAULT
    if not isinstance(rules, Methodology):
        rules = load_methodology(rules)
    check_threads(threads)
    travel, room = rules.travel, bytes_of(memory)
    edges = edges_of(travel, reach)
    if (travel.two_way_pairs, travel.one_way_pairs) != ("as_given", "as_given"):
        raise MethodologyError(Fault("network.both_ways_in_parts", rules.id, key="travel"))
    output = Path(os.path.abspath(path))
    _refuse_name(output)
    named = NamedColumns.of(columns)
    found = find_inputs(travel_times)
    report("reading the codes of communes")
    codes, notes = _codes(found, communes, named, folder_of(output))
    check_size(len(codes))
    limits = Limits.of(room, len(codes))
    year = vintage_of(found.folder, vintage, communes is None and found.beside is not None)
    order, more = _order(codes, coordinates, named)
    if named is not columns:
        _match_names(found, named, folder_of(output))
    limit = Limit.of(travel) if reach is None else Limit(reach, True)
    plan = Plan(codes, order, travel, edges, limit, named, threads)
    key = _key(found.files, plan, rules, limits, columns)
    with whole_folder(output, replace=replace, kind=kind_of(output)) as draft:
        work: Work | None = None
        try:
            work = Work(folder_of(output), key)
            described = _built(plan, found.files, work, limits, room, rules, report)
            described["source"] = {"vintage": year, "files": work.state.files}
            described["notes"] = [note.as_dict() for note in [*notes, *more]] + described["notes"]
            report("writing the network")
            _put(described, work.folder, draft)
        except InputDataError:
            if work:
                work.remove()
            raise
        except OSError as error:
            details = {"path": str(output), "reason": error.strerror or str(error),
                       "folder": str(folder_of(output))}  # fmt: skip
            raise OutputError(Fault("network.build_stopped", "output", details=details)) from error
    work.remove()
    return output


def _refuse_name(output: Path) -> None:
    if output.suffix != SUFFIX or not output.parent.is_dir():
        refuse_taken(output, True, (SUFFIX,))


def _codes(
    found: InputFiles, communes: Given | None, named: NamedColumns, folder: Path
) -> tuple[pl.Series, list[Note]]:
    """Return the codes of the communes, sorted, or raise the faults of their table."""
    given = communes if communes is not None else found.beside

    def sources() -> Any:
        for file in found.files:
            with file.opened(named, folder.with_suffix(".codes")) as source:
                yield source

    codes, notes, faults = codes_of(sources(), given, named)
    if faults:
        raise InputDataError(faults)
    return codes, notes


def _match_names(found: InputFiles, named: NamedColumns, folder: Path) -> None:
    """Open files until each column that was named is found, or raise the faults of names."""
    for file in found.files:
        with file.opened(named, folder.with_suffix(".codes")):
            pass
        if not named.rest().keys() & named.fields:
            break
    if faults := named.faults(TRAVEL_TIMES.name):
        raise InputDataError(faults)


def _order(
    codes: pl.Series, coordinates: str | Path | None, named: NamedColumns
) -> tuple[Index, list[Note]]:
    """Return the commune at each position; those without coordinates are last, by code."""
    if coordinates is None:
        return np.arange(len(codes), dtype=np.uint32), []
    path = Path(coordinates)
    opened = open_file("coordinates", path, list(_COORDINATES), named)
    if isinstance(opened, Fault):
        raise InputDataError(opened)
    if set(_COORDINATES) <= set(opened.frame.collect_schema().names()):
        degrees = (pl.col(name).cast(pl.Float64, strict=False) for name in _COORDINATES[1:])
        plan = opened.frame.select(pl.col("commune").cast(pl.String), *degrees)
        points = rows_of(opened, plan)
    else:
        points = read_coordinates(path, columns=named.given).tables["places"]
    finite = pl.all_horizontal(pl.col("lat", "lon").is_finite())
    points = points.filter(finite)
    # Found by a table of codes: a join takes several times its memory.
    rows = TextTable(codes).find(points["commune"])
    points, at = points.filter(rows.is_not_null()), rows.drop_nulls().to_numpy()
    lat, lon = np.full((2, len(codes)), np.nan)
    # Of several points, the first is kept.
    lat[at[::-1]], lon[at[::-1]] = points["lat"].to_numpy()[::-1], points["lon"].to_numpy()[::-1]
    placed = np.isfinite(lat)
    if not placed.any():
        raise InputDataError(Fault("network.no_coordinates", path.name))
    has, lacks = np.flatnonzero(placed), np.flatnonzero(~placed)
    order = np.concatenate([has[hilbert_order(lat[has], lon[has])], lacks]).astype(np.uint32)
    if not len(lacks):
        return order, []
    examples = tuple(codes[lacks[:3].tolist()].to_list())
    return order, [Note("network.without_coordinates", len(lacks), examples, warning=True)]


def _key(
    files: Sequence[InputFile], plan: Plan, rules: Methodology, limits: Limits, columns: Any
) -> str:
    """Return the digest of all that the network depends on."""
    digest = hashlib.sha256()
    given = dict(columns.given) if isinstance(columns, NamedColumns) else dict(columns or {})
    weights = weights_of(plan.rules, plan.edges).tolist()
    stated = [
        __version__, FORMAT, limits.pairs, [file.identity for file in files], weights,
        plan.edges.tolist(), built_by_of(plan.rules), given, plan.limit.minutes,
        plan.limit.included, plan.rules.denominator,
        [[name, change.tolist()] for name, change in other_ends_of(rules, plan.edges)],
    ]  # fmt: skip
    digest.update(json.dumps(stated).encode())
    digest.update(plan.order.tobytes())
    digest.update(plan.codes.hash().to_numpy().tobytes())
    return digest.hexdigest()


def _built(
    plan: Plan, files: Sequence[InputFile], work: Work, limits: Limits, memory: int,
    rules: Methodology, report: OnStep,
) -> dict[str, Any]:  # fmt: skip
    """Make the parts, and return what the manifest says but for the source."""
    weights = weights_of(plan.rules, plan.edges)
    changes = [np.flatnonzero(change) for _, change in other_ends_of(rules, plan.edges)]
    kept = sorted({int(band) for bands in changes for band in bands})
    collected = Collecting(plan, files, work, report)
    collected.run()
    arranged = Arranging(collected, work, limits, memory, weights, kept, report)
    arranged.run()
    counted = arranged.counted
    imputed = int(np.count_nonzero(collected.own.absent))
    outcome = Outcome(
        plan.codes, counted["pairs"], counted["alone"], imputed, work.state.replaced,
        collected.kept + imputed - counted["repeats"] - counted["pairs"],
        sorted(collected.own.long),
    )  # fmt: skip
    given = CountedPairs(collected.bands, collected.own_pairs)
    pairs = np.array(counted["islands"], dtype=np.int64).reshape(-1, 2)
    notes = [
        *collected.totals.check(plan.limit),
        *map(Note.from_dict, counted["notes"]),
        *network_notes(given, outcome, plan.rules, plan.edges),
        *(notes_of_islands(plan.codes, *pairs.T) if len(pairs) else ()),
    ]
    in_runs = counted["in_runs"] and counted["bytes"]["runs"] < counted["bytes"]["rows"]
    # No list of them: there may be millions.
    text = np.frombuffer(plan.codes.str.join("\n").item().encode(), dtype=np.uint8)
    places = write_part(work.folder, {CODES: text, ORDER: plan.order})
    parts = work.state.parts
    if not in_runs:
        parts = {way: [{**part, "runs": None} for part in parts[way]] for way in parts}
    layout = {
        "weights": weights.tolist(),
        "runs_per_row": counted["runs"] / (2 * plan.size),
        "bytes": counted["bytes"]["runs"],
    }
    described = {
        "format": FORMAT,
        "communes": plan.size,
        "pairs": counted["pairs"],
        "edges": plan.edges.tolist(),
        "built_by": built_by_of(plan.rules),
        "built_for": weights.tolist(),
        "layout": layout if in_runs else None,
        "band_counts": counted["bands"],
        "notes": [note.as_dict() for note in notes],
        "places": places.as_dict(),
        "parts": parts,
    }
    entries = [places.as_dict(), *(part[kind] for way in parts.values() for part in way
                                   for kind in ("rows", "runs") if part[kind])]  # fmt: skip
    sizes = {entry["file"]: entry["bytes"] for entry in entries}
    return {**described, "bytes": sum(sizes.values()), "files": sorted(sizes)}


def _put(described: dict[str, Any], work: Path, draft: Path) -> None:
    """Put the parts into the folder that appears; they stay in the other until it has."""
    for name in described.pop("files"):
        try:
            os.link(work / name, draft / name)
        except OSError:
            # A file system without links, or the same file twice.
            if not (draft / name).exists():
                os.replace(work / name, draft / name)
    (draft / MANIFEST).write_bytes(manifest_bytes(described))
