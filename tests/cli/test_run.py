"""The command, as a process: what it prints, leaves and exits with."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from support.tables import SAMPLES, small_world, write_csv

from apl_engine import __version__

APL = [sys.executable, "-m", "apl_engine"]


def apl(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [*APL, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(small_world(), tmp_path_factory.mktemp("tables"))


def test_run_prints_a_summary_and_leaves_the_result(tables: Path, tmp_path: Path) -> None:
    done = apl("run", tables, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for words in (
        "Masseurs-kinésithérapeutes, arrêté du 20 mars 2024  [mk-2024",
        "median 4 000.0 acts (the text's example for 2021: 3 783)",
        "practitioners (practices)",
        "Très sous dotée",
        "Article VI: share of the population by region, %",
        "Auvergne-Rhône-Alpes",
        "All regions given",
        "Written to",
    ):
        assert words in done.stdout
    assert len(list((tmp_path / "out").iterdir())) == 7


def test_run_as_json(tables: Path, tmp_path: Path) -> None:
    done = apl("run", tables, "-o", tmp_path / "out", "--json", "--threads", "1")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["counts"]["practitioners"]["practitioners"] == 5
    assert record == json.loads((tmp_path / "out" / "record.json").read_text())


def test_run_again_needs_replace(tables: Path, tmp_path: Path) -> None:
    assert apl("run", tables, "-o", tmp_path / "out").returncode == 0
    done = apl("run", tables, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert "already holds a result. Choose another folder with -o, or add --replace." in done.stderr
    assert apl("run", tables, "-o", tmp_path / "out", "--replace").returncode == 0


def test_bad_data_exits_with_3_and_leaves_nothing(tmp_path: Path) -> None:
    world = small_world()
    world["travel_times"][0]["minutes"] = -1.0
    done = apl("run", write_csv(world, tmp_path / "in"), "-o", tmp_path / "out")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "Error: 1 fault in the input; nothing was computed." in done.stderr
    assert "travel_times, column 'minutes': negative values" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"in"}


def test_bad_data_as_json(tmp_path: Path) -> None:
    done = apl("check", tmp_path, "--json")
    assert done.returncode == 3
    faults = json.loads(done.stdout)["faults"]
    assert {fault["table"] for fault in faults} == {
        "communes",
        "practitioners",
        "population",
        "consumption",
        "travel_times",
    }
    assert faults[0]["problem"] == "the file is missing"


def test_check_sees_that_nobody_is_left(tmp_path: Path) -> None:
    world = small_world()
    for row in world["practitioners"]:
        row["age"] = 70
    done = apl("check", write_csv(world, tmp_path / "in"))
    assert done.returncode == 3
    assert "no practitioner is left to take the median over" in done.stderr


def test_check(tables: Path) -> None:
    done = apl("check", tables)
    assert done.returncode == 0
    assert "practitioners               6 rows   practitioners.csv" in done.stdout
    assert "No fault found." in done.stdout
    assert json.loads(apl("check", tables, "--json").stdout)["rows"]["population"] == 12


def test_examples_in_help_stand_on_lines_of_their_own() -> None:
    for arguments in ([], ["run"], ["check"], ["demo"], ["methodologies"]):
        lines = apl(*arguments, "--help").stdout.splitlines()
        assert any(line.startswith("    apl ") for line in lines)


def test_a_result_is_not_replaced_where_anything_else_lies_with_it(
    tables: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert apl("run", tables, "-o", out).returncode == 0
    (out / "in").mkdir()
    (out / "in" / "communes.csv").write_text("mine")
    for arguments in (["run", tables, "--replace"], ["demo", "--sample", "pays-de-la-loire"]):
        done = apl(*arguments, "-o", out)
        assert done.returncode == 1
        assert "holds files that are not of a result (in)" in done.stderr
    assert (out / "in" / "communes.csv").read_text() == "mine"
    other = tmp_path / "other"
    other.mkdir()
    (other / "record.json").write_text('{"mine": 1}')
    done = apl("run", tables, "-o", other, "--replace")
    assert "no record.json of ours" in done.stderr
    assert (other / "record.json").exists()


def test_the_folder_one_stands_in_is_not_put_away(tables: Path, tmp_path: Path) -> None:
    """Renaming it would leave the shell in a folder that is no more."""
    link = tmp_path.with_name("link")
    link.symlink_to(tmp_path)
    for output in (".", tmp_path, tmp_path / "a" / "..", link / "."):
        done = apl("run", tables, "-o", output, cwd=tmp_path)
        assert done.returncode == 1
        assert "is the current folder or a mount point" in done.stderr
        assert "such as -o result" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert apl("run", tables, "-o", "/proc").returncode == 1


def test_paths_that_are_empty(tables: Path, tmp_path: Path) -> None:
    for arguments in (["run", tables, "-o", ""], ["run", "", "-o", "x"], ["check", ""]):
        done = apl(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "The path is empty: is a variable not set?" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_current_folder_that_is_gone(tables: Path, tmp_path: Path) -> None:
    line = f"cd {tmp_path}/gone && rmdir ../gone && {' '.join(APL)} run {tables} -o out"
    (tmp_path / "gone").mkdir()
    # The package is found from its installation, not from the folder.
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "The current folder is gone" in done.stderr


def test_odd_places_and_terminals(tables: Path, tmp_path: Path) -> None:
    done = apl("run", tables, "-o", tmp_path / ("a" * 300))
    assert (done.returncode, "cannot be written (File name too long)" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [*APL, "methodologies", "show", "mk-2024"]
    shown = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert shown.returncode == 0
    full = subprocess.run(
        ["bash", "-c", f"{' '.join(APL)} methodologies >/dev/full"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert full.returncode == 1
    assert "Error: printing failed (No space left on device)" in full.stderr
    for closed in ("2>&-", ">&-"):
        out = tmp_path / f"out{len(closed)}"
        line = f"{' '.join(APL)} run {tables} -o {out} {closed}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(list(out.iterdir())) == 7


def test_usage_exits_with_2(tables: Path) -> None:
    assert apl("run", tables).returncode == 2
    assert apl("rum").returncode == 2
    assert "No such command 'rum'" in apl("rum").stderr
    assert apl("run", tables, "-o", "x", "--threads", "0").returncode == 2


def test_unknown_methodology_or_key(tables: Path, tmp_path: Path) -> None:
    done = apl("run", tables, "-o", tmp_path / "out", "-m", "mk-1999")
    assert (done.returncode, "mk-1999" in done.stderr) == (1, True)
    own = tmp_path / "own.toml"
    own.write_text('id = "own"\nextends = "mk-2024"\n[etp.agelimit]\nvalue = 1\nreason = "x"\n')
    done = apl("run", tables, "-o", tmp_path / "out", "-m", own)
    assert (done.returncode, "[etp.agelimit] unknown key" in done.stderr) == (1, True)
    assert not (tmp_path / "out").exists()


def test_a_methodology_with_gaps_is_warned_of(tables: Path, tmp_path: Path) -> None:
    done = apl("run", tables, "-o", tmp_path / "out", "-m", "mk-2018")
    assert done.returncode == 0
    assert "parameters whose value in that text is not known" in done.stdout
    assert "SurD" in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_may_not_be_written(tables: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = apl("run", tables, "-o", tmp_path / "out")
    tmp_path.chmod(0o700)
    assert (done.returncode, "cannot be written (Permission denied)" in done.stderr) == (1, True)


def test_folder_where_nothing_can_be_made(tables: Path) -> None:
    done = apl("run", tables, "-o", "/proc/out")
    assert done.returncode == 1
    assert "/proc/out cannot be written (" in done.stderr
    assert "Choose another folder with -o." in done.stderr


def test_methodologies() -> None:
    listed = apl("methodologies").stdout
    assert "mk-2018" in listed
    assert "mk-2024     Masseurs-kinésithérapeutes, arrêté du 20 mars 2024" in listed
    assert json.loads(apl("methodologies", "--json").stdout)[1]["id"] == "mk-2024"
    shown = apl("methodologies", "show", "mk-2024").stdout
    assert "age_limit = 65 years" in shown
    assert "? straddling = at_or_below" in shown
    assert "tres_sous_dotee 8.8" in shown
    assert "Not known in this text" in apl("methodologies", "show", "mk-2018").stdout
    document = json.loads(apl("methodologies", "show", "mk-2024", "--json").stdout)
    assert document["parameters"][4]["value"] == 65
    assert apl("methodologies", "show", "mk-1999").returncode == 1


def test_help_has_examples() -> None:
    for arguments in (
        [],
        ["run"],
        ["check"],
        ["demo"],
        ["methodologies"],
        ["methodologies", "show"],
    ):
        done = apl(*arguments, "--help")
        assert done.returncode == 0
        assert "Example" in done.stdout
    assert "  run            Compute the APL" in apl("-h").stdout
    assert apl("--version").stdout.strip() == f"apl, version {__version__}"


def test_demo_on_a_region(tmp_path: Path) -> None:
    done = apl("demo", "--sample", "pays-de-la-loire", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "these are not the official zones" in done.stdout
    assert pl.read_parquet(tmp_path / "apl-demo" / "communes.parquet").height > 1_000
    assert apl("demo", "--sample", "pays-de-la-loire", "--json", cwd=tmp_path).returncode == 0


def test_progress_is_shown_on_a_terminal_only(tables: Path, tmp_path: Path) -> None:
    parent, child = pty.openpty()
    command = [*APL, "run", str(tables), "-o", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=child) as process:
        assert process.wait(60) == 0
    os.close(child)
    shown = os.read(parent, 10_000).decode()
    os.close(parent)
    assert "reading and checking the tables ..." in shown
    assert "writing the result ..." in shown
    assert shown.endswith("\r\x1b[2K")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_in_the_middle(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Wherever the interruption falls, there is all of the result, or nothing."""
    out = tmp_path / "out"
    codes, there = set(), False
    for tenths in range(2, 14, 2):
        command = [*APL, "run", str(SAMPLES / "france"), "-o", str(out), "--replace"]
        # Measuring coverage writes a file of its own, which an interruption would cut short.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        ) as process:
            time.sleep(tenths / 10)
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
        codes.add(process.returncode)
        assert {path.name for path in tmp_path.iterdir()} <= {"out"}
        # A result there was stays, or gives way to a whole one.
        there = there or out.exists()
        assert out.exists() == there
        assert not there or len(list(out.iterdir())) == 7
        if process.returncode == code and number == signal.SIGINT:
            assert b"Interrupted; nothing was written." in said
    assert code in codes


