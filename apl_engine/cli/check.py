"""`apl check`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import (
    FilledPath,
    Progress,
    fail_cleanly,
    json_option,
    methodology_option,
    network_option,
    print_json,
)


@click.command("check")
@click.argument("inputs", type=FilledPath())
@methodology_option
@network_option
@json_option
@fail_cleanly
def command(inputs: Path, methodology: str | None, network: Path | None, as_json: bool) -> None:
    """Check input tables without computing anything.

    INPUTS is a folder of tables, or a run file (.toml), as for `apl run`. Lists every fault of
    every table, with the column, the rows and what to do, and exits with 3 where there is one.
    A prepared network is checked too, and whether it is of these tables.

    \b
    Examples:
      apl check my_tables
      apl check my_tables --json
      apl check run.toml
      apl check my_tables --network france.aplnet
    """
    from ..method.supply import compute_supply
    from ..runs.run import load_run

    with Progress() as progress:
        progress("reading and checking the tables")
        rules, tables, prepared = load_run(inputs, methodology, network=network, on_step=progress)
        # Whether anybody is left to take the median over is seen only by taking it.
        compute_supply(tables.practitioners, tables.communes, rules)
    if as_json:
        notes = [note.as_dict() for note in tables.notes]
        described = prepared.as_dict() if prepared else {}
        print_json({"rows": tables.rows, "network": described, "notes": notes, "faults": []})
        return
    for name, rows in tables.rows.items():
        source = tables.sources[name]
        file = source.path.name if source.path else ""
        click.echo(f"  {name:<15}{rows:>14,} rows   {file}".replace(",", " "))
    if prepared:
        click.echo(f"  {'network':<15}{prepared.pairs:>14,} pairs".replace(",", " "))
    for note in tables.notes:
        click.echo(f"  - {note}")
    click.echo("No fault found.")
