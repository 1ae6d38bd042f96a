"""`apl zone`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .import_ import columns_option, moving_options, moving_to, named_columns
from .options import (
    FilledPath,
    Progress,
    fail_cleanly,
    json_option,
    methodology_option,
    output_option,
    print_json,
    replace_option,
)


@click.command("zone")
@click.argument("apl_file", type=FilledPath())
@click.option(
    "--mesh",
    "mesh",
    required=True,
    multiple=True,
    type=FilledPath(),
    help="INSEE's table d'appartenance (repeat for the sheet of arrondissements, or legal "
    "populations), or a communes.parquet of `apl import mesh`.",
)
@output_option
@replace_option
@click.option("--year", type=int, help="Which sheet, where APL_FILE has one a year.")
@click.option("--vintage", type=int, help="Year of the communes of APL_FILE.")
@columns_option
@moving_options
@methodology_option
@json_option
@fail_cleanly
def command(
    apl_file: Path,
    mesh: tuple[Path, ...],
    output: Path,
    replace: bool,
    year: int | None,
    vintage: int | None,
    columns: tuple[str, ...],
    to: int | None,
    movements: Path | None,
    passage: Path | None,
    methodology: str | None,
    as_json: bool,
) -> None:
    """Class territories by an APL that is published, without any practitioner.

    APL_FILE is a workbook or CSV of DREES, of any year, or any table with a commune, its APL,
    its population and its standardised population. Article VI of the text stands beside the
    shares of regions.

    \b
    Examples:
      apl zone apl_2021.csv --mesh appartenance.csv --mesh arrondissements.csv -o zones-2021
      apl zone apl.xlsx --year 2023 --mesh communes.parquet -o zones-2023 \\
          --to 2023 --passage passage.csv
    """
    from ..methodology import DEFAULT, load_methodology
    from ..results.atomic_folder import whole_folder
    from ..results.write import write_files
    from .comparison import comparison
    from .run_output import summary

    named, moving = named_columns(columns), moving_to(to, movements, passage)
    rules = load_methodology(methodology or DEFAULT)
    with Progress() as progress, whole_folder(output, replace=replace) as draft:
        result = _zones(apl_file, mesh, rules, progress, moving=moving, columns=named, year=year,
                        vintage=vintage)  # fmt: skip
        record = write_files(result, draft)
    if as_json:
        print_json(record)
        return
    click.echo(summary(record))
    click.echo("\n" + comparison(record))
    click.echo(f"\nWritten to {output}: communes, territories, regions, record.json")


def _zones(
    apl_file: Path, mesh: tuple[Path, ...], rules: Any, progress: Progress, *,
    moving: Any, **options: Any,
) -> Any:  # fmt: skip
    from ..imports import convert_vintage, import_files, read_communes
    from ..runs.published_apl import zone_published

    progress("reading the mesh")
    communes = read_communes(mesh, rules)
    progress("reading the APL")
    published = import_files("apl", [apl_file], rules, **options)
    if moving:
        published = convert_vintage(published, moving, rules)
    return zone_published(published, communes, rules, on_step=progress)
