"""Imported tables converted to the communes of one year."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError, Note, check_arguments, check_types, first
from ..geography.history.convert import (
    convert_apl,
    convert_population,
    convert_practitioners,
    convert_travel_times,
    convert_zoning,
)
from ..geography.history.events import first_of_january, typed_movements
from ..geography.history.guess_vintage import guess_vintage, vintage_fault
from ..geography.history.mergers import convert_communes
from ..geography.history.passage import (
    Passage,
    columns_by_year,
    passage_from_events,
    passage_from_table,
    select_arrondissements,
    typed_passage_table,
)
from ..geography.history.recode import Converted
from ..inputs.imported import Imported
from ..methodology.model import Methodology
from ..readers.common.issues import Issues
from ..readers.common.match import Named
from ..readers.insee.geography import read_movements, read_passage
from ..schemas import (
    COMMUNES,
    POPULATION,
    PRACTITIONERS,
    TRAVEL_TIMES,
    Kind,
    to_frame,
    typed_columns,
)

_CONVERTERS: Mapping[str, Callable[..., Converted]] = {
    "population": convert_population,
    "practitioners": convert_practitioners,
    "travel_times": convert_travel_times,
    "communes": convert_communes,
    "published": convert_apl,
    "zoning": convert_zoning,
}
_CODES = ("commune", "origin", "destination")
_NUMBERS = ("apl", "population", "standardised_population")
# The columns that the converters use; those that a table may lack come after.
_CONVERTED: dict[str, Kind] = {"number": "quantity", "flag": "flag"}
_KINDS: dict[str, dict[str, Kind]] = {
    table.name: {
        column.name: _CONVERTED.get(column.kind, "text")
        for column in table.columns
        if column.kind not in ("integer", "date") and column.name not in ("lat", "lon")
    }
    for table in (COMMUNES, POPULATION, PRACTITIONERS, TRAVEL_TIMES)
} | {
    "published": {"commune": "text", "name": "text", **dict.fromkeys(_NUMBERS, "quantity")},
    "zoning": {"commune": "text", "name": "text", "zone": "text"},
}
_OPTIONAL = {
    "communes": ("departement", "territory_kind", "population"),
    "population": ("age_band",),
    "practitioners": ("acts", "fees", "newly_installed"),
    "published": ("name",),
    "zoning": ("name",),
}
# The commune of a practice is private beyond the table itself.
_PRIVATE = ("practitioners",)
_WEIGHTED = ("population", "practitioners", "published")


@dataclass(frozen=True)
class VintageChange:
    """How communes are followed through the years.

    Attributes
    ----------
    to : int
        The year whose communes everything is converted to.
    source : polars.DataFrame
        Events of communes, or a table de passage.
    notes : tuple of Note
        What was repaired in the file.
    """

    to: int
    source: pl.DataFrame
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        """Take a table of another library; refuse columns absent or of another type."""
        check_types(to=(self.to, int))
        source = to_frame(self.source, "vintage")
        typed = typed_movements if "mod" in source.columns else typed_passage_table
        object.__setattr__(self, "source", typed(source))

    @classmethod
    @check_arguments(movements=(str, Path, None), table=(str, Path, None))
    def by(
        cls,
        to: int,
        movements: Path | None = None,
        table: Path | None = None,
        *,
        columns: Named = None,
    ) -> VintageChange:
        """Read the events of communes, or a table de passage.

        Parameters
        ----------
        to : int
            The target year.
        movements : Path, optional
            INSEE's events of communes, ``v_mvt_commune_<year>.csv``.
        table : Path, optional
            INSEE's table de passage.
        columns : mapping of str to str or NamedColumns, optional
            Columns of `movements` that are not recognised, by field.

        Raises
        ------
        InputDataError
            Neither or both are given, or the file is wrong.
        """
        if movements and not table:
            issues = Issues(Path(movements).name)
            events = read_movements(Path(movements), issues, columns=columns)
            return cls(to, events, tuple(issues.notes))
        if table and not movements:
            issues = Issues(Path(table).name)
            return cls(to, read_passage(Path(table), issues), tuple(issues.notes))
        raise InputDataError(Fault("import.one_source_of_changes", "vintage"))

    @property
    def years(self) -> Collection[int]:
        """The years that the events, or the table, cover."""
        if "mod" not in self.source.columns:
            return columns_by_year(self.source).keys()
        days = self.source["date"].drop_nulls()
        start, end = days.min(), days.max()
        if not isinstance(start, date) or not isinstance(end, date):
            raise InputDataError(Fault("import.no_event", "movements"))
        # The geography of a year is that of its 1 January.
        return range(start.year, end.year + (end.month > 1 or end.day > 1) + 1)

    def _check_coverage(self, year: int) -> None:
        """Refuse a year outside the events: its changes are not known."""
        covered, days = self.years, self.source["date"]
        start, end = days.min(), days.max()
        outside = [other for other in (year, self.to) if other not in covered]
        if outside:
            details = {"start": str(start), "end": str(end), "year": outside[0]}
            code = "import.year_outside_events"
            raise InputDataError(Fault(code, "movements", details=details))

    def passage_from(self, year: int) -> Passage:
        """Return how the codes of a year become those of the target.

        Parameters
        ----------
        year : int
            The year of the codes.

        Returns
        -------
        Passage

        Raises
        ------
        InputDataError
            The events, or the table, do not cover one of the two years.
        """
        if "mod" in self.source.columns:
            self._check_coverage(year)
            return passage_from_events(self.source, year, self.to)
        return passage_from_table(self.source, year, self.to)

    def became(self, code: str) -> tuple[list[tuple[str, str]], int] | None:
        """Return what a code of an earlier year became.

        Parameters
        ----------
        code : str
            Of a commune that no longer exists.

        Returns
        -------
        list of (str, str), int; or None
            The codes of the target year with their names (empty if the source has none), and the
            latest year in which the code was in use; None if the source does not have it.
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


