"""`apl run`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import (
    Progress,
    common_options,
    min_practitioners_option,
    result_options,
    run_options,
    show,
)


@click.command("run")
@run_options
@min_practitioners_option
@result_options
@common_options
def command(output: Path, replace: bool, as_json: bool, **computation: Any) -> None:
    """Compute the APL of communes and the zones of territories.

    INPUTS is a folder of the tables practitioners, population, consumption, travel_times and
    communes, each as .parquet, .csv (separated by , or ;, optionally .gz or .zst) or .arrow; or a
    run file (.toml) that names publishers' files. The result holds communes, territories and
    regions as .parquet and .csv, and record.json, which documents how each figure was computed.

    \b
    Examples:
      apl run data_samples/france -o zones
      apl run my_tables -o zones -m my_variant.toml --replace
      apl run my_tables -o zones --json > summary.json
      apl run run.toml -o zones
      apl run my_tables --network france.aplnet -o zones
      apl run my_tables -o to-publish --min-practitioners 5
    """
    from ..results.atomic_folder import whole_folder
    from ..results.write import write_files
    from ..runs.run import run
    from .run_output import summary

    # Fail early if the output is not writable.
    with Progress() as progress, whole_folder(output, replace=replace) as draft:
        result = run(on_step=progress, **computation)
        progress("writing the result")
        record = write_files(result, draft)
    written = f"{output}: communes, territories, regions, record.json"
    show(record, lambda: summary(record), as_json=as_json, written=written)
