"""What happens to tables on their way: the same file, a little wrong. Workbooks and CSV alike.

Each takes the path of a file written by `miniatures` (`;` between columns of a CSV) and changes it
in place. Rows are counted from 1, as in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .plain import read_workbook
from .writing import Cell, write_rows, write_workbook

NARROW_SPACE, NO_BREAK_SPACE = "\u202f", "\xa0"
MASKS = ("NS", "n.d.", "-")

Table = list[list[Cell]]


def _change(path: Path, change: Callable[[Table], Table], sheet: str | None = None) -> None:
    """Change the rows of a CSV, or those of one sheet (the first) of a workbook."""
    if path.suffix == ".xlsx":
        sheets = read_workbook(path)
        name = sheet or next(iter(sheets))
        write_workbook(path, sheets | {name: change(sheets[name])})
        return
    text = path.read_text("utf-8")
    separator = ";" if ";" in text.splitlines()[0] else ","
    rows: Table = [[cell or None for cell in line.split(separator)] for line in text.splitlines()]
    write_rows(path, change(rows), separator=separator)


def _column(row: list[Cell], column: int, change: Callable[[Cell], Cell]) -> list[Cell]:
    return [change(cell) if at == column else cell for at, cell in enumerate(row)]


def rename_sheets(path: Path) -> None:
    """Give every sheet a name that says nothing: Feuil1, Feuil2 ..."""
    sheets = read_workbook(path)
    write_workbook(path, {f"Feuil{n}": rows for n, rows in enumerate(sheets.values(), 1)})


def put_cover_first(path: Path) -> None:
    """Put a sheet without a table before the others."""
    cover: dict[str, Table] = {"Lisez-moi": [["Mode d'emploi"], ["Voir page 2"]]}
    write_workbook(path, cover | read_workbook(path))


def drop_sheet(path: Path, sheet: str) -> None:
    """Take a sheet away."""
    sheets = read_workbook(path)
    del sheets[sheet]
    write_workbook(path, sheets)


def move_header(path: Path, rows: int = 3, *, sheet: str | None = None) -> None:
    """Move everything down by some rows of text."""
    above: Table = [[f"Ligne {n + 1}"] for n in range(rows)]
    _change(path, lambda table: above + table, sheet)


def merge_titles(path: Path, *, sheet: str | None = None) -> None:
    """Put two rows on top of a workbook, the first four cells of each merged."""
    sheets = read_workbook(path)
    name = sheet or next(iter(sheets))
    sheets[name] = [["Titre sur quatre colonnes"], ["Sous-titre"], *sheets[name]]
    write_workbook(path, sheets, merged={name: ["A1:D1", "A2:D2"]})


def rename_column(path: Path, header_row: int, old: str, new: str, **where: str) -> None:
    """Rename a column; "" leaves its heading empty."""
    row = header_row - 1
    _change(
        path,
        lambda table: [
            [new if n == row and cell == old else cell for cell in cells]
            for n, cells in enumerate(table)
        ],
        **where,
    )


def add_total_row(path: Path, label: str = "France entière", *, at: int = 0, **where: str) -> None:
    """Add a row of sums at the end of a CSV or of a sheet; the label stands in column `at`."""

    def total(table: Table) -> Table:
        width = max(len(row) for row in table)
        sums: list[Cell] = [
            label if n == at else 1_234_567 if n > 1 else None for n in range(width)
        ]
        return [*table, sums]

    _change(path, total, **where)


def repeat_row(path: Path, row: int, **where: str) -> None:
    """Repeat one row right below itself."""
    _change(path, lambda table: [*table[:row], table[row - 1], *table[row:]], **where)


def mask_cells(
    path: Path, column: int, first_row: int, words: tuple[str, ...] = MASKS, **where: str
) -> None:
    """Put words for "no value" into a column (from 0), one after the other from a row on."""

    def masked(table: Table) -> Table:
        put = dict(enumerate(words, first_row - 1))
        return [
            _column(row, column, lambda cell, n=n: put.get(n, cell))  # type: ignore[misc]
            for n, row in enumerate(table)
        ]

    _change(path, masked, **where)


def write_decimal_commas(path: Path, column: int, first_row: int, **where: str) -> None:
    """Make the numbers of a column text with a decimal comma."""
    _change_numbers(path, column, first_row, lambda text: text.replace(".", ","), where)


def write_thousands(
    path: Path, column: int, first_row: int, *, space: str = NARROW_SPACE, **where: str
) -> None:
    """Make the numbers of a column text with a space, narrow or no-break, between thousands."""

    def spaced(text: str) -> str:
        whole, point, rest = text.partition(".")
        return f"{int(whole):,}".replace(",", space) + point + rest

    _change_numbers(path, column, first_row, spaced, where)


def _change_numbers(
    path: Path, column: int, first_row: int, change: Callable[[str], str], where: dict[str, str]
) -> None:
    def one(cell: Cell) -> Cell:
        try:
            float(str(cell))
        except ValueError:
            return cell
        return change(str(cell))

    def changed(table: Table) -> Table:
        return table[: first_row - 1] + [
            _column(row, column, one) for row in table[first_row - 1 :]
        ]

    _change(path, changed, **where)


def mangle_codes(
    path: Path, column: int, first_row: int, *, as_numbers: bool = True, **where: str
) -> dict[str, str]:
    """Do to codes what spreadsheets do, and return what became of each that changed.

    01001 loses its zero (a number, in a workbook, unless `as_numbers` is false), 2A004 becomes
    2a004, and the first code that is neither becomes 1E+05.
    """
    became: dict[str, str] = {}

    def one(cell: Cell) -> Cell:
        code = str(cell)
        if not isinstance(cell, str) or len(code) != 5 or not code[0].isdigit():
            return cell
        if code.startswith("0"):
            became[code] = code.lstrip("0")
            return int(code) if as_numbers else became[code]
        if not code.isdigit():
            became[code] = code.lower()
        elif "1E+05" not in became.values():
            became[code] = "1E+05"
        return became.get(code, cell)

    def changed(table: Table) -> Table:
        return table[: first_row - 1] + [
            _column(row, column, one) for row in table[first_row - 1 :]
        ]

    _change(path, changed, **where)
    return became


# --- text -----------------------------------------------------------------------------------------


def leave_quote_open(path: Path, line: int = 3) -> None:
    """Begin the second field of a line with a quote that nothing closes."""
    lines = path.read_text("utf-8").splitlines()
    first, mark, rest = lines[line - 1].partition(";" if ";" in lines[0] else ",")
    lines[line - 1] = f'{first}{mark}"{rest}'
    path.write_bytes("\r\n".join([*lines, ""]).encode())


def to_utf16(path: Path) -> None:
    """Recode a UTF-8 file as Windows' "Unicode text": UTF-16 with its mark."""
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))


def to_utf8_with_mark(path: Path) -> None:
    """Put the mark of UTF-8 before the text."""
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def to_windows(path: Path) -> None:
    """Recode a UTF-8 file as Windows-1252, which has œ."""
    path.write_bytes(path.read_text("utf-8").encode("cp1252"))


def to_latin1(path: Path) -> None:
    """Recode a UTF-8 file as Latin-1; œ and Œ, which it lacks, become oe and OE."""
    text = path.read_text("utf-8").replace("œ", "oe").replace("Œ", "OE")
    path.write_bytes(text.encode("latin-1"))


def cut_short(path: Path, kept: float = 0.5) -> None:
    """Keep the first part of a file: a gzip or a workbook whose download broke off."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
