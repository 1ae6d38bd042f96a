"""Territories chosen within a margin: the largest sum, exactly."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from reference import regional as reference

from apl_engine.regional.knapsack import largest_within
from apl_engine.regional.region import Territory


@given(st.lists(st.fractions(0, 9, max_denominator=7), max_size=7), st.fractions(0, 30))
def test_the_largest_sum_is_never_above_the_room(sizes: list[Fraction], room: Fraction) -> None:
    candidates = [Territory(str(k), "", "52", "", 1.0, size) for k, size in enumerate(sizes)]
    largest = sum((one.population for one in largest_within(candidates, room)), Fraction(0))
    best = reference.largest_sum_within(sizes, room)
    whole = all(size.denominator == 1 for size in sizes)
    assert largest <= room
    if whole:
        assert largest == best
    each = Fraction(len(sizes) + 1, 10)
    assert largest >= reference.largest_sum_within(sizes, max(room - each, Fraction(0))) - each


def test_of_equal_sums_the_first_candidates_are_taken() -> None:
    sizes = [("a", 6), ("b", 4), ("c", 5), ("d", 5), ("e", 10)]
    candidates = [Territory(code, "", "52", "", 1.0, Fraction(size)) for code, size in sizes]
    assert [one.code for one in largest_within(candidates, Fraction(10))] == ["a", "b"]
    assert [one.code for one in largest_within(candidates, Fraction(19))] == ["b", "c", "e"]
    assert largest_within([], Fraction(10)) == []
    assert largest_within(candidates, Fraction(3)) == []
