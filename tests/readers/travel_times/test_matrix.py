"""Square matrices of travel times."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import polars as pl
import pytest
from support.open_data import open_data
from support.travel_times import (
    CODES,
    COMMUNES,
    PAIRS,
    WITHIN,
    Pairs,
    counts,
    fault,
    read,
    rules,
    table,
    write,
)


def square(pairs: Pairs, prefix: str = "") -> str:
    times = {(o, d): t for o, d, t in pairs}
    lines = [",".join(["id", *(prefix + code for code in CODES)])]
    lines += [",".join([o, *(str(times.get((o, d), "")) for d in CODES)]) for o in CODES]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("prefix", ["", "X"])
def test_square_matrix(tmp_path: Path, prefix: str) -> None:
    path = write(tmp_path, square(PAIRS, prefix))
    found = read(path, communes=COMMUNES)
    assert table(found) == WITHIN
    assert counts(found)["not_computed"] == 20
    assert "square matrix of 5 destinations" in found.recognised
    found = read(path, rules=rules(two_way_pairs="max"))
    assert table(found) == [*WITHIN, ("38001", "2A004", 20.01)]
    pl.read_csv(path, schema_overrides={"id": pl.String}).write_parquet(tmp_path / "d.parquet")
    assert table(read(tmp_path / "d.parquet")) == WITHIN


@pytest.mark.parametrize(
    ("invalid", "kind"), [("x", "not_a_number"), ("-4", "negative_value"), ("inf", "infinite")]
)
def test_cells_without_a_valid_time(tmp_path: Path, invalid: str, kind: str) -> None:
    found = fault(write(tmp_path, square(PAIRS).replace("10.25", invalid)))
    assert (found.code, found.column) == (f"distancier.{kind}", "01001")
    assert (found.count, found.rows) == (1, (2,))
    assert len(found.values) == 1
    assert found.values[0].startswith(invalid)


def test_a_row_without_a_commune_code(tmp_path: Path) -> None:
    found = fault(write(tmp_path, square(PAIRS).replace("\n01002,", "\nfoo,")))
    assert (found.code, found.values) == ("distancier.not_a_commune_code", ("foo",))


def test_a_square_and_a_list_with_pairs_that_were_not_computed(tmp_path: Path) -> None:
    """As r5py and r5r write them: a row for every pair, empty or NaN if there is no route."""
    codes, times = ["53130", "53012", "53054"], ["0", "12", "", "13", "0", "18", "NaN", "19", "0"]
    rows = [(*pair, time) for pair, time in zip(product(codes, codes), times, strict=True)]
    text = "from_id,to_id,travel_time\n" + "".join(",".join(row) + "\n" for row in rows)
    as_list = read(write(tmp_path, text, "list.csv"), unit="minutes")
    cells = [",53130,53012,53054"]
    cells += [",".join([rows[k][0], *(row[2] for row in rows[k : k + 3])]) for k in (0, 3, 6)]
    as_square = read(write(tmp_path, "\n".join(cells), "square.csv"), unit="minutes")
    numbers = pl.read_csv(tmp_path / "square.csv", null_values=["", "NaN"]).fill_null(float("nan"))
    numbers.write_parquet(tmp_path / "square.parquet")
    typed = read(tmp_path / "square.parquet", unit="minutes")
    expected = sorted((o, d, float(t)) for o, d, t in rows if t not in ("", "NaN"))
    for found in (as_list, as_square, typed):
        assert table(found) == expected
        assert counts(found)["not_computed"] == 2


@pytest.mark.slow
def test_square_matrix_of_isere() -> None:
    path = open_data("osrm_isere_seconds.csv")
    found = read(path)
    header, *lines = [line.split(",") for line in path.read_text().replace('"', "").splitlines()]
    seconds = {
        (row[0], code): float(cell)
        for row in lines
        for code, cell in zip(header[1:], row[1:], strict=True)
    }
    expected = sorted((o, d, t / 60) for (o, d), t in seconds.items() if t <= 1200)
    assert table(found) == expected
    assert "in seconds" in found.recognised
    assert counts(found)["pairs_read"] == 512 * 512
    alone = sum(seconds[d, o] > 1200 for o, d, _ in expected)
    assert counts(found)["one_way"] == alone
