"""A run described in one file: which publishers' files it takes, and how."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError
from ..method.result import OnStep
from ..methodology.model import Methodology
from ..readers.common.imported import Imported
from ..schemas import INPUTS
from .kinds import TABLES, import_files
from .vintage import VintageChange, convert_vintage

_TOP = {"methodology", "network", "vintage", "movements", "passage", "tables"}
_SECTIONS: Mapping[str, frozenset[str]] = {
    "mesh": frozenset({"files", "vintage", "columns"}),
    "population": frozenset({"files", "vintage", "columns", "year"}),
    "distancier": frozenset({"files", "vintage", "columns", "unit", "period"}),
    "activity": frozenset({"files", "register", "vintage", "columns", "year"}),
}


@dataclass(frozen=True)
class RunFile:
    """What a run file says.

    Attributes
    ----------
    path : where it is; its paths are from there.
    methodology : id or path, None where it names none.
    sections : per kind of import, its files and options.
    tables : tables of ours that are given as they are, by name.
    moving : year, movements and passage, as written.
    network : a prepared network, in place of travel times.
    """

    path: Path
    methodology: str | None
    sections: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Path]
    moving: Mapping[str, Any]
    network: Path | None = None


def read_run_file(path: str | Path) -> RunFile:
    """Read a run file.

    Parameters
    ----------
    path : a TOML file with sections ``[mesh]``, ``[population]``, ``[distancier]``,
        ``[activity]``, each with ``files`` and the options of that import, and ``[tables]`` for
        tables that are ready; at the top ``methodology``, ``vintage`` and ``movements`` or
        ``passage``, and ``network`` for a prepared one in place of ``[distancier]``. Paths
        are from its folder.

    Returns
    -------
    RunFile

    Raises
    ------
    InputDataError
        It is no TOML, or has keys or values that mean nothing; all of them told.
    """
    place = Path(path)
    try:
        document = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=place.name,
                    details={"problem": f"cannot be read as TOML ({reason})"},
                )
            ]
        ) from error
    faults = _faults(place.name, document)
    if faults:
        raise InputDataError(faults)
    folder = place.parent
    methodology = document.get("methodology")
    if methodology is not None and methodology.endswith(".toml"):
        methodology = str(folder / methodology)
    return RunFile(
        place,
        methodology,
        {kind: _located(folder, document[kind]) for kind in _SECTIONS if kind in document},
        {name: folder / file for name, file in document.get("tables", {}).items()},
        {
            "to": document.get("vintage"),
            **{key: folder / document[key] for key in ("movements", "passage") if key in document},
        },
        folder / document["network"] if "network" in document else None,
    )


def refuse_two_sources(run_file: RunFile, network: object) -> None:
    """Refuse a prepared network beside a run file that names travel times."""
    if network is None:
        return
    given = {*run_file.sections, *run_file.tables}
    if faults := _two_sources(run_file.path.name, given):
        raise InputDataError(faults)


def _two_sources(name: str, given: set[str]) -> list[Fault]:
    """Return what gives travel times beside a prepared network."""
    places = {"distancier": "[distancier]", "travel_times": "[tables] travel_times"}
    return [
        Fault(
            code="legacy.fault",
            table=name,
            details={
                "problem": f"{place} and a prepared network both give travel times",
                "hint": "Keep one.",
            },
        )
        for key, place in places.items()
        if key in given
    ]


def _faults(name: str, document: Mapping[str, Any]) -> list[Fault]:
    """Return every key and value of a run file that means nothing."""
    known = ", ".join(sorted(_TOP | _SECTIONS.keys()))
    faults = [
        Fault(
            code="legacy.fault",
            table=name,
            details={"problem": f"unknown key '{key}'", "hint": f"Known: {known}."},
        )
        for key in document
        if key not in _TOP | _SECTIONS.keys()
    ]
    for kind, options in _SECTIONS.items():
        faults += _section_faults(name, kind, document.get(kind), options)
    faults += [
        Fault(
            code="legacy.fault",
            table=name,
            details={
                "problem": f"[tables] {table} is no table of ours",
                "hint": f"Tables: {', '.join(INPUTS)}.",
            },
        )
        for table in _mapping(document.get("tables"))
        if table not in INPUTS
    ]
    given = set(_mapping(document.get("tables")))
    faults += [
        Fault(code="legacy.fault", table=name, details={"problem": f"[tables] {', '.join(sorted(made & given))} would come from [{kind}] too", "hint": "Keep one of both."})
        for kind, made in TABLES.items()
        if kind in _SECTIONS and kind in document and made & given
    ]  # fmt: skip
    if "network" in document:
        faults += _two_sources(name, set(document) | given)
    texts = {key: document[key] for key in ("methodology", "movements", "network", "passage")
             if key in document}  # fmt: skip
    texts |= {f"[tables] {key}": value for key, value in _mapping(document.get("tables")).items()}
    faults += [
        Fault(
            code="legacy.fault",
            table=name,
            details={"problem": f"{key} is no text", "hint": "Write it in quotes."},
        )
        for key, value in texts.items()
        if not isinstance(value, str)
    ]
    if not isinstance(document.get("vintage", 0), int):
        faults.append(
            Fault(
                code="legacy.fault",
                table=name,
                details={"problem": "vintage is no year", "hint": "Write vintage = 2023."},
            )
        )
    if ("movements" in document or "passage" in document) and "vintage" not in document:
        problem = "movements or passage without the year to bring everything to"
        faults.append(
            Fault(
                code="legacy.fault",
                table=name,
                details={"problem": problem, "hint": "Add vintage = 2023."},
            )
        )
    return faults


def _section_faults(name: str, kind: str, section: Any, options: frozenset[str]) -> list[Fault]:
    if section is None:
        return []
    if not isinstance(section, Mapping):
        return [
            Fault(
                code="legacy.fault",
                table=name,
                details={
                    "problem": f"{kind} is no section",
                    "hint": f"Write [{kind}], then its keys.",
                },
            )
        ]
    hint = f"[{kind}] takes {', '.join(sorted(options))}."
    faults = [
        Fault(
            code="legacy.fault",
            table=name,
            details={"problem": f"[{kind}] unknown key '{key}'", "hint": hint},
        )
        for key in section
        if key not in options
    ]
    files = section.get("files")
    if not isinstance(files, list) or not files or not all(isinstance(f, str) for f in files):
        faults.append(
            Fault(
                code="legacy.fault",
                table=name,
                details={
                    "problem": f"[{kind}] files is no list of paths",
                    "hint": 'Write files = ["a.csv"].',
                },
            )
        )
    if "register" in options and not isinstance(section.get("register"), str):
        problem = f"[{kind}] has no register of practitioners"
        faults.append(
            Fault(
                code="legacy.fault",
                table=name,
                details={"problem": problem, "hint": 'Write register = "register.csv".'},
            )
        )
    return faults


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _located(folder: Path, section: Mapping[str, Any]) -> dict[str, Any]:
    """Give the paths of a section from the folder of the run file."""
    located = {**section, "files": [folder / file for file in section["files"]]}
    if "register" in section:
        located["register"] = folder / section["register"]
    return located


def gather(
    run_file: RunFile, methodology: Methodology, on_step: OnStep | None = None
) -> tuple[dict[str, pl.DataFrame | Path], list[Imported]]:
    """Import all files that a run file names, and bring them to one vintage.

    Parameters
    ----------
    run_file : as from `read_run_file`.
    methodology : see `import_files`.
    on_step : called with a few words as each import begins.

    Returns
    -------
    dict, list of Imported
        The tables for `read_inputs`, by name; and how each import came about.

    Raises
    ------
    InputDataError
        Every fault of every file.
    """
    moving = None
    if {"movements", "passage"} & run_file.moving.keys():
        moving = VintageChange.by(
            run_file.moving["to"], run_file.moving.get("movements"), run_file.moving.get("passage")
        )
    tables: dict[str, pl.DataFrame | Path] = dict(run_file.tables)
    imports: list[Imported] = []
    faults: list[Fault] = []
    weights = None
    # The mesh comes first: its people tell how split communes are shared out.
    for kind in _SECTIONS:
        if kind not in run_file.sections:
            continue
        if on_step:
            on_step(f"importing {kind}")
        options = dict(run_file.sections[kind])
        try:
            made = import_files(kind, options.pop("files"), methodology, **options)
            made = convert_vintage(made, moving, methodology, weights=weights) if moving else made
        except InputDataError as error:
            faults += error.faults
            continue
        imports.append(made)
        tables |= made.tables
        if kind == "mesh":
            weights = made.tables["communes"].select("commune", "population")
    faults += _several_vintages(run_file, imports)
    if faults:
        # What is wrong with the events of communes is so for every import: told once.
        raise InputDataError(list(dict.fromkeys(faults)))
    return tables, imports


def _several_vintages(run_file: RunFile, imports: list[Imported]) -> list[Fault]:
    """Refuse imports that are told to be of several years."""
    years = {made.kind: made.vintage for made in imports if made.vintage}
    if len(set(years.values())) < 2:
        return []
    shown = ", ".join(f"{kind} {year}" for kind, year in years.items())
    hint = 'Add vintage = 2023 and movements = "v_mvt_commune_2024.csv" (or passage).'
    return [
        Fault(
            code="legacy.fault",
            table=run_file.path.name,
            details={"problem": f"files are of several vintages: {shown}", "hint": hint},
        )
    ]
