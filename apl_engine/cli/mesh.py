"""`apl mesh`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..reports.page import Column, Page
from .import_ import import_page, moving_options, moving_to, urban_units_options
from .options import (
    Progress,
    columns_option,
    common_options,
    methodology_option,
    path_argument,
    path_option,
    quiet_option,
    replace_option,
    show,
    table_options,
)
from .run_output import number

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..results.tables import TableFormats

_KINDS = {
    "bassin_de_vie": "bassins de vie",
    "canton_ou_ville": "cantons-ou-villes",
    "commune": "communes without a canton",
    "arrondissement": "arrondissements municipaux",
}
_SHOWN = 20


@click.command("mesh")
@path_argument("files", nargs=-1, required=True)
@path_option("-o", "--output", help="A .parquet, .csv or .xlsx file for the communes.")
@replace_option
@path_option("--against", help="The communes of an earlier mesh (.parquet or .csv), to compare.")
@click.option("--vintage", type=int, help="Year of the communes of --against.")
@moving_options
@columns_option
@urban_units_options
@methodology_option
@quiet_option
@common_options
@table_options
def command(
    files: tuple[Path, ...], output: Path | None, replace: bool, against: Path | None,
    vintage: int | None, urban_units: Path | None, urban_units_year: int | None,
    columns: NamedColumns, methodology: str | None, formats: TableFormats, as_json: bool,
    **moving: Any,
) -> None:  # fmt: skip
    """Build the territories of the annexe, II, or compare two meshes.

    FILES are INSEE's table d'appartenance with its sheet of arrondissements, and legal
    populations if the table has none; or the communes of an existing mesh, .parquet or .csv.

    \b
    Examples:
      apl mesh appartenance.csv arrondissements.csv -o communes.parquet
      apl mesh appartenance.csv --urban-units unites_urbaines.csv --urban-units-year 2017
      apl mesh communes-2024.parquet --against communes-2023.parquet \\
          --vintage 2023 --to 2024 --movements v_mvt_commune_2024.csv
    """
    from ..imports import read_communes
    from ..methodology import DEFAULT, load_methodology
    from ..results.tables import refuse_tables, write_table

    if vintage is not None and not against:
        raise click.UsageError("--vintage is the year of --against, which is not given.")
    if output:
        refuse_tables(output, formats, replace=replace)
    elif formats.given:
        raise click.UsageError("--csv and --xlsx need -o.")
    rules, written = load_methodology(methodology or DEFAULT), ""
    change = moving_to(columns, **moving)
    with Progress() as progress:
        progress("building the mesh")
        imported = read_communes(
            files, rules, change, columns=columns, urban_units=urban_units,
            urban_units_year=urban_units_year,
        )  # fmt: skip
        communes = imported.tables["communes"]
        document = {**imported.as_dict(), "territories": _count_by_kind(communes)}
        if against:
            earlier = read_communes([against], rules, columns=columns).tables["communes"]
            document["changes"] = _changes(earlier, communes, vintage, change)
        columns.finish(None, ", ".join(path.name for path in files))
        if output:
            made = write_table(communes, output, formats, replace=replace)
            written = f"{', '.join(map(str, made))} ({number(communes.height)} communes)"
    show(document, lambda: _page(document, imported), as_json=as_json, written=written)


def _count_by_kind(communes: Any) -> dict[str, int]:
    territories = communes.unique("territory")
    if "territory_kind" not in communes.columns:
        return {"territories": territories.height}
    return dict(territories.group_by("territory_kind").len().sort("territory_kind").iter_rows())


def _changes(earlier: Any, later: Any, vintage: int | None, moving: Any) -> dict[str, Any]:
    from ..geography.mesh.build import Mesh, aggregate_communes
    from ..geography.mesh.diff import diff_meshes

    if moving and vintage is None:
        raise click.UsageError("--movements and --passage need --vintage, the year of --against.")
    passage = moving.passage_from(vintage) if moving else None
    before, after = (Mesh(table, aggregate_communes(table), ()) for table in (earlier, later))
    diff = diff_meshes(before, after, passage)
    return {
        "counts": diff.counts(),
        "territories": diff.territories.to_dicts(),
        "communes": diff.communes.to_dicts(),
    }


def _page(document: dict[str, Any], imported: Any) -> Page:
    page = import_page(imported)
    counts = document["territories"]
    page.table(
        [Column(decimals=0), ""],
        [(count, _KINDS.get(kind, kind)) for kind, count in counts.items()],
        total=(sum(counts.values()), "territories"),
    )
    if changes := document.get("changes"):
        kinds = ", ".join(f"{count} {change}" for change, count in changes["counts"].items())
        page.paragraph(f"Changes: {kinds or 'none'}; {len(changes['communes'])} communes moved")
        page.table(
            ["territory", "", "change", Column("communes", 0, sign=True), Column("", 0, sign=True)],
            [
                (row["territory"], row["name_after"] or row["name_before"], row["change"],
                 row["communes_gained"], -row["communes_lost"])
                for row in changes["territories"]
            ],
            limit=_SHOWN,
            rest="with --json",
        )  # fmt: skip
    return page
