"""Bassins de vie, cantons and urban units that give a sample's territories by article II.

The rule, on one page and apart from any reader: a bassin de vie is a territory, unless the urban
unit of its pole has more than 30 000 inhabitants. Then its cantons-ou-villes are territories; and
where there is no canton (ZZ: Paris, the metropolis of Lyon), each commune or arrondissement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot

import polars as pl

from .population import is_arrondissement

LARGE = 30_000
TOWNS = {
    "75056": ("Paris", "75ZZ", "00851"),
    "69123": ("Lyon", "69ZZ", "00760"),
    "13055": ("Marseille", "1398", "00759"),
}
_OVERSEAS = {"971": "9A", "972": "9B", "973": "9C", "974": "9D", "976": "9F"}


@dataclass
class Place:
    """A commune or an arrondissement, and what the table says of it."""

    code: str
    name: str
    departement: str
    region: str
    people: int
    lat: float
    lon: float
    territory: str
    territory_name: str
    canton: str = ""
    unit: str = ""
    basin: str = ""


def town_of(code: str) -> str:
    """Return the commune of an arrondissement, or the code itself."""
    if not is_arrondissement(code):
        return code
    return {"75": "75056", "69": "69123", "13": "13055"}[code[:2]]


def draw_mesh(
    communes: pl.DataFrame, people: pl.DataFrame, *, marseille_whole: bool
) -> list[Place]:
    """Give every place of a sample a canton, an urban unit and a bassin de vie.

    A sample's territory named by a commune becomes a bassin de vie; it is renamed by its largest
    commune where the pole is not in the sample. One named by a canton becomes a canton in the
    bassin de vie of the nearest large town. What the rule cannot keep whole, a bassin whose pole
    alone has more than 30 000 inhabitants, becomes a canton. Marseille is one canton in INSEE's
    table, hence one territory; with `marseille_whole` false it is 13ZZ, by arrondissement.
    """
    places = [
        Place(*row)
        for row in communes.join(people, on="commune", how="left")
        .sort("commune")
        .select(
            "commune", "name", "departement", "region",
            pl.col("population").fill_null(0).round().cast(pl.Int64),
            "lat", "lon", "territory", "territory_name",
        )
        .iter_rows()
    ]  # fmt: skip
    groups: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        groups[place.territory].append(place)
    lyon = any(town_of(place.code) == "69123" for place in places)
    by_canton = []
    for members in groups.values():
        members.sort(key=lambda place: (-place.people, place.code))
        if all(is_arrondissement(place.code) for place in members):
            _set_town(members, marseille_whole)
        elif _is_canton(members[0].territory):
            by_canton.append(members)
        elif lyon and len(members) == 1 and members[0].departement == "69":
            members[0].basin, members[0].canton, members[0].unit = "69123", "69ZZ", "00760"
        elif _pole(members).people > LARGE:
            by_canton.append(members)
        else:
            _set_basin(members)
    _set_cantons(by_canton, places)
    _number_units(places)
    return places


def _is_canton(code: str) -> bool:
    return len(code) == 4 or code.startswith("C")


def _pole(members: list[Place]) -> Place:
    """The commune that names the territory, or else the largest."""
    return next((place for place in members if place.code == place.territory), members[0])


def _set_town(members: list[Place], marseille_whole: bool) -> None:
    for place in members:
        place.basin = town_of(place.code)
        _, place.canton, place.unit = TOWNS[place.basin]
        if place.basin == "13055" and not marseille_whole:
            place.canton = "13ZZ"


def _set_basin(members: list[Place]) -> None:
    """One bassin, whose pole's urban unit takes in the next communes as long as it stays small.

    The cantons of its communes are met in divided bassins too: territories there, but not here.
    """
    pole = _pole(members)
    total = pole.people
    pole.unit = pole.code if total >= 2_000 else ""
    for number, place in enumerate(members):
        place.basin = pole.code
        place.canton = _canton_code(place.departement, 1 + (int(pole.code[2:]) + number // 8) % 24)
        if pole.unit and place is not pole and number <= 2 and 800 <= place.people <= LARGE - total:
            place.unit = pole.code
            total += place.people


def _canton_code(departement: str, number: int) -> str:
    return f"{departement}{number:02d}"


def _set_cantons(groups: list[list[Place]], places: list[Place]) -> None:
    """Give canton territories their codes, and the bassin de vie of the nearest large town."""
    taken = {place.code for place in places} | {place.canton for place in places}
    taken |= {members[0].territory for members in groups}
    for members in groups:
        code = members[0].territory
        if code.startswith("C"):
            code = "9" + code[1:]
        if len(code) != 4 and (code in taken):
            first = members[0].departement
            code = next(c for n in range(99, 0, -1) if (c := _canton_code(first, n)) not in taken)
        taken.add(code)
        for place in members:
            place.canton = code
    poles = _poles(groups)
    if not poles:
        for members in groups:
            _set_basin(members)
        return
    everywhere = [pole for some in poles.values() for pole in some]
    codes = {pole.code for pole in everywhere}
    for members in groups:
        seat = members[0]
        nearest = min(
            poles.get(seat.departement) or everywhere,
            key=lambda pole: (hypot(pole.lat - seat.lat, pole.lon - seat.lon), pole.code),
        )
        for place in members:
            place.basin = place.code if place.code in codes else nearest.code


def _poles(groups: list[list[Place]]) -> dict[str, list[Place]]:
    """Large communes by departement; or one that is large with the other towns of its unit."""
    local: dict[str, list[Place]] = defaultdict(list)
    for members in groups:
        for place in members:
            local[place.departement].append(place)
    poles: dict[str, list[Place]] = {}
    for departement, there in sorted(local.items()):
        there.sort(key=lambda place: (-place.people, place.code))
        large = [place for place in there if place.people > LARGE]
        if not large and sum(place.people for place in there) > LARGE:
            large = [there[0]]
            total = 0
            for place in there:
                if total <= LARGE:
                    place.unit = there[0].code
                    total += place.people
        for place in large:
            place.unit = place.unit or place.code
        if large:
            poles[departement] = large
    return poles


def _number_units(places: list[Place]) -> None:
    """Number urban units as INSEE does: departement, digit of size, number; 000 outside of one."""
    people: dict[str, int] = defaultdict(int)
    where = {place.code: place.departement for place in places}
    for place in places:
        people[place.unit] += place.people
    numbers: dict[str, int] = defaultdict(int)
    names: dict[str, str] = {town[2]: town[2] for town in TOWNS.values()}
    for unit in sorted(unit for unit in people if unit and unit not in names):
        size = sum(people[unit] >= least for least in (5e3, 1e4, 2e4, 5e4, 1e5, 2e5)) + 1
        start = f"{_OVERSEAS.get(where[unit], where[unit])}{size}"
        numbers[start] += 1
        names[unit] = f"{start}{numbers[start]:02d}"
    for place in places:
        start = _OVERSEAS.get(place.departement, place.departement)
        place.unit = names[place.unit] if place.unit else f"{start}000"


@dataclass(frozen=True)
class Territory:
    """What the rule makes of a place: `kind` is bv, cv or commune."""

    kind: str
    code: str
    name: str


def territories_by_rule(places: Iterable[Place]) -> dict[str, Territory]:
    """Apply article II to the table: per place its territory."""
    listed = list(places)
    people: dict[str, int] = defaultdict(int)
    unit: dict[str, str] = {}
    name: dict[str, str] = {}
    canton: dict[str, str] = {}
    for place in listed:
        people[place.unit] += place.people
        town = town_of(place.code)
        unit[town] = place.unit
        name[town] = TOWNS[town][0] if town in TOWNS else place.name
        if _is_canton(place.territory):
            canton.setdefault(place.canton, place.territory_name)
    found = {}
    for place in listed:
        pole = unit[place.basin]
        if pole.endswith("000") or people[pole] <= LARGE:
            found[place.code] = Territory("bv", place.basin, name[place.basin])
        elif place.canton.endswith("ZZ"):
            found[place.code] = Territory("commune", place.code, place.name)
        else:
            label = canton.get(place.canton) or name[town_of(place.code)]
            found[place.code] = Territory("cv", place.canton, label)
    return found
