"""Workbooks read cell by cell from their XML: to damage them, and to test what is written."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from .writing import Cell

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_workbook(path: Path) -> dict[str, list[list[Cell]]]:
    """Return the rows of each sheet: text, numbers, booleans, None where empty."""
    with zipfile.ZipFile(path) as book:
        shared: list[str] = []
        if "xl/sharedStrings.xml" in book.namelist():
            strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
            shared = ["".join(item.itertext()) for item in strings]
        tree = ElementTree.fromstring(book.read("xl/workbook.xml"))
        names = [str(sheet.get("name")) for sheet in tree.iter(f"{_MAIN}sheet")]
        return {
            name: _rows(book.read(f"xl/worksheets/sheet{number}.xml"), shared)
            for number, name in enumerate(names, 1)
        }


def _rows(text: bytes, shared: list[str]) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for element in ElementTree.fromstring(text).iter(f"{_MAIN}row"):
        row = dict(_cells(element, shared))
        rows += [[] for _ in range(int(element.attrib["r"]) - 1 - len(rows))]
        rows.append([row.get(column) for column in range(max(row, default=-1) + 1)])
    return rows


def _cells(row: ElementTree.Element, shared: list[str]) -> Iterator[tuple[int, Cell]]:
    for cell in row:
        letters = re.match(r"[A-Z]+", cell.attrib["r"])
        assert letters
        column = 0
        for letter in letters[0]:
            column = 26 * column + ord(letter) - ord("A") + 1
        kind, value = cell.get("t", "n"), cell.find(f"{_MAIN}v")
        if kind == "inlineStr":
            yield column - 1, "".join(cell.itertext())
        elif value is not None and value.text is not None:
            yield column - 1, _value(kind, value.text, shared)


def _value(kind: str, text: str, shared: list[str]) -> Cell:
    if kind == "s":
        return shared[int(text)]
    if kind == "b":
        return text == "1"
    if kind == "str":
        return text
    number = float(text)
    return int(number) if number.is_integer() and "." not in text else number
