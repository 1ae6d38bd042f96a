"""Practitioners and consumption from raw activity: prestations and the register.

The annexe of the arrêté (III, 3.2 and 3.3) computes supply from the acts and fees of each
practitioner at each practice (FNPS), and demand from fees by age of the patient (SNIIRAM). Both
tables come from the same rows here, read once by the streaming engine, larger than memory or not.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ...errors import Fault, InputDataError
from ...inputs.tables import Stamp, stamp_of
from ...methodology.model import Methodology
from ...notes import Note
from ..common.imported import Imported
from .aggregate import Sums, sum_up
from .checks import Found
from .columns import PRESTATIONS, REGISTER, unknown_roles
from .dataset import open_files
from .duplicates import find_repeats
from .register import Register, read_register
from .tables import consumption_of, practitioners_of


def read_activity(
    prestations: Sequence[Path],
    register: Path,
    rules: Methodology,
    *,
    columns: Mapping[str, str] | None = None,
    year: int | None = None,
    vintage: int | None = None,
) -> Imported:
    """Make the tables practitioners and consumption from raw activity.

    Parameters
    ----------
    prestations : files or folders (partitioned in the manner of Hive or not) of Parquet, Arrow IPC
        or CSV (plain, gz, zst): a row is one service, or several of the same kind.
    register : the practitioners: Parquet, Arrow IPC or CSV.
    rules : for the reference date of ages and installations, and the width of age bands.
    columns : which column plays which role, where its name does not tell: practitioner_id,
        commune, month, year, age, acts, fees, acts_profession, kind of prestations; register_id,
        birth_date, practitioner_age, installation_date, newly_installed, practice_commune,
        profession, practice_mode, end_date of the register.
    year : the year of activity; by default that of the reference date.
    vintage : year of the geography of the communes, where known.

    Returns
    -------
    Imported
        Of kind ``activity``. ``practitioners``: practitioner_id, commune (String), age (Int64),
        acts, fees (Float64, EUR), newly_installed (Boolean), sorted by the first two.
        ``consumption``: age_band (String), fees (Float64, EUR), every band from 0. Fees are exact
        to the cent, acts to a ten-thousandth.

    Raises
    ------
    InputDataError
        Every fault of every file. No fault or note holds an identifier or a single amount.
    """
    given = dict(columns or {})
    _refuse(unknown_roles(given))
    activity_year = year or rules.etp.age_reference_date.year
    parts, faults, notes = open_files([Path(path) for path in prestations])
    stamping = _Stamping([*(path for part in parts for path in part.files), Path(register)])
    people = read_register(Path(register), rules, _of(REGISTER, given))
    if isinstance(people, list):
        faults += people
    else:
        faults += people.faults
    _refuse(faults)
    assert isinstance(people, Register)
    sums = sum_up(parts, _of(PRESTATIONS, given), activity_year)
    if isinstance(sums, list):
        raise InputDataError(sums)
    found = Found([*notes, *people.notes, *sums.notes], sums.faults)
    if activity_year != rules.etp.age_reference_date.year:
        text = (
            f"activity is of {activity_year}, ages and installations of "
            f"{rules.etp.age_reference_date.year}, the year of the reference date"
        )
        found.notes.append(Note("years_differ", warning=True, details={"text": text}))
    tables = _tables(sums, people, rules, activity_year, found)
    stamps = stamping.done()
    recognised = f"prestations of {activity_year}: {sums.recognised}; register: {people.recognised}"
    return Imported("activity", tables, recognised, vintage, tuple(found.notes), stamps)


def _tables(
    sums: Sums, people: Register, rules: Methodology, year: int, found: Found
) -> dict[str, pl.DataFrame]:
    repeats = find_repeats(sums.times, sums.sample)
    found.faults += repeats.faults
    found.notes += repeats.notes
    practitioners = practitioners_of(sums, people, found)
    consumption = consumption_of(sums, rules.demand.age_band_years, year, found)
    _refuse(found.faults)
    return {"practitioners": practitioners, "consumption": consumption}


def _of(roles: Sequence[object], given: Mapping[str, str]) -> dict[str, str]:
    names = {getattr(role, "name", "") for role in roles}
    return {role: column for role, column in given.items() if role in names}


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise InputDataError(faults)


class _Stamping:
    """Takes the digests of files while they are read."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = [path for path in files if path.is_file()]
        self._stamps: list[Stamp] = []
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._stamps += map(stamp_of, self._files)
        except OSError as error:
            self._error = error

    def done(self) -> tuple[Stamp, ...]:
        """Wait for the last of them."""
        self._thread.join()
        if self._error is not None:
            problem = f"cannot be read to its end ({self._error.strerror})"
            hint = "Leave the files alone while they are read."
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table=str(self._error.filename),
                        details={"problem": problem, "hint": hint},
                    )
                ]
            )
        digests = [stamp.sha256 for stamp in self._stamps]
        copies = [s.name for s in self._stamps if digests.count(s.sha256) > 1]
        if copies:
            problem = f"the same file stands there several times: {', '.join(copies[:4])}"
            hint = "Its acts would count as often. Keep one."
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="prestations",
                        details={"problem": problem, "hint": hint},
                    )
                ]
            )
        return tuple(self._stamps)
