"""Whether the practitioners behind a result are those of the sample data, which are fictitious."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..inputs.samples import sample_of
from ..method.result import Published, Result, Rezoned, Zoning
from .read import StoredResult

#: In the record of a publication: the sample of a table whose digest it withholds.
SAMPLE = "sample"
_PRACTITIONERS, _CONSUMPTION = "practitioners", "consumption"


def is_fictitious(zones: Zoning) -> bool:
    """Return whether the practitioners behind a result are fictitious.

    They are if the file that the record names, by its SHA-256, is one of the sample data of the
    package. A publication withholds the digest of practitioners, and names the sample instead; one
    of an earlier version has neither, and the consumption of the samples, which is invented,
    decides.

    Parameters
    ----------
    zones : Zoning
        Any result: computed, adapted, published or stored.

    Returns
    -------
    bool
        False also for an APL that was published, and for tables given in memory, whose origin is
        unknown.
    """
    entries = {str(entry["table"]): entry for entry in _inputs(zones)}
    practitioners = entries.get(_PRACTITIONERS)
    if practitioners is None:
        return False
    if SAMPLE in practitioners or sample_of(practitioners):
        return True
    withheld = practitioners["format"] != "frame" and "sha256" not in practitioners
    return withheld and _CONSUMPTION in entries and bool(sample_of(entries[_CONSUMPTION]))


def _inputs(zones: Zoning) -> Sequence[Mapping[str, Any]]:
    """Return what is recorded of the input tables of a result."""
    if isinstance(zones, StoredResult):
        return list(zones.record["inputs"])
    if isinstance(zones, Rezoned | Published):
        return _inputs(zones.base)
    return zones.inputs if isinstance(zones, Result) else ()
