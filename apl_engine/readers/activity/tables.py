"""From sums of prestations and the register to practitioners and consumption, with every check."""

from __future__ import annotations

import polars as pl

from ...errors import INVISIBLE, first, name_characters
from ...inputs.overseas import is_overseas
from ...schemas import COMMUNE_CODE, PRACTITIONERS
from ..common.issues import Issues
from . import checks
from .aggregate import Sums
from .columns import PRESTATIONS_TABLE, REGISTER_TABLE
from .practices import PRACTICE
from .register import Register
from .values import UNITS, age_bands, band_of, quotient


def practitioners_of(sums: Sums, register: Register, issues: Issues) -> pl.DataFrame:
    """Return the table practitioners.

    Practitioners without an entry in the register, or without activity, are left out and counted;
    but newly installed ones without activity stay, at the communes that the register gives, for
    the text counts them as one ETP (annexe, III, 4.1.1).

    Parameters
    ----------
    sums : Sums
        The sums of all rows.
    register : Register
        The practitioners.
    issues : Issues
        Takes faults and notes.

    Returns
    -------
    polars.DataFrame
        See `read_activity`.
    """
    rows = sums.practices.filter(~pl.all_horizontal(pl.col("practitioner_id", "commune").is_null()))
    anonymous = rows.filter(pl.col("practitioner_id").is_null())
    checks.code_fault("activity.no_practitioner", "practitioner_id", anonymous, sums, issues)
    rows = _with_visible_codes(rows, sums, issues)
    registered = _registered(rows, register, issues)
    practices = _net(_with_valid_codes(registered, sums, issues), issues)
    people = register.people.select("practitioner_id", "age", "newly_installed", "row")
    inactive = people.join(practices, on="practitioner_id", how="anti")
    new = _new_without_activity(inactive, register, issues)
    columns = ["practitioner_id", "commune", *UNITS]
    table = pl.concat([practices.select(columns), new.select(columns)])
    table = _without_overseas(table, issues)
    table = table.join(people, on="practitioner_id")
    low, high = PRACTITIONERS["age"].low, PRACTITIONERS["age"].high
    odd = table.filter(~pl.col("age").is_between(low, high))["row"].unique().sort()
    if len(odd):
        code, table_name = "activity.age_out_of_range", REGISTER_TABLE
        issues.fault(code, table=table_name, count=len(odd), rows=odd, low=low, high=high)
    amounts = (quotient(table[role], role) for role in UNITS)
    table = table.select("practitioner_id", "commune", "age", *amounts, "newly_installed")
    return table.sort("practitioner_id", "commune")


def _with_visible_codes(rows: pl.DataFrame, sums: Sums, issues: Issues) -> pl.DataFrame:
    """Refuse identifiers and codes that look like others, but are not the same."""
    for role in PRACTICE:
        hidden = rows[role].cast(pl.String).str.contains(INVISIBLE).fill_null(value=False)
        if hidden.any():
            wrong = rows.filter(hidden)
            characters = name_characters(wrong[role])
            code = "activity.invisible_characters"
            checks.code_fault(code, role, wrong, sums, issues, characters=characters)
            rows = rows.filter(~hidden)
    return rows


