"""The benchmarks themselves: reproducible worlds, agreeing peers, and a nightly run that fails."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import building
import change
import golden
import national
import numpy as np
import polars as pl
import pytest
import scale
import synthetic
import thousand
import trend
import verdict
from goals import format_value, growth_row, markdown_table
from turns import Row, compare, in_turn
from verdict import Figure

import apl_engine
from scripts.performance.page import page


@pytest.fixture(scope="module")
def small() -> synthetic.World:
    return synthetic.make("departement")


def test_a_seed_gives_the_same_world(small: synthetic.World) -> None:
    synthetic.make.cache_clear()
    again = synthetic.make("departement")
    for name in ("origin", "destination", "minutes", "etp", "people"):
        np.testing.assert_array_equal(getattr(small, name), getattr(again, name))
    other = synthetic.make("departement", seed=1)
    assert not np.array_equal(other.etp, small.etp)


def test_a_world_has_the_documented_properties(small: synthetic.World) -> None:
    assert small.size == 500
    assert len(small.origin) == pytest.approx(18_000, rel=0.02)
    assert 0 < small.minutes.min() <= small.minutes.max() == 20
    order = small.origin.astype(np.int64) * small.size + small.destination
    assert (np.diff(order) > 0).all()
    assert (small.origin != small.destination).all()
    assert small.codes.is_sorted()


def test_the_tables_of_a_world_are_valid_inputs(small: synthetic.World, tmp_path: Path) -> None:
    folder = synthetic.write("departement", tmp_path)
    result = apl_engine.run(folder)
    assert result.communes["commune"].to_list() == small.codes.to_list()
    assert result.counts["network"]["pairs"] == len(small.origin) + small.size


@pytest.mark.filterwarnings("default")
def test_the_peers_agree_on_one_apl(small: synthetic.World) -> None:
    national.check(national.tasks(small))


def test_a_peer_that_disagrees_fails(small: synthetic.World) -> None:
    right = national.engine(small)
    tasks = {national.ENGINE: right, "other": lambda: right() * (1 + 1e-11)}
    with pytest.raises(AssertionError, match="other"):
        national.check(tasks)


def test_the_peers_agree_on_scenarios(small: synthetic.World) -> None:
    thousand.check(small, thousand.draw_supplies(small, 20))


def test_the_what_if_equals_a_full_run(small: synthetic.World) -> None:
    change.Case(small).check()


@pytest.mark.parametrize("shuffled", [False, True])
def test_scipy_builds_the_same_rows(small: synthetic.World, shuffled: bool) -> None:
    building.check(building.indexed_pairs(small, shuffled=shuffled), small.size)


def test_the_grid_is_made_some_rows_at_a_time_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(scale.grid_pairs(31))
    monkeypatch.setattr(scale, "ROWS_AT_ONCE", 7)
    parts = list(scale.grid_pairs(31))
    assert (len(whole), len(parts)) == (1, 5)
    for name in ("origin", "destination", "bands"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole[0], name))
    order = whole[0].origin.astype(np.int64) * 31**2 + whole[0].destination
    assert (np.diff(order) > 0).all()
    # The square in the middle has all its neighbours.
    assert (whole[0].origin == 31 * 15 + 15).sum() == len(scale.neighbours()[0])


def test_the_exponent_of_time_proportional_to_pairs_is_one() -> None:
    points = [{"pairs": n, "building_s": n * 1e-7, "apl_s": 0.0} for n in (10**6, 10**7, 10**8)]
    assert scale.exponent(points) == pytest.approx((1, 1, 1))
    squared = [{**p, "building_s": p["pairs"] ** 2} for p in points]
    assert growth_row(squared).ratio == pytest.approx(2)


@pytest.mark.slow
def test_tasks_take_turns() -> None:
    calls: list[str] = []
    seconds = in_turn({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 2)
    assert {name: len(times) for name, times in seconds.items()} == {"a": 2, "b": 2}
    turns = [name for name, following in pairwise(calls) if name != following]
    assert turns == ["a", "b", "a", "b", "a"]


def test_a_ratio_is_the_median_over_rounds() -> None:
    row = compare("w", "p", 0.5, [1.0, 2.0, 9.0], [2.0, 4.0, 18.0])
    assert (row.ratio, row.low, row.high, row.spread) == (0.5, 0.5, 0.5, 0)


def test_the_table_shows_goals_and_whether_they_are_reached() -> None:
    rows = [
        Row("one", "peer", 0.01, 0.008, 0.007, 0.009),
        Row("two", "peer", 2.0, 2.5, 2.4, 2.6, "s"),
        Row("three", "peer", None, 0.4, 0.3, 0.5),
    ]
    table = markdown_table([row.as_dict() for row in rows])
    assert len({len(line) for line in table}) == 1
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[2:]]
    assert cells[0] == ["one", "peer", "1/100", "1/125", "1/143 to 1/111", "25 %", "yes"]
    assert cells[1][2:4] == ["+2.00 s", "+2.50 s"]
    assert cells[1][-1] == "no"
    assert cells[2][2::4] == ["-", ""]
    assert format_value(8.3, "B") == "8.30"


def test_a_figure_is_relative_to_the_calibrations_around_it() -> None:
    # The machine slows down to half its speed, and the ratio stays the same.
    figure = Figure.of([10, 20, 20], [1, 1, 3, 1])
    assert figure.median == 10
    with pytest.raises(ValueError, match="argument"):
        Figure.of([10, 20], [1, 1])


STORED = {"gather": 10.0, "rows": 5.0}


def test_noise_passes() -> None:
    noisy = {"gather": Figure(12.0, 11.4, 19.0), "rows": Figure(4.0, 3.0, 5.0)}
    assert verdict.slower_tasks(noisy, STORED) == []
    assert verdict.failures(noisy, STORED) == []


def test_a_slower_task_fails_by_name_and_figure() -> None:
    measured = {"gather": Figure(12.0, 11.6, 12.5), "rows": Figure(5.0, 5.0, 5.0)}
    assert verdict.slower_tasks(measured, STORED) == ["gather"]
    (failure,) = verdict.failures(measured, STORED)
    assert all(part in failure for part in ("gather", "12", "11.6", "12.5", "+20 %"))


def test_fifteen_percent_is_the_bound() -> None:
    bound = 10.0 * (1 + verdict.TOLERANCE)
    assert not verdict.is_slower(Figure(bound, bound, bound), 10.0)
    above = math.nextafter(bound, 20)
    assert verdict.is_slower(Figure(above, above, above), 10.0)


def test_of_two_measurements_the_lower_one_counts() -> None:
    loud, quiet = Figure(14.0, 12.0, 20.0), Figure(10.5, 10.0, 11.0)
    other = {"rows": loud}
    assert verdict.lowest([{"gather": loud}, {"gather": quiet}, other]) == {
        "gather": quiet, "rows": loud,
    }  # fmt: skip


def test_a_task_no_longer_measured_fails_and_a_new_one_passes() -> None:
    measured = {"gather": Figure(10.0, 10.0, 10.0), "new": Figure(99.0, 99.0, 99.0)}
    assert verdict.missing_tasks(measured, STORED) == ["rows"]
    assert verdict.slower_tasks(measured, STORED) == []
    assert len(verdict.failures(measured, STORED)) == 1


GOLDEN: dict[str, Any] = {
    "versions": {"polars": "2.1.0"},
    "digests": {"communes": "a", "territories": "b", "regions": "c"},
}


def test_a_changed_result_fails_whatever_the_versions() -> None:
    assert golden.failures(GOLDEN, GOLDEN) == []
    other = {**GOLDEN, "digests": {**GOLDEN["digests"], "regions": "x"}}
    assert golden.changed_tables(GOLDEN, other) == ["regions"]
    assert golden.changed_versions(GOLDEN, other) == {}
    (failure,) = golden.failures(GOLDEN, other)
    assert "regions" in failure
    other["versions"] = {"polars": "3.0.0"}
    assert golden.changed_versions(GOLDEN, other) == {"polars": ("2.1.0", "3.0.0")}
    assert len(golden.failures(GOLDEN, other)) == 1


def test_a_run_without_stored_results_fails() -> None:
    assert len(golden.failures(None, GOLDEN)) == 1


def test_digests_differ_in_the_last_bit() -> None:
    class Result:
        communes = territories = regions = pl.DataFrame({"apl": [0.1 + 0.2]})

    class Other(Result):
        regions = pl.DataFrame({"apl": [0.3]})

    one, other = golden.digests(Result()), golden.digests(Other())  # type: ignore[arg-type]
    assert [name for name in one if one[name] != other[name]] == ["regions"]


def nightly_run(**more: Any) -> dict[str, Any]:
    figure = {"median": 10.0, "low": 9.0, "high": 11.0}
    return {
        "date": "2026-01-01", "processor": "one", "rounds": 7, "figures": {"gather": figure},
        "stored": {"gather": 8.0}, "notes": [], "failures": [], **more,
    }  # fmt: skip


def test_the_page_on_a_nightly_run(tmp_path: Path) -> None:
    assert "| gather | 10 | 9 to 11 | 8 | +25 % |" in trend.page(nightly_run()).splitlines()
    failed = nightly_run(failures=["slower: gather"], notes=["measured again: gather"])
    assert {"- slower: gather", "- measured again: gather"} <= {*trend.page(failed).splitlines()}
    trend.add(tmp_path, nightly_run())
    assert len(trend.add(tmp_path, nightly_run())) == 2


def test_the_page_of_performance_has_every_figure_of_the_run() -> None:
    one_pass = {"pass": "both", "threads": 1, "bytes": 2e7, "gb_s": 5.0, "machine_gb_s": 10.0,
              "times": 2.0}  # fmt: skip
    point = {"pairs": 2_500_000, "communes": 35_000, "building_s": 0.1, "apl_s": 0.01,
             "peak_bytes": 2**27, "bytes_per_pair": 8.25}  # fmt: skip
    detail = {"medians_s": {"apl run": 0.5}}
    figures = {
        "quick": True, "versions": {"polars": "2.1.0"}, "scale": [point], "passes": [one_pass],
        "machine": {"processor": "P", "cores": 2, "system": "Linux", "python": "3.11"},
        "rows": [{"detail": detail}], "scipy_blocks_ms": {"16": 1.5},
    }  # fmt: skip
    text = page(figures, ["| the table |"])
    for part in (
        "a quick run", "| the table |", "polars 2.1.0", "apl run: 0.50 s",
        "16 (1.50 ms per scenario)", "| both | 1 | 20.0 million | 5.0 | 10.0 | 50 % |",
        "| 2,500,000 | 35,000 | 0.100 | 0.0100 | 128 | 8.25 |",
    ):  # fmt: skip
        assert part in text
    assert "$" not in text
