"""The sheets of a file that have a known layout."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import polars as pl

from ...errors import Fault, InputDataError
from ...inputs.named_columns import NamedColumns
from ...inputs.names import is_data, plain, shown_header
from ...schemas import COMMUNE_CODE
from .headers import Field, Layout, match_columns
from .issues import Issues, raise_faults
from .sheets import Sheet, sheets_of, stripped

_YEAR = r"(20\d\d)"
_VINTAGE = (
    rf"geographie[a-z_]*(?:01_01_|1er_janvier_)?{_YEAR}",
    rf"(?:geo|cog)_?{_YEAR}",
    # table-appartenance-geo-communes-24.xlsx
    rf"geo_communes_{_YEAR}",
    r"(?:geo|cog)_?(?:communes_)?(\d\d)(?!\d)",
)


# Headers of codes beside names of communes, as in « Code INSEE ; Commune ».
_CODE_BESIDE_NAME = r"^code(?:_(?:insee|communes?|com|geo(?:graphique)?))*$"
# With the zero that a spreadsheet drops, and the .0 that it adds.
_LIKE_CODE = r"^\s*(?:\d{4,5}|2[abAB]\d{3})(?:\.0)?\s*$"


@dataclass(frozen=True)
class Match:
    """A sheet that has the columns of a layout.

    Attributes
    ----------
    sheet, layout : Sheet, Layout
        The sheet and its layout.
    header : int
        Index of its header row.
    columns : mapping of str to int
        Index of the column of each field that the sheet has.
    names : mapping of str to str
        What the sheet calls them.
    family : mapping of str to int
        Names and indices of the columns of the family.
    ambiguous : mapping of str to tuple of str
        Fields that several columns may be, with the names of these.
    """

    sheet: Sheet
    layout: Layout
    header: int
    columns: Mapping[str, int]
    names: Mapping[str, str]
    family: Mapping[str, int]
    ambiguous: Mapping[str, tuple[str, ...]]

    @property
    def faults(self) -> list[Fault]:
        """What must be settled before the sheet can be read."""
        code, file, pairs = "source_file.ambiguous_column", self.sheet.file, self.ambiguous.items()
        return [Fault(code, file, details={"field": name, "columns": c}) for name, c in pairs]

    @property
    def titles(self) -> list[str]:
        """The cells of the rows above the header."""
        return [cell for row in self.sheet.head[: self.header] for cell in row]

    @property
    def description(self) -> str:
        """What was recognised, for people."""
        sheet = f", sheet '{self.sheet.name}'" if self.sheet.name else ""
        row = f", header on row {self.header + 1}" if self.header else ""
        columns = ", ".join(f"{field} = {name}" for field, name in self.names.items())
        more = f", {len(self.family)} columns of a family" if self.family else ""
        return f"{self.layout.title} ({self.sheet.reading}{sheet}{row}): {columns}{more}"


Named: TypeAlias = NamedColumns | Mapping[str, str] | None


def find(path: Path, layouts: Sequence[Layout], named: Named = None) -> list[Match]:
    """Return every sheet of a file that has one of some layouts, each with the first that fits.

    Parameters
    ----------
    path : Path
        The file.
    layouts : sequence of Layout
        The most certain first.
    named : mapping of str to str or NamedColumns, optional
        Columns that the user names, by field. Those of a mapping must be in this file.

    Raises
    ------
    InputDataError
        No sheet has any of the layouts, several columns may be the same field, or the user names a
        column for a field that none of the layouts has.
    """
    return find_in(sheets_of(path), layouts, named)


def find_in(sheets: Sequence[Sheet], layouts: Sequence[Layout], named: Named = None) -> list[Match]:
    """Return every one of some sheets that has one of some layouts, as `find` does."""
    file = sheets[0].file if sheets else "workbook"
    names = names_for(named, layouts, file)
    fitting = ([match(sheet, each, names.given) for each in layouts] for sheet in sheets)
    matches = [next(filter(None, found)) for found in fitting if any(found)]
    if not matches and (absent := _absent(sheets, names, layouts)):
        details: dict[str, object] = {"fields": tuple(absent), "columns": tuple(absent.values())}
        raise InputDataError(Fault("source_file.no_such_column", file, details=details))
    if not matches:
        raise InputDataError(_unrecognised(sheets, layouts))
    for each in matches:
        names.used |= {
            field for field, name in names.given.items()
            if field in each.names and plain(each.names[field]) == plain(name)
        }  # fmt: skip
    names.finish(named, file)
    raise_faults([fault for each in matches for fault in each.faults])
    return matches


def names_for(named: Named, layouts: Sequence[Layout], file: str) -> NamedColumns:
    """Return the columns that the user names, for files of some layouts.

    Parameters
    ----------
    named : mapping of str to str or NamedColumns, optional
        As given by the caller.
    layouts : sequence of Layout
        What the files may be.
    file : str
        Their names, for the fault.

    Raises
    ------
    InputDataError
        A mapping has a field that none of the layouts has.
    """
    names = NamedColumns.of(named)
    fields = dict.fromkeys(field.name for layout in layouts for field in layout.fields)
    names.fields |= fields.keys()
    if names is not named and (
        unknown := tuple(name for name in names.given if name not in fields)
    ):
        details: dict[str, object] = {"fields": unknown, "known": tuple(fields)}
        raise InputDataError(Fault("source_file.unknown_field", file, details=details))
    return names


def only(matches: Sequence[Match], issues: Issues) -> Match:
    """Return the first of some sheets, and warn of the others, which are not read."""
    others = [each.sheet.name for each in matches[1:]]
    read = matches[0]
    issues.note("source_file.similar_sheets", others, warning=True, sheet=read.sheet.name)
    return read


def match(sheet: Sheet, layout: Layout, named: Mapping[str, str] | None = None) -> Match | None:
    """Find the header row of a layout in a sheet.

    Parameters
    ----------
    sheet, layout : Sheet, Layout
        The sheet and the layout.
    named : mapping of str to str, optional
        Columns that the user names, by field; see `match_columns`.

    Returns
    -------
    Match or None
        The first row that has every required column; None if no row has.
    """
    required = {field.name for field in layout.fields if field.required}
    for row, cells in enumerate(sheet.head):
        if any(re.match(COMMUNE_CODE, cell.strip()) for cell in cells):
            # « 01001 ; COM ; PMUN » is a row of data, though two of its cells could be headers.
            continue
        header = [plain(cell) for cell in cells]
        columns = match_columns(header, layout.fields, named or {})
        family = _family(cells, header, layout)
        if required <= columns.keys() and bool(family) == bool(layout.family):
            columns = _with_codes_for_names(sheet, row, header, columns, layout, named or {})
            names = {name: cells[indices[0]].strip() for name, indices in columns.items()}
            ambiguous = {
                name: tuple(cells[index].strip() for index in indices)
                for name, indices in columns.items()
                # A second column of names is harmless.
                if len(indices) > 1 and not name.endswith("name")
            }
            by_year = {field.name for field in layout.fields if field.newest}
            for name in by_year & ambiguous.keys():
                if (newest := _newest(header, columns[name])) is not None:
                    columns[name], names[name] = [newest], cells[newest].strip()
                    del ambiguous[name]
            members = Counter(name for name in header if family and re.search(layout.family, name))
            ambiguous |= {name: (name, name) for name, times in members.items() if times > 1}
            chosen = {name: indices[0] for name, indices in columns.items()}
            return Match(sheet, layout, row, chosen, names, family, ambiguous)
    return None


def _with_codes_for_names(
    sheet: Sheet,
    row: int,
    header: Sequence[str],
    columns: dict[str, list[int]],
    layout: Layout,
    named: Mapping[str, str],
) -> dict[str, list[int]]:
    """Take the column of codes for the code of a commune where that found holds names instead.

    « Commune » holds codes in some files, and in others names, beside « Code ».
    """
    fields = {field.name: field for field in layout.fields}
    for name in [name for name in columns if fields[name].kind == "code" and name not in named]:
        found = columns[name][0]
        others = [index for index in _other_codes(header, fields[name], columns) if index != found]
        if not others or _holds_codes(sheet, row, found):
            continue
        if codes := [index for index in others if _holds_codes(sheet, row, index)]:
            columns = columns | {name: codes}
            if "name" in fields and "name" not in columns:
                columns["name"] = [found]
    return columns


def _other_codes(
    header: Sequence[str], field: Field, columns: Mapping[str, Sequence[int]]
) -> list[int]:
    """Return the columns that no other field has, and whose names are of codes of communes."""
    taken = {index for name, each in columns.items() if name != field.name for index in each}
    pattern = "|".join((*field.patterns, _CODE_BESIDE_NAME))
    return [k for k, name in enumerate(header) if k not in taken and re.search(pattern, name)]


def _holds_codes(sheet: Sheet, row: int, index: int) -> bool:
    """Return whether a column holds any code of a commune."""
    texts = sheet.texts(row, [index]).to_series().drop_nulls()
    return bool(texts.str.contains(_LIKE_CODE).any())


def _newest(header: Sequence[str], indices: Sequence[int]) -> int | None:
    """Return the column of the newest year, if names differ in their year alone; or else None."""
    found = {index: re.fullmatch(r"(.*?)((?:19|20)?\d\d)", header[index]) for index in indices}
    stems = {year[1] if year else None for year in found.values()}
    years = {index: int(year[2]) % 100 for index, year in found.items() if year}
    if len(stems) > 1 or None in stems or len(set(years.values())) < len(indices):
        return None
    # Censuses of the 1990s come before those of the 2000s.
    return max(years, key=lambda index: (years[index] < 90, years[index]))


def _family(cells: Sequence[str], header: Sequence[str], layout: Layout) -> dict[str, int]:
    if not layout.family:
        return {}
    return {
        cell: index
        for index, (cell, name) in enumerate(zip(cells, header, strict=True))
        # 46.15 is a figure of some row, not the ages from 46 to 15.
        if re.search(layout.family, name) and not re.match(r"-?\d+[.,]\d+$", cell.strip())
    }


def _unrecognised(sheets: Sequence[Sheet], layouts: Sequence[Layout]) -> Fault:
    """Return the fault of a file without a known layout: its headers, and what was expected."""
    expected = "; or ".join(f"{each.title}: {each.expected}" for each in layouts)
    kind, details = "empty_sheets", dict[str, object](expected=expected)
    headers = []
    for sheet in sheets[:4]:
        if sheet.head:
            # The row with the most cells is most likely the header.
            filled = [[cell.strip() for cell in row if cell.strip()] for row in sheet.head]
            row = max(range(len(filled)), key=lambda k: len(filled[k]))
            headers.append((sheet.name, row + 1, tuple(filled[row][:8])))
    if headers and all(row == 1 and is_data(cells) for _, row, cells in headers):
        return Fault("source_file.no_header", sheets[0].file, details=details)
    headers = [(name, row, shown_header(cells)) for name, row, cells in headers]
    if headers:
        kind, names = "unrecognised_columns", ("sheets", "header_rows", "columns")
        details.update(zip(names, zip(*headers, strict=True), strict=True))
    missing = list(dict.fromkeys(_missing_fields(sheets, layouts)))
    if missing:
        kind = "unrecognised_column" if len(missing) == 1 else "unrecognised_key"
    else:
        fields = (field for layout in layouts for field in layout.fields if field.required)
        missing = list(dict.fromkeys(field.name for field in fields))
    if headers:
        details |= {"field": missing[-1], "fields": tuple(missing)}
    return Fault(f"source_file.{kind}", sheets[0].file if sheets else "workbook", details=details)


def _absent(
    sheets: Sequence[Sheet], names: NamedColumns, layouts: Sequence[Layout]
) -> dict[str, str]:
    """Return the columns of these layouts that the user names and no row has, by field."""
    fields = {field.name for layout in layouts for field in layout.fields}
    cells = {plain(cell) for sheet in sheets for row in sheet.head for cell in row}
    rest = names.rest().items()
    return {field: name for field, name in rest if field in fields and plain(name) not in cells}


def _missing_fields(sheets: Sequence[Sheet], layouts: Sequence[Layout]) -> Iterator[str]:
    """Yield the only field that a row lacks for each of some layouts, if there is such a row."""
    for layout in layouts:
        required = [field for field in layout.fields if field.required]
        for cells in (cells for sheet in sheets for cells in sheet.head):
            columns = match_columns([plain(cell) for cell in cells], required, {})
            missing = [field.name for field in required if field.name not in columns]
            if len(missing) == 1 < len(required) and not layout.family:
                yield missing[0]
                break


def stated_vintage(path: Path, sheet: Sheet) -> int | None:
    """Return the year of geography that the titles of a sheet or the name of its file state."""
    titles = [plain(cell) for row in sheet.head[:8] for cell in row]
    for text in [*titles, plain(path.name)]:
        for pattern in _VINTAGE:
            if stated := re.search(pattern, text):
                year = int(stated[1])
                return year if year > 2000 else 2000 + year
    return None


def text_columns(sheet: Sheet, header: int, columns: Mapping[str, int]) -> pl.DataFrame:
    """Return columns of text under given names, without spaces around; blank cells are null."""
    frame = sheet.texts(header, list(columns.values()))
    return frame.select(stripped(str(index)).alias(name) for name, index in columns.items())
