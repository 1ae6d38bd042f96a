"""The documents agree with the code: commands, options, columns, files and examples."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.command import all_commands, apl, examples_of

from apl_engine import cli, load_methodology, schemas
from apl_engine.imports import read_run_file
from apl_engine.imports.kinds import READERS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "data_samples/README.md"])


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(language: str, text: str) -> list[str]:
    """Return the code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def examples() -> Iterator[list[str]]:
    """Yield the arguments of every `apl` command in the documents, and in the help of commands."""
    for _, command in all_commands():
        yield from (shlex.split(line)[1:] for line in examples_of(command))
    for path in PAGES:
        for block in blocks("sh", path.read_text("utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                if line.startswith("apl "):
                    yield shlex.split(line, comments=True)[1:]


# The order in which docs/README.md lists the pages.
ORDER = [
    "README.md",
    *(f"docs/{name}" for name in re.findall(r"\n\| \[(\S+)\]", page("docs/README.md"))),
]
BLOCK = re.compile(r"^```(sh|python|toml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# A block that begins so is not run; the rest of the line says what it takes.
NEEDS = "# needs "
# They install the package, which `scripts/test` and the tests of the wheel do.
INSTALLS = ("scripts/", "pip install ")


# Examples in the help of a command that take what the repository does not have.
COMMANDS_THAT_NEED = {"import", "mesh", "zone"}
WORDS_THAT_NEED = {
    "--boundaries", "--contracts", "--earlier", "--list", "--official", "--passage",
    "--url", "Paris 11e", "inputs", "proposals/*.toml", "run.toml", "zones-2023-public",
}  # fmt: skip


@pytest.mark.heavy
def test_every_block_runs_in_order_and_then_every_example(tmp_path: Path) -> None:
    """As for a reader who follows the pages, and then the help, in one folder of their own."""
    (tmp_path / "data_samples").symlink_to(ROOT / "data_samples")
    # A draft of a proposal is to be filled in, as docs/regional.md does.
    done = [["apl", "region", "propose", "zones-2024", "--region", "52", "-o", "pdl.toml"]]
    with contextlib.chdir(tmp_path):
        for name in ORDER:
            names: dict[str, object] = {}
            for language, block in BLOCK.findall(page(name)):
                if block.startswith(NEEDS):
                    continue
                if language == "sh":
                    for line in block.replace("\\\n", " ").splitlines():
                        run_line(line, name)
                        done.append(shlex.split(line, comments=True))
                elif file := re.match(r"# (\w+\.(?:toml|py))\b", block):
                    Path(file[1]).write_text(block, encoding="utf-8")
                else:
                    assert language == "python"
                    exec(compile(block, name, "exec"), names)
        for words_of, command in all_commands():
            for line in examples_of(command):
                words = shlex.split(line)
                if words in done or {*words} & (COMMANDS_THAT_NEED | WORDS_THAT_NEED):
                    continue
                again = "-o" in words and "--replace" not in words
                run_line(f"{line} --replace" if again else line, " ".join(words_of))
                done.append(words)


def run_line(line: str, name: str) -> None:
    """Run a line of a shell; one that only calls `apl`, in this process, which is faster."""
    if line.startswith(INSTALLS):
        return
    words = shlex.split(line, comments=True)
    if words[:1] == ["apl"] and not {">", "|"} & set(words):
        done = apl(*words[1:])
        code, errors = done.returncode, done.stderr
    else:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        command, environment = ["bash", "-c", line], {**os.environ, "PATH": path}
        shell = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        code, errors = shell.returncode, shell.stderr
    assert code == 0, f"{name}: {line}\n{errors}"


@pytest.mark.slow
def test_the_summary_in_the_readme_is_printed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "apl_engine", "demo", "-o", str(tmp_path / "out")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in blocks("text", README)[0].splitlines():
        assert line in printed


def test_the_methodology_in_the_readme_loads(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(blocks("toml", README)[0], encoding="utf-8")
    assert load_methodology(tmp_path / "own.toml").etp.age_limit == 67


def test_every_input_column_is_in_the_readme() -> None:
    for table in schemas.INPUTS.values():
        row = next(line for line in README.splitlines() if line.startswith(f"| `{table.name}`"))
        for column in table.columns:
            assert column.name in row


def test_every_command_is_in_the_readme() -> None:
    for name in cli._COMMANDS:
        assert f"apl {name}" in README or name == "demo"


@pytest.mark.parametrize("arguments", list(examples()), ids=" ".join)
def test_commands_and_options_of_examples_exist(arguments: list[str]) -> None:
    command: click.Command = cli.main
    while isinstance(command, click.Group):
        context = click.Context(command)
        name = arguments[0] if arguments else ""
        if (chosen := command.get_command(context, name)) is not None:
            arguments = arguments[1:]
        elif (chosen := command.get_command(context, "show")) is None:
            pytest.fail(f"no command {name!r}")
        command = chosen
    command.make_parser(click.Context(command)).parse_args(list(arguments))


def test_the_run_file_on_the_page_on_inputs_is_read(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(blocks("toml", page("docs/inputs.md"))[0], encoding="utf-8")
    run_file = read_run_file(tmp_path / "run.toml")
    assert set(run_file.sections) == {"mesh", "population", "distancier", "activity"}
    assert run_file.vintage_change["to"] == 2023
    other = next(block for block in blocks("toml", page("docs/inputs.md")) if "[columns]" in block)
    (tmp_path / "run.toml").write_text(other, encoding="utf-8")
    run_file = read_run_file(tmp_path / "run.toml")
    assert set(run_file.tables) == set(schemas.INPUTS)
    assert run_file.columns["practitioners.acts"] == "Nb actes"


def test_every_kind_of_import_is_on_the_page_on_inputs() -> None:
    for kind in READERS:
        assert f"`apl import {kind}" in page("docs/inputs.md"), kind


def test_every_page_is_listed() -> None:
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name == "README.md" or f"]({path.name})" in page("docs/README.md")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_scripts_and_modules_that_pages_name_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    for name in re.findall(r"scripts/\w+", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"`(?:apl_engine/)?((?:\w+/)+\w+\.(?:py|toml|json))`", text):
        assert (ROOT / name).exists() or (ROOT / "apl_engine" / name).exists(), name


def test_every_room_is_in_the_table_of_layers() -> None:
    table = page("CONTRIBUTING.md").partition("| layer |")[2].partition("\n\n")[0]
    package = ROOT / "apl_engine"
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    modules = {path.stem for path in package.glob("[a-z]*.py")}
    assert set(re.findall(r"`(\w+)/`", table)) == rooms
    assert modules <= set(re.findall(r"`(\w+)`", table))
