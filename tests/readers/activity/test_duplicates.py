"""Prestations that stand twice in the data."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from support.activity_files import (
    Row,
    faults_of,
    notes,
    read,
    read_files,
    text_of_rows,
    write,
    year_of_services,
)

from apl_engine.errors import Fault
from apl_engine.readers.activity import aggregate


def fault_of_both(folder: Path, second: bytes, name: str) -> Fault:
    """Return the fault of a year of services and a second file."""
    (folder / name).write_bytes(second)
    (folder / "a.csv").write_bytes(text_of_rows(year_of_services()))
    (fault,) = faults_of(read_files, folder, "a.csv", name)
    return fault


@pytest.mark.parametrize("way", ["line ends", "order", "gz", "parquet"])
def test_copies_that_differ_in_their_bytes(tmp_path: Path, way: str) -> None:
    rows = year_of_services()
    raw, name = text_of_rows(rows), "b.csv"
    if way == "line ends":
        raw = raw.replace(b"\n", b"\r\n")
    if way == "order":
        raw = text_of_rows(rows[::-1])
    if way == "gz":
        raw, name = gzip.compress(raw), "b.csv.gz"
    if way == "parquet":
        name = "b.parquet"
        raw = write(tmp_path / name, rows).read_bytes()
    fault = fault_of_both(tmp_path, raw, name)
    assert (fault.code, fault.table, fault.details) == ("activity.copy", name, {"other": "a.csv"})


def test_a_file_whose_rows_another_has(tmp_path: Path) -> None:
    fault = fault_of_both(tmp_path, text_of_rows(year_of_services()[:150]), "b.csv")
    assert (fault.code, fault.table) == ("activity.rows_of_another_file", "b.csv")
    assert fault.details == {"other": "a.csv"}


@pytest.mark.parametrize("compared", [500_000, 100])
def test_rows_that_are_repeated(
    tmp_path: Path, compared: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aggregate, "MOST_COMPARED", compared)
    rows: list[Row] = [
        {**row, "age": k % 2, "fees": row["fees"] + k}
        for k in range(2)
        for row in year_of_services()
    ]
    (fault,) = faults_of(read, tmp_path, rows * 3)
    assert (fault.code, fault.details) == ("activity.rows_repeated", {"times": 3})


def test_rows_that_are_alike_in_part(tmp_path: Path) -> None:
    rows = year_of_services()
    note = notes(read(tmp_path, [*rows, *rows[:60]]))["rows_alike"]
    assert (note.count, note.warning) == (60, True)
    assert note.details == {"compared": 300, "share": 0.2}
    assert not notes(read(tmp_path, [*rows, *rows[:6]]))["rows_alike"].warning
