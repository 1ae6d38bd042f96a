"""Communes of one result to those of another: the same code, or followed through the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..columns import numbers
from ..errors import Fault, InputDataError
from ..geography.history.guess_vintage import guess_vintage
from ..geography.history.passage import Passage
from ..geography.history.recode import code_notes, match_codes
from ..imports import VintageChange
from ..kernels.types import Float
from ..method.ranking import Places
from ..method.result import Result, Zoning
from ..notes import Note, first
from ..results.read import StoredResult

# More communes than this without a counterpart are another country, or another year.
_MOST_ALONE = 0.02


@dataclass(frozen=True)
class Matching:
    """What the communes of two results have in common.

    A part is what is of one commune in the first result and of one in the second: a whole commune,
    but where communes were merged or split between the two.

    Attributes
    ----------
    codes : the communes of each, sorted, (n_communes,).
    places : int64 (n_parts,) for each: the commune that a part is of. Parts are sorted by the
        codes of the first, then of the second.
    alone : int64 (n_alone,) for each: the communes that the other does not have.
    notes : what does not meet.
    """

    codes: tuple[pl.Series, pl.Series]
    places: tuple[Places, Places]
    alone: tuple[Places, Places]
    notes: tuple[Note, ...]

    def spread(self, side: int, values: Float, by: Float, otherwise: Float | None = None) -> Float:
        """Share out what the communes of one side have over their parts.

        A commune that is several of the other side is shared out in proportion to what these have
        of the same themselves.

        Parameters
        ----------
        side : 0 or 1, whose values they are.
        values : float64 (n_communes,) of that side.
        by : float64 (n_communes,) of the other side: the same there.
        otherwise : float64 (n_parts,), shares to take where the others have none; equal ones where
            None.

        Returns
        -------
        float64 (n_parts,)
            Values of whole communes to the bit.
        """
        return values[self.places[side]] * self.shares(side, by, otherwise)

    def shares(self, side: int, by: Float, otherwise: Float | None = None) -> Float:
        """Return the share of each part in its commune, float64 (n_parts,); see `spread`."""
        own, other = self.places[side], self.places[1 - side]
        size = len(self.codes[side])
        parts = np.bincount(own, minlength=size)[own].astype(np.float64)
        there = by[other] / np.bincount(other, minlength=len(by))[other]
        total = np.bincount(own, there, size)[own]
        shares = 1.0 / parts if otherwise is None else otherwise.copy()
        np.divide(there, total, out=shares, where=total > 0)
        shares[parts == 1] = 1.0
        return shares


def match_communes(first_zones: Zoning, second: Zoning, passage: Passage | None = None) -> Matching:
    """Find the commune of one result that each of the other is, or became.

    Parameters
    ----------
    first_zones, second : the two results.
    passage : from the communes of the first to those of the second; codes stand for themselves
        where None.

    Returns
    -------
    Matching

    Raises
    ------
    InputDataError
        Many communes have no counterpart, or codes of both years stand in the first.
    """
    codes = _codes(first_zones), _codes(second)
    links, followed = _links(*codes, passage)
    places = tuple(_places(links[name], known) for name, known in zip(_SIDES, codes, strict=True))
    alone = tuple(
        np.setdiff1d(np.arange(len(known)), place)
        for known, place in zip(codes, places, strict=True)
    )
    notes = (*followed, *_apart(codes, alone, passage))
    return Matching(codes, (places[0], places[1]), (alone[0], alone[1]), notes)


_SIDES = ("a", "b")


def _codes(zones: Zoning) -> pl.Series:
    return zones.communes["commune"].cast(pl.String)


def _places(codes: pl.Series, known: pl.Series) -> Places:
    return codes.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy()


def _links(
    before: pl.Series, after: pl.Series, passage: Passage | None
) -> tuple[pl.DataFrame, list[Note]]:
    """Return the pairs of codes that are of the same place, sorted; and what changed."""
    links, notes = pl.DataFrame({"a": before}).with_columns(b="a"), []
    if passage is not None:
        codes = match_codes("communes of A", before, passage, frozenset(after))
        moved = codes.links.select(a="before", b="after")
        kept = links.filter(~pl.col("a").is_in(moved["a"].implode()))
        links, notes = pl.concat([moved, kept]), code_notes(codes)
    return links.filter(pl.col("b").is_in(after.implode())).sort("a", "b"), notes


def _apart(
    codes: tuple[pl.Series, pl.Series], alone: tuple[Places, ...], passage: Passage | None
) -> tuple[Note, ...]:
    """Say which communes only one of both has; refuse where these are many."""
    faults, notes = [], []
    hint = "Follow communes from one year to the other with --passage or --movements of INSEE."
    if passage:
        hint = f"Codes were followed from {passage.year_from} to {passage.year_to}: other years?"
    for name, other, known, places in zip("AB", "BA", codes, alone, strict=True):
        if not len(places):
            continue
        text = f"communes of {name} that {other} does not have"
        shown = first(known[places])
        if len(places) > _MOST_ALONE * len(known):
            problem = f"{len(places)} of {len(known)} {text}"
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=name,
                    column="commune",
                    values=shown[:3],
                    details={"problem": problem, "hint": hint},
                )
            )
        notes.append(
            Note(
                "communes_apart",
                len(places),
                shown,
                warning=True,
                details={"text": f"{len(places)} {text}"},
            )
        )
    if faults:
        raise InputDataError(faults)
    return tuple(notes)


def passage_between(
    first_zones: Zoning,
    second: Zoning,
    moving: Mapping[str, Any],
    years: tuple[int | None, int | None] = (None, None),
) -> Passage:
    """Follow the communes of one result to those of another.

    Parameters
    ----------
    first_zones, second : the two results.
    moving : ``movements`` or ``table``: the file of INSEE's events of communes, or of its table de
        passage.
    years : of which communes each is; where None, what its record tells of the files that it was
        made from, else the year that its codes fit.

    Returns
    -------
    Passage
        From the first to the second, which may be the earlier one.

    Raises
    ------
    InputDataError
        The file is wrong or does not reach a year, or nothing tells a year.
    """
    source = VintageChange.by(0, **moving).source
    year_a, year_b = (
        year or vintage_of(zones) or _guessed(name, zones, source)
        for name, zones, year in zip("AB", (first_zones, second), years, strict=True)
    )
    return VintageChange(year_b, source).passage_from(year_a)


def name_of(zones: Zoning) -> str:
    """Return what to call a result: its folder, else its methodology."""
    return zones.folder.resolve().name if isinstance(zones, StoredResult) else zones.methodology.id


def vintage_of(zones: Zoning) -> int | None:
    """Return the year of the communes of a result, None where nothing tells one year."""
    given = [entry.get("vintage") for entry in zones.imports]
    if isinstance(zones, Result):
        given.append(zones.network.get("vintage"))
    if isinstance(zones, StoredResult):
        given.append(zones.record["network"].get("vintage"))
    years = {int(year) for year in given if year}
    return years.pop() if len(years) == 1 else None


def _guessed(name: str, zones: Zoning, source: pl.DataFrame) -> int:
    """Return the latest year that most codes fit."""
    years = guess_vintage(_codes(zones), source)
    if not years:
        hint = f"Name it: --vintage-{name.lower()} 2023."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=name,
                    details={"problem": "nothing tells the vintage of its communes", "hint": hint},
                )
            ]
        )
    return max(years)


def column(zones: Zoning, name: str) -> Float:
    """Return a column of the communes of a result, which are sorted by code."""
    return numbers(zones.communes[name])
