"""Results of different years and meshes: communes merged, split, renamed, or of one side only."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.compared import (
    FACTORS,
    RULES,
    SIZE,
    check_sums,
    country,
    some,
    units,
    with_other_mesh,
    with_other_supply,
    with_other_times,
)
from support.full_runs import run_with_network
from support.open_data import open_data
from support.tables import SAMPLES, World, frames, methodology

import apl_engine
from apl_engine import InputDataError, compare
from apl_engine.comparison import Comparison, matching, passage_between
from apl_engine.geography.history.passage import Passage, passage_from_table
from apl_engine.imports import VintageChange, convert_vintage, import_files


def renamed(world: World, codes: dict[str, str]) -> World:
    """Give communes other codes; where two take one, what they have is added up."""
    other = copy.deepcopy(world)
    for table in other.values():
        for row in table:
            for key in ("commune", "origin", "destination"):
                if key in row:
                    row[key] = codes.get(row[key], row[key])
    people: dict[tuple[str, str], float] = {}
    for row in other["population"]:
        key = row["commune"], row["age_band"]
        people[key] = people.get(key, 0.0) + row["population"]
    other["population"] = [
        {"commune": code, "age_band": band, "population": number}
        for (code, band), number in people.items()
    ]
    for name, keys in (("communes", ["commune"]), ("travel_times", ["origin", "destination"])):
        rows = {tuple(row[key] for key in keys): row for row in reversed(other[name])}
        other[name] = [row for ends, row in rows.items() if len(ends) == 1 or ends[0] != ends[1]]
    return other


MERGED = {"01016": "01015"}
WAY = passage_from_table(
    pl.DataFrame(
        {
            "COM2021": [f"01{k:03d}" for k in range(1, 17)],
            "COM2023": [*(f"01{k:03d}" for k in range(1, 16)), "01015"],
        }
    ),
    2021,
    2023,
)
BACK = passage_from_table(
    pl.DataFrame(
        {
            "COM2021": [f"01{k:03d}" for k in range(1, 17)],
            "COM2023": [*(f"01{k:03d}" for k in range(1, 16)), "01015"],
        }
    ),
    2023,
    2021,
)


def beside(first: World, second: World, passage: Passage | None) -> Comparison:
    (one, network), (two, other) = (run_with_network(frames(w), RULES) for w in (first, second))
    return compare(one, two, passage=passage, networks=(network, other))


def test_a_merger_alone_has_the_part_of_geography() -> None:
    first = with_other_supply(country(), 3)
    merged = with_other_times(with_other_mesh(renamed(first, MERGED)))
    for comparison in (beside(first, merged, WAY), beside(merged, first, BACK)):
        assert comparison.changes.height
        check_sums(comparison)
        for part in ("supply", "population", "method"):
            assert not some(comparison.changes[f"part_{part}"]), part
        assert some(comparison.changes["part_geography"])
        (note,) = comparison.notes
        merged = comparison.second.communes.height < SIZE
        assert note.code.endswith("communes_merged" if merged else "communes_split")
        assert set(comparison.communes["listed"]) == {"both"}


def test_the_reverse_of_a_merger_is_the_negative() -> None:
    first, second = country(), with_other_supply(renamed(country(), MERGED), 5)
    there, back = beside(first, second, WAY), beside(second, first, BACK)
    assert there.changes.height
    check_sums(there)
    one = there.changes.sort("territory_a", "territory_b")
    two = back.changes.sort("territory_b", "territory_a")
    for part in ("change", *(f"part_{name}" for name in (*FACTORS, "cut"))):
        assert units(one, part) == [-value for value in units(two, part)]


@pytest.mark.heavy
@pytest.mark.slow
@settings(max_examples=settings.default.max_examples // 3)
@given(st.lists(st.booleans(), min_size=SIZE - 1, max_size=SIZE - 1), st.integers(0, SIZE - 1))
def test_any_mergers_add_up_both_ways(joins: list[bool], shift: int) -> None:
    codes = [f"01{k:03d}" for k in range(1, SIZE + 1)]
    into = {codes[0]: codes[0]}
    for before, code, joined in zip(codes, codes[1:], joins, strict=False):
        into[code] = into[before] if joined else code
    table = pl.DataFrame({"COM2021": codes, "COM2023": [into[code] for code in codes]})
    first, second = country(), with_other_supply(renamed(country(), into), shift)
    there = beside(first, second, passage_from_table(table, 2021, 2023))
    back = beside(second, first, passage_from_table(table, 2023, 2021))
    for comparison in (there, back):
        check_sums(comparison)
        everybody = comparison.second.communes["population"].sum()
        assert comparison.transitions["population"].sum() == pytest.approx(everybody)
    one = there.changes.filter(cause="apl").sort("territory_a", "territory_b")
    two = back.changes.filter(cause="apl").sort("territory_b", "territory_a")
    for part in (f"part_{name}" for name in (*FACTORS, "cut")):
        # Fragments are added in the order of the other side's codes: the last bit may differ.
        both = zip(units(one, part), units(two, part), strict=True)
        assert all(abs(value + other) <= 1 for value, other in both)


def test_a_merged_commune_is_counted_once() -> None:
    first = country()
    second = with_other_supply(renamed(first, MERGED), 5)
    comparison = beside(first, second, WAY)
    assert comparison.communes.height == 16
    assert comparison.transitions["communes"].sum() >= 15
    whole = comparison.second.communes
    assert comparison.transitions["population"].sum() == pytest.approx(whole["population"].sum())
    assert comparison.transitions["practitioners"].sum() == whole["practitioners"].sum()


def test_communes_without_inhabitants_are_split_equally() -> None:
    first = country()
    for row in first["population"]:
        if row["commune"] in ("01015", "01016"):
            row["population"] = 0.0
    second = renamed(country(), MERGED)
    comparison = beside(first, second, WAY)
    check_sums(comparison)
    halves = comparison.communes.filter(commune_b="01015")["population_b"].to_list()
    assert halves[0] == halves[1] > 0


def test_codes_that_changed_are_followed() -> None:
    table = pl.DataFrame({"COM2021": ["01005"], "COM2023": ["01905"]})
    comparison = beside(
        country(),
        renamed(country(), {"01005": "01905"}),
        # Codes that are not in the table stand for themselves.
        Passage(2021, 2023, passage_from_table(table, 2021, 2023).links, None, None,
                frozenset(), frozenset()),
    )  # fmt: skip
    assert comparison.changes.is_empty()
    assert set(comparison.communes["listed"]) == {"both"}


def test_many_communes_without_counterpart_are_refused() -> None:
    with pytest.raises(InputDataError) as caught:
        beside(country(), renamed(country(), MERGED | {"01005": "01905"}), None)
    faults = caught.value.faults
    assert {fault.code for fault in faults} == {"comparison.unmatched_communes"}
    assert [(f.table, f.values, f.details["communes"], f.details["of"]) for f in faults] == [
        ("A", ("01005", "01016"), 2, 16),
        ("B", ("01905",), 1, 15),
    ]
    with pytest.raises(InputDataError) as caught:
        beside(country(), renamed(country(), {"01005": "01905"}), WAY)
    fault = caught.value.faults[0]
    assert fault.code == "comparison.unmatched_after_passage"
    assert (fault.details["year_from"], fault.details["year_to"]) == (2021, 2023)


def with_one_renamed(frame: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in ("commune", "origin", "destination") if name in frame.columns]
    return frame.with_columns(pl.col(names).cast(pl.String).replace({"53001": "53999"}))


def test_a_few_unmatched_communes_are_reported_and_listed() -> None:
    folder = SAMPLES / "pays-de-la-loire"
    tables = {path.stem: pl.read_parquet(path) for path in folder.glob("*.parquet")}
    other = {name: with_one_renamed(frame) for name, frame in tables.items()}
    other["practitioners"] = other["practitioners"].with_columns(
        acts=pl.when(pl.col("commune") < "50000").then(pl.col("acts") * 0.8).otherwise("acts")
    )
    (one, network), (two, again) = (run_with_network(t, RULES) for t in (tables, other))
    comparison = compare(one, two, networks=(network, again))
    check_sums(comparison)
    assert comparison.changes.height
    unmatched = comparison.communes.filter(pl.col("listed") != "both")
    assert unmatched.select("listed", "commune_a", "commune_b").rows() == [
        ("a", "53001", None),
        ("b", None, "53999"),
    ]
    assert [(note.code, note.examples) for note in comparison.notes] == [
        ("comparison.communes_of_one", ("53001",)),
        ("comparison.communes_of_one", ("53999",)),
    ]
    assert all(note.warning for note in comparison.notes)
    everybody = two.communes.filter(pl.col("commune") != "53999")["population"].sum()
    assert comparison.transitions["population"].sum() == pytest.approx(everybody)
    given = compare(one, two, apl_as_given=True)
    check_sums(given)


@pytest.mark.parametrize("years", [(None, None), (2021, 2023)])
def test_years_are_given_or_guessed(years: tuple[int | None, int | None], tmp_path: Path) -> None:
    path = tmp_path / "passage.csv"
    rows = [f"01{k:03d},{f'01{k:03d}' if k < 16 else '01015'}" for k in range(1, 17)]
    path.write_text("\n".join(["COM2021,COM2023", *rows]) + "\n")
    one, _ = run_with_network(frames(country()), RULES)
    two, _ = run_with_network(frames(renamed(country(), MERGED)), RULES)
    way = passage_between(one, two, {"table": path}, years)
    assert (way.year_from, way.year_to) == (2021, 2023)
    assert way.links.select("before", "after").rows() == WAY.links.select("before", "after").rows()


def test_events_that_fit_no_year_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = run_with_network(frames(country()), RULES)
    monkeypatch.setattr(matching, "guess_vintage", lambda *_: [])
    monkeypatch.setattr(
        matching.VintageChange, "by", lambda *_, **__: VintageChange(0, pl.DataFrame())
    )
    with pytest.raises(InputDataError) as caught:
        passage_between(one, one, {})
    assert caught.value.faults[0].code == "comparison.unknown_vintage"


# Communes that were split on 1 January 2024, as if their parts were alike.
PARTS_OF_2024 = pl.DataFrame(
    {"commune": ["60054", "60694", "85084", "85165", "85212"], "population": [1.0] * 5}
)
MESH = ("insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv")


def published(year: int, change: Callable[[pl.DataFrame], pl.DataFrame] = lambda t: t) -> object:
    """Zone the APL of 2021 on the mesh of a year."""
    moving = VintageChange.by(year, table=open_data("insee_passage_2021_2024.csv"))
    mesh = import_files("mesh", [open_data(name) for name in MESH], RULES, vintage=2023)
    mesh = convert_vintage(mesh, moving, RULES)
    mesh = mesh.with_table("communes", change(mesh.tables["communes"]))
    apl = import_files("apl", [open_data("drees_apl_mk_2021.csv")], RULES)
    apl = convert_vintage(apl, moving, RULES, weights=PARTS_OF_2024)
    return apl_engine.runs.zone_published(apl, mesh, RULES)


@pytest.mark.slow
def test_real_zonings_of_two_vintages() -> None:
    one, two = published(2023), published(2024)
    assert isinstance(one, apl_engine.method.Zoning)
    assert isinstance(two, apl_engine.method.Zoning)
    way = passage_between(one, two, {"table": open_data("insee_passage_2021_2024.csv")})
    comparison = compare(one, two, passage=way)
    check_sums(comparison)
    assert comparison.parts[0] == "published_apl"
    assert set(comparison.communes["listed"]) == {"both"}
    assert comparison.transitions["population"].sum() == pytest.approx(
        two.communes["population"].sum()
    )


@pytest.mark.slow
def test_a_real_zoning_on_two_meshes() -> None:
    def whole(communes: pl.DataFrame) -> pl.DataFrame:
        here = pl.col("commune").cast(pl.String).str.starts_with("53")
        return communes.with_columns(
            territory=pl.when(here).then(pl.lit("53")).otherwise("territory"),
            territory_name=pl.when(here).then(pl.lit("Mayenne")).otherwise("territory_name"),
        )

    one, two = published(2023), published(2023, whole)
    assert isinstance(one, apl_engine.method.Zoning)
    assert isinstance(two, apl_engine.method.Zoning)
    comparison = compare(one, two)
    check_sums(comparison)
    assert comparison.changes.height > 5
    split = comparison.changes.filter(cause="apl")
    assert some(split["part_geography"])
    for part in ("published_apl", "population", "method"):
        assert not some(split[f"part_{part}"])


@pytest.mark.slow
def test_a_real_zoning_and_a_variant_of_the_cut() -> None:
    one = published(2023)
    assert isinstance(one, apl_engine.method.Zoning)
    other = methodology(zoning_straddling="crossing")
    territories, cuts, _ = apl_engine.method.classify(
        one.territories.drop("rank", "cumulative_share", "zone", "zone_reason"), other
    )
    zones = territories.select("territory", "zone")
    two = replace(
        one,
        territories=territories,
        cuts=cuts,
        communes=one.communes.drop("zone").join(zones, on="territory", maintain_order="left"),
        methodology=other,
    )
    comparison = compare(one, two, methods_differ=True)
    check_sums(comparison)
    assert 1 <= comparison.changes.height <= 3
    split = comparison.changes
    assert units(split, "part_cut") == units(split, "change")
    assert split["main_part"].to_list() == ["cut"] * split.height
