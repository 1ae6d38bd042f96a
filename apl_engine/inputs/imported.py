"""The tables that files of publishers become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from ..errors import Note
from .tables import Stamp


@dataclass(frozen=True)
class Imported:
    """Tables made from publishers' files.

    Attributes
    ----------
    kind : str
        The kind of file, as `apl import` names it.
    tables : mapping of str to pl.DataFrame
        The tables by name, with the columns and types of `schemas`.
    recognised : str
        What the file was recognised as: publisher, layout, columns, unit; for people.
    vintage : int or None
        Year of the geography of its codes; None if the files do not state it.
    notes : tuple of Note
        What was dropped, imputed, matched by rule or odd.
    stamps : tuple of Stamp
        The files read.
    year : int or None
        Year of the activity that the tables count, or of the APL; None for those of no such year.
    details : mapping of str to object
        Further results of this kind as plain values, such as the quality of an estimate.
    """

    kind: str
    tables: Mapping[str, pl.DataFrame]
    recognised: str
    vintage: int | None = None
    notes: tuple[Note, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    year: int | None = field(default=None, kw_only=True)
    details: Mapping[str, Any] = field(default_factory=dict)

    def with_table(self, name: str, table: pl.DataFrame, *notes: Note) -> Imported:
        """Return the same import with one table replaced and further notes."""
        return replace(self, tables={**self.tables, name: table}, notes=(*self.notes, *notes))

    def as_dict(self) -> dict[str, Any]:
        """Return how the tables were made as plain values, for JSON."""
        return {
            "kind": self.kind,
            "recognised": self.recognised,
            "vintage": self.vintage,
            **({"year": self.year} if self.year else {}),
            "tables": {name: table.height for name, table in self.tables.items()},
            "files": [
                {"file": stamp.name, "bytes": stamp.size, "sha256": stamp.sha256}
                for stamp in self.stamps
            ],
            "notes": [note.as_dict() for note in self.notes],
            **({"details": dict(self.details)} if self.details else {}),
        }
