"""`apl scenarios`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..reports.page import Cell, Column, Page
from .options import (
    Progress,
    cluster_option,
    common_options,
    path_argument,
    quiet_option,
    result_options,
    run_options,
    show,
    table_options,
)
from .run_output import Record, add_notes, short

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..results.tables import TableFormats

_SHOWN = 40


@click.command("scenarios")
@run_options
@path_argument("scenarios")
@result_options
@cluster_option
@quiet_option
@common_options
@table_options
def command(
    scenarios: Path,
    output: Path,
    replace: bool,
    columns: NamedColumns,
    formats: TableFormats,
    executor: str | None,
    as_json: bool,
    **computation: Any,
) -> None:
    """Zone territories under many scenarios of supply at once.

    INPUTS is a folder of tables, or a run file (.toml), as for `apl run`; it gives population and
    territories. SCENARIOS is a table (.parquet, .csv or .arrow) with a column commune and, for
    each scenario, a column of ETP that replaces the supply of INPUTS; unlisted communes get 0 ETP.
    The result holds communes_apl, territories_apl and territories_zone with a column per scenario,
    as .parquet and .csv, and scenarios.json.

    \b
    Examples:
      apl scenarios my_tables plans.csv -o plans
      apl scenarios my_tables plans.csv -o plans --replace --network my.aplnet --json
    """
    from ..reports.scenarios import FOLDER, write_scenario_files
    from ..results.atomic_folder import whole_folder
    from ..runs.run import run
    from ..scenarios.zones import zone_scenarios

    # Fail early if the output is not writable.
    with Progress() as progress, whole_folder(output, replace=replace, kind=FOLDER) as draft:
        result = run(on_step=progress, columns=columns, **computation)
        progress("reading the scenarios")
        zoned = zone_scenarios(
            result, scenarios, threads=computation["threads"], columns=columns, executor=executor,
            on_step=progress,
        )  # fmt: skip
        columns.finish(None, "apl scenarios")
        progress("writing the result")
        document = write_scenario_files(zoned, draft, formats)
    written = f"{output}: communes_apl, territories_apl, territories_zone, scenarios.json"
    show(document, lambda: _page(document), as_json=as_json, written=written)


def _page(document: Record) -> Page:
    rows, rules = document["scenarios"], document["methodology"]
    labels = [short(zone["label"]) for zone in rows[0]["zones"]]
    page = Page(f"{rules['title']}  [{rules['id']}]")
    for section, key in (
        ("Territories in each class", "territories"),
        ("Inhabitants in each class", "population"),
    ):
        counts = (
            (row["scenario"], row["etp"], *(zone[key] for zone in row["zones"])) for row in rows
        )
        _table(page, section, [Column("ETP", 1), *(Column(label, 0) for label in labels)], counts)
    cuts = (
        (row["scenario"], row["unreachable_etp"], *(cut["highest_apl"] for cut in row["cuts"]))
        for row in rows
    )
    columns = [Column("ETP out of reach", 1), *(Column(label, 2) for label in labels[:-1])]
    _table(page, "Highest APL in each class", columns, cuts)
    notes = (n for n in document["notes"] if n["warning"] or n["code"].startswith("scenario"))
    add_notes(page, "Notes", notes)
    return page


def _table(
    page: Page, section: str, columns: Iterable[Column], rows: Iterable[Sequence[Cell]]
) -> None:
    page.section(section)
    page.table(["scenario", *columns], rows, limit=_SHOWN, rest="in scenarios.json")
