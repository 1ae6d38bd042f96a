"""Small files in the layouts of DREES and CNAM: published APL, composition of territories."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from . import world
from .mesh import Place, territories_by_rule
from .writing import Cell, write_rows, write_workbook

Expected = dict[str, pl.DataFrame]

HEADINGS = {
    2022: (
        "Code commune INSEE",
        "Commune",
        "APL aux kinésithérapeutes",
        "Population standardisée 2020 pour les kinésithérapeutes",
        "Population totale 2020",
    ),
    2023: (
        "Code commune",
        "Libellé de la commune",
        "APL aux masseurs-kinésithérapeutes",
        "Population standardisée 2021 pour les masseurs-kinésithérapeutes",
        "Population totale 2021",
    ),
    2024: (
        "Code Insee de la commune",
        "Nom de la commune",
        "APL aux masseuses-kinésithérapeutes et masseurs-kinésithérapeutes",
        "Population standardisée 2022 par la consommation de soins par tranche d'âge",
        "Population totale 2022",
    ),
}
"""Five headings a year: code, name, APL, standardised and total population."""

_UNITS = ("", "", "ETP pour 100 000 habitants standardisés", "habitants", "habitants")
_COLUMNS = ("commune", "name", "apl", "standardised_population", "population")
_NOTES = (
    "Lecture : en 2022, les habitants d'Ambérieu-en-Bugey ont accès à 120 ETP pour 100 000.",
    "Champ : France hors Mayotte, communes au 1er janvier 2023.",
    "Source : Drees, APL ; Cnam, SNDS ; Insee, RP et distancier METRIC.",
)


def _figures(year: int) -> pl.DataFrame:
    rows = [
        (
            place.code,
            place.name,
            round(44.254 + 7.5 * number + (year - 2019) / 8, 3),
            round(place.people * 1.0375, 3),
            place.people,
        )
        for number, place in enumerate(world.places())
    ]
    return pl.DataFrame(rows, schema=list(_COLUMNS), orient="row")


def write_drees_2021(path: Path) -> Expected:
    """Write the plain table of 2021 (workbook or CSV, by `path`), header in the first row.

    Its column of total population comes before the APL. Returns `2021`: commune, name, apl,
    standardised_population, population.
    """
    frame = _figures(2021)
    head: list[Cell] = [
        "Code commune",
        "Libellé de la commune",
        "Population totale",
        "APL 2021 aux masseuses-kinésithérapeutes de 65 ans et moins",
        "Population standardisée par la consommation de soins par tranche d'âge",
    ]
    rows = [
        list(row) for row in frame.select(*_COLUMNS[:2], _COLUMNS[4], *_COLUMNS[2:4]).iter_rows()
    ]
    _write(path, "APL 2021", [head, *rows])
    return {"2021": frame}


def write_drees_2019(path: Path) -> Expected:
    """Write the table of 2019: the column `Commune` holds the code, and there are no names."""
    frame = _figures(2019).drop("name")
    head: list[Cell] = [
        "Commune",
        "APL aux masseurs-kinésithérapeutes",
        "Population standardisée par la consommation de soins de masso-kinésithérapie "
        "par tranche d'âge",
        "Population totale",
    ]
    _write(path, "APL_2019", [head, *(list(row) for row in frame.iter_rows())])
    return {"2019": frame}


def write_drees_years(
    path: Path, years: tuple[int, ...] = (2022, 2023, 2024), *, by_age: bool = False
) -> Expected:
    """Write the workbook with a sheet a year: header in row 9, units in 10, data from 11, notes.

    With `by_age` a second column holds the APL to those of 65 or under, smaller by a tenth.

    Returns
    -------
    dict : per year commune, name, apl, standardised_population, population; `apl_65` by age.
    """
    sheets: dict[str, list[list[Cell]]] = {}
    expected = {}
    for year in years:
        frame = _figures(year)
        head: list[Cell] = list(HEADINGS[year])
        units: list[Cell] = list(_UNITS)
        if by_age:
            frame = frame.insert_column(3, (pl.col("apl") * 0.9).round(3).alias("apl_65"))
            head.insert(3, f"{head[2]} de 65 ans et moins")
            units.insert(3, units[2])
        notes: list[list[Cell]] = [[note] for note in _NOTES]
        sheets[f"APL {year}"] = [
            [f"Accessibilité potentielle localisée (APL) aux kinésithérapeutes en {year}"],
            [],
            ["Données par commune"],
            ["L'APL tient compte de l'offre et de la demande des communes environnantes."],
            [],
            ["Mise à jour : 20/12/2024"],
            [],
            [],
            head,
            [unit or None for unit in units],
            *(list(row) for row in frame.iter_rows()),
            [],
            *notes,
        ]
        expected[str(year)] = frame
    write_workbook(path, sheets)
    return expected


def _write(path: Path, sheet: str, rows: list[list[Cell]]) -> None:
    if path.suffix == ".xlsx":
        write_workbook(path, {sheet: rows})
    else:
        write_rows(path, rows)


# --- territories ----------------------------------------------------------------------------------


def write_bvcv(
    path: Path, *, padded: bool = True, as_numbers: bool = False, of_sas: bool = False
) -> Expected:
    """Write the composition of territories: bvcv, reg, dep, depcom, libcom, libbvcv.

    Parameters
    ----------
    path : workbook or CSV (`;`), by its name.
    padded : whether a canton of four characters gets a `_` at its end, `0108_`.
    as_numbers : whether what looks like a number has become one, and lost its zeros.
    of_sas : whether the further columns of the SAS table are there.

    Returns
    -------
    dict : composition (commune, name, departement, region, kind, territory, territory_name): kind
        is bv, cv or commune, and territory the code without padding.
    """
    head: list[Cell] = ["bvcv", "reg", "dep", "depcom", "libcom", "libbvcv"]
    if of_sas:
        head += ["type_zone", "taille_pole", "bv2012", "libbv", "cv", "libcv"]
    rows: list[list[Cell]] = [head]
    expected = []
    places = world.places()
    for place, found in zip(places, territories_by_rule(places).values(), strict=True):
        code = f"{found.code:_<5}" if padded else found.code
        row: list[Cell] = [
            code,
            place.region,
            place.departement,
            place.code,
            place.name,
            found.name,
        ]
        if of_sas:
            row += _sas(place, found.kind)
        rows.append([_as_number(cell) for cell in row] if as_numbers else row)
        expected.append(
            (place.code, place.name, place.departement, place.region,
             found.kind, found.code, found.name)
        )  # fmt: skip
    _write(path, "bvcv", rows)
    names = ["commune", "name", "departement", "region", "kind", "territory", "territory_name"]
    return {"composition": pl.DataFrame(expected, schema=names, orient="row")}


def _sas(place: Place, kind: str) -> list[Cell]:
    zone = "BV" if kind == "bv" else "CV"
    return [zone, place.people, place.basin, "Bassin", place.canton, "Canton"]


def _as_number(cell: Cell) -> Cell:
    return int(cell) if isinstance(cell, str) and cell.isdigit() else cell
