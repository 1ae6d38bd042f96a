"""Explanations of communes and territories: complete, or with the reason why not."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from support.results import territory_of
from support.tables import SAMPLES, frames, small_world
from support.worlds import worlds

import apl_engine
from apl_engine import InputDataError, explain, load_methodology, read_result, run, write_result
from apl_engine.explanation import Explanation
from apl_engine.networks import save_network
from apl_engine.reports.explanation import explanation_page
from apl_engine.results import StoredResult

REGION = SAMPLES / "pays-de-la-loire"
DATES = {"concertation": date(2024, 5, 14), "commission_paritaire_regionale": date(2024, 6, 11)}


def test_neighbours_are_the_next_ranks(zones: StoredResult) -> None:
    ranked = zones.territories.drop_nulls("rank").sort("rank")
    for place, shown in ((0, [1, 2, 3, 4]), (9, list(range(7, 14)))):
        code = ranked.item(place, "territory")
        explained = explain(zones, code, kind="territory", readings=False)
        assert explained.neighbours["rank"].to_list() == shown


def test_travel_times_alone_are_enough_for_the_sum(zones: StoredResult, tmp_path: Path) -> None:
    """An agency has no practitioners; only travel times, or a network of them."""
    for name in ("travel_times", "communes"):
        shutil.copy(REGION / f"{name}.parquet", tmp_path)
    explained = explain(zones, "53130", inputs=tmp_path)
    assert explained.sum
    assert explained.sum.suppliers["share"].sum() == 100
    assert any(distance.etp for distance in explained.distances)
    assert explained.ages is None
    assert [part.code for part in explained.missing] == ["tables"]
    untried = {reading.key for reading in explained.readings if reading.untried}
    assert "etp.practice_split" in untried
    assert "zoning.straddling" not in untried


def test_inputs_of_another_run_are_refused(zones: StoredResult, tmp_path: Path) -> None:
    shutil.copytree(REGION, tmp_path / "in")
    times = pl.read_parquet(REGION / "travel_times.parquet")
    times.with_columns(pl.col("minutes") + 1).write_parquet(tmp_path / "in/travel_times.parquet")
    with pytest.raises(InputDataError) as caught:
        explain(zones, "53130", inputs=tmp_path / "in")
    (fault,) = caught.value.faults
    assert (fault.code, fault.table) == ("reproduction.other_file", "travel_times")
    assert fault.details == {"file": "travel_times.parquet"}
    (tmp_path / "in" / "practitioners.parquet").unlink()
    with pytest.raises(InputDataError) as caught:
        explain(zones, "53130", inputs=tmp_path / "in")
    (fault,) = caught.value.faults
    assert (fault.code, fault.table) == ("reproduction.other_apl", "network")
    assert len(fault.values) == 3


def test_inputs_that_changed_since_are_reported_and_not_used(small: Path) -> None:
    path = small / "in" / "practitioners.parquet"
    pl.read_parquet(path).with_columns(acts=pl.col("acts") + 1).write_parquet(path)
    explained = explain(read_result(small / "out"), "01001")
    assert explained.sum is None
    assert [part.code for part in explained.missing] == ["unusable"]
    assert "practitioners.parquet" in explained.missing[0].detail
    shutil.rmtree(small / "in")
    explained = explain(read_result(small / "out"), "01001")
    assert [part.code for part in explained.missing] == ["moved"]
    assert all(distance.reason == "unknown" for distance in explained.distances)


def test_one_code_may_be_a_commune_and_a_territory(small: Path) -> None:
    world = small_world()
    for row in world["communes"]:
        row["territory"] = {"T1": "01001", "T2": "75101"}[row["territory"]]
    write_result(run(frames(world)), small / "same")
    zones = read_result(small / "same")
    assert explain(zones, "01001").place.kind == "commune"
    assert explain(zones, "01001", kind="territory").communes.height == 2


@pytest.mark.heavy
@pytest.mark.slow
@settings(max_examples=8)
@given(worlds())
def test_every_commune_of_any_world_is_explained(
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
        explained = explain(zones, code, inputs=folder, readings=place == 0)
        assert explained.sum
        apl = result.communes.filter(commune=code).item(0, "apl")
        assert explained.sum.apl == pytest.approx(Decimal(apl), abs=Decimal("0.000001"))
        assert explained.sum.suppliers["share"].sum() in (0, 100)
        for lang in ("en", "fr"):
            page = explanation_page(explained, lang)
            assert code in page.text()
            assert code in page.markdown()
    json.dumps(explained.as_dict())


def test_an_explanation_in_a_notebook(zones: StoredResult) -> None:
    explained = explain(zones, "53130", readings=False)
    lines = explained._repr_markdown_().splitlines()
    assert "53130 Laval" in lines[0]
    assert str(explained.territory["zone"]) in lines[0]
    assert explained.sum
    assert len(lines) == 4 + min(explained.sum.suppliers.height, 10)
    assert all(line.count("|") == 5 for line in lines[2:])


def test_what_changes_the_zone_is_listed(zones: StoredResult) -> None:
    explained = explain(zones, territory_of(zones, "sous_dotee"), kind="territory")
    readings = tuple(replace(reading, zone="intermediaire") for reading in explained.readings)
    text = " ".join(explanation_page(replace(explained, readings=readings)).text().split())
    assert "zoning.straddling = crossing (here: at_or_below): Intermédiaire" in text


def test_an_unranked_territory_has_its_reason(small: Path) -> None:
    world = small_world()
    for row in world["communes"]:
        if row["territory"] == "T2":
            row["region"] = "06"
    write_result(run(frames(world)), small / "imposed")
    explained = explain(read_result(small / "imposed"), "T2")
    assert explained.distances == ()
    assert {part.code for part in explained.missing} == {"moved", "unranked"}
    assert "imposed: Mayotte" in explanation_page(explained).text()
    letter = " ".join(explanation_page(explained, "fr").text().split())
    assert "est fixée par le texte, sans calcul (annexe, VI)" in letter


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
    write_result(apl_engine.runs.zone_published(published, communes, rules), tmp_path / "out")
    zones = read_result(tmp_path / "out")
    assert not zones.has_supply
    explained = explain(zones, "T1")
    assert explained.sum is None
    assert explained.communes["contribution"].sum() == Decimal("15.500000")
    assert [part.code for part in explained.missing] == ["published"]
    assert {r.key for r in explained.readings if not r.untried} == {
        "zoning.ties", "zoning.straddling", "zoning.cuts", "zoning.imposed_population",
    }  # fmt: skip
    assert {distance.etp for distance in explained.distances} == {None}
    assert explanation_page(explained).text()


@pytest.mark.heavy
def test_a_publication_explains_no_more_than_it_shows(
    protected: StoredResult, zones: StoredResult
) -> None:
    explained = explain(protected, "53130")
    assert explained.sum is None
    assert explained.distances == explained.readings == ()
    assert [part.code for part in explained.missing] == ["secret"]
    assert "arrondi" in explanation_page(explained, "fr").text()
    json.dumps(explained.as_dict())
    with pytest.raises(InputDataError) as caught:
        explain(protected, "53130", inputs=REGION)
    assert caught.value.faults[0].code == "result.published_inputs"


def test_a_publication_and_its_travel_times_show_who_supplies_but_not_how_much(
    protected: StoredResult, tmp_path: Path
) -> None:
    travel = run(REGION).network
    save_network(travel, tmp_path / "pdl.aplnet")
    explained = explain(protected, "53130", network=tmp_path / "pdl.aplnet")
    assert explained.sum
    assert explained.sum.hidden == explained.sum.suppliers.height
    for row in explained.sum.suppliers.to_dicts():
        assert row["minutes_to"] is not None
        assert row["etp"] is row["contribution"] is row["ratio"] is row["share"] is None


def test_hidden_figures_are_refused_if_all_are_needed(
    protected: StoredResult, zones: StoredResult
) -> None:
    for asked in (
        lambda: apl_engine.scenarios.distances(protected, "5399"),
        lambda: apl_engine.compare(protected, zones),
        lambda: apl_engine.regional.regional_summary(protected, "52"),
    ):
        with pytest.raises(InputDataError) as caught:
            asked()
        assert [fault.table for fault in caught.value.faults] == ["result"]


def test_an_adapted_zone_has_its_reason(zones: StoredResult, tmp_path: Path) -> None:
    made = apl_engine.regional.propose(zones, "Pays de la Loire", justification="x", **DATES)
    moved = made.territories[0].code
    write_result(apl_engine.regional.adapt(zones, [made.proposal]), tmp_path / "adapted")
    explained = explain(read_result(tmp_path / "adapted"), moved, kind="territory", inputs=REGION)
    assert explained.sum
    assert explained.place.zone == "tres_sous_dotee"
    assert [part.code for part in explained.missing] == ["other_zone"]
    assert explained.missing[0].detail.startswith("adapted by region 52")


@pytest.mark.slow
def test_an_adapted_territory_keeps_its_national_distances(
    zones: StoredResult, tmp_path: Path
) -> None:
    made = apl_engine.regional.propose(zones, "52", justification="x", **DATES)
    moved = made.territories[0].code
    write_result(apl_engine.regional.adapt(zones, [made.proposal]), tmp_path / "adapted")
    adapted = read_result(tmp_path / "adapted")
    one, two = (explain(each, moved, kind="territory", inputs=REGION) for each in (zones, adapted))
    assert (one.national, two.national) == ("sous_dotee", "sous_dotee")
    assert [d.as_dict() for d in two.distances] == [d.as_dict() for d in one.distances]
    assert two.readings == one.readings
    assert "Sous dotée" in explanation_page(two).text()
    table = apl_engine.scenarios.zone_margins(adapted)
    assert table.filter(territory=moved)["zone"].unique().to_list() == ["sous_dotee"]


def test_a_page_counts_the_communes_that_it_leaves_out(laval: Explanation) -> None:
    assert laval.sum
    assert laval.sum.suppliers.height > 16
    assert f"{laval.sum.suppliers.height - 16} others" in explanation_page(laval).text()
