"""Pairs on their way to shards, against plain dictionaries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels
from apl_engine.kernels.shards import REPEATED
from apl_engine.method.runs import runs_in_place, runs_of
from apl_engine.method.sparse_rows import Rows

seeds = st.integers(0, 2**32 - 1)


def words_of(rows: Any, places: Any, bands: Any) -> Any:
    return (
        (rows.astype(np.uint64) << 32) | (places.astype(np.uint64) << 8) | bands.astype(np.uint64)
    )


@given(st.integers(1, 700), st.integers(0, 300), seeds)
def test_pairs_are_counted_and_divided(n: int, pairs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    origins, destinations = rng.integers(0, n, (2, pairs)).astype(np.uint32)
    bands = rng.integers(0, 7, pairs).astype(np.uint8)
    position = rng.permutation(n).astype(np.uint32)
    windows = -(-n // 256)
    counts = np.zeros((2, windows), dtype=np.int64)
    kernels.count_windows(origins, destinations, bands, 6, position, pairs, *counts)
    kept = bands != 6
    row, place = position[origins[kept]], position[destinations[kept]]
    for ends, counted in zip((row, place), counts, strict=True):
        assert counted.tolist() == np.bincount(ends >> 8, minlength=windows).tolist()
    part_of = np.arange(windows, dtype=np.uint16)
    cursors = np.concatenate(([0], np.cumsum(counts[0])[:-1]))
    out = np.empty(int(kept.sum()), dtype=np.uint64)
    kernels.divide_pairs(origins, destinations, bands, 6, position, part_of, pairs, cursors, out)
    expected = words_of(row, place, bands[kept])[np.argsort(row >> 8, kind="stable")]
    assert out.tolist() == expected.tolist()
    assert cursors.tolist() == np.cumsum(counts[0]).tolist()


@given(st.integers(1, 5000), st.integers(0, 300), seeds)
def test_rows_are_filled_and_sorted_once(n: int, pairs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, last = sorted(rng.integers(0, 41, 2).tolist())
    rows = rng.integers(0, 40, pairs)
    near = rng.integers(0, n)
    places = np.minimum(near + rng.integers(0, 60, pairs), n - 1)
    bands = rng.integers(0, 250, pairs)
    words, counts = words_of(rows, places, bands), np.zeros(last - first, dtype=np.int64)
    kernels.count_words(words, pairs, first, last, counts)
    pointers = np.concatenate(([0], np.cumsum(counts)))
    out = np.empty(pointers[-1], dtype=np.uint32)
    kernels.place_words(words, pairs, first, last, pointers[:-1].copy(), out)
    lengths, repeats = np.empty(last - first, dtype=np.int64), np.zeros(1, dtype=np.int64)
    marks, summary = np.zeros(n // 64 + 1, np.uint64), np.zeros(n // 4096 + 1, np.uint64)
    band_at = np.zeros(n, np.uint8)
    kernels.sort_places(pointers, 0, last - first, marks, summary, band_at, out, lengths, repeats)
    again = 0
    for row in range(first, last):
        lowest: dict[int, int] = {}
        for place, band in sorted(zip(places[rows == row], bands[rows == row], strict=True)):
            lowest.setdefault(int(place), int(band))
        begin, end = pointers[row - first : row - first + 2]
        length = lengths[row - first]
        sorted_pairs, others = np.split(out[begin:end], [length])
        assert sorted_pairs.tolist() == [band << 24 | p for p, band in sorted(lowest.items())]
        assert (others >> 24 == REPEATED).all()
        again += len(others)
    assert repeats[0] == again
    assert not marks.any()
    assert not summary.any()


@given(st.integers(1, 600), seeds)
def test_rows_are_turned_round(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs, first = 50, int(rng.integers(0, 100))
    rows = np.sort(rng.integers(0, 9, pairs))
    places, bands = rng.integers(0, n, pairs), rng.integers(0, 250, pairs)
    pointers = np.searchsorted(rows, np.arange(10)).astype(np.int64)
    held = (bands << 24 | places).astype(np.uint32)
    part_of = np.arange(-(-n // 256), dtype=np.uint16)
    counts = np.bincount(places >> 8, minlength=len(part_of))
    cursors, out = np.concatenate(([0], np.cumsum(counts)[:-1])), np.empty(pairs, np.uint64)
    kernels.divide_rows(pointers, held, part_of, first, 0, 9, cursors, out)
    expected = words_of(places, first + rows, bands)[np.argsort(places >> 8, kind="stable")]
    assert out.tolist() == expected.tolist()


@given(st.lists(st.sampled_from(["", "a", "01001", "2A004", "x" * 12, "y" * 30, "z" * 30])))
def test_equal_views_have_one_number(texts: list[str]) -> None:
    kinds = {text: k for k, text in enumerate(dict.fromkeys(texts))}
    views = np.array([[len(t), *(hash(t) >> s & 0xFFFFFFFF for s in (0, 16, 31))] for t in texts],
                     dtype=np.uint32).reshape(-1)  # fmt: skip
    n, mask = len(texts), 2 ** (2 * len(texts)).bit_length() - 1
    slots = np.full(mask + 1, 2**32 - 1, dtype=np.uint32)
    ids, firsts = np.empty((2, n), dtype=np.uint32)
    found = np.empty(1, dtype=np.int64)
    kernels.number_views(views, n, mask, slots, ids, firsts, found)
    assert ids.tolist() == [kinds[text] for text in texts]
    assert firsts[: found[0]].tolist() == [texts.index(text) for text in kinds]


@given(st.integers(1, 600), seeds, st.sampled_from([0.01, 0.3, 0.9]))
def test_runs_of_sorted_rows_are_those_of_any(n: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    weights = np.array([5, 4, 0, 1, 5])
    has = rng.random((n, n)) < share
    row, place = np.nonzero(has)
    bands = rng.integers(0, 5, len(row))
    pointers = np.searchsorted(row, np.arange(n + 1)).astype(np.int64)
    rows = Rows(pointers, (bands << 24 | place).astype(np.uint32))
    one = runs_in_place(rows, weights, n)
    other = runs_of(rows, weights, np.arange(n, dtype=np.uint32))
    assert one is not None
    assert other is not None
    for name in ("factors", "pointers", "members", "counts", "starts", "lengths", "widths"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a.dtype, a.tolist()) == (b.dtype, b.tolist()), name


@pytest.mark.parametrize("positions", [2**16, 2**16 + 1])
def test_starts_are_as_wide_as_positions_need(positions: int) -> None:
    rows = Rows(np.array([0, 1]), np.array([positions - 1], dtype=np.uint32))
    runs = runs_in_place(rows, np.array([1]), positions)
    assert runs is not None
    assert runs.starts.dtype == (np.uint16 if positions == 2**16 else np.uint32)
