"""Sixteen columns at a time, against one value at a time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels
from apl_engine.kernels.blocks import LANES
from apl_engine.method.runs import runs_of
from apl_engine.method.sparse_rows import CommunePairs, rows_both_ways
from apl_engine.method.weighted_rows import PairRows, RunRows

seeds = st.integers(0, 2**32 - 1)
WEIGHTS = np.array([3, 2, 1], dtype=np.int64)
BEYOND = 9


@given(st.integers(1, 9), st.integers(1, 11), seeds)
def test_rows_are_scanned(n: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.random((n, width))
    spoilt = rng.random((n, width)) < 0.05
    values[spoilt] = rng.choice([np.nan, np.inf, -np.inf, -1e-300, -0.0], int(spoilt.sum()))
    half = n // 2
    highest, odd = np.full(n, -1.0), np.full(n, -1)
    for start, stop in ((half, n), (0, half)):
        kernels.scan_rows(values, width, start, stop, highest, odd)
    for r in range(n):
        bad = ~((values[r] >= 0) & (values[r] < np.inf))
        assert (odd[r] > 0) == bad.any()
        assert bad.any() or highest[r] == values[r].max()


@pytest.mark.parametrize("at", range(9))
@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_one_odd_value_is_found_wherever_it_is(at: int, value: float) -> None:
    values = np.ones((1, 9))
    values[0, at] = value
    highest, odd = np.empty(1), np.empty(1, dtype=np.int64)
    kernels.scan_rows(values, 9, 0, 1, highest, odd)
    assert odd[0] > 0


def test_runs_are_narrowed() -> None:
    """Positions 1, 2, 5 and 6 of 8 are left, as 0 to 3."""
    has = np.array([0, 1, 1, 0, 0, 1, 1, 0], dtype=bool)
    ranks = np.concatenate(([0], np.cumsum(has))).astype(np.uint32)
    counts = np.array([3, 1, 2, 0], dtype=np.uint16)
    # A gap between runs that meet; a run of nothing; runs of rows that must not be joined.
    starts = np.array([0, 4, 6, 3, 2, 5], dtype=np.uint32)
    lengths = np.array([3, 2, 2, 2, 1, 1], dtype=np.uint8)
    pointers, new_counts = np.empty(2, dtype=np.int64), np.empty(4, dtype=np.uint16)
    new_starts, new_lengths = np.empty(6, dtype=np.uint16), np.empty(6, dtype=np.uint8)
    kernels.narrow_runs(
        counts, starts, lengths, ranks, 4, pointers, new_counts, new_starts, new_lengths
    )
    assert pointers.tolist() == [0, 2]
    assert new_counts.tolist() == [1, 0, 1, 0]
    assert new_starts[:2].tolist() == [0, 1]
    assert new_lengths[:2].tolist() == [4, 2]


def exact_words(value: float, divisor: float, scale: float) -> tuple[int, int]:
    """Return the main and the fine word of a quotient, which is rounded."""
    units = Fraction(value / divisor) * Fraction(scale) if divisor > 0 else Fraction(0)
    main = round(units)
    return main, round((units - main) * 2**42)


@given(st.integers(1, 12), seeds, st.integers(0, 3))
def test_quotients_are_packed(n: int, seed: int, first: int) -> None:
    rng = np.random.default_rng(seed)
    width = 2 * LANES + 4
    drawn = 2.0 ** rng.uniform(-110, 0, (n, width))
    values = np.where(rng.random((n, width)) < 0.3, 0.0, drawn)
    divisors = np.where(rng.random(n) < 0.2, 0.0, 2.0 ** rng.uniform(0, 30, n))
    places = rng.permutation(n)[: 1 + n // 2].astype(np.uint32)
    some, scale = len(places), 2.0**60
    mains, fines = np.empty((2, 2, some + 1, LANES), dtype=np.int64)
    totals, tiny = np.empty((2, LANES)), np.empty(1, dtype=np.int64)
    kernels.pack_blocks(
        values, divisors, places, scale, some, width, first, 2, mains, fines, totals, tiny
    )
    small = 0
    for block, lane in np.ndindex(2, LANES):
        main, fine, b = mains[block], fines[block], LANES * block + lane
        words = [exact_words(values[p, first + b], divisors[p], scale) for p in places]
        for found, which in ((main, 0), (fine, 1)):
            assert found[:, lane].tolist() == np.cumsum([0, *(w[which] for w in words)]).tolist()
        quotients = [values[p, first + b] / divisors[p] if divisors[p] else 0 for p in places]
        assert totals[block, lane] == pytest.approx(sum(quotients) * scale)
        small += sum(w[0] == 0 and q > 0 for w, q in zip(words, quotients, strict=True))
    assert tiny[0] == (small > 0)


def layout(rng: Any, size: int) -> tuple[PairRows, RunRows]:
    bands = rng.choice([0, 1, 2, *[BEYOND] * (1 + size // 10)], (size, size))
    origin, destination = (a.ravel().astype(np.uint32) for a in np.indices(bands.shape))
    pairs = CommunePairs(origin, destination, bands.ravel().astype(np.uint8))
    one, _two = rows_both_ways([pairs], size, BEYOND)
    runs = runs_of(one, WEIGHTS, rng.permutation(size).astype(np.uint32))
    assert runs is not None
    return PairRows(one, WEIGHTS), runs


@pytest.mark.parametrize("size", [1, 20, 300])
@pytest.mark.parametrize("first", [0, 3])
def test_sums_of_blocks_are_those_of_columns(size: int, first: int) -> None:
    rng = np.random.default_rng(size + first)
    pairs, runs = layout(rng, size)
    # Of all magnitudes, below 2**64 in sum; the fine words below half a unit.
    shifts = rng.integers(10, 53, (size, LANES))
    words = rng.integers(0, 2**52, (size, LANES)) >> shifts
    words[:, 0] <<= 10
    small = rng.integers(-(2**41), 2**41, (size, LANES))
    main, fine = (
        np.concatenate((np.zeros((1, LANES), np.int64), np.cumsum(each[runs.order], axis=0)))
        for each in (words, small)
    )
    where = (runs.pointers, runs.counts, runs.members, runs.order, runs.starts, runs.lengths)
    width, bound, unit, factor = LANES + 4, 2.0**-40, 2.0**-20, 1e5
    out, scratch = np.full((size, width), -1.0), np.empty(LANES + 1, dtype=np.int64)
    coarse = 0
    windows = len(runs.pointers) - 1
    half = windows // 2
    for start, stop in ((half, windows), (0, half)):
        kernels.add_runs_blocks(
            *where, main, fine, runs.widths, unit, bound, factor, size, size + 1, 1, start, stop,
            first, width, out, scratch,
        )  # fmt: skip
        coarse |= int(scratch[LANES])
    expected, widths = np.empty((size, LANES)), runs.widths.astype(float)
    needs = np.empty((size, LANES), dtype=bool)
    exact = np.empty((size, LANES), dtype=np.int64)
    for b in range(LANES):
        exact[:, b] = pairs.add(pairs.terms(words[:, b].copy()), 1).words
        units = exact[:, b].astype(np.uint64).astype(float)
        expected[:, b] = units * unit * factor
        needs[:, b] = (widths > units * 2 * bound) & (units > 0)
    assert (np.delete(out, np.arange(first, first + LANES), axis=1) == -1).all()
    too_coarse = False
    for b in range(LANES):
        more = pairs.add(pairs.terms(small[:, b].copy()), 1).words
        for r in range(size):
            if not needs[r, b]:
                assert out[r, first + b] == expected[r, b]
                continue
            total = Fraction(int(exact[r, b])) + Fraction(int(more[r]), 2**42)
            too_coarse |= int(runs.widths[r]) > total * 2**43 * Fraction(bound)
            whole = total * Fraction(unit) * Fraction(factor)
            assert out[r, first + b] == pytest.approx(float(whole), rel=2**-50, abs=0)
    assert coarse == too_coarse
    assert needs.any()
    assert size < 20 or not needs.all()


def test_sums_of_2_to_the_63_and_more_are_no_negative_numbers() -> None:
    _, runs = layout(np.random.default_rng(0), 1)
    main = np.zeros((2, LANES), dtype=np.int64)
    main[1] = np.array([2**63 + 2**40], dtype=np.uint64).view(np.int64)[0]
    own = with_one_run(runs)
    out = np.empty((1, LANES))
    kernels.add_runs_blocks(
        own.pointers, own.counts, own.members, own.order, own.starts, own.lengths, main,
        main, np.array([1], np.uint32), 0.5, 2.0**-40, 3.0, 1, 2, 1, 0, 1, 0, LANES, out,
        np.empty(LANES + 1, dtype=np.int64),
    )  # fmt: skip
    assert (out == 1.5 * (2.0**63 + 2.0**40)).all()


def with_one_run(runs: RunRows) -> RunRows:
    return replace(
        runs,
        pointers=np.array([0, 1], np.int64),
        counts=np.array([[1]], np.uint16),
        starts=np.array([0], np.uint16),
        lengths=np.array([1], np.uint8),
    )
