"""`apl explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .options import (
    FilledPath,
    Progress,
    fail_cleanly,
    json_option,
    min_practitioners_option,
    network_option,
    print_json,
)

if TYPE_CHECKING:
    from ..method.result import Zoning
    from ..results.lookup import Became


@click.command("explain")
@click.argument("output", type=FilledPath(), metavar="OUT")
@click.argument("code")
@click.option("--commune", "kind", flag_value="commune", help="CODE is that of a commune.")
@click.option("--territory", "kind", flag_value="territory", help="CODE is that of a territory.")
@click.option(
    "--inputs",
    type=FilledPath(),
    help="Tables or run file of the result; by default where they lay beside it. Travel times are "
    "enough for most of it.",
)
@network_option
@click.option("--at", metavar="COMMUNE", help="Where in the territory ETP is added or taken away.")
@click.option("--lang", type=click.Choice(["en", "fr"]), default="en", help="Language of the page.")
@click.option("--markdown", is_flag=True, help="Write Markdown, fit for a letter.")
@click.option("--no-readings", is_flag=True, help="Do not try other readings of the text.")
@min_practitioners_option
@click.option("--passage", type=FilledPath(), help="INSEE's table de passage, to follow old codes.")
@click.option("--movements", type=FilledPath(), help="INSEE's events of communes, likewise.")
@click.option("--to", type=int, help="Year of the communes of OUT, where its inputs do not tell.")
@json_option
@fail_cleanly
def command(
    output: Path,
    code: str,
    kind: Literal["commune", "territory"] | None,
    inputs: Path | None,
    network: Path | None,
    at: str | None,
    lang: Literal["en", "fr"],
    markdown: bool,
    no_readings: bool,
    min_practitioners: int | None,
    passage: Path | None,
    movements: Path | None,
    to: int | None,
    as_json: bool,
) -> None:
    """Explain the APL and the zone of a commune or a territory.

    OUT is a folder that `apl run` or `apl zone` wrote, CODE one of its communes or territories.
    Tells which communes supply it and by how much, where its demand goes, its people by age, its
    rank, how far it is from each other zone in APL and in ETP, and which other readings of the
    text would change its zone.

    \b
    Examples:
      apl explain zones-2024 53130
      apl explain zones-2024 5301 --lang fr --markdown > lettre.md
      apl explain zones-2024 53130 --network france.aplnet --json
      apl explain zones-2024 53130 --at 53130
      apl explain zones-2024 53130 --min-practitioners 5 --lang fr --markdown
    """
    from ..explanation import explain
    from ..reports.explanation import explanation_page
    from ..results.read import read_result

    if as_json and markdown:
        raise click.UsageError("Give --json or --markdown, not both.")
    if to is not None and passage is None and movements is None:
        raise click.UsageError("--to needs --passage or --movements.")
    with Progress() as progress:
        progress("reading the result")
        zones = read_result(output)
        told = explain(
            zones,
            code.strip(),
            kind=kind,
            inputs=inputs,
            network=network,
            at=at,
            readings=not no_readings,
            min_practitioners=min_practitioners,
            became=_became(passage, movements, to, zones),
            on_step=progress,
        )
    if as_json:
        print_json(told.as_dict())
        return
    page = explanation_page(told, lang, at=at)
    click.echo(page.markdown() if markdown else page.text(), nl=not markdown)


def _became(
    passage: Path | None, movements: Path | None, to: int | None, zones: Zoning
) -> Became | None:
    """Return what codes of other years became, where a file tells."""
    if passage is None and movements is None:
        return None
    from ..imports import VintageChange
    from ..results.lookup import latest_vintage

    year = to or latest_vintage(zones)
    if year is None:
        raise click.UsageError("--movements and --passage need --to YEAR: the result tells none.")
    return VintageChange.by(year, movements, passage).became
