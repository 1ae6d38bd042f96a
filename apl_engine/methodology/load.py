"""TOML to `Methodology`. What is not known, not cited or not possible is refused."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..errors import Fault, MethodologyError
from .model import SECTIONS, Methodology, Zoning
from .values import Parameter, Parser

SHIPPED = Path(__file__).parent

_IDENTITY = {"id": str, "title": str, "profession": str, "dated": date}
_OPTIONAL = {"extends", "gaps", "sources"}
# The text in force.
DEFAULT = "mk-2024"
_PARAMETER_KEYS = {"value", "unit", "source", "article", "silent", "reason", "others"}


def list_methodologies() -> list[str]:
    """Return the ids of the methodologies shipped with the package, sorted."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_methodology(name: str | Path) -> Methodology:
    """Read a methodology: one of those shipped, by id, or a TOML file of your own.

    A file of your own may say ``extends = "mk-2024"`` and give only the parameters it changes,
    each with its ``article`` or, where it is your own choice, a ``reason``.

    Parameters
    ----------
    name : id of a shipped methodology (see `list_methodologies`), or path of a TOML file.

    Returns
    -------
    Methodology

    Raises
    ------
    MethodologyError
        Unknown id, unreadable file, unknown or missing key, missing citation, impossible value.
    """
    chain = [_read(_find(name))]
    while (parent := chain[-1].raw.get("extends")) is not None:
        path = _find_parent(chain[-1], parent)
        if path.resolve() in {document.path.resolve() for document in chain}:
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=chain[-1].name,
                    key="extends",
                    details={"problem": f"'{parent}' extends itself"},
                )
            )
        chain.append(_read(path))
    identity = _identity(chain)
    sources = {
        key: value for document in reversed(chain) for key, value in document.sources.items()
    }
    found: dict[str, Parameter] = {}
    for document in reversed(chain):
        found.update(_parameters(document, sources, found))
    _require_all(chain[0], found)
    return Methodology(
        **identity,
        **sections_of(found, chain[0].name),
        parameters=tuple(found[key] for key in parameter_keys()),
        sources=sources,
        gaps=_gaps(chain),
        files=tuple((document.name, document.sha256) for document in chain),
    )


@dataclass(frozen=True)
class _Document:
    """A TOML file as read."""

    name: str
    path: Path
    raw: dict[str, Any]
    sha256: str

    @property
    def sources(self) -> dict[str, Any]:
        return dict(self.raw.get("sources", {}))


def _find(name: str | Path) -> Path:
    if not isinstance(name, str | Path):
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=repr(name),
                details={"problem": "is neither the id of a methodology nor a path"},
            )
        )
    if isinstance(name, Path) or name.endswith(".toml") or "/" in name:
        path = Path(name)
        if not os.path.isfile(path):
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=str(name),
                    details={"problem": "there is no such file"},
                )
            )
        return path
    if name not in list_methodologies():
        known = ", ".join(list_methodologies())
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=name,
                details={
                    "problem": "unknown methodology",
                    "hint": f"Known: {known}; or the path of a .toml file",
                },
            )
        )
    return SHIPPED / f"{name}.toml"


def _find_parent(child: _Document, parent: Any) -> Path:
    if not isinstance(parent, str):
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=child.name,
                key="extends",
                details={"problem": f"{parent!r} is not the id of a methodology"},
            )
        )
    beside = child.path.parent / parent
    if parent.endswith(".toml") and beside.is_file():
        return beside
    try:
        return _find(parent)
    except MethodologyError as error:
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=child.name,
                key="extends",
                details={
                    "problem": f"'{parent}': {error.faults[0].problem}",
                    "hint": error.faults[0].hint,
                },
            )
        ) from None


def _read(path: Path) -> _Document:
    name = path.name if path.parent == SHIPPED else str(path)
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
    known = {*_IDENTITY, *_OPTIONAL, *SECTIONS}
    if unknown := sorted(raw.keys() - known):
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=name,
                key=unknown[0] or None,
                details={
                    "problem": "unknown key",
                    "hint": f"Known keys: {', '.join(sorted(known))}",
                },
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
    return _Document(name, path, raw, hashlib.sha256(content).hexdigest())


def _identity(chain: list[_Document]) -> dict[str, Any]:
    child = chain[0]
    identity: dict[str, Any] = {}
    for key, kind in _IDENTITY.items():
        holders = [child] if key == "id" else chain
        value = next((d.raw[key] for d in holders if key in d.raw), None)
        if value is None:
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=child.name,
                    key=key or None,
                    details={"problem": "missing"},
                )
            )
        if not isinstance(value, kind):
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=child.name,
                    key=key or None,
                    details={"problem": f"{value!r} is not of the right kind ({kind.__name__})"},
                )
            )
        identity[key] = value
    return identity


def _parameters(
    document: _Document, sources: dict[str, Any], inherited: dict[str, Parameter]
) -> dict[str, Parameter]:
    found = {}
    for section, kind in SECTIONS.items():
        known = {item.name for item in fields(kind)}
        for name, entry in document.raw.get(section, {}).items():
            key = f"{section}.{name}"
            if name not in known:
                raise MethodologyError(
                    Fault(
                        code="legacy.fault",
                        table=document.name,
                        key=key or None,
                        details={
                            "problem": "unknown key",
                            "hint": f"Known keys: {', '.join(sorted(known))}",
                        },
                    )
                )
            found[key] = _parameter(document, key, entry, sources, inherited.get(key))
    return found


