"""Small workbooks and CSV files for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

Cell = str | float | None


def write_workbook(path: Path, sheets: dict[str, Sequence[Sequence[Cell]]]) -> Path:
    """Write rows of cells by sheet; text stays text, numbers are numbers."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    elif cell is not None:
                        sheet.write_number(number, column, cell)
    return path


def write_rows(path: Path, rows: Sequence[Sequence[Cell]], separator: str = ";") -> Path:
    """Write rows of cells as CSV in UTF-8; None as an empty cell."""
    lines = (separator.join("" if c is None else str(c) for c in row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
