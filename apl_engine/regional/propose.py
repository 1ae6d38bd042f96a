"""Proposals that use up the margin of annexe V, and never exceed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from ..errors import Note, check_arguments
from ..method.result import Zoning
from .knapsack import by_rank, largest_within, units_of
from .proposal import Move, Proposal
from .region import Region, Territory, read_country, total
from .rules import rounded

Direction = Literal["add", "remove"]
Aim = Literal["most_population", "lowest_apl"]


@dataclass(frozen=True)
class Proposed:
    """A computed proposal, and how far it uses up the margin.

    Attributes
    ----------
    proposal : Proposal
        With the justifications and dates that were given.
    region : Region
        Its region.
    territories : tuple of Territory
        Those that would move, in the order of candidates.
    room : Fraction
        Inhabitants that may move in this direction.
    population : Fraction
        Inhabitants that would move, at most `room`.
    notes : tuple of Note
        Restrictions of the result.
    """

    proposal: Proposal
    region: Region
    territories: tuple[Territory, ...]
    room: Fraction
    population: Fraction
    notes: tuple[Note, ...]

    @property
    def comments(self) -> dict[str, str]:
        """Return a comment on the region and on each territory, for `proposal_text`.

        Proposals leave the agency, so an exact APL is none of it (docs/secrecy.md).
        """
        comments = {
            one.code: f"{one.name}, {_inhabitants(one.population)} inhabitants"
            for one in self.territories
        }
        people, room = _inhabitants(self.population), _inhabitants(self.room)
        region = f"{self.region.name}: {people} inhabitants of {room} that may move"
        return {**comments, self.region.code: region}


def _inhabitants(people: Fraction) -> str:
    """Write a number with spaces between thousands, and up to 3 decimals."""
    return f"{float(people):,.3f}".replace(",", " ").rstrip("0").rstrip(".")


@check_arguments(
    direction=str,
    aim=str,
    justification=str,
    concertation=(date, None),
    commission_paritaire_regionale=(date, None),
)
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
    """Use up the margin of a region (arrêté of 20 March 2024, annexe, V).

    The limit holds exactly. If the methodology requires an order of additions, it determines
    them, whatever the aim.

    Parameters
    ----------
    zones : Zoning
        A national result, as from `run`, `zone_published` or `read_result`.
    region : str
        Code or name.
    direction : str
        ``add`` to the lower class ("zones très sous dotées"), or ``remove`` from it.
    aim : str
        ``most_population`` moves as many inhabitants as the margin allows; of sets with as many,
        the one whose last candidate comes first. ``lowest_apl`` takes each candidate that fits:
        the lowest APL first to add, the highest first to remove.
    justification : str
        Of each territory.
    concertation, commission_paritaire_regionale : date, optional
        Dates of the consultation.

    Returns
    -------
    Proposed

    Raises
    ------
    InputDataError
        The region is unknown, or the zones were already adapted.

    Examples
    --------
    >>> propose(read_result("zones-2024"), "Bretagne").proposal  # doctest: +SKIP
    """
    own = read_country(zones).region(region)
    adding = direction == "add"
    room = own.room(adding=adding)
    chosen, notes = _choose(own, room, aim=aim, adding=adding)
    moved = total(chosen)
    moves = tuple(Move(one.code, justification) for one in chosen)
    added, removed = (moves, ()) if adding else ((), moves)
    proposal = Proposal(own.code, added, removed, concertation, commission_paritaire_regionale)
    notes += (*_out_of_reach(own, moved if adding else -moved), *own.notes)
    return Proposed(proposal, own, tuple(chosen), room, moved, notes)


def _out_of_reach(region: Region, moved: Fraction) -> tuple[Note, ...]:
    """Warn if no move in this direction brings the share within the margin."""
    difference = abs(region.inside + moved - region.base)
    if difference <= region.limit:
        return ()
    details = {
        "difference": rounded(region.share(difference)),
        "limit": rounded(region.share(region.limit)),
    }
    return (Note("proposal.share_out_of_reach", warning=True, details=details),)


def _choose(
    region: Region, room: Fraction, *, aim: Aim, adding: bool
) -> tuple[list[Territory], tuple[Note, ...]]:
    """Return the territories that use up the room."""
    order = region.methodology.regional.addition_order if adding else "free"
    candidates = region.additions() if adding else region.removals()
    if order != "free" or aim == "lowest_apl":
        return by_rank(candidates, room, order), ()
    chosen = largest_within(candidates, room)
    if (parts := units_of(candidates)) == 1:
        return chosen, ()
    details = {"parts": parts, "tolerance": len(candidates) / parts}
    return chosen, (Note("proposal.counted_in_tenths", len(candidates), details=details),)