def _parameter(
    document: _Document,
    key: str,
    entry: Any,
    sources: dict[str, Any],
    inherited: Parameter | None,
) -> Parameter:
    def refuse(problem: str, hint: str = "") -> MethodologyError:
        return MethodologyError(
            Fault(
                code="legacy.fault",
                table=document.name,
                key=key or None,
                details={"problem": problem, "hint": hint},
            )
        )

    if not isinstance(entry, dict) or "value" not in entry:
        raise refuse(f"expected a table with a value, got {entry!r}", "Write value = ... below it")
    if unknown := sorted(entry.keys() - _PARAMETER_KEYS):
        raise refuse(f"unknown key '{unknown[0]}'", f"Known: {', '.join(sorted(_PARAMETER_KEYS))}")
    for word in ("unit", "source", "article", "reason"):
        if not isinstance(entry.get(word, ""), str):
            raise refuse(f"{word} is {entry[word]!r}, not a text")
    cited = bool(entry.get("article", "").strip()) and bool(entry.get("source", "").strip())
    reason = entry.get("reason", "").strip()
    if not cited and not (inherited and reason):
        hint = "Give source = and article =" + (", or a reason =" if inherited else "")
        raise refuse(f"value {entry['value']!r} has no citation", hint)
    if cited and entry["source"] not in sources:
        raise refuse(f"source '{entry['source']}' has no [sources.{entry['source']}] table")
    silent = entry.get("silent", False)
    if silent is not False and (silent is not True or not reason):
        raise refuse("silent is true or false, and a silent point needs a reason")
    others = entry.get("others", [])
    if not isinstance(others, list) or (others and not silent):
        raise refuse("others is a list of the other readings of a silent point")
    return Parameter(
        key=key,
        value=entry["value"],
        unit=entry.get("unit", inherited.unit if inherited else ""),
        source=entry["source"] if cited else (inherited.source if inherited else ""),
        article=entry["article"]
        if cited
        else f"in place of {inherited.article}"
        if inherited
        else "",
        silent=bool(silent) or bool(not cited and inherited and inherited.silent),
        reason=reason,
        file=document.name,
        others=tuple(others) or _inherited_others(entry["value"], inherited),
    )


def _inherited_others(value: Any, inherited: Parameter | None) -> tuple[Any, ...]:
    """Return the readings that one text leaves beside the one that another takes."""
    if inherited is None or not inherited.silent:
        return ()
    return tuple(other for other in (inherited.value, *inherited.others) if other != value)


def parameter_keys() -> list[str]:
    """Return the key of every parameter, in the order of the sections."""
    return [f"{section}.{item.name}" for section, kind in SECTIONS.items() for item in fields(kind)]


def sections_of(found: Mapping[str, Parameter], name: str) -> dict[str, Any]:
    """Parse the values of all parameters into the sections of a `Methodology`.

    Raises
    ------
    MethodologyError
        A value, or another reading of it, is none that its parameter can take.
    """
    sections = {section: _section(section, found) for section in SECTIONS}
    _check_zones(name, sections["zoning"])
    if sections["etp"].ceiling_quantile < sections["etp"].median_quantile:
        problem = "the ceiling lies below the median"
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=name,
                key="etp.ceiling_quantile",
                details={"problem": problem},
            )
        )
    return sections


def _require_all(document: _Document, found: dict[str, Parameter]) -> None:
    if missing := [key for key in parameter_keys() if key not in found]:
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=document.name,
                key=missing[0] or None,
                details={
                    "problem": "missing",
                    "hint": 'Add it, or extends = "mk-2024" to take over what is not given',
                },
            )
        )


def _section(section: str, found: Mapping[str, Parameter]) -> Any:
    kind = SECTIONS[section]
    values = {}
    for item in fields(kind):
        parameter = found[f"{section}.{item.name}"]
        values[item.name], *_ = (
            _parsed(item.metadata["parse"], value, parameter)
            for value in (parameter.value, *parameter.others)
        )
    return kind(**values)


def _parsed(parse: Parser, value: Any, parameter: Parameter) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        shown = value if not isinstance(value, list) else "the list"
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=parameter.file,
                key=parameter.key or None,
                details={"problem": f"{shown} is refused: {error}"},
            )
        ) from None


def _check_zones(name: str, zoning: Zoning) -> None:
    """Refuse an imposed zone that is no class."""
    known = [c.id for c in zoning.classes]
    for row in zoning.imposed:
        if row.zone not in known:
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=name,
                    key="zoning.imposed",
                    details={
                        "problem": f"zone '{row.zone}' is none of the classes {', '.join(known)}",
                        "hint": "A file that changes zoning.classes needs its own zoning.imposed",
                    },
                )
            )


def _gaps(chain: list[_Document]) -> tuple[str, ...]:
    """Return the declared gaps that no more particular file fills."""
    gaps: list[str] = []
    given: set[str] = set()
    for document in chain:
        declared = document.raw.get("gaps", [])
        if not isinstance(declared, list) or (
            unknown := [g for g in declared if g not in parameter_keys()]
        ):
            shown = unknown[0] if isinstance(declared, list) else declared
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=document.name,
                    key="gaps",
                    details={"problem": f"{shown!r} is no parameter"},
                )
            )
        gaps += [key for key in declared if key not in given]
        given |= {
            f"{section}.{key}" for section in SECTIONS for key in document.raw.get(section, {})
        }
    return tuple(gaps)
