"""Outlines read from files of geodata."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from support.coverages import shape_of

from apl_engine import InputDataError
from apl_engine.geography.boundaries import FRAMES, Boundaries
from apl_engine.readers.boundaries import read_boundaries, shipped_boundaries

Frame = geopandas.GeoDataFrame


@pytest.fixture(scope="module")
def some() -> Boundaries:
    """Communes of the Mayenne and of Mayotte."""
    shipped = shipped_boundaries()
    return shipped.select([code for code in shipped.units if code[:2] == "53" or code > "976"])


@pytest.fixture(scope="module")
def table(some: Boundaries) -> Frame:
    shapes = np.array([shape_of(rings) for rings in some.rings(np.arange(len(some.units)))])
    parts = [
        geopandas.GeoSeries(shapes[some.frame == k], crs=plane.epsg).to_crs(4326)
        for k, plane in enumerate(FRAMES)
        if (some.frame == k).any()
    ]
    geometry = np.concatenate([part.to_numpy() for part in parts])
    return Frame({"insee_com": some.units, "nom": "x"}, geometry=geometry, crs=4326)


def geojson(table: Frame, path: Path) -> Path:
    table.to_file(path, driver="GeoJSON")
    return path


def geoparquet(table: Frame, path: Path) -> Path:
    table.to_parquet(path)
    return path


def geopackage(table: Frame, path: Path) -> Path:
    # Written under the only ending that the standard knows.
    written = path.with_suffix(".gpkg")
    table.to_file(written, driver="GPKG", layer="commune")
    return written.rename(path)


WRITERS = [geojson, geoparquet, geopackage]


def areas(drawn: Boundaries) -> list[float]:
    return [shape_of(rings).area for rings in drawn.rings(np.arange(len(drawn.units)))]


def faults(path: Path, **options: object) -> set[str]:
    with pytest.raises(InputDataError) as caught:
        read_boundaries(path, **options)  # type: ignore[arg-type]
    return {fault.code.removeprefix("boundaries.") for fault in caught.value.faults}


@pytest.mark.parametrize("write", WRITERS)
def test_every_format_gives_the_same_outlines(
    write: Callable[[Frame, Path], Path], table: Frame, some: Boundaries, tmp_path: Path
) -> None:
    # The ending of the name does not matter.
    read = read_boundaries(write(table, tmp_path / "file"))
    assert (read.units, read.level, read.source) == (some.units, "commune", "file")
    assert areas(read) == pytest.approx(areas(some), rel=0.1, abs=2e5)
    assert not read.notes


def test_projections_are_those_of_the_file(table: Frame, some: Boundaries, tmp_path: Path) -> None:
    mayenne = table[:-17]
    read = read_boundaries(geopackage(mayenne.to_crs(2154), tmp_path / "a.gpkg"))
    assert read.units == some.units[:-17]
    assert areas(read) == pytest.approx(areas(some)[:-17], rel=0.1, abs=2e5)


@pytest.mark.parametrize(
    ("name", "level"),
    [("commune", "commune"), ("CODGEO", "commune"), ("code", "commune"), ("bvcv", "territory")],
)
def test_usual_columns_are_recognised(name: str, level: str, table: Frame, tmp_path: Path) -> None:
    read = read_boundaries(geojson(table.rename(columns={"insee_com": name}), tmp_path / "a.json"))
    assert read.level == level


def test_other_columns_are_named(table: Frame, tmp_path: Path) -> None:
    path = geojson(table.rename(columns={"insee_com": "key"}), tmp_path / "a.geojson")
    assert faults(path) == {"no_code_column"}
    assert read_boundaries(path, columns={"territory": "key"}).level == "territory"
    assert read_boundaries(path, columns={"commune": "key"}).level == "commune"


def test_a_layer_is_named_after_a_slash(table: Frame, tmp_path: Path) -> None:
    path = tmp_path / "all.gpkg"
    for layer in ("a", "b"):
        table.to_file(path, driver="GPKG", layer=layer)
    assert faults(path) == {"several_layers"}
    assert faults(path / "c") == {"no_such_layer"}
    assert len(read_boundaries(path / "b").units) == len(table)


def test_arrondissements_of_another_layer_take_the_place_of_their_city(
    table: Frame, tmp_path: Path
) -> None:
    communes = table[:10].copy()
    communes.loc[9, "insee_com"] = "75056"
    quarters = table[9:10].rename(columns={"insee_com": "insee_arm"}).assign(insee_arm="75101")
    path = tmp_path / "admin-express.gpkg"
    communes.to_file(path, driver="GPKG", layer="commune")
    quarters.to_file(path, driver="GPKG", layer="arrondissement_municipal")
    assert read_boundaries(path).units == (*sorted(communes["insee_com"][:9]), "75101")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_all_faults_are_reported_at_once(table: Frame, tmp_path: Path) -> None:
    bad = table[:6].copy()
    bad.loc[1, "insee_com"] = bad.loc[0, "insee_com"]
    bad.loc[2, "geometry"] = shapely.Point(0, 47)
    bad.loc[3, "geometry"] = None
    bad.loc[4, "geometry"] = shapely.Polygon([(0, 46), (1, 47), (1, 46), (0, 47.5)])
    path = geopackage(bad.set_crs(None, allow_override=True), tmp_path / "a.gpkg")
    assert faults(path) == {
        "duplicate_code", "not_a_polygon", "no_shape", "invalid_shape", "no_crs",
    }  # fmt: skip


def test_codes_as_numbers_are_refused(table: Frame, tmp_path: Path) -> None:
    numbers = table.assign(insee_com=table["insee_com"].astype(int))
    assert faults(geoparquet(numbers, tmp_path / "a.parquet")) == {"codes_as_numbers"}


def test_metres_are_no_degrees(table: Frame, tmp_path: Path) -> None:
    metres = table[:5].to_crs(2154).set_crs(4326, allow_override=True)
    assert faults(geojson(metres, tmp_path / "a.geojson")) == {"not_degrees"}


def test_shapes_elsewhere_are_left_out(table: Frame, tmp_path: Path) -> None:
    far = table[:5].copy()
    far.loc[:3, "geometry"] = far.geometry[:4].translate(-80)
    read = read_boundaries(geojson(far, tmp_path / "a.geojson"))
    assert len(read.units) == 1
    assert [(note.code, note.count) for note in read.notes] == [("boundaries.outside", 4)]
    far.geometry = table.geometry[:5].translate(-80)
    assert faults(geojson(far, tmp_path / "b.geojson")) == {"elsewhere"}


def test_shapes_that_touch_themselves_are_mended(table: Frame, tmp_path: Path) -> None:
    touching = table[:1].copy()
    ring = [(0, 47), (0.1, 47), (0.1, 47.1), (0.05, 47), (0, 47.1)]
    touching.loc[0, "geometry"] = shapely.Polygon(ring)
    read = read_boundaries(geojson(touching, tmp_path / "a.geojson"))
    assert [note.code for note in read.notes] == ["boundaries.shapes_mended"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty_file"), (b"a;b\n1;2\n", "unsupported_format"), (b"{", "unreadable"),
        (b"PAR1PAR1", "unreadable"), (b"SQLite format 3\0", "unreadable"),
        (b'{"type": "FeatureCollection", "features": []}', "no_shapes"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git_lfs"),
    ],
)  # fmt: skip
def test_what_is_no_geodata_is_refused(content: bytes, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert kind in faults(path)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    assert faults(tmp_path / "none.gpkg") == {"cannot_open"}
    assert faults(tmp_path) == {"not_a_file"}


def test_a_table_without_shapes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(Frame({"code": ["01001"]}).drop(columns=[]), path, driver="GPKG")
    assert faults(path) <= {"no_shapes", "unreadable"}


@pytest.mark.parametrize("write", WRITERS)
def test_damaged_files_are_refused_or_read(
    write: Callable[[Frame, Path], Path], table: Frame, tmp_path: Path
) -> None:
    content = write(table[:4], tmp_path / "file").read_bytes()
    drawn = random.Random(7)
    for number in range(12):
        damaged = bytearray(content)
        for _ in range(drawn.randint(1, 40)):
            damaged[drawn.randrange(len(damaged))] = drawn.randrange(256)
        path = tmp_path / f"damaged-{number}"
        path.write_bytes(damaged[: drawn.randrange(1, len(damaged))] if number % 3 else damaged)
        with contextlib.suppress(InputDataError):
            found = read_boundaries(path)
            assert len(set(found.units)) == len(found.units) > 0
            assert found.start[-1] == len(found.points)


def test_coordinates_beyond_bounds_are_refused(tmp_path: Path) -> None:
    ring = [[0, 47], [1e308, 47], [1, 1e308], [0, 47]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"code": "53001"}, "geometry": shape}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert faults(path) <= {"not_degrees", "invalid_shape", "elsewhere", "crs_unusable"}
