"""`apl export`."""

from __future__ import annotations

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
    say,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..reports.geodata import Format, Level


@click.command("export")
@path_argument("out")
@path_option("--geojson", help="GeoJSON file, always in WGS 84: .geojson or .json.")
@path_option("--geoparquet", help="GeoParquet file: .parquet or .geoparquet.")
@path_option("--gpkg", help="GeoPackage file: .gpkg.")
@click.option(
    "--level",
    type=click.Choice(["communes", "territories"]),
    default="communes",
    show_default=True,
    help="What a shape is.",
)
@click.option(
    "--crs",
    default="EPSG:4326",
    show_default=True,
    help="Projection of GeoParquet and GeoPackage, such as EPSG:2154.",
)
@click.option("--replace", is_flag=True, help="Replace files that exist.")
@boundaries_options
@columns_option
@internal_option
@quiet_option
@common_options
def command(
    out: Path, geojson: Path | None, geoparquet: Path | None, gpkg: Path | None, level: Level,
    crs: str, replace: bool, boundaries: Path | None, passage: Path | None, movements: Path | None,
    vintage: int | None, columns: NamedColumns, internal: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write zones with their outlines, for QGIS and other geographic information systems.

    Each shape has the columns of the table of the result, with the French label of its zone beside
    its id. OUT is a publication (see `apl publish`) or zones of a published APL; with --internal,
    an exact result, whose files must not be passed on. Several formats may be written at once.

    \b
    Examples:
      apl export zones-2024-public --gpkg communes-2024.gpkg
      apl export zones-2024-public --level territories --geojson territoires.geojson
      apl export zones-2024 --internal --gpkg internal.gpkg --crs EPSG:2154
      apl export zones-2021-public --boundaries communes-2021.gpkg --geoparquet zones.parquet
    """
    from ..reports.geodata import WGS_84, refuse_geodata, write_geodata
    from ..results.read import read_result

    given: dict[Format, Path | None] = {
        "geojson": geojson, "geoparquet": geoparquet, "gpkg": gpkg
    }  # fmt: skip
    files: dict[Format, Path] = {kind: path for kind, path in given.items() if path is not None}
    if not files:
        raise click.UsageError("Give one or more of --geojson, --geoparquet and --gpkg.")
    if crs != WGS_84 and set(files) == {"geojson"}:
        raise click.UsageError("--crs needs --geoparquet or --gpkg: GeoJSON is always in WGS 84.")
    refuse_geodata(files, level=level, replace=replace)
    with Progress() as progress:
        progress("reading the result")
        zones = read_result(out)
        marked = refuse_exact(zones, internal=internal)
        progress("reading the outlines")
        outlines = chosen_boundaries(zones, boundaries, passage, movements, vintage, columns)
        columns.finish(None, "apl export")
        progress("writing the files")
        counts = write_geodata(zones, outlines, files, level=level, crs=crs, replace=replace)
    names = [str(path) for path in files.values()]
    if as_json:
        about = {"source": outlines.source, "approximate": outlines.approximate}
        print_json({"files": names, "level": level, "internal": marked, **counts, **about})
    elif not is_quiet():
        say(f"Written to {', '.join(names)}: {counts['rows']} {level}")
        say(f"Outlines: {outlines.source}{' (approximate cells)' if outlines.approximate else ''}")
        if counts["without_outline"]:
            say(f"Without an outline: {counts['without_outline']}")
        if marked:
            say("These files hold exact figures and must not be passed on.")
