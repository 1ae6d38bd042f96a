"""From sums of prestations and the register to practitioners and consumption, with every check."""

from __future__ import annotations

import polars as pl

from ...errors import Fault
from ...notes import Note, first
from ...schemas import COMMUNE_CODE, PRACTITIONERS
from .aggregate import Sums
from .checks import (
    Found,
    check_amounts,
    check_kinds,
    check_months,
    of_the_year,
    share_of,
    thousands,
    total,
)
from .columns import how
from .register import Register
from .values import ACT_UNITS, CENTS, band_of, bands_of, quotient

_EXAMPLES = 3
_FILE = "prestations"


def practitioners_of(sums: Sums, register: Register, found: Found) -> pl.DataFrame:
    """Return the table practitioners.

    Practitioners without an entry in the register, or without activity, are left out and counted;
    but newly installed ones without activity are kept at the communes that the register gives, for
    the text counts them as one ETP (annexe, III, 4.1.1).

    Parameters
    ----------
    sums, register : what was read.
    found : takes faults and notes.

    Returns
    -------
    pl.DataFrame
        See `read_activity`.
    """
    rows = sums.practices.filter(~pl.all_horizontal(pl.col("practitioner_id", "commune").is_null()))
    nobody = total(rows.filter(pl.col("practitioner_id").is_null())["rows"])
    hint = "Fill them in, or leave them out."
    found.in_files("rows without a practitioner", hint, "practitioner_id", nobody, sums)
    known = _known(rows, register, found)
    practices = _net(_with_codes(known, sums, found), found)
    people = register.people.select("practitioner_id", "age", "newly_installed", "row")
    idle = people.join(practices, on="practitioner_id", how="anti")
    new = _new_without_activity(idle, register, found)
    columns = ["practitioner_id", "commune", "acts", "cents"]
    table = pl.concat([practices.select(columns), new.select(columns)]).join(
        people, on="practitioner_id"
    )
    _check_ages(table, found)
    return table.select(
        "practitioner_id",
        "commune",
        "age",
        quotient(table["acts"], ACT_UNITS),
        quotient(table["cents"], CENTS).alias("fees"),
        "newly_installed",
    ).sort("practitioner_id", "commune")


def _known(rows: pl.DataFrame, register: Register, found: Found) -> pl.DataFrame:
    """Leave out practitioners who are not in the register."""
    known = rows.join(register.people, on="practitioner_id", how="semi")
    others = rows.join(register.people, on="practitioner_id", how="anti")
    others = others.filter(pl.col("practitioner_id").is_not_null())
    number = others["practitioner_id"].n_unique()
    if known.is_empty() and number:
        hint = "Are both of one coding (first zeros, anonymisation)? " + how("register_id")
        found.faults.append(
            Fault(
                code="legacy.fault",
                table=_FILE,
                details={"problem": "no practitioner is in the register", "hint": hint},
            )
        )
        return known
    text = (
        f"{number} practitioners of the prestations are not in the register: left out with "
        f"{thousands(total(others['acts']) // ACT_UNITS)} acts and {share_of(others, rows)} of all "
        "fees; what their patients consumed stays in consumption"
    )
    found.note("not_in_register", text, number)
    return known


def _with_codes(rows: pl.DataFrame, sums: Sums | None, found: Found) -> pl.DataFrame:
    """Repair codes of communes where that is certain, and add up what becomes one practice.

    Without `sums` rows are of the register. Codes that are none are not shown: with the row they
    would tell where somebody practises.
    """
    file = _FILE if sums else "register"
    cleaned = rows.with_columns(
        code=pl.col("commune").str.to_uppercase().str.replace(r"^(\d{4})$", "0$1")
    )
    wrong = cleaned.filter(~pl.col("code").str.contains(COMMUNE_CODE).fill_null(False))
    hint = "Write codes of five characters, such as 01001 or 2A004."
    for problem, part in (
        ("no commune of the practice", wrong.filter(pl.col("code").is_null())),
        ("not a code of a commune", wrong.filter(pl.col("code").is_not_null())),
    ):
        values = part["commune"].unique()
        found.in_files(problem, hint, "commune", total(part["rows"]), sums, values)
    repaired = cleaned.filter((pl.col("code") != pl.col("commune")).fill_null(False))
    if not repaired.is_empty():
        codes = repaired["commune"].unique().sort()
        text = f"{file}: codes of communes repaired (first zero, capitals)"
        found.notes.append(
            Note("codes_repaired", len(codes), first(codes), warning=True, details={"text": text})
        )
    return (
        cleaned.with_columns(commune="code")
        .group_by("practitioner_id", "commune")
        .agg(pl.col("acts", "cents").sum())
    )


