"""Methodologies that differ: refused, or compared on request."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from support.compared import RULES, compared, country
from support.tables import frames, methodology

from apl_engine import InputDataError, MethodologyError, compare, run

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
    assert comparison.notes == compare(one, one).notes
    first = methodology(etp_age_reference_date=date(2024, 1, 1))
    with pytest.raises(MethodologyError) as caught:
        compare(one, run(frames(country()), first))
    _, parameter = caught.value.faults
    assert parameter.key == "etp.age_reference_date"
    assert parameter.details == {"first": "2022-12-31", "second": "2024-01-01"}
