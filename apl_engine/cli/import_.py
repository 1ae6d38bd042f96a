"""`apl import`: publishers' files to the tables of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..reports.page import Page
from .options import (
    Command,
    Progress,
    cluster_option,
    columns_option,
    combined,
    common_options,
    folder_option,
    is_quiet,
    methodology_option,
    pairs,
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

moving_options = combined(
    click.option("--to", type=int, help="Year of the communes to convert everything to."),
    path_option("--movements", help="INSEE's events of communes, v_mvt_commune."),
    path_option("--passage", help="INSEE's table de passage."),
)


def moving_to(
    columns: NamedColumns, to: int | None, movements: Path | None, passage: Path | None
) -> Any:
    """Return how communes are followed, None if they are left as they are."""
    if to is None and not movements and not passage:
        return None
    if to is None:
        raise click.UsageError("--movements and --passage need --to YEAR.")
    from ..imports import VintageChange

    return VintageChange.by(to, movements, passage, columns=columns)


urban_units_options = combined(
    path_option(
        "--urban-units",
        help="Inhabitants of urban units in another census, which decide the bassins de vie to "
        "divide (UU2020, PMUN17); by default, those of the communes.",
    ),
    click.option(
        "--urban-units-year",
        type=int,
        help="Year of that census, if the file has several or does not state it.",
    ),
)


def _import_options(
    *own: Callable[..., Any], converted: bool = True
) -> Callable[[Command], Command]:
    """Return the options of an import, its own first; those of a conversion if it has codes."""
    return combined(
        path_argument("files", nargs=-1, required=True),
        *own,
        columns_option,
        folder_option(
            "-o",
            "--output",
            required=True,
            help="Folder of inputs, for `apl run`: new, or with tables of other imports.",
        ),
        replace_option,
        click.option("--vintage", type=int, help="Year of the communes of these files."),
        *((moving_options, methodology_option) if converted else ()),
        quiet_option,
        common_options,
        table_options,
    )


_year_of_sheets_option = click.option(
    "--year", type=int, help="Year of the sheets, if a workbook has several."
)


@click.group("import")
def command() -> None:
    """Turn publishers' files, as they are, into tables for `apl run`.

    Formats are recognised by content, not by name: CSV of any separator and encoding, plain or
    gz, workbooks, Parquet. What was recognised, dropped or repaired is printed, and recorded in
    imports.json beside the tables. These are Parquet, with --csv CSV in its place; `apl run` reads
    either, and no workbook of --xlsx.

    \b
    Examples:
      apl import mesh table-appartenance-geo-communes-2023.xlsx populations.csv -o inputs
      apl import population BTT_TD_POP1B_2020.csv BTT_TD_POP1B_2020_976.csv -o inputs
      apl import distancier metric.csv.gz -o inputs
      apl import activity prestations/ --register fnps.csv -o inputs
      apl run inputs -o zones
    """


@command.command("mesh")
@_import_options(urban_units_options)
def mesh(**options: Any) -> None:
    """Build communes and territories (annexe II) from INSEE's table d'appartenance.

    FILES are the workbook or its sheets as CSV, and legal populations if the table has none.
    Legal populations of another year are converted to the communes of the table by --movements or
    --passage; --vintage is that of the table.

    \b
    Examples:
      apl import mesh appartenance.xlsx populations.csv -o inputs
      apl import mesh appartenance.xlsx populations.csv -o inputs \\
          --urban-units unites_urbaines.csv --urban-units-year 2017
      apl import mesh table-appartenance-geo-communes-2023.xlsx populations-2019.csv \\
          --to 2023 --movements v_mvt_commune_2024.csv -o inputs
    """
    _import("mesh", **options)


@command.command("population")
@_import_options(_year_of_sheets_option)
def population(**options: Any) -> None:
    """Read inhabitants by age band from POP1B of INSEE, wide or long, or any table of bands."""
    _import("population", **options)


@command.command("distancier")
@_import_options(
    click.option(
        "--unit",
        type=click.Choice(["auto", "minutes", "hours", "seconds"]),
        default="auto",
        show_default=True,
        help="Unit of the times.",
    ),
    click.option(
        "--period",
        type=click.Choice(["off_peak", "peak", "mean", "max"]),
        default="off_peak",
        show_default=True,
        help="Which times, if the file has both.",
    ),
)
def distancier(**options: Any) -> None:
    """Keep the travel times within reach of METRIC or any other distancier.

    If the folder of -o holds communes already, codes are checked against them.
    """
    _import("distancier", **options)


@command.command("activity")
@_import_options(
    path_option("--register", required=True, help="Register of practitioners (FNPS)."),
    click.option(
        "--year",
        type=int,
        help="Year of the activity, of installations and of the reference day of ages; by default "
        "that of the methodology.",
    ),
    click.option(
        "--keep",
        multiple=True,
        metavar="OURS=VALUE",
        help="Keep the rows with this value, such as profession=26; repeatable, * keeps all.",
    ),
    cluster_option,
)
def activity(**options: Any) -> None:
    """Aggregate practitioners and consumption from prestations and the register of practitioners.

    FILES are files or folders of prestations, larger than memory if need be: Parquet, Arrow IPC or
    CSV. No identifier is printed or recorded in imports.json; the table practitioners holds those
    of the register.

    \b
    Columns, with the name in the SNDS that is taken as well; --column maps others:
      prestations
        practitioner_id  PFS_EXE_NUM  coded as in the register
        commune                       INSEE code of the commune of the practice
        month            EXE_SOI_DTD  date, 2022-03, 2022-03-15, 202203, 20220315
        year                          optional: 2022; month is then 1 to 12
        age                           of the patient: completed years, or 30-34
        acts                          number of acts, not of coefficients
        fees             PRS_PAI_MNT  EUR
        profession       PSE_ACT_NAT  optional, needs --keep acts_profession=VALUE
        kind             PRS_NAT_REF  optional, needs --keep kind=VALUE
      register
        practitioner_id  PFS_PFS_NUM  --column register_id=NAME
        birth_date                    date, 1980-12-31, 19801231, 1980-12, 1980
        age                           in its place: --column practitioner_age=NAME
        installation_date             alike, or empty
        newly_installed               in its place: true or false, 1 or 0, oui or non
        commune                       optional: --column practice_commune=NAME
        end_date                      optional: date on which practice ended, or empty
        profession                    optional, needs --keep profession=VALUE
        practice_mode                 optional, needs --keep practice_mode=VALUE

    The rows must be those of self-employed physiotherapists alone.

    With --cluster, each worker adds up some of the files, which it must reach by the same paths.

    \b
    Example:
      apl import activity prestations/ --register fnps.csv -o inputs \\
        --column acts=PRS_ACT_QTE --column register_id=IDENTIFIANT_PS \\
        --keep acts_profession=26
    """
    _import("activity", **options)


@command.command("territories")
@_import_options(converted=False)
def territories(**options: Any) -> None:
    """Read communes by territory from CNAM, DREES or a regional agency."""
    _import("territories", **options)


@command.command("zoning")
@_import_options()
def zoning(**options: Any) -> None:
    """Read the classes that the agencies have given, for `apl compare --official`.

    FILES is a list by commune as CartoSanté exports it, or one of an agency by commune or
    territory. Communes that still have a class of an earlier order are named, and left without.

    \b
    Example:
      apl import zoning zonage-kines.csv -o official
      apl compare zones --official official
    """
    _import("zoning", **options)


@command.command("apl")
@_import_options(_year_of_sheets_option)
def apl(**options: Any) -> None:
    """Read an APL that DREES has published, for `apl zone`."""
    _import("apl", **options)


def _import(
    kind: str, *, files: tuple[Path, ...], output: Path, replace: bool, formats: TableFormats,
    as_json: bool, columns: NamedColumns, methodology: str | None = None, to: int | None = None,
    movements: Path | None = None, passage: Path | None = None, **options: Any,
) -> None:  # fmt: skip
    """Read, convert to one vintage, write, and print what was done."""
    from ..imports import TABLES, communes_in, convert_vintage, import_files
    from ..methodology import DEFAULT, load_methodology
    from ..reports.inputs import refuse_occupied

    refuse_occupied(output, sorted(TABLES[kind]), replace)
    moving = moving_to(columns, to, movements, passage)
    options = {name: value for name, value in options.items() if value is not None}
    options["columns"] = columns.rest()
    if "keep" in options:
        options["keep"] = pairs("--keep", options["keep"], "OURS=VALUE, such as profession=26")
    with Progress() as progress:
        progress(f"reading {kind}")
        known = communes_in(output)
        if kind == "distancier" and known is not None and not moving:
            options["communes"] = known["commune"]
        if kind == "mesh":
            options["change"] = moving
        if kind == "activity":
            options["on_step"] = progress
        rules = load_methodology(methodology or DEFAULT)
        made = import_files(kind, files, rules, **options)
        if moving:
            progress(f"converting it to the communes of {moving.to}")
            made = convert_vintage(made, moving, rules, weights=weights_of(known))
        show_import(made, output, formats, replace, as_json, progress)


def show_import(
    made: Any,
    output: Path,
    formats: TableFormats,
    replace: bool,
    as_json: bool,
    progress: Progress,
) -> None:
    """Write the tables of an import; print what was recognised, dropped and repaired."""
    from ..reports.inputs import write_inputs

    progress("writing")
    written = write_inputs(made, output, replace=replace, formats=formats)
    progress.end()
    files = (
        f"{path} ({number(made.tables[name].height)} rows)"
        for name, path in zip(made.tables, written, strict=True)
    )
    show(made.as_dict(), lambda: import_page(made), as_json=as_json, written=", ".join(files))


def import_page(made: Any) -> Page:
    """Return what was recognised, dropped and repaired in an import."""
    page = Page(f"Recognised: {made.recognised}")
    if made.vintage:
        page.paragraph(f"Communes of {made.vintage}")
    if not is_quiet():
        page.bullets(f"{'Warning: ' if note.warning else ''}{note}" for note in made.notes)
    return page


def weights_of(known: Any) -> Any:
    """Return the communes that tell how a split one is shared; None if their people are unknown."""
    whole = known is not None and "population" in known.columns
    return known.select("commune", "name", "population") if whole else None
