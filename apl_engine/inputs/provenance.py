"""Where the tables of a folder of inputs came from, as `apl import` recorded it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Fault, Note
from ..small_files import read_small_file
from .half_written import half_written
from .tables import Source

PROVENANCE = "imports.json"


def read_provenance(folder: Path) -> list[dict[str, Any]] | Fault:
    """Return the imports that a folder records; none if it records none."""
    path = folder / PROVENANCE
    if fault := half_written(path):
        return fault
    if not os.path.exists(path):
        return []
    try:
        document = json.loads(read_small_file(path))
        return [dict(entry) for entry in document["imports"] if entry["tables"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        details = {"reason": type(error).__name__}
        return Fault("inputs.provenance_unreadable", PROVENANCE, details=details)


def read_provenances(
    inputs: Path | Mapping[str, object],
) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Return the imports that the tables of a run come from, and files that cannot be read.

    Parameters
    ----------
    inputs : Path or mapping of str to object
        A folder of tables; or tables by name. One that is given as a file of its name has the
        imports that the folder of that file records.

    Returns
    -------
    list of dict, list of Fault
    """
    if isinstance(inputs, Path):
        recorded = read_provenance(inputs)
        return ([], [recorded]) if isinstance(recorded, Fault) else (recorded, [])
    taken: dict[Path, set[str]] = {}
    for name, given in inputs.items():
        if isinstance(given, str | Path) and Path(given).name.split(".")[0] == name:
            taken.setdefault(Path(given).parent, set()).add(name)
    imports: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for folder, names in taken.items():
        recorded = read_provenance(folder)
        if isinstance(recorded, Fault):
            faults.append(recorded)
            continue
        imports += [
            {**entry, "tables": tables}
            for entry in recorded
            if (tables := [table for table in entry["tables"] if table["table"] in names])
        ]
    return imports, faults


def check_provenance(
    imports: list[dict[str, Any]], sources: Mapping[str, Source], year: int | None = None
) -> tuple[list[Fault], list[Note]]:
    """Check that tables are of one vintage and of the year asked for, and unchanged since.

    Parameters
    ----------
    imports : list of dict
        As from `read_provenance`.
    sources : mapping of str to Source
        The tables, opened, by name.
    year : int, optional
        That of the run. Tables that were changed after their import may be of any.

    Returns
    -------
    list of Fault, list of Note
    """
    notes: list[Note] = []
    faults: list[Fault] = []
    by_year: dict[int, list[str]] = {}
    for entry in imports:
        unchanged = []
        for table in entry["tables"]:
            if entry.get("vintage"):
                by_year.setdefault(entry["vintage"], []).append(table["table"])
            source = sources.get(table["table"])
            if source and source.stamp and source.stamp.sha256 != table["sha256"]:
                notes.append(Note("inputs.table_changed", 1, (source.stamp.name,), warning=True))
            elif source:
                unchanged.append(table["table"])
        made_for = entry.get("year")
        if unchanged and year and made_for not in (None, year):
            details = {"tables": tuple(unchanged), "year": made_for, "wanted": year}
            faults.append(Fault("inputs.other_year", "inputs", details=details))
    if len(by_year) > 1:
        vintages = tuple(f"{one}: {' '.join(by_year[one])}" for one in sorted(by_year))
        faults.append(Fault("inputs.several_vintages", "inputs", details={"vintages": vintages}))
    return faults, notes
