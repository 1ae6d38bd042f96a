"""The options of commands that draw or write outlines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import combined, path_option, show_notes

if TYPE_CHECKING:
    from ..geography.boundaries import Boundaries
    from ..inputs.named_columns import NamedColumns
    from ..results.read import StoredResult

boundaries_options = combined(
    path_option(
        "--boundaries",
        help="GeoJSON, GeoParquet or GeoPackage file (or FILE.gpkg/LAYER) of communes or "
        "territories. Default: the outlines of the package, if they have every commune; otherwise "
        "cells around the points of the inputs.",
    ),
    path_option("--passage", help="INSEE's table de passage, if the outlines are of another year."),
    path_option("--movements", help="INSEE's events of communes, instead."),
    click.option(
        "--vintage",
        type=click.IntRange(1900, 2199),
        help="Year of the communes of --boundaries. Default: the latest that its codes fit.",
    ),
)


def chosen_boundaries(
    zones: StoredResult,
    boundaries: Path | None,
    passage: Path | None,
    movements: Path | None,
    vintage: int | None,
    columns: NamedColumns | None = None,
    *,
    around: bool = False,
) -> Boundaries:
    """Return the outlines that the options name, and print what was mended in them.

    With `around` they include those of other communes.
    """
    change = None
    if passage is not None or movements is not None:
        from ..imports import VintageChange

        change = VintageChange.by(0, movements, passage, columns=columns)
        show_notes(change.notes)
    elif vintage is not None:
        raise click.UsageError("--vintage needs --passage or --movements.")
    from ..reports.boundaries import boundaries_of

    found = boundaries_of(
        zones, boundaries, change=change, vintage=vintage, columns=columns, around=around
    )
    show_notes(found.notes)
    return found
