"""`apl travel-times`: where there is no distancier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from .import_ import columns_option, named_columns, show_import
from .options import FilledPath, Progress, fail_cleanly, json_option, methodology_option

F = TypeVar("F", bound=Callable[..., Any])


def _common(command: F) -> F:
    for option in (
        fail_cleanly,
        json_option,
        methodology_option,
        columns_option,
        click.option("--replace", is_flag=True, help="Replace travel times that are there."),
        click.option("-o", "--output", required=True, type=FilledPath(),
                     help="Folder of inputs, for `apl run`."),
        click.argument("places", type=FilledPath()),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group("travel-times")
def command() -> None:
    """Estimate travel times, or ask an OSRM server for them.

    PLACES is any table of communes with lat and lon (degrees, WGS 84), such as communes.parquet.

    \b
    Examples:
      apl travel-times estimate communes.csv -o inputs
      apl travel-times osrm communes.csv --url http://127.0.0.1:5000 -o inputs
    """


@command.command("estimate")
@_common
def estimate(
    places: Path, output: Path, replace: bool, columns: tuple[str, ...], methodology: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Estimate road times from coordinates alone.

    How often they fall in the right class of the methodology is printed, and kept in the record
    of every run on them; see docs/travel-times.md.
    """
    from ..geography.estimate.estimate import estimate_travel_times
    from ..methodology import DEFAULT, load_methodology
    from ..readers.common.imported import Imported
    from ..readers.coordinates import read_coordinates
    from ..reports.inputs import refuse_occupied

    refuse_occupied(output, ["travel_times"], replace)
    with Progress() as progress:
        progress("estimating travel times")
        read = read_coordinates(places, columns=named_columns(columns))
        rules = load_methodology(methodology or DEFAULT)
        found = estimate_travel_times(read.tables["places"], rules)
        details = {"parameters": dict(vars(found.parameters)), "quality": dict(found.quality)}
        made = Imported(
            "estimate",
            {"travel_times": found.travel_times},
            f"travel times estimated from {read.recognised}",
            None,
            (*read.notes, *found.notes),
            read.stamps,
            details,
        )
        show_import(made, output, replace, as_json, progress)


@command.command("osrm")
@_common
@click.option("--url", required=True, help="Root of the server, such as http://127.0.0.1:5000.")
@click.option("--largest-table", type=click.IntRange(min=2), default=100, show_default=True,
              help="Points in one request; OSRM's --max-table-size.")  # fmt: skip
@click.option("--rate", type=float, default=10.0, show_default=True,
              help="Requests a second at most.")  # fmt: skip
@click.option("--timeout", type=float, default=60.0, show_default=True,
              help="Seconds to wait for an answer.")  # fmt: skip
@click.option(
    "--journal",
    type=FilledPath(),
    help="File that keeps what came back, to go on after an interruption; by default "
    "OUTPUT/osrm-journal.jsonl, removed at the end.",
)
def osrm(
    places: Path, output: Path, replace: bool, columns: tuple[str, ...], methodology: str | None,
    as_json: bool, url: str, largest_table: int, rate: float, timeout: float, journal: Path | None,
) -> None:  # fmt: skip
    """Ask an OSRM server for the road times between communes within reach.

    Interrupted, the same command goes on where it stopped.
    """
    from ..geography.osrm.fetch import fetch_osrm
    from ..geography.osrm.protocol import check_url
    from ..methodology import DEFAULT, load_methodology
    from ..readers.common.imported import Imported
    from ..readers.coordinates import read_coordinates
    from ..reports.inputs import make_folder, refuse_occupied

    refuse_occupied(output, ["travel_times"], replace)
    check_url(url)
    read = read_coordinates(places, columns=named_columns(columns))
    rules = load_methodology(methodology or DEFAULT)
    kept = journal or make_folder(output) / "osrm-journal.jsonl"
    with Progress() as progress:
        found = fetch_osrm(
            read.tables["places"],
            url,
            rules,
            largest_table=largest_table,
            rate=rate,
            timeout=timeout,
            resume=kept,
            on_progress=lambda done, total: progress(f"block {done} of {total}"),
        )
        made = Imported(
            "osrm",
            {"travel_times": found.travel_times},
            f"travel times of an OSRM server between {read.recognised}",
            None,
            (*read.notes, *found.notes),
            read.stamps,
        )
        show_import(made, output, replace, as_json, progress)
    if journal is None:
        kept.unlink(missing_ok=True)
