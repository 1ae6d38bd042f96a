"""TOML to `AidRules`. What is not known, not cited or not possible is refused."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

from ..errors import MethodologyError
from ..parameters import Parser
from .rules import AidRules
from .terms import SECTIONS
from .values import CONFIDENCES, Dated

SHIPPED = Path(__file__).parent / "mk.toml"

_IDENTITY = ("id", "title")
_KEYS = {"from", "value", "unit", "source", "article", "confidence", "silent", "reason"}


def load_aid_rules(path: str | Path | None = None) -> AidRules:
    """Read the rules of aids: those shipped with the package, or a TOML file of your own.

    A file of your own may say ``extends = "mk"`` and give only the names it changes, each with
    all of its dated values, and each with its source and article or, where it is your own choice,
    a ``reason``.

    Parameters
    ----------
    path : a TOML file; by default the rules shipped.

    Returns
    -------
    AidRules

    Raises
    ------
    MethodologyError
        Unreadable file, unknown or missing key, missing citation, impossible value or order.
    """
    chain = [_read(SHIPPED if path is None else Path(path))]
    if (parent := chain[0].raw.get("extends")) is not None:
        if parent != SHIPPED.stem:
            problem = f"{parent!r} cannot be extended"
            raise MethodologyError(chain[0].name, "extends", problem, f'Known: "{SHIPPED.stem}"')
        chain.append(_read(SHIPPED))
    sources = {key: source for file in reversed(chain) for key, source in file.sources.items()}
    found: dict[str, tuple[Dated, ...]] = {}
    for file in reversed(chain):
        found.update(_values(file, sources, found))
    if missing := [key for key in _parsers() if key not in found]:
        hint = f'Add it, or extends = "{SHIPPED.stem}" to take over what is not given'
        raise MethodologyError(chain[0].name, missing[0], "missing", hint)
    _check(found)
    return AidRules(
        id=chain[0].raw["id"],
        title=next(file.raw["title"] for file in chain if "title" in file.raw),
        sources=sources,
        values={key: found[key] for key in _parsers()},
        files=tuple((file.name, file.sha256) for file in chain),
    )


@dataclass(frozen=True)
class _File:
    """A TOML file as read."""

    name: str
    raw: dict[str, Any]
    sha256: str

    @property
    def sources(self) -> dict[str, Any]:
        return dict(self.raw.get("sources", {}))


def _read(path: Path) -> _File:
    name = path.name if path == SHIPPED else str(path)
    try:
        content = path.read_bytes()
        raw = tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        raise MethodologyError(name, "", f"cannot be read as TOML: {error}") from error
    known = {*_IDENTITY, "extends", "sources", *SECTIONS}
    if unknown := sorted(raw.keys() - known):
        hint = f"Known keys: {', '.join(sorted(known))}"
        raise MethodologyError(name, unknown[0], "unknown key", hint)
    required = _IDENTITY if "extends" not in raw else _IDENTITY[:1]
    for key in _IDENTITY:
        if key in required and key not in raw:
            raise MethodologyError(name, key, "missing")
        if not isinstance(raw.get(key, ""), str):
            raise MethodologyError(name, key, f"expected a text, got {raw[key]!r}")
    for section in ("sources", *SECTIONS):
        if not isinstance(raw.get(section, {}), dict):
            raise MethodologyError(name, section, f"expected a table, got {raw[section]!r}")
    for key, source in raw.get("sources", {}).items():
        if not isinstance(source, dict) or not isinstance(source.get("title"), str):
            raise MethodologyError(name, f"sources.{key}", "a source is a table with a title")
    return _File(name, raw, hashlib.sha256(content).hexdigest())


def _parsers() -> dict[str, Parser]:
    """Return the parser of each value, by section and name."""
    found = {}
    for section, kind in SECTIONS.items():
        hints = get_type_hints(kind, include_extras=True)
        for item in fields(kind):
            found[f"{section}.{item.name}"] = hints[item.name].__metadata__[0]
    return found


def _values(
    file: _File, sources: Mapping[str, Any], inherited: Mapping[str, tuple[Dated, ...]]
) -> dict[str, tuple[Dated, ...]]:
    parsers = _parsers()
    found = {}
    for section, kind in SECTIONS.items():
        for name, entries in file.raw.get(section, {}).items():
            key = f"{section}.{name}"
            if key not in parsers:
                known = ", ".join(sorted(item.name for item in fields(kind)))
                raise MethodologyError(file.name, key, "unknown key", f"Known keys: {known}")
            if not isinstance(entries, list) or not entries:
                problem = "expected one or more dated values"
                raise MethodologyError(file.name, key, problem, f"Write [[{key}]]")
            parent = inherited[key][-1] if key in inherited else None
            dated = [_dated(file, key, entry, parsers[key], sources, parent) for entry in entries]
            for before, after in pairwise(dated):
                if after.since <= before.since:
                    problem = f"days must rise: {after.since} follows {before.since}"
                    raise MethodologyError(file.name, key, problem)
            found[key] = tuple(dated)
    return found


def _dated(
    file: _File,
    key: str,
    entry: Any,
    parser: Parser,
    sources: Mapping[str, Any],
    inherited: Dated | None,
) -> Dated:
    def refuse(problem: str, hint: str = "") -> MethodologyError:
        return MethodologyError(file.name, key, problem, hint)

    if not isinstance(entry, dict) or not {"value", "from"} <= entry.keys():
        raise refuse("expected a table with from and value", f"Write [[{key}]], from = , value = ")
    if unknown := sorted(entry.keys() - _KEYS):
        raise refuse(f"unknown key '{unknown[0]}'", f"Known: {', '.join(sorted(_KEYS))}")
    since = entry["from"]
    if not isinstance(since, date) or isinstance(since, datetime):
        raise refuse(f"from is {since!r}, not a day", "Write from = 2018-02-08 without quotes")
    words = {}
    for word in ("unit", "source", "article", "confidence", "reason"):
        if not isinstance(entry.get(word, ""), str):
            raise refuse(f"{word} is {entry[word]!r}, not a text")
        words[word] = entry.get(word, "").strip()
    cited = bool(words["article"] and words["source"])
    if not cited and not (inherited and words["reason"]):
        raise refuse(
            f"value {entry['value']!r} has no citation",
            "Give source = and article =" + (", or a reason =" if inherited else ""),
        )
    if cited and words["source"] not in sources:
        raise refuse(f"source '{words['source']}' has no [sources.{words['source']}] table")
    confidence = words["confidence"] or ("" if cited else "inferred")
    if confidence not in CONFIDENCES:
        raise refuse(f"confidence is '{confidence}'", f"Say one of {', '.join(CONFIDENCES)}")
    silent = entry.get("silent", False)
    if silent is not False and (silent is not True or not words["reason"]):
        raise refuse("silent is true or false, and a silent point needs a reason")
    try:
        parsed = parser(entry["value"])
    except ValueError as error:
        raise refuse(f"{entry['value']!r} is refused: {error}") from None
    taken_over = inherited if not cited else None
    return Dated(
        key=key,
        since=since,
        value=entry["value"],
        parsed=parsed,
        unit=words["unit"] or (inherited.unit if inherited else ""),
        source=taken_over.source if taken_over else words["source"],
        article=f"in place of {taken_over.article}" if taken_over else words["article"],
        confidence=confidence,
        silent=silent or bool(taken_over and taken_over.silent),
        reason=words["reason"],
        file=file.name,
    )


def _check(found: Mapping[str, tuple[Dated, ...]]) -> None:
    """Refuse values that contradict one another on a day."""
    for day in sorted({value.since for values in found.values() for value in values}):
        held = {
            key: value
            for key, values in found.items()
            for value in values
            if value.since <= day  # values rise: the last one stands
        }
        _check_zones(held)
        for kind in ("CACCMK", "CAIMK"):
            _check_flat(held, kind)


def _check_zones(held: Mapping[str, Dated]) -> None:
    known = held["zones.known"].parsed if "zones.known" in held else ()
    for key, value in held.items():
        zones = value.parsed.zones if hasattr(value.parsed, "zones") else ()
        if key in ("uplift.zones", "installation.commitment_zones"):
            zones = value.parsed
        if known and (unknown := sorted(set(zones) - set(known))):
            problem = f"zone '{unknown[0]}' is none of [zones.known]"
            raise MethodologyError(value.file, key, problem)


def _check_flat(held: Mapping[str, Dated], kind: str) -> None:
    def of(name: str) -> Any:
        return held[f"{kind}.{name}"].parsed if f"{kind}.{name}" in held else None

    file = next((value.file for key, value in held.items() if key.startswith(kind)), "")
    for floor, full in (("first_year_floor", "first_year_full"), ("floor", "full")):
        if None not in (of(floor), of(full)) and of(floor) > of(full):
            problem = f"{of(floor)} lies above {full}, {of(full)}"
            raise MethodologyError(file, f"{kind}.{floor}", problem)
    if None in (of("payments"), of("payment_delays"), of("years")):
        return
    if len(of("payments")) != len(of("payment_delays")):
        problem = f"{len(of('payments'))} payments and {len(of('payment_delays'))} delays"
        raise MethodologyError(file, f"{kind}.payment_delays", problem)
    if not 1 < len(of("payments")) <= of("years"):
        problem = "expected two payments or more, and none beyond the contract's years"
        raise MethodologyError(file, f"{kind}.payments", problem)
