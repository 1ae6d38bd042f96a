"""Codes read by a table are those that a cast of Polars reads."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine.inputs.codes import read_codes

departement = st.integers(0, 99).map("{:02}".format) | st.sampled_from(["2A", "2B"])
code = st.builds(str.__add__, departement, st.integers(0, 999).map("{:03}".format))
# Of five bytes, but not all digits; of more or fewer; and what views hold elsewhere than inside.
text = st.text(max_size=20) | st.text("p0123é", min_size=5, max_size=5) | st.just("01001" * 4)


@pytest.mark.heavy
@given(st.data(), st.sets(code, min_size=1, max_size=30) | st.sets(text, min_size=1, max_size=9))
def test_codes_are_read_as_by_a_cast(data: st.DataObject, known: set[str]) -> None:
    codes = pl.Enum(sorted(known))
    values = st.sampled_from(sorted(known))
    column = data.draw(
        st.lists(values, max_size=40)
        | st.lists(values | code | text | st.none(), max_size=40)  # some unknown
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, 40), max_size=2)))
    parts = [column[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    series = pl.concat([pl.Series("a", part, dtype=pl.String) for part in parts], rechunk=False)
    frame = series.to_frame().lazy().with_columns(b=pl.col("a").reverse())
    plan = frame.select(read_codes(["a", "b"], codes))
    assert plan.collect_schema() == {"a": codes, "b": codes}
    expected = frame.select(pl.all().cast(codes, strict=False)).collect()
    for engine in ("streaming", "in-memory"):
        assert plan.collect(engine=engine).equals(expected)


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["01001", "2A004"])])
def test_codes_of_a_column_of_categories(dtype: pl.DataType) -> None:
    frame = pl.DataFrame({"a": pl.Series(["2A004", "01001", None], dtype=dtype)})
    read = frame.select(read_codes(["a"], pl.Enum(["01001", "01002", "2A004"])))
    assert read["a"].to_physical().to_list() == [2, 0, None]


def test_more_codes_than_a_short_number_counts() -> None:
    codes = pl.Series([f"{k:05d}" for k in range(70_000)])
    column = codes.gather([69_999, 0, 65_536, 255]).to_frame("a")
    read = column.select(read_codes(["a"], pl.Enum(codes)))
    assert read["a"].to_physical().to_list() == [69_999, 0, 65_536, 255]
