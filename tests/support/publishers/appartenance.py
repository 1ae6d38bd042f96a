"""INSEE's table d'appartenance, the legal populations, and where the town halls are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from .mesh import TOWNS, Place, Territory, town_of
from .population import is_arrondissement
from .writing import Rows, write_csv, write_large_workbook

COLUMNS = ("CODGEO", "LIBGEO", "DEP", "REG", "ARR", "CV", "ZE2020", "UU2020", "BV2022")
LABELS = (
    "Code géographique", "Libellé géographique", "Département", "Région", "Arrondissement",
    "Canton-ville", "Zone d'emploi 2020", "Unité urbaine 2020", "Bassin de vie 2022",
)  # fmt: skip


@dataclass(frozen=True)
class Geography:
    """The table: communes, and arrondissements with their commune (COM); POP2020 in both."""

    communes: pl.DataFrame
    arrondissements: pl.DataFrame


def tabulate(places: list[Place]) -> Geography:
    """Set out the table; Paris, Lyon and Marseille stand whole among the communes."""
    rows = [_row(place, place.code, place.name, place.people) for place in places]
    frame = pl.DataFrame(rows, schema=[*COLUMNS, "POP2020"], orient="row")
    parts: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if is_arrondissement(place.code):
            parts[town_of(place.code)].append(place)
    whole = [
        _row(some[0], town, TOWNS[town][0], sum(place.people for place in some))
        for town, some in parts.items()
    ]
    split = pl.col("CODGEO").map_elements(is_arrondissement, return_dtype=pl.Boolean)
    towns = pl.DataFrame(whole, schema=frame.schema, orient="row")
    parent = pl.col("CODGEO").map_elements(town_of, return_dtype=pl.String)
    return Geography(
        pl.concat([frame.filter(~split), towns]).sort("CODGEO"),
        frame.filter(split).with_columns(COM=parent),
    )


def _row(place: Place, code: str, name: str, people: int) -> tuple[str | int, ...]:
    departement = place.departement
    return (
        code, name, departement, place.region, f"{departement}1", place.canton,
        f"{place.region}01", place.unit, place.basin, people,
    )  # fmt: skip


def write_table(path: Path, geography: Geography) -> Path:
    """Write the workbook: sheet COM, then ARM if any; labels in row 5, the header in row 6."""
    places = geography.communes.select(COLUMNS)
    parts = geography.arrondissements.select("CODGEO", "LIBGEO", "COM", *COLUMNS[2:])
    sheets = {"COM": ([*titles("communes", LABELS), places.columns], places)}
    if parts.height:
        labels = (*LABELS[:2], "Commune", *LABELS[2:])
        sheets["ARM"] = ([*titles("arrondissements municipaux", labels), parts.columns], parts)
    write_large_workbook(path, sheets)
    return path


def titles(level: str, labels: tuple[str, ...]) -> Rows:
    """Return the five rows above the header: title, date, geography, blank, labels."""
    return [
        [f"Table d'appartenance géographique des {level}"],
        ["Mise en ligne le 31/05/2023"],
        ["Géographie au 01/01/2023 - Source : Insee, Code officiel géographique"],
        [],
        list(labels),
    ]


def write_table_csv(folder: Path, geography: Geography) -> tuple[Path, Path | None]:
    """Write communes, and arrondissements if there are any, as CSV with their population."""
    communes = folder / "appartenance_2023.csv"
    parts = folder / "arrondissements_municipaux_2023.csv"
    columns = ("CODGEO", "LIBGEO", "DEP", "REG", "CV", "UU2020", "BV2022", "POP2020")
    write_csv(communes, geography.communes.select(columns))
    if geography.arrondissements.is_empty():
        return communes, None
    write_csv(parts, geography.arrondissements.select("CODGEO", "LIBGEO", "COM", "POP2020"))
    return communes, parts


def write_legal_populations(folder: Path, geography: Geography) -> tuple[Path, Path]:
    """Write CODGEO and PMUN20, as a workbook and as CSV; arrondissements beside their commune."""
    frame = pl.concat(
        [part.select("CODGEO", PMUN20="POP2020") for part in vars(geography).values()]
    ).sort("CODGEO")
    book, text = folder / "populations_legales_2020.xlsx", folder / "populations_legales_2020.csv"
    write_large_workbook(book, {"COM": ([frame.columns], frame)})
    write_csv(text, frame)
    return book, text


def tidy_communes(communes: pl.DataFrame, territory: dict[str, Territory]) -> pl.DataFrame:
    """Return the sample's communes in the territories of the rule, without coordinates."""
    codes = communes["commune"].to_list()
    return (
        communes.select("commune", "name", "departement", "region")
        .with_columns(
            pl.Series("territory", [territory[code].code for code in codes]),
            pl.Series("territory_name", [territory[code].name for code in codes]),
        )
        .sort("commune")
    )


def mesh_frame(territory: dict[str, Territory]) -> pl.DataFrame:
    """Return commune, kind (bv, cv, commune) and code of its territory."""
    return pl.DataFrame(
        [(place, found.kind, found.code) for place, found in sorted(territory.items())],
        schema=["commune", "kind", "code"],
        orient="row",
    )
