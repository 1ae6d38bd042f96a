"""Draws counted in blocks, against full runs of each draw."""

from __future__ import annotations

import io
import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.full_runs import full_run
from support.tables import SAMPLES, frames, methodology, practitioner, small_world

from apl_engine import Result, run
from apl_engine.executors import open_workers
from apl_engine.inputs import Inputs, read_inputs
from apl_engine.method.supply import compute_practices
from apl_engine.scenarios.draws import Draws, RandomSupply, SupplyModels, draws_of
from apl_engine.scenarios.draws import reduce as reduce_module

ALL = SupplyModels(departures={0: 0.1, 60: 0.5}, arrivals=0.1, variation=0.2)
SHARES = tuple(Fraction(share) for share in ("0", "0.05", "0.5", "0.9", "1"))


@cache
def sample() -> tuple[Inputs, Result]:
    rules = methodology()
    tables = read_inputs(SAMPLES / "pays-de-la-loire", rules)
    return tables, run(tables, rules)


def supply_of(tables: Inputs, result: Result, count: int, models: SupplyModels) -> RandomSupply:
    rules = result.methodology
    practices = compute_practices(tables.practitioners, tables.communes, rules)
    return RandomSupply.of(practices, result.communes.height, rules, models, count, 7)


def counted(
    result: Result, supply: RandomSupply, executor: Executor | None = None, **options: Any
) -> tuple[Draws, pl.DataFrame]:
    """Return what is counted, and the zones of each draw."""
    files: list[bytes] = []
    with open_workers(executor) as workers:
        found = draws_of(
            result, supply, workers, keep=lambda _, file: files.append(file), **options
        )
    return found, pl.concat(pl.read_parquet(io.BytesIO(file)) for file in files)


