"""Countries that are hard to protect: chains, stars, islands, one dominant practitioner, equals."""

from __future__ import annotations

import random
from collections.abc import Callable

from support.tables import BANDS, World, commune, practitioner

_REGIONS = ("52", "53", "84")


def _world(
    minutes: Callable[[int, int], float],
    acts: list[list[int]],
    people: list[float],
    territories: list[int],
    rng: random.Random,
) -> World:
    """Return a country of communes by number: minutes between two, acts of each practitioner."""
    codes = [f"{52000 + k}" for k in range(len(acts))]
    pairs = [(j, k) for j in range(len(codes)) for k in range(len(codes)) if j != k]
    near = [(j, k) for j, k in pairs if minutes(j, k) <= 20] or [(0, 1)]
    number = 0
    practitioners = []
    for code, here in zip(codes, acts, strict=True):
        for each in here:
            number += 1
            # Always above the fees that count.
            fees = max(each * 18.4, 10_000.0)
            practitioners.append(practitioner(f"p{number:04}", code, acts=each, fees=fees))
    return {
        "practitioners": practitioners,
        "population": [
            {"commune": code, "age_band": band, "population": round(many * part)}
            for code, many in zip(codes, people, strict=True)
            for band, part in zip(BANDS, (0.2, 0.3 + 0.1 * rng.random(), 0.5), strict=True)
        ],
        "consumption": [
            {"age_band": band, "fees": 1000.0 * (b + 1)} for b, band in enumerate(BANDS)
        ],
        "travel_times": [
            {"origin": codes[j], "destination": codes[k], "minutes": minutes(j, k)} for j, k in near
        ],
        "communes": [
            commune(code, _REGIONS[where % len(_REGIONS)], f"{where:05}")
            for code, where in zip(codes, territories, strict=True)
        ],
    }


def _acts(rng: random.Random) -> int:
    return min(max(int(rng.lognormvariate(8.2, 0.45)), 560), 12_000)


def _practitioners(rng: random.Random, size: int, empty: float = 0.45) -> list[list[int]]:
    """Draw who practises where: nobody, a few, or many."""
    return [
        []
        if rng.random() < empty
        else [_acts(rng) for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 4, 6, 15]))]
        for _ in range(size)
    ]


