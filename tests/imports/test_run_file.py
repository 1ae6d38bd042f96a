"""Publishers' files to a run: by import, by run file, in the library and as a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.open_data import open_data
from support.publishers.raw import RawFiles, write_raw
from support.tables import SAMPLES, methodology
from support.workbooks import write_workbook

import apl_engine
from apl_engine.errors import InputDataError, OutputError
from apl_engine.imports import VintageChange, convert_vintage, gather, import_files, read_run_file
from apl_engine.inputs.provenance import PROVENANCE
from apl_engine.readers.common.imported import Imported
from apl_engine.reports.inputs import write_inputs

RULES = methodology()


def written(sample: str, folder: Path) -> RawFiles:
    """Write publishers' files of a sample, and the tidy tables that are in them."""
    files = write_raw(
        SAMPLES / sample,
        folder / "files",
        marseille_whole=False,
        population_layouts=LAYOUTS[sample],
    )
    communes = pl.read_parquet(files.tidy / "communes.parquet")
    # A canton-ou-ville of four figures has a mark at its end in our mesh, and another name.
    mesh = import_files("mesh", [files.appartenance, files.legal_populations], RULES)
    names = mesh.tables["communes"].select("commune", "territory", "territory_name")
    both = communes.join(names, on="commune", suffix="_ours")
    same_groups = both.select("territory", "territory_ours").unique()
    assert same_groups["territory"].is_unique().all()
    assert same_groups["territory_ours"].is_unique().all()
    communes.drop("territory", "territory_name").join(names, on="commune").write_parquet(
        files.tidy / "communes.parquet"
    )
    return files


LAYOUTS = {"pays-de-la-loire": ("wide", "long"), "france": ("wide",)}


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawFiles:
    """Publishers' files of a region."""
    return written("pays-de-la-loire", tmp_path_factory.mktemp("raw"))


def run_file(raw: RawFiles, folder: Path, **changes: str) -> Path:
    """Write a run file that names every raw file of a region."""
    parts = {
        "mesh": f'files = ["{raw.appartenance}", "{raw.legal_populations}"]',
        "population": f"files = {[str(p) for p in (raw.population_wide, raw.mayotte_wide) if p]}",
        "distancier": f'files = ["{raw.distancier}"]',
        "activity": f'files = ["{raw.prestations}"]\nregister = "{raw.register}"',
    }
    parts |= {name: text for name, text in changes.items() if name != "top"}
    sections = "\n".join(f"[{name}]\n{text}" for name, text in parts.items() if text)
    path = folder / "run.toml"
    path.write_text(changes.get("top", "") + "\n" + sections, encoding="utf-8")
    return path


