"""Every exception the package raises on purpose; all derive from `AplError`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


class AplError(Exception):
    """Base class: ``except AplError`` catches all that is foreseen, and no bug."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input table.

    Attributes
    ----------
    table : name of the table, or of the file where the table is not known.
    problem : what is wrong.
    column : where, if one column is at fault.
    count : how many rows.
    rows : the first of them, counted from 1 below the header.
    values : what stands there; left empty for columns that describe a practitioner.
    hint : what to do.
    """

    table: str
    problem: str
    column: str | None = None
    count: int | None = None
    rows: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    hint: str = ""

    def __str__(self) -> str:
        where = self.table + (f", column '{self.column}'" if self.column else "")
        text = f"{where}: {self.problem}"
        details = []
        if self.count is not None:
            details.append(f"{self.count} row{'s' if self.count > 1 else ''}")
        if self.rows:
            more = ", ..." if (self.count or 0) > len(self.rows) else ""
            label = "row" if len(self.rows) == 1 else "rows"
            details.append(f"{label} {', '.join(map(str, self.rows))}{more}")
        if self.values:
            label = "value" if len(self.values) == 1 else "values such as"
            details.append(f"{label} {', '.join(map(repr, self.values))}")
        if details:
            text += f" ({'; '.join(details)})"
        return f"{text}. {self.hint}" if self.hint else text

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as plain values, for JSON."""
        return {key: value for key, value in asdict(self).items() if value not in (None, (), "")}


class InputDataError(AplError, ValueError):
    """Input tables break their contract. Lists every fault found, not just the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        number = len(self.faults)
        title = f"{number} fault{'s' if number > 1 else ''} in the input; nothing was computed."
        if any(fault.rows for fault in self.faults):
            title += " Rows are counted from 1 below the header."
        super().__init__("\n".join([title, *(f"  - {fault}" for fault in self.faults)]))


class MethodologyError(AplError, ValueError):
    """A methodology file is malformed, uncited or contradicts itself."""

    def __init__(self, file: str, key: str, problem: str, hint: str = "") -> None:
        self.file, self.key, self.problem, self.hint = file, key, problem, hint
        where = f"{file}: [{key}] " if key else f"{file}: "
        super().__init__(where + problem + (f". {hint}" if hint else ""))


class OutputError(AplError, OSError):
    """A result cannot be written where it was asked for; nothing was left there."""


class ProposalRefusedError(AplError, ValueError):
    """Regional proposals break rules of annexe V. Lists every rule broken, by proposal."""

    def __init__(self, broken: Mapping[str, Sequence[str]]) -> None:
        self.broken = {name: tuple(sentences) for name, sentences in broken.items()}
        lines = [f"  - {name}: {text}" for name, found in self.broken.items() for text in found]
        count = len(self.broken)
        title = f"{count} proposal{'s' if count > 1 else ''} refused; nothing was applied."
        super().__init__("\n".join([title, *lines]))


class TravelServiceError(AplError, ConnectionError):
    """A server of travel times cannot be reached, or its answer cannot be used."""


class ComputationError(AplError, ArithmeticError):
    """An invariant of the method does not hold; this is a defect of the package."""
