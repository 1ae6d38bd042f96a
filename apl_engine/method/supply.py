"""Supply: the full-time equivalents (ETP) of practitioners by commune. Annexe, IV, 4.1.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

import numpy as np
import polars as pl

from ..columns import Flags, numbers, row_numbers, starts_of, sums
from ..errors import Fault, InputDataError, check_arguments
from ..kernels.types import Float, Index, Pointers
from ..methodology.model import Etp, Methodology
from ..schemas import PRACTITIONERS, communes_of, table_of

_COLUMNS = ("practitioner_id", "commune", "age", "acts", "fees", "newly_installed")


@dataclass(frozen=True)
class Supply:
    """The supply of each commune.

    Attributes
    ----------
    communes : pl.DataFrame
        One row per commune, sorted by code: ``commune``, ``etp``, ``practitioners`` (number of
        those with a share of their ETP here).
    median_acts, ceiling_acts : float
        The median and the 9th decile of acts a year, which ETP are measured by.
    counts : dict of str to int
        Practitioners by how they were counted.
    practices : pl.DataFrame
        One row per practice with a share of ETP: ``commune`` and ``number``, an arbitrary number
        shared by the practices of one practitioner.
    """

    communes: pl.DataFrame
    median_acts: float
    ceiling_acts: float
    counts: dict[str, int]
    practices: pl.DataFrame = field(default_factory=pl.DataFrame)


@check_arguments(methodology=Methodology)
def compute_supply(
    practitioners: pl.DataFrame, communes: pl.DataFrame, methodology: Methodology
) -> Supply:
    """Compute the full-time equivalents (ETP) of practitioners in each commune.

    ETP = min(acts, 9th decile) / median acts. Practitioners above the age limit or of very low
    activity are excluded; one installed within the year counts as one ETP (arrêté of 20 March
    2024, annexe, IV, 4.1.1).

    Parameters
    ----------
    practitioners : pl.DataFrame
        One row per practitioner and practice, see `schemas.PRACTITIONERS`; in any order.
    communes : pl.DataFrame
        With a column ``commune``, see `schemas.COMMUNES`.
    methodology : Methodology
        Section ``etp``.

    Returns
    -------
    Supply

    Raises
    ------
    InputDataError
        A table cannot be used, no practitioner remains for the median, or the median is 0.
    """
    rules = methodology.etp
    communes, codes = communes_of(communes)
    rows = table_of(practitioners, PRACTITIONERS, _COLUMNS, {"commune": codes})
    rows = rows.sort("practitioner_id", "commune")
    people = _People.of(rows)
    young = _young(people.age, rules)
    active = _active(people, rules)
    counted_new = young & people.new & (active | (rules.newly_installed_low_activity == "counted"))
    counted = young & active & ~people.new
    median, ceiling = _reference_values(
        people.acts[_reference(people, young, active, rules)], rules
    )
    etp = np.where(counted, np.minimum(people.acts, ceiling) / median, 0.0)
    etp[counted_new] = float(rules.newly_installed_etp)
    placed = etp[people.number] * _shares(people, numbers(rows["acts"]), rules.practice_split)
    there, home = placed > 0, row_numbers(rows["commune"])
    # bincount adds in the order of the rows, that of identifiers.
    by_commune = {
        "etp": np.bincount(home, placed, minlength=communes.height),
        "practitioners": np.bincount(home[there], minlength=communes.height),
    }
    counts = {
        "practitioners": len(people.acts),
        "practices": rows.height,
        "several_practices": int(np.count_nonzero(np.diff(people.starts) > 1)),
        "excluded_age": int(np.count_nonzero(~young)),
        "excluded_low_activity": int(np.count_nonzero(young & ~counted & ~counted_new)),
        "newly_installed": int(np.count_nonzero(counted_new)),
        "at_ceiling": int(np.count_nonzero(counted & (people.acts > ceiling))),
        "counted": int(np.count_nonzero(counted | counted_new)),
    }
    return Supply(
        pl.DataFrame({"commune": communes["commune"], **by_commune}),
        median,
        ceiling,
        counts,
        rows.select("commune", number=pl.Series(people.number)).filter(pl.Series(there)),
    )


@dataclass(frozen=True)
class _People:
    """Practitioners sorted by identifier: arrays of shape (n_practitioners,).

    `starts` (n_practitioners + 1,) is the first row of each one's practices, `number` (n_rows,)
    the practitioner of each row.
    """

    starts: Pointers
    number: Index
    age: Float
    new: Flags
    acts: Float
    fees: Float

    @classmethod
    def of(cls, rows: pl.DataFrame) -> _People:
        ids = rows["practitioner_id"].rle_id().to_numpy()
        starts = starts_of(ids)
        first_rows = starts[:-1]
        return cls(
            starts=starts,
            number=ids,
            age=numbers(rows["age"])[first_rows],
            new=rows["newly_installed"].to_numpy()[first_rows],
            acts=sums(starts, numbers(rows["acts"])),
            fees=sums(starts, numbers(rows["fees"])),
        )


def _young(age: Float, rules: Etp) -> Flags:
    limit = float(rules.age_limit)
    return age <= limit if rules.age_exclusion == "above" else age < limit


def _active(people: _People, rules: Etp) -> Flags:
    if rules.low_activity_measure == "fees":
        return people.fees >= float(rules.minimum_fees)
    return people.acts >= float(rules.minimum_acts)


def _reference(people: _People, young: Flags, active: Flags, rules: Etp) -> Flags:
    """Return which practitioners the median and the 9th decile are taken over."""
    fields: dict[str, Flags] = {
        "kept_without_new": young & active & ~people.new,
        "kept": young & active,
        "age_kept": young,
        "all": np.ones_like(young),
    }
    return fields[rules.reference_population]


def _reference_values(acts: Float, rules: Etp) -> tuple[float, float]:
    if len(acts) == 0:
        raise InputDataError(Fault("supply.no_practitioner_left", "practitioners"))
    ordered = np.sort(acts)
    median = quantile(ordered, rules.median_quantile, rules.quantile_definition)
    ceiling = quantile(ordered, rules.ceiling_quantile, rules.quantile_definition)
    if median <= 0:
        raise InputDataError(Fault("supply.zero_median", "practitioners", column="acts"))
    return median, ceiling


def quantile(ordered: Float, share: Fraction, definition: str) -> float:
    """Return a quantile of sorted values, its rank computed exactly.

    Parameters
    ----------
    ordered : float64 (n,)
        Sorted values, at least one.
    share : Fraction
        Between 0 and 1.
    definition : str
        One of Hyndman and Fan (1996): ``inverted_cdf`` (1), ``averaged_inverted_cdf`` (2),
        ``weibull`` (6), ``linear`` (7).

    Returns
    -------
    float
    """
    n = len(ordered)
    if definition in ("inverted_cdf", "averaged_inverted_cdf"):
        place = n * share
        whole = floor(place)
        low = high = whole if place > whole else whole - 1
        if definition == "averaged_inverted_cdf" and place == whole:
            high = whole
        low, high = (min(max(k, 0), n - 1) for k in (low, high))
        return float((ordered[low] + ordered[high]) / 2)
    place = (n - 1) * share if definition == "linear" else (n + 1) * share - 1
    place = min(max(place, Fraction(0)), Fraction(n - 1))
    low = floor(place)
    part = float(place - low)
    if part == 0:
        return float(ordered[low])
    return float(ordered[low] + part * (ordered[low + 1] - ordered[low]))


def _shares(people: _People, acts: Float, split: str) -> Float:
    """Return the share of its practitioner's ETP that each practice has, shape (n_rows,)."""
    practices = np.diff(people.starts)[people.number]
    equal = 1.0 / practices
    if split == "equal":
        return equal
    if split == "main_practice":
        return _main_practice(people, acts)
    total = people.acts[people.number]
    return np.where(total > 0, acts / np.where(total > 0, total, 1.0), equal)


def _main_practice(people: _People, acts: Float) -> Float:
    """Give all to the practice with most acts; ties go to the first commune by code."""
    order = np.lexsort((-acts, people.number))
    shares = np.zeros(len(acts))
    shares[order[people.starts[:-1]]] = 1.0
    return shares
