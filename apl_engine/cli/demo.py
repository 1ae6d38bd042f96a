"""`apl demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import (
    common_options,
    methodology_option,
    min_practitioners_option,
    path_option,
    threads_option,
)
from .run import command as run


@click.command("demo")
@click.option(
    "--sample",
    type=click.Choice(["france", "pays-de-la-loire"]),
    default="france",
    show_default=True,
    help="The sample to run on.",
)
@path_option(
    "-o",
    "--output",
    default=Path("apl-demo"),
    show_default=True,
    help="Folder for the result; an earlier result there is replaced.",
)
@methodology_option
@min_practitioners_option
@threads_option
@common_options
@click.pass_context
def command(context: click.Context, /, sample: str, **options: Any) -> None:
    """Run on the sample data of the package.

    Communes and populations are real, practitioners are randomly drawn and travel times estimated:
    the zones are not the official ones.

    \b
    Examples:
      apl demo
      apl demo --sample pays-de-la-loire -o zones-pdl
    """
    context.invoke(run, inputs=sample_folder(sample), replace=True, **options)
    if not options["as_json"]:
        click.echo(
            "Sample data: practitioners are randomly drawn; these are not the official zones."
        )


def sample_folder(name: str) -> Path:
    """Return the folder of a sample: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "data_samples" / name
    return installed if installed.is_dir() else package.parent / "data_samples" / name
