"""Proposals as files, `apl region` as a process, and adapted results written and read again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.countries import territory, zones_of
from support.tables import frames, small_world

from apl_engine import (
    InputDataError,
    Move,
    Proposal,
    adapt,
    proposal_text,
    read_proposal,
    read_result,
    run,
    write_result,
)

GOOD = """
region = "52"
[[addition]]
territory = "A1"
justification = "Part des patients en affection de longue durée"
[consultation]
concertation = 2024-05-14
commission_paritaire_regionale = 2024-06-11
"""


def apl(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apl_engine", "region", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def written(folder: Path, text: str, name: str = "proposal.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> str:
    with pytest.raises(InputDataError) as caught:
        read_proposal(written(folder, text))
    return str(caught.value)


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
    write_result(zones_of(rows), folder)
    return folder


def test_a_proposal_is_read(tmp_path: Path) -> None:
    found = read_proposal(written(tmp_path, "\ufeff" + GOOD))
    assert found.region == "52"
    assert found.additions == (Move("A1", "Part des patients en affection de longue durée"),)
    assert found.removals == ()
    assert found.concertation == date(2024, 5, 14)
    assert found.commission_paritaire_regionale == date(2024, 6, 11)
    assert (found.file, len(found.sha256)) == ("proposal.toml", 64)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = """
    region = 52
    colour = "blue"
    [[addition]]
    territory = "A1"
    justification = "x"
    [[addition]]
    territory = 44009
    [[addition]]
    territory = "  "
    justification = 3
    why = "x"
    [[removal]]
    territory = "A1"
    justification = ""
    [consultation]
    concertation = "14/05/2024"
    commission_paritaire_regionale = 2024-06-11T10:00:00
    opinion = 2024-06-11
    """
    told = refused(tmp_path, text)
    assert told.startswith("11 faults")
    for words in (
        "the file has an unknown key 'colour'. Known: region, addition, removal, consultation.",
        "region is 52, not a code",
        "territory of addition 2 is 44009, no code",
        "justification of addition 2 is missing, no text",
        "territory of addition 3 is '  ', no code",
        "justification of addition 3 is 3, no text",
        "addition 3 has an unknown key 'why'",
        "territory A1 is there 2 times",
        "consultation has an unknown key 'opinion'",
        "concertation is '14/05/2024', no date that can be right. Write 2024-06-11 without quotes",
        "commission_paritaire_regionale is datetime.datetime(",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("region = ", "cannot be read as TOML"),
        ("addition = " + "[" * 3000, "cannot be read as TOML"),
        ("addition = 3", "addition is no list of tables. Write [[addition]] above each."),
        ("removal = [3]", "removal is no list of tables"),
        ("consultation = 3", "consultation is no table"),
        ("", "region is missing, not a code"),
        ('region = "Bretagne"', "region is 'Bretagne', not a code"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(tmp_path, text)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputDataError, match=r"none.toml: cannot be read as TOML \(No such file"):
        read_proposal(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes('region = "é"'.encode("latin-1"))
    with pytest.raises(InputDataError, match=r"latin.toml: cannot be read as TOML"):
        read_proposal(tmp_path / "latin.toml")


@pytest.mark.parametrize("text", ['"]\n[[addition]]', "\\ \x7f\x00\t", "é\u2028x", '"""', "#"])
def test_what_is_written_is_read_again(tmp_path: Path, text: str) -> None:
    one = Proposal("52", (Move(text, f"why {text}."),), (Move("B1", ""),), date(2024, 5, 14), None)
    again = read_proposal(
        written(tmp_path, proposal_text(one, {text: f"name\n{text}", "52": text}))
    )
    assert again.additions == one.additions
    assert again.removals == one.removals
    assert (again.concertation, again.commission_paritaire_regionale) == (one.concertation, None)


def test_show(out: Path) -> None:
    done = apl(out, "--region", "pays de la loire")
    assert done.returncode == 0, done.stderr
    for words in (
        "52 Pays de la Loire",
        "Margin: 2.5 %, each way",
        "May be added, in legal order: 2",
        "A1     Place A1                        50.00           10          10\n",
        "A2     Place A2                        51.00           10          20  above",
        "Communes here that another region classes: 1",
        "Bretagne",
    ):
        assert words in done.stdout
    assert apl("show", out, "--region", "52").stdout == done.stdout
    assert apl("--region", "52", out).stdout == done.stdout
    document = json.loads(apl(out, "--region", "52", "--json").stdout)
    assert document["margin"]["up"] == 10
    assert document["locked"][0]["population"] == 40


