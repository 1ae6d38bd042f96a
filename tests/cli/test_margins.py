"""`apl margins`."""

from __future__ import annotations

from pathlib import Path

from support.command import apl


def test_the_nearest_are_shown_and_all_are_written(region_result: Path, tmp_path: Path) -> None:
    table = tmp_path / "m.csv"
    done = apl("margins", region_result, "--region", "75", "-o", table)
    assert done.returncode == 0, done.stderr
    assert "Nearest to another zone, by ETP" in done.stdout
    assert f"Written to {table}: " in done.stdout
    rows = apl("margins", region_result, "--region", "75", "--json").json
    assert len(rows) == len(table.read_text().splitlines()) - 1
    assert {row["region"] for row in rows} == {"75"}


def test_no_file_of_a_result_or_of_inputs_is_written(region_result: Path, tmp_path: Path) -> None:
    taken = tmp_path / "m.csv"
    taken.write_text("mine")
    for arguments in (
        (taken,),
        (region_result / "communes.csv", "--replace"),
        (tmp_path / "travel_times.csv", "--replace"),
    ):
        assert apl("margins", region_result, "-o", *arguments).returncode == 1
    assert taken.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["m.csv"]
