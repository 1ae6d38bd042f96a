"""The table of article VI for a year: rows, rounding, the year before, refusals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from support.countries import CONSULTED, RULES, moves, rules, territory, zones_of
from support.faults import fault_of, faults_of

from apl_engine.method import Zoning
from apl_engine.methodology import for_year, load_methodology
from apl_engine.methodology.values import COUNTRY
from apl_engine.regional import Proposal, adapt
from apl_engine.reports.figures import Figures, Row, make_figures

TOTAL = (
    "Total général des zones prévues au 1° et au 2° de l'article L. 1434-4 du code de la santé "
    "publique"
)


def national(first: float = 1000, year: int = 2022, **changes: Any) -> Zoning:
    """Return a result of two regions; `first` people of 52 are in its first class."""
    rows = [
        territory("A1", "tres_sous_dotee", first, 40.0),
        territory("A2", "sous_dotee", 2000 - first, 60.0),
        territory("A3", "non_prioritaire", 1000, 200.0),
        territory("B1", "intermediaire", 500, 90.0, region="53"),
    ]
    zones = zones_of(rows, replace(for_year(RULES, year), **changes))
    return replace(zones, imports=({"kind": "activity", "year": year},))


def of_region(figures: Figures, region: str) -> list[Row]:
    return [row for row in figures.rows if row.region == region]


def decimals(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_the_labels_and_the_order_are_those_of_the_text() -> None:
    figures = make_figures(national())
    names = [row.region_name for row in figures.rows[::4]]
    assert names == ["Bretagne", "Pays de la Loire", "Ensemble des régions du résultat"]
    for region in ("53", "52", COUNTRY):
        labels = [row.category for row in of_region(figures, region)]
        assert labels == ["Très sous dotée", "Sous dotée", "Intermédiaire", TOTAL]
    assert figures.headings == (
        "Région", "Catégorie", "Part de la population régionale couverte, activité 2022 (%)",
        "Part de la population régionale couverte, arrêté du 20 mars 2024 (%)",
        "Évolution (points)",
    )  # fmt: skip
    assert "Catégorie comprise dans le seul total général : Non prioritaire." in figures.remarks


def test_the_misprint_of_the_text_is_stated_where_its_table_stands() -> None:
    alone, beside = make_figures(national()), make_figures(national(year=2024), national())
    (misprint,) = (one for one in alone.remarks if one.startswith("Corse"))
    assert "4,1" in misprint
    assert "23,8" in misprint
    assert not any(one.startswith("Corse") for one in beside.remarks)


def test_the_total_has_the_class_that_the_table_leaves_out() -> None:
    """33.3, 33.3 and 0 %, and 100 with the people of the zones that the convention draws."""
    rows = of_region(make_figures(national()), "52")
    assert [row.share for row in rows] == decimals("33.3", "33.3", "0.0", "100.0")


def test_the_year_before_is_beside_it() -> None:
    figures = make_figures(national(1500, 2024), national(1000, 2023))
    assert (figures.current, figures.previous) == ("activité 2024", "activité 2023")
    rows = of_region(figures, "52")
    assert [row.before for row in rows] == decimals("33.3", "33.3", "0.0", "100.0")
    assert [row.evolution for row in rows] == decimals("16.7", "-16.6", "0.0", "0.0")
    assert rows[0].as_dict() == {
        "region": "52", "region_name": "Pays de la Loire", "zone": "tres_sous_dotee",
        "category": "Très sous dotée", "share": 50.0, "before": 33.3, "evolution": 16.7,
    }  # fmt: skip


def test_without_one_the_table_of_the_text_is() -> None:
    rows = of_region(make_figures(national()), "52")
    assert [row.before for row in rows] == decimals("20.3", "16.2", "44.2", "100.0")


@pytest.mark.parametrize(
    ("people", "share"), [(1.5, "0.1"), (1.4999, "0.0"), (4.5, "0.2"), (7.5, "0.3")]
)
def test_halves_are_rounded_up(people: float, share: str) -> None:
    """Of 3 000 inhabitants, 1.5 are 0.05 %."""
    row, *_ = of_region(make_figures(national(people)), "52")
    assert row.share == Decimal(share)


def test_a_region_or_a_class_that_only_one_of_them_has() -> None:
    alone = zones_of([territory("B1", "intermediaire", 500, 90.0, region="53")])
    rows = of_region(make_figures(national(), alone), "52")
    assert {row.before for row in rows} == {row.evolution for row in rows} == {None}
    empty = zones_of([territory("A1", population=0), territory("B1", region="53")])
    rows = of_region(make_figures(empty, national()), "52")
    assert [row.share for row in rows] == [None] * 4


def test_adapted_zones_are_refused() -> None:
    zones = national()
    out = Proposal("52", (), (), **CONSULTED)
    assert make_figures(adapt(zones, [out])).rows
    moved = replace(out, removals=moves("A1"))
    adapted = adapt(zones, [moved], force=True)
    for pair in ((adapted,), (zones, adapted)):
        assert fault_of(lambda: make_figures(*pair)).code == "regional.already_adapted"  # noqa: B023


def test_a_result_that_is_not_of_the_year_before_is_refused() -> None:
    other = national(year=2024, profession="orthophoniste")
    first, second = faults_of(lambda: make_figures(national(year=2024), other))
    assert first.code == "figures.other_profession"
    assert first.details == {"profession": "masseur-kinésithérapeute", "other": "orthophoniste"}
    assert (second.code, second.details) == ("figures.not_earlier", {"year": 2024, "before": 2024})


def test_a_text_without_a_table_needs_the_year_before() -> None:
    zones = zones_of([territory("A1")], rules(published_shares=()))
    assert fault_of(lambda: make_figures(zones)).code == "figures.no_year_before"
    assert make_figures(zones, zones).previous == "mk-2024"
    assert load_methodology("mk-2018").regional.published_shares == ()


def test_markdown_is_french() -> None:
    text = make_figures(national(1500, 2024), national(1000, 2023)).page.markdown()
    assert "| Pays de la Loire | Très sous dotée | 50,0 | 33,3 | +16,7 |" in text
    assert f"| Pays de la Loire | {TOTAL} | 100,0 | 100,0 | 0,0 |" in text
    assert text.startswith("# Part de la population régionale applicable")
