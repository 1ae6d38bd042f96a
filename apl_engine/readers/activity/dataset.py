"""The files of a data set about activity: found, and opened without reading a row.

A data set is one file, several, or folders of them; a folder may be partitioned in the manner of
Hive (``year=2022/month=3``). Files of the same layout make one part, which is read in one scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ...errors import Fault
from ...inputs.tables import SUFFIXES, reading
from ...notes import Note, first
from ..common.file_type import content_of
from ..common.text_file import header_of

_TEXT_SUFFIXES = (".txt", ".txt.gz")
# Polars cuts longer rows in silence where it does not read all columns: one more tells them.
_FURTHER = "(further fields)"
LONGER = "rows have more fields than the header"
LONGER_HINT = "Quote values that hold the separator."
# Takes the file that a row is of.
FILE = "(file)"
_ROW = "(row)"
# Rows read at a time, and about the least that a row of text takes, compressed.
PIECE, _BYTES_A_ROW = 2**24, 8


@dataclass(frozen=True)
class Layout:
    """What files must share to be read in one scan.

    Attributes
    ----------
    kind : Parquet, CSV or Arrow IPC.
    schema : names and types of the columns.
    separator : of a CSV.
    partition : columns that the names of the folders give.
    """

    kind: str
    schema: tuple[tuple[str, pl.DataType], ...]
    separator: str = ","
    partition: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> list[str]:
        """Return all columns, those of the partition last."""
        own = [name for name, _ in self.schema]
        return own + [name for name, _ in self.partition if name not in own]


@dataclass
class Part:
    """Files of one layout."""

    layout: Layout
    files: list[Path] = field(default_factory=list)

    @property
    def decimal_comma(self) -> bool:
        """Tell whether a comma in a number is a decimal one."""
        return self.layout.kind == "CSV" and self.layout.separator != ","

    @property
    def longer(self) -> pl.Expr:
        """Tell which rows have more fields than the header: all that follows is then displaced."""
        return pl.col(_FURTHER).is_not_null() if self.layout.kind == "CSV" else pl.lit(False)

    def scan(self, files: Sequence[Path] | None = None) -> pl.LazyFrame:
        """Return the rows of all files, or of some, in one plan; `FILE` says whose they are."""
        paths, layout = list(files or self.files), self.layout
        if layout.kind == "Parquet":
            frame = pl.scan_parquet(
                paths, glob=False, hive_partitioning=False, include_file_paths=FILE
            )
        elif layout.kind == "Arrow IPC":
            frame = pl.scan_ipc(paths, glob=False, include_file_paths=FILE)
        else:
            frame = pl.scan_csv(
                paths,
                has_header=False,
                skip_lines=1,
                schema={**dict(layout.schema), _FURTHER: pl.String()},
                separator=layout.separator,
                # Windows-1252 in a label is of no matter: what is used is ASCII.
                encoding="utf8-lossy",
                missing_columns="insert",
                glob=False,
                include_file_paths=FILE,
            )
        own = dict(layout.schema)
        return frame.with_columns(
            pl.lit(value).alias(name) for name, value in layout.partition if name not in own
        )

    def pieces(self) -> Iterator[pl.LazyFrame]:
        """Give the rows some millions at a time.

        A streaming group-by keeps the rows that its table of groups has no room for, sometimes
        nearly all of them: pieces bound what it can hold. A file of text is one piece.
        """
        held: list[Path] = []
        rows = 0
        for path in self.files:
            more = self._rows(path)
            if held and rows + more > PIECE:
                yield self.scan(held)
                held, rows = [], 0
            if more > PIECE and self.layout.kind != "CSV":
                yield from (self.scan([path]).slice(k, PIECE) for k in range(0, more, PIECE))
            else:
                held.append(path)
                rows += more
        if held:
            yield self.scan(held)

    def _rows(self, path: Path) -> int:
        """Count the rows of a file; guess those of a text by its size."""
        if self.layout.kind == "CSV":
            return path.stat().st_size // _BYTES_A_ROW
        return int(self.scan([path]).select(pl.len()).collect().item())

    @property
    def rows(self) -> int:
        """Return about how many rows there are."""
        return sum(self._rows(path) for path in self.files)

    def find(
        self, wrong: pl.Expr, files: Sequence[Path] | None = None
    ) -> tuple[Path, tuple[int, ...]] | None:
        """Find the first rows of the first file that has such, counted from 1 below the header."""
        found = self.scan(files).filter(wrong).select(FILE).head(1).collect(engine="streaming")
        if found.is_empty():
            return None
        path = Path(found[FILE][0])
        rows = self.scan([path]).with_row_index(_ROW, 1).filter(wrong).select(_ROW).head(3)
        return path, tuple(rows.collect(engine="streaming")[_ROW])

    def read(self, plans: Sequence[pl.LazyFrame]) -> list[pl.DataFrame] | list[Fault]:
        """Run plans over this part in one pass; say which files cannot be read."""
        done = reading(
            "practitioners",
            self.files[0].name,
            self.layout.kind,
            lambda: pl.collect_all(plans, engine="streaming"),
        )
        return [self._culprit(done)] if isinstance(done, Fault) else done

    def _culprit(self, fault: Fault) -> Fault:
        """Say of which file a fault is: the first that cannot be read alone."""
        for path in self.files:
            frame = self.scan([path]).select(pl.all().null_count())
            alone = reading(
                "practitioners",
                path.name,
                self.layout.kind,
                lambda frame=frame: frame.collect(engine="streaming"),  # type: ignore[misc]
            )
            if isinstance(alone, Fault):
                return renamed(alone, path.name)
        return renamed(fault, self.files[0].name)


def renamed(fault: Fault, file: str) -> Fault:
    """Return a fault of a file that is no table of ours."""
    problem = fault.problem.removeprefix(f"{file} ")
    return Fault(
        code="legacy.fault",
        table=file,
        column=fault.column,
        count=fault.count,
        rows=fault.rows,
        values=fault.values,
        details={"problem": problem, "hint": fault.hint},
    )


def open_files(given: Sequence[Path]) -> tuple[list[Part], list[Fault], list[Note]]:
    """Find and open the files of a data set.

    Parameters
    ----------
    given : files and folders.

    Returns
    -------
    list of Part, list of Fault, list of Note
        Parts in the order of their first file, by name.
    """
    files, faults, notes = _find(given)
    parts: dict[Layout, Part] = {}
    for path, partition in files:
        layout = _layout(path, partition)
        if isinstance(layout, Fault):
            faults.append(layout)
        else:
            parts.setdefault(layout, Part(layout)).files.append(path)
    if not files and not faults:
        faults.append(
            Fault(
                code="legacy.fault",
                table="prestations",
                details={"problem": "no file is given", "hint": "Give one or several."},
            )
        )
    return list(parts.values()), faults, notes


Partition = tuple[tuple[str, str], ...]


def _find(given: Sequence[Path]) -> tuple[list[tuple[Path, Partition]], list[Fault], list[Note]]:
    """Return every file with what its folders say, each once, in the order of their names."""
    found: dict[Path, Partition] = {}
    faults: list[Fault] = []
    aside: list[str] = []
    for place in given:
        if not place.is_dir():
            found.setdefault(place.resolve(), _partition(place.parent.parts[-4:]))
            continue
        inside = [path for path in sorted(place.rglob("*")) if _is_visible(path, place)]
        known = [path for path in inside if path.name.lower().endswith(_endings())]
        aside += [path.name for path in inside if path not in set(known)]
        if not known:
            hint = f"Known endings: {', '.join(_endings())}."
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=str(place),
                    details={"problem": "the folder holds no file of a known format", "hint": hint},
                )
            )
        for path in known:
            found.setdefault(path.resolve(), _partition(path.parent.relative_to(place).parts))
    notes = []
    if aside:
        text = "files of the folder that are of no format that is read are left aside"
        notes.append(
            Note("files_aside", len(aside), first(aside), warning=True, details={"text": text})
        )
    return sorted(found.items()), faults, notes


def _endings() -> tuple[str, ...]:
    return (*SUFFIXES, *_TEXT_SUFFIXES)


def _is_visible(path: Path, root: Path) -> bool:
    """Tell whether a file is one of data: not ``_SUCCESS``, nothing hidden."""
    parts = path.relative_to(root).parts
    return path.is_file() and not any(part.startswith((".", "_")) for part in parts)


def _partition(folders: Sequence[str]) -> Partition:
    pairs = (folder.split("=", 1) for folder in folders if "=" in folder)
    return tuple((name, value) for name, value in pairs if name and value)


def _layout(path: Path, partition: Partition) -> Layout | Fault:
    """Open a file far enough to know its columns."""
    kind = content_of(path)
    if isinstance(kind, Fault):
        return kind
    if kind == "workbook":
        hint = f"Save it as CSV or Parquet. Known endings: {', '.join(_endings())}."
        return Fault(
            code="legacy.fault", table=path.name, details={"problem": "is a workbook", "hint": hint}
        )
    layout = reading("practitioners", path.name, kind, lambda: _open(path, kind, partition))
    return renamed(layout, path.name) if isinstance(layout, Fault) else layout


def _open(path: Path, kind: str, partition: Partition) -> Layout | Fault:
    if kind == "CSV":
        return _open_csv(path, partition)
    opened = pl.read_parquet_schema(path) if kind == "Parquet" else pl.read_ipc_schema(path)
    return Layout(kind, tuple(opened.items()), partition=partition)


def _open_csv(path: Path, partition: Partition) -> Layout | Fault:
    header = header_of(path)
    if isinstance(header, Fault):
        return header
    names, separator = header
    return Layout("CSV", tuple((name, pl.String()) for name in names), separator, partition)


def layouts_agree(parts: Sequence[Part], roles: Mapping[int, Mapping[str, str]]) -> list[Fault]:
    """Return the faults of files whose columns play other roles than those of the first."""
    reference = roles[0]
    return [
        Fault(
            code="legacy.fault",
            table=part.files[0].name,
            details={
                "problem": f"its columns are not those of {parts[0].files[0].name}",
                "hint": "Give files of one layout, or convert them apart.",
            },
        )
        for k, part in enumerate(parts[1:], 1)
        if roles[k] != reference
    ]
