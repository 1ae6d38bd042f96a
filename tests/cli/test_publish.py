"""`apl publish`, and what takes a publication or an exact result."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import apl
from support.publications import tables_of_mayenne

from apl_engine import OutputError, read_result, run, write_result
from apl_engine.runs import publish_stored

COARSE = ("--step", "20", "--territory-step", "5", "--etp-step", "5")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result and its publication, beside their tables."""
    where = tmp_path_factory.mktemp("publish")
    (where / "in").mkdir()
    for name, table in tables_of_mayenne().items():
        table.write_parquet(where / "in" / f"{name}.parquet")
    write_result(run(where / "in"), where / "out")
    done = apl("publish", where / "out", "-o", where / "public", *COARSE)
    assert done.returncode == 0, done.stderr
    (where / "page.txt").write_text(done.stdout, "utf-8")
    return where


def test_it_is_written_and_summed_up(folder: Path) -> None:
    published = read_result(folder / "public")
    assert published.publication
    assert published.publication.min_practitioners == 5
    assert published.publication.steps["commune_apl"] == 20
    assert published.communes["etp"].null_count() == published.communes.height
    page = (folder / "page.txt").read_text("utf-8")
    assert "fewer than 5 practitioners protected at 20 %" in page
    assert f"{published.publication.hidden['communes_apl']}" in page
    assert "None" not in page
    for path in (folder / "public").iterdir():
        if path.suffix == ".csv":
            assert "NaN" not in path.read_text("utf-8")


def test_the_exact_result_is_not_written_over(folder: Path) -> None:
    before = (folder / "out" / "record.json").read_bytes()
    done = apl("publish", folder / "out", "-o", folder / "out", "--replace", "--json")
    assert (done.returncode, done.codes) == (1, ["output.is_source"])
    publication = publish_stored(folder / "out", step=20.0, territory_step=5.0, etp_step=5.0)
    with pytest.raises(OutputError) as caught:
        write_result(publication, folder / "out", replace=True)
    assert [fault.code for fault in caught.value.faults] == ["output.is_source"]
    assert (folder / "out" / "record.json").read_bytes() == before


def test_a_pair_in_the_wrong_order_is_named(folder: Path, tmp_path: Path) -> None:
    """Before travel times are looked for, which a publication does not have."""
    pair = ("--earlier", folder / "public", folder / "out")
    done = apl("publish", folder / "out", "-o", tmp_path / "again", *pair, "--json")
    assert (done.returncode, done.codes) == (3, ["publication.earlier_is_exact"])


def test_what_cannot_be_published_is_refused(folder: Path, tmp_path: Path) -> None:
    done = apl("publish", folder / "public", "-o", tmp_path / "again", "--json")
    assert (done.returncode, done.codes) == (3, ["publication.already_published"])
    assert not (tmp_path / "again").exists()
    for wrong in (
        ("--min-practitioners", "1"), ("--protection", "0"), ("--protection", "101"),
        ("--step", "0"), ("--attacker", "nobody"), ("--earlier", "one"),
    ):  # fmt: skip
        assert apl("publish", folder / "out", "-o", tmp_path / "x", *wrong).returncode == 2


def test_the_travel_times_must_be_there(folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "out"
    moved.mkdir(parents=True)
    for path in (folder / "out").iterdir():
        (moved / path.name).write_bytes(path.read_bytes())
    done = apl("publish", moved, "-o", tmp_path / "public", "--json")
    assert (done.returncode, done.codes) == (3, ["publication.no_travel_times"])
    done = apl("publish", moved, "--inputs", folder / "in", "-o", tmp_path / "p", *COARSE)
    assert done.returncode == 0, done.stderr
    assert read_result(tmp_path / "p") == read_result(folder / "public")


def test_a_later_release_is_protected_together_with_an_earlier_one(
    folder: Path, tmp_path: Path
) -> None:
    earlier = ("--earlier", folder / "out", folder / "public")
    done = apl("publish", folder / "out", "-o", tmp_path / "public", *earlier, *COARSE, "--json")
    assert done.returncode == 0, done.stderr
    assert done.json["publication"]["earlier"] == 1
    wrong = ("--earlier", folder / "out", folder / "out")
    done = apl("publish", folder / "out", "-o", tmp_path / "other", *wrong, "--json")
    assert (done.returncode, done.codes) == (3, ["publication.earlier_is_exact"])


def test_letters_and_annexes_take_it_as_it_is(folder: Path, tmp_path: Path) -> None:
    letter = ("--lang", "fr", "--markdown", "--no-readings")
    done = apl("explain", folder / "public", "53210", *letter)
    assert done.returncode == 0, done.stderr
    assert "interne" not in done.stdout
    annex = ("region", "annex", folder / "public", "--region", "52", "--no-map")
    done = apl(*annex, "-o", tmp_path / "annex")
    assert done.returncode == 0, done.stderr
    assert "interne" not in done.stdout
    done = apl("region", "annex", folder / "out", "--region", "52", "--no-map", "--json",
               "-o", tmp_path / "no")  # fmt: skip
    assert (done.returncode, done.codes) == (3, ["publication.exact_result"])
    done = apl("region", "annex", folder / "out", "--region", "52", "--no-map", "--internal",
               "-o", tmp_path / "internal")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Document interne" in done.stdout


def test_what_needs_exact_figures_says_so(folder: Path, tmp_path: Path) -> None:
    public, out = folder / "public", folder / "out"
    plan = tmp_path / "plan.toml"
    plan.write_text('region = "52"\n[[addition]]\nterritory = "5399"\njustification = "x"\n')
    asked = {
        ("compare", public, out): "result.published_compare",
        ("compare", out, public): "result.published_compare",
        ("margins", public): "result.published_margins",
        ("region", "show", public, "--region", "52"): "result.published_region",
        ("region", "check", plan, public): "result.published_region",
    }
    for arguments, code in asked.items():
        done = apl(*arguments, "--json")
        assert (done.returncode, done.codes) == (3, [code]), (arguments, done.stderr)
    figures = apl("report", "figures", public, "-o", tmp_path / "figures")
    assert figures.returncode == 0, figures.stderr
