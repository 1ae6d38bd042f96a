"""Communes, territories and regions of a result by code, and what to say where there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import polars as pl

from ..errors import Fault, InputDataError
from ..method.result import Zoning
from ..methodology.values import COUNTRY
from ..readers.common.headers import plain
from ..schemas import WHOLE_CITIES

Kind = Literal["commune", "territory"]
# What a code of another year became: pairs of the code now and its name, and the year.
Became = Callable[[str], tuple[Sequence[tuple[str, str]], int] | None]

_NEAREST, _ALIKE, _LONGEST = 3, 0.6, 48


@dataclass(frozen=True)
class Place:
    """A commune or a territory of a result.

    Attributes
    ----------
    kind, code, name : what it is.
    territory, territory_name : the territory it is in, itself where it is one.
    region : of the commune; of attribution, where it is a territory.
    zone : id of the class of the territory; None where it has none.
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

    A bassin de vie goes by the code of its pole, so that one code may be both: then it is the
    commune that is found, unless `kind` says otherwise.

    Parameters
    ----------
    zones : a result.
    code : of a commune or a territory.
    kind : which of both; either where None.
    became : what a code of another year became, where that is known; see `Moving.became`.

    Returns
    -------
    Place

    Raises
    ------
    InputDataError
        There is none; names the nearest ones, and what it was merged into where that is known.
    """
    for one in ("commune", "territory") if kind is None else (kind,):
        table = zones.communes if one == "commune" else zones.territories
        row = table.filter(pl.col(one) == code)
        if row.height:
            name = "name" if one == "commune" else "territory_name"
            found = row.row(0, named=True)
            columns = (name, "territory", "territory_name", "region", "zone")
            return Place(one, code, *(found[column] for column in columns))
    raise InputDataError([_unknown(zones, code, kind, became)])


def _unknown(zones: Zoning, code: str, kind: Kind | None, became: Became | None) -> Fault:
    what = kind or "commune or territory"
    vintage = vintage_of(zones)
    year = f" of {vintage}" if vintage else ""
    shown = code if len(code) <= _LONGEST else f"{code[:_LONGEST]}..."
    problem = f"there is no {what} {shown!r} among the communes{year} of this result"
    if became and (found := became(code)):
        parts, since = found
        names = dict(zones.communes.select("commune", "name").iter_rows())
        into = ", ".join(f"{now} {name or names.get(now, '')}".strip() for now, name in parts)
        words = "became" if len(parts) == 1 else "was split into"
        return Fault(
            code="legacy.fault",
            table="code",
            details={"problem": f"{problem}: {code}, as of {since}, {words} {into}"},
        )
    if code in WHOLE_CITIES:
        return Fault(
            code="legacy.fault",
            table="code",
            details={"problem": problem, "hint": "Paris, Lyon and Marseille go by arrondissement."},
        )
    known = set(zones.communes["commune"]) | set(zones.territories["territory"])
    near = [code.upper()] if code.upper() in known else _near(zones, shown, kind)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Codes have five characters: 01001."
    if became is None and code[:1].isdigit():
        hint += " If it was merged, --passage or --movements tells into which."
    return Fault(code="legacy.fault", table="code", details={"problem": problem, "hint": hint})


def _near(zones: Zoning, text: str, kind: Kind | None) -> list[str]:
    """Return the places whose code or name comes nearest to a text, each as code and name."""
    tables = {
        "commune": zones.communes.select("commune", "name"),
        "territory": zones.territories.select("territory", "territory_name"),
    }
    wanted = [kind] if kind else ["commune", "territory"]
    found = [near for one in wanted for near in nearest(text, dict(tables[one].iter_rows()))]
    return list(dict.fromkeys(found))[:_NEAREST]


def nearest(text: str, names: Mapping[str, str]) -> list[str]:
    """Return what is spelt most alike to a code or a name.

    Parameters
    ----------
    text : whatever was asked for.
    names : by code.

    Returns
    -------
    list of str
        Code and name of three at most.
    """
    by_code = get_close_matches(text, names, _NEAREST, _ALIKE)
    spelt: dict[str, list[str]] = {}
    for code, name in names.items():
        spelt.setdefault(plain(name), []).append(code)
    by_name = [
        code
        for name in get_close_matches(plain(text), spelt, _NEAREST, _ALIKE)
        for code in spelt[name]
    ]
    codes = list(dict.fromkeys([*by_code, *by_name]))[:_NEAREST]
    return [f"{code} {names[code]}" for code in codes]


def region_names(zones: Zoning) -> dict[str, str]:
    """Return the name of each region by its code; its code where it has no name."""
    rows = zones.regions.select("region", "region_name").unique().sort("region").iter_rows()
    return {code: name for code, name in rows if code != COUNTRY}


def find_region(zones: Zoning, text: str) -> str:
    """Return the code of a region.

    Parameters
    ----------
    zones : whose regions are known.
    text : its INSEE code, or its name; case, accents and hyphens are forgiven.

    Returns
    -------
    str

    Raises
    ------
    InputDataError
        No region, or more than one, is called that; tells the nearest.
    """
    names = region_names(zones)
    if text in names:
        return text
    found = [code for code, name in names.items() if plain(name) == plain(text)]
    if len(found) == 1:
        return found[0]
    near = nearest(text, names)
    known = ", ".join(f"{code} {name}" for code, name in names.items())
    hint = f"Nearest: {', '.join(near)}." if near else f"Known: {known}."
    raise InputDataError(
        [
            Fault(
                code="legacy.fault",
                table="region",
                details={"problem": f"'{text}' is none of the result", "hint": hint},
            )
        ]
    )


def vintage_of(zones: Zoning) -> int | None:
    """Return the year of the communes of a result, None where its inputs do not tell."""
    years = {int(entry["vintage"]) for entry in zones.imports if entry.get("vintage")}
    return max(years, default=None)
