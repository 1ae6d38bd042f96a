"""Where tables came from: vintages that differ, tables changed since, files that are damaged."""

from __future__ import annotations

from pathlib import Path

from support.faults import fault_of, faults_of
from support.tables import methodology, write_imported

from apl_engine import read_inputs
from apl_engine.methodology import for_year
from apl_engine.schemas import INPUTS

RULES = methodology()


def test_imports_are_recorded(tmp_path: Path) -> None:
    tables = read_inputs(write_imported(tmp_path, population=2023, communes=2023), RULES)
    assert [entry["vintage"] for entry in tables.imports] == [2023, 2023]
    assert tables.notes == ()


def test_tables_of_several_vintages(tmp_path: Path) -> None:
    folder = write_imported(tmp_path, population=2021, communes=2023)
    fault = fault_of(lambda: read_inputs(folder, RULES))
    assert fault.code == "inputs.several_vintages"
    assert fault.details["vintages"] == ("2021: population", "2023: communes")


def test_a_table_changed_after_its_import(tmp_path: Path) -> None:
    folder = write_imported(tmp_path, population=2023, communes=2023)
    path = folder / "population.csv"
    path.write_text(path.read_text().replace("100.0", "101.0"))
    (note,) = read_inputs(folder, RULES).notes
    assert (note.code, note.examples) == ("inputs.table_changed", ("population.csv",))
    assert note.warning
    assert str(note)


def test_a_damaged_file(tmp_path: Path) -> None:
    folder = write_imported(tmp_path, population=2023)
    (folder / "imports.json").write_text("{")
    fault = fault_of(lambda: read_inputs(folder, RULES))
    assert (fault.code, fault.table) == ("inputs.provenance_unreadable", "imports.json")
    assert fault.details == {"reason": "JSONDecodeError"}


def test_tables_imported_for_another_year_stop_the_run(tmp_path: Path) -> None:
    folder = write_imported(tmp_path, practitioners=2023, consumption=2023, activity=2021)
    first, second = faults_of(lambda: read_inputs(folder, RULES))
    assert first.code == second.code == "inputs.other_year"
    assert first.details == {"tables": ("practitioners",), "year": 2021, "wanted": 2022}
    assert second.details["tables"] == ("consumption",)
    assert read_inputs(folder, for_year(RULES, 2021)).imports[0]["year"] == 2021


def test_a_table_changed_after_its_import_may_be_of_any_year(tmp_path: Path) -> None:
    folder = write_imported(tmp_path, practitioners=2023, activity=2021)
    path = folder / "practitioners.csv"
    path.write_text(path.read_text().replace("\n", "\r\n"))
    (note,) = read_inputs(folder, RULES).notes
    assert note.code == "inputs.table_changed"


def test_the_imports_of_tables_given_one_by_one(tmp_path: Path) -> None:
    folder = write_imported(tmp_path / "a", practitioners=2023, communes=2023, activity=2021)
    other = write_imported(tmp_path / "b", population=2023)
    given = {name: folder / f"{name}.csv" for name in INPUTS}
    given["population"] = other / "population.csv"
    faults = faults_of(lambda: read_inputs(given, RULES))
    assert {fault.code for fault in faults} == {"inputs.other_year"}
    imports = read_inputs(given, for_year(RULES, 2021)).imports
    assert [[table["table"] for table in entry["tables"]] for entry in imports] == [
        ["practitioners"], ["communes"], ["population"],
    ]  # fmt: skip
    # A file of another name is not the one that was imported.
    renamed = folder / "people.csv"
    renamed.write_bytes((folder / "practitioners.csv").read_bytes())
    imports = read_inputs({**given, "practitioners": renamed}, for_year(RULES, 2021)).imports
    assert [entry["tables"][0]["table"] for entry in imports] == ["communes", "population"]


def test_faults_of_imports_come_with_those_of_tables(tmp_path: Path) -> None:
    folder = write_imported(tmp_path, practitioners=2023, activity=2021)
    path = folder / "travel_times.csv"
    path.write_text(path.read_text().replace("minutes", "hours"))
    codes = {fault.code for fault in faults_of(lambda: read_inputs(folder, RULES))}
    assert codes == {"travel_times.missing_column", "inputs.other_year"}
