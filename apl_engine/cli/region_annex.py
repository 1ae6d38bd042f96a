"""`apl region annex`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from .options import FilledPath, Progress, fail_cleanly, json_option, output_option, print_json


@click.command("annex")
@click.argument("out", type=FilledPath())
@click.option("--region", required=True, metavar="CODE|NAME", help="INSEE code, or name.")
@click.option("--proposal", type=FilledPath(), help="What the order moves (see `check`).")
@click.option(
    "--points",
    type=FilledPath(),
    help="Table of a code of commune, lat and lon; by default the communes of the run's inputs.",
)
@click.option("--no-map", is_flag=True, help="Leave the map out.")
@click.option("--order-title", default="", help="Title of the order, on the first page.")
@click.option("--date", "dated", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="Of the order, 2024-11-20; files carry it as theirs.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write a draft where a rule is broken, marked as one.")
@output_option
@json_option
@fail_cleanly
def annex(
    out: Path,
    region: str,
    proposal: Path | None,
    points: Path | None,
    no_map: bool,
    order_title: str,
    dated: datetime | None,
    force: bool,
    output: Path,
    as_json: bool,
) -> None:
    """Write what is attached to the order of a region: lists, map, populations, reasons.

    A workbook and a document in French, and the map, of the zones after the proposal, or as they
    are. OUT is the national result. A proposal that breaks a rule is refused without --force.

    \b
    Examples:
      apl region annex zones-2024 --region 53 --proposal bretagne.toml -o annexe-53
      apl region annex zones-2024 --region Corse --points mairies.csv --date 2024-11-20 -o corse
    """
    from ..regional import read_proposal
    from ..reports.annex.content import make_annex
    from ..reports.annex.write import annex_map, write_annex_files
    from ..results.atomic_folder import whole_folder
    from ..results.read import read_result

    with Progress() as progress, whole_folder(output) as draft:
        wanted = read_proposal(proposal) if proposal else None
        progress("reading the result")
        zones = read_result(out)
        content = make_annex(
            zones, region, wanted, title=order_title, dated=dated.date() if dated else None,
            force=force,
        )  # fmt: skip
        progress("drawing the map")
        picture = None if no_map else annex_map(zones, content, points)
        progress("writing workbook and document")
        files = write_annex_files(content, draft, picture)
    if as_json:
        print_json({"region": content.check.region.code, "accepted": content.check.accepted,
                    "folder": str(output), "files": files})  # fmt: skip
    else:
        for text in content.warnings:
            click.echo(text)
        click.echo(f"Written to {output}: {', '.join(files)}")
