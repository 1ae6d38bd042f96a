"""The outlines of a result."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.tables import SAMPLES

from apl_engine import InputDataError, read_result, run, write_result
from apl_engine.reports.boundaries import boundaries_of
from apl_engine.results.read import StoredResult


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> StoredResult:
    folder = tmp_path_factory.mktemp("region") / "zones"
    write_result(run(SAMPLES / "pays-de-la-loire"), folder)
    return read_result(folder)


def renamed(zones: StoredResult, folder: Path, *, points: bool) -> StoredResult:
    """Return the result of the same tables with a commune that has no outline."""
    inputs = folder / "inputs"
    inputs.mkdir()
    for path in (SAMPLES / "pays-de-la-loire").glob("*.parquet"):
        table = pl.read_parquet(path)
        codes = [name for name in ("commune", "origin", "destination") if name in table.columns]
        table = table.with_columns(pl.col(codes).replace("85113", "85999"))
        if path.stem == "communes" and not points:
            table = table.drop("lat", "lon")
        table.write_parquet(inputs / path.name)
    write_result(run(inputs), folder / "zones")
    return read_result(folder / "zones")


def test_outlines_of_the_package_are_taken_if_they_have_every_commune(region: StoredResult) -> None:
    found = boundaries_of(region)
    assert list(found.units) == region.communes["commune"].to_list()
    assert not found.approximate


def test_otherwise_cells_around_the_points_of_the_inputs(
    region: StoredResult, tmp_path: Path
) -> None:
    other = renamed(region, tmp_path, points=True)
    found = boundaries_of(other)
    assert list(found.units) == other.communes["commune"].to_list()
    assert (found.approximate, found.source) == (True, "communes.parquet")


def test_a_result_without_either_has_no_outlines(region: StoredResult, tmp_path: Path) -> None:
    with pytest.raises(InputDataError) as caught:
        boundaries_of(renamed(region, tmp_path, points=False))
    (fault,) = caught.value.faults
    assert (fault.code, fault.values) == ("boundaries.none_fit", ("85999",))
