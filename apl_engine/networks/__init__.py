"""Prepared networks on disk: built in a stream, written, mapped into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .file import load_network as load_network
    from .save import save_network as save_network
    from .stream import prepare_network as prepare_network

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "file": ["load_network"],
        "save": ["save_network"],
        "stream": ["prepare_network"],
    },
)
