"""Values of prestations: months, ages, amounts, identifiers, as the files write them.

Rows are many and what they say of months and ages is not: the expressions here are what each row
costs, the functions read each distinct value once.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from ...schemas import AgeBand, parse_age_band

# Amounts are whole cents; acts and coefficients whole ten-thousandths: sums are exact.
CENTS, ACT_UNITS = 100, 10**4
_OLDEST = 130
# Beyond 95 no age band of the population is told apart.
_LAST_AGE = 95
# In units; and the relative error of a number held in 32 bits.
_SLACK, _FLOAT32 = 1e-4, 2.0**-23
_SPACES = " \t\u00a0\u202f"


@dataclass(frozen=True)
class Period:
    """How a part of a data set tells the time of its rows.

    Attributes
    ----------
    month, annual : the columns as written, whose distinct values are few; `period_year` reads them.
    holds : whether one of these is of the year of activity: the annual one where it is there.
    described : for people.
    assumed : whether no year is told, and all rows are taken to be of the year.
    """

    month: pl.Expr | None
    annual: pl.Expr | None
    holds: Callable[[pl.Expr], pl.Expr]
    described: str
    assumed: bool = False

    @property
    def inside(self) -> pl.Expr:
        """Tell which rows of the files are of the year."""
        if self.annual is not None:
            return self.holds(self.annual)
        assert self.month is not None
        return self.holds(self.month)

    @property
    def inside_read(self) -> pl.Expr:
        """Tell it of columns ``month`` and ``year`` that hold what the files hold."""
        return self.holds(pl.col("month" if self.annual is None else "year"))


def period_of(
    month: str | None, annual: str | None, schema: pl.Schema, sample: pl.DataFrame, year: int
) -> Period | None:
    """Find out how months are written, from the type and the first values of their column.

    Parameters
    ----------
    month, annual : names of the columns; one may be None.
    schema : types of the columns.
    sample : the first rows.
    year : the year of activity.

    Returns
    -------
    Period | None
        None where the first value is no month that is known.
    """
    if month is None:
        return _annual(annual, schema, year) if annual else None
    dtype, column = schema[month], pl.col(month)
    if dtype.is_temporal():
        day = column.cast(pl.Date)
        return Period(day, None, lambda given: given.dt.year() == year, "dates")
    if dtype.is_float():
        column, dtype = column.cast(pl.Int64, strict=False), pl.Int64()
    values = sample.select(column).to_series().drop_nulls()
    if dtype.is_integer():
        return _numbers(column, values, annual, schema, year)
    text = column.cast(pl.String).str.strip_chars(_SPACES).str.head(10)
    words = values.cast(pl.String).str.strip_chars(_SPACES)
    words = words.filter(words != "")
    first = str(words[0]) if len(words) else ""
    annual_text = f"{year:04d}"
    if re.match(r"\d{4}[-/]?\d{2}", first):
        return Period(
            text, None, lambda given: given.str.starts_with(annual_text), "the year, then the month"
        )
    if re.match(r"(?:\d{1,2}[-/]){1,2}\d{4}", first):
        return Period(
            text, None, lambda given: given.str.ends_with(annual_text), "the month, then the year"
        )
    if re.fullmatch(r"\d{1,2}", first):
        return _months(text, annual, schema, year)
    return None


def _numbers(
    column: pl.Expr, values: pl.Series, annual: str | None, schema: pl.Schema, year: int
) -> Period | None:
    first = int(values[0]) if len(values) else 0
    if 1 <= first <= 12:
        return _months(column, annual, schema, year)
    for digits, unit, words in ((4, 1, "years"), (6, 100, "YYYYMM"), (8, 10**4, "YYYYMMDD")):
        if len(str(first)) == digits:
            return Period(column, None, _between(year * unit, (year + 1) * unit - 1), words)
    return None


def _between(low: int, high: int) -> Callable[[pl.Expr], pl.Expr]:
    return lambda given: given.is_between(low, high)


def _months(column: pl.Expr, annual: str | None, schema: pl.Schema, year: int) -> Period:
    """Months 1 to 12: the year stands in a column of its own, or nowhere."""
    if annual is None:
        return Period(column, None, lambda _: pl.lit(True), "months without a year", assumed=True)
    told = _year(annual, schema)
    return Period(column, told, lambda given: given == str(year), "months and years")


def _annual(annual: str, schema: pl.Schema, year: int) -> Period:
    told = _year(annual, schema)
    return Period(None, told, lambda given: given == str(year), "years")


def _year(annual: str, schema: pl.Schema) -> pl.Expr:
    dtype, column = schema[annual], pl.col(annual)
    if dtype.is_temporal():
        return column.dt.year().cast(pl.String)
    if dtype.is_float():
        column = column.cast(pl.Int64, strict=False)
    return column.cast(pl.String).str.strip_chars(_SPACES)


def period_read(month: object, annual: object) -> tuple[int | None, int | None]:
    """Return year and number of a month as written, None where it tells them not."""
    if isinstance(month, dt.date):
        return month.year, month.month
    year = int(str(annual)) if annual is not None and re.fullmatch(r"\d{4}", str(annual)) else None
    if month is None:
        return year, None
    text = str(month)
    if re.fullmatch(r"0?[1-9]|1[0-2]", text):
        return year, int(text)
    if found := re.fullmatch(r"(\d{4})(?:[-/]?(0[1-9]|1[0-2])(?:[-/]?(?:[0-2]\d|3[01]))?)?", text):
        return int(found[1]), int(found[2]) if found[2] else None
    if found := re.fullmatch(r"(?:\d{1,2}[-/])?(0?[1-9]|1[0-2])[-/](\d{4})", text):
        return int(found[2]), int(found[1])
    return None, None


def age_key(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return an age as the file writes it; `age_low` reads it."""
    if dtype.is_numeric():
        return pl.col(name)
    return pl.col(name).cast(pl.String).str.strip_chars(_SPACES)


