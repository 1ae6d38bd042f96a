"""Aids and rules of installation, each value with the days it is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeVar

from ...errors import Fault, InputDataError
from ...methodology.values import plain
from .sections import FlatTerms, UpkeepTerms
from .values import KINDS, Dated

Section = TypeVar("Section")


@dataclass(frozen=True)
class AidRules:
    """Every value of a file of aids, as from `load_aid_rules`.

    Attributes
    ----------
    id, title : of the file.
    sources : title and address of each text or page, by key.
    values : for each ``section.name``, its values by rising day.
    files : name and SHA-256 of each file that they were read from.
    """

    id: str
    title: str
    sources: Mapping[str, Mapping[str, str]]
    values: Mapping[str, tuple[Dated, ...]]
    files: tuple[tuple[str, str], ...]

    def cite(self, key: str, on: date) -> Dated:
        """Return the value of a key on a day, with its source.

        Raises
        ------
        InputDataError
            No value is in force on that day.
        """
        found = [value for value in self.values[key] if value.since <= on]
        if not found:
            first = self.values[key][0].since
            problem = f"[{key}] is not known on {on}, only from {first} on"
            hint = "Ask for a later day, or give older rules in a file of your own (--rules)."
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="rules",
                        details={"problem": problem, "hint": hint},
                    )
                ]
            )
        return found[-1]

    def section(self, name: str, kind: type[Section], on: date) -> Section:
        """Return the values of a section that are in force on a day."""
        values = {
            item.name: self.cite(f"{name}.{item.name}", on).parsed
            for item in fields(kind)  # type: ignore[arg-type]
        }
        return kind(**values)

    def contract(self, kind: str, on: date) -> FlatTerms | UpkeepTerms:
        """Return the terms of a contract that is signed on a day."""
        if kind == KINDS[-1]:
            return self.section(kind, UpkeepTerms, on)
        return self.section(kind, FlatTerms, on)

    @property
    def first_day(self) -> date:
        """The first day on which every value is known."""
        return max(values[0].since for values in self.values.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the rules as plain values, for JSON."""
        return {
            "id": self.id,
            "title": self.title,
            "sources": {key: dict(source) for key, source in self.sources.items()},
            "files": [{"name": name, "sha256": sha256} for name, sha256 in self.files],
            "values": [as_dict(value) for values in self.values.values() for value in values],
        }


def as_dict(value: Dated) -> dict[str, Any]:
    """Return a value and its source as plain values, for JSON."""
    return {
        "key": value.key,
        "from": value.since.isoformat(),
        "value": plain(value.value),
        "unit": value.unit,
        "source": value.source,
        "article": value.article,
        "confidence": value.confidence,
        "silent": value.silent,
        "reason": value.reason,
        "file": value.file,
    }
