"""`apl run`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest
from support.command import apl
from support.tables import small_world, write_csv, write_imported


def test_a_summary_is_printed_and_the_result_written(tables: Path, tmp_path: Path) -> None:
    done = apl("run", tables, "-o", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "Masseurs-kinésithérapeutes, arrêté du 20 mars 2024 [mk-2024, apl_engine",
        "practitioners (practices) 5 (6)",
        "median of acts (example of the text for 2021: 3 783) 4 000.0",
        "Très sous dotée",
        "Article VI: share of the population by region, %",
        "Auvergne-Rhône-Alpes",
        "All regions given",
        "Written to",
    ):
        assert words in done.words
    assert len(list((tmp_path / "out").iterdir())) == 7


def test_as_json(tables: Path, tmp_path: Path) -> None:
    done = apl("run", tables, "-o", tmp_path / "out", "--json", "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert done.json["counts"]["practitioners"]["practitioners"] == 5
    assert done.json == json.loads((tmp_path / "out" / "record.json").read_text())


def test_a_result_is_replaced_only_on_request(tables: Path, tmp_path: Path) -> None:
    assert apl("run", tables, "-o", tmp_path / "out").returncode == 0
    done = apl("run", tables, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert "--replace" in done.stderr
    assert apl("run", tables, "-o", tmp_path / "out", "--replace").returncode == 0


def test_wrong_data_leave_nothing(tmp_path: Path) -> None:
    world = small_world()
    world["travel_times"][0]["minutes"] = -1.0
    done = apl("run", write_csv(world, tmp_path / "in"), "-o", tmp_path / "out")
    assert (done.returncode, done.stdout) == (3, "")
    assert "Error: 1 fault in the input; nothing was computed." in done.stderr
    assert "travel_times, column 'minutes': " in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"in"}


def test_a_folder_with_other_files_is_not_replaced(tables: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert apl("run", tables, "-o", out).returncode == 0
    (out / "in").mkdir()
    (out / "in" / "communes.csv").write_text("mine")
    assert apl("run", tables, "--replace", "-o", out).returncode == 1
    assert (out / "in" / "communes.csv").read_text() == "mine"
    other = tmp_path / "other"
    other.mkdir()
    (other / "record.json").write_text('{"mine": 1}')
    assert apl("run", tables, "-o", other, "--replace").returncode == 1
    assert (other / "record.json").read_text() == '{"mine": 1}'


def test_the_current_folder_is_not_replaced(tables: Path, tmp_path: Path) -> None:
    """Renaming it would leave the shell in a folder that no longer exists."""
    link = tmp_path.with_name("link")
    link.symlink_to(tmp_path)
    for output in (".", tmp_path, tmp_path / "a" / "..", link / "."):
        done = apl("run", tables, "-o", output, cwd=tmp_path)
        assert done.returncode == 1
        assert "-o result" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert apl("run", tables, "-o", "/proc").returncode == 1


def test_an_output_that_cannot_be_written(tables: Path, tmp_path: Path) -> None:
    done = apl("run", tables, "-o", tmp_path / ("a" * 300))
    assert (done.returncode, "File name too long" in done.stderr) == (1, True)
    done = apl("run", tables, "-o", "/proc/out")
    assert (done.returncode, "/proc/out" in done.stderr) == (1, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tables: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = apl("run", tables, "-o", tmp_path / "out")
    tmp_path.chmod(0o700)
    assert (done.returncode, "Permission denied" in done.stderr) == (1, True)


def test_wrong_usage_exits_with_2(tables: Path, tmp_path: Path) -> None:
    assert apl("run", tables).returncode == 2
    assert apl("run", tables, "-o", "x", "--threads", "0").returncode == 2
    for arguments in (["run", tables, "-o", ""], ["run", "", "-o", "x"], ["check", ""]):
        done = apl(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "The path is empty: is a variable not set?" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_methodology_or_key(tables: Path, tmp_path: Path) -> None:
    assert apl("run", tables, "-o", tmp_path / "out", "-m", "mk-1999").returncode == 2
    own = tmp_path / "own.toml"
    own.write_text('id = "own"\nextends = "mk-2024"\n[etp.agelimit]\nvalue = 1\nreason = "x"\n')
    done = apl("run", tables, "-o", tmp_path / "out", "-m", own, "--json")
    assert (done.returncode, done.json["faults"][0]["key"]) == (1, "etp.agelimit")
    assert not (tmp_path / "out").exists()


def test_a_methodology_with_gaps_gives_a_warning(tables: Path, tmp_path: Path) -> None:
    done = apl("run", tables, "-o", tmp_path / "out", "-m", "mk-2018")
    assert done.returncode == 0
    assert "Warnings ---" in done.stdout
    assert "mk-2018: " in done.stdout
    assert "SurD" in done.stdout


def test_another_year(tables: Path, tmp_path: Path) -> None:
    """Ages follow from dates of birth; nothing else of the text changes."""
    born = write_csv(small_world(), tmp_path / "in")
    rows = pl.read_csv(born / "practitioners.csv", schema_overrides={"commune": pl.String})
    day = (2022 - pl.col("age")).cast(pl.String) + "-06-01"
    rows = rows.select(day.alias("birth_date"), pl.exclude("age"))
    rows.write_csv(born / "practitioners.csv")
    before = apl("run", tables, "-o", tmp_path / "before", "--json").json
    assert apl("check", born, "--year", "2022").returncode == 0
    done = apl("run", born, "-o", tmp_path / "out", "--year", "2012", "--json")
    assert done.returncode == 0, done.stderr
    counted = [one["counts"]["practitioners"]["excluded_age"] for one in (before, done.json)]
    assert counted == [1, 0]
    parameters = {one["key"]: one for one in done.json["methodology"]["parameters"]}
    assert parameters["etp.age_reference_date"]["value"] == "2012-12-31"
    page = apl("run", born, "-o", tmp_path / "x", "--year", "2012")
    assert "year of the activity 2012" in page.words
    assert "they are taken as those of 2012" in page.words
    done = apl("run", born, "-o", tmp_path / "y", "--year", "20120")
    assert (done.returncode, "'--year': 20120 is not in the range" in done.stderr) == (2, True)


def test_tables_imported_for_another_year(tmp_path: Path) -> None:
    folder = write_imported(tmp_path / "in", practitioners=2023, activity=2021)
    done = apl("run", folder, "-o", tmp_path / "out")
    assert done.returncode == 3
    for words in ("the activity of 2021, and the run is of 2022", "Run with --year 2021"):
        assert words in done.stderr
    assert not (tmp_path / "out").exists()
    done = apl("run", folder, "-o", tmp_path / "out", "--year", "2021", "--json")
    assert done.returncode == 0, done.stderr
    assert "inputs.year_not_stated" not in {note["code"] for note in done.json["notes"]}
