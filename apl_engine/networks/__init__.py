"""Prepared networks on disk: built in a stream, written, mapped into memory."""

from .file import load_network
from .save import save_network
from .stream import prepare_network

__all__ = [
    "load_network",
    "prepare_network",
    "save_network",
]
