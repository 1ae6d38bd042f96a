"""`apl what-if`, `apl sweep` and `apl scenarios`, as processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from support.tables import SAMPLES, small_world, write_csv

from apl_engine import WhatIf, cli, run, run_with_network, save_network

APL = [sys.executable, "-m", "apl_engine"]
REGION = SAMPLES / "pays-de-la-loire"
VARIANT = 'id = "at-67"\nextends = "mk-2024"\n[etp.age_limit]\nvalue = 67\nreason = "x"\n'


def apl(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*APL, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(small_world(), tmp_path_factory.mktemp("tables"))


@pytest.fixture
def variant(tmp_path: Path) -> Path:
    (tmp_path / "variant.toml").write_text(VARIANT)
    return tmp_path / "variant.toml"


def test_what_if_shows_what_changes() -> None:
    done = apl("what-if", REGION, "--change", "53130=+1.5", "--change", "85047=40")
    assert done.returncode == 0, done.stderr
    for words in (
        "53130  Laval                                   41.10       42.60",
        "Communes whose APL moves: ",
        "more with --json",
        "Territories that change zone: ",
        " -> Non prioritaire",
        "Cuts: highest APL of each class",
    ):
        assert words in done.stdout


def test_what_if_as_json_with_a_prepared_network(tmp_path: Path) -> None:
    result, network = run_with_network(REGION)
    save_network(network, tmp_path / "n.aplnet")
    place = ("--network", tmp_path / "n.aplnet", "--json")
    done = apl("what-if", REGION, "--change", "85047=40", *place)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    expected = WhatIf(result, network).change({"85047": 40.0})
    assert document["territories"] == expected.moved.to_dicts()
    moves = [abs(row["apl"] - row["apl_before"]) for row in document["communes"]]
    assert moves == sorted(moves, reverse=True)
    assert len(moves) == expected.communes.filter(pl.col("apl") != pl.col("apl_before")).height
    assert [row["commune"] for row in document["changes"]] == ["85047"]
    assert [cut["highest_apl"] for cut in document["cuts"]["after"]] == [
        cut.highest_apl for cut in expected.cuts
    ]


def test_what_if_tells_all_that_is_wrong_with_changes_at_once(tables: Path) -> None:
    wrong = ("01001", "01002=1,5", "01001=1", "01001=2", "99999=1", "75101=-50", "2A004=nan")
    changes = [part for change in wrong for part in ("--change", change)]
    done = apl("what-if", tables, *changes)
    assert (done.returncode, done.stdout) == (3, "")
    for words in (
        "6 faults in the input; nothing was computed.",
        "'01001' names no commune and ETP. Write COMMUNE=ETP, such as 53130=+1.5.",
        "'1,5' of '01002=1,5' is no number. Write ETP with a point",
        "'nan' of '2A004=nan' is no number",
        "01001 is changed twice. Add both up.",
        "unknown communes (value '99999')",
        "more is taken away than there is (value '75101: ",
    ):
        assert words in done.stderr


def test_what_if_without_a_change_is_wrong_usage(tables: Path) -> None:
    assert apl("what-if", tables).returncode == 2


def test_sweep_compares_and_writes_each_result(variant: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = apl("sweep", REGION, "-m", "mk-2024", "-m", variant, "-m", "mk-2018", "-o", out)
    assert done.returncode == 0, done.stderr
    for words in (
        "  mk-2024                      3 728.0     3 848.8             0             0",
        "  at-67                        3 719.0",
        "                                   TSD          SD         INT          NP",
        "        TD        SurD",
        "[mk-2018]",
        f"Written to {out}: mk-2024, at-67, mk-2018",
    ):
        assert words in done.stdout
    for name in ("mk-2024", "at-67", "mk-2018"):
        alone = run(REGION, variant if name == "at-67" else name)
        assert pl.read_parquet(out / name / "communes.parquet").equals(alone.communes)
        assert len(list((out / name).iterdir())) == 7


def test_sweep_as_json(tables: Path, variant: Path) -> None:
    done = apl("sweep", tables, "-m", "mk-2024", "-m", variant, "--json", "--threads", "1")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["first"] == "mk-2024"
    first, second = document["methodologies"]
    assert second["methodology"] == "at-67"
    assert second["etp"] > first["etp"]
    assert first["apart"] == {"territories": 0, "population": 0.0}
    assert len(second["territories_apart"]) == second["apart"]["territories"]


def test_sweep_writes_all_or_nothing(tables: Path, variant: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "at-67").mkdir(parents=True)
    (out / "at-67" / "mine").touch()
    done = apl("sweep", tables, "-m", "mk-2024", "-m", variant, "-o", out)
    assert done.returncode == 1
    assert "holds files that are not of a result (mine)" in done.stderr
    assert [path.name for path in out.iterdir()] == ["at-67"]
    again = apl("sweep", tables, "-m", variant, "-m", variant, "-o", tmp_path / "other")
    assert (again.returncode, (tmp_path / "other").exists()) == (1, False)
    assert "at-67: [id] several methodologies have this id. Give each an id" in again.stderr
    variant.write_text(VARIANT.replace("at-67", "../up"))
    up = apl("sweep", tables, "-m", variant, "-o", tmp_path / "other")
    assert (up.returncode, (tmp_path / "other").exists()) == (1, False)
    assert "The id '../up' of a methodology names no folder" in up.stderr


def test_scenarios_are_zoned_and_written(tmp_path: Path) -> None:
    result = run(REGION)
    rows = result.communes.filter(pl.col("etp") > 0)
    table = rows.select("commune", now="etp", half=pl.col("etp") / 2)
    table.write_csv(tmp_path / "plans.csv", separator=";")
    out = tmp_path / "out"
    done = apl("scenarios", REGION, tmp_path / "plans.csv", "-o", out, "-m", "mk-2024")
    assert done.returncode == 0, done.stderr
    for words in (
        "  now                     3 848.8           63           42           93           47",
        "  half                    1 924.4",
        "  now                         0.0        48.61        61.60        88.96",
        "scenarios: 753 communes are not listed and have 0 ETP in each",
        f"Written to {out}: communes_apl, territories_apl, territories_zone, scenarios.json",
    ):
        assert words in done.stdout
    zones = pl.read_parquet(out / "territories_zone.parquet")
    assert zones["now"].equals(result.territories["zone"].rename("now"))
    document = json.loads((out / "scenarios.json").read_text())
    assert document["scenario_table"]["file"] == "plans.csv"
    assert len(document["scenario_table"]["sha256"]) == 64


def test_scenarios_that_are_wrong_leave_nothing(tables: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("commune,one\n01001,-1\n99999,x\n")
    out = tmp_path / "out"
    done = apl("scenarios", tables, tmp_path / "bad.csv", "-o", out, "--json")
    assert done.returncode == 3
    problems = {fault["problem"] for fault in json.loads(done.stdout)["faults"]}
    assert problems == {
        "negative values",
        "not a number",
        "unknown communes, absent from the table communes",
    }
    assert not out.exists()
    (tmp_path / "good.csv").write_text("commune,one\n01001,1\n")
    good = apl("scenarios", tables, tmp_path / "good.csv", "-o", out, "--json")
    assert json.loads(good.stdout) == json.loads((out / "scenarios.json").read_text())


@pytest.mark.parametrize("name", ["what-if", "sweep", "scenarios"])
def test_help_has_examples_on_lines_of_their_own(name: str) -> None:
    command = cli.main.get_command(cli.click.Context(cli.main), name)
    lines = command.get_help(cli.click.Context(command)).splitlines()
    assert any(line.startswith(f"    apl {name} ") for line in lines)
