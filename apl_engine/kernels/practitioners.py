"""Practitioners to full-time equivalents (ETP) by commune, in two passes over their practices.

ETP are added in fixed point, so that the sum of a commune does not depend on the order of rows.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .arguments import (
    BANDS,
    FACTOR,
    MASK,
    OUT_BANDS,
    OUT_PLACES,
    OUT_POINTERS,
    OUT_VALUES,
    OUT_WORDS,
    PLACES,
    POINTERS,
    SIZE,
    VALUES,
)
from .types import Bands, Float, Index, Mask, Pointers, Words

# How a practitioner counts. The counts of each are followed by those of two more things.
TOO_OLD, INACTIVE, NEW, MEASURED = 0, 1, 2, 3
IN_REFERENCE, SEVERAL_PRACTICES, COUNTS = 4, 5, 6
# Over whom the reference values are taken; each group includes those before it.
ACTIVE_NOT_NEW, ACTIVE, YOUNG, ALL = 0, 1, 2, 3
# How ETP are shared between the practices of a practitioner.
BY_ACTS, EQUALLY, TO_MAIN_PRACTICE = 0, 1, 2

# Parts of an ETP are counted in units of 2**-62.
_ONE = 2**62


@kernel(
    POINTERS, SIZE, PLACES, VALUES, MASK, VALUES, VALUES,
    FACTOR, SIZE, FACTOR, SIZE, SIZE, SIZE,
    OUT_PLACES, OUT_VALUES, OUT_BANDS, OUT_VALUES, OUT_POINTERS,
)  # fmt: skip
def classify_practitioners(
    starts: Pointers,
    n: int,
    communes: Index,
    ages: Float,
    new: Mask,
    acts: Float,
    fees: Float,
    age_limit: float,
    at_limit: int,
    minimum: float,
    by_fees: int,
    inactive_new: int,
    population: int,
    order: Index,
    totals: Float,
    statuses: Bands,
    reference: Float,
    counts: Pointers,
) -> None:
    """Find the acts of each practitioner, how it counts, and who is in the reference population.

    starts        int64[n + 1]     start of the practices of each practitioner in `order`
    communes      uint32[n_rows]   commune of each practice
    ages          float64[n_rows]  years; like `new`, that of the first practice counts
    new           uint8[n_rows]    1 if newly installed
    acts, fees    float64[n_rows]  a year, at each practice
    age_limit     float            years; those above it are too old
    at_limit      int              1 if one of this age is not too old
    minimum       float            acts or fees below which a practitioner is inactive
    by_fees       int              1 if fees decide this, 0 if acts do
    inactive_new  int              1 if the newly installed count even if inactive
    population    int              ACTIVE_NOT_NEW, ACTIVE, YOUNG or ALL
    order         uint32[n_rows]   rows by practitioner; those of one are put in order of commune
    totals        float64[n]       acts of each practitioner, added in that order; overwritten
    statuses      uint8[n]         TOO_OLD, INACTIVE, NEW or MEASURED; overwritten
    reference     float64[n]       acts of the reference population, overwritten
    counts        int64[COUNTS]    practitioners of each status, in the reference population and
                                   with several practices; overwritten
    """
    for k in range(COUNTS):
        counts[k] = 0
    for p in range(n):
        first, stop = starts[p], starts[p + 1]
        # By insertion: practices of one practitioner are few.
        for k in range(first + 1, stop):
            row, at = order[k], k
            while at > first and communes[order[at - 1]] > communes[row]:
                order[at] = order[at - 1]
                at -= 1
            order[at] = row
        all_acts, all_fees = 0.0, 0.0
        for k in range(first, stop):
            all_acts += acts[order[k]]
            all_fees += fees[order[k]]

        age, is_new = ages[order[first]], new[order[first]] != 0
        young = age < age_limit or (at_limit != 0 and age == age_limit)
        active = (all_fees if by_fees != 0 else all_acts) >= minimum
        if not young:
            status = TOO_OLD
        elif not active and (not is_new or inactive_new == 0):
            status = INACTIVE
        else:
            status = NEW if is_new else MEASURED
        counted = young or population == ALL
        if population < YOUNG:
            counted = counted and active and (population == ACTIVE or not is_new)
        if counted:
            reference[counts[IN_REFERENCE]] = all_acts
            counts[IN_REFERENCE] += 1
        totals[p] = all_acts
        statuses[p] = status
        counts[status] += 1
        counts[SEVERAL_PRACTICES] += stop - first > 1


@kernel(
    POINTERS, SIZE, PLACES, PLACES, VALUES, VALUES, BANDS, FACTOR, FACTOR, FACTOR, SIZE, SIZE,
    OUT_WORDS, OUT_VALUES, OUT_POINTERS, OUT_PLACES, OUT_PLACES, OUT_POINTERS,
)  # fmt: skip
def share_etp(
    starts: Pointers,
    n: int,
    order: Index,
    communes: Index,
    acts: Float,
    totals: Float,
    statuses: Bands,
    median: float,
    ceiling: float,
    etp_of_new: float,
    split: int,
    n_communes: int,
    parts: Words,
    etp: Float,
    practitioners: Pointers,
    rows: Index,
    numbers: Index,
    counts: Pointers,
) -> None:
    """Add the ETP of practitioners, shared between their practices, to those of communes.

    Whole ETP and units of 2**-62 are added apart. The ETP of a practice are exact if they are 2**-9
    or more, and otherwise rounded down by less than 2**-62; sums of less than 2**53 are exact, and
    rounded to float64 at the end.

    starts, order, communes, acts, totals, statuses   see `classify_practitioners`
    median, ceiling  float                acts of one ETP, and the most that count
    etp_of_new       float                ETP of one newly installed
    split            int                  BY_ACTS, EQUALLY or TO_MAIN_PRACTICE
    parts            int64[n_communes]    scratch, all 0
    etp              float64[n_communes]  all 0; then the ETP of each commune
    practitioners    int64[n_communes]    all 0; then how many have ETP there
    rows             uint32[n_rows]       the practices with ETP, in order; overwritten
    numbers          uint32[n_rows]       the practitioner of each; overwritten
    counts           int64[2]             number of these, and of practitioners above the ceiling;
                                          overwritten
    """
    used, at_ceiling = 0, 0
    for p in range(n):
        if statuses[p] == MEASURED:
            at_ceiling += totals[p] > ceiling
            own = (ceiling if totals[p] > ceiling else totals[p]) / median
        elif statuses[p] == NEW:
            own = etp_of_new
        else:
            continue
        first, stop = starts[p], starts[p + 1]
        main = first
        if split == TO_MAIN_PRACTICE:
            for k in range(first + 1, stop):
                if acts[order[k]] > acts[order[main]]:
                    main = k
        equal = 1.0 / (stop - first)
        for k in range(first, stop):
            row = order[k]
            share = equal
            if split == TO_MAIN_PRACTICE:
                share = 1.0 if k == main else 0.0
            elif split == BY_ACTS and totals[p] > 0:
                share = acts[row] / totals[p]
            amount, c = own * share, communes[row]
            if amount > 0:
                practitioners[c] += 1
                rows[used] = row
                numbers[used] = p
                used += 1
            if 0.0 < amount < 2.0**53:
                whole = np.int64(amount)
                etp[c] += whole
                parts[c] += np.int64((amount - whole) * 2.0**62)
                if parts[c] >= _ONE:
                    parts[c] -= _ONE
                    etp[c] += 1.0
            else:  # nothing, or what is no quantity: the sum shows it
                etp[c] += amount
    for c in range(n_communes):
        etp[c] += np.float64(parts[c]) * 2.0**-62
    counts[0] = used
    counts[1] = at_ceiling
