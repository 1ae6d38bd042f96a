"""Sums of whole numbers over rows: exact, and the same over pairs and over runs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apl_engine import kernels
from apl_engine.kernels.catchment import FINE, MAIN, MOST_WIDTH, UPPER
from apl_engine.method.runs import runs_of
from apl_engine.method.sparse_rows import Rows
from apl_engine.method.weighted_rows import PairRows, Values

sizes = st.integers(1, 8)
seeds = st.integers(0, 2**32 - 1)
WEIGHTS = np.array([0, 1, 2, 5, 3])


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


def word(values: Any, scale: float, which: int) -> Any:
    return Values(values, scale).words(which)[0]


def modulo(number: int) -> int:
    """Return the whole number of 64 bits with a sign that is equal modulo 2**64."""
    return (number + 2**63) % 2**64 - 2**63


@settings(deadline=None)
@given(st.lists(st.floats(0, 2.0**50), min_size=1, max_size=9), st.integers(0, 40))
def test_the_words_of_a_value_add_up_to_it(given: list[float], bits: int) -> None:
    values, scale = np.array(given), 2.0**bits
    main, upper, fine = (word(values, scale, which) for which in (MAIN, UPPER, FINE))
    for k, value in enumerate(given):
        units = Fraction(value) * 2**bits
        assert main[k] == modulo(round(units))
        assert upper[k] == units // 2**32
        assert fine[k] == round((units - round(units)) * 2**42)


def test_values_of_no_unit_are_counted() -> None:
    values = np.array([0.0, 0.5, 0.51, 1.0, 2.0**70, 5e-324])
    for which in (MAIN, UPPER, FINE):
        assert Values(values, 1.0).words(which)[1] == 2


@settings(deadline=None)
@given(sizes, seeds, st.sampled_from([MAIN, UPPER, FINE]))
def test_pairs_and_runs_have_the_same_exact_sums(size: int, seed: int, which: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.integers(0, 5, (size, size))
    rows = rows_of(dense)
    values = Values(np.where(rng.random(size) < 0.2, 0, 2 ** rng.uniform(-40, 50, size)), 2.0**40)
    words, tiny = values.words(which)
    expected = [
        modulo(sum(int(w) * int(x) for w, x in zip(row, words, strict=True)))
        for row in WEIGHTS[dense]
    ]
    some = rng.permutation(size)[: size // 2]
    by_pairs = PairRows(rows, WEIGHTS)
    sums, widths, found = by_pairs.add(values, which, None)
    assert sums.tolist() == expected
    assert by_pairs.add_at(values, which, some).tolist() == sums[some].tolist()
    assert widths.tolist() == WEIGHTS[dense].sum(axis=1).tolist()
    order = rng.permutation(size).astype(np.uint32)
    by_runs = runs_of(rows, WEIGHTS, order)
    if not dense.any():
        return
    assert by_runs is not None
    sums, widths, found = by_runs.add(values, which, None)
    assert sums.tolist() == expected
    assert by_runs.add_at(values, which, some).tolist() == sums[some].tolist()
    assert widths.tolist() == WEIGHTS[dense].sum(axis=1).tolist()
    assert found == tiny
    assert by_runs.heaviest <= by_pairs.heaviest


def test_wide_rows_are_counted_up_to_a_limit() -> None:
    weights = np.array([0, 2**19, 2**20])
    rows = rows_of(np.array([[1, 1, 0], [1, 0, 0], [2, 2, 2]]))
    widths = PairRows(rows, weights).add(Values(np.ones(3), 1.0), MAIN, None).widths
    assert widths.tolist() == [MOST_WIDTH, 2**19, MOST_WIDTH]


@pytest.mark.parametrize(
    ("sums", "width", "zeros", "inexact"),
    [
        # Half a unit for each weight, relative to the sum, is allowed up to a quarter.
        (4, 2, 0, False),
        (4, 3, 0, True),
        (2**62, 3, 0, False),
        # 2**63 and more are no negative numbers.
        (-1, 3, 0, False),
        (0, 1, 0, False),
        (0, 1, 1, True),
        (4, MOST_WIDTH, 0, False),
    ],
)
def test_sums_that_need_their_fine_words(sums: int, width: int, zeros: int, inexact: bool) -> None:
    out, rows, found = np.empty(2), np.empty(3, np.int64), np.empty(1, np.int64)
    kernels.round_sums(
        np.array([2**40, sums]), np.array([1, width], np.uint32), 0.5, 0.25, 2, zeros,
        out, rows, found,
    )  # fmt: skip
    assert out.tolist() == [2.0**39, float(sums % 2**64) / 2]
    assert rows[: found[0]].tolist() == [1] * inexact
