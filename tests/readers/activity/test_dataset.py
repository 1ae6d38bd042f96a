"""Files of prestations: formats, folders, and files that cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
from support.activity_files import (
    HEADER,
    LINES,
    SERVICES,
    TEXT,
    faults_of,
    fees,
    notes,
    practices,
    read,
    read_files,
    read_text,
    write,
)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (TEXT.encode(), "p.csv"),
        (TEXT.encode("utf-8-sig"), "p.csv"),
        (TEXT.encode("cp1252"), "p.csv"),
        (TEXT.replace("\n", "\r\n").encode(), "p.txt"),
        (gzip.compress(TEXT.encode("cp1252"), mtime=0), "p.csv.gz"),
        (TEXT.replace(",", ".").replace(";", ",").encode(), "p.csv"),
        (TEXT.replace(";", "\t").encode(), "p.csv"),
        (TEXT.replace("34;2", ' 34 ;"2"').encode() + b"\n", "p.csv"),
    ],
)
def test_texts(tmp_path: Path, raw: bytes, name: str) -> None:
    done, expected = read_text(tmp_path, raw, name), read(tmp_path)
    assert practices(done) == practices(expected)
    assert fees(done) == fees(expected)


def test_zstandard(tmp_path: Path) -> None:
    pl.DataFrame(SERVICES).lazy().sink_csv(tmp_path / "p.csv.zst", compression="zstd")
    assert practices(read_files(tmp_path, "p.csv.zst")) == practices(read(tmp_path))


def test_hive_partitions_of_different_formats(tmp_path: Path) -> None:
    expected = read(tmp_path)
    for k, row in enumerate(SERVICES):
        place = tmp_path / "data" / "year=2022" / f"month={k + 1}"
        place.mkdir(parents=True)
        frame = pl.DataFrame([row]).drop("month")
        if k % 3 == 0:
            frame.write_csv(place / "a.csv", separator=";", decimal_comma=True)
        elif k % 3 == 1:
            frame.with_columns(pl.col("acts").cast(pl.Float32)).write_ipc(place / "a.arrow")
        else:
            frame.write_parquet(place / "a.parquet")
    other = tmp_path / "data" / "year=2021" / "month=12"
    other.mkdir(parents=True)
    pl.DataFrame(SERVICES).drop("month").write_parquet(other / "b.parquet")
    (tmp_path / "data" / "_SUCCESS").touch()
    (tmp_path / "data" / "notes.pdf").touch()
    done = read_files(tmp_path, "data")
    assert practices(done) == practices(expected)
    assert fees(done) == fees(expected)
    assert notes(done)["other_years"].count == 6
    assert notes(done)["files_ignored"].examples == ("notes.pdf",)
    assert len(done.stamps) == 8


@pytest.mark.parametrize(
    ("raw", "name", "code", "column", "rows"),
    [
        (HEADER.encode() + b"\n", "p.csv", "activity.no_row", None, ()),
        (TEXT.replace("0,2;x", "0,2;x;y").encode(), "p.csv", "activity.row_too_long", None, (5,)),
        ("\n".join(LINES).encode(), "p.csv", "activity.no_header", None, ()),
        (TEXT.replace("50,01", "many").encode(), "p.csv", "activity.not_a_number", "fees", (2,)),
        (TEXT.replace("0;3", "0;").encode(), "p.csv", "activity.not_a_number", "acts", (2,)),
    ],
)  # fmt: skip
def test_texts_that_are_refused(
    tmp_path: Path, raw: bytes, name: str, code: str, column: str | None, rows: tuple[int, ...]
) -> None:
    (fault,) = faults_of(read_text, tmp_path, raw, name)
    assert (fault.code, fault.column, fault.rows) == (code, column, rows)
    assert fault.count == (len(rows) or None)
    assert fault.values == ()


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"", "p.csv"),
        (gzip.compress((TEXT * 50).encode(), mtime=0)[:60], "p.csv.gz"),
        (b"\n" + TEXT.encode(), "p.csv"),
        (b"sep=;\n" + TEXT.encode(), "p.csv"),
        (b"practitioner_id\np1\n", "p.csv"),
        (HEADER.encode() + b"\rp1;01001;202201;3;1;2;x\np1;01001;202201;3;1;2;x\n", "p.csv"),
        (b"PAR1" + b"0" * 50, "p.parquet"),
        (TEXT.replace(";kin", ';"kin').encode(), "p.csv"),
    ],
    ids=["empty", "gzip", "no_line", "excel", "one_column", "cr", "parquet", "quote"],
)
def test_files_that_cannot_be_read(tmp_path: Path, raw: bytes, name: str) -> None:
    (fault,) = faults_of(read_text, tmp_path, raw, name)
    assert fault.table == name
    assert "p1" not in str(fault)
    assert "32,26" not in str(fault)


def test_the_truncated_file_is_named(tmp_path: Path) -> None:
    whole = gzip.compress((TEXT + "\n".join(LINES * 5_000)).encode())
    (tmp_path / "a.csv.gz").write_bytes(whole)
    (tmp_path / "b.csv.gz").write_bytes(whole[: len(whole) // 2])
    (fault,) = faults_of(read_files, tmp_path, "a.csv.gz", "b.csv.gz")
    assert fault.table == "b.csv.gz"


def test_workbooks_and_empty_folders(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (fault,) = faults_of(read_files, tmp_path, "empty")
    assert (fault.code, fault.table) == ("activity.empty_folder", str(tmp_path / "empty"))
    (fault,) = faults_of(read_files, tmp_path)
    assert fault.code == "activity.no_file"
    (fault,) = faults_of(read_files, tmp_path, "absent.csv")
    assert fault.table == str(tmp_path / "absent.csv")
    pytest.importorskip("xlsxwriter")
    pl.DataFrame(SERVICES).write_excel(tmp_path / "p.xlsx")
    (fault,) = faults_of(read_files, tmp_path, "p.xlsx")
    assert (fault.code, fault.table) == ("activity.workbook", "p.xlsx")


def test_files_of_other_columns(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", SERVICES)
    frame = pl.DataFrame(SERVICES).rename({"fees": "PRS_PAI_MNT"})
    frame.write_parquet(tmp_path / "q.parquet")
    (fault,) = faults_of(read_files, tmp_path, "a.parquet", "q.parquet")
    assert (fault.code, fault.table) == ("activity.files_differ", "q.parquet")
    assert fault.details == {"first": "a.parquet"}
