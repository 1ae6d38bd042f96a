"""Small worlds with given numbers of practitioners."""

from __future__ import annotations

from support.tables import Row, World, commune, practitioner, small_world


def _practitioners(code: str, number: int, acts: float = 3000) -> list[Row]:
    return [
        practitioner(f"{code}-{k}", code, acts=acts + 100 * k, fees=60_000) for k in range(number)
    ]


def world_of(numbers: dict[str, tuple[str, int]], apart: float = 60) -> World:
    """Return communes, each with a territory and a number of practitioners, some minutes apart."""
    world = small_world()
    world["communes"] = [commune(code, "84", area) for code, (area, _) in numbers.items()]
    world["practitioners"] = [
        row for code, (_, n) in numbers.items() for row in _practitioners(code, n)
    ]
    world["population"] = [
        {"commune": code, "age_band": band, "population": 100.0 + 10 * k}
        for k, code in enumerate(numbers)
        for band in ("00-04", "05-09", "10+")
    ]
    world["travel_times"] = [
        {"origin": one, "destination": two, "minutes": apart if one != two else 0.0}
        for one in numbers
        for two in numbers
    ]
    return world
