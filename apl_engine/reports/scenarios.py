"""Write scenarios to a folder: their APL, their zones, and a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..results.atomic_file import files_of
from ..results.atomic_folder import Kind, whole_folder
from ..results.record import make_record
from ..results.tables import DEFAULT_FORMATS, TableFormats, write_tables, zone_labels
from ..scenarios.zones import ScenarioZones

TABLES = ("communes_apl", "territories_apl", "territories_zone")
NAME = "scenarios.json"
FOLDER = Kind(frozenset({NAME, *files_of(TABLES)}), NAME)
# Entries of the record of a run that describe its scenarios as well.
_SHARED = ("format", "apl_engine", "methodology", "inputs", "imports", "environment")


def write_scenarios(
    zoned: ScenarioZones,
    folder: str | Path,
    *,
    replace: bool = False,
    formats: TableFormats = DEFAULT_FORMATS,
) -> dict[str, Any]:
    """Write the tables of scenarios and ``scenarios.json`` to a folder: all of it, or nothing.

    Parameters
    ----------
    zoned : ScenarioZones
        As from `zone_scenarios`.
    folder : str or Path
        A new or empty folder; its parents are created.
    replace : bool
        Whether earlier scenarios there are replaced.
    formats : TableFormats
        How the tables are written for people, beside Parquet; plain CSV by default.

    Returns
    -------
    dict
        The content of ``scenarios.json``, with the SHA-256 of each table.

    Raises
    ------
    OutputError
        The folder cannot be written to, or is not empty.
    """
    with whole_folder(Path(folder), replace=replace, kind=FOLDER) as draft:
        return write_scenario_files(zoned, draft, formats)


def write_scenario_files(
    zoned: ScenarioZones, folder: Path, formats: TableFormats = DEFAULT_FORMATS
) -> dict[str, Any]:
    """Write the files of scenarios to an existing folder; see `write_scenarios`."""
    *of_apl, of_zones = TABLES
    tables = {name: getattr(zoned, name) for name in of_apl}
    outputs = write_tables(tables, folder, formats)
    # A scenario may have the same name as a column of another table, and hold no zone there.
    labels = zone_labels(zoned.result.methodology, *zoned.names)
    outputs += write_tables({of_zones: getattr(zoned, of_zones)}, folder, formats, labels)
    content = {**_record(zoned), "outputs": outputs}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")
    return content


def _record(zoned: ScenarioZones) -> dict[str, Any]:
    record, table = make_record(zoned.result), zoned.table
    return {
        **{key: record[key] for key in _SHARED},
        "scenario_table": table.source.as_dict(table.rows),
        "network": dict(zoned.network),
        "scenarios": list(_scenarios(zoned)),
        "notes": [note.as_dict() for note in (*zoned.notes, *zoned.result.notes)],
    }


def _scenarios(zoned: ScenarioZones) -> Iterator[dict[str, Any]]:
    classes = zoned.result.methodology.zoning.classes
    for k, name in enumerate(zoned.names):
        yield {
            "scenario": name,
            "etp": float(zoned.etp[k]),
            "unreachable_etp": float(zoned.unreachable_etp[k]),
            "zones": [
                {
                    "zone": zone.id,
                    "label": zone.label,
                    "territories": int(zoned.territories[k, column]),
                    "population": float(zoned.population[k, column]),
                }
                for column, zone in enumerate(classes)
            ],
            "cuts": [asdict(cut) for cut in zoned.cuts[k]],
        }
