"""A run described in one file: which publishers' files it takes, and how."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError, OnStep, check_arguments
from ..inputs.imported import Imported
from ..methodology.model import Methodology
from ..schemas import COMMUNES, INPUTS
from ..small_files import read_small_file
from ..steps import announce
from .kinds import TABLES, checked_communes, import_files
from .vintage import VintageChange, convert_vintage

# The mesh comes first: its population weights the parts of communes that were split.
_SECTIONS: Mapping[str, frozenset[str]] = {
    "mesh": frozenset({"files", "vintage", "columns", "urban_units", "urban_units_year"}),
    "population": frozenset({"files", "vintage", "columns", "year"}),
    "distancier": frozenset({"files", "vintage", "columns", "unit", "period"}),
    "activity": frozenset({"files", "register", "vintage", "columns", "keep", "year"}),
}
# Options that name a further file.
_FILES = {"register", "urban_units"}
_TOP = {
    "columns", "methodology", "movements", "network", "passage", "tables", "vintage", "year",
    *_SECTIONS,
}  # fmt: skip


@dataclass(frozen=True)
class RunFile:
    """What a run file says.

    Attributes
    ----------
    path : Path
        The file; its paths are relative to its folder.
    methodology : str or None
        Id or path.
    sections : mapping of str to mapping
        Per kind of import, its files and options.
    tables : mapping of str to Path
        Tables that are ready, by name.
    vintage_change : mapping of str to object
        ``to`` (a year), ``movements`` and ``passage`` (files), those that are given.
    network : Path or None
        A prepared network, in place of travel times.
    year : int or None
        Of the activity, see `for_year`; by default that of the methodology.
    columns : mapping of str to str
        What the tables that are ready call columns, by ours; see `read_inputs`.
    """

    path: Path
    methodology: str | None
    sections: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Path]
    vintage_change: Mapping[str, Any]
    network: Path | None = None
    year: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@check_arguments(path=(str, Path))
def read_run_file(path: str | Path) -> RunFile:
    """Read a run file.

    Parameters
    ----------
    path : str or Path
        A TOML file with sections ``[mesh]``, ``[population]``, ``[distancier]``, ``[activity]``,
        each with ``files`` and the options of that import (``[activity.columns]`` and the like are
        tables of ours = theirs), ``[tables]`` for tables that are ready, and ``[columns]`` for what
        these call columns (``[columns.practitioners]`` for one of them); at the top
        ``methodology``, ``year`` (of the activity), ``vintage`` and ``movements`` or ``passage``,
        and ``network`` for a prepared one in place of ``[distancier]``. Paths are relative to its
        folder.

    Returns
    -------
    RunFile

    Raises
    ------
    InputDataError
        It is not TOML, or has unknown keys or wrong values; lists all of them.
    """
    place = Path(path)
    try:
        document = tomllib.loads(read_small_file(place).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        details = {"reason": str(getattr(error, "strerror", None) or error)}
        raise InputDataError(Fault("run_file.not_toml", place.name, details=details)) from error
    if faults := list(_faults(place.name, document)):
        raise InputDataError(faults)
    folder = place.parent
    methodology = document.get("methodology")
    if methodology is not None and methodology.endswith(".toml"):
        methodology = str(folder / methodology)
    files = {k: folder / path for k, path in document.items() if k in ("movements", "passage")}
    return RunFile(
        place,
        methodology,
        {kind: _resolve(folder, document[kind]) for kind in _SECTIONS if kind in document},
        {name: folder / file for name, file in document.get("tables", {}).items()},
        {"to": document.get("vintage"), **files},
        folder / document["network"] if "network" in document else None,
        document.get("year"),
        dict(_columns(document.get("columns", {}))),
    )


def _columns(section: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield ours and theirs; ours as TABLE.NAME if it is of one table."""
    for ours, theirs in section.items():
        if isinstance(theirs, Mapping):
            yield from ((f"{ours}.{name}", column) for name, column in theirs.items())
        else:
            yield ours, theirs


@check_arguments(run_file=RunFile)
def refuse_two_sources(run_file: RunFile, network: object) -> None:
    """Refuse a prepared network beside a run file that names travel times.

    Parameters
    ----------
    run_file : RunFile
        As from `read_run_file`.
    network : object
        The network, or None.

    Raises
    ------
    InputDataError
        Both are given.
    """
    given = {*run_file.sections, *run_file.tables}
    if network is not None and (faults := list(_two_sources(run_file.path.name, given))):
        raise InputDataError(faults)


def _two_sources(name: str, given: set[str]) -> Iterator[Fault]:
    """Yield a fault for each source of travel times beside a prepared network."""
    for source, key in (("distancier", "distancier"), ("travel_times", "tables.travel_times")):
        if source in given:
            yield Fault("run_file.network_and_travel_times", name, key=key)


