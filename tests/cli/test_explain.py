"""`apl explain`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command import apl
from support.open_data import open_data


def test_a_page_is_printed(region_result: Path) -> None:
    done = apl("explain", region_result, "53130", "--no-readings")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert sum(line.endswith("---") and not line.startswith(" ") for line in lines) == 6
    assert "53130 Laval" in done.stdout
    assert "100.00 %" in done.stdout


def test_a_letter_in_french(region_result: Path) -> None:
    letter = ("explain", region_result, "53130", "--lang", "fr", "--markdown")
    refused = apl(*letter)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "--internal" in refused.stderr
    done = apl(*letter, "--internal")
    assert done.returncode == 0, done.stderr
    start = "# APL et zonage : Laval (53130), commune\n\nDocument interne"
    assert done.stdout.startswith(start)
    assert "## En bref" in done.stdout
    assert "## Autres lectures du texte" in done.stdout
    # The ETP tried beside one that changes the zone is named to its last digit.
    assert set(re.findall(r"\d,\d{3,}", done.stdout)) == {"0,000001"}


def test_a_letter_with_more_digits(region_result: Path) -> None:
    options = ("--internal", "--no-readings", "--lang", "fr", "--markdown", "--digits")
    done = apl("explain", region_result, "53130", *options, 4)
    assert "**100,0000\N{NO-BREAK SPACE}%**" in done.stdout
    assert apl("explain", region_result, "53130", *options, 7).returncode == 2


def test_json_holds_every_row(region_result: Path) -> None:
    done = apl("explain", region_result, "53130", "--json", "--at", "53130")
    assert done.returncode == 0, done.stderr
    total = sum(row["contribution"] for row in done.json["suppliers"])
    assert total == pytest.approx(done.json["apl"])
    assert all(set(distance["changes"]) <= {"53130"} for distance in done.json["distances"])


def test_an_edited_result_is_refused(region_result: Path, tmp_path: Path) -> None:
    for path in region_result.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / "territories.csv").read_text("utf-8")
    (tmp_path / "territories.csv").write_text(text.replace("sous_dotee", "intermediaire", 1))
    done = apl("explain", tmp_path, "53130", "--json")
    assert done.returncode == 3
    assert "territories.csv" in done.json["faults"][0]["table"]


def test_a_place_by_its_name(region_result: Path) -> None:
    done = apl("explain", region_result, "laval", "--no-readings", "--json")
    assert (done.returncode, done.json["place"]["code"]) == (0, "53130")
    done = apl("explain", region_result, "Lavale", "--json")
    assert (done.returncode, done.codes) == (3, ["lookup.misspelled_code"])
    assert "53130 Laval" in done.json["faults"][0]["hint"]
    done = apl("explain", region_result, "saint brice", "--json")
    assert (done.returncode, done.codes) == (3, ["lookup.ambiguous_name"])


def test_what_else_may_be_meant_is_said_beside_the_page(region_result: Path) -> None:
    """Clisson lies in the bassin of another pole; a canton has its name too."""
    done = apl("explain", region_result, "clisson", "--no-readings", "--json")
    assert (done.json["place"]["code"], done.returncode) == ("44043", 0)
    assert "4407 Clisson" in done.json["place"]["also"][0]
    assert "4407 Clisson" in done.stderr
    done = apl("explain", region_result, "clisson", "--territory", "--no-readings", "--json")
    assert (done.json["place"]["code"], done.stderr) == ("4407", "")


def test_a_merged_commune_is_followed(region_result: Path) -> None:
    passage = open_data("insee_passage_2021_2024.csv")
    done = apl("explain", region_result, "85001", "--passage", passage)
    assert done.returncode == 2
    assert "need --to YEAR" in done.stderr
    done = apl("explain", region_result, "16140", "--passage", passage, "--to", "2024", "--json")
    assert done.returncode == 3
    assert "16206" in done.json["error"]


def test_options_that_exclude_each_other(region_result: Path) -> None:
    done = apl("explain", region_result, "53130", "--json", "--markdown")
    assert done.returncode == 2
    assert "not both" in done.stderr
    done = apl("explain", region_result, "53130", "--to", "2024")
    assert done.returncode == 2
    assert "--to needs --passage or --movements" in done.stderr
