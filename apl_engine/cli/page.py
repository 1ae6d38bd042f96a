"""`apl page`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .boundaries_options import boundaries_options, chosen_boundaries
from .options import (
    Progress,
    cluster_option,
    columns_option,
    common_options,
    internal_option,
    is_quiet,
    path_argument,
    path_option,
    print_json,
    quiet_option,
    refuse_exact,
    replace_option,
    say,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..reports.page import Language


@click.command("page")
@path_argument("out")
@path_option("-o", "--output", required=True, help="File for the page: .html.")
@replace_option
@path_option("--before", metavar="OUT", help="An earlier result: show what changed since.")
@click.option(
    "--level",
    type=click.Choice(["communes", "territories"]),
    default="communes",
    show_default=True,
    help="territories: leave the outlines of communes out, for a smaller file.",
)
@click.option(
    "--lang",
    type=click.Choice(["fr", "en"]),
    default="fr",
    show_default=True,
    help="Language in which it opens; a button switches.",
)
@click.option("--title", default="", help="Title of the page.")
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day that the page states, such as 2024-11-20. Default: today.",
)
@boundaries_options
@columns_option
@internal_option
@cluster_option
@quiet_option
@common_options
def command(
    out: Path, output: Path, replace: bool, before: Path | None, boundaries: Path | None,
    passage: Path | None, movements: Path | None, vintage: int | None, columns: NamedColumns,
    level: str, lang: Language, title: str, day: datetime | None, internal: bool,
    executor: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Write one page to open in a browser: map, look-up, workbench, figures.

    The page is one file: open it by a double click, or send it by mail. It needs no server, no
    network and nothing installed. OUT is a publication (see `apl publish`) or zones of a published
    APL; with --internal, an exact result, which agencies need to prepare a proposal.

    \b
    Examples:
      apl page zones-2024-public -o zonage.html
      apl page zones-2024 --internal -o atelier.html
      apl page zones-2024-public --before zones-2023-public --level territories -o zonage.html
    """
    from ..reports.zoning_page import PAGE_ENDINGS, make_page, write_page
    from ..results.atomic_file import refuse_taken
    from ..results.read import read_result

    refuse_taken(output, replace, PAGE_ENDINGS)
    with Progress() as progress:
        progress("reading the result")
        zones = read_result(out)
        marked = refuse_exact(zones, internal=internal)
        earlier = read_result(before) if before else None
        if earlier:
            refuse_exact(earlier, internal=internal)
        progress("reading the outlines")
        outlines = chosen_boundaries(zones, boundaries, passage, movements, vintage, columns)
        columns.finish(None, "apl page")
        page = make_page(
            zones, boundaries=outlines, before=earlier, communes=level == "communes", lang=lang,
            day=day.date() if day else None, title=title, internal=marked, executor=executor,
            on_step=progress,
        )  # fmt: skip
        write_page(page, output, replace=replace)
    if as_json:
        print_json({"file": str(output), "bytes": len(page.encode()), "internal": marked})
    elif not is_quiet():
        say(f"Written to {output}")
