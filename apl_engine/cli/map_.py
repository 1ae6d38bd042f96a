"""`apl map`."""

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
    replace_option,
    say,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..reports.maps.content import Layer, Level
    from ..reports.page import Language

_PAPER = {"a5": (210.0, 148.0), "a4": (297.0, 210.0), "a3": (420.0, 297.0), "a2": (594.0, 420.0)}


def _size(
    _context: click.Context, _option: click.Parameter, given: str | None
) -> tuple[float, float] | None:
    """Parse the width and height of a picture, mm."""
    if given is None:
        return None
    text = given.strip().lower()
    if text in _PAPER:
        return _PAPER[text]
    if text.removesuffix("-portrait") in _PAPER:
        wide, high = _PAPER[text.removesuffix("-portrait")]
        return high, wide
    try:
        wide, high = (float(part) for part in text.split("x"))
    except ValueError:
        raise click.BadParameter(
            f"'{given}' is no size: write a paper such as A4 or A4-portrait, or WIDTHxHEIGHT in "
            "millimetres, such as 160x120."
        ) from None
    return wide, high


@click.command("map")
@path_argument("out")
@path_option("-o", "--output", required=True, help="The .png, .svg or .pdf file to write.")
@click.option("--region", metavar="CODE|NAME", help="Draw one region and what lies around it.")
@click.option(
    "--layer",
    type=click.Choice(["zone", "apl", "change"]),
    default="zone",
    show_default=True,
    help="What is shown: zones, the APL in even steps, or changes of zone since --before.",
)
@path_option("--before", help="The other result, for --layer change.")
@boundaries_options
@click.option(
    "--level",
    type=click.Choice(["territories", "communes"]),
    default="territories",
    show_default=True,
    help="Whose APL is shown, and what thin lines separate.",
)
@click.option(
    "--lang", type=click.Choice(["fr", "en"]), default="fr", show_default=True,
    help="Language of the map.",
)  # fmt: skip
@click.option("--title", help="Title of the map. Default: that of the profession.")
@click.option(
    "--date",
    "dated",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Date to write below the title, such as 2024-11-20.",
)
@click.option(
    "--size",
    callback=_size,
    metavar="SIZE",
    help="A5, A4, A3 or A2, each also with -portrait; or WIDTHxHEIGHT in millimetres. Default: A4.",
)
@internal_option
@columns_option
@replace_option
@quiet_option
@common_options
def command(
    out: Path, output: Path, region: str | None, layer: Layer, before: Path | None,
    level: Level, lang: Language, title: str | None,
    dated: datetime | None, size: tuple[float, float] | None, internal: bool, replace: bool,
    boundaries: Path | None, passage: Path | None, movements: Path | None, vintage: int | None,
    columns: NamedColumns, as_json: bool,
) -> None:  # fmt: skip
    """Draw the zones as a picture: all of France or a region.

    OUT is the publication of a result (see `apl publish`), a result of `apl zone`; or, with
    --internal, an exact result. Overseas and the great cities are shown enlarged; the surroundings
    of a region are grey. The picture states its sources, that sample data are fictitious, and
    that an exact result must not be passed on.

    \b
    Examples:
      apl map zones-2024-public -o zones.png
      apl map zones-2024-public --region 52 --layer apl --level communes -o apl-52.pdf
      apl map zones-2024-public --layer change --before zones-2023-public -o change.svg
    """
    from ..results.libraries import require_libraries

    # Before the modules that draw, which import it.
    require_libraries("matplotlib", extra="maps")
    from ..reports.maps.map import ENDINGS, draw_map
    from ..results.atomic_file import refuse_taken
    from ..results.read import read_result

    if (layer == "change") != (before is not None):
        raise click.UsageError("--layer change and --before need each other.")
    refuse_taken(output, replace, ENDINGS)
    with Progress() as progress:
        progress("reading the result")
        zones = read_result(out)
        earlier = read_result(before) if before else None
        exact = [refuse_exact(one, internal=internal) for one in (zones, earlier) if one]
        progress("reading the outlines")
        outlines = chosen_boundaries(
            zones, boundaries, passage, movements, vintage, columns, around=True
        )
        columns.finish(None, boundaries.name if boundaries else "the outlines of the package")
        progress("drawing the map")
        drawn = draw_map(
            zones, output, region=region, layer=layer, before=earlier, boundaries=outlines,
            level=level, lang=lang, title=title, dated=dated.date() if dated else None, size=size,
            internal=any(exact), replace=replace,
        )  # fmt: skip
    if as_json:
        print_json({"file": str(output), "layer": layer, "level": level, **drawn.as_dict()})
    elif not is_quiet():
        for text in drawn.sheet.warnings:
            say(text)
        say(f"Written to {output}")
