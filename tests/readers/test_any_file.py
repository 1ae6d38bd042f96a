"""One text by every door: packed, encoded and separated in any way it is the same table.

And what is no table, or not all of one, is refused by every reader with the same code.
"""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pyarrow as pa
import pytest
from support.activity_files import PEOPLE as REGISTERED
from support.activity_files import RULES, SERVICES, TEXT, write
from support.sheets import read as read_sheet
from support.tables import frames, small_world
from support.travel_times import CODES

from apl_engine import AplError, Fault, read_inputs
from apl_engine.inputs.contracts import read_contracts
from apl_engine.inputs.plain_file import on_disk, open_plain
from apl_engine.inputs.scenarios import read_scenarios
from apl_engine.readers.activity.read import read_activity
from apl_engine.readers.coordinates import read_coordinates
from apl_engine.readers.travel_times.read import read_distancier

Table: TypeAlias = list[tuple[object, ...]]


def read_run(path: Path) -> Table:
    tables = {**frames(small_world()), "communes": path}
    frame = read_inputs(tables, RULES).communes
    return frame.with_columns(pl.col("commune").cast(pl.String)).rows()


def read_prestations(path: Path) -> Table:
    register = write(on_disk(path).parent / "register.parquet", REGISTERED)
    return read_activity([path], register, RULES).tables["practitioners"].rows()


def read_register(path: Path) -> Table:
    prestations = write(on_disk(path).parent / "prestations.parquet", SERVICES)
    return read_activity([prestations], path, RULES).tables["practitioners"].rows()


def sheet(path: Path) -> Table:
    frame, issues = read_sheet(path)
    issues.raise_faults()
    return frame.rows()


def travel_times(path: Path) -> Table:
    return read_distancier([path], RULES, communes=pl.Series(CODES)).tables["travel_times"].rows()


READERS: Mapping[str, tuple[Callable[[Path], Table], str]] = {
    "run": (
        read_run,
        "commune;name;region;territory;territory_name;population\n01001;Béon;84;T1;T;12,5\n"
        "01002;B;84;T1;T;13\n2A004;C;94;T2;U;14\n75101;D;11;T3;V;15\n",
    ),
    "scenarios": (
        lambda path: read_scenarios(path, pl.Series(CODES)).etp.rows(),
        "commune;été\n01001;1,5\n01002;2\n",
    ),
    "contracts": (
        lambda path: read_contracts(path).rows(),
        "commune;contract;signed\n01001;CACCMK;2024-01-02\n01002;CAMMK;2023-05-06\n",
    ),
    "sheet": (sheet, "CODGEO;LIBGEO;POP\n01001;Béon;12,5\n01002;Île;13\n"),
    "coordinates": (
        lambda path: read_coordinates(path).tables["places"].rows(),
        "commune;né;lat;lon\n01001;é;46,5;5,5\n01002;x;46,25;5,75\n",
    ),
    "travel times": (
        travel_times,
        "idSrc;idDst;durée\n01001;01002;9,5\n01002;01001;10,25\n01001;01001;0\n",
    ),
    "prestations": (read_prestations, "".join(f"{line}\n" for line in TEXT.split())),
    "register": (
        read_register,
        "practitioner_id;libellé;birth_date;installation_date;age\n"
        "p1;é;1980-05-01;2010-01-01;1\np2;;1957-12-31;2010-01-01;1\np3;;1980-05-01;2022-04-01;1\n",
    ),
}


def zstandard(content: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(content, asbytes=True))


def packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return file.getvalue()


