"""Communes and territories of a result by code, and what to say where there is none."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from .errors import Fault, InputDataError
from .result import Zones

Kind = Literal["commune", "territory"]
# What a code of another year became: pairs of the code now and its name, and the year.
Became = Callable[[str], tuple[Sequence[tuple[str, str]], int] | None]

_NEAREST = 3


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
    zones: Zones, code: str, *, kind: Kind | None = None, became: Became | None = None
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


def _unknown(zones: Zones, code: str, kind: Kind | None, became: Became | None) -> Fault:
    what = kind or "commune or territory"
    vintage = vintage_of(zones)
    year = f" of {vintage}" if vintage else ""
    problem = f"there is no {what} {code!r} among the communes{year} of this result"
    if became and (found := became(code)):
        parts, since = found
        names = dict(zones.communes.select("commune", "name").iter_rows())
        into = ", ".join(f"{now} {name or names.get(now, '')}".strip() for now, name in parts)
        words = "became" if len(parts) == 1 else "was split into"
        return Fault("code", f"{problem}: {code}, as of {since}, {words} {into}")
    near = nearest(zones, code, kind)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Codes have five characters: 01001."
    if became is None and code[:1].isdigit():
        hint += " If it was merged, --passage or --movements tells into which."
    return Fault("code", problem, hint=hint)


def nearest(zones: Zones, text: str, kind: Kind | None = None) -> list[str]:
    """Return the places whose code or name comes nearest to a text, each as code and name."""
    columns = {"commune": ("commune", "name"), "territory": ("territory", "territory_name")}
    known: dict[str, list[str]] = {}
    for one in ("commune", "territory") if kind is None else (kind,):
        table = zones.communes if one == "commune" else zones.territories
        for code, name in table.select(columns[one]).iter_rows():
            known.setdefault(code, []).append(f"{code} {name}")
            known.setdefault(folded(name), []).append(f"{code} {name}")
    close = difflib.get_close_matches(folded(text), known, n=_NEAREST, cutoff=0.7)
    return list(dict.fromkeys(told for key in close for told in known[key]))[:_NEAREST]


def folded(name: str) -> str:
    """Return a name without case, accents and hyphens."""
    plain = unicodedata.normalize("NFD", name.replace("Œ", "OE").replace("œ", "oe"))
    letters = (letter if letter.isalnum() else " " for letter in plain if letter.isascii())
    return " ".join("".join(letters).lower().split())


def vintage_of(zones: Zones) -> int | None:
    """Return the year of the communes of a result, None where its inputs do not tell."""
    years = {int(entry["vintage"]) for entry in zones.imports if entry.get("vintage")}
    return max(years, default=None)
