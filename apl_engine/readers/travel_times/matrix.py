"""A square matrix of travel times: a row and a column per commune."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import polars as pl

from ...errors import Fault
from ...inputs.travel_times import PAIR
from .layout import OpenedFile, Roles, code_of, read_numbers_or_text, scan_typed
from .pairs import INVALID
from .scan import Reach, Scan, code_columns, time_column
from .units import Unit, as_floats, unit_by_size

# What mostly stands in a cell that was not computed, so that the others are read as numbers.
_NO_TIME = ["", "NA", "NaN", "nan", "null", "None", "#N/A"]
_SHOWN_ROWS, _SHOWN_COLUMNS = 3, 10
# Minutes that no trip takes.
_ANY_TIME = Fraction(10**9)


def square_roles(file: OpenedFile) -> Roles:
    """Return the roles of a square matrix: codes first, then one destination per column."""
    size = len(file.names) - 1
    description = f"square matrix of {size} destinations, rows = origin, columns = destination"
    return Roles(0, 0, (1,), None, description, "")


def square_unit(file: OpenedFile) -> Unit:
    """Detect the unit of a square matrix by the size of its times."""
    return unit_by_size(as_floats([cell for column in file.sample[1:] for cell in column]))


def scan_square(
    file: OpenedFile, roles: Roles, reach: Reach, known: pl.Enum | None
) -> Scan | list[Fault]:
    """Read a square matrix, column by column.

    Parameters
    ----------
    file : OpenedFile
        A square one. A cell without a value is a pair that was not computed.
    roles : Roles
        As `square_roles` returns them.
    reach : Reach
    known : pl.Enum or None
        The commune codes; None accepts all.

    Returns
    -------
    Scan or list of Fault
    """
    frame = read_numbers_or_text(file, lambda as_text: _cells(file, as_text=as_text))
    if isinstance(frame, list):
        return frame
    minutes, wanted = reach.minutes(reach.time(roles)), reach.wanted(roles)
    codes = code_columns(known, quoted=False)
    scan = Scan(rows=frame.height * (frame.width - 1))
    for k, name in enumerate(frame.columns[1:], 1):
        cells = frame.select(
            origin=pl.col(frame.columns[0]).cast(pl.String),
            destination=pl.lit(code_of(file.names[k])),
            time_0=time_column(frame.schema, name),
        )
        scan.add(cells.filter(wanted), minutes, codes)
    return scan


def square_reverse_pairs(file: OpenedFile, pairs: pl.DataFrame, reach: Reach) -> pl.DataFrame:
    """Read the pairs of a square matrix beyond reach whose reverse is within it.

    Parameters
    ----------
    file : OpenedFile
        Read before without a fault.
    pairs : pl.DataFrame
        The pairs within reach, codes as Enum.
    reach : Reach

    Returns
    -------
    pl.DataFrame
        With the columns of `pairs`.
    """
    known = pairs.schema["origin"]
    assert isinstance(known, pl.Enum)
    scan = scan_square(file, square_roles(file), replace(reach, to=_ANY_TIME), known)
    assert isinstance(scan, Scan)
    beyond = pl.concat(scan.pairs).join(pairs, on=PAIR, how="anti")
    return beyond.join(pairs, left_on=PAIR, right_on=PAIR[::-1], how="semi")


def _cells(file: OpenedFile, *, as_text: bool) -> pl.DataFrame:
    if file.format != "CSV":
        return scan_typed(file.path, file.format).collect()
    dtype = pl.String if as_text else pl.Float64
    schema = {f"c{k}": dtype if k else pl.String for k in range(len(file.names))}
    return pl.scan_csv(
        file.path, has_header=False, skip_lines=1, separator=file.separator, schema=schema,
        null_values=_NO_TIME, decimal_comma=file.decimal_comma and file.separator != ",",
        encoding="utf8-lossy", glob=False,
    ).collect(engine="streaming")  # fmt: skip


def invalid_cells(file: OpenedFile) -> list[Fault]:
    """Find the cells that hold neither a time nor nothing, in a second reading of a file.

    Parameters
    ----------
    file : OpenedFile
        A square one.

    Returns
    -------
    list of Fault
        By column and kind.
    """
    frame = read_numbers_or_text(file, lambda as_text: _cells(file, as_text=as_text))
    if isinstance(frame, list):
        return frame
    faults = []
    for k, name in enumerate(frame.columns[1:], 1):
        time = frame.select(time=time_column(frame.schema, name))
        for code, test in INVALID.items():
            rows = time.select(test(pl.col("time")).fill_null(False)).to_series().arg_true()
            if len(rows):
                shown, column = rows.head(_SHOWN_ROWS), code_of(file.names[k])
                values = frame[name].gather(shown).cast(pl.String)
                faults.append(
                    file.fault(code, column, count=len(rows), rows=shown + 1, values=values)
                )
    return faults[:_SHOWN_COLUMNS]
