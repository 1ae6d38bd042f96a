"""The workbook of an annex."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from support.annexes import AMBIGUOUS, annex, moving, national, sheet

from apl_engine.reports.annex import write_annex
from apl_engine.reports.french import line


def test_the_sheets_of_a_workbook(tmp_path: Path) -> None:
    write_annex(annex(), tmp_path / "out")
    path = tmp_path / "out" / "annexe-52.xlsx"
    own = sheet(path, "1 Communes")
    assert own.columns == ["Code du territoire", "Territoire", "Zone", "Adaptation",
                           "Code commune", "Commune", "Population"]  # fmt: skip
    assert own.rows() == [
        ("0100", "Place 0100", "Très sous dotée", "ajoutée", "01001", "Commune 01001", "10"),
        ("4402_", "Place 4402_", "Très sous dotée", "", "44021", "Commune 44021", "10"),
        ("44Z", "Place 44Z", "Intermédiaire", "", "04401", "Commune 04401", "350"),
    ]
    assert sheet(path, "2 Classées ailleurs").rows() == [
        ("03572", "Commune 03572", "Bretagne", "35W", "Place 35W", "Sous dotée", "", "40")
    ]
    assert sheet(path, "3 Autres régions").rows() == [
        ("04402", "Commune 04402", "Bretagne", "44Z", "Place 44Z", "Intermédiaire", "", "30")
    ]
    populations = sheet(path, "5 Populations", 2)
    assert populations["Part"].to_list()[:2] == ["2.5", "2.5"]
    assert populations["Part après"].to_list()[:2] == ["5", "0"]
    gauges = sheet(path, "5 Populations", 9)
    assert gauges.select("Habitants", "Limite", "Utilisée", "Jauge").rows() == [
        ("10", "10", "100", "1"), ("0", "10", "0", "0"), ("10", "10", "100", "1"),
    ]  # fmt: skip
    index = sheet(path, "7 Index")
    assert index.columns == ["Commune", "Code commune", "Zone", "Code du territoire", "Territoire"]
    assert index["Code commune"].to_list() == ["01001", "03572", "04401", "04402", "44021"]
    assert index["Zone"].to_list()[:2] == ["Très sous dotée", "Sous dotée"]
    reasons = sheet(path, "6 Justifications")
    assert reasons["Adaptation"].to_list()[-2:] == ["14 mai 2024", "1er juin 2024"]
    assert reasons.row(0) == ("0100", "Place 0100", "ajoutée", "10", "Part des ALD\nFermeture")


def test_a_workbook_is_ready_to_print(tmp_path: Path) -> None:
    write_annex(annex(), tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / "annexe-52.xlsx") as parts:
        first = parts.read("xl/worksheets/sheet2.xml").decode()
        book = parts.read("xl/workbook.xml").decode()
        bars = parts.read("xl/worksheets/sheet5.xml").decode()
    for words in ('orientation="landscape"', 'paperSize="9"', 'state="frozen"', "<autoFilter",
                  'customWidth="1"', "Page &amp;P sur &amp;N", "fitToHeight"):  # fmt: skip
        assert words in first
    assert "Print_Titles" in book
    assert 'dataBar showValue="0"' in bars
    assert "<f>" not in first


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_names_stay_text(tmp_path: Path, name: str) -> None:
    write_annex(
        annex(national(name), proposal=moving("0100", why=name), title=name), tmp_path / "out"
    )
    path = tmp_path / "out" / "annexe-52.xlsx"
    assert set(sheet(path, "1 Communes")["Commune"].fill_null("")) == {line(name)}
    with zipfile.ZipFile(path) as parts:
        for part in parts.namelist():
            content = parts.read(part)
            assert b"<f>" not in content
            assert b"<hyperlink" not in content
