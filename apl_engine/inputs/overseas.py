"""Communes of overseas collectivities, which the zoning does not cover; see overseas.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from ..schemas import COMMUNE_CODE


@dataclass(frozen=True)
class Collectivity:
    """An overseas collectivity.

    Attributes
    ----------
    name : str
        Its name.
    codes : str
        How the codes of its communes begin.
    source : str
        Title of the source.
    """

    name: str
    codes: str
    source: str


@cache
def collectivities() -> tuple[Collectivity, ...]:
    """Return the overseas collectivities."""
    text = Path(__file__).with_suffix(".toml").read_text("utf-8")
    document = tomllib.loads(text)
    return tuple(
        Collectivity(row["name"], row["codes"], document["sources"][row["source"]]["title"])
        for row in document["collectivities"]
    )


def is_overseas(code: pl.Expr) -> pl.Expr:
    """Return whether well-formed codes are of communes of overseas collectivities."""
    begins = "|".join(one.codes for one in collectivities())
    return (code.str.contains(COMMUNE_CODE) & code.str.contains(f"^(?:{begins})")).fill_null(False)
