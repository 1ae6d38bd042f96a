"""`apl page`: one file, of what may be in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import apl
from support.publications import tables_of_mayenne

from apl_engine import run, write_result
from apl_engine.disclosure_control import publish


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exact result, and its publication."""
    folder = tmp_path_factory.mktemp("page")
    exact = run(tables_of_mayenne())
    write_result(exact, folder / "exact")
    write_result(publish(exact), folder / "public")
    return folder


def test_a_publication_becomes_one_file(results: Path, tmp_path: Path) -> None:
    done = apl("page", results / "public", "-o", tmp_path / "zones.html", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "file": str(tmp_path / "zones.html"),
        "bytes": (tmp_path / "zones.html").stat().st_size,
        "internal": False,
    }
    assert [path.name for path in tmp_path.iterdir()] == ["zones.html"]


def test_an_exact_result_needs_internal(results: Path, tmp_path: Path) -> None:
    refused = apl("page", results / "exact", "-o", tmp_path / "zones.html", "--json")
    assert refused.returncode == 3
    assert [one["code"] for one in json.loads(refused.stdout)["faults"]] == [
        "publication.exact_result"
    ]
    earlier = apl(
        "page", results / "public", "--before", results / "exact", "-o", tmp_path / "zones.html"
    )
    assert earlier.returncode == 3
    assert not list(tmp_path.iterdir())
    done = apl("page", results / "exact", "--internal", "-o", tmp_path / "zones.html", "-q")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_page_is_replaced_on_request_alone(results: Path, tmp_path: Path) -> None:
    path = tmp_path / "zones.html"
    path.write_text("mine")
    options = ("page", results / "public", "-o", path, "--date", "2026-11-29")
    assert apl(*options).returncode == 1
    assert path.read_text() == "mine"
    assert apl(*options, "--replace").returncode == 0
    first = path.read_bytes()
    assert apl(*options, "--replace").returncode == 0
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["-o", "zones.pdf"], 1),
        (["-o", "missing/zones.html"], 1),
        (["-o", "zones.html", "--vintage", "2020"], 2),
        (["-o", "zones.html", "--level", "cantons"], 2),
        (["-o", "zones.html", "--date", "yesterday"], 2),
        (["-o", "zones.html", "--boundaries", "missing.gpkg"], 3),
        (["-o", "zones.html", "--before", "missing"], 3),
    ],
)
def test_wrong_options_write_nothing(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    done = apl("page", results / "public", *options)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
