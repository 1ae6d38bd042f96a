"""The input tables against each other: what no table shows alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl

from ..columns import numbers, row_numbers
from ..errors import Fault, Note, first
from ..methodology.model import Methodology
from ..schemas import PRACTITIONERS, WHOLE_CITIES, AgeBand, parse_age_band
from .tables import rows_fault, table_fault
from .travel_times import Limit, check_times

# A mean of fees per act outside these bounds, in EUR, is in another unit.
LEAST_PER_ACT, MOST_PER_ACT = 2.0, 200.0
# The key letters AMK, AMS and AMC are 2.15 to 2.21 EUR, somewhat more overseas, and an act has
# several: fees of so little per act are those of a coefficient.
MOST_PER_COEFFICIENT = 3.0
# Censuses a few years apart differ by less than the first in a region; a lost thousands separator
# changes a total by far more than the second; and the third is more than a commune grows while its
# boundaries stay.
_DRIFT, _ANOTHER_UNIT, _DOUBLE = 0.05, 100.0, 2.0
# Smaller communes may well double.
_LARGE_ENOUGH = 500


def check_relations(
    frames: Mapping[str, pl.DataFrame], methodology: Methodology
) -> tuple[list[Fault], list[Note]]:
    """Check the tables against each other.

    Parameters
    ----------
    frames : mapping of str to pl.DataFrame
        The tables that have no fault of their own, by name.
    methodology : Methodology
        See `read_inputs`.

    Returns
    -------
    list of Fault, list of Note
    """
    faults: list[Fault] = []
    notes: list[Note] = []
    if "practitioners" in frames:
        faults += _practitioners(frames["practitioners"])
        notes += _fees_per_act(frames["practitioners"])
    if "communes" in frames:
        notes += _names(frames["communes"])
        notes += _whole_cities(frames["communes"])
    if "consumption" in frames:
        faults += _bands(frames["consumption"], methodology.demand.age_band_years)
    if {"consumption", "population"} <= frames.keys():
        faults += _demand(frames["population"], frames["consumption"])
    if "travel_times" in frames:
        limit = Limit.of(methodology.travel)
        wrong, odd = check_times("travel_times", frames["travel_times"], limit)
        faults += wrong
        notes += odd
    if {"communes", "population"} <= frames.keys():
        checks = [_coverage(frames["communes"], frames["population"], methodology)]
        if "population" in frames["communes"].columns:
            checks.append(_legal_population(frames["communes"], frames["population"]))
        for wrong, odd in checks:
            faults += wrong
            notes += odd
    return faults, notes


def with_age(practitioners: pl.DataFrame, methodology: Methodology) -> pl.DataFrame:
    """Give practitioners their completed years on the reference date of the methodology.

    Parameters
    ----------
    practitioners : pl.DataFrame
        With ``age`` or ``birth_date``.
    methodology : Methodology
        Its parameter ``etp.age_reference_date``.

    Returns
    -------
    pl.DataFrame
        With ``age``, years.
    """
    if "age" in practitioners.columns:
        return practitioners
    day = methodology.etp.age_reference_date
    born = pl.col("birth_date")
    later = (born.dt.month() > day.month) | (
        (born.dt.month() == day.month) & (born.dt.day() > day.day)
    )
    age = pl.lit(day.year) - born.dt.year() - later.cast(pl.Int32)
    return practitioners.with_columns(age.cast(pl.Int64).alias("age")).drop("birth_date")


def _practitioners(practitioners: pl.DataFrame) -> list[Fault]:
    """Age in range if it comes from a date; one age and one status per practitioner."""
    low, high = PRACTITIONERS["age"].low, PRACTITIONERS["age"].high
    fault, faults = partial(rows_fault, "practitioners"), []
    rows = (~practitioners["age"].is_between(low, high)).arg_true()
    if len(rows):
        faults.append(fault("age_out_of_range", "birth_date", rows, low=low, high=high))
    people = practitioners
    if not people["practitioner_id"].is_sorted():
        people = people.sort("practitioner_id")
    same = (pl.col("practitioner_id") == pl.col("practitioner_id").shift()).fill_null(False)
    for column in ("age", "newly_installed"):
        unlike = same & (pl.col(column) != pl.col(column).shift())
        ids = people.filter(unlike)["practitioner_id"].unique()
        if len(ids):
            rows = practitioners["practitioner_id"].is_in(ids.implode()).arg_true()
            faults.append(fault("inconsistent_rows", column, rows, practitioners=len(ids)))
    return faults


def _fees_per_act(practitioners: pl.DataFrame) -> list[Note]:
    """Warn of fees that cannot be euros, given the acts beside them."""
    acts, fees = float(practitioners["acts"].sum()), float(practitioners["fees"].sum())
    mean = fees / acts if acts else LEAST_PER_ACT
    code, count = "practitioners.fees_per_act", practitioners.height
    if acts and LEAST_PER_ACT <= mean < MOST_PER_COEFFICIENT:
        code = "practitioners.coefficients"
    elif LEAST_PER_ACT <= mean <= MOST_PER_ACT:
        return []
    return [Note(code, count, warning=True, details={"mean": mean})]


def _whole_cities(communes: pl.DataFrame) -> list[Note]:
    """Warn of a whole city given in place of its arrondissements."""
    codes = communes["commune"].cast(pl.String)
    return _warning("communes.whole_cities", codes.filter(codes.is_in(WHOLE_CITIES)))


def _names(communes: pl.DataFrame) -> list[Note]:
    """Warn of territories with several names; that of the lowest commune code is used."""
    several = (
        communes.group_by("territory")
        .agg(pl.col("territory_name").n_unique())
        .filter(pl.col("territory_name") > 1)["territory"]
        .sort()
    )
    return _warning("communes.several_territory_names", several)


def _warning(code: str, values: pl.Series) -> list[Note]:
    return [Note(code, len(values), first(values), warning=True)] if len(values) else []


def _bands(consumption: pl.DataFrame, years: int) -> list[Fault]:
    """Bands must follow each other from 0, all of the same width but the open last one."""
    names = consumption["age_band"].dtype.categories  # type: ignore[attr-defined]
    bands = [band for name in names if (band := parse_age_band(name))]
    expected = 0
    for previous, band in zip([None, *bands], bands, strict=False):
        if band.low != expected:
            if previous is None:
                return [_band_fault("first_band", years, band=str(band))]
            kind = "band_gap" if band.low > expected else "band_overlap"
            return [_band_fault(kind, years, previous=str(previous), band=str(band))]
        if band.high is None:
            # Any further band overlaps with an open one.
            expected = 1_000
        elif band.high - band.low + 1 != years:
            return [_band_fault("band_width", years, band=str(band))]
        else:
            expected = band.high + 1
    if bands[-1].high is not None:
        return [_band_fault("last_band_closed", years, band=str(bands[-1]))]
    return []


def _band_fault(kind: str, years: int, **details: object) -> Fault:
    expected = (str(AgeBand(0, years - 1)), str(AgeBand(years, 2 * years - 1)))
    details = {"years": years, "expected": expected, **details}
    return table_fault("consumption", kind, "age_band", **details)


def _demand(population: pl.DataFrame, consumption: pl.DataFrame) -> list[Fault]:
    """Both tables need the same bands, and some band both inhabitants and fees."""
    inhabitants = _by_band(population)
    fees = dict(consumption.select(pl.col("age_band").cast(pl.String), "fees").iter_rows())
    faults = [
        table_fault(table, "unmatched_bands", "age_band", other=other, bands=first(sorted(extra)))
        for table, other, extra in (
            ("population", "consumption", inhabitants.keys() - fees.keys()),
            ("consumption", "population", fees.keys() - inhabitants.keys()),
        )
        if extra
    ]
    if faults:
        return faults
    if not any(inhabitants.values()):
        faults.append(table_fault("population", "no_inhabitants"))
    if not any(fees.values()):
        faults.append(table_fault("consumption", "no_fees", "fees"))
    empty = tuple(sorted(band for band, paid in fees.items() if paid and not inhabitants[band]))
    if empty and not faults:
        faults.append(table_fault("consumption", "fees_without_inhabitants", "fees", bands=empty))
    return faults


def _by_band(population: pl.DataFrame) -> dict[str, float]:
    """Return the inhabitants of each age band that has a row."""
    names = population["age_band"].dtype.categories  # type: ignore[attr-defined]
    rows = row_numbers(population["age_band"])
    # In two thirds of the time of a group-by.
    counts = np.bincount(rows, minlength=len(names)).tolist()
    people = np.bincount(rows, numbers(population["population"]), len(names)).tolist()
    by_band = zip(names, counts, people, strict=True)
    return {name: people for name, count, people in by_band if count}


def _coverage(
    communes: pl.DataFrame, population: pl.DataFrame, methodology: Methodology
) -> tuple[list[Fault], list[Note]]:
    """Every commune needs its population, except in regions whose zone is imposed.

    If only some of its age bands are given, the others count as 0, with a note.
    """
    imposed = [row.region for row in methodology.zoning.imposed]
    counted = population["commune"].to_physical().unique()
    bands = len(population["age_band"].dtype.categories)  # type: ignore[attr-defined]
    present = communes["commune"].to_physical().is_in(counted.implode())
    absent = communes.filter(~present & ~communes["region"].is_in(imposed))
    faults, notes = [], []
    if absent.height:
        fault = table_fault("population", "missing_communes", communes=absent.height)
        faults.append(replace(fault, values=first(absent["commune"], 3)))
    if cells := len(counted) * bands - population.height:
        notes.append(Note("population.missing_cells", cells))
    if without := int((~present).sum()) - absent.height:
        notes.append(Note("population.missing_in_imposed_regions", without, warning=True))
    return faults, notes


def _legal_population(
    communes: pl.DataFrame, population: pl.DataFrame
) -> tuple[list[Fault], list[Note]]:
    """Compare the population by age with the legal population of the same communes."""
    by_age = population.sort("commune").group_by("commune").agg(pl.col("population").sum())
    both = communes.select("commune", legal="population").join(by_age, on="commune")
    both = both.drop_nulls().sort("commune")
    legal, people = float(both["legal"].sum()), float(both["population"].sum())
    if not legal or not people:
        return [], []
    totals = {"by_age": people, "legal": legal}
    if not 1 / _ANOTHER_UNIT < people / legal < _ANOTHER_UNIT:
        kind = "legal_population_mismatch"
        return [table_fault("population", kind, "population", **totals)], []
    notes = []
    if abs(people / legal - 1) > _DRIFT:
        code = "population.legal_population_differs"
        notes.append(Note(code, both.height, warning=True, details=totals))
    ratio = pl.col("population") / pl.col("legal")
    far = both.filter(
        pl.max_horizontal("population", "legal") > _LARGE_ENOUGH,
        ~ratio.is_between(1 / _DOUBLE, _DOUBLE),
    )["commune"]
    return [], [*notes, *_warning("population.legal_population_differs_by_commune", far)]
