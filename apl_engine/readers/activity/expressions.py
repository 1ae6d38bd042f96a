"""How the rows of a part of the prestations are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..common.issues import Issues
from ..common.numbers import MARK, THOUSANDS
from .columns import Request
from .dataset import Part
from .values import UNITS, Column, is_selected

# Acts, and fees in EUR, that no row of a month and an age has: 40 acts a day.
MOST = {"acts": 1_200, "fees": 20_000}


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
    request : Request
        What the caller states.
    """

    part: Part
    roles: Mapping[str, str]
    schema: pl.Schema
    request: Request

    def __getitem__(self, role: str) -> Column:
        name = self.roles[role]
        return Column(name, self.schema[name], self.part.decimal_comma)

    @property
    def period(self) -> dict[str, pl.Expr]:
        """The month and the year as keys, those that there are."""
        keys = {"month": self["month"].month} if "month" in self.roles else {}
        return keys | ({"year": self["year"].text} if "year" in self.roles else {})

    def in_year(self, period: Mapping[str, pl.Expr]) -> pl.Expr:
        """Whether keys of `period` are of the year; a column of years decides, if there is one."""
        if "year" in period:
            return period["year"] == str(self.request.year)
        return self["month"].in_year(period["month"], self.request.year)

    @property
    def selected(self) -> pl.Expr:
        """Whether a row has the values that the caller keeps."""
        keep = {role: kept for role, kept in self.request.keep.items() if role in self.roles}
        tests = (is_selected(self[role].code, values) for role, values in keep.items())
        return pl.all_horizontal(pl.lit(True), *tests)

    @property
    def used(self) -> pl.Expr:
        """Whether a row is selected and of the year."""
        return self.in_year(self.period) & self.selected

    @property
    def tests(self) -> dict[str, pl.Expr]:
        """What is counted of the rows, by the name of the count."""
        tests = {"too_long": self.part.too_long}
        for role, unit in UNITS.items():
            amount = self[role].scaled(unit)
            tests |= {
                f"{role}_unread": amount.is_null(),
                f"{role}_rounded": self[role].is_inexact(unit),
                f"{role}_large": amount.abs() > MOST[role] * unit,
                f"{role}_marked": self[role].matches(MARK),
                f"{role}_grouped": self[role].matches(THOUSANDS),
            }
        return tests

    def fault(
        self, code: str, role: str, wrong: pl.Expr, files: Sequence[str], issues: Issues,
        **facts: Any,
    ) -> None:  # fmt: skip
        """Add a fault of rows, with the first file and the first rows that have it."""
        path, rows = self.part.find(wrong, list(map(Path, files))) or (Path(files[0]), ())
        issues.fault(code, table=path.name, column=self.roles.get(role), rows=rows, **facts)
