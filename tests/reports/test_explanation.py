"""The page of an explanation, in English and in French."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.tables import SAMPLES

from apl_engine import explain, read_result, run, write_result
from apl_engine.explanation import Explanation
from apl_engine.reports.explanation import explanation_page
from apl_engine.reports.page import ENGLISH, Table
from apl_engine.reports.words import read_texts


@pytest.fixture(scope="module")
def laval(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    folder: Path = tmp_path_factory.mktemp("explain") / "out"
    write_result(run(SAMPLES / "pays-de-la-loire"), folder)
    return explain(read_result(folder), "53130", readings=False)


def test_a_page_has_the_same_sections_in_both_languages(laval: Explanation) -> None:
    english, french = (explanation_page(laval, lang) for lang in ("en", "fr"))
    assert english.text().startswith("APL and zone of the commune Laval (53130)\n")
    assert "100.00 %" in english.text()
    letter = french.markdown()
    assert letter.startswith("# APL et zonage : Laval (53130), commune\n")
    assert "| **ensemble** |" in letter
    assert "**100,00\N{NO-BREAK SPACE}%**" in letter
    assert "« par tranche d'âge de 5 ans »" in letter
    assert list(map(type, english.blocks)) == list(map(type, french.blocks))
    assert english.html().count("<h2>") == french.html().count("<h2>") == 6


@pytest.mark.parametrize("of", ["explanation", "pictures"])
def test_every_text_states_the_same_figures_in_both_languages(of: str) -> None:
    for key, texts in read_texts(of).items():
        assert texts.keys() == {"en", "fr"}, key
        names = {lang: set(re.findall(r"{(\w+)}", text)) for lang, text in texts.items()}
        # Faults are in English alone.
        assert names["fr"] == names["en"] - {"detail" if key == "unusable" else ""}, key


def test_parts_add_up_with_any_number_of_digits(laval: Explanation) -> None:
    """The printed contributions add up to the printed APL, and the inhabitants to their sum."""
    for digits in range(7):
        page = explanation_page(laval, "en", digits=digits)
        tables = [block for block in page.blocks if isinstance(block, Table)]
        for table, column in ((tables[0], 6), (tables[0], 7), (tables[2], 1), (tables[2], 3)):
            decimals = table.columns[column].decimals
            assert decimals is not None
            shown = [Decimal(_printed(row[column], decimals)) for row in table.rows]
            assert sum(shown) == Decimal(_printed(table.total[column], decimals))
            assert decimals <= digits


def _printed(cell: Any, decimals: int) -> str:
    return ENGLISH.write(cell, decimals).replace(" ", "")


def test_an_etp_suffices_for_the_zone_as_it_is_printed(laval: Explanation) -> None:
    page = explanation_page(laval, "en")
    table = [block for block in page.blocks if isinstance(block, Table)][-1]
    for margin, row in zip(laval.distances, table.rows, strict=True):
        if margin.etp is not None:
            printed = row[2]
            assert isinstance(printed, Decimal)
            assert 0 <= abs(printed) - abs(margin.etp) < Decimal("0.01")


def test_bands_of_age_in_french(laval: Explanation) -> None:
    letter = explanation_page(laval, "fr").text()
    assert "5 à 9 ans" in letter
    assert "95 ans et plus" in letter
    assert "\N{NARROW NO-BREAK SPACE}" in letter


def test_the_share_of_a_cut_is_that_of_the_text(laval: Explanation) -> None:
    cuts = tuple(
        replace(cut, share=share)
        for cut, share in zip(laval.zones.cuts, (6.8, 12.8, 70.0), strict=True)
    )
    other = replace(laval, zones=replace(laval.zones, cuts=cuts))
    text = explanation_page(other, "fr").markdown()
    for share in ("jusqu'à 6,8", "jusqu'à 12,8", "jusqu'à 70\N{NO-BREAK SPACE}%"):
        assert share in text
