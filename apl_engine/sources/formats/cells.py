"""Cells as people and spreadsheets write them: numbers, codes, rows that are no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from ...errors import Fault
from ...notes import Note, first
from ...schemas import COMMUNE_CODE
from .layout import Match

# Secrecy, no data, no object: what publishers write in place of a number.
_NOT_GIVEN = (
    "", "-", "–", "—", ".", "..", "...", "ns", "n.s.", "nd", "n.d.", "n.d", "nc", "n.c.", "s", "c",
    "na", "n/a", "#n/a", "nan", "null", "x", "///", "ø",
)  # fmt: skip
_SPACES = r"[\s\u00a0\u202f\u2009\u2007]"


@dataclass
class Found:
    """What reading cells found: faults to tell together, and notes."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def fault(
        self, column: str, problem: str, wrong: pl.DataFrame, hint: str, values: str = "value"
    ) -> None:
        """Add a fault for the rows of `wrong`, if there are any: columns `row` and `values`."""
        if wrong.is_empty():
            return
        shown = wrong[values].drop_nulls().unique(maintain_order=True).head(3)
        rows = tuple(wrong["row"].head(3).to_list())
        self.faults.append(
            Fault(self.file, problem, column, wrong.height, rows, tuple(shown.to_list()), hint)
        )

    def note(self, code: str, text: str, values: pl.Series, *, warning: bool = False) -> None:
        """Add a note with the first of `values`, if there are any."""
        if len(values):
            shown = first(values.unique(maintain_order=True))
            self.notes.append(Note(code, f"{self.file}: {text}", len(values), shown, warning))


def read_matched(found: Match, kept: Found, levels: Sequence[str] = ()) -> pl.DataFrame:
    """Read the columns that a layout matched.

    Parameters
    ----------
    found : the sheet and its columns.
    kept : takes the faults and notes.
    levels : where there is a field ``level``, those whose rows are read.

    Returns
    -------
    pl.DataFrame
        ``row`` (from 1 below the header) and the fields: codes of communes repaired where that
        is certain, numbers as Float64, null where none is given; then the columns of the family
        as numbers, by their names. Rows that are none (units, totals, footnotes) are left out.
    """
    fields = {f.name: f for f in found.layout.fields if f.name in found.columns}
    texts = found.sheet.texts(found.header, list(found.columns.values()))
    frame = texts.select(pl.col(str(found.columns[name])).alias(name) for name in fields)
    frame = frame.with_row_index("row", 1)
    kinds = {name: f.kind for name, f in fields.items()}
    frame = frame.with_columns(
        pl.col(name).str.strip_chars() for name, kind in kinds.items() if kind != "number"
    )
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    frame = _with_numbers(frame, found, {name: found.columns[name] for name in numbers})
    if found.family:
        frame = _with_family(frame, found)
    if "level" in kinds:
        frame = _of_levels(frame, levels, kept)
    codes = [name for name, kind in kinds.items() if kind == "code"]
    for name in codes:
        frame = _commune_codes(frame, name, found.names[name], kept)
    for name in numbers:
        frame = _settle(frame, name, found.names[name], found.sheet.decimal_comma, kept)
    for name in found.family:
        frame = _settle(frame, name, name, found.sheet.decimal_comma, kept, empty_is_zero=True)
    if frame.is_empty() and not kept.faults:
        hint = "Is it the right file, whole?"
        kept.faults.append(Fault(kept.file, "has no row of data below its header", hint=hint))
    for name in found.names.keys() & {"name", "territory_name"}:
        _garbled(frame, name, found.names[name], kept)
    return frame


# What is left of an accent where text was read in another encoding than its own.
_GARBLED = r"[\u0080-\u009f\ufffd]|Ã[\u0080-\u00bf\u2013-\u2122]"


def _garbled(frame: pl.DataFrame, name: str, theirs: str, kept: Found) -> None:
    """Warn of names whose accents are gone."""
    odd = frame.filter(pl.col(name).str.contains(_GARBLED))[name]
    text = f"column '{theirs}': names whose accents were lost in another encoding"
    kept.note("names_garbled", text, odd, warning=True)


