"""The accessibilité potentielle localisée (APL) of French communes, and the zones it leads to.

>>> import apl_engine
>>> result = apl_engine.run("data_samples/pays-de-la-loire")

Names are imported when first used: importing the package itself costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from .comparison import Comparison, passage_between
    from .comparison.compare import compare
    from .disclosure_control.hide import hidden, hide_small
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
    from .explanation import AtHand, Explanation, at_hand
    from .explanation.explain import explain
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
    from .imports import Moving, bring_to, import_files, read_communes
    from .inputs import Imported, Inputs, read_inputs
    from .method.accessibility import Accessibility, compute_accessibility
    from .method.demand import Demand, compute_demand
    from .method.network import TravelNetwork, build_network
    from .method.regions import attribute_regions, compare_with_published, regional_shares
    from .method.result import Result, Secrecy, Zones
    from .method.supply import Supply, compute_supply
    from .method.zoning import Cut, aggregate_territories, classify
    from .methodology import available, load_methodology, vary
    from .methodology.model import Methodology
    from .networks.file import load_network
    from .networks.save import save_network
    from .networks.stream import prepare_network
    from .notes import Note
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
        read_proposal,
        situation,
    )
    from .reports.annex.content import Annex, make_annex
    from .reports.annex.write import annex_map, write_annex
    from .reports.comparison import write_comparison
    from .reports.explanation import explanation_page
    from .reports.inputs import write_inputs
    from .reports.scenarios import write_scenarios
    from .results.read import Stored, read_result
    from .results.record import make_record
    from .results.write import write_result
    from .runs.published_apl import hanging_on_silence, zone_published
    from .runs.run import load_inputs, run
    from .runs.sweep import run_with_network, sweep, zones_apart
    from .scenarios.batch import Scenarios, scenario_accessibility
    from .scenarios.margins import Distance, distance_table, distances
    from .scenarios.what_if import Changed, WhatIf
    from .scenarios.zones import ScenarioZones, zone_scenarios

__version__ = "0.1.0"

_HOMES = {
    "method.accessibility": ("Accessibility", "compute_accessibility"),
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
    "method.demand": ("Demand", "compute_demand"),
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
    "explanation": ("AtHand", "Explanation", "at_hand", "explain"),
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
    "imports": ("Moving", "bring_to", "import_files", "read_communes"),
    "methodology": ("available", "load_methodology", "vary"),
    "methodology.model": ("Methodology",),
    "method.network": ("TravelNetwork", "build_network"),
    "networks.file": ("load_network",),
    "scenarios.margins": ("Distance", "distance_table", "distances"),
    "notes": ("Note",),
    "runs.run": ("load_inputs", "run"),
    "networks.stream": ("prepare_network",),
    "reports.annex.content": ("Annex", "make_annex"),
    "reports.annex.write": ("annex_map", "write_annex"),
    "reports.comparison": ("write_comparison",),
    "reports.explanation": ("explanation_page",),
    "reports.inputs": ("write_inputs",),
    "networks.save": ("save_network",),
    "results.record": ("make_record",),
    "results.write": ("write_result",),
    "reports.scenarios": ("write_scenarios",),
    "runs.published_apl": ("hanging_on_silence", "zone_published"),
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
    "method.regions": ("attribute_regions", "compare_with_published", "regional_shares"),
    "method.result": ("Result", "Secrecy", "Zones"),
    "scenarios.zones": ("ScenarioZones", "zone_scenarios"),
    "scenarios.batch": ("Scenarios", "scenario_accessibility"),
    "disclosure_control.hide": ("hidden", "hide_small"),
    "inputs": ("Imported", "Inputs", "read_inputs"),
    "results.read": ("Stored", "read_result"),
    "method.supply": ("Supply", "compute_supply"),
    "runs.sweep": ("run_with_network", "sweep", "zones_apart"),
    "scenarios.what_if": ("Changed", "WhatIf"),
    "method.zoning": ("Cut", "aggregate_territories", "classify"),
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
