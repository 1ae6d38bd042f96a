"""Communes, territories and regions of a result by code or name, as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

import polars as pl

from ..errors import Fault, InputDataError
from ..inputs.names import folded, plain, spelled_out
from ..method.result import Zoning
from ..methodology.values import COUNTRY
from ..schemas import WHOLE_CITIES

Kind = Literal["commune", "territory"]
# What a code of another year became: pairs of the present code and its name, and the year.
Became = Callable[[str], tuple[Sequence[tuple[str, str]], int] | None]

NEAREST, ALIKE, _LONGEST = 3, 0.75, 48
# The code that precedes that of the first arrondissement of a city.
_BEFORE_FIRST = {"paris": 75100, "lyon": 69380, "marseille": 13200}
_CITIES = dict(zip(sorted(WHOLE_CITIES), ("Marseille", "Lyon", "Paris"), strict=True))
_ROMAN = (
    "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv",
    "xvi", "xvii", "xviii", "xix", "xx",
)  # fmt: skip
# « 11e », « 1er », « XIe », « 2ème »; words beside it that say no more.
_ORDINAL = re.compile(r"(\d{1,2}|[ivx]+?)(?:er|re|e|eme|ieme|nd|nde)?")
_ARRONDISSEMENT = {"arrondissement", "arrdt", "arr", "ardt", "e", "er", "eme", "de"}
# « Saint-Denis (93) » or « (93200) », « Saint-Denis, La Réunion », « Saint-Denis 974 »; and
# « 93200 Saint-Denis ».
_QUALIFIED = (
    re.compile(r"(?P<name>.+?)\s*\((?P<where>[^()]+)\)"),
    re.compile(r"(?P<name>.+?)\s*,\s*(?P<where>[^,]+)"),
    re.compile(r"(?P<name>.+?)\s+(?P<where>[0-9]{1,5}|2[AB])", re.IGNORECASE),
    re.compile(r"(?P<where>[0-9][0-9AB][0-9_]{1,3})\s+(?P<name>.+)", re.IGNORECASE),
)
# The length of a postcode, which begins with the departement.
_POSTCODE = 5


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
    also : tuple of str
        Code and name of what else was perhaps meant.
    """

    kind: Kind
    code: str
    name: str
    territory: str
    territory_name: str
    region: str
    zone: str | None
    also: tuple[str, ...] = ()

    @property
    def departement(self) -> str:
        """Return the departement that its code begins with."""
        return self.code[: 3 if self.code.startswith(("97", "98")) else 2]


def find_place(
    zones: Zoning, text: str | int, *, kind: Kind | None = None, became: Became | None = None
) -> Place:
    """Find a commune or a territory by its code or name.

    A bassin de vie has the code of its pole and often its name, so that a text may be of both:
    then the commune is returned, unless `kind` says otherwise. Codes may lack the zero that
    spreadsheets drop, or the final ``_`` of cantons. In names, case, accents, hyphens, apostrophes
    and articles do not matter, « st » is « saint »; a departement, a region or a postcode
    distinguishes homonyms: « Saint-Denis (93) ».

    Parameters
    ----------
    zones : Zoning
        A result.
    text : str or int
        Code or name of a commune or a territory.
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
        Nothing, or more than one, has that code or name; suggests the nearest, and what a code was
        merged into if known.
    """
    text = " ".join(str(text).split())
    gazetteer = _Gazetteer(zones, kind)
    for found in gazetteer.readings(text):
        communes = [one for one in found if one.kind == "commune"]
        within = {one.territory for one in communes}
        others = [one for one in found if one.kind == "territory" and one.code not in within]
        chosen = communes or others
        if len(chosen) == 1:
            also = others if communes else gazetteer.by_code(_respelled(text))
            listed = tuple(_listed(one) for one in also if one.code != chosen[0].code)
            return replace(chosen[0], also=listed)
        if chosen:
            raise InputDataError(_ambiguous(text, [*communes, *others]))
    raise InputDataError(gazetteer.unknown(text, became))


