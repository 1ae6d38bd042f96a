"""How files of prestations are read: expressions of their rows, and a second look at faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import Fault
from ..common.numbers import HINT, MARK, WORDS, may_part_thousands, parts_thousands
from .dataset import Part
from .values import Period, age_key, code, inexact, scaled

Roles = Mapping[str, str]


@dataclass(frozen=True)
class Look:
    """A part of the data set, and which of its columns is what.

    Attributes
    ----------
    part, roles : the files, and role to column.
    period : how they tell the time of their rows.
    schema : types of the columns.
    """

    part: Part
    roles: Roles
    period: Period
    schema: pl.Schema

    @property
    def age(self) -> pl.Expr:
        """Return the age of the patient as written."""
        return age_key(self.roles["age"], self.schema[self.roles["age"]])

    def key(self, role: str) -> pl.Expr:
        """Return a code, as a key."""
        return code(self.roles[role], self.schema[self.roles[role]])

    def word(self, role: str) -> pl.Expr | None:
        """Return a column of few words; None where there is none."""
        return self.key(role).cast(pl.String) if role in self.roles else None

    def scaled(self, role: str, unit: int) -> pl.Expr:
        """Return an amount as a whole number of units."""
        name = self.roles[role]
        return scaled(name, self.schema[name], unit, decimal_comma=self.part.decimal_comma)

    def inexact(self, role: str, unit: int) -> pl.Expr:
        """Count amounts of more decimals than the unit has."""
        name = self.roles[role]
        return inexact(name, self.schema[name], unit, decimal_comma=self.part.decimal_comma)

    def marked(self, head: pl.DataFrame) -> dict[str, pl.Expr]:
        """Tell amounts that have a mark, where the first rows do not show that it is a decimal one.

        Parameters
        ----------
        head : the first rows.

        Returns
        -------
        dict of role to expression
        """
        tests = {}
        for role in ("acts", "fees"):
            name = self.roles[role]
            open_question = self.schema[name] == pl.String and (
                may_part_thousands(head[name].drop_nulls()) is not False
            )
            test = pl.col(name).str.contains(MARK) if open_question else pl.lit(False)
            tests[role] = test.fill_null(False)
        return tests

    def thousands(self, times: pl.DataFrame) -> list[Fault]:
        """Return the faults of amounts whose marks part thousands, as far as can be told.

        Parameters
        ----------
        times : counts by file, of all parts.

        Returns
        -------
        list of Fault
        """
        here = times.filter(pl.col("file").is_in([str(path) for path in self.part.files]))
        faults = []
        for role in ("acts", "fees"):
            count = int(here[f"{role}_marked"].sum())
            text = pl.col(self.roles[role])
            if count and parts_thousands(self.part.scan(), text):
                files = here.filter(pl.col(f"{role}_marked") > 0)["file"].unique().sort()
                faults.append(self.fault(WORDS, HINT, role, text.str.contains(MARK), files, count))
        return faults

    def fault(
        self, problem: str, hint: str, role: str, wrong: pl.Expr, files: pl.Series, count: int
    ) -> Fault:
        """Return a fault of the first file that has it, with its rows and no value."""
        found = self.part.find(wrong, [Path(file) for file in files])
        name, rows = (found[0].name, found[1]) if found else (Path(files[0]).name, ())
        more = f", in {len(files)} files" if len(files) > 1 else ""
        column = self.roles.get(role)
        return Fault(
            code="legacy.fault",
            table=name,
            column=column,
            count=count,
            rows=rows,
            details={"problem": problem + more, "hint": hint},
        )

    def wrong(self, what: str) -> pl.Expr:
        """Tell the rows that have a fault.

        Parameters
        ----------
        what : acts or fees that are none, longer rows, or an absent practitioner or commune.
        """
        if what == "longer":
            return self.part.longer
        if what in ("acts", "fees"):
            return self.period.inside & self.scaled(what, 100).is_null()
        return self.period.inside & _text(self.key(what)).is_null()

    def holds(self, role: str, values: pl.Series) -> pl.Expr:
        """Tell the rows whose code is one of `values`, null among them or not."""
        return self.period.inside & _text(self.key(role)).is_in(values.implode(), nulls_equal=True)

    def is_written(self, role: str, values: pl.Series) -> pl.Expr:
        """Tell the rows whose month or year is written as one of `values`."""
        given = self.period.month if role == "month" else self.period.annual
        assert given is not None
        return given.cast(pl.String).is_in(values.implode(), nulls_equal=True)


def _text(key: pl.Expr) -> pl.Expr:
    text = key.cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text)
