"""`apl scenarios`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .options import (
    FilledPath,
    Progress,
    fail_cleanly,
    json_option,
    methodology_option,
    network_option,
    output_option,
    print_json,
    threads_option,
)
from .run_output import number, short, title

_SHOWN = 40


@click.command("scenarios")
@click.argument("inputs", type=FilledPath())
@click.argument("scenarios", type=FilledPath())
@output_option
@network_option
@methodology_option
@threads_option
@json_option
@fail_cleanly
def command(
    inputs: Path,
    scenarios: Path,
    output: Path,
    network: Path | None,
    methodology: str | None,
    threads: int | None,
    as_json: bool,
) -> None:
    """Zone territories by many scenarios of supply at once.

    INPUTS is a folder of tables, or a run file (.toml), as for `apl run`: its people and
    territories are kept. SCENARIOS is a table (.parquet, .csv or .arrow) with a column commune and
    a column of ETP, in place of those of INPUTS, for each scenario; a commune that it does not
    list has none. The result is communes_apl, territories_apl and territories_zone, a column for
    each scenario, as .parquet and .csv, and scenarios.json.

    \b
    Examples:
      apl scenarios my_tables draws.parquet -o draws
      apl scenarios my_tables plans.csv -o plans --network metric.aplnet --json
    """
    from ..reports.scenarios import write_scenario_files
    from ..results.atomic_folder import whole_folder
    from ..runs.sweep import run_with_network
    from ..scenarios.zones import zone_scenarios

    # The folder first: whoever cannot write there should not have to wait to hear it.
    with Progress() as progress, whole_folder(output) as draft:
        result, used = run_with_network(
            inputs, methodology, network=network, threads=threads, on_step=progress
        )
        progress("computing the scenarios")
        found = zone_scenarios(result, used, scenarios, threads=threads)
        progress("writing the result")
        document = write_scenario_files(found, draft)
    if as_json:
        print_json(document)
        return
    click.echo(_page(document))
    click.echo(
        f"\nWritten to {output}: communes_apl, territories_apl, territories_zone, scenarios.json"
    )


def _page(document: Mapping[str, Any]) -> str:
    rows, rules = document["scenarios"], document["methodology"]
    labels = [short(zone["label"]) for zone in rows[0]["zones"]]
    blocks = [
        [f"{rules['title']}  [{rules['id']}]"],
        _table("Territories in each class", rows, labels, "territories"),
        _table("Inhabitants in each class", rows, labels, "population"),
        _cuts(rows, labels[:-1]),
        _notes(document),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _table(head: str, rows: list[Mapping[str, Any]], labels: list[str], key: str) -> list[str]:
    lines = [title(head), _head(["ETP", *labels])]
    for row in rows[:_SHOWN]:
        cells = [number(row["etp"], 1), *(number(zone[key]) for zone in row["zones"])]
        lines.append(_row(row["scenario"], cells))
    return [*lines, *_more(rows)]


def _cuts(rows: list[Mapping[str, Any]], labels: list[str]) -> list[str]:
    lines = [title("Highest APL in each class"), _head(["out of reach", *labels])]
    for row in rows[:_SHOWN]:
        highest = (cut["highest_apl"] for cut in row["cuts"])
        cells = ["-" if value is None else number(value, 2) for value in highest]
        lines.append(_row(row["scenario"], [number(row["unreachable_etp"], 1), *cells]))
    return [*lines, *_more(rows)]


def _head(cells: list[str]) -> str:
    return _row("", cells)


def _row(name: str, cells: list[str]) -> str:
    return f"  {name[:17]:<18}" + "".join(f"{cell:>13}" for cell in cells)


def _more(rows: list[Mapping[str, Any]]) -> list[str]:
    if len(rows) <= _SHOWN:
        return []
    return [f"  ... {number(len(rows) - _SHOWN)} more in scenarios.json"]


def _notes(document: Mapping[str, Any]) -> list[str]:
    """Return what is said of the table of scenarios, and all warnings."""
    told = [
        note["text"]
        for note in document["notes"]
        if note["warning"] or note["text"].startswith("scenarios:")
    ]
    return [title("Notes"), *(f"  - {text}" for text in told)] if told else []
