"""A methodology with another value of one parameter, or for another year."""

from __future__ import annotations

from datetime import date

import pytest
from support.rulebooks import keyed

from apl_engine import InputDataError, MethodologyError, load_methodology
from apl_engine.methodology import for_year, restore_methodology, vary

RULES = load_methodology("mk-2024")


def test_another_value_of_one_parameter() -> None:
    varied = vary(RULES, "zoning.straddling", "crossing")
    assert varied.zoning.straddling == "crossing"
    assert varied.id == "mk-2024 with zoning.straddling = crossing"
    assert vary(RULES, "zoning.straddling", "crossing", id="v").id == "v"
    assert vary(varied, "zoning.straddling", "at_or_below", id="mk-2024") == RULES


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("zoning.colour", 1, "rulebook.unknown_key"),
        ("zoning.straddling", "any", "value.not_allowed"),
        ("etp.ceiling_quantile", "1/3", "methodology.ceiling_below_median"),
    ],
)
def test_impossible_variants(key: str, value: object, code: str) -> None:
    with pytest.raises(MethodologyError) as caught:
        vary(RULES, key, value)
    assert keyed(caught.value.faults) == [(code, key)]
    assert str(caught.value)


def test_another_year_is_the_same_text() -> None:
    later = for_year(RULES, 2024)
    assert (RULES.year, later.year, later.id) == (2022, 2024, "mk-2024")
    (parameter,) = [one for one in later.parameters if one.key == "etp.age_reference_date"]
    assert (parameter.value, parameter.others) == (date(2024, 12, 31), (date(2024, 1, 1),))
    assert "2024, was given in place of 2022." in parameter.reason
    assert restore_methodology(later.as_dict()).etp == later.etp
    assert for_year(RULES, 2022) is RULES


def test_the_29_of_february_in_a_common_year() -> None:
    leap = vary(RULES, "etp.age_reference_date", date(2024, 2, 29))
    assert for_year(leap, 2025).etp.age_reference_date == date(2025, 2, 28)
    assert for_year(leap, 2028).etp.age_reference_date == date(2028, 2, 28)


@pytest.mark.parametrize(
    ("year", "code"),
    [(24, "out_of_range"), (20_240, "out_of_range"), ("2024", "wrong_type"), (True, "wrong_type")],
)
def test_what_is_no_year(year: object, code: str) -> None:
    with pytest.raises(InputDataError) as caught:
        for_year(RULES, year)  # type: ignore[arg-type]
    (fault,) = caught.value.faults
    assert (fault.code, fault.table) == (f"argument.{code}", "year")
