"""Where the tables of a folder of inputs came from, as `apl import` left it there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Fault
from ..notes import Note
from .tables import Source

PROVENANCE = "imports.json"


def read_provenance(folder: Path) -> list[dict[str, Any]] | Fault:
    """Return the imports that a folder tells of, none where it tells of none."""
    path = folder / PROVENANCE
    if not path.exists():
        return []
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return [dict(entry) for entry in document["imports"] if entry["tables"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "Import the tables again, or remove the file: the record will not say their origin."
        return Fault(
            code="legacy.fault",
            table=PROVENANCE,
            details={"problem": f"cannot be read ({type(error).__name__})", "hint": hint},
        )


def check_provenance(
    imports: list[dict[str, Any]], sources: Mapping[str, Source]
) -> tuple[list[Fault], list[Note]]:
    """Return what is wrong or odd about where tables came from.

    Vintages must be one; a table changed since its import is no longer that import's.

    Parameters
    ----------
    imports : as from `read_provenance`.
    sources : the tables, opened.
    """
    notes = []
    for entry in imports:
        for table in entry["tables"]:
            source = sources.get(table["table"])
            if source and source.stamp and source.stamp.sha256 != table["sha256"]:
                name = source.stamp.name
                text = f"{name} was changed after it was imported: {PROVENANCE} is no longer true"
                notes.append(
                    Note("changed_after_import", 1, (name,), warning=True, details={"text": text})
                )
    by_year: dict[int, list[str]] = {}
    for entry in imports:
        if entry.get("vintage"):
            names = [table["table"] for table in entry["tables"]]
            by_year.setdefault(entry["vintage"], []).extend(names)
    if len(by_year) < 2:
        return [], notes
    shown = "; ".join(f"{year}: {', '.join(by_year[year])}" for year in sorted(by_year))
    hint = "Import again with --to YEAR and --movements or --passage."
    return [
        Fault(
            code="legacy.fault",
            table="inputs",
            details={"problem": f"tables are of several vintages ({shown})", "hint": hint},
        )
    ], notes
