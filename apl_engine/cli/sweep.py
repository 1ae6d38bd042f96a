"""`apl sweep`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..reports.page import Column, Page
from .options import (
    Progress,
    cluster_option,
    columns_option,
    common_options,
    folder_option,
    is_quiet,
    network_option,
    path_argument,
    quiet_option,
    replace_option,
    show,
    table_options,
    threads_option,
    year_option,
)
from .run_output import short

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..method.result import Result
    from ..results.tables import TableFormats

Row = Mapping[str, Any]


@click.command("sweep")
@path_argument("inputs")
@click.option(
    "-m",
    "--methodology",
    "methodologies",
    multiple=True,
    required=True,
    metavar="ID|FILE",
    help="A legal text by id (see `apl methodologies`), or your own TOML file; repeat the option. "
    "The first is compared with the others.",
)
@year_option
@columns_option
@network_option
@folder_option(
    "-o",
    "--output",
    help="Folder for the results, one folder for each methodology, named by its id.",
)
@replace_option
@threads_option
@cluster_option
@quiet_option
@common_options
@table_options
def command(
    inputs: Path, methodologies: tuple[str, ...], output: Path | None, replace: bool,
    columns: NamedColumns, formats: TableFormats, as_json: bool, **computation: Any,
) -> None:  # fmt: skip
    """Compare several methodologies on the same tables.

    INPUTS is a folder of tables, or a run file (.toml), as for `apl run`. Tables are read once,
    and one network serves all methodologies if their rules allow; each result is that of `apl run`
    with that methodology. --json lists all territories whose zone differs.

    \b
    Examples:
      apl sweep my_tables -m mk-2024 -m my_variant.toml
      apl sweep my_tables -m mk-2024 -m mk-2018 -m my_variant.toml -o variants
      apl sweep my_tables -m mk-2024 -m mk-2018 --network my.aplnet --json
    """
    from ..methodology import load_methodology
    from ..results.atomic_folder import check_folder_names, whole_folders
    from ..results.write import write_files
    from ..runs.sweep import check_ids, sweep

    if formats.given and not output:
        raise click.UsageError("--csv and --xlsx need -o.")
    rules = [load_methodology(name) for name in methodologies]
    check_ids(rules)
    folders = [output / one.id for one in rules] if output else []
    if output:
        check_folder_names(one.id for one in rules)
    with Progress() as progress, ExitStack() as writing:
        # Fail early if the output is not writable.
        drafts = writing.enter_context(whole_folders(folders, replace=replace)) if folders else []
        results = sweep(inputs, rules, columns=columns.rest(), on_step=progress, **computation)
        for draft, (name, result) in zip(drafts, results.items(), strict=False):
            progress(f"writing {name}")
            write_files(result, draft, formats)
    document = _document(results)
    written = f"{output}: {', '.join(results)}" if output else ""
    show(document, lambda: _page(document), as_json=as_json, written=written)


def _document(results: Mapping[str, Result]) -> dict[str, Any]:
    from ..results.record import make_record
    from ..runs.sweep import diff_zones

    first = next(iter(results.values()))
    rows = []
    for name, result in results.items():
        record = make_record(result)
        apart = diff_zones(first, result)
        rows.append(
            {
                "methodology": name,
                "title": record["methodology"]["title"],
                "etp": record["totals"]["etp"],
                "median_acts": result.median_acts,
                "zones": record["zones"],
                "cuts": record["reference_values"]["cuts"],
                "apart": {
                    "territories": apart.height,
                    "population": float(apart["population"].sum()),
                },
                "territories_apart": apart.to_dicts(),
                "notes": record["notes"],
            }
        )
    return {
        "first": next(iter(results)),
        "network": first.network.as_dict() if first.prepared else {},
        "methodologies": rows,
    }


def _page(document: Row) -> Page:
    rows = document["methodologies"]
    page = Page()
    page.section("Supply, and territories whose zone differs from the first")
    page.table(
        ["", Column("median acts", 1), Column("ETP", 1), Column("territories", 0),
         Column("inhabitants", 0)],
        [
            (row["methodology"], row["median_acts"], row["etp"], row["apart"]["territories"],
             row["apart"]["population"])
            for row in rows
        ],
    )  # fmt: skip
    _by_classes(page, "Territories in each class", rows, 0, "zones", "territories")
    _by_classes(page, "Highest APL in each class", rows, 2, "cuts", "highest_apl")
    warnings: dict[str, list[str]] = {}
    for row in rows:
        for note in row["notes"]:
            if note["warning"]:
                warnings.setdefault(note["text"], []).append(row["methodology"])
    if warnings and not is_quiet():
        page.section("Warnings")
        page.bullets(f"{text} [{', '.join(ids)}]" for text, ids in warnings.items())
    return page


def _by_classes(
    page: Page, section: str, rows: list[Row], decimals: int, part: str, key: str
) -> None:
    """Add a table for each group of methodologies that have the same classes."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(short(zone["label"]) for zone in row["zones"]), []).append(row)
    for labels, group in groups.items():
        names = labels[: len(group[0][part])]
        page.section(section)
        page.table(
            ["", *(Column(label, decimals) for label in names)],
            [(row["methodology"], *(one[key] for one in row[part])) for row in group],
        )
