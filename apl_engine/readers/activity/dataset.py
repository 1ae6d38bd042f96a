"""The files of a data set: found, grouped by layout, and opened without reading a row.

A data set is one file, several, or folders of them; a folder may be partitioned in the manner of
Hive (``year=2022/month=3``). Files of the same layout make one part, which is read in one scan.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from ...errors import Fault, InputDataError, first
from ...inputs.plain_file import PlainFile, open_plain
from ...inputs.row_shape import RowShape
from ...inputs.tables import SUFFIXES, reading, scan_arrow
from ..common.issues import Issues
from ..common.text_file import header_of

_ENDINGS = tuple(SUFFIXES)
# Polars cuts longer rows silently if it does not read all columns; one more shows them.
_EXCESS = "(excess fields)"
# Names the file of each row.
FILE = "(file)"
_ROW = "(row)"
# About the fewest bytes that a row of text takes, compressed.
_BYTES_A_ROW = 8

Partition = tuple[tuple[str, str], ...]
Rows = tuple[int, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class FileLayout:
    """What files must share to be read in one scan.

    Attributes
    ----------
    kind : str
        Parquet, CSV or Arrow IPC.
    schema : tuple of (str, polars.DataType)
        Names and types of the columns.
    separator : str
        Of a CSV.
    partition : tuple of (str, str)
        Columns and values that the names of the folders give.
    """

    kind: str
    schema: tuple[tuple[str, pl.DataType], ...]
    separator: str = ","
    partition: Partition = ()

    @property
    def names(self) -> list[str]:
        """All columns, those of the partition last."""
        own = [name for name, _ in self.schema]
        return own + [name for name, _ in self.partition if name not in own]


@dataclass
class Part:
    """Files of one layout.

    Attributes
    ----------
    layout : FileLayout
        What they share.
    opened : list of PlainFile
        The files, or copies of their tables.
    rows : tuple of int or None
        Number of the first row and of rows, if these alone are read, of a single file.
    """

    layout: FileLayout
    opened: list[PlainFile] = field(default_factory=list)
    rows: tuple[int, int] | None = None

    @property
    def files(self) -> list[Path]:
        """What is read."""
        return [file.path for file in self.opened]

    @property
    def schema(self) -> pl.Schema:
        """Types of all columns."""
        return pl.Schema(dict.fromkeys(self.layout.names, pl.String()) | dict(self.layout.schema))

    @property
    def decimal_comma(self) -> bool:
        """Whether a comma in a number is a decimal one."""
        return self.layout.kind == "CSV" and self.layout.separator != ","

    @property
    def too_long(self) -> pl.Expr:
        """Whether a row has more fields than the header, so that its values are displaced."""
        return pl.col(_EXCESS).is_not_null() if self.layout.kind == "CSV" else pl.lit(False)

    def scan(self, files: Sequence[Path] = ()) -> pl.LazyFrame:
        """Return the rows of all files, or of some, in one plan, with the column `FILE`."""
        paths, layout = list(files or self.files), self.layout
        shared: dict[str, Any] = {"glob": False, "include_file_paths": FILE}
        if layout.kind == "Parquet":
            frame = pl.scan_parquet(paths, hive_partitioning=False, **shared)
        elif layout.kind == "Arrow IPC":
            frame = pl.concat(
                [scan_arrow(path).with_columns(pl.lit(str(path)).alias(FILE)) for path in paths]
            )
        else:
            schema = {**dict(layout.schema), _EXCESS: pl.String()}
            # Bad UTF-8 is no fault: values that matter are ASCII, or compared by `is_selected`.
            shared |= {"encoding": "utf8-lossy", "missing_columns": "insert", "skip_lines": 1}
            shared |= {"has_header": False, "separator": layout.separator}
            frame = pl.scan_csv(paths, schema=schema, **shared)
        if self.rows and not files:
            frame = frame.slice(*self.rows)
        own = dict(layout.schema)
        return frame.with_columns(
            pl.lit(value).alias(name) for name, value in layout.partition if name not in own
        )

    def shape_of(self, path: Path) -> RowShape | None:
        """Return what every row of a CSV file must have; None for a file of another kind."""
        size = len(self.layout.schema)
        return RowShape(path, self.layout.separator, size) if self.layout.kind == "CSV" else None

    def count_rows(self, path: Path, issues: Issues) -> int:
        """Count the rows of a file; of a text, estimate them from its size."""
        if self.layout.kind == "CSV":
            return path.stat().st_size // _BYTES_A_ROW
        return int(self.read(self.scan([path]).select(pl.len()), issues).item())

    def find(self, wrong: pl.Expr, files: Sequence[Path] = ()) -> tuple[Path, Rows] | None:
        """Return the first file with such rows, and the first of them from 1 below the header."""
        hit = self.scan(files).filter(wrong).select(FILE).head(1).collect(engine="streaming")
        if hit.is_empty():
            return None
        path = Path(hit[FILE][0])
        rows = self.scan([path]).with_row_index(_ROW, 1).filter(wrong).select(_ROW).head(3)
        return path, tuple(rows.collect(engine="streaming")[_ROW])

    def read(self, plan: pl.LazyFrame, issues: Issues) -> pl.DataFrame:
        """Run a plan over this part; raise the faults if a file is unreadable."""
        done = self.run(lambda: plan.collect(engine="streaming"))
        if isinstance(done, Fault):
            raise InputDataError([*issues.faults, done])
        return done

    def run(self, action: Callable[[], T]) -> T | Fault:
        """Return what an action makes of the rows, or the fault of the file that is unreadable."""
        done = _attempt(self.files[0], self.layout.kind, action)
        if not isinstance(done, Fault):
            return done
        results = (self._read_alone(path) for path in self.files)
        return next((fault for fault in results if isinstance(fault, Fault)), done)

    def _read_alone(self, path: Path) -> pl.DataFrame | Fault:
        def run() -> pl.DataFrame:
            counts = self.scan([path]).select(pl.all().null_count())
            return counts.collect(engine="streaming")

        return _attempt(path, self.layout.kind, run)


def open_files(paths: Sequence[Path], issues: Issues) -> list[Part]:
    """Find and open the files of a data set.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.
    issues : Issues
        Takes the faults of files that cannot be opened, and the note of those ignored.

    Returns
    -------
    list of Part
        In the order of their first file, by name.
    """
    files = _find_files(paths, issues)
    parts: dict[FileLayout, Part] = {}
    for path, partition in files:
        file = open_plain(path)
        if isinstance(file, Fault):
            issues.faults.append(file)
        elif isinstance(layout := _layout(file, partition), Fault):
            issues.faults.append(layout)
        else:
            parts.setdefault(layout, Part(layout)).opened.append(file)
    if not paths:
        issues.fault("activity.no_file")
    return list(parts.values())


def _find_files(paths: Sequence[Path], issues: Issues) -> list[tuple[Path, Partition]]:
    """Return every file once, by name, with the partition that its folders give."""
    files: dict[Path, Partition] = {}
    ignored: list[str] = []
    for place in paths:
        if not os.path.isdir(place):
            files.setdefault(place.resolve(), _partition(place.parent.parts[-4:]))
            continue
        inside = [path for path in sorted(place.rglob("*")) if _is_visible(path, place)]
        data = [path for path in inside if path.name.lower().endswith(_ENDINGS)]
        ignored += [path.name for path in inside if path not in data]
        if not data:
            issues.fault("activity.empty_folder", table=str(place), endings=_ENDINGS)
        for path in data:
            files.setdefault(path.resolve(), _partition(path.parent.relative_to(place).parts))
    issues.note_count("activity.files_ignored", len(ignored), first(ignored))
    return sorted(files.items())


def _is_visible(path: Path, root: Path) -> bool:
    """Whether a file may hold data: not ``_SUCCESS``, nothing hidden."""
    parts = path.relative_to(root).parts
    return os.path.isfile(path) and not any(part.startswith((".", "_")) for part in parts)


def _partition(folders: Sequence[str]) -> Partition:
    pairs = (folder.split("=", 1) for folder in folders if "=" in folder)
    return tuple((name, value) for name, value in pairs if name and value)


def _layout(file: PlainFile, partition: Partition) -> FileLayout | Fault:
    """Read the columns of a file, and whether it ends within a row."""
    path, kind = file.path, file.content
    if kind == "workbook":
        return Fault("activity.workbook", path.name, details={"endings": _ENDINGS})
    if kind == "CSV":
        header = _attempt(path, kind, lambda: header_of(path))
        if isinstance(header, Fault):
            return header
        cut = RowShape(path, header[1], len(header[0])).cut_at_end()
        if cut:
            return replace(cut, values=())
        texts = tuple((name, pl.String()) for name in header[0])
        return FileLayout(kind, texts, header[1], partition)
    scan = pl.scan_parquet if kind == "Parquet" else scan_arrow
    schema = _attempt(path, kind, lambda: scan(path).collect_schema())
    if isinstance(schema, Fault):
        return schema
    return FileLayout(kind, tuple(schema.items()), partition=partition)


def cut_after_decompression(shape: RowShape | None) -> Fault | None:
    """Return the fault of a compressed CSV file that ends within a row; it quotes no row.

    All of the file is decompressed for it.
    """
    cut = shape.cut_after_decompression() if shape else None
    return replace(cut, values=()) if cut else None


def _attempt(path: Path, kind: str, action: Callable[[], T | Fault]) -> T | Fault:
    """Run an action on a file; its fault is one of rows of practitioners, which quotes none."""
    done = reading("practitioners", path.name, kind, action)
    return replace(done, table=path.name) if isinstance(done, Fault) else done
