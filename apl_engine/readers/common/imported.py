"""What a file in one of the world's formats became."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from ...inputs.tables import Stamp
from ...notes import Note


@dataclass(frozen=True)
class Imported:
    """Tables of ours made from files of others.

    Attributes
    ----------
    kind : the kind of file, as `apl import` names it.
    tables : the tables, by name, of the columns and types of `schemas`.
    recognised : what the file was taken for: publisher, layout, columns, unit; for people.
    vintage : year of the geography of its codes, None where nothing tells.
    notes : what was dropped, imputed, matched by rule or odd.
    stamps : the files read.
    details : what more there is to say of this kind, as plain values: how good an estimate is.
    """

    kind: str
    tables: Mapping[str, pl.DataFrame]
    recognised: str
    vintage: int | None = None
    notes: tuple[Note, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def with_table(self, name: str, table: pl.DataFrame, *notes: Note) -> Imported:
        """Return the same with one table replaced, and something more to say."""
        return replace(self, tables={**self.tables, name: table}, notes=(*self.notes, *notes))

    def as_dict(self) -> dict[str, Any]:
        """Return how the tables came about as plain values, for JSON."""
        return {
            "kind": self.kind,
            "recognised": self.recognised,
            "vintage": self.vintage,
            "tables": {name: table.height for name, table in self.tables.items()},
            "files": [
                {"file": stamp.name, "bytes": stamp.size, "sha256": stamp.sha256}
                for stamp in self.stamps
            ],
            "notes": [note.as_dict() for note in self.notes],
            **({"details": dict(self.details)} if self.details else {}),
        }
