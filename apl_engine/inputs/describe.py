"""What is wrong with the values of a column: which rows, which values, what to do."""

from __future__ import annotations

import polars as pl

from ..errors import Fault
from ..schemas import COMMUNE_CODE, Column, Table, parse_age_band
from .tables import Source

_EXAMPLES = 3
# What other programs write where there is no value.
_NO_VALUE = ("", "nan", "null", "none", "na", "n/a", "<na>", "#n/a")


def no_value(text: pl.Series) -> pl.Series:
    """Tell which texts stand for no value."""
    return text.is_null() | text.str.strip_chars().str.to_lowercase().is_in(_NO_VALUE)


def describe(
    table: Table, column: Column, source: Source, values: pl.Series, codes: pl.Enum | None
) -> list[Fault]:
    """Return the faults of one column.

    Parameters
    ----------
    table, column : which column.
    source : where it comes from; read again for what stands in the faulty rows.
    values : the column as read, null where it could not be.
    codes : the commune codes there are.

    Returns
    -------
    list of Fault
    """
    given = source.frame.select(pl.col(column.name).cast(pl.String)).collect().to_series()
    empty = no_value(given) if column.kind == "code" else _is_empty(given)
    finder = _Finder(table, column, given)
    finder.add(empty, "no value", "Fill it in, or leave the row out.")
    if column.kind == "commune":
        _communes(finder, empty, values, codes)
    elif column.kind == "band":
        readable = given.map_elements(lambda t: parse_age_band(t) is not None, pl.Boolean)
        finder.add(~empty & ~readable, "not an age band", "Write 00-04, 05-09 ... 95+.")
    elif column.kind in ("number", "integer"):
        _numbers(finder, empty, values)
    elif column.kind == "flag":
        words = "Write true or false, 1 or 0, oui or non."
        finder.add(~empty & values.is_null(), "neither true nor false", words)
    elif column.kind == "date":
        finder.add(~empty & values.is_null(), "not a date", "Write 1980-12-31.")
    elif column.pattern:
        wrong = ~empty & ~given.str.contains(column.pattern)
        finder.add(wrong, f"not {column.expected}", f"Write {column.doc}, as text.")
    return finder.faults


def _is_empty(given: pl.Series) -> pl.Series:
    return given.is_null() | (given.str.strip_chars() == "")


class _Finder:
    """Gathers the faults of one column, each with its first rows and values."""

    def __init__(self, table: Table, column: Column, given: pl.Series) -> None:
        self.table, self.column, self.given = table, column, given
        self.faults: list[Fault] = []

    def add(self, wrong: pl.Series, problem: str, hint: str = "", *, told: bool = True) -> None:
        """Add a fault where there is one; `told` says whether its values may be."""
        wrong = wrong.fill_null(False)
        if not wrong.any():
            return
        rows = wrong.arg_true()
        values: list[str] = []
        if told and not self.column.private:
            values = self.given.filter(wrong).drop_nulls().unique(maintain_order=True).to_list()
        self.faults.append(
            Fault(
                code="legacy.fault",
                table=self.table.name,
                column=self.column.name,
                count=len(rows),
                rows=tuple(row + 1 for row in rows.head(_EXAMPLES)),
                values=tuple(value for value in values[:_EXAMPLES] if value.strip()),
                details={"problem": problem, "hint": hint},
            )
        )


def _communes(finder: _Finder, empty: pl.Series, values: pl.Series, codes: pl.Enum | None) -> None:
    given = finder.given
    shaped = given.str.contains(COMMUNE_CODE)
    # What spreadsheets and careless readers make of 01001 and 2A004.
    wrong = ~empty & ~shaped
    for pattern, problem, hint in (
        (r"^\d{4}$", "commune codes have lost their first zero",
         "Read the column as text: '01001' is not 1001."),
        (r"^\s*(?:\d{2}|2[AB])\d{3}\s*$", "commune codes with spaces around them",
         "Remove the spaces."),
        (r"^2[ab]\d{3}$", "commune codes in small letters", "Write 2A004, not 2a004."),
    ):  # fmt: skip
        here = given.str.contains(pattern)
        finder.add(wrong & here, problem, hint)
        wrong = wrong & ~here
    hint = "Write 01001 or 2A004, with nothing around it."
    finder.add(wrong, "not a commune code of five characters", hint, told=not finder.table.private)
    if codes is not None:
        finder.add(
            shaped & values.is_null(),
            "unknown communes, absent from the table communes",
            "Both must be of one vintage of the geography; Paris, Lyon and Marseille by "
            "arrondissement.",
        )


def _numbers(finder: _Finder, empty: pl.Series, values: pl.Series) -> None:
    column = finder.column
    hint = "Write digits with a point; a comma is read in files with semicolons only."
    finder.add(~empty & values.is_null(), "not a number", hint)
    finder.add(values.is_nan(), "NaN is not a value", "Leave no row without a value.")
    finder.add(values.is_infinite(), "infinite values", f"Write a number: {column.doc}.")
    finite = values.is_finite()
    if column.kind == "integer":
        finder.add(
            finite & (values != values.round()), "not a whole number", f"Write {column.doc}."
        )
    if column.low is not None:
        words = "negative values" if column.low == 0 else f"below {column.low:g}"
        finder.add(finite & (values < column.low), words, _low_hint(column))
    if column.high is not None:
        hint = f"Check the unit: {column.doc}."
        finder.add(finite & (values > column.high), f"above {column.high:g}", hint)


def _low_hint(column: Column) -> str:
    if column.name == "minutes":
        return "METRIC writes -999999 for a pair it did not compute: leave such rows out."
    if column.name in ("acts", "fees"):
        return "Net regularisations against the acts that they cancel first."
    return f"Write {column.doc}."
