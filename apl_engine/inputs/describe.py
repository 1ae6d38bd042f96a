"""What is wrong with the values of a column: which rows, which values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import polars as pl

from ..errors import CONTROL, INVISIBLE, Fault, name_characters
from ..quoting import is_of_most, quotable
from ..schemas import COMMUNE_CODE, Column, Table, parse_age_band, stated, wrong_numbers
from .tables import EXAMPLES, Source, rows_fault

# What other programs write for a missing value.
NO_VALUE = ("", "nan", "null", "none", "na", "n/a", "<na>", "#n/a")
# What spreadsheets and careless readers make of 01001 and 2A004.
_MISWRITTEN_CODES = {
    "lost_leading_zero": r"^\d{4}$",
    "spaces_around_code": r"^\s*(?:\d{2}|2[AB])\d{3}\s*$",
    "lower_case_code": r"^2[ab]\d{3}$",
}
# What spreadsheets write for 91305.97, if cells are formatted so.
_NUMBER_WITH_UNIT = r"(?i)^[\s\d.,+-]*\d\s*(?:€|%|eur|euros?|ans?|acts?|actes?|etp)\s*$"

# Wrong values that are looked at for some that may be quoted.
TRIED = 100

_Wrong = Iterator[tuple[str, pl.Series]]
# A table with one of these columns is about practitioners, whatever it is given for.
_PRIVATE = {"practitioner_id", "birth_date", "newly_installed"}


def describe(
    table: Table, column: Column, source: Source, read: pl.Series, codes: pl.Enum | None,
    omitted: pl.Series | None = None, *, given: pl.Series | None = None,
) -> list[Fault]:  # fmt: skip
    """Return the faults of one column.

    Parameters
    ----------
    table : Table
        Its schema.
    column : Column
        The column's schema.
    source : Source
        Read again for the original text of the faulty rows.
    read : pl.Series
        The column as read, null where a value could not be.
    codes : pl.Enum or None
        The communes of the table communes; None if they are not known.
    omitted : pl.Series, optional
        Rows that are left out, whatever they hold.
    given : pl.Series, optional
        The original text, if that of some rows does not matter; by default that of the source.

    Returns
    -------
    list of Fault
        Without values if the column describes a practitioner, or if they may; see `quoting`.
    """
    if given is None:
        given = source.frame.select(pl.col(column.name).cast(pl.String)).collect().to_series()
    faults = []
    # A cell of any column may be of another one, in rows about practitioners.
    withheld = table.private or bool(_PRIVATE & set(source.frame.collect_schema().names()))
    is_code = column.kind in ("commune", "code") or column.name in table.key
    unseen = "invisible_characters" if is_code else "control_characters"
    hidden = given.str.contains(INVISIBLE if is_code else CONTROL).fill_null(False)
    hidden &= is_code or column.kind == "text"
    counted = pl.repeat(True, len(given), eager=True) if omitted is None else ~omitted
    kinds = _wrong_values(column, given, read, codes)
    seen = ((kind, (mask & ~hidden).fill_null(False) & counted) for kind, mask in kinds)
    hidden &= counted
    found = [(kind, wrong) for kind, wrong in chain([(unseen, hidden)], seen) if wrong.any()]
    filled = counted & given.str.strip_chars().is_in(NO_VALUE).not_().fill_null(False)
    bad = sum(int(wrong.sum()) for kind, wrong in found if kind != "no_value")
    foreign = is_of_most(bad, int(filled.sum()))
    for kind, wrong in found:
        shown: list[str] = []
        texts = given.filter(wrong).drop_nulls()
        if not withheld:
            shown = texts.unique(maintain_order=True).head(TRIED).to_list()
            shown = [text for text in shown if text.strip()]
        known = codes.categories if codes is not None and foreign else ()
        values = quotable(shown, column.kind, foreign=foreign, known=known)
        details = stated(kind, column)
        if kind == unseen:
            details["characters"] = name_characters(texts)
        fault = rows_fault(
            table.name, kind, column.name, wrong.arg_true(), tuple(values[:EXAMPLES]), **details
        )
        faults.append(replace(fault, withheld=len(values) < len(shown)))
    return faults


def _wrong_values(
    column: Column, given: pl.Series, values: pl.Series, codes: pl.Enum | None
) -> _Wrong:
    """Yield each kind of fault that a column may have, with the rows that have it."""
    blank = given.is_null() | (given.str.strip_chars() == "")
    empty = blank
    if column.kind == "code":
        empty = blank | given.str.strip_chars().str.to_lowercase().is_in(NO_VALUE)
    yield "no_value", empty
    unread = ~empty & values.is_null()
    if column.kind == "commune":
        yield from _wrong_communes(given, empty, values, codes)
    elif column.kind == "band":
        readable = given.map_elements(lambda text: parse_age_band(text) is not None, pl.Boolean)
        yield "not_an_age_band", ~empty & ~readable
    elif column.kind in ("number", "integer"):
        # Minutes have one code wherever they are read, as a table or by an import.
        with_unit = unread & given.str.contains(_NUMBER_WITH_UNIT) & (column.name != "minutes")
        yield "number_with_unit", with_unit
        yield "not_a_number", unread & ~with_unit
        yield from wrong_numbers(column, values)
    elif column.kind in ("flag", "date"):
        yield f"not_a_{column.kind}", unread
    elif column.pattern:
        yield "unexpected_value", ~empty & ~given.str.contains(column.pattern)


def _wrong_communes(
    given: pl.Series, empty: pl.Series, values: pl.Series, codes: pl.Enum | None
) -> _Wrong:
    well_formed = given.str.contains(COMMUNE_CODE)
    wrong = ~empty & ~well_formed
    for kind, pattern in _MISWRITTEN_CODES.items():
        here = wrong & given.str.contains(pattern)
        yield kind, here
        wrong &= ~here
    yield "not_a_commune_code", wrong
    if codes is not None:
        yield "unknown_commune", well_formed & values.is_null()
