"""Months, ages, dates, amounts and codes of prestations."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.activity_files import (
    PEOPLE,
    SERVICES,
    entry,
    faults_of,
    fees,
    notes,
    practices,
    read,
    read_files,
    service,
)

from apl_engine.readers.activity.values import age_bands, band_of, parse_period, quotient


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (202203, 202303),
        (20220331, 20211231),
        (202203.0, 202303.0),
        ("2022-03", "2021-03"),
        ("202203", "202103"),
        ("20220331", "20210331"),
        ("2022-03-31 10:20:30", "2021-03-31 10:20:30"),
        (" 2022-03 ", " 2021-03"),
        (date(2022, 3, 1), date(2021, 3, 1)),
    ],
)
def test_months_as_documented(tmp_path: Path, inside: object, outside: object) -> None:
    rows = [service(month=inside), service(month=outside, fees=1_000.0), service(month=inside)]
    done = read(tmp_path, rows)
    assert practices(done) == [("p1", "01001", 42, 4.0, 64.52, False)]
    assert fees(done) == {"30-34": 64.52}
    assert notes(done)["other_years"].count == 1


def test_months_of_several_notations_are_read_one_by_one(tmp_path: Path) -> None:
    rows = [service(month=m) for m in ("2022-03", "202204", "20220501", "2022-06-30")]
    done = read(tmp_path, rows)
    assert practices(done)[0][3] == 8.0
    assert "2022-05" not in notes(done)["months_missing"].examples


def test_months_beside_years(tmp_path: Path) -> None:
    rows = [service(month=3, year=2022), service(month=3, year=2021), service(month=12, year=2022)]
    assert practices(read(tmp_path, rows))[0][3] == 4.0
    years = [{key: value for key, value in row.items() if key != "month"} for row in rows]
    assert practices(read(tmp_path, years))[0][3] == 4.0
    rows = [service(month="03", year="2022"), service(month="2022-04", year="2022")]
    assert practices(read(tmp_path, rows))[0][3] == 4.0
    rows = [service(month="2021-03", year="2022"), service(month="2022-04", year="2022")]
    (fault,) = faults_of(read, tmp_path, rows)
    assert (fault.code, fault.values) == ("activity.unreadable_month", ("2021-03",))


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        (202213, "202213"), (2022, "2022"), (3, "3"), (None, ""), ("March", "March"),
        ("03/2022", "03/2022"), ("31/03/2022", "31/03/2022"), ("2022/03", "2022/03"),
        ("2022-1", "2022-1"),
    ],
)  # fmt: skip
def test_months_that_cannot_be_read(tmp_path: Path, wrong: object, shown: str) -> None:
    first = 202203 if isinstance(wrong, int) else "2022-03"
    rows = [service(month=first), service(month=wrong), service(month=wrong)]
    (fault,) = faults_of(read, tmp_path, rows)
    assert (fault.code, fault.column) == ("activity.unreadable_month", "month")
    assert (fault.count, fault.rows, fault.values) == (2, (2, 3), (shown,) if shown else ())
    (fault,) = faults_of(read, tmp_path, rows[1:])
    assert (fault.code, fault.count) == ("activity.unreadable_month", 2)


@pytest.mark.parametrize(
    ("month", "annual", "period"),
    [
        ("2022-1", None, (None, None)), ("13/2022", None, (None, None)), ("1", "22", (None, 1)),
        (None, None, (None, None)), (None, "2022", (2022, None)), (7, "2022", (2022, 7)),
        (202207, None, (2022, 7)), ("2022-07-31", None, (2022, 7)), (20220732, None, (None, None)),
    ],
)  # fmt: skip
def test_periods(month: object, annual: object, period: tuple[int | None, int | None]) -> None:
    assert parse_period(month, annual) == period


@pytest.mark.parametrize(
    ("age", "band"),
    [
        ("0", "00-04"), ("4", "00-04"), ("5", "05-09"), ("94", "90-94"), ("95", "95+"),
        ("130", "95+"), ("131", None), ("999", None), ("-1", None), ("034", "30-34"),
        ("34.0", "30-34"), ("34,9", "30-34"), ("34 ans", None), ("30-34", "30-34"),
        ("30-39", None), ("95+", "95+"), ("90+", None), ("97-99", "95+"), ("x", None), ("", None),
    ],
)  # fmt: skip
def test_bands_of_ages(age: str, band: str | None) -> None:
    assert band_of(age, age_bands(5)) == band


def test_bands_of_another_width() -> None:
    assert [str(band) for band in age_bands(10)][-2:] == ["80-89", "90+"]


@pytest.mark.parametrize("unknown", [None, -1, 131, 999])
def test_unknown_ages_are_counted(tmp_path: Path, unknown: int | None) -> None:
    done = read(tmp_path, [service(fees=30.0), service(age=unknown, fees=10.0)])
    assert practices(done)[0][3:5] == (4.0, 40.0)
    assert fees(done) == {"30-34": 30.0}
    note = notes(done)["unknown_ages"]
    assert (note.count, note.details["share"]) == (1, 25.0)


def test_no_age_is_known(tmp_path: Path) -> None:
    (fault,) = faults_of(read, tmp_path, [service(age=999)])
    assert (fault.code, fault.count) == ("activity.no_age", 1)


def test_decimals(tmp_path: Path) -> None:
    rows = [service(acts=9.51, fees=1.005), service(acts=0.12345, fees=2.0)]
    done = read(tmp_path, rows)
    assert practices(done)[0][3] == pytest.approx(9.6334 + 0.0001, abs=2e-4)
    rounded = [n for n in done.notes if n.code == "activity.amounts_rounded"]
    assert [(n.count, dict(n.details)) for n in rounded] == [
        (1, {"column": "acts", "decimals": 4}), (1, {"column": "fees", "decimals": 2}),
    ]  # fmt: skip
    rows = [service(acts=0.1, fees=0.1) for _ in range(10)]
    assert practices(read(tmp_path, rows))[0][3:5] == (1.0, 1.0)


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Decimal(12, 2), pl.String])
def test_types_of_amounts(tmp_path: Path, dtype: Any) -> None:
    frame = pl.DataFrame(SERVICES).with_columns(pl.col("fees").cast(dtype))
    frame.write_parquet(tmp_path / "typed.parquet")
    done = read_files(tmp_path, "typed.parquet")
    assert practices(done) == practices(read(tmp_path))
    assert "amounts_rounded" not in notes(done)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_amounts_that_are_no_numbers(tmp_path: Path, value: float | None) -> None:
    (fault,) = faults_of(read, tmp_path, [service(), service(fees=value)])
    assert (fault.code, fault.table, fault.column) == (
        "activity.not_a_number", "prestations.parquet", "fees",
    )  # fmt: skip
    assert (fault.count, fault.rows) == (1, (2,))


def test_identifiers_as_numbers(tmp_path: Path) -> None:
    people = [{**entry("x"), "practitioner_id": 7}]
    assert practices(read(tmp_path, [{**service(), "practitioner_id": 7}], people))[0][0] == "7"
    assert practices(read(tmp_path, [{**service(), "practitioner_id": 7.0}], people))[0][0] == "7"


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1980-12-31", 42), ("19801231", 42), ("1981-01-01", 41), ("1980-12", 42), ("1980", 42),
        ("198012", 42), ("1980-12-31T00:00:00", 42),
    ],
)  # fmt: skip
def test_iso_dates(tmp_path: Path, born: str, age: int) -> None:
    done = read(tmp_path, [service()], [{**PEOPLE[0], "birth_date": born}])
    assert practices(done)[0][2] == age
    assert ("day_unknown" in notes(done)) == (len(born) < 8)
    if born.isdigit():
        done = read(tmp_path, [service()], [{**PEOPLE[0], "birth_date": int(born)}])
        assert practices(done)[0][2] == age


def test_dates_with_the_day_first(tmp_path: Path) -> None:
    done = read(tmp_path, [service()], [{**PEOPLE[0], "birth_date": "02/01/1980"}])
    iso = read(tmp_path, [service()], [{**PEOPLE[0], "birth_date": "1980-01-02"}])
    assert practices(done) == practices(iso)
    assert notes(done)["day_first"].count == 1


@pytest.mark.parametrize("born", ["12/31/1980", "12/1980", "1980-13-01", "80", None])
def test_dates_that_are_not_iso(tmp_path: Path, born: str | None) -> None:
    people = [PEOPLE[0], {**PEOPLE[1], "birth_date": born}]
    people[0] = {**people[0], "birth_date": "1980-05-01"}
    (fault,) = faults_of(read, tmp_path, [service()], people)
    assert (fault.code, fault.column) == ("activity.not_a_date", "birth_date")
    assert (fault.count, fault.rows, fault.values) == (1, (2,), ())


def test_quotients_are_the_nearest_numbers() -> None:
    cents = range(0, 300_000, 7)
    assert quotient(pl.Series(cents), "fees").to_list() == [value / 100 for value in cents]
