"""`apl sweep`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from support.command import apl

from apl_engine import run


def test_results_are_compared_and_written(region: Path, variant: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = apl("sweep", region, "-m", "mk-2024", "-m", variant, "-m", "mk-2018", "-o", out)
    assert done.returncode == 0, done.stderr
    for words in (
        "mk-2024 3 728.0 3 848.8 0 0",
        "at-67 3 719.0",
        "TSD SD INT NP mk-2024 63 42 93 47",
        "TD SurD",
        "[mk-2018]",
    ):
        assert words in done.words
    assert f"Written to {out}: mk-2024, at-67, mk-2018" in done.stdout
    for name in ("mk-2024", "at-67", "mk-2018"):
        alone = run(region, variant if name == "at-67" else name)
        assert pl.read_parquet(out / name / "communes.parquet").equals(alone.communes)
        assert len(list((out / name).iterdir())) == 7
    # Each knows its tables, as a result of `apl run` does.
    explained = apl("explain", out / "at-67", "53130", "--no-readings", "--json").json
    assert explained["missing"] == []
    compared = apl("compare", out / "mk-2024", out / "at-67", "--methods-differ", "--json").json
    assert compared["parts"] == ["supply", "population", "geography", "method", "cut"]
    assert compared["notes"] == []


def test_as_json(tables: Path, variant: Path) -> None:
    done = apl("sweep", tables, "-m", "mk-2024", "-m", variant, "--json", "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert done.json["first"] == "mk-2024"
    first, second = done.json["methodologies"]
    assert second["methodology"] == "at-67"
    assert second["etp"] > first["etp"]
    assert first["apart"] == {"territories": 0, "population": 0.0}
    assert len(second["territories_apart"]) == second["apart"]["territories"]


def test_all_results_are_written_or_none(tables: Path, variant: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "at-67").mkdir(parents=True)
    (out / "at-67" / "mine").touch()
    assert apl("sweep", tables, "-m", "mk-2024", "-m", variant, "-o", out).returncode == 1
    assert [path.name for path in out.iterdir()] == ["at-67"]
    other = tmp_path / "other"
    again = apl("sweep", tables, "-m", variant, "-m", variant, "-o", other, "--json")
    assert (again.returncode, other.exists()) == (1, False)
    assert again.json["faults"][0]["key"] == "id"
    variant.write_text(variant.read_text().replace("at-67", "../up"))
    up = apl("sweep", tables, "-m", variant, "-o", other, "--json")
    assert (up.returncode, up.codes, other.exists()) == (1, ["option.id_not_a_folder"], False)
    assert up.json["faults"][0]["values"] == ["../up"]
