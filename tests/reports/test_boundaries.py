"""The outlines of a result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import polars as pl
import pytest
from support.coverages import shape_of
from support.tables import SAMPLES

from apl_engine import InputDataError, read_result, run, write_result
from apl_engine.imports import VintageChange
from apl_engine.readers.boundaries import shipped_boundaries
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


@pytest.fixture(scope="module")
def few(region: StoredResult) -> StoredResult:
    """Some territories of the Mayenne."""
    wanted = region.communes.filter(pl.col("commune").str.starts_with("53"))["territory"]
    codes = wanted.unique().sort()[:3].implode()
    return replace(
        region,
        communes=region.communes.filter(pl.col("territory").is_in(codes)),
        territories=region.territories.filter(pl.col("territory").is_in(codes)),
    )


def to_file(codes: list[str], groups: list[str], path: Path, column: str) -> Path:
    """Write the union of the communes of each group."""
    names = sorted(set(groups))
    drawn = shipped_boundaries().select(codes)
    rings = drawn.rings([names.index(group) for group in groups])
    shapes = np.array([shape_of(each) for each in rings])
    table = geopandas.GeoDataFrame({column: names}, geometry=shapes, crs=2154)
    table.to_parquet(path)
    return path


def refused(zones: StoredResult, path: Path, **options: object) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(InputDataError) as caught:
        boundaries_of(zones, path, **options)  # type: ignore[arg-type]
    (fault,) = caught.value.faults
    return fault.code, fault.values


def test_a_file_of_communes_or_of_territories(few: StoredResult, tmp_path: Path) -> None:
    codes, groups = (few.communes[name].to_list() for name in ("commune", "territory"))
    path = to_file(codes, codes, tmp_path / "communes", "insee_com")
    found = boundaries_of(few, path)
    assert (found.level, list(found.units)) == ("commune", codes)
    # Their codes may look like those of communes.
    path = to_file(codes, groups, tmp_path / "territories", "code")
    found = boundaries_of(few, path)
    assert (found.level, list(found.units)) == ("territory", few.territories["territory"].to_list())


def test_a_file_without_some_communes_is_refused(few: StoredResult, tmp_path: Path) -> None:
    codes = few.communes["commune"].to_list()
    path = to_file(codes[1:], codes[1:], tmp_path / "communes", "insee_com")
    assert refused(few, path) == ("boundaries.no_outline", (codes[0],))
    others = [f"01{code[2:]}" for code in codes]
    path = to_file(codes, others, tmp_path / "others", "insee_com")
    assert refused(few, path)[0] == "boundaries.nothing_matches"


def test_communes_of_another_year_are_united_by_a_passage(
    few: StoredResult, tmp_path: Path
) -> None:
    codes = few.communes["commune"].to_list()
    before = few.communes["commune"].replace({codes[0]: "53998"}).to_list()
    path = to_file(codes, before, tmp_path / "communes", "insee_com")
    years = {"COM2022": before, "COM2023": codes}
    change = VintageChange(0, pl.DataFrame(years))
    found = boundaries_of(few, path, change=change)
    assert list(found.units) == codes
    assert refused(few, path, change=change, vintage=2023) == (
        "boundaries.no_outline_after_passage", (codes[0],),
    )  # fmt: skip


def test_parts_of_a_split_commune_have_no_outline(few: StoredResult, tmp_path: Path) -> None:
    codes = few.communes["commune"].to_list()
    before = few.communes["commune"].replace({codes[0]: codes[1]}).to_list()
    path = to_file(codes, before, tmp_path / "communes", "insee_com")
    change = VintageChange(0, pl.DataFrame({"COM2022": before, "COM2023": codes}))
    assert refused(few, path, change=change, vintage=2022) == ("boundaries.split", (codes[1],))
