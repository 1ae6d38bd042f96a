"""Faults and notes of one import, collected on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...errors import Fault, InputDataError
from ...notes import Note

PRESTATIONS_TABLE, REGISTER_TABLE = "prestations", "register"


@dataclass
class Findings:
    """Faults, which are raised together, and notes for the record."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def fault(self, code: str, table: str = PRESTATIONS_TABLE, **facts: Any) -> None:
        """Add a fault; facts that are no field of `Fault` are its details."""
        fields = {name: facts.pop(name) for name in ("column", "count", "values") if name in facts}
        rows = tuple(facts.pop("rows", ()))
        self.faults.append(Fault(code=code, table=table, rows=rows, details=facts, **fields))

    def note(
        self,
        code: str,
        count: int,
        examples: Iterable[object] = (),
        *,
        warning: bool = True,
        **details: object,
    ) -> None:
        """Add a note, unless its count is 0."""
        if count:
            shown = tuple(map(str, examples))
            self.notes.append(Note(code, count, shown, warning=warning, details=details))

    def raise_faults(self) -> None:
        """Raise every fault, if there is any."""
        if self.faults:
            raise InputDataError(self.faults)
