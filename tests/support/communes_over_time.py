"""Events of communes, and notes by code."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl

from apl_engine.geography.history.events import COLUMNS
from apl_engine.notes import Note


def events(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Return events of MOD, date, code before, code after, then if given the two names."""
    full = []
    for mod, day, before, after, *rest in rows:
        types = ("COM", "COM")
        if rest and isinstance(rest[0], tuple):
            types, *rest = rest
        labels = rest or [None, None]
        full.append((mod, date.fromisoformat(day), types[0], before, labels[0], types[1], after,
                     labels[1]))  # fmt: skip
    return pl.DataFrame(full, COLUMNS, orient="row")


def note(notes: Iterable[Note], code: str) -> Note:
    return next(found for found in notes if found.code == code)
