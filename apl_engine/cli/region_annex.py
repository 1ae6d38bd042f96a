"""`apl region annex`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .boundaries_options import boundaries_options, chosen_boundaries
from .options import (
    Progress,
    columns_option,
    common_options,
    internal_option,
    is_quiet,
    path_argument,
    path_option,
    print_json,
    quiet_option,
    refuse_exact,
    result_options,
    say,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns


@click.command("annex")
@path_argument("out")
@click.option("--region", required=True, metavar="CODE|NAME", help="INSEE code, or name.")
@path_option("--proposal", help="Proposal that the order applies (see `apl region check`).")
@boundaries_options
@columns_option
@click.option("--no-map", is_flag=True, help="Do not draw the map.")
@click.option("--order-title", default="", help="Title of the order, for the first page.")
@click.option(
    "--date",
    "dated",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Date of the order and of the files, such as 2024-11-20.",
)
@click.option(
    "--force", is_flag=True, help="Write a proposal that breaks a rule, marked as a draft."
)
@internal_option
@result_options
@quiet_option
@common_options
def annex(
    out: Path, region: str, proposal: Path | None, no_map: bool,
    order_title: str, dated: datetime | None, force: bool, output: Path, replace: bool,
    internal: bool, boundaries: Path | None, passage: Path | None, movements: Path | None,
    vintage: int | None, columns: NamedColumns, as_json: bool,
) -> None:  # fmt: skip
    """Write the annex of a regional order: lists, map, populations, justifications.

    Writes a workbook and a document in French, and the map, of the zones after the proposal or of
    the national zones. OUT is the publication of the national result (see `apl publish`); or, with
    --internal, the result itself, which a proposal needs. A proposal that breaks a rule is refused
    without --force.

    \b
    Examples:
      apl region annex zones-2024-public --region 53 --no-map -o annexe-53
      apl region annex zones-2024 --region 52 --proposal pdl.toml --internal -o annexe
      apl region annex zones-2024-public --region Corse --boundaries communes.gpkg -o corse
    """
    from ..regional import read_proposal
    from ..reports.annex.content import make_annex
    from ..reports.annex.write import annex_map, folder_kind, write_annex_files
    from ..results.atomic_folder import whole_folder
    from ..results.libraries import require_libraries
    from ..results.read import read_result

    require_libraries("docx", "xlsxwriter", *(() if no_map else ("matplotlib",)))
    with Progress() as progress:
        wanted = read_proposal(proposal) if proposal else None
        progress("reading the result")
        zones = read_result(out)
        marked = refuse_exact(zones, internal=internal)
        content = make_annex(
            zones, region, wanted, title=order_title, dated=dated.date() if dated else None,
            force=force, internal=marked,
        )  # fmt: skip
        kind = folder_kind(content.check.region.code)
        with whole_folder(output, replace=replace, kind=kind) as draft:
            picture = None
            if not no_map:
                progress("drawing the map")
                outlines = chosen_boundaries(
                    zones, boundaries, passage, movements, vintage, columns, around=True
                )
                columns.finish(None, boundaries.name if boundaries else "communes")
                picture = annex_map(zones, content, outlines)
            progress("writing workbook and document")
            files = write_annex_files(content, draft, picture)
    if as_json:
        print_json({"region": content.check.region.code, "accepted": content.check.accepted,
                    "folder": str(output), "files": files})  # fmt: skip
    elif not is_quiet():
        for text in content.warnings:
            say(text)
        say(f"Written to {output}: {', '.join(files)}")
