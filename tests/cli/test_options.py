"""Options that commands share: --replace, --quiet."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from support.command import all_commands, apl
from support.results import names_in

from apl_engine.schemas import EFFECT_FILE

PLANS = "commune,now,more\n53130,40,42\n44109,400,400\n"


ALL = dict(all_commands())


def options(command: click.Command) -> set[str]:
    return {str(option.name) for option in command.params if isinstance(option, click.Option)}


def test_every_output_can_be_replaced() -> None:
    # `apl export` writes a file for each format.
    written = {name for name, one in ALL.items() if {"output", "geojson"} & options(one)}
    assert written == {name for name, one in ALL.items() if "replace" in options(one)}


def test_whatever_shows_progress_can_be_quiet() -> None:
    written = {name for name, one in ALL.items() if "output" in options(one)}
    assert written <= {name for name, one in ALL.items() if "quiet" in options(one)}


@pytest.mark.parametrize("name", ["zones.xlsx", "zones.csv", "zones.PARQUET"])
def test_a_folder_is_not_given_the_name_of_a_file(name: str, tables: Path, tmp_path: Path) -> None:
    for command in (["run", tables], ["sweep", tables, "-m", "mk-2024"], ["import", "mesh", "x"]):
        done = apl(*command, "-o", tmp_path / name)
        assert done.returncode == 2
        assert "zones'. For workbooks in it add --xlsx" in " ".join(done.stderr.split())
    assert not list(tmp_path.glob("zones*"))
    (tmp_path / name).mkdir()
    assert apl("run", tables, "-o", tmp_path / name).returncode == 0


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    path = tmp_path / "plans.csv"
    path.write_text(PLANS)
    return path


def test_an_earlier_output_is_replaced_on_request_alone(
    region: Path, region_result: Path, plans: Path, tmp_path: Path
) -> None:
    out = tmp_path / "made"
    for command in (
        ("scenarios", region, plans, "-o", out / "scenarios"),
        ("report", "figures", region_result, "-o", out / "figures"),
        (
            "region",
            "annex",
            region_result,
            "--region",
            "52",
            "--no-map",
            "--internal",
            "-o",
            out / "annex",
        ),
        ("region", "propose", region_result, "--all", "-o", out / "proposals"),
        ("region", "propose", region_result, "--region", "52", "-o", out / "one.toml"),
        ("margins", region_result, "--region", "75", "-o", out / "margins.csv"),
    ):
        done = apl(*command, "-q")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), command
        again = apl(*command, "--json")
        assert again.codes in (["output.result_exists"], ["output.exists"]), command
        made = names_in(out)
        assert apl(*command, "-q", "--replace").returncode == 0, command
        assert names_in(out) == made


def test_an_output_with_other_files_is_not_replaced(region_result: Path, tmp_path: Path) -> None:
    command = ("report", "figures", region_result, "-o", tmp_path, "--replace", "--json")
    (tmp_path / "mine.csv").touch()
    assert apl(*command).codes == ["output.other_files"]
    options = ("--region", "75", "--no-map", "--internal", "-o", tmp_path)
    annex = ("region", "annex", region_result, *options)
    (tmp_path / "mine.csv").rename(tmp_path / "annexe-52.xlsx")
    assert apl(*annex, "--replace", "--json").codes == ["output.other_files"]


def test_stated_days_of_effect_are_kept(region: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert apl("run", region, "-o", out, "-q").returncode == 0
    assert apl("aids", "effect", out, "52=2024-11-01").returncode == 0
    stated = (out / EFFECT_FILE).read_bytes()
    assert apl("run", region, "-o", out, "--json").codes == ["output.result_exists"]
    done = apl("run", region, "-o", out, "--replace")
    assert done.returncode == 0, done.stderr
    assert f"{EFFECT_FILE} is kept" in done.stdout
    assert (out / EFFECT_FILE).read_bytes() == stated
    assert apl("explain", out, "53130", "--no-readings", "-q").returncode == 0


def test_nothing_to_replace(region: Path, region_result: Path) -> None:
    for command in (
        ("sweep", region, "-m", "mk-2024"),
        ("compare", region_result, region_result),
        ("margins", region_result),
    ):
        done = apl(*command, "--replace")
        assert (done.returncode, "--replace needs -o" in done.stderr) == (2, True)


def test_an_option_of_another_one_alone(region_result: Path) -> None:
    mesh = ("mesh", region_result / "communes.parquet", "--vintage", "2023")
    for command in (mesh, ("explain", region_result, "53130", "--to", "2023")):
        assert apl(*command).returncode == 2


def test_json_before_or_after_the_command() -> None:
    after = apl("methodologies", "show", "mk-2024", "--json")
    assert apl("methodologies", "--json", "show", "mk-2024").json == after.json


def test_quiet_leaves_out_notes(region: Path) -> None:
    command = ("sweep", region, "-m", "mk-2024")
    loud, quiet = apl(*command), apl(*command, "-q")
    assert (loud.returncode, quiet.returncode) == (0, 0)
    assert loud.stdout.startswith(quiet.stdout.rstrip())
    assert "ambiguous_zones" in loud.stdout.removeprefix(quiet.stdout.rstrip())
    faulty = apl("check", region.parent, "-q")
    assert (faulty.returncode, faulty.stdout) == (3, "")
    assert faulty.stderr
