"""`apl margins`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import FilledPath, Progress, fail_cleanly, json_option, network_option, print_json
from .run_output import number, title

_SHOWN = 20


@click.command("margins")
@click.argument("output", type=FilledPath(), metavar="OUT")
@click.option("-o", "--table", type=FilledPath(), help="Write every row, as .parquet or .csv.")
@click.option("--replace", is_flag=True, help="Replace an earlier table of that name.")
@click.option("--region", help="A region by code or name: its territories alone.")
@click.option("--inputs", type=FilledPath(), help="Tables of the result, as for `apl explain`.")
@network_option
@json_option
@fail_cleanly
def command(
    output: Path,
    table: Path | None,
    replace: bool,
    region: str | None,
    inputs: Path | None,
    network: Path | None,
    as_json: bool,
) -> None:
    """Show how far territories are from another zone, in APL and in ETP.

    OUT is a folder that `apl run` or `apl zone` wrote. Prints the territories that the fewest ETP
    separate from another zone (the smallest APL, where supply is not known); -o or --json give
    every row. Each ETP is proved by running with it, and with 0.000001 less, as in `apl explain`.

    \b
    Examples:
      apl margins zones-2024 --region 52
      apl margins zones-2024 -o margins.csv
    """
    from ..explanation import locate_inputs
    from ..results.atomic_file import refuse_reserved, refuse_taken, write_table
    from ..results.lookup import find_region
    from ..results.read import read_result
    from ..scenarios.margins import zone_margins
    from ..scenarios.what_if import WhatIf

    if table:
        refuse_reserved(table)
        refuse_taken(table, replace)
    with Progress() as progress:
        progress("reading the result")
        zones = read_result(output)
        zones.check_whole()
        found = locate_inputs(zones, inputs, network, progress).network
        place = find_region(zones, region) if region is not None else None
        what_if = WhatIf(zones, found) if found else None
        rows = zone_margins(zones, what_if, region=place, on_step=progress)
    if table:
        write_table(rows, table, replace=replace)
    if as_json:
        print_json(rows.to_dicts())
        return
    click.echo(_page(rows, in_etp=what_if is not None))
    if table:
        click.echo(f"\nWritten to {table}: {number(rows.height)} rows")


def _page(rows: Any, *, in_etp: bool) -> str:
    """Return the nearest territories."""
    by = "etp" if in_etp else "apl"
    near = rows.drop_nulls(by).with_columns(rows.drop_nulls(by)[by].abs().alias("far"))
    near = near.sort("far", "territory").head(_SHOWN)
    what = "ETP" if in_etp else "APL"
    lines = [
        title(f"Nearest to another zone, by {what}"),
        f"  {'':<36}{'rank':>6}{'APL':>11}{'ETP':>12}  to the zone",
    ]
    for row in near.iter_rows(named=True):
        name = f"{row['territory']:<7}{row['territory_name'][:28]}"
        etp = "-" if row["etp"] is None else f"{row['etp']:+.6f}"
        apl = "-" if row["apl"] is None else f"{row['apl']:+.4f}"
        zones = f"{row['zone']} -> {row['to_zone']}"
        lines.append(f"  {name:<36}{row['rank']:>6}{apl:>11}{etp:>12}  {zones}")
    return "\n".join(lines)
