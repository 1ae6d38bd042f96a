"""Weighted sums over the rows of a network, exact in fixed point.

Each value is rounded to a whole number of units and split into words of 64 bits. Words are added as
integers modulo 2**64, so that their sum does not depend on the order of its terms:

- MAIN, the lower 64 bits of the number of units, is always added;
- FINE, what rounding took off, is added for rows whose relative error could exceed `BOUND`:
  rounding changes a sum by at most half a unit times the width of the row, which is the sum of its
  weights;
- UPPER, the bits above the lower 32, is added if a sum could take more than 64 bits.

A row decides by itself whether it needs FINE, and UPPER changes only sums above 64 bits. So a row
has the same sum whatever else a run computes.

Units are constants. Were they sized by the values of a run, one more practitioner could change the
last bits of every APL.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import kernels
from ..columns import Indices
from ..errors import Fault, InputDataError
from ..kernels.catchment import FINE, MAIN, UPPER
from ..kernels.threads import share_out
from ..kernels.types import Float, Index, Pointers, Words
from .weighted_rows import PairRows, Values, WeightedRows

# Relative error of a sum up to which its main words suffice. Fine words keep to it from 3 units on.
BOUND = 4e-14
# Relative error of an APL, which is such a sum of quotients by another.
APL_BOUND = 1e-13
# Bits of a word, and how many bits finer the unit of fine words is.
_WORD, _FINER = 64, 42
# Upper words count multiples of 2**32 units, in 64 bits with a sign.
_UPPER = 32
# Totals are below 2**_MOST units.
_MOST = _UPPER + _WORD - 1


@dataclass(frozen=True)
class Unit:
    """The unit of a quantity in fixed point: 2**-bits of it."""

    bits: int

    def of(self, values: Float) -> Values:
        """Return values to be added up in this unit."""
        return Values(values, 2.0**self.bits)


# All of France, weighted by 3, is below 2**64 units.
PEOPLE = Unit(36)


def ratios_unit(heaviest: int) -> Unit:
    """Return the unit of ratios of supply to demand that is weighted up to `heaviest`."""
    return Unit(60 + heaviest.bit_length())


def weighted_sums(
    rows: WeightedRows, values: Float, unit: Unit, name: str, threads: int | None = None
) -> Float:
    """Return the weighted sum of values over each row, float64 (n_communes,).

    Its relative error is at most 4e-14 and three roundings, if its values are 0 or 3 units or more
    and its weights add up to less than 2**20. Otherwise the error is at most half of 2**-42 units
    times the width of the row, or half a unit times the width if that is 2**20 or more.

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
        A value is negative or not finite, or the total is out of range.
    """
    wide = is_wide(values, rows.heaviest, unit, name)
    given = unit.of(values)
    sums, widths, tiny = rows.add(given, MAIN, threads)
    out, inexact = _rounded(sums, widths, unit, zeros=tiny > 0)
    if wide:
        upper = rows.add(given, UPPER, threads).words
        inexact = _add_upper(out, inexact, sums, upper, unit)
    if len(inexact):
        fine = rows.add_at(given, FINE, inexact)
        out[inexact] = _with_fine(sums[inexact], fine, unit)
    return out


def is_wide(values: Float, heaviest: int, unit: Unit, name: str) -> bool:
    """Return whether sums of values may exceed 64 bits; refuse what cannot be represented.

    Parameters
    ----------
    values : float64 (n_communes,)
        A quantity of each commune.
    heaviest : int
        The largest weight.
    unit : Unit
        Its unit.
    name : str
        What the quantity is, for errors.

    Raises
    ------
    InputDataError
        A value is negative or not finite, or the total is out of range.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(values.sum())
    if not 0.0 <= total < np.inf or values.min(initial=0.0) < 0:
        invalid = int(np.count_nonzero(~((values >= 0) & (values < np.inf))))
        if invalid:
            raise InputDataError(_fault("not_a_quantity", name, invalid=invalid))
    units = total * 2.0**unit.bits
    if not units * heaviest < 2.0**_MOST:
        most = 2.0 ** (_MOST - unit.bits) / heaviest
        raise InputDataError(_fault("total_out_of_range", name, total=total, most=most))
    return may_exceed_a_word(units, heaviest)


def may_exceed_a_word(units: float, heaviest: int) -> bool:
    """Return whether weighted sums of values with some total may be 2**64 units or more."""
    # The total is rounded.
    return bool(units * heaviest * (1 + 1e-9) >= 2.0**_WORD)


def _fault(kind: str, name: str, **details: object) -> Fault:
    return Fault(f"argument.{kind}", name, details=details)


