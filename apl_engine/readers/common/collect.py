"""What reading a file finds: faults to tell together, and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from ...errors import Fault
from ...notes import Note, first


@dataclass
class Found:
    """What reading cells found: faults to tell together, and notes."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def fault(
        self, column: str, problem: str, wrong: pl.DataFrame, hint: str, values: str = "value"
    ) -> None:
        """Add a fault for the rows of `wrong`, if there are any: columns `row` and `values`."""
        if wrong.is_empty():
            return
        shown = wrong[values].drop_nulls().unique(maintain_order=True).head(3)
        rows = tuple(wrong["row"].head(3).to_list())
        self.faults.append(
            Fault(
                code="legacy.fault",
                table=self.file,
                column=column,
                count=wrong.height,
                rows=rows,
                values=tuple(shown.to_list()),
                details={"problem": problem, "hint": hint},
            )
        )

    def note(self, code: str, text: str, values: pl.Series, *, warning: bool = False) -> None:
        """Add a note with the first of `values`, if there are any."""
        if len(values):
            shown = first(values.unique(maintain_order=True))
            self.notes.append(
                Note(
                    code,
                    len(values),
                    shown,
                    warning=warning,
                    details={"text": f"{self.file}: {text}"},
                )
            )


def once(
    frame: pl.DataFrame, key: list[str], kept: Found, hint: str, theirs: Mapping[str, str]
) -> None:
    """Refuse rows of the same key; `theirs` is what the file calls its columns."""
    twice = frame.filter(pl.struct(key).is_duplicated())
    shown = twice.with_columns(value=pl.concat_str(key, separator=" / "))
    kept.fault(
        theirs.get(key[0], key[0]),
        f"the same {' and '.join(key)} stands in several rows",
        shown,
        hint,
    )
