"""Regions and territories by code or by name, however they are spelt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from ..errors import Fault, InputDataError
from ..parameters import COUNTRY
from ..result import Zones
from ..sources.formats.layout import plain

_SHOWN = 3


def region_names(zones: Zones) -> dict[str, str]:
    """Return the name of each region by its code; its code where it has no name."""
    rows = zones.regions.select("region", "region_name").unique().sort("region").iter_rows()
    return {code: name for code, name in rows if code != COUNTRY}


def find_region(zones: Zones, text: str) -> str:
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
    hint = f"Nearest: {', '.join(near)}." if near else f"Known: {', '.join(_told(names))}."
    raise InputDataError([Fault("region", f"'{text}' is none of the result", hint=hint)])


def nearest(text: str, names: Mapping[str, str]) -> list[str]:
    """Return the codes, with their names, that are spelt most alike; names by code."""
    by_code = get_close_matches(text, names, _SHOWN)
    spelt: dict[str, list[str]] = {}
    for code, name in names.items():
        spelt.setdefault(plain(name), []).append(code)
    by_name = [code for name in get_close_matches(plain(text), spelt, _SHOWN)
               for code in spelt[name]]  # fmt: skip
    codes = dict.fromkeys([*by_code, *by_name])
    return _told({code: names[code] for code in list(codes)[:_SHOWN]})


def _told(names: Mapping[str, str]) -> list[str]:
    return [f"{code} {name}" for code, name in names.items()]


def listed(items: Iterable[str]) -> str:
    """Return the first few of several, and how many there are more."""
    every = list(items)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
