"""What the commands of `apl aids` share: options, days, and the communes of a result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Fault, InputDataError
from .options import Command, combined, path_option

if TYPE_CHECKING:
    from ..results.lookup import Place


def _read_day(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    from ..aids import FIRST_DAY, LAST_DAY

    try:
        day = None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a day; write 2025-09-15.") from None
    if day and not FIRST_DAY <= day <= LAST_DAY:
        raise click.BadParameter(f"{day} is not between {FIRST_DAY} and {LAST_DAY}.")
    return day


def day_option(*names: str, help: str, required: bool = False) -> Callable[[Command], Command]:
    """Return an option for a day, written 2025-09-15."""
    return click.option(*names, callback=_read_day, metavar="DAY", required=required, help=help)


rules_option = path_option(
    "--rules",
    "rules_file",
    help='A TOML file of your own, which may say extends = "mk"; by default the rules shipped.',
)
zones_option = path_option(
    "--zones",
    metavar="OUT",
    help="Folder that `apl run` or `apl zone` wrote, for the zone of a commune.",
)


zone_options = combined(
    click.argument("commune", metavar="[CODE]", required=False),
    click.option("--zone", help="Id of a zone, instead of a commune and --zones."),
    zones_option,
)


def zone_of(commune: str | None, zone: str | None, zones: Path | None) -> tuple[str, Place | None]:
    """Return a zone, and the commune whose zone it is; None if the zone itself is given."""
    if zone is not None and commune is None and zones is None:
        return zone, None
    if zone is not None or commune is None or zones is None:
        raise click.UsageError("Give either CODE and --zones OUT, or --zone ID alone.")
    place = find_commune(zones, commune)
    return str(place.zone), place


def find_commune(zones: Path, commune: str) -> Place:
    """Return a commune of a result, and refuse one without a zone."""
    from ..results.lookup import find_place
    from ..results.read import read_result

    place = find_place(read_result(zones), commune, kind="commune")
    if place.zone is None:
        details = {"commune": place.code, "name": place.name}
        raise InputDataError(Fault("aids.no_zone", "communes", details=details))
    return place


def read_codes(path: Path) -> list[str]:
    """Return the codes of a list: the first word of each line; `#` begins a comment."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        details = {"reason": getattr(error, "strerror", None) or str(error)}
        raise InputDataError(Fault("aids.unreadable_list", str(path), details=details)) from error
    words = (line.partition("#")[0].replace(",", " ").replace(";", " ").split() for line in lines)
    codes = [of_line[0].strip('"') for of_line in words if of_line]
    return [code for code in codes if code != "territory"]
