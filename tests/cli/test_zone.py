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
    published.write_text("\n".join([*text[:-1], text[-1].replace(text[-1][:5], "33063"), ""]))
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


ESSARTS = """\
CODGEO;LIBGEO;DEP;REG;CV;UU2020;BV2022;POP2021
85084;Essarts-en-Bocage;85;52;8503;85213;85084;6851
85165;L'Oie;85;52;8503;85139;85084;1250
85212;Sainte-Florence;85;52;8503;85139;85084;1359
85191;La Roche-sur-Yon;85;52;8599;85401;85191;54000
"""
SPLIT = "21,2024-01-01,COM,85084,Essarts en Bocage,COM"
CHANGES = {
    "--movements": (
        "MOD,DATE_EFF,TYPECOM_AV,COM_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,LIBELLE_AP\n"
        "10,2015-01-01,COM,85191,La Roche-sur-Yon,COM,85191,La Roche-sur-Yon\n"
        f"{SPLIT},85084,Essarts-en-Bocage\n{SPLIT},85165,L'Oie\n{SPLIT},85212,Sainte-Florence\n"
    ),
    "--passage": ("CODGEO_2021;CODGEO_2024\n85084;85084\n85084;85165\n85084;85212\n85191;85191\n"),
}


@pytest.mark.parametrize("option", CHANGES)
@pytest.mark.parametrize("mesh", ["appartenance.csv", "ready/communes.parquet"])
def test_a_split_commune_is_shared_as_the_mesh_says(tmp_path: Path, option: str, mesh: str) -> None:
    head = (
        "Code commune;Libellé;APL aux kinésithérapeutes;Population standardisée;Population totale"
    )
    rows = "85084;Essarts en Bocage;60;9000;9460\n85191;La Roche-sur-Yon;90;50000;54000"
    (tmp_path / "apl.csv").write_text(f"{head}\n{rows}\n", encoding="utf-8")
    (tmp_path / "appartenance.csv").write_text(ESSARTS, encoding="utf-8")
    (tmp_path / "changes.csv").write_text(CHANGES[option], encoding="utf-8")
    if mesh.endswith("parquet"):
        assert (
            apl("import", "mesh", "appartenance.csv", "-o", "ready", cwd=tmp_path).returncode == 0
        )
    done = apl(
        "zone", "apl.csv", "--vintage", "2021", "--mesh", mesh, "--to", "2024",
        option, "changes.csv", "-o", "out", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    communes = pl.read_parquet(tmp_path / "out" / "communes.parquet")
    assert communes["commune"].to_list() == ["85084", "85165", "85191", "85212"]
    assert communes["population"].to_list() == [6851.0, 1250.0, 54000.0, 1359.0]
    shares = [9000 * part / 9460 for part in (6851, 1250, 1359)]
    assert communes["standardised_population"].to_list() == pytest.approx(
        [*shares[:2], 50000, shares[2]]
    )
    assert communes["apl"].to_list() == [60.0, 60.0, 90.0, 60.0]
    assert communes["name"].to_list()[1] == "L'Oie"


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
