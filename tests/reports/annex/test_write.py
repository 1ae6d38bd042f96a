"""The files of an annex."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.annexes import PICTURE, annex

from apl_engine import AplError
from apl_engine.reports.annex import write_annex


def test_the_files_of_an_annex(tmp_path: Path) -> None:
    names = write_annex(annex(), tmp_path / "out", picture=PICTURE)
    assert names == ["annexe-52.xlsx", "annexe-52.docx", "carte-52.png"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(names)
    assert (tmp_path / "out" / "carte-52.png").read_bytes() == PICTURE


def test_the_same_annex_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_annex(annex(), tmp_path / name, picture=PICTURE)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.parametrize("libraries", [("xlsxwriter",), ("docx", "xlsxwriter")])
def test_missing_libraries_are_reported(
    tmp_path: Path, libraries: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in libraries:
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(AplError) as caught:
        write_annex(annex(), tmp_path / "out")
    assert {fault.code for fault in caught.value.faults} == {"dependency.missing"}
    assert tuple(fault.details["library"] for fault in caught.value.faults) == libraries
    assert not (tmp_path / "out").exists()
