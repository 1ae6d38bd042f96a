"""Public functions called with tables of other libraries, orders and types, and wrong arguments.

A table of the same rows gives the same figures or is refused; anything else is refused, by an
`AplError`. Nothing crashes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.communes_over_time import events, merged, people, territories
from support.compared import country as compared_country
from support.countries import country_of
from support.foreign_frames import (
    DRAWS,
    Step,
    check_other_table,
    check_same_rows,
    other_frames,
    unsound,
    with_odd_table,
)
from support.tables import frames, methodology, small_world

import apl_engine
from apl_engine import (
    aids,
    explanation,
    imports,
    method,
    networks,
    regional,
    results,
    runs,
    scenarios,
)
from apl_engine.comparison import compare, passage_between
from apl_engine.disclosure_control import publish
from apl_engine.errors import AplError, InputDataError
from apl_engine.geography import build_mesh, convert_mesh, diff_meshes, estimate_travel_times
from apl_engine.geography.history.passage import Passage, passage_from_events
from apl_engine.geography.mesh.build import Mesh
from apl_engine.geography.osrm.fetch import fetch_osrm
from apl_engine.imports import VintageChange, convert_vintage
from apl_engine.inputs import read_inputs
from apl_engine.inputs.imported import Imported
from apl_engine.method.compute import compute
from apl_engine.method.zoning import aggregate_territories

RULES = methodology()
WORLD = frames(small_world())
TABLES = read_inputs(WORLD, RULES)
RESULT = apl_engine.run(TABLES, RULES)
WHAT_IF = scenarios.WhatIf(RESULT)
SIZE = RESULT.communes.height
ETP = RESULT.communes["etp"].to_numpy()
PEOPLE = RESULT.communes["standardised_population"].to_numpy()
CODES = RESULT.communes["commune"].to_list()

MESH_COLUMNS = ["commune", "name", "departement", "region", "canton", "urban_unit", "living_area",
                "population"]  # fmt: skip
COUNTRY = pl.DataFrame(
    [
        ("01001", "One", "01", "84", "0101", "01301", "01001", 40_000.0),
        ("01002", "Two", "01", "84", "0102", "01301", "01001", 1_000.0),
        ("01003", "Three", "01", "84", "0102", "01000", "01001", 300.0),
        ("01010", "Ten", "01", "84", "0103", "01302", "01010", 9_000.0),
        ("71011", "Eleven", "71", "27", "7101", "71000", "01010", 8_000.0),
    ],
    MESH_COLUMNS,
    orient="row",
)
PARTS = pl.DataFrame(
    {
        "commune": ["01101", "01102"],
        "name": ["First", "Second"],
        "city": ["01001", "01001"],
        "population": [30_000.0, 10_000.0],
    }
)
MESH = build_mesh(COUNTRY, RULES, PARTS)
PASSAGE = passage_from_events(events(*merged("2024-01-01", "01002", "01003")), 2023, 2024)
EVENTS = events(*merged("2024-01-01", "01002", "01001"), (50, "2023-06-01", "01007", "01008"))
CHANGE = VintageChange(2024, EVENTS)
POINTS = pl.DataFrame(
    {
        "commune": ["18001", "18002", "18003", "18004"],
        "lat": [47.0, 47.01, 47.05, 47.12],
        "lon": [2.4, 2.42, 2.45, 2.4],
        "population": [100.0, 2000.0, 300.0, 50.0],
    }
)
PUBLISHED = pl.DataFrame(
    {
        "commune": CODES,
        "name": [f"Commune {code}" for code in CODES],
        "apl": [40.5, 50.0, 80.25, 60.0],
        "population": [100.0, 200.0, 300.0, 400.0],
        "standardised_population": [90.0, 210.0, 310.0, 400.0],
    }
)
GATHERED = aggregate_territories(RESULT.communes.with_columns(pl.col("apl").fill_null(0.0)), RULES)
SCENARIOS = pl.DataFrame(
    {"commune": CODES, "one": [1.0, 2.0, 0.0, 4.5], "two": [0.0, 0.0, 1.5, 3.0]}
)
CONTRACTS = pl.DataFrame(
    {
        "commune": CODES[:2],
        "contract": ["CAMMK", "CACCMK"],
        "signed": [date(2024, 2, 29), date(2025, 7, 1)],
    }
)
REGION = country_of(10)
CHANGES = {"01001": 1.5}
BOTH = (TABLES.practitioners, TABLES.communes)
NAMES = [column for column in WORLD["communes"].columns if column != "commune"]
OF_COMMUNES = ["commune", "territory"]
ZONED = ("communes", "territories", "regions")


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(frame.columns)


def zoned(base: Any) -> dict[str, pl.DataFrame]:
    return {name: getattr(base, name) for name in ZONED}


def converted(name: str) -> Any:
    def call(**tables: Any) -> Any:
        change = VintageChange(2024, tables.pop("events", EVENTS))
        weights = tables.pop("weights", None)
        made = convert_vintage(Imported(name, tables, "x", 2023), change, RULES, weights=weights)
        return in_order(made.tables[name])

    return call


def meshed(communes: Any, arrondissements: Any) -> Any:
    mesh = build_mesh(communes, RULES, arrondissements)
    return [mesh.communes, mesh.territories]


def network_arrays(travel_times: Any, communes: Any) -> Any:
    network = networks.prepare_network(travel_times, communes, RULES)
    rows = (network.by_origin, network.by_destination)
    return [network.communes, *(part for row in rows for part in (row.pointers, row.pairs))]


def diffed(communes: Any, territories: Any) -> Any:
    diff = diff_meshes(Mesh(communes, territories, ()), MESH)
    return [diff.territories, diff.communes]


def moved(communes: Any, territories: Any, links: Any) -> Any:
    passage = Passage(2023, 2024, links, None, None, frozenset(), frozenset())
    mesh = convert_mesh(Mesh(communes, territories, ()), passage)
    return [in_order(mesh.communes), mesh.territories]


def ready(**tables: Any) -> Any:
    result = apl_engine.run(replace(TABLES, **tables), RULES)
    return [result.communes, result.territories, result.regions]


def computed(**tables: Any) -> Any:
    result = compute(SimpleNamespace(**tables), RULES)
    return [result.communes, result.territories, result.regions]


def run_whole(**tables: Any) -> Any:
    result = apl_engine.run(tables, RULES)
    return [result.communes, result.territories, result.regions]


NEEDED_OF_RUN = {
    "communes": ["commune", *NAMES],
    "practitioners": ["commune", "age", "acts", "fees", "newly_installed"],
    "population": ["commune", "age_band", "population"],
    "consumption": ["age_band", "fees"],
    "travel_times": ["origin", "destination", "minutes"],
}
OF_INPUTS = {name: getattr(TABLES, name) for name in WORLD}
NEEDED_OF_ZONING = {
    "communes": ["commune", "territory", "population", "standardised_population", "apl"],
    "territories": ["territory", "population", "standardised_population", "apl", "zone", "rank"],
    "regions": ["region", "zone", "population"],
}
NULLABLE_OF_ZONING = frozenset({"standardised_population", "apl", "zone", "rank", "share"})
STEPS = {
    "build_mesh": Step(
        meshed,
        {"communes": COUNTRY, "arrondissements": PARTS},
        {"communes": MESH_COLUMNS, "arrondissements": ["commune", "city", "population"]},
        nullable=frozenset({"population"}),
        may_be_none=frozenset({"arrondissements"}),
    ),
    "diff_meshes": Step(
        diffed,
        {"communes": MESH.communes, "territories": MESH.territories},
        {"communes": ["commune", "name", "territory", "population"],
         "territories": ["territory", "territory_name"]},
        nullable=frozenset({"name", "population", "territory_name"}),
    ),
    "convert_mesh": Step(
        moved,
        {"communes": MESH.communes, "territories": MESH.territories, "links": PASSAGE.links},
        {"communes": ["commune", "territory", "territory_name", "region", "population"],
         "territories": ["territory", "territory_name"],
         "links": ["before", "after", "kind", "date", "mod", "share", "label_after"]},
        nullable=frozenset({"territory_name", "region", "population", "date", "mod", "share",
                            "label_after"}),
    ),
    "estimate_travel_times": Step(
        lambda communes: estimate_travel_times(communes, RULES).travel_times,
        {"communes": POINTS},
        {"communes": ["commune", "lat", "lon"]},
        nullable=frozenset({"lat", "lon"}),
    ),
    "convert population": Step(
        converted("population"),
        {"population": people(**{"c01001": 8.0, "c01002": 3.0, "c01003": 5.0}), "events": EVENTS},
        {"population": ["commune", "population"],
         "events": ["date", "type_before", "code_before", "type_after", "code_after"]},
        nullable=frozenset({"population"}),
    ),
    "convert practitioners": Step(
        converted("practitioners"),
        {"practitioners": WORLD["practitioners"]},
        {"practitioners": ["practitioner_id", "commune"]},
        nullable=frozenset({"practitioner_id"}),
    ),
    "convert travel_times": Step(
        converted("travel_times"),
        {"travel_times": WORLD["travel_times"]},
        {"travel_times": ["origin", "destination", "minutes"]},
        nullable=frozenset({"minutes"}),
    ),
    "convert communes": Step(
        converted("communes"),
        {"communes": territories(("01001", "A", 10), ("01002", "B", 5), ("01003", "B", 8))},
        {"communes": ["commune", "name", "region", "territory", "territory_name"]},
        nullable=frozenset({"name", "region", "territory", "territory_name"}),
    ),
    "convert published": Step(
        converted("published"),
        {"published": PUBLISHED, "weights": people(c01001=1.0).drop("age_band")},
        {"published": ["commune", "apl", "population", "standardised_population"],
         "weights": ["commune", "population"]},
        nullable=frozenset({"apl", "population", "standardised_population"}),
        may_be_none=frozenset({"weights"}),
    ),
    "compare": Step(
        lambda contracts: compare(
            RESULT, RESULT, contracts=contracts, apl_as_given=True
        ).contracts.outcomes,  # type: ignore[union-attr]
        {"contracts": CONTRACTS},
        {"contracts": ["commune", "contract"]},
        may_be_none=frozenset({"contracts"}),
    ),
    "zone_scenarios": Step(
        lambda scenarios_: scenarios.zone_scenarios(RESULT, scenarios_).communes_apl,
        {"scenarios_": SCENARIOS},
        {"scenarios_": ["commune"]},
    ),
    "zone_margins": Step(
        lambda **tables: scenarios.zone_margins(replace(RESULT, **tables)),
        zoned(RESULT), NEEDED_OF_ZONING, nullable=NULLABLE_OF_ZONING,
    ),
    "WhatIf": Step(
        lambda **tables: scenarios.WhatIf(replace(RESULT, **tables)).change(CHANGES).communes,
        zoned(RESULT), NEEDED_OF_ZONING, nullable=NULLABLE_OF_ZONING,
    ),
    "zone_published": Step(
        lambda **tables: runs.zone_published(**tables, methodology=RULES).territories,
        {"published": PUBLISHED, "communes": WORLD["communes"]},
        {"published": ["commune", "apl", "population", "standardised_population"],
         "communes": ["commune", *NAMES]},
        nullable=frozenset({"apl", "population", "standardised_population", "name",
                            "territory_name"}),
    ),
    "ambiguous_zones": Step(
        lambda gathered: in_order(runs.ambiguous_zones(gathered, RULES)),
        {"gathered": GATHERED},
        {"gathered": ["territory", "territory_name", "region", "population",
                      "standardised_population", "apl"]},
        nullable=frozenset({"apl"}),
    ),
    "diff_zones": Step(
        lambda **tables: runs.diff_zones(RESULT, replace(RESULT, **tables)),
        zoned(RESULT), NEEDED_OF_ZONING, nullable=NULLABLE_OF_ZONING,
    ),
    "prepare_network": Step(
        network_arrays,
        {"travel_times": WORLD["travel_times"], "communes": WORLD["communes"]},
        {"travel_times": ["origin", "destination", "minutes"], "communes": ["commune"]},
        may_be_none=frozenset({"communes"}),
    ),
    "run on frames": Step(run_whole, WORLD, NEEDED_OF_RUN),
    "run on tables read": Step(
        ready, OF_INPUTS, NEEDED_OF_RUN, may_be_none=frozenset({"travel_times"})
    ),
    "compute": Step(
        computed, OF_INPUTS, NEEDED_OF_RUN, may_be_none=frozenset({"travel_times"})
    ),
    "publish": Step(
        lambda **tables: publish(replace(RESULT, **tables), min_practitioners=2).communes,
        zoned(RESULT), NEEDED_OF_ZONING, nullable=NULLABLE_OF_ZONING,
    ),
    "regional_summary": Step(
        lambda **tables: regional.regional_summary(replace(REGION, **tables), "52").additions,
        zoned(REGION), NEEDED_OF_ZONING, nullable=NULLABLE_OF_ZONING,
    ),
    "choose_uplift": Step(
        lambda territories: pl.DataFrame(
            aids.choose_uplift(territories, "52").chosen, ["code", "name"], orient="row"
        ),
        {"territories": REGION.territories},
        {"territories": ["territory", "territory_name", "region", "population", "apl", "zone"]},
        nullable=frozenset({"territory_name", "region", "population", "apl", "zone"}),
    ),
}  # fmt: skip


@pytest.mark.heavy
@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_the_same_rows_give_the_same_figures_or_are_refused(name: str, data: Any) -> None:
    check_same_rows(STEPS[name], data)


@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_other_tables_are_refused(name: str, data: Any) -> None:
    check_other_table(STEPS[name], data)


@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_odd_rows_and_numbers_give_quantities_or_are_refused(name: str, data: Any) -> None:
    step = STEPS[name]
    tables = with_odd_table(step, data)
    with suppress(AplError):
        # A row less may leave nothing that is null.
        assert set(unsound(step.call(**tables))) <= set(unsound(step.call(**step.tables)))


def same_column(frame: Any, own: pl.DataFrame, name: str) -> bool:
    return name in frame.columns and frame[name].equals(own[name])


def sizes(found: Any) -> Any:
    """Return the number of rows of each part of what a step returned."""
    return [len(part) for part in found] if isinstance(found, list) else len(found)


@pytest.mark.heavy
@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_any_column_of_another_type_works_or_is_refused(name: str, data: Any) -> None:
    step = STEPS[name]
    wrong = data.draw(st.sampled_from(sorted(step.tables)), "table")
    own = step.tables[wrong]
    frame = data.draw(other_frames(own, own.columns), "frame")
    assume(frame is not None or wrong not in step.may_be_none)
    try:
        found, faults = step.call(**{**step.tables, wrong: frame}), ()
    except AplError as error:
        found, faults = None, error.faults
    if found is None:
        assert faults
        assert all(fault.code and str(fault) for fault in faults)
    else:
        changed = {name for name in step.needed[wrong] if not same_column(frame, own, name)}
        assert changed <= step.nullable
        assert changed or sizes(found) == sizes(step.call(**step.tables))


@settings(max_examples=DRAWS)
@given(data=st.data())
def test_osrm_is_asked_for_nothing_if_the_table_is_wrong(data: Any) -> None:
    frame = data.draw(other_frames(POINTS, ["commune", "lat", "lon"], frozenset({"lat", "lon"})))
    with pytest.raises(InputDataError):
        fetch_osrm(frame, "http://127.0.0.1:9", RULES, retries=0)


ARRAYS: dict[str, Any] = {
    "None": None, "text": "1", "a list of texts": ["1"] * SIZE, "booleans": np.ones(SIZE, bool),
    "dates": np.zeros(SIZE, "datetime64[D]"), "complex": np.zeros(SIZE, complex),
    "objects": np.array([object()] * SIZE), "ragged": [[1.0], [1.0, 2.0]], "a number": 3.0,
    "a frame of texts": RESULT.communes, "bytes": b"1", "a mapping": {"a": 1}, "an object": object,
    "a lazy frame": RESULT.communes.lazy(), "three dimensions": np.zeros((SIZE, 1, 1)),
    "too long": np.zeros(SIZE + 1), "empty": [], "records": np.zeros(SIZE, [("a", float)]),
}  # fmt: skip
SAME_ARRAYS: dict[str, Any] = {
    "a series": pl.Series(ETP), "a list": ETP.tolist(), "pandas": pl.Series(ETP).to_pandas(),
    "Arrow": pl.Series(ETP).to_arrow(), "a frame": pl.DataFrame({"one": ETP}),
    "Fortran order": np.asfortranarray(ETP[:, None]), "big-endian": ETP.astype(">f8"),
    "strided": np.stack([ETP, ETP], 1)[:, :1],
}  # fmt: skip


@pytest.mark.parametrize("which", ["supply", "demand"])
@pytest.mark.parametrize("name", ARRAYS)
def test_what_is_no_array_of_numbers_is_refused(name: str, which: str) -> None:
    arrays = {"supply": ETP, "demand": PEOPLE, which: ARRAYS[name]}
    with pytest.raises(InputDataError):
        scenarios.scenario_accessibility(RESULT.network, methodology=RULES, **arrays)


@pytest.mark.parametrize("name", SAME_ARRAYS)
def test_arrays_of_other_libraries_give_the_same_figures(name: str) -> None:
    def apl(supply: Any) -> Any:
        return scenarios.scenario_accessibility(RESULT.network, supply, PEOPLE, RULES).apl.tolist()

    assert apl(SAME_ARRAYS[name]) == apl(ETP)


@pytest.mark.parametrize(
    "etp",
    [None, 3, "01001", [("01001", 1.0)], {"01001": "1"}, {"01001": None}, {"01001": True},
     {"01001": [1.0]}, {1: 1.0}, {None: 1.0}, {("01001",): 1.0}, SCENARIOS, {"01001": 1j},
     {"01001": float("nan")}, {"01001": pl.Series([1.0])}],
)  # fmt: skip
def test_a_change_that_is_no_mapping_of_numbers_is_refused(etp: Any) -> None:
    for call in (WHAT_IF.change, WHAT_IF.zones_after, WHAT_IF.slopes):
        with pytest.raises(InputDataError):
            call(etp)


def test_a_change_in_any_type_of_number() -> None:
    expected = WHAT_IF.change({"01001": 2.0}).communes
    for etp in (2, Decimal(2), np.float32(2), np.int64(2)):
        assert WHAT_IF.change({"01001": etp}).communes.equals(expected)


NOT_RESULTS = (None, 3, [], object(), RESULT.communes, {"communes": RESULT.communes})
PROPOSAL = regional.Proposal("52")
CALLS: dict[str, Any] = {
    "write_result": lambda x: results.write_result(x, "never-written"),
    "compare": lambda x: compare(x, RESULT),
    "compare with": lambda x: compare(RESULT, x),
    "explain": lambda x: explanation.explain(x, "01001"),
    "zone_margins": scenarios.zone_margins,
    "distances": lambda x: scenarios.distances(x, "T1"),
    "WhatIf": scenarios.WhatIf,
    "zone_scenarios": lambda x: scenarios.zone_scenarios(x, SCENARIOS),
    "publish": publish,
    "publish_stored": runs.publish_stored,
    "diff_zones": lambda x: runs.diff_zones(RESULT, x),
    "diff_zones from": lambda x: runs.diff_zones(x, RESULT),
    "passage_between": lambda x: passage_between(x, RESULT, {"movements": "x.csv"}),
    "locate_inputs": runs.locate_inputs,
    "regional_summary": lambda x: regional.regional_summary(x, "52"),
    "propose": lambda x: regional.propose(x, "52"),
    "check_proposal": lambda x: regional.check_proposal(x, PROPOSAL),
    "adapt": lambda x: regional.adapt(x, [PROPOSAL]),
    "a proposal": lambda x: regional.check_proposal(REGION, x),
    "proposals": lambda x: regional.adapt(REGION, [x]),
    "a mesh": lambda x: diff_meshes(x, MESH),
    "another mesh": lambda x: diff_meshes(MESH, x),
    "a mesh to convert": lambda x: convert_mesh(x, PASSAGE),
    "a passage": lambda x: convert_mesh(MESH, x),
    "an import": lambda x: convert_vintage(x, CHANGE, RULES),
    "a change of vintage": lambda x: convert_vintage(Imported("x", {}, "x", 2023), x, RULES),
    "a network to save": lambda x: networks.save_network(x, "never-written.aplnet"),
    "a network to load": networks.load_network,
    "a result to read": results.read_result,
    "rules of read_inputs": lambda x: read_inputs(WORLD, x),
    "rules of build_mesh": lambda x: build_mesh(COUNTRY, x),
    "rules of an estimate": lambda x: estimate_travel_times(POINTS, x),
    "rules of a fetch": lambda x: fetch_osrm(POINTS, "http://127.0.0.1:9", x),
    "rules of zone_published": lambda x: runs.zone_published(PUBLISHED, WORLD["communes"], x),
    "rules of ambiguous_zones": lambda x: runs.ambiguous_zones(GATHERED, x),
    "rules of scenarios": lambda x: scenarios.scenario_accessibility(
        RESULT.network, ETP, PEOPLE, x
    ),
    "rules of supply": lambda x: method.compute_supply(*BOTH, x),
    "rules of regions": lambda x: method.regional_shares(RESULT.communes, RESULT.territories, x),
    "supply": lambda x: method.compute_accessibility(x, None, RESULT.network, RULES),
    "a contract": aids.schedule,
    "a plan": aids.check_installation,
    "a zone of aids": lambda x: aids.aids_of_zone(x, date(2024, 1, 1)),
    "rules to load": apl_engine.load_methodology,
    "a network of scenarios": lambda x: scenarios.scenario_accessibility(x, ETP, PEOPLE, RULES),
    "rules of a sweep": lambda x: runs.sweep(TABLES, [x]),
    "files to import": lambda x: imports.import_files("mesh", [x], RULES),
    "a run file": imports.read_run_file,
    "communes to read": lambda x: imports.read_communes([x], RULES),
    "a region": lambda x: regional.regional_summary(REGION, x),
    "a territory": lambda x: scenarios.distances(RESULT, x),
    "years of a passage": lambda x: passage_between(
        RESULT, RESULT, {"movements": "x.csv"}, (x, 3.5)
    ),
}  # fmt: skip
# What None stands for is a default of these.
OPTIONAL_CALLS: dict[str, Any] = {
    "rules of run": lambda x: apl_engine.run(TABLES, x),
    "a network of run": lambda x: apl_engine.run(TABLES, RULES, network=x),
    "rules of check": lambda x: apl_engine.check(TABLES, x),
    "rules of prepare_network": lambda x: networks.prepare_network(
        WORLD["travel_times"], None, x
    ),
    "a passage of compare": lambda x: compare(RESULT, RESULT, passage=x),
    "rules of compare": lambda x: compare(RESULT, RESULT, aid_rules=x),
    "a network of compare": lambda x: compare(RESULT, RESULT, networks=(x, None)),
    "a network of publish": lambda x: publish(RESULT, network=x),
    "a network of WhatIf": lambda x: scenarios.WhatIf(RESULT, x),
    "a what-if": lambda x: scenarios.zone_margins(RESULT, x),
    "a place": lambda x: scenarios.distances(RESULT, "T1", at=x),
}  # fmt: skip
INPUT_CALLS: dict[str, Any] = {
    "run": apl_engine.run,
    "check": apl_engine.check,
    "read_inputs": lambda x: read_inputs(x, RULES),
    "load_run": runs.load_run,
    "sweep": lambda x: runs.sweep(x, [RULES]),
}


@pytest.mark.parametrize("wrong", NOT_RESULTS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("name", [*CALLS, *OPTIONAL_CALLS, *INPUT_CALLS])
def test_arguments_of_wrong_types_are_refused(
    name: str, wrong: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if name in OPTIONAL_CALLS and wrong is None:
        pytest.skip("a default")
    with pytest.raises(AplError) as caught:
        {**CALLS, **OPTIONAL_CALLS, **INPUT_CALLS}[name](wrong)
    codes = {fault.code for fault in caught.value.faults}
    assert codes == {"argument.wrong_type"} or name in INPUT_CALLS
    assert all(map(str, caught.value.faults))
    assert not any(tmp_path.iterdir())


def test_all_arguments_of_wrong_types_are_listed() -> None:
    with pytest.raises(InputDataError) as caught:
        scenarios.distances(3, 4, at=True)  # type: ignore[arg-type]
    assert [(fault.table, fault.details) for fault in caught.value.faults] == [
        ("zones", {"expected": ("Zoning",), "type": "int"}),
        ("territory", {"expected": ("str",), "type": "int"}),
        ("at", {"expected": ("str", "None"), "type": "bool"}),
    ]


def test_territories_of_another_result_are_refused() -> None:
    other = apl_engine.run(frames(compared_country()), RULES)
    with pytest.raises(InputDataError) as caught:
        replace(RESULT, territories=other.territories)
    assert caught.value.faults[0].code == "result.unmatched_territories"
