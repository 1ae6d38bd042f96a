"""The page of an explanation, in English and in French."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.tables import SAMPLES

from apl_engine import explain, read_result, run, write_result
from apl_engine.explanation import Explanation
from apl_engine.reports.explanation import TEXTS, explanation_page


@pytest.fixture(scope="module")
def laval(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    folder: Path = tmp_path_factory.mktemp("explain") / "out"
    write_result(run(SAMPLES / "pays-de-la-loire"), folder)
    return explain(read_result(folder), "53130", readings=False)


def test_a_page_has_the_same_sections_in_both_languages(laval: Explanation) -> None:
    english, french = (explanation_page(laval, lang) for lang in ("en", "fr"))
    assert english.text().startswith("APL and zone of the commune Laval (53130)\n")
    assert "100.0000 %" in english.text()
    letter = french.markdown()
    assert letter.startswith("# APL et zonage de la commune Laval (53130)\n")
    assert "| **ensemble** |" in letter
    assert "**100,0000\N{NO-BREAK SPACE}%**" in letter
    assert "« par tranche d'âge de 5 ans »" in letter
    assert list(map(type, english.blocks)) == list(map(type, french.blocks))
    assert english.html().count("<h2>") == french.html().count("<h2>") == 6


def test_every_text_states_the_same_figures_in_both_languages() -> None:
    for key, texts in TEXTS.items():
        assert texts.keys() == {"en", "fr"}, key
        names = [set(re.findall(r"{(\w+)}", text)) for text in texts.values()]
        assert names[0] == names[1], key
