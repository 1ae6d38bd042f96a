"""Geography as INSEE publishes it: table d'appartenance, legal populations, passage, movements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import Fault, InputDataError
from ...inputs.tables import Stamp, stamp_of
from ...notes import Note, first
from ..common.cells import read_matched
from ..common.collect import Found, once
from ..common.headers import Field, Layout, Match, match, plain
from ..common.match import find, refuse, sheets_of, text_columns, vintage_of
from ..common.numbers import refuse_fractions
from .codes import with_whole_codes
from .legal import CODE, ENSEMBLE, PEOPLE, POPULATIONS, with_legal

_NAME = Field("name", (r"^libgeo$", r"^lib", r"^nom"))

APPARTENANCE = Layout(
    "table d'appartenance géographique des communes (INSEE)",
    (
        CODE,
        _NAME,
        Field("departement", (r"^dep$", r"^departement$")),
        Field("region", (r"^reg$", r"^region$")),
        Field("canton", (r"^cv$", r"^canton_?ou_?ville", r"^canton")),
        Field("urban_unit", (r"^uu(?:20\d\d)?$",), usual="UU2020"),
        Field("living_area", (r"^bv(?:20\d\d)?$",), usual="BV2022"),
        PEOPLE,
    ),
)
ARRONDISSEMENTS = Layout(
    "arrondissements municipaux (INSEE)",
    (
        Field("commune", (r"^codgeo$", r"^arm$"), "code"),
        _NAME,
        PEOPLE,
    ),
)
MOVEMENTS = Layout(
    "événements de communes, code officiel géographique (INSEE)",
    (
        Field("mod", (r"^mod$",)),
        Field("date", (r"^date_eff$",)),
        Field("type_before", (r"^typecom_av$",)),
        Field("code_before", (r"^com_av$",)),
        Field("label_before", (r"^libelle_av$", r"^nccenr_av$")),
        Field("type_after", (r"^typecom_ap$",)),
        Field("code_after", (r"^com_ap$",)),
        Field("label_after", (r"^libelle_ap$", r"^nccenr_ap$")),
    ),
)
_LAYOUTS = (APPARTENANCE, ENSEMBLE, ARRONDISSEMENTS, POPULATIONS)
# Codes of the arrondissements municipaux of Paris, Marseille and Lyon, and their communes.
CITIES = {"751": "75056", "132": "13055", "6938": "69123"}
_PASSAGE = re.compile(r"^(?:com|codgeo|depcom)_?(20\d\d|ini)$")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y")


@dataclass(frozen=True)
class Geography:
    """A table d'appartenance.

    Attributes
    ----------
    communes : ``commune``, ``name``, ``departement``, ``region``, ``canton``, ``urban_unit``,
        ``living_area``, ``population`` (null where the file gives none).
    arrondissements : ``commune``, ``name``, ``city``, ``population``; empty where there are none.
    vintage : year of the geography, None where nothing tells.
    recognised, notes, stamps : see `Imported`.
    """

    communes: pl.DataFrame
    arrondissements: pl.DataFrame
    vintage: int | None
    recognised: str
    notes: tuple[Note, ...]
    stamps: tuple[Stamp, ...]


def read_appartenance(
    files: Sequence[Path],
    *,
    columns: Mapping[str, str] | None = None,
    vintage: int | None = None,
) -> Geography:
    """Read a table d'appartenance, with its arrondissements and legal populations.

    Parameters
    ----------
    files : the workbook, or its sheets as CSV files; any further file of legal populations.
    columns : columns that no pattern finds, ours to theirs.
    vintage : year of the geography, where the file does not tell it.

    Returns
    -------
    Geography

    Raises
    ------
    InputDataError
        With every fault of every file.
    """
    frames: list[pl.DataFrame] = []
    people: list[pl.DataFrame] = []
    told: list[str] = []
    notes: list[Note] = []
    faults: list[Fault] = []
    for path in files:
        kept = Found(path.name)
        for each in find(path, _LAYOUTS, columns):
            sheet = _or_legal(each, columns)
            frame = read_matched(sheet, kept)
            once(frame, ["commune"], kept, "Keep one.", sheet.names)
            refuse_fractions(frame, "population", sheet.names, kept)
            if sheet.layout in (POPULATIONS, ENSEMBLE):
                people.append(frame)
            else:
                frames.append(with_whole_codes(frame, sheet.names, kept))
            told.append(sheet.described)
            vintage = vintage or vintage_of(path, [sheet.sheet])
        notes += kept.notes
        faults += kept.faults
    refuse(faults)
    places = pl.concat([_nowhere(), *map(_complete, frames)])
    if not places["living_area"].is_not_null().any():
        names = ", ".join(path.name for path in files)
        problem = "no table d'appartenance among the files"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=names,
                    details={"problem": problem, "hint": f"Expected {APPARTENANCE.expected}."},
                )
            ]
        )
    kept = Found(", ".join(path.name for path in files))
    places = _each_once(places, kept)
    refuse(kept.faults)
    if people:
        places = with_legal(places, people, kept)
    _missing_arrondissements(places, kept)
    notes += kept.notes
    city = _city(pl.col("commune"))
    return Geography(
        communes=places.filter(city.is_null()).sort("commune"),
        arrondissements=places.filter(city.is_not_null())
        .select("commune", "name", "population", city=city)
        .sort("commune"),
        vintage=vintage,
        recognised="; ".join(told),
        notes=tuple(notes),
        stamps=tuple(stamp_of(path) for path in files),
    )


def _or_legal(found: Match, columns: Mapping[str, str] | None) -> Match:
    """Take a table of codes and names that are no arrondissements for legal populations."""
    if found.layout is not ARRONDISSEMENTS:
        return found
    rows = read_matched(found, Found(found.sheet.file))
    if rows.filter(_city(pl.col("commune")).is_null()).is_empty():
        return found
    legal = match(found.sheet, POPULATIONS, columns)
    if legal is None:
        names = ", ".join(cell.strip() for cell in found.sheet.head[found.header] if cell.strip())
        problem = f"no column of its communes is recognised as their population. It has {names}"
        hint = "Name it: --column population=NAME. "
        hint += f"Or is it no table d'appartenance? That has {APPARTENANCE.expected}."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=found.sheet.file,
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
    refuse(legal.faults)
    return legal


def _each_once(places: pl.DataFrame, kept: Found) -> pl.DataFrame:
    """Keep one row of an arrondissement that has several; refuse communes that have."""
    twice = places.filter(pl.col("commune").is_duplicated()).sort("commune")
    parts = twice.filter(_city(pl.col("commune")).is_not_null())
    whole = twice.join(parts, on="commune", how="anti")["commune"].unique().sort()
    hint = "Keep one row of each."
    if len(whole):
        problem = "communes stand in several sheets or files"
        fault = Fault(
            code="legacy.fault",
            table=kept.file,
            count=len(whole),
            values=first(whole, 3),
            details={"problem": problem, "hint": hint},
        )
        kept.faults.append(fault)
    odd = parts.drop_nulls("population").unique(["commune", "population"])
    odd = odd.filter(pl.col("commune").is_duplicated()).sort("commune", "population")
    if odd.height:
        shown = odd.select(pl.col("commune") + ": " + pl.col("population").cast(pl.String))
        problem = "arrondissements stand several times, with other populations"
        told = first(shown.to_series(), 4)
        kept.faults.append(
            Fault(
                code="legacy.fault",
                table=kept.file,
                count=odd.height,
                values=told,
                details={"problem": problem, "hint": hint},
            )
        )
    text = "arrondissements that stand several times count once"
    kept.note("arrondissements_twice", text, parts["commune"].unique().sort(), warning=True)
    kept_one = places.sort("population", nulls_last=True, maintain_order=True)
    return kept_one.unique("commune", keep="first", maintain_order=True)


def _missing_arrondissements(places: pl.DataFrame, kept: Found) -> None:
    """Warn of a city without its arrondissements: the zoning goes by these."""
    there = [
        city for prefix, city in CITIES.items()
        if not places["commune"].str.starts_with(prefix).any()
    ]  # fmt: skip
    whole = places.filter(pl.col("commune").is_in(there))["commune"].sort()
    text = "cities without their arrondissements: give INSEE's sheet ARM, or its CSV, too"
    kept.note("arrondissements_missing", text, whole, warning=True)


def without_whole_cities(table: pl.DataFrame, kept: Found) -> pl.DataFrame:
    """Leave out Paris, Lyon and Marseille whole where their arrondissements are there.

    Parameters
    ----------
    table : with ``commune``; the people of these cities would count twice.
    kept : takes the note.
    """
    there = [
        city for prefix, city in CITIES.items()
        if table["commune"].str.starts_with(prefix).any()
    ]  # fmt: skip
    whole = table.filter(pl.col("commune").is_in(there))["commune"].unique().sort()
    kept.note("whole_cities", "cities that are there by arrondissement too are left out", whole)
    return table.filter(~pl.col("commune").is_in(there))


def _city(code: pl.Expr) -> pl.Expr:
    """Return the commune that an arrondissement is of, null for any other commune."""
    found = pl.lit(None, pl.String)
    for prefix, city in CITIES.items():
        found = pl.when(code.str.starts_with(prefix)).then(pl.lit(city)).otherwise(found)
    return found


def _nowhere() -> pl.DataFrame:
    return pl.DataFrame(schema={field.name: _type(field) for field in APPARTENANCE.fields})


def _type(field: Field) -> type[pl.Float64] | type[pl.String]:
    return pl.Float64 if field.is_number else pl.String


def _complete(frame: pl.DataFrame) -> pl.DataFrame:
    """Give a frame every column of the table d'appartenance, null where it has none."""
    return frame.select(
        frame[field.name]
        if field.name in frame.columns
        else pl.lit(None, _type(field)).alias(field.name)
        for field in APPARTENANCE.fields
    )