def _of_levels(frame: pl.DataFrame, levels: Sequence[str], kept: Found) -> pl.DataFrame:
    """Keep the rows of some levels of geography."""
    level = pl.col("level").str.strip_chars("\ufeff").str.to_uppercase()
    wanted = level.is_in(levels).fill_null(False)
    word = level.str.contains(r"^[A-Z][A-Z0-9_]*$").fill_null(False)
    hint = "Levels are words such as COM or ARM; a row may be cut, or have another separator."
    broken = frame.filter(~word | pl.col("commune").is_null()).with_columns(value="level")
    kept.fault("NIVGEO", "rows that are cut or of another make", broken, hint)
    other = frame.filter(~wanted)
    text = f"{other.height} rows of other levels than communes are left aside"
    kept.note("other_levels", text, other["level"].fill_null(""))
    return frame.filter(wanted)


def _with_numbers(frame: pl.DataFrame, found: Match, places: dict[str, int]) -> pl.DataFrame:
    """Put what the file holds as numbers beside their text."""
    exact = found.sheet.numbers(found.header, list(places.values())) if places else None
    return frame.with_columns(
        (pl.lit(None, pl.Float64) if exact is None else exact[str(place)]).alias(f"{name}_exact")
        for name, place in places.items()
    )


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


def _settle(
    frame: pl.DataFrame,
    name: str,
    theirs: str,
    decimal_comma: bool,
    kept: Found,
    *,
    empty_is_zero: bool = False,
) -> pl.DataFrame:
    """Turn text into numbers, where the file held none."""
    exact = frame[f"{name}_exact"]
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
    given = pl.col(name).str.strip_chars().str.to_lowercase()
    told = frame.with_columns(
        number=pl.coalesce(f"{name}_exact", value),
        absent=pl.col(f"{name}_exact").is_null() & (given.is_null() | given.is_in(_NOT_GIVEN)),
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
    if empty_is_zero and len(marked):
        problem = "cells without a figure in a table of counts"
        kept.fault(theirs, problem, told.filter(pl.col("absent")), "Write 0 where nobody lives.")
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


def number(text: pl.Expr, *, decimal_comma: bool = True) -> pl.Expr:
    """Read ``1 234,5`` with any space between thousands; null where it is no number."""
    tight = text.str.replace_all(_SPACES, "")
    if decimal_comma:
        # A point between thousands beside a comma would be a guess: left as no number.
        tight = (
            pl.when(tight.str.contains(r"^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$"))
            .then(tight.str.replace(",", ".", literal=True))
            .otherwise(tight)
        )
    return tight.cast(pl.Float64, strict=False)


def _commune_codes(frame: pl.DataFrame, name: str, theirs: str, kept: Found) -> pl.DataFrame:
    """Repair codes of communes where that is certain; leave out rows that are none."""
    words = frame[name].unique()
    if not words.null_count() and words.str.contains(COMMUNE_CODE).all():
        return frame
    given = pl.col(name).fill_null("")
    told = frame.with_columns(
        value=given,
        # What a spreadsheet makes of a code: 1001, 1001.0, ' 01001', 2a004.
        code=given.str.replace(r"\.0$", "").str.replace_all(_SPACES, "").str.to_uppercase(),
    )
    told = told.with_columns(
        code=pl.when(pl.col("code").str.contains(r"^\d{4}$"))
        .then("0" + pl.col("code"))
        .otherwise("code")
    )
    sound = pl.col("code").str.contains(COMMUNE_CODE)
    no_row = ~sound & ((given == "") | given.str.contains(r"\p{L}{3}|^[*(]"))
    repaired = told.filter(sound & (pl.col("code") != pl.col("value")))
    text = f"column '{theirs}': {repaired.height} codes of communes are repaired"
    kept.note("codes_repaired", text, repaired["value"], warning=True)
    again = told.filter(no_row & (pl.col("value") == theirs))
    hint = "A sheet holds one table: put each on a sheet of its own."
    kept.fault(theirs, "the header stands again among the rows", again, hint)
    aside = told.filter(no_row)
    text = f"{aside.height} rows are no commune (titles, units, totals, footnotes, blanks)"
    kept.note("rows_aside", text, aside["value"].str.slice(0, 50))
    hint = "Write codes as text of five characters, such as 01001 or 2A004."
    kept.fault(theirs, "not a code of a commune", told.filter(~sound & ~no_row), hint)
    return told.filter(sound).with_columns(pl.col("code").alias(name)).drop("code", "value")


def once(frame: pl.DataFrame, key: list[str], kept: Found, hint: str) -> None:
    """Refuse rows of the same key."""
    twice = frame.filter(pl.struct(key).is_duplicated())
    shown = twice.with_columns(value=pl.concat_str(key, separator=" / "))
    kept.fault(key[0], f"the same {' and '.join(key)} stands in several rows", shown, hint)
