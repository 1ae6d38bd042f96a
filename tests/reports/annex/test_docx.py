"""The document of an annex."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import docx
import pytest
from support.annexes import AMBIGUOUS, PICTURE, annex, moving, national, texts

from apl_engine.reports.annex import write_annex
from apl_engine.reports.french import line


def test_the_parts_of_a_document(tmp_path: Path) -> None:
    write_annex(annex(title="Arrêté n° 2024-1"), tmp_path / "out", picture=PICTURE)
    path = tmp_path / "out" / "annexe-52.docx"
    found = texts(path)
    for words in (
        "Annexe",
        "Arrêté n° 2024-1",
        "20 novembre 2024",
        "14 mai 2024",
        "1er juin 2024",
        "Zones calculées par apl_engine 0.1.0",
        "Masseurs-kinésithérapeutes, arrêté du 20 mars 2024 [mk-2024]",
        "résultat non enregistré",
        "Communes de la région classées par une autre : 1",
        "4. Carte des zones de la région Pays de la Loire",
        "Commune 01001 (01001)",
        "Très sous dotée",
        "5,00\u00a0%",
        "+2,50\u00a0points",
        "Part des ALD\nFermeture",
        "7. Index alphabétique des communes",
        "Commune 03572 (03572)\tSous dotée",
        "Ajouts à la zone « Très sous dotée » : 10 habitants sur 10 autorisés, soit 100,0\u00a0%",
        "1\u00a0territoire ajouté, 0\u00a0retiré.",
    ):
        assert any(words in text for text in found), words
    document = docx.Document(str(path))
    section = document.sections[0]
    assert section.page_width > section.page_height
    assert len(document.inline_shapes) == 1
    body = document.element.xml
    assert body.count("<w:tblHeader/>") == 5
    assert 'w:num="3"' in body
    assert "PAGE" in section.footer._element.xml
    assert document.core_properties.created.date() == date(2024, 11, 20)


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_names_stay_text(tmp_path: Path, name: str) -> None:
    write_annex(annex(national(name), title=name), tmp_path / "out")
    found = texts(tmp_path / "out" / "annexe-52.docx")
    assert line(name) in found
    assert sum(f"{line(name)} (01001)" in text for text in found) == 2


def test_a_gauge_above_its_limit_is_red(tmp_path: Path) -> None:
    write_annex(annex(proposal=moving("0100", "44Z", "nowhere"), force=True), tmp_path / "out")
    assert "A50F15" in docx.Document(str(tmp_path / "out" / "annexe-52.docx")).element.xml