def _net(practices: pl.DataFrame, found: Found) -> pl.DataFrame:
    """Set what regularisations leave below 0 to 0, and leave out practices without anything."""
    negative = practices.filter((pl.col("acts") < 0) | (pl.col("cents") < 0)).height
    text = f"{negative} practices whose acts or fees are negative on balance: set to 0"
    found.note("negative_practices", text, negative)
    practices = practices.with_columns(pl.col("acts", "cents").clip(lower_bound=0))
    kept = practices.filter((pl.col("acts") != 0) | (pl.col("cents") != 0))
    empty = practices.height - kept.height
    text = f"{empty} practices with 0 acts and 0 fees on balance are left out"
    found.note("empty_practices", text, empty, warning=False)
    return kept


def _new_without_activity(idle: pl.DataFrame, register: Register, found: Found) -> pl.DataFrame:
    """Return the practices of newly installed practitioners who have no activity yet."""
    new = idle.filter("newly_installed")
    places = register.practices.join(new, on="practitioner_id", how="semi")
    number = places["practitioner_id"].n_unique()
    nothing = pl.lit(0, pl.Int64)
    placed = _with_codes(
        places.with_columns(rows=nothing + 1, acts=nothing, cents=nothing), None, found
    )
    text = f"{number} newly installed practitioners without activity are kept, with 0 acts"
    found.note("new_without_activity", text, number, warning=False)
    lost = new.height - number
    text = f"{lost} newly installed practitioners without activity or commune are left out"
    found.note("new_without_commune", text, lost)
    others = idle.height - new.height
    text = f"{others} practitioners of the register have no activity in the year: left out"
    found.note("without_activity", text, others, warning=False)
    return placed


def _check_ages(table: pl.DataFrame, found: Found) -> None:
    low, high = PRACTITIONERS["age"].low, PRACTITIONERS["age"].high
    rows = table.filter(~pl.col("age").is_between(low, high))["row"].unique().sort()
    if len(rows):
        problem = f"ages on the reference date outside {low:g} to {high:g}"
        hint = "Check births, and etp.age_reference_date of the methodology."
        numbers = tuple(rows.head(_EXAMPLES))
        found.faults.append(
            Fault(
                code="legacy.fault",
                table="register",
                column=None,
                count=len(rows),
                rows=numbers,
                details={"problem": problem, "hint": hint},
            )
        )


def consumption_of(sums: Sums, years: int, year: int, found: Found) -> pl.DataFrame:
    """Return the table consumption, and check every count of the rows.

    Parameters
    ----------
    sums : what was read.
    years : width of an age band.
    year : the year of activity.
    found : takes faults and notes.

    Returns
    -------
    pl.DataFrame
        See `read_activity`.
    """
    times = of_the_year(sums, year, found)
    check_amounts(times, sums, found)
    check_months(times, year, found)
    check_kinds(times, found)
    bands = bands_of(years)
    ages = times["age"].drop_nulls().unique()
    read = pl.DataFrame(
        {"age": ages, "age_band": [band_of(age, bands) for age in ages]},
        schema={"age": pl.String, "age_band": pl.String},
    )
    by_band = (
        times.join(read, on="age", how="left")
        .group_by("age_band")
        .agg(pl.col("rows", "cents").sum())
    )
    _check_bands(by_band, found)
    order = pl.DataFrame({"age_band": [str(band) for band in bands]})
    table = order.join(by_band, on="age_band", how="left", maintain_order="left")
    empty = table.filter(pl.col("cents").is_null())["age_band"]
    if len(empty) and not by_band.is_empty():
        text = "age bands without a row: their fees are 0"
        found.notes.append(
            Note("empty_bands", len(empty), first(empty), warning=True, details={"text": text})
        )
    return table.select("age_band", quotient(table["cents"].fill_null(0), CENTS).alias("fees"))


def _check_bands(by_band: pl.DataFrame, found: Found) -> None:
    unknown = by_band.filter(pl.col("age_band").is_null())
    count = total(unknown["rows"])
    text = (
        f"{thousands(count)} rows with an unknown age of the patient: {share_of(unknown, by_band)} "
        "of all fees stand in no age band"
    )
    found.note("unknown_ages", text, count)
    told = by_band.filter(pl.col("age_band").is_not_null())
    if count and told.is_empty():
        hint = f"Ages are completed years, or age bands. {how('age')}"
        found.fault("no age of a patient can be read", count, hint, "age")
    negative = told.filter(pl.col("cents") < 0)["age_band"].sort()
    if len(negative):
        problem = f"age bands whose fees are negative on balance: {', '.join(negative)}"
        hint = "Are the acts that regularisations cancel there too?"
        found.faults.append(
            Fault(
                code="legacy.fault",
                table=_FILE,
                column="fees",
                details={"problem": problem, "hint": hint},
            )
        )
