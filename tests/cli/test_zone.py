"""`apl zone`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.command import apl

from apl_engine.cli.zone import mean_absolute_difference


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
    assert mean_absolute_difference(rows, "other") is None
