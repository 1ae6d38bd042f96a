"""The sample data of the package: where it lies, and which tables are its own."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .tables import stamp_of

SAMPLES = ("france", "pays-de-la-loire")


def sample_folder(name: str) -> Path:
    """Return the folder of a sample: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "data_samples" / name
    return installed if installed.is_dir() else package.parent / "data_samples" / name


def sample_of(entry: Mapping[str, Any]) -> str | None:
    """Return the sample that an input table is of; None if it is of none.

    Parameters
    ----------
    entry : mapping of str to object
        What a record holds of the table: ``table`` and, for a file, ``sha256``.

    Returns
    -------
    str or None
        ``france`` or ``pays-de-la-loire``.
    """
    digest = entry.get("sha256")
    return _digests(str(entry["table"])).get(digest) if digest else None


@functools.cache
def _digests(table: str) -> Mapping[str, str]:
    """Return the samples of a table by the digest of its file."""
    files = {name: sample_folder(name) / f"{table}.parquet" for name in SAMPLES}
    return {stamp_of(path).sha256: name for name, path in files.items() if path.is_file()}
