"""`apl demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import (
    common_options,
    csv_options,
    folder_option,
    is_quiet,
    methodology_option,
    named_columns,
    quiet_option,
    replace_option,
    threads_option,
)
from .run import command as run

_OWN = Path("apl-demo")


@click.command("demo")
@click.option(
    "--sample",
    type=click.Choice(["france", "pays-de-la-loire"]),
    default="france",
    show_default=True,
    help="The sample to run on.",
)
@folder_option(
    "-o",
    "--output",
    help=f"Folder for the result: new or empty. Default: {_OWN}, where an earlier result is "
    "replaced.",
)
@replace_option
@methodology_option
@threads_option
@quiet_option
@csv_options
@common_options
@click.pass_context
def command(
    context: click.Context, /, sample: str, output: Path | None, replace: bool, **options: Any
) -> None:
    """Run on the sample data of the package.

    Communes and populations are real, practitioners are randomly drawn and travel times estimated:
    the zones are not the official ones.

    \b
    Examples:
      apl demo
      apl demo --sample pays-de-la-loire -o zones-pdl
    """
    from ..inputs.samples import sample_folder

    folder = output or _OWN
    replace = replace or output is None
    # A default goes through no callback here.
    options["columns"] = named_columns(())
    context.invoke(run, inputs=sample_folder(sample), output=folder, replace=replace, **options)
    if not (options["as_json"] or is_quiet()):
        click.echo(
            "Sample data: practitioners are randomly drawn; these are not the official zones."
        )
