"""Tables as a careless caller hands them over: other libraries, orders, types and columns."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st

from apl_engine.errors import AplError

Frame = Any
DRAWS = int(os.environ.get("APL_ENGINE_FRAMES", settings.default.max_examples // 3))


@dataclass(frozen=True)
class Step:
    """A public function of tables: how it is called, the tables it takes and the columns used.

    `needed` are the columns of each table that must be there and of their type; `nullable` those
    of them that may hold nulls. Tables in `may_be_none` may be left out.
    """

    call: Callable[..., Any]
    tables: dict[str, pl.DataFrame]
    needed: dict[str, list[str]]
    nullable: frozenset[str] = field(default_factory=frozenset)
    may_be_none: frozenset[str] = field(default_factory=frozenset)


def plain(value: Any) -> Any:
    """Return figures in a form that compares, codes as text."""
    if isinstance(value, pl.DataFrame):
        text = [name for name, dtype in value.schema.items() if not dtype.is_numeric()]
        return value.with_columns(pl.col(text).cast(pl.String)).to_dict(as_series=False)
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.to_list() if isinstance(value, pl.Series) else value.tolist()


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return codes and bands as plain text."""
    enums = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Enum)]
    return frame.with_columns(pl.col(enums).cast(pl.String)) if enums else frame


def as_categorical(frame: pl.DataFrame) -> pl.DataFrame:
    text = [name for name, dtype in as_text(frame).schema.items() if dtype == pl.String]
    return as_text(frame).with_columns(pl.col(text).cast(pl.Categorical)) if text else frame


