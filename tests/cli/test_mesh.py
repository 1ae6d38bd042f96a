"""`apl mesh` as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from support.communes_over_time import TALICAN, territories
from support.open_data import open_data


def apl(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apl_engine", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a mesh, and the same with one commune in another territory."""
    codes = [f"0100{k}" for k in range(1, 8)]
    mesh = territories(*((code, codes[k // 3 * 3], 100) for k, code in enumerate(codes)))
    mesh.write_parquet(tmp_path / "before.parquet")
    moved = pl.when(pl.col("commune") == "01002").then(pl.lit("01004")).otherwise("territory")
    mesh.with_columns(territory=moved).write_parquet(tmp_path / "after.parquet")
    return tmp_path


@pytest.mark.slow
def test_a_mesh_of_france_is_built_once(tmp_path: Path) -> None:
    tables = [open_data("insee_appartenance_2023.csv"),
              open_data("insee_arrondissements_municipaux_2023.csv")]  # fmt: skip
    done = apl("mesh", *tables, "-o", "communes.parquet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 422  bassins de vie" in done.stdout
    assert "2 971  territories" in done.stdout
    taken = apl("mesh", *tables, "-o", "communes.parquet", cwd=tmp_path)
    assert taken.returncode == 1
    assert "communes.parquet" in taken.stderr


@pytest.mark.slow
def test_another_census_of_urban_units_decides(tmp_path: Path) -> None:
    table = open_data("insee_appartenance_2023.csv")
    units = ["--urban-units", open_data("populations_unites_urbaines.csv")]
    done = apl("mesh", table, *units, "--urban-units-year", "2016", "--json", cwd=tmp_path)
    made = json.loads(done.stdout)
    notes = {note["code"]: note for note in made["notes"]}
    assert made["details"] == {"urban_units_year": 2016}
    # Lisieux, Saint-Dizier and Montereau were on the other side in 2016.
    assert notes["mesh.forced_units"]["examples"] == ["17401 Saintes"]
    done = apl("mesh", table, *units, "-o", "communes.parquet", "--json", cwd=tmp_path)
    assert done.returncode == 3
    assert json.loads(done.stdout)["faults"][0]["code"] == "insee.urban_units_of_which_year"
    assert not (tmp_path / "communes.parquet").exists()


@pytest.mark.slow
def test_two_meshes_are_compared(folder: Path) -> None:
    same = apl("mesh", "before.parquet", "--against", "before.parquet", cwd=folder)
    assert "Changes: none; 0 communes moved" in same.stdout
    done = apl("mesh", "after.parquet", "--against", "before.parquet", cwd=folder)
    assert "Changes: 2 recomposed; 1 communes moved" in done.stdout
    done = apl("mesh", "after.parquet", "--against", "before.parquet", "--json", cwd=folder)
    changes = json.loads(done.stdout)["changes"]
    assert changes["counts"] == {"recomposed": 2}
    assert [row["commune"] for row in changes["communes"]] == ["01002"]


def test_a_passage_needs_the_vintage_of_the_earlier_mesh(folder: Path) -> None:
    TALICAN.with_columns(pl.col("date").cast(pl.String)).rename(
        {"mod": "MOD", "date": "DATE_EFF", "type_before": "TYPECOM_AV", "code_before": "COM_AV",
         "label_before": "LIBELLE_AV", "type_after": "TYPECOM_AP", "code_after": "COM_AP",
         "label_after": "LIBELLE_AP"}
    ).write_csv(folder / "events.csv")  # fmt: skip
    passage = ["--to", "2024", "--movements", "events.csv"]
    done = apl("mesh", "after.parquet", "--against", "before.parquet", *passage, cwd=folder)
    assert done.returncode == 2
    assert "--vintage" in done.stderr
