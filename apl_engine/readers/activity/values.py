"""Values of prestations: months, ages, amounts, identifiers.

Rows are many, distinct months and ages are few: expressions run on each row, functions on each
distinct value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from ...schemas import AgeBand, parse_age_band

# Amounts are whole cents; acts and coefficients whole ten-thousandths: sums are exact.
CENTS, ACT_UNITS = 100, 10**4
_OLDEST = 130
# The population has no finer age band beyond this age.
_LAST_AGE = 95
# In units; and the relative error of a number stored in 32 bits.
_SLACK, _FLOAT32 = 1e-4, 2.0**-23
_SPACES = " \t\u00a0\u202f"
_ISO_MONTH = r"(\d{4})-?(0[1-9]|1[0-2])(?:-?(?:0[1-9]|[12]\d|3[01]))?"


def month_key(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a month as a number (202203, 20220315, 3) or as text (2022-03, 2022-03-15)."""
    value = pl.col(name)
    if dtype.is_temporal():
        return value.dt.year() * 100 + value.dt.month()
    if dtype.is_numeric():
        return value.cast(pl.Int64, strict=False)
    return stripped(value).str.head(10)


def in_year(month: pl.Expr, year: int, *, numeric: bool) -> pl.Expr:
    """Whether a month, as `month_key` returns it, begins with the year."""
    if not numeric:
        return month.str.starts_with(f"{year:04d}")
    months = month.is_between(year * 100 + 1, year * 100 + 12)
    return months | month.is_between(year * 10_000 + 101, year * 10_000 + 1231)


def parse_period(month: object, year: object) -> tuple[int | None, int | None]:
    """Return the year and the number of a month; None for what cannot be read."""
    annual = int(str(year)) if re.fullmatch(r"\d{4}", str(year)) else None
    if month is None:
        return annual, None
    if re.fullmatch(r"0?[1-9]|1[0-2]", str(month)):
        return annual, int(str(month))
    iso = re.fullmatch(_ISO_MONTH, str(month))
    return (int(iso[1]), int(iso[2])) if iso else (None, None)


def iso_dates(text: pl.Expr) -> pl.Expr:
    """Return dates of text such as 1980-12-31, 1980-12 or 1980; the first day if it is absent."""
    digits = text.str.head(10).str.extract(r"^(\d{4}(?:-?\d\d(?:-?\d\d)?)?)$")
    digits = digits.str.replace_all("-", "", literal=True)
    return (digits + pl.lit("0101").str.slice(digits.str.len_chars() - 4)).str.to_date(
        "%Y%m%d", strict=False
    )


def age_key(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return an age as the file writes it; `band_of` reads it."""
    return pl.col(name) if dtype.is_numeric() else stripped(pl.col(name))


def age_bands(years: int) -> list[AgeBand]:
    """Return the age bands of a width, the last one open: 00-04, 05-09 ... 95+."""
    last = _LAST_AGE // years * years
    closed = [AgeBand(low, low + years - 1) for low in range(0, last, years)]
    return [*closed, AgeBand(last, None)]


def band_of(age: str, bands: Sequence[AgeBand]) -> str | None:
    """Return the band that holds a patient's age, or age band; None if there is none."""
    if whole := re.fullmatch(r"(\d{1,3})(?:[.,]\d*)?", age):
        given: AgeBand | None = AgeBand(int(whole[1]), int(whole[1]))
    else:
        given = parse_age_band(age)
    if given is None or given.low > _OLDEST:
        return None
    band = next(band for band in reversed(bands) if band.low <= given.low)
    within = band.high is None or (given.high is not None and given.high <= band.high)
    return str(band) if within else None


def scaled(name: str, dtype: pl.DataType, unit: int, *, decimal_comma: bool) -> pl.Expr:
    """Return a number as a whole number of units; null if it is none or not finite."""
    if dtype.is_integer():
        return pl.col(name).cast(pl.Int64) * unit
    value = as_number(name, dtype, decimal_comma=decimal_comma) * unit
    return value.round().cast(pl.Int64, strict=False)


def as_number(name: str, dtype: pl.DataType, *, decimal_comma: bool) -> pl.Expr:
    """Return a number as Float64; null if it is none."""
    if dtype.is_numeric():
        return pl.col(name).cast(pl.Float64)
    text = stripped(pl.col(name))
    if decimal_comma:
        text = text.str.replace(",", ".", literal=True)
    return text.cast(pl.Float64, strict=False)


def count_inexact(name: str, dtype: pl.DataType, unit: int, *, decimal_comma: bool) -> pl.Expr:
    """Count the values with more decimals than the unit has: they are rounded, row by row."""
    if dtype.is_integer():
        return pl.lit(0, pl.Int64)
    value = as_number(name, dtype, decimal_comma=decimal_comma) * unit
    # A number of few decimals may be off by this for being stored in binary.
    slack = pl.lit(_SLACK) if dtype != pl.Float32 else _SLACK + value.abs() * _FLOAT32
    return count((value - value.round()).abs() > slack)


def count(test: pl.Expr) -> pl.Expr:
    """Count the rows that pass a test."""
    return test.sum().cast(pl.Int64)


def quotient(units: pl.Series, unit: int) -> pl.Series:
    """Return whole numbers of units as the nearest Float64; Polars multiplies by the inverse."""
    return pl.Series(units.name, [value / unit for value in units], dtype=pl.Float64)


def code_key(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return an identifier or code as a key; numbers become text after the sums."""
    value = pl.col(name)
    if dtype.is_float():
        return value.cast(pl.Int64, strict=False)
    return value if dtype.is_integer() or dtype == pl.String else value.cast(pl.String)


def stripped(value: pl.Expr) -> pl.Expr:
    """Return a value as text without spaces around it."""
    return value.cast(pl.String).str.strip_chars(_SPACES)


def text_of(column: str) -> pl.Expr:
    """Return a key as text without spaces around it; null if nothing remains."""
    return filled(pl.col(column)).alias(column)


def filled(value: pl.Expr) -> pl.Expr:
    """Return a value as text without spaces around it; null if nothing remains."""
    text = stripped(value)
    return pl.when(text != "").then(text)


def is_kept(value: pl.Expr, kept: Sequence[str]) -> pl.Expr:
    """Whether a value is one of those to keep; "*" keeps all.

    A letter beyond ASCII equals any other, for those of Windows-1252 are lost when it is read.
    """
    if "*" in kept:
        return value.is_null() | True
    ascii_only = stripped(value).str.replace_all(r"[^\x00-\x7f]", "?")
    wanted = [re.sub(r"[^\x00-\x7f]", "?", text.strip(_SPACES)) for text in kept]
    return ascii_only.is_in(wanted).fill_null(False)
