"""Draws by several methodologies, from tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.faults import codes_of
from support.tables import SAMPLES

from apl_engine.errors import AplError
from apl_engine.runs import draws, sweep
from apl_engine.scenarios.draws import SupplyModels

REGION = SAMPLES / "pays-de-la-loire"
LEAVING = SupplyModels(departures=0.2)


@pytest.fixture(scope="module")
def variant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return rules by which those of 62 and more are excluded."""
    path = tmp_path_factory.mktemp("rules") / "younger.toml"
    path.write_text(
        'extends = "mk-2024"\nid = "younger"\ntitle = "Younger"\n'
        '[etp.age_limit]\nvalue = 61\nunit = "years"\nreason = "a trial"\n',
        encoding="utf-8",
    )
    return path


def test_each_methodology_has_the_draws_of_it_alone(variant: Path) -> None:
    given = draws(REGION, ["mk-2024", variant], LEAVING, count=50, seed=3)
    results = sweep(REGION, ["mk-2024", variant])
    for found, rules in zip(given, ("mk-2024", variant), strict=True):
        (alone,) = draws(REGION, [rules], LEAVING, count=50, seed=3)
        assert found.result == alone.result == results[found.result.methodology.id]
        assert found.classes.tolist() == alone.classes.tolist()
        assert found.territories().equals(alone.territories())


def test_zones_are_handed_over_as_they_are_computed(variant: Path) -> None:
    kept: list[tuple[str, int, bytes]] = []
    given = draws(
        REGION, ["mk-2024", variant], LEAVING, count=20, on_zones=lambda *one: kept.append(one)
    )
    found = list(given)
    assert [(name, first) for name, first, _ in kept] == [("mk-2024", 0), ("younger", 0)]
    for one, (_, _, content) in zip(found, kept, strict=True):
        zones = pl.read_parquet(content).drop("draw")
        for row, code in enumerate(one.result.territories["territory"]):
            own = np.bincount(zones[code].to_numpy(), minlength=4)
            assert own.tolist() == one.classes[row].tolist()


def test_scenarios_are_read_as_they_are_needed(tmp_path: Path, variant: Path) -> None:
    (result,) = sweep(REGION, ["mk-2024"]).values()
    plan = result.communes.select(CODGEO="commune", now="etp", none=pl.lit(0.0))
    plan.write_parquet(tmp_path / "plans.parquet")
    named = {"scenarios.commune": "CODGEO"}
    for found in draws(REGION, ["mk-2024", variant], tmp_path / "plans.parquet", columns=named):
        assert found.count == 2
        if found.result.methodology.id == "mk-2024":
            own = found.territories()
            assert (own["zone_share"] >= 50.0).all()


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({"count": 0}, ["argument.not_a_whole_number"]),
        ({"count": 10**9 + 1}, ["argument.out_of_range"]),
        ({"seed": -1}, ["argument.not_a_whole_number"]),
        ({"seed": 2**64}, ["argument.out_of_range"]),
        ({"step": "0"}, ["draws.no_step"]),
        ({"step": "a tenth"}, ["draws.no_step"]),
        ({"step": None}, ["argument.wrong_type"]),
        ({"threads": 0}, ["argument.not_a_whole_number"]),
        ({"on_zones": 1}, ["argument.wrong_type"]),
        ({"methodologies": []}, ["argument.empty"]),
        ({"methodologies": ["mk-2024", "mk-2024"]}, ["sweep.repeated_id"]),
        ({"supply": 3}, ["argument.wrong_type"]),
    ],
)
def test_wrong_arguments_are_refused_at_once(options: dict[str, Any], codes: list[str]) -> None:
    given = {"inputs": REGION, "methodologies": ["mk-2024"], "supply": LEAVING, **options}
    assert codes_of(lambda: draws(**given), AplError) == codes


def test_names_of_no_column_are_refused() -> None:
    found = draws(REGION, ["mk-2024"], LEAVING, columns={"nothing": "x"})
    assert codes_of(lambda: next(found)) == ["source_file.unknown_field"]
