"""Which sheets of a workbook of inhabitants are read: of one year, communes and arrondissements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...errors import Fault, InputDataError
from ...notes import Note, first
from ...schemas import COMMUNE_CODE
from ..common.collect import Found
from ..common.headers import Match
from ..common.sheets import Sheet

# A code that lost its zero is one too.
_CODE = rf"{COMMUNE_CODE}|^\d{{4}}(?:\.0)?$"
# Of the columns of the table: what a sheet must have to go on where it stops.
_AS_WIDE = 0.9


def choose_sheets(
    path: Path, sheets: Sequence[Sheet], found: Sequence[Match], year: int | None, kept: Found
) -> list[Match]:
    """Choose the sheets that make up one table of the inhabitants of communes.

    Parameters
    ----------
    path : the file.
    sheets : all of its sheets.
    found : those that have a known layout.
    year : which year, where there are several.
    kept : takes a note of each sheet that is not read.

    Returns
    -------
    list of Match
        Communes and arrondissements, or a table that goes on from sheet to sheet.

    Raises
    ------
    InputDataError
        Sheets of several years, or none of that one; or rows that go on without a header.
    """
    places = [each for each in found if _has_communes(each)] or list(found)
    _leave("other_sheets", "sheets of other levels than communes are left aside",
           [each for each in found if each not in places], kept)  # fmt: skip
    wanted = _of_one_year(path, places, year, kept)
    known = {each.sheet.name for each in found}
    others = [sheet for sheet in sheets if sheet.name not in known and _rows_of_codes(sheet, 0, 3)]
    widest = max(len(each.sheet.head[each.header]) for each in wanted)
    if on := [sheet.name for sheet in others if len(sheet.head[0]) >= _AS_WIDE * widest]:
        problem = f"rows of communes without a header in the sheets: {', '.join(on)}"
        hint = "Does the table go on there? Give each of them the header, or delete it."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault", table=path.name, details={"problem": problem, "hint": hint}
                )
            ]
        )
    if others:
        text = f"{path.name}: sheets with codes of communes that are not read"
        names = first(sheet.name for sheet in others)
        kept.notes.append(
            Note("sheets_unread", len(others), names, warning=True, details={"text": text})
        )
    return wanted


def _has_communes(found: Match) -> bool:
    place = found.columns["commune"]
    return _rows_of_codes(found.sheet, place, place + 1, found.header + 1)


def _rows_of_codes(sheet: Sheet, start: int, end: int, row: int = 0) -> bool:
    """Return whether codes of communes stand in some columns of the first rows."""
    return any(
        re.search(_CODE, cell.strip()) for cells in sheet.head[row:] for cell in cells[start:end]
    )


def _of_one_year(path: Path, found: Sequence[Match], year: int | None, kept: Found) -> list[Match]:
    """Keep the sheets of a year, by their names; refuse to choose among several years."""
    years = {each.sheet.name: set(re.findall(r"20\d\d", each.sheet.name)) for each in found}
    told = set().union(*years.values())
    names = ", ".join(years)
    if year is None and len(told) > 1:
        problem = f"has sheets of several years: {names}"
        hint = f"Name the year: --year {max(told)}, or year = {max(told)} in a run file."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault", table=path.name, details={"problem": problem, "hint": hint}
                )
            ]
        )
    if year is None:
        return list(found)
    if not told:
        text = f"{path.name}: nothing tells the year of its sheets, taken for {year} as was asked"
        kept.notes.append(Note("year_taken", 1, details={"text": text}))
        return list(found)
    wanted = [each for each in found if str(year) in years[each.sheet.name]]
    if not wanted:
        hint = "Name another year, or none."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=path.name,
                    details={"problem": f"has no sheet of {year}: {names}", "hint": hint},
                )
            ]
        )
    rest = [each for each in found if each not in wanted]
    _leave("other_years", f"sheets of other years than {year} are left aside", rest, kept)
    return wanted


def _leave(code: str, text: str, rest: Sequence[Match], kept: Found) -> None:
    if rest:
        names = first(each.sheet.name for each in rest)
        kept.notes.append(Note(code, len(rest), names, details={"text": f"{kept.file}: {text}"}))
