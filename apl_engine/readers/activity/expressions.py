"""How the rows of a part of the prestations are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from .columns import ROLES, Request
from .dataset import Part
from .findings import Findings
from .values import UNITS, Column, filled, in_year, is_kept


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
        numeric = self["month"].is_numeric_month
        return in_year(period["month"], self.request.year, numeric=numeric)

    @property
    def kept(self) -> pl.Expr:
        """Whether a row has the values that the caller keeps."""
        keep = self.request.keep
        chosen = [role for role in keep if role in self.roles and ROLES[role].selects]
        return pl.all_horizontal(
            pl.lit(True), *(is_kept(self[role].code, keep[role]) for role in chosen)
        )

    @property
    def used(self) -> pl.Expr:
        """Whether a row is kept and of the year."""
        return self.in_year(self.period) & self.kept

    def unreadable(self, role: str) -> pl.Expr:
        """Whether a row that is used has an amount that is no number."""
        return self.used & self[role].scaled(UNITS[role]).is_null()

    def holds(self, role: str, values: pl.Series) -> pl.Expr:
        """Whether a row that is used has one of these codes, null among them or not."""
        return self.used & filled(self[role].code).is_in(values.implode(), nulls_equal=True)

    def written_as(self, role: str, values: pl.Series) -> pl.Expr:
        """Whether the month or the year of a row is written as one of `values`."""
        return self.period[role].cast(pl.String).is_in(values.implode(), nulls_equal=True)

    def fault(
        self, code: str, role: str, wrong: pl.Expr, files: Sequence[str], findings: Findings,
        **facts: Any,
    ) -> None:  # fmt: skip
        """Add a fault of rows, with the first file and the first rows that have it."""
        path, rows = self.part.find(wrong, list(map(Path, files))) or (Path(files[0]), ())
        findings.fault(code, path.name, column=self.roles.get(role), rows=rows, **facts)
