"""Damaged files and dangerous containers are as they claim."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path

import fastexcel
import pytest
from support.publishers import (
    containers,
    damage,
    miniatures,
)
from support.publishers.plain import read_workbook
from support.raw_files import table


@pytest.fixture
def drees(tmp_path: Path) -> Path:
    path = tmp_path / "drees.xlsx"
    miniatures.write_drees_years(path, years=(2022,))
    return path


def test_reading_back_loses_nothing(drees: Path) -> None:
    before = read_workbook(drees)
    damage.move_header(drees, rows=0)
    assert read_workbook(drees) == before


def test_damaged_sheets_and_headers(drees: Path) -> None:
    rows = read_workbook(drees)["APL 2022"]
    damage.rename_sheets(drees)
    assert list(read_workbook(drees)) == ["Feuil1"]
    damage.put_cover_first(drees)
    assert list(read_workbook(drees)) == ["Lisez-moi", "Feuil1"]
    damage.move_header(drees, 2, sheet="Feuil1")
    assert read_workbook(drees)["Feuil1"][10] == rows[8]
    damage.rename_column(drees, 11, "Commune", "", sheet="Feuil1")
    assert read_workbook(drees)["Feuil1"][10][1] is None
    damage.merge_titles(drees, sheet="Feuil1")
    with zipfile.ZipFile(drees) as book:
        assert b'<mergeCell ref="A1:D1"/>' in book.read("xl/worksheets/sheet2.xml")
    assert read_workbook(drees)["Feuil1"][0][0] == "Titre sur quatre colonnes"
    damage.drop_sheet(drees, "Lisez-moi")
    assert list(read_workbook(drees)) == ["Feuil1"]


def test_damaged_cells(drees: Path) -> None:
    before = read_workbook(drees)["APL 2022"]
    damage.mask_cells(drees, 2, 11)
    assert [row[2] for row in read_workbook(drees)["APL 2022"][10:13]] == ["NS", "n.d.", "-"]
    damage.write_decimal_commas(drees, 2, 14)
    assert read_workbook(drees)["APL 2022"][13][2] == str(before[13][2]).replace(".", ",")
    damage.write_thousands(drees, 4, 11)
    assert read_workbook(drees)["APL 2022"][11][4] == "14\u202f288"
    damage.write_thousands(drees, 3, 11, space=damage.NO_BREAK_SPACE)
    assert read_workbook(drees)["APL 2022"][11][3] == "14\xa0823.8"
    damage.add_total_row(drees)
    assert read_workbook(drees)["APL 2022"][-1][0] == "France entière"
    became = damage.mangle_codes(drees, 0, 11)
    after = [row[0] for row in read_workbook(drees)["APL 2022"][10:25]]
    assert after[0] == 1001
    assert "2a004" in after
    assert after.count("1E+05") == 1
    assert became["01001"] == "1001"
    assert became["2A004"] == "2a004"
    assert "1E+05" in became.values()


def test_damaged_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    miniatures.write_drees_2021(path)
    damage.mangle_codes(path, 0, 2, as_numbers=False)
    assert table(path)[1][0] == "1001"
    damage.repeat_row(path, 2)
    assert table(path)[1] == table(path)[2]
    damage.add_total_row(path, "Total", at=1)
    assert table(path)[-1][1] == "Total"
    damage.to_utf8_with_mark(path)
    assert path.read_bytes()[:4] == b"\xef\xbb\xbfC"
    miniatures.write_drees_2021(path)
    damage.to_windows(path)
    assert b"\x8cuilly" in path.read_bytes()
    miniatures.write_drees_2021(path)
    damage.to_latin1(path)
    assert "OEuilly" in path.read_bytes().decode("latin-1")
    with pytest.raises(UnicodeDecodeError):
        path.read_text("utf-8")
    miniatures.write_drees_2021(path)
    damage.to_utf16(path)
    assert path.read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")
    miniatures.write_drees_2021(path)
    damage.leave_quote_open(path)
    assert path.read_text("utf-8").count('"') == 1


def test_a_gzip_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "m.csv.gz"
    miniatures.write_metric(path)
    damage.cut_short(path)
    with pytest.raises(EOFError):
        gzip.decompress(path.read_bytes())


def test_containers_are_what_they_claim(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    containers.write_encrypted_workbook(path)
    assert "EncryptedPackage".encode("utf-16-le") in path.read_bytes()
    with pytest.raises(fastexcel.FastExcelError, match="password protected"):
        fastexcel.read_excel(path)
    containers.write_old_workbook(path)
    assert path.read_bytes().startswith(containers.OLE2_MAGIC)
    assert "EncryptedPackage".encode("utf-16-le") not in path.read_bytes()
    miniatures.write_drees_2021(path)
    containers.add_macros(path)
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        assert "xl/vbaProject.bin" in book.namelist()
        assert b"macroEnabled" in book.read("[Content_Types].xml")
    assert table(path)[0][0] == "Code commune"


def test_a_zip_bomb_is_small_and_true(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    containers.write_zip_bomb(path)
    assert path.stat().st_size < 10_000_000
    with zipfile.ZipFile(path) as book:
        assert book.getinfo("xl/worksheets/sheet1.xml").file_size == 5 << 30
        assert book.read("xl/workbook.xml").startswith(b"<?xml")
    containers.write_zip_bomb(path, claimed=1_000)
    with zipfile.ZipFile(path) as book:
        assert book.getinfo("xl/worksheets/sheet1.xml").file_size == 1_000


def test_the_check_sum_of_a_zip_bomb_is_right() -> None:
    for length in (0, 1, 5, 1_000, 123_456):
        assert containers._crc_of_zeros(length) == zlib.crc32(bytes(length))
