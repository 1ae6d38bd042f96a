"""The columns of prestations and of the register.

The layouts of the restricted files are not public. A file has the documented names below, or the
names that the public dictionary of the SNDS gives to the same variables, or the caller maps its
names to these roles. Upper and lower case are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...inputs.amounts import AMOUNTS, not_the_amount
from ..common.issues import Issues

PRESTATIONS_TABLE, REGISTER_TABLE = "prestations", "register"
# Names of unused columns that a note shows.
_MOST_UNUSED = 24


@dataclass(frozen=True)
class Role:
    """A column that the reader takes.

    Attributes
    ----------
    name : str
        As a map of columns names it.
    meaning : str
        What it holds: unit, format.
    column : str
        Documented name in a file, if it is not `name`.
    alias : str
        Name of the same variable in the public dictionary of the SNDS; empty if there is none.
    required : bool
        Whether a file cannot be read without it.
    unless : str
        The role that stands in for it.
    selects : bool
        Whether the caller must state which of its values are kept.
    """

    name: str
    meaning: str
    column: str = ""
    alias: str = ""
    required: bool = True
    unless: str = ""
    selects: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """Names that need no map."""
        return tuple(header for header in (self.column or self.name, self.alias) if header)


@dataclass(frozen=True)
class Request:
    """What the caller states about the files.

    Attributes
    ----------
    columns : mapping of str to str
        Role to column, ahead of the documented names.
    keep : mapping of str to sequence of str
        Role to the values of the rows that are kept.
    year : int
        The year of activity.
    """

    columns: Mapping[str, str]
    keep: Mapping[str, Sequence[str]]
    year: int

    def check(self, issues: Issues) -> None:
        """Refuse roles that do not exist, or that `keep` does not take."""
        roles = {"columns": tuple(ROLES), "keep": tuple(r for r in ROLES if ROLES[r].selects)}
        for name, given in (("columns", self.columns), ("keep", self.keep)):
            if unknown := tuple(role for role in given if role not in roles[name]):
                issues.fault("activity.unknown_role", table=name, values=unknown, roles=roles[name])


_MONTH = "a date, 2022-03, 2022-03-15, 202203 or 20220315; or 1 to 12 if there is a year"
_DAY = "a date, 1980-12-31, 19801231 or 31/12/1980; or 1980-12 or 1980"
PRESTATIONS = (
    Role("practitioner_id", "identifier of who did the acts", alias="PFS_EXE_NUM"),
    Role("commune", "INSEE code of the commune of the practice"),
    Role("month", f"month or day of the acts: {_MONTH}", alias="EXE_SOI_DTD", unless="year"),
    Role("year", "year of the acts, such as 2022", required=False),
    Role("age", "age of the patient in completed years, or an age band such as 30-34 or 95+"),
    Role("acts", "number of acts"),
    Role("fees", "fees in EUR", alias="PRS_PAI_MNT"),
    Role("acts_profession", "profession", "profession", "PSE_ACT_NAT", False, selects=True),
    Role("kind", "kind of the acts", "", "PRS_NAT_REF", False, selects=True),
)
REGISTER = (
    Role("register_id", "identifier of the practitioner", "practitioner_id", "PFS_PFS_NUM"),
    Role("birth_date", f"date of birth: {_DAY}", unless="practitioner_age"),
    Role("practitioner_age", "age on the reference date", "age", required=False),
    Role("installation_date", f"date of installation: {_DAY}; or empty", unless="newly_installed"),
    Role("newly_installed", "true or false, 1 or 0, oui or non", required=False),
    Role("practice_commune", "INSEE code of the commune of a practice", "commune", required=False),
    Role("profession", "profession", required=False, selects=True),
    Role("practice_mode", "self-employed or not", required=False, selects=True),
    Role("end_date", f"date on which practice ended: {_DAY}; or empty", required=False),
)
ROLES = {role.name: role for role in (*PRESTATIONS, *REGISTER)}


def match_columns(
    file: str, names: Sequence[str], roles: Sequence[Role], request: Request, issues: Issues
) -> dict[str, str]:
    """Return the column of each role.

    Parameters
    ----------
    file : str
        Name of the file in a fault.
    names : sequence of str
        Its columns.
    roles : sequence of Role
        The columns that it may have.
    request : Request
        What the caller states.
    issues : Issues
        Takes the faults.

    Returns
    -------
    dict of str to str
    """
    mapped = {r.name: request.columns[r.name] for r in roles if r.name in request.columns}
    free: dict[str, list[str]] = {}
    for name in names:
        if name not in mapped.values():
            free.setdefault(name.lower(), []).append(name)
    matched = {}
    for role in roles:
        alone = [same[0] for h in role.headers if len(same := free.get(h.lower(), [])) == 1]
        if role.name in mapped or alone:
            matched[role.name] = mapped.get(role.name) or alone[0]
    visible = visible_names(names)
    # Three dots stand for columns whose names may be values.
    shown: dict[str, Any] = {"columns": (*visible, "...")[: len(names)]}
    if unknown := {role: name for role, name in mapped.items() if name not in names}:
        options = tuple(f"--column {role}={name}" for role, name in unknown.items())
        issues.fault("activity.unknown_column", table=file, options=options, **shown)
    absent = [role for role in roles if role.name not in matched and role.unless not in matched]
    missing = [role for role in absent if role.required or role.name in request.keep]
    if missing and len(visible) * 2 < len(names):
        issues.fault("activity.no_header", table=file)
    elif missing:
        shown["options"] = tuple(f"--column {role.name}=NAME" for role in missing)
        meanings = tuple(f"{role.name} ({role.meaning})" for role in missing)
        issues.fault("activity.missing_column", table=file, missing=meanings, **shown)
    for name, column in matched.items():
        if wrong := not_the_amount(name, column, names):
            issues.fault(f"activity.{AMOUNTS[name].fault}", table=file, column=column, **wrong)
    for role in roles:
        if role.selects and role.name in matched and role.name not in request.keep:
            column = matched[role.name]
            issues.fault("activity.values_not_chosen", table=file, column=column, role=role.name)
    return matched


def visible_names(names: Sequence[str]) -> list[str]:
    """Return the names that cannot be values of a row that stands in place of a header."""
    return [n for n in names if re.search(r"[^\W\d_]", n) and not re.search(r"\d{4}", n)]


def describe(matched: Mapping[str, str]) -> str:
    """Return the column of each role, for people."""
    return ", ".join(f"{role} = {name}" for role, name in matched.items())


def note_unused(
    table: str, names: Sequence[str], matched: Mapping[str, str], issues: Issues
) -> None:
    """Note the columns that have no role: their names, and never a value."""
    unused = [name for name in names if name not in matched.values()]
    shown = visible_names(unused)[:_MOST_UNUSED]
    issues.note_count("activity.columns_unused", len(unused), shown, warning=False, table=table)
