"""Raw files of all publishers from one sample, and the tidy tables to be found in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from . import activity, appartenance, distancier, mesh, population
from .writing import write_csv

MAYOTTE = "976"


@dataclass(frozen=True)
class RawFiles:
    """Where everything is; None for what was not asked for or is empty.

    Attributes
    ----------
    tidy : folder of the tables of `schemas` that an exact reader makes of the files, in Parquet.
    mesh : commune, kind (bv, cv, commune) and code of its territory by article II, in Parquet.
    prestations : folder of monthly parts in Parquet: practitioner_id, commune, month, age,
        acts, fees.
    prestations_csv : the same in gzipped CSV with decimal commas.
    register : CSV in Windows-1252, one row per practitioner and practice.
    population_wide, population_long : POP1B as a workbook, and as CSV.
    mayotte_wide, mayotte_long : the same for Mayotte, which the former lack.
    distancier : idSrc, idDst, duree, distance, in gzipped CSV.
    distancier_parquet : the same.
    appartenance : workbook with the sheets COM and ARM.
    appartenance_csv, arrondissements_csv : the same as CSV, with populations.
    legal_populations, legal_populations_csv : CODGEO, PMUN20.
    halls : code, type, lat, lon of each place.
    """

    tidy: Path
    mesh: Path
    prestations: Path
    prestations_csv: Path | None
    register: Path
    population_wide: Path | None
    population_long: Path | None
    mayotte_wide: Path | None
    mayotte_long: Path | None
    distancier: Path
    distancier_parquet: Path | None
    appartenance: Path
    appartenance_csv: Path
    arrondissements_csv: Path | None
    legal_populations: Path
    legal_populations_csv: Path
    halls: Path


def write_raw(
    sample: Path,
    folder: Path,
    *,
    seed: int = 2024,
    with_strangers: bool = True,
    prestations_csv: bool = False,
    distancier_parquet: bool = False,
    population_layouts: Collection[str] = ("wide", "long"),
    duplicates: int = 0,
    diagonal: bool = False,
    marseille_whole: bool = True,
) -> RawFiles:
    """Write the publishers' files of a sample; the same bytes for the same seed and options.

    What an exact reader must find is in `RawFiles.tidy`. It differs from the sample in this:

    - acts are whole, fees are to the cent, inhabitants to 1/1024;
    - consumption is what the payments add up to, those to practitioners who are not in the
      register (`with_strangers`) included: it was consumed. The practitioners are those who are in
      both files; neither strangers nor register entries without a payment are among them;
    - travel times are 64-bit; only those within reach of 20 minutes are in it, while the file has
      others;
    - communes have no coordinates (they are in `halls`), and the territories that article II makes
      of the table d'appartenance: the same groups as in the sample, but Marseille is one territory
      unless `marseille_whole` is false. Some codes change: of a territory whose town is outside the
      sample, of one whose town alone has over 30 000 inhabitants (a canton then), and of overseas
      cantons (five digits in place of `C` and four).

    Parameters
    ----------
    sample : folder of the five tidy tables in Parquet.
    folder : where to write; made if need be.
    population_layouts : "wide", "long" or both.
    duplicates : rows of the distancier to repeat, the same in every column.
    diagonal : whether the distancier has every commune to itself.
    """
    names = ("practitioners", "population", "consumption", "travel_times", "communes")
    tables = {name: pl.read_parquet(sample / f"{name}.parquet") for name in names}
    folder.mkdir(parents=True, exist_ok=True)
    tidy = folder / "tidy"
    tidy.mkdir()
    # One stream of chance for each file, so that no option of one changes another.
    chance = np.random.default_rng(seed).spawn(3)
    files: dict[str, Path | None] = {"tidy": tidy}
    codes = sorted(tables["communes"]["commune"])

    people = population.tidy_population(tables["population"])
    people.write_parquet(tidy / "population.parquet")
    files |= _write_population(folder, tables["communes"], people, chance[1], population_layouts)
    files |= _write_geography(folder, tidy, tables["communes"], people, marseille_whole)

    pairs = distancier.draw_distancier(
        tables["travel_times"], codes, chance[2], duplicates=duplicates, diagonal=diagonal
    )
    pairs.tidy.write_parquet(tidy / "travel_times.parquet")
    for key, name, wanted in (
        ("distancier", "distancier_metric.csv.gz", True),
        ("distancier_parquet", "distancier_metric.parquet", distancier_parquet),
    ):
        files[key] = distancier.write_distancier(folder / name, pairs.raw) if wanted else None
    del pairs

    drawn = activity.draw_activity(
        tables["practitioners"], tables["consumption"], chance[0], with_strangers=with_strangers
    )
    drawn.practitioners.write_parquet(tidy / "practitioners.parquet")
    drawn.consumption.write_parquet(tidy / "consumption.parquet")
    files["register"] = activity.write_register(folder / "fnps_2022.csv", drawn.register)
    for key, name, suffix, wanted in (
        ("prestations", "prestations", ".parquet", True),
        ("prestations_csv", "prestations_csv", ".csv.gz", prestations_csv),
    ):
        files[key] = (
            activity.write_payments(folder / name, drawn.payments, suffix) if wanted else None
        )
    return RawFiles(**files)  # type: ignore[arg-type]


def _write_population(
    folder: Path,
    communes: pl.DataFrame,
    people: pl.DataFrame,
    rng: np.random.Generator,
    layouts: Collection[str],
) -> dict[str, Path | None]:
    """Write POP1B in each layout, Mayotte apart."""
    codes, cells = population.split_ages(people, rng)
    label = dict(communes.select("commune", "name").iter_rows())
    names = [label.get(code, code) for code in codes]
    apart = np.array([code.startswith(MAYOTTE) for code in codes], dtype=bool)
    files: dict[str, Path | None] = {}
    for key, rows, suffix, year in (
        ("population", np.flatnonzero(~apart), "2020", 2020),
        ("mayotte", np.flatnonzero(apart), "2017_976", 2017),
    ):
        wide = long = None
        some = [codes[row] for row in rows], [names[row] for row in rows]
        if "wide" in layouts and len(rows):
            path = folder / f"BTX_TD_POP1B_{suffix}.xlsx"
            wide = population.write_wide(path, *some, cells[rows], year)
        if "long" in layouts and len(rows):
            path = folder / f"BTT_TD_POP1B_{suffix}.csv"
            long = population.write_long(path, *some, cells[rows])
        files |= {f"{key}_wide": wide, f"{key}_long": long}
    return files


def _write_geography(
    folder: Path, tidy: Path, communes: pl.DataFrame, people: pl.DataFrame, marseille_whole: bool
) -> dict[str, Path | None]:
    totals = people.group_by("commune").agg(pl.col("population").sum())
    places = mesh.draw_mesh(communes, totals, marseille_whole=marseille_whole)
    territory = mesh.territories_by_rule(places)
    appartenance.tidy_communes(communes, territory).write_parquet(tidy / "communes.parquet")
    found = folder / "mesh.parquet"
    appartenance.mesh_frame(territory).write_parquet(found)
    table = appartenance.tabulate(places)
    halls = folder / "mairies.csv"
    rows = [
        (p.code, "COM" if p.code == mesh.town_of(p.code) else "ARM", p.lat, p.lon) for p in places
    ]
    write_csv(halls, pl.DataFrame(rows, schema=["code", "type", "lat", "lon"], orient="row"))
    book = appartenance.write_table(folder / "table-appartenance-geo-communes-23.xlsx", table)
    text, parts = appartenance.write_table_csv(folder, table)
    legal, legal_csv = appartenance.write_legal_populations(folder, table)
    return {
        "mesh": found,
        "halls": halls,
        "appartenance": book,
        "appartenance_csv": text,
        "arrondissements_csv": parts,
        "legal_populations": legal,
        "legal_populations_csv": legal_csv,
    }
