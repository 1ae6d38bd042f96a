"""From a file to the one sheet of it that has a known layout."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ...errors import Fault, InputDataError
from .collect import Found
from .headers import Layout, Match, match, plain, unrecognised
from .sheets import Sheet, open_sheets, stripped

_YEAR = r"(20\d\d)"
_GEOGRAPHY = (
    rf"geographie[a-z_]*(?:01_01_|1er_janvier_)?{_YEAR}",
    rf"(?:geo|cog)_?{_YEAR}",
    r"(?:geo|cog)_?(\d\d)(?!\d)",
)


def sheets_of(path: Path) -> list[Sheet]:
    """Open a file; raise where it cannot be.

    Raises
    ------
    InputDataError
        The file cannot be read, or holds nothing.
    """
    sheets = open_sheets(path)
    if isinstance(sheets, Fault):
        raise InputDataError([sheets])
    return sheets


def find(
    path: Path, layouts: Sequence[Layout], named: Mapping[str, str] | None = None
) -> list[Match]:
    """Return every sheet of a file that has one of `layouts`, each with the first that fits.

    Parameters
    ----------
    path : the file.
    layouts : the surest first.
    named : columns that somebody names, ours to theirs.

    Raises
    ------
    InputDataError
        No sheet has any of them: says what is there and what was expected; or several columns
        may be the same.
    """
    return find_in(sheets_of(path), layouts, named)


def find_in(
    sheets: Sequence[Sheet], layouts: Sequence[Layout], named: Mapping[str, str] | None = None
) -> list[Match]:
    """Return every one of some sheets that has one of `layouts`, as `find` does."""
    found = [first for sheet in sheets if (first := _first(sheet, layouts, named))]
    if not found:
        raise InputDataError([unrecognised(sheets, layouts)])
    refuse([fault for each in found for fault in each.faults])
    return found


def only(found: Sequence[Match], kept: Found) -> Match:
    """Return the first of some sheets, and warn of others that are laid out alike."""
    others = [each.sheet.name for each in found[1:]]
    text = f"sheets laid out like '{found[0].sheet.name}', the one that is read, are not"
    kept.note("sheets_unread", text, pl.Series(others, dtype=pl.String), warning=True)
    return found[0]


def _first(
    sheet: Sheet, layouts: Sequence[Layout], named: Mapping[str, str] | None
) -> Match | None:
    return next((found for each in layouts if (found := match(sheet, each, named))), None)


def vintage_of(path: Path, sheets: Sequence[Sheet]) -> int | None:
    """Return the year of geography that the titles or the name of a file tell, if they do."""
    titles = [plain(cell) for sheet in sheets for row in sheet.head[:8] for cell in row]
    for text in [*titles, plain(path.name)]:
        for pattern in _GEOGRAPHY:
            if told := re.search(pattern, text):
                year = int(told[1])
                return year if year > 2000 else 2000 + year
    return None


def refuse(faults: Sequence[Fault]) -> None:
    """Raise the faults there are, all together."""
    if faults:
        raise InputDataError(faults)


def text_columns(sheet: Sheet, header: int, places: Mapping[str, int]) -> pl.DataFrame:
    """Return columns of text under names of ours, without spaces around; blanks are null."""
    frame = sheet.texts(header, list(places.values()))
    return frame.select(stripped(str(k)).alias(name) for name, k in places.items())
