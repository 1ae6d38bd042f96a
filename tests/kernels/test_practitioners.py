"""Practitioners to ETP in fixed point, against exact fractions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels
from apl_engine.kernels.practitioners import (
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

N_COMMUNES = 4
LIMIT, LEAST = 5, 3


@dataclass
class Person:
    age: int
    new: bool
    practices: dict[int, tuple[int, int]]
    """Acts and fees by commune."""

    def total(self, which: int) -> int:
        return sum(amounts[which] for amounts in self.practices.values())


amounts = st.tuples(st.integers(0, 4), st.integers(0, 4))
people = st.lists(
    st.builds(
        Person,
        st.integers(4, 6),
        st.booleans(),
        st.dictionaries(st.integers(0, N_COMMUNES - 1), amounts, min_size=1),
    ),
    max_size=8,
)


class Rows:
    """Practices as the kernels take them, with their outputs."""

    def __init__(self, persons: list[Person]) -> None:
        rows = [(p, c, *both) for p in persons for c, both in p.practices.items()]
        self.communes = np.array([row[1] for row in rows], dtype=np.uint32)
        self.ages = np.array([row[0].age for row in rows], dtype=float)
        self.new = np.array([row[0].new for row in rows], dtype=np.uint8)
        self.acts, self.fees = (np.array([row[k] for row in rows], dtype=float) for k in (2, 3))
        lengths = [len(p.practices) for p in persons]
        self.starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        self.n, self.order = len(persons), np.arange(len(rows), dtype=np.uint32)
        self.totals, self.reference = np.empty(self.n), np.empty(self.n)
        self.statuses = np.empty(self.n, dtype=np.uint8)
        self.counts = np.empty(COUNTS, dtype=np.int64)

    def classify(self, *, at_limit: int, by_fees: int, inactive_new: int, population: int) -> None:
        kernels.classify_practitioners(
            self.starts, self.n, self.communes, self.ages, self.new, self.acts, self.fees,
            float(LIMIT), at_limit, float(LEAST), by_fees, inactive_new, population,
            self.order, self.totals, self.statuses, self.reference, self.counts,
        )  # fmt: skip

    def share(
        self, median: float, ceiling: float, of_new: float, split: int
    ) -> tuple[Any, Any, list[tuple[int, int]], int]:
        size, etp = len(self.order), np.zeros(N_COMMUNES)
        parts, practitioners = np.zeros((2, N_COMMUNES), dtype=np.int64)
        rows, numbers = np.empty((2, size), dtype=np.uint32)
        counts = np.empty(2, dtype=np.int64)
        kernels.share_etp(
            self.starts, self.n, self.order, self.communes, self.acts, self.totals, self.statuses,
            median, ceiling, of_new, split, N_COMMUNES, parts, etp, practitioners, rows, numbers,
            counts,
        )  # fmt: skip
        used = counts[0]
        pairs = list(zip(rows[:used].tolist(), numbers[:used].tolist(), strict=True))
        return etp, practitioners.tolist(), pairs, int(counts[1])


flags = st.integers(0, 1)


@given(people, flags, flags, flags, st.sampled_from([ACTIVE_NOT_NEW, ACTIVE, YOUNG, ALL]))
def test_classify_practitioners(
    persons: list[Person], at_limit: int, by_fees: int, inactive_new: int, population: int
) -> None:
    rows = Rows(persons)
    rows.classify(
        at_limit=at_limit, by_fees=by_fees, inactive_new=inactive_new, population=population
    )
    statuses, reference = [], []
    for person in persons:
        young = person.age < LIMIT or (person.age == LIMIT and at_limit == 1)
        active = person.total(by_fees) >= LEAST
        if not young:
            statuses.append(TOO_OLD)
        elif person.new:
            statuses.append(NEW if active or inactive_new else INACTIVE)
        else:
            statuses.append(MEASURED if active else INACTIVE)
        included = {
            ACTIVE_NOT_NEW: young and active and not person.new,
            ACTIVE: young and active,
            YOUNG: young,
            ALL: True,
        }
        if included[population]:
            reference.append(person.total(0))
    assert rows.statuses.tolist() == statuses
    assert rows.totals.tolist() == [person.total(0) for person in persons]
    assert rows.reference[: rows.counts[IN_REFERENCE]].tolist() == reference
    for status in (TOO_OLD, INACTIVE, NEW, MEASURED):
        assert rows.counts[status] == statuses.count(status)
    several = [len(person.practices) > 1 for person in persons]
    assert rows.counts[SEVERAL_PRACTICES] == sum(several)
    for person, first, stop in zip(persons, rows.starts, rows.starts[1:], strict=False):
        assert rows.communes[rows.order[first:stop]].tolist() == sorted(person.practices)


@given(people, st.sampled_from([BY_ACTS, EQUALLY, TO_MAIN_PRACTICE]), st.randoms())
def test_share_etp(persons: list[Person], split: int, random: Any) -> None:
    rows = Rows(persons)
    rows.classify(at_limit=1, by_fees=0, inactive_new=1, population=ALL)
    etp, practitioners, pairs, above = rows.share(3.0, 5.0, 0.75, split)
    expected: dict[int, Fraction] = defaultdict(Fraction)
    shares = []
    for number, person in enumerate(persons):
        total, status = person.total(0), rows.statuses[number]
        own = {
            NEW: Fraction(3, 4),
            MEASURED: Fraction(min(total, 5), 3),
        }.get(int(status), Fraction(0))
        main = min(person.practices, key=lambda c: (-person.practices[c][0], c))
        for commune in sorted(person.practices):
            if split == TO_MAIN_PRACTICE:
                share = Fraction(commune == main)
            elif split == BY_ACTS and total > 0:
                share = Fraction(person.practices[commune][0], total)
            else:
                share = Fraction(1, len(person.practices))
            expected[commune] += own * share
            if own * share:
                shares.append((number, commune))
    for commune in range(N_COMMUNES):
        assert etp[commune] == pytest.approx(float(expected[commune]), rel=1e-15, abs=0)
        assert practitioners[commune] == sum(c == commune for _, c in shares)
    assert [(number, int(rows.communes[row])) for row, number in pairs] == shares
    measured = rows.statuses == MEASURED
    assert above == np.count_nonzero(measured & (rows.totals > 5))

    shuffled = Rows(random.sample(persons, len(persons)))
    shuffled.classify(at_limit=1, by_fees=0, inactive_new=1, population=ALL)
    assert shuffled.share(3.0, 5.0, 0.75, split)[0].tobytes() == etp.tobytes()


def test_small_parts_and_large_totals_are_exact() -> None:
    """Carries from the parts to the whole; 64 bits of one unit would not hold these sums."""
    etps = [2.0**40, 1 - 2.0**-53, 1 - 2.0**-53, 2.0**-62, 1.5, 0.25, 2.0**-9]
    persons = [Person(4, False, {1: (1, 0)}) for _ in etps]
    rows = Rows(persons)
    rows.statuses[:] = MEASURED
    rows.acts[:] = rows.totals[:] = etps
    etp, *_ = rows.share(1.0, 2.0**60, 1.0, BY_ACTS)
    assert etp.tolist() == [0.0, float(sum(map(Fraction, etps))), 0.0, 0.0]
    rows.acts[:] = rows.totals[:] = etps[::-1]
    assert rows.share(1.0, 2.0**60, 1.0, BY_ACTS)[0].tobytes() == etp.tobytes()


def test_what_is_not_a_number_stays_so() -> None:
    rows = Rows([Person(4, False, {0: (1, 0)}), Person(4, False, {1: (1, 0)})])
    rows.statuses[:] = MEASURED
    rows.acts[:] = rows.totals[:] = [np.nan, 1.0]
    etp, practitioners, *_ = rows.share(1.0, 2.0, 1.0, EQUALLY)
    assert np.isnan(etp[0])
    assert etp[1:].tolist() == [1.0, 0.0, 0.0]
    assert practitioners == [0, 1, 0, 0]
