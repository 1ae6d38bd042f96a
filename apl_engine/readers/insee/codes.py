"""Codes of départements, regions, cantons-ou-villes, urban units and bassins de vie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ...schemas import COMMUNE_CODE
from ..common.collect import Found
from ..common.numbers import SPACES


@dataclass(frozen=True)
class _Code:
    """What a code looks like whole, what is left of it as a number, and when that is certain."""

    what: str
    whole: str
    lost: str
    width: int
    example: str


_OWN = pl.col("commune").str.slice(0, 2)
_CODES = {
    "departement": _Code("a departement", r"^(?:\d\d|2[AB]|97\d)$", r"^\d$", 2, "01"),
    # Of one figure are the regions overseas alone: Guadeloupe 01 ... Mayotte 06.
    "region": _Code("a region", r"^\d\d$", r"^[1-9]$", 2, "01"),
    "canton": _Code("a canton-ou-ville", r"^(?:\d\d|2[AB]|97\d)(?:\d\d|ZZ)$", r"^\d(?:\d\d|ZZ)$", 4,
                    "0102"),
    "urban_unit": _Code("an urban unit", r"^[0-9A-Z]{5}$", r"^\d{1,4}$", 5, "00851"),
    "living_area": _Code("a bassin de vie", COMMUNE_CODE, r"^\d{4}$", 5, "01004"),
}  # fmt: skip
_CERTAIN = {"region": _OWN == "97", "canton": pl.col("whole").str.slice(0, 2) == _OWN}


def with_whole_codes(frame: pl.DataFrame, names: Mapping[str, str], kept: Found) -> pl.DataFrame:
    """Give codes the zeros back that a spreadsheet dropped, where that is certain.

    Parameters
    ----------
    frame : ``row``, ``commune`` and the columns of the table d'appartenance that are there.
    names : what the file calls them.
    kept : takes a note of those repaired, a fault for those that are no code.
    """
    for name, code in _CODES.items():
        if name in frame.columns:
            frame = _repaired(frame, name, code, names[name], kept)
    return frame


def _repaired(
    frame: pl.DataFrame, name: str, code: _Code, theirs: str, kept: Found
) -> pl.DataFrame:
    bare = pl.col(name).str.replace(r"\.0$", "").str.replace_all(SPACES, "").str.to_uppercase()
    told = frame.with_columns(value=pl.col(name), bare=bare).with_columns(
        whole=pl.col("bare").str.zfill(code.width)
    )
    lost = pl.col("bare").str.contains(code.lost) & _CERTAIN.get(name, pl.lit(True))
    told = told.with_columns(pl.when(lost).then("whole").otherwise("bare").alias(name))
    back = told.filter(pl.col(name) != pl.col("value"))["value"]
    text = f"column '{theirs}': {len(back)} codes of {code.what} get their lost zeros back"
    kept.note("zeros_back", text, back, warning=True)
    empty = told.filter(pl.col(name).is_null()).with_columns(value="commune")
    kept.fault(theirs, f"cells without the code of {code.what}", empty, "Each commune has one.")
    wrong = told.filter(~pl.col(name).str.contains(code.whole))
    hint = f"Zeros may be lost: write it as text, such as {code.example}."
    kept.fault(theirs, f"not the code of {code.what}", wrong, hint)
    return told.drop("value", "bare", "whole")
