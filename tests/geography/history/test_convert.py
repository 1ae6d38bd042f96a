"""Tables converted to another vintage."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from support.communes_over_time import CHANGES, events, note, only_fault, people

from apl_engine.errors import InputDataError
from apl_engine.geography.history.convert import (
    convert_apl,
    convert_population,
    convert_practitioners,
    convert_travel_times,
    convert_zoning,
)
from apl_engine.geography.history.passage import passage_from_events

WEIGHTS = people(c01001=30.0, c01002=10.0)


def test_populations_are_added_up_and_divided() -> None:
    table = people(c01001=100.0, c01005=0.1, c01006=0.2, c01007=7.0, c01009=9.0)
    converted = convert_population(table, CHANGES, weights=WEIGHTS)
    assert dict(converted.table.drop("age_band").iter_rows()) == {
        "01001": 75.0, "01002": 25.0, "01006": 0.1 + 0.2, "01008": 7.0, "01009": 9.0,
    }  # fmt: skip
    assert converted.report.rows() == [
        ("01001", "Whole", "01001, 01002", "split", date(2024, 1, 1), 21),
        ("01005", "Five", "01006", "merged", date(2024, 1, 1), 32),
        ("01006", "Sixth", "01006", "merged", date(2024, 1, 1), 32),
        ("01007", "Seven", "01008", "changed", date(2024, 1, 1), 50),
    ]
    assert note(converted.notes, "conversion.communes_merged").count == 2
    split = note(converted.notes, "conversion.communes_split")
    assert (split.examples, split.details) == (("01001",), {"year_from": 2023, "year_to": 2024})
    assert note(converted.notes, "conversion.communes_recoded").examples == ("01007",)


def test_age_bands_are_added_up_separately() -> None:
    both = pl.concat([people(c01005=1.0, c01006=2.0), people(c01005=4.0, c01006=8.0).with_columns(
        pl.lit("05-09").alias("age_band"))])  # fmt: skip
    found = convert_population(both, CHANGES).table.rows()
    assert found == [("01006", "00-04", 3.0), ("01006", "05-09", 12.0)]


def practices(*rows: tuple[str, str, float, float, bool]) -> pl.DataFrame:
    names = ["practitioner_id", "commune", "acts", "fees", "newly_installed"]
    return pl.DataFrame(rows, names, orient="row").with_columns(age=pl.lit(40))


def test_practices_in_the_same_new_commune_are_merged() -> None:
    table = practices(
        ("a", "01005", 100.0, 1000.0, False), ("a", "01006", 10.0, 100.0, True),
        ("b", "01006", 1.0, 10.0, False), ("c", "01001", 5.0, 50.0, False),
        ("d", "01009", 6.0, 60.0, True),
    )  # fmt: skip
    converted = convert_practitioners(table, CHANGES)
    assert converted.table.sort("practitioner_id").rows() == [
        ("a", "01006", 110.0, 1100.0, True, 40),
        ("b", "01006", 1.0, 10.0, False, 40),
        ("c", "01001", 5.0, 50.0, False, 40),
        ("d", "01009", 6.0, 60.0, True, 40),
    ]
    assert note(converted.notes, "conversion.practices_merged").count == 1
    split = note(converted.notes, "conversion.practices_in_split_communes")
    assert (split.count, split.warning) == (1, True)
    assert not any(each.examples for each in converted.notes)


def test_a_practice_in_a_split_commune_of_which_no_part_keeps_the_code() -> None:
    splits = {"01001": ("01002", "01003"), "01011": ("01012", "01013")}
    rows = events(*((20, "2024-01-01", old, new) for old, parts in splits.items() for new in parts))
    years = passage_from_events(rows, 2023, 2024)
    table = practices(("a", "01001", 1.0, 2.0, False))
    with pytest.raises(InputDataError) as error:
        convert_practitioners(table, years)
    fault = only_fault(error)
    assert (fault.code, fault.values) == ("conversion.split_without_population", ())
    # Those of every split, so that the list does not disclose where somebody practises.
    assert fault.details["parts"] == ("01002", "01003", "01012", "01013")
    converted = convert_practitioners(table, years, weights=people(c01002=5.0, c01003=6.0))
    assert converted.table["commune"].to_list() == ["01003"]
    converted = convert_practitioners(table, years, weights=people(c01002=6.0, c01003=6.0))
    assert converted.table["commune"].to_list() == ["01002"]


def test_optional_columns_of_practitioners() -> None:
    table = practices(("a", "01005", 1.0, 2.0, False)).select("practitioner_id", "commune")
    assert convert_practitioners(table, CHANGES).table.rows() == [("a", "01006")]


TIMES = pl.DataFrame(
    [
        ("01005", "01009", 9.0), ("01006", "01009", 12.0), ("01009", "01005", 8.0),
        ("01005", "01006", 3.0), ("01006", "01006", 1.0), ("01005", "01005", 2.0),
        ("01009", "01010", 5.0), ("01007", "01009", 4.0),
    ],
    ["origin", "destination", "minutes"], orient="row",
)  # fmt: skip


def times(**how: Any) -> dict[tuple[str, str], float]:
    converted = convert_travel_times(TIMES, CHANGES, **how)
    return {(o, d): m for o, d, m in converted.table.iter_rows()}


def test_times_of_the_commune_whose_code_is_kept_are_used() -> None:
    assert times() == {
        ("01006", "01009"): 12.0, ("01006", "01006"): 1.0,
        ("01009", "01010"): 5.0, ("01008", "01009"): 4.0,
    }  # fmt: skip
    notes = convert_travel_times(TIMES, CHANGES).notes
    assert note(notes, "conversion.travel_times_within_communes").count == 1
    assert note(notes, "conversion.travel_times_replaced").count == 3


def test_shortest_and_mean_times() -> None:
    assert times(how="min") == {
        ("01006", "01009"): 9.0, ("01009", "01006"): 8.0, ("01006", "01006"): 1.0,
        ("01009", "01010"): 5.0, ("01008", "01009"): 4.0,
    }  # fmt: skip
    mean = times(how="mean")
    assert mean["01006", "01009"] == 10.5
    assert mean["01006", "01006"] == 1.5
    assert len(mean) == 5


def test_the_shortest_time_is_used_if_no_commune_keeps_the_code() -> None:
    rows = events((32, "2024-01-01", "01005", "01900"), (32, "2024-01-01", "01006", "01900"))
    converted = convert_travel_times(TIMES, passage_from_events(rows, 2023, 2024)).table
    assert converted.filter(origin="01900", destination="01009")["minutes"].to_list() == [9.0]


def test_parts_of_a_split_commune_get_its_times_and_none_between_them() -> None:
    table = pl.DataFrame(
        {"origin": ["01001", "01009"], "destination": ["01001", "01001"], "minutes": [0.0, 7.0]}
    )
    converted = convert_travel_times(table, CHANGES)
    assert sorted(converted.table.rows()) == [
        ("01001", "01001", 0.0), ("01002", "01002", 0.0),
        ("01009", "01001", 7.0), ("01009", "01002", 7.0),
    ]  # fmt: skip
    parts = note(converted.notes, "conversion.travel_times_of_parts")
    assert (parts.examples, parts.warning) == (("01001",), True)


def test_the_apl_of_merged_communes_is_their_weighted_mean() -> None:
    table = pl.DataFrame(
        [("01005", 50.0, 10, 30.0), ("01006", 100.0, 20, 10.0), ("01001", 7.0, 40, 44.0),
         ("01007", None, 0, 0.0), ("01009", 1.0, 1, 1.0)],
        {"commune": pl.String, "apl": pl.Float64, "population": pl.Int64,
         "standardised_population": pl.Float64}, orient="row",
    )  # fmt: skip
    converted = convert_apl(table, CHANGES, weights=WEIGHTS)
    assert converted.table.sort("commune").rows() == [
        ("01001", 7.0, 30.0, 33.0), ("01002", 7.0, 10.0, 11.0), ("01006", 62.5, 30.0, 40.0),
        ("01008", None, 0.0, 0.0), ("01009", 1.0, 1.0, 1.0),
    ]  # fmt: skip


def test_a_commune_without_apl_has_no_weight() -> None:
    table = pl.DataFrame(
        {"commune": ["01005", "01006"], "apl": [None, 100.0], "population": [1, 2],
         "standardised_population": [3.0, 4.0]}
    )  # fmt: skip
    assert convert_apl(table, CHANGES).table.rows() == [("01006", 100.0, 3.0, 7.0)]
    uninhabited = table.with_columns(standardised_population=pl.lit(0.0))
    assert convert_apl(uninhabited, CHANGES).table.rows() == [("01006", None, 3.0, 0.0)]


def test_merged_communes_have_the_class_of_their_parts() -> None:
    def converted(**zones: str | None) -> list[tuple[str, str | None]]:
        codes = [name.removeprefix("c") for name in zones]
        table = pl.DataFrame({"commune": codes, "zone": list(zones.values())},
                             {"commune": pl.String, "zone": pl.String})  # fmt: skip
        made = convert_zoning(table, CHANGES)
        differ = "conversion.classes_of_parts_differ"
        shown = [note.examples for note in made.notes if note.code == differ]
        assert shown == ([("01006",)] if ("01006", None) in made.table.rows() else [])
        return sorted(made.table.rows())

    assert converted(c01005="SD", c01006="SD", c01007="NP", c01009="INT") == [
        ("01006", "SD"), ("01008", "NP"), ("01009", "INT"),
    ]  # fmt: skip
    assert converted(c01005="SD", c01006="TSD") == [("01006", None)]
    assert converted(c01005=None, c01006="TSD") == [("01006", "TSD")]
    assert converted(c01001="TSD") == [("01001", "TSD"), ("01002", "TSD")]


def test_a_class_of_another_text_stays_only_with_communes_without_a_class() -> None:
    def other_class(zone: str | None) -> str | None:
        table = pl.DataFrame(
            {"commune": ["01005", "01006"], "zone": [None, zone], "other_class": ["Sur", None]},
            dict.fromkeys(("commune", "zone", "other_class"), pl.String),
        )
        made = convert_zoning(table, CHANGES).table
        return made["other_class"].item()

    assert (other_class("TSD"), other_class(None)) == (None, "Sur")
