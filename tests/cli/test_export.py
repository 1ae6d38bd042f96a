"""`apl export`."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
from support.command import apl
from support.publications import tables_of_mayenne

from apl_engine import run, write_result


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mayenne") / "zones"
    write_result(run(tables_of_mayenne()), folder)
    return folder


def test_several_formats_are_written_at_once(zones: Path, tmp_path: Path) -> None:
    files = {"--geojson": "z.json", "--geoparquet": "z.parquet", "--gpkg": "z.gpkg"}
    options = [text for option, name in files.items() for text in (option, tmp_path / name)]
    done = apl("export", zones, "--internal", *options)
    assert done.returncode == 0, done.stderr
    assert "62 communes" in done.stdout
    assert "IGN ADMIN EXPRESS COG, 19 May 2021, Licence Ouverte 2.0" in done.stdout
    assert "must not be passed on" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == set(files.values())
    again = apl("export", zones, "--internal", "--gpkg", tmp_path / "z.gpkg")
    assert again.returncode == 1
    again = apl("export", zones, "--internal", "--gpkg", tmp_path / "z.gpkg", "--replace", "-q")
    assert (again.returncode, again.stdout) == (0, "")


def test_exact_results_stay_internal(zones: Path, tmp_path: Path) -> None:
    path = tmp_path / "z.gpkg"
    refused = apl("export", zones, "--gpkg", path, "--json")
    assert (refused.returncode, refused.codes) == (3, ["publication.exact_result"])
    assert not path.exists()


def test_territories_from_boundaries_of_ones_own(zones: Path, tmp_path: Path) -> None:
    path = tmp_path / "communes.gpkg"
    assert apl("export", zones, "--internal", "--gpkg", path).returncode == 0
    own = ("--boundaries", path, "--column", "commune=commune")
    target = tmp_path / "t.parquet"
    done = apl(
        "export", zones, "--internal", "--level", "territories", *own, "--geoparquet", target,
        "--crs", "EPSG:2154", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.json == {
        "files": [str(target)], "level": "territories", "internal": True, "rows": 10,
        "without_outline": 0, "source": "communes.gpkg", "approximate": False,
    }  # fmt: skip
    assert geopandas.read_parquet(target).crs.to_epsg() == 2154


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--geojson", "z.geojson", "--crs", "EPSG:2154"),
        ("--gpkg", "z.gpkg", "--vintage", "2021"),
        ("--gpkg", "z.gpkg", "--level", "regions"),
    ],
)
def test_odd_options_are_refused(options: tuple[str, ...], zones: Path, tmp_path: Path) -> None:
    done = apl("export", zones, "--internal", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert not list(tmp_path.iterdir())
