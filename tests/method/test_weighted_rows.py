"""Rows of pairs and of runs add up the same words, also if places without any are left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine.kernels import threads as kernel_threads
from apl_engine.kernels.catchment import MOST_WIDTH, NARROW
from apl_engine.method.runs import runs_of
from apl_engine.method.sparse_rows import CommunePairs, Rows, rows_both_ways
from apl_engine.method.weighted_rows import PairRows, RunRows

WEIGHTS = np.array([3, 2, 1, 0], dtype=np.int64)
BEYOND = 9


def both(bands: Any, order: Any, weights: Any = WEIGHTS) -> tuple[PairRows, RunRows]:
    """Return a dense network as rows of pairs and of runs."""
    origin, destination = (a.ravel().astype(np.uint32) for a in np.indices(bands.shape))
    pairs = CommunePairs(origin, destination, bands.ravel().astype(np.uint8))
    one, _two = rows_both_ways([pairs], len(bands), BEYOND)
    runs = runs_of(one, weights, order.astype(np.uint32))
    assert runs is not None
    return PairRows(one, weights), runs


def random_bands(rng: Any, size: int) -> Any:
    return rng.choice([0, 1, 2, 3, BEYOND], (size, size))


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_places_without_words_can_be_left_out(n: int, seed: int, share: float) -> None:
    """The sums over the other positions, numbered anew, are those over all."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    _, runs = both(random_bands(rng, n), order)
    has = rng.random(n) < share
    words = np.zeros(n, dtype=np.int64)
    words[order[has]] = rng.integers(-(2**63), 2**63, int(has.sum()))
    expected, widths = runs.add(runs.terms(words), None)
    narrow = runs.narrowed(has)
    assert narrow.counts.sum() <= runs.counts.sum()
    assert narrow.widths is runs.widths
    # By hand: each run is a difference of running sums over the positions that are left.
    with np.errstate(over="ignore"):
        running = np.concatenate(([0], np.cumsum(words[order[has]])))
        found, at = np.zeros(n, dtype=np.int64), 0
        for row, count in enumerate(narrow.counts[:, 0].tolist()):
            position = (row & -256) + int(narrow.members[row])
            for k in range(at, at + count):
                start, length = int(narrow.starts[k]), int(narrow.lengths[k])
                assert length > 0
                found[order[position]] += running[start + length] - running[start]
            at += count
    assert at == narrow.pointers[-1]
    assert found.tolist() == expected.tolist()
    assert widths.dtype == np.uint32


def test_runs_that_meet_are_joined_up_to_255_positions() -> None:
    size = 600
    bands = np.full((size, size), BEYOND)
    bands[0, ::2] = 2
    order = np.arange(size)
    _, runs = both(bands, order)
    assert runs.counts.max() == 300
    narrow = runs.narrowed(order % 2 == 0)
    assert narrow.counts.max() == 2
    assert narrow.starts[:2].tolist() == [0, 255]
    assert narrow.lengths[:2].tolist() == [255, 45]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 513])
@pytest.mark.parametrize("threads", [1, 2, 3, 7, None])
def test_windows_and_threads_change_no_bit(
    size: int, threads: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(size)
    pairs, runs = both(random_bands(rng, size), rng.permutation(size))
    words = rng.integers(-(2**63), 2**63, size)
    sums, widths = pairs.add(pairs.terms(words), 1)
    monkeypatch.setattr(kernel_threads, "PAIRS_PER_THREAD", 10)
    for rows in (pairs, runs):
        found = rows.add(rows.terms(words), threads)
        assert found[0].tobytes() == sums.tobytes()
        assert found[1].tobytes() == widths.tobytes()
        reverse = np.arange(size)[::-1].copy()
        assert rows.add_at(rows.terms(words), reverse).tobytes() == sums[::-1].tobytes()
    assert pairs.heaviest == runs.heaviest == 3


def test_widths_are_counted_alike_up_to_a_limit() -> None:
    weights = np.array([2**30, 2**31, 1])
    bands = np.array([[0, 0, 0, 2], [0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2]])
    for rows in both(bands, np.array([2, 0, 3, 1]), weights):
        widths = rows.add(rows.terms(np.ones(4, dtype=np.int64)), None).widths
        assert widths.tolist() == [3 * 2**30 + 1, MOST_WIDTH, MOST_WIDTH, 4]


def test_simple_rows_have_one_factor_and_fit_the_blocks() -> None:
    _, runs = both(np.zeros((4, 4), dtype=np.int64), np.arange(4), np.array([1, 0, 0, 0]))
    assert runs.is_simple
    widest = replace(runs, widths=np.array([1, NARROW, 1, 1], dtype=np.uint32))
    assert not widest.is_simple
    assert not replace(runs, factors=np.array([2])).is_simple
    assert not replace(runs, factors=np.array([1, 2])).is_simple


def test_bytes_that_a_pass_reads() -> None:
    pairs, runs = both(np.zeros((4, 4), dtype=np.int64), np.arange(4))
    assert pairs.nbytes == 5 * 8 + 16 * 4
    # Pointers, order, members, counts, widths, and three runs of 3 bytes for each row.
    assert runs.nbytes == 2 * 8 + 4 * (4 + 1 + 2 + 4) + 4 * 3 * 3


def test_rows_without_pairs_add_up_to_nothing() -> None:
    rows = PairRows(Rows(np.zeros(3, np.int64), np.empty(0, np.uint32)), WEIGHTS)
    sums, widths = rows.add(rows.terms(np.array([1, 2])), None)
    assert sums.tolist() == widths.tolist() == [0, 0]
