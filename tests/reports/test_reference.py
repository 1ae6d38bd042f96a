"""The reference pages are made from the code, and name all that commands write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.command import apl
from support.departements import write_departement
from support.two_results import write_two_results

from apl_engine.methodology.model import FORMAT
from apl_engine.reports.reference import (
    DRAWS_KEYS,
    LABELLED,
    RECORD_KEYS,
    key_is_known,
    key_lines,
    table_reference,
)
from scripts.reference import PAGES

DOCS = Path(__file__).parents[2] / "docs"
RECORD = [path for path, *_ in key_lines(RECORD_KEYS)]


def columns_of(command: str, table: str) -> list[str]:
    """Return the columns that the page has for a table of the first commands of this beginning."""
    tables = next(t for name, t in table_reference().items() if command in name)
    return [column.name for column in tables[table]]


def keys_of(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every key of a document."""
    if isinstance(value, dict):
        for key, item in value.items():
            # A step is named in words, with spaces and points.
            yield from keys_of(item, f"{path}.{key.replace('.', ' ')}" if path else key)
    elif isinstance(value, list):
        yield path
        for item in value:
            yield from keys_of(item, f"{path}[]")
    else:
        yield path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which every command that writes tables has written some."""
    where = tmp_path_factory.mktemp("reference")
    write_two_results(where)
    tables = write_departement(where / "tables")
    (where / "plan.csv").write_text("commune;now\n53130;1,5\n")
    pl.DataFrame({"insee": ["53130"], "now": [1.5]}).write_parquet(where / "plan.parquet")
    proposal = ("region", "propose", "z", "--region", "52", "-o", "52.toml", "--justification",
                "x", "--consulted", "2024-05-14", "--opinion", "2024-05-15")  # fmt: skip
    french = ("--csv", "french", "--xlsx")
    commands: list[tuple[object, ...]] = [
        ("run", tables, "-o", "z", *french),
        ("publish", "z", "-o", "small", "--step", "20", "--territory-step", "5"),
        ("network", "build", tables, "-o", "r.aplnet"),
        ("run", tables, "--network", "r.aplnet", "-o", "prepared"),
        ("zone", "z/communes.csv", "--mesh", tables / "communes.parquet", "-o", "zoned", *french),
        proposal,
        ("region", "apply", "z", "52.toml", "-o", "adapted", *french),
        ("sweep", tables, "-m", "mk-2024", "-o", "swept", *french),
        ("compare", "a", "b", "-o", "compared", *french),
        ("compare", "z", "--official", "z/communes.csv", "-o", "official", *french),
        ("margins", "z", "-o", "margins.csv", *french),
        ("scenarios", tables, "plan.csv", "-o", "scenarios", *french),
        ("draws", tables, "--departures", "0.1", "--draws", "20", "-o", "drawn", *french),
        (
            "draws",
            tables,
            "--scenarios",
            "plan.parquet",
            "--column",
            "scenarios.commune=insee",
            "-o",
            "planned",
            "--keep-zones",
        ),
        ("mesh", tables / "communes.parquet", "-o", "mesh.csv", *french),
        ("import", "zoning", "z/communes.xlsx", "-o", "in-zoning", *french),
        ("import", "apl", "z/communes.xlsx", "-o", "in-apl", *french),
        ("import", "population", tables / "population.parquet", "-o", "in", *french),
        ("import", "distancier", tables / "travel_times.parquet", "-o", "in", *french),
    ]
    for command in commands:
        done = apl(*command, cwd=where)
        assert done.returncode == 0, (command, done.stderr)
    return where


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_those_that_the_code_makes(name: str) -> None:
    written = (DOCS / name).read_text("utf-8")
    assert written == PAGES[name](), "scripts/write_reference writes the pages"


WRITTEN = [
    ("apl run", "z", ("communes", "territories", "regions")),
    ("apl run", "small", ("communes", "territories", "regions")),
    ("apl run", "zoned", ("communes", "territories", "regions")),
    ("apl run", "adapted", ("communes", "territories", "regions")),
    ("apl run", "swept/mk-2024", ("communes", "territories", "regions")),
    ("apl compare A B", "compared", ("changes", "communes", "regions", "transitions")),
    ("--official", "official", ("agreement", "communes", "territories", "transitions")),
    ("apl margins", ".", ("margins",)),
    ("apl scenarios", "scenarios", ("communes_apl", "territories_apl", "territories_zone")),
    ("apl draws", "drawn/methodology=mk-2024", ("territories", "zones", "cuts")),
    ("apl mesh", ".", ("mesh",)),
    ("import zoning", "in-zoning", ("zoning",)),
    ("import apl", "in-apl", ("published",)),
    ("apl mesh", "in", ("population", "travel_times")),
]


@pytest.mark.slow
@pytest.mark.heavy
def test_every_column_and_key_that_is_written_is_on_the_page(folder: Path) -> None:
    """In one test, so that the commands run once."""
    for command, where, tables in WRITTEN:
        columns_are_described(folder, command, where, tables)
    keys_are_described(folder)
    keys_of_draws_are_described(folder)


def columns_are_described(folder: Path, command: str, where: str, tables: tuple[str, ...]) -> None:
    names = {"margins": "FILE", "mesh": "communes"}
    for table in tables:
        described = columns_of(command, names.get(table, table))
        path = folder / where / f"{table}.csv"
        french = path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert french == (where != "small")
        read = pl.read_csv(path, separator=";" if french else ",", infer_schema=False)
        names_in_file = ["*SCENARIO*" if name == "now" else name for name in read.columns]
        labels = [f"{name}_label" for name in LABELLED if name in described] + ["now_label"]
        assert [name for name in names_in_file if name not in (*described, *labels)] == [], where
        assert path.with_suffix(".xlsx").exists() == (where != "small")


def keys_are_described(folder: Path) -> None:
    known: set[str] = set()
    for name in ("z", "small", "prepared", "zoned", "adapted", "swept/mk-2024", "a"):
        record = json.loads((folder / name / "record.json").read_text("utf-8"))
        keys = set(keys_of(record))
        assert sorted(key for key in keys if not key_is_known(key, RECORD)) == []
        known |= keys
    never = [path for path in RECORD if not any(key_is_known(key, [path]) for key in known)]
    # Only in the records of other inputs.
    assert never == []


def keys_of_draws_are_described(folder: Path) -> None:
    described = [path for path, *_ in key_lines(DRAWS_KEYS)]
    known: set[str] = set()
    for name in ("drawn", "planned"):
        known |= set(keys_of(json.loads((folder / name / "draws.json").read_text("utf-8"))))
    assert sorted(key for key in known if not key_is_known(key, described)) == []
    assert [path for path in described if not any(key_is_known(k, [path]) for k in known)] == []


def test_a_key_that_is_not_described_is_found() -> None:
    assert key_is_known("zones[].label", RECORD)
    assert key_is_known("timings.travel network", RECORD)
    assert key_is_known("notes[].details.any.thing", RECORD)
    assert key_is_known("imports", RECORD)
    assert not key_is_known("zones[].other", RECORD)
    assert not key_is_known("other", RECORD)


def test_every_key_of_a_methodology_is_on_its_page() -> None:
    page = PAGES["reference-methodology.md"]()
    assert [key for key in FORMAT.parsers if f"| `{key}` |" not in page] == []
