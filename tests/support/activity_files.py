"""Small files of prestations and registers, and what the reader makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest

from apl_engine.errors import Fault, InputDataError, Note
from apl_engine.inputs.imported import Imported
from apl_engine.methodology import load_methodology
from apl_engine.readers.activity import units
from apl_engine.readers.activity.read import read_activity

RULES = load_methodology("mk-2024")
Row = dict[str, Any]


def service(who: str | None = "p1", commune: str | None = "01001", **other: Any) -> Row:
    row = {"month": 202203, "age": 34, "acts": 2, "fees": 32.26}
    return {"practitioner_id": who, "commune": commune, **row, **other}


def entry(
    who: str | None, born: str = "1980-05-01", since: str = "2010-01-01", **other: Any
) -> Row:
    dates = {"birth_date": date.fromisoformat(born), "installation_date": since}
    return {"practitioner_id": who, **dates, **other}


PEOPLE = [entry("p1"), entry("p2", "1957-12-31"), entry("p3", since="2022-04-01")]
SERVICES = [
    service(),
    service(acts=3, fees=50.01, age=0),
    service("p1", "2A004", age=95),
    service("p2", "75101", fees=0.1),
    service("p2", "75101", fees=0.2, age=100),
    service("p3", "01002", acts=1, fees=16.13, age=64),
]

HEADER = "practitioner_id;commune;month;age;acts;fees;libellé"
LINES = [
    "p1;01001;202203;34;2;32,26;kiné",
    "p1;01001;202203;0;3;50,01;",
    "p1;2A004;202203;95;2;32,26;x",
    "p2;75101;202203;34;2;0,1;x",
    "p2;75101;202203;100;2;0,2;x",
    "p3;01002;202203;64;1;16,13;x",
]
TEXT = "\n".join([HEADER, *LINES, ""])


def write(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows as Parquet."""
    pl.DataFrame(list(rows), infer_schema_length=None).write_parquet(path)
    return path


@cache
def process_pool() -> ProcessPoolExecutor:
    """Return a process that reads units, the same for all tests."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def read_twice(files: Sequence[Path], register: Path, **options: Any) -> Imported:
    """Read files here; and in another process in many units, which must change nothing."""
    here = _outcome(files, register, **options)
    with (
        mock.patch.object(units, "BYTES_OF_FILES", 0),
        mock.patch.object(units, "BYTES_OF_ROWS", 4_000),
    ):
        assert _outcome(files, register, executor=process_pool(), **options)[:-1] == here[:-1]
    if isinstance(here[-1], InputDataError):
        raise here[-1]
    return here[-1]


def _outcome(files: Sequence[Path], register: Path, **options: Any) -> tuple[Any, ...]:
    """Return all that is seen of an import or of its refusal, and itself."""
    try:
        made = read_activity(files, register, RULES, **options)
    except InputDataError as error:
        return error.faults, str(error), error
    tables = {name: (table.schema, table.rows()) for name, table in made.tables.items()}
    return tables, made.as_dict(), made.notes, made.stamps, made


def read(
    folder: Path,
    rows: Sequence[Row] = SERVICES,
    people: Sequence[Row] = PEOPLE,
    **options: Any,
) -> Imported:
    """Write both files as Parquet and read them."""
    prestations = write(folder / "prestations.parquet", rows)
    register = write(folder / "register.parquet", people)
    return read_twice([prestations], register, **options)


def read_files(folder: Path, *names: str, **options: Any) -> Imported:
    """Read files that are there, with the usual register."""
    register = write(folder / "r.parquet", PEOPLE)
    return read_twice([folder / name for name in names], register, **options)


def read_text(folder: Path, raw: bytes, name: str = "p.csv", **options: Any) -> Imported:
    """Write prestations as they are and read them."""
    (folder / name).write_bytes(raw)
    return read_files(folder, name, **options)


def faults_of(function: Any, *arguments: Any, **options: Any) -> tuple[Fault, ...]:
    """Return the faults that one of the functions above raises."""
    with pytest.raises(InputDataError) as caught:
        function(*arguments, **options)
    return caught.value.faults


def practices(imported: Imported) -> list[tuple[Any, ...]]:
    return imported.tables["practitioners"].rows()


def fees(imported: Imported) -> dict[str, float]:
    """Return the bands that consumed something."""
    return {band: paid for band, paid in imported.tables["consumption"].iter_rows() if paid}


def notes(imported: Imported) -> dict[str, Note]:
    return {note.code.removeprefix("activity."): note for note in imported.notes}


def year_of_services(size: int = 240, **other: Any) -> list[Row]:
    """Rows of all months, no two of them alike."""
    return [
        service(
            month=202201 + k % 12, age=k % 90, acts=k % 7 + 30 + k // 12 % 20,
            fees=round(17.5 * (k % 7 + 30) + k / 100, 2), **other,
        )
        for k in range(size)
    ]  # fmt: skip


def text_of_rows(rows: Sequence[Row], **change: Any) -> bytes:
    """Return rows as CSV with semicolons; `change` formats columns."""
    names = HEADER.split(";")[:6]
    lines = [";".join(str(change.get(name, str)(row[name])) for name in names) for row in rows]
    return "\n".join([";".join(names), *lines, ""]).encode()
