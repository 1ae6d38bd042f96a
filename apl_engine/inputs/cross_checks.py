"""The input tables against each other: what no table shows alone."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ..errors import Fault
from ..methodology.model import Methodology
from ..notes import Note, first
from ..schemas import PRACTITIONERS, WHOLE_CITIES, AgeBand, parse_age_band

# Beyond these a mean of fees per act, in EUR, is of another unit.
LEAST_PER_ACT, MOST_PER_ACT = 2.0, 200.0
# Censuses a few years apart differ by less in a region; a lost or a read mark of thousands, by far
# more than the second; and no commune doubles where its borders stay.
_DRIFT, _ANOTHER_UNIT, _DOUBLE = 0.05, 100.0, 2.0
# Smaller communes may well double.
_LARGE_ENOUGH = 500


def check_relations(
    frames: Mapping[str, pl.DataFrame], methodology: Methodology
) -> tuple[list[Fault], list[Note]]:
    """Return the faults and remarks that come from tables together.

    Parameters
    ----------
    frames : the tables that are sound in themselves, by name.
    methodology : see `read_inputs`.

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
    if {"communes", "population"} <= frames.keys():
        regions = {row.region for row in methodology.zoning.imposed}
        found, told = _uncounted(frames["communes"], frames["population"], regions)
        faults += found
        notes += told
        if "population" in frames["communes"].columns:
            found, told = _two_counts(frames["communes"], frames["population"])
            faults += found
            notes += told
    return faults, notes


def with_age(practitioners: pl.DataFrame, methodology: Methodology) -> pl.DataFrame:
    """Give practitioners their completed years on the reference date of the methodology."""
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
    """Age in range where it comes from a date; one age and one status per practitioner."""
    low, high = PRACTITIONERS["age"].low, PRACTITIONERS["age"].high
    odd = ~practitioners["age"].is_between(low, high)
    faults = []
    if odd.any():
        problem = f"ages on the reference date outside {low:g} to {high:g}"
        hint = "Check the dates, and etp.age_reference_date of the methodology."
        faults.append(_private_fault("birth_date", problem, odd.arg_true(), hint))
    people = practitioners.sort("practitioner_id")
    same = (pl.col("practitioner_id") == pl.col("practitioner_id").shift()).fill_null(False)
    for column in ("age", "newly_installed"):
        unlike = same & (pl.col(column) != pl.col(column).shift())
        ids = people.filter(unlike)["practitioner_id"].unique()
        if len(ids):
            rows = practitioners["practitioner_id"].is_in(ids.implode()).arg_true()
            problem = f"{len(ids)} practitioners have rows that disagree on it"
            hint = "Give all rows of a practitioner the same."
            faults.append(_private_fault(column, problem, rows, hint))
    return faults


def _private_fault(column: str, problem: str, rows: pl.Series, hint: str) -> Fault:
    return Fault(
        code="legacy.fault",
        table="practitioners",
        column=column,
        count=len(rows),
        rows=tuple(row + 1 for row in rows.head(3)),
        details={"problem": problem, "hint": hint},
    )


def _fees_per_act(practitioners: pl.DataFrame) -> list[Note]:
    """Warn of fees that are no euros for the acts they stand beside."""
    acts, fees = float(practitioners["acts"].sum()), float(practitioners["fees"].sum())
    mean = fees / acts if acts else LEAST_PER_ACT
    if LEAST_PER_ACT <= mean <= MOST_PER_ACT:
        return []
    text = f"practitioners: {mean:.4g} EUR an act on average: are fees in euros, and of a year?"
    return [Note("fees_per_act", practitioners.height, warning=True, details={"text": text})]


def _whole_cities(communes: pl.DataFrame) -> list[Note]:
    """Warn of a city that is there whole where its arrondissements are expected."""
    there = (
        communes["commune"]
        .cast(pl.String)
        .filter(communes["commune"].cast(pl.String).is_in(WHOLE_CITIES))
    )
    if there.is_empty():
        return []
    text = "communes: cities that go by arrondissement municipal are there whole"
    return [Note("whole_cities", len(there), first(there), warning=True, details={"text": text})]


def _names(communes: pl.DataFrame) -> list[Note]:
    """Remark on territories that go by several names; the first by commune code is kept."""
    several = (
        communes.group_by("territory")
        .agg(pl.col("territory_name").n_unique())
        .filter(pl.col("territory_name") > 1)["territory"]
        .sort()
    )
    if several.is_empty():
        return []
    text = "territories with several names, the first by commune code is shown"
    return [
        Note("territory_names", len(several), first(several), warning=True, details={"text": text})
    ]


def _bands(consumption: pl.DataFrame, years: int) -> list[Fault]:
    """Bands must follow each other from 0, all of the same width but the open last one."""
    names = consumption["age_band"].dtype.categories  # type: ignore[attr-defined]
    bands = [band for name in names if (band := parse_age_band(name))]
    expected = 0
    for before, band in zip([None, *bands], bands, strict=False):
        if band.low != expected:
            words = "leave a gap" if band.low > expected else "overlap"
            after = f"after {before}" if before else "before the first"
            return [_band_fault(f"age bands {words}: {band} stands {after}", years)]
        if band.high is not None and band.high - band.low + 1 != years:
            return [_band_fault(f"age band {band} is not {years} years wide", years)]
        expected = _end(band)
    if bands[-1].high is not None:
        return [_band_fault(f"the last age band, {bands[-1]}, is not open", years)]
    return []


