"""The rows of a sheet that are of communes: codes repaired, names and numbers read."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...schemas import COMMUNE_CODE
from .issues import Issues
from .match import Match
from .numbers import SPACES, add_numbers, parse_columns
from .sheets import stripped


def read_cells(matched: Match, issues: Issues, levels: Sequence[str] = ()) -> pl.DataFrame:
    """Read the columns of a sheet that its layout has.

    Parameters
    ----------
    matched : Match
        The sheet and its columns.
    issues : Issues
        Receives the faults and notes.
    levels : sequence of str
        If there is a field ``level``: those whose rows are read.

    Returns
    -------
    pl.DataFrame
        ``row`` (from 1 below the header) and the fields: commune codes repaired if the repair is
        certain, numbers as Float64, null without a figure; then the columns of the family as
        numbers, by their names. Rows that are not data (units, totals, footnotes) are left out.
    """
    fields = {f.name: f for f in matched.layout.fields if f.name in matched.columns}
    texts = matched.sheet.texts(matched.header, list(matched.columns.values()))
    frame = texts.select(pl.col(str(matched.columns[name])).alias(name) for name in fields)
    frame = frame.with_row_index("row", 1)
    frame = frame.with_columns(stripped(name) for name, f in fields.items() if not f.is_number)
    frame = add_numbers(frame, matched)
    if "level" in fields:
        frame = _of_levels(frame, levels, issues)
    codes = {name: matched.names[name] for name, f in fields.items() if f.kind == "code"}
    if "number_in_departement" in fields:
        frame = _with_joined_codes(frame)
        codes["commune"] = matched.names["number_in_departement"]
    for name, column in codes.items():
        frame = _commune_codes(frame, name, column, issues)
    frame = parse_columns(frame, matched, issues)
    if frame.is_empty() and not issues.faults:
        issues.fault("source_file.no_rows")
    for name in matched.names.keys() & {"name", "territory_name"}:
        garbled = frame.filter(pl.col(name).str.contains(_GARBLED))[name]
        column = matched.names[name]
        issues.note("source_file.garbled_names", garbled, warning=True, column=column)
    return frame


def compact_code(name: str) -> pl.Expr:
    """Return a column of codes in upper case, without spaces and without the .0 of a number."""
    text = pl.col(name).str.replace(r"\.0$", "")
    return text.str.replace_all(SPACES, "").str.to_uppercase()


# What is left of an accent if text was read in another encoding than its own.
_GARBLED = r"[\u0080-\u009f\ufffd]|Ã[\u0080-\u00bf\u2013-\u2122]"


def _with_joined_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Join the codes of departements and of communes in them to commune codes.

    971 and 101, or 971 and 1, are both 97101: overseas, the third digit is in both, or in one.
    """
    departement = pl.col("departement").str.replace(r"\.0$", "").str.zfill(2)
    number = pl.col("number_in_departement").str.replace(r"\.0$", "")
    repeated = departement.str.slice(2, 1) == number.str.slice(0, 1)
    code = (
        pl.when(number.str.len_chars() > 3)
        .then(number.str.zfill(5))
        .when((departement.str.len_chars() == 3) & (number.str.len_chars() < 3))
        .then(departement + number.str.zfill(2))
        .when((departement.str.len_chars() == 2) | repeated)
        .then(departement.str.slice(0, 2) + number.str.zfill(3))
        .otherwise(departement + " " + number)
    )
    return frame.with_columns(commune=code)


def _of_levels(frame: pl.DataFrame, levels: Sequence[str], issues: Issues) -> pl.DataFrame:
    """Select the rows of some levels of geography."""
    level = pl.col("level").str.strip_chars("\ufeff").str.to_uppercase()
    wanted = level.is_in(levels).fill_null(False)
    word = level.str.contains(r"^[A-Z][A-Z0-9_]*$").fill_null(False)
    broken = frame.filter(~word | pl.col("commune").is_null())
    of = ("label", frame.height)
    issues.fault_rows("source_file.not_a_level", "NIVGEO", broken, "level", of)
    issues.note("source_file.other_levels", frame.filter(~wanted)["level"].fill_null(""))
    return frame.filter(wanted)


def _commune_codes(frame: pl.DataFrame, name: str, column: str, issues: Issues) -> pl.DataFrame:
    """Repair commune codes if the repair is certain; leave out rows that are not of communes."""
    words = frame[name].unique()
    if not words.null_count() and words.str.contains(COMMUNE_CODE).all():
        return frame
    # What a spreadsheet makes of a code: 1001, 1001.0, ' 01001', 2a004.
    code = compact_code(name).fill_null("").str.replace(r"^(\d{4})$", "0$1")
    table = frame.with_columns(value=pl.col(name).fill_null(""), code=code)
    valid = pl.col("code").str.contains(COMMUNE_CODE)
    no_data = ~valid & pl.col("value").str.contains(r"^$|\p{L}{3}|^[*(]")
    repaired = table.filter(valid & (pl.col("code") != pl.col("value")))["value"]
    height = table.height
    issues.note("source_file.codes_repaired", repaired, warning=True, of=height, column=column)
    aside = table.filter(no_data)
    headers = aside.filter(pl.col("value") == column)
    issues.fault_rows("source_file.repeated_header", column, headers)
    if not table.select(valid.any()).item() and headers.is_empty():
        # Names, where codes are expected.
        texts = aside.filter(pl.col("value") != "")
        of = ("commune", table.height)
        issues.fault_rows("source_file.not_a_commune_code", column, texts, of=of)
    issues.note("source_file.rows_left_out", aside["value"].str.slice(0, 50))
    wrong, of = table.filter(~valid & ~no_data), ("commune", table.height - aside.height)
    issues.fault_rows("source_file.not_a_commune_code", column, wrong, of=of)
    return table.filter(valid).with_columns(pl.col("code").alias(name)).drop("code", "value")
