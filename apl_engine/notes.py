"""What a run reports beside its figures: rows imputed, matched by rule or left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .messages import render


@dataclass(frozen=True)
class Note:
    """One remark on a run, as data; `text` and `str` put it into words.

    Attributes
    ----------
    code : str
        Stable name of the kind of remark, for programs, such as ``network.beyond_reach``. Its
        sentence stands in ``messages/``.
    count : int
        Number of rows or places concerned.
    examples : tuple of str
        The first of them; never a practitioner.
    warning : bool
        Whether the reader should look into it.
    details : mapping of str to object
        What else the sentence states: plain values by name.
    """

    code: str
    count: int = 0
    examples: tuple[str, ...] = ()
    warning: bool = field(default=False, kw_only=True)
    details: Mapping[str, object] = field(default_factory=dict, hash=False, kw_only=True)

    @property
    def text(self) -> str:
        """The remark in words, without examples."""
        if "text" in self.details:
            return str(self.details["text"])
        return render(self.code, "text", {"count": self.count, **self.details})

    def __str__(self) -> str:
        if not self.examples:
            return self.text
        more = ", ..." if self.count > len(self.examples) else ""
        return f"{self.text}: {', '.join(self.examples)}{more}"

    def as_dict(self) -> dict[str, Any]:
        """Return the note as plain values, with its sentence, for JSON."""
        return {
            "code": self.code,
            "text": self.text,
            "count": self.count,
            "examples": list(self.examples),
            "warning": self.warning,
            "details": dict(self.details),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Note:
        """Return the note that `as_dict` described."""
        return cls(
            data["code"],
            data["count"],
            tuple(data["examples"]),
            warning=data["warning"],
            details=data["details"],
        )


def first(values: Iterable[object], number: int = 5) -> tuple[str, ...]:
    """Return the first few values as text."""
    return tuple(str(value) for value, _ in zip(values, range(number), strict=False))
