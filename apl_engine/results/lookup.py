"""Communes, territories and regions of a result by code; suggestions if a code is unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import polars as pl

from ..errors import Fault, InputDataError
from ..inputs.names import plain
from ..method.result import Zoning
from ..methodology.values import COUNTRY
from ..schemas import WHOLE_CITIES

Kind = Literal["commune", "territory"]
# What a code of another year became: pairs of the present code and its name, and the year.
Became = Callable[[str], tuple[Sequence[tuple[str, str]], int] | None]

_NEAREST, _ALIKE, _LONGEST = 3, 0.6, 48


@dataclass(frozen=True)
class Place:
    """A commune or a territory of a result.

    Attributes
    ----------
    kind : str
        "commune" or "territory".
    code, name : str
        Its code and name.
    territory, territory_name : str
        The territory that it belongs to; a territory itself.
    region : str
        Of the commune; or the region that the territory is attributed to.
    zone : str or None
        Id of the class of the territory; None if it has none.
    """

    kind: Kind
    code: str
    name: str
    territory: str
    territory_name: str
    region: str
    zone: str | None


def find_place(
    zones: Zoning, code: str, *, kind: Kind | None = None, became: Became | None = None
) -> Place:
    """Find a commune or a territory by its code.

    A bassin de vie has the code of its pole, so that a code may be of both: then the commune is
    returned, unless `kind` says otherwise.

    Parameters
    ----------
    zones : Zoning
        A result.
    code : str
        Of a commune or a territory.
    kind : str, optional
        "commune" or "territory"; either by default.
    became : callable, optional
        Returns what a code of another year became; see `VintageChange.became`.

    Returns
    -------
    Place

    Raises
    ------
    InputDataError
        The code is unknown; suggests the nearest codes, and what it was merged into if known.
    """
    for one, (table, name) in _tables(zones, kind).items():
        row = table.filter(pl.col(one) == code)
        if row.height:
            columns = (name, "territory", "territory_name", "region", "zone")
            return Place(one, code, *(row.item(0, column) for column in columns))
    raise InputDataError(_unknown(zones, code, kind, became))


def _tables(zones: Zoning, kind: Kind | None) -> dict[Kind, tuple[pl.DataFrame, str]]:
    """Return the table of a kind, or of both, and its column of names."""
    tables: dict[Kind, tuple[pl.DataFrame, str]] = {
        "commune": (zones.communes, "name"),
        "territory": (zones.territories, "territory_name"),
    }
    return {kind: tables[kind]} if kind else tables


def _unknown(zones: Zoning, code: str, kind: Kind | None, became: Became | None) -> Fault:
    shown = code if len(code) <= _LONGEST else f"{code[:_LONGEST]}..."
    details: dict[str, object] = {
        "sought": kind or "commune or territory",
        "code": shown,
        "vintage": latest_vintage(zones) or "unknown",
    }
    fault = "unknown_code"
    if became and (change := became(code)):
        parts, since = change
        names = dict(zones.communes.select("commune", "name").iter_rows())
        into = tuple(f"{now} {name or names.get(now, '')}".strip() for now, name in parts)
        fault = "renumbered_code" if len(parts) == 1 else "split_code"
        details |= {"since": since, "into": into}
    elif code in WHOLE_CITIES:
        fault = "whole_city"
    else:
        known = {*zones.communes["commune"], *zones.territories["territory"]}
        # In capitals, or with the zero that a spreadsheet dropped.
        sure = [one for one in (code.upper(), f"0{code}") if one in known]
        near = sure or _near(zones, shown, kind)
        if near:
            fault, details["nearest"] = "misspelled_code", tuple(near)
    return Fault(f"lookup.{fault}", "code", details=details)


def _near(zones: Zoning, text: str, kind: Kind | None) -> list[str]:
    """Return the communes or territories whose code or name is nearest, as code and name."""
    near = [
        place
        for one, (table, name) in _tables(zones, kind).items()
        for place in nearest(text, dict(table.select(one, name).iter_rows()))
    ]
    return list(dict.fromkeys(near))[:_NEAREST]


def nearest(text: str, names: Mapping[str, str]) -> list[str]:
    """Return the codes or names that are spelled most like a text.

    Parameters
    ----------
    text : str
        What was asked for.
    names : mapping of str to str
        Name by code.

    Returns
    -------
    list of str
        Code and name, three at most.
    """
    by_code = get_close_matches(text, names, _NEAREST, _ALIKE)
    spelled: dict[str, list[str]] = {}
    for code, name in names.items():
        spelled.setdefault(plain(name), []).append(code)
    by_name = [
        code
        for name in get_close_matches(plain(text), spelled, _NEAREST, _ALIKE)
        for code in spelled[name]
    ]
    codes = list(dict.fromkeys([*by_code, *by_name]))[:_NEAREST]
    return [f"{code} {names[code]}" for code in codes]


def region_names(zones: Zoning) -> dict[str, str]:
    """Return the name of each region by its code."""
    rows = zones.regions.select("region", "region_name").unique().sort("region").iter_rows()
    return {code: name for code, name in rows if code != COUNTRY}


def find_region(zones: Zoning, text: str) -> str:
    """Return the code of a region.

    Parameters
    ----------
    zones : Zoning
        A result.
    text : str
        INSEE code or name of the region; case, accents and hyphens do not matter.

    Returns
    -------
    str

    Raises
    ------
    InputDataError
        No region, or more than one, has that name; suggests the nearest.
    """
    names = region_names(zones)
    if text in names:
        return text
    codes = [code for code, name in names.items() if plain(name) == plain(text)]
    if len(codes) == 1:
        return codes[0]
    near = nearest(text, names)
    kind = "misspelled_region" if near else "unknown_region"
    shown = tuple(near or (f"{code} {name}" for code, name in names.items()))
    details = {"text": text, "regions": shown}
    raise InputDataError(Fault(f"lookup.{kind}", "region", details=details))


def activity_year(zones: Zoning) -> int | None:
    """Return the year of the activity that a result counts; None for an APL of an unknown year."""
    if years := {int(entry["year"]) for entry in zones.imports if entry.get("year")}:
        return max(years)
    # A result of an APL that was published has no supply.
    return zones.methodology.year if "etp" in zones.communes.columns else None


def latest_vintage(zones: Zoning) -> int | None:
    """Return the latest year of the files that a result was made from; None if not recorded."""
    years = {int(entry["vintage"]) for entry in zones.imports if entry.get("vintage")}
    return max(years, default=None)
