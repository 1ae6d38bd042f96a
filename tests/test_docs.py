"""What the documents say is what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from apl_engine import cli, load_methodology, schemas
from apl_engine.imports import read_run_file
from apl_engine.imports.kinds import READERS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def block(language: str) -> str:
    """Return the first block of the README in a language."""
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.slow
def test_the_summary_of_the_readme_is_the_one_printed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "apl_engine", "demo", "-o", str(tmp_path / "out")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in block("text").splitlines():
        assert line in printed


def test_the_methodology_of_the_readme_loads(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(block("toml"), encoding="utf-8")
    assert load_methodology(tmp_path / "own.toml").etp.age_limit == 67


def test_every_input_column_is_in_the_readme() -> None:
    for table in schemas.INPUTS.values():
        row = next(line for line in README.splitlines() if line.startswith(f"| `{table.name}`"))
        for column in table.columns:
            assert column.name in row


def test_every_command_is_in_the_readme() -> None:
    for name in cli._COMMANDS:
        assert f"apl {name}" in README or f"scripts/{name}" in README or name == "demo"


def test_the_run_file_of_the_page_on_inputs_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "inputs.md").read_text("utf-8")
    text = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert text
    (tmp_path / "run.toml").write_text(text[1], encoding="utf-8")
    run_file = read_run_file(tmp_path / "run.toml")
    assert set(run_file.sections) == {"mesh", "population", "distancier", "activity"}
    assert run_file.vintage_change["to"] == 2023


def test_every_kind_of_import_is_on_the_page_on_inputs() -> None:
    page = (ROOT / "docs" / "inputs.md").read_text("utf-8")
    for kind in READERS:
        assert f"`apl import {kind}" in page, kind


def test_commands_of_the_documents_are_there() -> None:
    pages = [README, *(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))]
    for name in re.findall(r"^apl ([\w-]+)", "\n".join(pages), re.MULTILINE):
        assert name in cli._COMMANDS


def test_every_output_column_is_described() -> None:
    for columns in schemas.OUTPUTS.values():
        assert all(words and not words.endswith(".") for words in columns.values())


def test_documents_name_the_scripts_there_are() -> None:
    pages = [README, *(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))]
    for name in re.findall(r"scripts/(\w+)", "\n".join(pages)):
        assert (ROOT / "scripts" / name).exists(), name
