"""Sums and APLs against exact fractions: their error is bounded, and their bits depend on nothing.

`APL_ENGINE_WORLDS` sets the number of random worlds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.exact_worlds import (
    ExactWorld,
    demand_of,
    digest,
    exact_apls,
    in_runs,
    network_of_pairs,
    random_world,
    relative_error,
    supply_of,
)
from support.faults import fault_of
from support.networks import saved
from support.tables import methodology

from apl_engine import InputDataError, MethodologyError, build_network
from apl_engine.kernels import threads as kernel_threads
from apl_engine.kernels.catchment import MOST_WIDTH, NARROW
from apl_engine.method import compute_accessibility
from apl_engine.method.accessibility import apl_by, reached_demand
from apl_engine.method.exact_sums import (
    APL_BOUND,
    BOUND,
    PEOPLE,
    ExactSums,
    Unit,
    may_exceed_a_word,
    ratios_unit,
    weighted_sums,
)
from apl_engine.method.sparse_rows import CommunePairs, Rows
from apl_engine.method.weighted_rows import PairRows
from apl_engine.methodology.values import Step
from apl_engine.networks import load_network, prepare_network
from apl_engine.scenarios import ChangedSupply, scenario_accessibility

# They compute what others do, with many numbers.
pytestmark = pytest.mark.heavy
# That of the words, and that of rounding their sum.
SUM_BOUND = BOUND + 3 * 2**-53
WORLDS = int(os.environ.get("APL_ENGINE_WORLDS", "40"))
TESTS = Path(__file__).parents[1]


def alone(world: ExactWorld, network: Any, threads: int | None = None) -> Any:
    supply, demand = supply_of(network, world.etp), demand_of(network, world.people)
    return compute_accessibility(supply, demand, network, world.rules, threads=threads).communes


def mixed(world: ExactWorld, seed: int) -> Any:
    """Return the network of a world in runs, places in any order."""
    order = np.random.default_rng(seed).permutation(len(world.etp))
    return in_runs(network_of_pairs(world), order)


def bits(communes: pl.DataFrame) -> list[bytes]:
    return [communes[name].to_numpy().tobytes() for name in ("demand_reached", "apl")]


def out_of_range(world: ExactWorld, ratios: Fraction) -> bool:
    """Return whether ratios add up to 95 bits or more at the largest weight, and are refused."""
    heaviest = max(world.weights.max(), 1)
    limit = Fraction(2 ** (95 - ratios_unit(heaviest).bits), heaviest)
    if ratios < limit * (1 - Fraction(1, 10**9)):
        return False
    fault = fault_of(lambda: alone(world, network_of_pairs(world)))
    assert (fault.code, fault.table) == ("argument.total_out_of_range", "supply")
    return True


@pytest.mark.parametrize("tenth", range(10))
def test_apls_of_random_worlds_are_exact(tenth: int) -> None:
    for seed in range(tenth, WORLDS, 10):
        world = random_world(seed)
        demand, apl, ratios = exact_apls(world)
        if out_of_range(world, ratios):
            continue
        communes = alone(world, network_of_pairs(world))
        reached, found = (communes[name].to_numpy() for name in ("demand_reached", "apl"))
        assert relative_error(reached, demand) <= APL_BOUND, (seed, world.name)
        assert relative_error(found, apl) <= APL_BOUND, (seed, world.name)


@pytest.mark.parametrize("tenth", range(10))
def test_all_ways_to_compute_an_apl_give_the_same_bits(tenth: int) -> None:
    for seed in range(tenth, WORLDS, 10):
        world, rng = random_world(seed), np.random.default_rng(seed)
        # Other supplies must be in range as well.
        people = np.where(world.people > 0, np.maximum(world.people, 1000.0), 0.0)
        world = replace(world, people=people)
        network, runs = network_of_pairs(world), mixed(world, seed)
        communes = alone(world, network)
        apl = communes["apl"].to_numpy()
        assert bits(alone(world, runs)) == bits(communes), world.name
        size = len(apl)
        changed = rng.permutation(size)[: rng.integers(0, size + 1)]
        others = np.where(rng.random((size, 17)) < 0.5, 0.0, 10.0 ** rng.uniform(-9, 6, (size, 17)))
        others[:, 5] = world.etp
        base = world.etp.copy()
        base[changed] = others[changed, 0]
        for each in (network, runs):
            batch = scenario_accessibility(each, others, world.people, world.rules).apl
            assert batch[:, 5].tobytes() == apl.tobytes(), world.name
            changes = ChangedSupply(each, base, world.people, world.rules)
            whole = changes.whole([0, len(changed)], changed, world.etp[changed])
            assert whole[:, 0].tobytes() == apl.tobytes(), world.name


@pytest.mark.parametrize("seed", range(0, 60, 10))
@pytest.mark.parametrize("layout", ["pairs", "runs"])
def test_threads_and_parts_change_no_bit(
    seed: int, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, rng = random_world(seed), np.random.default_rng(seed)
    expected = bits(alone(world, network_of_pairs(world), 1))
    monkeypatch.setattr(kernel_threads, "PAIRS_PER_THREAD", 1)
    pairs = world.pairs
    for threads, parts in ((1, 1), (2, 2), (3, 5), (7, 9), (None, 3)):
        for shuffled in (False, True):
            size = len(pairs.bands)
            order = rng.permutation(size) if shuffled else np.arange(size)
            given = [
                CommunePairs(pairs.origin[part], pairs.destination[part], pairs.bands[part])
                for part in np.array_split(order, parts)
            ]
            network = network_of_pairs(world, given)
            if layout == "runs":
                network = in_runs(network, rng.permutation(len(world.etp)))
            assert bits(alone(world, network, threads)) == expected


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_networks_of_any_making_give_the_same_bits(seed: int, tmp_path: Path) -> None:
    """From tables in any order of rows, laid out, streamed, or saved and loaded."""
    rng = np.random.default_rng(seed)
    size = 40
    codes = [f"{k:05}" for k in range(size)]
    origin, destination = np.nonzero(rng.random((size, size)) < 0.3)
    table = pl.DataFrame(
        {
            "origin": [codes[k] for k in origin],
            "destination": [codes[k] for k in destination],
            "minutes": rng.choice([1.0, 3.5, 10.0, 12.25, 15.0, 20.0, 45.0], len(origin)),
        }
    )
    communes = pl.DataFrame({"commune": codes})
    rules = methodology()
    raw = build_network(table, communes, rules)
    mixed_rows = table.sample(fraction=1.0, shuffle=True, seed=seed)
    world = ExactWorld(rules, None, 10.0 ** rng.uniform(-9, 6, size), 10 ** rng.uniform(0, 6, size))
    networks = [
        raw.laid_out(1),
        raw.laid_out(3),
        build_network(mixed_rows, communes, rules, threads=3),
        prepare_network(mixed_rows, communes, rules),
        in_runs(raw, rng.permutation(size)),
    ]
    for k in (0, 2, 4):
        (tmp_path / str(k)).mkdir()
        networks.append(load_network(saved(networks[k], tmp_path / str(k))))
    assert {tuple(bits(alone(world, network))) for network in networks} == {
        tuple(bits(alone(world, raw)))
    }


def test_machine_code_and_interpreter_give_the_same_bits() -> None:
    seeds = [2, 4, 17]
    disabled = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    code = f"from support.exact_worlds import digest; print(digest({seeds}))"
    environment = {
        **os.environ,
        "NUMBA_DISABLE_JIT": "0" if disabled else "1",
        "PYTHONPATH": str(TESTS),
    }
    other = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert other.stdout.split() == [digest(seeds)]


# Single sums


def rows_of(matrix: Any) -> tuple[PairRows, PairRows]:
    """Return rows of a matrix of weights, and the rows of its columns."""
    weights = np.unique(np.append(matrix, 0))
    both = []
    for each in (matrix, matrix.T):
        at, place = np.nonzero(each)
        band = np.searchsorted(weights, each[at, place])
        pointers = np.searchsorted(at, np.arange(len(each) + 1)).astype(np.int64)
        both.append(PairRows(Rows(pointers, (band << 24 | place).astype(np.uint32)), weights))
    return both[0], both[1]


def exact_sums(matrix: Any, values: Any) -> list[Fraction]:
    exact = [Fraction(float(value)) for value in values]
    return [
        sum((int(w) * v for w, v in zip(row, exact, strict=True)), Fraction(0)) for row in matrix
    ]


def errors(found: Any, exact: list[Fraction]) -> list[Fraction]:
    return [
        abs(Fraction(value) - expected)
        for value, expected in zip(found.tolist(), exact, strict=True)
    ]


WIDE = np.array([[3, 0, 0, 0], [3, 3, 0, 0], [3, 3, 1, 0], [0, 0, 3, 1]])


@pytest.mark.parametrize("unit", [PEOPLE, ratios_unit(3)])
@pytest.mark.parametrize("share", [0.4, 1 / 2, 1 - 2**-40, 1.0, 1 + 2**-40, 1.7, 1000.0])
def test_totals_on_both_sides_of_a_word(unit: Unit, share: float) -> None:
    """The second row adds up to a share of 2**64 units, the others to more and less."""
    half = 2.0 ** (64 - unit.bits) * share / 6
    values = np.array([half, half, 1 / 3, 2.0**-unit.bits * 10 / 3])
    rows, _ = rows_of(WIDE)
    exact = exact_sums(WIDE, values)
    # The total of all values, at the largest weight, decides; it is above that of the second row.
    given = unit.of(values)
    wide = given.check(given.terms(rows).found, 3, "x")
    assert wide == (3 * sum(values) * 2.0**unit.bits >= 2.0**64 * 0.99999)
    found = weighted_sums(rows, values, unit, "x")
    assert all(e <= SUM_BOUND * x for e, x in zip(errors(found, exact), exact, strict=True))


def test_a_word_is_exceeded_at_the_largest_weight() -> None:
    assert may_exceed_a_word(2.0**62, 4)
    assert not may_exceed_a_word(2.0**62, 3)
    # The total is rounded, and its terms may have been rounded up.
    assert may_exceed_a_word(2.0**62 * (1 - 2**-40), 4)


@pytest.mark.parametrize("unit", [PEOPLE, ratios_unit(3), ratios_unit(16_384)])
def test_totals_above_95_bits_are_refused(unit: Unit) -> None:
    rows, _ = rows_of(WIDE)
    most = 2.0 ** (95 - unit.bits) / 3
    found = weighted_sums(rows, np.array([most * (1 - 2**-50), 0.0, 0.0, 0.0]), unit, "x")
    assert found[0] == 3 * (most * (1 - 2**-50))
    for value in (most, 1e300, np.finfo(float).max, np.inf):
        fault = fault_of(
            lambda value=value: weighted_sums(rows, np.array([value, 0, 0, 0]), unit, "x")
        )
        assert (fault.code, fault.table) == ("argument.total_out_of_range", "x")
        assert fault.details == {"total": value, "most": pytest.approx(most)}
    fault = fault_of(lambda: weighted_sums(rows, np.full(4, np.finfo(float).max), unit, "x"))
    assert fault.code == "argument.total_out_of_range"


@pytest.mark.parametrize("value", [np.nan, -np.inf, -1e-300, -1.0])
def test_what_is_no_quantity_is_refused(value: float) -> None:
    rows, _ = rows_of(WIDE)
    for values in ([1.0, value, 2.0, value], [np.inf, -np.inf, 0.0, 1.0]):
        fault = fault_of(lambda values=values: weighted_sums(rows, np.array(values), PEOPLE, "x"))
        assert (fault.code, fault.table) == ("argument.not_a_quantity", "x")
        assert fault.details == {"invalid": 2}


def test_values_below_every_unit_are_within_the_absolute_bound() -> None:
    rows, _ = rows_of(WIDE)
    for value in (5e-324, 1e-300, 2.0**-104, 2.0**-105, 1.0000001 * 2.0**-105):
        values = np.array([value, 0.0, value, 1.0])
        found = weighted_sums(rows, values, PEOPLE, "x")
        exact = exact_sums(WIDE, values)
        for row, error in enumerate(errors(found, exact)):
            limit = Fraction(int(WIDE[row].sum()), 2**79) + exact[row] / 2**50
            assert error <= limit


@pytest.mark.parametrize(
    "width", [1, 7, 100, 5461, NARROW - 1, NARROW, 5 * NARROW, MOST_WIDTH - 1, MOST_WIDTH, 2**38]
)
def test_fine_words_are_added_where_rounding_begins_to_matter(width: int) -> None:
    """Sums on both sides of the bound, of values that rounding changes by almost half a unit."""
    matrix = np.array([[width, 0], [0, width]])
    rows, other_way = rows_of(matrix)
    limit = width / (2 * BOUND)
    for share in (0.25, 0.5, 1 - 1e-9, 1.0, 1 + 1e-9, 2.0, 4.0):
        units = np.floor(share * limit / width) + 0.4995
        values = np.array([units, 3.4995]) * 2.0**-36
        found = weighted_sums(rows, values, PEOPLE, "x")
        exact = exact_sums(matrix, values)
        assert relative_error(found, exact) <= SUM_BOUND
        changed = ExactSums(rows, other_way, np.zeros(2), PEOPLE)
        _, at, sums = changed.changed(np.array([0, 2]), np.array([0, 1], np.uint32), values)
        assert sums[np.argsort(at)].tolist() == found.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_changes_of_wide_sums_have_the_bits_of_all_values(seed: int) -> None:
    """Across 2**64 units in both directions, and with rows that reach several changes."""
    rng = np.random.default_rng(seed)
    size, cases, unit = 9, 12, ratios_unit(5)
    matrix = rng.choice([0, 1, 3, 5], (size, size))
    matrix[0, 0] = 5
    rows, other_way = rows_of(matrix)

    def draw(count: int) -> Any:
        drawn = 2.0 ** rng.uniform(-110, 2, count)
        return np.where(rng.random(count) < 0.3, 0.0, drawn)

    before = draw(size)
    sums = ExactSums(rows, other_way, before, unit)
    lengths = rng.integers(0, size + 1, cases)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    places = np.concatenate([rng.permutation(size)[:n] for n in lengths]).astype(np.uint32)
    values = draw(len(places))
    begun, at, found = sums.changed(starts, places, values, threads=3)
    for case in range(cases):
        after, part = before.copy(), slice(starts[case], starts[case + 1])
        after[places[part]] = values[part]
        full = weighted_sums(rows, after, unit, "supply")
        mine = slice(begun[case], begun[case + 1])
        assert found[mine].tobytes() == full[at[mine]].tobytes()


@pytest.mark.parametrize("size", [3, 100])
@pytest.mark.parametrize("seed", range(4))
def test_wide_sums_are_exact_whatever_their_size(size: int, seed: int) -> None:
    """Rows of any width, up to the widest that a network can have."""
    rng = np.random.default_rng(seed)
    heaviest = 2 ** int(rng.integers(1, 39))
    levels = rng.integers(0, heaviest, 50)
    matrix = rng.choice(levels, (size, size)) * (rng.random((size, size)) < 0.7)
    matrix[0], matrix[1] = 0, heaviest // size
    rows, other_way = rows_of(matrix)
    unit = ratios_unit(3)
    most = 2.0 ** (94 - unit.bits) / heaviest / size
    for low in (2.0**-27 / 2**unit.bits, 2.0**-10, most / 2**30):
        before, after = (
            np.where(rng.random(size) < 0.3, 0.0, low * (most / low) ** rng.random(size))
            for _ in range(2)
        )
        exact = exact_sums(matrix, after)
        found = weighted_sums(rows, after, unit, "x")
        assert relative_error(found, exact) <= SUM_BOUND
        sums = ExactSums(rows, other_way, before, unit)
        places = rng.permutation(size).astype(np.uint32)
        _, at, changed = sums.changed(np.array([0, size]), places, after[places])
        assert changed.tobytes() == found[at].tobytes()


@pytest.mark.parametrize("other", [0.0, 2.0**20, 2.0**32])
def test_a_row_has_the_same_sum_whatever_else_is_added_up(other: float) -> None:
    """With upper words or without, with large values or without."""
    rng = np.random.default_rng(1)
    widths = [1, 3, 2**15, NARROW, 2**31, MOST_WIDTH, 2**37]
    matrix = np.zeros((8, 9), dtype=np.int64)
    for k, width in enumerate(widths):
        matrix[k, :8] = rng.multinomial(width, np.full(8, 1 / 8))
    matrix[7, 8] = 1
    matrix = np.vstack([matrix, np.zeros((1, 9), dtype=np.int64)])
    rows, _ = rows_of(matrix)
    unit = ratios_unit(3)
    for low in (-63.0, -62.0, -50.0, -40.0, -25.0):
        values = np.append(2.0 ** rng.uniform(low - 2, low, 8), 0.0)
        alone = weighted_sums(rows, values, unit, "x")
        values[8] = other / matrix.max()
        assert weighted_sums(rows, values, unit, "x")[:7].tobytes() == alone[:7].tobytes()


def test_changes_are_refused_where_a_full_run_is() -> None:
    """On both sides of the largest total, from bases on both sides."""
    rows, other_way = rows_of(np.full((3, 3), 3))
    unit = ratios_unit(3)
    most = 2.0 ** (95 - unit.bits) / 3
    cases, places = np.array([0, 2]), np.array([0, 1], dtype=np.uint32)
    refused = []
    for base in (0.0, 0.4, 0.9, 1 - 2**-50, 1.0, 1e9):
        before = np.array([base, base, 0.1]) * most
        sums = ExactSums(rows, other_way, before, unit)
        for share in (0.0, 0.45 - 2**-50, 0.45, 0.45 + 2**-50, 0.9, 1e9):
            changed = np.full(2, share * most)
            calls: list[Callable[[], Any]] = [
                lambda changed=changed: weighted_sums(
                    rows, np.append(changed, 0.1 * most), unit, "supply"
                ),
                lambda sums=sums, changed=changed: sums.changed(cases, places, changed)[2],
            ]
            outcomes = []
            for call in calls:
                try:
                    outcomes.append(call().tobytes())
                except InputDataError as error:
                    (fault,) = error.faults
                    assert fault.code == "argument.total_out_of_range"
                    outcomes.append(fault.details)
            assert outcomes[0] == outcomes[1]
            refused.append(isinstance(outcomes[0], dict))
    assert 0 < sum(refused) < len(refused)


# Worlds at the edges of what is promised


def check(world: ExactWorld) -> None:
    """Assert that the APLs of a world are exact, whichever way they are computed."""
    demand, apl, _ = exact_apls(world)
    network = network_of_pairs(world)
    for each in (network, in_runs(network, np.arange(len(world.etp))[::-1])):
        ways = each.ways(world.rules)
        reached = reached_demand(ways, world.people) / world.rules.travel.denominator
        assert relative_error(reached, demand) <= APL_BOUND
        assert relative_error(apl_by(each, world.rules, world.etp, world.people), apl) <= APL_BOUND
        columns = np.repeat(world.etp[:, None], 16, axis=1)
        batch = scenario_accessibility(each, columns, world.people, world.rules).apl
        assert relative_error(batch[:, 15], apl) <= APL_BOUND
        base = ChangedSupply(each, np.zeros(len(apl)), world.people, world.rules)
        places = np.arange(len(apl))
        whole = base.whole([0, len(apl)], places, world.etp)
        assert relative_error(whole[:, 0], apl) <= APL_BOUND


def steps(*parts: tuple[float, Fraction]) -> Any:
    return methodology(travel_steps=tuple(Step(Fraction(to), True, weight) for to, weight in parts))


def islands(count: int) -> Any:
    bands = np.full((count, count), -1)
    np.fill_diagonal(bands, 0)
    return bands


@pytest.mark.parametrize("etp", [1e-9, 3.999, 4.0, 5.0, 7.999, 8.0, 16.0, 1e6])
@pytest.mark.parametrize("numerators", [(1,), (3, 2, 1), (5, 3, 1), (16_384, 1)])
def test_a_practice_on_an_island_of_one_inhabitant(etp: float, numerators: tuple[int, ...]) -> None:
    """Around 2**62 to 2**64 units for a ratio, in which words carry over."""
    most = numerators[0]
    rules = steps(*((5.0 * (k + 1), Fraction(n, most)) for k, n in enumerate(numerators)))
    values, people = np.zeros(20), np.full(20, 7.0)
    values[3], people[3] = etp, 1.0
    check(ExactWorld(rules, islands(20), values, people))


@pytest.mark.parametrize("size", [1, 2, 21])
@pytest.mark.parametrize("weights", [(5, 3, 1), (1,), (2, 2, 1), (4, 0, 1), (7, 6, 4)])
def test_other_weights_on_a_complete_network(size: int, weights: tuple[int, ...]) -> None:
    rng = np.random.default_rng(size)
    rules = steps(*((5.0 * (k + 1), Fraction(w, 7)) for k, w in enumerate(weights)))
    bands = rng.integers(0, 10 * len(weights), (size, size))
    etp, people = 10.0 ** rng.uniform(-9, 6, size), 10.0 ** rng.uniform(0, 6, size)
    check(ExactWorld(rules, bands, etp, people))


@pytest.mark.parametrize("most", [3, 100, 9973, 10_000, 16_384])
@pytest.mark.parametrize("etp", ["low", "any"])
def test_many_neighbours_of_any_weights(most: int, etp: str) -> None:
    """Rows of a width on both sides of `NARROW`, and up to 400 times 2 million people in reach."""
    rng = np.random.default_rng(most)
    rules = steps(
        *((5.0 * k, Fraction(w, most)) for k, w in ((1, most), (2, -(-most // 2)), (3, 1)))
    )
    for size, low in ((60, 0), (105, 0), (200, 0), (200, 6), (400, 6.2)):
        bands = np.where(rng.random((size, size)) < 0.9, rng.integers(0, 30, (size, size)), -1)
        people = np.minimum(10.0 ** rng.uniform(low, np.log10(2e6), size), 2e6)
        supply = 10.0 ** rng.uniform(-9, 6 if etp == "any" else -8.9, size)
        supply[rng.random(size) < 0.3] = 0.0
        check(ExactWorld(rules, bands, supply, people))


@pytest.mark.parametrize("exponent", [-10.0, -10.4, -10.6, -10.8, -11.0, -12.0, -20.0, -300.0])
def test_supply_of_few_units_or_none(exponent: float) -> None:
    """Less than is promised, for main words, fine words, and any words of quotients."""
    rng = np.random.default_rng(0)
    rules = steps((5.0, Fraction(1)), (10.0, Fraction(2, 3)), (15.0, Fraction(1, 3)))
    bands = np.where(rng.random((60, 60)) < 0.5, rng.integers(0, 30, (60, 60)), -1)
    supply = np.where(rng.random(60) < 0.5, 10.0 ** (exponent + 0.2 * rng.random(60)), 0.0)
    world = ExactWorld(rules, bands, supply, np.full(60, 2e6))
    if exponent > -20:
        check(world)
    columns = np.stack([supply, np.ones(60), np.zeros(60)], axis=1)
    batch = scenario_accessibility(mixed(world, 0), columns, world.people, rules).apl
    for k in range(3):
        one = replace(world, etp=columns[:, k])
        assert batch[:, k].tobytes() == bits(alone(one, network_of_pairs(one)))[1]


def test_weights_may_have_denominators_up_to_a_limit() -> None:
    for most, refused in ((16_384, False), (16_385, True)):
        rules = steps((10.0, Fraction(most - 1, most)))
        world = ExactWorld(rules, islands(2), np.ones(2), np.ones(2))
        if not refused:
            check(world)
            continue
        network = network_of_pairs(replace(world, rules=steps((10.0, Fraction(1)))))
        call: Callable[[], Any] = lambda: network.ways(rules)  # noqa: B023, E731
        fault = fault_of(call, MethodologyError)
        assert fault.code == "network.weights_too_fine"
        assert fault.details == {"denominator": 16_385, "most": 16_384}


@pytest.mark.parametrize(("etp", "people"), [(1e300, 1.0), (1e300, 1e-9)])
def test_supply_out_of_range_is_refused_by_every_way_to_compute(etp: float, people: float) -> None:
    """The second is a quotient beyond floating point."""
    world = ExactWorld(methodology(), islands(20), np.full(20, etp), np.full(20, people))
    runs = in_runs(network_of_pairs(world), np.arange(20))
    columns = np.repeat(world.etp[:, None], 16, axis=1)
    base = ChangedSupply(runs, np.zeros(20), world.people, world.rules)
    calls: list[Callable[[], Any]] = [
        lambda: alone(world, runs),
        lambda: scenario_accessibility(runs, columns, world.people, world.rules),
        lambda: base.whole([0, 1], [3], [etp]),
    ]
    for call in calls:
        fault = fault_of(call)
        assert (fault.code, fault.table) == ("argument.total_out_of_range", "supply")
