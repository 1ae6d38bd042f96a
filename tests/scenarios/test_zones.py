"""Scenarios zoned at once: each with the bits of a full run of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.full_runs import full_run
from support.tables import SAMPLES, frames, methodology, small_world

from apl_engine import (
    InputDataError,
    OutputError,
    ScenarioZones,
    run_with_network,
    write_scenarios,
    zone_scenarios,
)
from apl_engine.notes import Note
from apl_engine.results import write as publishing

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
    return zone_scenarios(RESULT, NETWORK, drawn, threads=2)


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
    result, network = run_with_network(frames(world))
    found = zone_scenarios(result, network, pl.DataFrame({"commune": ["75101"], "one": [2.0]}))
    assert found.territories_zone["one"].to_list()[1] is None
    # All of it is reached by those who live in the other territory.
    people = result.territories["standardised_population"][0]
    assert found.territories_apl["one"].to_list() == [pytest.approx(2 / people * 1e5), None]
    assert found.territories.sum() == 1
    assert found.unreachable_etp.tolist() == [0.0]


def test_communes_that_are_not_listed_have_none() -> None:
    found = zone_scenarios(RESULT, NETWORK, table(one=[1, 2, 3]))
    assert found.etp.tolist() == [6.0]
    assert found.table.rows == 3
    absent = len(CODES) - 3
    text = f"scenarios: {absent} communes are not listed and have 0 ETP in each"
    assert found.notes == (Note("scenario_zero", text, absent, tuple(CODES[3:8])),)


def test_every_fault_of_a_table_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "scenarios.csv"
    path.write_text(
        f"commune;one;two;territory\n{CODES[0]};-1;1,5;0\n{CODES[1]};x;2;0\n99999;1;;0\n"
        f"1001;inf;1;0\n"
    )
    with pytest.raises(InputDataError) as caught:
        zone_scenarios(RESULT, NETWORK, path)
    words = str(caught.value)
    for fault in (
        "column 'one': negative values (1 row; row 1; value '-1')",
        "column 'one': not a number (1 row; row 2; value 'x')",
        "column 'one': infinite values",
        "column 'two': no value",
        "column 'commune': unknown communes, absent from the table communes (1 row; row 3; value "
        "'99999')",
        "column 'commune': commune codes have lost their first zero",
        "a scenario is named as a column of results (value 'territory')",
    ):
        assert fault in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("commune,one\n{0},1\n{0},2\n", "the same commune stands in several rows"),
        ("commune,one,one\n{0},1,2\n", "several scenarios have the same name (value 'one')"),
        ("commune,one,\n{0},1,2\n", "a scenario has no name"),
        ("commune\n{0}\n", "it has no scenario"),
        ("code,one\n{0},1\n", "column 'commune': the column is missing"),
        ("commune,one\n", "the table has no row"),
        ("commune|one\n", "the columns of scenarios.csv are separated by vertical bars"),
        ("", "scenarios.csv is empty"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "scenarios.csv").write_text(text.format(CODES[0]))
    with pytest.raises(InputDataError) as caught:
        zone_scenarios(RESULT, NETWORK, tmp_path / "scenarios.csv")
    assert words in str(caught.value)


def test_a_network_of_other_communes_is_refused() -> None:
    other = run_with_network(frames(small_world()), methodology())[1]
    with pytest.raises(InputDataError, match="it is of other communes"):
        zone_scenarios(RESULT, other, table(one=[1, 2, 3]))


def test_what_is_written(found: ScenarioZones, drawn: pl.DataFrame, tmp_path: Path) -> None:
    document = write_scenarios(found, tmp_path / "out")
    assert document == json.loads((tmp_path / "out" / "scenarios.json").read_text())
    assert len(list((tmp_path / "out").iterdir())) == 7
    for output in document["outputs"]:
        name, ending = output["file"].split(".")
        read = pl.read_parquet if ending == "parquet" else pl.read_csv
        options: dict[str, Any] = (
            {} if ending == "parquet" else {"schema": getattr(found, name).schema}
        )
        assert read(tmp_path / "out" / output["file"], **options).equals(getattr(found, name))
    assert {entry["table"] for entry in document["inputs"]} >= {"communes", "travel_times"}
    assert document["scenario_table"] == {"table": "scenarios", "format": "frame", "rows": 1561}
    assert document["network"]["pairs"] == NETWORK.pairs
    one = document["scenarios"][0]
    assert one["zones"][0]["territories"] == RESULT.territories["zone"].to_list().count(
        "tres_sous_dotee"
    )
    assert one["cuts"][0]["highest_apl"] == RESULT.cuts[0].highest_apl
    with pytest.raises(OutputError, match="holds files that are not of a result"):
        write_scenarios(found, tmp_path / "out")


def test_nothing_is_left_where_writing_fails(
    found: ScenarioZones, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing.hashlib, "file_digest", fail)
    with pytest.raises(OutputError, match="nothing was left there"):
        write_scenarios(found, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
