"""Passages between two vintages, from events and from passage tables."""

from __future__ import annotations

import polars as pl
import pytest
from support.communes_over_time import (
    INITIAL,
    TALICAN,
    became,
    events,
    kinds,
    new_codes,
    only_fault,
    passage_table,
)

from apl_engine.errors import InputDataError
from apl_engine.geography.history.passage import passage_from_events, passage_from_table


def test_merged_communes_get_one_code() -> None:
    found = passage_from_events(TALICAN, 2016, 2017)
    assert new_codes(found) == {"60054": ["60054"], "60452": ["60054"], "60694": ["60054"]}
    assert set(kinds(found).values()) == {"merged"}
    assert found.links["label_after"].unique().to_list() == ["Les Hauts-Talican"]


def test_the_geography_of_a_year_is_that_of_its_first_january() -> None:
    assert became(TALICAN, 2017, 2023) == {}
    assert became(TALICAN, 2023, 2024) == {"60054": ["60054", "60694"]}
    late = events((32, "2017-01-02", "60452", "60054"), (32, "2017-01-02", "60054", "60054"))
    assert became(late, 2016, 2017) == {}
    assert became(late, 2017, 2018) == {
        "60054": ["60054"],
        "60452": ["60054"],
    }


def test_backward_a_merger_is_a_split_and_labels_are_exchanged() -> None:
    found = passage_from_events(TALICAN, 2017, 2016)
    assert kinds(found) == {("60054", c): "split" for c in ("60054", "60452", "60694")}
    assert set(found.links["label_before"]) == {"Les Hauts-Talican"}
    assert "Villotran" in found.links["label_after"].to_list()
    assert became(TALICAN, 2024, 2016) == {"60694": ["60452", "60694"]}


def test_a_suppressed_commune_is_divided() -> None:
    rows = events((30, "1950-01-01", "01003", "01001"), (30, "1950-01-01", "01003", "01002"))
    found = passage_from_events(rows, 1949, 1950)
    assert new_codes(found) == {
        "01001": ["01001"], "01002": ["01002"], "01003": ["01001", "01002"]
    }  # fmt: skip
    assert kinds(found)["01003", "01001"] == "split"
    assert kinds(found)["01001", "01001"] == "merged"


def test_the_passage_table_of_insee_forward() -> None:
    table = passage_table()
    found = passage_from_table(table, 2021, 2024)
    assert kinds(found)["27058", "27676"] == "recoded"
    assert new_codes(found)["60054"] == ["60054", "60694"]
    assert new_codes(found)["85084"] == ["85084", "85165", "85212"]
    assert new_codes(found)["51637"] == ["51457"]
    assert found.links.filter(pl.col("kind") != "merged").height == 6
    changed = table.filter(pl.col("COM2021") != pl.col("COM2024"))
    assert set(changed["COM2021"]) <= new_codes(found).keys()
    assert found.absent_before == {"27676", "60694", "85165", "85212"}


def test_the_passage_table_of_insee_backward_is_the_reverse() -> None:
    table = passage_table()
    there, back = passage_from_table(table, 2021, 2024), passage_from_table(table, 2024, 2021)
    assert {(b, a) for a, b in kinds(back)} == set(kinds(there))
    assert kinds(back)["51457", "51637"] == "split"


def test_a_passage_table_with_initial_codes_and_shares() -> None:
    found = passage_from_table(INITIAL, 2020, 2024)
    assert kinds(found)["01003", "01004"] == "split"
    assert found.links.filter(kind="split")["share"].to_list() == [0.75, 0.25]
    back = passage_from_table(INITIAL, 2024, 2020)
    assert kinds(back) == {
        ("01001", "01001"): "split", ("01001", "01002"): "split",
        ("01003", "01003"): "merged", ("01004", "01003"): "merged",
    }  # fmt: skip
    assert back.links["share"].null_count() == 4


def test_a_missing_year_is_a_fault() -> None:
    with pytest.raises(InputDataError) as error:
        passage_from_table(pl.DataFrame({"COM2021": [], "COM2022": []}), 2019, 2022)
    assert only_fault(error).code == "passage.year_missing"
    assert only_fault(error).details == {"years": (2019,), "available": (2021, 2022)}
    with pytest.raises(InputDataError) as error:
        passage_from_table(INITIAL, 2019, 2020)
    assert only_fault(error).details == {"years": (2019,), "available": (2024,)}
    with pytest.raises(InputDataError) as error:
        passage_from_table(pl.DataFrame({"a": []}), 2019, 2020)
    assert only_fault(error).code == "passage.no_years"
