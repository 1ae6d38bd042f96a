"""`apl report`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import (
    Progress,
    common_options,
    is_quiet,
    path_argument,
    path_option,
    print_json,
    quiet_option,
    result_options,
    say,
)


@click.group("report")
def command() -> None:
    """Write what the text asks to publish.

    \b
    Examples:
      apl report figures zones-2024 --before zones-2023 -o communication-2024
    """


@command.command("figures")
@path_argument("out")
@path_option(
    "--before", help="Result of the year before. Default: the table that the text publishes."
)
@result_options
@quiet_option
@common_options
def figures(out: Path, before: Path | None, output: Path, replace: bool, as_json: bool) -> None:
    """Write the yearly communication to the agencies: the table of article VI.

    Annexe, VII: the figures of the table of VI are communicated to the agencies each year. Writes
    parts-regionales.xlsx, .csv and .md in French: the share of each region by category as the text
    has it, the year before beside it. OUT is the national result of `apl run` or `apl zone`.

    \b
    Examples:
      apl report figures zones-2024 -o communication-2024
      apl report figures zones-2024 --before zones-2023 -o communication-2024 --json
    """
    from ..comparison.compare import read_both
    from ..reports.figures.content import make_figures
    from ..reports.figures.write import FOLDER, write_figure_files
    from ..results.atomic_folder import whole_folder
    from ..results.read import read_result

    with Progress() as progress, whole_folder(output, replace=replace, kind=FOLDER) as draft:
        progress("reading the results")
        results = (read_result(out),) if before is None else read_both(out, before, exact=False)
        made = make_figures(*results)
        progress("writing the table")
        files = write_figure_files(made, draft)
    if as_json:
        print_json({**made.as_dict(), "folder": str(output), "files": files})
    elif not is_quiet():
        say(f"Written to {output}: {', '.join(files)}")
