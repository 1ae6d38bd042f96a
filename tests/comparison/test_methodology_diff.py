"""Methodologies that differ: refused, or compared on request."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from support.compared import RULES, compared, country, some
from support.tables import frames, methodology, write_imported

from apl_engine import InputDataError, MethodologyError, compare, run, write_result
from apl_engine.methodology import vary

WIDER = methodology(zoning_aggregation_weight="population", apl_per_inhabitants=Fraction(50_000))


def test_methodologies_that_differ_are_refused() -> None:
    one, two = run(frames(country()), RULES), run(frames(country()), WIDER)
    with pytest.raises(MethodologyError) as caught:
        compare(one, two)
    summary, *parameters = caught.value.faults
    assert summary.code == "comparison.methods_differ"
    assert summary.details == {"first": "mk-2024", "second": "mk-2024", "parameters": 2}
    assert {fault.code for fault in parameters} == {"comparison.parameter"}
    assert {
        fault.key: (fault.details["first"], fault.details["second"]) for fault in parameters
    } == {
        "apl.per_inhabitants": ("100000", "50000"),
        "zoning.aggregation_weight": ("standardised_population", "population"),
    }


def test_the_same_rules_under_another_id_are_reported() -> None:
    one = run(frames(country()), RULES)
    comparison = compare(one, run(frames(country()), replace(RULES, id="other")), apl_as_given=True)
    assert [note.code for note in comparison.notes] == [
        "comparison.same_rules",
        "comparison.apl_as_given",
    ]


def test_two_professions_are_refused() -> None:
    one = run(frames(country()))
    other = replace(one, methodology=replace(RULES, profession="orthophoniste"))
    with pytest.raises(InputDataError) as caught:
        compare(one, other)
    (fault,) = caught.value.faults
    assert fault.code == "comparison.two_professions"
    assert fault.details["second"] == "orthophoniste"


def test_rules_on_the_mesh_are_reported() -> None:
    comparison = compared(country(), country(), (RULES, methodology(mesh_cities="whole")))
    assert [note.code for note in comparison.notes] == ["comparison.rules_within_geography"]


def test_two_years_of_one_text_are_the_same_rules() -> None:
    one, two = run(frames(country()), RULES), run(frames(country()), RULES, year=2024)
    comparison = compare(one, two)
    assert comparison.differing == ()
    assert comparison.notes == compare(one, one).notes[:-1]
    first = methodology(etp_age_reference_date=date(2024, 1, 1))
    with pytest.raises(MethodologyError) as caught:
        compare(one, run(frames(country()), first))
    _, parameter = caught.value.faults
    assert parameter.key == "etp.age_reference_date"
    assert parameter.details == {"first": "2022-12-31", "second": "2024-01-01"}


def test_each_side_is_counted_in_its_own_year(tmp_path: Path) -> None:
    """Tables imported for 2021 are not read by the rules of 2023, however the rules differ."""
    older = vary(RULES, "etp.age_limit", 40, id=RULES.id)
    for name, rules, year in (("a", RULES, 2021), ("b", older, 2023)):
        folder = write_imported(tmp_path / name, practitioners=2023, activity=year)
        write_result(run(folder, rules, year=year), tmp_path / f"out-{name}")
    pair = tmp_path / "out-a", tmp_path / "out-b"
    with pytest.raises(MethodologyError) as caught:
        compare(*pair)
    assert [fault.key for fault in caught.value.faults] == [None, "etp.age_limit"]
    comparison = compare(*pair, methods_differ=True)
    assert comparison.notes == ()
    assert not some(comparison.changes["part_supply"])