def read_movements(path: Path) -> pl.DataFrame:
    """Read the events of communes of the code officiel géographique.

    Parameters
    ----------
    path : ``v_mvt_commune_<year>.csv`` or a workbook of the same columns; dates as 2019-01-01 or
        01/01/2019.

    Returns
    -------
    pl.DataFrame
        One row per event and commune: ``mod`` (Int64, see INSEE's list), ``date``,
        ``type_before``, ``code_before``, ``label_before``, ``type_after``, ``code_after``,
        ``label_after``.

    Raises
    ------
    InputDataError
        The file cannot be read, or a kind or a date is none.
    """
    found = find(path, (MOVEMENTS,))[0]
    kept = Found(path.name)
    text = text_columns(found.sheet, found.header, found.columns).with_row_index("row", 1)
    text = text.filter(pl.col("code_before").fill_null("") != "")
    table = text.with_columns(
        kind=pl.col("mod").cast(pl.Int64, strict=False),
        day=pl.coalesce(_day("date", form) for form in _DATES),
    )
    wrong = table.filter(pl.col("kind").is_null()).with_columns(value="mod")
    kept.fault(found.names["mod"], "not a kind of event", wrong, "Write its number, such as 32.")
    wrong = table.filter(pl.col("day").is_null()).with_columns(value="date")
    kept.fault(found.names["date"], "not a date", wrong, "Write 2019-01-01.")
    refuse(kept.faults)
    return table.with_columns(mod="kind", date="day").drop("row", "kind", "day")


