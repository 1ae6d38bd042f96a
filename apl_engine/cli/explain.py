"""`apl explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import Note
from .options import (
    Progress,
    cluster_option,
    columns_option,
    common_options,
    internal_option,
    is_quiet,
    lang_option,
    network_option,
    path_argument,
    path_option,
    quiet_option,
    refuse_exact,
    say,
    show,
    show_notes,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..method.result import Zoning
    from ..reports.page import Language, Page
    from ..results.lookup import Became, Place


@click.command("explain")
@path_argument("output", metavar="OUT")
@click.argument("place")
@click.option("--commune", "kind", flag_value="commune", help="PLACE is a commune.")
@click.option("--territory", "kind", flag_value="territory", help="PLACE is a territory.")
@path_option(
    "--inputs",
    help="Tables or run file of the result. Default: those that its record names. Most of the page "
    "needs travel times only.",
)
@network_option
@columns_option
@click.option("--at", metavar="COMMUNE", help="Commune of the territory whose ETP is changed.")
@lang_option("page")
@click.option(
    "--digits",
    type=click.IntRange(0, 6),
    default=2,
    show_default=True,
    help="Decimals of the page; --json has them all.",
)
@click.option("--markdown", is_flag=True, help="Print Markdown, for a letter.")
@click.option("--no-readings", is_flag=True, help="Do not try other readings of the text.")
@internal_option
@path_option("--passage", help="INSEE's table de passage, for codes of other years.")
@path_option("--movements", help="INSEE's events of communes, instead.")
@click.option("--to", type=int, help="Year of the communes of OUT, if its record has none.")
@cluster_option
@quiet_option
@common_options
def command(
    output: Path, place: str, lang: Language, digits: int, markdown: bool,
    no_readings: bool, internal: bool, passage: Path | None, movements: Path | None, to: int | None,
    columns: NamedColumns, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Explain the APL and the zone of a commune or a territory.

    OUT is a result of `apl run` or `apl zone`, PLACE the code or the name of one of its communes
    or territories; "Saint-Denis (93)" distinguishes homonyms by departement. The page shows which
    communes supply it and how much, where its demand goes, its population by age, its rank, its
    distance to each other zone in APL and ETP, and which other readings of the text would change
    its zone.

    \b
    Examples:
      apl explain zones-2024 53130
      apl explain zones-2024-public 5399 --lang fr --markdown > lettre.md
      apl explain zones-2024 53130 --network my.aplnet --json
      apl explain zones-2024 "Paris 11e"
      apl explain zones-2024 53130 --at 53130
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
        # The terminal shows what the folder holds; a letter leaves the house.
        marked = refuse_exact(zones, internal=internal or not markdown) and markdown
        explanation = explain(
            zones,
            place,
            readings=not no_readings,
            became=_became(passage, movements, to, zones, columns),
            columns=columns,
            on_step=progress,
            **options,
        )

        columns.finish(None, "apl explain")
    if explanation.place.also and not is_quiet():
        say(f"Note: {_others(place, explanation.place)}", err=True)

    def page() -> Page:
        return explanation_page(explanation, lang, digits=digits, internal=marked)

    if markdown:
        say(page().markdown(), nl=False)
    else:
        show(explanation.as_dict(), page, as_json=as_json)


def _others(text: str, place: Place) -> Note:
    """Return what else than a place a text may mean."""
    details = {"text": text, "kind": place.kind, "code": place.code, "name": place.name}
    return Note("lookup.also", details={**details, "also": place.also})


def _became(
    passage: Path | None,
    movements: Path | None,
    to: int | None,
    zones: Zoning,
    columns: NamedColumns,
) -> Became | None:
    """Return how codes of other years are followed, if a file was given for it."""
    if passage is None and movements is None:
        return None
    from ..imports import VintageChange
    from ..results.lookup import latest_vintage

    year = to or latest_vintage(zones)
    if year is None:
        raise click.UsageError("--movements and --passage need --to YEAR: the record has none.")
    change = VintageChange.by(year, movements, passage, columns=columns)
    show_notes(change.notes)
    return change.became
