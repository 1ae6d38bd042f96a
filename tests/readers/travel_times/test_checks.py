"""Whether a matrix is whole and plausible: what no single cell shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.travel_times import PAIRS, country, counts, fault, metric, note, read, table, write


def test_absent_origins(tmp_path: Path) -> None:
    whole = read(write(tmp_path, metric(country())))
    assert not {"origins_absent", "one_direction"} & counts(whole).keys()
    communes = pl.Series([f"38{k:03d}" for k in range(40)])
    half = metric([pair for pair in country() if pair[0] < "38020"])
    absent = note(read(write(tmp_path, half), communes=communes), "origins_absent")
    assert absent.warning
    assert (absent.count, absent.details) == (20, {"communes": 40})


def test_absent_destinations(tmp_path: Path) -> None:
    communes = pl.Series([f"38{k:03d}" for k in range(40)])
    half = metric([pair for pair in country() if pair[1] < "38020"])
    absent = note(read(write(tmp_path, half), communes=communes), "destinations_absent")
    assert (absent.count, absent.details) == (20, {"communes": 40})


def test_pairs_of_one_direction(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric([pair for pair in country() if pair[0] < pair[1]])))
    half = note(found, "one_direction")
    assert half.warning
    assert half.details == {"ascending": len(table(found)), "descending": 0}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_half_in_seconds(tmp_path: Path, suffix: str) -> None:
    pairs = country(200)
    half = len(pairs) // 2
    lines = [f"{o};{d};{t if k < half else t * 60};{t}" for k, (o, d, t) in enumerate(pairs)]
    path = write(tmp_path, "\n".join(["idSrc;idDst;duree;distance", *lines]))
    if suffix == "parquet":
        path = tmp_path / "d.parquet"
        pl.read_csv(tmp_path / "d.csv", separator=";").write_parquet(path)
    found = fault(path)
    assert (found.code, found.column) == ("distancier.implausible_speeds", "duree")
    assert found.details["unit"] == "minutes"
    assert found.details["position"] in (0.5, 0.75)


def test_units_that_alternate(tmp_path: Path) -> None:
    rows = country()
    lines = [f"{o};{d};{t * 60 if k % 3 else t};{t}" for k, (o, d, t) in enumerate(rows)]
    found = fault(write(tmp_path, "\n".join(["idSrc;idDst;duree;distance", *lines])))
    assert found.code == "distancier.implausible_speeds"
    assert found.details["position"] == 0


def zeros(each: int, km: float) -> str:
    """Return a matrix in which one pair of `each` takes no time and is `km` long."""
    lines = [
        f"{o};{d};{0 if o != d and k % each == 1 else t};{km if k % each == 1 else t}"
        for k, (o, d, t) in enumerate(country())
    ]
    return "\n".join(["idSrc;idDst;duree;distance", *lines])


def test_pairs_that_take_no_time(tmp_path: Path) -> None:
    few = note(read(write(tmp_path, zeros(200, 9.0))), "zero_times_apart")
    assert few.warning
    assert (few.count, few.details) == (8, {"km": 3.0})
    assert "zero_times_apart" not in counts(read(write(tmp_path, zeros(200, 0.5))))
    many = fault(write(tmp_path, zeros(7, 9.0)))
    assert many.code == "distancier.zero_times"
    assert many.details["zeros"] > 50
    some = fault(write(tmp_path, zeros(40, 9.0)))
    assert some.code == "distancier.zero_times_apart"
    assert some.details["zeros"] == 39


@pytest.mark.parametrize("mark", [",", "."])
def test_thousands_separators_in_seconds(tmp_path: Path, mark: str) -> None:
    lines = [f"{o};{d};{round(t * 60):,}".replace(",", mark) for o, d, t in country()]
    found = fault(write(tmp_path, "\n".join(["o;d;duree_s", *lines])))
    assert (found.code, found.column) == ("distancier.ambiguous_marks", "duree_s")
    late = [f"{o};{d};{round(t)}" for o, d, t in country(100)] + ["38001;75101;1" + mark + "234"]
    found = fault(write(tmp_path, "\n".join(["o;d;duree", *late])), unit="minutes")
    assert (found.code, found.rows) == ("distancier.ambiguous_marks", (10001,))
    assert found.values == (f"1{mark}234",)


@pytest.mark.parametrize(
    ("dtype", "shown"),
    [(pl.List(pl.Float64), "List(Float64)"), (pl.Duration("us"), "Duration"), (pl.Time, "Time")],
)
def test_parquet_cells_that_are_no_numbers(tmp_path: Path, dtype: Any, shown: str) -> None:
    frame = pl.DataFrame(PAIRS, ["idSrc", "idDst", "duree"], orient="row")
    cells = [[1.0]] * 5 if shown.startswith("List") else [1_000_000] * 5
    frame.with_columns(pl.Series("duree", cells).cast(dtype)).write_parquet(tmp_path / "d.parquet")
    found = fault(tmp_path / "d.parquet")
    assert (found.code, found.column) == ("distancier.unsupported_type", "duree")
    assert str(found.details["type"]).startswith(shown)


def test_clock_times(tmp_path: Path) -> None:
    lines = [f"{o};{d};00:12:30" for o, d, _ in PAIRS]
    found = fault(write(tmp_path, "\n".join(["idSrc;idDst;duree", *lines])))
    assert (found.code, found.column) == ("distancier.clock_times", "duree")
    assert found.values == ("00:12:30",)


@pytest.mark.parametrize("text", ["750s", "PT12M30S", "12 min"])
def test_durations_with_a_unit_in_each_cell(tmp_path: Path, text: str) -> None:
    lines = [f"{o};{d};{text}" for o, d, _ in PAIRS]
    found = fault(write(tmp_path, "\n".join(["idSrc;idDst;duree", *lines])))
    assert (found.code, found.column) == ("distancier.not_a_number", "duree")
    assert found.values == (text,)
