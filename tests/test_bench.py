"""What measures is right about itself: same worlds, agreeing peers, and a night that says so."""

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
from goals import growth_row, lines, value
from turns import Row, compare, in_turn
from verdict import Figure

import apl_engine
from scripts.performance.page import page


@pytest.fixture(scope="module")
def small() -> synthetic.World:
    return synthetic.make("departement")


def test_a_seed_gives_one_world(small: synthetic.World) -> None:
    synthetic.make.cache_clear()
    again = synthetic.make("departement")
    for name in ("origin", "destination", "minutes", "etp", "people"):
        np.testing.assert_array_equal(getattr(small, name), getattr(again, name))
    other = synthetic.make("departement", seed=1)
    assert not np.array_equal(other.etp, small.etp)


def test_a_world_is_what_it_is_said_to_be(small: synthetic.World) -> None:
    assert small.size == 500
    assert len(small.origin) == pytest.approx(18_000, rel=0.02)
    assert 0 < small.minutes.min() <= small.minutes.max() == 20
    order = small.origin.astype(np.int64) * small.size + small.destination
    assert (np.diff(order) > 0).all()
    assert (small.origin != small.destination).all()
    assert small.codes.is_sorted()


def test_the_tables_of_a_world_are_inputs(small: synthetic.World, tmp_path: Path) -> None:
    folder = synthetic.write("departement", tmp_path)
    result = apl_engine.run(folder)
    assert result.communes["commune"].to_list() == small.codes.to_list()
    assert result.counts["network"]["pairs"] == len(small.origin) + small.size


@pytest.mark.filterwarnings("default")
def test_the_peers_agree_on_one_apl(small: synthetic.World) -> None:
    national.check(national.works(small))


def test_a_peer_that_disagrees_is_found(small: synthetic.World) -> None:
    right = national.ours(small)
    wrong = {national.OURS: right, "other": lambda: right() * (1 + 1e-11)}
    with pytest.raises(AssertionError, match="other"):
        national.check(wrong)


def test_the_peers_agree_on_scenarios(small: synthetic.World) -> None:
    thousand.check(small, thousand.draws(small, 20))


def test_the_what_if_is_a_full_run(small: synthetic.World) -> None:
    change.Case(small).check()


@pytest.mark.parametrize("shuffled", [False, True])
def test_scipy_builds_the_same_rows(small: synthetic.World, shuffled: bool) -> None:
    building.check(building.mapped(small, shuffled=shuffled), small.size)


def test_the_grid_is_made_of_pieces_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(scale.pieces(31))
    monkeypatch.setattr(scale, "PIECE", 7)
    parts = list(scale.pieces(31))
    assert (len(whole), len(parts)) == (1, 5)
    for name in ("origin", "destination", "bands"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole[0], name))
    order = whole[0].origin.astype(np.int64) * 31**2 + whole[0].destination
    assert (np.diff(order) > 0).all()
    # The square in the middle has all around it.
    assert (whole[0].origin == 31 * 15 + 15).sum() == len(scale.around()[0])


def test_the_exponent_of_time_that_grows_as_pairs_do_is_one() -> None:
    points = [{"pairs": n, "building_s": n * 1e-7, "apl_s": 0.0} for n in (10**6, 10**7, 10**8)]
    assert scale.exponent(points) == pytest.approx((1, 1, 1))
    squared = [{**p, "building_s": p["pairs"] ** 2} for p in points]
    assert growth_row(squared).ratio == pytest.approx(2)


def test_works_take_turns() -> None:
    seen: list[str] = []
    found = in_turn({"a": lambda: seen.append("a"), "b": lambda: seen.append("b")}, 2)
    assert {name: len(times) for name, times in found.items()} == {"a": 2, "b": 2}
    changes = [one for one, other in pairwise(seen) if one != other]
    assert changes == ["a", "b", "a", "b", "a"]


def test_a_ratio_is_that_of_each_round() -> None:
    row = compare("w", "p", 0.5, [1.0, 2.0, 9.0], [2.0, 4.0, 18.0])
    assert (row.ratio, row.low, row.high, row.spread) == (0.5, 0.5, 0.5, 0)


def test_the_table_tells_goals_and_whether_they_are_reached() -> None:
    rows = [
        Row("one", "peer", 0.01, 0.008, 0.007, 0.009),
        Row("two", "peer", 2.0, 2.5, 2.4, 2.6, "s"),
        Row("three", "peer", None, 0.4, 0.3, 0.5),
    ]
    found = lines([row.as_dict() for row in rows])
    assert len({len(line) for line in found}) == 1
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in found[2:]]
    assert cells[0] == ["one", "peer", "1/100", "1/125", "1/143 to 1/111", "25 %", "yes"]
    assert cells[1][2:4] == ["+2.00 s", "+2.50 s"]
    assert cells[1][-1] == "no"
    assert cells[2][2::4] == ["-", ""]
    assert value(8.3, "B") == "8.30"


