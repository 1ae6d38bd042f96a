"""`apl network`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..reports.page import Column, Page
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
    threads_option,
)
from .run_output import add_notes, number

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..method.network import TravelNetwork


@click.group("network")
def command() -> None:
    """Prepare travel times once for many runs, and show a prepared network.

    A prepared network is a file that runs map into memory; see docs/networks.md.

    \b
    Examples:
      apl network build my_tables -o my.aplnet
      apl network show my.aplnet
      apl run my_tables --network my.aplnet -o zones-fast
    """


@command.command("build")
@path_argument("travel_times")
@path_option("-o", "--output", required=True, help="The .aplnet file to write.")
@path_option("--communes", help="Table communes. Default: the one beside TRAVEL_TIMES.")
@click.option("--vintage", type=int, help="Year of the commune codes, if imports.json has none.")
@click.option(
    "--reach", type=float, metavar="MINUTES", help="Keep pairs up to this. Default: the last step."
)
@replace_option
@columns_option
@methodology_option
@threads_option
@quiet_option
@common_options
def build(
    travel_times: Path, output: Path, communes: Path | None, reach: float | None, replace: bool,
    methodology: str | None, columns: NamedColumns, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Build a prepared network.

    TRAVEL_TIMES is a table travel_times (.parquet, .csv, .csv.gz, .csv.zst or .arrow), or a
    folder of tables that contains it. The communes are those of --communes, otherwise of the table
    communes beside it, otherwise those of the travel times. `apl import distancier` makes such a
    table from INSEE's distancier.

    \b
    Examples:
      apl network build my_tables -o my.aplnet
      apl network build my_tables/travel_times.parquet -o my.aplnet \\
          --communes my_tables/communes.parquet --vintage 2023
      apl network build my_tables -o wide.aplnet --reach 60 --replace
    """
    from ..method.network import edges_of
    from ..methodology import DEFAULT, load_methodology
    from ..networks.file import SUFFIX
    from ..networks.save import save_network
    from ..networks.stream import prepare_network
    from ..results.atomic_file import refuse_taken

    refuse_taken(output, replace, (SUFFIX,))
    rules = load_methodology(methodology or DEFAULT)
    try:
        edges_of(rules.travel, reach)
    except ValueError as error:
        raise click.UsageError(f"--reach: {error}.") from error
    with Progress() as progress:
        network = prepare_network(
            travel_times, communes, rules, reach=reach, columns=columns.rest(), on_step=progress,
            **options,
        )  # fmt: skip
        progress("writing the network")
        save_network(network, output, replace=replace)
    _print(output, network, as_json)


@command.command("show")
@path_argument("file")
@quiet_option
@common_options
def show_network(file: Path, as_json: bool) -> None:
    """Show a prepared network and its origin, and verify that it is intact.

    The whole file is read. Exits with 3 if it is damaged.

    \b
    Examples:
      apl network show my.aplnet
      apl network show my.aplnet --json
    """
    from ..networks.file import load_network

    network = load_network(file)
    # The digest of the pairs is compared when they are used.
    assert network.by_origin
    _print(file, network, as_json, intact=True)


def _print(file: Path, network: TravelNetwork, as_json: bool, **more: Any) -> None:
    size = file.stat().st_size
    document = {
        "file": file.name,
        "bytes": size,
        "bytes_per_pair": size / max(network.pairs, 1),
        **more,
        "network": network.as_dict(),
        "notes": [note.as_dict() for note in network.notes],
    }
    layout = network.layout
    document["layout"] = "runs" if layout else "pairs"
    runs = "pairs, which take fewer bytes than runs"
    if layout:
        document["runs_per_row"] = layout.runs_per_row
        document["bytes_read_per_pair"] = layout.nbytes / max(network.pairs, 1)
        runs = (
            f"runs, {number(layout.runs_per_row, 1)} a row; "
            f"{number(document['bytes_read_per_pair'], 1)} bytes per pair are read"
        )
    rules = [f"{key} = {value}" for key, value in network.built_by.items()]
    files = [entry["file"] for entry in network.source.get("files", ())]
    page = Page()
    page.table(
        ["", Column(longest=80)],
        [
            ("communes", number(len(network.communes))),
            ("year of the communes", str(network.source.get("vintage") or "unknown")),
            ("pairs", number(network.pairs)),
            ("reach", f"{network.edges[-1]:g} minutes"),
            ("bytes per pair", number(size / max(network.pairs, 1), 1)),
            ("layout", runs),
            ("made from", ", ".join(files) or "unknown files"),
            *(("rules on pairs" if not index else "", rule)
              for index, rule in enumerate(rules)),
        ],
    )  # fmt: skip
    add_notes(page, "Notes", document["notes"])
    state = "Intact" if more else "Written"
    page.paragraph(f"{state}: {file} ({number(size)} bytes)")
    show(document, lambda: page, as_json=as_json)
