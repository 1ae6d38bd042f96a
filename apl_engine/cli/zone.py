"""`apl zone`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .import_ import moving_options, moving_to, urban_units_options, weights_of
from .options import (
    Progress,
    columns_option,
    common_options,
    methodology_option,
    path_argument,
    path_option,
    quiet_option,
    result_options,
    result_written,
    show,
    table_options,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..reports.page import Page
    from ..results.tables import TableFormats
    from .run_output import Record


@click.command("zone")
@path_argument("apl_file")
@path_option(
    "--mesh",
    "mesh",
    required=True,
    multiple=True,
    help="INSEE's table d'appartenance (repeat for the sheet of arrondissements or for legal "
    "populations), or communes.parquet from `apl import mesh`.",
)
@result_options
@click.option("--year", type=int, help="Year of the sheet, if APL_FILE has several.")
@click.option("--vintage", type=int, help="Year of the communes in APL_FILE.")
@columns_option
@urban_units_options
@moving_options
@methodology_option
@quiet_option
@common_options
@table_options
def command(
    apl_file: Path, mesh: tuple[Path, ...], output: Path, replace: bool, year: int | None,
    vintage: int | None, columns: NamedColumns, urban_units: Path | None,
    urban_units_year: int | None, methodology: str | None, formats: TableFormats, as_json: bool,
    **moving: Any,
) -> None:  # fmt: skip
    """Zone territories by a published APL, without data on practitioners.

    APL_FILE is a workbook or CSV of DREES, of any year, or any table of communes with their APL,
    population and standardised population. The shares of regions are compared with those of
    article VI of the text.

    \b
    Examples:
      apl zone apl_2021.csv --mesh appartenance.csv --mesh arrondissements.csv -o zones-2021
      apl zone apl.xlsx --year 2023 --mesh communes.parquet -o zones-2023 \\
          --to 2023 --passage passage.csv
    """
    from ..imports import convert_vintage, import_files, read_communes
    from ..methodology import DEFAULT, load_methodology
    from ..results.atomic_folder import whole_folder
    from ..results.write import write_files
    from ..runs.published_apl import zone_published
    from .run_output import summary

    change = moving_to(columns, **moving)
    rules = load_methodology(methodology or DEFAULT)
    with (
        Progress() as progress,
        whole_folder(output, replace=replace, sources=[apl_file, *mesh]) as draft,
    ):
        progress("reading the mesh")
        communes = read_communes(
            mesh, rules, change, columns=columns, urban_units=urban_units,
            urban_units_year=urban_units_year,
        )  # fmt: skip
        progress("reading the APL")
        published = import_files(
            "apl", [apl_file], rules, columns=columns, year=year, vintage=vintage
        )
        columns.finish(None, "apl zone")
        if change:
            weights = weights_of(communes.tables["communes"])
            published = convert_vintage(published, change, rules, weights=weights)
        result = zone_published(published, communes, rules, on_step=progress)
        record = write_files(result, draft, formats)
    written = result_written(output)
    show(record, lambda: _page(summary(record), record), as_json=as_json, written=written)


def _page(page: Page, record: Record) -> Page:
    """Add the shares that the text publishes for each region, if it does."""
    from ..reports.page import Column

    rows = record["article_vi"]
    if not rows:
        return page
    zones = list(dict.fromkeys(row["zone"] for row in rows))
    labels = {zone["zone"]: zone["label"] for zone in record["zones"]}
    regions: dict[str, list[str]] = {}
    for row in rows:
        regions.setdefault(row["region_name"], []).append(_compared(row, "difference"))
        if row["corrected"] is not None:
            name = f"{row['region_name']}, corrected"
            regions.setdefault(name, []).append(_compared(row, "corrected_difference"))
    means = (mean_absolute_difference(rows, zone) for zone in zones)
    page.section("Computed share, %, and its difference to the table of article VI, points")
    page.table(
        ["", *(Column(labels.get(zone, zone), 2, right=True) for zone in zones)],
        [(name, *cells) for name, cells in regions.items()],
        total=("mean absolute difference", *means),
    )
    published = next(
        parameter["value"]
        for parameter in record["methodology"]["parameters"]
        if parameter["key"] == "regional.published_shares"
    )
    page.bullets(
        f"{row['name']} is corrected: {row['misprint']['reason']}"
        for row in published
        if row.get("misprint")
    )
    return page


def _compared(row: Record, difference: str) -> str:
    """Return a share and its difference to a published one."""
    return "-" if row["share"] is None else f"{row['share']:.1f} ({row[difference]:+.1f})"


def mean_absolute_difference(rows: Sequence[Record], zone: str) -> float | None:
    """Return the mean distance of computed shares from published ones.

    Parameters
    ----------
    rows : sequence of mapping
        The ``article_vi`` of a record.
    zone : str
        Id of the class.

    Returns
    -------
    float or None
        Percentage points, of misprinted rows as corrected. The country, and regions whose zone is
        imposed by the text, are left out.
    """
    imposed = {"FR"} | {
        row["region"] for row in rows if row["published"] == 100 and row["share"] in (None, 100)
    }
    differences = [
        row["difference"] if row.get("corrected") is None else row["corrected_difference"]
        for row in rows
        if row["zone"] == zone and row["region"] not in imposed and row["difference"] is not None
    ]
    return sum(map(abs, differences)) / len(differences) if differences else None
