"""Scenarios in Parquet files, read by ranges, against the same table in memory."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.faults import codes_of, faults_of
from support.tables import SAMPLES

from apl_engine import Result, run
from apl_engine.executors import open_workers
from apl_engine.inputs import read_scenarios
from apl_engine.inputs.named_columns import NamedColumns
from apl_engine.scenarios import zone_scenarios
from apl_engine.scenarios.draws import TableSupply, draws_of, open_scenarios
from apl_engine.scenarios.draws import table as table_module


@cache
def result() -> Result:
    return run(SAMPLES / "pays-de-la-loire")


def plans(columns: int, name: str = "s", seed: int = 0) -> pl.DataFrame:
    communes = result().communes.filter(pl.col("etp") > 0)
    rng = np.random.default_rng(seed)
    etp = communes["etp"].to_numpy()[:, None] * rng.integers(0, 3, (communes.height, columns))
    named = pl.DataFrame(etp, schema=[f"{name}{k}" for k in range(columns)])
    return communes.select("commune").hstack(named).sample(fraction=1.0, shuffle=True, seed=1)


def opened(path: Path, **options: Any) -> TableSupply:
    return open_scenarios(path, result().communes["commune"], **options)


def test_scenarios_are_those_of_a_table_in_memory(tmp_path: Path) -> None:
    table = plans(20)
    table.write_parquet(tmp_path / "plans.parquet")
    supply = opened(tmp_path / "plans.parquet")
    with open_workers() as workers:
        found = draws_of(result(), supply, workers, unit=128)
    zoned = zone_scenarios(result(), table)
    zones = zoned.territories_zone
    ids = [zone.id for zone in result().methodology.zoning.classes]
    for row, counts in zip(zones.iter_rows(), found.classes.tolist(), strict=True):
        assert counts == [row.count(zone) for zone in ids]
    assert found.notes == zoned.notes
    assert found.about["scenario_tables"] == [zoned.table.source.as_dict(table.height) | {
        "file": "plans.parquet", "format": "Parquet",
        "bytes": (tmp_path / "plans.parquet").stat().st_size,
        "sha256": supply.sources[0]["sha256"],
    }]  # fmt: skip


def test_files_of_a_folder_follow_one_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a range of columns that is read at once ends within a file."""
    monkeypatch.setattr(table_module, "_AT_ONCE", 32)
    first, second = plans(40), plans(30, "t", 1).head(200)
    (tmp_path / "more").mkdir()
    first.write_parquet(tmp_path / "a.parquet")
    second.write_parquet(tmp_path / "more" / "b.parquet")
    supply = opened(tmp_path)
    codes = result().communes["commune"]
    whole = [read_scenarios(one, codes).etp.drop("commune").to_numpy() for one in (first, second)]
    expected = np.concatenate(whole, axis=1)[supply.communes]
    assert supply.count == 70
    assert supply.names(38, 42) == ["s38", "s39", "t0", "t1"]
    assert (supply.read(0, 70) == expected).all()
    reader, etp = supply.reader(), np.empty((len(supply.communes), 16))
    for at in (0, 16, 32, 48):
        reader.fill(at, etp)
        assert (etp == expected[:, at : at + 16]).all()
    reader.fill(64, etp)
    # Those that there are not have the supply of the last one.
    assert (etp[:, 6:] == expected[:, -1:]).all()


def test_columns_are_named(tmp_path: Path) -> None:
    plans(2).rename({"commune": "insee", "s1": "s 1"}).write_parquet(tmp_path / "plans.parquet")
    supply = opened(tmp_path / "plans.parquet", columns=NamedColumns({"commune": "insee"}))
    assert supply.names(0, 2) == ["s0", "s 1"]
    assert supply.read(1, 2).sum() == pytest.approx(plans(2)["s1"].sum())


def test_all_faults_are_found_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of communes and those of values, in every range of columns."""
    monkeypatch.setattr(table_module, "_AT_ONCE", 16)
    table = plans(40)
    wrong = table.with_columns(
        s3=pl.lit(-1.0), s39=pl.lit("x"), commune=pl.col("commune").replace("53130", "99999")
    )
    wrong.write_parquet(tmp_path / "plans.parquet")
    codes = result().communes["commune"]
    expected = faults_of(lambda: read_scenarios(wrong, codes))
    found = faults_of(lambda: opened(tmp_path / "plans.parquet"))
    assert {(one.code, one.column) for one in found} == {(f.code, f.column) for f in expected}
    assert len(found) == len(set(found)) == 3
    # Values alone are found as scenarios are computed.
    wrong.with_columns(commune=table["commune"]).write_parquet(tmp_path / "plans.parquet")
    supply = opened(tmp_path / "plans.parquet")

    def count() -> None:
        with open_workers() as workers:
            draws_of(result(), supply, workers, unit=128)

    assert [one.column for one in faults_of(count)] == ["s3", "s39"]


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    assert codes_of(lambda: opened(tmp_path)) == ["scenarios.no_parquet"]
    plans(2).write_csv(tmp_path / "plans.csv")
    assert codes_of(lambda: opened(tmp_path / "plans.csv")) == ["scenarios.not_parquet"]
    assert codes_of(lambda: opened(tmp_path / "none.parquet")) == ["scenarios.cannot_open"]
    plans(2).select("commune").write_parquet(tmp_path / "a.parquet")
    assert codes_of(lambda: opened(tmp_path)) == ["scenarios.no_scenario"]
    plans(2).write_parquet(tmp_path / "b.parquet")
    plans(1).drop("commune").write_parquet(tmp_path / "c.parquet")
    (tmp_path / "d.parquet").write_bytes(b"PAR1 and nothing")
    codes = ["scenarios.missing_column", "scenarios.unreadable"]
    assert codes_of(lambda: opened(tmp_path)) == codes
    for name in ("c", "d"):
        plans(2).rename({"s1": "zone"}).write_parquet(tmp_path / f"{name}.parquet")
    plans(2).rename({"s1": "territory"}).write_parquet(tmp_path / "d.parquet")
    assert codes_of(lambda: opened(tmp_path)) == ["scenarios.reserved_name", "scenarios.same_name"]


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plans.parquet"
    plans(2).write_parquet(path)
    supply = opened(path)
    os.utime(path, (1, 1))
    assert codes_of(lambda: supply.read(0, 2)) == ["scenarios.file_changed"]
    path.unlink()
    assert codes_of(lambda: supply.read(0, 2)) == ["scenarios.file_changed"]
