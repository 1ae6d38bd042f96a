"""`apl draws`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest
from support.command import apl

from apl_engine import run

FEW = ("--departures", "0.2", "--draws", "20")


def test_draws_are_counted_and_written(region: Path, tmp_path: Path) -> None:
    out = tmp_path / "sure"
    options = ("--departures", "0.03", "--departures", "60=0.2", "--variation", "0.1")
    done = apl("draws", region, *options, "--draws", "50", "--seed", "7", "-o", out, "--keep-zones")
    assert done.returncode == 0, done.stderr
    for words in ("50 draws", "100 % 95 % 90 % 50 %", "TSD 63", "draws.json"):
        assert words in done.words
    document = json.loads((out / "draws.json").read_text())
    assert (document["draws"], document["seed"]) == (50, 7)
    assert document["departures"] == [
        {"from_age": 0, "probability": 0.03}, {"from_age": 60, "probability": 0.2},
    ]  # fmt: skip
    (entry,) = document["methodologies"]
    written = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert written == {"draws.json", *(one["file"] for one in entry["outputs"])}
    for one in entry["outputs"]:
        assert hashlib.sha256((out / one["file"]).read_bytes()).hexdigest() == one["sha256"]
    territories = pl.read_parquet(out / "methodology=mk-2024" / "territories.parquet")
    assert territories["zone"].equals(run(region).territories["zone"])
    # Readers of Parquet see one data set.
    zones = pl.scan_parquet(out / "*" / "zones.parquet", hive_partitioning=True).collect()
    assert zones["methodology"].unique().to_list() == ["mk-2024"]
    assert zones.group_by("territory").agg(pl.col("draws").sum())["draws"].unique().to_list() == [
        50
    ]
    kept = pl.read_parquet(out / "methodology=mk-2024" / "draws" / "*.parquet")
    assert kept["draw"].to_list() == list(range(50))
    labels = pl.read_csv(out / "methodology=mk-2024" / "zones.csv")["zone_label"]
    assert labels[0] == "Très sous dotée"
    again = apl("draws", region, *FEW, "-o", out, "--json")
    assert again.codes == ["output.result_exists"]
    replaced = apl("draws", region, *FEW, "-o", out, "--replace", "--quantile", "1/3", "--json")
    assert replaced.json == json.loads((out / "draws.json").read_text())
    assert replaced.json["methodologies"][0]["cuts"][0].keys() >= {"apl_p33.3333333333"}
    assert not (out / "methodology=mk-2024" / "draws").exists()
    (out / "methodology=mk-2024" / "mine.txt").write_text("")
    assert apl("draws", region, *FEW, "-o", out, "--replace", "--json").codes == [
        "output.other_files"
    ]


def test_scenarios_of_files(tables: Path, tmp_path: Path) -> None:
    plans = pl.DataFrame({"commune": ["01001", "01002"], "one": [1.0, 2.0], "two": [2.0, 0.0]})
    plans.write_parquet(tmp_path / "plans.parquet")
    out = tmp_path / "out"
    done = apl(
        "draws", tables, "--scenarios", tmp_path / "plans.parquet", "-o", out, "--keep-zones"
    )
    assert done.returncode == 0, done.stderr
    document = json.loads((out / "draws.json").read_text())
    assert document["scenario_tables"][0]["file"] == "plans.parquet"
    assert "seed" not in document
    kept = pl.read_parquet(out / "methodology=mk-2024" / "draws" / "*.parquet")
    assert kept["scenario"].to_list() == ["one", "two"]


def test_a_run_file_names_the_methodology(tables: Path, tmp_path: Path) -> None:
    names = ("communes", "practitioners", "population", "consumption", "travel_times")
    (path,) = {next(tables.glob(f"{name}.*")).suffix for name in names}
    rows = "".join(f'{name} = "{(tables / name).as_posix()}{path}"\n' for name in names)
    run_file = tmp_path / "run.toml"
    run_file.write_text(f'methodology = "mk-2018"\n[tables]\n{rows}', encoding="utf-8")
    out = tmp_path / "out"
    done = apl("draws", run_file, *FEW, "-o", out, "--json")
    assert done.returncode == 0, done.stderr
    assert [one["methodology"]["id"] for one in done.json["methodologies"]] == ["mk-2018"]


def test_wrong_scenarios_leave_nothing(tables: Path, tmp_path: Path) -> None:
    plans = pl.DataFrame({"commune": ["01001"], "one": [-1.0], "two": ["x"]})
    plans.write_parquet(tmp_path / "plans.parquet")
    out = tmp_path / "out"
    done = apl("draws", tables, "--scenarios", tmp_path / "plans.parquet", "-o", out, "--json")
    assert (done.returncode, len(done.codes), out.exists()) == (3, 2, False)
    assert list(tmp_path.iterdir()) == [tmp_path / "plans.parquet"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "Give what varies"),
        (("--departures", "0.1", "--scenarios", "x.parquet"), "Give what varies"),
        (("--scenarios", "x.parquet", "--draws", "10"), "not for --scenarios"),
        (("--departures", "often"), "--departures often"),
        (("--departures", "=0.1"), "--departures =0.1"),
        (("--departures", "0.1", "--departures", "0=0.2"), "given twice"),
        (("--departures", "0.1", "--quantile", "5"), "--quantile 5"),
        (("--departures", "0.1", "--seed", "-1"), "seed"),
    ],
)
def test_wrong_options(tables: Path, tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = apl("draws", tables, *options, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_models_out_of_range(tables: Path, tmp_path: Path) -> None:
    done = apl("draws", tables, "--departures", "1.5", "-o", tmp_path / "out", "--json")
    assert done.codes == ["argument.out_of_range"]
