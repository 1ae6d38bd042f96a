"""`apl network`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..reports.page import Column, Page
from .options import (
    AddressOrPath,
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

    A prepared network is a file that runs map into memory, or a folder of parts if it was built
    with --memory; see docs/networks.md.

    \b
    Examples:
      apl network build my_tables -o my.aplnet
      apl network show my.aplnet
      apl run my_tables --network my.aplnet -o zones-fast
    """


@command.command("build")
@click.argument("travel_times", type=AddressOrPath())
@path_option("-o", "--output", required=True, help="The .aplnet file, or folder, to write.")
@path_option(
    "--communes",
    help="Table communes, or of any codes such as those of squares. Default: the one beside "
    "TRAVEL_TIMES.",
)
@click.option(
    "--memory",
    metavar="SIZE",
    help="Write a folder of parts, and take no more memory than this to build it, such as 2GiB.",
)
@path_option(
    "--coordinates",
    help="Table with lat and lon of each code, for the order of communes; with --memory.",
)
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
    travel_times: Path | str, output: Path, communes: Path | None, reach: float | None,
    replace: bool, methodology: str | None, columns: NamedColumns, as_json: bool,
    memory: str | None, coordinates: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Build a prepared network.

    TRAVEL_TIMES is a table travel_times (.parquet, .csv, .csv.gz, .csv.zst or .arrow), or a
    folder of tables that contains it; or a data set: a folder of such files, or a pattern such as
    'times/*.parquet'. With --memory, it may be an address that fsspec knows, such as
    s3://bucket/times (extra cluster). The communes are those of --communes, otherwise of the table
    communes beside it, otherwise those of the travel times. `apl import distancier` makes such a
    table from INSEE's distancier.

    \b
    Examples:
      apl network build my_tables -o my.aplnet
      apl network build my_tables/travel_times.parquet -o my.aplnet \\
          --communes my_tables/communes.parquet --vintage 2023
      apl network build my_tables -o wide.aplnet --reach 60 --replace
      apl network build my_tables -o parts.aplnet --memory 2GiB
    """
    from ..method.network import edges_of
    from ..methodology import DEFAULT, load_methodology
    from ..networks.file import SUFFIX
    from ..networks.save import save_network
    from ..networks.shards import build_shards
    from ..networks.shards.inputs import is_address
    from ..networks.stream import prepare_network
    from ..results.atomic_file import refuse_taken

    if memory is None:
        if coordinates:
            raise click.UsageError("--coordinates needs --memory.")
        if is_address(travel_times):
            raise click.UsageError("An address needs --memory: its files are copied one by one.")
        refuse_taken(output, replace, (SUFFIX,))
    rules = load_methodology(methodology or DEFAULT)
    try:
        edges_of(rules.travel, reach)
    except ValueError as error:
        raise click.UsageError(f"--reach: {error}.") from error
    options |= {"reach": reach, "columns": columns.rest()}
    with Progress() as progress:
        options["on_step"] = progress
        if memory is not None:
            network = build_shards(
                travel_times, output, communes, rules, memory=memory, coordinates=coordinates,
                replace=replace, **options,
            )  # fmt: skip
            _print(output, network, as_json)
            return
        network = prepare_network(travel_times, communes, rules, **options)
        progress("writing the network")
        save_network(network, output, replace=replace)
    _print(output, network, as_json)


@command.command("show")
@path_argument("file")
@quiet_option
@common_options
def show_network(file: Path, as_json: bool) -> None:
    """Show a prepared network and its origin, and verify that it is intact.

    The whole file, or every part of a folder, is read. Exits with 3 if it is damaged.

    \b
    Examples:
      apl network show my.aplnet
      apl network show my.aplnet --json
    """
    from ..networks.file import load_network

    network = load_network(file)
    network.rows.verify()
    _print(file, network, as_json, intact=True)


def _print(file: Path, network: TravelNetwork, as_json: bool, **more: Any) -> None:
    parts = [each.stat().st_size for each in file.iterdir()] if file.is_dir() else []
    size = sum(parts) or file.stat().st_size
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
    if parts:
        document["files"] = len(parts)
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
            *([("files", number(len(parts)))] if parts else ()),
            ("made from", ", ".join(files) or "unknown files"),
            *(("rules on pairs" if not index else "", rule)
              for index, rule in enumerate(rules)),
        ],
    )  # fmt: skip
    add_notes(page, "Notes", document["notes"])
    state = "Intact" if more else "Written"
    page.paragraph(f"{state}: {file} ({number(size)} bytes)")
    show(document, lambda: page, as_json=as_json)
