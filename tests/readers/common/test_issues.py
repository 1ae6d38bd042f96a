"""Faults and notes are collected, and raised together."""

from __future__ import annotations

import polars as pl
from support.sheets import faults_of

from apl_engine.readers.common.issues import Issues, raise_faults

ROWS = pl.DataFrame({"row": [1, 2, 3], "commune": ["01001", "01001", "01002"]})


def test_rows_at_fault_are_counted_and_the_first_shown() -> None:
    issues = Issues("a.csv")
    issues.fault_rows("source_file.not_a_number", "POP", ROWS, "commune")
    issues.fault_rows("source_file.not_a_number", "POP", ROWS.head(0), "commune")
    issues.fault("source_file.no_rows")
    first, second = faults_of(lambda: raise_faults(issues.faults))
    assert (first.table, first.column, first.count) == ("a.csv", "POP", 3)
    assert (first.rows, first.values) == ((1, 2, 3), ("01001", "01002"))
    assert (second.code, second.column, second.count) == ("source_file.no_rows", None, None)
    raise_faults([])


def test_duplicate_keys() -> None:
    issues = Issues("a.csv")
    issues.fault_duplicates(ROWS, ["commune"], {"commune": "CODGEO"})
    issues.fault_duplicates(ROWS, ["row", "commune"], {})
    (fault,) = issues.faults
    assert (fault.code, fault.column) == ("source_file.duplicate_key", "CODGEO")
    assert (fault.rows, fault.values) == ((1, 2), ("01001",))
    assert fault.details == {"columns": ("commune",)}


def test_notes_state_the_file_and_the_first_examples() -> None:
    issues = Issues("a.csv")
    issues.note("source_file.no_figure", ROWS["commune"], column="POP")
    issues.note("source_file.no_figure", [], column="POP")
    (note,) = issues.notes
    assert (note.count, note.examples) == (3, ("01001", "01002"))
    assert note.details == {"file": "a.csv", "column": "POP"}