def test_a_figure_is_told_in_the_calibrations_around_it() -> None:
    # The machine slows to half its speed: the ratio stays.
    figure = Figure.of([10, 20, 20], [1, 1, 3, 1])
    assert figure.median == 10
    with pytest.raises(ValueError, match="argument"):
        Figure.of([10, 20], [1, 1])


STORED = {"gather": 10.0, "rows": 5.0}


def test_a_night_of_noise_passes() -> None:
    noisy = {"gather": Figure(12.0, 11.4, 19.0), "rows": Figure(4.0, 3.0, 5.0)}
    assert verdict.failures(noisy, STORED) == []


def test_a_slower_work_fails_by_name_and_figure() -> None:
    found = {"gather": Figure(12.0, 11.6, 12.5), "rows": Figure(5.0, 5.0, 5.0)}
    (words,) = verdict.failures(found, STORED)
    assert words.startswith("worse: gather takes 12 calibrations (quartiles 11.6 to 12.5), +20 %")


def test_fifteen_percent_is_the_bound() -> None:
    at = 10.0 * (1 + verdict.TOLERANCE)
    assert not verdict.is_worse(Figure(at, at, at), 10.0)
    above = math.nextafter(at, 20)
    assert verdict.is_worse(Figure(above, above, above), 10.0)


def test_of_two_measurements_the_quieter_counts() -> None:
    loud, quiet = Figure(14.0, 12.0, 20.0), Figure(10.5, 10.0, 11.0)
    other = {"rows": loud}
    assert verdict.quietest([{"gather": loud}, {"gather": quiet}, other]) == {
        "gather": quiet, "rows": loud,
    }  # fmt: skip


def test_a_work_that_is_no_longer_measured_fails_and_a_new_one_passes() -> None:
    found = {"gather": Figure(10.0, 10.0, 10.0), "new": Figure(99.0, 99.0, 99.0)}
    assert verdict.failures(found, STORED) == ["missing: rows is stored but was not measured"]


GOLDEN: dict[str, Any] = {
    "versions": {"polars": "2.1.0"},
    "digests": {"communes": "a", "territories": "b", "regions": "c"},
}


def test_a_changed_result_fails_whatever_the_versions() -> None:
    assert golden.changes(GOLDEN, GOLDEN) == []
    other = {**GOLDEN, "digests": {**GOLDEN["digests"], "regions": "x"}}
    assert golden.changes(GOLDEN, other) == [
        "changed result: regions of the sample, on the same versions"
    ]
    other["versions"] = {"polars": "3.0.0"}
    assert "polars 2.1.0 -> 3.0.0" in golden.changes(GOLDEN, other)[0]
    assert "--accept" in golden.changes(None, other)[0]


def test_digests_tell_the_last_bit() -> None:
    class Result:
        communes = territories = regions = pl.DataFrame({"apl": [0.1 + 0.2]})

    class Other(Result):
        regions = pl.DataFrame({"apl": [0.3]})

    one, other = golden.digests(Result()), golden.digests(Other())  # type: ignore[arg-type]
    assert [name for name in one if one[name] != other[name]] == ["regions"]


def night(**more: Any) -> dict[str, Any]:
    figure = {"median": 10.0, "low": 9.0, "high": 11.0}
    return {
        "date": "2026-01-01", "processor": "one", "rounds": 7, "figures": {"gather": figure},
        "stored": {"gather": 8.0}, "remarks": [], "failures": [], **more,
    }  # fmt: skip


def test_the_page_of_a_night(tmp_path: Path) -> None:
    assert "Nothing is worse" in trend.page(night())
    assert "| gather | 10 | 9 to 11 | 8 | +25 % |" in trend.page(night())
    assert "- worse: gather" in trend.page(night(failures=["worse: gather"]))
    trend.add(tmp_path, night())
    assert len(trend.add(tmp_path, night())) == 2


def test_the_page_of_performance_has_every_figure_of_the_run() -> None:
    passed = {"pass": "both", "threads": 1, "bytes": 2e7, "gb_s": 5.0, "machine_gb_s": 10.0,
              "times": 2.0}  # fmt: skip
    point = {"pairs": 2_500_000, "places": 35_000, "building_s": 0.1, "apl_s": 0.01,
             "peak_bytes": 2**27, "bytes_per_pair": 8.25}  # fmt: skip
    told = {"medians_s": {"apl run": 0.5}}
    figures = {
        "quick": True, "versions": {"polars": "2.1.0"}, "scale": [point], "passes": [passed],
        "machine": {"processor": "P", "cores": 2, "system": "Linux", "python": "3.11"},
        "rows": [{"detail": told}], "scipy_blocks_ms": {"16": 1.5},
    }  # fmt: skip
    text = page(figures, ["| the table |"])
    for words in (
        "a quick run", "| the table |", "polars 2.1.0", "apl run: 0.50 s",
        "16 (1.50 ms a scenario)", "| both | 1 | 20.0 million | 5.0 | 10.0 | 50 % |",
        "| 2,500,000 | 35,000 | 0.100 | 0.0100 | 128 | 8.25 |",
    ):  # fmt: skip
        assert words in text
    assert "$" not in text
