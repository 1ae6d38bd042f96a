"""The communes of all miniatures: codes and names are real, figures and groups are not."""

from __future__ import annotations

import polars as pl

from .mesh import Place

# code, name, departement, region, inhabitants, canton, urban unit, bassin de vie
_COMMUNES = (
    ("01001", "L'Abergement-Clémenciat", "01", "84", 806, "0108", "01000", "01093"),
    ("01004", "Ambérieu-en-Bugey", "01", "84", 14_288, "0101", "01303", "01004"),
    ("01093", "Châtillon-sur-Chalaronne", "01", "84", 5_058, "0108", "01202", "01093"),
    ("13201", "Marseille 1er Arrondissement", "13", "93", 39_265, "1398", "00759", "13055"),
    ("13202", "Marseille 2e Arrondissement", "13", "93", 23_898, "1398", "00759", "13055"),
    ("2A004", "Ajaccio", "2A", "94", 72_647, "2A98", "2A501", "2A004"),
    ("2A006", "Alata", "2A", "94", 3_290, "2A06", "2A501", "2A004"),
    ("51030", "Aÿ-Champagne", "51", "44", 5_500, "5107", "51000", "51230"),
    ("51230", "Épernay", "51", "44", 22_433, "5198", "51401", "51230"),
    ("51410", "Œuilly", "51", "44", 632, "5106", "51000", "51230"),
    ("69266", "Villeurbanne", "69", "84", 154_781, "69ZZ", "00760", "69123"),
    ("69381", "Lyon 1er Arrondissement", "69", "84", 28_932, "69ZZ", "00760", "69123"),
    ("75116", "Paris 16e Arrondissement", "75", "11", 162_820, "75ZZ", "00851", "75056"),
    ("75117", "Paris 17e Arrondissement", "75", "11", 166_336, "75ZZ", "00851", "75056"),
    ("97209", "Fort-de-France", "972", "02", 75_286, "972ZZ", "9B601", "97209"),
)

BANDS = (*(f"{age:02d}-{age + 4:02d}" for age in range(0, 95, 5)), "95+")


def places() -> list[Place]:
    """Return the communes and arrondissements, in order of code."""
    return sorted(
        (
            Place(code, name, dep, region, people, 46 + row, 5 - row, basin, "", cv, uu, basin)
            for row, (code, name, dep, region, people, cv, uu, basin) in enumerate(_COMMUNES)
        ),
        key=lambda place: place.code,
    )  # fmt: skip


def population() -> pl.DataFrame:
    """Return commune, age_band, population: quarters of inhabitants."""
    rows = [
        (place.code, band, round(4 * place.people / len(BANDS)) / 4 + number % 3)
        for place in places()
        for number, band in enumerate(BANDS)
    ]
    return pl.DataFrame(rows, schema=["commune", "age_band", "population"], orient="row")


def minutes(origin: int, destination: int) -> float:
    """Return the time between two communes by their numbers: not the same both ways."""
    return 3.75 + 3.75 * abs(origin - destination) + (0.9375 if origin > destination else 0.0)
