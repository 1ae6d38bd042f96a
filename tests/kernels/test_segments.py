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
    parts = [sum(values[a:b].tolist()) for a, b in pairwise(starts)]
    assert out.tolist() == parts
