"""The rows of a sheet: which are communes, their codes and names; numbers are in `figures`."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...errors import Fault
from ...schemas import COMMUNE_CODE
from .collect import Found
from .headers import Match
from .numbers import SPACES, settle_figures, with_figures
from .sheets import stripped


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
    frame = frame.with_columns(stripped(name) for name, f in fields.items() if not f.is_number)
    frame = with_figures(frame, found)
    if "level" in fields:
        frame = _of_levels(frame, levels, kept)
    codes = {name: found.names[name] for name, f in fields.items() if f.kind == "code"}
    if "number_in_departement" in fields:
        frame = _with_joined_codes(frame)
        codes["commune"] = found.names["number_in_departement"]
    for name, theirs in codes.items():
        frame = _commune_codes(frame, name, theirs, kept)
    frame = settle_figures(frame, found, kept)
    if frame.is_empty() and not kept.faults:
        hint = "Is it the right file, whole?"
        kept.faults.append(
            Fault(
                code="legacy.fault",
                table=kept.file,
                details={"problem": "has no row of data below its header", "hint": hint},
            )
        )
    for name in found.names.keys() & {"name", "territory_name"}:
        _garbled(frame, name, found.names[name], kept)
    return frame


def _with_joined_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Make codes of communes of those of departements and of communes in them.

    971 and 101, or 971 and 1, are 97101 alike: overseas the third figure stands in both, or once.
    """
    departement = pl.col("departement").str.replace(r"\.0$", "").str.zfill(2)
    number = pl.col("number_in_departement").str.replace(r"\.0$", "")
    again = departement.str.slice(2, 1) == number.str.slice(0, 1)
    code = (
        pl.when(number.str.len_chars() == 5)
        .then(number)
        .when((departement.str.len_chars() == 3) & (number.str.len_chars() < 3))
        .then(departement + number.str.zfill(2))
        .when((departement.str.len_chars() == 2) | again)
        .then(departement.str.slice(0, 2) + number.str.zfill(3))
        .otherwise(departement + " " + number)
    )
    return frame.with_columns(commune=code)


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


def _commune_codes(frame: pl.DataFrame, name: str, theirs: str, kept: Found) -> pl.DataFrame:
    """Repair codes of communes where that is certain; leave out rows that are none."""
    words = frame[name].unique()
    if not words.null_count() and words.str.contains(COMMUNE_CODE).all():
        return frame
    given = pl.col(name).fill_null("")
    told = frame.with_columns(
        value=given,
        # What a spreadsheet makes of a code: 1001, 1001.0, ' 01001', 2a004.
        code=given.str.replace(r"\.0$", "").str.replace_all(SPACES, "").str.to_uppercase(),
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
