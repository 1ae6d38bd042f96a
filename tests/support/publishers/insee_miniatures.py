"""Small files in INSEE's layouts: distancier, POP1B, table d'appartenance, table de passage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from . import appartenance, world
from .mesh import territories_by_rule
from .population import split_ages, tidy_population, write_long, write_wide
from .population import titles as population_titles
from .writing import Cell, as_rows, write_rows, write_workbook

Expected = dict[str, pl.DataFrame]

PER_MINUTE = {"minutes": 1.0, "hours": 60.0, "seconds": 1 / 60}
"""Minutes in one unit of each kind."""


def write_metric(path: Path, *, diagonal: bool = False, missing: bool = True) -> Expected:
    """Write METRIC's table: idSrc, idDst, duree (minutes), distance (km); by `path` plain or .gz.

    Pairs are directed, one way of the last pair is not there, and of `missing` two are -999999 in
    both columns.

    Returns
    -------
    dict : travel_times (origin, destination, minutes); missing (origin, destination).
    """
    return _write_times(path, ("idSrc", "idDst", "duree", "distance"), "minutes", diagonal, missing)


def write_distancier(
    path: Path,
    *,
    unit: str = "hours",
    columns: tuple[str, str, str, str] = ("origine", "destination", "duree_heures", "distance_km"),
) -> Expected:
    """Write a distancier in hours, or another unit, under other names of columns."""
    return _write_times(path, columns, unit, diagonal=False, missing=False)


def write_distancier_peaks(path: Path) -> Expected:
    """Write a distancier with a time off peak (duree_hc) and a longer one at the peak (duree_hp).

    Returns
    -------
    dict : travel_times, off peak; travel_times_peak.
    """
    times = _times(diagonal=False)
    rows: list[list[Cell]] = [["idSrc", "idDst", "duree_hc", "duree_hp", "distance"]]
    rows += [[a, b, m, 1.25 * m, round(m * 0.7, 1)] for a, b, m in times.iter_rows()]
    _write(path, rows)
    return {
        "travel_times": times,
        "travel_times_peak": times.with_columns(pl.col("minutes") * 1.25),
    }


def _times(*, diagonal: bool) -> pl.DataFrame:
    codes = [place.code for place in world.places()]
    rows = [
        (codes[a], codes[b], world.minutes(a, b))
        for a in range(len(codes))
        for b in range(len(codes))
        if a != b and abs(a - b) < 6
    ][:-1]
    if diagonal:
        rows += [(code, code, 0.0) for code in codes]
    schema = {"origin": pl.String, "destination": pl.String, "minutes": pl.Float64}
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")


def _write_times(
    path: Path, columns: tuple[str, ...], unit: str, diagonal: bool, missing: bool
) -> Expected:
    times = _times(diagonal=diagonal)
    rows: list[list[Cell]] = [
        [a, b, repr(m / PER_MINUTE[unit]), repr(round(m * 0.7, 1))] for a, b, m in times.iter_rows()
    ]
    codes = [place.code for place in world.places()]
    absent = [(codes[0], codes[-1]), (codes[-1], codes[0])] if missing else []
    rows += [[a, b, "-999999", "-999999"] for a, b in absent]
    _write(path, [list(columns), *rows])
    schema = {"origin": pl.String, "destination": pl.String}
    return {"travel_times": times, "missing": pl.DataFrame(absent, schema=schema, orient="row")}


def _write(path: Path, rows: list[list[Cell]]) -> None:
    """Write a workbook, gzipped CSV or CSV, by the name of the file."""
    if path.suffix == ".xlsx":
        write_workbook(path, {"Feuil1": rows})
        return
    write_rows(path, rows)
    if path.suffix == ".gz":
        import gzip

        path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


# --- population -----------------------------------------------------------------------------------


def write_pop1b_wide(path: Path, *, year: int = 2020) -> Expected:
    """Write POP1B as a workbook, header in row 11; return population (commune, age_band)."""
    return _write_pop1b(path, year)


def write_pop1b_long(path: Path) -> Expected:
    """Write POP1B as CSV: NIVGEO (COM, ARM), CODGEO, LIBGEO, SEXE, AGED100, NB."""
    return _write_pop1b(path, None)


def _write_pop1b(path: Path, year: int | None) -> Expected:
    tidy = tidy_population(world.population())
    codes, cells = split_ages(tidy, np.random.default_rng(1))
    names = [place.name for place in world.places()]
    if year is None:
        write_long(path, codes, names, cells)
    else:
        write_wide(path, codes, names, cells, year)
    return {"population": tidy}


def write_wide_bands(path: Path) -> Expected:
    """Write POP1B's neighbour with bands too wide to use (P20_POP0014 ...): to be refused."""
    names = ("CODGEO", "P20_POP", "P20_POP0014", "P20_POP1529", "P20_POP3044")
    rows: list[list[Cell]] = [
        [p.code, p.people, p.people // 5, p.people // 6, p.people // 7] for p in world.places()
    ]
    write_workbook(path, {"COM_2020": [*population_titles(2020)[:5], list(names), *rows]})
    return {}


# --- table d'appartenance, table de passage -------------------------------------------------------


def write_appartenance(path: Path) -> Expected:
    """Write the table d'appartenance: sheets COM and ARM, header in row 6.

    Returns
    -------
    dict : table (the columns of the sheet COM), arrondissements (with COM), territories (commune,
        kind, code: what article II makes of it; population from POP2020).
    """
    table = appartenance.tabulate(world.places())
    appartenance.write_table(path, table)
    return _expected(table)


def write_appartenance_csv(folder: Path) -> Expected:
    """Write the same as `appartenance_2023.csv` and `arrondissements_municipaux_2023.csv`."""
    table = appartenance.tabulate(world.places())
    appartenance.write_table_csv(folder, table)
    return _expected(table)


def _expected(table: appartenance.Geography) -> Expected:
    return {
        "table": table.communes,
        "arrondissements": table.arrondissements,
        "territories": appartenance.mesh_frame(territories_by_rule(world.places())),
    }


def write_legal_populations(folder: Path) -> Expected:
    """Write CODGEO and PMUN20 as `populations_legales_2020` .xlsx and .csv."""
    table = appartenance.tabulate(world.places())
    appartenance.write_legal_populations(folder, table)
    frame = pl.concat([part.select("CODGEO", "POP2020") for part in vars(table).values()])
    return {"populations": frame.sort("CODGEO")}


PASSAGE = (
    ("01001", "01001", "01001", "01001"),
    ("01033", "01033", "01033", "01033"),
    ("02077", "02077", "02564", "02564"),
    ("02564", "02564", "02564", "02564"),
    ("2A004", "2A004", "2A004", "2A004"),
    ("09255", "09334", "09334", "09334"),
    ("09334", "09334", "09334", "09334"),
    ("85084", "85084", "85084", "85084"),
    ("75056", "75056", "75056", "75056"),
)
"""Codes of 2021 to 2024: mergers in 2022 and 2023."""


def write_passage(path: Path) -> Expected:
    """Write a table de passage with a column a year: COM2021 to COM2024, as CSV."""
    years = [f"COM{year}" for year in range(2021, 2025)]
    frame = pl.DataFrame(PASSAGE, schema=years, orient="row")
    write_rows(path, as_rows(frame))
    return {"passage": frame}


def write_passage_workbook(path: Path) -> Expected:
    """Write INSEE's workbook: sheet "Table de passage", header in row 6.

    Returns
    -------
    dict : passage (CODGEO_INI, CODGEO_2024, LIBGEO_2024).
    """
    rows = [(row[0], row[-1], f"Commune {row[-1]}") for row in PASSAGE]
    frame = pl.DataFrame(rows, schema=["CODGEO_INI", "CODGEO_2024", "LIBGEO_2024"], orient="row")
    head: list[list[Cell]] = [
        ["Table de passage des codes communes de 2003 à 2024"],
        ["Mise en ligne le 15/05/2024"],
        ["Source : Insee, Code officiel géographique"],
        [],
        ["Code initial", "Code au 01/01/2024", "Libellé au 01/01/2024"],
    ]
    write_workbook(path, {"Table de passage": [*head, *as_rows(frame)]})
    return {"passage": frame}
