"""Sums over runs of rows, against plain Python."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels


@given(st.lists(st.integers(0, 5), min_size=1, max_size=10), st.integers(0, 2**32 - 1))
def test_segment_sums(lengths: list[int], seed: int) -> None:
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    values = np.random.default_rng(seed).random(starts[-1])
    out = np.empty(len(lengths))
    kernels.segment_sums(starts, values, len(out), out)
    parts = []
    for first, end in pairwise(starts):
        # From Python 3.12 on, sum() makes up for what rounding loses.
        total = 0.0
        for value in values[first:end].tolist():
            total += value
        parts.append(total)
    assert out.tolist() == parts
