"""The register of practitioners: age, installation, end of practice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from support.activity_files import (
    PEOPLE,
    RULES,
    SERVICES,
    entry,
    faults_of,
    notes,
    practices,
    read,
    service,
    write,
)

from apl_engine.readers.activity.read import read_activity


def test_rows_that_agree_or_not(tmp_path: Path) -> None:
    people = [*PEOPLE, entry("p1"), entry("p1")]
    assert notes(read(tmp_path, people=people))["rows_merged"].count == 2
    people = [*PEOPLE, entry("p1", "1980-05-01", "2022-05-01")]
    (fault,) = faults_of(read, tmp_path, people=people)
    assert fault.code == "activity.rows_disagree"
    assert (fault.count, fault.rows, fault.values) == (2, (1, 4), ())
    assert fault.details == {"practitioners": 1}


def test_age_and_flag_in_place_of_dates(tmp_path: Path) -> None:
    people: list[dict[str, Any]] = [
        {"practitioner_id": "p1", "age": 64, "newly_installed": "oui"},
        {"practitioner_id": "p2", "age": 30, "newly_installed": "NON"},
        {"practitioner_id": "p3", "age": 31, "newly_installed": None},
    ]
    done = read(tmp_path, people=people)
    assert {(row[0], row[2], row[5]) for row in practices(done)} == {
        ("p1", 64, True), ("p2", 30, False), ("p3", 31, False),
    }  # fmt: skip
    assert notes(done)["installation_unknown"].count == 1
    people[1]["newly_installed"] = "peut-être"
    people[2]["age"] = None
    faults = faults_of(read, tmp_path, people=people)
    assert [(fault.code, fault.rows) for fault in faults] == [
        ("activity.not_an_age", (3,)), ("activity.not_a_flag", (2,)),
    ]  # fmt: skip
    flags = [True, False, False]
    people = [
        {**row, "age": 40, "newly_installed": f} for row, f in zip(people, flags, strict=True)
    ]
    assert [row[5] for row in practices(read(tmp_path, people=people))] == [
        True, True, False, False,
    ]  # fmt: skip


def test_all_faults_of_the_register_come_together(tmp_path: Path) -> None:
    people = [
        {**entry("p1"), "birth_date": "1980-13-01"},
        {**entry("p2"), "birth_date": "1980-12-01", "installation_date": "soon"},
        {**entry(None), "birth_date": "1980-12-01"},
    ]
    faults = faults_of(read, tmp_path, people=people)
    assert [(fault.code, fault.column, fault.rows) for fault in faults] == [
        ("activity.empty_cell", "practitioner_id", (3,)),
        ("activity.not_a_date", "birth_date", (1,)),
        ("activity.not_a_date", "installation_date", (2,)),
    ]
    assert not any(fault.values for fault in faults)


def test_ages_out_of_range(tmp_path: Path) -> None:
    (fault,) = faults_of(read, tmp_path, people=[entry("p1", "2010-01-01"), *PEOPLE[1:]])
    assert (fault.code, fault.table) == ("activity.age_out_of_range", "register")
    assert (fault.count, fault.rows) == (1, (1,))


def test_a_register_without_rows_or_of_several_layouts(tmp_path: Path) -> None:
    prestations = [write(tmp_path / "p.parquet", SERVICES)]
    pl.DataFrame(PEOPLE).clear().write_parquet(tmp_path / "r.parquet")
    (fault,) = faults_of(read_activity, prestations, tmp_path / "r.parquet", RULES)
    assert (fault.code, fault.table) == ("activity.no_row", "r.parquet")
    (tmp_path / "r").mkdir()
    write(tmp_path / "r" / "a.parquet", PEOPLE)
    pl.DataFrame(PEOPLE).write_csv(tmp_path / "r" / "b.csv")
    (fault,) = faults_of(read_activity, prestations, tmp_path / "r", RULES)
    assert fault.code == "activity.register_files_differ"


def test_a_register_in_text(tmp_path: Path) -> None:
    text = "practitioner_id;birth_date;installation_date\np1;1980-05-01;2010\n"
    register = tmp_path / "r.csv"
    files = [write(tmp_path / "p.parquet", [service()])]
    register.write_text(text)
    assert practices(read_activity(files, register, RULES))[0][2] == 42
    for wrong, code in (
        (text.replace("2010", "2010;more"), "activity.row_too_long"),
        (text.replace("practitioner_id", "who"), "activity.missing_column"),
        (text.replace("2010", '"2010'), None),
        ("", None),
    ):
        register.write_text(wrong)
        (fault,) = faults_of(read_activity, files, register, RULES)
        assert fault.table == "r.csv"
        assert code is None or fault.code == code
        assert "p1" not in str(fault)


def test_practice_that_ended(tmp_path: Path) -> None:
    people = [{**row, "end_date": end} for row, end in
              zip(PEOPLE, ["2021-12-31", "2022-06-30", None], strict=True)]  # fmt: skip
    done = read(tmp_path, [service(), service("p2"), service("p3")], people)
    assert [row[0] for row in practices(done)] == ["p2", "p3"]
    assert notes(done)["ended_before"].count == 1
    assert notes(done)["ended_within"].count == 1
    (fault,) = faults_of(read, tmp_path, people=[{**row, "end_date": "2019"} for row in PEOPLE])
    assert fault.code == "activity.nobody_kept"
    (fault,) = faults_of(read, tmp_path, people=[{**row, "end_date": "soon"} for row in PEOPLE])
    assert (fault.code, fault.column) == ("activity.not_a_date", "end_date")
