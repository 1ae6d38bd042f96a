"""A square matrix of travel times: a row and a column per commune."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import polars as pl

from ...errors import Fault
from .layout import Layout, Roles, bare, unreadable
from .scan import NOT_COMPUTED, PAIR, Pass, Reach, codes_of, number, sort_out
from .units import Unit, by_size

# What stands in a cell that was not computed; a cell must hold something.
_NO_TIME = ["", "NA", "NaN", "nan", "null", "None", "#N/A"]
_FIRST, _MOST = 3, 10
# Minutes that no trip takes.
_ANY = Fraction(10**9)


def square_roles(layout: Layout) -> Roles:
    """Return the columns of a square matrix: ids first, then a destination each."""
    size = len(layout.names) - 1
    described = f"square matrix of {size} destinations, rows = origin, columns = destination"
    return Roles(0, 0, (1,), None, described, "")


def square_unit(layout: Layout) -> Unit:
    """Tell the unit of a square matrix by the size of its times."""
    cells = [cell.replace(",", ".") for column in layout.sample[1:] for cell in column]
    times = []
    for cell in cells:
        try:
            times.append(float(cell))
        except ValueError:
            continue
    return by_size(times)


def read_square(layout: Layout, reach: Reach, known: pl.Enum | None) -> Pass | list[Fault]:
    """Read a square matrix, column by column.

    Parameters
    ----------
    layout : a file of which `Layout.square` is true. A cell without a value is a pair that was
        not computed.
    reach : what to keep.
    known : the commune codes; None where all are taken.

    Returns
    -------
    Pass | list of Fault
    """
    try:
        try:
            frame = _cells(layout, pl.Float64)
        except pl.exceptions.ComputeError:
            frame = _cells(layout, pl.String)
    except (pl.exceptions.PolarsError, OSError) as error:
        return [unreadable(layout.path, layout.format, error)]
    if faults := _no_numbers(layout, frame):
        return faults
    roles = square_roles(layout)
    time = reach.time(roles)
    done = Pass(rows=frame.height * (frame.width - 1))
    codes = codes_of(known, quoted=False)
    ids = frame.columns[0]
    for k, name in enumerate(frame.columns[1:], 1):
        column = pl.col(name) if frame.schema[name].is_numeric() else number(name)
        cells = frame.select(
            origin=pl.col(ids).cast(pl.String).str.replace(r"^(\d{4})$", "0$1"),
            destination=pl.lit(bare(layout.names[k])),
            time_0=column.cast(pl.Float64).fill_null(NOT_COMPUTED),
        )
        sort_out(cells.filter(reach.wanted(roles)), done, reach.minutes(time), codes)
    return done


def square_back(layout: Layout, kept: pl.DataFrame, reach: Reach) -> pl.DataFrame:
    """Read the pairs of a square matrix beyond reach whose way back is within it.

    Parameters
    ----------
    layout : the file, read before without a fault.
    kept : the pairs within reach, codes as Enum.
    reach : what is within reach.

    Returns
    -------
    pl.DataFrame
        Of the columns of `kept`.
    """
    known = kept.schema["origin"]
    assert isinstance(known, pl.Enum)
    whole = read_square(layout, replace(reach, to=_ANY), known)
    assert isinstance(whole, Pass)
    pairs = pl.concat(whole.kept).join(kept, on=PAIR, how="anti")
    return pairs.join(kept, left_on=PAIR, right_on=PAIR[::-1], how="semi")


def _cells(layout: Layout, dtype: type[pl.DataType]) -> pl.DataFrame:
    if layout.format == "Parquet":
        return pl.read_parquet(layout.path, glob=False)
    if layout.format != "CSV":
        return pl.read_ipc(layout.path)
    schema = {f"c{k}": dtype if k else pl.String for k in range(len(layout.names))}
    return pl.scan_csv(
        layout.path, has_header=False, skip_lines=1, separator=layout.separator, schema=schema,
        null_values=_NO_TIME, decimal_comma=layout.decimal_comma and layout.separator != ",",
        encoding="utf8-lossy", glob=False,
    ).collect(engine="streaming")  # fmt: skip


def _no_numbers(layout: Layout, frame: pl.DataFrame) -> list[Fault]:
    """Return the cells that hold neither a number nor nothing."""
    faults = []
    for k, name in enumerate(frame.columns[1:], 1):
        given = frame[name]
        if given.dtype == pl.String:
            time = frame.select(number(name)).to_series()
            wrong = given.is_not_null() & time.is_null()
        else:
            time = given.cast(pl.Float64)
            wrong = pl.zeros(len(time), pl.Boolean, eager=True)
        wrong = wrong | ((time < 0) & (time != NOT_COMPUTED)) | ~time.is_finite()
        rows = wrong.fill_null(False).arg_true()
        if len(rows):
            shown = rows.head(_FIRST)
            hint = "Write digits with a point; leave a pair that was not computed empty."
            values = tuple(given.gather(shown).cast(pl.String))
            places = tuple(row + 1 for row in shown)
            faults.append(
                Fault(code="legacy.fault", table=layout.path.name, column=bare(layout.names[k]), count=len(rows), rows=places, values=values, details={"problem": "cells that are no time", "hint": hint})
            )  # fmt: skip
    return faults[:_MOST]