def _faults(name: str, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield every fault of the keys and values of a run file."""

    def fault(kind: str, key: str | None, **details: object) -> Fault:
        return Fault(kind, name, key=key, details=details)

    tables = _mapping(document.get("tables"))
    if not isinstance(document.get("tables", {}), Mapping):
        yield fault("run_file.not_a_section", "tables")
    for key in sorted(document.keys() - _TOP):
        yield fault("run_file.unknown_key", key, known=tuple(sorted(_TOP)))
    for kind, options in _SECTIONS.items():
        if kind in document:
            for code, key, details in _section_faults(document[kind], options):
                yield fault(code, f"{kind}.{key}" if key else kind, **details)
    for table in tables:
        if table not in INPUTS:
            yield fault("run_file.unknown_table", f"tables.{table}", tables=tuple(INPUTS))
    for kind in _SECTIONS:
        for table in sorted(TABLES[kind] & tables.keys()) if kind in document else ():
            yield fault("run_file.table_twice", f"tables.{table}", section=kind)
    if "network" in document:
        yield from _two_sources(name, {*document, *tables})
    columns = document.get("columns", {})
    if not isinstance(columns, Mapping) or not _is_list_of_text(
        [theirs for _, theirs in _columns(columns)]
    ):
        yield fault("run_file.not_a_map_of_columns", "columns")
    texts = {key: document[key] for key in ("methodology", "movements", "network", "passage")
             if key in document}  # fmt: skip
    texts |= {f"tables.{table}": file for table, file in tables.items()}
    for key, value in texts.items():
        if not isinstance(value, str):
            yield fault("run_file.not_text", key)
    for key in ("vintage", "year"):
        if not _is_year(document.get(key, 0)):
            yield fault("run_file.not_a_year", key)
    if "vintage" not in document and {"movements", "passage"} & document.keys():
        yield fault("run_file.no_target_year", None)


def _section_faults(
    section: Any, options: frozenset[str]
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield code, key and details of every fault of a section."""
    if not isinstance(section, Mapping):
        yield "run_file.not_a_section", "", {}
        return
    for key in sorted(section.keys() - options):
        yield "run_file.unknown_key", key, {"known": tuple(sorted(options))}
    if not section.get("files") or not _is_list_of_text(section["files"]):
        yield "run_file.not_a_list_of_files", "files", {}
    if "register" in options and not isinstance(section.get("register"), str):
        yield "run_file.no_register", "register", {}
    for key in ("urban_units", "unit", "period"):
        if not isinstance(section.get(key, ""), str):
            yield "run_file.not_text", key, {}
    for key in ("year", "vintage", "urban_units_year"):
        if not _is_year(section.get(key, 0)):
            yield "run_file.not_a_year", key, {}
    columns, keep = section.get("columns", {}), section.get("keep", {})
    if not isinstance(columns, Mapping) or not _is_list_of_text(list(columns.values())):
        yield "run_file.not_a_map_of_columns", "columns", {}
    if not isinstance(keep, Mapping) or not all(
        isinstance(value, str) or _is_list_of_text(value) for value in keep.values()
    ):
        yield "run_file.not_a_map_of_values", "keep", {}


def _codes(communes: pl.DataFrame | Path | None) -> pl.Series | None:
    """Return the codes of a table communes; None if it is wrong, which is reported later."""
    if isinstance(communes, Path):
        try:
            communes = checked_communes(communes)[0]
        except InputDataError:
            return None
    return None if communes is None else communes["commune"]


def _is_year(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _resolve(folder: Path, section: Mapping[str, Any]) -> dict[str, Any]:
    """Make the paths of a section relative to the folder of the run file."""
    resolved = {**section, "files": [folder / file for file in section["files"]]}
    for key in _FILES & section.keys():
        resolved[key] = folder / section[key]
    return resolved


@check_arguments(run_file=RunFile, methodology=Methodology)
def gather(
    run_file: RunFile, methodology: Methodology, on_step: OnStep | None = None
) -> tuple[dict[str, pl.DataFrame | Path], list[Imported]]:
    """Import all files that a run file names, and convert them to one vintage.

    Parameters
    ----------
    run_file : RunFile
        As from `read_run_file`.
    methodology : Methodology
        See `import_files`.
    on_step : callable, optional
        Called with a few words as each import begins.

    Returns
    -------
    dict of str to polars.DataFrame or Path
        The tables for `read_inputs`, by name.
    list of Imported
        How each import came about.

    Raises
    ------
    InputDataError
        Every fault of every file.
    """
    given = run_file.vintage_change
    change = None
    if {"movements", "passage"} & given.keys():
        change = VintageChange.by(given["to"], given.get("movements"), given.get("passage"))
    tables: dict[str, pl.DataFrame | Path] = dict(run_file.tables)
    imports: list[Imported] = []
    faults: list[Fault] = []
    weights = None
    for kind in _SECTIONS:
        if kind not in run_file.sections:
            continue
        announce(f"importing {kind}", on_step)
        options = dict(run_file.sections[kind])
        if kind == "activity" and options.get("year") not in (None, methodology.year):
            details = {"year": options["year"], "wanted": methodology.year}
            name, key = run_file.path.name, "activity.year"
            faults.append(Fault("run_file.other_year", name, key=key, details=details))
            continue
        if kind == "mesh":
            options["change"] = change
        if kind == "activity":
            options["on_step"] = on_step
        if kind == "distancier" and not change:
            options["communes"] = _codes(tables.get(COMMUNES.name))
        try:
            made = import_files(kind, options.pop("files"), methodology, **options)
            made = convert_vintage(made, change, methodology, weights=weights) if change else made
        except InputDataError as error:
            faults += error.faults
            continue
        imports.append(made)
        tables |= made.tables
        if kind == "mesh":
            weights = made.tables["communes"].select("commune", "name", "population")
    vintages = {made.kind: made.vintage for made in imports if made.vintage}
    if len(set(vintages.values())) > 1:
        details = {"vintages": tuple(f"{kind} {year}" for kind, year in vintages.items())}
        faults.append(Fault("run_file.several_vintages", run_file.path.name, details=details))
    if faults:
        # A fault of the events of communes comes with every import.
        raise InputDataError(dict.fromkeys(faults))
    return tables, imports