def _rounded(sums: Words, widths: Index, unit: Unit, *, zeros: bool) -> tuple[Float, Indices]:
    """Return sums of main words as floats, and the rows that need their fine words.

    `zeros` states whether main words can be 0 for values above 0.
    """
    size, found = len(sums), np.empty(1, dtype=np.int64)
    # One entry more: the kernel writes each row before it knows whether to keep it.
    out, rows = np.empty(size), np.empty(size + 1, dtype=np.int64)
    kernels.round_sums(sums, widths, 2.0**-unit.bits, BOUND, size, int(zeros), out, rows, found)
    return out, rows[: found[0]]


def _add_upper(out: Float, inexact: Indices, sums: Words, upper: Words, unit: Unit) -> Indices:
    """Correct in place the sums of 64 bits or more; return the rows that need their fine words."""
    # What the lower 32 bits of the values of a row add up to is below 2**64.
    rest = (sums - (upper << _UPPER)).view(np.uint64).astype(np.float64)
    whole = upper * 2.0**_UPPER + rest
    beyond = whole >= 2.0**_WORD
    out[beyond] = whole[beyond] * 2.0**-unit.bits
    return inexact[~beyond[inexact]]


def _with_fine(sums: Words, fine: Words, unit: Unit) -> Float:
    """Return sums with their fine words; the main words of these rows are far below 2**64."""
    whole = sums.view(np.uint64).astype(np.float64)
    rest = (sums - whole.astype(np.uint64).view(np.int64)) + fine * 2.0**-_FINER
    return (whole + rest) * 2.0**-unit.bits


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
        self._rows, self._other_way, self._values, self._unit = rows, other_way, values, unit
        given = unit.of(values)
        sums = {word: rows.add(given, word, None) for word in (MAIN, FINE, UPPER)}
        self._sums = {word: each.words for word, each in sums.items()}
        self._widths = sums[MAIN].widths

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
        changes = {word: self._changes(word, places, values) for word in (MAIN, FINE)}
        rows, starts, (main, fine) = self._spread(
            cases, places, changes[MAIN], changes[FINE], threads
        )
        main += self._sums[MAIN][rows]
        fine += self._sums[FINE][rows]
        out, at = _rounded(main, self._widths[rows], self._unit, zeros=True)
        if self._may_be_wide(cases, values):
            upper = self._changes(UPPER, places, values)
            _, _, (more, _) = self._spread(cases, places, upper, upper, threads)
            at = _add_upper(out, at, main, more + self._sums[UPPER][rows], self._unit)
        out[at] = _with_fine(main[at], fine[at], self._unit)
        return starts, rows, out

    def _changes(self, word: int, places: Index, values: Float) -> Words:
        before, after = self._unit.of(self._values[places]), self._unit.of(values)
        return after.words(word)[0] - before.words(word)[0]

    def _may_be_wide(self, cases: Pointers, values: Float) -> bool:
        added = np.add.reduceat(np.append(values, 0.0), cases[:-1]).max(initial=0.0)
        most = np.append(self._values, added)
        return is_wide(most, self._rows.heaviest, self._unit, "supply")

    def _spread(
        self, cases: Pointers, places: Index, one: Words, two: Words, threads: int | None
    ) -> tuple[Index, Pointers, tuple[Words, Words]]:
        """Return the rows that reach the changes of each case, and what two words add to them."""
        pairs, weights = self._other_way.rows, self._other_way.weights
        lengths = np.concatenate(
            ([0], np.cumsum(pairs.pointers[places + 1] - pairs.pointers[places]))
        )
        at = lengths[cases]
        rows, sums = np.empty(at[-1], dtype=np.uint32), np.empty((2, at[-1]), dtype=np.int64)
        counts = np.zeros(len(cases) - 1, dtype=np.int64)

        def work(first: int, last: int) -> None:
            slots = np.full(len(self._values), -1, dtype=np.int64)
            kernels.spread_changes(
                pairs.pointers, pairs.pairs, weights, cases, places, one, two, at, first, last,
                slots, rows, sums[0], sums[1], counts,
            )  # fmt: skip

        share_out(work, at, threads)
        starts = np.concatenate(([0], np.cumsum(counts)))
        if starts[-1] == at[-1]:
            return rows, starts, (sums[0], sums[1])
        # A row that reaches several changes of a case is stored once, which leaves gaps.
        filled = np.repeat(at[:-1] - starts[:-1], counts) + np.arange(starts[-1])
        return rows[filled], starts, (sums[0][filled], sums[1][filled])
