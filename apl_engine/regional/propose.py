"""Proposals that fill the margin of annexe V, and never exceed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from ..method.result import Zoning
from ..notes import Note
from .format import inhabitants, points
from .knapsack import each_that_fits, largest_within, longest_beginning, units_of
from .proposal import Move, Proposal
from .region import Region, Territory, read_country, total

Direction = Literal["add", "remove"]
Aim = Literal["most_population", "lowest_apl"]


@dataclass(frozen=True)
class Proposed:
    """A proposal that was made, and how far it fills the margin.

    Attributes
    ----------
    proposal : justifications and dates as they were given, empty else.
    region, territories : for which region, and what would move, in the order of candidates.
    room : inhabitants that may move this way.
    population : inhabitants that would, never above `room`.
    notes : what to know of it.
    """

    proposal: Proposal
    region: Region
    territories: tuple[Territory, ...]
    room: Fraction
    population: Fraction
    notes: tuple[Note, ...]

    @property
    def remarks(self) -> dict[str, str]:
        """Return a comment on the region and on each territory, for `proposal_text`."""
        return {
            **{
                one.code: f"{one.name}, {inhabitants(one.population)} inhabitants"
                + ("" if one.apl is None else f", APL {one.apl:.2f}")
                for one in self.territories
            },
            self.region.code: f"{self.region.name}: {inhabitants(self.population)} inhabitants of "
            f"{inhabitants(self.room)} that may move",
        }


def propose(
    zones: Zoning,
    region: str,
    direction: Direction = "add",
    aim: Aim = "most_population",
    *,
    justification: str = "",
    concertation: date | None = None,
    commission_paritaire_regionale: date | None = None,
) -> Proposed:
    """Fill the margin of a region (arrêté of 20 March 2024, annexe, V).

    The limit holds exactly. In the strict order, and in that which passes over what does not fit,
    the additions are all that the order lets in, whatever the aim.

    Parameters
    ----------
    zones : a national result, as from `run`, `zone_published` or `read_result`.
    region : code or name.
    direction : add to the lower class ("zones très sous dotées"), or remove from it.
    aim : ``most_population`` moves as many people as the margin holds, where no order is asked
        for; of sets of as many, the one whose last candidate comes first. ``lowest_apl``
        takes in turn whatever fits: the lowest APL first to add, the highest first to remove.
    justification : of each territory.
    concertation, commission_paritaire_regionale : dates of the consultation.

    Returns
    -------
    Proposed

    Raises
    ------
    InputDataError
        There is no such region, or the zones were adapted already.

    Examples
    --------
    >>> propose(read_result("zones-2024"), "Bretagne").proposal  # doctest: +SKIP
    """
    found = read_country(zones).region(region)
    adding = direction == "add"
    room = found.room(adding=adding)
    chosen, notes = _chosen(found, room, aim=aim, adding=adding)
    notes += _still_outside(found, total(chosen) if adding else -total(chosen))
    moves = tuple(Move(one.code, justification) for one in chosen)
    return Proposed(
        Proposal(
            region=found.code,
            additions=moves if adding else (),
            removals=() if adding else moves,
            concertation=concertation,
            commission_paritaire_regionale=commission_paritaire_regionale,
        ),
        found,
        tuple(chosen),
        room,
        total(chosen),
        notes,
    )


def _still_outside(region: Region, moved: Fraction) -> tuple[Note, ...]:
    """Tell where no move this way brings the share within the margin: check would refuse it."""
    away = region.inside + moved - region.base
    if abs(away) <= region.limit:
        return ()
    text = (
        f"the share would lie {points(abs(region.share(away)))} from the one that the margin is "
        f"taken from, more than {points(region.share(region.limit))}: not to be accepted as it is"
    )
    return (Note("final_share", 0, warning=True, details={"text": text}),)


def _chosen(
    region: Region, room: Fraction, *, aim: Aim, adding: bool
) -> tuple[list[Territory], tuple[Note, ...]]:
    """Return what fills the room, and what to know of how it was found."""
    order = region.methodology.regional.addition_order if adding else "free"
    candidates = region.additions() if adding else region.removals()
    if order != "free" or aim == "lowest_apl":
        # What has no APL has no rank.
        candidates = [one for one in candidates if one.apl is not None]
    if order == "strict":
        return longest_beginning(candidates, room), ()
    if order == "skipping" or aim == "lowest_apl":
        return each_that_fits(candidates, room), ()
    chosen = largest_within(candidates, room)
    if (parts := units_of(candidates)) == 1:
        return chosen, ()
    text = (
        f"populations are no whole numbers: counted in 1/{parts} of an inhabitant, rounded up; a "
        f"set that comes nearer to the margin than {len(candidates)}/{parts} may be missed"
    )
    return chosen, (Note("counted_in_tenths", len(candidates), details={"text": text}),)
