"""Every public function with arguments that it takes, and odd values to put in their place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from support.communes_over_time import events, merged
from support.compared import with_other_mesh
from support.countries import country_of
from support.networks import saved, small_network
from support.tables import frames, methodology, small_world

import apl_engine
from apl_engine import (
    aids,
    comparison,
    explanation,
    geography,
    imports,
    inputs,
    method,
    networks,
    regional,
    results,
    runs,
    scenarios,
)
from apl_engine import methodology as rulebooks
from apl_engine.disclosure_control import publish
from apl_engine.geography.history.passage import passage_from_events
from apl_engine.inputs.imported import Imported
from apl_engine.scenarios import SupplyModels

WORLD, RULES = frames(small_world()), methodology()
TABLES = inputs.read_inputs(WORLD, RULES)
RESULT = apl_engine.run(TABLES, RULES)
OTHER = apl_engine.run(frames(with_other_mesh(small_world())), RULES)
REGION = country_of(10)
AID_RULES, DAY = aids.load_aid_rules(), date(2024, 5, 1)
ETP = RESULT.communes["etp"].to_numpy()
PEOPLE = RESULT.communes["standardised_population"].to_numpy()
CODES = RESULT.communes["commune"].to_list()
EVENTS = events(*merged("2024-01-01", "01002", "01001"), (50, "2023-06-01", "01007", "01008"))
CHANGE = imports.VintageChange(2024, EVENTS)
PASSAGE = passage_from_events(EVENTS, 2023, 2024)
SUPPLY = method.compute_supply(TABLES.practitioners, TABLES.communes, RULES)
DEMAND = method.compute_demand(TABLES.population, TABLES.consumption, TABLES.communes, RULES)
PROPOSAL = regional.Proposal("52")
CONTRACT = aids.Contract("CACCMK", DAY, zone="tres_sous_dotee")
ZONINGS = [aids.DatedZoning("a", "52", "tres_sous_dotee", DAY)]
POINTS = pl.DataFrame(
    {
        "commune": ["18001", "18002", "18003"],
        "lat": [47.0, 47.01, 47.05],
        "lon": [2.4, 2.42, 2.45],
        "population": [100.0, 2000.0, 300.0],
    }
)
COUNTRY = pl.DataFrame(
    [
        ("01001", "One", "01", "84", "0101", "01301", "01001", 40_000.0),
        ("01002", "Two", "01", "84", "0102", "01301", "01001", 1_000.0),
        ("01010", "Ten", "01", "84", "0103", "01302", "01010", 9_000.0),
    ],
    ["commune", "name", "departement", "region", "canton", "urban_unit", "living_area",
     "population"],
    orient="row",
)  # fmt: skip
MESH = geography.build_mesh(COUNTRY, RULES)
PUBLISHED = pl.DataFrame(
    {
        "commune": CODES,
        "apl": [40.5, 50.0, 80.25, 60.0],
        "population": [100.0, 200.0, 300.0, 400.0],
        "standardised_population": [90.0, 210.0, 310.0, 400.0],
    }
)
APL = RESULT.communes.with_columns(pl.col("apl").fill_null(0.0))
GATHERED = method.aggregate_territories(APL, RULES)
SCENARIOS = pl.DataFrame({"commune": CODES, "one": [1.0, 2.0, 0.0, 4.5]})
ZONING = Imported(
    "zoning",
    {"zoning": pl.DataFrame({"commune": CODES, "zone": RESULT.communes["zone"].cast(pl.String)})},
    "a list", 2024,
)  # fmt: skip
PARTS = pl.DataFrame(
    {"margin_a": [1.5], "margin_b": [2.0], "change": [0.5], "part_supply": [0.25],
     "part_cut": [0.25]}
)  # fmt: skip

#: Odd in place of any argument.
VALUES: list[Any] = [
    None, -3, 0, True, "2", 2**70, math.nan, math.inf, -math.inf, "2024-05-01", [], [1], [None],
    ["x"], [object()], object(), b"x", "", 1.5, 10**30, 2**63, {"a": 1}, {}, {1: None}, DAY, "é\0",
    "\ud800", "x" * 5000, Path("x\0"), pl.Series([1]), pl.DataFrame(), (), (None, None), (1, "x"),
    np.array([math.nan]), np.array(["x"]), date.max, iter([1]), {"01001"}, 1j,
    [WORLD["communes"]], RESULT, RULES, TABLES, WORLD, pl.DataFrame({"commune": [1]}).lazy(),
]  # fmt: skip


class Call(NamedTuple):
    """A public function, arguments that it takes, and files it reads or writes."""

    function: Callable[..., Any]
    arguments: dict[str, Any]


def public_calls(folder: Path) -> dict[str, Call]:
    """Return every public function, with arguments that it takes.

    Parameters
    ----------
    folder : Path
        For the files that they read and write.

    Returns
    -------
    dict of str to Call
        By the path from which the function is imported.
    """
    results.write_result(RESULT, folder / "a")
    results.write_result(OTHER, folder / "b")
    for name, table in WORLD.items():
        (folder / "in").mkdir(exist_ok=True)
        table.write_parquet(folder / "in" / f"{name}.parquet")
    stored = results.read_result(folder / "a")
    network = small_network()
    saved(network, folder)
    (folder / "c.toml").write_text(
        'contract = "CACCMK"\nsigned = 2024-05-01\nzone = "tres_sous_dotee"\ncommune = "53130"\n'
    )
    (folder / "p.toml").write_text('region = "52"\n')
    (folder / "run.toml").write_text(
        'methodology = "mk-2024"\n[tables]\n'
        + "".join(f'{name} = "in/{name}.parquet"\n' for name in WORLD)
    )
    (folder / "mesh.csv").write_text(COUNTRY.rename(
        {"commune": "CODGEO", "name": "LIBGEO", "departement": "DEP", "region": "REG",
         "canton": "CV", "urban_unit": "UU2020", "living_area": "BV2022", "population": "PMUN"}
    ).write_csv(separator=";"))  # fmt: skip
    (folder / "list.csv").write_text("commune;zone\n01001;sous_dotee\n")
    plan = aids.Plan("intermediaire", DAY, 2019)
    return {
        name: Call(function, arguments)
        for name, function, arguments in _calls(folder, stored, network, plan)
    }


def _all_draws(**given: Any) -> list[Any]:
    """Use all that is yielded: what an argument leads to shows no sooner."""
    return [found.territories() for found in runs.draws(**given)]


def _calls(
    folder: Path, stored: Any, network: Any, plan: Any
) -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
    run = {"methodology": RULES, "network": None, "year": None, "columns": None,
           "on_step": None}  # fmt: skip
    yield "run", apl_engine.run, {"inputs": WORLD, **run, "threads": None}
    yield "check", apl_engine.check, {"inputs": WORLD, **run}
    yield "runs.load_run", runs.load_run, {"inputs": WORLD, **run, "travel_times": True}
    sweep = {k: v for k, v in run.items() if k != "methodology"}
    yield "runs.sweep", runs.sweep, {
        "inputs": WORLD, "methodologies": [RULES], **sweep, "threads": None,
    }  # fmt: skip
    yield "runs.draws", _all_draws, {
        "inputs": WORLD, "methodologies": [RULES], "supply": SupplyModels({0: 0.1}), "count": 5,
        "seed": 0, "step": "0.1", **sweep, "threads": None, "on_zones": None,
    }  # fmt: skip
    yield "build_network", apl_engine.build_network, {
        "travel_times": WORLD["travel_times"], "communes": WORLD["communes"],
        "methodology": RULES, "reach": None, "threads": None,
    }  # fmt: skip
    yield "compare", apl_engine.compare, {
        "first": RESULT, "second": OTHER, "passage": None, "population": "second",
        "methods_differ": False, "inputs": (None, None), "networks": (None, None),
        "apl_as_given": True, "contracts": None, "columns": None, "aid_rules": None,
        "on_step": None,
    }  # fmt: skip
    yield "explain", apl_engine.explain, {
        "zones": stored, "place": "01001", "kind": None, "inputs": None, "network": None,
        "at": None, "readings": False, "became": None, "columns": None, "on_step": None,
    }  # fmt: skip
    yield "load_methodology", apl_engine.load_methodology, {"name": "mk-2024"}
    yield "load_network", apl_engine.load_network, {"path": folder / "n.aplnet", "check": True}
    yield "read_inputs", apl_engine.read_inputs, {
        "inputs": WORLD, "methodology": RULES, "columns": None, "travel_times": True,
    }  # fmt: skip
    yield "read_result", apl_engine.read_result, {"folder": folder / "a"}
    yield "write_result", apl_engine.write_result, {
        "result": RESULT, "folder": folder / "a", "replace": True,
        "formats": results.TableFormats(),
    }  # fmt: skip
    yield "list_methodologies", apl_engine.list_methodologies, {}
    rules = {"rules": AID_RULES}
    uplift = {"territories": REGION.territories, "region": "52", "basis": None, "on": DAY}
    yield "aids.aids_of_zone", aids.aids_of_zone, {"zone": "tres_sous_dotee", "on": DAY, **rules}
    yield "aids.check_installation", aids.check_installation, {"plan": plan, **rules}
    yield "aids.check_uplift", aids.check_uplift, {**uplift, "chosen": ["T1"], **rules}
    yield "aids.choose_uplift", aids.choose_uplift, {**uplift, **rules}
    yield "aids.choose_zoning", aids.choose_zoning, {"zonings": ZONINGS, "on": DAY, **rules}
    yield "aids.day_of_effect", aids.day_of_effect, {
        "region": "52", "methodology": "mk-2024", "stated": {}, **rules,
    }  # fmt: skip
    choice = aids.choose_zoning(ZONINGS, DAY)
    yield "aids.in_zoning", aids.in_zoning, {
        "contract": CONTRACT, "choice": choice, "name": "contract", **rules,
    }  # fmt: skip
    yield "aids.last_day", aids.last_day, {"kind": "CACCMK", "signed": DAY, **rules}
    yield "aids.load_aid_rules", aids.load_aid_rules, {"path": None}
    yield "aids.read_contract", aids.read_contract, {"path": folder / "c.toml", **rules}
    yield "aids.read_effect", aids.read_effect, {"folder": folder / "a", "regions": ["52"]}
    yield "aids.schedule", aids.schedule, {"contract": CONTRACT, **rules, "until": None}
    yield "aids.write_effect", aids.write_effect, {
        "folder": folder / "b", "days": {"84": DAY}, "regions": {"84": "A"},
    }  # fmt: skip
    yield "comparison.commune_vintage", comparison.commune_vintage, {"zones": RESULT}
    yield "comparison.compare_official", comparison.compare_official, {
        "zones": RESULT, "official": ZONING, "columns": None,
    }  # fmt: skip
    yield "comparison.differences", comparison.differences, {"first": RULES, "second": RULES}
    yield "comparison.name_of", comparison.name_of, {"zones": RESULT}
    yield "comparison.passage_between", comparison.passage_between, {
        "first_zones": RESULT, "second": OTHER, "moving": CHANGE, "years": (2023, 2024),
    }  # fmt: skip
    yield "comparison.read_both", comparison.read_both, {
        "first": RESULT, "second": folder / "a", "exact": True,
    }  # fmt: skip
    yield "comparison.read_official", comparison.read_official, {
        "path": folder / "list.csv", "methodology": RULES, "columns": None,
    }  # fmt: skip
    yield "comparison.round_parts", comparison.round_parts, {
        "table": PARTS, "names": ("supply", "cut"), "decimals": 1,
    }  # fmt: skip
    yield "disclosure_control.publish", publish, {
        "result": RESULT, "network": None, "min_practitioners": 2, "protection": None,
        "attacker": None, "step": None, "territory_step": None, "etp_step": None, "earlier": (),
        "threads": None, "on_step": None,
    }  # fmt: skip
    yield "explanation.other_readings", explanation.other_readings, {
        "zones": RESULT, "territory": "T1", "located": None, "on_step": None,
    }  # fmt: skip
    yield "geography.build_mesh", geography.build_mesh, {
        "communes": COUNTRY, "methodology": RULES, "arrondissements": None, "urban_units": None,
    }  # fmt: skip
    yield "geography.convert_mesh", geography.convert_mesh, {
        "mesh": MESH, "passage": PASSAGE, "canton_poles": "most_populous", "target": None,
    }  # fmt: skip
    yield "geography.diff_meshes", geography.diff_meshes, {
        "before": MESH, "after": MESH, "passage": None,
    }  # fmt: skip
    yield "geography.estimate_travel_times", geography.estimate_travel_times, {
        "communes": POINTS, "methodology": RULES, "parameters": None, "reach_minutes": None,
    }  # fmt: skip
    yield "geography.fetch_osrm", geography.fetch_osrm, {
        "communes": POINTS, "url": "http://127.0.0.1:9", "methodology": RULES, "reach_km": None,
        "largest_table": 100, "rate": None, "timeout": 1.0, "retries": 0, "backoff": 0.0,
        "resume": None, "on_progress": None, "on_wait": None,
    }  # fmt: skip
    yield "imports.communes_in", imports.communes_in, {"folder": folder / "in"}
    people = Imported("population", {"population": WORLD["population"]}, "x", 2023)
    yield "imports.convert_vintage", imports.convert_vintage, {
        "imported": people, "change": CHANGE, "methodology": RULES, "weights": None,
    }  # fmt: skip
    yield "imports.gather", imports.gather, {
        "run_file": imports.read_run_file(folder / "run.toml"), "methodology": RULES,
        "on_step": None,
    }  # fmt: skip
    yield "imports.import_files", imports.import_files, {
        "kind": "mesh", "files": folder / "mesh.csv", "methodology": RULES,
    }  # fmt: skip
    yield "imports.read_communes", imports.read_communes, {
        "files": [folder / "mesh.csv"], "methodology": RULES, "change": None, "columns": None,
    }  # fmt: skip
    yield "imports.read_run_file", imports.read_run_file, {"path": folder / "run.toml"}
    yield "imports.refuse_two_sources", imports.refuse_two_sources, {
        "run_file": imports.read_run_file(folder / "run.toml"), "network": None,
    }  # fmt: skip
    yield "inputs.has_every_table", inputs.has_every_table, {
        "inputs": folder / "in", "travel_times": True,
    }  # fmt: skip
    yield "inputs.read_for", inputs.read_for, {"methodology": RULES}
    yield "inputs.read_scenarios", inputs.read_scenarios, {
        "given": SCENARIOS, "communes": RESULT.communes["commune"], "columns": None,
    }  # fmt: skip
    yield "inputs.travel_times_beside", inputs.travel_times_beside, {"inputs": folder / "in"}
    yield "method.aggregate_territories", method.aggregate_territories, {
        "communes": APL, "methodology": RULES, "practices": None,
    }  # fmt: skip
    yield "method.attribute_regions", method.attribute_regions, {"communes": APL}
    yield "method.classify", method.classify, {"territories": GATHERED, "methodology": RULES}
    yield "method.compare_with_published", method.compare_with_published, {
        "regions": RESULT.regions, "methodology": RULES,
    }  # fmt: skip
    yield "method.compute_accessibility", method.compute_accessibility, {
        "supply": SUPPLY, "demand": DEMAND, "network": network, "methodology": RULES,
        "threads": None,
    }  # fmt: skip
    yield "method.compute_demand", method.compute_demand, {
        "population": TABLES.population, "consumption": TABLES.consumption,
        "communes": TABLES.communes, "methodology": RULES,
    }  # fmt: skip
    yield "method.compute_supply", method.compute_supply, {
        "practitioners": TABLES.practitioners, "communes": TABLES.communes, "methodology": RULES,
    }  # fmt: skip
    yield "method.regional_shares", method.regional_shares, {
        "communes": RESULT.communes, "territories": RESULT.territories, "methodology": RULES,
    }  # fmt: skip
    yield "methodology.for_year", rulebooks.for_year, {"methodology": RULES, "year": 2023}
    yield "methodology.restore_methodology", rulebooks.restore_methodology, {
        "record": RULES.as_dict(),
    }  # fmt: skip
    yield "methodology.vary", rulebooks.vary, {
        "methodology": RULES, "key": "etp.age_limit", "value": 60, "id": None,
    }  # fmt: skip
    yield "networks.prepare_network", networks.prepare_network, {
        "travel_times": WORLD["travel_times"], "communes": WORLD["communes"],
        "methodology": RULES, "reach": None, "vintage": None, "threads": None, "columns": None,
        "on_step": None,
    }  # fmt: skip
    yield "networks.save_network", networks.save_network, {
        "network": network, "path": folder / "n.aplnet", "replace": True,
    }  # fmt: skip
    yield "regional.adapt", regional.adapt, {
        "zones": REGION, "proposals": [PROPOSAL], "force": False,
    }  # fmt: skip
    yield "regional.check_proposal", regional.check_proposal, {
        "zones": REGION, "proposal": PROPOSAL,
    }  # fmt: skip
    yield "regional.proposal_text", regional.proposal_text, {"proposal": PROPOSAL, "comments": {}}
    yield "regional.propose", regional.propose, {
        "zones": REGION, "region": "52", "direction": "add", "aim": "most_population",
        "justification": "", "concertation": None, "commission_paritaire_regionale": None,
    }  # fmt: skip
    yield "regional.read_proposal", regional.read_proposal, {"path": folder / "p.toml"}
    yield "regional.regional_summary", regional.regional_summary, {
        "zones": REGION, "region": "52",
    }  # fmt: skip
    yield "results.make_record", results.make_record, {"result": RESULT}
    yield "runs.ambiguous_zones", runs.ambiguous_zones, {
        "gathered": GATHERED, "methodology": RULES,
    }  # fmt: skip
    yield "runs.diff_zones", runs.diff_zones, {"first": RESULT, "other": RESULT}
    yield "runs.locate_inputs", runs.locate_inputs, {
        "zones": stored, "inputs": folder / "in", "network": network, "on_step": None,
        "columns": None,
    }  # fmt: skip
    yield "runs.publish_stored", runs.publish_stored, {
        "zones": stored, "inputs": None, "network": folder / "n.aplnet", "columns": None,
        "earlier": (),
        "on_step": None, "min_practitioners": 2,
    }  # fmt: skip
    yield "runs.zone_published", runs.zone_published, {
        "published": PUBLISHED, "communes": WORLD["communes"], "methodology": RULES,
        "on_step": None,
    }  # fmt: skip
    yield "scenarios.distances", scenarios.distances, {
        "zones": RESULT, "territory": "T1", "what_if": None, "at": None,
    }  # fmt: skip
    yield "scenarios.scenario_accessibility", scenarios.scenario_accessibility, {
        "network": network, "supply": ETP, "demand": PEOPLE, "methodology": RULES,
        "threads": None,
    }  # fmt: skip
    yield "scenarios.scenario_classes", scenarios.scenario_classes, {
        "result": RESULT, "supply": ETP, "network": None, "threads": None,
    }  # fmt: skip
    yield "scenarios.zone_margins", scenarios.zone_margins, {
        "zones": RESULT, "what_if": None, "region": None, "on_step": None,
    }  # fmt: skip
    yield "scenarios.zone_scenarios", scenarios.zone_scenarios, {
        "result": RESULT, "scenarios": SCENARIOS, "network": None, "threads": None,
        "columns": None,
    }  # fmt: skip


def odd_tables(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield a table with columns absent, of other types, with odd numbers, rows doubled."""
    yield pl.concat([table, table])
    yield table.clear()
    for name in table.columns:
        yield table.drop(name)
        for change in _COLUMNS:
            try:
                column = change(table[name])
            except Exception:
                continue
            if len(column) == table.height:
                yield table.with_columns(column.alias(name))