def find_communes(zones: Zoning, texts: Iterable[str]) -> tuple[dict[str, Place], list[Fault]]:
    """Find several communes, each as by `find_place`.

    Parameters
    ----------
    zones : Zoning
        A result.
    texts : iterable of str
        Codes or names.

    Returns
    -------
    dict of str to Place
        Those found, by text.
    list of Fault
        Of each other one.
    """
    places: dict[str, Place] = {}
    faults: list[Fault] = []
    for text in texts:
        try:
            places[text] = find_place(zones, text, kind="commune")
        except InputDataError as error:
            faults += error.faults
    return places, faults


@dataclass(frozen=True)
class _Gazetteer:
    """The communes and territories of a result, or one of both kinds."""

    zones: Zoning
    kind: Kind | None

    @property
    def tables(self) -> dict[Kind, tuple[pl.DataFrame, str]]:
        """The table of each kind, and its column of names."""
        tables: dict[Kind, tuple[pl.DataFrame, str]] = {
            "commune": (self.zones.communes, "name"),
            "territory": (self.zones.territories, "territory_name"),
        }
        if self.kind is None:
            return tables
        if self.kind not in tables:
            details = {"choices": tuple(tables)}
            fault = Fault("argument.unknown_choice", "kind", values=(self.kind,), details=details)
            raise InputDataError(fault)
        return {self.kind: tables[self.kind]}

    def readings(self, text: str) -> Iterator[list[Place]]:
        """Yield what a text may name, its most literal reading first."""
        # Half a letter, which no table holds.
        text = text.encode("utf-8", "replace").decode()
        yield self.by_code([text])
        yield self.by_code(_respelled(text))
        yield self.by_code(_arrondissement(text))
        yield self.by_name(text)
        for pattern in _QUALIFIED:
            if match := pattern.fullmatch(text):
                named = self.by_name(match["name"])
                yield [one for one in named if self._lies_in(one, match["where"].strip())]

    def by_code(self, codes: Sequence[str]) -> list[Place]:
        """Return the places of some codes, communes first, each code once."""
        places: dict[str, Place] = {}
        for kind, (table, name) in self.tables.items():
            columns = (kind, name, "territory", "territory_name", "region", "zone")
            for row in (
                table.filter(pl.col(kind).is_in(codes))
                .select(pl.col(column).alias(str(k)) for k, column in enumerate(columns))
                .iter_rows()
            ):
                places.setdefault(row[0], Place(kind, *row))
        return list(places.values())

    @cached_property
    def _spellings(self) -> list[list[tuple[str, str, str]]]:
        """For each kind: every code, and its name with its articles and without."""
        return [
            [
                (code, spelled_out(own or ""), folded(own or ""))
                for code, own in table.select(kind, name).iter_rows()
            ]
            for kind, (table, name) in self.tables.items()
        ]

    def by_name(self, text: str) -> list[Place]:
        """Return the places of a name; those whose articles differ only if there are no others."""
        codes: list[str] = []
        for spellings in self._spellings:
            for position, sought in enumerate((spelled_out(text), folded(text)), 1):
                found = [one[0] for one in spellings if sought and one[position] == sought]
                if found:
                    codes += found
                    break
        return self.by_code(codes) if codes else []

    def _lies_in(self, place: Place, where: str) -> bool:
        """Return whether a departement, region or postcode is that of a place."""
        if place.code == where.upper():
            return True
        if len(where) == _POSTCODE and where.isdecimal():
            departement = place.departement.replace("A", "0").replace("B", "0")
            return where.startswith(departement)
        return place.departement == where.upper().zfill(2) or plain(where) == plain(
            region_names(self.zones).get(place.region, "")
        )

    def unknown(self, text: str, became: Became | None) -> Fault:
        """Return the fault of a text that names nothing."""
        shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
        details: dict[str, object] = {
            "sought": self.kind or "commune or territory",
            "code": shown,
            "vintage": latest_vintage(self.zones) or "unknown",
        }
        fault = "unknown_code"
        if became and (change := became(text)):
            parts, since = change
            names = dict(self.zones.communes.select("commune", "name").iter_rows())
            into = tuple(f"{now} {name or names.get(now, '')}".strip() for now, name in parts)
            fault = "renumbered_code" if len(parts) == 1 else "split_code"
            details |= {"since": since, "into": into}
        elif city := self._parts_of_city(text):
            fault, details["city"], details["arrondissements"] = "whole_city", *city
        elif near := self._near(shown):
            fault, details["nearest"] = "misspelled_code", tuple(near)
        return Fault(f"lookup.{fault}", "code", details=details)

    def _parts_of_city(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the name of Paris, Lyon or Marseille, and the codes of its arrondissements."""
        words = plain(_CITIES.get(text, text)).split("_")
        for city in _CITIES.values():
            if city.lower() in words[:1]:
                first = _BEFORE_FIRST[city.lower()]
                codes = [str(first + number) for number in range(1, len(_ROMAN) + 1)]
                parts = tuple(one.code for one in self.by_code(codes))
                return (city, parts) if parts else None
        return None

    def _near(self, text: str) -> list[str]:
        """Return the communes or territories whose code or name is nearest, as code and name."""
        near = []
        for kind, (table, name) in self.tables.items():
            names = dict(table.select(kind, name).iter_rows())
            if kind == "commune":
                names |= {code: one for code, one in _CITIES.items() if self._parts_of_city(one)}
            near += nearest(text, names)
        return list(dict.fromkeys(near))[:NEAREST]


def _respelled(text: str) -> list[str]:
    """Return a code in capitals, with the zero that a spreadsheet drops, and with or without _."""
    code = text.upper()
    return [one for one in (code, f"0{code}", f"{code}_", code.rstrip("_")) if one != text]


def _arrondissement(text: str) -> list[str]:
    """Return the code of an arrondissement that is named by its city and number."""
    words = [word for word in plain(text).split("_") if word not in _ARRONDISSEMENT]
    city = next((word for word in words if word in _BEFORE_FIRST), None)
    others = [word for word in words if word != city]
    ordinal = _ORDINAL.fullmatch(others[0]) if city and len(others) == 1 else None
    # In brackets it is the departement: « Marseille (13) ».
    if not city or not ordinal or "(" in text:
        return []
    number = ordinal[1]
    if not number.isdecimal():
        number = _ROMAN.index(number) + 1 if number in _ROMAN else 0
    return [str(_BEFORE_FIRST[city] + int(number))]


def _listed(place: Place) -> str:
    """Return a place as messages list it."""
    kind = ", territory" if place.kind == "territory" else ""
    return f"{place.code} {place.name} ({place.departement}{kind})"


def _ambiguous(text: str, places: Sequence[Place]) -> Fault:
    shown = tuple(_listed(one) for one in sorted(places, key=lambda one: one.code))
    example = f"{places[0].name} ({places[0].departement})"
    details = {"text": text, "number": len(places), "places": shown, "example": example}
    return Fault("lookup.ambiguous_name", "code", details=details)


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
    by_code = get_close_matches(text, names, NEAREST, ALIKE)
    spelled: dict[str, list[str]] = {}
    for code, name in names.items():
        spelled.setdefault(folded(name), []).append(code)
    sought = folded(text)
    alike = get_close_matches(sought, spelled, NEAREST, ALIKE)
    longer = sorted((one for one in spelled if sought and one.startswith(f"{sought}_")), key=len)
    codes = list(
        dict.fromkeys([*by_code, *(code for name in (*alike, *longer) for code in spelled[name])])
    )
    return [f"{code} {names[code]}" for code in codes[:NEAREST]]


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
    if text in names or text in zones.territories["region"]:
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
