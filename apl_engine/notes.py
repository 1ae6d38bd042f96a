"""What a run has to say beside its figures: things counted, imputed, matched by rule, or odd."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Note:
    """One remark on a run.

    Attributes
    ----------
    code : stable name of the kind of remark, for programs.
    text : the remark.
    count : how many rows or places it is about.
    examples : the first of them; never a practitioner.
    warning : whether the reader should look into it.
    """

    code: str
    text: str
    count: int = 0
    examples: tuple[str, ...] = ()
    warning: bool = False

    def __str__(self) -> str:
        if not self.examples:
            return self.text
        more = ", ..." if self.count > len(self.examples) else ""
        return f"{self.text}: {', '.join(self.examples)}{more}"

    def as_dict(self) -> dict[str, Any]:
        """Return the note as plain values, for JSON."""
        return {
            "code": self.code,
            "text": self.text,
            "count": self.count,
            "examples": list(self.examples),
            "warning": self.warning,
        }


def counted(
    code: str, text: str, count: int, examples: tuple[str, ...] = (), warning: bool = False
) -> Note:
    """Return a note whose text begins with its count."""
    return Note(code, f"{count} {text}", count, examples, warning)


def first(values: Iterable[object], number: int = 5) -> tuple[str, ...]:
    """Return the first few values as text."""
    return tuple(str(value) for value, _ in zip(values, range(number), strict=False))
