"""`apl compare`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import click

from .options import FilledPath, Progress, fail_cleanly, json_option, print_json, replace_option


@click.command("compare")
@click.argument("first", metavar="A", type=FilledPath())
@click.argument("second", metavar="B", type=FilledPath())
@click.option(
    "-o",
    "--output",
    type=FilledPath(),
    help="Folder for the tables and the picture of who goes where: new, or empty.",
)
@replace_option
@click.option("--passage", type=FilledPath(), help="INSEE's table de passage, where years differ.")
@click.option(
    "--movements", type=FilledPath(), help="INSEE's events of communes, v_mvt_commune, instead."
)
@click.option("--vintage-a", type=int, help="Year of the communes of A; else what A tells.")
@click.option("--vintage-b", type=int, help="Year of the communes of B; else what B tells.")
@click.option(
    "--population",
    type=click.Choice(["first", "second"]),
    default="second",
    show_default=True,
    help="Whose inhabitants are counted: those of A or of B.",
)
@click.option(
    "--methods-differ",
    is_flag=True,
    help="Compare results of two methodologies; what these change is then told apart.",
)
@click.option("--inputs-a", type=FilledPath(), help="Tables of A; else those its record names.")
@click.option("--inputs-b", type=FilledPath(), help="Tables of B; else those its record names.")
@click.option("--network-a", type=FilledPath(), help="Prepared network of A.")
@click.option("--network-b", type=FilledPath(), help="Prepared network of B.")
@click.option(
    "--apl-as-given",
    is_flag=True,
    help="Do not look for what the APLs were computed from; their change is then one part.",
)
@click.option(
    "--contracts",
    type=FilledPath(),
    help="Running contracts: commune, contract (CACCMK, CAIMK, CAMMK), signed, and ends if known; "
    "no other column.",
)
@json_option
@fail_cleanly
def command(
    first: Path,
    second: Path,
    output: Path | None,
    replace: bool,
    passage: Path | None,
    movements: Path | None,
    vintage_a: int | None,
    vintage_b: int | None,
    population: Literal["first", "second"],
    methods_differ: bool,
    inputs_a: Path | None,
    inputs_b: Path | None,
    network_a: Path | None,
    network_b: Path | None,
    apl_as_given: bool,
    contracts: Path | None,
    as_json: bool,
) -> None:
    """Show who changes zone from one result to another, and what it comes from.

    A and B are folders of `apl run` or `apl zone`: of two years, meshes, methodologies, or before
    and after an adaptation. Each change of zone is split, to the last decimal, among supply,
    population, geography (travel and mesh), method and the cut itself, see docs/compare.md.

    \b
    Examples:
      apl compare zones-2024 zones-2026
      apl compare zones-2024 zones-2026 -o changes --contracts contracts.csv
      apl compare zones-2021 zones-2023 --passage table_passage.csv --population first
      apl compare variants/mk-2024 variants/at-67 --methods-differ --json
    """
    from ..comparison import compare, read_both
    from ..reports.comparison import comparison_folder, comparison_record, write_comparison_files
    from .compare_output import page

    folder = comparison_folder(output, replace=replace) if output else nullcontext()
    with Progress() as progress, folder as draft:
        progress("reading the results")
        zones = read_both(first, second)
        found = compare(
            *zones,
            passage=_passage(zones, passage, movements, (vintage_a, vintage_b)),
            population=population,
            methods_differ=methods_differ,
            inputs=(inputs_a, inputs_b),
            networks=(network_a, network_b),
            apl_as_given=apl_as_given,
            contracts=contracts,
            on_step=progress,
        )
        if draft:
            progress("writing the comparison")
            write_comparison_files(found, draft)
    document = comparison_record(found)
    if as_json:
        print_json({**document, "changes": found.changes.to_dicts()})
        return
    click.echo(page(found, document))
    if output:
        click.echo(f"\nWritten to {output}: changes, communes, transitions, flows, compare.json")


def _passage(
    zones: tuple[Any, Any],
    table: Path | None,
    movements: Path | None,
    years: tuple[int | None, int | None],
) -> Any:
    """Return how communes are followed from A to B, None where codes stand for themselves."""
    if not (table or movements):
        if years != (None, None):
            raise click.UsageError("--vintage-a and --vintage-b need --passage or --movements.")
        return None
    from ..comparison import passage_between

    return passage_between(*zones, {"movements": movements, "table": table}, years)
