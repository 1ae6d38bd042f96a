"""The register of practitioners: age, and who is newly installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ...errors import INVISIBLE, Fault, InputDataError, name_characters
from ...inputs.cross_checks import with_age
from ...methodology.model import Methodology
from ..common.issues import Issues
from .columns import REGISTER, REGISTER_TABLE, Request, describe, match_columns, note_unused
from .dataset import cut_after_decompression, open_files
from .values import Column, filled, is_selected, iso_dates

_TRUE, _FALSE = ("true", "1", "oui"), ("false", "0", "non")
# A date and what follows from it: the date is used, for it can be checked.
_DERIVED = {"birth_date": "practitioner_age", "installation_date": "newly_installed"}


@dataclass(frozen=True)
class Register:
    """The register, one row per practitioner.

    Attributes
    ----------
    people : polars.DataFrame
        practitioner_id, age (Int64), newly_installed, row (in the file, from 1).
    practices : polars.DataFrame
        practitioner_id and commune, as written; empty if the register has none.
    recognised : str
        The column of each role, for people.
    """

    people: pl.DataFrame
    practices: pl.DataFrame
    recognised: str


def read_register(
    path: Path, methodology: Methodology, request: Request, issues: Issues
) -> Register:
    """Read the register.

    Parameters
    ----------
    path : Path
        Parquet, Arrow IPC or CSV; or a folder of files of one layout.
    methodology : Methodology
        For the reference date of ages; practitioners installed in its year are newly installed.
    request : Request
        What the caller states.
    issues : Issues
        Takes faults and notes.

    Returns
    -------
    Register

    Raises
    ------
    InputDataError
        It is wrong, or cannot be read.
    """
    parts = open_files([path], issues)
    if len(parts) > 1:
        issues.fault("activity.register_files_differ")
    issues.raise_faults()
    part = parts[0]
    roles = match_columns(path.name, part.layout.names, REGISTER, request, issues)
    issues.raise_faults()
    derived = {_DERIVED[role] for role in roles if role in _DERIVED}
    roles = {role: name for role, name in roles.items() if role not in derived}
    wanted = [*sorted(set(roles.values())), part.too_long.alias("(too long)")]
    data = part.read(part.scan().select(wanted), issues)
    if len(longer := data["(too long)"].arg_true()):
        issues.fault("activity.row_too_long", count=len(longer), rows=longer + 1)
    if data.is_empty():
        issues.fault("activity.no_row")
    _refuse_what_is_no_text(data, path)
    issues.faults += filter(None, [cut_after_decompression(part.shape_of(part.files[0]))])
    issues.raise_faults()
    note_unused(REGISTER_TABLE, part.layout.names, roles, issues)
    table = _RegisterTable(data, roles, part.decimal_comma, issues)
    return table.register(methodology, request.keep)


def _refuse_what_is_no_text(data: pl.DataFrame, path: Path) -> None:
    """Refuse durations, bytes that are no text and the like."""
    try:
        data.select(pl.all().cast(pl.String))
    except pl.exceptions.PolarsError:
        types = tuple(f"{name} ({dtype})" for name, dtype in data.schema.items())
        details = {"types": types}
        # The parser's error quotes values.
        raise InputDataError(
            Fault("source_file.unsupported_types", path.name, details=details)
        ) from None


@dataclass
class _RegisterTable:
    """Reads the columns of the register one by one."""

    data: pl.DataFrame
    roles: Mapping[str, str]
    decimal_comma: bool
    issues: Issues

    def __post_init__(self) -> None:
        self.selected = pl.repeat(True, self.data.height, eager=True)

    def register(self, methodology: Methodology, keep: Mapping[str, Sequence[str]]) -> Register:
        """Read every column; raise the faults of all of them."""
        for role, values in keep.items():
            if role in self.roles:
                self.select(role, values)
        if "end_date" in self.roles:
            self.leave_out_ended(methodology.year)
        if not self.selected.any() and not self.issues.faults:
            self.issues.fault("activity.nobody_kept")
        ids = self.codes("register_id", "practitioner_id")
        self.fault("activity.empty_cell", "register_id", ids.is_null())
        self.refuse_invisible("register_id", ids)
        columns = [ids, self.ages(methodology), self.new(methodology)]
        people = pl.DataFrame(columns).with_row_index("row", 1).filter(self.selected)
        communes = self.codes("practice_commune", "commune")
        self.refuse_invisible("practice_commune", communes)
        practices = pl.DataFrame([ids, communes])
        practices = practices.filter(self.selected).drop_nulls().unique().sort(pl.all())
        self.issues.raise_faults()
        people = self.merge(people)
        self.issues.raise_faults()
        return Register(people, practices, describe(self.roles))

    def select(self, role: str, values: Sequence[str]) -> None:
        """Leave out the rows whose value is not one of those to keep."""
        value = pl.col(role)
        chosen = self.codes(role, role).to_frame().select(is_selected(value, values)).to_series()
        self.selected &= chosen
        code, dropped, columns = "activity.rows_not_kept", int((~chosen).sum()), (self.roles[role],)
        self.issues.note_count(code, dropped, table=REGISTER_TABLE, columns=columns)

    def leave_out_ended(self, year: int) -> None:
        """Leave out practices that ended before the year; note those that ended within it."""
        ends = self.dates("end_date", "end", required=False)
        before = (ends.dt.year() < year).fill_null(False)
        within = (ends.dt.year() == year).fill_null(False) & self.selected
        self.selected &= ~before
        self.issues.note_count("activity.ended_before", int(before.sum()), year=year)
        self.issues.note_count("activity.ended_within", int(within.sum()), year=year)

    def column(self, role: str) -> Column:
        """Return the column of a role."""
        name = self.roles[role]
        return Column(name, self.data.schema[name], self.decimal_comma)

    def codes(self, role: str, name: str) -> pl.Series:
        """Return a column of codes as text; nulls if there is none."""
        if role not in self.roles:
            return pl.Series(name, [None], dtype=pl.String).new_from_index(0, self.data.height)
        return self.data.select(filled(self.column(role).code).alias(name)).to_series()

    def refuse_invisible(self, role: str, codes: pl.Series) -> None:
        """Add a fault of codes that look like others, but are not the same."""
        text = codes.cast(pl.String)
        hidden = text.str.contains(INVISIBLE)
        if hidden.any():
            characters = name_characters(text.filter(hidden.fill_null(value=False)))
            self.fault("activity.invisible_characters", role, hidden, characters=characters)

    def fault(self, code: str, role: str, wrong: pl.Series, **details: Any) -> None:
        """Add a fault of the rows that are wrong, if there are any; no value is shown."""
        rows = (wrong.fill_null(False) & self.selected).arg_true()
        if len(rows):
            column = self.roles[role]
            self.issues.fault(code, column, count=len(rows), rows=rows + 1, **details)

    def ages(self, methodology: Methodology) -> pl.Series:
        """Return completed years on the reference date."""
        if "practitioner_age" in self.roles:
            value = self.column("practitioner_age").number.floor().cast(pl.Int64, strict=False)
            ages = self.data.select(value).to_series()
            self.fault("activity.not_an_age", "practitioner_age", ages.is_null())
            return ages.alias("age")
        born = self.dates("birth_date", "birth_date", required=True)
        return with_age(pl.DataFrame({"birth_date": born}), methodology)["age"]

    def new(self, methodology: Methodology) -> pl.Series:
        """Return who was installed in the year of the reference date."""
        if "installation_date" in self.roles:
            dates = self.dates("installation_date", "installed", required=False)
            new, unknown = dates.dt.year() == methodology.year, dates
        else:
            words = self.codes("newly_installed", "given").str.to_lowercase()
            new, unknown = words.is_in(_TRUE), words
            wrong = words.is_not_null() & ~new & ~words.is_in(_FALSE)
            self.fault("activity.not_a_flag", "newly_installed", wrong, values=(*_TRUE, *_FALSE))
        self.issues.note_count("activity.installation_unknown", unknown.null_count())
        return new.fill_null(False).alias("newly_installed")

    def dates(self, role: str, name: str, *, required: bool) -> pl.Series:
        """Read dates; a month or a year alone is its first day, which is noted."""
        values = self.data[self.roles[role]]
        if values.dtype.is_temporal():
            text = dates = values.cast(pl.Date)
        else:
            text = self.codes(role, "text")
            dates = pl.select(iso_dates(pl.lit(text))).to_series()
            days = text.filter(dates.is_not_null() & text.str.contains("/", literal=True))
            partial = int((dates.is_not_null() & (text.str.len_chars() < 8)).sum())
            column = self.roles[role]
            self.issues.note_count("activity.day_unknown", partial, warning=False, column=column)
            self.issues.note_count("activity.day_first", len(days), warning=False, column=column)
        wrong = dates.is_null() if required else dates.is_null() & text.is_not_null()
        self.fault("activity.not_a_date", role, wrong)
        return dates.alias(name)

    def merge(self, people: pl.DataFrame) -> pl.DataFrame:
        """Keep one row of each practitioner, if all of them agree."""
        versions = pl.struct("age", "newly_installed").n_unique()
        facts = people.group_by("practitioner_id").agg(versions=versions)
        unlike = facts.filter(pl.col("versions") > 1)["practitioner_id"]
        wrong = self.codes("register_id", "id").is_in(unlike.implode())
        self.fault("activity.rows_disagree", "register_id", wrong, practitioners=len(unlike))
        merged = people.unique("practitioner_id", keep="first", maintain_order=True)
        repeated = people.height - merged.height
        self.issues.note_count("activity.rows_merged", repeated, warning=False)
        return merged