@check_arguments(imported=Imported, change=VintageChange, methodology=Methodology)
def convert_vintage(
    imported: Imported, change: VintageChange, methodology: Methodology, *, weights: object = None
) -> Imported:
    """Convert every table of an import to the communes of one year.

    Parameters
    ----------
    imported : Imported
        As from a reader. If it has no vintage, its codes must show one.
    change : VintageChange
        To which year, and how.
    methodology : Methodology
        For ``mesh.canton_poles``.
    weights : object, optional
        A frame of any library that speaks the Arrow C interface:
        ``commune``, ``population`` of that year, to share out communes that were split, and
        optionally ``name``, of communes that the source of changes does not name.

    Returns
    -------
    Imported
        With a note for every kind of change, and the year; ``details`` holds, by table, what
        became of every code that changed, was split or is unknown.

    Raises
    ------
    InputDataError
        A table lacks a column, or has one of another type; codes that were not in use in the year
        of the import (with the year that they fit), or no year that they fit; or classes of
        territories alone.
    """
    if weights is not None:
        kinds: dict[str, Kind] = {"commune": "text", "name": "text", "population": "quantity"}
        weights = typed_columns(
            weights, "weights", kinds, nullable=("name", "population"), optional=("name",)
        )
    if "zoning" in imported.tables:
        _refuse_territories_alone(imported.tables["zoning"])
    tables = {
        name: _typed(name, table) for name, table in imported.tables.items() if name in _CONVERTERS
    }
    if not tables:
        return imported
    year, notes = _vintage_of(imported, tables, change)
    notes = [*change.notes, *notes]
    file = imported.stamps[0].name if imported.stamps else ""
    found = ((file or name, _codes(table), name in _PRIVATE) for name, table in tables.items())
    faults = [
        vintage_fault(source, codes, year, change.source, private=private)
        for source, codes, private in found
    ]
    if any(faults):
        raise InputDataError(filter(None, faults))
    if year == change.to:
        return replace(imported, vintage=year, notes=(*imported.notes, *notes))
    way = _with_names(change.passage_from(year), weights)
    converted = {}
    changes: dict[str, list[dict[str, Any]]] = {}
    for name, table in tables.items():
        options: dict[str, Any] = {"weights": weights} if name in _WEIGHTED else {}
        if name == "communes":
            options["canton_poles"] = methodology.mesh.canton_poles
        result = _CONVERTERS[name](table, way, **options)
        converted[name] = result.table
        if name not in _PRIVATE:
            changes[name] = result.report.with_columns(pl.col("date").cast(pl.String)).to_dicts()
        notes += result.notes
    return replace(
        imported,
        tables={**imported.tables, **converted},
        vintage=change.to,
        notes=(*imported.notes, *notes),
        details={**imported.details, "codes": changes},
    )


def _refuse_territories_alone(zoning: pl.DataFrame) -> None:
    """Refuse classes of territories, of which no communes are known."""
    if zoning.height and "commune" in zoning.columns and zoning["commune"].is_null().all():
        raise InputDataError(Fault("conversion.by_territory", "zoning"))


