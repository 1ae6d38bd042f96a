"""Run files: what they say, and the imports that they name."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from support.publishers.raw import RawFiles
from support.raw_runs import RULES, region, run_file
from support.tables import small_world, write_csv

import apl_engine
from apl_engine.errors import Fault, InputDataError
from apl_engine.imports import gather, read_run_file, refuse_two_sources
from apl_engine.runs.run import load_run


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawFiles:
    return region(tmp_path_factory)


@pytest.mark.heavy
@pytest.mark.slow
def test_a_run_file_in_the_library(raw: RawFiles, tmp_path: Path) -> None:
    path = run_file(raw, tmp_path)
    result = apl_engine.run(path)
    rules, tables, _ = load_run(raw.tidy)
    assert result.communes.equals(apl_engine.run(tables, rules).communes)
    assert len(result.imports) == 4
    own = tmp_path / "own.toml"
    own.write_text('id = "own"\nextends = "mk-2024"\n[etp.age_limit]\nvalue = 60\nreason = "x"\n')
    named = run_file(raw, tmp_path, top='methodology = "own.toml"')
    assert apl_engine.run(named).methodology.id == "own"
    assert apl_engine.run(named, "mk-2024").methodology.id == "mk-2024"


@pytest.mark.slow
def test_several_methodologies_on_raw_files(raw: RawFiles, tmp_path: Path) -> None:
    """An import keeps the times within reach of one: another of farther steps has its own."""
    path = run_file(raw, tmp_path)
    steps = (RULES.travel.steps[0],)
    near = replace(RULES, id="near", travel=replace(RULES.travel, steps=steps))
    older = replace(RULES, id="older", etp=replace(RULES.etp, age_limit=Fraction(70)))
    steps_seen: list[str] = []
    results = apl_engine.runs.sweep(path, [near, RULES, older], on_step=steps_seen.append)
    assert steps_seen.count("importing distancier") == 2
    assert steps_seen.count("building the network") == 2
    for rules in (near, RULES):
        alone = apl_engine.run(raw.tidy, rules)
        assert results[rules.id].communes.equals(alone.communes)
        assert results[rules.id].territories.equals(alone.territories)
    assert results["older"].network == results["mk-2024"].network


def test_columns_of_tables_that_are_ready(tmp_path: Path) -> None:
    tables = write_csv(small_world(), tmp_path / "usual")
    other = tmp_path / "other"
    other.mkdir()
    exchanged = {"practitioners": [("acts", "Nb actes"), ("fees", "Honoraires")]}
    for path in tables.iterdir():
        header, rows = path.read_text().split("\n", 1)
        for ours, theirs in (*exchanged.get(path.stem, ()), ("commune", "Code commune")):
            header = ",".join(theirs if name == ours else name for name in header.split(","))
        (other / path.name).write_text(f"{header}\n{rows}")
    lines = [f'{path.stem} = "other/{path.name}"' for path in tables.iterdir()]
    names = 'commune = "Code commune"\nacts = "Nb actes"\npractitioners.fees = "Honoraires"\n'
    run_file = tmp_path / "run.toml"
    run_file.write_text("\n".join(["[tables]", *lines, "[columns]", names]))
    result = apl_engine.run(run_file)
    assert result.communes.equals(apl_engine.run(tables).communes)
    # An option takes precedence, and what no file has is refused.
    with pytest.raises(InputDataError) as caught:
        apl_engine.run(run_file, columns={"acts": "Actes"})
    assert "source_file.no_such_column" in {fault.code for fault in caught.value.faults}
    run_file.write_text("columns = 3\n")
    with pytest.raises(InputDataError) as caught:
        read_run_file(run_file)
    (fault,) = caught.value.faults
    assert (fault.code, fault.key) == ("run_file.not_a_map_of_columns", "columns")


@pytest.mark.slow
def test_tables_that_are_ready_beside_raw_files(raw: RawFiles, tmp_path: Path) -> None:
    ready = "\n".join(
        f'{name} = "{raw.tidy / name}.parquet"' for name in ("practitioners", "consumption")
    )
    path = run_file(raw, tmp_path, activity="", tables=ready)
    result = apl_engine.run(path)
    assert [entry["kind"] for entry in result.imports] == ["mesh", "population", "distancier"]
    assert result.communes.equals(apl_engine.run(raw.tidy).communes)


def faults_of(path: Path) -> list[Fault]:
    with pytest.raises(InputDataError) as caught:
        read_run_file(path)
    return list(caught.value.faults)


def test_all_that_is_wrong_with_a_run_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        'vintage = "2023"\nmovements = 3\nmethod = "x"\npopulation = 4\n'
        '[mesh]\nfiles = "a.csv"\nspeed = 3\ncolumns = ["a"]\nurban_units = 4\n'
        'urban_units_year = "2017"\n'
        '[activity]\nfiles = ["p.csv"]\ncolumns = {fees = 3}\nkeep = {profession = [26]}\n'
        '[tables]\ncommune = "c.csv"\nconsumption = 5\n'
    )
    faults = faults_of(path)
    assert {fault.table for fault in faults} == {"run.toml"}
    assert [(fault.code.removeprefix("run_file."), fault.key) for fault in faults] == [
        ("unknown_key", "method"),
        ("unknown_key", "mesh.speed"),
        ("not_a_list_of_files", "mesh.files"),
        ("not_text", "mesh.urban_units"),
        ("not_a_year", "mesh.urban_units_year"),
        ("not_a_map_of_columns", "mesh.columns"),
        ("not_a_section", "population"),
        ("no_register", "activity.register"),
        ("not_a_map_of_columns", "activity.columns"),
        ("not_a_map_of_values", "activity.keep"),
        ("unknown_table", "tables.commune"),
        ("table_twice", "tables.consumption"),
        ("not_text", "movements"),
        ("not_text", "tables.consumption"),
        ("not_a_year", "vintage"),
    ]
    path.write_text('[mesh]\nfiles = ["a.csv"]\n[tables]\ncommunes = "c.csv"')
    (fault,) = faults_of(path)
    assert (fault.code, fault.details) == ("run_file.table_twice", {"section": "mesh"})
    path.write_text('movements = "a.csv"\n[mesh]\nfiles = ["a.csv"]')
    assert [fault.code for fault in faults_of(path)] == ["run_file.no_target_year"]
    path.write_text("mesh = [")
    assert [fault.code for fault in faults_of(path)] == ["run_file.not_toml"]
    (fault,) = faults_of(tmp_path / "absent.toml")
    assert fault.details == {"reason": "No such file or directory"}


def test_a_network_beside_travel_times(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        'network = "a.aplnet"\n[distancier]\nfiles = ["a.csv"]\n'
        '[tables]\ntravel_times = "t.parquet"\n'
    )
    faults = [fault for fault in faults_of(path) if "network" in fault.code]
    assert [fault.key for fault in faults] == ["distancier", "tables.travel_times"]
    path.write_text('[distancier]\nfiles = ["a.csv"]\n')
    refuse_two_sources(read_run_file(path), None)
    with pytest.raises(InputDataError) as caught:
        refuse_two_sources(read_run_file(path), "a.aplnet")
    assert [f.code for f in caught.value.faults] == ["run_file.network_and_travel_times"]


def test_columns_and_values_to_keep_reach_the_import(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        '[activity]\nfiles = ["p"]\nregister = "r.csv"\n'
        '[activity.columns]\nfees = "HON_MNT"\n[activity.keep]\nprofession = ["26", "70"]\n'
    )
    section = read_run_file(path).sections["activity"]
    assert section["register"] == tmp_path / "r.csv"
    assert section["columns"] == {"fees": "HON_MNT"}
    assert section["keep"] == {"profession": ["26", "70"]}


def test_the_year_of_a_run_file(tmp_path: Path) -> None:
    tables = write_csv(small_world(), tmp_path)
    names = ("practitioners", "population", "consumption", "travel_times", "communes")
    text = "[tables]\n" + "".join(f'{name} = "{tables / name}.csv"\n' for name in names)
    path = tmp_path / "run.toml"
    path.write_text(text)
    assert load_run(path).methodology.year == 2022
    assert load_run(path, year=2025).methodology.year == 2025
    path.write_text(f"year = 2024\n{text}")
    assert load_run(path).methodology.year == 2024
    assert load_run(path, year=2025).methodology.year == 2025
    results = apl_engine.runs.sweep(path, ["mk-2024", "mk-2018"])
    assert [result.methodology.year for result in results.values()] == [2024, 2024]
    path.write_text(f'year = "2024"\n{text}')
    (fault,) = faults_of(path)
    assert (fault.code, fault.key) == ("run_file.not_a_year", "year")


def test_activity_of_another_year_than_the_run(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('[activity]\nfiles = ["p.csv"]\nregister = "r.csv"\nyear = 2021\n')
    with pytest.raises(InputDataError) as caught:
        load_run(path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.key) == ("run_file.other_year", "activity.year")
    assert fault.details == {"year": 2021, "wanted": 2022}


@pytest.mark.slow
def test_faults_of_all_files_of_a_run_come_together(raw: RawFiles, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    path = run_file(
        raw, tmp_path, population='files = ["empty.csv"]', distancier='files = ["absent.csv"]',
        activity="", mesh=f'files = ["{raw.appartenance_csv}"]\nvintage = 2023',
    )  # fmt: skip
    with pytest.raises(InputDataError) as caught:
        gather(read_run_file(path), RULES)
    empty, absent = caught.value.faults
    assert empty.table == "empty.csv"
    assert (absent.code, absent.table) == ("import.no_such_file", str(tmp_path / "absent.csv"))


@pytest.mark.slow
def test_files_of_several_vintages_are_refused(raw: RawFiles, tmp_path: Path) -> None:
    path = run_file(
        raw, tmp_path, activity="", distancier="",
        mesh=f'files = ["{raw.appartenance_csv}"]\nvintage = 2023',
        population=f'files = ["{raw.population_wide}"]\nvintage = 2020',
    )  # fmt: skip
    with pytest.raises(InputDataError) as caught:
        gather(read_run_file(path), RULES)
    (fault,) = caught.value.faults
    assert (fault.code, fault.table) == ("run_file.several_vintages", "run.toml")
    assert fault.details == {"vintages": ("mesh 2023", "population 2020")}


@pytest.mark.slow
def test_a_fault_of_the_movements_is_reported_once(raw: RawFiles, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(
        "MOD;DATE_EFF;TYPECOM_AV;COM_AV;LIBELLE_AV;TYPECOM_AP;COM_AP;LIBELLE_AP\n"
        "32;2019-01-01;COM;01002;A;COM;01001;B\n"
    )
    path = run_file(
        raw, tmp_path, activity="", distancier="", top='vintage = 2030\nmovements = "v.csv"',
        mesh=f'files = ["{raw.appartenance_csv}"]\nvintage = 2019',
        population=f'files = ["{raw.population_long}"]\nvintage = 2019',
    )  # fmt: skip
    with pytest.raises(InputDataError) as caught:
        gather(read_run_file(path), RULES)
    (fault,) = caught.value.faults
    assert fault.code == "import.year_outside_events"
    assert fault.details == {"start": "2019-01-01", "end": "2019-01-01", "year": 2030}


def test_the_census_of_urban_units_is_named_in_a_run_file(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('[mesh]\nfiles = ["a.csv"]\nurban_units = "u.csv"\nurban_units_year = 2017\n')
    assert read_run_file(path).sections["mesh"] == {
        "files": [tmp_path / "a.csv"], "urban_units": tmp_path / "u.csv", "urban_units_year": 2017,
    }  # fmt: skip
