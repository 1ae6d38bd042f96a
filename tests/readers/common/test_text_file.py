"""Files of text: encoding, compression, header, rows that are truncated or too long."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
from support.sheets import PEOPLE, fault_of, read, refused, write_text

from apl_engine.errors import Fault
from apl_engine.inputs.plain_file import open_plain
from apl_engine.readers.common.match import find
from apl_engine.readers.common.text_file import head_of, header_of, read_text


def code_of(found: object) -> str:
    assert isinstance(found, Fault)
    return found.code


def write_zstd(path: Path, *lines: str) -> Path:
    frame = pl.DataFrame({lines[0]: lines[1:]})
    frame.lazy().sink_csv(path, compression="zstd", separator="|", quote_style="never")
    return path


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with a mark"), ("cp1252", "Windows-1252"),
     ("utf-16", "UTF-16")],
)  # fmt: skip
def test_the_encoding_is_recognised(tmp_path: Path, encoding: str, name: str) -> None:
    path = write_text(
        tmp_path / "a.csv", "CODGEO;LIBGEO;POP\n01001;Île-d'Œil\u2019é;12\n", encoding
    )
    table, _ = read(path)
    assert table["name"].to_list() == ["Île-d'Œil\u2019é"]
    assert name in find(path, [PEOPLE])[0].description
    file = open_plain(path)
    assert not isinstance(file, Fault)
    assert header_of(file.path) == (["CODGEO", "LIBGEO", "POP"], ";")
    head = head_of(file.path)
    assert not isinstance(head, Fault)
    assert head[0] == "CODGEO;LIBGEO;POP\n01001;Île-d'Œil\u2019é;12\n"
    assert (file.encoding or head[1]) == name


def test_bytes_that_no_other_encoding_has_are_latin_1(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"CODGEO;LIBGEO;POP\n01001;\xe9\x81;12\n")
    text = "CODGEO;LIBGEO;POP\n01001;é\x81;12\n"
    assert read_text(path) == (text.encode(), "Latin-1")
    assert head_of(path) == (text, "Latin-1")


def test_a_gzip_is_read_and_a_truncated_one_refused(tmp_path: Path) -> None:
    content = gzip.compress(("CODGEO;POP\n" + "01001;1\n" * 5000).encode(), mtime=0)
    (tmp_path / "a.csv.gz").write_bytes(content)
    assert read(tmp_path / "a.csv.gz")[0].height == 5000
    assert header_of(tmp_path / "a.csv.gz") == (["CODGEO", "POP"], ";")
    (tmp_path / "b.csv.gz").write_bytes(content[:-20])
    assert refused(tmp_path / "b.csv.gz") == "source_file.cannot_decompress"
    (tmp_path / "c.csv.gz").write_bytes(content[:20])
    assert code_of(header_of(tmp_path / "c.csv.gz")) == "source_file.cannot_decompress"


def test_zstandard(tmp_path: Path) -> None:
    path = write_zstd(tmp_path / "a.csv.zst", "CODGEO;POP", "01001;1", "01002;2")
    assert header_of(path) == (["CODGEO", "POP"], ";")
    assert head_of(path) == ("CODGEO;POP\n01001;1\n01002;2\n", "UTF-8")
    assert read(path)[0].height == 2


def test_binary_and_too_large_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(bytes(range(256)) * 10)
    assert refused(noise) == "source_file.not_text"
    assert code_of(header_of(noise)) == code_of(head_of(noise)) == "source_file.not_text"
    (tmp_path / "huge.csv").write_bytes(b"CODGEO;POP\n" + b"01001;1\n" * 10)
    monkeypatch.setattr("apl_engine.readers.common.text_file.LARGEST", 20)
    assert refused(tmp_path / "huge.csv") == "source_file.too_large"


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        ("\na;b\n", "empty_first_line"),
        ("sep=;\na;b\n", "excel_separator_line"),
        ("a;b\r1;2\r", "carriage_returns"),
        ("a\n1\n", "single_column"),
        ("a" * 1_000_001, "not_text"),
    ],
)
def test_headers_that_are_refused(tmp_path: Path, start: str, kind: str) -> None:
    assert code_of(header_of(write_text(tmp_path / "a.csv", start))) == f"source_file.{kind}"


def test_columns_of_the_same_name_are_numbered(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", 'age,"a,b",age\n')
    assert header_of(path) == (["age (1)", "a,b", "age (2)"], ",")


def test_a_head_ends_with_a_whole_line(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", "a;b\n" + "0123456789;1\n" * 30_000)
    head = head_of(path)
    assert not isinstance(head, Fault)
    assert len(head[0]) <= 256 * 1024
    assert head[0].endswith("\n0123456789;1\n")


def test_the_archive_of_a_truncated_gzip_names_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"CODGEO;POP\n" * 9)[:-9])
    assert "reason" in fault_of(lambda: read(path)).details
