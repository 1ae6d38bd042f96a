"""Files are recognised by content; dangerous ones are not opened."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest
from support.sheets import fault_of, read, refused, write_text
from support.workbooks import write_workbook

from apl_engine.errors import Fault
from apl_engine.inputs.plain_file import PlainFile, open_plain


def opened(path: Path) -> PlainFile:
    file = open_plain(path)
    assert not isinstance(file, Fault)
    return file


def test_content_is_recognised_by_the_first_bytes(tmp_path: Path) -> None:
    frame = pl.DataFrame({"CODGEO": ["01001"], "POP": [1.5]})
    frame.write_parquet(tmp_path / "a.csv")
    frame.write_ipc(tmp_path / "b.csv")
    write_workbook(tmp_path / "c.csv", {"A": [["CODGEO", "POP"], ["01001", 1.5]]})
    write_text(tmp_path / "d.xlsx", "CODGEO;POP\n01001;1,5\n")
    names = {"a.csv": "Parquet", "b.csv": "Arrow IPC", "c.csv": "workbook", "d.xlsx": "CSV"}
    for name, content in names.items():
        assert opened(tmp_path / name).content == content
        table, _ = read(tmp_path / name)
        assert table.select("commune", "people").rows() == [("01001", 1.5)]


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    assert refused(tmp_path / "empty.csv") == "source_file.empty_file"
    assert refused(tmp_path) == "source_file.is_folder"
    fault = fault_of(lambda: read(tmp_path / "absent.csv"))
    assert fault.code == "source_file.cannot_open"
    assert fault.table == str(tmp_path / "absent.csv")
    assert fault.details == {"reason": "No such file or directory"}


def test_dangerous_workbooks_are_not_opened(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "a.xlsx", {"A": [["CODGEO", "POP"], ["01001", 1]]})
    (tmp_path / "cut.xlsx").write_bytes(book.read_bytes()[:-100])
    assert refused(tmp_path / "cut.xlsx") == "source_file.unreadable"
    with zipfile.ZipFile(tmp_path / "macro.xlsm", "w") as archive:
        archive.writestr("xl/workbook.xml", "")
        archive.writestr("xl/vbaProject.bin", "")
    assert refused(tmp_path / "macro.xlsm") == "source_file.has_macros"
    locked = b"\xd0\xcf\x11\xe0" + b"0" * 600 + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "locked.xlsx").write_bytes(locked)
    assert refused(tmp_path / "locked.xlsx") == "source_file.encrypted"


def test_a_workbook_that_expands_without_end_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apl_engine.inputs.plain_file.LARGEST", 10 * 1024**2)
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member,
    ):
        member.write(bytes(11 * 1024**2))
    assert path.stat().st_size < 100_000
    fault = fault_of(lambda: read(path))
    assert fault.code == "source_file.zip_bomb"
    assert fault.details["gib"] == 11 / 1024
