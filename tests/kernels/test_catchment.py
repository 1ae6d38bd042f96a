"""Sums of whole numbers over rows: exact, and the same over pairs and over runs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apl_engine import kernels
from apl_engine.kernels.catchment import MOST_WIDTH
from apl_engine.method.exact_sums import Unit
from apl_engine.method.runs import runs_of
from apl_engine.method.sparse_rows import Rows
from apl_engine.method.weighted_rows import PairRows

sizes = st.integers(1, 8)
seeds = st.integers(0, 2**32 - 1)
WEIGHTS = np.array([0, 1, 2, 5, 3])
NO_PAIRS = PairRows(Rows(np.zeros(1, np.int64), np.empty(0, np.uint32)), WEIGHTS)


def sparse(size: int, rng: np.random.Generator) -> tuple[Rows, Any]:
    """Return rows of any length, and the same as a dense matrix of weights."""
    dense = rng.integers(0, 5, (size, size))
    return rows_of(dense), WEIGHTS[dense]


def rows_of(dense: Any) -> Rows:
    """Return rows of the positive entries of a matrix of bands."""
    places = [np.flatnonzero(row) for row in dense]
    pointers = np.cumsum([0, *(len(part) for part in places)]).astype(np.int64)
    words = [row[part] << 24 | part for row, part in zip(dense, places, strict=True)]
    return Rows(pointers, np.concatenate(words).astype(np.uint32))


def modulo(number: int) -> int:
    """Return the whole number of 64 bits with a sign that is equal modulo 2**64."""
    return (number + 2**63) % 2**64 - 2**63


@settings(deadline=None)
@given(st.lists(st.floats(0, 2.0**50), min_size=1, max_size=9), st.integers(0, 40))
def test_the_words_of_a_value_add_up_to_it(given: list[float], bits: int) -> None:
    words = Unit(bits).of(np.array(given))
    main, fine, found = words.terms(NO_PAIRS)
    digits = {k: words.digit(k).tolist() for k in range(-3, 4)}
    for k, value in enumerate(given):
        units = Fraction(value) * 2**bits
        assert main[k] == modulo(round(units))
        assert words.upper[k] == units // 2**32
        assert fine[k] == round((units - round(units)) * 2**42)
        assert all(0 <= each[k] < 2**24 for each in digits.values())
        whole = sum(each[k] * Fraction(2) ** (24 * d) for d, each in digits.items())
        assert whole == units // Fraction(2) ** -72 * Fraction(2) ** -72
    large = sum(Fraction(value) * 2**bits >= 2**62 for value in given)
    tiny = sum(0 < Fraction(value) * 2**bits <= Fraction(1, 2) for value in given)
    assert found[1:].tolist() == [large, tiny]
    total = sum(round(Fraction(value) * 2**bits) for value in given)
    assert total <= words.most(found)
    assert large or words.most(found) < 1.0001 * (total + len(given) * 2**32)


def test_values_that_have_no_words_are_counted() -> None:
    values = np.array([0.0, 0.5, 0.51, 1.0, 2.0**62, 2.0**95, np.inf, np.nan, -1.0, 5e-324, -0.0])
    order = np.arange(len(values), dtype=np.uint32)[::-1].copy()
    (main, fine), found = np.empty((2, 11), np.int64), np.empty(3, np.int64)
    kernels.fixed_point(values, 1.0, 11, main, fine, found)
    # Odd and tiny.
    assert found.tolist() == [0, 5, 2]
    assert main.tolist() == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert not fine[4:9].any()
    (mains, fines), other = np.empty((2, 12), np.int64), np.empty(3, np.int64)
    kernels.running_fixed_point(values, order, 1.0, 11, mains, fines, other)
    assert other.tolist() == found.tolist()
    for running, words in ((mains, main), (fines, fine)):
        assert np.diff(running).tolist() == words[::-1].tolist()


@settings(deadline=None)
@given(sizes, seeds)
def test_pairs_and_runs_have_the_same_exact_sums(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.integers(0, 5, (size, size))
    rows = rows_of(dense)
    words = rng.integers(-(2**63), 2**63, size)
    expected = [
        modulo(sum(int(w) * int(x) for w, x in zip(row, words, strict=True)))
        for row in WEIGHTS[dense]
    ]
    some = rng.permutation(size)[: size // 2]
    by_pairs = PairRows(rows, WEIGHTS)
    sums, widths = by_pairs.add(by_pairs.terms(words), None)
    assert sums.tolist() == expected
    assert by_pairs.add_at(by_pairs.terms(words), some).tolist() == sums[some].tolist()
    assert widths.tolist() == WEIGHTS[dense].sum(axis=1).tolist()
    order = rng.permutation(size).astype(np.uint32)
    by_runs = runs_of(rows, WEIGHTS, order)
    if not dense.any():
        return
    assert by_runs is not None
    sums, widths = by_runs.add(by_runs.terms(words), None)
    assert sums.tolist() == expected
    assert by_runs.add_at(by_runs.terms(words), some).tolist() == sums[some].tolist()
    assert widths.tolist() == WEIGHTS[dense].sum(axis=1).tolist()
    assert by_runs.heaviest <= by_pairs.heaviest


def test_wide_rows_are_counted_up_to_a_limit() -> None:
    weights = np.array([0, 2**31, 2**32])
    rows = rows_of(np.array([[1, 1, 0], [1, 0, 0], [2, 2, 2]]))
    widths = PairRows(rows, weights).add(np.ones(3, dtype=np.int64), None).widths
    assert widths.tolist() == [MOST_WIDTH, 2**31, MOST_WIDTH]


@pytest.mark.parametrize(
    ("sums", "width", "least", "inexact"),
    [
        # Half a unit for each weight, relative to the sum, is allowed up to a quarter.
        (4, 2, 1.0, False),
        (4, 3, 1.0, True),
        (2**62, 3, 1.0, False),
        # 2**63 and more are no negative numbers.
        (-1, 3, 1.0, False),
        (0, 1, 1.0, False),
        (0, 1, 0.0, True),
        # The width may be larger.
        (2**62, MOST_WIDTH - 1, 1.0, False),
        (2**62, MOST_WIDTH, 1.0, True),
        (0, MOST_WIDTH, 1.0, False),
    ],
)
def test_sums_whose_error_is_too_large(sums: int, width: int, least: float, inexact: bool) -> None:
    out, marks = np.empty(2), np.full(2, 7, dtype=np.uint8)
    kernels.round_sums(
        np.array([2**40, sums]), np.array([1, width], np.uint32), 0.5, 0.25, least, 2, out, marks
    )
    assert out.tolist() == [2.0**39, float(sums % 2**64) / 2]
    assert marks.tolist() == [0, inexact]
