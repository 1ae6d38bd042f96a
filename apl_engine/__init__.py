"""The accessibilité potentielle localisée (APL) of French communes, and the zones it leads to.

>>> import apl_engine
>>> result = apl_engine.run("data_samples/pays-de-la-loire")

Names are imported when first used: importing the package itself costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .accessibility import Accessibility, compute_accessibility
    from .aids import (
        AidRules,
        Contract,
        Departure,
        Eligibility,
        Plan,
        Schedule,
        UpliftCheck,
        ZoneAids,
        aids_of_zone,
        check_uplift,
        choose_uplift,
        installation,
        load_aid_rules,
        read_contract,
        schedule,
    )
    from .comparison import Comparison, compare, passage_between
    from .demand import Demand, compute_demand
    from .errors import (
        AplError,
        ComputationError,
        Fault,
        InputDataError,
        MethodologyError,
        OutputError,
        TravelServiceError,
    )
    from .explaining import AtHand, Explanation, at_hand, explain
    from .geography import (
        Estimate,
        Mesh,
        MeshDiff,
        build_mesh,
        diff_meshes,
        estimate_travel_times,
        fetch_osrm,
        mesh_through,
    )
    from .importing import Moving, bring_to, import_files, read_communes
    from .methodologies import available, load_methodology, vary
    from .methodology import Methodology
    from .network import TravelNetwork, build_network
    from .network_file import load_network
    from .next_zone import Distance, distance_table, distances
    from .notes import Note
    from .pipeline import load_inputs, run
    from .prepare import prepare_network
    from .publish import (
        make_record,
        save_network,
        write_comparison,
        write_inputs,
        write_result,
        write_scenarios,
    )
    from .publish.explanation import explanation_page
    from .published import hanging_on_silence, zone_published
    from .regions import attribute_regions, compare_with_published, regional_shares
    from .result import Result, Secrecy, Zones
    from .scenario_zones import ScenarioZones, zone_scenarios
    from .scenarios import Scenarios, scenario_accessibility
    from .secrecy import hidden, hide_small
    from .sources import Imported, Inputs, read_inputs
    from .stored import Stored, read_result
    from .supply import Supply, compute_supply
    from .sweeps import run_with_network, sweep, zones_apart
    from .what_if import Changed, WhatIf
    from .zoning import Cut, aggregate_territories, classify

__version__ = "0.1.0"

_HOMES = {
    "accessibility": ("Accessibility", "compute_accessibility"),
    "aids": (
        "AidRules",
        "Contract",
        "Departure",
        "Eligibility",
        "Plan",
        "Schedule",
        "UpliftCheck",
        "ZoneAids",
        "aids_of_zone",
        "check_uplift",
        "choose_uplift",
        "installation",
        "load_aid_rules",
        "read_contract",
        "schedule",
    ),
    "comparison": ("Comparison", "compare", "passage_between"),
    "demand": ("Demand", "compute_demand"),
    "errors": (
        "AplError",
        "AtHand",
        "ComputationError",
        "Fault",
        "InputDataError",
        "MethodologyError",
        "OutputError",
        "TravelServiceError",
    ),
    "explaining": ("AtHand", "Explanation", "at_hand", "explain"),
    "geography": (
        "Estimate",
        "Mesh",
        "MeshDiff",
        "build_mesh",
        "diff_meshes",
        "distance_table",
        "distances",
        "estimate_travel_times",
        "fetch_osrm",
        "mesh_through",
    ),
    "importing": ("Moving", "bring_to", "import_files", "read_communes"),
    "methodologies": ("available", "load_methodology", "vary"),
    "methodology": ("Methodology",),
    "network": ("TravelNetwork", "build_network"),
    "network_file": ("load_network",),
    "next_zone": ("Distance", "distance_table", "distances"),
    "notes": ("Note",),
    "pipeline": ("load_inputs", "run"),
    "prepare": ("prepare_network",),
    "publish": (
        "make_record",
        "save_network",
        "write_comparison",
        "write_inputs",
        "write_result",
        "write_scenarios",
    ),
    "publish.explanation": ("explanation_page",),
    "published": ("hanging_on_silence", "zone_published"),
    "regions": ("attribute_regions", "compare_with_published", "regional_shares"),
    "result": ("Result", "Secrecy", "Zones"),
    "scenario_zones": ("ScenarioZones", "zone_scenarios"),
    "scenarios": ("Scenarios", "scenario_accessibility"),
    "secrecy": ("hidden", "hide_small"),
    "sources": ("Imported", "Inputs", "read_inputs"),
    "stored": ("Stored", "read_result"),
    "supply": ("Supply", "compute_supply"),
    "sweeps": ("run_with_network", "sweep", "zones_apart"),
    "what_if": ("Changed", "WhatIf"),
    "zoning": ("Cut", "aggregate_territories", "classify"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Accessibility",
    "AidRules",
    "AplError",
    "AtHand",
    "Changed",
    "Comparison",
    "ComputationError",
    "Contract",
    "Cut",
    "Demand",
    "Departure",
    "Distance",
    "Eligibility",
    "Estimate",
    "Explanation",
    "Fault",
    "Imported",
    "InputDataError",
    "Inputs",
    "Mesh",
    "MeshDiff",
    "Methodology",
    "MethodologyError",
    "Moving",
    "Note",
    "OutputError",
    "Plan",
    "Result",
    "ScenarioZones",
    "Scenarios",
    "Schedule",
    "Secrecy",
    "Stored",
    "Supply",
    "TravelNetwork",
    "TravelServiceError",
    "UpliftCheck",
    "WhatIf",
    "ZoneAids",
    "Zones",
    "__version__",
    "aggregate_territories",
    "aids_of_zone",
    "at_hand",
    "attribute_regions",
    "available",
    "bring_to",
    "build_mesh",
    "build_network",
    "check_uplift",
    "choose_uplift",
    "classify",
    "compare",
    "compare_with_published",
    "compute_accessibility",
    "compute_demand",
    "compute_supply",
    "diff_meshes",
    "distance_table",
    "distances",
    "estimate_travel_times",
    "explain",
    "explanation_page",
    "fetch_osrm",
    "hanging_on_silence",
    "hidden",
    "hide_small",
    "import_files",
    "installation",
    "load_aid_rules",
    "load_inputs",
    "load_methodology",
    "load_network",
    "make_record",
    "mesh_through",
    "passage_between",
    "prepare_network",
    "read_communes",
    "read_contract",
    "read_inputs",
    "read_result",
    "regional_shares",
    "run",
    "run_with_network",
    "save_network",
    "scenario_accessibility",
    "schedule",
    "sweep",
    "vary",
    "write_comparison",
    "write_inputs",
    "write_result",
    "write_scenarios",
    "zone_published",
    "zone_scenarios",
    "zones_apart",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME_OF[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
