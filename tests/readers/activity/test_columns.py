"""Columns of prestations and of the register: documented names and the map of the caller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.activity_files import (
    PEOPLE,
    SERVICES,
    TEXT,
    Row,
    faults_of,
    notes,
    practices,
    read,
    read_text,
    service,
    year_of_services,
)

from apl_engine.readers.activity.columns import (
    PRESTATIONS,
    REGISTER,
    ROLES,
    Request,
    match_columns,
    visible_names,
)
from apl_engine.readers.activity.read import read_activity
from apl_engine.readers.common.issues import Issues


def renamed(rows: list[Row], **names: str) -> list[Row]:
    return [{names.get(key, key): value for key, value in row.items()} for row in rows]


@pytest.mark.parametrize(
    ("names", "columns", "expected"),
    [
        ("practitioner_id commune month age acts fees x", {}, "practitioner_id commune month age "
         "acts fees"),
        ("PFS_EXE_NUM Commune EXE_SOI_DTD AGE acts PRS_PAI_MNT", {}, "PFS_EXE_NUM Commune "
         "EXE_SOI_DTD AGE acts PRS_PAI_MNT"),
        ("practitioner_id PFS_EXE_NUM commune year month age acts fees", {},
         "practitioner_id commune month year age acts fees"),
        ("id c m age acts fees paid", {"practitioner_id": "id", "commune": "c", "month": "m",
         "fees": "paid"}, "id c m age acts paid"),
    ],
)  # fmt: skip
def test_documented_names_and_the_map(names: str, columns: dict[str, str], expected: str) -> None:
    issues = Issues()
    matched = match_columns("f", names.split(), PRESTATIONS, Request(columns, {}, 2022), issues)
    assert issues.faults == []
    assert sorted(matched.values()) == sorted(expected.split())


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        ("practitioner_id birth_date installation_date commune",
         "register_id birth_date installation_date practice_commune"),
        ("pfs_pfs_num age newly_installed end_date",
         "register_id practitioner_age newly_installed end_date"),
    ],
)  # fmt: skip
def test_columns_of_the_register(names: str, roles: str) -> None:
    issues = Issues()
    matched = match_columns("f", names.split(), REGISTER, Request({}, {}, 2022), issues)
    assert issues.faults == []
    assert list(matched) == roles.split()


@pytest.mark.parametrize("name", ["honoraires", "montant", "total", "paye"])
def test_no_other_name_is_guessed(tmp_path: Path, name: str) -> None:
    rows = renamed(SERVICES, fees=name)
    (fault,) = faults_of(read, tmp_path, rows)
    assert fault.code == "activity.missing_column"
    assert fault.table == "prestations.parquet"
    assert fault.details["missing"] == ("fees (fees in EUR)",)
    assert fault.details["options"] == ("--column fees=NAME",)
    assert fault.details["columns"] == (
        "practitioner_id", "commune", "month", "age", "acts", name,
    )  # fmt: skip
    assert practices(read(tmp_path, rows, columns={"fees": name})) == practices(read(tmp_path))


@pytest.mark.parametrize(
    ("role", "name"), [("fees", "PRS_REM_MNT"), ("fees", "PRS_REM_BSE"), ("acts", "PRS_ACT_COG")]
)
def test_amounts_that_are_not_fees_or_acts(tmp_path: Path, role: str, name: str) -> None:
    rows = [{**row, "PRS_ACT_NBR": 1, "HON_MNT": 1.0} for row in renamed(SERVICES, **{role: name})]
    (fault,) = faults_of(read, tmp_path, rows, columns={role: name})
    assert (fault.code, fault.column) == (f"activity.not_{role}", name)
    assert fault.details["give"] == {"fees": "HON_MNT", "acts": "PRS_ACT_NBR"}[role]


def test_one_fault_for_all_that_is_missing(tmp_path: Path) -> None:
    rows = renamed(SERVICES, fees="x", acts="y", month="z")
    (fault,) = faults_of(read, tmp_path, rows)
    assert fault.details["options"] == (
        "--column month=NAME", "--column acts=NAME", "--column fees=NAME",
    )  # fmt: skip
    (fault,) = faults_of(read, tmp_path, people=[{"practitioner_id": "p1"}])
    assert fault.details["options"] == (
        "--column birth_date=NAME", "--column installation_date=NAME",
    )  # fmt: skip


def test_a_map_to_columns_that_do_not_exist(tmp_path: Path) -> None:
    (fault,) = faults_of(read, tmp_path, columns={"fees": "y", "age": "z"})
    assert fault.code == "activity.unknown_column"
    assert fault.details["options"] == ("--column age=z", "--column fees=y")
    (fault,) = faults_of(read, tmp_path, columns={"fee": "y", "act": "acts"})
    assert (fault.code, fault.table) == ("activity.unknown_role", "columns")
    assert fault.values == ("fee", "act")
    assert "fees" in fault.details["roles"]  # type: ignore[operator]
    (fault,) = faults_of(read, tmp_path, keep={"fees": "1"})
    assert (fault.table, fault.values) == ("keep", ("fees",))


def test_a_name_that_is_there_twice(tmp_path: Path) -> None:
    raw = TEXT.replace("libellé", "fees").encode()
    (fault,) = faults_of(read_text, tmp_path, raw)
    assert fault.details["columns"][-2:] == ("fees (1)", "fees (2)")  # type: ignore[index]
    assert practices(read_text(tmp_path, raw, columns={"fees": "fees (1)"}))[0][4] == 82.27
    rows = [{**row, "Fees": 1.0} for row in SERVICES]
    (fault,) = faults_of(read, tmp_path, rows)
    assert fault.details["options"] == ("--column fees=NAME",)


def test_values_are_not_shown_as_names() -> None:
    assert visible_names(["fees", "2022", "p12345", "é", "_", "Dupont"]) == ["fees", "é", "Dupont"]


def test_unused_columns_are_noted_by_name(tmp_path: Path) -> None:
    rows = [{**row, "libelle": "Dupont", "12345": 1} for row in SERVICES]
    note = notes(read(tmp_path, rows))["columns_unused"]
    assert (note.count, note.examples, note.warning) == (2, ("libelle",), False)
    assert note.details["table"] == "prestations"


def test_every_column_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "inputs.md").read_text("utf-8")
    section = page.split("## Activity files")[1]
    for role in ROLES.values():
        names = (*role.headers, role.name)
        assert all(f"`{name}`" in section for name in names)
        assert all(f"``{name}``" in str(read_activity.__doc__) for name in names)


# --- which rows are kept -------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["profession", "practice_mode"])
def test_values_to_keep_must_be_stated_for_the_register(tmp_path: Path, role: str) -> None:
    people = [{**row, role: "26"} for row in PEOPLE]
    (fault,) = faults_of(read, tmp_path, people=people)
    assert (fault.code, fault.column) == ("activity.values_not_chosen", role)
    assert fault.details["role"] == role
    assert fault.values == ()
    assert practices(read(tmp_path, people=people, keep={role: "*"})) == practices(read(tmp_path))


def test_rows_of_the_register_are_kept_by_their_values(tmp_path: Path) -> None:
    rows = [service(), service("p2"), service("p3")]
    words = ["Masseur-kinésithérapeute", "Infirmier", None]
    people = [{**row, "profession": w} for row, w in zip(PEOPLE, words, strict=True)]
    done = read(tmp_path, rows, people, keep={"profession": "Masseur-kinésithérapeute"})
    assert [row[0] for row in practices(done)] == ["p1"]
    note = notes(done)["rows_not_kept"]
    assert (note.count, note.examples) == (2, ())
    assert dict(note.details) == {"table": "register", "columns": ("profession",)}
    assert notes(done)["not_in_register"].count == 2
    (fault,) = faults_of(read, tmp_path, rows, people, keep={"profession": ["26", "70"]})
    assert fault.code == "activity.nobody_kept"
    both = {"profession": ["Infirmier", "Masseur-kinésithérapeute"]}
    assert [row[0] for row in practices(read(tmp_path, rows, people, keep=both))] == ["p1", "p2"]


@pytest.mark.parametrize(("ours", "others"), [(26, 24), (26.0, 24.0), ("26", "24"), (" 26", "2")])
def test_codes_to_keep(tmp_path: Path, ours: Any, others: Any) -> None:
    people = [{**row, "profession": code} for row, code in zip(PEOPLE, [ours, others, ours],
                                                               strict=True)]  # fmt: skip
    done = read(tmp_path, [service(), service("p2")], people, keep={"profession": "26"})
    assert [row[0] for row in practices(done)] == ["p1"]


@pytest.mark.parametrize(
    ("column", "role"),
    [("profession", "acts_profession"), ("PSE_ACT_NAT", "acts_profession"),
     ("kind", "kind"), ("PRS_NAT_REF", "kind")],
)  # fmt: skip
def test_rows_of_prestations_are_kept_by_their_values(
    tmp_path: Path, column: str, role: str
) -> None:
    words = ["AMK", "AMI"] * 120
    rows = [{**row, column: w} for row, w in zip(year_of_services(), words, strict=True)]
    (fault,) = faults_of(read, tmp_path, rows)
    assert (fault.code, fault.column) == ("activity.values_not_chosen", column)
    done = read(tmp_path, rows, keep={role: ["AMK", "AMS"]})
    alone = read(tmp_path, rows[::2], keep={role: "*"})
    assert practices(done) == practices(alone)
    assert done.tables["consumption"].equals(alone.tables["consumption"])
    assert notes(done)["rows_not_kept"].count == 120
    assert "rows_not_kept" not in notes(alone)
    (fault,) = faults_of(read, tmp_path, rows, keep={role: "AMC"})
    assert fault.code == "activity.no_row_kept"
    (fault,) = faults_of(read, tmp_path, keep={role: "AMC"})
    assert fault.details["options"] == (f"--column {role}=NAME",)


def test_letters_of_windows_1252_are_compared(tmp_path: Path) -> None:
    raw = TEXT.replace("libellé", "kind").replace(";x", ";kiné").encode("cp1252")
    done = read_text(tmp_path, raw, keep={"kind": "kiné"})
    assert notes(done)["rows_not_kept"].count == 1
