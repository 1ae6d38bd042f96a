"""A table of scenarios: a commune a row, and a column of ETP for each scenario."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..errors import Fault, InputDataError
from ..notes import Note, first
from ..schemas import COMMUNES, Column, Table
from .tables import Source, open_tables
from .validate import Known, check_table

_NAME, _KEY = "scenarios", "commune"
# What the columns of results are named, beside those of scenarios.
_TAKEN = ("territory", "territory_name")


@dataclass(frozen=True)
class ScenarioTable:
    """Scenarios of supply, checked.

    Attributes
    ----------
    names : of the scenarios, in the order of the columns.
    etp : one row per commune of the run, by code: ``commune``, and ETP by scenario, 0 or more.
    source : where they come from.
    notes : what was found on the way and is no fault.
    rows : how many communes the table lists.
    """

    names: tuple[str, ...]
    etp: pl.DataFrame
    source: Source
    notes: tuple[Note, ...]
    rows: int


def read_scenarios(given: object, communes: pl.Series) -> ScenarioTable:
    """Read and check a table of scenarios.

    Parameters
    ----------
    given : path of a Parquet, CSV or Arrow file, or anything that speaks the Arrow C interface:
        ``commune``, and a column of ETP, 0 or more, for each scenario.
    communes : the codes of the run, sorted; those that the table does not list have 0 ETP.

    Returns
    -------
    ScenarioTable

    Raises
    ------
    InputDataError
        Unknown or doubled communes, values that are no numbers or negative, columns without a
        name or of the same; lists every fault.
    """
    sources, faults = open_tables({_NAME: given}, {_NAME: [_KEY]})
    if faults:
        raise InputDataError(faults)
    source = sources[_NAME]
    names = [name for name in source.frame.collect_schema().names() if name != _KEY]
    table = Table(
        _NAME,
        "one commune",
        (
            COMMUNES[_KEY],
            *(Column(name, "number", "ETP of the commune", low=0, high=1e6) for name in names),
        ),
        (_KEY,),
    )
    checked = check_table(table, source, Known(communes=pl.Enum(communes)))
    if faults := [*_misnamed(names), *checked.faults]:
        raise InputDataError(faults)
    assert checked.frame is not None
    listed = checked.frame.with_columns(pl.col(_KEY).cast(pl.String))
    etp = pl.DataFrame({_KEY: communes}).join(listed, on=_KEY, how="left", maintain_order="left")
    absent = communes.filter(~communes.is_in(listed[_KEY].implode()))
    notes = [*checked.notes, *_unlisted(absent)]
    return ScenarioTable(
        tuple(names), etp.fill_null(0.0), source, tuple(notes), checked.frame.height
    )


def _misnamed(names: list[str]) -> list[Fault]:
    """Return the faults of the names of scenarios."""
    if not names:
        hint = "Beside the column commune, give one of ETP for each scenario."
        return [
            Fault(
                code="legacy.fault",
                table=_NAME,
                details={"problem": "it has no scenario", "hint": hint},
            )
        ]
    # A name that stands twice in the header of a CSV file is read as two.
    twice = [name for name in names if f"{name}_duplicated_0" in names]
    return [
        Fault(
            code="legacy.fault",
            table=_NAME,
            values=first(wrong, 3),
            details={"problem": problem, "hint": "Rename the column."},
        )
        for problem, wrong in (
            ("several scenarios have the same name", twice),
            ("a scenario has no name", [name for name in names if not name.strip()]),
            ("a scenario is named as a column of results", [n for n in names if n in _TAKEN]),
        )
        if wrong
    ]


def _unlisted(communes: pl.Series) -> list[Note]:
    if communes.is_empty():
        return []
    text = f"scenarios: {len(communes)} communes are not listed and have 0 ETP in each"
    return [Note("scenario_zero", len(communes), first(communes), details={"text": text})]
