"""`apl compare`."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from support.command import apl
from support.compared import check_sums, country, some, with_other_times
from support.tables import SAMPLES, frames, write_csv
from support.two_results import write_two_results

from apl_engine import compare, run, write_result

FILES = {
    "compare.json", "flows.svg", "flows.png",
    *(
        f"{table}.{end}"
        for table in ("changes", "communes", "regions", "transitions")
        for end in ("csv", "parquet")
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_two_results(tmp_path_factory.mktemp("results"))


def test_a_page_shows_what_changes_and_why(folder: Path, tmp_path: Path) -> None:
    contracts = tmp_path / "contracts.csv"
    rows = "".join(f"01{k:03d},CAMMK,2025-01-01,2027-12-31\n" for k in range(1, 17))
    contracts.write_text(f"commune,contract,signed,ends\n{rows}")
    done = apl("compare", folder / "a", folder / "b", "--contracts", contracts)
    assert done.returncode == 0, done.stderr
    for words in (
        "A a mk-2024 2022 - B b mk-2024 2022",
        "Inhabitants (of B): zone in A (rows), zone in B (columns)",
        "Share of the population of regions in B, %, and its evolution since A, points",
        "Change of the margin to the cut",
        "Intersections of territories that change zone",
        "margin to the end of TSD",
        "Practitioners whose commune of practice changes zone",
        "run on to their term in a commune that left the zone",
        "term in 2027",
    ):
        assert words in done.words
    assert "Notes" not in done.stdout


def test_a_diagram_in_french(folder: Path, tmp_path: Path) -> None:
    options = ("--apl-as-given", "--lang", "fr", "-o", tmp_path / "out", "-q")
    done = apl("compare", folder / "a", folder / "b", *options)
    assert done.returncode == 0, done.stderr
    assert "Changement de zone" in (tmp_path / "out" / "flows.svg").read_text("utf-8")


@pytest.mark.slow
def test_a_folder_has_tables_and_a_diagram(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = apl("compare", folder / "a", folder / "b", "-o", out, "--json")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in out.iterdir()} == FILES
    document = done.json
    record = json.loads((out / "compare.json").read_text("utf-8"))
    assert document["transitions"] == record["transitions"]
    assert document["parts"][-1] == "cut"
    assert {entry["file"] for entry in record["outputs"]} == FILES - {"compare.json"}
    table = pl.read_csv(out / "changes.csv", infer_schema=False)
    assert table.height == len(document["changes"])
    names = [f"part_{name}" for name in document["parts"]]
    for row in table.drop_nulls("change").to_dicts():
        parts = sum(Decimal(row[name]) for name in names)
        assert parts == Decimal(row["change"])
        assert parts == Decimal(row["margin_b"]) - Decimal(row["margin_a"])
    assert apl("compare", folder / "a", folder / "b", "-o", out).returncode == 1
    assert apl("compare", folder / "a", folder / "b", "-o", out, "--replace").returncode == 0
    # Only a comparison is replaced.
    assert apl("compare", folder / "a", folder / "b", "-o", folder / "a", "--replace").returncode


def test_the_same_folder_twice(folder: Path) -> None:
    done = apl("compare", folder / "a", folder / "a")
    assert done.returncode == 0, done.stderr
    assert "No zone changes" in done.stdout


def test_other_folders_are_refused(folder: Path, tmp_path: Path) -> None:
    done = apl("compare", tmp_path / "none", tmp_path, "--json")
    assert (done.returncode, len(done.codes)) == (3, 2)
    edited = tmp_path / "edited"
    write_result(run(frames(country())), edited)
    (edited / "communes.csv").write_text("")
    done = apl("compare", folder / "a", edited, "-o", tmp_path / "out", "--json")
    assert done.returncode == 3
    assert "communes.csv" in done.json["faults"][0]["table"]
    assert not (tmp_path / "out").exists()


def test_inputs_and_networks_can_be_given(folder: Path, tmp_path: Path) -> None:
    other = write_csv(with_other_times(country()), tmp_path / "other")
    done = apl("compare", folder / "a", folder / "b", "--inputs-a", other)
    assert done.returncode == 3
    network = tmp_path / "a.aplnet"
    built = apl("network", "build", folder / "in-a", "-o", network)
    assert built.returncode == 0, built.stderr
    named = apl("compare", folder / "a", folder / "b", "--network-a", network)
    assert named.returncode == 0, named.stderr
    assert named.stdout == apl("compare", folder / "a", folder / "b").stdout
    given = apl("compare", folder / "a", folder / "b", "--apl-as-given")
    idle = apl("compare", folder / "a", folder / "b", "--apl-as-given", "--inputs-a", folder)
    assert (idle.returncode, "--apl-as-given" in idle.stderr) == (2, True)
    assert "intersections change APL population" in given.words


def test_methods_and_years_that_differ_need_an_option(folder: Path, tmp_path: Path) -> None:
    variant = tmp_path / "variant.toml"
    variant.write_text(
        'id = "variant"\nextends = "mk-2024"\n[zoning.straddling]\nvalue = "crossing"\n'
        'reason = "what if"\n'
    )
    assert apl("run", folder / "in-a", "-o", tmp_path / "c", "-m", variant).returncode == 0
    done = apl("compare", folder / "a", tmp_path / "c")
    assert done.returncode == 1
    assert "zoning.straddling" in done.stderr
    done = apl("compare", folder / "a", tmp_path / "c", "--methods-differ")
    assert done.returncode == 0, done.stderr
    assert "zoning.straddling at_or_below crossing" in done.words
    done = apl("compare", folder / "a", folder / "b", "--vintage-a", 2021)
    assert done.returncode == 2
    assert "need --passage or --movements" in done.stderr
    passage = tmp_path / "passage.csv"
    rows = "".join(f"01{k:03d},01{k:03d}\n" for k in range(1, 17))
    passage.write_text(f"COM2021,COM2023\n{rows}")
    done = apl("compare", folder / "a", folder / "b", "--passage", passage, "--vintage-b", 2023)
    assert done.returncode == 0, done.stderr


def perturbed(folder: Path, change: Callable[[dict[str, pl.DataFrame]], None]) -> Path:
    """Copy the sample of France with something changed."""
    tables = {p.stem: pl.read_parquet(p) for p in (SAMPLES / "france").glob("*.parquet")}
    change(tables)
    folder.mkdir()
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    return folder


def less_in_brittany(tables: dict[str, pl.DataFrame]) -> None:
    here = tables["communes"].filter(region="53")["commune"].implode()
    acts = pl.when(pl.col("commune").is_in(here)).then(pl.col("acts") * 0.9).otherwise("acts")
    tables["practitioners"] = tables["practitioners"].with_columns(acts=acts)


def another_year(tables: dict[str, pl.DataFrame]) -> None:
    grown = pl.col("population") * (1 + (pl.col("commune").hash(1) % 7).cast(pl.Float64) / 100)
    tables["population"] = tables["population"].with_columns(population=grown.round())


@pytest.mark.heavy
@pytest.mark.slow
def test_france_against_france_perturbed(tmp_path: Path) -> None:
    write_result(run(SAMPLES / "france"), tmp_path / "a")
    for name, change, own in (
        ("b", less_in_brittany, "supply"),
        ("c", another_year, "population"),
    ):
        write_result(run(perturbed(tmp_path / f"in-{name}", change)), tmp_path / name)
        found = compare(tmp_path / "a", tmp_path / name)
        check_sums(found)
        assert found.changes.height > 20
        if own == "supply":
            # The example of docs/compare.md.
            brest = found.changes.row(by_predicate=pl.col("territory_b") == "2998", named=True)
            expected = {"margin_a": 6.075, "margin_b": 0, "part_supply": -6.219, "part_cut": 0.144}
            assert {name: round(brest[name], 3) for name in expected} == expected
        for part in ("supply", "population", "geography", "method"):
            assert some(found.changes[f"part_{part}"]) == (part == own)


def test_travel_times_alone_are_enough(folder: Path, tmp_path: Path) -> None:
    for name in ("travel_times", "communes"):
        content = (folder / "in-a" / f"{name}.csv").read_bytes()
        (tmp_path / f"{name}.csv").write_bytes(content)
    whole = compare(folder / "a", folder / "b")
    found = compare(folder / "a", folder / "b", inputs=(tmp_path, None))
    assert found.parts == whole.parts
    assert found.changes.equals(whole.changes)


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a list of the classes of all communes of `country` but two, each très sous dotée."""
    path = tmp_path_factory.mktemp("official") / "zonage.csv"
    rows = "".join(f"01{k:03d};Commune {k};1_Tres_sous_dotee\n" for k in range(1, 15))
    path.write_text(f"CartoSanté;;\nCode;Libellé;Zonage kinés\n{rows}01015;Quinze;4_Tres_dotee\n")
    return path


