"""How files of text are compressed, encoded and separated."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from apl_engine.inputs.text_file import (
    compression_of,
    damaged,
    decode,
    lines_of,
    open_text,
    separator_of,
)  # fmt: skip


def test_compression_is_recognised_by_content(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"a;b\n1;2\n")
    (tmp_path / "gz").write_bytes(gzip.compress(b"a;b\n1;2\n"))
    pl.LazyFrame({"a": [1], "b": [2]}).sink_csv(tmp_path / "zst", compression="zstd", separator=";")
    for name, compression in (("plain", ""), ("gz", "gzip"), ("zst", "zstd")):
        assert compression_of(tmp_path / name) == compression
        with open_text(tmp_path / name) as file:
            assert file.read() == b"a;b\n1;2\n"


@pytest.mark.parametrize("cut", [10, 20])
def test_damaged_compression(tmp_path: Path, cut: int) -> None:
    pl.LazyFrame({"a": [1]}).sink_csv(tmp_path / "zst", compression="zstd")
    (tmp_path / "gz").write_bytes(gzip.compress(b"a\n1\n"))
    for name in ("zst", "gz"):
        raw = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(raw[:cut] + b"\xff" * 9)
        with pytest.raises(damaged()), open_text(tmp_path / name) as file:
            file.read()


def test_only_line_ends_end_lines() -> None:
    assert lines_of("a\nb\r\nc\rd\x0be\x0cf\x85g\u2028h\n") == [
        "a", "b", "c", "d\x0be\x0cf\x85g\u2028h",
    ]  # fmt: skip
    assert lines_of("a\n\nb\r\n") == ["a", "", "b"]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with a mark"), ("cp1252", "Windows-1252")],
)  # fmt: skip
def test_encodings(encoding: str, name: str) -> None:
    assert decode("Œuilly é".encode(encoding)) == ("Œuilly é", name)


def test_bytes_that_are_not_text() -> None:
    assert decode(b"\xe9\x81") == ("é\x81", "Latin-1")
    assert decode(b"PK\0\0") is None


def test_the_most_frequent_separator() -> None:
    assert separator_of("a,1;b,2;c") == ";"
    assert separator_of("a|b|c") == "|"
    assert separator_of("a\tb,c\td") == "\t"
