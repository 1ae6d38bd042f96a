"""Amounts of another unit or notation, and months without a row."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.activity_files import (
    faults_of,
    notes,
    practices,
    read,
    read_text,
    service,
    text_of_rows,
    year_of_services,
)


@pytest.mark.parametrize("mark", [",", "."])
@pytest.mark.parametrize("name", ["acts", "fees"])
def test_marks_that_may_group_thousands(tmp_path: Path, name: str, mark: str) -> None:
    def grouped(amount: float) -> str:
        return f"{round(amount * (25 if amount < 60 else 1.8)):,}".replace(",", mark)

    raw = text_of_rows(year_of_services(), **{name: grouped})
    (fault,) = faults_of(read_text, tmp_path, raw)
    assert (fault.code, fault.table, fault.column) == ("activity.ambiguous_marks", "p.csv", name)
    assert fault.count == raw.decode().count(mark) if mark == "," else fault.count
    assert len(fault.rows) == 3
    assert fault.values == ()


def test_decimals_that_only_late_rows_show(tmp_path: Path) -> None:
    """Marks with three digits in the first rows, with fewer further on: decimal ones."""
    lines = ["p1;01001;202201;3;10;200", "p1;01001;202201;4;10;150,125", "p1;01001;202201;5;10;9,5"]
    header = "practitioner_id;commune;month;age;acts;fees"
    done = read_text(tmp_path, "\n".join([header, *lines, ""]).encode())
    assert practices(done)[0][4] == pytest.approx(359.63, abs=0.011)


def test_decimals_written_alike_in_all_rows(tmp_path: Path) -> None:
    raw = text_of_rows(year_of_services(), acts=lambda acts: f"{acts:.3f}".replace(".", ","))
    assert practices(read_text(tmp_path, raw)) == practices(read(tmp_path, year_of_services()))


def test_fees_of_another_unit(tmp_path: Path) -> None:
    rows = [{**row, "fees": row["fees"] * 100} for row in year_of_services()]
    (fault,) = faults_of(read, tmp_path, rows)
    assert fault.code == "activity.fees_per_act"
    assert fault.details["mean"] > fault.details["most"] == 200  # type: ignore[operator]
    swapped = [{**row, "acts": row["fees"], "fees": row["acts"]} for row in year_of_services()]
    (fault,) = faults_of(read, tmp_path, swapped)
    assert fault.details["mean"] < fault.details["least"] == 2  # type: ignore[operator]
    assert notes(read(tmp_path, [service(fees=900.0)]))["unlikely_fees"].count == 1


def test_single_rows_that_are_implausible(tmp_path: Path) -> None:
    rows = [*year_of_services(), service(fees=20_001.0), service(acts=1_201)]
    large = [note for note in read(tmp_path, rows).notes if note.code == "activity.amounts_large"]
    assert [(note.count, dict(note.details)) for note in large] == [
        (1, {"column": "acts", "most": 1_200}), (1, {"column": "fees", "most": 20_000}),
    ]  # fmt: skip


def test_months_without_a_row(tmp_path: Path) -> None:
    assert "months_missing" not in notes(read(tmp_path, year_of_services()))
    rows = [row for row in year_of_services() if row["month"] not in (202203, 202211)]
    note = notes(read(tmp_path, rows))["months_missing"]
    assert (note.count, note.examples, note.warning) == (2, ("2022-03", "2022-11"), True)


def test_coefficients_in_place_of_acts(tmp_path: Path) -> None:
    rows = [service(acts=8, fees=8 * 2.21, age=k % 90) for k in range(120)]
    (fault,) = faults_of(read, tmp_path, rows)
    assert (fault.code, fault.column) == ("activity.coefficients", "acts")
