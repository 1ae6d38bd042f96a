"""The texts of the page, in French and in English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

from ..page import Language

Text: TypeAlias = str | Mapping[str, str]
LANGUAGES: tuple[Language, ...] = ("fr", "en")


@cache
def texts() -> Mapping[Language, Mapping[str, Text]]:
    """Return the texts by language and key, such as ``map.zoom_in``."""
    read: dict[Language, dict[str, Text]] = {language: {} for language in LANGUAGES}
    for path in sorted(Path(__file__).with_name("texts").glob("*.toml")):
        for room, entries in tomllib.loads(path.read_text("utf-8")).items():
            for name, entry in entries.items():
                for language in LANGUAGES:
                    read[language][f"{room}.{name}"] = entry[language]
    return read
