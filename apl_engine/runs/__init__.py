"""Runs: inputs read, the method applied, results reproduced."""

from .published_apl import ambiguous_zones, zone_published
from .reproduce import LocatedInputs, locate_inputs
from .run import LoadedRun, check, load_run
from .sweep import diff_zones, sweep

__all__ = [
    "LoadedRun",
    "LocatedInputs",
    "ambiguous_zones",
    "check",
    "diff_zones",
    "load_run",
    "locate_inputs",
    "sweep",
    "zone_published",
]
