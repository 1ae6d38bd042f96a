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
        ProposalRefusedError,
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
    from .publish.annex_content import Annex, make_annex
    from .publish.annex_files import annex_map, write_annex
    from .publish.comparison import write_comparison
    from .publish.explanation import explanation_page
    from .publish.inputs import write_inputs
    from .publish.network import save_network
    from .publish.record import make_record
    from .publish.result import write_result
    from .publish.scenarios import write_scenarios
    from .published import hanging_on_silence, zone_published
    from .regional import (
        Adapted,
        Check,
        Finding,
        Move,
        Proposal,
        Proposed,
        Situation,
        adapt,
        check_proposal,
        proposal_text,
        propose,
        read_proposal,
        situation,
    )
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
        "ProposalRefusedError",
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
    "publish.annex_content": ("Annex", "make_annex"),
    "publish.annex_files": ("annex_map", "write_annex"),
    "publish.comparison": ("write_comparison",),
    "publish.explanation": ("explanation_page",),
    "publish.inputs": ("write_inputs",),
    "publish.network": ("save_network",),
    "publish.record": ("make_record",),
    "publish.result": ("write_result",),
    "publish.scenarios": ("write_scenarios",),
    "published": ("hanging_on_silence", "zone_published"),
    "regional": (
        "Adapted",
        "Check",
        "Finding",
        "Move",
        "Proposal",
        "Proposed",
        "Situation",
        "adapt",
        "check_proposal",
        "proposal_text",
        "propose",
        "read_proposal",
        "situation",
    ),
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
    "Adapted",
    "AidRules",
    "Annex",
    "AplError",
    "AtHand",
    "Changed",
    "Check",
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
    "Finding",
    "Imported",
    "InputDataError",
    "Inputs",
    "Mesh",
    "MeshDiff",
    "Methodology",
    "MethodologyError",
    "Move",
    "Moving",
    "Note",
    "OutputError",
    "Plan",
    "Proposal",
    "ProposalRefusedError",
    "Proposed",
    "Result",
    "ScenarioZones",
    "Scenarios",
    "Schedule",
    "Secrecy",
    "Situation",
    "Stored",
    "Supply",
    "TravelNetwork",
    "TravelServiceError",
    "UpliftCheck",
    "WhatIf",
    "ZoneAids",
    "Zones",
    "__version__",
    "adapt",
    "aggregate_territories",
    "aids_of_zone",
    "annex_map",
    "at_hand",
    "attribute_regions",
    "available",
    "bring_to",
    "build_mesh",
    "build_network",
    "check_proposal",
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
    "make_annex",
    "make_record",
    "mesh_through",
    "passage_between",
    "prepare_network",
    "proposal_text",
    "propose",
    "read_communes",
    "read_contract",
    "read_inputs",
    "read_proposal",
    "read_result",
    "regional_shares",
    "run",
    "run_with_network",
    "save_network",
    "scenario_accessibility",
    "schedule",
    "situation",
    "sweep",
    "vary",
    "write_annex",
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