WHOLE: Mapping[str, tuple[str, Callable[[str], bytes]]] = {
    "UTF-8 with a mark": ("t.csv", lambda text: text.encode("utf-8-sig")),
    "UTF-16": ("t.csv", lambda text: text.encode("utf-16")),
    "UTF-16, big end first": ("t.csv", lambda text: b"\xfe\xff" + text.encode("utf-16-be")),
    "UTF-16 without a mark": ("t.csv", lambda text: text.encode("utf-16-le")),
    "UTF-32": ("t.csv", lambda text: text.encode("utf-32")),
    "Windows-1252": ("t.csv", lambda text: text.encode("cp1252")),
    "gzip": ("t.csv.gz", lambda text: gzip.compress(text.encode())),
    "gzip of Windows-1252": ("t.csv.gz", lambda text: gzip.compress(text.encode("cp1252"))),
    "gzip of UTF-16": ("t.csv.gz", lambda text: gzip.compress(text.encode("utf-16"))),
    "Zstandard": ("t.csv.zst", lambda text: zstandard(text.encode())),
    "Zstandard of Windows-1252": ("t.csv.zst", lambda text: zstandard(text.encode("cp1252"))),
    "Zstandard of UTF-16": ("t.csv.zst", lambda text: zstandard(text.encode("utf-16"))),
    "Zstandard of CR": (
        "t.csv.zst",
        lambda text: zstandard(text.replace("\n", "\r").encode("cp1252")),
    ),
    "zip of Zstandard": ("t.zip", lambda text: packed(table_csv=zstandard(text.encode()))),
    "zip": ("t.zip", lambda text: packed(table_csv=text.encode())),
    "zip of Windows-1252": ("t.zip", lambda text: packed(TABLE=text.encode("cp1252"))),
    "zip with a description": (
        "t.zip",
        lambda text: packed(in__table_csv=text.encode(), meta_table_csv=b"a;b\n", notice_pdf=b"%"),
    ),
    "zip of several": (
        "t.zip/one.csv",
        lambda text: packed(one_csv=text.encode(), two_csv=b"a;b\n1;2\n"),
    ),
    "tabs": ("t.tsv", lambda text: text.replace(";", "\t").encode()),
    "bars": ("t.txt", lambda text: text.replace(";", "|").encode()),
    "CR and LF": ("t.csv", lambda text: text.replace("\n", "\r\n").encode()),
    "CR": ("t.csv", lambda text: text.replace("\n", "\r").encode()),
    "CR of Windows-1252": ("t.csv", lambda text: text.replace("\n", "\r").encode("cp1252")),
    "another ending": ("t.dat", lambda text: text.encode()),
    "spaces and capitals in the header": (
        "t.csv",
        lambda text: "".join([
            ";".join(f" {name.capitalize()} " for name in text.splitlines()[0].split(";")),
            "\n", text.partition("\n")[2],
        ]).encode(),
    ),
}  # fmt: skip

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
REFUSED: Mapping[str, tuple[str, Callable[[str], bytes], str]] = {
    "cut within a number": ("t.csv", lambda text: text.encode()[:-1], "last_row_unterminated"),
    "zip of a cut one": (
        "t.zip", lambda text: packed(t_csv=text.encode()[:-1]), "last_row_unterminated"
    ),
    "gzip of a cut one": (
        "t.csv.gz", lambda text: gzip.compress(text.encode()[:-1]), "last_row_unterminated"
    ),
    "Zstandard of a cut one": (
        "t.csv.zst", lambda text: zstandard(text.encode()[:-1]), "last_row_unterminated"
    ),
    "zip of a gzip of a cut one": (
        "t.zip", lambda text: packed(t_csv=gzip.compress(text.encode()[:-1])),
        "last_row_unterminated",
    ),
    "Zstandard that is cut": (
        "t.csv.zst", lambda text: zstandard(text.encode())[:-3], "cannot_decompress"
    ),
    "pointer": ("t.csv", lambda _: LFS, "git_lfs_pointer"),
    "pointer in a zip": ("t.zip", lambda _: packed(t_csv=LFS), "git_lfs_pointer"),
    "web page": ("t.csv", lambda _: b"\n<!DOCTYPE html>\n<html>", "other_format"),
    "JSON": ("t.csv", lambda _: b'{"a": 1}', "other_format"),
    "7-Zip": ("t.7z", lambda _: b"7z\xbc\xaf\x27\x1c\0\4" + bytes(99), "other_format"),
    "zip of several": (
        "t.zip", lambda text: packed(a_csv=text.encode(), b_csv=b"c;d\n1;2\n"), "several_tables"
    ),
    "zip of another": (
        "t.zip/c.csv", lambda text: packed(a_csv=text.encode(), b_csv=b"c;d\n"), "no_such_member"
    ),
    "zip of no table": ("t.zip", lambda _: packed(a=b"%PDF", b=b"%PDF"), "is_archive"),
    "zip of a zip": ("t.zip", lambda text: packed(a=packed(t_csv=text.encode())), "is_archive"),
    "null": ("t.csv", lambda text: text.encode() + b"\0\n", "null_characters"),
    "a long value": (
        "t.csv", lambda text: (";" + "x" * 140_000).join(text.split("\n", 1)).encode(),
        "cell_too_long",
    ),
}  # fmt: skip


