"""What the rows of prestations must be: months, amounts, kinds of acts; and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import Fault
from ...inputs.cross_checks import LEAST_PER_ACT, MOST_PER_ACT
from ...notes import Note, first
from .aggregate import MOST_ACTS, MOST_FEES, Sums
from .columns import how
from .dataset import LONGER, LONGER_HINT
from .expressions import Look
from .professions import foreign_acts
from .values import ACT_UNITS, CENTS

_EXAMPLES = 3
_FILE = "prestations"
# Files that have the same fault are named up to this number.
_MOST_FILES = 5
# A mean of fewer rows says little.
_ENOUGH_ROWS = 100


@dataclass
class Found:
    """What was found on the way: notes, and faults to raise together."""

    notes: list[Note]
    faults: list[Fault]

    def note(self, code: str, text: str, count: int, *, warning: bool = True) -> None:
        """Add a note, if it is about anything; its text says the count."""
        if count:
            self.notes.append(Note(code, count, warning=warning, details={"text": text}))

    def fault(self, problem: str, count: int, hint: str, column: str | None = None) -> None:
        """Add a fault of the prestations, if it is about any row."""
        if count:
            self.faults.append(
                Fault(
                    code="legacy.fault",
                    table=_FILE,
                    column=column,
                    count=count,
                    details={"problem": problem, "hint": hint},
                )
            )

    def in_files(
        self, problem: str, hint: str, role: str, count: int, sums: Sums | None,
        values: pl.Series | None = None,
    ) -> None:  # fmt: skip
        """Add a fault, if it is about any row, with the first file and rows that have it.

        Parameters
        ----------
        problem, hint : what is wrong, what to do.
        role : of the column.
        count : of rows.
        sums : how files are read; None for the register.
        values : what stands there; without, nothing does.
        """
        if not count:
            return
        for look in _looks(sums) if sums else []:
            wrong = look.holds(role, values) if values is not None else look.wrong(role)
            if there := look.part.find(wrong):
                column = look.roles[role]
                fault = Fault(
                    code="legacy.fault",
                    table=there[0].name,
                    column=column,
                    count=count,
                    rows=there[1],
                    details={"problem": problem, "hint": hint},
                )
                self.faults.append(fault)
                return
        self.faults.append(
            Fault(
                code="legacy.fault",
                table=_FILE if sums else "register",
                column=role,
                count=count,
                details={"problem": problem, "hint": hint},
            )
        )


def total(counts: pl.Series) -> int:
    """Return the sum of counts."""
    return int(counts.sum())


def thousands(value: int) -> str:
    """Write a number with spaces between thousands."""
    return f"{value:,.0f}".replace(",", " ")


def share_of(part: pl.DataFrame, whole: pl.DataFrame) -> str:
    """Write the share of fees."""
    fees = total(whole["cents"])
    share = 100 * total(part["cents"]) / fees if fees else 0.0
    return f"{share:.3g} %"


def of_the_year(sums: Sums, year: int, found: Found) -> pl.DataFrame:
    """Return the counts of the rows of the year, and tell the others.

    Parameters
    ----------
    sums : what was read.
    year : of the activity.
    found : takes faults and notes.

    Returns
    -------
    pl.DataFrame
        Rows of ``sums.times``.
    """
    times = sums.times
    unreadable = times.filter(pl.col("told").is_null())
    problem = "months that are empty, cannot be read, or are written unlike the first"
    hint = f"Write all alike: 202203, 2022-03, 03/2022 or dates. {how('month')}"
    for file, rows in _by_file(unreadable):
        look, values = sums.looks[file], rows["written"].unique().sort()
        role = "month" if "month" in look.roles else "year"
        there = look.part.find(look.is_written(role, values), [Path(file)])
        shown = first(values.drop_nulls(), _EXAMPLES)
        place = there[1] if there else ()
        found.faults.append(
            Fault(code="legacy.fault", table=Path(file).name, column=look.roles[role], count=total(rows["rows"]), rows=place, values=shown, details={"problem": problem, "hint": hint})
        )  # fmt: skip
    outside = times.filter(pl.col("told") != year)
    inside = times.filter(pl.col("told") == year)
    if inside.is_empty() and unreadable.is_empty():
        there_are = ", ".join(map(str, outside["told"].unique().sort().head(_EXAMPLES)))
        words = f": years are {there_are}" if there_are else "; there is none"
        hint = "Give the year of the activity." if there_are else "Export it again."
        found.faults.append(
            Fault(
                code="legacy.fault",
                table=_FILE,
                details={"problem": f"no row is of {year}{words}", "hint": hint},
            )
        )
        return inside
    count = total(outside["rows"])
    text = f"{thousands(count)} rows of other years than {year} are left out"
    found.note("other_years", text, count, warning=False)
    return inside


def check_amounts(times: pl.DataFrame, sums: Sums, found: Found) -> None:
    """Check acts and fees: that they are numbers, and of the units that are expected.

    Parameters
    ----------
    times : counts of the rows of the year.
    sums : what was read.
    found : takes faults and notes.
    """
    counts = times.with_columns(
        acts=pl.col("rows") - pl.col("acts_read"), fees=pl.col("rows") - pl.col("fees_read")
    )
    hint = "Write digits with a point; a comma only in files with semicolons."
    for role, problem, advice in (
        ("longer", LONGER, LONGER_HINT),
        ("acts", "no value, or no number", hint),
        ("fees", "no value, or no number", hint.replace("digits", "EUR")),
    ):
        for file, rows in _by_file(counts.filter(pl.col(role) > 0)):
            look = sums.looks[file]
            files = pl.Series([file])
            count = total(rows[role])
            found.faults.append(look.fault(problem, advice, role, look.wrong(role), files, count))
    for role, words, most in (
        ("acts", "4 decimals", f"{thousands(MOST_ACTS)} acts"),
        ("fees", "2 decimals", f"{thousands(MOST_FEES)} EUR"),
    ):
        rounded, large = total(times[f"{role}_rounded"]), total(times[f"{role}_large"])
        text = f"{thousands(rounded)} rows have {role} of more than {words}: rounded one by one"
        found.note(f"{role}_rounded", text, rounded)
        text = f"{thousands(large)} rows have {role} of more than {most} each: are they single?"
        found.note(f"{role}_large", text, large)
    _check_mean(times, found)


def _check_mean(times: pl.DataFrame, found: Found) -> None:
    """Refuse fees that are no euros for the acts they stand beside."""
    acts, fees = total(times["units"]) / ACT_UNITS, total(times["cents"]) / CENTS
    mean = fees / acts if acts else LEAST_PER_ACT
    if found.faults or LEAST_PER_ACT <= mean <= MOST_PER_ACT:
        return
    problem = f"fees are {mean:.4g} EUR an act on average, not {LEAST_PER_ACT:g} to "
    problem += f"{MOST_PER_ACT:g}"
    if total(times["rows"]) < _ENOUGH_ROWS:
        text = f"prestations: {problem}"
        found.notes.append(Note("fees_per_act", times.height, warning=True, details={"text": text}))
        return
    hint = "Are they in euros, not cents or thousands? Are the columns of acts and fees swapped?"
    found.faults.append(
        Fault(
            code="legacy.fault",
            table=_FILE,
            details={"problem": problem, "hint": f"{hint} {how('fees')}"},
        )
    )


def check_months(times: pl.DataFrame, year: int, found: Found) -> None:
    """Warn of months of the year without a row, where rows tell months."""
    there = set(times["month"].drop_nulls())
    missing = [month for month in range(1, 13) if month not in there]
    if there and missing:
        text = f"prestations: months of {year} without a row, so that acts and fees lack"
        shown = tuple(f"{year}-{month:02d}" for month in missing)
        found.notes.append(
            Note("months_missing", len(missing), shown, warning=True, details={"text": text})
        )


def check_kinds(times: pl.DataFrame, found: Found) -> None:
    """Warn of acts of other kinds than those of masso-kinésithérapie."""
    if times["kind"].null_count() == times.height:
        return
    others = times.filter(foreign_acts(times["kind"]))
    count = total(others["rows"])
    text = (
        f"prestations: {thousands(count)} rows with {share_of(others, times)} of all fees are of "
        "kinds of acts that are not known as masso-kinésithérapie (AMK, AMC, AMS), and counted: "
    )
    kinds = first(others["kind"].drop_nulls().unique().sort().str.head(24))
    found.note("other_acts", text + ", ".join(kinds), count)


def _by_file(times: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Return the rows of each file, of the first few."""
    parts = times.sort("file").partition_by("file", maintain_order=True)
    return [(part["file"][0], part) for part in parts[:_MOST_FILES]]


def _looks(sums: Sums) -> list[Look]:
    return list({id(look): look for look in sums.looks.values()}.values())
