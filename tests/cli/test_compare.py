"""`apl compare` as a process, the folder it leaves, and the picture in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from support.compared import (
    check_sums,
    country,
    some,
    with_other_mesh,
    with_other_population,
    with_other_supply,
    with_other_times,
)
from support.tables import SAMPLES, frames, write_csv

from apl_engine import OutputError, compare, run, run_with_network, write_comparison, write_result
from apl_engine.cli.compare_output import page
from apl_engine.reports import sankey as flows
from apl_engine.reports.comparison import comparison_record
from apl_engine.reports.sankey import draw_flows, laid_out

ROOT = Path(__file__).parents[2]
FILES = {
    "compare.json", "flows.svg", "flows.png",
    *(f"{t}.{e}" for t in ("changes", "communes", "transitions") for e in ("csv", "parquet")),
}  # fmt: skip


def apl(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apl_engine", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two results, a and b, their inputs beside them."""
    place = tmp_path_factory.mktemp("results")
    second = with_other_mesh(with_other_supply(with_other_population(country())))
    for name, world in (("a", country()), ("b", second)):
        write_result(run(write_csv(world, place / f"in-{name}")), place / name)
    return place


def test_a_page_tells_who_changes_and_why(folder: Path, tmp_path: Path) -> None:
    contracts = tmp_path / "contracts.csv"
    rows = "".join(f"01{k:03d},CAMMK,2025-01-01,2027-12-31\n" for k in range(1, 17))
    contracts.write_text(f"commune,contract,signed,ends\n{rows}")
    done = apl("compare", folder / "a", folder / "b", "--contracts", contracts)
    assert done.returncode == 0, done.stderr
    for words in (
        "A: a  [mk-2024]",
        "Inhabitants (of B): zone of A, downwards, to zone of B",
        "Sums over pieces of what moved them across the cut, APL",
        "Pieces whose zone changes:",
        "from the end of TSD",
        "Practitioners where the zone changes",
        "run on to their term in a commune that left the zone",
        "term in 2027",
    ):
        assert words in done.stdout
    assert "Notes" not in done.stdout


def test_printed_parts_add_up(folder: Path) -> None:
    done = apl("compare", folder / "a", folder / "b", "--population", "first")
    assert "Inhabitants (of A)" in done.stdout
    lines = [line for line in done.stdout.splitlines() if "from the end of" in line]
    assert lines
    for line in lines:
        margins = line.split("end of ")[1].split(", ", 1)[0]
        change, parts = line.split(", ", 1)[1].split(": ")
        one, two = (Decimal(word) for word in margins.split()[1::2])
        told = [Decimal(part.split()[-1]) for part in parts.split(", ")]
        assert sum(told) == Decimal(change) == two - one


def test_a_folder_holds_tables_and_picture(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = apl("compare", folder / "a", folder / "b", "-o", out, "--json")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in out.iterdir()} == FILES
    document = json.loads(done.stdout)
    record = json.loads((out / "compare.json").read_text("utf-8"))
    assert document["transitions"] == record["transitions"]
    assert document["parts"][-1] == "cut"
    told = {entry["file"]: entry["sha256"] for entry in record["outputs"]}
    assert told.keys() == FILES - {"compare.json"}
    table = pl.read_csv(out / "changes.csv", infer_schema=False)
    assert table.height == len(document["changes"])
    names = [f"part_{name}" for name in document["parts"]]
    for row in table.drop_nulls("change").to_dicts():
        parts = sum(Decimal(row[name]) for name in names)
        assert parts == Decimal(row["change"])
        assert parts == Decimal(row["margin_b"]) - Decimal(row["margin_a"])
    again = apl("compare", folder / "a", folder / "b", "-o", out)
    assert again.returncode == 1
    assert "already holds a result" in again.stderr
    assert apl("compare", folder / "a", folder / "b", "-o", out, "--replace").returncode == 0
    # A result gives way to a result only.
    assert apl("compare", folder / "a", folder / "b", "-o", folder / "a", "--replace").returncode


def test_the_same_folder_twice(folder: Path) -> None:
    done = apl("compare", folder / "a", folder / "a")
    assert done.returncode == 0, done.stderr
    assert "No zone changes" in done.stdout


def test_what_is_no_result_is_refused(folder: Path, tmp_path: Path) -> None:
    done = apl("compare", tmp_path / "none", tmp_path)
    assert done.returncode == 3
    assert "2 faults" in done.stderr
    assert "does not exist" in done.stderr
    assert "the folder is none of a result" in done.stderr
    edited = tmp_path / "edited"
    write_result(run(frames(country())), edited)
    (edited / "communes.csv").write_text("")
    done = apl("compare", folder / "a", edited, "-o", tmp_path / "out")
    assert "communes.csv: is not the file that record.json tells of" in done.stderr
    assert not (tmp_path / "out").exists()


def test_inputs_and_networks_can_be_named(folder: Path, tmp_path: Path) -> None:
    other = write_csv(with_other_times(country()), tmp_path / "other")
    done = apl("compare", folder / "a", folder / "b", "--inputs-a", other)
    assert done.returncode == 3
    assert "A: network: " in done.stderr
    network = tmp_path / "a.aplnet"
    built = apl("network", "build", folder / "in-a", "-o", network)
    assert built.returncode == 0, built.stderr
    named = apl("compare", folder / "a", folder / "b", "--network-a", network)
    assert named.returncode == 0, named.stderr
    assert named.stdout == apl("compare", folder / "a", folder / "b").stdout
    given = apl("compare", folder / "a", folder / "b", "--apl-as-given")
    assert "taken as given" in given.stdout


