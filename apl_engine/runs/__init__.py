"""Runs: inputs read, the method applied, results reproduced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .draws import draws as draws
    from .publish import publish_stored as publish_stored
    from .published_apl import ambiguous_zones as ambiguous_zones
    from .published_apl import zone_published as zone_published
    from .reproduce import LocatedInputs as LocatedInputs
    from .reproduce import locate_inputs as locate_inputs
    from .run import LoadedRun as LoadedRun
    from .run import check as check
    from .run import load_run as load_run
    from .sweep import diff_zones as diff_zones
    from .sweep import sweep as sweep

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "draws": ["draws"],
        "publish": ["publish_stored"],
        "published_apl": ["ambiguous_zones", "zone_published"],
        "reproduce": ["LocatedInputs", "locate_inputs"],
        "run": ["LoadedRun", "check", "load_run"],
        "sweep": ["diff_zones", "sweep"],
    },
)
