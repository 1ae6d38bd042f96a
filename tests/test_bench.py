"""The benchmarks themselves: worlds, agreeing peers, counted work, and a nightly run that fails."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import building
import change
import goals
import golden
import national
import nightly
import numpy as np
import out_of_core
import polars as pl
import pytest
import scale
import sources
import synthetic
import thousand
import trend
import verdict
import whole
import work
import worlds
from goals import NOT_SELECTED, format_value, markdown_table
from processes import PEERS
from support.open_data import open_data
from turns import Row, compare, in_turn, of_values
from verdict import Figure, Figures

import apl_engine
from scripts.performance.__main__ import main as write_performance
from scripts.performance.__main__ import merged
from scripts.performance.page import page

# They execute what is measured, which other tests cover.
pytestmark = pytest.mark.heavy


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
    folder = synthetic.write(small, tmp_path)
    result = apl_engine.run(folder)
    assert result.communes["commune"].to_list() == small.codes.to_list()
    assert result.counts["network"]["pairs"] == len(small.origin) + small.size


@pytest.mark.slow
def test_the_sample_is_a_world() -> None:
    world = worlds.world("D")
    order = world.origin.astype(np.int64) * world.size + world.destination
    assert (np.diff(order) > 0).all()
    assert (world.origin != world.destination).all()
    result = apl_engine.run(synthetic.SAMPLE)
    assert result.network
    assert result.network.pairs == len(world.origin) + world.size
    np.testing.assert_allclose(
        national.engine(world)(), result.communes["apl"].to_numpy(), rtol=1e-12
    )


def test_the_tiled_matrix_is_a_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worlds, "DATA", open_data(worlds.MATRIX).parent)
    world = worlds.isere.__wrapped__()
    n, pairs = world.size // worlds.TILES, len(world.origin) // worlds.TILES
    assert (n, world.size % n) == (512, 0)
    assert world.codes.is_sorted()
    for tile in (1, worlds.TILES - 1):
        there = slice(tile * pairs, (tile + 1) * pairs)
        np.testing.assert_array_equal(world.origin[there] - tile * n, world.origin[:pairs])
        np.testing.assert_array_equal(world.destination[there] - tile * n,
                                      world.destination[:pairs])  # fmt: skip
    assert world.minutes.max() <= 20


def test_a_world_without_its_data_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(worlds, "DATA", tmp_path)
    monkeypatch.setattr(worlds, "isere", worlds.isere.__wrapped__)
    assert goals.in_worlds(lambda *_: [Row("one", "peer", None, 1, 1, 1)], "I") == []
    assert worlds.MATRIX in capsys.readouterr().err


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


def test_the_peers_agree_on_changed_communes(small: synthetic.World) -> None:
    changes = thousand.draw_changes(small, 21)
    thousand.check_changes(small, changes)
    supplies = changes.first(20).supplies(small.etp)
    differing = np.count_nonzero(supplies != small.etp[:, None], axis=0)
    assert differing.tolist() == [thousand.CHANGED] * 20


def test_scenarios_have_the_classes_of_their_apls(small: synthetic.World) -> None:
    thousand.check_classes(change.Case(small), thousand.draw_supplies(small, 20))


def test_a_prepared_network_has_runs_and_gives_the_same_apls(small: synthetic.World) -> None:
    raw, prepared = building.network_of(small), building.prepared(small)
    assert (raw.layout, prepared is building.prepared(small)) == (None, True)
    assert prepared.layout
    np.testing.assert_array_equal(
        national.engine(small)(), national.engine(small, raw=True)(), strict=True
    )
    assert building.touched_bytes(prepared) == prepared.layout.nbytes
    assert building.touched_bytes(prepared) < building.touched_bytes(raw)


def test_the_runs_that_are_timed_are_those_of_the_network(small: synthetic.World) -> None:
    layout = building.prepared(small).layout
    assert layout
    for threads in (1, 2):
        derived = building.derive_runs(small, threads)()
        for rows, expected in zip(derived, (layout.by_origin, layout.by_destination), strict=True):
            assert rows
            np.testing.assert_array_equal(rows.starts, expected.starts)
            np.testing.assert_array_equal(rows.lengths, expected.lengths)
    np.testing.assert_array_equal(building.order(small)(), layout.order)


@pytest.mark.parametrize("name", ["duckdb_job", "polars_job"])
@pytest.mark.parametrize("prepared", [False, True])
def test_the_jobs_of_peers_write_the_same_result(
    small: synthetic.World, tmp_path: Path, name: str, prepared: bool
) -> None:
    job = whole.Job(small, tmp_path)
    job.prepare()
    apl_engine.write_result(apl_engine.run(job.tables), tmp_path / "expected")
    pairs = [str(job.pairs)] if prepared else []
    command = [sys.executable, str(PEERS / f"{name}.py"), str(job.tables), str(tmp_path / "other")]
    subprocess.run([*command, *pairs], check=True)
    whole.check_files(tmp_path / "expected", tmp_path / "other")


@pytest.mark.parametrize(
    "wrong",
    [
        pl.col("apl") * (1 + 1e-11),
        pl.lit("sous_dotee").alias("zone"),
        pl.when(pl.col("apl") > 100).then("apl"),
        pl.col("name").alias("commune"),
    ],
)
def test_a_job_with_another_result_fails(
    small: synthetic.World, tmp_path: Path, wrong: pl.Expr
) -> None:
    result = apl_engine.run(synthetic.write(small, tmp_path))
    for folder in ("one", "other"):
        apl_engine.write_result(result, tmp_path / folder)
    whole.check_files(tmp_path / "one", tmp_path / "other")
    result.communes.with_columns(wrong).write_csv(tmp_path / "other" / "communes.csv")
    with pytest.raises(SystemExit):
        whole.check_files(tmp_path / "one", tmp_path / "other")


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


def test_work_is_the_same_for_any_number_of_threads(small: synthetic.World) -> None:
    one, two = (work.count(national.engine(small, threads)) for threads in (1, 2))
    assert one.counts() == two.counts()
    assert {"add_runs", "round_sums"} <= one.counts().keys()


def test_doubled_work_counts_twice(small: synthetic.World) -> None:
    task = national.engine(small)
    once, twice = work.count(task).counts(), work.count(lambda: (task(), task())).counts()
    assert {name: {key: 2 * n for key, n in of.items()} for name, of in once.items()} == twice
    assert work.failures({"apl": once}, {"apl": once}) == []
    (failure,) = work.failures({"apl": once}, {"apl": twice})
    assert failure.startswith("changed work: apl: ")
    assert len(work.failures({"apl": twice}, {"apl": once})) == 1
    assert len(work.failures({}, {"apl": once})) == 1


def test_work_without_kernels_is_no_count() -> None:
    with pytest.raises(SystemExit):
        work.count(lambda: None)


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


def test_values_that_are_no_ratios_have_quartiles_too() -> None:
    row = of_values("w", "-", None, [1.0, 2.0, 3.0], "s", "S")
    assert (row.ratio, row.low, row.high, row.unit, row.world) == (2, 1.5, 2.5, "s", "S")


def test_a_part_that_fails_says_why_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> list[Row]:
        raise SystemExit("different zones")

    parts: dict[str, goals.Part] = {
        "one": fails, "two": lambda *_: [Row("two", "peer", None, 1, 1, 1)], "three": fails,
    }  # fmt: skip
    monkeypatch.setattr(goals, "PARTS", parts)
    figures = goals.measure(goals.QUICK, tmp_path, ["one", "two"])
    assert [row["task"] for row in figures["rows"]] == ["two"]
    assert figures["failed"] == ["one"]
    assert figures["not_measured"].keys() == {"one", "three"}
    assert "different zones" in figures["not_measured"]["one"]
    assert figures["digest"] == sources.digest()


def test_the_table_shows_goals_and_whether_they_are_reached() -> None:
    rows = [
        Row("one", "peer", 0.01, 0.008, 0.007, 0.009),
        Row("two", "peer", 2.0, 2.5, 2.4, 2.6, "+s", "S"),
        Row("three", "peer", None, 0.4, 0.3, 0.5),
    ]
    table = markdown_table([row.as_dict() for row in rows])
    assert len({len(line) for line in table}) == 1
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[2:]]
    assert cells[0] == ["one", "", "peer", "0.01", "0.008", "0.007 to 0.009", "25 %", "yes"]
    assert cells[1][1:5] == ["S", "peer", "+2.00 s", "+2.50 s"]
    assert cells[1][-1] == "no"
    assert cells[2][3::4] == ["-", ""]
    assert (format_value(8.3, "B"), format_value(0.2504, "s")) == ("8.30", "0.25 s")


def test_a_figure_is_relative_to_the_calibrations_around_it() -> None:
    # The machine slows down to half its speed, and the ratio stays the same.
    figure = Figure.of([10, 20, 20], [1, 1, 3, 1])
    assert figure.median == 10
    with pytest.raises(ValueError, match="argument"):
        Figure.of([10, 20], [1, 1])


STORED = {
    "gather": {"calibration": 10.0, "peer": 0.5},
    "rows": {"calibration": 5.0, "peer": 1.0},
}


def measured(calibration: Figure, peer: Figure | None = None) -> Figures:
    """Return figures of the gather; those by the peer are as stored by default."""
    return Figures(calibration, peer or Figure(0.5, 0.5, 0.5))


AS_STORED = {
    "gather": measured(Figure(10.0, 9.0, 11.0)),
    "rows": Figures(Figure(4.0, 3.0, 5.0), Figure(1.0, 0.9, 1.1)),
}


def test_noise_passes() -> None:
    noisy = AS_STORED | {"gather": measured(Figure(12.0, 11.4, 19.0), Figure(0.6, 0.57, 0.9))}
    assert verdict.slower_tasks(noisy, STORED) == []
    assert verdict.failures(noisy, STORED) == []


def test_a_slower_task_fails_by_name_and_figure() -> None:
    slower = AS_STORED | {"gather": measured(Figure(12.0, 11.6, 12.5))}
    assert verdict.slower_tasks(slower, STORED) == ["gather"]
    (failure,) = verdict.failures(slower, STORED)
    assert all(part in failure for part in ("gather", "calibration", "12", "11.6", "12.5", "+20 %"))


def test_a_task_that_is_slower_than_its_peer_alone_fails() -> None:
    slower = AS_STORED | {"gather": measured(Figure(8.0, 8.0, 8.0), Figure(0.7, 0.6, 0.8))}
    assert verdict.slower_tasks(slower, STORED) == ["gather"]
    (failure,) = verdict.failures(slower, STORED)
    assert all(part in failure for part in ("gather", "peer", "+40 %"))


def test_fifteen_percent_is_the_bound() -> None:
    bound = 10.0 * (1 + verdict.TOLERANCE)
    assert not verdict.is_slower(Figure(bound, bound, bound), 10.0)
    above = math.nextafter(bound, 20)
    assert verdict.is_slower(Figure(above, above, above), 10.0)


def test_on_another_processor_the_highest_figures_count_with_a_wider_tolerance() -> None:
    other = {"gather": {"calibration": 8.0, "peer": 0.8}}
    baseline = {"figures": {"one": STORED, "two": other}}
    local = {"figures": {"three": other}}
    assert nightly.expected_on("one", baseline, local).stored == STORED
    known = nightly.expected_on("three", baseline, local)
    assert (known.stored, known.tolerance) == (other, verdict.TOLERANCE)
    unknown = nightly.expected_on("four", baseline, local)
    assert unknown.stored == {
        "gather": {"calibration": 10.0, "peer": 0.8}, "rows": STORED["rows"],
    }  # fmt: skip
    assert unknown.tolerance == verdict.ELSEWHERE > verdict.TOLERANCE
    above = math.nextafter(10.0 * (1 + verdict.ELSEWHERE), 99)
    slower = AS_STORED | {"gather": measured(Figure(above, above, above))}
    assert verdict.slower_tasks(slower, unknown.stored, unknown.tolerance) == ["gather"]


def test_of_two_measurements_the_lower_one_counts() -> None:
    loud, quiet = Figure(14.0, 12.0, 20.0), Figure(10.5, 10.0, 11.0)
    high, low = Figure(0.7, 0.6, 0.8), Figure(0.5, 0.5, 0.5)
    one, two = {"gather": Figures(loud, low)}, {"gather": Figures(quiet, high)}
    other = {"rows": Figures(loud, high)}
    assert verdict.lowest([one, two, other]) == {"gather": Figures(quiet, low), **other}


def test_a_task_no_longer_measured_fails_and_a_new_one_passes() -> None:
    new = {"gather": AS_STORED["gather"], "new": measured(Figure(99.0, 99.0, 99.0))}
    assert verdict.missing_tasks(new, STORED) == ["rows"]
    assert verdict.slower_tasks(new, STORED) == []
    assert len(verdict.failures(new, STORED)) == 1


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
    return {
        "date": "2026-01-01", "processor": "one", "rounds": 7,
        "figures": {"gather": AS_STORED["gather"].as_dict()},
        "stored": {"gather": {"calibration": 8.0, "peer": 0.5}},
        "work": {"one APL": {"gather": {"calls": 2, "bytes": 12_345}}},
        "notes": [], "failures": [], **more,
    }  # fmt: skip


def test_the_page_on_a_nightly_run(tmp_path: Path) -> None:
    lines = trend.page(nightly_run()).splitlines()
    assert "| gather | calibration | 10 | 9 to 11 | 8 | +25 % |" in lines
    assert "| gather | peer | 0.5 | 0.5 to 0.5 | 0.5 | +0 % |" in lines
    assert "| one APL | gather | 2 | 12,345 |" in lines
    failed = nightly_run(failures=["slower: gather"], notes=["measured again: gather"])
    assert {"- slower: gather", "- measured again: gather"} <= {*trend.page(failed).splitlines()}
    trend.add(tmp_path, nightly_run())
    assert len(trend.add(tmp_path, nightly_run())) == 2


def checkout(folder: Path) -> Path:
    """Return a small checkout with a kernel, a bench and a lock file."""
    for name, text in {
        "apl_engine/kernels/loop.py": "# a loop\nx = 1\n",
        "apl_engine/aids/money.py": "y = 1\n",
        "bench/scale.py": "z = 1\n",
        "bench/test_scale.py": "z = 1\n",
        "uv.lock": '[[package]]\nname = "polars"\nversion = "2.1.0"\n'
        '[[package]]\nname = "ruff"\nversion = "9.9"\n',
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "old", "new", "decides"),
    [
        ("apl_engine/kernels/loop.py", "x = 1", "x = 2", True),
        ("apl_engine/kernels/loop.py", "# a loop\n", "# the loop\n\n", False),
        ("apl_engine/aids/money.py", "y = 1", "y = 2", False),
        ("bench/scale.py", "z = 1", "z = 2", True),
        ("bench/test_scale.py", "z = 1", "z = 2", False),
        ("uv.lock", "2.1.0", "2.2.0", True),
        ("uv.lock", "9.9", "9.8", False),
    ],
)
def test_the_digest_covers_what_decides_speed(
    tmp_path: Path, name: str, old: str, new: str, decides: bool
) -> None:
    root = checkout(tmp_path)
    before = sources.digest(root)
    text = (root / name).read_text("utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new), "utf-8")
    assert (sources.digest(root) != before) is decides


def test_every_room_and_pin_of_the_digest_exists() -> None:
    rooms = {path.relative_to(sources.ROOT).parts[:2] for path in sources.files(sources.ROOT)}
    for room in sources._ROOMS:
        assert ("apl_engine", room) in rooms
    assert {name for name, _ in sources.pins(sources.ROOT)} == {*sources.LIBRARIES}
    for stem in sources._NIGHTLY:
        assert (sources.ROOT / "bench" / f"{stem}.py").exists()


def test_a_page_of_other_sources_fails(tmp_path: Path) -> None:
    root, page_of = checkout(tmp_path), tmp_path / "performance.md"
    assert len(sources.failures(page_of, root)) == 1
    page_of.write_text(f"commit `a`, digest `{sources.digest(root)}`", "utf-8")
    assert sources.failures(page_of, root) == []
    (root / "bench" / "scale.py").write_text("z = 3\n", "utf-8")
    (failure,) = sources.failures(page_of, root)
    assert "measure again" in failure


def run_of_goals() -> dict[str, Any]:
    """Return the figures of a run, as `bench/goals.py` writes them."""
    point = {"pairs": 2_500_000, "communes": 35_000, "building_s": 0.1, "layout_s": 1.5,
             "apl_s": [0.02, 0.01, 0.03], "peak_bytes": 2**27, "bytes_per_pair": 8.25}  # fmt: skip
    rows = [
        compare("apl run", "DuckDB", 1.1, [0.5], [0.4], "S"),
        Row("scenarios", "SciPy", 0.09, 1, 1, 1, detail={"scipy_blocks_ms": {"16": 1.5}}),
        Row("growth", "-", 0.25, 1, 1, 1, detail={"scale": [point]}),
    ]
    return {
        "quick": True, "commit": "c0ffee", "digest": sources.digest(),
        "versions": {"polars": "2.1.0"}, "rows": [row.as_dict() for row in rows],
        "machine": {"processor": "P", "cores": 2, "system": "Linux", "python": "3.11"},
        "not_measured": {"large": "not selected"},
    }  # fmt: skip


def test_the_page_of_performance_has_every_figure_of_the_run() -> None:
    text = page(run_of_goals(), ["| the table |"])
    for part in (
        "a quick run", "| the table |", "polars 2.1.0", "apl run (S) 0.50 s; DuckDB (S) 0.40 s",
        "16 (1.50 ms per scenario)", "commit `c0ffee`", "large (not selected)",
        "| 2,500,000 | 35,000 | 0.100 | 1.500 | 0.0200 | 128 | 8.25 |",
    ):  # fmt: skip
        assert part in text
    assert "$" not in text


def test_a_written_page_is_of_todays_sources(tmp_path: Path) -> None:
    run, written = tmp_path / "run.json", tmp_path / "performance.md"
    run.write_text(json.dumps(run_of_goals()), "utf-8")
    write_performance([run], written)
    assert sources.failures(written) == []
    run.write_text(json.dumps({**run_of_goals(), "digest": 32 * "0"}), "utf-8")
    written.unlink()
    with pytest.raises(SystemExit):
        write_performance([run], written)
    assert not written.exists()


def test_runs_of_different_parts_make_one_page() -> None:
    one, other = run_of_goals(), run_of_goals()
    one["not_measured"] = {"growth": NOT_SELECTED, "large": NOT_SELECTED, "rows": "ValueError"}
    other["not_measured"] = {"large": "no memory", "rows": NOT_SELECTED}
    whole = merged([one, other])
    assert len(whole["rows"]) == 2 * len(one["rows"])
    assert whole["not_measured"] == {"large": "no memory", "rows": "ValueError"}
    with pytest.raises(SystemExit):
        merged([one, {**other, "machine": {**other["machine"], "processor": "Q"}}])


def test_networks_in_parts_are_measured(tmp_path: Path) -> None:
    """On a grid of some squares."""
    out_of_core.write_grid(0.03, tmp_path / "grid")
    made = {
        way: out_of_core.measure_one(way, tmp_path / "grid", "1GiB")
        for way in ("parts", "memory", "apl")
    }
    assert len({figures["pairs"] for figures in made.values()}) == 1
    assert all(figures["peak_bytes"] > 0 for figures in made.values())


def test_a_power_is_fitted() -> None:
    factor, power, worst = out_of_core.fit([(x, 3.0 * x**1.25) for x in (1e6, 1e7, 1e8)])
    assert (factor, power) == pytest.approx((3.0, 1.25))
    assert worst < 1e-9
