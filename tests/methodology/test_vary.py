"""One parameter of a methodology at another value."""

from __future__ import annotations

import pytest
from support.rulebooks import keyed

from apl_engine import MethodologyError, load_methodology
from apl_engine.methodology import vary

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
