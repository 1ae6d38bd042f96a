"""`apl network`: travel times prepared once, for every run on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .summary import number
from .terminal import (
    FilledPath,
    Progress,
    fail_cleanly,
    json_option,
    methodology_option,
    print_json,
    threads_option,
)


@click.group("network")
def command() -> None:
    """Prepare travel times once for every run on them, and show what was prepared.

    \b
    Examples:
      apl network build my_tables -o france.aplnet
      apl network show france.aplnet
      apl run my_tables -o zones --network france.aplnet
    """


@command.command("build")
@click.argument("travel_times", type=FilledPath())
@click.option(
    "-o", "--output", required=True, type=FilledPath(), help="The file to write, NAME.aplnet."
)
@click.option(
    "--communes",
    type=FilledPath(),
    help="A table with a column commune: all that a run will have. By default the table communes "
    "beside the travel times, else the communes that these name.",
)
@click.option(
    "--reach",
    type=click.FloatRange(min=0, min_open=True),
    help="Keep pairs up to this many minutes, for methodologies of farther steps too; by default "
    "the end of the last step.",
)
@click.option("--vintage", type=int, help="Year of the communes; told by imports where it is.")
@methodology_option
@threads_option
@click.option("--replace", is_flag=True, help="Replace the file where it is there.")
@json_option
@fail_cleanly
def build(
    travel_times: Path,
    output: Path,
    communes: Path | None,
    reach: float | None,
    vintage: int | None,
    methodology: str | None,
    threads: int | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Sort travel times into a network that runs map into memory.

    TRAVEL_TIMES is a table travel_times (.parquet, .csv, .arrow) or a folder of tables that holds
    it. It is read in batches: a table need not fit into memory.

    \b
    Examples:
      apl network build my_tables -o france.aplnet
      apl network build travel_times.parquet --communes communes.csv -o france.aplnet \\
          --vintage 2023 --reach 45
    """
    from ..network_file import SUFFIX
    from ..prepare import prepare_network
    from ..publish.network import save_network
    from ..publish.table import refuse_taken

    refuse_taken(output, replace, (SUFFIX,))
    with Progress() as progress:
        try:
            network = prepare_network(
                travel_times,
                communes,
                methodology,
                reach=reach,
                vintage=vintage,
                threads=threads,
                on_step=progress,
            )
        except ValueError as error:
            if reach is None or not str(error).startswith("reach must"):
                raise
            raise click.UsageError(str(error)) from error
        progress("writing the network")
        save_network(network, output, replace=replace)
    _show(output, network, as_json)
    if not as_json:
        click.echo(f"\nWritten: {output}")


@command.command("show")
@click.argument("file", type=FilledPath())
@json_option
@fail_cleanly
def show(file: Path, as_json: bool) -> None:
    """Say what a prepared network is and where it comes from, after checking that it is intact.

    Exits with 3 where it is damaged, or none.

    \b
    Examples:
      apl network show france.aplnet
      apl network show france.aplnet --json
    """
    from ..network_file import load_network

    with Progress() as progress:
        progress("reading the network")
        network = load_network(file)
    _show(file, network, as_json)


def _show(file: Path, network: Any, as_json: bool) -> None:
    size = file.stat().st_size
    document = {
        "file": file.name,
        "bytes": size,
        "bytes_per_pair": size / max(network.pairs, 1),
        **network.as_dict(),
        "notes": [note.as_dict() for note in network.notes],
    }
    if as_json:
        print_json(document)
        return
    rows = [
        ("communes", number(len(network.communes))),
        ("pairs within reach, each with itself", number(network.pairs)),
        ("reach, minutes", f"{network.edges[-1]:g}"),
        ("bytes (a pair)", f"{number(size)} ({document['bytes_per_pair']:.2f})"),
        ("vintage", str(network.source.get("vintage") or "not known")),
        *(("made of", entry["file"]) for entry in network.source.get("files", ())),
        *((f"travel.{key}", value) for key, value in network.built_by.items()),
    ]
    for label, value in rows:
        click.echo(f"  {label:<40}{value:>24}")
    for note in network.notes:
        click.echo(f"  {'!' if note.warning else '-'} {note}")
