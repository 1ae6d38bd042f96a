"""Reading the raw files that readers are tested on, and the miniatures."""

from __future__ import annotations

import csv
import gzip
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from .publishers import world
from .publishers.plain import read_workbook


def text_of(path: Path, encoding: str = "utf-8", separator: str = ";") -> pl.DataFrame:
    content = path.read_bytes().decode(encoding).encode()
    return pl.read_csv(content, separator=separator, infer_schema=False)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sheets_of(path: Path) -> dict[str, list[list[str | None]]]:
    """Return every cell as text, read by fastexcel."""
    book = fastexcel.read_excel(path)
    sheets = {}
    for name in book.sheet_names:
        frame = book.load_sheet(name, header_row=None, dtypes="string").to_polars()
        sheets[name] = [list(row) for row in frame.iter_rows()]
    return sheets


def codes() -> list[str]:
    return [commune.code for commune in world.places()]


def miniature(write: Callable[..., dict[str, pl.DataFrame]], *args: Any, **options: Any) -> Any:
    """Return what a writer returns, its file not being needed."""
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder) / "file.xlsx", *args, **options)


def table(path: Path) -> list[list[Any]]:
    """Return the rows of the first sheet of a workbook, or of a CSV file."""
    if path.suffix == ".xlsx":
        return next(iter(read_workbook(path).values()))
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))  # type: ignore[arg-type]
