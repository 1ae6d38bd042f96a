"""Values of activity files: months, ages, dates, amounts, identifiers.

Rows are many, distinct months and ages are few: expressions run on each row, functions on each
distinct value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ... import schemas
from ...schemas import AgeBand, parse_age_band

# Amounts are whole cents; acts and coefficients whole ten-thousandths: sums are exact.
UNITS = {"acts": 10**4, "fees": 100}
_OLDEST = 130
# The population has no finer age band beyond this age.
_LAST_AGE = 95
# In units; and the relative error of a number stored in 32 bits.
_SLACK, _FLOAT32 = 1e-4, 2.0**-23
_SPACES = " \t\u00a0\u202f"
_ISO_MONTH = r"(\d{4})-?(0[1-9]|1[0-2])(?:-?(?:0[1-9]|[12]\d|3[01]))?"
_NOT_ASCII = r"[^\x00-\x7f]"


@dataclass(frozen=True)
class Column:
    """Expressions of a column.

    Attributes
    ----------
    name : str
        Its name.
    dtype : polars.DataType
        Its type.
    decimal_comma : bool
        Whether a comma in a number is a decimal one.
    """

    name: str
    dtype: pl.DataType
    decimal_comma: bool

    @property
    def text(self) -> pl.Expr:
        """The values as text without spaces around them."""
        return stripped(pl.col(self.name))

    @property
    def code(self) -> pl.Expr:
        """An identifier or code as a key; numbers become text after the sums."""
        if self.dtype.is_float():
            return pl.col(self.name).cast(pl.Int64, strict=False)
        is_key = self.dtype.is_integer() or self.dtype == pl.String
        return pl.col(self.name) if is_key else pl.col(self.name).cast(pl.String)

    @property
    def month(self) -> pl.Expr:
        """A month as a number (202203, 20220315, 3) or as text (2022-03, 2022-03-15)."""
        if self.dtype.is_temporal():
            return pl.col(self.name).dt.year() * 100 + pl.col(self.name).dt.month()
        if self.dtype.is_numeric():
            return pl.col(self.name).cast(pl.Int64, strict=False)
        return self.text.str.head(10)

    def in_year(self, month: pl.Expr, year: int) -> pl.Expr:
        """Whether a month, as `month` returns it, begins with the year."""
        if not self.dtype.is_numeric() and not self.dtype.is_temporal():
            return month.str.starts_with(f"{year:04d}")
        months = month.is_between(year * 100 + 1, year * 100 + 12)
        return months | month.is_between(year * 10_000 + 101, year * 10_000 + 1231)

    @property
    def age(self) -> pl.Expr:
        """An age as the file writes it; `band_of` reads it."""
        return pl.col(self.name) if self.dtype.is_numeric() else self.text

    @property
    def number(self) -> pl.Expr:
        """A number as Float64; null if it is none."""
        if self.dtype.is_numeric():
            return pl.col(self.name).cast(pl.Float64)
        text = self.text
        text = text.str.replace(",", ".", literal=True) if self.decimal_comma else text
        return text.cast(pl.Float64, strict=False)

    def scaled(self, unit: int) -> pl.Expr:
        """Return a number as a whole number of units; null if it is none or not finite."""
        if self.dtype.is_integer():
            return pl.col(self.name).cast(pl.Int64) * unit
        return (self.number * unit).round().cast(pl.Int64, strict=False)

    def is_inexact(self, unit: int) -> pl.Expr:
        """Whether a number has more decimals than the unit: it is rounded alone."""
        if self.dtype.is_integer():
            return pl.lit(False)
        value = self.number * unit
        # A number of few decimals may be off by this for being stored in binary.
        slack = pl.lit(_SLACK) if self.dtype != pl.Float32 else _SLACK + value.abs() * _FLOAT32
        return (value - value.round()).abs() > slack

    def matches(self, pattern: str) -> pl.Expr:
        """Whether the text of a number that can be read matches a pattern."""
        if self.dtype != pl.String:
            return pl.lit(False)
        return pl.col(self.name).str.contains(pattern) & self.number.is_not_null()


def stripped(value: pl.Expr) -> pl.Expr:
    """Return a value as text without spaces around it."""
    return value.cast(pl.String).str.strip_chars(_SPACES)


def filled(value: pl.Expr) -> pl.Expr:
    """Return a value as text without spaces around it; null if nothing remains."""
    text = stripped(value)
    return pl.when(text != "").then(text)


def is_selected(value: pl.Expr, values: Sequence[str]) -> pl.Expr:
    """Whether a value is one of those to keep; "*" stands for all.

    A letter beyond ASCII equals any other, for those of Windows-1252 are lost when it is read.
    """
    if "*" in values:
        return value.is_null() | True
    wanted = [re.sub(_NOT_ASCII, "?", text.strip(_SPACES)) for text in values]
    return stripped(value).str.replace_all(_NOT_ASCII, "?").is_in(wanted).fill_null(False)


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
    """Return dates of text such as 1980-12-31, 1980-12 or 1980; the first day if it is absent.

    31/12/1980 is read too: French files have the day first.
    """
    text = text.str.replace(r"^(\d\d)/(\d\d)/(\d{4})(?: .*)?$", "$3-$2-$1")
    digits = text.str.head(10).str.extract(r"^(\d{4}(?:-?\d\d(?:-?\d\d)?)?)$")
    digits = digits.str.replace_all("-", "", literal=True)
    first_day = pl.lit("0101").str.slice(digits.str.len_chars() - 4)
    return (digits + first_day).str.to_date("%Y%m%d", strict=False)


def age_bands(years: int) -> list[AgeBand]:
    """Return the age bands of a width, the last one open: 00-04, 05-09 ... 95+."""
    return schemas.age_bands(years, _LAST_AGE // years * years)


def band_of(age: str, bands: Sequence[AgeBand]) -> str | None:
    """Return the band that holds a patient's age, or age band; None if there is none."""
    whole = re.fullmatch(r"(\d{1,3})(?:[.,]\d*)?", age)
    given = AgeBand(int(whole[1]), int(whole[1])) if whole else parse_age_band(age)
    if given is None or given.low > _OLDEST:
        return None
    band = next(band for band in reversed(bands) if band.low <= given.low)
    within = band.high is None or (given.high is not None and given.high <= band.high)
    return str(band) if within else None


def quotient(amounts: pl.Series, role: str) -> pl.Series:
    """Return amounts in units as the nearest Float64; Polars multiplies by the inverse."""
    return pl.Series(role, [value / UNITS[role] for value in amounts], dtype=pl.Float64)
