"""`apl scenarios`."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from support.command import apl

from apl_engine import run


def test_scenarios_are_zoned_and_written(region: Path, tmp_path: Path) -> None:
    result = run(region)
    rows = result.communes.filter(pl.col("etp") > 0)
    table = rows.select("commune", now="etp", half=pl.col("etp") / 2)
    table.write_csv(tmp_path / "plans.csv", separator=";")
    out = tmp_path / "out"
    done = apl("scenarios", region, tmp_path / "plans.csv", "-o", out, "-m", "mk-2024")
    assert done.returncode == 0, done.stderr
    for words in ("now 3 848.8 63 42 93 47", "half 1 924.4", "now 0.0 48.61 61.60 88.96", "753"):
        assert words in done.words
    assert "scenarios.json" in done.stdout
    zones = pl.read_parquet(out / "territories_zone.parquet")
    assert zones["now"].equals(result.territories["zone"].rename("now"))
    document = json.loads((out / "scenarios.json").read_text())
    assert document["scenario_table"]["file"] == "plans.csv"
    assert len(document["scenario_table"]["sha256"]) == 64


def test_a_long_list_is_cut(tables: Path, tmp_path: Path) -> None:
    table = pl.DataFrame({"commune": ["01001"], **{f"s{k}": [1.0] for k in range(41)}})
    table.write_csv(tmp_path / "plans.csv")
    done = apl("scenarios", tables, tmp_path / "plans.csv", "-o", tmp_path / "out")
    assert done.stdout.count("... 1 more in scenarios.json") == 3


def test_wrong_scenarios_leave_nothing(tables: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("commune,one\n01001,-1\n99999,x\n")
    out = tmp_path / "out"
    done = apl("scenarios", tables, tmp_path / "bad.csv", "-o", out, "--json")
    assert (done.returncode, len(done.codes), out.exists()) == (3, 3, False)
    (tmp_path / "good.csv").write_text("commune,one\n01001,1\n")
    good = apl("scenarios", tables, tmp_path / "good.csv", "-o", out, "--json")
    assert good.json == json.loads((out / "scenarios.json").read_text())