_COLUMNS: list[Callable[[pl.Series], Any]] = [
    lambda s: pl.Series([2**64 - 1 - k for k in range(len(s))], dtype=pl.UInt64),
    lambda s: pl.Series([-1 - k for k in range(len(s))], dtype=pl.Int64),
    lambda s: s.cast(pl.String).cast(pl.Categorical),
    lambda s: s.cast(pl.String).cast(
        pl.Enum(sorted(set(s.cast(pl.String).drop_nulls()), reverse=True))
    ),
    lambda s: s.cast(pl.String).cast(pl.Binary),
    lambda s: s.cast(pl.String),
    lambda s: s.map_elements(lambda _: b"\xff", return_dtype=pl.Binary),
    lambda s: pl.Series([math.nan] * len(s)),
    lambda s: pl.Series([math.inf] * len(s)),
    lambda s: pl.Series([-1.5] * len(s)),
    lambda s: pl.Series([None] * len(s)),
    lambda s: pl.Series([DAY] * len(s)),
    lambda s: pl.Series([[1.0]] * len(s)),
    lambda s: pl.Series([{"a": 1}] * len(s)),
    lambda s: pl.Series([object()] * len(s), dtype=pl.Object),
    lambda s: pl.Series([True] * len(s)),
    lambda s: s.gather([0] * len(s)),
    lambda s: s.cast(pl.Float32),
    lambda s: s.cast(pl.Decimal(20, 2)),
    lambda s: pl.Series([10**25] * len(s), dtype=pl.Int128),
    lambda s: s.cast(pl.String) + "\0",
]


def odd_values(value: Any) -> Iterator[Any]:
    """Yield odd values in the place of one: any, or a table or tables changed."""
    yield from VALUES
    if isinstance(value, pl.DataFrame):
        yield from odd_tables(value)
        yield value.lazy()
        yield value.to_arrow()
    elif value is WORLD:
        for name, table in WORLD.items():
            yield from ({**WORLD, name: odd} for odd in odd_tables(table))
    elif isinstance(value, Imported):
        for name, table in value.tables.items():
            yield from (replace(value, tables={name: odd}) for odd in odd_tables(table))
