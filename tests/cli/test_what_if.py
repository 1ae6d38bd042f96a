"""`apl what-if`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from support.command import apl
from support.full_runs import run_with_network

from apl_engine.networks import save_network
from apl_engine.scenarios import WhatIf


def test_a_page_shows_what_changes(region: Path) -> None:
    done = apl("what-if", region, "--change", "53130=+1.5", "--change", "85047=40")
    assert done.returncode == 0, done.stderr
    for words in (
        "53130 Laval 41.10 42.60",
        "Territories of these communes",
        "5399 Laval 79.12 ",
        "Communes whose APL changes: ",
        "more with --json",
        "Territories that change zone: ",
        " -> Non prioritaire",
        "Cuts: highest APL of each class",
    ):
        assert words in done.words


def test_as_json_with_a_prepared_network(region: Path, tmp_path: Path) -> None:
    result, network = run_with_network(region)
    save_network(network, tmp_path / "n.aplnet")
    options = ("--network", tmp_path / "n.aplnet", "--json")
    done = apl("what-if", region, "--change", "85047=40", *options)
    assert done.returncode == 0, done.stderr
    expected = WhatIf(result, network).change({"85047": 40.0})
    assert done.json["territories"] == expected.moved.to_dicts()
    moves = [abs(row["apl"] - row["apl_before"]) for row in done.json["communes"]]
    assert moves == sorted(moves, reverse=True)
    assert len(moves) == expected.communes.filter(pl.col("apl") != pl.col("apl_before")).height
    assert [row["commune"] for row in done.json["changes"]] == ["85047"]
    code = result.communes.row(by_predicate=pl.col("commune") == "85047", named=True)["territory"]
    (own,) = done.json["own_territories"]
    after = expected.territories.row(by_predicate=pl.col("territory") == code, named=True)
    before = result.territories.row(by_predicate=pl.col("territory") == code, named=True)
    assert (own["territory"], own["apl"], own["zone"]) == (code, after["apl"], after["zone"])
    assert (own["apl_before"], own["zone_before"]) == (before["apl"], before["zone"])
    assert [cut["highest_apl"] for cut in done.json["cuts"]["after"]] == [
        cut.highest_apl for cut in expected.cuts
    ]


def test_all_faults_of_changes_are_reported_at_once(tables: Path) -> None:
    wrong = ("01001", "01002=1,5", "01001=1", "01001=2", "99999=1", "75101=-50", "2A004=nan", "=1")
    changes = [part for change in wrong for part in ("--change", change)]
    done = apl("what-if", tables, *changes, "--json")
    assert done.returncode == 3
    faults = [(fault["code"], fault.get("values")) for fault in done.json["faults"]]
    assert faults[:5] == [
        ("option.change_malformed", ["01001"]),
        ("option.change_not_a_number", ["01002=1,5"]),
        ("option.change_repeated", ["01001"]),
        ("option.change_not_a_number", ["2A004=nan"]),
        ("option.change_malformed", ["=1"]),
    ]
    codes = [code for code, _ in faults[5:]]
    assert codes == ["lookup.unknown_code", "what_if.too_much_removed"]
    only = apl("what-if", tables, "--change", "01001", "--json")
    assert (only.returncode, only.codes) == (2, ["option.change_malformed"])


def test_a_commune_by_its_name(tables: Path) -> None:
    by_code, by_name = (
        apl("what-if", tables, "--change", f"{text}=1", "--json")
        for text in ("01001", "COMMUNE-01001")
    )
    assert by_code.json == by_name.json
    assert [row["commune"] for row in by_name.json["changes"]] == ["01001"]
    done = apl("what-if", tables, "--change", "01001=1", "--change", "1001=2", "--json")
    assert (done.returncode, done.codes) == (2, ["option.change_repeated"])


def test_without_a_change_is_wrong_usage(tables: Path) -> None:
    assert apl("what-if", tables).returncode == 2
