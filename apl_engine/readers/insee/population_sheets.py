"""Which sheets of a workbook of inhabitants are read: of one year, of communes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...schemas import COMMUNE_CODE
from ..common.issues import Issues, raise_faults
from ..common.match import Match
from ..common.sheets import Sheet

# Also a code that lost its zero.
_CODE = rf"{COMMUNE_CODE}|^\d{{4}}(?:\.0)?$"
# The share of the columns of the table that a sheet must have to be its continuation.
_AS_WIDE = 0.9


def choose_sheets(
    sheets: Sequence[Sheet], matches: Sequence[Match], year: int | None, issues: Issues
) -> list[Match]:
    """Choose the sheets that make up one table of the inhabitants of communes.

    Parameters
    ----------
    sheets : sequence of Sheet
        All sheets of the file.
    matches : sequence of Match
        Those that have a known layout.
    year : int or None
        The year wanted, if there are several.
    issues : Issues
        Receives a note of each sheet that is not read.

    Returns
    -------
    list of Match
        Communes and arrondissements, or a table that continues from sheet to sheet.

    Raises
    ------
    InputDataError
        The sheets are of several years, or none is of that year; or the table continues in a
        sheet without a header.
    """
    of_communes = [each for each in matches if _has_communes(each)] or list(matches)
    rest = [each.sheet.name for each in matches if each not in of_communes]
    issues.note("insee.other_levels", rest)
    wanted = _of_one_year(of_communes, year, issues)
    known = {each.sheet.name for each in matches}
    others = [sheet for sheet in sheets if sheet.name not in known and _has_codes(sheet, 0, 3)]
    widest = max(len(each.sheet.head[each.header]) for each in wanted)
    if more := [sheet.name for sheet in others if len(sheet.head[0]) >= _AS_WIDE * widest]:
        issues.fault("insee.no_header", sheets=tuple(more))
        raise_faults(issues.faults)
    issues.note("insee.unread_sheets", [sheet.name for sheet in others], warning=True)
    return wanted


def _has_communes(matched: Match) -> bool:
    index = matched.columns["commune"]
    return _has_codes(matched.sheet, index, index + 1, matched.header + 1)


def _has_codes(sheet: Sheet, start: int, end: int, row: int = 0) -> bool:
    """Return whether some columns of the first rows have commune codes."""
    return any(
        re.search(_CODE, cell.strip()) for cells in sheet.head[row:] for cell in cells[start:end]
    )


def _of_one_year(matches: Sequence[Match], year: int | None, issues: Issues) -> list[Match]:
    """Return the sheets of a year, by their names."""
    years = {each.sheet.name: re.findall(r"20\d\d", each.sheet.name) for each in matches}
    stated = {int(one) for some in years.values() for one in some}
    wanted = [each for each in matches if year is None or str(year) in years[each.sheet.name]]
    if year is None and len(stated) > 1:
        issues.fault("insee.several_years", sheets=tuple(years), latest=max(stated))
    elif year is not None and not stated:
        issues.note("insee.year_assumed", [str(year)], year=year)
        return list(matches)
    elif not wanted:
        issues.fault("insee.year_missing", sheets=tuple(years), year=year)
    raise_faults(issues.faults)
    rest = [each.sheet.name for each in matches if each not in wanted]
    issues.note("insee.other_years", rest, year=year)
    return wanted