def test_interrupted_while_it_is_loading() -> None:
    """In the place of click, a module that waits: a word, and no traceback."""
    code = (
        "import sys, time, types; from apl_engine.entry import command\n"
        "class Slow:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'click':\n"
        "            print('loading', flush=True); time.sleep(60)\n"
        "sys.meta_path.insert(0, Slow()); command()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"\nInterrupted; nothing was written.\n")


@pytest.mark.slow
def test_same_bytes_on_one_and_two_threads(tmp_path: Path) -> None:
    for threads in ("1", "2"):
        done = subprocess.run(
            [
                *APL,
                "run",
                str(SAMPLES / "france"),
                "-o",
                str(tmp_path / threads),
                "--threads",
                threads,
            ],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    for name in ("communes", "territories", "regions"):
        for ending in ("parquet", "csv"):
            one, two = ((tmp_path / t / f"{name}.{ending}").read_bytes() for t in ("1", "2"))
            assert one == two, (name, ending)


def test_the_installed_command_exits_as_the_module_does(tables: Path, tmp_path: Path) -> None:
    """It leaves without taking the interpreter down; nothing printed or written may be lost."""
    script = str(Path(sys.executable).with_name("apl"))

    def installed(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [script, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = installed("run", tables, "-o", tmp_path / "out", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "record.json").read_text())
    assert installed("run", tables, "-o", tmp_path / "out").returncode == 1
    assert installed("run").returncode == 2
    assert installed("check", tmp_path).returncode == 3
    closed = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{script}' methodologies show mk-2024 | head -1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert closed.stdout == "Masseurs-kinésithérapeutes, arrêté du 20 mars 2024\n"
    assert "Traceback" not in closed.stderr
    assert "Exception" not in closed.stderr


def test_a_column_is_named_once_and_for_a_published_apl_too(tmp_path: Path) -> None:
    (tmp_path / "apl.csv").write_text("CODGEO;X;Population standardisée;Population\n01001;50;9;9\n")
    table = pl.DataFrame(
        {"commune": ["01001"], "name": "A", "region": "84", "territory": "T", "territory_name": "T"}
    )
    table.write_parquet(tmp_path / "communes.parquet")
    zone = ["zone", "apl.csv", "--mesh", "communes.parquet", "-o", "out"]
    done = apl(*zone, cwd=tmp_path)
    assert "No column is recognised as apl: name it, --column apl=NAME." in done.stderr
    done = apl(*zone, "--column", "apl=X", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = apl(*zone, "--column", "apl=X", "--column", "apl=Y", cwd=tmp_path)
    assert (done.returncode, "--column apl is given twice: X and Y." in done.stderr) == (2, True)
