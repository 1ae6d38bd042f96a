"""`apl explain`, as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.open_data import open_data
from support.tables import SAMPLES

APL = [sys.executable, "-m", "apl_engine"]
REGION = SAMPLES / "pays-de-la-loire"


def apl(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*APL, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained") / "out"
    assert apl("run", REGION, "-o", folder).returncode == 0
    return folder


def test_a_page_is_printed(out: Path) -> None:
    done = apl("explain", out, "53130", "--no-readings")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for words in ("Who supplies it", "53130 Laval", "together", "How far from another zone"):
        assert words in done.stdout
    assert "Other readings" not in done.stdout


def test_a_letter_in_french(out: Path) -> None:
    done = apl("explain", out, "53130", "--lang", "fr", "--markdown")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# APL et zonage de la commune Laval (53130)\n\n## En bref")
    assert "## Autres lectures du texte" in done.stdout


def test_json_holds_every_row(out: Path) -> None:
    done = apl("explain", out, "53130", "--json", "--at", "53130")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert sum(row["contribution"] for row in told["suppliers"]) == pytest.approx(told["apl"])
    assert all(set(d["changes"]) <= {"53130"} for d in told["distances"])


def test_margins_of_a_region(out: Path, tmp_path: Path) -> None:
    done = apl("margins", out, "--region", "75", "-o", tmp_path / "m.csv")
    assert done.returncode == 0, done.stderr
    assert "Nearest to another zone, by ETP" in done.stdout
    assert "Written to" in done.stdout
    rows = json.loads(apl("margins", out, "--region", "75", "--json").stdout)
    assert len(rows) == len((tmp_path / "m.csv").read_text().splitlines()) - 1
    assert {row["region"] for row in rows} == {"75"}
    again = apl("margins", out, "-o", tmp_path / "m.csv")
    assert again.returncode == 1
    assert "is there already" in again.stderr
    for place, words in (
        (out / "communes.csv", "is the folder of a result"),
        (tmp_path / "travel_times.csv", "is the name of an input of a run"),
    ):
        again = apl("margins", out, "-o", place, "--replace")
        assert again.returncode == 1
        assert words in again.stderr


def test_a_result_that_was_edited_is_refused(out: Path, tmp_path: Path) -> None:
    for path in out.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / "territories.csv").read_text("utf-8")
    (tmp_path / "territories.csv").write_text(text.replace("sous_dotee", "intermediaire", 1))
    done = apl("explain", tmp_path, "53130")
    assert done.returncode == 3
    assert "territories.csv: is not the file that record.json tells of" in done.stderr


def test_an_unknown_code_names_the_nearest(out: Path) -> None:
    done = apl("explain", out, "laval", "--json")
    assert done.returncode == 3
    assert "Did you mean 53130 Laval" in json.loads(done.stdout)["faults"][0]["hint"]


def test_a_merged_commune_is_followed(out: Path) -> None:
    passage = open_data("insee_passage_2021_2024.csv")
    done = apl("explain", out, "85001", "--passage", passage)
    assert done.returncode == 2
    assert "need --to YEAR" in done.stderr
    done = apl("explain", out, "16140", "--passage", passage, "--to", "2024")
    assert done.returncode == 3
    assert "16140, as of 2022, became 16206" in done.stderr


def test_options_that_do_not_go_together(out: Path) -> None:
    done = apl("explain", out, "53130", "--json", "--markdown")
    assert done.returncode == 2
    assert "not both" in done.stderr
    done = apl("explain", out, "53130", "--to", "2024")
    assert done.returncode == 2
    assert "--to needs --passage or --movements" in done.stderr
