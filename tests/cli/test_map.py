"""`apl map`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Done, apl
from support.publications import mayenne

from apl_engine import write_result
from apl_engine.disclosure_control import publish


def draw(*arguments: object) -> Done:
    return apl("map", *arguments)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of ten territories: exact, and published."""
    folder = tmp_path_factory.mktemp("mayenne")
    write_result(mayenne(), folder / "exact")
    write_result(publish(mayenne(), min_practitioners=3), folder / "public")
    return folder


def test_a_map_is_written_whole(results: Path, tmp_path: Path) -> None:
    target = tmp_path / "zones.svg"
    done = draw(results / "public", "-o", target, "--region", "Pays de la Loire", "--json",
                "--title", "Zones", "--date", "2024-11-20", "--size", "A5")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (done.json["file"], done.json["title"]) == (str(target), "Zones")
    assert done.json["size_mm"] == [210, 148]
    assert done.json["warnings"] == []
    assert "Laval" not in done.json["names"]
    assert done.json["names"]
    zones = {one["key"]: one for one in done.json["legend"]}
    assert sum(zones[key]["units"] for key in zones if zones[key]["share"] is not None) == 62
    drawing = target.read_text()
    assert all(name in drawing for name in ("20 novembre 2024", *done.json["names"]))
    assert [path.name for path in tmp_path.iterdir()] == ["zones.svg"]
    again = draw(results / "public", "-o", target, "--json")
    assert (again.returncode, again.codes) == (1, ["output.exists"])


def test_an_exact_result_is_internal(results: Path, tmp_path: Path) -> None:
    target = tmp_path / "zones.svg"
    done = draw(results / "exact", "-o", target, "--json")
    assert (done.returncode, done.codes) == (3, ["publication.exact_result"])
    assert not target.exists()
    changes = ("--layer", "change", "--before", results / "exact")
    done = draw(results / "public", "-o", target, *changes, "--json")
    assert (done.returncode, done.codes) == (3, ["publication.exact_result"])
    done = draw(results / "exact", "-o", target, "--internal", "--lang", "en", *changes)
    assert done.returncode == 0, done.stderr
    assert "Internal: from the exact result, not to be passed on." in done.stdout
    assert "Internal: from the exact result, not to be passed on." in target.read_text()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--region", "Bretange"), "lookup.unknown_region"),
        (("--size", "20x20"), "map.size_out_of_range"),
    ],
)
def test_faults(results: Path, tmp_path: Path, options: tuple[str, ...], code: str) -> None:
    done = draw(results / "public", "-o", tmp_path / "zones.png", "--json", *options)
    assert (done.returncode, done.codes) == (3, [code])
    assert not list(tmp_path.iterdir())


def test_another_ending_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    done = draw(tmp_path / "nowhere", "-o", tmp_path / "zones.gif", "--json")
    assert (done.returncode, done.codes) == (1, ["output.wrong_ending"])


@pytest.mark.parametrize(
    "options",
    [("--layer", "change"), ("--before", "x"), ("--size", "A9"), ("--size", "10"),
     ("--lang", "de")],
)  # fmt: skip
def test_wrong_usage(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = draw(tmp_path, "-o", tmp_path / "zones.png", *options)
    assert done.returncode == 2


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apl_engine.results.libraries.find_spec", lambda _: None)
    done = apl("map", tmp_path, "-o", tmp_path / "zones.png", "--json")
    assert (done.returncode, done.codes) == (1, ["dependency.missing"])
    assert not list(tmp_path.iterdir())
