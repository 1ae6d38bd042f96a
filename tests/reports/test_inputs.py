"""Imported tables in a folder of inputs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.publishers.raw import RawFiles
from support.raw_runs import people, region

import apl_engine
from apl_engine.errors import InputDataError, OutputError
from apl_engine.inputs.imported import Imported
from apl_engine.inputs.provenance import PROVENANCE
from apl_engine.reports.inputs import write_inputs


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawFiles:
    return region(tmp_path_factory)


def test_an_import_replaces_its_own_tables_only(tmp_path: Path) -> None:
    folder = tmp_path / "inputs"
    write_inputs(people(["01001"], 2022), folder)
    (folder / "communes.csv").write_text("commune\n01001\n")
    with pytest.raises(OutputError) as caught:
        write_inputs(people(["01002"], 2023), folder)
    (fault,) = caught.value.faults
    assert fault.code == "import_folder.occupied"
    assert fault.details == {"files": ("population.parquet",)}
    (folder / "population.parquet").rename(folder / "population.arrow")
    write_inputs(people(["01002"], 2023), folder, replace=True)
    assert sorted(path.name for path in folder.iterdir()) == [
        "communes.csv", PROVENANCE, "population.parquet",
    ]  # fmt: skip
    imports = json.loads((folder / PROVENANCE).read_text())["imports"]
    assert [entry["vintage"] for entry in imports] == [2023]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        write_inputs(people(["01001"]), tmp_path / "inputs")


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "inputs").write_text("x")
    with pytest.raises(OutputError) as caught:
        write_inputs(people(["01001"]), tmp_path / "inputs")
    assert [fault.code for fault in caught.value.faults] == ["import_folder.not_made"]


def test_nothing_changes_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "inputs"
    write_inputs(people(["01001"], 2022), folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_inputs(people(["01002"], 2023), folder, replace=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_table_changed_after_its_import_and_mixed_vintages(raw: RawFiles, tmp_path: Path) -> None:
    for name in ("practitioners", "consumption", "travel_times", "communes", "population"):
        table = pl.read_parquet(raw.tidy / f"{name}.parquet")
        write_inputs(Imported(name, {name: table}, "x", 2023), tmp_path)
    path = tmp_path / "population.parquet"
    pl.read_parquet(path).reverse().write_parquet(path)
    result = apl_engine.run(tmp_path)
    changed = [note for note in result.notes if note.code == "inputs.table_changed"]
    assert [note.examples for note in changed] == [("population.parquet",)]
    assert len(result.imports) == 5
    table = pl.read_parquet(raw.tidy / "consumption.parquet")
    write_inputs(Imported("consumption", {"consumption": table}, "x", 2022), tmp_path, replace=True)
    with pytest.raises(InputDataError) as caught:
        apl_engine.run(tmp_path)
    assert [fault.code for fault in caught.value.faults] == ["inputs.several_vintages"]
    (tmp_path / PROVENANCE).write_text("{")
    unreadable = ["inputs.provenance_unreadable"]
    with pytest.raises(InputDataError) as caught:
        apl_engine.run(tmp_path)
    assert [fault.code for fault in caught.value.faults] == unreadable
    with pytest.raises(OutputError) as refused:
        write_inputs(Imported("consumption", {"consumption": table}, "x"), tmp_path, replace=True)
    assert [fault.code for fault in refused.value.faults] == unreadable
    assert (tmp_path / PROVENANCE).read_text() == "{"
