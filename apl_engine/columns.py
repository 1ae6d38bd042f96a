"""The seam between tables and arrays: tables as the steps take them, columns as kernels do.

`read_inputs` delivers tables of the right types; a caller of a single step may not. The kernels
index by row number, so a column of codes of another order or type would link the wrong communes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from . import kernels
from .errors import Fault, InputDataError, first
from .kernels.types import Bands as Bands
from .kernels.types import Float as Float
from .kernels.types import Index as Index
from .kernels.types import Pointers as Pointers
from .schemas import COMMUNES, CONSUMPTION, Kind, Table, parse_age_band

_TEXT = (pl.String, pl.Categorical, pl.Enum)
_TYPES: dict[Kind, type[pl.DataType]] = {
    "number": pl.Float64,
    "integer": pl.Float64,
    "flag": pl.Boolean,
    "date": pl.Date,
}

Flags: TypeAlias = npt.NDArray[np.bool_]
Indices: TypeAlias = npt.NDArray[np.int64]


def numbers(column: pl.Series) -> Float:
    """Return a column of numbers as float64 (n_rows,), contiguous."""
    return np.ascontiguousarray(column.cast(pl.Float64).to_numpy())


def row_numbers(column: pl.Series) -> Index:
    """Return the row numbers that an Enum column stands for, uint32 (n_rows,)."""
    return np.ascontiguousarray(column.to_physical().cast(pl.UInt32).to_numpy())


def numbered(codes: pl.Series) -> tuple[pl.Series, npt.NDArray[np.int64]]:
    """Return the distinct codes, sorted, and the index of each row among them, int64 (n_rows,)."""
    distinct = codes.unique().sort()
    return distinct, codes.cast(pl.Enum(distinct)).to_physical().cast(pl.Int64).to_numpy()


def starts_of(groups: npt.NDArray[np.integer[Any]]) -> Pointers:
    """Return the start of each run of equal values, and the end: int64 (n_runs + 1,)."""
    changes = np.flatnonzero(groups[1:] != groups[:-1]) + 1
    return np.concatenate(([0], changes, [len(groups)])).astype(np.int64)


def sums(starts: Pointers, values: Float) -> Float:
    """Return the sum of each run of `values`, added from left to right: float64 (n_runs,)."""
    out = np.empty(len(starts) - 1)
    kernels.segment_sums(starts, values, len(out), out)
    return out


def table_of(
    given: object,
    table: Table,
    names: Iterable[str],
    codes: Mapping[str, pl.Enum] | None = None,
) -> pl.DataFrame:
    """Return an input table with the columns of a step: numbers as float64, codes as Enums.

    Parameters
    ----------
    given : object
        A frame of any library that speaks the Arrow C interface.
    table : Table
        What it is.
    names : iterable of str
        The columns needed.
    codes : mapping of str to pl.Enum, optional
        The codes that columns may hold, in the order of the rows that they stand for.

    Returns
    -------
    pl.DataFrame
        The frame itself if it is one that `read_inputs` made.

    Raises
    ------
    InputDataError
        It is no table, columns are absent or of another type, or codes are unknown.
    """
    frame = typed_columns(given, table.name, {name: table[name].kind for name in names})
    return _as_codes(frame, table, codes) if codes else frame


def communes_of(given: object) -> tuple[pl.DataFrame, pl.Enum]:
    """Return the table communes sorted by code, and the codes in that order.

    Parameters
    ----------
    given : object
        A table with a column ``commune``.

    Raises
    ------
    InputDataError
        It is no table of communes, or a code stands in several rows.
    """
    frame = _sorted_by_code(table_of(given, COMMUNES, ["commune"]))
    dtype = frame.schema["commune"]
    assert isinstance(dtype, pl.Enum)
    return frame, dtype


def to_frame(given: object, table: str) -> pl.DataFrame:
    """Return a table of any library that speaks the Arrow C interface as a Polars frame.

    Parameters
    ----------
    given : object
        A frame of Polars, pandas, PyArrow, DuckDB ..., or a mapping of names to columns.
    table : str
        Its name, for the fault.

    Raises
    ------
    InputDataError
        It cannot be read as a table.
    """
    if isinstance(given, pl.DataFrame):
        return given
    try:
        if isinstance(given, pl.LazyFrame):
            return given.collect()
        if given is None or isinstance(given, str | bytes | int | float):
            raise TypeError
        return pl.DataFrame(given)  # type: ignore[arg-type]
    except Exception as error:  # whatever the library that made it raises
        reason = type(error).__name__
        details = {"type": type(given).__name__, "reason": reason}
        raise InputDataError(Fault(f"{table}.not_a_table", table, details=details)) from error


def typed_columns(
    given: object,
    table: str,
    kinds: Mapping[str, Kind],
    *,
    nullable: Iterable[str] = (),
    optional: Iterable[str] = (),
    cast_numbers: bool = True,
) -> pl.DataFrame:
    """Return a table with columns of these kinds, numbers as float64 and text as plain text.

    Parameters
    ----------
    given : object
        A frame of any library that speaks the Arrow C interface.
    table : str
        Its name, for the faults.
    kinds : mapping of str to str
        The columns needed, see `schemas.Column`.
    nullable : iterable of str
        Columns that may hold nulls.
    optional : iterable of str
        Columns that may be absent.
    cast_numbers : bool
        Whether numbers are cast to float64; otherwise they stay of their type.

    Raises
    ------
    InputDataError
        It is no table; or every column that is absent, of another type or has nulls.
    """
    frame = to_frame(given, table)
    faults: list[Fault] = []
    casts: list[pl.Expr] = []
    for name, kind in kinds.items():
        if name not in frame.columns:
            if name in optional:
                continue
            details: dict[str, object] = {"columns": tuple(frame.columns[:10])}
            faults.append(Fault(f"{table}.missing_column", table, column=name, details=details))
            continue
        dtype = frame.schema[name]
        if dtype == pl.Null and name in nullable:
            casts.append(pl.col(name).cast(_TYPES.get(kind, pl.String)))
        elif not _fits(kind, dtype):
            details = {"expected": kind, "type": str(dtype)}
            faults.append(Fault(f"{table}.wrong_type", table, column=name, details=details))
        elif name not in nullable and (nulls := frame[name].null_count()):
            faults.append(Fault(f"{table}.no_value", table, column=name, count=nulls))
        elif kind in ("number", "integer"):
            if cast_numbers and dtype != pl.Float64:
                casts.append(pl.col(name).cast(pl.Float64))
        elif kind == "text" and dtype != pl.String:
            # Categories sort in an order of their own.
            casts.append(pl.col(name).cast(pl.String))
    if faults:
        raise InputDataError(faults)
    return frame.with_columns(casts) if casts else frame


def _fits(kind: Kind, dtype: pl.DataType) -> bool:
    if kind in ("number", "integer"):
        return dtype.is_numeric()
    return dtype == _TYPES[kind] if kind in _TYPES else dtype in _TEXT


def _sorted_by_code(communes: pl.DataFrame) -> pl.DataFrame:
    """Return the table communes sorted by code, the codes as an Enum in that order."""
    codes = communes["commune"]
    if isinstance(codes.dtype, pl.Enum) and codes.equals(
        codes.dtype.categories, check_dtypes=False
    ):
        return communes
    text = codes.cast(pl.String)
    repeated = text.filter(text.is_duplicated()).unique().sort()
    _refuse("communes.duplicate_key", COMMUNES, "commune", repeated.to_list())
    ordered = communes.with_columns(text).sort("commune")
    return ordered.with_columns(pl.col("commune").cast(pl.Enum(ordered["commune"])))


def _as_codes(frame: pl.DataFrame, table: Table, known: Mapping[str, pl.Enum]) -> pl.DataFrame:
    """Return the frame with columns of codes as Enums of the codes known: text and row number."""
    casts, faults = [], []
    for name, codes in known.items():
        given = frame[name]
        if given.dtype == codes:
            continue
        text = given.cast(pl.String)
        cast = text.cast(codes, strict=False)
        if cast.null_count():
            wrong = text.filter(cast.is_null())
            kind = "unknown_age_band" if name == "age_band" else "unknown_commune"
            fault = Fault(
                f"{table.name}.{kind}",
                table.name,
                column=name,
                count=len(wrong),
                values=() if table.private else first(wrong.unique().sort(), 3),
            )
            faults.append(fault)
        casts.append(cast)
    if faults:
        raise InputDataError(faults)
    return frame.with_columns(casts) if casts else frame


def bands_of(given: object) -> tuple[pl.DataFrame, pl.Enum]:
    """Return the table consumption sorted by age, and its age bands in that order.

    Parameters
    ----------
    given : object
        A table with columns ``age_band`` and ``fees``.

    Raises
    ------
    InputDataError
        It is no such table, a text is no age band, or a band stands in several rows.
    """
    frame = table_of(given, CONSUMPTION, ["age_band", "fees"])
    dtype = frame.schema["age_band"]
    if not isinstance(dtype, pl.Enum):
        text = frame["age_band"].cast(pl.String)
        read = {spelling: parse_age_band(spelling) for spelling in text}
        wrong = [spelling for spelling, band in read.items() if band is None]
        _refuse("consumption.not_an_age_band", CONSUMPTION, "age_band", wrong)
        lows = {spelling: band.low for spelling, band in read.items() if band}
        dtype = pl.Enum(sorted(lows, key=lows.__getitem__))
        frame = frame.with_columns(text.cast(dtype))
    repeated = frame["age_band"].filter(frame["age_band"].is_duplicated()).unique().sort()
    _refuse("consumption.duplicate_key", CONSUMPTION, "age_band", repeated.to_list())
    return frame.sort("age_band"), dtype


def _refuse(code: str, table: Table, column: str, values: list[str]) -> None:
    if values:
        details = {"columns": (column,), "row": table.row}
        fault = Fault(
            code,
            table.name,
            column=column,
            count=len(values),
            values=first(values, 3),
            details=details,
        )
        raise InputDataError(fault)
