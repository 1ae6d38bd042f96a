"""Weighted sums over the rows of a network, exact in fixed point.

Each value is rounded to a whole number of units and split into words of 64 bits. Words are added as
integers modulo 2**64, so that their sum does not depend on the order of its terms:

- *main* words, the lower 64 bits of the number of units, are always added;
- *upper* words, the bits above the lower 32, are added if a sum could take more than 64 bits;
- *fine* words, what rounding took off, are added for rows whose relative error could exceed
  `BOUND`: rounding changes a sum by at most half a unit times the width of the row, which is the
  sum of its weights;
- *digits* to the base of 2**24 are added where neither suffices: for rows of a width of `NARROW` or
  more, whose fine words could overflow, and for sums of very few units.

A row decides by itself whether it needs fine words or digits, and upper words change only sums
above 64 bits. So a row has the same sum whatever else a run computes.

Units are constants. Were they sized by the values of a run, one more practitioner could change the
last bits of every APL.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from .. import kernels
from ..columns import Indices
from ..errors import Fault, InputDataError
from ..kernels.catchment import (
    FINER,
    LOWER,
    MOST,
    MOST_WIDTH,
    N_ODD,
    N_TINY,
    NARROW,
    UPPER_TOTAL,
)
from ..kernels.threads import share_out
from ..kernels.types import Float, Index, Mask, Pointers, Words
from .weighted_rows import PairRows, Terms, WeightedRows

# Relative error of a sum up to which its main words suffice. Fine words keep to it from 3 units on.
BOUND = 4e-14
# Relative error of an APL, which is such a sum of quotients by another.
APL_BOUND = 1e-13
_WORD = 64
# Makes a rounded total one that is not too small.
_MORE = 1 + 1e-8
# Digits are to the base of 2**_DIGIT, so that any row has a sum of them that fits a word. The
# lowest count 2**-72 units, the highest 2**72.
_DIGIT, _DIGITS = 24, range(-3, 4)


@dataclass(frozen=True)
class Unit:
    """The unit of a quantity in fixed point: 2**-bits of it."""

    bits: int

    def of(self, values: Float) -> FixedPoint:
        """Return values in this unit."""
        return FixedPoint(values, 2.0**self.bits)


# All of France, weighted by 3, is below 2**64 units.
PEOPLE = Unit(36)


def ratios_unit(heaviest: int) -> Unit:
    """Return the unit of ratios of supply to demand that is weighted up to `heaviest`."""
    return Unit(60 + heaviest.bit_length())


@dataclass(frozen=True)
class FixedPoint:
    """A quantity of each commune in fixed point.

    Attributes
    ----------
    values : float64 (n_communes,)
        0 or more.
    scale : float
        Units in 1, a power of two.
    """

    values: Float
    scale: float

    def terms(self, rows: WeightedRows) -> Terms:
        """Return main and fine words as terms of rows, and what they say of the values."""
        terms = rows.fixed_point(self.values, self.scale)
        if not terms.found[N_ODD]:
            return terms
        units = self._units(0)
        lower = units - np.floor(units * 2.0**-LOWER) * 2.0**LOWER
        rounded = np.rint(lower)
        main = (self.upper << LOWER) + rounded.astype(np.int64)
        fine = np.rint((lower - rounded) * 2.0**FINER).astype(np.int64)
        return Terms(rows.terms(main), rows.terms(fine), terms.found)

    @property
    def upper(self) -> Words:
        """The multiples of 2**32 units in each value, int64 (n_communes,)."""
        return np.floor(self._units(0) * 2.0**-LOWER).astype(np.int64)

    def digit(self, k: int) -> Words:
        """Return one digit of each value, which counts 2**(24 * k) units, int64 (n_communes,)."""
        units = self._units(k)
        # Neither has more bits than the value, so that both are exact.
        return (np.floor(units) - np.floor(units * 2.0**-_DIGIT) * 2.0**_DIGIT).astype(np.int64)

    def _units(self, k: int) -> Float:
        """Return each value in the unit of a digit, as float64; 0 if it is out of range."""
        with np.errstate(over="ignore"):
            units = self.values * self.scale
        known = np.where((units >= 0.0) & (units < 2.0**MOST), self.values, 0.0)
        return known * (self.scale * 2.0 ** (-_DIGIT * k))

    def most(self, found: Words) -> float:
        """Return more units than there are in all; `found` is that of `terms`.

        Infinite if a value is negative or not a number.
        """
        if not found[N_ODD]:
            # Each value has less than one multiple of 2**32 units more.
            return _MORE * (int(found[UPPER_TOTAL]) + len(self.values)) * 2.0**LOWER
        if not (self.values >= 0.0).all():
            return math.inf
        with np.errstate(over="ignore"):
            return _MORE * float(self.values.sum()) * self.scale

    def check(self, found: Words, heaviest: int, name: str) -> bool:
        """Return whether weighted sums may exceed 64 bits; refuse what cannot be represented.

        Parameters
        ----------
        found : int64 (3,)
            That of `terms`.
        heaviest : int
            The largest weight.
        name : str
            What the quantity is, for errors.

        Raises
        ------
        InputDataError
            A value is negative or not a number, or the total is out of range.
        """
        most = self.most(found) * heaviest
        if most >= 2.0**MOST:
            self._check_total(heaviest, name)
        return most >= 2.0**_WORD

    def _check_total(self, heaviest: int, name: str) -> None:
        if not (self.values >= 0.0).all():
            invalid = int(np.count_nonzero(~((self.values >= 0.0) & (self.values < np.inf))))
            raise InputDataError(_fault("not_a_quantity", name, invalid=invalid))
        total = _total(self.values)
        if not total * self.scale * heaviest < 2.0**MOST:
            limit = 2.0**MOST / self.scale / heaviest
            raise InputDataError(_fault("total_out_of_range", name, total=total, most=limit))


def _total(values: Float) -> float:
    """Return the sum of values in any order, rounded once."""
    try:
        return math.fsum(values)
    except OverflowError:
        return math.inf


def weighted_sums(
    rows: WeightedRows, values: Float, unit: Unit, name: str, threads: int | None = None
) -> Float:
    """Return the weighted sum of values over each row, float64 (n_communes,).

    Its relative error is at most 4e-14 and three roundings, if its values are 0 or 2**-27 units or
    more. Smaller values add at most 2**-72 units each, times their weight, to the error.

    Parameters
    ----------
    rows : WeightedRows
        One direction of a network.
    values : float64 (n_communes,)
        A quantity of each commune, 0 or more.
    unit : Unit
        Its unit.
    name : str
        What the quantity is, for errors.
    threads : int, optional
        Number of threads; the result is the same for any.

    Raises
    ------
    InputDataError
        A value is negative or not a number, or the total is out of range.
    """
    given = unit.of(values)
    main, fine, found = given.terms(rows)
    upper = None
    if given.check(found, rows.heaviest, name):
        upper = rows.add(rows.terms(given.upper), threads).words
    sums, widths = rows.add(main, threads)
    return _floats(
        sums, widths, upper, unit,
        tiny=bool(found[N_TINY]),
        fine=lambda at: rows.add_at(fine, at),
        digit=lambda k, at: rows.add_at(rows.terms(given.digit(k)), at),
    )  # fmt: skip


def may_exceed_a_word(units: float, heaviest: int) -> bool:
    """Return whether weighted sums of values with some total may be 2**64 units or more."""
    return bool(_MORE * units * heaviest >= 2.0**_WORD)


def _fault(kind: str, name: str, **details: object) -> Fault:
    return Fault(f"argument.{kind}", name, details=details)


def _floats(
    sums: Words,
    widths: Index,
    upper: Words | None,
    unit: Unit,
    *,
    tiny: bool,
    fine: Callable[[Indices], Words],
    digit: Callable[[int, Indices], Words],
) -> Float:
    """Return sums of main words as floats, each made exact by what it needs.

    Parameters
    ----------
    sums : int64 (n,)
        The sums of main words.
    widths : uint32 (n,)
        Width of the row of each.
    upper : int64 (n,) or None
        The sums of upper words; None if no sum is above 64 bits.
    unit : Unit
        Unit of the words.
    tiny : bool
        Whether main words may be 0 for values above 0.
    fine : callable
        Returns the sums of fine words of some rows.
    digit : callable
        Returns the sums of a digit of some rows.
    """
    size, value = len(sums), 2.0**-unit.bits
    out, marks = np.empty(size), np.empty(size, dtype=np.uint8)
    least = 0.0 if tiny else 1.0
    kernels.round_sums(sums, widths, value, BOUND, least, size, out, marks)
    if upper is not None:
        _add_upper(out, marks, sums, widths, upper, value)
    inexact = np.flatnonzero(marks.view(np.bool_))
    if not len(inexact):
        return out
    narrow = widths[inexact] < NARROW
    some = inexact[narrow]
    units = _with_fine(sums[some], fine(some))
    out[some] = units * value
    # The same bound for fine words, whose unit is finer.
    enough = widths[some] * 2.0**-FINER <= units * (2.0 * BOUND)
    rest = np.concatenate((inexact[~narrow], some[~enough]))
    if len(rest):
        out[rest] = sum(digit(k, rest) * 2.0 ** (_DIGIT * k - unit.bits) for k in _DIGITS)
    return out


def _add_upper(
    out: Float, marks: Mask, sums: Words, widths: Index, upper: Words, value: float
) -> None:
    """Correct in place the sums of 64 bits or more, and the marks of those that are inexact."""
    # What the lower 32 bits of the values of a row add up to is below 2**64.
    rest = (sums - (upper << LOWER)).view(np.uint64).astype(np.float64)
    whole = upper.view(np.uint64) * 2.0**LOWER + rest
    counted = widths < MOST_WIDTH
    beyond = counted & (whole >= 2.0**_WORD)
    out[beyond] = whole[beyond] * value
    marks[beyond] = widths[beyond] > whole[beyond] * (2.0 * BOUND)
    marks[~counted] = 1


def _with_fine(sums: Words, fine: Words) -> Float:
    """Return sums with their fine words, in units; the main words are far below 2**64."""
    whole = sums.view(np.uint64).astype(np.float64)
    return whole + ((sums - whole.astype(np.uint64).view(np.int64)) + fine * 2.0**-FINER)


class ExactSums:
    """Weighted sums over all rows that a change of single values updates exactly.

    Parameters
    ----------
    rows : WeightedRows
        One direction of a network.
    other_way : PairRows
        The other direction, with the same weights.
    values : float64 (n_communes,)
        A quantity of each commune, 0 or more.
    unit : Unit
        Its unit.
    """

    def __init__(self, rows: WeightedRows, other_way: PairRows, values: Float, unit: Unit) -> None:
        self._rows, self._other_way, self._unit = rows, other_way, unit
        self._given = given = unit.of(values)
        self._before = given.terms(other_way)
        self._main, self._widths = rows.add(rows.terms(self._before.main), None)
        self._fine = self._sums(self._before.fine)

    def _sums(self, words: Words) -> Words:
        return self._rows.add(self._rows.terms(words), None).words

    @cached_property
    def _upper(self) -> Words:
        return self._sums(self._given.upper)

    @cached_property
    def _digits(self) -> dict[int, Words]:
        return {k: self._sums(self._given.digit(k)) for k in _DIGITS}

    def changed(
        self, cases: Pointers, places: Index, values: Float, threads: int | None = None
    ) -> tuple[Pointers, Index, Float]:
        """Return the sums that other values at some communes change, by case.

        Parameters
        ----------
        cases : int64 (n_cases + 1,)
            First change of each case, and at the end the number of changes.
        places : uint32 (n_changes,)
            The communes whose value changes, none twice in a case.
        values : float64 (n_changes,)
            Their values, 0 or more.
        threads : int, optional
            Number of threads; the result is the same for any.

        Returns
        -------
        starts : int64 (n_cases + 1,)
            First row of each case, and at the end the number of rows.
        rows : uint32 (n_rows,)
            The rows that reach a change.
        sums : float64 (n_rows,)
            Their sums, with the bits of `weighted_sums` of all values.
        """
        given, after = self._given, self._unit.of(values)
        main, fine, found = after.terms(self._other_way)

        def changed(change: Words, before: Words) -> Words:
            """Return the sums of another word."""
            return self._spread(cases, places, (change, change), (before, before), threads)[2][0]

        def digit(k: int, at: Indices) -> Words:
            return changed(after.digit(k) - given.digit(k)[places], self._digits[k])[at]

        changes = (main - self._before.main[places], fine - self._before.fine[places])
        rows, starts, (main, fine) = self._spread(
            cases, places, changes, (self._main, self._fine), threads
        )
        upper = None
        if self._may_be_wide(cases, places, after, found):
            upper = changed(after.upper - given.upper[places], self._upper)
        tiny = bool(self._before.found[N_TINY] or found[N_TINY])
        sums = _floats(
            main, self._widths[rows], upper, self._unit,
            tiny=tiny, fine=lambda at: fine[at], digit=digit,
        )  # fmt: skip
        return starts, rows, sums

    def _may_be_wide(self, cases: Pointers, places: Index, after: FixedPoint, found: Words) -> bool:
        """Return whether a sum may exceed 64 bits in any case; refuse as for all its values."""
        heaviest, before = self._rows.heaviest, self._given
        # As if what a case changes were added to what was there.
        added = np.add.reduceat(np.append(after.values, 0.0), cases[:-1]).max(initial=0.0)
        most = before.most(self._before.found) + _MORE * float(added) * after.scale
        if most * heaviest < 2.0**MOST and not (found[N_ODD] and (after.values < 0.0).any()):
            return most * heaviest >= 2.0**_WORD
        wide = False
        for first, last in pairwise(cases):
            values = before.values.copy()
            values[places[first:last]] = after.values[first:last]
            case = self._unit.of(values)
            wide |= case.check(case.terms(self._other_way).found, heaviest, "supply")
        return wide

    def _spread(
        self,
        cases: Pointers,
        places: Index,
        changes: tuple[Words, Words],
        before: tuple[Words, Words],
        threads: int | None,
    ) -> tuple[Index, Pointers, tuple[Words, Words]]:
        """Return the rows that reach the changes of each case, and their sums of two words."""
        pairs, weights = self._other_way.rows, self._other_way.weights
        lengths = pairs.pointers[places + 1] - pairs.pointers[places]
        at = np.concatenate(([0], np.cumsum(lengths)))[cases]
        counts = np.zeros(len(cases) - 1, dtype=np.int64)
        found: dict[tuple[int, int], tuple[int, Index, Words]] = {}

        def work(first: int, last: int) -> None:
            # A row that reaches several changes of a case is stored once.
            most = at[last] - at[first]
            rows, sums = np.empty(most, dtype=np.uint32), np.empty((2, most), dtype=np.int64)
            slots = np.full(len(self._widths), -1, dtype=np.int64)
            kernels.spread_changes(
                pairs.pointers, pairs.pairs, weights, cases, places, *changes, *before,
                first, last, slots, rows, *sums, counts,
            )  # fmt: skip
            found[first, last] = (int(counts[first:last].sum()), rows, sums)

        share_out(work, at, threads)
        shares = [found[share] for share in sorted(found)]
        rows, one, two = (
            np.concatenate(parts) if len(parts) > 1 else parts[0]
            for parts in zip(*((r[:n], s[0, :n], s[1, :n]) for n, r, s in shares), strict=True)
        )
        return rows, np.concatenate(([0], np.cumsum(counts))), (one, two)