def apl(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apl_engine", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def same(one: Path, two: Path) -> None:
    for table in ("communes", "territories", "regions"):
        assert (one / f"{table}.parquet").read_bytes() == (two / f"{table}.parquet").read_bytes()
        assert (one / f"{table}.csv").read_bytes() == (two / f"{table}.csv").read_bytes()


@pytest.mark.slow
def test_raw_files_and_tidy_tables_give_the_same_bytes(raw: RawFiles, tmp_path: Path) -> None:
    path = run_file(raw, tmp_path)
    by_file = apl("run", path, "-o", "by_file", "--json", cwd=tmp_path)
    assert by_file.returncode == 0, by_file.stderr
    assert apl("run", raw.tidy, "-o", "by_tables", cwd=tmp_path).returncode == 0
    same(tmp_path / "by_file", tmp_path / "by_tables")
    record = json.loads(by_file.stdout)
    assert [entry["kind"] for entry in record["imports"]] == [
        "mesh", "population", "distancier", "activity",
    ]  # fmt: skip
    assert all(len(f["sha256"]) == 64 for entry in record["imports"] for f in entry["files"])


@pytest.mark.slow
def test_all_of_france_from_raw_files(tmp_path: Path) -> None:
    files = written("france", tmp_path)
    path = run_file(files, tmp_path)
    done = apl("run", path, "-o", "by_file", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert apl("run", files.tidy, "-o", "by_tables", cwd=tmp_path).returncode == 0
    same(tmp_path / "by_file", tmp_path / "by_tables")
    shutil.rmtree(tmp_path / "files")


@pytest.mark.slow
def test_imports_one_by_one_give_the_same_bytes(raw: RawFiles, tmp_path: Path) -> None:
    assert raw.population_long is not None
    for arguments in (
        ["mesh", raw.appartenance, raw.legal_populations],
        ["population", raw.population_long],
        ["distancier", raw.distancier],
        ["activity", raw.prestations, "--register", raw.register],
    ):
        done = apl("import", *arguments, "-o", "inputs", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Recognised: " in done.stdout
        assert "Written: inputs/" in done.stdout
    assert apl("run", "inputs", "-o", "by_import", cwd=tmp_path).returncode == 0
    assert apl("run", raw.tidy, "-o", "by_tables", cwd=tmp_path).returncode == 0
    same(tmp_path / "by_import", tmp_path / "by_tables")
    record = json.loads((tmp_path / "by_import" / "record.json").read_text())
    assert [entry["kind"] for entry in record["imports"]] == [
        "mesh", "population", "distancier", "activity",
    ]  # fmt: skip
    ids = pl.read_parquet(raw.tidy / "practitioners.parquet")["practitioner_id"]
    told = (tmp_path / "inputs" / PROVENANCE).read_text()
    assert not any(name in told for name in ids.head(500))
    again = apl("import", "population", raw.population_wide, "-o", "inputs", cwd=tmp_path)
    assert again.returncode == 1
    assert "already holds population.parquet" in again.stderr


def test_a_run_file_in_the_library(raw: RawFiles, tmp_path: Path) -> None:
    path = run_file(raw, tmp_path)
    result = apl_engine.run(path)
    rules, tables = apl_engine.load_inputs(raw.tidy)
    assert result.communes.equals(apl_engine.run(tables, rules).communes)
    assert len(result.imports) == 4
    own = tmp_path / "own.toml"
    own.write_text('id = "own"\nextends = "mk-2024"\n[etp.age_limit]\nvalue = 60\nreason = "x"\n')
    named = run_file(raw, tmp_path, top='methodology = "own.toml"')
    assert apl_engine.run(named).methodology.id == "own"
    assert apl_engine.run(named, "mk-2024").methodology.id == "mk-2024"


def test_several_methodologies_on_raw_files(raw: RawFiles, tmp_path: Path) -> None:
    """An import keeps the times within reach of one: another of farther steps has its own."""
    path = run_file(raw, tmp_path)
    steps = (RULES.travel.steps[0],)
    near = replace(RULES, id="near", travel=replace(RULES.travel, steps=steps))
    older = replace(RULES, id="older", etp=replace(RULES.etp, age_limit=Fraction(70)))
    told: list[str] = []
    found = apl_engine.sweep(path, [near, RULES, older], on_step=told.append)
    assert told.count("importing distancier") == told.count("building the network") == 2
    for rules in (near, RULES):
        alone = apl_engine.run(raw.tidy, rules)
        assert found[rules.id].communes.equals(alone.communes)
        assert found[rules.id].territories.equals(alone.territories)
    assert found["older"].network == found["mk-2024"].network


def test_tables_that_are_ready_beside_raw_files(raw: RawFiles, tmp_path: Path) -> None:
    ready = "\n".join(
        f'{name} = "{raw.tidy / name}.parquet"' for name in ("practitioners", "consumption")
    )
    path = run_file(raw, tmp_path, activity="", tables=ready)
    result = apl_engine.run(path)
    assert [entry["kind"] for entry in result.imports] == ["mesh", "population", "distancier"]
    assert result.communes.equals(apl_engine.run(raw.tidy).communes)


# --- run files --------------------------------------------------------------------------------


def test_all_that_is_wrong_with_a_run_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        'vintage = "2023"\nmovements = 3\nmethod = "x"\npopulation = 4\n'
        '[mesh]\nfiles = "a.csv"\nspeed = 3\n[activity]\nfiles = ["p.csv"]\n'
        '[tables]\ncommune = "c.csv"\nconsumption = 5\n'
    )
    with pytest.raises(InputDataError) as caught:
        read_run_file(path)
    assert [fault.problem for fault in caught.value.faults] == [
        "unknown key 'method'",
        "[mesh] unknown key 'speed'",
        "[mesh] files is no list of paths",
        "population is no section",
        "[activity] has no register of practitioners",
        "[tables] commune is no table of ours",
        "[tables] consumption would come from [activity] too",
        "movements is no text",
        "[tables] consumption is no text",
        "vintage is no year",
    ]
    path.write_text('[mesh]\nfiles = ["a.csv"]\n[tables]\ncommunes = "c.csv"')
    with pytest.raises(InputDataError, match=r"communes would come from \[mesh\] too"):
        read_run_file(path)
    path.write_text('movements = "a.csv"\n[mesh]\nfiles = ["a.csv"]')
    with pytest.raises(InputDataError, match="without the year to bring everything to"):
        read_run_file(path)
    path.write_text("mesh = [")
    with pytest.raises(InputDataError, match="cannot be read as TOML"):
        read_run_file(path)
    with pytest.raises(InputDataError, match="No such file"):
        read_run_file(tmp_path / "absent.toml")


def test_faults_of_all_files_of_a_run_come_together(raw: RawFiles, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    path = run_file(
        raw, tmp_path, population='files = ["empty.csv"]', distancier='files = ["absent.csv"]',
        activity="", mesh=f'files = ["{raw.appartenance_csv}"]\nvintage = 2023',
    )  # fmt: skip
    with pytest.raises(InputDataError) as caught:
        gather(read_run_file(path), RULES)
    told = [fault.problem for fault in caught.value.faults]
    assert told == ["is empty (0 bytes)", "does not exist"]


def test_files_of_several_vintages_are_refused(raw: RawFiles, tmp_path: Path) -> None:
    path = run_file(
        raw, tmp_path, activity="", distancier="",
        mesh=f'files = ["{raw.appartenance_csv}"]\nvintage = 2023',
        population=f'files = ["{raw.population_wide}"]\nvintage = 2020',
    )  # fmt: skip
    with pytest.raises(InputDataError, match="several vintages: mesh 2023, population 2020"):
        gather(read_run_file(path), RULES)


def test_what_is_wrong_with_the_movements_is_told_once(raw: RawFiles, tmp_path: Path) -> None:
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
    assert [fault.problem for fault in caught.value.faults] == [
        "events from 2019-01-01 to 2019-01-01 do not tell of 2030"
    ]


# --- kinds and vintages -----------------------------------------------------------------------


def test_kinds_that_are_none_and_files_too_many(raw: RawFiles) -> None:
    with pytest.raises(ValueError, match="kind must be one of activity, apl"):
        import_files("metric", [raw.distancier], RULES)
    with pytest.raises(InputDataError, match=r"one file is read, got fnps_2022\.csv, fnps_2022"):
        import_files("apl", [raw.register, raw.register], RULES)


def passage(tmp_path: Path) -> Path:
    path = tmp_path / "passage.csv"
    path.write_text("COM2022;COM2023\n01001;01001\n01002;01001\n01003;01003\n01004;01005\n")
    return path


def people(codes: list[str], vintage: int | None = None) -> Imported:
    table = pl.DataFrame({"commune": codes, "age_band": "00+", "population": 10.0})
    return Imported("population", {"population": table}, "a table", vintage)


def test_an_import_is_brought_to_another_year(tmp_path: Path) -> None:
    moving = VintageChange.by(2023, table=passage(tmp_path))
    done = convert_vintage(people(["01001", "01002", "01003", "01004"], 2022), moving, RULES)
    table = done.tables["population"].sort("commune")
    assert table.select("commune", "population").rows() == [
        ("01001", 20.0), ("01003", 10.0), ("01005", 10.0),
    ]  # fmt: skip
    assert done.vintage == 2023
    assert {note.code for note in done.notes} == {"communes_merged", "communes_changed"}
    became = {row["code"]: (row["became"], row["kind"]) for row in
              done.as_dict()["details"]["codes"]["population"]}  # fmt: skip
    assert became["01002"] == ("01001", "merged")
    assert became["01004"] == ("01005", "changed")
    same_year = convert_vintage(people(["01001", "01003", "01005"], 2023), moving, RULES)
    assert same_year.tables["population"].height == 3


def test_a_vintage_that_nothing_tells_is_told_by_the_codes(tmp_path: Path) -> None:
    moving = VintageChange.by(2023, table=passage(tmp_path))
    done = convert_vintage(people(["01001", "01002", "01003", "01004"]), moving, RULES)
    assert done.notes[0].code == "vintage_guessed"
    assert "its codes fit 2022, 2022 is taken" in done.notes[0].text
    either = convert_vintage(people(["01001", "01003"]), moving, RULES)
    assert either.notes[0].warning
    assert either.vintage == 2023


def test_codes_of_another_year_are_refused_with_the_year_they_fit(tmp_path: Path) -> None:
    moving = VintageChange.by(2023, table=passage(tmp_path))
    with pytest.raises(InputDataError, match=r"1 commune code unknown in 2022 .*'01005'.*2023"):
        convert_vintage(people(["01001", "01003", "01005"], 2022), moving, RULES)


def test_a_year_that_the_events_do_not_reach_is_refused(tmp_path: Path) -> None:
    names = [
        "MOD",
        "DATE_EFF",
        "TYPECOM_AV",
        "COM_AV",
        "LIBELLE_AV",
        "TYPECOM_AP",
        "COM_AP",
        "LIBELLE_AP",
    ]
    rows = [names, ["32", "2019-01-01", "COM", "01002", "A", "COM", "01001", "B"],
            ["50", "2022-03-01", "COM", "01005", "A", "COM", "01006", "B"]]  # fmt: skip
    path = tmp_path / "v.csv"
    path.write_text("\n".join(";".join(row) for row in rows))
    assert convert_vintage(people(["01005"], 2021), VintageChange.by(2023, path), RULES).tables[
        "population"
    ]["commune"].to_list() == ["01006"]
    for to, year in ((2030, 2021), (2023, 1900)):
        with pytest.raises(InputDataError, match="from 2019-01-01 to 2022-03-01 do not tell of"):
            convert_vintage(people(["01003"], year), VintageChange.by(to, path), RULES)


def test_one_way_through_the_years_is_needed(tmp_path: Path) -> None:
    table = passage(tmp_path)
    for arguments in ({}, {"movements": table, "table": table}):
        with pytest.raises(InputDataError, match="one of both is needed"):
            VintageChange.by(2023, **arguments)


def test_what_has_no_commune_is_left_as_it_is(tmp_path: Path) -> None:
    table = pl.DataFrame({"age_band": ["00+"], "fees": [1.0]})
    made = Imported("activity", {"consumption": table}, "x", 2022)
    assert convert_vintage(made, VintageChange.by(2023, table=passage(tmp_path)), RULES) is made


# --- the folder of inputs ---------------------------------------------------------------------


def test_an_import_replaces_its_own_tables_only(tmp_path: Path) -> None:
    folder = tmp_path / "inputs"
    write_inputs(people(["01001"], 2022), folder)
    (folder / "communes.csv").write_text("commune\n01001\n")
    with pytest.raises(OutputError, match=r"already holds population\.parquet"):
        write_inputs(people(["01002"], 2023), folder)
    (folder / "population.parquet").rename(folder / "population.arrow")
    write_inputs(people(["01002"], 2023), folder, replace=True)
    assert sorted(path.name for path in folder.iterdir()) == [
        "communes.csv", PROVENANCE, "population.parquet",
    ]  # fmt: skip
    imports = json.loads((folder / PROVENANCE).read_text())["imports"]
    assert [entry["vintage"] for entry in imports] == [2023]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        write_inputs(people(["01001"]), tmp_path / "inputs")


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "inputs").write_text("x")
    with pytest.raises(OutputError, match="cannot be made"):
        write_inputs(people(["01001"]), tmp_path / "inputs")


def test_nothing_changes_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "inputs"
    write_inputs(people(["01001"], 2022), folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_inputs(people(["01002"], 2023), folder, replace=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_table_changed_after_its_import_and_mixed_vintages(raw: RawFiles, tmp_path: Path) -> None:
    for name in ("practitioners", "consumption", "travel_times", "communes", "population"):
        table = pl.read_parquet(raw.tidy / f"{name}.parquet")
        write_inputs(Imported(name, {name: table}, "x", 2023), tmp_path)
    path = tmp_path / "population.parquet"
    pl.read_parquet(path).reverse().write_parquet(path)
    result = apl_engine.run(tmp_path)
    told = [note for note in result.notes if note.code == "changed_after_import"]
    assert [note.examples for note in told] == [("population.parquet",)]
    assert len(result.imports) == 5
    table = pl.read_parquet(raw.tidy / "consumption.parquet")
    write_inputs(Imported("consumption", {"consumption": table}, "x", 2022), tmp_path, replace=True)
    with pytest.raises(InputDataError, match=r"several vintages \(2022: consumption; 2023: "):
        apl_engine.run(tmp_path)
    (tmp_path / PROVENANCE).write_text("{")
    with pytest.raises(InputDataError, match=r"imports\.json: cannot be read .*Import the tables"):
        apl_engine.run(tmp_path)
    with pytest.raises(OutputError, match=r"imports\.json: cannot be read"):
        write_inputs(Imported("consumption", {"consumption": table}, "x"), tmp_path, replace=True)
    assert (tmp_path / PROVENANCE).read_text() == "{"


# --- the commands -----------------------------------------------------------------------------


def test_options_that_are_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("CODGEO;POP\n")
    for arguments, words in (
        (["import", "population", "a.csv", "-o", "x", "--passage", "a.csv"], "need --to YEAR"),
        (["import", "population", "a.csv", "-o", "x", "--column", "age"], "write OURS=THEIRS"),
        (["import", "population", "-o", "x"], "Missing argument"),
    ):
        done = apl(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert words in done.stderr
    done = apl("import", "population", "a.csv", "-o", "x", "--json", cwd=tmp_path)
    assert done.returncode == 3
    assert json.loads(done.stdout)["faults"][0]["code"] == "source_file.unrecognised_column"
    assert not (tmp_path / "x").exists()


def test_named_columns_and_years_through_the_command(tmp_path: Path) -> None:
    rows = "ville;tranche;habitants\n01002;0-4;3\n01001;0-4;4\n01001;5 et plus;1\n01002;5+;2\n"
    (tmp_path / "a.csv").write_text(rows)
    named = ["commune=ville", "band=tranche", "people=habitants"]
    columns = [part for name in named for part in ("--column", name)]
    done = apl(
        "import", "population", "a.csv", "-o", "x", *columns, "--vintage", "2022", "--to", "2023",
        "--passage", passage(tmp_path), cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Communes of 2023" in done.stdout
    assert pl.read_parquet(tmp_path / "x" / "population.parquet").rows() == [
        ("01001", "00-04", 7.0), ("01001", "05+", 3.0),
    ]  # fmt: skip


def test_territories_and_a_published_apl_through_the_command(tmp_path: Path) -> None:
    rows = [["INSEE", "Commune", "Code BVCV", "Classement"], ["01001", "A", "01004", "TSD"]]
    write_workbook(tmp_path / "z.xlsx", {"Z": rows})
    done = apl("import", "territories", "z.xlsx", "-o", "x", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["tables"] == {"attribution": 1}
    header = "Code commune;APL 2021;Population standardisée;Population totale"
    (tmp_path / "apl.csv").write_text(f"{header}\n01001;44,5;10;11\n")
    done = apl("import", "apl", "apl.csv", "-o", "x", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x" / "published.parquet").is_file()


def test_zones_from_a_published_apl(raw: RawFiles, tmp_path: Path) -> None:
    full = apl_engine.run(raw.tidy)
    columns = ["commune", "apl", "population", "standardised_population"]
    published = tmp_path / "published.csv"
    full.communes.select(columns).write_csv(published, separator=";")
    mesh = [part for path in (raw.appartenance, raw.legal_populations) for part in ("--mesh", path)]
    done = apl("zone", published, *mesh, "-o", "zones", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Beside the table of article VI" in done.stdout
    zones = pl.read_parquet(tmp_path / "zones" / "communes.parquet")
    assert zones["zone"].equals(full.communes["zone"])
    assert zones["apl"].equals(full.communes["apl"])
    ready = ["--mesh", raw.tidy / "communes.parquet"]
    again = apl("zone", published, *ready, "-o", "again", "--json", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["counts"]["communes"]["without_apl"] == 0
    text = published.read_text().splitlines()
    published.write_text("\n".join([*text[:-1], text[-1].replace(text[-1][:5], "33063")]))
    wrong = apl("zone", published, *ready, "-o", "wrong", cwd=tmp_path)
    assert wrong.returncode == 3
    assert "1 communes with an APL are not in the mesh (value '33063')" in wrong.stderr
    assert "1 communes of the mesh have no row of APL" in wrong.stderr
    assert not (tmp_path / "wrong").exists()


def test_zones_of_the_real_france(tmp_path: Path) -> None:
    done = apl(
        "zone", open_data("drees_apl_mk_2021.csv"),
        "--mesh", open_data("insee_appartenance_2023.csv"),
        "--mesh", open_data("insee_arrondissements_municipaux_2023.csv"),
        "--to", "2023", "--passage", open_data("insee_passage_2021_2024.csv"),
        "-o", "zones", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["counts"]["communes"] == {
        "communes": 34_987, "without_inhabitants": 6, "without_apl": 23,
    }  # fmt: skip
    cuts = [round(cut["highest_apl"], 2) for cut in record["reference_values"]["cuts"]]
    assert cuts == [58.53, 76.27, 135.52]
    france = [row for row in record["article_vi"] if row["region"] == "FR"]
    assert all(abs(row["difference"]) < 0.05 for row in france)
    straddling = {row["territory"] for row in record["hanging_on_silence"]
                  if row["parameter"] == "straddling"}  # fmt: skip
    assert straddling == {"03082", "38511", "3998_"}


def test_cuts_of_the_real_france_where_nobody_is_counted_in_mayotte() -> None:
    files = ["insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv"]
    mesh = import_files("mesh", [open_data(name) for name in files], RULES)
    published = import_files("apl", [open_data("drees_apl_mk_2021.csv")], RULES)
    moving = VintageChange.by(2023, table=open_data("insee_passage_2021_2024.csv"))
    bare = mesh.with_table("communes", mesh.tables["communes"].drop("population"))
    zones = apl_engine.zone_published(convert_vintage(published, moving, RULES), bare, RULES)
    assert [round(cut.highest_apl or 0, 2) for cut in zones.cuts] == [58.99, 76.59, 135.77]
    frames = apl_engine.zone_published(
        convert_vintage(published, moving, RULES).tables["published"],
        bare.tables["communes"],
        RULES,
    )
    assert frames.communes.equals(zones.communes)
    assert not replace(frames, imports=()).imports


def test_names_that_most_communes_do_not_have_are_refused() -> None:
    """A column of codes that was sorted apart from the others."""
    codes = [f"010{number:02d}" for number in range(1, 41)]
    names = [f"Le Bourg-Saint-Élie {code}" for code in codes]
    mesh = pl.DataFrame({"commune": codes, "name": names, "territory": codes}).with_columns(
        region=pl.lit("84"), territory_name="name"
    )
    figures = pl.DataFrame({"commune": codes, "apl": 50.0, "population": 10.0})
    figures = figures.with_columns(standardised_population=pl.lit(10.0))

    def zoned(*published: str) -> list[str]:
        named = figures.with_columns(name=pl.Series(published))
        notes = apl_engine.zone_published(named, mesh, RULES).notes
        return [str(note) for note in notes if note.code == "names_differ"]

    spelled = [name.upper().replace("LE ", "").replace("SAINT-É", "ST E") for name in names]
    assert zoned(*spelled) == []
    assert zoned(*spelled[:36], *"abcd") == []
    assert zoned(*spelled[:35], *"abcde")[0].startswith(
        "5 of 40 communes have another name in the mesh: are codes and APL those of the same rows, "
        "and of the same year?: 01036 a (Le Bourg-Saint-Élie 01036 in the mesh)"
    )
    with pytest.raises(InputDataError, match=r"'name': 40 of 40 communes .*'01001 Le Bourg-Saint-"):
        zoned(*names[1:], names[0])
    # A file without names: codes stand there, of the year before they were brought to another.
    assert zoned(*(code.replace("010", "020") for code in codes)) == []


def test_rows_of_one_departement_sorted_apart_are_refused() -> None:
    codes = [f"{place:02d}{number:03d}" for place in range(1, 60) for number in range(1, 9)]
    names = [f"Bourg {code}x" for code in codes]
    mesh = pl.DataFrame({"commune": codes, "name": names, "territory": codes}).with_columns(
        region=pl.lit("84"), territory_name="name"
    )
    moved = [*names[1:8], names[0], *names[8:]]
    figures = pl.DataFrame({"commune": codes, "name": moved, "apl": 50.0, "population": 10.0})
    figures = figures.with_columns(standardised_population=pl.lit(10.0))
    with pytest.raises(InputDataError, match="8 of 472 communes have another name in the mesh"):
        apl_engine.zone_published(figures, mesh, RULES)


def test_the_mesh_and_what_changed_in_it(tmp_path: Path) -> None:
    tables = [open_data("insee_appartenance_2023.csv"),
              open_data("insee_arrondissements_municipaux_2023.csv")]  # fmt: skip
    done = apl("mesh", *tables, "-o", "communes.parquet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 424  bassins de vie" in done.stdout
    assert "2 946  territories" in done.stdout
    taken = apl("mesh", *tables, "-o", "communes.parquet", cwd=tmp_path)
    assert "is there already" in taken.stderr
    alike = apl("mesh", "communes.parquet", "--against", "communes.parquet", cwd=tmp_path)
    assert "Changes: none; 0 communes moved" in alike.stdout
    table = pl.read_parquet(tmp_path / "communes.parquet")
    moved = table.with_columns(
        territory=pl.when(pl.col("commune") == "01001").then(pl.lit("01004")).otherwise("territory")
    )
    moved.write_parquet(tmp_path / "later.parquet")
    done = apl("mesh", "later.parquet", "--against", "communes.parquet", "--json", cwd=tmp_path)
    changes = json.loads(done.stdout)["changes"]
    assert changes["counts"] == {"recomposed": 2}
    assert [row["commune"] for row in changes["communes"]] == ["01001"]
    way = ["--to", "2024", "--passage", open_data("insee_passage_2021_2024.csv")]
    done = apl("mesh", "later.parquet", "--against", "communes.parquet", *way, cwd=tmp_path)
    assert done.returncode == 2
    assert "need --vintage" in done.stderr


def test_a_fetch_that_cannot_begin_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("commune;lat;lon\n01001;46.1;4.9\n01002;46.1;5.0\n")
    done = apl("travel-times", "osrm", "p.csv", "--url", "ftp://x", "-o", "in", cwd=tmp_path)
    assert done.returncode == 1
    assert "'ftp://x' is no http or https URL" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def test_an_occupied_folder_is_told_before_anything_is_read(tmp_path: Path) -> None:
    write_inputs(people(["01001"]), tmp_path / "in")
    (tmp_path / "broken.csv").write_text("x")
    done = apl("import", "population", "broken.csv", "-o", "in", cwd=tmp_path)
    assert "in already holds population.parquet" in done.stderr


def test_estimated_travel_times_through_the_command(tmp_path: Path) -> None:
    done = apl("travel-times", "estimate", open_data("mairies.csv"), "-o", "in", "--json",
               cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["details"]["quality"]
    assert document["tables"]["travel_times"] > 1_000_000
    imports = json.loads((tmp_path / "in" / PROVENANCE).read_text())["imports"]
    assert imports[0]["kind"] == "estimate"
    assert imports[0]["details"] == document["details"]
