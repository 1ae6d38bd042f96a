"""`apl compare`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .options import (
    Progress,
    columns_option,
    common_options,
    folder_option,
    lang_option,
    path_argument,
    path_option,
    quiet_option,
    replace_option,
    show,
    show_notes,
    table_options,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..reports.page import Language
    from ..results.tables import TableFormats

_OF_OFFICIAL = frozenset(
    {"official", "output", "replace", "columns", "csv", "xlsx", "lang", "quiet", "as_json"}
)


@click.command("compare")
@path_argument("first", metavar="A")
@path_argument("second", metavar="[B]", required=False)
@path_option(
    "--official",
    metavar="ZONING",
    help="Compare A with the classes that the agencies published: the folder of `apl import "
    "zoning`, or the publisher's file.",
)
@folder_option(
    "-o",
    "--output",
    help="Folder for the tables and the diagram of flows between zones: new or empty.",
)
@replace_option
@path_option("--passage", help="INSEE's table de passage, if years differ.")
@path_option("--movements", help="INSEE's events of communes, v_mvt_commune, instead.")
@click.option("--vintage-a", type=int, help="Year of the communes of A, if its record has none.")
@click.option("--vintage-b", type=int, help="Year of the communes of B, if its record has none.")
@click.option(
    "--population",
    type=click.Choice(["first", "second"]),
    default="second",
    show_default=True,
    help="Count the inhabitants of A (first) or of B (second).",
)
@click.option(
    "--methods-differ",
    is_flag=True,
    help="Allow results of different methodologies; their effect is shown separately.",
)
@path_option("--inputs-a", help="Input tables of A. Default: those that its record names.")
@path_option("--inputs-b", help="Input tables of B. Default: those that its record names.")
@path_option("--network-a", help="Prepared network of A.")
@path_option("--network-b", help="Prepared network of B.")
@click.option(
    "--apl-as-given",
    is_flag=True,
    help="Do not read the inputs; the change of the APL is then a single part.",
)
@path_option(
    "--contracts",
    help="Table of running contracts: commune, contract (CACCMK, CAIMK, CAMMK), signed, optionally "
    "ends; no other column.",
)
@lang_option("picture")
@columns_option
@quiet_option
@common_options
@table_options
def command(
    first: Path, second: Path | None, official: Path | None, output: Path | None, replace: bool,
    passage: Path | None, movements: Path | None, vintage_a: int | None, vintage_b: int | None,
    inputs_a: Path | None, inputs_b: Path | None, network_a: Path | None, network_b: Path | None,
    columns: NamedColumns, formats: TableFormats, lang: Language, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Show which zones differ between two results, and why.

    A and B are results of `apl run` or `apl zone`: of two years, meshes or methodologies, or
    before and after an adaptation. Each change of zone is attributed, to the last decimal, to
    supply, population, geography (travel times and mesh), method and the cut itself; see
    docs/compare.md.

    \b
    Examples:
      apl compare zones-2023 zones-2024
      apl compare zones-2023 zones-2024 -o changes --contracts contracts.csv
      apl compare zones-2021 zones-2023 --passage table_passage.csv --population first
      apl compare variants/mk-2024 variants/at-67 --methods-differ --json
      apl compare zones-2024 --official official -o agreement
    """
    if formats.given and not output:
        raise click.UsageError("--csv and --xlsx need -o.")
    if official:
        _with_official(
            first, official, output, columns, formats, lang, replace=replace, as_json=as_json
        )
        return
    if options["apl_as_given"] and any((inputs_a, inputs_b, network_a, network_b)):
        raise click.UsageError("--apl-as-given reads no inputs: leave out --inputs and --network.")
    if not second:
        raise click.UsageError("Name a second result B, or a list of classes with --official.")
    from ..comparison import compare, read_both
    from ..reports.comparison import comparison_folder, comparison_record, write_comparison_files
    from .compare_output import page

    folder = comparison_folder(output, replace=replace) if output else nullcontext()
    with Progress() as progress, folder as draft:
        progress("reading the results")
        zones = read_both(first, second)
        comparison = compare(
            *zones,
            passage=_passage(zones, passage, movements, (vintage_a, vintage_b), columns),
            columns=columns,
            inputs=(inputs_a, inputs_b),
            networks=(network_a, network_b),
            on_step=progress,
            **options,
        )
        columns.finish(None, "apl compare")
        record = comparison_record(comparison)
        if draft:
            progress("writing the comparison")
            content = write_comparison_files(comparison, draft, formats, lang)
            record["notes"] = content["notes"]
    document = {**record, "changes": comparison.changes.to_dicts()}
    written = _written(output, content) if output else ""
    show(document, lambda: page(comparison, record), as_json=as_json, written=written)


def _with_official(
    result: Path,
    official: Path,
    output: Path | None,
    columns: NamedColumns,
    formats: TableFormats,
    lang: Language,
    *,
    replace: bool,
    as_json: bool,
) -> None:
    """Compare a result with the official classes, and print or write what was found."""
    from ..comparison import compare_official
    from ..reports.comparison import comparison_folder, official_record, write_comparison_files
    from .official_output import page

    context = click.get_current_context()
    given = [
        option.opts[0]
        for option in context.command.params
        if isinstance(option, click.Option)
        and option.name not in _OF_OFFICIAL
        and context.get_parameter_source(str(option.name)) == ParameterSource.COMMANDLINE
    ]
    if context.params["second"]:
        given.insert(0, "B")
    if given:
        raise click.UsageError(f"{', '.join(given)}: not used with --official.")
    folder = comparison_folder(output, replace=replace) if output else nullcontext()
    with Progress() as progress, folder as draft:
        progress("comparing with the official classes")
        comparison = compare_official(result, official, columns)
        columns.finish(None, official.name)
        record = official_record(comparison)
        if draft:
            progress("writing the comparison")
            content = write_comparison_files(comparison, draft, formats, lang)
            record["notes"] = content["notes"]
    document = {**record, "differences": comparison.differences.to_dicts()}
    written = _written(output, content) if output else ""
    show(document, lambda: page(comparison, record), as_json=as_json, written=written)


def _written(folder: Path, content: Mapping[str, Any]) -> str:
    """Return what was written, each name once."""
    names = dict.fromkeys(Path(output["file"]).stem for output in content["outputs"])
    return f"{folder}: {', '.join(names)}, compare.json"


def _passage(
    zones: tuple[Any, Any],
    table: Path | None,
    movements: Path | None,
    years: tuple[int | None, int | None],
    columns: NamedColumns,
) -> Any:
    """Return how communes of A become communes of B; None if both have the same codes."""
    if not (table or movements):
        if years != (None, None):
            raise click.UsageError("--vintage-a and --vintage-b need --passage or --movements.")
        return None
    from ..comparison import passage_between
    from ..imports import VintageChange

    change = VintageChange.by(0, movements, table, columns=columns)
    show_notes(change.notes)
    return passage_between(*zones, change, years)
