"""Practitioners and consumption from raw activity: prestations and the register.

The annexe of the arrêté (III, 3.2 and 3.3) computes supply from the acts and fees of each
practitioner at each practice (FNPS), and demand from fees by age of the patient (SNIIRAM). Both
tables come from the same rows here, read by the streaming engine, larger than memory or not.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import Fault, InputDataError, OnStep
from ...executors import Workers, open_workers
from ...inputs.imported import Imported
from ...inputs.plain_file import on_disk
from ...inputs.row_shape import RowShape
from ...inputs.tables import Stamp, stamp_of
from ...inputs.text_file import damaged
from ...methodology.model import Methodology
from ...methodology.vary import for_year
from ..common.issues import Issues
from .aggregate import Sums, aggregate
from .columns import PRESTATIONS_TABLE, Request
from .dataset import Part, cut_after_decompression, open_files
from .duplicates import check_duplicates
from .register import Register, read_register
from .tables import consumption_of, practitioners_of


def read_activity(
    prestations: Sequence[Path],
    register: Path,
    methodology: Methodology,
    *,
    columns: Mapping[str, str] | None = None,
    keep: Mapping[str, str | Sequence[str]] | None = None,
    year: int | None = None,
    vintage: int | None = None,
    executor: Executor | str | None = None,
    on_step: OnStep | None = None,
) -> Imported:
    """Make the tables practitioners and consumption from raw activity.

    Parameters
    ----------
    prestations : sequence of Path
        Files or folders (partitioned in the manner of Hive or not) of Parquet, Arrow IPC or CSV
        (plain, gz, zst). A row is one service, or several of the same kind; a negative row cancels
        what it corrects. Columns, with the name in the SNDS that is taken as well:

        - ``practitioner_id`` (``PFS_EXE_NUM``): who did the acts, coded as in the register
        - ``commune``: INSEE code of the commune of the practice
        - ``month`` (``EXE_SOI_DTD``): a date, 2022-03, 2022-03-15, 202203 or 20220315; with a
          column ``year`` (2022), 1 to 12, or nothing
        - ``age``: of the patient, in completed years, or an age band such as 30-34
        - ``acts``: number of acts, not of coefficients
        - ``fees`` (``PRS_PAI_MNT``): in EUR
        - ``profession`` (``PSE_ACT_NAT``), ``kind`` (``PRS_NAT_REF``): optional; rows are chosen
          by `keep`
    register : Path
        The practitioners, in the same formats:

        - ``practitioner_id`` (``PFS_PFS_NUM``)
        - ``birth_date``: a date, 1980-12-31, 19801231, 1980-12 or 1980; or ``age`` in completed
          years on the reference date
        - ``installation_date``, written alike, empty if unknown; or ``newly_installed``: true or
          false, 1 or 0, oui or non
        - ``commune``: optional, INSEE code of the commune of a practice
        - ``end_date``: optional, when practice ended
        - ``profession``, ``practice_mode``: optional; rows are chosen by `keep`
    methodology : Methodology
        For the reference date of ages and installations, and the width of age bands.
    columns : mapping of str to str, optional
        Role to column of the files, for names that are not those above. A role is the name above;
        but ``acts_profession`` in prestations, and ``register_id``, ``practitioner_age`` and
        ``practice_commune`` in the register.
    keep : mapping of str to str or sequence of str, optional
        For each of the roles acts_profession, kind, profession and practice_mode that the files
        have, the values of the rows that are kept, such as ``{"profession": ["26"]}``; ``"*"``
        keeps all. The rows must be those of self-employed physiotherapists alone.
    year : int, optional
        The year of the activity, of installations and of the reference date of ages; by default
        that of the methodology.
    vintage : int, optional
        Year of the geography of the communes.
    executor : concurrent.futures.Executor or str, optional
        What adds up the files, some of them at a time, see `open_workers`: it must reach them by
        the same paths. By default this process. The tables are the same bits.
    on_step : callable, optional
        Called with a few words as files are read.

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
        The files are wrong, or cannot be read; lists every fault. No fault or note holds an
        identifier or a single amount.
    """
    methodology = methodology if year is None else for_year(methodology, year)
    issues = Issues(PRESTATIONS_TABLE)
    request = _request(columns or {}, keep or {}, methodology.year, issues)
    parts, register = open_files([Path(path) for path in prestations], issues), Path(register)
    with open_workers(executor, on_step) as workers:
        beside = _Beside(parts, register, workers)
        people = _people(register, methodology, request, issues)
        sums = aggregate(parts, request, issues, workers)
        tables = _tables(sums, people, methodology, issues)
        stamps = beside.wait(issues)
    issues.raise_faults()
    recognised = (
        f"prestations of {methodology.year}: {sums.recognised}; register: {people.recognised}"
    )
    return Imported(
        "activity", tables, recognised, vintage, tuple(issues.notes), stamps, year=methodology.year
    )


def _request(
    columns: Mapping[str, str], keep: Mapping[str, str | Sequence[str]], year: int, issues: Issues
) -> Request:
    """Return what the caller states; raise its faults."""
    values = {
        role: (given,) if isinstance(given, str) else tuple(map(str, given))
        for role, given in keep.items()
    }
    request = Request(columns, values, year)
    request.check(issues)
    issues.raise_faults()
    return request


def _people(path: Path, methodology: Methodology, request: Request, issues: Issues) -> Register:
    """Read the register; raise its faults together with those of the prestations so far."""
    of_register = Issues(path.name)
    try:
        people = read_register(path, methodology, request, of_register)
    except InputDataError as error:
        raise InputDataError([*issues.faults, *error.faults]) from None
    issues.raise_faults()
    issues.notes += of_register.notes
    return people


def _tables(
    sums: Sums, people: Register, methodology: Methodology, issues: Issues
) -> dict[str, pl.DataFrame]:
    """Return both tables, with every check of the sums."""
    check_duplicates(sums.times, sums.sample, issues)
    practitioners = practitioners_of(sums, people, issues)
    bands = methodology.demand.age_band_years
    consumption = consumption_of(sums, bands, methodology.year, issues)
    return {"practitioners": practitioners, "consumption": consumption}


@dataclass(frozen=True)
class _File:
    """A file whose digest is computed; and what its rows must have, of a CSV."""

    given: Path
    shape: RowShape | None = None


def _stamp(path: Path) -> Stamp | OSError:
    try:
        return stamp_of(path)
    except OSError as error:
        return error


def _examine(_: None, file: _File) -> tuple[Stamp | OSError, Fault | None]:
    """Return the digest of a file, or why there is none; and the fault of one that is cut."""
    stamp = _stamp(file.given)
    # A damaged file is reported by its reader.
    with suppress(OSError, *damaged()):
        return stamp, cut_after_decompression(file.shape)
    return stamp, None


class _Beside:
    """Computes digests, and finds compressed files that are cut: while rows are read, or after.

    Parameters
    ----------
    parts : sequence of Part
        The files of prestations.
    register : Path
        The file of the register.
    workers : Workers
        Who does it once rows are read; in this process, a thread does it at the same time.
    """

    def __init__(self, parts: Sequence[Part], register: Path, workers: Workers) -> None:
        files = [_File(f.given, part.shape_of(f.path)) for part in parts for f in part.opened]
        files.append(_File(register))
        self._files = [file for file in files if os.path.isfile(on_disk(file.given))]
        self._workers = workers
        self._examined: list[tuple[Stamp | OSError, Fault | None]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        if workers.are_here:
            self._thread.start()

    def _run(self) -> None:
        self._examined += (_examine(None, file) for file in self._files)

    def wait(self, issues: Issues) -> tuple[Stamp, ...]:
        """Return all digests; refuse files that have gone, are cut, and copies."""
        if self._workers.are_here:
            self._thread.join()
        else:
            self._examined += self._workers.map(_examine, None, self._files, label="digests")
        issues.faults += [cut for _, cut in self._examined if cut]
        stamps = [stamp for stamp, _ in self._examined if isinstance(stamp, Stamp)]
        errors = [error for error, _ in self._examined if isinstance(error, OSError)]
        for error in errors[:1]:
            issues.fault("activity.file_gone", table=str(error.filename), reason=error.strerror)
        times = Counter(stamp.sha256 for stamp in stamps)
        if copies := tuple(stamp.name for stamp in stamps if times[stamp.sha256] > 1):
            issues.fault("activity.same_file", files=copies)
        return tuple(stamps)
