"""The register of practitioners: who is how old, who is newly installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ...errors import Fault
from ...inputs.cross_checks import with_age
from ...methodology.model import Methodology
from ...notes import Note
from .columns import REGISTER, choose, how, told, unused
from .dataset import LONGER, LONGER_HINT, open_files
from .professions import PRACTICE_MODE, PROFESSION, Kind
from .values import code, number, text_of

_TRUE = ("true", "1", "1.0", "oui", "vrai", "yes", "o", "v", "t", "y")
_FALSE = ("false", "0", "0.0", "non", "faux", "no", "n", "f")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%d-%m-%Y", "%Y/%m/%d")
_EXAMPLES = 3


@dataclass
class Register:
    """The register, one row per practitioner.

    Attributes
    ----------
    people : practitioner_id, age (Int64), newly_installed, row (in the file, from 1).
    practices : practitioner_id and commune, as written; empty where the register has none.
    recognised : what was taken for what.
    faults, notes : what was found.
    """

    people: pl.DataFrame
    practices: pl.DataFrame
    recognised: str
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def read_register(
    path: Path, rules: Methodology, given: Mapping[str, str]
) -> Register | list[Fault]:
    """Read the register.

    Parameters
    ----------
    path : Parquet, Arrow IPC or CSV; several files of one layout where it is a folder.
    rules : for the reference date of ages; who was installed in its year is newly installed.
    given : role to column, ahead of any pattern.

    Returns
    -------
    Register, or list of Fault where it cannot be read at all
    """
    parts, faults, notes = open_files([path])
    if faults:
        return faults
    if len(parts) > 1:
        hint = "Give it as one file."
        return [
            Fault(
                code="legacy.fault",
                table=path.name,
                details={
                    "problem": "the files of the register have different columns",
                    "hint": hint,
                },
            )
        ]
    part = parts[0]
    roles, faults = choose(path.name, part.layout.names, REGISTER, given)
    faults = faults or _lacking(path.name, roles)
    if faults:
        return faults
    chosen = _decided(roles)
    wanted = [*sorted(set(chosen.values())), part.longer.alias(LONGER)]
    data = part.read([part.scan().select(wanted)])[0]
    if isinstance(data, Fault):
        return [data]
    if (longer := data[LONGER].arg_true()).len():
        rows = tuple(row + 1 for row in longer.head(_EXAMPLES))
        return [
            Fault(
                code="legacy.fault",
                table=path.name,
                column=None,
                count=len(longer),
                rows=rows,
                details={"problem": LONGER, "hint": LONGER_HINT},
            )
        ]
    if data.is_empty():
        return [
            Fault(
                code="legacy.fault",
                table=path.name,
                details={"problem": "has no row", "hint": "Export it again."},
            )
        ]
    notes += unused("register", part.layout.names, chosen)
    reading = _Reading(path.name, data, chosen, part.decimal_comma)
    return reading.register(rules, notes)


def _lacking(file: str, roles: Mapping[str, str]) -> list[Fault]:
    pairs = (
        ("birth_date", "practitioner_age", "the birth or the age of practitioners"),
        ("installation_date", "newly_installed", "the installation of practitioners"),
    )
    return [
        Fault(
            code="legacy.fault",
            table=file,
            details={"problem": f"no column is known as {words}", "hint": how(one)},
        )
        for one, other, words in pairs
        if not {one, other} & roles.keys()
    ]


def _decided(roles: Mapping[str, str]) -> dict[str, str]:
    """Keep a date where its consequence is there too: the date can be checked."""
    pairs = {"birth_date": "practitioner_age", "installation_date": "newly_installed"}
    aside = {other for one, other in pairs.items() if one in roles}
    return {role: name for role, name in roles.items() if role not in aside}


class _Reading:
    """Reads the columns of the register one by one."""

    def __init__(
        self, file: str, data: pl.DataFrame, roles: Mapping[str, str], decimal_comma: bool
    ) -> None:
        self.file, self.data, self.roles, self.comma = file, data, roles, decimal_comma
        self.faults: list[Fault] = []
        self.notes: list[Note] = []
        self.kept = pl.repeat(True, data.height, eager=True)

    def register(self, rules: Methodology, notes: list[Note]) -> Register:
        """Read everything."""
        self.leave_out("profession", PROFESSION)
        self.leave_out("practice_mode", PRACTICE_MODE)
        self.leave_out_ceased(rules.etp.age_reference_date.year)
        if not self.kept.any() and not self.faults:
            hint = "Is it the register of the year, and of masseurs-kinésithérapeutes?"
            self.faults.append(
                Fault(
                    code="legacy.fault",
                    table=self.file,
                    details={"problem": "nobody is left of it", "hint": hint},
                )
            )
        ids = self.codes("register_id", "practitioner_id")
        self.fault("register_id", ids.is_null(), "no value", "Fill it in.")
        columns = [ids, self.age(rules), self.new(rules)]
        people = pl.DataFrame(columns).with_row_index("row", 1).filter(self.kept)
        practices = pl.DataFrame({"practitioner_id": ids}).clear().with_columns(commune=ids.clear())
        if "practice_commune" in self.roles:
            practices = pl.DataFrame([ids, self.codes("practice_commune", "commune")])
            practices = (
                practices.filter(self.kept).drop_nulls().unique().sort("practitioner_id", "commune")
            )
        people = self.once(people) if not self.faults else people
        return Register(people, practices, told(self.roles), self.faults, [*notes, *self.notes])

    def leave_out(self, role: str, kind: Kind) -> None:
        """Leave out rows of another profession, or of practice that is not liberal."""
        if role not in self.roles:
            return
        column, values = self.roles[role], self.codes(role, "value")
        self.faults += kind.faults(self.file, column, values)
        found = kind.sort(values.drop_nulls().unique().sort().to_list())
        others = values.is_in(found.others).fill_null(False)
        self.kept &= ~others
        text = f"register: {others.sum()} rows are left out, not being of {kind.wanted}: "
        self.note(f"not_{role}", text + ", ".join(found.others[:5]), others)
        text = f"register: {values.null_count()} rows without a value in '{column}' are kept"
        self.note(f"no_{role}", text, values.is_null())

    def leave_out_ceased(self, year: int) -> None:
        """Leave out who ceased before the year; say who did within it."""
        if "end_date" not in self.roles:
            return
        ends, given = self.dates("end_date", "end"), self.codes("end_date", "given")
        hint = "Write 2022-03-01, 01/03/2022, 2022-03 or 2022; nothing where there is no end."
        wrong = ends.is_null() & given.is_not_null()
        self.fault("end_date", wrong, "dates that cannot be read", hint)
        before = (ends.dt.year() < year).fill_null(False)
        within = (ends.dt.year() == year).fill_null(False) & self.kept
        self.kept &= ~before
        text = f"register: {before.sum()} rows are left out, practice having ended before {year}"
        self.note("ceased_before", text, before)
        text = f"register: {within.sum()} rows whose practice ended in {year} are kept"
        self.note("ceased_within", text, within)

    def note(self, code: str, text: str, rows: pl.Series) -> None:
        """Add a warning, if it is about any row."""
        if count := int(rows.sum()):
            self.notes.append(Note(code, count, warning=True, details={"text": text}))

    def codes(self, role: str, name: str) -> pl.Series:
        """Return a column of codes as text."""
        theirs = self.roles[role]
        key = self.data.select(code(theirs, self.data.schema[theirs]).alias(name))
        return key.select(text_of(name)).to_series()

    def fault(self, role: str, wrong: pl.Series, problem: str, hint: str) -> None:
        """Add a fault where there is one: how many rows and which, no value."""
        rows = (wrong.fill_null(False) & self.kept).arg_true()
        if len(rows):
            numbers = tuple(row + 1 for row in rows.head(_EXAMPLES))
            column = self.roles[role]
            self.faults.append(
                Fault(
                    code="legacy.fault",
                    table=self.file,
                    column=column,
                    count=len(rows),
                    rows=numbers,
                    details={"problem": problem, "hint": hint},
                )
            )

    def age(self, rules: Methodology) -> pl.Series:
        """Return completed years on the reference date."""
        if "practitioner_age" in self.roles:
            name = self.roles["practitioner_age"]
            value = number(name, self.data.schema[name], decimal_comma=self.comma)
            ages = self.data.select(value.floor().cast(pl.Int64, strict=False)).to_series()
            self.fault("practitioner_age", ages.is_null(), "no age, or no number", "Fill it in.")
            return ages.alias("age")
        born = self.dates("birth_date", "birth_date")
        hint = "Write 1980-12-31, 31/12/1980, 1980-12 or 1980."
        self.fault("birth_date", born.is_null(), "no date, or none that can be read", hint)
        return with_age(pl.DataFrame({"birth_date": born}), rules)["age"]

    def new(self, rules: Methodology) -> pl.Series:
        """Tell who was installed in the year of the reference date."""
        if "installation_date" in self.roles:
            dates = self.dates("installation_date", "installed")
            given = self.codes("installation_date", "given")
            hint = "Write 2022-03-01, 01/03/2022, 2022-03 or 2022; nothing where it is not known."
            wrong = dates.is_null() & given.is_not_null()
            self.fault("installation_date", wrong, "dates that cannot be read", hint)
            new = dates.dt.year() == rules.etp.age_reference_date.year
            missing = int(given.is_null().sum())
        else:
            words = self.codes("newly_installed", "given").str.to_lowercase()
            new = words.is_in(_TRUE)
            wrong = words.is_not_null() & ~new & ~words.is_in(_FALSE)
            hint = "Write true or false, 1 or 0, oui or non."
            self.fault("newly_installed", wrong, "neither true nor false", hint)
            missing = words.null_count()
        if missing:
            text = f"register: {missing} rows tell no installation: taken as not newly installed"
            self.notes.append(
                Note("installation_unknown", missing, warning=True, details={"text": text})
            )
        return new.fill_null(False).alias("newly_installed")

    def dates(self, role: str, name: str) -> pl.Series:
        """Read dates; a month or year alone is its first day, which is noted."""
        theirs = self.roles[role]
        values = self.data[theirs]
        if values.dtype.is_temporal():
            return values.cast(pl.Date).alias(name)
        text = self.codes(role, "text").str.head(10)
        days = pl.coalesce(pl.col("text").str.to_date(form, strict=False) for form in _DAYS)
        month = (
            pl.col("text")
            .str.replace(r"^(\d{4})[-/]?(0[1-9]|1[0-2])$", "$1-$2-01")
            .str.replace(r"^(0[1-9]|1[0-2])[-/](\d{4})$", "$2-$1-01")
            .str.replace(r"^(\d{4})$", "$1-01-01")
        )
        read = pl.DataFrame({"text": text}).select(
            day=days, first=month.str.to_date("%Y-%m-%d", strict=False)
        )
        partial = int((read["day"].is_null() & read["first"].is_not_null()).sum())
        if partial:
            note = f"register: column '{theirs}' tells no day in {partial} rows: the first is taken"
            self.notes.append(Note("day_unknown", partial, details={"text": note}))
        return read.select(pl.coalesce("day", "first").alias(name)).to_series()

    def once(self, people: pl.DataFrame) -> pl.DataFrame:
        """Keep one row of each practitioner, where all of them agree."""
        facts = people.group_by("practitioner_id").agg(
            pl.col("age").n_unique().alias("ages"),
            pl.col("newly_installed").n_unique().alias("new"),
        )
        unlike = facts.filter((pl.col("ages") > 1) | (pl.col("new") > 1))["practitioner_id"]
        if len(unlike):
            problem = f"{len(unlike)} practitioners have rows that disagree on age or installation"
            wrong = self.codes("register_id", "id").is_in(unlike.implode())
            self.fault("register_id", wrong, problem, "Keep one row, or make them agree.")
        kept = people.unique("practitioner_id", keep="first", maintain_order=True)
        if twice := people.height - kept.height:
            text = f"register: {twice} rows that repeat a practitioner are merged"
            self.notes.append(Note("register_repeated", twice, details={"text": text}))
        return kept
