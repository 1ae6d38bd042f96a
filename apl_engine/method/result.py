"""What a run gives back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ..errors import Fault, InputDataError
from ..inputs.tables import Source
from ..methodology.model import Methodology
from ..notes import Note

if TYPE_CHECKING:
    from .zoning import Cut

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Suppression:
    """The figures suppressed in a publishable result; see `suppress_small_counts`.

    Attributes
    ----------
    min_practitioners : int
        Fewest practitioners whose figure is published.
    secondary : bool
        Whether figures that would disclose another are suppressed too.
    counts : mapping of str to int
        Number of suppressed figures, by table and column.
    totals : mapping of str to float or None
        Those of `totals_of` before suppression; None for a suppressed one.
    """

    min_practitioners: int
    secondary: bool
    counts: Mapping[str, int]
    totals: Mapping[str, float | None]

    def as_dict(self) -> dict[str, Any]:
        """Return all but the totals as plain values, for JSON."""
        return {
            "min_practitioners": self.min_practitioners,
            "secondary": self.secondary,
            "counts": dict(self.counts),
        }


@dataclass(frozen=True, kw_only=True)
class Zoning:
    """Communes, territories and regions with their zones, however the APL was found.

    Attributes
    ----------
    communes, territories, regions : the tables that come out, see `schemas.OUTPUTS`.
    cuts : where each class but the last ends.
    counts : what went in and what became of it, by table.
    notes : what was imputed, left out or odd.
    methodology : the rules applied.
    imports : the publishers' files that the tables were made from, see `Imported.as_dict`.
    timings : seconds by step.
    hanging : the territories whose zone hangs on a silent point of the cut, where that was asked;
        see `ambiguous_zones`.
    suppression : the figures suppressed, None if none are; see `suppress_small_counts`.
    """

    communes: pl.DataFrame
    territories: pl.DataFrame
    regions: pl.DataFrame
    cuts: tuple[Cut, ...]
    counts: Mapping[str, Mapping[str, int]]
    notes: tuple[Note, ...]
    methodology: Methodology
    timings: Mapping[str, float]
    imports: tuple[Mapping[str, Any], ...] = ()
    hanging: pl.DataFrame | None = None
    suppression: Suppression | None = None

    def check_whole(self) -> None:
        """Refuse a result whose figures are hidden in part, for what needs all of them.

        Raises
        ------
        InputDataError
            It was made to be published, see `suppress_small_counts`.
        """
        if self.suppression:
            problem = "figures of few practitioners are hidden in it"
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="result",
                        details={"problem": problem, "hint": "Give the whole result."},
                    )
                ]
            )

    @property
    def warnings(self) -> tuple[Note, ...]:
        """Return the notes that the reader should look into."""
        return tuple(note for note in self.notes if note.warning)


@dataclass(frozen=True, kw_only=True)
class Rezoned(Zoning):
    """Zones that were made of others by moving territories, see `regional.Adapted`.

    Attributes
    ----------
    base : the others.
    """

    base: Zoning


@dataclass(frozen=True, kw_only=True)
class Result(Zoning):
    """All that a run found: zones, and how supply and demand made them.

    Attributes
    ----------
    bands : weight of each age band, see `Demand`.
    median_acts, ceiling_acts : the median and the 9th decile that acts were measured by.
    reachable_etp : the supply that somebody can reach, ETP.
    sources : the tables that went in.
    network : what the prepared network was, see `TravelNetwork.as_dict`; empty where travel times
        were among the tables.
    located : where ``inputs`` and ``network`` were read from, where they are files.
    """

    bands: pl.DataFrame
    median_acts: float
    ceiling_acts: float
    reachable_etp: float
    sources: Mapping[str, Source]
    network: Mapping[str, Any] = field(default_factory=dict)
    located: Mapping[str, Path] = field(default_factory=dict)


def totals_of(result: Zoning) -> Mapping[str, float | None]:
    """Return the sums over all communes: ETP, inhabitants, standardised inhabitants."""
    if result.suppression:
        return result.suppression.totals
    communes, people = result.communes, result.communes["standardised_population"]
    per = float(result.methodology.apl.per_inhabitants)
    supply: dict[str, float | None] = {}
    if isinstance(result, Result):
        supply = {"etp": float(communes["etp"].sum()), "reachable_etp": result.reachable_etp}
    return {
        **supply,
        "distributed_etp": float((people * communes["apl"]).sum()) / per,
        "population": float(communes["population"].sum()),
        "standardised_population": float(people.sum()),
    }


@dataclass
class Clock:
    """Times the steps of a run, and tells that one begins."""

    on_step: OnStep | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    _step: str = ""
    _since: float = 0.0

    def begin(self, step: str) -> None:
        """End the step that runs, and begin another."""
        self.stop()
        self._step, self._since = step, time.perf_counter()
        if self.on_step:
            self.on_step(step)

    def stop(self) -> None:
        """End the step that runs."""
        if self._step:
            self.seconds[self._step] = time.perf_counter() - self._since
