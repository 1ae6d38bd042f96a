"""One matrix of travel times gives one result, or one refusal, by every door and in any layout."""

from __future__ import annotations

import os
import tempfile
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from support.command import apl
from support.doors import LONG, Rows, differ, doors, enter, layouts, matrices
from support.tables import World, commune, practitioner, write_csv

from apl_engine import run
from apl_engine.networks import prepare_network

MAYENNE = ["53130", "53012", "53054"]
OWN_TIME = """origin,destination,minutes
53130,53130,25
53012,53012,0
53054,53054,0
53130,53012,12
53012,53130,8
53130,53054,18
53012,53054,18
53054,53130,5
53054,53012,5
"""

DRAWS = int(os.environ.get("APL_ENGINE_DOORS", "12"))
relaxed = settings(
    deadline=None,
    max_examples=DRAWS,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def mayenne(folder: Path) -> Path:
    """Write three communes, each in its territory, with some practitioners."""
    people = dict(zip(MAYENNE, (2000, 1000, 200), strict=True))
    world: World = {
        "practitioners": [
            practitioner(f"P{k}", code)
            for k, code in enumerate([MAYENNE[0], MAYENNE[1], *[MAYENNE[2]] * 10])
        ],
        "population": [
            {"commune": code, "age_band": "00+", "population": float(number)}
            for code, number in people.items()
        ],
        "consumption": [{"age_band": "00+", "fees": 1000.0}],
        "communes": [commune(code, "52", f"T{k}") for k, code in enumerate(MAYENNE)],
    }
    return write_csv(world, folder)


def test_a_time_to_oneself_beyond_reach(tmp_path: Path) -> None:
    """The table holds 25 minutes, so that 0 does not stand for it; the commune is named."""
    (tmp_path / "metric.csv").write_text(OWN_TIME)
    given = mayenne(tmp_path / "given")
    (given / "travel_times.csv").write_text(OWN_TIME)
    made = mayenne(tmp_path / "made")
    done = apl("import", "distancier", tmp_path / "metric.csv", "-o", made, "--json")
    (note,) = [
        note for note in done.json["notes"] if note["code"] == "distancier.long_own_times"
    ]  # fmt: skip
    assert note["examples"] == ["53130 (25)"]
    assert note["warning"]
    results = [run(folder) for folder in (given, made)]
    results += [run(folder, network=prepare_network(folder)) for folder in (given, made)]
    # By hand: R = ETP / sum(w P), A = 1e5 sum(w R).
    third, two_thirds, thousand = Fraction(1, 3), Fraction(2, 3), Fraction(1000)
    people = [Fraction(2000), thousand, Fraction(200)]
    weights = [[0, two_thirds, third], [1, 1, third], [1, 1, 1]]
    etp = [1, 1, 10]
    ratios = [etp[j] / sum(Fraction(weights[k][j]) * people[k] for k in range(3)) for j in range(3)]
    expected = [float(100_000 * sum(weights[i][j] * ratios[j] for j in range(3))) for i in range(3)]
    by_code = dict(zip(MAYENNE, expected, strict=True))
    for result in results:
        found = dict(result.communes.select("commune", "apl").iter_rows())
        assert found == pytest.approx(by_code)
        (long,) = [n for n in result.notes if n.code == "travel_times.long_own_times"]
        assert (long.examples, long.warning) == (("53130",), True)


def test_codes_are_checked_against_communes_in_any_format(tmp_path: Path) -> None:
    """Times between whole cities, where the communes go by arrondissement."""
    (tmp_path / "d.csv").write_text(
        "origin,destination,minutes\n75056,75056,0\n75056,92012,15\n92012,75056,15\n92012,92012,0\n"
    )
    rows = [commune(code, "11", "T") for code in ("75101", "75102", "92012")]
    table = pl.DataFrame(rows)
    for name, write in {
        "communes.csv": table.write_csv,
        "communes.parquet": table.write_parquet,
        "communes.arrow": table.write_ipc,
    }.items():
        inputs = tmp_path / name
        inputs.mkdir()
        write(inputs / name)
        done = apl("import", "distancier", tmp_path / "d.csv", "-o", inputs, "--json")
        assert (done.returncode, done.codes) == (3, ["distancier.unknown_communes"])
        assert [path.name for path in inputs.iterdir()] == [name]


@pytest.mark.heavy
@relaxed
@given(matrices(), st.data())
def test_one_matrix_one_result(rows: Rows, data: st.DataObject) -> None:
    fitting = layouts(rows)
    chosen = [data.draw(st.sampled_from(fitting)) for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        expected = enter("run", "csv", rows, Path(folder) / "first")
        event("refused" if isinstance(expected, frozenset) else "run")
        for k, layout in enumerate(chosen):
            door = data.draw(st.sampled_from(doors(layout)))
            communes = data.draw(st.sampled_from(["csv", "parquet"]))
            found = enter(door, layout, rows, Path(folder) / str(k), communes)
            assert not differ(found, expected), (door, layout, expected, found)


@pytest.mark.heavy
@settings(relaxed, max_examples=max(3, DRAWS // 20))
@given(matrices(), st.data())
def test_one_matrix_one_result_by_the_commands(rows: Rows, data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from([name for name in layouts(rows) if name in LONG]))
    with tempfile.TemporaryDirectory() as folder:
        expected = enter("run", "csv", rows, Path(folder) / "first")
        for door in ("apl run", "apl import"):
            found = enter(door, layout, rows, Path(folder) / door)
            assert not differ(found, expected), (door, layout, expected, found)