def by_full_runs(result: Result, supply: RandomSupply) -> list[tuple[pl.DataFrame, Any]]:
    """Return territories and cuts of each draw, by full runs one after the other."""
    etp, found = np.empty((len(supply.communes), 16)), []
    for draw in range(supply.count):
        supply.reader().fill(draw // 16 * 16, etp)
        whole = np.zeros(supply.n_communes)
        whole[supply.communes] = etp[:, draw % 16]
        found.append(full_run(result, result.network, pl.Series(whole))[1:])
    return found


def check(result: Result, supply: RandomSupply, step: Fraction = Fraction("0.1")) -> Draws:
    """Hold all that is counted against full runs."""
    found, zones = counted(result, supply, step=step)
    full = by_full_runs(result, supply)
    ids = [zone.id for zone in result.methodology.zoning.classes]
    assert zones["draw"].to_list() == list(range(supply.count))
    of_territories = np.stack([rows["apl"].to_numpy() for rows, _ in full])
    scale = float(1 / step)
    steps = np.floor(of_territories * scale + 0.5)
    table = found.territories(SHARES)
    for row, code in enumerate(result.territories["territory"]):
        own = [rows["zone"][row] for rows, _ in full]
        kept = [None if k is None else ids[k] for k in zones[code]]
        assert kept == own
        assert found.classes[row].tolist() == [own.count(zone) for zone in ids]
        if np.isnan(steps[0, row]):
            assert table["apl_mean"][row] is None
            continue
        for share in SHARES:
            expected = np.quantile(steps[:, row], float(share), method="inverted_cdf")
            assert table[f"apl_p{float(100 * share):g}"][row] == float(int(expected) * step)
        mean = float(Fraction(int(steps[:, row].sum()), supply.count) * step)
        assert table["apl_mean"][row] == pytest.approx(mean, rel=1e-12)
    for k, cut in enumerate(found.cut_table(SHARES).iter_rows(named=True)):
        highest = [cuts[k].highest_apl for _, cuts in full]
        ends = np.sort([np.floor(apl * scale + 0.5) for apl in highest if apl is not None])
        assert cut["draws"] == len(ends)
        if len(ends):
            assert cut["apl_p50"] == float(int(ends[-(-len(ends) // 2) - 1]) * step)
    return found


@pytest.mark.parametrize(
    "models",
    [SupplyModels(departures=0.3), SupplyModels(arrivals=0.3), SupplyModels(variation=0.3), ALL],
)
def test_each_draw_is_that_of_a_full_run(models: SupplyModels) -> None:
    tables, result = sample()
    found = check(result, supply_of(tables, result, 18, models))
    assert found.computed_in_full == 0
    assert (found.classes.sum(axis=1) == 18).all()


def test_draws_that_are_too_close_to_call_are_computed_in_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As if rounding could change a step in a thousand."""
    tables, result = sample()
    monkeypatch.setattr(reduce_module, "_ROUNDING", 1e-6)
    found = check(result, supply_of(tables, result, 18, ALL))
    assert 0 < found.computed_in_full < 18


def test_draws_without_any_supply_are_computed_in_full() -> None:
    tables, result = sample()
    found = check(result, supply_of(tables, result, 3, SupplyModels(departures=1.0)))
    assert found.computed_in_full == 3


def test_successive_cuts_are_computed_in_full() -> None:
    tables, result = sample()
    zoning = replace(result.methodology.zoning, cuts="successive")
    other = replace(result, methodology=replace(result.methodology, zoning=zoning))
    assert check(other, supply_of(tables, other, 3, ALL)).computed_in_full == 3


def test_territories_without_a_rank() -> None:
    """One without inhabitants, and one of an imposed zone."""
    world = small_world()
    for row in world["population"]:
        if row["commune"] in ("2A004", "75101"):
            row["population"] = 0.0
    rules = methodology()
    tables = read_inputs(frames(world), rules)
    result = run(tables, rules)
    found = check(result, supply_of(tables, result, 20, SupplyModels(departures=0.5)))
    assert found.territories()["likeliest_zone"].null_count() == 1
    assert found.zones().height == 4


@settings(max_examples=4)
@given(st.integers(0, 2**32 - 1))
def test_draws_of_small_countries_are_those_of_full_runs(seed: int) -> None:
    """With few territories, of which many have no supply, equal APLs or no inhabitants."""
    rng, world = np.random.default_rng(seed), small_world()
    codes = ["01001", "01002", "2A004", "75101"]
    for k, row in enumerate(world["communes"]):
        row["territory"] = row["territory_name"] = str(rng.choice(["T1", "T2", f"own{k}"]))
    for row in world["population"]:
        row["population"] = float(rng.choice([0, 10, 10, 37]))
    world["population"][0]["population"] = 5.0
    world["practitioners"] = [
        practitioner(f"p{k}", str(rng.choice(codes)), acts=float(rng.choice([2000, 4000, 5000])))
        for k in range(rng.integers(1, 7))
    ]
    rules = methodology()
    tables = read_inputs(frames(world), rules)
    models = SupplyModels(
        departures=float(rng.choice([0.3, 0.9])),
        arrivals=float(rng.choice([0.0, 0.5])),
        variation=float(rng.choice([0.0, 0.3])),
    )
    result = run(tables, rules)
    check(result, supply_of(tables, result, 20, models))


@pytest.fixture(scope="module")
def whole() -> tuple[RandomSupply, Draws, pl.DataFrame]:
    supply = supply_of(*sample(), 300, ALL)
    return supply, *counted(sample()[1], supply, threads=1)


def check_same(whole: tuple[RandomSupply, Draws, pl.DataFrame], **options: Any) -> None:
    supply, first, zones = whole
    other, other_zones = counted(sample()[1], supply, **options)
    assert other_zones.equals(zones)
    assert other.classes.tobytes() == first.classes.tobytes()
    for mine, theirs in ((first.apl, other.apl), (first.cuts, other.cuts)):
        assert mine.lows.tobytes() == theirs.lows.tobytes()
        assert mine.starts.tobytes() == theirs.starts.tobytes()
        assert mine.counts.tobytes() == theirs.counts.tobytes()


def test_nothing_depends_on_how_draws_are_divided(
    whole: tuple[RandomSupply, Draws, pl.DataFrame],
) -> None:
    check_same(whole, threads=3)
    check_same(whole, unit=128, threads=2)
    check_same(whole, unit=256, threads=1)
    with ThreadPoolExecutor(2) as threads:
        check_same(whole, executor=threads, unit=128)


@pytest.mark.slow
def test_processes_count_the_same(whole: tuple[RandomSupply, Draws, pl.DataFrame]) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as processes:
        check_same(whole, executor=processes, unit=128)


def test_fewer_draws_are_the_first_of_more(monkeypatch: pytest.MonkeyPatch) -> None:
    tables, result = sample()
    monkeypatch.setattr(reduce_module, "_TOGETHER", 2)
    few = counted(result, supply_of(tables, result, 40, ALL))[1]
    many = counted(result, supply_of(tables, result, 100, ALL))[1]
    assert many.head(40).equals(few)
