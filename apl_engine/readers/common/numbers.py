"""Cells of numbers as people and spreadsheets write them, and what no number of people can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from ...errors import Fault
from ...schemas import MOST_IN_A_COMMUNE
from .collect import Found
from .headers import Match

# Secrecy, no data, no object: what publishers write in place of a number.
_NOT_GIVEN = (
    "", "-", "–", "—", ".", "..", "...", "ns", "n.s.", "nd", "n.d.", "n.d", "nc", "n.c.", "s", "c",
    "na", "n/a", "#n/a", "nan", "null", "x", "///", "ø",
)  # fmt: skip
SPACES = r"[\s\u00a0\u202f\u2009\u2007]"
_MARKED = r"^\s*-?\d[\d\s]*[.,]\d+\s*$"
# As thousands are parted; 0.288, 1234.567 and 12.34 are not.
_BY_THOUSANDS = r"^\s*-?[1-9]\d{0,2}[.,]\d{3}\s*$"
_BOTH_MARKS = r"\d[.,]\d{3}[.,]\d"
# Enough rows to see most columns of decimals for what they are.
_FIRST_LOOK = 1000


def with_figures(frame: pl.DataFrame, found: Match) -> pl.DataFrame:
    """Put what a sheet holds as numbers beside their text, under ``NAME_exact``.

    Parameters
    ----------
    frame : the columns of the layout that were read, all as text.
    found : the sheet and its columns.
    """
    places = {f.name: found.columns[f.name] for f in found.layout.fields
              if f.is_number and f.name in found.columns}  # fmt: skip
    exact = found.sheet.numbers(found.header, list(places.values())) if places else None
    frame = frame.with_columns(
        (pl.lit(None, pl.Float64) if exact is None else exact[str(place)]).alias(f"{name}_exact")
        for name, place in places.items()
    )
    return _with_family(frame, found) if found.family else frame


def _with_family(frame: pl.DataFrame, found: Match) -> pl.DataFrame:
    """Add a family of columns; their text only where a cell is not a number already."""
    places = list(found.family.values())
    exact = found.sheet.numbers(found.header, places)
    if exact is None:
        text = found.sheet.texts(found.header, places)
        exact = text.with_columns(pl.lit(None, pl.Float64).alias(name) for name in text.columns)
    else:
        partly = [int(name) for name in exact.columns if exact[name].null_count()]
        text = found.sheet.texts(found.header, partly) if partly else exact.select()
    columns = []
    for name, place in found.family.items():
        given = text[str(place)] if str(place) in text.columns else pl.lit(None, pl.String)
        columns += [given.alias(name), exact[str(place)].alias(f"{name}_exact")]
    return frame.with_columns(columns)


def settle_figures(frame: pl.DataFrame, found: Match, kept: Found) -> pl.DataFrame:
    """Turn the text of every column of numbers into numbers, and refuse what cannot be one.

    Parameters
    ----------
    frame : as from `with_figures`.
    found : the sheet and its columns.
    kept : takes the faults and notes; one fault for a family of columns, whatever their number.
    """
    comma = found.sheet.decimal_comma
    for field in found.layout.fields:
        if field.is_number and field.name in found.columns:
            theirs = found.names[field.name]
            frame = _settle(frame, field.name, theirs, comma, kept)
            if field.kind == "people":
                _refuse_absurd(frame, field.name, theirs, field.most or MOST_IN_A_COMMUNE, kept)
            if field.kind == "people" and field.every_cell:
                _refuse_empty(frame, field.name, theirs, kept)
            frame = frame.drop(f"{field.name}_given")
    each = Found(kept.file)
    for name in found.family:
        # Counts of people in every cell: one without a figure is one that was lost.
        frame = _settle(frame, name, name, comma, each)
        _refuse_absurd(frame, name, name, found.layout.most or MOST_IN_A_COMMUNE, each)
        _refuse_empty(frame, name, name, each)
        frame = frame.drop(f"{name}_given")
    kept.faults += _as_one(each.faults)
    return frame


def _as_one(faults: list[Fault]) -> list[Fault]:
    """Tell what is wrong with many columns of a family once: a row cut short lacks them all."""
    merged: dict[str, list[Fault]] = {}
    for fault in faults:
        merged.setdefault(fault.problem, []).append(fault)
    return [
        same[0]
        if len(same) == 1
        else replace(same[0], column=f"{same[0].column}' and {len(same) - 1} others, to "
                     f"'{same[-1].column}", count=max(f.count or 0 for f in same))
        for same in merged.values()
    ]  # fmt: skip


def _settle(
    frame: pl.DataFrame, name: str, theirs: str, decimal_comma: bool, kept: Found
) -> pl.DataFrame:
    """Turn text into numbers, where the file held none; such text stays as ``NAME_given``."""
    exact = frame[f"{name}_exact"]
    is_text = pl.col(f"{name}_exact").is_null()
    frame = frame.with_columns(pl.when(is_text).then(pl.col(name)).alias(f"{name}_given"))
    if exact.null_count() and decimal_comma:
        _two_marks(frame, name, theirs, kept)
    if exact.null_count():
        # Most files write plain numbers: all at once, and only the rest with care.
        exact = frame.select(
            pl.coalesce(f"{name}_exact", pl.col(name).cast(pl.Float64, strict=False))
        ).to_series()
    if not exact.null_count() and exact.is_finite().all():
        return frame.with_columns(exact.alias(name)).drop(f"{name}_exact")
    value = number(pl.col(name), decimal_comma=decimal_comma)
    written = pl.col(name).str.strip_chars().str.to_lowercase()
    told = frame.with_columns(
        number=pl.coalesce(f"{name}_exact", value),
        absent=pl.col(f"{name}_exact").is_null() & (written.is_null() | written.is_in(_NOT_GIVEN)),
        value=pl.col(name),
    )
    wrong = told.filter(pl.col("number").is_null() & ~pl.col("absent"))
    hint = "Write digits with a point or a comma, spaces between thousands."
    kept.fault(theirs, "not a number", wrong, hint)
    kept.fault(theirs, "not a finite number", told.filter(~pl.col("number").is_finite()), hint)
    absent = told.filter(pl.col("absent"))
    marked = absent["commune" if "commune" in absent.columns else "value"].drop_nulls()
    text = f"column '{theirs}': {len(marked)} cells without a figure"
    kept.note("not_given", text, marked)
    return told.with_columns(pl.col("number").alias(name)).drop(
        "number", "absent", "value", f"{name}_exact"
    )


def _two_marks(frame: pl.DataFrame, name: str, theirs: str, kept: Found) -> None:
    """Refuse a column with decimal commas and decimal points: one of them parts thousands."""
    text = frame[name].filter(frame[f"{name}_exact"].is_null()).str.strip_chars()
    comma, point = text.str.contains(r"^-?[\d\s]+,\d+$"), text.str.contains(r"^-?[\d\s]+\.\d+$")
    if comma.any() and point.any():
        value = pl.col(name)
        mixed = frame.filter(value.str.strip_chars().str.contains(r"^-?[\d\s]+[.,]\d+$"))
        hint = "Write one decimal mark, and none between thousands."
        shown = mixed.with_columns(value=value)
        kept.fault(theirs, "some numbers have a comma, others a point", shown, hint)


def _refuse_absurd(frame: pl.DataFrame, name: str, theirs: str, most: float, kept: Found) -> None:
    """Refuse marks that may part thousands, and counts of people that cannot be."""
    text = pl.col(f"{name}_given")
    if _may_be_thousands(frame[name], frame[f"{name}_given"]):
        marked = frame.filter(text.str.contains(_MARKED)).with_columns(value=text)
        example = str(marked["value"][0]).strip()
        tight = example.replace(",", "").replace(".", "")
        decimal = example.replace(",", ".")
        problem = (
            f"every mark has three digits behind it: is {example} {tight} or {decimal} people?"
        )
        hint = f"Write {tight}, without a mark; where it is a decimal one, one digit more or less."
        kept.fault(theirs, problem, marked, hint)
        return
    figures = pl.col(name)
    odd = frame.filter((figures < 0) | ((figures > most) & figures.is_finite()))
    if odd.is_empty():
        return
    written = pl.coalesce(text.str.strip_chars(), figures.cast(pl.String))
    shown = odd.with_columns(value=pl.col("commune") + ": " + written)
    problem = f"negative or absurd numbers of people (more than {most:,.0f})".replace(",", " ")
    kept.fault(theirs, problem, shown, "Check the figures.")


def _may_be_thousands(numbers: pl.Series, given: pl.Series) -> bool:
    """Tell whether every number with a mark may have it between thousands, the others whole."""
    look = given.head(_FIRST_LOOK)
    if (look.str.contains(_MARKED) & ~look.str.contains(_BY_THOUSANDS)).any():
        return False
    if given.str.contains(_BOTH_MARKS).any():
        # 13,253.98 is told as no number; beside it 761.036 is what it seems.
        return False
    marked = given.str.contains(_MARKED).fill_null(False)
    if not marked.any() or not given.filter(marked).str.contains(_BY_THOUSANDS).all():
        return False
    others = numbers.filter(~marked).drop_nulls()  # of a workbook, those it holds as numbers too
    return bool((others == others.round()).all())


def _refuse_empty(frame: pl.DataFrame, name: str, theirs: str, kept: Found) -> None:
    """Refuse cells without a figure in a table of counts."""
    if not frame[name].null_count():
        return
    text = pl.col(f"{name}_given").str.strip_chars().str.to_lowercase()
    empty = frame.filter(pl.col(name).is_null() & (text.is_null() | text.is_in(_NOT_GIVEN)))
    problem = "cells without a figure in a table of counts"
    kept.fault(theirs, problem, empty.with_columns(value="commune"), "Write 0 where nobody lives.")


def number(text: pl.Expr, *, decimal_comma: bool = True) -> pl.Expr:
    """Read ``1 234,5`` with any space between thousands; null where it is no number."""
    tight = text.str.replace_all(SPACES, "")
    if decimal_comma:
        # A point between thousands beside a comma would be a guess: left as no number.
        tight = (
            pl.when(tight.str.contains(r"^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$"))
            .then(tight.str.replace(",", ".", literal=True))
            .otherwise(tight)
        )
    return tight.cast(pl.Float64, strict=False)


def refuse_fractions(frame: pl.DataFrame, name: str, names: Mapping[str, str], kept: Found) -> None:
    """Refuse legal populations that are no whole numbers: 14.288 is what is left of 14 288."""
    if name not in frame.columns or any(f.column == names[name] for f in kept.faults):
        return
    people = pl.col(name)
    wrong = frame.filter(people != people.round()).with_columns(value=people.cast(pl.String))
    hint = "Legal populations are whole: write 14288, without a mark between thousands."
    kept.fault(names[name], "not whole numbers of people", wrong, hint)
