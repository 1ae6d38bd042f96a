"""The values of a methodology: steps, classes, imposed zones and published shares."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from apl_engine.methodology.parsers import Parser, ValueRefusedError
from apl_engine.methodology.values import (
    Step,
    ZoneClass,
    classes,
    imposed,
    plain,
    regional_shares,
    steps,
)


def step(to: int, weight: object, included: bool = True) -> dict[str, object]:
    return {"to": to, "included": included, "weight": weight}


def zone(id: str, **share: object) -> dict[str, object]:
    return {"id": id, "label": id.upper(), **share}


def test_steps_and_classes() -> None:
    assert steps([step(10, 1), step(20, "1/3", included=False)]) == (
        Step(Fraction(10), True, Fraction(1)),
        Step(Fraction(20), False, Fraction(1, 3)),
    )
    assert classes([zone("a", share=15), zone("b")]) == (
        ZoneClass("a", "A", Fraction(15)),
        ZoneClass("b", "B", None),
    )


@pytest.mark.parametrize(
    ("parser", "value", "kind", "path"),
    [
        (steps, [], "too_few_items", ""),
        (steps, [step(k, 1) for k in range(1, 300)], "too_many_items", ""),
        (steps, 3, "not_a_list", ""),
        (steps, [{"to": 10, "weight": 1}], "missing_key", "[1].included"),
        (steps, [{**step(10, 1), "x": 1}], "unknown_key", "[1].x"),
        (steps, [step(15, 1), step(10, 0)], "steps_not_rising", ""),
        (steps, [step(10, 1), step(10, 0)], "steps_not_rising", ""),
        (steps, [step(10, 0), step(15, 1)], "weights_rising", ""),
        (steps, [step(0, 1)], "not_above", "[1].to"),
        (classes, [], "too_few_items", ""),
        (
            classes,
            [zone("a", share=60), zone("b", share=50), zone("c")],
            "shares_above_100",
            "",
        ),
        (classes, [zone("a"), zone("b")], "no_remainder", ""),
        (classes, [zone("a", share=1), zone("b", share=1)], "no_remainder", ""),
        (classes, [zone("a", share=1), zone("a")], "repeated_items", ""),
        (classes, [{"id": "", "label": "A"}], "not_a_text", "[1].id"),
        (imposed, [{"region": "6", "zone": "a", "reason": "y"}], "not_a_region", "[1].region"),
        (imposed, [{"region": "FR", "zone": "a", "reason": "y"}], "not_a_region", "[1].region"),
        (imposed, [{"region": "06", "zone": "a", "reason": "y"}] * 2, "repeated_items", ""),
        (regional_shares, [{"region": "06", "name": "M", "shares": 3}], "not_shares", "[1].shares"),
        (
            regional_shares,
            [{"region": "FR", "name": "M", "shares": {"a": 60, "b": 41}}],
            "shares_above_100",
            "[1].shares",
        ),
    ],
)
def test_refused_values(parser: Parser, value: Any, kind: str, path: str) -> None:
    with pytest.raises(ValueRefusedError) as caught:
        parser(value)
    assert [(p.kind, p.path) for p in caught.value.problems] == [(kind, path)]
    assert str(caught.value.problems[0].fault("own.toml", "key"))


def test_plain_values() -> None:
    value = {"a": [Decimal("2.5"), Decimal("3.0")], "b": (date(2024, 1, 2), "x", True)}
    assert plain(value) == {"a": [2.5, 3], "b": ["2024-01-02", "x", True]}