def _end(band: AgeBand) -> int:
    """Return the age after the band; past an open one, every further band overlaps."""
    return 1_000 if band.high is None else band.high + 1


def _band_fault(problem: str, years: int) -> Fault:
    first_band, second = AgeBand(0, years - 1), AgeBand(years, 2 * years - 1)
    hint = f"Bands run {first_band}, {second} ... to an open one such as 95+."
    return Fault(
        code="legacy.fault",
        table="consumption",
        column="age_band",
        details={"problem": problem, "hint": hint},
    )


def _demand(population: pl.DataFrame, consumption: pl.DataFrame) -> list[Fault]:
    """Both tables need the same bands; and demand somewhere: inhabitants, fees, in one band."""
    people = population.group_by("age_band").agg(pl.col("population").sum())
    inhabitants = dict(people.with_columns(pl.col("age_band").cast(pl.String)).iter_rows())
    fees = dict(consumption.select(pl.col("age_band").cast(pl.String), "fees").iter_rows())
    faults = []
    for table, other, extra in (
        ("population", "consumption", sorted(inhabitants.keys() - fees.keys())),
        ("consumption", "population", sorted(fees.keys() - inhabitants.keys())),
    ):
        if extra:
            problem = f"age bands that {other} does not have: {', '.join(extra[:5])}"
            hint = "Both tables need the same bands."
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=table,
                    column="age_band",
                    details={"problem": problem, "hint": hint},
                )
            )
    if faults:
        return faults
    if not any(inhabitants.values()):
        problem = "nobody lives anywhere: every population is 0"
        faults.append(
            Fault(
                code="legacy.fault",
                table="population",
                details={"problem": problem, "hint": "Give the inhabitants of each band."},
            )
        )
    if not any(fees.values()):
        problem = "no demand: the fees of every band are 0"
        hint = "Give what each band consumed in the year, EUR."
        faults.append(
            Fault(
                code="legacy.fault",
                table="consumption",
                column="fees",
                details={"problem": problem, "hint": hint},
            )
        )
    if faults:
        return faults
    empty = sorted(band for band, paid in fees.items() if paid and not inhabitants[band])
    if empty:
        problem = f"fees in age bands where nobody lives: {', '.join(empty)}"
        hint = "Check the table population."
        faults.append(
            Fault(
                code="legacy.fault",
                table="consumption",
                column="fees",
                details={"problem": problem, "hint": hint},
            )
        )
    return faults


def _uncounted(
    communes: pl.DataFrame, population: pl.DataFrame, without_data: set[str]
) -> tuple[list[Fault], list[Note]]:
    """Every commune needs its population, but in regions whose zone is imposed.

    Where only some of its age bands are given, the others count as nobody, which is remarked.
    """
    counted = population["commune"].to_physical().unique()
    bands = len(population["age_band"].dtype.categories)  # type: ignore[attr-defined]
    present = communes["commune"].to_physical().is_in(counted.implode())
    absent = communes.filter(~present & ~communes["region"].is_in(list(without_data)))
    faults = [
        Fault(
            code="legacy.fault",
            table="population",
            values=first(absent["commune"], 3),
            details={
                "problem": f"{absent.height} communes of the table communes have no row here",
                "hint": "Add them, with population 0 where nobody lives.",
            },
        )
    ]
    cells = len(counted) * bands - population.height
    text = f"population: {cells} cells of commune and age band that are not given count as 0"
    notes = [Note("population_cells", cells, details={"text": text})] if cells else []
    if without := int((~present).sum()) - absent.height:
        text = (
            f"population: {without} communes of regions whose zone is imposed have no row: their "
            "people count as 0, in the cuts too"
        )
        notes.append(
            Note("imposed_without_population", without, warning=True, details={"text": text})
        )
    return faults if absent.height else [], notes


def _two_counts(communes: pl.DataFrame, population: pl.DataFrame) -> tuple[list[Fault], list[Note]]:
    """Hold the people by age against the legal populations of the same communes."""
    by_age = population.sort("commune").group_by("commune").agg(pl.col("population").sum())
    both = communes.select("commune", legal="population").join(by_age, on="commune")
    both = both.drop_nulls().sort("commune")
    legal, people = float(both["legal"].sum()), float(both["population"].sum())
    if not legal or not people:
        return [], []
    said = f"{people:.0f} people by age, {legal:.0f} by the column 'population' of communes"
    if not 1 / _ANOTHER_UNIT < people / legal < _ANOTHER_UNIT:
        hint = "Check both for marks between thousands, and for shares in place of people."
        return [
            Fault(
                code="legacy.fault",
                table="population",
                column="population",
                details={"problem": said, "hint": hint},
            )
        ], []
    notes = []
    if abs(people / legal - 1) > _DRIFT:
        text = f"population: {said}: are both whole, and of about the same year?"
        notes.append(Note("two_counts", both.height, warning=True, details={"text": text}))
    ratio = pl.col("population") / pl.col("legal")
    far = both.filter(
        pl.max_horizontal("population", "legal") > _LARGE_ENOUGH,
        ~ratio.is_between(1 / _DOUBLE, _DOUBLE),
    )["commune"]
    if len(far):
        text = "population: communes with twice, or half, the people of the table communes"
        notes.append(
            Note("two_counts_apart", len(far), first(far), warning=True, details={"text": text})
        )
    return [], notes
