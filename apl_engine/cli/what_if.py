"""`apl what-if`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ..errors import Fault, InputDataError
from ..reports.page import Cell, Column, Page
from .options import Progress, common_options, quiet_option, run_options, show
from .run_output import Record, number

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..method.result import Result
    from ..scenarios.what_if import SupplyChange, WhatIf

_SHOWN, _MORE = 10, "with --json"


@click.command("what-if")
@run_options
@click.option(
    "--change",
    "changes",
    multiple=True,
    required=True,
    metavar="COMMUNE=ETP",
    help="ETP to add to a commune, by code or name, such as 53130=+1.5, or to remove, such as "
    "Laval=-1; may be repeated.",
)
@quiet_option
@common_options
def command(
    changes: tuple[str, ...], columns: NamedColumns, as_json: bool, **computation: Any
) -> None:
    """Show what adding or removing supply would change.

    INPUTS is a folder of tables, or a run file (.toml), as for `apl run`. Prints the territories of
    the communes that change, the communes whose APL changes most, the territories that change zone,
    and the cuts before and after; --json has all rows. Nothing is written.

    A practitioner who arrives counts as one ETP in the year of installation (annexe, IV, 4.1.1),
    and by acts from the next year on.

    \b
    Examples:
      apl what-if my_tables --change 53130=+1.5
      apl what-if my_tables --change 53130=+1.5 --change Mayenne=-1 --json
      apl what-if my_tables --network my.aplnet --change "Mayenne (53)=2"
    """
    from ..results.lookup import find_communes
    from ..runs.run import run
    from ..scenarios.what_if import WhatIf

    wanted, faults = _parsed(changes)
    with Progress() as progress:
        result = run(on_step=progress, columns=columns.rest(), **computation)
        progress("applying the change")
        places, unknown = find_communes(result, wanted)
        by_code: dict[str, float] = {}
        for text, place in places.items():
            if place.code in by_code:
                unknown.append(_fault("change_repeated", text))
            by_code[place.code] = wanted[text]
        changed = _changed(WhatIf(result), by_code, [*faults, *unknown])
    document = _document(result, changed, by_code)
    show(document, lambda: _page(document), as_json=as_json)


def _parsed(changes: Iterable[str]) -> tuple[dict[str, float], list[Fault]]:
    """Return the ETP to add by commune, and the faults of the texts that state it."""
    wanted: dict[str, float] = {}
    faults = []
    for change in changes:
        code, sign, text = (part.strip() for part in change.partition("="))
        etp = _number(text)
        if code and sign and etp is not None and code not in wanted:
            wanted[code] = etp
            continue
        kind, value = "change_malformed", change
        if code and sign:
            kind = "change_not_a_number" if etp is None else "change_repeated"
            value = change if etp is None else code
        faults.append(_fault(kind, value))
    return wanted, faults


def _fault(kind: str, value: str) -> Fault:
    return Fault(f"option.{kind}", "--change", values=(value,))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _changed(what_if: WhatIf, wanted: Mapping[str, float], faults: list[Fault]) -> SupplyChange:
    """Apply a change, or raise all its faults at once."""
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
        "own_territories": _own_territories(result, changed, wanted),
        "communes": sorted(moved, key=lambda row: -abs(row["apl"] - row["apl_before"])),
        "territories": changed.moved.to_dicts(),
        "cuts": {
            "before": [asdict(cut) for cut in result.cuts],
            "after": [asdict(cut) for cut in changed.cuts],
        },
        "zones": [{"zone": zone.id, "label": zone.label} for zone in rules.zoning.classes],
    }


def _own_territories(
    result: Result, changed: SupplyChange, wanted: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return the territories of the communes that change, before and after."""
    chosen = result.communes["commune"].is_in(list(wanted))
    codes = set(result.communes.filter(chosen)["territory"])
    keys = ("apl", "zone")
    earlier = {row["territory"]: row for row in result.territories.to_dicts()}
    return [
        {key: row[key] for key in ("territory", "territory_name", "population", *keys)}
        | {f"{key}_before": earlier[row["territory"]][key] for key in keys}
        for row in changed.territories.to_dicts()
        if row["territory"] in codes
    ]


def _page(document: Record) -> Page:
    rules, territories = document["methodology"], document["territories"]
    labels = {zone["zone"]: zone["label"] for zone in document["zones"]}
    apl = (Column("APL before", 2), Column("after", 2))
    page = Page(f"{rules['title']}  [{rules['id']}]")
    page.section("Change")
    page.table(
        ["commune", "", Column("ETP before", 2), Column("after", 2)],
        [_cells(row, "commune", "name", "etp_before", "etp") for row in document["changes"]],
    )
    page.section("Territories of these communes")
    page.table(
        ["territory", "", *apl, "zone"],
        [_territory(row, labels) for row in document["own_territories"]],
        limit=_SHOWN,
        rest=_MORE,
    )
    page.section(f"Communes whose APL changes: {number(len(document['communes']))}")
    page.table(
        ["commune", "", *apl],
        [_cells(row, "commune", "name", "apl_before", "apl") for row in document["communes"]],
        limit=_SHOWN,
        rest=_MORE,
    )
    people = number(sum(row["population"] for row in territories))
    page.section(f"Territories that change zone: {len(territories)}, with {people} inhabitants")
    page.table(
        ["territory", "", *apl, "zone"],
        [_territory(row, labels) for row in territories],
        limit=_SHOWN,
        rest=_MORE,
    )
    cuts = document["cuts"]
    page.section("Cuts: highest APL of each class")
    page.table(
        ["", Column("before", 2), Column("after", 2)],
        [
            (labels[before["zone"]], before["highest_apl"], after["highest_apl"])
            for before, after in zip(cuts["before"], cuts["after"], strict=True)
        ],
    )
    return page


def _territory(row: Record, labels: Mapping[str, str]) -> list[Cell]:
    zones = dict.fromkeys(labels.get(row[key], "-") for key in ("zone_before", "zone"))
    return [
        *_cells(row, "territory", "territory_name", "apl_before", "apl"), " -> ".join(zones)
    ]  # fmt: skip


def _cells(row: Record, *keys: str) -> list[Cell]:
    return [row[key] for key in keys]