def _day(name: str, form: str) -> pl.Expr:
    """Read a date; a workbook gives it with its hour, and %Y would take two figures too."""
    text = pl.col(name).str.slice(0, 10)
    width = 8 if form.endswith("%y") else 10
    shaped = pl.when(text.str.len_chars() == width).then(text)
    return shaped.str.to_date(form, strict=False)


def read_passage(path: Path) -> pl.DataFrame:
    """Read a table de passage: the code of each commune year by year.

    Parameters
    ----------
    path : a file with two or more columns ``COM2021``, ``CODGEO_2022`` ...

    Returns
    -------
    pl.DataFrame
        One column of codes per year, named ``COM`` and the year; that of the initial codes
        ``CODGEO_INI``.

    Raises
    ------
    InputDataError
        The file cannot be read, or has no two such columns.
    """
    sheets = sheets_of(path)
    for sheet in sheets:
        for row, cells in enumerate(sheet.head):
            years = {
                ("CODGEO_INI" if year[1] == "ini" else f"COM{year[1]}"): place
                for place, cell in enumerate(cells)
                if (year := _PASSAGE.match(plain(cell)))
            }
            if len(years) > 1:
                return text_columns(sheet, row, years).drop_nulls()
    shown = ", ".join(sheets[0].head[0][:8]) if sheets and sheets[0].head else "nothing"
    hint = "Expected two or more columns such as COM2021, COM2024."
    raise InputDataError(
        [
            Fault(
                code="legacy.fault",
                table=path.name,
                details={"problem": f"is no table de passage: it has {shown}", "hint": hint},
            )
        ]
    )
