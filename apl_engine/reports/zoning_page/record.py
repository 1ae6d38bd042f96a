"""The record of a result, for the page: all that documents how its figures came about."""

from __future__ import annotations

from typing import Any

from ...method.result import Zoning
from ...results.read import StoredResult
from ...results.record import make_record


def record_content(zones: Zoning) -> dict[str, Any]:
    """Return the whole record of a result, as it is or would be written to its ``record.json``.

    Parameters
    ----------
    zones : Zoning
        Of one that is read from its folder, the record there.

    Returns
    -------
    dict
        Plain values, as documented in docs/reference-outputs.md.
    """
    return dict(zones.record) if isinstance(zones, StoredResult) else make_record(zones)