def test_methods_and_years_are_asked_for(folder: Path, tmp_path: Path) -> None:
    variant = tmp_path / "variant.toml"
    variant.write_text(
        'id = "variant"\nextends = "mk-2024"\n[zoning.straddling]\nvalue = "crossing"\n'
        'reason = "what if"\n'
    )
    assert apl("run", folder / "in-a", "-o", tmp_path / "c", "-m", variant).returncode == 0
    done = apl("compare", folder / "a", tmp_path / "c")
    assert done.returncode == 1
    assert "[zoning.straddling] " in done.stderr
    assert "at_or_below in A, crossing in B" in done.stderr
    done = apl("compare", folder / "a", tmp_path / "c", "--methods-differ")
    assert done.returncode == 0, done.stderr
    assert "zoning.straddling: at_or_below in A, crossing in B" in done.stdout
    done = apl("compare", folder / "a", folder / "b", "--vintage-a", 2021)
    assert done.returncode == 2
    assert "need --passage or --movements" in done.stderr
    passage = tmp_path / "passage.csv"
    rows = "".join(f"01{k:03d},01{k:03d}\n" for k in range(1, 17))
    passage.write_text(f"COM2021,COM2023\n{rows}")
    done = apl("compare", folder / "a", folder / "b", "--passage", passage, "--vintage-b", 2023)
    assert done.returncode == 0, done.stderr


def test_a_comparison_of_one_class_or_none_is_drawn(tmp_path: Path) -> None:
    empty = country()
    for row in empty["population"]:
        if row["commune"] in ("01003", "01004"):
            row["population"] = 0.0
    (one, network), (two, other) = (run_with_network(frames(world)) for world in (country(), empty))
    found = compare(one, two, networks=(network, other), population="first")
    bars, ribbons = laid_out(found)
    assert bars[1][-1].label == "without a zone"
    for side in bars:
        assert sum(bar.share for bar in side) == pytest.approx(1)
    assert sum(ribbon.share for ribbon in ribbons) == pytest.approx(1)
    draw_flows(found, tmp_path / "flows.png")
    assert (tmp_path / "flows.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_picture_is_the_same_each_time_and_tells_its_numbers(
    folder: Path, tmp_path: Path
) -> None:
    found = compare(folder / "a", folder / "b")
    for name in ("one.svg", "two.svg"):
        draw_flows(found, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    words = " ".join(ET.parse(tmp_path / "one.svg").getroot().itertext())
    for label in ("Très sous dotée", "Non prioritaire", "Change of zone:", "A: a"):
        assert label in words


def test_causes_that_are_no_apl_are_printed() -> None:
    result, network = run_with_network(frames(country()))
    rows = result.territories
    other = pl.when(pl.col("zone") == "sous_dotee").then(pl.lit("intermediaire"))
    for word, reason in (
        ("adapted", "adapted by the agency of region 84"),
        ("imposed", "the zone is imposed in one of both"),
    ):
        moved = rows.with_columns(
            zone=other.otherwise("zone"), zone_reason=pl.lit(f"{word}: for a reason")
        )
        found = compare(result, replace(result, territories=moved), networks=(network, network))
        printed = page(found, comparison_record(found))
        assert printed.count(reason) == 2


def test_communes_of_one_side_are_printed() -> None:
    folder = SAMPLES / "pays-de-la-loire"
    tables = {path.stem: pl.read_parquet(path) for path in folder.glob("*.parquet")}
    other = {
        name: frame.with_columns(
            pl.col([c for c in ("commune", "origin", "destination") if c in frame.columns])
            .cast(pl.String)
            .replace({"53001": "53999"})
        )
        for name, frame in tables.items()
    }
    found = compare(run(tables), run(other))
    printed = page(found, comparison_record(found))
    assert "  1 communes, of " in printed
    assert "inhabitants, are in A only" in printed
    assert ": 53001" in printed


def test_a_long_name_is_shortened(tmp_path: Path) -> None:
    result, network = run_with_network(frames(country()))
    write_result(result, tmp_path / ("z" * 40))
    found = compare(tmp_path / ("z" * 40), result, networks=(network, network))
    draw_flows(found, tmp_path / "flows.svg")
    words = " ".join(ET.parse(tmp_path / "flows.svg").getroot().itertext())
    assert "z" * 31 + "…" in words
    assert "z" * 32 not in words


def test_a_missing_library_is_told_before_the_work(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = compare(folder / "a", folder / "a")
    monkeypatch.setattr(flows, "find_spec", lambda _: None)
    with pytest.raises(OutputError, match=r"pip install 'apl-engine\[annex\]'"):
        write_comparison(found, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    monkeypatch.undo()
    assert write_comparison(found, tmp_path / "out")["parts"][-1] == "cut"


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


@pytest.mark.slow
def test_france_against_france_perturbed(tmp_path: Path) -> None:
    write_result(run(SAMPLES / "france"), tmp_path / "a")
    for name, change, own in (
        ("b", less_in_brittany, "supply"),
        ("c", another_year, "population"),
    ):
        write_result(run(perturbed(tmp_path / f"in-{name}", change)), tmp_path / name)
        begin = time.perf_counter()
        found = compare(tmp_path / "a", tmp_path / name)
        assert time.perf_counter() - begin < 8
        check_sums(found)
        assert found.changes.height > 20
        if own == "supply":
            # The example of docs/compare.md.
            brest = found.changes.row(by_predicate=pl.col("territory_b") == "2998", named=True)
            told = {"margin_a": 6.075, "margin_b": 0, "part_supply": -6.219, "part_cut": 0.144}
            assert {name: round(brest[name], 3) for name in told} == told
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
