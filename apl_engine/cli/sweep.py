"""`apl sweep`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import Fault, OutputError
from .options import (
    FilledPath,
    Progress,
    fail_cleanly,
    json_option,
    network_option,
    print_json,
    replace_option,
    threads_option,
)
from .run_output import number, short, title

if TYPE_CHECKING:
    from ..method.result import Result

Row = Mapping[str, Any]


@click.command("sweep")
@click.argument("inputs", type=FilledPath())
@click.option(
    "-m",
    "--methodology",
    "methodologies",
    multiple=True,
    required=True,
    metavar="ID|FILE",
    help="A legal text by id (see `apl methodologies`), or a TOML file of your own; repeat. The "
    "others are compared with the first.",
)
@network_option
@click.option(
    "-o",
    "--output",
    type=FilledPath(),
    help="Folder for the results: that of each methodology in a folder named as its id.",
)
@replace_option
@threads_option
@json_option
@fail_cleanly
def command(
    inputs: Path,
    methodologies: tuple[str, ...],
    network: Path | None,
    output: Path | None,
    replace: bool,
    threads: int | None,
    as_json: bool,
) -> None:
    """Compare several methodologies on the same tables.

    INPUTS is a folder of tables, or a run file (.toml), as for `apl run`. Tables are read once,
    and one network is built for all where their rules allow; each result is that of `apl run`
    with that methodology alone. --json has every territory whose zone differs.

    \b
    Examples:
      apl sweep my_tables -m mk-2024 -m my_variant.toml
      apl sweep my_tables -m a.toml -m b.toml -m c.toml -o variants
      apl sweep my_tables -m mk-2024 -m mk-2018 --network metric.aplnet --json
    """
    from ..methodology import load_methodology
    from ..results.atomic_folder import whole_folder
    from ..results.write import write_files
    from ..runs.sweep import check_ids, sweep

    rules = [load_methodology(name) for name in methodologies]
    check_ids(rules)
    with Progress() as progress, ExitStack() as folders:
        # The folders first: whoever cannot write there should not have to wait to hear it.
        drafts = {
            name: folders.enter_context(whole_folder(place, replace=replace))
            for name, place in _places(output, [one.id for one in rules]).items()
        }
        results = sweep(inputs, rules, network=network, threads=threads, on_step=progress)
        for name, draft in drafts.items():
            progress(f"writing {name}")
            write_files(results[name], draft)
    document = _document(results)
    if as_json:
        print_json(document)
        return
    click.echo(_page(document))
    if output:
        click.echo(f"\nWritten to {output}: {', '.join(results)}")


def _places(output: Path | None, ids: list[str]) -> dict[str, Path]:
    """Return the folder of each result, none where nothing is to be written."""
    if not output:
        return {}
    if odd := [name for name in ids if name in ("", ".", "..") or set(name) & set("/\\\0")]:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"The id {odd[0]!r} of a methodology names no folder. Give it another."
                },
            )
        )
    return {name: output / name for name in ids}


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


def _page(document: Row) -> str:
    rows = document["methodologies"]
    blocks = [
        [
            title("Supply, and zones that differ from the first"),
            f"  {'':<24}{'median acts':>12}{'ETP':>12}{'territories':>14}{'inhabitants':>14}",
            *(_supply(row) for row in rows),
        ],
        *_by_classes(rows, "Territories in each class", _territories),
        *_by_classes(rows, "Highest APL in each class", _highest),
        _warnings(rows),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _supply(row: Row) -> str:
    apart = row["apart"]
    return (
        f"  {row['methodology'][:23]:<24}{number(row['median_acts'], 1):>12}"
        f"{number(row['etp'], 1):>12}{number(apart['territories']):>14}"
        f"{number(apart['population']):>14}"
    )


def _by_classes(rows: list[Row], head: str, cells: Callable[[Row], list[str]]) -> list[list[str]]:
    """Return a table for the methodologies of the same classes, one after the other."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        alike.setdefault(tuple(short(zone["label"]) for zone in row["zones"]), []).append(row)
    return [
        [
            title(head),
            f"  {'':<24}" + "".join(f"{label:>12}" for label in labels),
            *(
                f"  {row['methodology'][:23]:<24}" + "".join(f"{cell:>12}" for cell in cells(row))
                for row in group
            ),
        ]
        for labels, group in alike.items()
    ]


def _territories(row: Row) -> list[str]:
    return [number(zone["territories"]) for zone in row["zones"]]


def _highest(row: Row) -> list[str]:
    highest = (cut["highest_apl"] for cut in row["cuts"])
    return ["-" if value is None else number(value, 2) for value in highest]


def _warnings(rows: list[Row]) -> list[str]:
    """Return each warning once, with the methodologies it is of."""
    told: dict[str, list[str]] = {}
    for row in rows:
        for note in row["notes"]:
            if note["warning"]:
                told.setdefault(note["text"], []).append(row["methodology"])
    if not told:
        return []
    return [title("Warnings"), *(f"  - {text} [{', '.join(ids)}]" for text, ids in told.items())]
