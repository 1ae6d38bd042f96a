"""The faults and notes of a file, collected while it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import polars as pl

from ...errors import Fault, InputDataError, Note, first
from ...inputs.describe import TRIED
from ...inputs.tables import EXAMPLES
from ...quoting import FEW, are_labels, is_of_most, quotable


@dataclass
class Issues:
    """Faults and notes of a file.

    Attributes
    ----------
    file : str
        Name of the file, or names of several.
    faults : list of Fault
        Reported together, once the file is read.
    notes : list of Note
        Each states the file.
    """

    file: str = ""
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def fault(
        self, code: str, column: str | None = None, *, table: str = "", count: int | None = None,
        rows: Iterable[int] = (), values: Iterable[str] = (), withheld: bool = False,
        **details: Any,
    ) -> None:  # fmt: skip
        """Add a fault of the file, of another table or of a column; few rows are shown."""
        fault = Fault(
            code, table or self.file, column=column, count=count,
            rows=tuple(islice(rows, EXAMPLES)), values=tuple(values), withheld=withheld,
            details=details,
        )  # fmt: skip
        self.faults.append(fault)

    def fault_rows(
        self, code: str, column: str, rows: pl.DataFrame, values: str = "value",
        of: tuple[str, int] | None = None, **details: Any,
    ) -> None:  # fmt: skip
        """Add a fault of some rows, if there are any.

        Parameters
        ----------
        code : str
            Of the fault.
        column : str
            Name of the column in the file.
        rows : pl.DataFrame
            The rows at fault: ``row``, their number, and the column of their values.
        values : str
            Name of this column.
        of : tuple of str and int, optional
            What the column holds, see `quoting.quotable`, and the number of its rows: if most are
            wrong, it may be another column, and less is quoted.
        **details : object
            Of the fault.
        """
        if rows.is_empty():
            return
        texts = rows[values].drop_nulls().cast(pl.String)
        shown = texts.unique(maintain_order=True)
        may, withheld = shown.head(EXAMPLES).to_list(), False
        if of is not None:
            kind, height = of
            foreign = is_of_most(rows.height, height, FEW)
            foreign &= kind != "label" or not are_labels(len(shown), len(texts))
            tried = shown.head(TRIED).to_list()
            may = quotable(tried, kind, foreign=foreign)
            withheld = len(may) < len(tried)
        self.fault(
            code, column, count=rows.height, rows=rows["row"], values=may[:EXAMPLES],
            withheld=withheld, **details,
        )  # fmt: skip

    def fault_duplicates(
        self, frame: pl.DataFrame, key: Sequence[str], names: Mapping[str, str]
    ) -> None:
        """Add a fault of rows of the same key, if there are any.

        Parameters
        ----------
        frame : pl.DataFrame
            ``row`` and the columns of the key.
        key : sequence of str
            The columns that identify a row.
        names : mapping of str to str
            What the file calls them.
        """
        repeated = frame.filter(pl.struct(key).is_duplicated())
        shown = repeated.with_columns(value=pl.concat_str(key, separator=" / "))
        column = names.get(key[0], key[0])
        self.fault_rows("source_file.duplicate_key", column, shown, columns=tuple(key))

    def note(
        self, code: str, examples: pl.Series | Sequence[str], *, warning: bool = False,
        of: int | None = None, **details: Any,
    ) -> None:  # fmt: skip
        """Add a note with the first of some examples, if there are any.

        None are shown of values that are most of a column of `of` rows: it may be another one.
        """
        if count := len(examples):
            withheld = of is not None and is_of_most(count, of, FEW)
            shown = first(pl.Series("", examples, pl.String).unique(maintain_order=True))
            details["file"] = self.file
            note = Note(
                code, count, () if withheld else shown, warning=warning, withheld=withheld,
                details=details,
            )  # fmt: skip
            self.notes.append(note)

    def note_count(
        self, code: str, count: int, examples: Iterable[object] = (), *, warning: bool = True,
        **details: Any,
    ) -> None:  # fmt: skip
        """Add a note of some things counted, unless there are none."""
        if count:
            shown = tuple(map(str, examples))
            self.notes.append(Note(code, count, shown, warning=warning, details=details))

    def raise_faults(self) -> None:
        """Raise every fault so far, if there is any."""
        raise_faults(self.faults)


def raise_faults(faults: Sequence[Fault]) -> None:
    """Raise the faults, if there are any, in one `InputDataError`."""
    if faults:
        raise InputDataError(faults)
