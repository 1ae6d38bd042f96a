"""Explanations: every figure adds up, in the library and on the page."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from support.tables import SAMPLES, frames, small_world
from support.worlds import worlds

import apl_engine
from apl_engine import (
    Explanation,
    InputDataError,
    StoredResult,
    explain,
    explanation_page,
    load_methodology,
    read_result,
    run,
    save_network,
    sweep,
    vary,
    write_result,
)

REGION = SAMPLES / "pays-de-la-loire"


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> StoredResult:
    folder = tmp_path_factory.mktemp("explain") / "out"
    write_result(run(REGION), folder)
    return read_result(folder)


@pytest.fixture(scope="module")
def laval(zones: StoredResult) -> Explanation:
    return explain(zones, "53130")


def territory_of(zones: StoredResult, zone: str) -> str:
    rows = zones.territories.filter(zone=zone).sort("communes", "territory", descending=True)
    return str(rows.item(0, "territory"))


def test_shares_add_up_exactly(zones: StoredResult, laval: Explanation) -> None:
    territory = territory_of(zones, "sous_dotee")
    for told in (laval, explain(zones, territory, kind="territory", readings=False)):
        assert told.sum
        suppliers = told.sum.suppliers
        stored = told.as_dict()["apl"]
        assert suppliers["contribution"].sum() == told.sum.apl
        assert abs(Fraction(told.sum.apl) - Fraction(stored)) <= Fraction(1, 2_000_000)
        assert suppliers["share"].sum() == Decimal(100)
        assert suppliers["contribution"].is_sorted(descending=True)
    assert told.communes["contribution"].sum() == told.sum.apl


def test_each_figure_follows_from_the_others(zones: StoredResult) -> None:
    """By the formula of the method, on what the tables and the result hold."""
    told = explain(zones, "53130", readings=False)
    assert told.sum
    rows = {row["commune"]: row for row in told.sum.suppliers.to_dicts()}
    times = pl.read_parquet(REGION / "travel_times.parquet").filter(origin="53130")
    communes = {row["commune"]: row for row in zones.communes.to_dicts()}
    people = communes["53130"]["standardised_population"]
    there = 0
    for row in times.filter(pl.col("minutes") <= 20).to_dicts():
        code, minutes = row["destination"], row["minutes"]
        weight = 1 if minutes < 10 else 2 / 3 if minutes < 15 else 1 / 3
        found, place = rows[code], communes[code]
        there += 1
        assert found["minutes_from"] <= minutes <= found["minutes_to"]
        assert found["weight"] == pytest.approx(weight)
        assert found["etp"] == place["etp"]
        ratio = 100_000 * place["etp"] / place["demand_reached"]
        assert found["ratio"] == pytest.approx(ratio)
        assert float(found["contribution"]) == pytest.approx(weight * ratio, abs=1e-6)
        assert found["demand_sent"] == pytest.approx(weight * people)
        assert found["share_of_demand"] == pytest.approx(
            100 * weight * people / place["demand_reached"]
        )
        assert found["etp_received"] == pytest.approx(found["share_of_demand"] / 100 * place["etp"])
    assert there >= len(rows) - 1
    received = told.sum.suppliers["etp_received"].sum()
    assert received == pytest.approx(people * communes["53130"]["apl"] / 100_000)


def test_people_by_age_make_the_standardised_population(laval: Explanation) -> None:
    ages = laval.ages
    assert ages is not None
    row = laval.communes.row(0, named=True)
    assert ages["population"].sum() == pytest.approx(row["population"])
    assert ages["standardised_population"].sum() == pytest.approx(row["standardised_population"])


def test_neighbours_stand_around_it(zones: StoredResult) -> None:
    ranked = zones.territories.drop_nulls("rank").sort("rank")
    for place, shown in ((0, [1, 2, 3, 4]), (9, list(range(7, 14)))):
        code = ranked.item(place, "territory")
        told = explain(zones, code, kind="territory", readings=False)
        assert told.neighbours["rank"].to_list() == shown


def test_other_readings_are_runs_of_their_own(zones: StoredResult, laval: Explanation) -> None:
    rules = zones.methodology
    tried = [reading for reading in laval.readings if not reading.untried]
    points = [p for p in rules.parameters if p.others and p.key.split(".")[0] not in
              ("mesh", "regional") and p.key != "etp.age_reference_date"]  # fmt: skip
    assert [reading.key for reading in tried] == [p.key for p in points for _ in p.others]
    one = [reading for reading in tried if reading.key in ("etp.practice_split", "travel.steps")]
    variants = [vary(rules, reading.key, reading.other) for reading in one]
    before = zones.territories.select("territory", now="zone")
    results = sweep(REGION, variants)
    for reading, variant in zip(one, variants, strict=True):
        after = results[variant.id].territories
        assert reading.apl == after.filter(territory=laval.place.territory).item(0, "apl")
        moved = after.join(before, on="territory").filter(pl.col("zone") != pl.col("now"))
        assert reading.changed == moved.height


def test_travel_times_alone_are_enough_for_the_sum(zones: StoredResult, tmp_path: Path) -> None:
    """An agency has no practitioners; only travel times, or a network of them."""
    for name in ("travel_times", "communes"):
        shutil.copy(REGION / f"{name}.parquet", tmp_path)
    told = explain(zones, "53130", inputs=tmp_path)
    assert told.sum
    assert told.sum.suppliers["share"].sum() == 100
    assert any(distance.etp for distance in told.distances)
    assert told.ages is None
    assert [part.code for part in told.missing] == ["tables"]
    untried = {reading.key for reading in told.readings if reading.untried}
    assert "etp.practice_split" in untried
    assert "zoning.straddling" not in untried


def test_a_prepared_network_serves_as_well(
    zones: StoredResult, laval: Explanation, tmp_path: Path
) -> None:
    _, network = apl_engine.run_with_network(REGION)
    save_network(network, tmp_path / "n.aplnet")
    told = explain(zones, "53130", network=tmp_path / "n.aplnet")
    assert told.as_dict()["suppliers"] == laval.as_dict()["suppliers"]
    untried = {r.key: r.untried for r in told.readings if r.untried}
    assert set(untried) == {"travel.two_way_pairs", "travel.one_way_pairs", "travel.same_commune"}


def test_inputs_of_another_run_are_refused(zones: StoredResult, tmp_path: Path) -> None:
    shutil.copytree(REGION, tmp_path / "in")
    times = pl.read_parquet(REGION / "travel_times.parquet")
    times.with_columns(pl.col("minutes") + 1).write_parquet(tmp_path / "in/travel_times.parquet")
    with pytest.raises(InputDataError, match="is not the file that the result was computed from"):
        explain(zones, "53130", inputs=tmp_path / "in")
    (tmp_path / "in" / "practitioners.parquet").unlink()
    with pytest.raises(InputDataError, match="communes have another APL by it"):
        explain(zones, "53130", inputs=tmp_path / "in")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name, frame in frames(small_world()).items():
        frame.write_parquet(tmp_path / "in" / f"{name}.parquet")
    write_result(run(tmp_path / "in"), tmp_path / "out")
    return tmp_path


def test_inputs_that_changed_since_are_told_and_not_used(small: Path) -> None:
    path = small / "in" / "practitioners.parquet"
    pl.read_parquet(path).with_columns(acts=pl.col("acts") + 1).write_parquet(path)
    told = explain(read_result(small / "out"), "01001")
    assert told.sum is None
    assert [part.code for part in told.missing] == ["unusable"]
    assert "practitioners.parquet is not the file" in told.missing[0].detail
    shutil.rmtree(small / "in")
    told = explain(read_result(small / "out"), "01001")
    assert [part.code for part in told.missing] == ["moved"]
    assert all(distance.reason == "unknown" for distance in told.distances)


def test_one_code_may_be_a_commune_and_a_territory(small: Path) -> None:
    world = small_world()
    for row in world["communes"]:
        row["territory"] = {"T1": "01001", "T2": "75101"}[row["territory"]]
    write_result(run(frames(world)), small / "same")
    zones = read_result(small / "same")
    assert explain(zones, "01001").place.kind == "commune"
    assert explain(zones, "01001", kind="territory").communes.height == 2


@settings(max_examples=25)
@given(worlds())
def test_any_world_is_explained_or_says_why(
    tmp_path_factory: pytest.TempPathFactory, world: Any
) -> None:
    folder = tmp_path_factory.mktemp("world")
    try:
        result = run(frames(world))
    except InputDataError:
        return
    for name, frame in frames(world).items():
        frame.write_parquet(folder / f"{name}.parquet")
    write_result(result, folder / "out")
    zones = read_result(folder / "out")
    for place, code in enumerate(result.communes["commune"]):
        told = explain(zones, code, inputs=folder, readings=place == 0)
        assert told.sum
        apl = result.communes.filter(commune=code).item(0, "apl")
        assert told.sum.apl == pytest.approx(Decimal(apl), abs=Decimal("0.000001"))
        assert told.sum.suppliers["share"].sum() in (0, 100)
        for lang in ("en", "fr"):
            page = explanation_page(told, lang)
            assert code in page.text()
            assert code in page.markdown()
    json.dumps(told.as_dict())


def test_what_changes_the_zone_is_listed(zones: StoredResult) -> None:
    told = explain(zones, territory_of(zones, "sous_dotee"), kind="territory")
    readings = tuple(replace(reading, zone="intermediaire") for reading in told.readings)
    text = " ".join(explanation_page(replace(told, readings=readings)).text().split())
    assert "these change this zone:" in text
    assert "zoning.straddling = crossing (here: at_or_below): Intermédiaire" in text


def test_an_unranked_territory_says_why(small: Path) -> None:
    world = small_world()
    for row in world["communes"]:
        if row["territory"] == "T2":
            row["region"] = "06"
    write_result(run(frames(world)), small / "imposed")
    told = explain(read_result(small / "imposed"), "T2")
    assert told.distances == ()
    assert {part.code for part in told.missing} == {"moved", "unranked"}
    text = explanation_page(told, "fr").text()
    assert "Il n'a pas de rang : imposed: Mayotte" in text
    assert "Ni rang, ni distance" in text


def test_a_published_apl_is_explained_as_far_as_it_goes(tmp_path: Path) -> None:
    published = pl.DataFrame(
        {"commune": ["01001", "01002", "75101"], "apl": [10.0, 20.0, 30.0],
         "population": [10.0, 10.0, 80.0], "standardised_population": [9.0, 11.0, 80.0]}
    )  # fmt: skip
    communes = pl.DataFrame(
        {"commune": ["01001", "01002", "75101"], "name": ["A", "B", "C"],
         "region": ["84", "84", "11"], "territory": ["T1", "T1", "T2"],
         "territory_name": ["One", "One", "Two"]}
    )  # fmt: skip
    rules = load_methodology("mk-2024")
    write_result(apl_engine.zone_published(published, communes, rules), tmp_path / "out")
    zones = read_result(tmp_path / "out")
    assert not zones.has_supply
    told = explain(zones, "T1")
    assert told.sum is None
    assert told.communes["contribution"].sum() == Decimal("15.500000")
    assert [part.code for part in told.missing] == ["published"]
    assert {r.key for r in told.readings if not r.untried} == {
        "zoning.ties", "zoning.straddling", "zoning.imposed_population",
    }  # fmt: skip
    text = explanation_page(told).text()
    assert "Not tried: " in text
    assert "in ETP it is not known" in text


def test_unknown_codes_name_the_nearest(zones: StoredResult) -> None:
    for wanted, told in (
        ("Laval", "Did you mean 53130 Laval"),
        ("château gontier", "53062 Château-Gontier-sur-Mayenne"),
        ("zzzz", "Codes have five characters"),
    ):
        with pytest.raises(InputDataError) as caught:
            explain(zones, wanted)
        assert told in str(caught.value)
    with pytest.raises(InputDataError, match="there is no territory 'x1'"):
        explain(zones, "x1", kind="territory")


@pytest.fixture(scope="module")
def secret(zones: StoredResult, tmp_path_factory: pytest.TempPathFactory) -> StoredResult:
    folder = tmp_path_factory.mktemp("secret") / "out"
    write_result(run(REGION, min_practitioners=5), folder)
    return read_result(folder)


def test_a_result_to_be_published_tells_no_more_than_it_shows(secret: StoredResult) -> None:
    shown = dict(secret.communes.select("commune", "etp").rows())
    told = explain(secret, "53130")
    assert told.sum
    assert told.sum.hidden
    assert told.sum.apl is None
    for row in told.sum.suppliers.to_dicts():
        assert row["etp"] == shown[row["commune"]]
        assert row["share"] is None
        if row["etp"] is None:
            assert row["contribution"] is row["ratio"] is row["etp_received"] is None
    assert told.distances == told.readings == ()
    assert [part.code for part in told.missing] == ["secret"]
    text = explanation_page(told, "fr").text()
    assert "son rang est tenu secret" in " ".join(text.split())
    assert "secret" in text
    json.dumps(told.as_dict())


def test_a_whole_result_may_be_explained_with_few_hidden(
    zones: StoredResult, secret: StoredResult
) -> None:
    told = explain(zones, "53130", min_practitioners=5)
    assert told.as_dict()["suppliers"] == explain(secret, "53130").as_dict()["suppliers"]
    bare = replace(zones, record={**zones.record, "located": {}})
    with pytest.raises(InputDataError, match="without which nothing can be hidden safely"):
        explain(bare, "53130", min_practitioners=5)


def test_what_needs_every_figure_refuses_hidden_ones(
    secret: StoredResult, zones: StoredResult
) -> None:
    for asked in (
        lambda: apl_engine.distances(secret, "5399"),
        lambda: apl_engine.compare(secret, zones),
        lambda: apl_engine.regional_summary(secret, "52"),
    ):
        with pytest.raises(InputDataError, match="figures of few practitioners are hidden"):
            asked()


def test_an_adapted_zone_says_who_moved_it(zones: StoredResult, tmp_path: Path) -> None:
    made = apl_engine.propose(zones, "Pays de la Loire", justification="x",
                              concertation=date(2024, 5, 14),
                              commission_paritaire_regionale=date(2024, 6, 11))  # fmt: skip
    moved = made.territories[0].code
    write_result(apl_engine.adapt(zones, [made.proposal]), tmp_path / "adapted")
    told = explain(read_result(tmp_path / "adapted"), moved, kind="territory", inputs=REGION)
    assert told.sum
    assert told.place.zone == "tres_sous_dotee"
    assert [part.code for part in told.missing] == ["other_zone"]
    assert told.missing[0].detail.startswith("adapted by region 52")


def test_national_zones_stand_behind_adapted_ones(zones: StoredResult, tmp_path: Path) -> None:
    made = apl_engine.propose(zones, "52", justification="x", concertation=date(2024, 5, 14),
                              commission_paritaire_regionale=date(2024, 6, 11))  # fmt: skip
    moved = made.territories[0].code
    write_result(apl_engine.adapt(zones, [made.proposal]), tmp_path / "adapted")
    adapted = read_result(tmp_path / "adapted")
    one, two = (explain(each, moved, kind="territory", inputs=REGION) for each in (zones, adapted))
    assert (one.national, two.national) == ("sous_dotee", "sous_dotee")
    assert [d.as_dict() for d in two.distances] == [d.as_dict() for d in one.distances]
    assert two.readings == one.readings
    text = " ".join(explanation_page(two).text().split())
    assert "By its rank it is Sous dotée in the national classification" in text
    table = apl_engine.zone_margins(adapted)
    assert table.filter(territory=moved)["zone"].unique().to_list() == ["sous_dotee"]


def test_hidden_figures_are_not_hidden_twice(secret: StoredResult) -> None:
    with pytest.raises(InputDataError, match="figures of few practitioners are hidden in it"):
        explain(secret, "53130", min_practitioners=5)


def test_all_that_its_demand_reaches_is_told(laval: Explanation) -> None:
    assert laval.sum
    assert laval.sum.suppliers.height > 16
    text = explanation_page(laval).text()
    demand = text[text.index("Where its demand goes") : text.index("Its people by age")]
    assert f"{laval.sum.suppliers.height - 16} others" in demand


def test_whole_cities_and_small_letters_are_told(zones: StoredResult) -> None:
    with pytest.raises(InputDataError, match="Paris, Lyon and Marseille go by arrondissement"):
        explain(zones, "75056")
    corse = replace(
        zones,
        communes=zones.communes.with_columns(commune=pl.col("commune").replace("53130", "2A004")),
    )
    with pytest.raises(InputDataError, match="Did you mean 2A004"):
        explain(corse, "2a004")
    with pytest.raises(InputDataError) as caught:
        explain(zones, "9" * 5000)
    assert len(str(caught.value)) < 400
