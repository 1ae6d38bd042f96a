"""`apl import`, and raw files against tidy tables."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from support.command import apl, apl_process
from support.publishers.raw import RawFiles
from support.raw_runs import (
    OWN,
    activity_options,
    passage,
    people,
    region,
    run_file,
    same,
    written,
)
from support.workbooks import write_workbook

from apl_engine.inputs.provenance import PROVENANCE
from apl_engine.readers.activity.columns import ROLES
from apl_engine.reports.inputs import write_inputs


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawFiles:
    return region(tmp_path_factory)


@pytest.mark.slow
def test_raw_files_and_tidy_tables_give_the_same_bytes(raw: RawFiles, tmp_path: Path) -> None:
    path = run_file(raw, tmp_path)
    by_file = apl_process("run", path, "-o", "by_file", "--json", cwd=tmp_path)
    assert by_file.returncode == 0, by_file.stderr
    assert apl("run", raw.tidy, "-o", "by_tables", cwd=tmp_path).returncode == 0
    same(tmp_path / "by_file", tmp_path / "by_tables")
    record = json.loads(by_file.stdout)
    assert [entry["kind"] for entry in record["imports"]] == [
        "mesh", "population", "distancier", "activity",
    ]  # fmt: skip
    assert all(len(f["sha256"]) == 64 for entry in record["imports"] for f in entry["files"])


@pytest.mark.heavy
@pytest.mark.slow
@pytest.mark.nightly
def test_all_of_france_from_raw_files(tmp_path: Path) -> None:
    files = written("france", tmp_path)
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    path = run_file(files, tmp_path, top='methodology = "own.toml"')
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
        ["activity", raw.prestations, "--register", raw.register, *activity_options()],
    ):
        done = apl("import", *arguments, "-o", "inputs", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Recognised: " in done.stdout
        assert "Written to inputs/" in done.stdout
    assert apl("run", "inputs", "-o", "by_import", cwd=tmp_path).returncode == 0
    assert apl("run", raw.tidy, "-o", "by_tables", cwd=tmp_path).returncode == 0
    same(tmp_path / "by_import", tmp_path / "by_tables")
    record = json.loads((tmp_path / "by_import" / "record.json").read_text())
    assert [entry["kind"] for entry in record["imports"]] == [
        "mesh", "population", "distancier", "activity",
    ]  # fmt: skip
    ids = pl.read_parquet(raw.tidy / "practitioners.parquet")["practitioner_id"]
    recorded = (tmp_path / "inputs" / PROVENANCE).read_text()
    assert not any(name in recorded for name in ids.head(500))
    again = apl("import", "population", raw.population_wide, "-o", "inputs", cwd=tmp_path)
    assert again.returncode == 1
    assert "already holds population.parquet" in again.stderr


@pytest.mark.slow
def test_wrong_options(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("CODGEO;POP\n")
    activity = ["import", "activity", "a.csv", "--register", "a.csv", "-o", "x"]
    for arguments, words in (
        (["import", "population", "a.csv", "-o", "x", "--passage", "a.csv"], "--to YEAR"),
        (["import", "population", "a.csv", "-o", "x", "--column", "age"], "OURS=THEIRS"),
        ([*activity, "--column", "fees=a", "--column", "fees=b"], "--column fees"),
        ([*activity, "--keep", "profession"], "OURS=VALUE"),
        (["import", "population", "-o", "x"], "FILES"),
    ):
        done = apl(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert words in done.stderr
    done = apl("import", "population", "a.csv", "-o", "x", "--json", cwd=tmp_path)
    assert done.returncode == 3
    assert len(json.loads(done.stdout)["faults"]) == 1
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_activity_with_mapped_columns_and_kept_values(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "PFS_EXE_NUM;commune;EXE_SOI_DTD;age;PRS_ACT_QTE;PRS_PAI_MNT;PSE_ACT_NAT\n"
        "p1;01001;2022-03-02;34;2;32,26;26\np1;01001;2022-03-02;34;2;32,26;24\n"
    )
    (tmp_path / "r.csv").write_text("nom;birth_date;installation_date\np1;1980-05-01;2010\n")
    arguments = ["import", "activity", "p.csv", "--register", "r.csv", "-o", "x"]
    done = apl(*arguments, "--json", cwd=tmp_path)
    assert done.returncode == 3
    (register,) = json.loads(done.stdout)["faults"]
    assert (register["code"], register["table"]) == ("activity.missing_column", "r.csv")
    assert register["details"]["options"] == ["--column register_id=NAME"]
    arguments += ["--column", "register_id=nom"]
    done = apl(*arguments, "--json", cwd=tmp_path)
    assert [(fault["code"], fault.get("column"))
            for fault in json.loads(done.stdout)["faults"]] == [
        ("activity.missing_column", None), ("activity.values_not_chosen", "PSE_ACT_NAT"),
    ]  # fmt: skip
    arguments += ["--column", "acts=PRS_ACT_QTE", "--keep", "acts_profession=26"]
    arguments += ["--keep", "acts_profession=99"]
    done = apl(*arguments, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    notes = {note["code"]: note["count"] for note in json.loads(done.stdout)["notes"]}
    assert notes["activity.rows_not_kept"] == 1
    table = pl.read_parquet(tmp_path / "x" / "practitioners.parquet")
    assert table.select("practitioner_id", "acts", "fees").rows() == [("p1", 2.0, 32.26)]
    done = apl(*arguments, "--replace", "--cluster", "nowhere", "--json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")


def test_the_help_names_every_column(tmp_path: Path) -> None:
    text = apl("import", "activity", "--help", cwd=tmp_path).stdout
    for role in ROLES.values():
        assert all(header in text for header in role.headers)
        assert (
            role.column == ""
            or f"--column {role.name}=NAME" in text
            or f"--keep {role.name}=VALUE" in text
        )


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


@pytest.mark.slow
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


def test_an_occupied_folder_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    write_inputs(people(["01001"]), tmp_path / "in")
    (tmp_path / "broken.csv").write_text("x")
    done = apl("import", "population", "broken.csv", "-o", "in", cwd=tmp_path)
    assert "in: the folder already holds population.parquet" in done.stderr
