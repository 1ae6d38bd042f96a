"""Imported tables brought to the communes of one year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError
from ..geography.history.convert import (
    convert_apl,
    convert_population,
    convert_practitioners,
    convert_travel_times,
)
from ..geography.history.events import first_of_january
from ..geography.history.guess_vintage import guess_vintage, vintage_fault
from ..geography.history.mergers import convert_communes
from ..geography.history.passage import (
    Passage,
    columns_by_year,
    passage_from_events,
    passage_from_table,
)
from ..geography.history.recode import Converted
from ..methodology.model import Methodology
from ..notes import Note
from ..readers.common.imported import Imported
from ..readers.insee.geography import read_movements, read_passage

_BRING: Mapping[str, Callable[..., Converted]] = {
    "population": convert_population,
    "practitioners": convert_practitioners,
    "travel_times": convert_travel_times,
    "communes": convert_communes,
    "published": convert_apl,
}
# Where somebody practises is nobody's business but the table's.
_PRIVATE = ("practitioners",)
_WEIGHED = ("population", "practitioners", "published")


@dataclass(frozen=True)
class VintageChange:
    """How communes are followed through the years.

    Attributes
    ----------
    to : the year whose communes everything is brought to.
    source : events of communes, or a table de passage.
    """

    to: int
    source: pl.DataFrame

    @classmethod
    def by(cls, to: int, movements: Path | None = None, table: Path | None = None) -> VintageChange:
        """Read the events of communes, or a table de passage.

        Raises
        ------
        InputDataError
            Neither or both are given, or the file is wrong.
        """
        if movements and not table:
            return cls(to, read_movements(movements))
        if table and not movements:
            return cls(to, read_passage(table))
        problem = "one of both is needed: events of communes, or a table de passage"
        hint = "INSEE's v_mvt_commune_<year>.csv with --movements, or its table with --passage."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault", table="vintage", details={"problem": problem, "hint": hint}
                )
            ]
        )

    def _refuse_untold(self, year: int) -> None:
        """Refuse a year that the events do not reach: nothing would tell what changed."""
        days = self.source["date"].drop_nulls().sort()
        if days.is_empty():
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="movements",
                        details={"problem": "no event is in the file"},
                    )
                ]
            )
        first, last = days[0], days[-1]
        # The geography of a year is that of its 1 January.
        known = range(first.year, last.year + (last.month > 1 or last.day > 1) + 1)
        untold = [other for other in (year, self.to) if other not in known]
        if untold:
            problem = f"events from {first} to {last} do not tell of {untold[0]}"
            hint = "Give a later file of events, or another year."
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="movements",
                        details={"problem": problem, "hint": hint},
                    )
                ]
            )

    def passage_from(self, year: int) -> Passage:
        """Return how the codes of a year become those of the target.

        Raises
        ------
        InputDataError
            The events, or the table, do not reach one of both years.
        """
        if "mod" in self.source.columns:
            self._refuse_untold(year)
            return passage_from_events(self.source, year, self.to)
        return passage_from_table(self.source, year, self.to)

    def became(self, code: str) -> tuple[list[tuple[str, str]], int] | None:
        """Return what a code of an earlier year became.

        Parameters
        ----------
        code : of a commune that is not there any more.

        Returns
        -------
        list of (str, str), int; or None
            The codes now with their names (empty where the source tells none), and the latest year
            in which the code was in use; None where the source does not know it.
        """
        for year in self._years_before(code):
            links = self.passage_from(year).links.filter(before=code)
            if links.height:
                named = links.select("after", pl.col("label_after").fill_null(""))
                return [(now, name) for now, name in named.rows()], year
        return None

    def _years_before(self, code: str) -> list[int]:
        """Return years in which a code may have been in use, the latest first."""
        if "mod" not in self.source.columns:
            known = sorted(columns_by_year(self.source), reverse=True)
            return [year for year in known if year < self.to]
        ended = self.source.filter(
            pl.col("code_before") == code, pl.col("date") <= first_of_january(self.to)
        )["date"]
        # The geography of a year is that of its 1 January, events of that day included.
        years = {day.year - (day == first_of_january(day.year)) for day in ended}
        return sorted(years, reverse=True)


def convert_vintage(
    imported: Imported,
    moving: VintageChange,
    methodology: Methodology,
    *,
    weights: pl.DataFrame | None = None,
) -> Imported:
    """Bring every table of an import to the communes of one year.

    Parameters
    ----------
    imported : as from a reader. Where it tells no vintage, its codes must tell it.
    moving : to which year, and how.
    methodology : for ``mesh.canton_poles``.
    weights : ``commune``, ``population`` of that year, to share split communes out.

    Returns
    -------
    Imported
        With a note for every kind of change, and the year; ``details`` holds, by table, what
        became of every code that changed, was split or is unknown.

    Raises
    ------
    InputDataError
        Codes that were not in use in the year the import is said to be of (with the year they
        fit), or no year that they fit.
    """
    tables = {name: table for name, table in imported.tables.items() if name in _BRING}
    if not tables:
        return imported
    year, notes = _year_of(imported, tables, moving)
    if faults := _strange(imported, tables, year, moving):
        raise InputDataError(faults)
    if year == moving.to:
        return replace(imported, vintage=year, notes=(*imported.notes, *notes))
    way = moving.passage_from(year)
    brought = {}
    changes: dict[str, list[dict[str, Any]]] = {}
    for name, table in tables.items():
        options: dict[str, Any] = {"weights": weights} if name in _WEIGHED else {}
        if name == "communes":
            options["canton_poles"] = methodology.mesh.canton_poles
        result = _BRING[name](_as_text(table), way, **options)
        brought[name] = result.table
        if name not in _PRIVATE:
            changes[name] = _plain(result.report)
        notes += result.notes
    return replace(
        imported,
        tables={**imported.tables, **brought},
        vintage=moving.to,
        notes=(*imported.notes, *notes),
        details={**imported.details, "codes": changes},
    )


def _plain(report: pl.DataFrame) -> list[dict[str, Any]]:
    """Return what became of each code, for JSON."""
    return report.with_columns(pl.col("date").cast(pl.String)).to_dicts()


def _codes(table: pl.DataFrame) -> set[str]:
    names = [name for name in ("commune", "origin", "destination") if name in table.columns]
    return {code for name in names for code in table[name].cast(pl.String).unique()}


def _as_text(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))


def _year_of(
    imported: Imported, tables: Mapping[str, pl.DataFrame], moving: VintageChange
) -> tuple[int, list[Note]]:
    """Return the year that a file tells, or that its codes do."""
    if imported.vintage is not None:
        return imported.vintage, []
    codes = set().union(*map(_codes, tables.values()))
    years = guess_vintage(codes, moving.source)
    if not years:
        problem = "nothing tells the vintage of its communes"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=imported.kind,
                    details={"problem": problem, "hint": "Name it: --vintage 2022."},
                )
            ]
        )
    # Where the codes fit several years, the nearest changes least.
    year = min(years, key=lambda other: (abs(other - moving.to), other))
    shown = ", ".join(map(str, years))
    text = f"{imported.kind}: no vintage is told; its codes fit {shown}, {year} is taken"
    return year, [
        Note("vintage_guessed", len(years), warning=len(years) > 1, details={"text": text})
    ]


def _strange(
    imported: Imported, tables: Mapping[str, pl.DataFrame], year: int, moving: VintageChange
) -> list[Fault]:
    """Return the faults of codes that were not in use in a year."""
    found = [
        vintage_fault(
            imported.stamps[0].name if imported.stamps else name,
            _codes(table), year, moving.source, private=name == "practitioners",
        )
        for name, table in tables.items()
    ]  # fmt: skip
    return [fault for fault in found if fault]
