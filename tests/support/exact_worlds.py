"""Random networks, supplies and demands over the whole range that sums are exact for.

And their APLs in whole numbers, from the definition: nothing of it is shared with the package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
from support.tables import methodology

from apl_engine import TravelNetwork
from apl_engine.method import Demand, Supply
from apl_engine.method.network import connect, edges_of
from apl_engine.method.runs import Layout, runs_of
from apl_engine.method.sparse_rows import CommunePairs
from apl_engine.methodology.model import Methodology
from apl_engine.methodology.values import Step

MOST_SIZE = 40
# Quotients are cut off here: far below any error that is looked for.
_BITS = 400
# Every float64 is a whole multiple of 2**-_TAIL.
_TAIL = 1100


@dataclass(frozen=True)
class ExactWorld:
    """Communes, the band of minutes of each pair (-1 without one), supply and people."""

    rules: Methodology
    bands: Any
    etp: Any
    people: Any
    name: str = ""

    @property
    def edges(self) -> Any:
        return edges_of(self.rules.travel)

    @property
    def pairs(self) -> CommunePairs:
        """All pairs, in order of origin and destination."""
        origin, destination = np.nonzero(self.bands >= 0)
        return CommunePairs(
            origin.astype(np.uint32),
            destination.astype(np.uint32),
            self.bands[origin, destination].astype(np.uint8),
        )

    @property
    def weights(self) -> Any:
        """The weight of each pair over the common denominator, object (n, n)."""
        travel, edges = self.rules.travel, [Fraction(float(edge)) for edge in self.edges]
        of_band = []
        for band in range(2 * len(edges)):
            edge, exact = edges[band // 2], band % 2
            inside = (
                step.weight * travel.denominator
                for step in travel.steps
                if edge < step.to or (edge == step.to and (not exact or step.included))
            )
            of_band.append(int(next(inside, Fraction(0))))
        return np.array([*of_band, 0], dtype=object)[self.bands]


def network_of_pairs(world: ExactWorld, parts: Sequence[CommunePairs] | None = None) -> Any:
    """Return the network of a world, from its pairs in some parts."""
    empty = CommunePairs(*(np.empty(0, t) for t in (np.uint32, np.uint32, np.uint8)))  # type: ignore[arg-type]
    communes = pl.Series("commune", [f"{k:05}" for k in range(len(world.etp))])
    given = [world.pairs] if parts is None else list(parts)
    return connect(communes, [*given, empty], world.rules.travel, world.edges)


def in_runs(network: TravelNetwork, order: Any) -> TravelNetwork:
    """Return a network with a layout in runs for some order of places, however many runs."""
    weights, places = network.built_for, np.asarray(order, dtype=np.uint32)
    one = runs_of(network.by_origin, weights, places)
    two = runs_of(network.by_destination, weights, places)
    assert one is not None
    assert two is not None
    return replace(network, layout=Layout(weights, places, one, two))


def supply_of(network: TravelNetwork, etp: Any) -> Supply:
    return Supply(pl.DataFrame({"commune": network.communes, "etp": etp}), 1.0, 1.0, {})


def demand_of(network: TravelNetwork, people: Any) -> Demand:
    columns = {"population": people, "standardised_population": people}
    return Demand(pl.DataFrame({"commune": network.communes, **columns}), pl.DataFrame())


def exact_apls(world: ExactWorld) -> tuple[list[Fraction], list[Fraction], Fraction]:
    """Return demand reached and APL of each commune, and the sum of all ratios times weights."""
    weights, denominator = world.weights, world.rules.travel.denominator
    people = np.array([_whole(value) for value in world.people], dtype=object)
    etp = [_whole(value) for value in world.etp]
    reached = people @ weights
    ratios = np.array(
        [(s << _BITS) // p if p else 0 for s, p in zip(etp, reached, strict=True)], dtype=object
    )
    per = Fraction(world.rules.apl.per_inhabitants)
    apl = [per * Fraction(int(total), 1 << _BITS) for total in weights @ ratios]
    demand = [Fraction(int(p), denominator << _TAIL) for p in reached]
    return demand, apl, Fraction(int(ratios.sum()), 1 << _BITS)


def _whole(value: float) -> int:
    number = Fraction(float(value)) * 2**_TAIL
    assert number.denominator == 1
    return int(number)


def relative_error(found: Any, exact: Sequence[Fraction]) -> float:
    """Return the largest error relative to the exact value; infinite if 0 is not exactly 0."""
    worst = 0.0
    for value, expected in zip(found.tolist(), exact, strict=True):
        if expected == 0 or value == 0:
            worst = max(worst, 0.0 if value == expected else np.inf)
        else:
            worst = max(worst, float(abs(Fraction(value) - expected) / expected))
    return worst


def random_rules(rng: Any) -> Methodology:
    """Return mk-2024, or other steps: 1 to 5, of denominators up to 16 384, included or not."""
    if rng.random() < 0.3:
        return methodology()
    count = int(rng.integers(1, 6))
    most = int(rng.choice([1, 2, 5, 6, 8, 10, 100, 9973, 10_000, 16_384]))
    ends = np.sort(rng.choice([2.5, 5, 7, 10, 12, 15, 20, 30], count, replace=False))
    parts = rng.integers(0, most + 1, count)
    parts[0] = max(parts[0], 1)
    if rng.random() < 0.7:
        parts = -np.sort(-parts)
    return methodology(
        travel_steps=tuple(
            Step(Fraction(float(end)), bool(rng.random() < 0.5), Fraction(int(part), most))
            for end, part in zip(ends, parts, strict=True)
        )
    )


def random_world(seed: int) -> ExactWorld:
    """Return a random world; its name tells which class of them it is from."""
    rng = np.random.default_rng(seed)
    rules = random_rules(rng)
    size, bands = int(rng.integers(1, MOST_SIZE + 1)), 2 * len(edges_of(rules.travel))
    density = float(rng.choice([0.0, 0.05, 0.2, 0.6, 1.0]))
    given = np.where(rng.random((size, size)) < density, rng.integers(0, bands, (size, size)), -1)
    # A time to itself, short for most.
    own = rng.integers(0, bands, size) if rng.random() < 0.3 else np.zeros(size, dtype=np.int64)
    np.fill_diagonal(given, own)
    etp, how_etp = _values(rng, size, -9, 6)
    people, how_people = _values(rng, size, 0, np.log10(2e6))
    kind = f"{rules.travel.denominator} {len(rules.travel.steps)} steps"
    name = f"density {density}, etp {how_etp}, people {how_people}, {kind}, {size} communes"
    return ExactWorld(rules, given, etp, people, name)


def _values(rng: Any, size: int, low: float, high: float) -> tuple[Any, str]:
    """Return values from 10**low to 10**high, some 0: spread, or all of one end."""
    how = str(rng.choice(["spread", "low", "high", "whole"], p=[0.55, 0.15, 0.15, 0.15]))
    exponents = rng.uniform(low, high, size)
    if how in ("low", "high"):
        exponents = low + (exponents - low) / 20 if how == "low" else high - (high - exponents) / 20
    values = np.clip(10.0**exponents, 10.0**low, 10.0**high)
    if how == "whole":
        values = np.ceil(values)
    zero = rng.random(size) < rng.choice([0.0, 0.1, 0.5, 0.9])
    return np.where(zero, 0.0, values), how


def digest(seeds: Sequence[int]) -> str:
    """Return the digest of the APLs of random worlds over pairs, runs, blocks and changes."""
    from apl_engine.scenarios import ChangedSupply, scenario_accessibility

    found = hashlib.sha256()
    for seed in seeds:
        world = random_world(seed)
        network = network_of_pairs(world)
        runs = in_runs(network, np.random.default_rng(seed).permutation(len(world.etp)))
        for each in (network, runs):
            columns = np.stack([world.etp, world.etp[::-1], world.etp * 0.7], axis=1)
            apl = scenario_accessibility(each, columns, world.people, world.rules).apl
            found.update(apl.tobytes())
            base = ChangedSupply(each, world.etp, world.people, world.rules)
            found.update(base.whole([0, 1], [0], [2.5]).tobytes())
    return found.hexdigest()
