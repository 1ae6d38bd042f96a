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
    from .demand import Demand, compute_demand
    from .errors import (
        AplError,
        ComputationError,
        Fault,
        InputDataError,
        MethodologyError,
        OutputError,
    )
    from .methodologies import available, load_methodology
    from .methodology import Methodology
    from .network import TravelNetwork, build_network
    from .notes import Note
    from .pipeline import run
    from .publish import make_record, write_result
    from .regions import attribute_regions, regional_shares
    from .result import Result
    from .sources import Inputs, read_inputs
    from .supply import Supply, compute_supply
    from .zoning import Cut, aggregate_territories, classify

__version__ = "0.1.0"

_HOMES = {
    "accessibility": ("Accessibility", "compute_accessibility"),
    "demand": ("Demand", "compute_demand"),
    "errors": (
        "AplError",
        "ComputationError",
        "Fault",
        "InputDataError",
        "MethodologyError",
        "OutputError",
    ),
    "methodologies": ("available", "load_methodology"),
    "methodology": ("Methodology",),
    "network": ("TravelNetwork", "build_network"),
    "notes": ("Note",),
    "pipeline": ("run",),
    "publish": ("make_record", "write_result"),
    "regions": ("attribute_regions", "regional_shares"),
    "result": ("Result",),
    "sources": ("Inputs", "read_inputs"),
    "supply": ("Supply", "compute_supply"),
    "zoning": ("Cut", "aggregate_territories", "classify"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Accessibility",
    "AplError",
    "ComputationError",
    "Cut",
    "Demand",
    "Fault",
    "InputDataError",
    "Inputs",
    "Methodology",
    "MethodologyError",
    "Note",
    "OutputError",
    "Result",
    "Supply",
    "TravelNetwork",
    "__version__",
    "aggregate_territories",
    "attribute_regions",
    "available",
    "build_network",
    "classify",
    "compute_accessibility",
    "compute_demand",
    "compute_supply",
    "load_methodology",
    "make_record",
    "read_inputs",
    "regional_shares",
    "run",
    "write_result",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME_OF[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
