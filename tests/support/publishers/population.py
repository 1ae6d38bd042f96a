"""INSEE's table POP1B: inhabitants by sex and single year of age, wide and long."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .writing import Rows, write_large_workbook

AGES = 101
"""Single years 0 to 99, and 100 or more."""

UNITS = 1024
"""Numbers of inhabitants are whole multiples of 1 / UNITS, so that every sum of them is exact."""

_ROWS_AT_ONCE = 5_000


def tidy_population(population: pl.DataFrame) -> pl.DataFrame:
    """Return the sample's population, rounded to 1 / UNITS, sorted."""
    exact = (pl.col("population").cast(pl.Float64) * UNITS).round() / UNITS
    return population.select("commune", "age_band", exact).sort("commune", "age_band")


def split_ages(
    tidy: pl.DataFrame, rng: np.random.Generator
) -> tuple[list[str], NDArray[np.float64]]:
    """Split bands over sexes and single years.

    Returns
    -------
    list[str], NDArray : communes; per commune the 101 ages of men, then the 101 of women.
    """
    wide = tidy.pivot("age_band", index="commune", values="population").sort("commune")
    bands = [name for name in sorted(wide.columns) if name != "commune"]
    starts = [int(band.rstrip("+").split("-")[0]) for band in bands]
    cells = np.zeros((wide.height, 2 * AGES))
    for band, low, high in zip(bands, starts, [*starts[1:], AGES], strict=True):
        units = (wide[band].fill_null(0).to_numpy() * UNITS).astype(np.int64)
        ages = np.arange(low, high)
        columns = np.concatenate([ages, AGES + ages])
        running = np.cumsum(0.3 + rng.random((wide.height, len(columns))), axis=1)
        upto = np.floor(running / running[:, -1:] * units[:, None]).astype(np.int64)
        upto[:, -1] = units
        cells[:, columns] = np.diff(upto, axis=1, prepend=0) / UNITS
    return wide["commune"].to_list(), cells


def write_wide(
    path: Path, codes: list[str], names: list[str], cells: NDArray[np.float64], year: int
) -> Path:
    """Write the wide workbook: ten rows of titles, the header in row 11."""
    columns = [f"SEXE{sex}_AGED100{age:03d}" for sex in (1, 2) for age in range(AGES)]
    frame = pl.DataFrame(
        {"CODGEO": codes, "LIBGEO": names}
        | {name: cells[:, number] for number, name in enumerate(columns)}
    )
    write_large_workbook(path, {"COM": ([*titles(year), [*frame.columns]], frame)})
    return path


def titles(year: int) -> Rows:
    """Return the ten rows above the header of a workbook of this kind."""
    labels = [
        f"{who} - {age} an{'s' if age > 1 else ''}{' ou plus' if age == 100 else ''}"
        for who in ("Hommes", "Femmes")
        for age in range(AGES)
    ]
    return [
        [f"Recensement de la population {year} - Tableaux détaillés"],
        ["Exploitation principale"],
        ["POP1B - Population par sexe et âge"],
        ["Communes et arrondissements municipaux"],
        [],
        ["Champ : France"],
        [f"Source : Insee, RP{year}, géographie au 01/01/2023"],
        [],
        [],
        ["Code géographique", "Libellé géographique", *labels],
    ]


def write_long(path: Path, codes: list[str], names: list[str], cells: NDArray[np.float64]) -> Path:
    """Write the long CSV: one row a commune, sex and age, with the level COM or ARM."""
    levels = ["ARM" if is_arrondissement(code) else "COM" for code in codes]
    places = pl.DataFrame({"NIVGEO": levels, "CODGEO": codes, "LIBGEO": names})
    ages = pl.DataFrame(
        {
            "SEXE": [str(sex) for sex in (1, 2) for _ in range(AGES)],
            "AGED100": [f"{age:03d}" for _ in (1, 2) for age in range(AGES)],
        }
    )
    with open(path, "wb") as file:
        for start in range(0, len(codes), _ROWS_AT_ONCE):
            part = places[start : start + _ROWS_AT_ONCE].join(
                ages, how="cross", maintain_order="left_right"
            )
            values = cells[start : start + _ROWS_AT_ONCE].reshape(-1)
            part.with_columns(NB=values).write_csv(file, separator=";", include_header=start == 0)
    return path


def is_arrondissement(code: str) -> bool:
    """Tell arrondissements of Paris, Lyon and Marseille, which stand for their commune."""
    return code[:3] in ("751", "132") or code[:4] == "6938"
