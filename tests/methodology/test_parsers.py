"""Parsers of values: what they accept, and what they say of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import pytest

from apl_engine.methodology.parsers import (
    Parser,
    ValueRefusedError,
    choice,
    day,
    flag,
    items,
    matching,
    number,
    table,
    text,
    whole,
)


@dataclass(frozen=True)
class Pair:
    name: Annotated[str, text]
    share: Annotated[Fraction | None, number(0, 1)] = None


PAIRS = items(table(Pair), least=1, most=3, unique=lambda pair: pair.name)


@pytest.mark.parametrize(
    ("parser", "value", "expected"),
    [
        (flag, False, False),
        (day, date(2024, 1, 1), date(2024, 1, 1)),
        (text, " x ", " x "),
        (number(), 3, 3),
        (number(), Decimal("2.5"), Fraction(5, 2)),
        (number(), Decimal("1E+3"), 1000),
        (number(), "2/3", Fraction(2, 3)),
        (number(), "-0.25", Fraction(-1, 4)),
        (number(0, 1), 0, 0),
        (number(0, 1), 1, 1),
        (whole(), -3, -3),
        (whole(1), 1, 1),
        (choice("a", "b"), "b", "b"),
        (matching("[a-z]{2}", "not_a_region"), "ab", "ab"),
        (items(whole()), [], ()),
        (PAIRS, [{"name": "a"}, {"name": "b", "share": 1}], (Pair("a"), Pair("b", Fraction(1)))),
    ],
)
def test_accepted_values(parser: Parser, value: Any, expected: object) -> None:
    assert parser(value) == expected


@pytest.mark.parametrize(
    ("parser", "value", "problems"),
    [
        (flag, 1, [("not_a_flag", "", "1")]),
        (day, "2022", [("not_a_day", "", "2022")]),
        (day, datetime(2022, 1, 1), [("not_a_day", "", "2022-01-01 00:00:00")]),
        (text, "  ", [("not_a_text", "", "  ")]),
        (text, 3, [("not_a_text", "", "3")]),
        (number(), True, [("not_a_number", "", "True")]),
        (number(), Decimal("NaN"), [("not_a_number", "", "NaN")]),
        (number(), Decimal("Infinity"), [("not_a_number", "", "Infinity")]),
        (number(), "1/0", [("not_a_number", "", "1/0")]),
        (number(), "\uff11", [("not_a_number", "", "\uff11")]),
        (number(), 1.5, [("not_a_number", "", "1.5")]),
        (number(), Decimal("1E+400"), [("too_large", "", "1E+400")]),
        (number(), 10**16, [("too_large", "", "10000000000000000")]),
        (number(), Decimal("1E-999999999"), [("not_a_number", "", "1E-999999999")]),
        (number(), Decimal("0.1234567891"), [("too_fine", "", "0.1234567891")]),
        (number(0), -1, [("too_low", "", "-1")]),
        (number(high=1), "3/2", [("too_high", "", "3/2")]),
        (number(above=0), 0, [("not_above", "", "0")]),
        (whole(), "11/2", [("not_whole", "", "11/2")]),
        (whole(), True, [("not_whole", "", "True")]),
        (whole(1), 0, [("too_low", "", "0")]),
        (choice("a", "b"), "c", [("not_allowed", "", "c")]),
        (choice("a", "b"), ["a"], [("not_allowed", "", None)]),
        (matching("[a-z]{2}", "not_a_region"), "abc", [("not_a_region", "", "abc")]),
        (items(whole()), 3, [("not_a_list", "", "3")]),
        (items(whole(1)), [0, 1, "x"], [("too_low", "[1]", "0"), ("not_whole", "[3]", "x")]),
        (PAIRS, [], [("too_few_items", "", None)]),
        (PAIRS, [{"name": "a"}] * 4, [("too_many_items", "", None)]),
        (PAIRS, [{"name": "a"}] * 2, [("repeated_items", "", None)]),
        (PAIRS, [3], [("not_a_table", "[1]", "3")]),
        (
            PAIRS,
            [{"nom": "a", "share": 2}, {"name": 3}],
            [
                ("missing_key", "[1].name", None),
                ("unknown_key", "[1].nom", None),
                ("too_high", "[1].share", "2"),
                ("not_a_text", "[2].name", "3"),
            ],
        ),
    ],
)
def test_refused_values(
    parser: Parser, value: Any, problems: list[tuple[str, str, str | None]]
) -> None:
    with pytest.raises(ValueRefusedError) as caught:
        parser(value)
    assert [(p.kind, p.path, p.shown) for p in caught.value.problems] == problems
    for problem in caught.value.problems:
        fault = problem.fault("own.toml", "key")
        assert (fault.code, fault.key) == (f"value.{problem.kind}", f"key{problem.path}")
        assert str(fault)
        assert problem.fault("own.toml", "key", show=False).values == ()


def test_a_long_value_is_shown_in_part() -> None:
    with pytest.raises(ValueRefusedError) as caught:
        flag("x" * 1000)
    assert caught.value.problems[0].shown == "x" * 48
