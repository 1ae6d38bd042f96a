"""`apl import`: publishers' files to tables of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from .options import FilledPath, Progress, fail_cleanly, json_option, methodology_option, print_json

F = TypeVar("F", bound=Callable[..., Any])


def moving_options(command: F) -> F:
    """Add the options that bring codes of communes to another year."""
    for option in (
        click.option("--passage", type=FilledPath(), help="INSEE's table de passage."),
        click.option(
            "--movements", type=FilledPath(), help="INSEE's events of communes, v_mvt_commune."
        ),
        click.option("--to", type=int, help="Year of the communes to bring everything to."),
    ):
        command = option(command)
    return command


def moving_to(to: int | None, movements: Path | None, passage: Path | None) -> Any:
    """Return how communes are followed, None where they are left as they are."""
    if to is None and not movements and not passage:
        return None
    if to is None:
        raise click.UsageError("--movements and --passage need --to YEAR.")
    from ..imports import VintageChange

    return VintageChange.by(to, movements, passage)


def _import_options(command: F) -> F:
    """Add what every kind of import takes."""
    for option in (
        fail_cleanly,
        json_option,
        methodology_option,
        moving_options,
        click.option("--vintage", type=int, help="Year of the communes of these files."),
        click.option("--replace", is_flag=True, help="Replace tables of an earlier import."),
        click.option(
            "-o", "--output", required=True, type=FilledPath(),
            help="Folder of inputs, for `apl run`: new, or with tables of other imports.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


_files = click.argument("files", nargs=-1, required=True, type=FilledPath())
columns_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="OURS=THEIRS",
    help="Name a column that is not recognised, such as minutes=temps_hc; repeat.",
)


@click.group("import")
def command() -> None:
    """Turn publishers' files, as they are, into tables for `apl run`.

    Files are told by what they hold, whatever their names: CSV of any separator and encoding,
    plain or gz, workbooks, Parquet. What was recognised, dropped or repaired is printed, and
    kept in imports.json beside the tables.

    \b
    Examples:
      apl import mesh table-appartenance-geo-communes-2023.xlsx populations.csv -o inputs
      apl import population BTT_TD_POP1B_2020.csv BTT_TD_POP1B_2020_976.csv -o inputs
      apl import distancier metric.csv.gz -o inputs
      apl import activity prestations/ --register fnps.csv -o inputs
      apl run inputs -o zones
    """


@command.command("mesh")
@_files
@columns_option
@_import_options
def mesh(**options: Any) -> None:
    """Draw communes and territories (annexe II) from INSEE's table d'appartenance.

    FILES are the workbook or its sheets as CSV, and legal populations where the table has none.
    """
    _import("mesh", **options)


@command.command("population")
@_files
@columns_option
@click.option("--year", type=int, help="Which sheets, where a workbook has several years.")
@_import_options
def population(**options: Any) -> None:
    """Read inhabitants by age band from POP1B of INSEE, wide or long, or any table of bands."""
    _import("population", **options)


@command.command("distancier")
@_files
@click.option("--unit", type=click.Choice(["auto", "minutes", "hours", "seconds"]), default="auto",
              show_default=True, help="Unit of the times.")  # fmt: skip
@click.option(
    "--period",
    type=click.Choice(["off_peak", "peak", "mean", "max"]),
    default="off_peak",
    show_default=True,
    help="Which times, where the file has both.",
)
@columns_option
@_import_options
def distancier(**options: Any) -> None:
    """Keep the travel times within reach of METRIC or any other distancier.

    Where the folder of -o holds communes already, codes are checked against them.
    """
    _import("distancier", **options)


@command.command("activity")
@_files
@click.option(
    "--register", required=True, type=FilledPath(), help="Register of practitioners (FNPS)."
)
@click.option("--year", type=int, help="Year of the activity; by default that of the methodology.")
@columns_option
@_import_options
def activity(**options: Any) -> None:
    """Add up practitioners and consumption from prestations and the register of practitioners.

    FILES are files or folders of prestations, larger than memory if need be. No identifier is
    printed or kept in imports.json; the table practitioners holds those of the register.
    """
    _import("activity", **options)


@command.command("territories")
@_files
@columns_option
@_import_options
def territories(**options: Any) -> None:
    """Read communes by territory, and their classes, from CNAM, DREES or a regional agency."""
    _import("territories", **options)


@command.command("apl")
@_files
@columns_option
@click.option("--year", type=int, help="Which sheet, where there is one a year.")
@_import_options
def apl(**options: Any) -> None:
    """Read an APL that DREES has published, for `apl zone`."""
    _import("apl", **options)


def _import(
    kind: str, *, files: tuple[Path, ...], output: Path, replace: bool, methodology: str | None,
    as_json: bool, to: int | None, movements: Path | None, passage: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Read, bring to one vintage, write, say what was done."""
    from ..imports import TABLES, communes_in, convert_vintage, import_files
    from ..methodology import DEFAULT, load_methodology
    from ..reports.inputs import refuse_occupied

    refuse_occupied(output, sorted(TABLES[kind]), replace)
    moving = moving_to(to, movements, passage)
    options = {name: value for name, value in options.items() if value is not None}
    if "columns" in options:
        options["columns"] = named_columns(options["columns"])
    with Progress() as progress:
        progress(f"reading {kind}")
        known = communes_in(output)
        if kind == "distancier" and known is not None and not moving:
            options["communes"] = known["commune"]
        rules = load_methodology(methodology or DEFAULT)
        made = import_files(kind, files, rules, **options)
        if moving:
            progress(f"bringing it to the communes of {moving.to}")
            made = convert_vintage(made, moving, rules, weights=_weights(known))
        show_import(made, output, replace, as_json, progress)


def show_import(made: Any, output: Path, replace: bool, as_json: bool, progress: Progress) -> None:
    """Write the tables of an import, and say what was recognised, dropped and repaired."""
    from ..reports.inputs import write_inputs

    progress("writing")
    written = write_inputs(made, output, replace=replace)
    progress.end()
    if as_json:
        print_json(made.as_dict())
        return
    click.echo(f"Recognised: {made.recognised}")
    if made.vintage:
        click.echo(f"Communes of {made.vintage}")
    for note in made.notes:
        click.echo(f"  {'!' if note.warning else '-'} {note}")
    for name, path in zip(made.tables, written, strict=True):
        click.echo(f"Written: {path} ({made.tables[name].height:,} rows)".replace(",", " "))


def _weights(known: Any) -> Any:
    if known is None or "population" not in known.columns:
        return None
    return known.select("commune", "population")


def named_columns(columns: tuple[str, ...]) -> dict[str, str]:
    """Read OURS=THEIRS, each of ours once."""
    named: dict[str, str] = {}
    for text in columns:
        ours, mark, theirs = text.partition("=")
        if not (ours and mark and theirs):
            raise click.UsageError(f"--column {text}: write OURS=THEIRS, such as minutes=temps_hc.")
        if ours in named:
            raise click.UsageError(f"--column {ours} is given twice: {named[ours]} and {theirs}.")
        named[ours] = theirs
    return named
