"""What the commands of `apl aids` share: days, options, and the places of a result."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import Command, FilledPath

if TYPE_CHECKING:
    from ..results.lookup import Place


def read_day(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    """Read a day, written 2025-09-15."""
    from ..aids import FIRST_DAY, LAST_DAY

    try:
        day = None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is no day; write 2025-09-15.") from None
    if day and not FIRST_DAY <= day <= LAST_DAY:
        raise click.BadParameter(f"{day} is not between {FIRST_DAY} and {LAST_DAY}.")
    return day


rules_option = click.option(
    "--rules",
    "rules_file",
    type=FilledPath(),
    help='A TOML file of your own, which may say extends = "mk"; by default the rules shipped.',
)
zones_option = click.option(
    "--zones",
    type=FilledPath(),
    metavar="OUT",
    help="Folder that `apl run` or `apl zone` wrote, for the zone of a commune.",
)


def place_options(command: Command) -> Command:
    """Add what names a commune, or a zone in its place."""
    for option in (
        zones_option,
        click.option("--zone", help="Id of a zone, in place of a commune and --zones."),
        click.argument("commune", metavar="[CODE]", required=False),
    ):
        command = option(command)
    return command


def place_of(commune: str | None, zone: str | None, zones: Path | None) -> Place | None:
    """Return the commune asked about; None where a zone is given in its place."""
    if zone is not None and commune is None and zones is None:
        return None
    if zone is not None or commune is None or zones is None:
        raise click.UsageError("Give either CODE and --zones OUT, or --zone ID alone.")
    return zoned_place(zones, commune)


def zoned_place(zones: Path, commune: str) -> Place:
    """Return a commune of a result, and refuse one without a zone."""
    from ..errors import Fault, InputDataError
    from ..results.lookup import find_place
    from ..results.read import read_result

    place = find_place(read_result(zones), commune, kind="commune")
    if place.zone is None:
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="communes",
                    details={"problem": f"{place.code} {place.name} has no zone"},
                )
            ]
        )
    return place


def codes_in(path: Path) -> list[str]:
    """Return the codes of a list: the first word of each line, `#` begins a remark."""
    from ..errors import Fault, InputDataError

    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=str(path),
                    details={"problem": f"cannot be read: {reason}"},
                )
            ]
        ) from error
    words = (line.partition("#")[0].replace(",", " ").replace(";", " ").split() for line in lines)
    codes = [found[0].strip('"') for found in words if found]
    return [code for code in codes if code != "territory"]
