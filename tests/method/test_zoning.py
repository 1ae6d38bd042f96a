"""Territories, ranks, cuts and regions: annexe IV, 4.1 to 4.3 and VI, at the exact shares."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from support.tables import methodology

from apl_engine import InputDataError
from apl_engine.method import (
    Cut,
    aggregate_territories,
    attribute_regions,
    classify,
    compare_with_published,
    regional_shares,
)
from apl_engine.methodology.values import Imposed

TSD, SD, INT, NP = "tres_sous_dotee", "sous_dotee", "intermediaire", "non_prioritaire"
NOBODY: tuple[Imposed, ...] = ()


def territories(rows: list[tuple[str, float | None, float]], region: str = "52") -> pl.DataFrame:
    """Return territories of code, APL and population."""
    return pl.DataFrame(
        {
            "territory": [code for code, _, _ in rows],
            "territory_name": [code for code, _, _ in rows],
            "region": [region] * len(rows),
            "communes": [1] * len(rows),
            "etp": [0.0] * len(rows),
            "population": [float(people) for _, _, people in rows],
            "standardised_population": [float(people) for _, _, people in rows],
            "apl": [apl for _, apl, _ in rows],
        },
        schema_overrides={"apl": pl.Float64},
    )


def zones(rows: list[tuple[str, float | None, float]], **changes: Any) -> list[str | None]:
    return classify(territories(rows), methodology(**changes))[0]["zone"].to_list()


def by_people(*people: float) -> list[tuple[str, float | None, float]]:
    """Return territories A, B, C... of rising APL."""
    return [(chr(65 + k), float(k), p) for k, p in enumerate(people)]


def test_shares_exactly_on_each_cut() -> None:
    assert zones(by_people(15, 15, 40, 30)) == [TSD, SD, INT, NP]


def test_shares_just_beyond_each_cut() -> None:
    assert zones(by_people(15.001, 15, 40, 29.999)) == [SD, INT, NP, NP]


@pytest.mark.parametrize("scale", [1, 3, 7, 11, 670_000, 1 / 4])
def test_a_share_on_a_cut_is_on_it_whatever_the_population(scale: float) -> None:
    assert zones(by_people(*(scale * p for p in (15, 15, 40, 30)))) == [TSD, SD, INT, NP]


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("at_or_below", [TSD, SD, SD, INT, NP]),
        ("crossing", [TSD, TSD, SD, SD, INT]),
        ("nearest", [TSD, TSD, SD, INT, NP]),
    ],
)
def test_the_territory_that_straddles_a_cut(reading: str, expected: list[str]) -> None:
    # B takes the share from 10 to 18 %, past 15; E from 60 to 100 %, past 70.
    assert zones(by_people(10, 8, 10, 32, 40), zoning_straddling=reading) == expected


def test_a_straddler_as_near_on_both_sides_goes_above() -> None:
    assert zones(by_people(10, 10, 80), zoning_straddling="nearest") == [TSD, SD, INT]


def test_successive_cuts_count_from_where_the_class_before_ends() -> None:
    # A ends the first class at 10 %, so that the second ends at 25 %, not at 30.
    rows = by_people(10, 14, 4, 40, 2, 30)
    assert zones(rows) == [TSD, SD, SD, INT, INT, NP]
    assert zones(rows, zoning_cuts="successive") == [TSD, SD, INT, NP, NP, NP]
    assert zones(by_people(15, 15, 40, 30), zoning_cuts="successive") == [TSD, SD, INT, NP]
    cuts = classify(territories(rows), methodology(zoning_cuts="successive"))[1]
    assert [(cut.share, cut.reached) for cut in cuts] == [(15, 10), (25, 24), (64, 28)]


def test_a_class_without_territories_is_reported() -> None:
    table = territories(by_people(31, 39, 30))
    found = classify(table, methodology())
    assert found.territories["zone"].to_list() == [INT, INT, NP]
    (note,) = found.notes
    assert (note.code, note.warning) == ("zoning.empty_class", True)
    assert note.examples == ("Très sous dotée", "Sous dotée")


def test_a_misprint_of_article_vi_is_compared_both_ways() -> None:
    rows = communes(("2A004", "A", "94", 5, 5, 1.0), ("84001", "B", "84", 95, 95, 9.0))
    table, *_ = classify(aggregate_territories(rows, methodology()), methodology())
    shares = regional_shares(rows, table, methodology())
    compared = compare_with_published(shares, methodology())
    corse = compared.filter(region="94").to_dicts()
    assert [row["share"] for row in corse] == [100.0, 0.0, 0.0]
    assert [row["published"] for row in corse] == [4.1, 23.8, 0.0]
    assert [row["corrected"] for row in corse] == [0.0, 4.1, 23.8]
    assert [row["corrected_difference"] for row in corse] == pytest.approx([100, -4.1, -23.8])
    others = compared.filter(pl.col("region") != "94")
    assert others["corrected"].null_count() == others.height


def test_equal_apl_goes_by_code_or_together() -> None:
    rows: list[tuple[str, float | None, float]] = [
        ("C", 1.0, 10),
        ("B", 1.0, 10),
        ("A", 1.0, 10),
        ("D", 2.0, 70),
    ]
    ranked, *_ = classify(territories(rows), methodology())
    assert dict(ranked.select("territory", "rank").iter_rows()) == {"A": 1, "B": 2, "C": 3, "D": 4}
    assert zones(rows) == [SD, SD, TSD, NP]
    assert zones(rows, zoning_ties="together") == [SD, SD, SD, NP]


def test_apl_that_differs_by_rounding_only_is_equal() -> None:
    rows: list[tuple[str, float | None, float]] = [
        ("B", 0.3, 15),
        ("A", 0.1 + 0.2, 15),
        ("D", 1.0, 70),
    ]
    ranked, *_ = classify(territories(rows), methodology())
    assert dict(ranked.select("territory", "rank").iter_rows()) == {"A": 1, "B": 2, "D": 3}


def test_other_shares_and_other_population() -> None:
    rules = methodology(zoning_cut_population="standardised_population")
    table = territories(by_people(15, 15, 40, 30)).with_columns(
        standardised_population=pl.Series([16.0, 14.0, 40.0, 30.0])
    )
    assert classify(table, rules)[0]["zone"].to_list() == [SD, SD, INT, NP]


def imposed(inside: str) -> tuple[pl.DataFrame, tuple[Cut, ...]]:
    table = pl.concat(
        [
            territories(by_people(5, 15, 40, 30)),
            territories([("M", None, 10)], region="06"),
        ]
    )
    found = classify(table, methodology(zoning_imposed_population=inside))
    return found.territories, found.cuts


def test_imposed_zones_use_up_the_share_of_their_class() -> None:
    table, cuts = imposed("inside_cuts")
    assert table["zone"].to_list() == [TSD, SD, INT, NP, TSD]
    assert table["cumulative_share"].to_list() == [15, 30, 70, 100, None]
    assert table["rank"].to_list() == [1, 2, 3, 4, None]
    assert table["zone_reason"][4].startswith("imposed: Mayotte")
    assert [cut.reached for cut in cuts] == [15, 30, 70]


def test_imposed_zones_outside_the_cuts() -> None:
    table, cuts = imposed("outside_cuts")
    assert table["zone"].to_list() == [TSD, SD, INT, NP, TSD]
    assert table["cumulative_share"][0] == pytest.approx(100 * 5 / 90)
    assert cuts[0].reached == pytest.approx(100 * 5 / 90)


def test_territories_where_nobody_lives_have_no_zone() -> None:
    table, *_ = classify(territories([("A", None, 0), ("B", 1.0, 10)]), methodology())
    assert table["zone"].to_list() == [None, NP]
    assert table["zone_reason"].to_list() == ["no inhabitants", "ranked"]


def test_territories_without_standardised_inhabitants_say_so() -> None:
    table, *_ = classify(territories([("A", None, 5), ("B", 1.0, 10)]), methodology())
    assert table["zone_reason"].to_list() == ["no standardised inhabitants", "ranked"]


def test_no_territory_to_rank() -> None:
    table, cuts, _ = classify(territories([("M", None, 10)], region="06"), methodology())
    assert table["zone"].to_list() == [TSD]
    assert [(cut.highest_apl, cut.next_territory) for cut in cuts] == [(None, None)] * 3


def test_nothing_to_cut_by() -> None:
    with pytest.raises(InputDataError) as caught:
        classify(territories([("A", 1.0, 0)]), methodology())
    assert [fault.code for fault in caught.value.faults] == ["zoning.no_population"]


def test_cuts_say_who_straddles() -> None:
    _, cuts, _ = classify(territories(by_people(10, 8, 10, 32, 40)), methodology())
    assert cuts[0] == Cut(TSD, 15.0, 10.0, 0.0, "B", 1.0, 18.0)
    assert cuts[2] == Cut(INT, 70.0, 60.0, 3.0, "E", 4.0, 100.0)


def communes(*rows: tuple[str, str, str, float, float, float]) -> pl.DataFrame:
    names = ["commune", "territory", "region", "population", "standardised_population", "apl"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        etp=1.0, territory_name=pl.col("territory")
    )


def test_apl_of_a_territory_is_weighted_by_standardised_population() -> None:
    rows = communes(("01001", "T", "84", 50, 10, 30.0), ("01002", "T", "84", 50, 30, 50.0))
    assert aggregate_territories(rows, methodology())["apl"].to_list() == [45.0]
    other = methodology(zoning_aggregation_weight="population")
    assert aggregate_territories(rows, other)["apl"].to_list() == [40.0]


def test_a_territory_belongs_to_the_region_with_most_of_its_people() -> None:
    rows = communes(
        ("01001", "T", "84", 40, 1, 1.0),
        ("21001", "T", "27", 30, 1, 1.0),
        ("21002", "T", "27", 30, 1, 1.0),
        ("49001", "U", "52", 10, 1, 1.0),
        ("50001", "U", "28", 10, 1, 1.0),
    )
    found = attribute_regions(rows)
    assert found.rows() == [("T", "27", 2), ("U", "28", 2)]


def test_article_vi_counts_territories_whole() -> None:
    rows = communes(
        ("01001", "A", "84", 10, 10, 1.0),
        ("21001", "A", "27", 5, 5, 1.0),
        ("21002", "B", "27", 85, 85, 9.0),
        ("94001", "B", "11", 0, 0, 0.0),
    )
    table, *_ = classify(aggregate_territories(rows, methodology()), methodology())
    found = regional_shares(rows, table, methodology())
    assert found.height == 4 * 4
    shares = {(r["region"], r["zone"]): r for r in found.iter_rows(named=True)}
    assert shares["84", TSD]["share"] == 100.0
    assert shares["84", TSD]["communes"] == 2
    assert shares["27", NP]["population"] == 85.0
    assert shares["11", NP]["share"] is None
    assert shares["FR", TSD]["share"] == 15.0
    assert shares["84", TSD]["region_name"] == "Auvergne-Rhône-Alpes"
    assert shares["FR", NP]["region_name"] == "All regions given"


def test_five_classes_of_2018() -> None:
    from apl_engine import load_methodology

    table = territories(by_people(6.75, 6, 65, 9.75, 12.5))
    found, cuts, _ = classify(table, load_methodology("mk-2018"))
    assert found["zone"].to_list() == [TSD, SD, INT, "tres_dotee", "sur_dotee"]
    assert [cut.share for cut in cuts] == pytest.approx([6.8, 12.8, 77.9, 87.7])
    assert Fraction(34, 5) == load_methodology("mk-2018").zoning.classes[0].share
