"""Draws written to a folder."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.faults import codes_of
from support.tables import SAMPLES, frames, small_world

from apl_engine import OutputError
from apl_engine.reports import draws as draws_module
from apl_engine.reports.draws import ZoneFiles, write_draws
from apl_engine.runs import draws
from apl_engine.scenarios import SupplyModels

LEAVING = SupplyModels(departures=0.2)


def few(**options: Any) -> Any:
    return draws(SAMPLES / "pays-de-la-loire", ["mk-2024"], LEAVING, count=20, **options)


def test_quantiles_are_named_as_they_are_written(tmp_path: Path) -> None:
    content = write_draws(few(), tmp_path / "out", quantiles=("0.1", 0.5, Fraction(1, 3)))
    assert content["quantiles"] == [0.1, 0.5, 1 / 3]
    cuts = pl.read_parquet(tmp_path / "out" / "methodology=mk-2024" / "cuts.parquet")
    assert [name for name in cuts.columns if name.startswith("apl_p")] == [
        "apl_p10", "apl_p50", "apl_p33.3333333333",
    ]  # fmt: skip
    assert json.loads((tmp_path / "out" / "draws.json").read_text()) == content


@pytest.mark.parametrize("quantiles", [["1.5"], [-1], ["half"], [Fraction(3, 2)]])
def test_wrong_quantiles_leave_nothing(tmp_path: Path, quantiles: list[Any]) -> None:
    (code,) = codes_of(lambda: write_draws(few(), tmp_path / "out", quantiles=quantiles))
    assert code in ("argument.out_of_range", "argument.wrong_type")
    assert list(tmp_path.iterdir()) == []


def test_no_draws_are_refused(tmp_path: Path) -> None:
    assert codes_of(lambda: write_draws([], tmp_path / "out")) == ["argument.empty"]
    assert list(tmp_path.iterdir()) == []


def test_territories_may_be_named_as_columns_are(tmp_path: Path) -> None:
    world = small_world()
    for row in world["communes"]:
        if row["territory"] == world["communes"][0]["territory"]:
            row["territory"] = "draw"
    kept = ZoneFiles(tmp_path)
    found = draws(frames(world), ["mk-2024"], LEAVING, count=20, on_zones=kept)
    (one,) = found
    (entry,) = kept.taken("mk-2024")
    zones = pl.read_parquet(tmp_path / entry["file"])
    assert zones.columns == ["draw_", *one.result.territories["territory"]]
    assert (entry["rows"], kept.taken("mk-2024")) == (20, [])


def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(draws_module.Path, "write_bytes", refuse)
    found = few(on_zones=ZoneFiles(tmp_path))
    assert codes_of(lambda: list(found), OutputError) == ["output.not_written"]
