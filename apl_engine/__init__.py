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
        check_installation,
        check_uplift,
        choose_uplift,
        load_aid_rules,
        read_contract,
        schedule,
    )
    from .comparison import Comparison, passage_between
    from .comparison.compare import compare
    from .disclosure_control.apply import suppress_small_counts, suppressed_figures
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
    from .explanation import Explanation, LocatedInputs, locate_inputs
    from .explanation.explain import explain
    from .geography import (
        Estimate,
        Mesh,
        MeshDiff,
        build_mesh,
        convert_mesh,
        diff_meshes,
        estimate_travel_times,
        fetch_osrm,
    )
    from .imports import VintageChange, convert_vintage, import_files, read_communes
    from .inputs import Inputs, read_inputs
    from .method.accessibility import Accessibility, compute_accessibility
    from .method.demand import Demand, compute_demand
    from .method.network import TravelNetwork, build_network
    from .method.regions import attribute_regions, compare_with_published, regional_shares
    from .method.result import Result, Suppression, Zoning
    from .method.supply import Supply, compute_supply
    from .method.zoning import Cut, aggregate_territories, classify
    from .methodology import list_methodologies, load_methodology, vary
    from .methodology.model import Methodology
    from .networks.file import load_network
    from .networks.save import save_network
    from .networks.stream import prepare_network
    from .notes import Note
    from .readers.common.imported import Imported
    from .regional import (
        Adapted,
        Check,
        Finding,
        Move,
        Proposal,
        Proposed,
        RegionalSummary,
        adapt,
        check_proposal,
        proposal_text,
        read_proposal,
        regional_summary,
    )
    from .reports.annex.content import Annex, make_annex
    from .reports.annex.write import annex_map, write_annex
    from .reports.comparison import write_comparison
    from .reports.explanation import explanation_page
    from .reports.inputs import write_inputs
    from .reports.scenarios import write_scenarios
    from .results.read import StoredResult, read_result
    from .results.record import make_record
    from .results.write import write_result
    from .runs.published_apl import ambiguous_zones, zone_published
    from .runs.run import run
    from .runs.sweep import diff_zones, sweep
    from .scenarios.batch import Scenarios, scenario_accessibility
    from .scenarios.margins import Distance, distances, zone_margins
    from .scenarios.what_if import SupplyChange, WhatIf
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
        "check_installation",
        "load_aid_rules",
        "read_contract",
        "schedule",
    ),
    "comparison": ("Comparison", "compare", "passage_between"),
    "method.demand": ("Demand", "compute_demand"),
    "errors": (
        "AplError",
        "LocatedInputs",
        "ComputationError",
        "Fault",
        "InputDataError",
        "MethodologyError",
        "OutputError",
        "ProposalRefusedError",
        "TravelServiceError",
    ),
    "explanation": ("LocatedInputs", "Explanation", "locate_inputs", "explain"),
    "geography": (
        "Estimate",
        "Mesh",
        "MeshDiff",
        "build_mesh",
        "diff_meshes",
        "zone_margins",
        "distances",
        "estimate_travel_times",
        "fetch_osrm",
        "convert_mesh",
    ),
    "imports": ("VintageChange", "convert_vintage", "import_files", "read_communes"),
    "methodology": ("list_methodologies", "load_methodology", "vary"),
    "methodology.model": ("Methodology",),
    "method.network": ("TravelNetwork", "build_network"),
    "networks.file": ("load_network",),
    "scenarios.margins": ("Distance", "zone_margins", "distances"),
    "notes": ("Note",),
    "runs.run": ("run",),
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
    "runs.published_apl": ("ambiguous_zones", "zone_published"),
    "regional": (
        "Adapted",
        "Check",
        "Finding",
        "Move",
        "Proposal",
        "Proposed",
        "RegionalSummary",
        "adapt",
        "check_proposal",
        "proposal_text",
        "propose",
        "read_proposal",
        "regional_summary",
    ),
    "method.regions": ("attribute_regions", "compare_with_published", "regional_shares"),
    "method.result": ("Result", "Suppression", "Zoning"),
    "scenarios.zones": ("ScenarioZones", "zone_scenarios"),
    "scenarios.batch": ("Scenarios", "scenario_accessibility"),
    "disclosure_control.apply": ("suppress_small_counts", "suppressed_figures"),
    "inputs": ("Inputs", "read_inputs"),
    "readers.common.imported": ("Imported",),
    "results.read": ("StoredResult", "read_result"),
    "method.supply": ("Supply", "compute_supply"),
    "runs.sweep": ("sweep", "diff_zones"),
    "scenarios.what_if": ("SupplyChange", "WhatIf"),
    "method.zoning": ("Cut", "aggregate_territories", "classify"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Accessibility",
    "Adapted",
    "AidRules",
    "Annex",
    "AplError",
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
    "LocatedInputs",
    "Mesh",
    "MeshDiff",
    "Methodology",
    "MethodologyError",
    "Move",
    "Note",
    "OutputError",
    "Plan",
    "Proposal",
    "ProposalRefusedError",
    "Proposed",
    "RegionalSummary",
    "Result",
    "ScenarioZones",
    "Scenarios",
    "Schedule",
    "StoredResult",
    "Supply",
    "SupplyChange",
    "Suppression",
    "TravelNetwork",
    "TravelServiceError",
    "UpliftCheck",
    "VintageChange",
    "WhatIf",
    "ZoneAids",
    "Zoning",
    "__version__",
    "adapt",
    "aggregate_territories",
    "aids_of_zone",
    "ambiguous_zones",
    "annex_map",
    "attribute_regions",
    "build_mesh",
    "build_network",
    "check_installation",
    "check_proposal",
    "check_uplift",
    "choose_uplift",
    "classify",
    "compare",
    "compare_with_published",
    "compute_accessibility",
    "compute_demand",
    "compute_supply",
    "convert_mesh",
    "convert_vintage",
    "diff_meshes",
    "diff_zones",
    "distances",
    "estimate_travel_times",
    "explain",
    "explanation_page",
    "fetch_osrm",
    "import_files",
    "list_methodologies",
    "load_aid_rules",
    "load_methodology",
    "load_network",
    "locate_inputs",
    "make_annex",
    "make_record",
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
    "regional_summary",
    "run",
    "save_network",
    "scenario_accessibility",
    "schedule",
    "suppress_small_counts",
    "suppressed_figures",
    "sweep",
    "vary",
    "write_annex",
    "write_comparison",
    "write_inputs",
    "write_result",
    "write_scenarios",
    "zone_margins",
    "zone_published",
    "zone_scenarios",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME_OF[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
