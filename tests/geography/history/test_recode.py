"""Codes matched with a passage, sums and shares."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.communes_over_time import CHANGES, INITIAL, events, note, only_fault, people

from apl_engine.errors import InputDataError
from apl_engine.geography.history.convert import convert_population, convert_zoning
from apl_engine.geography.history.passage import passage_from_events, passage_from_table


def test_unknown_codes_are_reported_and_left_unchanged() -> None:
    table = pl.DataFrame({"COM2023": ["01001", "01003"], "COM2024": ["01003", "01003"]})
    years = passage_from_table(table, 2023, 2024)
    converted = convert_population(people(c01001=1.0, c98765=5.0, c75101=6.0), years)
    assert note(converted.notes, "conversion.unknown_codes").examples == ("98765",)
    assert note(converted.notes, "conversion.unknown_codes").warning
    assert ("98765", None, None, "unknown", None, None) in converted.report.rows()
    assert converted.table.filter(commune="98765")["population"].to_list() == [5.0]
    converted = convert_population(people(c01009=1.0), CHANGES, target={"01001"})
    assert note(converted.notes, "conversion.unknown_codes").examples == ("01009",)
    converted = convert_population(people(c01008=1.0), CHANGES)
    assert note(converted.notes, "conversion.codes_of_target").examples == ("01008",)
    assert converted.report.is_empty()


def test_a_suppressed_commune_has_no_successor() -> None:
    table = pl.DataFrame({"COM2006": ["97123", "97101"], "COM2023": [None, "97101"]})
    rows = events((50, "2005-01-01", "97100", "97123"), (30, "2007-02-23", "97123", None))
    for way in (passage_from_table(table, 2006, 2023), passage_from_events(rows, 2006, 2023)):
        converted = convert_population(people(c97123=5.0, c97101=6.0), way)
        found = note(converted.notes, "conversion.suppressed_communes")
        assert (found.examples, found.warning) == (("97123",), True)
        assert converted.table["population"].sum() == 11.0
        assert converted.report.rows() == [("97123", None, None, "suppressed", None, None)]
    assert passage_from_events(rows, 2008, 2023).absent_before == {"97100", "97123"}
    recoded = passage_from_events(rows, 2004, 2006).links.select("before", "after").rows()
    assert recoded == [("97100", "97123")]
    with pytest.raises(InputDataError) as error:
        passage_from_events(events((32, "2007-02-23", "97123", None)), 2006, 2023)
    assert only_fault(error).code == "movements.no_value"


@pytest.mark.parametrize("labels", [("Culoz", "Culoz-Béon"), (None, None)])
def test_a_new_commune_has_the_name_of_the_events_or_of_the_code_it_keeps(
    labels: tuple[str | None, str | None],
) -> None:
    rows = events(
        (32, "2023-01-01", "01039", "01138", "Béon", labels[1]),
        (32, "2023-01-01", "01138", "01138", *labels),
        (21, "2023-01-01", "85084", "85084", "Essarts en Bocage", "Essarts-en-Bocage"),
        (21, "2023-01-01", "85084", "85165", "Essarts en Bocage", "L'Oie"),
    )
    way, names = passage_from_events(rows, 2021, 2023), ["Béon", "Culoz", "Essarts en Bocage"]
    given = {"commune": ["01039", "01138", "85084"], "name": names, "zone": "a"}
    converted = convert_zoning(pl.DataFrame(given), way).table.select("commune", "name")
    assert dict(converted.rows()) == {
        "01138": labels[1] or "Culoz", "85084": "Essarts-en-Bocage", "85165": "L'Oie",
    }  # fmt: skip


def test_codes_of_both_vintages_are_refused() -> None:
    with pytest.raises(InputDataError) as error:
        convert_population(people(c01007=1.0, c01008=1.0), CHANGES)
    fault = only_fault(error)
    assert (fault.code, fault.values) == ("conversion.mixed_vintages", ("01008",))
    assert fault.details == {"year_from": 2023, "year_to": 2024}


def test_the_population_of_a_split_commune_needs_weights() -> None:
    for weights in (None, people(c01001=30.0), people(c01001=0.0, c01002=0.0)):
        with pytest.raises(InputDataError) as error:
            convert_population(people(c01001=1.0), CHANGES, weights=weights)
        fault = only_fault(error)
        assert (fault.code, fault.values) == ("conversion.split_without_population", ("01001",))
        assert fault.details["parts"] == ("01001", "01002")
    shared = convert_population(people(c01003=8.0), passage_from_table(INITIAL, 2023, 2024))
    assert shared.table["population"].to_list() == [6.0, 2.0]
    assert convert_population(people(c01007=1.0), CHANGES).table["commune"].to_list() == ["01008"]


@given(st.permutations(range(8)))
@settings(max_examples=20)
def test_sums_have_the_same_bits_for_rows_in_any_order(order: list[int]) -> None:
    rows = events(*((31, "2024-01-01", f"0100{k}", "01000") for k in range(1, 8)))
    table = people(**{f"c0100{k}": 0.1 * 3**k + 1e-9 for k in range(8)})
    converted = convert_population(table[order], passage_from_events(rows, 2023, 2024)).table
    total = 0.0
    for value in table["population"]:
        total += value
    assert converted.rows() == [("01000", "00-04", total)]
