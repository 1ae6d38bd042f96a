"""The methodology of a run, restored from the record of its result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ..errors import Fault, MethodologyError, check_arguments
from .load import build_sections
from .model import FORMAT, Methodology, Parameter

_WORDS = ("unit", "source", "article", "reason", "file")
_KEYS = ("id", "title", "profession", "dated", "parameters", "sources", "gaps", "files")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@check_arguments(record=Mapping)
def restore_methodology(record: Mapping[str, Any]) -> Methodology:
    """Return the methodology that `Methodology.as_dict` described.

    Parameters
    ----------
    record : mapping of str to object
        The ``methodology`` of a record.

    Returns
    -------
    Methodology
        Equal to the one that was applied.

    Raises
    ------
    MethodologyError
        Parameters are missing, or cannot take their values: the record is of another version.
    """
    if absent := tuple(key for key in _KEYS if key not in record):
        raise MethodologyError(
            Fault("methodology.other_version", "record", details={"missing": absent})
        )
    name = f"record of {record['id']}"
    entries = {entry["key"]: entry for entry in record["parameters"]}
    if missing := tuple(key for key in FORMAT.parsers if key not in entries):
        details = {"missing": missing}
        raise MethodologyError(Fault("methodology.other_version", name, details=details))
    parameters = {key: _parameter(entries[key]) for key in FORMAT.parsers}
    return Methodology(
        **{key: record[key] for key in ("id", "title", "profession")},
        dated=date.fromisoformat(record["dated"]),
        **build_sections(parameters, name),
        parameters=tuple(parameters.values()),
        sources=record["sources"],
        gaps=tuple(record["gaps"]),
        files=tuple((file["file"], file["sha256"]) for file in record["files"]),
    )


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    others = tuple(_typed(other) for other in entry.get("others", ()))
    if not all(isinstance(entry.get(name, ""), str) for name in _WORDS):
        raise TypeError(f"{entry['key']} with what is no text")
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
