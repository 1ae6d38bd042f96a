"""The points of communes, without implausible ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from support.tables import SAMPLES, small_world, write_csv

from apl_engine import InputDataError, read_result, run, write_result
from apl_engine.reports.points import find_points
from apl_engine.results import StoredResult


def points_file(folder: Path, text: str) -> Path:
    path = folder / "points.csv"
    path.write_text(text.rstrip() + "\n")
    return path


@pytest.mark.slow
def test_inputs_that_were_moved(tmp_path: Path) -> None:
    write_result(run(SAMPLES / "pays-de-la-loire"), tmp_path / "out")
    stored = read_result(tmp_path / "out")
    assert find_points(stored).file == "communes.parquet"
    moved = replace(stored, record={**stored.record, "located": {}})
    with pytest.raises(InputDataError) as caught:
        find_points(moved)
    assert [fault.code for fault in caught.value.faults] == ["annex.no_inputs"]


def test_inputs_without_points(tmp_path: Path) -> None:
    write_result(run(write_csv(small_world(), tmp_path / "in")), tmp_path / "out")
    with pytest.raises(InputDataError) as caught:
        find_points(read_result(tmp_path / "out"))
    assert [fault.code for fault in caught.value.faults] == ["annex.no_points"]


def test_a_table_without_coordinates(tmp_path: Path) -> None:
    with pytest.raises(InputDataError):
        find_points(stored_of([], []), points_file(tmp_path, "commune,x,y\n75101,48.8,2.3\n"))


def stored_of(codes: list[str], territories: list[str]) -> StoredResult:
    """Return the part of a result that points are compared with."""
    stored = StoredResult.__new__(StoredResult)
    communes = pl.DataFrame({"commune": codes, "territory": territories})
    object.__setattr__(stored, "communes", communes)
    return stored


def test_the_point_of_a_homonym_is_omitted(tmp_path: Path) -> None:
    many = [f"440{k:02d},{47 + k // 10 / 20},{-1.5 + k % 10 / 15}" for k in range(40)]
    codes = [row[:5] for row in many]
    path = points_file(
        tmp_path, "\n".join(["commune,lat,lon", *many, "44099,47.1,2.0", "75101,48.8,2.3"])
    )
    stored = stored_of([*codes, "44099", "75101"], [*(["T"] * 40), "U", "V"])
    found = find_points(stored, path)
    assert "44099" not in found.table["commune"].to_list()
    assert "75101" in found.table["commune"].to_list()
    assert found.omitted == {"44099"}
    assert found.source(codes) == "points.csv"
    source = "points.csv (points omis, car loin de leurs voisins : 1)"
    assert found.source([*codes, "44099"]) == source
    again = find_points(stored, points_file(tmp_path, "\n".join(["commune,lat,lon", *many])))
    assert not again.omitted


def test_longitudes_without_their_sign_are_omitted(tmp_path: Path) -> None:
    """They lie beside each other, east of Greenwich, among points of another département."""
    here = [(f"640{k:02d}", 43 + k // 10 / 20, -0.6 - k % 10 / 15) for k in range(60)]
    there = [(f"310{k:02d}", 43 + k // 10 / 20, 0.4 + k % 10 / 15) for k in range(60)]
    lost = {code for code, *_ in here[20:23]}
    rows = [(code, lat, -lon if code in lost else lon) for code, lat, lon in [*here, *there]]
    text = "\n".join(["commune,lat,lon", *(f"{code},{lat},{lon}" for code, lat, lon in rows)])
    territories = [f"{code[:2]}{int(code[2:]) // 20}" for code, *_ in rows]
    found = find_points(stored_of([code for code, *_ in rows], territories),
                        points_file(tmp_path, text))  # fmt: skip
    assert found.omitted == lost


def test_the_only_commune_of_a_territory_is_compared_with_its_neighbours(tmp_path: Path) -> None:
    here = [(f"640{k:02d}", 43 + k // 10 / 20, -0.6 - k % 10 / 15) for k in range(60)]
    there = [(f"310{k:02d}", 43 + k // 10 / 20, -0.2 + k % 10 / 15) for k in range(60)]
    rows = [*here[:59], ("64059", 43.15, 0.1), *there]
    text = "\n".join(["commune,lat,lon", *(f"{code},{lat},{lon}" for code, lat, lon in rows)])
    found = find_points(stored_of([row[0] for row in rows], [row[0] for row in rows]),
                        points_file(tmp_path, text))  # fmt: skip
    assert found.omitted == {"64059"}
