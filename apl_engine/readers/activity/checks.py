"""Checks of the counts of rows: months, amounts, fees per act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from ...errors import first
from ...inputs.cross_checks import LEAST_PER_ACT, MOST_PER_ACT, MOST_PER_COEFFICIENT
from ...inputs.tables import EXAMPLES
from ..common.issues import Issues
from .aggregate import Sums
from .columns import PRESTATIONS_TABLE, REGISTER_TABLE
from .expressions import MOST
from .values import UNITS, filled

# A fault of several files is reported for so many.
_MOST_FILES = 5
# A mean of fewer rows means little.
_ENOUGH_ROWS = 100


def total(counts: pl.Series) -> int:
    """Return the sum of counts."""
    return int(counts.sum())


def share_of_fees(part: pl.DataFrame, whole: pl.DataFrame) -> float:
    """Return the share of fees, in percent."""
    fees = total(whole["fees"])
    return 100 * total(part["fees"]) / fees if fees else 0.0


def code_fault(
    code: str, role: str, rows: pl.DataFrame, sums: Sums | None, issues: Issues, **details: Any
) -> None:
    """Add a fault of rows with a wrong code, with the first file and rows that have it.

    Parameters
    ----------
    code : str
        Of the fault.
    role : str
        Of the column, which `rows` has as well.
    rows : polars.DataFrame
        Sums of the wrong rows. Their codes are not shown: with the row they are private.
    sums : Sums or None
        How files are read; None if rows are of the register.
    issues : Issues
        Takes the fault.
    **details
        Of the fault.
    """
    count = total(rows["rows"])
    if not count:
        return
    codes = rows[role].unique().implode()
    for reader in sums.readers if sums else ():
        wrong = filled(reader[role].code).is_in(codes, nulls_equal=True)
        if hit := reader.part.find(reader.used & wrong):
            column = reader.roles[role]
            name = hit[0].name
            issues.fault(code, table=name, column=column, count=count, rows=hit[1], **details)
            return
    name = PRESTATIONS_TABLE if sums else REGISTER_TABLE
    issues.fault(code, table=name, column=role, count=count, **details)


def rows_of_year(sums: Sums, year: int, issues: Issues) -> pl.DataFrame:
    """Return the counts of the rows of the year; refuse unreadable months, note other years.

    Parameters
    ----------
    sums : Sums
        The sums of all rows.
    year : int
        The year of activity.
    issues : Issues
        Takes faults and notes.

    Returns
    -------
    polars.DataFrame
        Rows of ``sums.times``.
    """
    unreadable = sums.times.filter(pl.col("year").is_null())
    for file, rows in _by_file(unreadable):
        reader, written = sums.reader_of(file), rows["written"].unique().sort()
        role = "month" if "month" in reader.roles else "year"
        key = reader.period[role].cast(pl.String)
        wrong = key.is_in(written.implode(), nulls_equal=True)
        facts = {"count": total(rows["rows"]), "values": first(written.drop_nulls(), EXAMPLES)}
        reader.fault("activity.unreadable_month", role, wrong, [file], issues, **facts)
    inside = sums.times.filter(pl.col("year") == year)
    others = sums.times.filter(pl.col("year") != year)
    if inside.is_empty() and unreadable.is_empty():
        years = tuple(others["year"].unique().sort().head(EXAMPLES))
        issues.fault("activity.no_row_of_year", year=year, years=years)
    elif not inside.is_empty():
        issues.note_count("activity.other_years", total(others["rows"]), warning=False, year=year)
    return inside


def check_amounts(times: pl.DataFrame, sums: Sums, issues: Issues) -> None:
    """Check that acts and fees are numbers, of the units that are expected.

    Parameters
    ----------
    times : polars.DataFrame
        Counts of the rows of the year.
    sums : Sums
        The sums of all rows.
    issues : Issues
        Takes faults and notes.
    """
    before = len(issues.faults)
    for column, code, role in (
        ("too_long", "activity.row_too_long", ""),
        ("acts_unread", "activity.not_a_number", "acts"),
        ("fees_unread", "activity.not_a_number", "fees"),
    ):
        for file, rows in _by_file(times.filter(pl.col(column) > 0)):
            reader = sums.reader_of(file)
            wrong = reader.used & reader.tests[column]
            reader.fault(code, role, wrong, [file], issues, count=total(rows[column]))
    for role in UNITS:
        _check_marks(role, sums, issues)
    for role, decimals in (("acts", 4), ("fees", 2)):
        rounded, large = total(times[f"{role}_rounded"]), total(times[f"{role}_large"])
        issues.note_count("activity.amounts_rounded", rounded, column=role, decimals=decimals)
        issues.note_count("activity.amounts_large", large, column=role, most=MOST[role])
    if len(issues.faults) == before:
        _check_mean(times, issues)


def _check_marks(role: str, sums: Sums, issues: Issues) -> None:
    """Refuse marks that may group thousands: 1,234 beside whole numbers, and none such as 1,2."""
    for reader in sums.readers:
        times = sums.times.filter(pl.col("file").is_in([str(path) for path in reader.part.files]))
        marked, grouped = total(times[f"{role}_marked"]), total(times[f"{role}_grouped"])
        if 0 < marked == grouped and marked < total(times["rows"] - times[f"{role}_unread"]):
            files = times.filter(pl.col(f"{role}_marked") > 0)["file"].unique().sort().to_list()
            wrong, code = reader.tests[f"{role}_marked"], "activity.ambiguous_marks"
            reader.fault(code, role, wrong, files, issues, count=marked)


def _check_mean(times: pl.DataFrame, issues: Issues) -> None:
    """Refuse fees that are not euros for the acts beside them."""
    acts, fees = (total(times[role]) / unit for role, unit in UNITS.items())
    mean = fees / acts if acts else LEAST_PER_ACT
    coefficients = bool(acts) and LEAST_PER_ACT <= mean < MOST_PER_COEFFICIENT
    if LEAST_PER_ACT <= mean <= MOST_PER_ACT and not coefficients:
        return
    facts: dict[str, Any] = {"mean": mean, "least": LEAST_PER_ACT, "most": MOST_PER_ACT}
    if (rows := total(times["rows"])) < _ENOUGH_ROWS:
        issues.note_count("activity.unlikely_fees", rows, **facts)
    elif coefficients:
        issues.fault("activity.coefficients", column="acts", mean=mean)
    else:
        issues.fault("activity.fees_per_act", **facts)


def check_months(times: pl.DataFrame, year: int, issues: Issues) -> None:
    """Warn of months of the year without a row, if rows have months."""
    present = set(times["month"].drop_nulls())
    missing = [f"{year}-{month:02d}" for month in range(1, 13) if month not in present]
    if present:
        issues.note_count("activity.months_missing", len(missing), missing, year=year)


def _by_file(times: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the rows of each of the first few files that have any."""
    for part in times.sort("file").partition_by("file", maintain_order=True)[:_MOST_FILES]:
        yield part["file"][0], part
