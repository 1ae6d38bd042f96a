"""Counts of steps: merged in any order, and their quantiles against NumPy on all values."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.faults import codes_of

from apl_engine.scenarios.draws import StepCounts
from apl_engine.scenarios.draws import counts as counts_module
from apl_engine.scenarios.draws.counts import Tally, extent_of, whole_blocks

# The steps of a few rows in some draws; -1 for none.
keys = (
    st.integers(1, 40)
    .flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(-1, 60), min_size=columns, max_size=columns),
            min_size=3,
            max_size=3,
        )
    )
    .map(np.array)
)


def counted(values: Any) -> StepCounts:
    tally, blocks = Tally(len(values)), whole_blocks(values)
    # One block after the other, so that rows grow.
    for block in blocks:
        tally.add(block[None], np.ones((1, 16), np.uint8), *extent_of(block[None]))
    return tally.counts()


def plain(counts: StepCounts) -> list[list[int]]:
    return [part.tolist() for part in (counts.lows, counts.starts, counts.counts)]


@given(keys)
def test_counts_are_those_of_all_values(values: Any) -> None:
    found = counted(values)
    for r, row in enumerate(values):
        some = row[row >= 0]
        own = found.counts[found.starts[r] : found.starts[r + 1]]
        steps = np.repeat(np.arange(len(own)) + found.lows[r], own)
        assert steps.tolist() == np.sort(some).tolist()
        assert len(own) == (np.ptp(some) + 1 if len(some) else 0)
        assert found.totals[r] == len(some)
        mean = found.means()[r]
        assert np.isnan(mean) if not len(some) else mean == pytest.approx(some.mean(), abs=1e-12)


@given(keys, st.sampled_from(["0", "0.05", "0.25", "1/3", "0.5", "0.9", "1"]))
def test_quantiles_are_exact(values: Any, share: str) -> None:
    found = counted(values).quantile(Fraction(share))
    for r, row in enumerate(values):
        some = np.sort(row[row >= 0])
        # The rank in whole numbers, and NumPy's where its own is not rounded.
        rank = max(-(-len(some) * Fraction(share).numerator // Fraction(share).denominator), 1)
        assert found[r] == (some[rank - 1] if len(some) else -1)
        if len(some) and share in ("0", "0.25", "0.5", "1"):
            assert found[r] == np.quantile(some, float(Fraction(share)), method="inverted_cdf")


@given(st.lists(st.tuples(keys), min_size=1, max_size=3))
def test_counts_merge_in_any_order(parts: list[tuple[Any]]) -> None:
    whole = plain(counted(np.concatenate([part for (part,) in parts], axis=1)))
    for order in permutations(counted(part) for (part,) in parts):
        assert plain(reduce(StepCounts.plus, order)) == whole
    nothing = StepCounts.none(3)
    assert plain(nothing.plus(counted(parts[0][0]))) == plain(counted(parts[0][0]))


@given(keys, st.permutations(range(5)))
def test_rows_are_placed_among_others(values: Any, order: list[int]) -> None:
    rows = np.array(order[:3])
    more = np.full((5, values.shape[1]), -1)
    more[rows] = values
    assert plain(counted(values).of_rows(rows, 5)) == plain(counted(more))


def test_too_many_steps_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts_module, "MOST_COUNTS", 50)
    low, high = counted(np.array([[0]])), counted(np.array([[100]]))
    assert codes_of(lambda: counted(np.array([[0, 100]]))) == ["draws.too_many_steps"]
    assert codes_of(lambda: low.plus(high)) == ["draws.too_many_steps"]
    # The most steps stand for all above them.
    assert codes_of(lambda: counted(np.array([[2**40]]))) == ["draws.too_many_steps"]
