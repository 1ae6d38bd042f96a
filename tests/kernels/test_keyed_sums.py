"""Sums by key in a hash table, against a dictionary."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels

numbers = st.integers(-5, 5)
rows = st.lists(st.tuples(numbers, numbers, st.integers(1, 3), numbers, numbers), max_size=40)


@given(rows, st.sampled_from([3, 15, 255]), st.integers(0, 3))
def test_add_by_key(given_rows: list[tuple[int, ...]], mask: int, start: int) -> None:
    columns = np.array(given_rows, np.int64).reshape(-1, 5).T.copy()
    n = len(given_rows)
    table, new = np.zeros((mask + 1, 5), np.int64), np.empty((n, 2), np.int64)
    counts = np.zeros(3, np.int64)
    kernels.add_by_key(*columns, min(start, n), n, mask, table, new, counts)
    keys, n_new, stop = counts.tolist()

    expected: dict[tuple[int, int], list[int]] = {}
    first_rows = []
    for k, (low, high, *amounts) in enumerate(given_rows[:stop]):
        if k >= start:
            if (low, high) not in expected:
                first_rows.append(k)
            sums = expected.setdefault((low, high), [0, 0, 0])
            sums[:] = [a + b for a, b in zip(sums, amounts, strict=True)]
    assert keys == n_new == len(expected)
    assert new[:n_new, 0].tolist() == first_rows
    slots = table[new[:n_new, 1]].tolist()
    assert {(low, high): sums for low, high, *sums in slots} == expected
    assert np.count_nonzero(table[:, 2]) == len(expected)
    assert stop == n or 2 * keys > mask
