"""Where an agency may raise aid."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.contracts import RULES, other_reading

from apl_engine import InputDataError
from apl_engine.aids import check_uplift, choose_uplift


def territories(*rows: tuple[str, str, float | None, float | None, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(code, f"Territory {code}", *rest) for code, *rest in rows],
        schema={
            "territory": pl.String,
            "territory_name": pl.String,
            "region": pl.String,
            "population": pl.Float64,
            "apl": pl.Float64,
            "zone": pl.String,
        },
        orient="row",
    )


TEN = territories(
    *((f"T{n}", "52", 1000.0 * (n + 1), 40.0 - n, "tres_sous_dotee") for n in range(10)),
    ("SD", "52", 500.0, 50.0, "sous_dotee"),
    ("FAR", "28", 500.0, 1.0, "tres_sous_dotee"),
)


def test_two_of_ten_zones_may_have_the_uplift() -> None:
    """20 % of ten zones are two; those of the lowest APL are T9 (31) and T8 (32)."""
    result = choose_uplift(TEN, "52")
    assert [code for code, _ in result.chosen] == ["T9", "T8"]
    assert (result.used, result.total, result.share) == (2, 10, Fraction(1, 5))
    assert result.allowed
    three = check_uplift(TEN, "52", ["T9", "T8", "T7"])
    assert (three.within_limit, three.allowed, three.share) == (False, False, Fraction(3, 10))


def test_a_fifth_of_the_population(tmp_path: Path) -> None:
    """55 000 inhabitants: 11 000 at most. T9 has 10 000; T8, 9 000, would go beyond.

    `skip` goes on and takes T0, of 1 000: 11 000, exactly the limit.
    """
    result = choose_uplift(TEN, "52", basis="population")
    assert ([code for code, _ in result.chosen], result.used) == (["T9"], 10_000)
    rules = other_reading(tmp_path, "uplift.choice", "'skip'")
    result = choose_uplift(TEN, "52", basis="population", rules=rules)
    assert [code for code, _ in result.chosen] == ["T9", "T0"]
    assert (result.used, result.allowed) == (11_000, True)
    assert not check_uplift(TEN, "52", ["T9", "T1"], basis="population").allowed


def test_what_cannot_be_on_the_list() -> None:
    result = check_uplift(TEN, "52", ["T1", "SD", "FAR", "X", "T1", "X"])
    assert result.other_zone == ("SD",)
    assert result.other_region == ("FAR",)
    assert result.unknown == ("X",)
    assert result.twice == ("T1", "X")
    assert (result.within_limit, result.allowed, result.used) == (True, False, 1)
    assert result.as_dict()["share"] == 0.1


def test_a_region_without_such_a_zone() -> None:
    frame = territories(("A", "94", 10.0, 1.0, "sous_dotee"))
    result = choose_uplift(frame, "94")
    assert (result.chosen, result.share, result.allowed) == ((), None, True)
    assert result.as_dict()["share"] is None


def test_territories_without_apl_come_last_and_equal_ones_by_code() -> None:
    rows = [(code, "52", 1.0, 3.0, "tres_sous_dotee") for code in "EDCB"]
    frame = territories(("A", "52", 1.0, None, "tres_sous_dotee"), *rows)
    assert [code for code, _ in choose_uplift(frame, "52").chosen] == ["B"]


def test_territories_without_an_apl_are_never_chosen() -> None:
    """All of Mayotte is très sous dotée without an APL."""
    rows = [(f"T{n}", "06", 1000.0, None, "tres_sous_dotee") for n in range(5)]
    result = choose_uplift(territories(*rows), "06")
    assert (result.chosen, result.without_apl, result.total) == ((), 5, 5)
    one = ("T9", "06", 1000.0, 90.0, "tres_sous_dotee")
    result = choose_uplift(territories(*rows[:4], one), "06")
    assert ([code for code, _ in result.chosen], result.without_apl) == (["T9"], 4)
    assert check_uplift(territories(*rows), "06", ["T1"]).allowed


def test_wrong_arguments_and_tables() -> None:
    def codes(frame: pl.DataFrame, region: str = "52", basis: str | None = None) -> list[str]:
        with pytest.raises(InputDataError) as caught:
            choose_uplift(frame, region, basis=basis)
        assert str(caught.value)
        return [fault.code for fault in caught.value.faults]

    assert codes(TEN, "99", "area") == ["uplift.unknown_basis", "uplift.unknown_region"]
    assert codes(TEN.drop("apl", "zone")) == ["territories.missing_column"] * 2
    frame = territories(*((code, "52", None, 1.0, "tres_sous_dotee") for code in "AB"))
    with pytest.raises(InputDataError) as caught:
        choose_uplift(frame, "52", basis="population")
    (fault,) = caught.value.faults
    assert (fault.code, fault.count, fault.values) == ("uplift.no_population", 2, ("A", "B"))
    assert choose_uplift(frame, "52").total == 2


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=40),
    st.sampled_from(["count", "population"]),
)
def test_a_choice_never_exceeds_the_limit(rows: list[tuple[int, int]], basis: str) -> None:
    """A check of the chosen territories gives the same result."""
    frame = territories(
        *(
            (f"{n:02d}", "52", float(people), float(apl), "tres_sous_dotee")
            for n, (apl, people) in enumerate(rows)
        )
    )
    result = choose_uplift(frame, "52", basis=basis, rules=RULES)
    codes = [code for code, _ in result.chosen]
    assert result.allowed
    assert check_uplift(frame, "52", codes, basis=basis, rules=RULES) == result
    if basis == "count":
        assert len(result.chosen) == len(rows) // 5
