"""What the page needs to look communes up: postcodes, and the names of former communes."""

from __future__ import annotations

from typing import Any

import polars as pl

from ...inputs.names import folded
from ...inputs.samples import sample_folder
from ...method.result import Zoning

_FILE = "search_names.parquet"


def read_search_names(*, former: bool = True) -> pl.DataFrame | None:
    """Read what the communes of the sample are searched by beside their names.

    Parameters
    ----------
    former : bool
        Whether former communes are in it.

    Returns
    -------
    pl.DataFrame or None
        ``commune``, ``kind`` (``postal_code`` or ``former_commune``), ``text`` (the postcode or
        the former name) and ``code`` (of the former commune); None where the package was installed
        without its samples.
    """
    path = sample_folder("france") / _FILE
    if not path.is_file():
        return None
    names = pl.read_parquet(path)
    return names if former else names.filter(kind="postal_code")


def lookup_content(zones: Zoning, names: pl.DataFrame | None) -> dict[str, Any] | None:
    """Return postcodes and former communes by the number of the commune.

    Parameters
    ----------
    zones : Zoning
        A result.
    names : pl.DataFrame or None
        As from `read_search_names`; what is of communes that the result lacks is left out.

    Returns
    -------
    dict or None
        ``postcodes`` (``code``, ``commune``: differences along the communes), ``former``
        (``names``, ``communes``) and ``former_codes`` (``codes``, ``communes``), plain values; None
        if no commune of the result has a postcode.
    """
    if names is None:
        return None
    numbers = zones.communes.select(
        "commune", "name", number=pl.int_range(pl.len(), dtype=pl.Int64)
    )
    rows = names.join(numbers, on="commune").sort("number", "text", "code", nulls_last=True)
    codes = rows.filter(
        pl.col("kind") == "postal_code", pl.col("text").str.contains(r"^[0-9]{5}$")
    ).select("number", code=pl.col("text").cast(pl.Int64))
    if codes.is_empty():
        return None
    former = rows.filter(pl.col("kind") == "former_commune")
    named = former.drop_nulls("text")
    # A commune that kept the name of one of those that it was made from is looked up by its own.
    other = [folded(text) != folded(name or "") for text, name in named["text", "name"].rows()]
    named = named.filter(pl.Series(other, dtype=pl.Boolean)).unique(
        ["number", "text"], maintain_order=True
    )
    # One of the same code is found by that code anyway.
    coded = former.filter(pl.col("code") != pl.col("commune"))
    return {
        "postcodes": {name: _differences(codes[column]) for name, column in
                      (("code", "code"), ("commune", "number"))},
        "former": {"names": named["text"].to_list(), "communes": named["number"].to_list()},
        "former_codes": {"codes": coded["code"].to_list(), "communes": coded["number"].to_list()},
    }  # fmt: skip


def _differences(values: pl.Series) -> list[int]:
    return values.diff().fill_null(values[0]).to_list()
