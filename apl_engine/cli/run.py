"""`apl run`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import (
    Progress,
    cluster_option,
    common_options,
    quiet_option,
    result_options,
    result_written,
    run_options,
    show,
    table_options,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..reports.page import Page
    from ..results.tables import TableFormats


@click.command("run")
@run_options
@cluster_option
@result_options
@quiet_option
@common_options
@table_options
def command(
    output: Path,
    replace: bool,
    columns: NamedColumns,
    formats: TableFormats,
    as_json: bool,
    **computation: Any,
) -> None:
    """Compute the APL of communes and the zones of territories.

    INPUTS is a folder of the tables practitioners, population, consumption, travel_times and
    communes, each as .parquet, .csv (separated by , or ;, optionally .gz or .zst) or .arrow; or a
    run file (.toml) that names publishers' files. With --cluster, the processes add up the parts of
    a network that was built with --memory. The result holds communes, territories and
    regions as .parquet and .csv, and record.json, which documents how each figure was computed.

    \b
    Examples:
      apl run data_samples/france -o zones
      apl run my_tables -o zones -m my_variant.toml --replace
      apl run my_tables -o zones --json > summary.json
      apl run run.toml -o zones
      apl run my_tables -o zones-2025 --year 2025
      apl run my_tables --network my.aplnet -o zones
      apl run my_tables -o zones --csv french --xlsx
    """
    from ..results.atomic_folder import whole_folder
    from ..runs.run import run

    # Fail early if the output is not writable.
    with Progress() as progress, whole_folder(output, replace=replace) as draft:
        # What writes and shows the result is imported while the tables are read.
        with ThreadPoolExecutor(1) as pool:
            imports = pool.submit(_import_output)
            result = run(on_step=progress, columns=columns.rest(), **computation)
        write_files, summary = imports.result()
        progress("writing the result")
        record = write_files(result, draft, formats)
    show(record, lambda: summary(record), as_json=as_json, written=result_written(output))


def _import_output() -> tuple[Callable[..., Mapping[str, Any]], Callable[..., Page]]:
    from ..results.write import write_files
    from .run_output import summary

    return write_files, summary
