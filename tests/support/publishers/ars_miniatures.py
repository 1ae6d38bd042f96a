"""Small files as regional agencies (ARS) send them: the zone of each commune or territory."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from . import world
from .mesh import territories_by_rule
from .writing import Cell, write_rows, write_workbook

Expected = dict[str, pl.DataFrame]

ZONES = ("Très sous-doté", "Sous-doté", "Intermédiaire", "Très doté", "Sur-doté")
NATIONAL = (
    "1-Zone très sous dotée", "2-Zone sous dotée", "3-Zone intermédiaire", "4-Zone très dotée",
    "5-Zone sur dotée",
)  # fmt: skip
CUT = 18
"""Bytes (of UTF-8) that a class keeps in the national frame: "3-Zone intermédia"."""


def _zoned() -> list[tuple[str, str, str, str, str, str, str, int, int]]:
    """Commune, name, departement, region, kind, territory, its name, people, class (0 to 4)."""
    places = world.places()
    found = territories_by_rule(places)
    order = {code: n for n, code in enumerate(sorted({one.code for one in found.values()}))}
    rows = []
    for place in places:
        territory = found[place.code]
        rows.append(
            (place.code, place.name, place.departement, place.region, territory.kind,
             territory.code, territory.name, place.people, order[territory.code] % len(ZONES))
        )  # fmt: skip
    return rows


def write_ars_app(path: Path, *, region: str = "84") -> Expected:
    """Write the export of the zoning application (workbook or CSV), one row a commune.

    A class between asterisks is provisional: a territory mostly in another region that has not yet
    decided.

    Returns
    -------
    dict : zones (commune, territory, zone; provisional: whether it stood between asterisks).
    """
    rows: list[list[Cell]] = [
        ["Nom du bassin de vie ou pseudo-canton", "Code du bassin de vie ou pseudo-canton",
         "Nom de la commune", "Code de la commune", "dansMaRegion", "estMajoritaire", "echangeable",
         "enVigueurAutreReg", "Population", "Zonage"]
    ]  # fmt: skip
    expected = []
    for code, name, _, home, _, territory, label, people, level in _zoned():
        mine = home == region
        provisional = not mine and level == 2
        zone = f"*{ZONES[level]}*" if provisional else ZONES[level]
        rows.append(
            [label, territory, name, code, _yes(mine), _yes(mine), _yes(level in (1, 2)),
             _yes(not mine and not provisional), people, zone]
        )  # fmt: skip
        expected.append((code, territory, ZONES[level], provisional))
    _write(path, rows)
    names = ["commune", "territory", "zone", "provisional"]
    return {"zones": pl.DataFrame(expected, schema=names, orient="row")}


def _yes(value: bool) -> str:
    return "oui" if value else "non"


def write_ars_frame(path: Path) -> Expected:
    """Write the national frame, one row a territory: its class is cut at 18 bytes.

    Columns reg, bvcv (padded with `_`), apl_2017_bvcv, zonage_nat, ZE_UD, ZE_OD (exchangeable: 1).

    Returns
    -------
    dict : territories (territory, region, apl, zone, as the words were before the cut).
    """
    head: list[Cell] = ["reg", "bvcv", "apl_2017_bvcv", "zonage_nat", "ZE_UD", "ZE_OD"]
    seen: dict[str, tuple[str, str, float, str]] = {}
    rows: list[list[Cell]] = [head]
    for _, _, _, region, _, territory, _, _, level in _zoned():
        if territory not in seen:
            apl = 30.5 + 21.25 * level
            seen[territory] = (territory, region, apl, NATIONAL[level])
            low, high = int(level == 1), int(level == 4)
            rows.append([region, f"{territory:_<5}", apl, cut(NATIONAL[level]), low, high])
    _write(path, rows)
    names = ["territory", "region", "apl", "zone"]
    return {"territories": pl.DataFrame(list(seen.values()), schema=names, orient="row")}


def cut(words: str) -> str:
    """Cut words at 18 bytes: where each accent counts twice, and no space is left at the end."""
    return words.encode()[:CUT].decode(errors="ignore").rstrip()


def write_free_layout(path: Path, *, at_odds: bool = False) -> Expected:
    """Write a workbook of no set layout: one class a commune, after a title, from column B.

    With `at_odds` the last commune of the first territory of several is of another class.

    Returns
    -------
    dict : zones (commune, zone: as written, 0-based class in `level`).
    """
    words = (
        "Zone très sous-dotée",
        "zone sous dotée",
        "ZONE INTERMEDIAIRE",
        "Zone très dotée",
        "NP",
    )
    listed = [(row[0], row[1], row[5], row[8]) for row in _zoned()]
    if at_odds:
        territories = [territory for _, _, territory, _ in listed]
        shared = next(one for one in territories if territories.count(one) > 1)
        last = max(n for n, one in enumerate(territories) if one == shared)
        code, name, territory, level = listed[last]
        listed[last] = (code, name, territory, (level + 1) % len(words))
    rows: list[list[Cell]] = [
        [None, "Annexe 1 : zonage des masseurs-kinésithérapeutes"],
        [],
        [None, "N°", "Commune", "Code INSEE", "Zonage 2024", "Observations"],
    ]
    rows += [
        [None, number, name, code, words[level], None]
        for number, (code, name, _, level) in enumerate(listed, 1)
    ]
    rows += [[], [None, "Légende : NP = non prioritaire"]]
    write_workbook(path, {"Annexe": rows, "Feuil2": [["Carte"]]})
    frame = [(code, words[level], level) for code, _, _, level in listed]
    return {"zones": pl.DataFrame(frame, schema=["commune", "zone", "level"], orient="row")}


def _write(path: Path, rows: list[list[Cell]]) -> None:
    if path.suffix == ".xlsx":
        write_workbook(path, {"Feuil1": rows})
    else:
        write_rows(path, rows)
