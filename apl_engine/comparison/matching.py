"""Communes of one result matched to those of another: by code, or followed over the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..columns import Float, Indices
from ..errors import Fault, InputDataError, Note, check_arguments, check_types, first
from ..geography.history.guess_vintage import guess_vintage
from ..geography.history.passage import Passage
from ..geography.history.recode import code_notes, match_codes
from ..imports import VintageChange
from ..method.result import Result, Zoning
from ..results.read import StoredResult

# With more unmatched communes than this, the results are of other countries or other years.
MOST_UNMATCHED = 0.02


@dataclass(frozen=True)
class Matching:
    """The communes that two results have in common.

    A fragment is what belongs to one commune of the first result and one of the second: a whole
    commune, unless communes were merged or split in between.

    Attributes
    ----------
    codes : tuple of pl.Series (n_communes,)
        The communes of each, sorted.
    rows : tuple of int64 (n_fragments,)
        For each, the row of the commune that a fragment belongs to. Fragments are sorted by the
        codes of the first, then of the second.
    unmatched : tuple of int64 (n_unmatched,)
        For each, the rows of the communes that the other does not have.
    notes : tuple of Note
        Communes that changed or are unmatched.
    """

    codes: tuple[pl.Series, pl.Series]
    rows: tuple[Indices, Indices]
    unmatched: tuple[Indices, Indices]
    notes: tuple[Note, ...]

    def spread(self, side: int, values: Float, by: Float, fallback: Float | None = None) -> Float:
        """Distribute the values of communes over their fragments.

        Parameters
        ----------
        side : int
            0 or 1, the side of the values.
        values : float64 (n_communes,)
            Of that side.
        by : float64 (n_communes,)
            The same quantity on the other side, in proportion to which it is distributed.
        fallback : float64 (n_fragments,), optional
            Shares if the other side has nothing; by default equal ones.

        Returns
        -------
        float64 (n_fragments,)
            Adds up to the value of each commune that has fragments.
        """
        return values[self.rows[side]] * self.shares(side, by, fallback)

    def shares(self, side: int, by: Float, fallback: Float | None = None) -> Float:
        """Return the share of each fragment in its commune of one side, see `spread`."""
        own, other = self.rows[side], self.rows[1 - side]
        size = len(self.codes[side])
        count = np.bincount(own, minlength=size)[own].astype(np.float64)
        there = by[other] / np.bincount(other, minlength=len(by))[other]
        total = np.bincount(own, there, size)[own]
        shares = 1.0 / count if fallback is None else fallback.copy()
        np.divide(there, total, out=shares, where=total > 0)
        shares[count == 1] = 1.0
        return shares


def match_communes(first_zones: Zoning, second: Zoning, passage: Passage | None = None) -> Matching:
    """Match the communes of two results.

    Parameters
    ----------
    first_zones, second : Zoning
        The two results.
    passage : Passage, optional
        From the communes of the first to those of the second; by default codes match themselves.

    Returns
    -------
    Matching

    Raises
    ------
    InputDataError
        Many communes are unmatched, or the first result has codes of both years.
    """
    codes = _codes(first_zones), _codes(second)
    links, notes = _links(*codes, passage)
    rows = tuple(_rows(links[name], known) for name, known in zip(_SIDES, codes, strict=True))
    unmatched = tuple(
        np.setdiff1d(np.arange(len(known)), own) for known, own in zip(codes, rows, strict=True)
    )
    notes += _check_unmatched(codes, unmatched, passage)
    return Matching(codes, (rows[0], rows[1]), (unmatched[0], unmatched[1]), tuple(notes))


_SIDES = ("a", "b")


def _codes(zones: Zoning) -> pl.Series:
    return zones.communes["commune"].cast(pl.String)


def _rows(codes: pl.Series, known: pl.Series) -> Indices:
    return codes.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy()


def _links(
    before: pl.Series, after: pl.Series, passage: Passage | None
) -> tuple[pl.DataFrame, list[Note]]:
    """Return the pairs of codes that share an area, sorted; and notes on codes that changed."""
    links, notes = pl.DataFrame({"a": before}).with_columns(b="a"), []
    if passage is not None:
        codes = match_codes("communes of A", before, passage, frozenset(after))
        moved = codes.links.select(a="before", b="after")
        same = links.filter(~pl.col("a").is_in(moved["a"].implode()))
        links, notes = pl.concat([moved, same]), code_notes(codes)
    return links.filter(pl.col("b").is_in(after.implode())).sort("a", "b"), list(notes)


def _check_unmatched(
    codes: tuple[pl.Series, pl.Series], unmatched: tuple[Indices, ...], passage: Passage | None
) -> list[Note]:
    """Report the communes that only one result has; refuse too many of them."""
    faults, notes, years = [], [], passage.years if passage else {}
    code = "comparison.unmatched_after_passage" if passage else "comparison.unmatched_communes"
    for name, other, known, rows in zip("AB", "BA", codes, unmatched, strict=True):
        if not len(rows):
            continue
        shown = first(known[rows])
        facts = {"result": name, "other": other, "communes": len(rows), "of": len(known)}
        details = {**facts, **years}
        fault = Fault(code, name, column="commune", values=shown[:3], details=details)
        if len(rows) > MOST_UNMATCHED * len(known):
            faults.append(fault)
        kind = "comparison.communes_of_one"
        notes.append(Note(kind, len(rows), shown, warning=True, details=details))
    if faults:
        raise InputDataError(faults)
    return notes


@check_arguments(first_zones=Zoning, second=Zoning, moving=(Mapping, VintageChange), years=tuple)
def passage_between(
    first_zones: Zoning,
    second: Zoning,
    moving: Mapping[str, Any] | VintageChange,
    years: tuple[int | None, int | None] = (None, None),
) -> Passage:
    """Return how the communes of one result became those of another.

    Parameters
    ----------
    first_zones, second : Zoning
        The two results; the second may be the earlier one.
    moving : mapping of str to path, or VintageChange
        ``movements`` or ``table``: INSEE's file of the events of communes, or its table de
        passage; or what was read of it, of any year.
    years : tuple of int, optional
        The vintage of the communes of each; by default that recorded with the result, or else the
        latest that its codes fit.

    Returns
    -------
    Passage
        From the first to the second.

    Raises
    ------
    InputDataError
        The file is wrong or does not reach a year, or a vintage cannot be determined.
    """
    unknown = isinstance(moving, Mapping) and set(moving) - {"movements", "table"}
    if len(years) != len("AB") or unknown:
        raise InputDataError(Fault("import.one_source_of_changes", "moving"))
    for year in years:
        check_types(years=(year, int, None))
    change = moving if isinstance(moving, VintageChange) else VintageChange.by(0, **moving)
    source = change.source
    year_a, year_b = (
        year or commune_vintage(zones) or _guess_vintage(name, zones, source)
        for name, zones, year in zip("AB", (first_zones, second), years, strict=True)
    )
    return VintageChange(year_b, source).passage_from(year_a)


@check_arguments(zones=("Zoning",))
def name_of(zones: Zoning) -> str:
    """Return the name of a result: its folder, or the id of its methodology.

    Parameters
    ----------
    zones : Zoning
        The result.
    """
    return zones.folder.resolve().name if isinstance(zones, StoredResult) else zones.methodology.id


@check_arguments(zones=("Zoning",))
def commune_vintage(zones: Zoning) -> int | None:
    """Return the vintage of the communes of a result; None unless its inputs state one year.

    Parameters
    ----------
    zones : Zoning
        The result.
    """
    given = [entry.get("vintage") for entry in zones.imports]
    if isinstance(zones, Result):
        given.append(zones.network.source.get("vintage"))
    if isinstance(zones, StoredResult):
        given.append(zones.record["network"].get("vintage"))
    years = {int(year) for year in given if year}
    return years.pop() if len(years) == 1 else None


def _guess_vintage(name: str, zones: Zoning, source: pl.DataFrame) -> int:
    years = guess_vintage(_codes(zones), source)
    if not years:
        details = {"option": f"--vintage-{name.lower()}"}
        raise InputDataError(Fault("comparison.unknown_vintage", name, details=details))
    return max(years)
