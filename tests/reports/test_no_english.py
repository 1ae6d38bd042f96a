"""No English word in what is written in French; the words of the messages are the measure."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.annexes import annex, texts
from support.publications import mayenne
from support.tables import SAMPLES
from support.two_results import write_two_results

import apl_engine
from apl_engine import compare, explain, read_result, run, write_result
from apl_engine.disclosure_control import publish
from apl_engine.explanation import Explanation
from apl_engine.messages import LANGUAGE, subject_messages
from apl_engine.method.zoning import NO_DEMAND, NOBODY
from apl_engine.methodology import load_methodology
from apl_engine.regional.region import ADAPTED, UNJUSTIFIED
from apl_engine.reports.annex import write_annex
from apl_engine.reports.explanation import explanation_page
from apl_engine.reports.figures import make_figures
from apl_engine.reports.french import citation, parameter, value
from apl_engine.reports.sankey import draw_flows
from apl_engine.reports.words import read_texts
from apl_engine.runs.reproduce import Missing

CATALOGUE = Path(apl_engine.__file__).parent / "messages" / LANGUAGE
# Not parts of a name with hyphens, and no single letters.
WORD = re.compile(r"(?<![\w-])[^\W\d_]{2,}(?![\w-])")
FIELD = re.compile(r"\{[^{}|]*\|?([^{}]*)\}")


def words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}


QUOTED = re.compile("«[^»]*»")
# Words of the messages that are French too, or part of a French text that they quote.
SHARED = words(
    """
    adaptation an annexe ans apl article bassins change code coefficient commune communes
    concertation date dates de document etp exact force france ii iii iv justification laval
    long minutes national non oui page part parts place point points population profession
    publication tables total type version vi vie zone zones
    """
)


def english() -> set[str]:
    """The words of every message, without the facts that it states."""
    found: set[str] = set()
    for path in CATALOGUE.glob("*.toml"):
        for parts in subject_messages(path.stem).values():
            for text in parts.values():
                found |= words(FIELD.sub(lambda field: field[1].replace("|", " "), text))
    return found


def english_in(text: str) -> set[str]:
    """The words of messages in a text, but for what it quotes of the law."""
    return (words(QUOTED.sub("", text)) & english()) - SHARED


def strings(texts_by_key: Mapping[str, Any]) -> Iterator[str]:
    for one in texts_by_key.values():
        yield from strings(one) if isinstance(one, Mapping) else [one]


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    folder: Path = tmp_path_factory.mktemp("french") / "resultat"
    write_result(run(SAMPLES / "pays-de-la-loire"), folder)
    return explain(read_result(folder), "laval", kind="territory", at="laval")


def test_the_measure_knows_english() -> None:
    assert len(english()) > 500
    assert english_in("the zone was imposed: no data") == {"the", "was", "imposed", "no", "data"}


def test_the_texts() -> None:
    for name in ("explanation", "pictures"):
        for key, by_language in read_texts(name).items():
            assert not english_in(re.sub(r"{\w+}", "", by_language["fr"])), key
    named = (re.sub(r"{\w+}", "", text) for text in strings(read_texts("french")))
    assert not english_in(" ".join(named))


def letters(explained: Explanation) -> Iterator[Explanation]:
    """The explanation, and variants that have every other section and reason."""
    yield explained
    territory = dict(explained.territory)
    zone = next(one.id for one in explained.zones.methodology.zoning.classes)
    moved = tuple(replace(one, zone="none") for one in explained.readings)
    untried = tuple(replace(one, untried="x") for one in explained.readings)
    for reason in (
        NOBODY, NO_DEMAND, "imposed: no data", f"{ADAPTED} 52: x", f"{ADAPTED} 52: {UNJUSTIFIED}",
    ):  # fmt: skip
        own = {**territory, "zone_reason": reason}
        missing = tuple(
            Missing(code, "the file is not there")
            for code in ("published", "moved", "unusable", "tables", "secret", "other_zone")
        )
        yield replace(explained, territory=own, national=zone, missing=missing, readings=moved)
        own["rank"] = None
        missing = (Missing("unranked", reason),)
        yield replace(explained, territory=own, distances=(), missing=missing, readings=untried)


def test_letters(explained: Explanation) -> None:
    for variant in letters(explained):
        for digits in (0, 2, 6):
            assert not english_in(explanation_page(variant, "fr", digits=digits).markdown())


def test_a_letter_with_hidden_figures() -> None:
    publication = publish(mayenne())
    place = publication.communes.filter(pl.col("apl").is_null())["commune"][0]
    hidden = explain(publication, place)
    assert not english_in(explanation_page(hidden, "fr", internal=True).text())


def test_every_other_reading_has_words() -> None:
    for rules in map(load_methodology, ("mk-2018", "mk-2024")):
        for one in rules.parameters:
            if not one.others or one.key.startswith(("mesh.", "regional.")):
                continue
            assert parameter(one.key) != one.key
            if one.key == "travel.steps":
                continue
            for each in (one.value, *one.others):
                text = value(one.key, each if isinstance(each, bool | int) else str(each))
                assert "_" not in text
                assert not english_in(text)


def test_references() -> None:
    article = "annexe, II: « le canton »; VI: Guyane, « 76,9 % », Martinique, « 0,0 % »"
    assert citation(article) == "annexe, II : « le canton » ; VI : « 76,9 % », « 0,0 % »"
    assert citation("annexe, III, 3.2 and 3.3: SNIIRAM 2022") == "annexe, III, 3.2 et 3.3"
    assert citation("annexe, I (text of 2024)") == "annexe, I"
    assert citation("p. 7: share of the population") == "p. 7"
    assert citation("exchange zones") == ""
    for rules in map(load_methodology, ("mk-2018", "mk-2024")):
        assert not english_in(" ".join(citation(one.article) for one in rules.parameters))


def in_workbook(path: Path) -> Iterable[str]:
    with zipfile.ZipFile(path) as book:
        return ET.fromstring(book.read("xl/sharedStrings.xml")).itertext()


def test_the_annex_of_an_order(tmp_path: Path) -> None:
    write_annex(annex(), tmp_path / "out")
    document = texts(tmp_path / "out" / "annexe-52.docx")
    workbook = in_workbook(tmp_path / "out" / "annexe-52.xlsx")
    # The names of these territories are those of a test.
    found = " ".join([*document, *workbook]).replace("Territory", "")
    assert not english_in(found)


def test_the_yearly_figures(explained: Explanation) -> None:
    figures = make_figures(explained.zones)
    assert not english_in(figures.page.markdown())


def test_the_flows_between_zones(tmp_path: Path) -> None:
    folder = write_two_results(tmp_path / "results")
    found = compare(read_result(folder / "a"), read_result(folder / "b"))
    draw_flows(found, tmp_path / "flows.svg", "fr")
    shown = " ".join(ET.parse(tmp_path / "flows.svg").getroot().itertext())
    assert "Changement de zone : " in shown
    assert "A : a" in shown
    assert re.search(r"\d,\d\N{NO-BREAK SPACE}%", shown)
    assert not english_in(shown.partition("Très")[2])
