"""`apl run`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import (
    FilledPath,
    Progress,
    fail_cleanly,
    json_option,
    methodology_option,
    min_practitioners_option,
    network_option,
    output_option,
    print_json,
    replace_option,
    threads_option,
)


@click.command("run")
@click.argument("inputs", type=FilledPath())
@output_option
@replace_option
@methodology_option
@network_option
@min_practitioners_option
@threads_option
@json_option
@fail_cleanly
def command(
    inputs: Path,
    output: Path,
    replace: bool,
    methodology: str | None,
    network: Path | None,
    min_practitioners: int | None,
    threads: int | None,
    as_json: bool,
) -> None:
    """Compute the APL of communes and the zones of territories.

    INPUTS is a folder that holds practitioners, population, consumption, travel_times and
    communes, each as .parquet, .csv (, or ;, plain, .gz or .zst) or .arrow; or a run file
    (.toml) that names publishers' files as they are. The result is communes, territories and
    regions as .parquet and .csv, and record.json, which says how each figure came about.

    \b
    Examples:
      apl run data_samples/france -o zones
      apl run my_tables -o zones -m my_variant.toml --replace
      apl run my_tables -o zones --json > summary.json
      apl run run.toml -o zones
      apl run my_tables --network france.aplnet -o zones
      apl run my_tables -o to-publish --min-practitioners 5
    """
    compute_and_show(
        inputs, output, replace, methodology, threads, as_json, network, min_practitioners
    )


def compute_and_show(
    inputs: Path,
    output: Path,
    replace: bool,
    methodology: str | None,
    threads: int | None,
    as_json: bool,
    network: Path | None = None,
    min_practitioners: int | None = None,
) -> None:
    """Run, write the result, print its summary."""
    from ..results.atomic_folder import whole_folder
    from ..results.write import write_files
    from ..runs.run import run
    from .run_output import summary

    # The folder first: whoever cannot write there should not have to wait to hear it.
    with Progress() as progress, whole_folder(output, replace=replace) as draft:
        result = run(
            inputs,
            methodology,
            network=network,
            min_practitioners=min_practitioners,
            threads=threads,
            on_step=progress,
        )
        progress("writing the result")
        record = write_files(result, draft)
    if as_json:
        print_json(record)
    else:
        click.echo(summary(record))
        click.echo(f"\nWritten to {output}: communes, territories, regions, record.json")