def bands_of(years: int) -> list[AgeBand]:
    """Return the age bands of a width, the last one open: 00-04, 05-09 ... 95+."""
    last = _LAST_AGE // years * years
    closed = [AgeBand(low, low + years - 1) for low in range(0, last, years)]
    return [*closed, AgeBand(last, None)]


def band_of(age: str, bands: list[AgeBand]) -> str | None:
    """Return the band of a patient's age; None where it is unknown.

    A band of the file is read where it lies within one of `bands`.
    """
    low, high = _ages(age)
    if low is None or not 0 <= low <= _OLDEST:
        return None
    band = next(band for band in reversed(bands) if band.low <= low)
    within = band.high is None or (high is not None and high <= band.high)
    return str(band) if within else None


def _ages(age: str) -> tuple[int | None, int | None]:
    """Return the lowest and highest age that a value may mean."""
    if whole := re.fullmatch(r"(\d{1,3})(?:[.,]\d*)?(?: ?ans?)?", age):
        # Completed years of 34.5 are 34.
        return int(whole[1]), int(whole[1])
    band = parse_age_band(age)
    return (band.low, band.high) if band else (None, None)


def scaled(name: str, dtype: pl.DataType, unit: int, *, decimal_comma: bool) -> pl.Expr:
    """Return a number as a whole number of units; null where it is none or not finite."""
    if dtype.is_integer():
        return pl.col(name).cast(pl.Int64) * unit
    return (
        (number(name, dtype, decimal_comma=decimal_comma) * unit)
        .round()
        .cast(pl.Int64, strict=False)
    )


def number(name: str, dtype: pl.DataType, *, decimal_comma: bool) -> pl.Expr:
    """Return a number as Float64; null where it is none."""
    value = pl.col(name)
    if dtype.is_numeric():
        return value.cast(pl.Float64)
    text = value.cast(pl.String).str.strip_chars(_SPACES)
    if decimal_comma:
        text = text.str.replace(",", ".", literal=True)
    return text.cast(pl.Float64, strict=False)


def inexact(name: str, dtype: pl.DataType, unit: int, *, decimal_comma: bool) -> pl.Expr:
    """Count the values with more decimals than the unit has: they are rounded, row by row."""
    if dtype.is_integer():
        return pl.lit(0, pl.Int64)
    value = number(name, dtype, decimal_comma=decimal_comma) * unit
    # What a number of few decimals may be off by for being held in binary.
    slack = pl.lit(_SLACK) if dtype != pl.Float32 else _SLACK + value.abs() * _FLOAT32
    return ((value - value.round()).abs() > slack).sum().cast(pl.Int64)


def quotient(units: pl.Series, unit: int) -> pl.Series:
    """Return whole numbers of units as the nearest Float64; Polars multiplies by the inverse."""
    return pl.Series(units.name, [value / unit for value in units], dtype=pl.Float64)


def code(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return an identifier or code as a key; numbers become text after the sums."""
    value = pl.col(name)
    if dtype.is_float():
        return value.cast(pl.Int64, strict=False)
    return value if dtype.is_integer() or dtype == pl.String else value.cast(pl.String)


def text_of(column: str) -> pl.Expr:
    """Return a key as text without spaces around it; null where there is none."""
    text = pl.col(column).cast(pl.String).str.strip_chars(_SPACES)
    return pl.when(text != "").then(text).alias(column)
