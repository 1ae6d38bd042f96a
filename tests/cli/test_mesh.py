"""`apl mesh` as a process."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from support.open_data import open_data
from support.raw_runs import apl


def test_the_mesh_and_what_changed_in_it(tmp_path: Path) -> None:
    tables = [open_data("insee_appartenance_2023.csv"),
              open_data("insee_arrondissements_municipaux_2023.csv")]  # fmt: skip
    done = apl("mesh", *tables, "-o", "communes.parquet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 424  bassins de vie" in done.stdout
    assert "2 946  territories" in done.stdout
    taken = apl("mesh", *tables, "-o", "communes.parquet", cwd=tmp_path)
    assert "is there already" in taken.stderr
    alike = apl("mesh", "communes.parquet", "--against", "communes.parquet", cwd=tmp_path)
    assert "Changes: none; 0 communes moved" in alike.stdout
    table = pl.read_parquet(tmp_path / "communes.parquet")
    moved = table.with_columns(
        territory=pl.when(pl.col("commune") == "01001").then(pl.lit("01004")).otherwise("territory")
    )
    moved.write_parquet(tmp_path / "later.parquet")
    done = apl("mesh", "later.parquet", "--against", "communes.parquet", "--json", cwd=tmp_path)
    changes = json.loads(done.stdout)["changes"]
    assert changes["counts"] == {"recomposed": 2}
    assert [row["commune"] for row in changes["communes"]] == ["01001"]
    way = ["--to", "2024", "--passage", open_data("insee_passage_2021_2024.csv")]
    done = apl("mesh", "later.parquet", "--against", "communes.parquet", *way, cwd=tmp_path)
    assert done.returncode == 2
    assert "need --vintage" in done.stderr
