"""Supply: the full-time equivalents (ETP) of practitioners by commune. Annexe, IV, 4.1.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

import numpy as np
import polars as pl

from .. import kernels
from ..columns import Bands, Float, Index, Pointers, numbers, row_numbers, starts_of
from ..errors import Fault, InputDataError, check_arguments
from ..kernels.practitioners import (
    ACTIVE,
    ACTIVE_NOT_NEW,
    ALL,
    BY_ACTS,
    COUNTS,
    EQUALLY,
    IN_REFERENCE,
    INACTIVE,
    MEASURED,
    NEW,
    SEVERAL_PRACTICES,
    TO_MAIN_PRACTICE,
    TOO_OLD,
    YOUNG,
)
from ..methodology.model import Etp, Methodology
from ..schemas import PRACTITIONERS, communes_of, duplicate_fault, table_of

_COLUMNS = ("practitioner_id", "commune", "age", "acts", "fees", "newly_installed")
_POPULATIONS = {
    "kept_without_new": ACTIVE_NOT_NEW,
    "kept": ACTIVE,
    "age_kept": YOUNG,
    "all": ALL,
}
_SPLITS = {"acts": BY_ACTS, "equal": EQUALLY, "main_practice": TO_MAIN_PRACTICE}


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

    ETP are added in fixed point: whatever the order of rows, sums have the same bits. One below
    2**53 is off by at most a rounding to float64, and 2**-62 for each practice of less than 2**-9.

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
    codes, found = _Classified.of(practitioners, communes, methodology)
    shared = found.share(found.homes, len(codes), methodology.etp)
    n_shared, at_ceiling = shared.counts.tolist()
    counted = found.counts.tolist()
    counts = {
        "practitioners": len(found.starts) - 1,
        "practices": len(found.order),
        "several_practices": counted[SEVERAL_PRACTICES],
        "excluded_age": counted[TOO_OLD],
        "excluded_low_activity": counted[INACTIVE],
        "newly_installed": counted[NEW],
        "at_ceiling": at_ceiling,
        "counted": counted[NEW] + counted[MEASURED],
    }
    return Supply(
        pl.DataFrame({"commune": codes, "etp": shared.etp, "practitioners": shared.present}),
        found.median,
        found.ceiling,
        counts,
        pl.DataFrame(
            {
                "commune": found.rows["commune"].gather(shared.rows[:n_shared]),
                "number": shared.owners[:n_shared],
            }
        ),
    )


@dataclass(frozen=True)
class Practices:
    """The ETP of each practice, by practitioner.

    Attributes
    ----------
    starts : int64 (n_practitioners + 1,)
        First practice of each practitioner, in the order of the first of their communes, then of
        identifiers.
    ages : float64 (n_practitioners,)
        Years.
    communes : uint32 (n_practices,)
        Row of the commune of each practice.
    etp : float64 (n_practices,)
        Its ETP, 0 if the practitioner is excluded.
    """

    starts: Pointers
    ages: Float
    communes: Index
    etp: Float


@check_arguments(methodology=Methodology)
def compute_practices(
    practitioners: pl.DataFrame, communes: pl.DataFrame, methodology: Methodology
) -> Practices:
    """Compute the ETP of each practice, which `compute_supply` adds up by commune.

    Parameters
    ----------
    practitioners, communes, methodology
        As for `compute_supply`.

    Returns
    -------
    Practices
        The same for any order of the rows of `practitioners`.

    Raises
    ------
    InputDataError
        As from `compute_supply`.
    """
    _, found = _Classified.of(practitioners, communes, methodology)
    size = len(found.order)
    # As if each practice were in a commune of its own.
    etp = found.share(np.arange(size, dtype=np.uint32), size, methodology.etp).etp
    heads = found.order[found.starts[:-1]]
    by_id = found.rows["practitioner_id"].gather(heads).arg_sort().to_numpy()
    own = by_id[np.argsort(found.homes[heads[by_id]], kind="stable")]
    lengths = np.diff(found.starts)[own]
    starts = np.concatenate(([0], np.cumsum(lengths)))
    within = np.arange(size) - np.repeat(starts[:-1], lengths)
    rows = found.order[np.repeat(found.starts[:-1][own], lengths) + within]
    ages = numbers(found.rows["age"])[heads[own]]
    return Practices(starts, ages, found.homes[rows], etp[rows])


@dataclass(frozen=True)
class _Shared:
    """ETP of communes, the practices that have a part of it, and the practitioner of each."""

    etp: Float
    present: Pointers
    rows: Index
    owners: Index
    counts: Pointers


@dataclass(frozen=True)
class _Classified:
    """Practitioners by how they count, and the reference values."""

    rows: pl.DataFrame
    homes: Index
    acts: Float
    order: Index
    starts: Pointers
    totals: Float
    statuses: Bands
    counts: Pointers
    median: float
    ceiling: float

    @classmethod
    def of(
        cls, practitioners: pl.DataFrame, communes: pl.DataFrame, methodology: Methodology
    ) -> tuple[pl.Series, _Classified]:
        """Return the codes of communes, sorted, and the practitioners."""
        rules = methodology.etp
        communes, codes = communes_of(communes)
        rows = table_of(practitioners, PRACTITIONERS, _COLUMNS, {"commune": codes})
        order, starts = _by_practitioner(rows["practitioner_id"])
        people = len(starts) - 1
        homes, acts = row_numbers(rows["commune"]), numbers(rows["acts"])
        totals, statuses = np.empty(people), np.empty(people, dtype=np.uint8)
        reference, classified = np.empty(people), np.empty(COUNTS, dtype=np.int64)
        by_fees = rules.low_activity_measure == "fees"
        kernels.classify_practitioners(
            starts, people, homes, numbers(rows["age"]),
            rows["newly_installed"].cast(pl.UInt8).to_numpy(), acts, numbers(rows["fees"]),
            float(rules.age_limit), int(rules.age_exclusion == "above"),
            float(rules.minimum_fees if by_fees else rules.minimum_acts), int(by_fees),
            int(rules.newly_installed_low_activity == "counted"),
            _POPULATIONS[rules.reference_population],
            order, totals, statuses, reference, classified,
        )  # fmt: skip
        _check_practices(rows, homes, order, starts)
        median, ceiling = _reference_values(reference[: classified[IN_REFERENCE]], rules)
        return communes["commune"], cls(
            rows, homes, acts, order, starts, totals, statuses, classified, median, ceiling
        )

    def share(self, homes: Index, n_homes: int, rules: Etp) -> _Shared:
        """Add up ETP by some homes of practices."""
        size, people = len(self.order), len(self.starts) - 1
        etp, present = np.zeros(n_homes), np.zeros(n_homes, dtype=np.int64)
        shared, owners = np.empty((2, size), dtype=np.uint32)
        sharing = np.empty(2, dtype=np.int64)
        kernels.share_etp(
            self.starts, people, self.order, homes, self.acts, self.totals, self.statuses,
            self.median, self.ceiling, float(rules.newly_installed_etp),
            _SPLITS[rules.practice_split], n_homes, np.zeros(n_homes, dtype=np.int64),
            etp, present, shared, owners, sharing,
        )  # fmt: skip
        return _Shared(etp, present, shared, owners, sharing)


def _check_practices(rows: pl.DataFrame, homes: Index, order: Index, starts: Pointers) -> None:
    """Refuse two rows of one practice, and rows of one practitioner that differ.

    The practices of each practitioner are in the order of communes.
    """
    of_next = np.ones(max(len(order) - 1, 0), dtype=bool)
    of_next[starts[1:-1] - 1] = False
    faults: list[Fault] = []
    by_commune = homes[order]
    if (of_next & (by_commune[1:] == by_commune[:-1])).any():
        faults.append(duplicate_fault(PRACTITIONERS))
    for column in ("age", "newly_installed"):
        values = rows[column].to_numpy()[order]
        unlike = np.flatnonzero(of_next & (values[1:] != values[:-1]))
        if len(unlike):
            people = len(np.unique(starts.searchsorted(unlike, side="right")))
            code, details = "practitioners.inconsistent_rows", {"practitioners": people}
            faults.append(Fault(code, "practitioners", column=column, details=details))
    if faults:
        raise InputDataError(faults)


def _by_practitioner(ids: pl.Series) -> tuple[Index, Pointers]:
    """Return the rows in an order in which those of a practitioner are consecutive.

    With them the first of each practitioner, and the number of rows.
    """
    if not len(ids):
        return np.empty(0, dtype=np.uint32), np.zeros(1, dtype=np.int64)
    if ids.is_sorted():
        order = np.arange(len(ids), dtype=np.uint32)
        return order, starts_of(ids.rle_id().to_numpy())
    # Hashes sort several times as fast as text.
    hashes = ids.hash().to_numpy()
    order = hashes.argsort().astype(np.uint32)
    starts = starts_of(ids.gather(order).rle_id().to_numpy())
    if len(starts) > len(starts_of(hashes[order])):  # two identifiers have the same hash
        order = ids.arg_sort().to_numpy().astype(np.uint32)
        starts = starts_of(ids.gather(order).rle_id().to_numpy())
    return order, starts


def _reference_values(acts: Float, rules: Etp) -> tuple[float, float]:
    if len(acts) == 0:
        raise InputDataError(Fault("supply.no_practitioner_left", "practitioners"))
    median = quantile(acts, rules.median_quantile, rules.quantile_definition)
    ceiling = quantile(acts, rules.ceiling_quantile, rules.quantile_definition)
    if median <= 0:
        raise InputDataError(Fault("supply.zero_median", "practitioners", column="acts"))
    return median, ceiling


def quantile(values: Float, share: Fraction, definition: str) -> float:
    """Return a quantile of values, its rank computed exactly.

    Parameters
    ----------
    values : float64 (n,)
        In any order, at least one.
    share : Fraction
        Between 0 and 1.
    definition : str
        One of Hyndman and Fan (1996): ``inverted_cdf`` (1), ``averaged_inverted_cdf`` (2),
        ``weibull`` (6), ``linear`` (7).

    Returns
    -------
    float
    """
    n = len(values)
    if definition in ("inverted_cdf", "averaged_inverted_cdf"):
        place = n * share
        whole = floor(place)
        low = high = whole if place > whole else whole - 1
        if definition == "averaged_inverted_cdf" and place == whole:
            high = whole
        below, above = _ranked(values, *(min(max(k, 0), n - 1) for k in (low, high)))
        return (below + above) / 2
    place = (n - 1) * share if definition == "linear" else (n + 1) * share - 1
    place = min(max(place, Fraction(0)), Fraction(n - 1))
    low = floor(place)
    part = float(place - low)
    if part == 0:
        return _ranked(values, low, low)[0]
    below, above = _ranked(values, low, low + 1)
    return below + part * (above - below)


def _ranked(values: Float, low: int, high: int) -> tuple[float, float]:
    """Return the values of two ranks from 0, the second the first or the next."""
    # Each rank more would take NumPy as long as sorting.
    parted = np.partition(values, high)
    above = float(parted[high])
    return (above if low == high else float(parted[:high].max())), above
