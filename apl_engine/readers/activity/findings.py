"""Faults and notes of one import, collected on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ...errors import Fault, InputDataError, Note

PRESTATIONS_TABLE, REGISTER_TABLE = "prestations", "register"
# Rows and values that a fault shows.
EXAMPLES = 3


@dataclass
class Findings:
    """Faults, which are raised together, and notes for the record."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def fault(self, code: str, table: str = PRESTATIONS_TABLE, **facts: Any) -> None:
        """Add a fault; facts that are no field of `Fault` are its details, rows are cut short."""
        fields = {name: facts.pop(name) for name in ("column", "count", "values") if name in facts}
        rows = tuple(islice(facts.pop("rows", ()), EXAMPLES))
        self.faults.append(Fault(code, table, rows=rows, details=facts, **fields))

    def note(self, code: str, count: int, examples: Iterable[object] = (), **details: Any) -> None:
        """Add a note, a warning unless `warning` is false, unless its count is 0."""
        warning = details.pop("warning", True)
        if count:
            note = Note(code, count, tuple(map(str, examples)), warning=warning, details=details)
            self.notes.append(note)

    def raise_faults(self) -> None:
        """Raise every fault so far, if there is any."""
        if self.faults:
            raise InputDataError(self.faults)
