"""Which columns of a sheet are which, and below which row they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...errors import Fault
from .sheets import HEAD_ROWS, Sheet


@dataclass(frozen=True)
class Field:
    """A column that a layout has.

    Attributes
    ----------
    name : ours.
    patterns : regular expressions on the plain header (see `plain`), the surest first.
    kind : text, code of a commune, number, or number of people.
    required : whether the layout is not this one without it.
    usual : how it is usually written, where its first pattern does not say.
    most : of people, the most that one cell can count; that of a commune where None.
    every_cell : of people, whether a cell without a figure is a fault.
    """

    name: str
    patterns: tuple[str, ...]
    kind: Literal["text", "code", "number", "people"] = "text"
    required: bool = True
    usual: str = ""
    most: float | None = None
    every_cell: bool = False

    @property
    def is_number(self) -> bool:
        """Return whether its cells are figures."""
        return self.kind in ("number", "people")


@dataclass(frozen=True)
class Layout:
    """A table as one of its publishers lays it out.

    Attributes
    ----------
    title : what it is, for people.
    fields : its columns.
    family : a pattern that a whole family of further columns of people matches; "" for none.
    family_usual : how these are usually written.
    most : the most people that one cell of the family can count; those of a commune where None.
    """

    title: str
    fields: tuple[Field, ...]
    family: str = ""
    family_usual: str = ""
    most: float | None = None

    @property
    def expected(self) -> str:
        """Return the columns as they are usually written."""
        names = [
            field.usual or re.sub(r"[\^$]", "", field.patterns[0]).upper()
            for field in self.fields
            if field.required
        ]
        return ", ".join(names + ([self.family_usual] if self.family else []))


@dataclass(frozen=True)
class Match:
    """A sheet that has the columns of a layout.

    Attributes
    ----------
    sheet, layout : which.
    header : its header row, counted from 0.
    columns : place of each field that is there.
    names : what the sheet calls them.
    family : places and names of the columns of the family.
    doubts : fields that several columns may be, with the names of these.
    """

    sheet: Sheet
    layout: Layout
    header: int
    columns: Mapping[str, int]
    names: Mapping[str, str]
    family: Mapping[str, int]
    doubts: Mapping[str, tuple[str, ...]]

    @property
    def faults(self) -> list[Fault]:
        """Return what must be settled before the sheet can be read."""
        return [
            Fault(
                code="legacy.fault",
                table=self.sheet.file,
                details={
                    "problem": f"several columns may be {name}: {', '.join(theirs)}",
                    "hint": f"Keep one, or name it: --column {name}=NAME.",
                },
            )
            for name, theirs in self.doubts.items()
        ]

    @property
    def described(self) -> str:
        """Return what was recognised, for people."""
        where = f", sheet '{self.sheet.name}'" if self.sheet.name else ""
        row = f", header on row {self.header + 1}" if self.header else ""
        taken = ", ".join(f"{ours} = {theirs}" for ours, theirs in self.names.items())
        more = f", {len(self.family)} columns of a family" if self.family else ""
        return f"{self.layout.title} ({self.sheet.reading}{where}{row}): {taken}{more}"


def plain(header: str) -> str:
    """Return a header in small letters, without accents, its words joined by ``_``."""
    text = (
        unicodedata.normalize("NFKD", header.replace("+", " plus"))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")


def match(sheet: Sheet, layout: Layout, named: Mapping[str, str] | None = None) -> Match | None:
    """Find the header row of a layout in a sheet.

    Parameters
    ----------
    sheet, layout : which.
    named : columns that somebody names: ours to theirs, ahead of any pattern.

    Returns
    -------
    Match | None
        The first row that has every required column; None where there is none.
    """
    for row, cells in enumerate(sheet.head[:HEAD_ROWS]):
        columns = _columns(cells, layout, named or {})
        family = _family(cells, layout)
        if columns is not None and (family or not layout.family):
            first = {name: places[0] for name, places in columns.items()}
            names = {name: cells[place].strip() for name, place in first.items()}
            doubts = {
                name: tuple(cells[place].strip() for place in places)
                for name, places in columns.items()
                # A second name of a place harms nobody.
                if len(places) > 1 and not name.endswith("name")
            }
            return Match(sheet, layout, row, first, names, family, doubts | _twice(cells, layout))
    return None


def _twice(cells: Sequence[str], layout: Layout) -> dict[str, tuple[str, ...]]:
    """Return the columns of a family that stand twice."""
    if not layout.family:
        return {}
    members = [plain(cell) for cell in cells if re.search(layout.family, plain(cell))]
    return {name: (name, name) for name in members if members.count(name) > 1}


def _columns(
    cells: Sequence[str], layout: Layout, named: Mapping[str, str]
) -> dict[str, list[int]] | None:
    """Return the places that each field may stand at, by its surest pattern that any matches."""
    headers = [plain(cell) for cell in cells]
    found: dict[str, list[int]] = {}
    for field in layout.fields:
        wanted = (
            (f"^{re.escape(plain(named[field.name]))}$",) if field.name in named else field.patterns
        )
        taken = {place for places in found.values() for place in places}
        if places := _places(headers, wanted, taken):
            found[field.name] = places
        elif field.required:
            return None
    return found


def _places(headers: Sequence[str], patterns: Sequence[str], taken: set[int]) -> list[int]:
    for pattern in patterns:
        found = [
            place
            for place, header in enumerate(headers)
            if place not in taken and header and re.search(pattern, header)
        ]
        if found:
            return found
    return []


def _family(cells: Sequence[str], layout: Layout) -> dict[str, int]:
    if not layout.family:
        return {}
    return {
        cell: k
        for k, cell in enumerate(cells)
        # 46.15 is a figure of some row, not the ages from 46 to 15.
        if re.search(layout.family, plain(cell)) and not re.match(r"-?\d+[.,]\d+$", cell.strip())
    }


def unrecognised(sheets: Sequence[Sheet], layouts: Sequence[Layout]) -> Fault:
    """Say what a file has, and what one of the layouts would have had."""
    expected = "; or ".join(f"{layout.title}: {layout.expected}" for layout in layouts)
    shown = "; ".join(_shown(sheet) for sheet in sheets[:4])
    return Fault(
        code="legacy.fault",
        table=sheets[0].file if sheets else "the file",
        details={
            "problem": f"its columns are not those expected. {shown}",
            "hint": f"Expected {expected}.{_lacking(sheets, layouts)}",
        },
    )


def _lacking(sheets: Sequence[Sheet], layouts: Sequence[Layout]) -> str:
    """Say which column alone keeps a sheet from the nearest of some layouts, and how to name it."""
    for layout in layouts:
        wanted = [field for field in layout.fields if field.required]
        for cells in (cells for sheet in sheets for cells in sheet.head):
            headers = [plain(cell) for cell in cells]
            absent = [f.name for f in wanted if not _places(headers, f.patterns, set())]
            if len(absent) == 1 < len(wanted) and not layout.family:
                name = absent[0]
                return f" No column is recognised as {name}: name it, --column {name}=NAME."
    return ""


def _shown(sheet: Sheet) -> str:
    """Show the row of the head that looks most like a header."""
    where = f"Sheet '{sheet.name}'" if sheet.name else "It"
    if not sheet.head:
        return f"{where} is empty"
    rows = list(enumerate(sheet.head))
    row, cells = max(rows, key=lambda item: sum(bool(cell.strip()) for cell in item[1]))
    names = [cell.strip() for cell in cells if cell.strip()]
    more = ", ..." if len(names) > 8 else ""
    return f"{where} has, on row {row + 1}: {', '.join(names[:8])}{more}"
