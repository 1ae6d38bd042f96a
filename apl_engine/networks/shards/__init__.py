"""Networks in parts: built in bounded memory, and used a part at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import lazy_names

if TYPE_CHECKING:
    from .build import build_shards as build_shards

__getattr__, __dir__, __all__ = lazy_names(__name__, {"build": ["build_shards"]})
