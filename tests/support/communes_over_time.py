"""Events of communes and passages between vintages, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl
import pytest
from support.open_data import open_data

from apl_engine.errors import AplError, Fault, Note
from apl_engine.geography.history.events import COLUMNS
from apl_engine.geography.history.passage import Passage, passage_from_events


def events(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Return events: MOD, date, code before, code after, optionally a pair of types, two names."""
    full = []
    for mod, day, before, after, *rest in rows:
        types = ("COM", "COM")
        if rest and isinstance(rest[0], tuple):
            types, *rest = rest
        labels = rest or [None, None]
        full.append((mod, date.fromisoformat(day), types[0], before, labels[0], types[1], after,
                     labels[1]))  # fmt: skip
    return pl.DataFrame(full, COLUMNS, orient="row")


def merged(day: str, before: str, after: str) -> list[tuple[Any, ...]]:
    """Return the rows of a commune nouvelle that keeps the second code."""
    return [(32, day, before, after), (32, day, after, after)]


def undone(day: str, before: str, after: str) -> list[tuple[Any, ...]]:
    """Return the rows of a merger that is undone."""
    return [(21, day, before, after), (21, day, before, before)]


# A merger of three communes, undone in part: one leaves with the code of the whole.
TALICAN = events(
    (32, "2017-01-01", "60054", "60054", "Beaumont-les-Nonains", "Les Hauts-Talican"),
    (32, "2017-01-01", "60452", "60054", "La Neuville-Garnier", "Les Hauts-Talican"),
    (32, "2017-01-01", "60694", "60054", "Villotran", "Les Hauts-Talican"),
    (32, "2017-01-01", "60694", "60694", ("COM", "COMD"), "Villotran", "Villotran"),
    (21, "2024-01-01", "60054", "60054", "Les Hauts-Talican", "Beaumont-les-Nonains"),
    (50, "2024-01-01", "60054", "60694", "Les Hauts-Talican", "Les Hauts-Talican"),
)

# One split, one merger and one change of code.
CHANGES = passage_from_events(
    events(
        (21, "2024-01-01", "01001", "01001", "Whole", "Whole"),
        (21, "2024-01-01", "01001", "01002", "Whole", "Part"),
        (32, "2024-01-01", "01005", "01006", "Five", "Six"),
        (32, "2024-01-01", "01006", "01006", "Sixth", "Six"),
        (50, "2024-01-01", "01007", "01008", "Seven", "Eight"),
    ),
    2023,
    2024,
)

# A passage table with initial codes and shares.
INITIAL = pl.DataFrame(
    {
        "CODGEO_INI": ["01001", "01002", "01003", "01003"],
        "CODGEO_2024": ["01001", "01001", "01003", "01004"],
        "RATIO": ["1", "1", "0.75", "0.25"],
    }
)


def territories(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Return communes of code, territory and population; codes of cantons end with ``_``."""
    table = pl.DataFrame(rows, ["commune", "territory", "population"], orient="row")
    canton = pl.col("territory").str.ends_with("_")
    return table.with_columns(
        name=pl.col("commune"),
        departement=pl.col("commune").str.head(2),
        region=pl.lit("84"),
        territory_name="T" + pl.col("territory"),
        territory_kind=pl.when(canton)
        .then(pl.lit("canton_ou_ville"))
        .otherwise(pl.lit("bassin_de_vie")),
    )


def people(**rows: float) -> pl.DataFrame:
    """Return inhabitants by commune, as ``c01001=10.0``."""
    return pl.DataFrame(
        {"commune": [c[1:] for c in rows], "age_band": "00-04", "population": [*rows.values()]},
        schema_overrides={"population": pl.Float64},
    )


def read_open_data(name: str) -> pl.DataFrame:
    """Return a file of open data as text, or skip the test."""
    return pl.read_csv(open_data(name), separator=";", infer_schema=False)


def france() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return INSEE's communes and arrondissements municipaux of 2023, or skip the test."""
    communes = read_open_data("insee_appartenance_2023.csv")
    parts = read_open_data("insee_arrondissements_municipaux_2023.csv")
    people = pl.col("population").cast(pl.Int64)
    names = ["commune", "name", "departement", "region", "canton", "urban_unit", "living_area"]
    communes.columns = [*names, "population"]
    parts.columns = ["arrondissement", "name", "city", "population"]
    return communes.with_columns(people), parts.with_columns(people)


def passage_table() -> pl.DataFrame:
    """Return INSEE's passage table, or skip the test."""
    return read_open_data("insee_passage_2021_2024.csv")


def new_codes(passage: Passage) -> dict[str, list[str]]:
    """Return the links of a passage: each old code and its new codes."""
    rows: dict[str, list[str]] = {}
    for before, after in passage.links.select("before", "after").iter_rows():
        rows.setdefault(before, []).append(after)
    return rows


def became(movements: pl.DataFrame, year_from: int, year_to: int) -> dict[str, list[str]]:
    """Return what the codes that events change became between two vintages."""
    return new_codes(passage_from_events(movements, year_from, year_to))


def kinds(passage: Passage) -> dict[tuple[str, str], str]:
    """Return the kind of each link of a passage."""
    return {(b, a): k for b, a, k in passage.links.select("before", "after", "kind").iter_rows()}


def only_fault(error: pytest.ExceptionInfo[AplError]) -> Fault:
    """Return the fault of an error that has one."""
    (fault,) = error.value.faults
    return fault


def note(notes: Iterable[Note], code: str) -> Note:
    """Return the note of a code."""
    return next(found for found in notes if found.code == code)