def convert_legal_populations(
    people: pl.DataFrame, communes: pl.DataFrame, year_from: int | None, year_to: int | None,
    change: VintageChange,
) -> tuple[pl.DataFrame, Sequence[Note]]:  # fmt: skip
    """Convert legal populations to the communes of a table d'appartenance.

    They are published in the geography of their year, and the table in that of its own.

    Parameters
    ----------
    people, communes : pl.DataFrame
        ``commune``, ``population`` of each; those of the table divide split communes.
    year_from, year_to : int or None
        The geographies of both; if None, or if it leaves people without a commune, one that the
        codes fit, as near to each other as can be.
    change : VintageChange
        What became of each code. Its year does not matter, but the nearest is tried first.

    Returns
    -------
    pl.DataFrame, sequence of Note
        ``commune``, ``population``; what was converted.

    Raises
    ------
    InputDataError
        The populations of a split commune are unknown, or codes of two years are mixed.
    """
    wanted = set(communes["commune"])

    def misplaced(people: pl.DataFrame) -> int:
        """Count the communes of one table that the other lacks, in departements of both."""
        given = set(people["commune"]) - select_arrondissements(people["commune"])
        both = {code[:2] for code in given} & {code[:2] for code in wanted}
        return sum(code[:2] in both for code in given ^ wanted)

    def fitting(given: pl.DataFrame, stated: int | None) -> list[int]:
        years = set(guess_vintage(given["commune"], change.source)).intersection(change.years)
        ordered = sorted(years, key=lambda year: (abs(year - change.to), year))
        return list(dict.fromkeys([*(year for year in years if year == stated), *ordered]))

    fewest = misplaced(people)
    best, notes, refused = people, list[Note](), None
    years = product(fitting(communes, year_to), fitting(people, year_from)) if fewest else ()
    for now, then in years:
        try:
            way = replace(change, to=now).passage_from(then)
            made = convert_population(people, way, weights=communes)
        except InputDataError as error:
            refused = refused or error
            continue
        if (left := misplaced(made.table)) < fewest:
            codes = made.report["code"]
            details = {"year_from": then, "year_to": now}
            notes = [Note("insee.populations_converted", len(codes), first(codes), details=details)]
            fewest, best = left, made.table
        if not left:
            break
    if refused and not notes:
        raise refused
    return best, notes


def follow_poles(communes: pl.DataFrame, change: VintageChange) -> tuple[pl.DataFrame, list[Note]]:
    """Name bassins de vie after the communes that their poles became.

    INSEE keeps the code of a bassin de vie from one edition to the next, also if the commune that
    named it has merged since. If the new commune was in that bassin, it is its pole; if it is the
    pole of another one, both poles have merged, and so have their bassins (annexe, II).

    Parameters
    ----------
    communes : pl.DataFrame
        ``commune``, ``living_area``.
    change : VintageChange
        What became of each code.

    Returns
    -------
    pl.DataFrame, list of Note
        The same rows, and the bassins that have another code.
    """
    areas = dict(communes.select("commune", "living_area").rows())
    became: dict[str, str] = {}
    for pole in sorted({*areas.values()} - areas.keys() - {None}):
        successors, _ = change.became(pole) or ([], 0)
        if len(successors) == 1 and areas.get(code := successors[0][0]) in (pole, code):
            became[pole] = code
    changed = [f"{pole} is {code}" for pole, code in became.items()]
    note = Note("insee.poles_followed", len(became), first(changed))
    communes = communes.with_columns(pl.col("living_area").replace(became))
    return communes, [note] if became else []


def _with_names(passage: Passage, weights: pl.DataFrame | None) -> Passage:
    """Name new communes as the table of the later year does, if the source of changes does not."""
    if weights is None or "name" not in weights.columns:
        return passage
    names = weights.select("name", after="commune").unique("after")
    links = passage.links.join(names, on="after", how="left", maintain_order="left")
    return replace(
        passage, links=links.with_columns(label_after=pl.coalesce("label_after", "name"))
    )


def _typed(name: str, given: object) -> pl.DataFrame:
    """Return a table with text as plain text, numbers of the types that they have."""
    kinds = _KINDS[name]
    table = typed_columns(
        given, name, kinds, nullable=kinds.keys() - set(_CODES),
        optional=_OPTIONAL.get(name, ()), cast_numbers=False,
    )  # fmt: skip
    # Columns beside these are converted too.
    faults = [
        Fault(f"{name}.wrong_type", name, column=column,
              details={"expected": "text", "type": str(dtype)})
        for column, dtype in table.schema.items() if dtype == pl.Object
    ]  # fmt: skip
    if faults:
        raise InputDataError(faults)
    return table.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))


def _codes(table: pl.DataFrame) -> set[str]:
    return {code for name in _CODES if name in table.columns for code in table[name].unique()}


def _vintage_of(
    imported: Imported, tables: Mapping[str, pl.DataFrame], change: VintageChange
) -> tuple[int, list[Note]]:
    """Return the vintage that a file states, or that its codes show."""
    if imported.vintage is not None:
        return imported.vintage, []
    years = guess_vintage(set().union(*map(_codes, tables.values())), change.source)
    if not years:
        raise InputDataError(Fault("import.vintage_unknown", imported.kind))
    # If the codes fit several years, the nearest changes least.
    year = min(years, key=lambda other: (abs(other - change.to), other))
    details = {"kind": imported.kind, "years": tuple(years), "year": year}
    warning = len(years) > 1
    return year, [Note("import.vintage_guessed", len(years), warning=warning, details=details)]
