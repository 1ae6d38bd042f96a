"""`apl demo`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from support.command import apl


def test_a_region_is_computed(tmp_path: Path) -> None:
    done = apl("demo", "--sample", "pays-de-la-loire", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "these are not the official zones" in done.stdout
    assert pl.read_parquet(tmp_path / "apl-demo" / "communes.parquet").height > 1_000
    again = apl("demo", "--sample", "pays-de-la-loire", "--json", cwd=tmp_path)
    assert again.json["counts"]["communes"]["communes"] > 1_000


def test_a_folder_that_is_named_is_replaced_on_request(tmp_path: Path) -> None:
    command = ("demo", "--sample", "pays-de-la-loire", "-o", tmp_path / "out")
    assert apl(*command, "-q").stdout == ""
    assert apl(*command, "--json").codes == ["output.result_exists"]
    assert apl(*command, "--replace", "-q").returncode == 0


def test_other_files_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    assert apl("demo", "--sample", "pays-de-la-loire", "-o", tmp_path).returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