def test_a_page_of_the_agreement_with_the_official_classes(folder: Path, official: Path) -> None:
    done = apl("compare", folder / "a", "--official", official)
    assert done.returncode == 0, done.stderr
    for words in (
        "a and the official classes",
        "Inhabitants: zone of the result (rows), official class (columns)",
        "Same class by region of attribution, %",
        "Territories that differ",
        "one class apart",
        "01015 Commune 01015 (4_Tres_dotee)",
    ):
        assert words in done.words


@pytest.mark.slow
def test_a_folder_of_the_agreement_with_the_official_classes(
    folder: Path, official: Path, tmp_path: Path
) -> None:
    done = apl("import", "zoning", official, "-o", tmp_path / "in")
    assert done.returncode == 0, done.stderr
    tables = ("agreement", "communes", "territories", "transitions")
    for name, given in (("out", official), ("again", tmp_path / "in")):
        done = apl("compare", folder / "a", "--official", given, "-o", tmp_path / name, "--json")
        assert done.returncode == 0, done.stderr
        assert {path.name for path in (tmp_path / name).iterdir()} == {
            "compare.json", "agreement.svg", "agreement.png",
            *(f"{table}.{end}" for table in tables for end in ("csv", "parquet")),
        }  # fmt: skip
    for name in ("agreement.svg", "agreement.png", "territories.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    record = json.loads((tmp_path / "out" / "compare.json").read_text("utf-8"))
    assert record["agreement"] == done.json["agreement"]
    assert sum(row["territories"] or 0 for row in done.json["causes"]) == len(
        done.json["differences"]
    )
    counts = {note["code"]: note["count"] for note in done.json["notes"]}
    assert counts == {"official.set_aside": 1, "official.without_official_class": 2}


def test_options_that_an_official_list_has_no_use_for(folder: Path, official: Path) -> None:
    done = apl("compare", folder / "a", folder / "b", "--official", official, "--methods-differ")
    assert (done.returncode, "B, --methods-differ" in done.stderr) == (2, True)
    done = apl("compare", folder / "a")
    assert (done.returncode, "--official" in done.stderr) == (2, True)
    done = apl("compare", folder / "a", "--official", folder / "a", "--json")
    assert (done.returncode, done.json["faults"][0]["code"]) == (3, "official.no_zoning")
