"""Columns and keys of a table against its schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.faults import fault_of, faults_of
from support.tables import frames, methodology, small_world, write_csv

from apl_engine import read_inputs
from apl_engine.errors import Fault
from apl_engine.inputs import validate
from apl_engine.inputs.tables import Source, open_table
from apl_engine.inputs.validate import Categories, check_table
from apl_engine.schemas import INPUTS, Table

RULES = methodology()


def refused(inputs: object) -> Fault:
    return fault_of(lambda: read_inputs(inputs, RULES))  # type: ignore[arg-type]


def with_columns(table: str, *columns: pl.Expr | pl.Series, **named: pl.Expr | pl.Series) -> Fault:
    tables = frames(small_world())
    tables[table] = tables[table].with_columns(*columns, **named)
    return refused(tables)


def test_missing_column() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].drop("fees")
    fault = refused(tables)
    assert (fault.code, fault.column) == ("practitioners.missing_column", "fees")
    assert fault.details["columns"] == (
        "practitioner_id", "commune", "age", "acts", "newly_installed",
    )  # fmt: skip


def test_unknown_columns_of_practitioners_are_only_counted() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].rename({"fees": "honoraires", "acts": "a"})
    for fault in faults_of(lambda: read_inputs(tables, RULES)):
        assert fault.details["columns"] == (
            "practitioner_id", "commune", "age", "newly_installed",
            "2 not shown, as they may hold data of persons",
        )  # fmt: skip


def test_columns_with_the_names_of_a_publisher(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "travel_times.csv").write_text("idSrc;idDst;duree;distance\n")
    faults = faults_of(lambda: read_inputs(tmp_path, RULES))
    assert [(fault.code, fault.column) for fault in faults] == [
        ("travel_times.missing_column", column) for column in ("origin", "destination", "minutes")
    ]
    assert faults[0].details["columns"] == ("idSrc", "idDst", "duree", "distance")


def test_columns_that_may_be_one_in_another_spelling(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    text = "ORIGIN,Origin,destination,minutes\n01001,01001,01002,3\n"
    (tmp_path / "travel_times.csv").write_text(text)
    fault = refused(tmp_path)
    assert (fault.code, fault.column) == ("travel_times.misspelled_column", "origin")
    assert fault.details == {"present": "ORIGIN"}


def test_neither_age_nor_birth_date() -> None:
    tables = frames(small_world())
    tables["practitioners"] = tables["practitioners"].drop("age")
    fault = refused(tables)
    assert fault.code == "practitioners.missing_either"
    assert fault.details["either"] == ("age", "birth_date")


def test_both_age_and_birth_date() -> None:
    fault = with_columns("practitioners", birth_date=pl.date(1980, 1, 1))
    assert fault.code == "practitioners.several_of_either"


def test_header_without_rows(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "population.csv").write_text("commune,age_band,population\n")
    assert refused(tmp_path).code == "population.no_rows"


@pytest.mark.parametrize(
    ("table", "column", "values", "kind", "details"),
    [
        ("communes", "commune", [1001, 1002, 3, 4], "codes_as_numbers", {"type": "Int64"}),
        ("communes", "name", [1, 2, 3, 4], "not_text", {"type": "Int64"}),
        (
            "practitioners",
            "acts",
            [True] * 6,
            "wrong_type",
            {"expected": "number", "type": "Boolean"},
        ),
    ],
)
def test_columns_of_another_type(
    table: str, column: str, values: list[object], kind: str, details: dict[str, str]
) -> None:
    fault = with_columns(table, pl.Series(column, values))
    assert (fault.code, fault.column) == (f"{table}.{kind}", column)
    assert fault.details == details


@pytest.mark.parametrize(
    ("table", "column", "rows", "values"),
    [
        ("practitioners", None, (1, 7), ()),
        ("population", None, (1, 13), ("01001 / 00-04",)),
        ("consumption", "age_band", (1, 4), ("00-04",)),
        ("communes", "commune", (1, 5), ("01001",)),
    ],
)
def test_repeated_keys(
    table: str, column: str | None, rows: tuple[int, ...], values: tuple[str, ...]
) -> None:
    world = small_world()
    world[table].append(dict(world[table][0]))
    fault = refused(frames(world))
    assert (fault.code, fault.column) == (f"{table}.duplicate_key", column)
    assert (fault.count, fault.rows, fault.values) == (2, rows, values)


def test_unused_columns_are_noted() -> None:
    tables = frames(small_world())
    tables["travel_times"] = tables["travel_times"].with_columns(distance=pl.lit(3.0))
    (note,) = read_inputs(tables, RULES).notes
    assert (note.code, note.count) == ("travel_times.columns_ignored", 1)
    assert note.examples == ("distance",)
    assert str(note)


def test_spaces_and_age_bands_matched_by_rule_are_noted() -> None:
    world = small_world()
    world["communes"][0]["territory"] = "T1 "
    world["practitioners"][2]["practitioner_id"] = " p3"
    for row in world["population"]:
        row["age_band"] = row["age_band"].replace("00-04", "0-4")
    notes = read_inputs(frames(world), RULES).notes
    assert [(note.code, note.count, note.examples) for note in notes] == [
        ("communes.spaces_removed", 1, ()),
        ("practitioners.spaces_removed", 1, ()),
        ("population.band_spelling", 1, ("0-4 as 00-04",)),
    ]
    assert [note.details.get("column") for note in notes] == ["territory", "practitioner_id", None]
    assert all(map(str, notes))


DAMAGE = (
    None, "", " ", "nan", "NA", "inf", "-inf", "-1", "1e99", "1.5", "17", "111", "abc", "01001",
    " 01002 ", "1001", "2a004", "99999", "0-4", "05-09", "95+", "true", "maybe", "2020-01-01",
)  # fmt: skip


@st.composite
def damaged_tables(draw: st.DrawFn) -> tuple[Table, pl.DataFrame]:
    """One table as text, some of its cells overwritten, its rows in any order, one maybe twice."""
    table = INPUTS[draw(st.sampled_from(sorted(INPUTS)))]
    given = frames(small_world())[table.name].cast(pl.String)
    rows = draw(st.permutations(range(given.height)))
    rows += draw(st.lists(st.sampled_from(rows), max_size=1))
    columns = {name: given[rows][name].to_list() for name in given.columns}
    cells = st.tuples(st.sampled_from(given.columns), st.integers(0, len(rows) - 1))
    for (column, row), value in draw(
        st.dictionaries(cells, st.sampled_from(DAMAGE), max_size=3)
    ).items():
        columns[column][row] = value
    return table, pl.DataFrame(columns, schema=given.schema)


@given(damaged_tables(), st.booleans())
def test_doubt_is_raised_exactly_where_something_is_wrong(
    damaged: tuple[Table, pl.DataFrame], communes_known: bool
) -> None:
    table, frame = damaged
    tables = frames(small_world())
    codes = pl.Enum(tables["communes"]["commune"].cast(pl.String).sort())
    bands = pl.Enum(tables["consumption"]["age_band"].cast(pl.String))
    known = Categories(codes, bands) if communes_known else Categories()
    source = open_table(table.name, frame, table.names)
    assert isinstance(source, Source)
    checked = check_table(table, source, known)

    def all_doubts(_: Table, names: list[str], __: Any) -> Iterator[pl.Expr]:
        for name in (*names, validate._SPACES, validate._REPEATED):
            yield pl.lit(True).alias(name)

    with patch.object(validate, "_doubts", all_doubts):
        thorough = check_table(table, source, known)
    assert checked.faults == thorough.faults
    assert checked.notes == thorough.notes
    assert checked.frame is not None
    doubts = checked.frame.select(validate._doubts(table, checked.frame.columns, known))
    columns = {name for name in checked.frame.columns if doubts[name].item()}
    if table is INPUTS["travel_times"]:
        # What is left of it is right.
        assert checked.faults or not columns
        return
    assert columns == {f.column for f in checked.faults if not f.code.endswith("duplicate_key")}


@pytest.mark.parametrize("name", INPUTS)
def test_a_file_without_a_header(name: str, tmp_path: Path) -> None:
    folder = write_csv(small_world(), tmp_path)
    path = folder / f"{name}.csv"
    path.write_text(path.read_text().split("\n", 1)[1])
    fault = next(f for f in faults_of(lambda: read_inputs(folder, RULES)) if f.table == name)
    assert (fault.code, fault.values) == (f"{name}.no_header", ())


@pytest.mark.parametrize("codes", [("01001", "2A004"), ("1001", "01002", "75101")])
def test_a_square_matrix_is_to_be_imported(codes: tuple[str, ...], tmp_path: Path) -> None:
    folder = write_csv(small_world(), tmp_path)
    rows = [",".join(["", *codes]), *(",".join([code, *"0" * len(codes)]) for code in codes)]
    (folder / "travel_times.csv").write_text("\n".join(rows) + "\n")
    codes_of_faults = [f.code for f in faults_of(lambda: read_inputs(folder, RULES))]
    assert "travel_times.square_matrix" in codes_of_faults