def chain(seed: int, size: int = 40) -> World:
    """Communes on a line, six to nine minutes apart."""
    rng = random.Random(seed)
    at = [0.0]
    for _ in range(size - 1):
        at.append(at[-1] + rng.uniform(6, 9))
    people = [rng.choice([300, 700, 1500, 4000, 9000]) * rng.uniform(0.8, 1.2) for _ in at]
    return _world(
        lambda j, k: round(abs(at[j] - at[k]), 1),
        _practitioners(rng, size),
        people,
        [k // 3 for k in range(size)],
        rng,
    )


def star(seed: int, hubs: int = 6, leaves: int = 6) -> World:
    """Towns, each with villages that reach their town and no one else."""
    rng = random.Random(seed)
    size = hubs * (leaves + 1)
    away = [rng.uniform(11, 19) for _ in range(size)]

    def minutes(j: int, k: int) -> float:
        one, two = j // (leaves + 1), k // (leaves + 1)
        heads = j % (leaves + 1) == 0, k % (leaves + 1) == 0
        if one == two and any(heads):
            return round(away[k if heads[0] else j], 1)
        return 19.5 if all(heads) and abs(one - two) == 1 else 60.0

    acts = _practitioners(rng, size)
    for hub in range(hubs):
        acts[hub * (leaves + 1)] = [_acts(rng) for _ in range(rng.choice([4, 8, 20]))]
    people = [20_000.0 if k % (leaves + 1) == 0 else rng.uniform(300, 3000) for k in range(size)]
    return _world(minutes, acts, people, [k // (leaves + 1) for k in range(size)], rng)


def islands(seed: int, size: int = 30) -> World:
    """Communes that reach nobody but two of them; some are territories of their own."""
    rng = random.Random(seed)
    acts = _practitioners(rng, size, empty=0.2)
    people = [rng.uniform(800, 12_000) for _ in range(size)]
    territories = [k if k % 3 else k // 6 * 6 for k in range(size)]
    return _world(lambda j, k: 12.0 if {j, k} == {0, 1} else 90.0, acts, people, territories, rng)


def dominant(seed: int, size: int = 36) -> World:
    """Each practitioner of least activity beside one of many acts."""
    rng = random.Random(seed)
    place = [(rng.uniform(0, 60), rng.uniform(0, 60)) for _ in range(size)]
    acts = [
        []
        if rng.random() < 0.3
        else [560 + rng.randrange(90) for _ in range(rng.choice([1, 2, 3]))]
        + [9000 + rng.randrange(2000)] * (rng.random() < 0.4)
        for _ in range(size)
    ]
    return _by_distance(place, acts, rng)


def equal(seed: int, size: int = 36) -> World:
    """All practitioners of the same activity: everybody is at the ceiling."""
    rng = random.Random(seed)
    place = [(rng.uniform(0, 60), rng.uniform(0, 60)) for _ in range(size)]
    acts = [[3000] * len(here) for here in _practitioners(rng, size)]
    acts[0] = [3000]
    return _by_distance(place, acts, rng)


def scattered(seed: int, size: int = 60, side: float = 70) -> World:
    """Communes anywhere, of any size."""
    rng = random.Random(seed)
    place = [(rng.uniform(0, side), rng.uniform(0, side)) for _ in range(size)]
    people = [min(200 * rng.paretovariate(0.8), 60_000) for _ in range(size)]
    return _world(
        lambda j, k: round(3 + _distance(place[j], place[k]), 1),
        _practitioners(rng, size),
        people,
        [int(x // 18) * 4 + int(y // 18) for x, y in place],
        rng,
    )


def small(seed: int, size: int = 14) -> World:
    """As `scattered`, for every run of the tests."""
    return scattered(seed, size, side=30)


def beginners(seed: int, size: int = 10) -> World:
    """All but two newly installed, who count for one ETP each."""
    rng = random.Random(seed)
    place = [(rng.uniform(0, 25), rng.uniform(0, 25)) for _ in range(size)]
    acts = [
        [rng.randrange(400, 1500) for _ in range(rng.choice([0, 1, 2, 3, 4]))] for _ in range(size)
    ]
    acts[0], acts[1] = [1000], [1010]
    people = [rng.uniform(900, 6000) for _ in range(size)]
    world = _world(
        lambda j, k: round(3 + _distance(place[j], place[k]), 1),
        acts,
        people,
        [k // 2 for k in range(size)],
        rng,
    )
    for row in world["practitioners"][2:]:
        row["newly_installed"] = True
    return world


def year_later(world: World, seed: int, drift: float) -> World:
    """Return a country in which three who practised alone left and two came.

    The acts of all others change by at most `drift` of them.
    """
    rng = random.Random(seed)
    rows = [dict(row) for row in world["practitioners"]]
    homes: dict[str, list[str]] = {}
    for row in rows:
        homes.setdefault(row["commune"], []).append(row["practitioner_id"])
    alone = [ids[0] for ids in homes.values() if len(ids) == 1]
    gone = set(rng.sample(alone, min(3, len(alone))))
    rows = [row for row in rows if row["practitioner_id"] not in gone]
    for number in range(2):
        acts = _acts(rng)
        where = rng.choice(world["communes"])["commune"]
        rows.append(practitioner(f"n{number}", where, acts=acts, fees=max(acts * 18.4, 10_000.0)))
    for row in rows if drift else []:
        row["acts"] = float(max(560, round(row["acts"] * rng.uniform(1 - drift, 1 + drift))))
        row["fees"] = max(row["fees"], row["acts"] * 18.4)
    return {**world, "practitioners": rows}


def _by_distance(
    place: list[tuple[float, float]], acts: list[list[int]], rng: random.Random
) -> World:
    """Return a country of communes of a few thousand people, three in a territory."""
    people = [rng.uniform(500, 6000) for _ in place]
    return _world(
        lambda j, k: round(3 + _distance(place[j], place[k]), 1),
        acts,
        people,
        [k // 3 for k in range(len(place))],
        rng,
    )


def _distance(one: tuple[float, float], two: tuple[float, float]) -> float:
    return float(((one[0] - two[0]) ** 2 + (one[1] - two[1]) ** 2) ** 0.5)


MADE = {
    "chain": chain,
    "star": star,
    "islands": islands,
    "dominant": dominant,
    "equal": equal,
    "scattered": scattered,
}
