"""`apl check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import (
    Progress,
    columns_option,
    common_options,
    is_quiet,
    network_option,
    path_argument,
    quiet_option,
    run_methodology_option,
    show,
    year_option,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns


@click.command("check")
@path_argument("inputs")
@run_methodology_option
@year_option
@columns_option
@network_option
@quiet_option
@common_options
def command(
    inputs: Path, methodology: str | None, year: int | None, columns: NamedColumns,
    network: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Check input tables: find all that a run refuses or warns of, and write nothing.

    INPUTS is a folder of tables, or a run file (.toml), as for `apl run`. Lists all faults of all
    tables with their column and rows, and how to mend them; exits with 3 if there are any. A
    prepared network is checked as well, including whether it matches the tables.

    \b
    Examples:
      apl check my_tables
      apl check my_tables --json
      apl check run.toml
      apl check my_tables --network my.aplnet
    """
    from ..reports.page import Column, Page
    from ..runs.run import check

    with Progress() as progress:
        progress("reading and checking the tables")
        _, tables, prepared = check(
            inputs, methodology, network=network, year=year, columns=columns.rest(),
            on_step=progress,
        )  # fmt: skip
    document = {
        "rows": tables.rows,
        "network": prepared.as_dict() if prepared else {},
        "notes": [note.as_dict() for note in tables.notes],
        "faults": [],
    }

    page = Page()
    warnings, others = (
        [note for note in tables.notes if note.warning == wanted] for wanted in (True, False)
    )
    if warnings:
        page.section("Warnings")
        page.bullets(map(str, warnings))
        page.section("Tables")
    rows = [(name, count, _file(tables.sources[name].path)) for name, count in tables.rows.items()]
    if prepared and network:
        rows.append(("network", prepared.pairs, network.name))
    page.table(["table", Column("rows", 0), "file"], rows)
    if not is_quiet():
        page.bullets(map(str, others))
    page.paragraph("No fault found.")
    show(document, lambda: page, as_json=as_json)


def _file(path: Path | None) -> str:
    return path.name if path else ""
