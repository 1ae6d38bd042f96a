"""Faults and notes of one import, collected on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...errors import Fault, InputDataError
from ...notes import Note

PRESTATIONS_TABLE, REGISTER_TABLE = "prestations", "register"


@dataclass
class Findings:
    """Faults, which are raised together, and notes for the record."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def fault(
        self,
        code: str,
        table: str = PRESTATIONS_TABLE,
        *,
        column: str | None = None,
        count: int | None = None,
        rows: Iterable[int] = (),
        values: tuple[str, ...] = (),
        **details: object,
    ) -> None:
        """Add a fault; see `Fault`."""
        self.faults.append(
            Fault(
                code=code,
                table=table,
                column=column,
                count=count,
                rows=tuple(rows),
                values=values,
                details=details,
            )
        )

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
