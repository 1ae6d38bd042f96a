"""Accessibilité potentielle localisée (APL) of French communes, and the zones that it leads to.

>>> import apl_engine
>>> result = apl_engine.run("data_samples/pays-de-la-loire")

What stands here is what most programs need; the rest is found under its room, such as
``apl_engine.method`` or ``apl_engine.scenarios``. Everything is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._lazy import lazy_names
from ._version import __version__ as __version__

if TYPE_CHECKING:
    from .comparison.compare import compare
    from .errors import (
        AplError,
        ComputationError,
        ExecutorError,
        Fault,
        InputDataError,
        MethodologyError,
        Note,
        OutputError,
        ProposalRefusedError,
        TravelServiceError,
    )
    from .explanation.explain import explain
    from .inputs.read import read_inputs
    from .method.network import TravelNetwork, build_network
    from .method.result import Result
    from .methodology.load import list_methodologies, load_methodology
    from .methodology.model import Methodology
    from .networks.file import load_network
    from .results.read import read_result
    from .results.write import write_result
    from .runs.run import check, run

_ROOMS = (
    "aids", "comparison", "disclosure_control", "executors", "explanation", "geography", "imports",
    "inputs", "method", "methodology", "networks", "readers", "regional", "reports", "results",
    "runs", "scenarios",
)  # fmt: skip

__all__ = [
    "AplError",
    "ComputationError",
    "ExecutorError",
    "Fault",
    "InputDataError",
    "Methodology",
    "MethodologyError",
    "Note",
    "OutputError",
    "ProposalRefusedError",
    "Result",
    "TravelNetwork",
    "TravelServiceError",
    "__version__",
    "build_network",
    "check",
    "compare",
    "explain",
    "list_methodologies",
    "load_methodology",
    "load_network",
    "read_inputs",
    "read_result",
    "run",
    "write_result",
]

__getattr__, __dir__, _ = lazy_names(
    __name__,
    {
        "": _ROOMS,
        "comparison.compare": ["compare"],
        "errors": [
            "AplError", "ComputationError", "ExecutorError", "Fault", "InputDataError",
            "MethodologyError", "Note", "OutputError", "ProposalRefusedError", "TravelServiceError",
        ],
        "explanation.explain": ["explain"],
        "inputs.read": ["read_inputs"],
        "method.network": ["TravelNetwork", "build_network"],
        "method.result": ["Result"],
        "methodology.load": ["list_methodologies", "load_methodology"],
        "methodology.model": ["Methodology"],
        "networks.file": ["load_network"],
        "results.read": ["read_result"],
        "results.write": ["write_result"],
        "runs.run": ["check", "run"],
    },
)  # fmt: skip
