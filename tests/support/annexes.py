"""A small country whose region 52 makes an annex, and readers of the files of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import polars as pl
from support.countries import Row, rules, territory, zones_of

from apl_engine.method import Zoning
from apl_engine.regional import Move, Proposal
from apl_engine.reports.annex import Annex, make_annex

HELD = date(2024, 5, 14)
PICTURE = (Path(__file__).parents[2] / "docs" / "validation.png").read_bytes()
# Names that programs might take for formulas, links, control characters or markup.
AMBIGUOUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "http://example.org", "mailto:x", "{=1}",
             "a\x00b\x0b\x1fc", "_x0041_", "<b>&amp;", "\ufffe")  # fmt: skip


def rows() -> list[Row]:
    """Region 52 with a candidate of 10 inhabitants in 400, and territories shared with 53."""
    return [
        territory("0100", "sous_dotee", 10, 50.0),
        territory("4402_", "tres_sous_dotee", 10, 40.0),
        territory("44Z", "intermediaire", 380, 90.0, elsewhere=30),
        territory("35W", "sous_dotee", 300, 80.0, region="53", elsewhere=40, other="52"),
    ]


def national(name: str | None = None, **changes: Any) -> Zoning:
    """Return a national result; if `name` is given, all its places have that name."""
    zones = zones_of(rows(), rules(**changes), real_codes=True)
    if name is None:
        return zones
    called = pl.lit(name)
    return replace(
        zones,
        communes=zones.communes.with_columns(name=called, territory_name=called),
        territories=zones.territories.with_columns(territory_name=called),
    )


def moving(*codes: str, why: str = "Part des ALD\nFermeture") -> Proposal:
    """Return a proposal that adds territories."""
    return Proposal("52", tuple(Move(code, why) for code in codes), (), HELD, date(2024, 6, 1))


def annex(zones: Zoning | None = None, **options: Any) -> Annex:
    """Return an annex of region 52; it adds territory 0100 unless `proposal` is given."""
    wanted = options.pop("proposal", moving("0100"))
    return make_annex(zones or national(), "52", wanted, dated=date(2024, 11, 20), **options)


def sheet(path: Path, name: str, header: int | None = 1) -> pl.DataFrame:
    """Return a sheet of a workbook as text."""
    return pl.read_excel(
        path, sheet_name=name, infer_schema_length=0, read_options={"header_row": header}
    )


def texts(path: Path) -> list[str]:
    """Return the texts of a document: paragraphs, then cells."""
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells
