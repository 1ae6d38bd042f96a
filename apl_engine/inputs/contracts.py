"""The table of running contracts, given beside a comparison.

Contracts are anonymous: identifiers are refused, and no value is shown.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ..errors import Fault, InputDataError
from ..schemas import CONTRACTS
from .named_columns import NamedColumns
from .tables import Source, open_table, rows_fault, table_fault
from .validate import check_table


def read_contracts(given: object, columns: NamedColumns | None = None) -> pl.DataFrame:
    """Read and validate a table of running contracts.

    Parameters
    ----------
    given : path or frame
        A Parquet, CSV or Arrow file, or a frame: ``commune``, ``contract``, ``signed`` and, if it
        is known of every contract, ``ends``. Other columns are refused, as they may identify
        practitioners.
    columns : NamedColumns, optional
        Columns that the user names.

    Returns
    -------
    pl.DataFrame

    Raises
    ------
    InputDataError
        Lists every fault, without any value.
    """
    source = open_table(CONTRACTS.name, given, CONTRACTS.names, columns)
    if isinstance(source, Fault):
        raise InputDataError(replace(source, values=()))
    checked = check_table(CONTRACTS, source)
    faults = [*_extra_columns(source), *(replace(fault, values=()) for fault in checked.faults)]
    faults += [cut] if not faults and (cut := source.cut_at_end()) else []
    frame = checked.frame
    if frame is not None and {"signed", "ends"} <= set(frame.columns):
        early = (frame["ends"] < frame["signed"]).fill_null(False)
        if early.any():
            rows = early.arg_true()
            faults.append(rows_fault(CONTRACTS.name, "term_before_signature", "ends", rows))
    if faults or frame is None:
        raise InputDataError(faults)
    return frame


def _extra_columns(source: Source) -> list[Fault]:
    extra = len(set(source.frame.collect_schema().names()) - set(CONTRACTS.names))
    if not extra:
        return []
    allowed = tuple(CONTRACTS.names)
    return [table_fault(CONTRACTS.name, "extra_columns", columns=extra, allowed=allowed)]
