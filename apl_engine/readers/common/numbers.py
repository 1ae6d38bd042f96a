"""Numbers as people and spreadsheets write them, and which cannot be numbers of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from ...errors import Fault
from ...schemas import MOST_IN_A_COMMUNE
from .issues import Issues
from .match import Match

SPACES = r"[\s\u00a0\u202f\u2009\u2007]"
# Secrecy, no data, no object: what publishers write in place of a number.
_NOT_GIVEN = (
    "", "-", "–", "—", ".", "..", "...", "ns", "n.s.", "nd", "n.d.", "n.d", "nc", "n.c.", "s", "c",
    "na", "n/a", "#n/a", "nan", "null", "x", "///", "ø",
)  # fmt: skip

#: A mark of decimals, or a separator of thousands.
MARK = r"[.,]"
#: 1,234 and 12.345.678, but not 0.123, 1234.567 or 12.5
THOUSANDS = r"^\s*[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+\s*$"
_ONE_MARK = r"^\s*-?\d[\d\s]*[.,]\d+\s*$"
_BOTH_MARKS = r"\d[.,]\d{3}[.,]\d"
# Enough rows to recognise most columns of decimals.
_FIRST_ROWS = 1000


def parse_number(text: pl.Expr, *, decimal_comma: bool = True) -> pl.Expr:
    """Return text such as ``1 234,5``, with any space between thousands, as Float64.

    Parameters
    ----------
    text : pl.Expr
        The text; null if it is not a number.
    decimal_comma : bool
        Whether a comma is a decimal comma.
    """
    tight = text.str.replace_all(SPACES, "")
    if decimal_comma:
        # With a point between thousands too, the meaning would be a guess.
        comma = tight.str.contains(r"^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$")
        tight = pl.when(comma).then(tight.str.replace(",", ".", literal=True)).otherwise(tight)
    return tight.cast(pl.Float64, strict=False)


# --- separators of thousands ---------------------------------------------------------------------


def may_part_thousands(values: pl.Series) -> bool | None:
    """Return whether the marks in some values of a column may separate thousands.

    Parameters
    ----------
    values : pl.Series of str
        The numbers.

    Returns
    -------
    bool or None
        False if a number shows that they do not, None if no number has a mark.
    """
    marked = values.filter(values.str.contains(MARK))
    return bool(marked.str.contains(THOUSANDS).all()) if len(marked) else None


def parts_thousands(rows: pl.LazyFrame, text: pl.Expr) -> bool:
    """Return whether the marks in a column seem to separate thousands.

    Stops at the first number that shows the contrary.

    Parameters
    ----------
    rows : pl.LazyFrame
        The rows.
    text : pl.Expr of str
        The numbers.

    Returns
    -------
    bool
        Whether some numbers have a mark, each followed by three digits, and others have none.
    """
    numbers = rows.select(number=text).filter(pl.col("number").str.contains(r"\d"))
    marked = pl.col("number").str.contains(MARK)
    like = pl.col("number").str.contains(THOUSANDS)

    def any_row(condition: pl.Expr) -> bool:
        return numbers.filter(condition).head(1).collect(engine="streaming").height > 0

    return any_row(marked) and not any_row(marked & ~like) and any_row(~marked)


# --- columns of a sheet --------------------------------------------------------------------------


def add_numbers(frame: pl.DataFrame, matched: Match) -> pl.DataFrame:
    """Add what a sheet holds as numbers beside their text, as ``NAME_exact``.

    Parameters
    ----------
    frame : pl.DataFrame
        The columns of the layout that were read, all as text.
    matched : Match
        The sheet and its columns.
    """
    names = [f.name for f in matched.layout.fields if f.is_number and f.name in matched.columns]
    fields = {name: matched.columns[name] for name in names}
    exact = matched.sheet.numbers(matched.header, list(fields.values())) if fields else None
    frame = frame.with_columns(
        (pl.lit(None, pl.Float64) if exact is None else exact[str(index)]).alias(f"{name}_exact")
        for name, index in fields.items()
    )
    return _with_family(frame, matched) if matched.family else frame


def _with_family(frame: pl.DataFrame, matched: Match) -> pl.DataFrame:
    """Add a family of columns; their text only if a cell is not a number already."""
    indices = list(matched.family.values())
    exact = matched.sheet.numbers(matched.header, indices)
    partly = indices if exact is None else [int(c.name) for c in exact if c.null_count()]
    text = matched.sheet.texts(matched.header, partly) if partly else pl.DataFrame()
    columns: list[pl.Series | pl.Expr] = []
    for name, index in matched.family.items():
        column = str(index)
        given = text[column] if column in text.columns else pl.lit(None, pl.String)
        number = pl.lit(None, pl.Float64) if exact is None else exact[column]
        columns += [given.alias(name), number.alias(f"{name}_exact")]
    return frame.with_columns(columns)


def parse_columns(frame: pl.DataFrame, matched: Match, issues: Issues) -> pl.DataFrame:
    """Turn the text of every column of numbers into numbers, and refuse values that cannot be.

    Parameters
    ----------
    frame : pl.DataFrame
        As from `add_numbers`.
    matched : Match
        The sheet and its columns.
    issues : Issues
        Receives the faults and notes; one fault for all columns of the family.
    """
    comma = matched.sheet.decimal_comma
    for field in matched.layout.fields:
        if field.is_number and field.name in matched.columns:
            column = matched.names[field.name]
            frame = _parse(frame, field.name, column, comma, issues)
            if field.kind == "people":
                _check_people(frame, field.name, column, field.most, field.every_cell, issues)
            frame.drop_in_place(f"{field.name}_given")
    family = Issues(issues.file)
    for name in matched.family:
        frame = _parse(frame, name, name, comma, family)
        # A cell without a figure among counts of people is a figure that was lost.
        _check_people(frame, name, name, matched.layout.most, True, family)
        frame.drop_in_place(f"{name}_given")
    issues.faults += _merged(family.faults)
    return frame


def _merged(faults: list[Fault]) -> list[Fault]:
    """Merge the same fault of many columns: a truncated row lacks the figures of all."""
    same: dict[object, list[Fault]] = {}
    for fault in faults:
        same.setdefault((fault.code, *fault.details.items()), []).append(fault)
    merged = []
    for first, *others in same.values():
        if others:
            columns = f"{first.column} ... {others[-1].column}"
            count = max(fault.count or 0 for fault in (first, *others))
            details = {**first.details, "columns": len(others) + 1}
            first = replace(first, column=columns, count=count, details=details)
        merged.append(first)
    return merged


def _parse(
    frame: pl.DataFrame, name: str, column: str, decimal_comma: bool, issues: Issues
) -> pl.DataFrame:
    """Turn text into numbers if the file holds no number; such text stays as ``NAME_given``."""
    exact = frame[f"{name}_exact"]
    is_text = pl.col(f"{name}_exact").is_null()
    frame = frame.with_columns(pl.when(is_text).then(pl.col(name)).alias(f"{name}_given"))
    if exact.null_count():
        if decimal_comma:
            _refuse_mixed_marks(frame, name, column, issues)
        # Most files write plain numbers: they are cast at once, the rest with care.
        plain = pl.col(name).cast(pl.Float64, strict=False)
        exact = frame.select(pl.coalesce(f"{name}_exact", plain)).to_series()
    if not exact.null_count() and exact.is_finite().all():
        frame = frame.with_columns(exact.alias(name))
        frame.drop_in_place(f"{name}_exact")
        return frame
    number = parse_number(pl.col(name), decimal_comma=decimal_comma)
    number, missing = pl.coalesce(f"{name}_exact", number), is_text & _not_given(name)
    wrong = frame.filter(number.is_null() & ~missing)
    of = ("number", frame[name].count())
    issues.fault_rows("source_file.not_a_number", column, wrong, name, of)
    issues.fault_rows("source_file.not_finite", column, frame.filter(~number.is_finite()), name)
    absent = frame.filter(missing)
    marked = absent["commune" if "commune" in absent.columns else name].drop_nulls()
    issues.note("source_file.no_figure", marked, column=column)
    frame = frame.with_columns(number.alias(name))
    frame.drop_in_place(f"{name}_exact")
    return frame


def _not_given(name: str) -> pl.Expr:
    """Return whether text is empty or one of the marks for no figure."""
    text = pl.col(name).str.strip_chars().str.to_lowercase()
    return text.is_null() | text.is_in(_NOT_GIVEN)


def _refuse_mixed_marks(frame: pl.DataFrame, name: str, column: str, issues: Issues) -> None:
    """Refuse a column with decimal commas and decimal points: one of them separates thousands."""
    text = frame[name].filter(frame[f"{name}_exact"].is_null()).str.strip_chars()
    comma, point = text.str.contains(r"^-?[\d\s]+,\d+$"), text.str.contains(r"^-?[\d\s]+\.\d+$")
    if comma.any() and point.any():
        mixed = frame.filter(pl.col(name).str.strip_chars().str.contains(r"^-?[\d\s]+[.,]\d+$"))
        issues.fault_rows("source_file.mixed_marks", column, mixed, name)


def _check_people(
    frame: pl.DataFrame, name: str, column: str, most: float | None, every_cell: bool,
    issues: Issues,
) -> None:  # fmt: skip
    """Refuse marks that may separate thousands, impossible counts of people, and empty cells."""
    given, most = pl.col(f"{name}_given"), most or MOST_IN_A_COMMUNE
    figures = frame[name]
    code = "commune" if "commune" in frame.columns else "urban_unit"
    # A frame of POP1B has hundreds of columns: it is filtered only for a fault.
    odd = (figures < 0) | ((figures > most) & figures.is_finite())
    if _may_be_thousands(figures, frame[f"{name}_given"]):
        marked = frame.filter(given.str.contains(_ONE_MARK)).with_columns(value=given)
        example = str(marked["value"][0]).strip()
        whole, decimal = example.replace(",", "").replace(".", ""), example.replace(",", ".")
        details: dict[str, Any] = {"example": example, "whole": whole, "decimal": decimal}
        issues.fault_rows("source_file.thousands_or_decimals", column, marked, **details)
    elif odd.any():
        written = pl.coalesce(given.str.strip_chars(), pl.col(name).cast(pl.String))
        shown = frame.filter(odd).with_columns(value=pl.col(code) + ": " + written)
        issues.fault_rows("source_file.impossible_count", column, shown, most=most)
    if every_cell and figures.null_count():
        empty = frame.filter(pl.col(name).is_null() & _not_given(f"{name}_given"))
        issues.fault_rows("source_file.empty_count", column, empty, code)


def _may_be_thousands(numbers: pl.Series, given: pl.Series) -> bool:
    """Return whether every mark may separate thousands, the other numbers being whole."""
    first = given.head(_FIRST_ROWS)
    if may_part_thousands(first.filter(first.str.contains(_ONE_MARK))) is False:
        return False
    marked = given.str.contains(_ONE_MARK).fill_null(False)
    if given.str.contains(_BOTH_MARKS).any() or not may_part_thousands(given.filter(marked)):
        # Beside 13,253.98, which is not a number, 761.036 is decimal.
        return False
    # The numbers of a workbook, too.
    others = numbers.filter(~marked).drop_nulls()
    return bool((others == others.round()).all())


def refuse_fractions(
    frame: pl.DataFrame, name: str, names: Mapping[str, str], issues: Issues
) -> None:
    """Refuse legal populations that are not whole: 14.288 is what is left of 14 288.

    Parameters
    ----------
    frame : pl.DataFrame
        ``row`` and the column, if the file has it.
    name : str
        Name of the column.
    names : mapping of str to str
        What the file calls its columns.
    issues : Issues
        Receives the fault, unless the column has another.
    """
    if name in frame.columns and not any(f.column == names[name] for f in issues.faults):
        people = pl.col(name)
        wrong = frame.filter(people != people.round()).with_columns(value=people.cast(pl.String))
        issues.fault_rows("source_file.fraction_of_people", names[name], wrong)
