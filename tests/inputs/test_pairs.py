"""Pairs on several rows, against a set of Python."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import columns
from apl_engine.inputs.pairs import are_distinct

CODES = pl.Enum(["a", "b", "c", "d", "e"])
row = st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"))


@given(st.lists(row, max_size=20), st.booleans(), st.booleans(), st.integers(1, 6))
def test_pairs_are_distinct(
    rows: list[tuple[str, str]], distinct: bool, in_order: bool, at_once: int
) -> None:
    rows = list(dict.fromkeys(rows)) if distinct else rows
    rows = sorted(rows) if in_order else rows
    frame = pl.DataFrame(rows, schema={"origin": CODES, "destination": CODES}, orient="row")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "MOST_AT_ONCE", at_once)
        assert are_distinct(frame) == (len(set(rows)) == len(rows))
