"""Values that are wrong: each kind has its code, with rows and values."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.faults import fault_of, faults_of
from support.tables import frames, methodology, practitioner, small_world, write_csv

from apl_engine import read_inputs
from apl_engine.errors import Fault

RULES = methodology()
NUMBERS = [
    ("practitioners", "acts"),
    ("practitioners", "fees"),
    ("population", "population"),
    ("consumption", "fees"),
]


def refused(inputs: object) -> Fault:
    return fault_of(lambda: read_inputs(inputs, RULES))  # type: ignore[arg-type]


def with_value(table: str, row: int, column: str, value: object) -> Fault:
    """Return the only fault of a world with one other value."""
    world = small_world()
    world[table][row][column] = value
    return refused(frames(world))


def with_file(folder: Path, name: str, text: str) -> Fault:
    write_csv(small_world(), folder)
    (folder / name).write_text(text)
    return refused(folder)


def with_column(table: str, **columns: pl.Expr) -> Fault:
    tables = frames(small_world())
    tables[table] = tables[table].with_columns(**columns)
    return refused(tables)


def where(fault: Fault) -> tuple[object, ...]:
    return fault.code, fault.column, fault.count, fault.rows, fault.values


def test_text_in_place_of_a_number(tmp_path: Path) -> None:
    text = "origin,destination,minutes\n01001,01002,ten\n01002,01001,9\n"
    fault = with_file(tmp_path, "travel_times.csv", text)
    assert where(fault) == ("travel_times.not_a_number", "minutes", 1, (1,), ("ten",))


def test_a_number_with_its_unit() -> None:
    """Of practitioners no value is shown, but what is wrong with it."""
    fault = with_column("practitioners", fees=pl.col("fees").cast(pl.String) + " €")
    assert (fault.code, fault.values) == ("practitioners.number_with_unit", ())


def test_no_value(tmp_path: Path) -> None:
    fault = with_file(tmp_path, "consumption.csv", "age_band,fees\n00-04,\n05-09,9\n10+,9\n")
    assert where(fault) == ("consumption.no_value", "fees", 1, (1,), ())


@pytest.mark.parametrize(("table", "column"), NUMBERS)
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (float("nan"), "nan"),
        (float("inf"), "infinite"),
        (-999999.0, "negative_value"),
        (1e308, "above_maximum"),
    ],
)
def test_impossible_numbers(table: str, column: str, value: float, kind: str) -> None:
    fault = with_value(table, 1, column, value)
    values = () if table == "practitioners" else (str(value).replace("nan", "NaN"),)
    assert where(fault) == (f"{table}.{kind}", column, 1, (2,), values)
    if kind == "above_maximum":
        assert set(fault.details) == {"high", "doc"}


@pytest.mark.parametrize(
    ("age", "kind", "details"),
    [
        (0, "below_minimum", {"low": 18}),
        (-1, "below_minimum", {"low": 18}),
        (200, "above_maximum", {"high": 110}),
    ],
)
def test_impossible_ages(age: int, kind: str, details: dict[str, float]) -> None:
    fault = with_value("practitioners", 0, "age", age)
    assert where(fault) == (f"practitioners.{kind}", "age", 1, (1,), ())
    assert details.items() <= fault.details.items()


def test_age_that_is_not_whole() -> None:
    fault = with_column("practitioners", age=pl.lit(40.5))
    assert where(fault) == ("practitioners.not_whole", "age", 6, (1, 2, 3), ())


def test_birth_date_that_is_not_a_date(tmp_path: Path) -> None:
    text = "practitioner_id,commune,birth_date,acts,fees,newly_installed\np,01001,1/2/80,1,1,0\n"
    fault = with_file(tmp_path, "practitioners.csv", text)
    assert where(fault) == ("practitioners.not_a_date", "birth_date", 1, (1,), ())


def test_flag_in_other_words(tmp_path: Path) -> None:
    text = "practitioner_id,commune,age,acts,fees,newly_installed\np,01001,40,1,1,maybe\n"
    fault = with_file(tmp_path, "practitioners.csv", text)
    assert where(fault) == ("practitioners.not_a_flag", "newly_installed", 1, (1,), ())


def test_number_that_is_not_a_flag() -> None:
    fault = with_column("practitioners", newly_installed=pl.lit(2))
    assert where(fault) == ("practitioners.not_a_flag", "newly_installed", 6, (1, 2, 3), ())


def test_unknown_communes() -> None:
    world = small_world()
    cells = [("practitioners", 0, "commune"), ("population", 0, "commune")]
    for k, (table, row, column) in enumerate(cells):
        world[table][row][column] = f"3306{k}"
    faults = faults_of(lambda: read_inputs(frames(world), RULES))
    assert [where(fault) for fault in faults] == [
        # A cell of practitioners may be of another column.
        (
            f"{table}.unknown_commune",
            column,
            1,
            (row + 1,),
            () if table == "practitioners" else (f"3306{k}",),
        )
        for k, (table, row, column) in enumerate(cells)
    ]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("1001", "lost_leading_zero"),
        ("2a004", "lower_case_code"),
        ("01001 ", "spaces_around_code"),
        ("'01001", "not_a_commune_code"),
        ("1001.0", "not_a_commune_code"),
    ],
)
def test_miswritten_commune_codes(code: str, kind: str) -> None:
    fault = with_value("population", 0, "commune", code)
    assert where(fault) == (f"population.{kind}", "commune", 1, (1,), (code,))


def test_wrong_commune_codes_are_reported_in_every_table() -> None:
    world = small_world()
    for rows in world.values():
        for row in rows:
            for column in {"commune", "origin"} & row.keys():
                row[column] = row[column].replace("01001", "1001")
    faults = faults_of(lambda: read_inputs(frames(world), RULES))
    assert [fault.code for fault in faults] == [
        f"{table}.lost_leading_zero" for table in ("communes", "practitioners", "population")
    ]


def test_commune_without_territory_or_region() -> None:
    world = small_world()
    world["communes"][0]["territory"] = None
    world["communes"][1]["region"] = None
    faults = faults_of(lambda: read_inputs(frames(world), RULES))
    assert [where(fault) for fault in faults] == [
        ("communes.no_value", "region", 1, (2,), ()),
        ("communes.no_value", "territory", 1, (1,), ()),
    ]


def test_words_for_a_missing_value_are_not_a_territory() -> None:
    fault = with_value("communes", 0, "territory", "nan")
    assert where(fault) == ("communes.no_value", "territory", 1, (1,), ("nan",))


def test_region_that_is_not_a_code() -> None:
    fault = with_value("communes", 0, "region", "1")
    assert where(fault) == ("communes.unexpected_value", "region", 1, (1,), ("1",))


def test_unreadable_age_band() -> None:
    fault = with_value("population", 0, "age_band", "young")
    assert where(fault) == ("population.not_an_age_band", "age_band", 1, (1,), ("young",))


def test_no_value_of_a_practitioner_is_shown() -> None:
    """Neither identifiers nor activity, whatever is wrong with their rows."""
    world = small_world()
    secret = practitioner("SECRET-ID", "01001", acts=-77_777, fees=-88_888, age=7)
    world["practitioners"] += [secret, dict(secret), practitioner("", "01001")]
    faults = faults_of(lambda: read_inputs(frames(world), RULES))
    assert {fault.table for fault in faults} == {"practitioners"}
    shown = str([(str(fault), fault.as_dict()) for fault in faults])
    for word in ("SECRET", "77777", "77_777", "88888", "'7'"):
        assert word not in shown
