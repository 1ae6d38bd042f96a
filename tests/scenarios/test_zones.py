"""Scenarios zoned at once: each with the bits of a full run of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.faults import codes_of
from support.full_runs import full_run, run_with_network
from support.tables import SAMPLES, frames, methodology, small_world

from apl_engine import OutputError
from apl_engine.errors import Note
from apl_engine.reports.scenarios import write_scenarios
from apl_engine.scenarios import ScenarioZones, zone_scenarios

RESULT, NETWORK = run_with_network(SAMPLES / "pays-de-la-loire")
RULES = RESULT.methodology
CODES = RESULT.communes["commune"]


def table(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame({"commune": CODES[:3], **columns})


@pytest.fixture(scope="module")
def drawn() -> pl.DataFrame:
    """Twenty scenarios, the communes in any order; the first as it is, the last without supply."""
    rng = np.random.default_rng(4)
    etp = RESULT.communes["etp"].to_numpy()[:, None] * rng.integers(0, 3, (len(CODES), 20))
    etp[:, 0], etp[:, -1] = RESULT.communes["etp"].to_numpy(), 0.0
    names = [f"s{k}" for k in range(20)]
    whole = pl.DataFrame({"commune": CODES}).with_columns(pl.DataFrame(etp, schema=names))
    return whole.sample(fraction=1.0, shuffle=True, seed=1)


@pytest.fixture(scope="module")
def found(drawn: pl.DataFrame) -> ScenarioZones:
    return zone_scenarios(RESULT, drawn, threads=2)


def test_each_scenario_has_the_bits_of_a_full_run(
    found: ScenarioZones, drawn: pl.DataFrame
) -> None:
    rows = drawn.sort("commune")
    for k, name in enumerate(found.names):
        communes, territories, cuts = full_run(RESULT, NETWORK, rows[name])
        assert found.communes_apl[name].equals(communes["apl"].rename(name))
        assert found.territories_apl[name].equals(territories["apl"].rename(name))
        assert found.territories_zone[name].equals(territories["zone"].rename(name))
        assert found.cuts[k] == cuts
        assert found.etp[k] == pytest.approx(communes["etp"].sum(), rel=1e-12)
        counts = dict(territories["zone"].value_counts().iter_rows())
        assert found.territories[k].tolist() == [
            counts.get(zone.id, 0) for zone in RULES.zoning.classes
        ]
        assert found.population[k].sum() == pytest.approx(territories["population"].sum())
    assert found.territories_zone["s0"].equals(RESULT.territories["zone"].rename("s0"))


def test_territories_without_a_zone() -> None:
    world = small_world()
    for row in world["population"]:
        if row["commune"] in ("2A004", "75101"):
            row["population"] = 0.0
    result, _ = run_with_network(frames(world))
    found = zone_scenarios(result, pl.DataFrame({"commune": ["75101"], "one": [2.0]}))
    assert found.territories_zone["one"].to_list()[1] is None
    # All of it is within reach of the inhabitants of the other territory.
    people = result.territories["standardised_population"][0]
    assert found.territories_apl["one"].to_list() == [pytest.approx(2 / people * 1e5), None]
    assert found.territories.sum() == 1
    assert found.unreachable_etp.tolist() == [0.0]


def test_unlisted_communes_get_no_etp() -> None:
    found = zone_scenarios(RESULT, table(one=[1, 2, 3]))
    assert found.etp.tolist() == [6.0]
    assert found.table.rows == 3
    absent = len(CODES) - 3
    assert found.notes == (Note("scenarios.unlisted_communes", absent, tuple(CODES[3:8])),)


def test_every_fault_of_a_table_is_reported() -> None:
    assert codes_of(lambda: zone_scenarios(RESULT, table(territory=[1, -2, 3]))) == [
        "scenarios.reserved_name",
        "scenarios.negative_value",
    ]


def test_a_network_of_other_communes_is_refused() -> None:
    other = run_with_network(frames(small_world()), methodology())[1]
    codes = codes_of(lambda: zone_scenarios(RESULT, table(one=[1, 2, 3]), network=other))
    assert codes == ["network.other_communes"]


def test_the_files_hold_the_tables(
    found: ScenarioZones, drawn: pl.DataFrame, tmp_path: Path
) -> None:
    document = write_scenarios(found, tmp_path / "out")
    assert document == json.loads((tmp_path / "out" / "scenarios.json").read_text())
    assert len(list((tmp_path / "out").iterdir())) == 7
    for output in document["outputs"]:
        name, ending = output["file"].split(".")
        path, table = tmp_path / "out" / output["file"], getattr(found, name)
        if ending == "parquet":
            assert pl.read_parquet(path).equals(table)
            continue
        text = dict.fromkeys(("commune", "territory"), pl.String)
        read = pl.read_csv(path, schema_overrides=text)
        assert read.select(table.columns).cast(dict(table.schema)).equals(table)
        assert ("s0_label" in read.columns) == (name == "territories_zone")
    assert {entry["table"] for entry in document["inputs"]} >= {"communes", "travel_times"}
    assert document["scenario_table"] == {"table": "scenarios", "format": "frame", "rows": 1561}
    assert document["network"]["pairs"] == NETWORK.pairs
    one = document["scenarios"][0]
    assert one["zones"][0]["territories"] == RESULT.territories["zone"].to_list().count(
        "tres_sous_dotee"
    )
    assert one["cuts"][0]["highest_apl"] == RESULT.cuts[0].highest_apl
    codes = codes_of(lambda: write_scenarios(found, tmp_path / "out"), OutputError)
    assert codes == ["output.result_exists"]


def test_a_failure_to_write_leaves_nothing(
    found: ScenarioZones, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("apl_engine.inputs.tables.hashlib.file_digest", fail)
    codes = codes_of(lambda: write_scenarios(found, tmp_path / "out"), OutputError)
    assert codes == ["output.not_written"]
    assert list(tmp_path.iterdir()) == []
