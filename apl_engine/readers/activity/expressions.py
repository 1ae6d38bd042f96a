"""How the rows of a part of the prestations are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ..common.numbers import MARK, THOUSANDS
from .columns import ROLES
from .dataset import Part
from .findings import Findings
from .values import (
    age_key,
    code_key,
    count_inexact,
    filled,
    in_year,
    is_kept,
    month_key,
    scaled,
    stripped,
)


@dataclass(frozen=True)
class RowReader:
    """Expressions of the rows of a part.

    Attributes
    ----------
    part : Part
        The files.
    roles : mapping of str to str
        Role to column.
    schema : polars.Schema
        Types of the columns.
    year : int
        The year of activity.
    keep : mapping of str to sequence of str
        Role to the values of the rows that are kept.
    """

    part: Part
    roles: Mapping[str, str]
    schema: pl.Schema
    year: int
    keep: Mapping[str, Sequence[str]]

    @property
    def month(self) -> pl.Expr | None:
        """The month as a key; None if there is no such column."""
        name = self.roles.get("month")
        return None if name is None else month_key(name, self.schema[name])

    @property
    def annual(self) -> pl.Expr | None:
        """The year as text; None if there is no such column."""
        return None if "year" not in self.roles else stripped(self.key("year"))

    def in_year(self, month: pl.Expr | None, annual: pl.Expr | None) -> pl.Expr:
        """Whether keys of `month` and `annual` are of the year; the latter decides, if given."""
        if annual is not None:
            return annual == str(self.year)
        assert month is not None
        dtype = self.schema[self.roles["month"]]
        return in_year(month, self.year, numeric=dtype.is_numeric() or dtype.is_temporal())

    @property
    def kept(self) -> pl.Expr | None:
        """Whether a row has the values that the caller keeps; None if all have."""
        chosen = [role for role in self.keep if role in self.roles and ROLES[role].selects]
        tests = [is_kept(self.key(role), self.keep[role]) for role in chosen]
        return pl.all_horizontal(tests) if tests else None

    @property
    def used(self) -> pl.Expr:
        """Whether a row is kept and of the year."""
        inside, kept = self.in_year(self.month, self.annual), self.kept
        return inside if kept is None else inside & kept

    @property
    def age(self) -> pl.Expr:
        """The age of the patient as written."""
        return age_key(self.roles["age"], self.schema[self.roles["age"]])

    def key(self, role: str) -> pl.Expr:
        """Return a code as a key."""
        return code_key(self.roles[role], self.schema[self.roles[role]])

    def scaled(self, role: str, unit: int) -> pl.Expr:
        """Return an amount as a whole number of units."""
        name = self.roles[role]
        return scaled(name, self.schema[name], unit, decimal_comma=self.part.decimal_comma)

    def count_inexact(self, role: str, unit: int) -> pl.Expr:
        """Count amounts with more decimals than the unit has."""
        name = self.roles[role]
        return count_inexact(name, self.schema[name], unit, decimal_comma=self.part.decimal_comma)

    def matches(self, role: str, pattern: str) -> pl.Expr:
        """Whether the text of an amount that can be read matches a pattern."""
        if self.schema[self.roles[role]] != pl.String:
            return pl.lit(False)
        readable = self.scaled(role, 1).is_not_null()
        return pl.col(self.roles[role]).str.contains(pattern) & readable

    def marked(self, role: str) -> pl.Expr:
        """Whether an amount has a point or a comma."""
        return self.matches(role, MARK)

    def grouped(self, role: str) -> pl.Expr:
        """Whether the marks of an amount have three digits behind them, as thousands have."""
        return self.matches(role, THOUSANDS)

    def empty(self, role: str) -> pl.Expr:
        """Whether a row that is used has no such code."""
        return self.used & filled(self.key(role)).is_null()

    def unreadable(self, role: str) -> pl.Expr:
        """Whether a row that is used has an amount that is no number."""
        return self.used & self.scaled(role, 1).is_null()

    def holds(self, role: str, values: pl.Series) -> pl.Expr:
        """Whether a row that is used has one of these codes, null among them or not."""
        return self.used & filled(self.key(role)).is_in(values.implode(), nulls_equal=True)

    def written_as(self, role: str, values: pl.Series) -> pl.Expr:
        """Whether the month or the year of a row is written as one of `values`."""
        key = self.month if role == "month" else self.annual
        assert key is not None
        return key.cast(pl.String).is_in(values.implode(), nulls_equal=True)

    def fault(
        self,
        findings: Findings,
        code: str,
        role: str | None,
        wrong: pl.Expr,
        files: Sequence[str],
        count: int,
        values: tuple[str, ...] = (),
    ) -> None:
        """Add a fault of rows, with the first file and the first rows that have it."""
        hit = self.part.find(wrong, [Path(file) for file in files])
        path, rows = hit or (Path(files[0]), ())
        column = self.roles[role] if role else None
        findings.fault(code, path.name, column=column, count=count, rows=rows, values=values)
