"""The words of pages and pictures, in English or in French, and how it writes numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .page import NUMBERS, Language, Number


@cache
def read_texts(name: str) -> Mapping[str, Mapping[str, str]]:
    """Return the texts of a page or of pictures by key and language."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Words:
    """The texts of one language, by key.

    Attributes
    ----------
    of : str
        What they are of: ``explanation`` or ``pictures``.
    lang : str
        ``en`` or ``fr``.
    """

    of: str
    lang: Language

    def text(self, key: str, /, **figures: object) -> str:
        """Return a text with its figures."""
        return read_texts(self.of)[key][self.lang].format(**figures)

    def number(self, value: Number | None, decimals: int = 0) -> str:
        """Write a number; see `Numbers.write`."""
        return NUMBERS[self.lang].write(value, decimals)

    def share(self, value: Number | None, decimals: int = 1) -> str:
        """Write a percentage; see `Numbers.share`."""
        return NUMBERS[self.lang].share(value, decimals)
