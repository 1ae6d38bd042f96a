"""Write a comparison to a folder: tables, a picture, and a record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..comparison import Comparison, OfficialComparison
from ..comparison.matching import commune_vintage, name_of
from ..errors import Note, missing_library
from ..inputs.tables import stamp_of
from ..method.result import Zoning
from ..results.atomic_file import files_of
from ..results.atomic_folder import Kind, whole_folder
from ..results.lookup import activity_year
from ..results.read import StoredResult, record_sha256
from ..results.record import VERSION, environment
from ..results.tables import (
    DEFAULT_FORMATS,
    Labels,
    TableFormats,
    write_tables,
    zone_labels,
)
from .agreement import draw_agreement
from .page import Language
from .sankey import draw_flows

NAME = "compare.json"
FORMAT = 1
_TABLES = ("changes", "communes", "regions", "transitions")
_PICTURES = ("flows.svg", "flows.png")
_TABLES_OFFICIAL = ("agreement", "communes", "territories", "transitions")
_PICTURES_OFFICIAL = ("agreement.svg", "agreement.png")
_FILES = files_of((*_TABLES, *_TABLES_OFFICIAL))
_FOLDER = Kind(frozenset({NAME, *_PICTURES, *_PICTURES_OFFICIAL, *_FILES}), NAME)


def write_comparison(
    comparison: Comparison | OfficialComparison,
    folder: str | Path,
    *,
    replace: bool = False,
    formats: TableFormats = DEFAULT_FORMATS,
    lang: Language = "en",
) -> dict[str, Any]:
    """Write a comparison to a folder: all of it, or nothing.

    Parameters
    ----------
    comparison : Comparison or OfficialComparison
        As from `compare` or `compare_official`.
    folder : str or Path
        A new or empty folder; its parents are created.
    replace : bool
        Whether an earlier comparison there is replaced.
    formats : TableFormats
        How the tables are written for people, beside Parquet; plain CSV by default.
    lang : str
        Language of the picture: ``en`` or ``fr``.

    Returns
    -------
    dict
        The content of ``compare.json``, with the SHA-256 of each other file. Without Matplotlib
        there is no picture, which a note says.

    Raises
    ------
    OutputError
        The folder cannot be written to, or is not empty.
    """
    with comparison_folder(Path(folder), replace=replace) as draft:
        return write_comparison_files(comparison, draft, formats, lang)


@contextmanager
def comparison_folder(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """Yield a hidden folder to write a comparison to; see `whole_folder`."""
    with whole_folder(path, replace=replace, kind=_FOLDER) as draft:
        yield draft


def write_comparison_files(
    comparison: Comparison | OfficialComparison,
    folder: Path,
    formats: TableFormats = DEFAULT_FORMATS,
    lang: Language = "en",
) -> dict[str, Any]:
    """Write the files of a comparison to an existing folder; see `write_comparison`."""
    if isinstance(comparison, OfficialComparison):
        record, pictures = official_record(comparison), _PICTURES_OFFICIAL
        tables = {name: getattr(comparison, name) for name in _TABLES_OFFICIAL}
        draw: Callable[[Path], None] = partial(draw_agreement, comparison, lang=lang)
    else:
        record, pictures = comparison_record(comparison), _PICTURES
        tables = {name: getattr(comparison, name) for name in _TABLES}
        draw = partial(draw_flows, comparison, lang=lang)
    outputs = write_tables(tables, folder, formats, _labels(comparison))
    if find_spec("matplotlib"):
        for picture in pictures:
            draw(folder / picture)
            outputs.append({"file": picture, "sha256": stamp_of(folder / picture).sha256})
        record["environment"]["matplotlib"] = version("matplotlib")
    else:
        details = missing_library("matplotlib", "annex")
        record["notes"].append(Note("comparison.no_picture", details=details).as_dict())
    content = {**record, "outputs": outputs}
    content["sha256"] = record_sha256(content)
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")
    return content


def _labels(comparison: Comparison | OfficialComparison) -> Labels:
    """Return the labels of the classes, by column of their ids."""
    if isinstance(comparison, OfficialComparison):
        return zone_labels(comparison.zones.methodology, "zone", "official_zone")
    first, second = comparison.first.methodology, comparison.second.methodology
    a, b = zone_labels(first, "zone_a"), zone_labels(second, "zone_b")
    return {**a, **b, **dict.fromkeys(("zone", "crossed"), a["zone_a"] | b["zone_b"])}


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain values, for JSON.

    Parameters
    ----------
    comparison : Comparison
        As from `compare`.

    Returns
    -------
    dict
        The same for the same two results and versions; without ``changes``, which is a table.
    """
    return {
        "format": FORMAT,
        "apl_engine": VERSION,
        "first": _side(comparison.first),
        "second": _side(comparison.second),
        "population": comparison.population,
        "parts": list(comparison.parts),
        "methods_differ": [asdict(difference) for difference in comparison.differing],
        "transitions": comparison.transitions.to_dicts(),
        "causes": comparison.attribution.to_dicts(),
        "regions": comparison.regions.to_dicts(),
        "apart": _apart(comparison),
        "contracts": _contracts(comparison),
        "notes": [note.as_dict() for note in comparison.notes],
        "environment": environment(),
    }


def official_record(comparison: OfficialComparison) -> dict[str, Any]:
    """Return a comparison with an official list as plain values, for JSON.

    Parameters
    ----------
    comparison : OfficialComparison
        As from `compare_official`.

    Returns
    -------
    dict
        Without ``differences``, which is a table.
    """
    return {
        "format": FORMAT,
        "apl_engine": VERSION,
        "result": _side(comparison.zones),
        "official": comparison.official.as_dict(),
        "agreement": comparison.agreement.to_dicts(),
        "transitions": comparison.transitions.to_dicts(),
        "causes": comparison.causes.to_dicts(),
        "notes": [note.as_dict() for note in comparison.notes],
        "environment": environment(),
    }


def _side(zones: Zoning) -> dict[str, Any]:
    rules = zones.methodology
    return {
        "name": name_of(zones),
        "record_sha256": zones.record["sha256"] if isinstance(zones, StoredResult) else None,
        "year": activity_year(zones),
        "vintage": commune_vintage(zones),
        "methodology": {"id": rules.id, "title": rules.title},
        "zones": [{"zone": zone.id, "label": zone.label} for zone in rules.zoning.classes],
        "cuts": [asdict(cut) for cut in zones.cuts],
        "territories": zones.territories.height,
        "communes": zones.communes.height,
    }


def _apart(comparison: Comparison) -> list[dict[str, Any]]:
    """Count the communes that only one of the results has."""
    alone = {name: comparison.communes.filter(listed=name) for name in "ab"}
    return [
        {
            "listed": name,
            "communes": rows.height,
            "population": float(rows[f"population_{name}"].sum()),
        }
        for name, rows in alone.items()
    ]


def _contracts(comparison: Comparison) -> dict[str, Any] | None:
    if comparison.contracts is None:
        return None
    return {
        "outcomes": comparison.contracts.outcomes.to_dicts(),
        "terms": comparison.contracts.terms.to_dicts(),
    }
