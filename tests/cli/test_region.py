"""`apl region`: what it prints, writes and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Done
from support.command import apl as command
from support.countries import territory, zones_of

from apl_engine import read_result, write_result
from apl_engine.regional import read_proposal

GOOD = """
region = "52"
[[addition]]
territory = "A1"
justification = "Part des patients en affection de longue durée"
[consultation]
concertation = 2024-05-14
commission_paritaire_regionale = 2024-06-11
"""


def apl(*arguments: object, cwd: Path | None = None) -> Done:
    return command("region", *arguments, cwd=cwd)


def written(folder: Path, text: str, name: str = "proposal.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Region 52: 400 inhabitants, 10 of them in each of two candidates and two below."""
    rows = [
        territory("A1", apl=50.0), territory("A2", apl=51.0),
        territory("B1", "tres_sous_dotee", apl=40.0),
        territory("B2", "tres_sous_dotee", apl=41.0),
        territory("Z", "intermediaire", 360, 90.0),
        territory("W", "intermediaire", 300, 80.0, region="53", elsewhere=40, other="52"),
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("region") / "out"
    write_result(zones_of(rows, real_codes=True), folder)
    return folder


def test_show(out: Path) -> None:
    done = apl(out, "--region", "pays de la loire")
    assert done.returncode == 0, done.stderr
    for words in (
        "52 Pays de la Loire",
        "Margin: 2.5 %, each way",
        "May be added, in legal order: 2",
        "A1 Place A1 50.00 10 10 A2 Place A2 51.00 10 20 above the margin",
        "Communes of the region classified by another region: 1",
        "Bretagne",
    ):
        assert words in done.words
    assert apl("show", out, "--region", "52").stdout == done.stdout
    assert apl("--region", "52", out).stdout == done.stdout
    document = apl(out, "--region", "52", "--json").json
    assert document["margin"]["up"] == 10
    assert document["locked"][0]["population"] == 40


def test_show_with_a_proposal(out: Path, tmp_path: Path) -> None:
    good = written(tmp_path, GOOD)
    done = apl(out, "--region", "52", "--proposal", good)
    assert "Très sous dotée 2 20 5.00 % 7.50 %" in done.words
    done = apl(out, "--region", "53", "--proposal", good, "--json")
    assert (done.returncode, done.codes) == (3, ["option.other_region"])


def test_check_exits_with_0_1_or_3(out: Path, tmp_path: Path) -> None:
    done = apl("check", written(tmp_path, GOOD), out)
    assert done.returncode == 0, done.stderr
    assert "52 Pays de la Loire: accepted" in done.stdout
    assert "Très sous dotée 5.00 % 7.50 %" in done.words
    more = GOOD.replace("[consultation]", '[[addition]]\nterritory="A2"\njustification=""\n'
                        "[consultation]")  # fmt: skip
    done = apl("check", written(tmp_path, more), out)
    assert done.returncode == 1
    assert "refused" in done.stdout
    assert "10 more than the limit of 10" in done.stdout
    assert "« au maximum 2,5 % de sa population régionale »" in done.words
    done = apl("check", written(tmp_path, more), out, "--json")
    assert done.returncode == 1
    document = done.json
    assert not document["accepted"]
    figures = {finding["rule"]: finding["figures"] for finding in document["findings"]}
    assert figures["margin_up"]["limit"] == {"value": 10.0, "exact": "10"}
    assert apl("check", written(tmp_path, "region = 3"), out).returncode == 3
    assert "Exits with 0" in apl("check", "-h").stdout


def test_propose_marks_what_is_to_be_filled_in(out: Path, tmp_path: Path) -> None:
    done = apl("propose", out, "--region", "52", "-o", "p.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "52 Pays de la Loire" in done.stdout
    text = (tmp_path / "p.toml").read_text("utf-8")
    assert text.count("# to be filled in") == 3
    assert 'territory = "A1"  # Place A1, 10 inhabitants\n' in text
    # The file leaves the agency.
    assert "APL" not in text
    document = apl("check", tmp_path / "p.toml", out, "--json").json
    broken = {one["rule"] for one in document["findings"] if one["verdict"] == "broken"}
    assert broken == {"consultation", "justification"}
    assert apl("propose", out, "--region", "52", "-o", tmp_path / "p.toml").returncode == 1


FILLED = ("--justification", "Part des ALD", "--consulted", "2024-05-14", "--opinion", "2024-06-11")


@pytest.mark.parametrize("aim", ["most_population", "lowest_apl"])
def test_propose_filled_in_is_accepted(out: Path, tmp_path: Path, aim: str) -> None:
    done = apl("propose", out, "--region", "52", "--remove", "--aim", aim, *FILLED,
               "-o", tmp_path / "p.toml", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    (row,) = done.json
    assert [one["territory"] for one in row["territories"]] == ["B2"]
    assert apl("check", tmp_path / "p.toml", out).returncode == 0


def test_propose_for_every_region(out: Path, tmp_path: Path) -> None:
    done = apl("propose", out, "--all", *FILLED, "-o", tmp_path / "all")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["52.toml", "53.toml"]
    done = apl("apply", out, tmp_path / "all/52.toml", tmp_path / "all/53.toml",
               "-o", tmp_path / "adapted")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "5.00 7.50" in done.words
    for arguments in ((), ("--all", "--region", "52")):
        usage = apl("propose", out, *arguments, "-o", tmp_path / "x")
        assert (usage.returncode, "Give --region, or --all." in usage.stderr) == (2, True)


def test_apply_writes_a_result_that_is_read_again(out: Path, tmp_path: Path) -> None:
    good = written(tmp_path, GOOD)
    done = apl("apply", out, good, "-o", tmp_path / "new", "--json")
    assert done.returncode == 0, done.stderr
    record = done.json
    stored = read_result(tmp_path / "new")
    assert record == stored.record
    adaptation = record["adaptation"]
    assert adaptation["national"] == read_result(out).record["sha256"]
    assert not adaptation["forced"]
    (applied,) = adaptation["proposals"]
    assert applied["sha256"] == read_proposal(good).sha256
    assert applied["additions"][0]["territory"] == "A1"
    assert applied["concertation"] == "2024-05-14"
    before_after = {(row["region"], row["zone"]): (row["before"], row["after"])
                    for row in adaptation["shares"]}  # fmt: skip
    assert before_after["52", "tres_sous_dotee"] == (5.0, 7.5)
    zone = dict(stored.communes.select("commune", "zone").iter_rows())
    assert zone["00511"] == "tres_sous_dotee"
    assert stored.notes[-1].code == "proposal.adapted"
    again = apl(tmp_path / "new", "--region", "52")
    assert (again.returncode, "result: " in again.stderr) == (3, True)


def test_moves_that_cancel_are_shown(out: Path, tmp_path: Path) -> None:
    """As many inhabitants in as out: no share changes, two territories do."""
    both = GOOD.replace("[consultation]", '[[removal]]\nterritory = "B2"\njustification = "y"\n'
                        "[consultation]")  # fmt: skip
    done = apl("apply", out, written(tmp_path, both), "-o", tmp_path / "new")
    assert done.returncode == 0, done.stderr
    for words in (
        "52 Pays de la Loire 1 10 1 10",
        "A1 Place A1 50.00 10 Sous dotée -> Très sous dotée",
        "B2 Place B2 41.00 10 Très sous dotée -> Sous dotée",
        "Pays de la Loire 5.00 5.00 5.00 5.00",
    ):
        assert words in done.words
    (applied,) = read_result(tmp_path / "new").record["adaptation"]["proposals"]
    assert applied["removals"] == [
        {"territory": "B2", "territory_name": "Place B2", "apl": 41.0, "population": 10.0,
         "zone_before": "tres_sous_dotee", "zone_after": "sous_dotee", "justification": "y"}
    ]  # fmt: skip


def test_check_names_the_territories_passed_over(tmp_path: Path) -> None:
    rows = [
        territory("A1", apl=50.0, population=8), territory("A2", apl=51.0, population=9),
        territory("A3", apl=52.0, population=2), territory("Z", "intermediaire", 381, 90.0),
    ]  # fmt: skip
    write_result(zones_of(rows, real_codes=True), tmp_path / "out")
    more = '[[addition]]\nterritory = "A3"\njustification = "y"\n[consultation]'
    proposal = written(tmp_path, GOOD.replace("[consultation]", more))
    done = apl("check", proposal, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "passed over: A2 Place A2 (51.00)" in done.words
    done = apl(tmp_path / "out", "--region", "52")
    assert "A2 Place A2 51.00 9 17 above the margin A3 Place A3 52.00 2 10" in done.words


def test_apply_stops_at_what_is_refused_unless_forced(out: Path, tmp_path: Path) -> None:
    bad = written(tmp_path, GOOD.replace('"A1"', '"A2"'))
    done = apl("apply", out, bad, "-o", tmp_path / "new")
    assert done.returncode == 1
    assert "proposal.toml: " in done.stderr
    assert "A1 Place A1 (50.00)" in done.stderr
    assert not (tmp_path / "new").exists()
    done = apl("apply", out, bad, "-o", tmp_path / "new", "--force")
    assert done.returncode == 0, done.stderr
    assert "Forced: proposal.toml breaks order" in done.stdout
    assert read_result(tmp_path / "new").record["adaptation"]["forced"]


def test_apply_tells_what_is_wrong_with_every_file(out: Path, tmp_path: Path) -> None:
    files = [written(tmp_path, "region = 3", "a.toml"), written(tmp_path, "region", "b.toml")]
    done = apl("apply", out, *files, "-o", tmp_path / "new")
    assert done.returncode == 3
    assert "a.toml: [region]" in done.stderr
    assert "b.toml: " in done.stderr


def test_the_group_has_a_help() -> None:
    done = apl("-h")
    assert done.returncode == 0
    assert "OUT | COMMAND" in done.stdout
    assert "Check a proposal against all rules of annexe V." in done.stdout


def test_a_proposal_that_cannot_be_written(out: Path, tmp_path: Path) -> None:
    done = apl("propose", out, "--region", "52", "-o", tmp_path / "none" / "p.toml")
    assert done.returncode == 1
    done = apl("propose", out, "--region", "52", "-o", tmp_path / "p.csv")
    assert done.returncode == 1


def test_the_national_result_is_not_written_over(tmp_path: Path, out: Path) -> None:
    path = written(tmp_path, GOOD)
    done = apl("apply", out, path, "-o", out, "--replace")
    assert done.returncode == 1
    assert "holds what this output is made from" in done.stderr