def with_foreign_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Return codes as an Enum of another order, whose numbers mean other communes."""
    enums = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Enum)]
    casts = []
    for name in enums:
        dtype = frame.schema[name]
        assert isinstance(dtype, pl.Enum)
        casts.append(pl.col(name).cast(pl.String).cast(pl.Enum(dtype.categories.reverse())))
    return frame.with_columns(casts)


# Frames that hold the same rows: the step must give the same figures, or refuse them.
SAME = {
    "as they are": lambda frame: frame,
    "lazy": lambda frame: frame.lazy(),
    "text": as_text,
    "categorical": as_categorical,
    "codes of another order": with_foreign_codes,
    "reversed": lambda frame: frame.reverse(),
    "shuffled": lambda frame: frame.sample(fraction=1.0, shuffle=True, seed=7),
    "pandas": lambda frame: as_text(frame).to_pandas(),
    "Arrow": lambda frame: as_text(frame).to_arrow(),
    "chunked": lambda frame: pl.concat([frame[: frame.height // 2], frame[frame.height // 2 :]],
                                       rechunk=False),
    "a mapping": lambda frame: as_text(frame).to_dict(as_series=False),
    "single precision": lambda frame: frame.with_columns(
        pl.col(name).cast(pl.Int64)
        for name, dtype in frame.schema.items()
        if dtype == pl.Float64 and frame[name].is_finite().all()
        and (frame[name] == frame[name].round()).all()
    ),
}  # fmt: skip

# Things that hold other rows, or none: the step must refuse them.
OTHER = (
    "no frame", "None", "text", "a number", "an array", "empty mapping", "no columns",
    "a column dropped", "a column renamed", "a column of lists", "a column of dates",
    "a column of nulls", "numbers as text", "text as numbers", "unknown codes", "binary",
    "another table", "a column of booleans", "codes as numbers",
)  # fmt: skip


@st.composite
def same_frames(draw: st.DrawFn, frame: pl.DataFrame) -> Frame:
    """Draw a frame of the same rows, of another type, order or library."""
    return SAME[draw(st.sampled_from(sorted(SAME)))](frame)


@st.composite
def other_frames(
    draw: st.DrawFn,
    frame: pl.DataFrame,
    needed: list[str],
    nullable: frozenset[str] = frozenset(),
) -> Frame:
    """Draw what is no such table; `needed` are the columns that the step needs."""
    kind = draw(st.sampled_from(OTHER))
    name = draw(st.sampled_from(needed))
    dates = kind == "a column of dates" and frame.schema[name] == pl.Date
    if dates or (kind == "a column of nulls" and name in nullable):
        kind = "a column dropped"
    numeric = [name for name in needed if frame.schema[name].is_numeric()]
    text = [name for name in needed if not frame.schema[name].is_numeric()
            and frame.schema[name] != pl.Boolean]  # fmt: skip
    if kind == "numbers as text" and not numeric:
        kind = "a column dropped"
    number = draw(st.sampled_from(numeric)) if numeric else name
    code = draw(st.sampled_from(text)) if text else name
    column = pl.col(name)
    size = frame.height
    made: dict[str, Any] = {
        "no frame": lambda: object(),
        "None": lambda: None,
        "text": lambda: "communes",
        "a number": lambda: 3,
        "an array": lambda: np.zeros((size, 3)),
        "empty mapping": lambda: {},
        "no columns": lambda: pl.DataFrame(),
        "a column dropped": lambda: frame.drop(name),
        "a column renamed": lambda: frame.rename({name: f"{name}_"}),
        "a column of lists": lambda: frame.with_columns(pl.concat_list(column).alias(name)),
        "a column of dates": lambda: frame.with_columns(pl.date(2024, 1, 1).alias(name)),
        "a column of nulls": lambda: frame.with_columns(pl.lit(None).alias(name)),
        "numbers as text": lambda: frame.with_columns(pl.lit("one").alias(number)),
        "text as numbers": lambda: frame.with_columns(pl.lit(1).alias(code)),
        "codes as numbers": lambda: frame.with_columns(pl.Series(code, range(size))),
        "unknown codes": lambda: frame.with_columns(pl.Series(code, [[k] for k in range(size)])),
        "binary": lambda: frame.with_columns(pl.lit(b"x").alias(name)),
        "another table": lambda: pl.DataFrame({"a": [1], "b": ["x"]}),
        "a column of booleans": lambda: frame.with_columns(pl.lit(value=True).alias(number)),
    }
    return made[kind]()


# What no quantity is, what cannot be added up, and what can.
ODD_NUMBERS = (
    float("nan"), float("inf"), float("-inf"), -1.0, -5e-324, 1e308, 1e300, 1e17, 0.5, 5e-324, 0.0,
)  # fmt: skip
ODD_ROWS = ("none", "one", "all but the first", "one twice", "all twice")


@st.composite
def odd_frames(draw: st.DrawFn, frame: pl.DataFrame, needed: list[str]) -> pl.DataFrame:
    """Draw a frame of the right types whose rows or numbers may be wrong."""
    numeric = [name for name in needed if frame.schema[name].is_numeric()]
    if frame.is_empty() or not numeric or draw(st.booleans()):
        return {
            "none": frame.clear(),
            "one": frame.head(1),
            "all but the first": frame[1:],
            "one twice": pl.concat([frame, frame.tail(1)]),
            "all twice": pl.concat([frame, frame]),
        }[draw(st.sampled_from(ODD_ROWS))]
    name, number = draw(st.sampled_from(numeric)), draw(st.sampled_from(ODD_NUMBERS))
    values = frame[name].cast(pl.Float64)
    rows = draw(st.sampled_from([[0], [frame.height - 1], range(frame.height)]))
    return frame.with_columns(values.scatter(list(rows), number))


def unsound(found: Any) -> list[str]:
    """Return the columns of figures that hold what is no quantity."""
    if isinstance(found, list):
        return [name for part in found for name in unsound(part)]
    if not isinstance(found, pl.DataFrame):
        return []
    numbers = found.select(pl.selectors.numeric().cast(pl.Float64).drop_nulls().implode())
    return [column.name for column in numbers
            if not (column.explode().is_finite() & (column.explode() >= 0)).all()]  # fmt: skip


def check_same_rows(step: Step, data: st.DataObject) -> None:
    """The same rows give the same figures, or are refused."""
    tables = {key: data.draw(same_frames(frame), key) for key, frame in step.tables.items()}
    with suppress(AplError):
        assert plain(step.call(**tables)) == plain(step.call(**step.tables))


def check_other_table(step: Step, data: st.DataObject) -> None:
    """Any other table in place of one is refused by an error of the package."""
    wrong = data.draw(st.sampled_from(sorted(step.tables)), "table")
    drawn = other_frames(step.tables[wrong], step.needed[wrong], step.nullable)
    frame = data.draw(drawn, "frame")
    assume(frame is not None or wrong not in step.may_be_none)
    with pytest.raises(AplError) as caught:
        step.call(**{**step.tables, wrong: frame})
    assert all(fault.code and str(fault) for fault in caught.value.faults)


def with_odd_table(step: Step, data: st.DataObject) -> dict[str, Frame]:
    """Draw odd rows and numbers for one of the tables."""
    wrong = data.draw(st.sampled_from(sorted(step.tables)), "table")
    odd = data.draw(odd_frames(step.tables[wrong], step.needed[wrong]), "frame")
    return {**step.tables, wrong: odd}
