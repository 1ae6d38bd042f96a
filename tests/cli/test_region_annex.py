"""`apl region annex`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.annexes import national, sheet, texts
from support.command import Done, apl
from support.countries import RULES
from support.open_data import open_data

from apl_engine import write_result
from apl_engine.imports import VintageChange, convert_vintage, import_files, read_communes
from apl_engine.runs import zone_published


def annex(*arguments: object) -> Done:
    return apl("region", "annex", *arguments)


def test_an_annex_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_result(national(), out)
    plan = tmp_path / "p.toml"
    plan.write_text('region = "52"\n[[addition]]\nterritory = "0100"\njustification = ""\n')
    options = (out, "--region", "52", "--no-map", "--proposal", plan, "-o", tmp_path / "a")
    done = annex(*options)
    assert (done.returncode, (tmp_path / "a").exists()) == (1, False)
    done = annex(*options, "--force", "--date", "2024-11-20")
    assert done.returncode == 0, done.stderr
    assert "Projet : des justifications sont à compléter (annexe, V)" in done.stdout
    assert "annexe-52.xlsx, annexe-52.docx" in done.stdout
    found = texts(tmp_path / "a" / "annexe-52.docx")
    assert any(text.startswith("Empreinte SHA-256 de la proposition p.toml") for text in found)
    done = annex(out, "--region", "Bretagne", "--no-map", "-o", tmp_path / "b", "--json")
    assert done.json["files"] == ["annexe-53.xlsx", "annexe-53.docx"]
    done = annex(out, "--region", "52", "-o", tmp_path / "c", "--json")
    assert (done.returncode, done.codes) == (3, ["boundaries.none_fit"])


@pytest.fixture(scope="module")
def france(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result with the zones of the published APL."""
    mesh = ["insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv"]
    communes = read_communes([open_data(name) for name in mesh], RULES)
    published = import_files("apl", [open_data("drees_apl_mk_2021.csv")], RULES)
    moved = VintageChange.by(2023, table=open_data("insee_passage_2021_2024.csv"))
    zones = zone_published(convert_vintage(published, moved, RULES), communes, RULES)
    folder = tmp_path_factory.mktemp("france") / "out"
    write_result(zones, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "region",
    [*(pytest.param(code, marks=pytest.mark.nightly) for code in ("84", "06")), "03", "94"],
)
def test_regions_of_the_real_france(france: Path, tmp_path: Path, region: str) -> None:
    done = annex(france, "--region", region, "-o", tmp_path / "annex")  # fmt: skip
    assert done.returncode == 0, done.stderr
    own = sheet(tmp_path / "annex" / f"annexe-{region}.xlsx", "1 Communes")
    lengths = {"84": 3859, "03": 22, "06": 17, "94": 360}
    assert own.height == lengths[region]
    assert own["Code commune"].str.contains(r"^(\d{2}|2[AB])\d{3}$").all()
    if region == "84":
        assert "01001" in own["Code commune"]
