"""A table of scenarios: one commune per row, one column of ETP per scenario."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..errors import Fault, InputDataError, Note, check_arguments, first
from ..schemas import COMMUNES, Column, Table
from .named_columns import NamedColumns
from .tables import Source, open_tables
from .validate import Categories, check_table

_NAME, _KEY = "scenarios", "commune"
# Of a commune.
MOST_ETP = 1e6
# Columns of results, beside those of scenarios.
_RESERVED = ("territory", "territory_name")


@dataclass(frozen=True)
class ScenarioTable:
    """Scenarios of supply, checked.

    Attributes
    ----------
    names : tuple of str
        Names of the scenarios, in the order of the columns.
    etp : pl.DataFrame
        One row per commune of the run, by code: ``commune``, and the ETP of each scenario, 0 or
        more.
    source : Source
        Where the table comes from.
    notes : tuple of Note
        What was matched by rule or imputed.
    rows : int
        Number of communes that the table lists.
    """

    names: tuple[str, ...]
    etp: pl.DataFrame
    source: Source
    notes: tuple[Note, ...]
    rows: int


@check_arguments(communes=pl.Series, columns=("NamedColumns", None))
def read_scenarios(
    given: object, communes: pl.Series, columns: NamedColumns | None = None
) -> ScenarioTable:
    """Read and check a table of scenarios.

    Parameters
    ----------
    given : object
        Path of a Parquet, CSV or Arrow file, or anything that supports the Arrow C interface:
        ``commune``, and a column of ETP, 0 or more, for each scenario.
    communes : pl.Series
        The codes of the run, sorted; those that the table does not list get 0 ETP.
    columns : NamedColumns, optional
        Columns that the user names.

    Returns
    -------
    ScenarioTable

    Raises
    ------
    InputDataError
        Communes are unknown or repeated, values are negative or not numbers, columns have no name
        or the same name; lists every fault.
    """
    sources, faults = open_tables({_NAME: given}, {_NAME: [_KEY]}, columns)
    if faults:
        raise InputDataError(faults)
    source = sources[_NAME]
    names = [name for name in source.frame.collect_schema().names() if name != _KEY]
    scenarios = (
        Column(name, "number", "ETP of the commune", low=0, high=MOST_ETP)
        for name in names
        if not _is_pattern(name)
    )
    table = Table(_NAME, "one commune", (COMMUNES[_KEY], *scenarios), (_KEY,))
    checked = check_table(table, source, Categories(communes=pl.Enum(communes.cast(pl.String))))
    faults = [*name_faults(names), *checked.faults]
    faults += [cut] if not faults and (cut := source.cut_at_end()) else []
    if faults or checked.frame is None:
        raise InputDataError(faults)
    listed = checked.frame.with_columns(pl.col(_KEY).cast(pl.String))
    etp = pl.DataFrame({_KEY: communes}).join(listed, on=_KEY, how="left", maintain_order="left")
    notes = list(checked.notes)
    unlisted = communes.filter(~communes.is_in(listed[_KEY].implode()))
    if len(unlisted):
        notes.append(Note("scenarios.unlisted_communes", len(unlisted), first(unlisted)))
    return ScenarioTable(
        tuple(names), etp.fill_null(0.0), source, tuple(notes), checked.frame.height
    )


def name_faults(names: list[str]) -> list[Fault]:
    """Return what is wrong with the names of scenarios."""
    if not names:
        return [Fault("scenarios.no_scenario", _NAME)]
    wrong = {
        # Polars renames a column that a CSV header repeats.
        "same_name": [name for name in names if f"{name}_duplicated_0" in names],
        "no_name": [name for name in names if not name.strip()],
        "reserved_name": [name for name in names if name in _RESERVED],
        "pattern_name": [name for name in names if _is_pattern(name)],
    }
    return [
        Fault(f"scenarios.{kind}", _NAME, values=first(values, 3))
        for kind, values in wrong.items()
        if values
    ]


def _is_pattern(name: str) -> bool:
    """Return whether Polars takes a name for a pattern of names."""
    return name == "*" or (name.startswith("^") and name.endswith("$"))
