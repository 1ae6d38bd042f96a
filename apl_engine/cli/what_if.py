"""`apl what-if`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import Fault, InputDataError
from .options import (
    FilledPath,
    Progress,
    fail_cleanly,
    json_option,
    methodology_option,
    network_option,
    print_json,
    threads_option,
)
from .run_output import number, title

if TYPE_CHECKING:
    from ..method.result import Result
    from ..scenarios.what_if import SupplyChange, WhatIf

_SHOWN = 10


@click.command("what-if")
@click.argument("inputs", type=FilledPath())
@click.option(
    "--change",
    "changes",
    multiple=True,
    required=True,
    metavar="COMMUNE=ETP",
    help="ETP to add at a commune, such as 53130=+1.5, or to take away, such as 01001=-1; repeat.",
)
@network_option
@methodology_option
@threads_option
@json_option
@fail_cleanly
def command(
    inputs: Path,
    changes: tuple[str, ...],
    network: Path | None,
    methodology: str | None,
    threads: int | None,
    as_json: bool,
) -> None:
    """Show what supply added or taken away would change.

    INPUTS is a folder of tables, or a run file (.toml), as for `apl run`. Prints the communes
    whose APL moves most, the territories that change zone, and the cuts before and after; --json
    has every row. Nothing is written.

    \b
    Examples:
      apl what-if my_tables --change 53130=+1.5
      apl what-if my_tables --change 53130=+1.5 --change 01001=-1 --json
      apl what-if my_tables --network metric.aplnet --change 2A004=2
    """
    from ..runs.sweep import run_with_network
    from ..scenarios.what_if import WhatIf

    wanted, faults = _parsed(changes)
    with Progress() as progress:
        result, used = run_with_network(
            inputs, methodology, network=network, threads=threads, on_step=progress
        )
        progress("applying the change")
        changed = _changed(WhatIf(result, used), wanted, faults)
    document = _document(result, changed, wanted)
    if as_json:
        print_json(document)
    else:
        click.echo(_page(document))


def _parsed(changes: Iterable[str]) -> tuple[dict[str, float], list[Fault]]:
    """Return ETP to add by commune, and what is wrong with how it is written."""
    wanted: dict[str, float] = {}
    faults = []
    for change in changes:
        code, sign, text = (part.strip() for part in change.partition("="))
        etp = _number(text)
        if not sign or not code:
            hint = "Write COMMUNE=ETP, such as 53130=+1.5."
            faults.append(
                Fault(
                    code="legacy.fault",
                    table="--change",
                    details={"problem": f"'{change}' names no commune and ETP", "hint": hint},
                )
            )
        elif etp is None:
            hint = "Write ETP with a point, such as 1.5 or -1."
            faults.append(
                Fault(
                    code="legacy.fault",
                    table="--change",
                    details={"problem": f"'{text}' of '{change}' is no number", "hint": hint},
                )
            )
        elif code in wanted:
            faults.append(
                Fault(
                    code="legacy.fault",
                    table="--change",
                    details={"problem": f"{code} is changed twice", "hint": "Add both up."},
                )
            )
        else:
            wanted[code] = etp
    return wanted, faults


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _changed(what_if: WhatIf, wanted: Mapping[str, float], faults: list[Fault]) -> SupplyChange:
    """Apply a change, or tell all that is wrong with it at once."""
    try:
        changed = what_if.change(wanted)
    except InputDataError as error:
        raise InputDataError([*faults, *error.faults]) from None
    if faults:
        raise InputDataError(faults)
    return changed


def _document(result: Result, changed: SupplyChange, wanted: Mapping[str, float]) -> dict[str, Any]:
    communes = changed.communes.to_dicts()
    moved = [row for row in communes if row["apl"] != row["apl_before"]]
    keys = ("commune", "name", "etp", "etp_before")
    rules = result.methodology
    return {
        "methodology": {"id": rules.id, "title": rules.title},
        "network": result.network.as_dict() if result.prepared else {},
        "changes": [
            {key: row[key] for key in keys} for row in communes if row["commune"] in wanted
        ],
        "communes": sorted(moved, key=lambda row: -abs(row["apl"] - row["apl_before"])),
        "territories": changed.moved.to_dicts(),
        "cuts": {
            "before": [asdict(cut) for cut in result.cuts],
            "after": [asdict(cut) for cut in changed.cuts],
        },
        "zones": [{"zone": zone.id, "label": zone.label} for zone in rules.zoning.classes],
    }


def _page(document: Mapping[str, Any]) -> str:
    blocks = (
        [f"{document['methodology']['title']}  [{document['methodology']['id']}]"],
        _changes(document["changes"]),
        _communes(document["communes"]),
        _territories(document),
        _cuts(document),
    )
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _changes(rows: list[Mapping[str, Any]]) -> list[str]:
    return [
        title("Change"),
        f"  {'':<40}{'ETP before':>12}{'after':>12}",
        *(_place(row, "commune", "name", row["etp_before"], row["etp"]) for row in rows),
    ]


def _communes(rows: list[Mapping[str, Any]]) -> list[str]:
    lines = [title(f"Communes whose APL moves: {number(len(rows))}")]
    if rows:
        lines.append(f"  {'':<40}{'APL before':>12}{'after':>12}")
    shown = (_place(row, "commune", "name", row["apl_before"], row["apl"]) for row in rows[:_SHOWN])
    return [*lines, *shown, *_more(rows)]


def _territories(document: Mapping[str, Any]) -> list[str]:
    rows = document["territories"]
    labels = {zone["zone"]: zone["label"] for zone in document["zones"]}
    people = number(sum(row["population"] for row in rows))
    lines = [title(f"Territories that change zone: {len(rows)}, of {people} inhabitants")]
    if rows:
        lines.append(f"  {'':<40}{'APL before':>12}{'after':>12}")
    for row in rows[:_SHOWN]:
        zones = (labels.get(row[key], "-") for key in ("zone_before", "zone"))
        lines.append(
            _place(row, "territory", "territory_name", row["apl_before"], row["apl"])
            + "  "
            + " -> ".join(zones)
        )
    return [*lines, *_more(rows)]


def _cuts(document: Mapping[str, Any]) -> list[str]:
    lines = [title("Cuts: highest APL of each class"), f"  {'':<40}{'before':>12}{'after':>12}"]
    labels = {zone["zone"]: zone["label"] for zone in document["zones"]}
    cuts = document["cuts"]
    for before, after in zip(cuts["before"], cuts["after"], strict=True):
        values = "".join(f"{_figure(cut['highest_apl']):>12}" for cut in (before, after))
        lines.append(f"  {labels[before['zone']]:<40}{values}")
    return lines


def _place(row: Mapping[str, Any], code: str, name: str, *values: float | None) -> str:
    figures = "".join(f"{_figure(value):>12}" for value in values)
    return f"  {row[code]:<7}{row[name][:32]:<33}{figures}"


def _figure(value: float | None) -> str:
    return "-" if value is None else number(value, 2)


def _more(rows: list[Mapping[str, Any]]) -> list[str]:
    return [f"  ... {number(len(rows) - _SHOWN)} more with --json"] if len(rows) > _SHOWN else []
