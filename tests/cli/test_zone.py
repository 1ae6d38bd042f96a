"""`apl zone` as a process."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from support.open_data import open_data
from support.publishers.raw import RawFiles
from support.raw_runs import apl, region

import apl_engine


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawFiles:
    return region(tmp_path_factory)


def test_zones_from_a_published_apl(raw: RawFiles, tmp_path: Path) -> None:
    full = apl_engine.run(raw.tidy)
    columns = ["commune", "apl", "population", "standardised_population"]
    published = tmp_path / "published.csv"
    full.communes.select(columns).write_csv(published, separator=";")
    mesh = [part for path in (raw.appartenance, raw.legal_populations) for part in ("--mesh", path)]
    done = apl("zone", published, *mesh, "-o", "zones", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Beside the table of article VI" in done.stdout
    zones = pl.read_parquet(tmp_path / "zones" / "communes.parquet")
    assert zones["zone"].equals(full.communes["zone"])
    assert zones["apl"].equals(full.communes["apl"])
    ready = ["--mesh", raw.tidy / "communes.parquet"]
    again = apl("zone", published, *ready, "-o", "again", "--json", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["counts"]["communes"]["without_apl"] == 0
    text = published.read_text().splitlines()
    published.write_text("\n".join([*text[:-1], text[-1].replace(text[-1][:5], "33063")]))
    wrong = apl("zone", published, *ready, "-o", "wrong", cwd=tmp_path)
    assert wrong.returncode == 3
    assert "1 communes with an APL are not in the mesh (value '33063')" in wrong.stderr
    assert "1 communes of the mesh have no row of APL" in wrong.stderr
    assert not (tmp_path / "wrong").exists()


def test_zones_of_the_real_france(tmp_path: Path) -> None:
    done = apl(
        "zone", open_data("drees_apl_mk_2021.csv"),
        "--mesh", open_data("insee_appartenance_2023.csv"),
        "--mesh", open_data("insee_arrondissements_municipaux_2023.csv"),
        "--to", "2023", "--passage", open_data("insee_passage_2021_2024.csv"),
        "-o", "zones", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["counts"]["communes"] == {
        "communes": 34_987, "without_inhabitants": 6, "without_apl": 23,
    }  # fmt: skip
    cuts = [round(cut["highest_apl"], 2) for cut in record["reference_values"]["cuts"]]
    assert cuts == [58.53, 76.27, 135.52]
    france = [row for row in record["article_vi"] if row["region"] == "FR"]
    assert all(abs(row["difference"]) < 0.05 for row in france)
    straddling = {row["territory"] for row in record["hanging_on_silence"]
                  if row["parameter"] == "straddling"}  # fmt: skip
    assert straddling == {"03082", "38511", "3998_"}
