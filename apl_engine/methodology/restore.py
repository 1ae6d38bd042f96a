"""The methodology of a run again, from the record it left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ..errors import Fault, MethodologyError
from .load import parameter_keys, sections_of
from .model import Methodology
from .values import Parameter

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def restore_methodology(told: Mapping[str, Any]) -> Methodology:
    """Make a methodology of what `Methodology.as_dict` said of it.

    Parameters
    ----------
    told : the ``methodology`` of a record.

    Returns
    -------
    Methodology
        Equal to the one that was applied.

    Raises
    ------
    MethodologyError
        A parameter is missing, or of a value that none can take: the record is of another version.
    """
    name = f"record of {told['id']}"
    entries = {entry["key"]: entry for entry in told["parameters"]}
    if missing := [key for key in parameter_keys() if key not in entries]:
        hint = "It was written by another version: run again with this one"
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=name,
                key=missing[0] or None,
                details={"problem": "missing", "hint": hint},
            )
        )
    found = {key: _parameter(entries[key]) for key in parameter_keys()}
    return Methodology(
        id=told["id"],
        title=told["title"],
        profession=told["profession"],
        dated=date.fromisoformat(told["dated"]),
        **sections_of(found, name),
        parameters=tuple(found.values()),
        sources=told["sources"],
        gaps=tuple(told["gaps"]),
        files=tuple((file["file"], file["sha256"]) for file in told["files"]),
    )


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    others = tuple(_typed(other) for other in entry.get("others", ()))
    return Parameter(**{**entry, "value": _typed(entry["value"]), "others": others})


def _typed(value: Any) -> Any:
    """Return a value of JSON as TOML has it: exact decimals, and dates."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, str) and _DATE.fullmatch(value):
        return date.fromisoformat(value)
    if isinstance(value, Mapping):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return value
