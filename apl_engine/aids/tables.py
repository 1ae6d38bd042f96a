"""The zones of a result that is written down, and one commune of it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ..errors import Fault, InputDataError

_COLUMNS = {
    "communes": ("commune", "name", "region", "territory", "territory_name", "zone"),
    "territories": ("territory", "territory_name", "region", "population", "apl", "zone"),
}
_SUGGESTED = 5


@dataclass(frozen=True)
class ZoneTables:
    """Communes and territories with their zones."""

    communes: pl.DataFrame
    territories: pl.DataFrame


@dataclass(frozen=True)
class Place:
    """A commune and its zone."""

    commune: str
    name: str
    region: str
    territory: str
    territory_name: str
    zone: str


def read_zones(folder: str | Path) -> ZoneTables:
    """Read communes and territories of a folder that `apl run` or `apl zone` wrote.

    Raises
    ------
    InputDataError
        A table is missing, unreadable, or lacks a column.
    """
    found, faults = {}, []
    for table, columns in _COLUMNS.items():
        path = Path(folder) / f"{table}.parquet"
        hint = "Give the folder that `apl run` or `apl zone` wrote."
        try:
            frame = pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError):
            faults.append(Fault(str(path), "is not there, or no table", hint=hint))
            continue
        if missing := [column for column in columns if column not in frame.columns]:
            faults.append(Fault(str(path), "missing", column=missing[0], hint=hint))
        else:
            found[table] = frame.select(columns)
    if faults:
        raise InputDataError(faults)
    return ZoneTables(**found)


def find_place(communes: pl.DataFrame, commune: str) -> Place:
    """Return a commune by its code.

    Parameters
    ----------
    communes : columns commune, name, region, territory, territory_name, zone.
    commune : INSEE code.

    Raises
    ------
    InputDataError
        No such commune, with those whose code or name comes nearest; or it has no zone.
    """
    columns = _COLUMNS["communes"]
    found = communes.filter(pl.col("commune") == commune).select(columns).rows(named=True)
    if not found:
        problem = f"'{commune}' is none of the {communes.height} communes"
        near = _nearest(communes.select("commune", "name").rows(), commune)
        hint = f"Nearest: {', '.join(near)}." if near else "Give an INSEE code, such as 72003."
        raise InputDataError([Fault("communes", problem, hint=hint)])
    if found[0]["zone"] is None:
        problem = f"{commune} {found[0]['name']} has no zone"
        raise InputDataError([Fault("communes", problem)])
    return Place(**found[0])


def _nearest(communes: list[tuple[str, str]], wanted: str) -> list[str]:
    by_code = dict(communes)
    by_name: dict[str, list[str]] = {}
    for code, name in communes:
        by_name.setdefault(name.casefold(), []).append(code)
    names = difflib.get_close_matches(wanted.casefold(), by_name, _SUGGESTED)
    codes = [code for name in names for code in by_name[name]]
    codes += difflib.get_close_matches(wanted.upper(), by_code, _SUGGESTED)
    return [f"{code} {by_code[code]}" for code in dict.fromkeys(codes)][:_SUGGESTED]
