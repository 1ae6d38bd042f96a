"""`apl travel-times`: travel times without a travel-time matrix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .import_ import show_import
from .options import (
    Command,
    Progress,
    columns_option,
    combined,
    common_options,
    folder_option,
    methodology_option,
    path_argument,
    path_option,
    quiet_option,
    replace_option,
    table_options,
)

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..results.tables import TableFormats


def _write_options(*own: Callable[..., Any]) -> Callable[[Command], Command]:
    """Return the options of a command that writes travel times, its own first."""
    return combined(
        path_argument("communes"),
        *own,
        folder_option("-o", "--output", required=True, help="Folder of inputs, for `apl run`."),
        replace_option,
        columns_option,
        methodology_option,
        quiet_option,
        common_options,
        table_options,
    )


@click.group("travel-times")
def command() -> None:
    """Estimate travel times, or fetch them from an OSRM server.

    COMMUNES is any table of communes with lat and lon (degrees, WGS 84), such as communes.parquet.

    \b
    Examples:
      apl travel-times estimate my_tables/communes.parquet -o estimated
      apl travel-times osrm my_tables/communes.parquet --url http://127.0.0.1:5000 -o by-road
    """


@command.command("estimate")
@_write_options()
def estimate(communes: Path, methodology: str | None, **options: Any) -> None:
    """Estimate road times from coordinates alone.

    The share of them that falls in the right step of the methodology is printed, and recorded in
    every run that uses them; see docs/travel-times.md.

    \b
    Example:
      apl travel-times estimate my_tables/communes.parquet -o estimated
    """
    from ..geography.estimate.estimate import estimate_travel_times

    def make(table: Any, rules: Any, progress: Progress) -> tuple[Any, dict[str, Any]]:
        progress("estimating travel times")
        made = estimate_travel_times(table, rules)
        return made, {"parameters": dict(vars(made.parameters)), "quality": dict(made.quality)}

    _write("estimate", "travel times estimated from", make, communes, methodology, **options)


@command.command("osrm")
@_write_options(
    click.option("--url", required=True, help="Root of the server, such as http://127.0.0.1:5000."),
    click.option(
        "--largest-table",
        type=click.IntRange(min=2),
        default=100,
        show_default=True,
        help="Points in one request; OSRM's --max-table-size.",
    ),
    click.option(
        "--rate", type=float, default=10.0, show_default=True, help="Requests a second at most."
    ),
    click.option(
        "--timeout",
        type=float,
        default=60.0,
        show_default=True,
        help="Seconds to wait for a whole answer.",
    ),
    path_option(
        "--journal",
        help="File that records finished blocks, to resume after an interruption; by default "
        "OUTPUT/osrm-journal.jsonl, removed at the end.",
    ),
)
def osrm(
    communes: Path, methodology: str | None, output: Path, url: str, largest_table: int,
    rate: float, timeout: float, journal: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Fetch the road times between communes within reach from an OSRM server.

    After an interruption, the same command resumes where it stopped.

    \b
    Example:
      apl travel-times osrm my_tables/communes.parquet --url http://127.0.0.1:5000 -o by-road
    """
    from ..geography.osrm.fetch import fetch_osrm
    from ..geography.osrm.protocol import check_url
    from ..reports.inputs import make_folder

    def make(table: Any, rules: Any, progress: Progress) -> tuple[Any, dict[str, Any]]:
        made = fetch_osrm(
            table,
            url,
            rules,
            largest_table=largest_table,
            rate=rate,
            timeout=timeout,
            resume=journal or make_folder(output) / _JOURNAL,
            on_progress=lambda done, total: progress(f"block {done} of {total}"),
            on_wait=lambda seconds: progress(f"waiting {seconds:.0f} s, as the server asks"),
        )
        return made, {}

    check_url(url)
    title = "travel times of an OSRM server between"
    _write("osrm", title, make, communes, methodology, output, **options)
    if journal is None:
        (output / _JOURNAL).unlink(missing_ok=True)


_JOURNAL = "osrm-journal.jsonl"


def _write(
    kind: str, title: str, make: Callable[[Any, Any, Progress], tuple[Any, dict[str, Any]]],
    communes: Path, methodology: str | None, output: Path, replace: bool, columns: NamedColumns,
    formats: TableFormats, as_json: bool,
) -> None:  # fmt: skip
    """Read the communes, make travel times of them, write and report these."""
    from ..inputs.imported import Imported
    from ..methodology import DEFAULT, load_methodology
    from ..readers.coordinates import read_coordinates
    from ..reports.inputs import refuse_occupied

    refuse_occupied(output, ["travel_times"], replace)
    with Progress() as progress:
        read = read_coordinates(communes, columns=columns)
        columns.finish(None, communes.name)
        made, details = make(
            read.tables["places"], load_methodology(methodology or DEFAULT), progress
        )
        imported = Imported(
            kind, {"travel_times": made.travel_times}, f"{title} {read.recognised}", None,
            (*read.notes, *made.notes), read.stamps, details,
        )  # fmt: skip
        show_import(imported, output, formats, replace, as_json, progress)
