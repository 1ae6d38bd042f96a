"""`apl zone`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.command import apl
from support.open_data import open_data
from support.publishers.raw import RawFiles
from support.raw_runs import region

import apl_engine
from apl_engine.cli.zone import mean_absolute_difference


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawFiles:
    return region(tmp_path_factory)


@pytest.mark.slow
def test_zones_from_a_published_apl(raw: RawFiles, tmp_path: Path) -> None:
    full = apl_engine.run(raw.tidy)
    columns = ["commune", "apl", "population", "standardised_population"]
    published = tmp_path / "published.csv"
    full.communes.select(columns).write_csv(published, separator=";")
    mesh = [part for path in (raw.appartenance, raw.legal_populations) for part in ("--mesh", path)]
    done = apl("zone", published, *mesh, "-o", "zones", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the table of article VI" in done.stdout
    zones = pl.read_parquet(tmp_path / "zones" / "communes.parquet")
    assert zones["zone"].equals(full.communes["zone"])
    assert zones["apl"].equals(full.communes["apl"])
    ready = ["--mesh", raw.tidy / "communes.parquet"]
    again = apl("zone", published, *ready, "-o", "again", "--json", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert again.json["counts"]["communes"]["without_apl"] == 0
    text = published.read_text().splitlines()
    published.write_text("\n".join([*text[:-1], text[-1].replace(text[-1][:5], "33063")]))
    wrong = apl("zone", published, *ready, "-o", "wrong", "--json", cwd=tmp_path)
    assert wrong.returncode == 3
    assert set(wrong.codes) == {"published_apl.not_in_mesh", "published_apl.no_row"}
    assert not (tmp_path / "wrong").exists()


@pytest.mark.slow
def test_zones_of_the_real_france(tmp_path: Path) -> None:
    done = apl(
        "zone", open_data("drees_apl_mk_2021.csv"),
        "--mesh", open_data("insee_appartenance_2023.csv"),
        "--mesh", open_data("insee_arrondissements_municipaux_2023.csv"),
        "--to", "2023", "--passage", open_data("insee_passage_2021_2024.csv"),
        "-o", "zones", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    record = done.json
    assert record["counts"]["communes"] == {
        "communes": 34_987, "without_inhabitants": 6, "without_apl": 23,
    }  # fmt: skip
    cuts = [round(cut["highest_apl"], 2) for cut in record["reference_values"]["cuts"]]
    assert cuts == [58.68, 76.47, 135.72]
    france = [row for row in record["article_vi"] if row["region"] == "FR"]
    assert all(abs(row["difference"]) < 0.05 for row in france)
    straddling = {row["territory"] for row in record["ambiguous_zones"]
                  if row["parameter"] == "straddling"}  # fmt: skip
    assert straddling == {"09261", "72154", "7711_"}


def test_a_column_of_a_published_apl_is_named(tmp_path: Path) -> None:
    (tmp_path / "apl.csv").write_text("CODGEO;X;Population standardisée;Population\n01001;50;9;9\n")
    table = pl.DataFrame(
        {"commune": ["01001"], "name": "A", "region": "84", "territory": "T", "territory_name": "T"}
    )
    table.write_parquet(tmp_path / "communes.parquet")
    zone = ["zone", "apl.csv", "--mesh", "communes.parquet", "-o", "out"]
    done = apl(*zone, cwd=tmp_path)
    assert (done.returncode, (tmp_path / "out").exists()) == (3, False)
    assert "--column apl=NAME" in done.stderr
    done = apl(*zone, "--column", "apl=X", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "mean absolute difference" in done.stdout
    done = apl(*zone, "--column", "apl=X", "--column", "apl=Y", cwd=tmp_path)
    assert done.returncode == 2


def test_the_mean_difference_leaves_out_the_country_and_imposed_zones() -> None:
    def row(region: str, difference: float | None, published: float = 10) -> dict[str, object]:
        return {"zone": "z", "region": region, "difference": difference, "share": 100,
                "published": published}  # fmt: skip

    rows = [row("84", 1.0), row("11", -2.0), row("93", None), row("FR", 9.0), row("06", 0.0, 100)]
    assert mean_absolute_difference(rows, "z") == pytest.approx(1.5)
    misprint = {**row("94", 19.0), "corrected": 1, "corrected_difference": -3.0}
    assert mean_absolute_difference([*rows, misprint], "z") == pytest.approx(2)
    assert mean_absolute_difference(rows, "other") is None
