"""Zones as geodata, read back by GeoPandas."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import numpy as np
import pytest
from support.coverages import shape_of
from support.publications import tables_of_mayenne

from apl_engine import AplError, InputDataError, OutputError, read_result, run, write_result
from apl_engine.geography.boundaries import Boundaries
from apl_engine.reports.boundaries import boundaries_of
from apl_engine.reports.geodata import write_geodata
from apl_engine.results.read import StoredResult

NAMES = {"geojson": "z.geojson", "geoparquet": "z.parquet", "gpkg": "z.gpkg"}


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> StoredResult:
    folder = tmp_path_factory.mktemp("mayenne") / "zones"
    write_result(run(tables_of_mayenne()), folder)
    return read_result(folder)


@pytest.fixture(scope="module")
def outlines(zones: StoredResult) -> Boundaries:
    return boundaries_of(zones)


def read(path: Path) -> geopandas.GeoDataFrame:
    by_parquet = path.suffix == ".parquet"
    return geopandas.read_parquet(path) if by_parquet else geopandas.read_file(path)


def code_of(error: pytest.ExceptionInfo[AplError]) -> str:
    (fault,) = error.value.faults
    return fault.code


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("level", ["communes", "territories"])
def test_what_is_written_is_read_back(
    kind: str, level: str, zones: StoredResult, outlines: Boundaries, tmp_path: Path
) -> None:
    path = tmp_path / NAMES[kind]
    counts = write_geodata(zones, outlines, {kind: path}, level=level)  # type: ignore[arg-type,dict-item]
    back, table = read(path), getattr(zones, level)
    assert counts == {"rows": table.height, "without_outline": 0}
    assert back.crs == "EPSG:4326"
    assert back.geometry.is_valid.all()
    assert set(back.geometry.geom_type) == {"MultiPolygon"}
    key = level.removesuffix("s") if level == "communes" else "territory"
    assert back[key].tolist() == table[key].to_list()
    assert back["apl"].tolist() == table["apl"].to_list()
    assert back["zone"].tolist() == table["zone"].cast(str).to_list()
    assert back["zone_label"].notna().all()
    (whole,) = outlines.rings(np.zeros(len(outlines.units), int))
    plane = back.to_crs(2154)
    assert plane.area.sum() == pytest.approx(shape_of(whole).area, rel=1e-5)
    assert plane.union_all().area == pytest.approx(plane.area.sum(), rel=1e-9)


def test_several_files_at_once_give_the_same_bytes_again(
    zones: StoredResult, outlines: Boundaries, tmp_path: Path
) -> None:
    content = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        files = {kind: folder / name for kind, name in NAMES.items()}
        write_geodata(zones, outlines, files)  # type: ignore[arg-type]
        content.append([path.read_bytes() for path in files.values()])
        assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES.values())
    assert content[0] == content[1]


def test_other_projections_are_stated(
    zones: StoredResult, outlines: Boundaries, tmp_path: Path
) -> None:
    files = {kind: tmp_path / name for kind, name in NAMES.items()}
    write_geodata(zones, outlines, files, crs="EPSG:2154")  # type: ignore[arg-type]
    found = {kind: read(path) for kind, path in files.items()}
    assert {kind: each.crs.to_epsg() for kind, each in found.items()} == {
        "geojson": 4326, "geoparquet": 2154, "gpkg": 2154,
    }  # fmt: skip
    assert found["gpkg"].area.sum() == pytest.approx(found["geoparquet"].area.sum())
    # On the grid of the outlines.
    assert set(found["gpkg"].get_coordinates().round().to_numpy().ravel() % 20) == {0.0}


def test_a_collection_states_where_its_outlines_are_from(
    zones: StoredResult, outlines: Boundaries, tmp_path: Path
) -> None:
    path = tmp_path / "z.geojson"
    write_geodata(zones, outlines, {"geojson": path})
    document = json.loads(path.read_text("utf-8"))
    assert document["source"].startswith("IGN ADMIN EXPRESS COG, 19 May 2021, Licence Ouverte 2.0")
    assert document["approximate"] is False


def test_communes_need_outlines_of_communes(
    zones: StoredResult, outlines: Boundaries, tmp_path: Path
) -> None:
    coarse = outlines.united(zones.communes["territory"].to_list(), "territory")
    path = tmp_path / "z.gpkg"
    with pytest.raises(InputDataError) as caught:
        write_geodata(zones, coarse, {"gpkg": path})
    assert code_of(caught) == "geodata.only_territories"
    write_geodata(zones, coarse, {"gpkg": path}, level="territories")
    assert len(read(path)) == zones.territories.height


@pytest.mark.parametrize("crs", ["no projection", "EPSG:999999", ""])
def test_unknown_projections_are_refused(
    crs: str, zones: StoredResult, outlines: Boundaries, tmp_path: Path
) -> None:
    with pytest.raises(InputDataError) as caught:
        write_geodata(zones, outlines, {"gpkg": tmp_path / "z.gpkg"}, crs=crs)
    assert code_of(caught) == "geodata.unknown_crs"
    assert not list(tmp_path.iterdir())


def test_files_that_cannot_be_written_are_refused(
    zones: StoredResult, outlines: Boundaries, tmp_path: Path
) -> None:
    (tmp_path / "taken.gpkg").write_text("x")
    refused = {
        "output.wrong_ending": {"gpkg": tmp_path / "z.zip"},
        "output.exists": {"gpkg": tmp_path / "taken.gpkg"},
        "output.input_name": {"geoparquet": tmp_path / "communes.parquet"},
        "output.in_result": {"geojson": zones.folder / "z.geojson"},
        "output.no_folder": {"geojson": tmp_path / "none" / "z.geojson"},
        "output.same_file": {"geojson": tmp_path / "z.json", "gpkg": tmp_path / "link.gpkg"},
    }
    (tmp_path / "link.gpkg").symlink_to(tmp_path / "z.json")
    for code, files in refused.items():
        with pytest.raises(OutputError) as caught:
            write_geodata(zones, outlines, files)  # type: ignore[arg-type]
        assert code_of(caught) == code
    for wrong in ({"level": "regions"}, {"files": {"shp": tmp_path / "z.shp"}}):
        with pytest.raises(InputDataError) as refused_choice:
            write_geodata(zones, outlines, **{"files": {}, **wrong})  # type: ignore[arg-type]
        assert code_of(refused_choice) == "argument.unknown_choice"