def _without_overseas(practices: pl.DataFrame, issues: Issues) -> pl.DataFrame:
    """Leave out practices in overseas collectivities, which the zoning does not cover."""
    overseas = is_overseas(pl.col("commune"))
    count, acts = practices.filter(overseas).select(pl.len(), pl.col("acts").sum()).row(0)
    issues.note_count("activity.overseas_practices", count, acts=acts // UNITS["acts"])
    return practices.filter(~overseas)


def _registered(rows: pl.DataFrame, register: Register, issues: Issues) -> pl.DataFrame:
    """Leave out practitioners who are not in the register."""
    registered = rows.join(register.people, on="practitioner_id", how="semi")
    others = rows.join(register.people, on="practitioner_id", how="anti")
    others = others.filter(pl.col("practitioner_id").is_not_null())
    count = others["practitioner_id"].n_unique()
    if registered.is_empty() and count:
        issues.fault("activity.nobody_in_register")
        return registered
    acts, share = checks.total(others["acts"]) // UNITS["acts"], checks.share_of_fees(others, rows)
    issues.note_count("activity.not_in_register", count, acts=acts, share=share)
    return registered


def _with_valid_codes(rows: pl.DataFrame, sums: Sums | None, issues: Issues) -> pl.DataFrame:
    """Repair codes of communes if that is certain, and add up what becomes one practice.

    Without `sums` rows are of the register.
    """
    code = pl.col("commune").str.to_uppercase().str.replace(r"^(\d{4})$", "0$1")
    cleaned = rows.with_columns(code=code)
    wrong = cleaned.filter(~pl.col("code").str.contains(COMMUNE_CODE).fill_null(False))
    empty, other = wrong.filter(code.is_null()), wrong.filter(code.is_not_null())
    checks.code_fault("activity.no_commune", "commune", empty, sums, issues)
    checks.code_fault("activity.not_a_commune", "commune", other, sums, issues)
    repaired = cleaned.filter((pl.col("code") != pl.col("commune")).fill_null(False))
    codes = repaired["commune"].unique().sort()
    table = PRESTATIONS_TABLE if sums else REGISTER_TABLE
    issues.note_count("activity.codes_repaired", len(codes), first(codes), table=table)
    practices = cleaned.with_columns(commune="code").group_by("practitioner_id", "commune")
    return practices.agg(pl.col(*UNITS).sum())


def _net(practices: pl.DataFrame, issues: Issues) -> pl.DataFrame:
    """Set what regularisations leave below 0 to 0, and leave out practices without anything."""
    negative = practices.filter((pl.col("acts") < 0) | (pl.col("fees") < 0)).height
    issues.note_count("activity.negative_practices", negative)
    practices = practices.with_columns(pl.col(*UNITS).clip(lower_bound=0))
    active = practices.filter((pl.col("acts") != 0) | (pl.col("fees") != 0))
    issues.note_count("activity.empty_practices", practices.height - active.height, warning=False)
    return active


def _new_without_activity(
    inactive: pl.DataFrame, register: Register, issues: Issues
) -> pl.DataFrame:
    """Return the practices of newly installed practitioners who have no activity yet."""
    new = inactive.filter("newly_installed")
    practices = register.practices.join(new, on="practitioner_id", how="semi")
    count = practices["practitioner_id"].n_unique()
    none = pl.lit(0, pl.Int64)
    practices = practices.with_columns(rows=none + 1, acts=none, fees=none)
    practices = _with_valid_codes(practices, None, issues)
    issues.note_count("activity.new_without_activity", count, warning=False)
    issues.note_count("activity.new_without_commune", new.height - count)
    issues.note_count("activity.without_activity", inactive.height - new.height, warning=False)
    return practices


def consumption_of(sums: Sums, years: int, year: int, issues: Issues) -> pl.DataFrame:
    """Return the table consumption, and check every count of the rows.

    Parameters
    ----------
    sums : Sums
        The sums of all rows.
    years : int
        Width of an age band, in years.
    year : int
        The year of activity.
    issues : Issues
        Takes faults and notes.

    Returns
    -------
    polars.DataFrame
        See `read_activity`.
    """
    times = checks.rows_of_year(sums, year, issues)
    checks.check_amounts(times, sums, issues)
    checks.check_months(times, year, issues)
    bands = age_bands(years)
    ages = times["age"].drop_nulls().unique()
    read = pl.Series("age_band", [band_of(age, bands) for age in ages], dtype=pl.String)
    banded = times.join(pl.DataFrame([ages, read]), on="age", how="left")
    by_band = banded.group_by("age_band").agg(pl.col("rows", "fees").sum())
    _check_bands(by_band, issues)
    order = pl.DataFrame({"age_band": [str(band) for band in bands]})
    table = order.join(by_band, on="age_band", how="left", maintain_order="left")
    if not by_band.is_empty():
        empty = table.filter(pl.col("fees").is_null())["age_band"]
        issues.note_count("activity.empty_bands", len(empty), first(empty))
    return table.select("age_band", quotient(table["fees"].fill_null(0), "fees"))


def _check_bands(by_band: pl.DataFrame, issues: Issues) -> None:
    unknown = by_band.filter(pl.col("age_band").is_null())
    count = checks.total(unknown["rows"])
    issues.note_count("activity.unknown_ages", count, share=checks.share_of_fees(unknown, by_band))
    known = by_band.filter(pl.col("age_band").is_not_null())
    if count and known.is_empty():
        issues.fault("activity.no_age", column="age", count=count)
    negative = known.filter(pl.col("fees") < 0)["age_band"].sort()
    if len(negative):
        issues.fault("activity.negative_band", column="fees", bands=tuple(negative))
