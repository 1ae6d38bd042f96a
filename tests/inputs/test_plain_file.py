"""Files are recognised by content; dangerous ones are not opened."""

from __future__ import annotations

import os
import socket
import struct
import tracemalloc
import zipfile
from pathlib import Path

import polars as pl
import pytest
from support.sheets import fault_of, read, refused, write_text
from support.workbooks import write_workbook

from apl_engine import load_network
from apl_engine.errors import Fault, InputDataError
from apl_engine.imports import read_run_file
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


def lying(path: Path, stated: int, content: bytes) -> Path:
    """Write a workbook whose directory states another size of a sheet than it has."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", content)
    written = path.read_bytes()
    true, false = (struct.pack("<I", size) for size in (len(content), stated))
    assert written.count(true) >= 2
    path.write_bytes(written.replace(true, false))
    return path


def test_a_workbook_that_states_another_size_is_not_opened(tmp_path: Path) -> None:
    content = bytes(50_000_001)
    path = lying(tmp_path / "lies.xlsx", 1000, content)
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        fault = fault_of(lambda: read(path))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    assert fault.code == "source_file.lies"
    assert fault.details == {"member": "xl/worksheets/sheet1.xml", "bytes": 1000}
    more = lying(tmp_path / "more.xlsx", 60_000_000, content)
    assert isinstance(open_plain(more), PlainFile) or refused(more)


def test_an_old_workbook_of_any_size_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "old.xls"
    with path.open("wb") as file:
        file.write(b"\xd0\xcf\x11\xe0" + bytes(100_000))
        file.truncate(2 * 1024**3 + 1)
    assert refused(path) == "source_file.too_large"


def others(folder: Path) -> dict[str, str]:
    os.mkfifo(folder / "fifo.csv")
    (folder / "link.csv").symlink_to(folder / "fifo.csv")
    (folder / "zero.csv").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "s.csv"))
    return {"fifo.csv": "a FIFO", "link.csv": "a FIFO", "zero.csv": "a device", "s.csv": "a socket"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFO")
def test_what_is_no_regular_file_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The path of a socket must be short.
    monkeypatch.chdir(tmp_path)
    for name, words in others(Path()).items():
        fault = fault_of(lambda name=name: read(tmp_path / name))
        assert (fault.code, fault.details) == ("source_file.not_regular", {"is_a": words})
        for open_it in (load_network, read_run_file):
            with pytest.raises(InputDataError, match=words):
                open_it(tmp_path / name)
