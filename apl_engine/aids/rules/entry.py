"""One dated value of a file of aids: its citation, its day, and what its parser makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ...errors import Fault, MethodologyError
from ...methodology.values import Parser
from .values import CONFIDENCES, Dated

_KEYS = {"from", "value", "unit", "source", "article", "confidence", "silent", "reason"}
_WORDS = ("unit", "source", "article", "confidence", "reason")


@dataclass(frozen=True)
class EntryReader:
    """Reads the values of one key.

    Attributes
    ----------
    file, key : where they stand.
    parser : of the value.
    sources : those that may be cited.
    inherited : the last value of this key in the file that is extended, if any.
    """

    file: str
    key: str
    parser: Parser
    sources: Mapping[str, Any]
    inherited: Dated | None

    def read(self, entry: Any) -> Dated:
        """Return a value, or refuse it."""
        if not isinstance(entry, dict) or not {"value", "from"} <= entry.keys():
            hint = f"Write [[{self.key}]], from = , value = "
            raise self._refuse("expected a table with from and value", hint)
        if unknown := sorted(entry.keys() - _KEYS):
            hint = f"Known: {', '.join(sorted(_KEYS))}"
            raise self._refuse(f"unknown key '{unknown[0]}'", hint)
        since = self._since(entry)
        words = self._words(entry)
        cited = self._cited(entry, words)
        # A value without a citation of its own stands in place of the one it replaces.
        parent = None if cited else self.inherited
        return Dated(
            key=self.key,
            since=since,
            value=entry["value"],
            parsed=self._parsed(entry),
            unit=words["unit"] or (self.inherited.unit if self.inherited else ""),
            source=parent.source if parent else words["source"],
            article=f"in place of {parent.article}" if parent else words["article"],
            confidence=self._confidence(words, cited=cited),
            silent=self._silent(entry, words) or bool(parent and parent.silent),
            reason=words["reason"],
            file=self.file,
        )

    def _refuse(self, problem: str, hint: str = "") -> MethodologyError:
        return MethodologyError(
            Fault(
                code="legacy.fault",
                table=self.file,
                key=self.key or None,
                details={"problem": problem, "hint": hint},
            )
        )

    def _words(self, entry: Mapping[str, Any]) -> dict[str, str]:
        for word in _WORDS:
            if not isinstance(entry.get(word, ""), str):
                raise self._refuse(f"{word} is {entry[word]!r}, not a text")
        return {word: entry.get(word, "").strip() for word in _WORDS}

    def _cited(self, entry: Mapping[str, Any], words: Mapping[str, str]) -> bool:
        """Whether source and article are given; they may lack where a reason replaces a value."""
        source = words["source"]
        if not (source and words["article"]):
            if not (self.inherited and words["reason"]):
                hint = "Give source = and article =" + (", or a reason =" * bool(self.inherited))
                raise self._refuse(f"value {entry['value']!r} has no citation", hint)
            return False
        if source not in self.sources:
            raise self._refuse(f"source '{source}' has no [sources.{source}] table")
        return True

    def _since(self, entry: Mapping[str, Any]) -> date:
        since = entry["from"]
        if not isinstance(since, date) or isinstance(since, datetime):
            hint = "Write from = 2018-02-08 without quotes"
            raise self._refuse(f"from is {since!r}, not a day", hint)
        return since

    def _confidence(self, words: Mapping[str, str], *, cited: bool) -> str:
        confidence = words["confidence"] or ("" if cited else "inferred")
        if confidence not in CONFIDENCES:
            hint = f"Say one of {', '.join(CONFIDENCES)}"
            raise self._refuse(f"confidence is '{confidence}'", hint)
        return confidence

    def _silent(self, entry: Mapping[str, Any], words: Mapping[str, str]) -> bool:
        silent = entry.get("silent", False)
        if silent is not False and (silent is not True or not words["reason"]):
            raise self._refuse("silent is true or false, and a silent point needs a reason")
        return bool(silent)

    def _parsed(self, entry: Mapping[str, Any]) -> Any:
        try:
            return self.parser(entry["value"])
        except ValueError as error:
            raise self._refuse(f"{entry['value']!r} is refused: {error}") from None
