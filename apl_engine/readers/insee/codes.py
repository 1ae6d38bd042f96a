"""Codes of departements, regions, cantons-ou-villes, urban units and bassins de vie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ...schemas import COMMUNE_CODE
from ..common.cells import compact_code
from ..common.issues import Issues


@dataclass(frozen=True)
class _Code:
    """A kind of code: its pattern, what is left of it as a number, its width, an example."""

    what: str
    whole: str
    lost: str
    width: int
    example: str


_DEPARTEMENT_OF_COMMUNE = pl.col("commune").str.slice(0, 2)
CODES = {
    "departement": _Code("a departement", r"^(?:\d\d|2[AB]|97\d)$", r"^\d$", 2, "01"),
    # Only regions overseas have one digit: Guadeloupe 01 ... Mayotte 06.
    "region": _Code("a region", r"^\d\d$", r"^[1-9]$", 2, "01"),
    "canton": _Code("a canton-ou-ville", r"^(?:\d\d|2[AB]|97\d)(?:\d\d|ZZ)$", r"^\d(?:\d\d|ZZ)$", 4,
                    "0102"),
    "urban_unit": _Code("an urban unit", r"^[0-9A-Z]{5}$", r"^\d{1,4}$", 5, "00851"),
    "living_area": _Code("a bassin de vie", COMMUNE_CODE, r"^\d{4}$", 5, "01004"),
}  # fmt: skip
# When a code has certainly lost its zero; of other kinds, always.
_CERTAIN = {
    "region": _DEPARTEMENT_OF_COMMUNE == "97",
    "canton": pl.col("whole").str.slice(0, 2) == _DEPARTEMENT_OF_COMMUNE,
}
# How INSEE says that there is none: 01000, 75ZZ; from so much of the departement, and what follows.
_NONE = {"canton": (3, "ZZ"), "urban_unit": (2, "000")}


def with_whole_codes(frame: pl.DataFrame, names: Mapping[str, str], issues: Issues) -> pl.DataFrame:
    """Restore the zeros of codes that a spreadsheet dropped, if they are certain; fill in none.

    Parameters
    ----------
    frame : pl.DataFrame
        ``row`` and those columns of the table d'appartenance that the file has.
    names : mapping of str to str
        What the file calls them.
    issues : Issues
        Receives notes of the codes restored and of communes without a canton or an urban unit,
        and a fault of values that are not codes.
    """
    for name, code in CODES.items():
        if name not in frame.columns:
            continue
        column = names[name]
        bare = compact_code(name)
        whole = bare.str.zfill(code.width)
        table = frame.with_columns(value=pl.col(name), bare=bare, whole=whole)
        lost = pl.col("bare").str.contains(code.lost) & _CERTAIN.get(name, True)
        table = table.with_columns(pl.when(lost).then("whole").otherwise("bare").alias(name))
        restored = table.filter(pl.col(name) != pl.col("value"))["value"]
        facts = {"column": column, "what": code.what}
        issues.note("insee.zeros_restored", restored, warning=True, of=table.height, **facts)
        if name in _NONE and "departement" in frame.columns:
            without = table.filter(pl.col(name).is_null())["commune"]
            issues.note("insee.no_zone", without, warning=True, column=column, what=code.what)
            none = pl.col("departement").str.head(_NONE[name][0]) + _NONE[name][1]
            table = table.with_columns(pl.coalesce(name, none))
        empty = table.filter(pl.col(name).is_null())
        issues.fault_rows("insee.missing_code", column, empty, "commune", what=code.what)
        wrong = table.filter(~pl.col(name).str.contains(code.whole))
        facts, of = {"what": code.what, "example": code.example}, ("code", table.height)
        issues.fault_rows("insee.not_a_code", column, wrong, of=of, **facts)
        frame = table.drop("value", "bare", "whole")
    return frame


def with_whole_commune_codes(
    frame: pl.DataFrame, names: Mapping[str, str], issues: Issues
) -> pl.DataFrame:
    """Restore the zeros of commune codes in columns that may be empty.

    Parameters
    ----------
    frame : pl.DataFrame
        ``row`` and the columns of codes.
    names : mapping of str to str
        What the file calls each of these columns.
    issues : Issues
        Receives a note of the codes restored, and a fault of values that are not codes.
    """
    for name, column in names.items():
        code = compact_code(name).str.replace(r"^(\d{4})$", "0$1")
        table = frame.with_columns(value=pl.col(name), code=pl.when(code != "NA").then(code))
        restored = table.filter(pl.col("code") != pl.col("value"))["value"]
        given = table["code"].count()
        issues.note("source_file.codes_repaired", restored, warning=True, of=given, column=column)
        wrong, of = table.filter(~pl.col("code").str.contains(COMMUNE_CODE)), ("commune", given)
        issues.fault_rows("source_file.not_a_commune_code", column, wrong, of=of)
        frame = table.with_columns(pl.col("code").alias(name)).drop("value", "code")
    return frame
