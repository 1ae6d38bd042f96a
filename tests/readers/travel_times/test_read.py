"""Travel-time matrices as a whole: the table, its notes, and the same by other programs."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.travel_times import (
    CODES,
    COMMUNES,
    PAIRS,
    RULES,
    WITHIN,
    counts,
    fault,
    faults,
    long_file,
    metric,
    read,
    rules,
    table,
    write,
)

from apl_engine.readers.travel_times.read import read_distancier

ENUM = pl.Enum(CODES)


def test_metric(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric(PAIRS)), communes=COMMUNES.reverse(), vintage=2023)
    frame = found.tables["travel_times"]
    assert frame.schema == {"origin": ENUM, "destination": ENUM, "minutes": pl.Float64}
    assert frame.rows() == WITHIN
    assert found.kind == "distancier"
    assert found.vintage == 2023
    assert "origin = idSrc, destination = idDst, minutes = duree" in found.recognised
    assert "in minutes (a median speed of 60 km/h)" in found.recognised
    assert "CSV separated by ';', UTF-8" in found.recognised
    assert counts(found) == {"pairs_read": 5, "beyond_reach": 1, "one_way": 1, "no_own_time": 4}
    assert found.notes[0].details == {"within": 4}
    assert [stamp.name for stamp in found.stamps] == ["d.csv"]


def test_without_communes_codes_are_text(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric(PAIRS)))
    assert found.tables["travel_times"].schema["origin"] == pl.String
    assert table(found) == WITHIN


def test_row_order_changes_nothing(tmp_path: Path) -> None:
    ordered = read(write(tmp_path, metric(PAIRS)), communes=COMMUNES)
    mixed = read(write(tmp_path, metric(PAIRS[::-1]), "m.csv"), communes=COMMUNES)
    assert mixed.tables["travel_times"].equals(ordered.tables["travel_times"])
    assert mixed.notes == ordered.notes


def test_several_files_of_different_layouts(tmp_path: Path) -> None:
    one = write(tmp_path, metric(PAIRS[:2]), "a.csv")
    two = write(
        tmp_path,
        "km,durée,arrivée,départ\n" + "".join(f"{t},{t},{d},{o}\n" for o, d, t in PAIRS[2:]),
        "b.csv",
    )
    found = read_distancier([two, one], RULES, communes=COMMUNES)
    assert table(found) == WITHIN
    assert "b.csv: origin = départ, destination = arrivée, minutes = durée" in found.recognised
    assert [stamp.name for stamp in found.stamps] == ["b.csv", "a.csv"]
    again = write(tmp_path, metric(PAIRS[2:]), "c.csv")
    assert read_distancier([one, again], RULES).recognised.startswith("2 files: origin = idSrc")


def test_nothing_within_reach(tmp_path: Path) -> None:
    found = fault(write(tmp_path, metric([("01001", "01002", 25.0)])))
    assert found.code == "distancier.none_within"
    assert found.details == {"minutes": 20.0, "unit": "minutes"}


def test_all_wrong_arguments_are_reported() -> None:
    found = faults([], unit="days", period="night", columns={"time": "z"})
    assert [(each.code, each.table, each.values) for each in found] == [
        ("argument.empty", "files", ()),
        ("argument.unknown_choice", "unit", ("days",)),
        ("argument.unknown_choice", "period", ("night",)),
        ("argument.unknown_choice", "columns", ("time",)),
    ]


codes = st.sampled_from(CODES)
minutes = st.integers(0, 4000).map(lambda n: n / 100) | st.just(-999999.0)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.tuples(codes, codes), minutes, min_size=1), st.data())
def test_against_plain_python(
    tmp_path: Path, world: dict[tuple[str, str], float], data: st.DataObject
) -> None:
    how = data.draw(st.sampled_from(["as_given", "max"]))
    rows = data.draw(st.permutations([(o, d, t) for (o, d), t in world.items()]))
    path = write(tmp_path, metric(rows))
    within = {pair for pair, t in world.items() if 0 <= t <= 20}
    # The time of a commune to itself is retained however long it is.
    within |= {(o, d) for (o, d), t in world.items() if o == d and t >= 0}
    expected = {
        pair for pair, t in world.items()
        if pair in within or (how == "max" and t >= 0 and pair[::-1] in within)
    }  # fmt: skip
    options = {"rules": rules(two_way_pairs=how), "unit": "minutes"}
    if not within:
        assert fault(path, **options).code == "distancier.none_within"
        return
    found = read(path, communes=COMMUNES, **options)
    assert table(found) == sorted((o, d, world[o, d]) for o, d in expected)
    number = counts(found)
    assert number["pairs_read"] == len(rows)
    assert number.get("not_computed", 0) == sum(t < 0 for t in world.values())
    assert number.get("one_way", 0) == sum((d, o) not in expected for o, d in expected)
    assert number.get("no_own_time", 0) == sum((c, c) not in expected for c in CODES)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_against_duckdb(tmp_path: Path, suffix: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = write(tmp_path, long_file(100_000))
    if suffix == "parquet":
        path = tmp_path / "d.parquet"
        pl.read_csv(tmp_path / "d.csv", separator=";", schema_overrides={
            "idSrc": pl.String, "idDst": pl.String}).write_parquet(path)  # fmt: skip
    source = f"read_csv('{path}', all_varchar=true)" if suffix == "csv" else f"'{path}'"
    expected = duckdb.sql(
        f"select idSrc, idDst, duree::double from {source} where duree::double <= 20 order by 1, 2"
    ).fetchall()
    assert len(expected) > 20_000
    assert table(read(path)) == expected