def written(folder: Path, name: str, raw: bytes) -> Path:
    (folder / name.partition("/")[0]).write_bytes(raw)
    return folder / name


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("form", WHOLE)
def test_a_table_in_any_form_is_the_same(tmp_path: Path, reader: str, form: str) -> None:
    read, text = READERS[reader]
    name, change = WHOLE[form]
    wanted = read(written(tmp_path, "plain.csv", text.encode()))
    got = read(written(tmp_path, name, change(text)))
    if reader == "scenarios" and form.startswith("spaces"):
        got = [row[: len(wanted[0])] for row in got]
    assert got == wanted
    assert wanted


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("form", REFUSED)
def test_what_is_no_whole_table_is_refused(tmp_path: Path, reader: str, form: str) -> None:
    read, text = READERS[reader]
    name, change, kind = REFUSED[form]
    if kind == "cannot_decompress" and reader in ("run", "scenarios", "contracts"):
        kind = "unreadable"
    if reader in ("contracts", "prestations") and kind == "last_row_unterminated":
        # Their last values are a date and text: that they are not whole shows in them.
        return
    if form == "a long value" and reader in ("run", "scenarios", "contracts", "prestations"):
        # The header alone is split by Python; Polars reads rows of any length.
        kind = ""
    path = written(tmp_path, name, change(text))
    with pytest.raises(AplError) if kind else suppress(AplError) as caught:
        read(path)
    if caught:
        assert kind in {fault.code.partition(".")[2] for fault in caught.value.faults}
        assert str(caught.value)


@pytest.mark.parametrize("reader", READERS)
def test_names_of_files_that_are_not_text(tmp_path: Path, reader: str) -> None:
    read, text = READERS[reader]
    name = os.fsdecode(bytes(tmp_path) + b"/t\xe9.csv")
    Path(name).write_text(text)
    with pytest.raises(AplError) as caught:
        read(Path(name))
    assert [fault.code for fault in caught.value.faults] == ["source_file.name_not_utf8"]
    assert str(caught.value).isascii()


def test_copies_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    for reader, (read, text) in READERS.items():
        for name, raw in (("t.zip", packed(t_csv=text.encode())), ("t.csv", text.encode("utf-16"))):
            folder = tmp_path / f"{reader}-{name}"
            folder.mkdir()
            assert read(written(folder, name, raw))
    assert not list(copies.iterdir())


def test_a_table_of_zeros_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apl_engine.inputs.plain_file.LARGEST", 2**20)
    path = written(tmp_path, "t.zip", packed(t_csv=b"0;0\n" * 2**20))
    fault = open_plain(path)
    assert isinstance(fault, Fault)
    assert fault.code == "source_file.zip_bomb"


@pytest.mark.parametrize("reader", READERS)
def test_damaged_archives_are_refused_or_read_whole(tmp_path: Path, reader: str) -> None:
    """A check value finds a damaged table; of an archive's other bytes some do not matter."""
    read, text = READERS[reader]
    raw = packed(t_csv=text.encode() * 50)
    try:
        whole: object = read(written(tmp_path, "t.zip", raw))
    except AplError as error:
        whole = [fault.code for fault in error.faults]
    for at in range(4, len(raw), 29):
        broken = bytearray(raw)
        broken[at] ^= 0xA5
        with pytest.raises(AplError):
            read(written(tmp_path, "t.zip", raw[:at]))
        with suppress(AplError):
            assert read(written(tmp_path, "t.zip", bytes(broken))) == whole
