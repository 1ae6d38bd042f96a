"""Sums of rows that come some at a time, against a group-by."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from apl_engine.readers.activity import practices
from apl_engine.readers.activity.columns import Request
from apl_engine.readers.activity.dataset import FileLayout, Part
from apl_engine.readers.activity.expressions import RowReader

ROLES = {name: name for name in ("practitioner_id", "commune", "month", "acts", "fees")}
SCHEMA = pl.Schema(
    {"practitioner_id": pl.String(), "commune": pl.String(), "month": pl.Int64(),
     "acts": pl.Int64(), "fees": pl.Float64()}
)  # fmt: skip
READER = RowReader(Part(FileLayout("Parquet", ())), ROLES, SCHEMA, Request({}, {}, 2022))
codes = st.none() | st.text("ab\0é", max_size=14)
rows = st.tuples(
    codes, codes, st.sampled_from([202201, 202112, None]), st.none() | st.integers(-9, 9),
    st.sampled_from([1.25, -1.25, 0.0, float("nan"), None]),
)  # fmt: skip
batches = st.lists(st.lists(rows, max_size=12), max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches, st.sampled_from([2, 64]))
def test_sums_by_practitioner_and_commune(
    monkeypatch: pytest.MonkeyPatch, given_batches: list[list[tuple[object, ...]]], slots: int
) -> None:
    monkeypatch.setattr(practices, "_SLOTS", slots)
    frames = [pl.DataFrame(each, SCHEMA, orient="row") for each in given_batches]
    plans = [practices.keyed(frame.lazy(), READER) for frame in [SCHEMA.to_frame(), *frames]]
    sums = practices.Practices(plans[0].collect_schema())
    for plan in plans:
        sums.add(plan.collect())

    every = pl.concat([SCHEMA.to_frame(), *frames]).filter(pl.col("month") == 202201)
    expected = every.group_by(practices.PRACTICE).agg(
        rows=pl.len().cast(pl.Int64),
        acts=pl.col("acts").sum() * 10_000,
        fees=(pl.col("fees").fill_nan(0).sum() * 100).round().cast(pl.Int64),
    )
    assert_frame_equal(sums.table(), expected, check_row_order=False)


def test_a_key_depends_on_both_codes_and_their_order() -> None:
    """Half a million pairs of codes have keys of their own, and so have halves of keys."""
    names = [f"{k:03d}" for k in range(707)]
    pairs = pl.DataFrame({"practitioner_id": names}).join(
        pl.DataFrame({"commune": names}), how="cross"
    )
    frame = pairs.with_columns(month=202201, acts=1, fees=1.0)
    keyed = practices.keyed(frame.lazy(), READER).collect()
    assert keyed["low"].n_unique() == keyed["high"].n_unique() == frame.height
    both = keyed["low"] ^ keyed["high"]
    assert both.n_unique() == frame.height
