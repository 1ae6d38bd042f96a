"""`apl publish`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .options import (
    FilledPath,
    Progress,
    columns_option,
    common_options,
    network_option,
    path_argument,
    path_option,
    quiet_option,
    result_options,
    result_written,
    show,
    table_options,
    threads_option,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..results.tables import TableFormats

Command = TypeVar("Command", bound=Callable[..., Any])


def _step_option(name: str, figures: str, default: float) -> Callable[[Command], Command]:
    return click.option(
        name,
        type=click.FloatRange(min=0.001, max=1e6),
        help=f"Round the {figures} to multiples of this. Default: {default}.",
    )


@click.command("publish")
@path_argument("out")
@click.option(
    "--min-practitioners",
    type=click.IntRange(min=2),
    metavar="N",
    help="Protect communes and territories of fewer than N practitioners. Default: 5.",
)
@click.option(
    "--protection",
    type=click.FloatRange(min=1, max=100),
    metavar="PERCENT",
    help="Half the width of what can be inferred of an ETP, at least, in per cent of it. "
    "Default: 20.",
)
@click.option(
    "--attacker",
    type=click.Choice(["public", "colleague"]),
    help="colleague: protect from a practitioner alone in another commune, who knows its own "
    "activity; this hides more. Default: public.",
)
@_step_option("--step", "APL of communes", 5)
@_step_option("--territory-step", "APL of territories", 1)
@_step_option("--etp-step", "ETP of territories", 1)
@click.option(
    "--earlier",
    type=(FilledPath(), FilledPath()),
    multiple=True,
    metavar="OUT PUB",
    help="An earlier result and what was published of it: protect those who came, left or stayed "
    "from whoever compares the years. May be repeated.",
)
@path_option("--inputs", help="Tables or run file of OUT. Default: those that its record names.")
@network_option
@columns_option
@threads_option
@result_options
@quiet_option
@common_options
@table_options
def command(
    out: Path, output: Path, replace: bool, columns: NamedColumns, formats: TableFormats,
    as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Round and hide figures of a result, so that it may be published.

    OUT is the result of `apl run`. The publication has the same zones, and no figure from which
    the activity of few practitioners can be inferred closely: APLs and ETP are rounded, the ETP of
    communes is left out, and an APL is hidden only where rounding is not enough.

    \b
    Examples:
      apl publish zones-2024 -o zones-2024-public
      apl publish zones-2024 -o zones-2024-public --min-practitioners 3 --step 10 --json
      apl publish zones-2024 -o zones-2024-public --earlier zones-2023 zones-2023-public
    """
    from ..results.atomic_folder import whole_folder
    from ..results.write import write_files
    from ..runs.publish import publish_stored
    from .run_output import summary

    sources = [out, *(folder for pair in options["earlier"] for folder in pair)]
    with (
        Progress() as progress,
        whole_folder(output, replace=replace, sources=sources) as draft,
    ):
        progress("reading the result")
        publication = publish_stored(out, on_step=progress, columns=columns.rest(), **options)
        progress("writing the publication")
        record = write_files(publication, draft, formats)
    show(record, lambda: summary(record), as_json=as_json, written=result_written(output))
