"""`apl margins`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import (
    Progress,
    cluster_option,
    columns_option,
    common_options,
    network_option,
    path_argument,
    path_option,
    quiet_option,
    replace_option,
    show,
    table_options,
)
from .run_output import number

if TYPE_CHECKING:
    import polars as pl

    from ..inputs.named_columns import NamedColumns
    from ..method.result import Zoning
    from ..reports.page import Page
    from ..results.tables import TableFormats

_SHOWN = 20


@click.command("margins")
@path_argument("out")
@path_option("-o", "--output", help="File for all rows: .parquet, .csv or .xlsx.")
@replace_option
@click.option("--region", help="Only the territories of this region, by code or name.")
@path_option("--inputs", help="Tables of the result, as for `apl explain`.")
@network_option
@columns_option
@cluster_option
@quiet_option
@common_options
@table_options
def command(
    out: Path, output: Path | None, replace: bool, region: str | None, inputs: Path | None,
    network: Path | None, columns: NamedColumns, formats: TableFormats, executor: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Show how far each territory is from another zone, in APL and in ETP.

    OUT is a result of `apl run` or `apl zone`. Prints the territories that are nearest to another
    zone by ETP (by APL if the supply is not known); -o or --json give all rows. Each ETP is
    verified by a run with it, and a run with 0.000001 less, as in `apl explain`.

    \b
    Examples:
      apl margins zones-2024 --region 52
      apl margins zones-2024 -o margins.csv
    """
    from ..results.atomic_file import refuse_reserved
    from ..results.lookup import find_region
    from ..results.read import read_result
    from ..results.tables import refuse_tables, write_table, zone_labels
    from ..runs.reproduce import locate_inputs
    from ..scenarios.margins import zone_margins
    from ..scenarios.what_if import WhatIf

    if output:
        refuse_reserved(output)
        refuse_tables(output, formats, replace=replace)
    elif formats.given:
        raise click.UsageError("--csv and --xlsx need -o.")
    with Progress() as progress:
        progress("reading the result")
        zones = read_result(out)
        zones.check_exact("result.published_margins")
        located = locate_inputs(zones, inputs, network, progress, columns.rest()).network
        code = find_region(zones, region) if region is not None else None
        what_if = WhatIf(zones, located) if located else None
        rows = zone_margins(zones, what_if, region=code, executor=executor, on_step=progress)
    written = ""
    if output:
        labels = zone_labels(zones.methodology, "zone", "to_zone")
        files = write_table(rows, output, formats, labels, replace=replace)
        written = f"{', '.join(map(str, files))}: {number(rows.height)} rows"
    show(rows.to_dicts(), lambda: _page(rows, zones, what_if), as_json=as_json, written=written)


def _page(rows: pl.DataFrame, zones: Zoning, what_if: object) -> Page:
    """Return the nearest territories."""
    from ..reports.page import Column, Page

    by = "etp" if what_if else "apl"
    known = rows.drop_nulls(by)
    near = known.sort(known[by].abs(), "territory").head(_SHOWN)
    labels = {zone.id: zone.label for zone in zones.methodology.zoning.classes}
    page = Page()
    page.section(f"Nearest to another zone, by {by.upper()}")
    page.table(
        ["territory", "", Column("rank", 0), Column("APL", 4, sign=True),
         Column("ETP", 6, sign=True), "zone"],
        [
            (row["territory"], row["territory_name"], row["rank"], row["apl"], row["etp"],
             f"{labels[row['zone']]} -> {labels[row['to_zone']]}")
            for row in near.iter_rows(named=True)
        ],
    )  # fmt: skip
    return page
