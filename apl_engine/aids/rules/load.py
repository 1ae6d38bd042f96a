"""TOML to `AidRules`. What is not known, not cited or not possible is refused."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

from ...errors import Fault, MethodologyError
from ...methodology.values import Parser
from .entry import EntryReader
from .rules import AidRules
from .sections import SECTIONS
from .values import Dated

SHIPPED = Path(__file__).parent / "mk.toml"

_IDENTITY = ("id", "title")


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
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=chain[0].name,
                    key="extends",
                    details={"problem": problem, "hint": f'Known: "{SHIPPED.stem}"'},
                )
            )
        chain.append(_read(SHIPPED))
    sources = {key: source for file in reversed(chain) for key, source in file.sources.items()}
    found: dict[str, tuple[Dated, ...]] = {}
    for file in reversed(chain):
        found.update(_values(file, sources, found))
    if missing := [key for key in _parsers() if key not in found]:
        hint = f'Add it, or extends = "{SHIPPED.stem}" to take over what is not given'
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=chain[0].name,
                key=missing[0] or None,
                details={"problem": "missing", "hint": hint},
            )
        )
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
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=name,
                details={"problem": f"cannot be read as TOML: {error}"},
            )
        ) from error
    known = {*_IDENTITY, "extends", "sources", *SECTIONS}
    if unknown := sorted(raw.keys() - known):
        hint = f"Known keys: {', '.join(sorted(known))}"
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=name,
                key=unknown[0] or None,
                details={"problem": "unknown key", "hint": hint},
            )
        )
    required = _IDENTITY if "extends" not in raw else _IDENTITY[:1]
    for key in _IDENTITY:
        if key in required and key not in raw:
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=name,
                    key=key or None,
                    details={"problem": "missing"},
                )
            )
        if not isinstance(raw.get(key, ""), str):
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=name,
                    key=key or None,
                    details={"problem": f"expected a text, got {raw[key]!r}"},
                )
            )
    for section in ("sources", *SECTIONS):
        if not isinstance(raw.get(section, {}), dict):
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=name,
                    key=section or None,
                    details={"problem": f"expected a table, got {raw[section]!r}"},
                )
            )
    for key, source in raw.get("sources", {}).items():
        if not isinstance(source, dict) or not isinstance(source.get("title"), str):
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=name,
                    key=f"sources.{key}",
                    details={"problem": "a source is a table with a title"},
                )
            )
        if source.keys() - {"title", "url"} or not isinstance(source.get("url", ""), str):
            problem = "a source has a title and perhaps a url, both texts"
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=name,
                    key=f"sources.{key}",
                    details={"problem": problem},
                )
            )
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
                raise MethodologyError(
                    Fault(
                        code="legacy.fault",
                        table=file.name,
                        key=key or None,
                        details={"problem": "unknown key", "hint": f"Known keys: {known}"},
                    )
                )
            if not isinstance(entries, list) or not entries:
                problem = "expected one or more dated values"
                raise MethodologyError(
                    Fault(
                        code="legacy.fault",
                        table=file.name,
                        key=key or None,
                        details={"problem": problem, "hint": f"Write [[{key}]]"},
                    )
                )
            parent = inherited[key][-1] if key in inherited else None
            reader = EntryReader(file.name, key, parsers[key], sources, parent)
            dated = [reader.read(entry) for entry in entries]
            for before, after in pairwise(dated):
                if after.since <= before.since:
                    problem = f"days must rise: {after.since} follows {before.since}"
                    raise MethodologyError(
                        Fault(
                            code="legacy.fault",
                            table=file.name,
                            key=key or None,
                            details={"problem": problem},
                        )
                    )
            found[key] = tuple(dated)
    return found


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
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=value.file,
                    key=key or None,
                    details={"problem": problem},
                )
            )


def _check_flat(held: Mapping[str, Dated], kind: str) -> None:
    def of(name: str) -> Any:
        return held[f"{kind}.{name}"].parsed if f"{kind}.{name}" in held else None

    file = next((value.file for key, value in held.items() if key.startswith(kind)), "")
    for floor, full in (("first_year_floor", "first_year_full"), ("floor", "full")):
        if None not in (of(floor), of(full)) and of(floor) > of(full):
            problem = f"{of(floor)} lies above {full}, {of(full)}"
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=file,
                    key=f"{kind}.{floor}",
                    details={"problem": problem},
                )
            )
    if None in (of("payments"), of("payment_delays"), of("years")):
        return
    if len(of("payments")) != len(of("payment_delays")):
        problem = f"{len(of('payments'))} payments and {len(of('payment_delays'))} delays"
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=file,
                key=f"{kind}.payment_delays",
                details={"problem": problem},
            )
        )
    if not 1 < len(of("payments")) <= of("years"):
        problem = "expected two payments or more, and none beyond the contract's years"
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=file,
                key=f"{kind}.payments",
                details={"problem": problem},
            )
        )
