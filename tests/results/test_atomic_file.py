"""A file appears whole or not at all, under a name that is free."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.faults import codes_of, fault_of
from support.results import names_in

from apl_engine import OutputError
from apl_engine.results.atomic_file import refuse_reserved, write_text
from apl_engine.results.tables import write_table

TABLE = pl.DataFrame({"a": [1, 2]})


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_is_written_by_its_ending(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"t.{ending}"
    write_table(TABLE, path)
    assert (pl.read_csv if ending == "csv" else pl.read_parquet)(path).equals(TABLE)
    assert path.stat().st_mode & 0o777 == 0o644
    assert codes_of(lambda: write_table(TABLE, path), OutputError) == ["output.exists"]
    write_table(TABLE.head(1), path, replace=True)
    assert (pl.read_csv if ending == "csv" else pl.read_parquet)(path).height == 1
    assert names_in(tmp_path) == {path.name}


def test_a_text_is_written_in_utf8(tmp_path: Path) -> None:
    write_text("é\n", tmp_path / "t.toml", (".toml",))
    assert (tmp_path / "t.toml").read_bytes() == "é\n".encode()


def test_paths_that_are_refused(tmp_path: Path) -> None:
    fault = fault_of(lambda: write_table(TABLE, tmp_path / "t.ods"), OutputError)
    assert fault.code == "output.wrong_ending"
    assert fault.details == {
        "path": str(tmp_path / "t.ods"),
        "endings": (".parquet", ".csv", ".xlsx"),
    }
    fault = fault_of(lambda: write_table(TABLE, tmp_path / "no" / "t.csv"), OutputError)
    assert (fault.code, fault.details) == ("output.no_folder", {"path": str(tmp_path / "no")})
    (tmp_path / "folder.csv").mkdir()
    action = lambda: write_table(TABLE, tmp_path / "folder.csv", replace=True)  # noqa: E731
    assert codes_of(action, OutputError) == ["output.exists"]
    assert names_in(tmp_path) == {"folder.csv"}


def test_names_of_inputs_and_folders_of_results_are_reserved(tmp_path: Path) -> None:
    refuse_reserved(tmp_path / "margins.csv")
    inputs = codes_of(lambda: refuse_reserved(tmp_path / "communes.csv"), OutputError)
    assert inputs == ["output.input_name"]
    (tmp_path / "record.json").write_text("{}")
    inside = codes_of(lambda: refuse_reserved(tmp_path / "margins.csv"), OutputError)
    assert inside == ["output.in_result"]


def test_a_failure_to_write_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    write_table(TABLE, path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("apl_engine.results.switch.os.replace", full)
    fault = fault_of(lambda: write_table(TABLE.head(1), path, replace=True), OutputError)
    assert (fault.code, fault.details["reason"]) == (
        "output.not_written",
        "No space left on device",
    )
    assert path.read_bytes() == before
    assert names_in(tmp_path) == {"t.csv"}