def test_show_with_a_proposal(out: Path, tmp_path: Path) -> None:
    good = written(tmp_path, GOOD)
    done = apl(out, "--region", "52", "--proposal", good)
    assert "Très sous dotée                        2            20   5.00 %   7.50 %" in done.stdout
    done = apl(out, "--region", "53", "--proposal", good)
    assert (done.returncode, "is for region 52, not 53" in done.stderr) == (3, True)


def test_check_exits_with_0_1_or_3(out: Path, tmp_path: Path) -> None:
    done = apl("check", written(tmp_path, GOOD), out)
    assert done.returncode == 0, done.stderr
    assert "52 Pays de la Loire: accepted" in done.stdout
    assert "Très sous dotée                   5.00 %      7.50 %" in done.stdout
    more = GOOD.replace("[consultation]", '[[addition]]\nterritory="A2"\njustification=""\n'
                        "[consultation]")  # fmt: skip
    done = apl("check", written(tmp_path, more), out)
    assert done.returncode == 1
    assert "refused" in done.stdout
    assert "20 inhabitants added, at most 10 may be" in done.stdout
    assert "« au maximum 2,5 % de sa population régionale »" in done.stdout
    done = apl("check", written(tmp_path, more), out, "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert not document["accepted"]
    figures = {found["rule"]: found["figures"] for found in document["findings"]}
    assert figures["margin_up"]["limit"] == {"value": 10.0, "exact": "10"}
    assert apl("check", written(tmp_path, "region = 3"), out).returncode == 3
    assert "Exits with 0" in apl("check", "-h").stdout


def test_propose_marks_what_is_to_be_filled_in(out: Path, tmp_path: Path) -> None:
    done = apl("propose", out, "--region", "52", "-o", "p.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "52 Pays de la Loire" in done.stdout
    text = (tmp_path / "p.toml").read_text("utf-8")
    assert text.count("# to be filled in") == 3
    assert 'territory = "A1"  # Place A1, 10 inhabitants, APL 50.00' in text
    document = json.loads(apl("check", tmp_path / "p.toml", out, "--json").stdout)
    broken = {one["rule"] for one in document["findings"] if one["verdict"] == "broken"}
    assert broken == {"consultation", "justification"}
    assert apl("propose", out, "--region", "52", "-o", tmp_path / "p.toml").returncode == 1


FILLED = ("--justification", "Part des ALD", "--consulted", "2024-05-14", "--opinion", "2024-06-11")


@pytest.mark.parametrize("aim", ["most_population", "lowest_apl"])
def test_propose_filled_in_is_accepted(out: Path, tmp_path: Path, aim: str) -> None:
    done = apl("propose", out, "--region", "52", "--remove", "--aim", aim, *FILLED,
               "-o", tmp_path / "p.toml", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert [one["territory"] for one in row["territories"]] == ["B2"]
    assert apl("check", tmp_path / "p.toml", out).returncode == 0


def test_propose_for_every_region(out: Path, tmp_path: Path) -> None:
    done = apl("propose", out, "--all", *FILLED, "-o", tmp_path / "all")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["52.toml", "53.toml"]
    done = apl("apply", out, tmp_path / "all/52.toml", tmp_path / "all/53.toml",
               "-o", tmp_path / "adapted")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "5.00 -> 7.50" in done.stdout
    for arguments in ((), ("--all", "--region", "52")):
        usage = apl("propose", out, *arguments, "-o", tmp_path / "x")
        assert (usage.returncode, "Give --region, or --all." in usage.stderr) == (2, True)


def test_apply_writes_a_result_that_is_read_again(out: Path, tmp_path: Path) -> None:
    good = written(tmp_path, GOOD)
    done = apl("apply", out, good, "-o", tmp_path / "new", "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    stored = read_result(tmp_path / "new")
    assert record == stored.record
    told = record["adaptation"]
    assert told["national"] == read_result(out).record["sha256"]
    assert not told["forced"]
    (applied,) = told["proposals"]
    assert applied["sha256"] == read_proposal(good).sha256
    assert applied["additions"][0]["territory"] == "A1"
    assert applied["concertation"] == "2024-05-14"
    before_after = {(row["region"], row["zone"]): (row["before"], row["after"])
                    for row in told["shares"]}  # fmt: skip
    assert before_after["52", "tres_sous_dotee"] == (5.0, 7.5)
    zone = dict(stored.communes.select("commune", "zone").iter_rows())
    assert zone["A11"] == "tres_sous_dotee"
    assert stored.notes[-1].code == "adapted"
    again = apl(tmp_path / "new", "--region", "52")
    assert (again.returncode, "were adapted already" in again.stderr) == (3, True)


def test_apply_stops_at_what_is_refused_unless_forced(out: Path, tmp_path: Path) -> None:
    bad = written(tmp_path, GOOD.replace('"A1"', '"A2"'))
    done = apl("apply", out, bad, "-o", tmp_path / "new")
    assert done.returncode == 1
    assert "1 proposal refused; nothing was applied." in done.stderr
    assert "proposal.toml: lower APL, or as low, and passed over: A1 Place A1" in done.stderr
    assert not (tmp_path / "new").exists()
    done = apl("apply", out, bad, "-o", tmp_path / "new", "--force")
    assert done.returncode == 0, done.stderr
    assert "Forced: proposal.toml breaks order" in done.stdout
    assert read_result(tmp_path / "new").record["adaptation"]["forced"]


def test_apply_tells_what_is_wrong_with_every_file(out: Path, tmp_path: Path) -> None:
    files = [written(tmp_path, "region = 3", "a.toml"), written(tmp_path, "region", "b.toml")]
    done = apl("apply", out, *files, "-o", tmp_path / "new")
    assert done.returncode == 3
    assert "a.toml: region is 3" in done.stderr
    assert "b.toml: cannot be read as TOML" in done.stderr


def test_the_group_has_a_help() -> None:
    done = apl("-h")
    assert done.returncode == 0
    assert "OUT | COMMAND" in done.stdout
    assert "Judge a proposal by every rule of annexe V." in done.stdout


def test_adapted_zones_of_a_run_keep_what_explains_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, frame in frames(small_world()).items():
        frame.write_parquet(tmp_path / "in" / f"{name}.parquet")
    result = run(tmp_path / "in")
    write_result(result, tmp_path / "out")
    wanted = [Proposal("84", removals=(Move("T1", "x"),))]
    for zones in (result, read_result(tmp_path / "out")):
        record = write_result(adapt(zones, wanted, force=True), tmp_path / "new", replace=True)
        stored = read_result(tmp_path / "new")
        assert stored.has_supply
        inputs = stored.located("inputs")
        assert inputs is not None
        assert inputs.samefile(tmp_path / "in")
        assert record["reference_values"]["median_acts"] == result.median_acts
        assert record["counts"]["practitioners"] == dict(result.counts["practitioners"])


def test_a_proposal_that_cannot_be_written(out: Path, tmp_path: Path) -> None:
    done = apl("propose", out, "--region", "52", "-o", tmp_path / "none" / "p.toml")
    assert (done.returncode, "is no folder. Make it first." in done.stderr) == (1, True)
    done = apl("propose", out, "--region", "52", "-o", tmp_path / "p.csv")
    assert (done.returncode, "write to a .toml file" in done.stderr) == (1, True)


def test_a_text_whose_folder_gives_up(tmp_path: Path, monkeypatch: Any) -> None:
    from apl_engine import OutputError
    from apl_engine.results.atomic_file import write_text

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OutputError, match="No space left on device"):
        write_text("x", tmp_path / "p.toml", (".toml",))
    assert list(tmp_path.iterdir()) == []


def test_words_and_days_without_sense_are_told(tmp_path: Path) -> None:
    text = GOOD.replace("Part des patients en affection de longue durée", "\u200b")
    text = text.replace("2024-05-14", "0001-01-01").replace("2024-06-11", "9999-12-31")
    told = refused(tmp_path, text)
    assert "holds no word" in told
    assert told.count("no date that can be right") == 2
    long = GOOD.replace("Part des patients en affection de longue durée", "x" * 32_768)
    assert "has 32768 characters, more than 32767" in refused(tmp_path, long)


def test_the_national_result_is_not_written_over(tmp_path: Path, out: Path) -> None:
    path = written(tmp_path, GOOD)
    done = apl("apply", out, path, "-o", out, "--replace")
    assert done.returncode == 2
    assert "the national result itself" in done.stderr
