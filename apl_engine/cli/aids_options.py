"""What the commands of `apl aids` share: options, days, and the communes of a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import Fault, InputDataError
from ..inputs.text_file import lines_of
from ..small_files import read_small_file
from .options import Command, combined, path_option

if TYPE_CHECKING:
    from ..aids import AidRules, DatedZoning, ZoningChoice
    from ..results.lookup import Place
    from ..results.read import StoredResult


def _read_day(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    from ..aids import FIRST_DAY, LAST_DAY

    try:
        day = None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a day; write 2025-09-15.") from None
    if day and not FIRST_DAY <= day <= LAST_DAY:
        raise click.BadParameter(f"{day} is not between {FIRST_DAY} and {LAST_DAY}.")
    return day


def read_effects(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, date]:
    """Return the day of each region, written ``52=2024-11-01``."""
    days: dict[str, date] = {}
    for value in values:
        region, equals, text = value.partition("=")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if not equals or day is None:
            raise click.BadParameter(f"'{value}' is not REGION=DAY; write 52=2024-11-01.")
        if region in days:
            raise click.BadParameter(f"region {region} is given twice.")
        days[region] = day
    return days


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
    multiple=True,
    help="Folder that `apl run` or `apl zone` wrote, for the zone of a commune. Repeat it for "
    "several zonings: that in force on the day is used (see `apl aids effect`).",
)


zone_options = combined(
    click.argument("commune", metavar="[COMMUNE]", required=False),
    click.option("--zone", help="Id of a zone, instead of a commune and --zones."),
    zones_option,
)


@dataclass(frozen=True)
class Located:
    """A commune in the zoning in force on a day, and why it is that one."""

    place: Place
    choice: ZoningChoice

    def as_dict(self) -> dict[str, Any]:
        """Return both as plain values, for JSON."""
        return {"place": vars(self.place), "zoning": self.choice.as_dict()}


def plain_location(located: Located | None) -> dict[str, Any]:
    """Return a commune and its zoning as plain values, for JSON."""
    return located.as_dict() if located else {"place": None, "zoning": None}


def zone_of(
    commune: str | None, zone: str | None, zones: Sequence[Path], on: date, rules: AidRules
) -> tuple[str, Located | None]:
    """Return a zone, and the commune whose zone it is; None if the zone itself is given."""
    if zone is not None and commune is None and not zones:
        return zone, None
    if zone is not None or commune is None or not zones:
        raise click.UsageError("Give either COMMUNE and --zones OUT, or --zone ID alone.")
    located = locate(Zonings(zones, commune, rules), on)
    return str(located.place.zone), located


def attributing_regions(result: StoredResult) -> dict[str, str]:
    """Return the name of each region that classes territories of a zoning, by its code."""
    from ..results.lookup import region_names

    names = region_names(result)
    codes = result.territories["region"].drop_nulls().unique().sort()
    return {code: names.get(code, code) for code in codes}


class Zonings:
    """A commune in several zonings, each with its day of effect."""

    def __init__(self, folders: Sequence[Path], commune: str, rules: AidRules) -> None:
        from ..aids import DatedZoning, day_of_effect, read_effect
        from ..results.lookup import find_place
        from ..results.read import read_result

        self.rules = rules
        self.places: dict[DatedZoning, Place] = {}
        faults: list[Fault] = []
        for folder in folders:
            try:
                result = read_result(folder)
                stated = read_effect(folder, attributing_regions(result))
                place = find_place(result, commune, kind="commune")
            except InputDataError as error:
                faults += error.faults
                continue
            # The agency that classes a territory may be that of another region than the commune's.
            region = find_place(result, place.territory, kind="territory").region
            since, source = day_of_effect(region, result.methodology.id, stated, rules)
            self.places[DatedZoning(str(folder), region, place.zone, since, source)] = place
        if faults:
            raise InputDataError(dict.fromkeys(faults))


def locate(zonings: Zonings, on: date) -> Located:
    """Return a commune in the zoning in force on a day, and refuse one without a zone."""
    from ..aids import choose_zoning

    choice = choose_zoning(list(zonings.places), on, zonings.rules)
    place = zonings.places[choice.chosen]
    if place.zone is None:
        details = {"commune": place.code, "name": place.name}
        raise InputDataError(Fault("aids.no_zone", "communes", details=details))
    return Located(place, choice)


def read_codes(path: Path) -> list[str]:
    """Return the codes of a list: the first word of each line; `#` begins a comment."""
    try:
        lines = lines_of(read_small_file(path).decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        details = {"reason": getattr(error, "strerror", None) or str(error)}
        raise InputDataError(Fault("aids.unreadable_list", str(path), details=details)) from error
    words = (line.partition("#")[0].replace(",", " ").replace(";", " ").split() for line in lines)
    codes = [of_line[0].strip('"') for of_line in words if of_line]
    return [code for code in codes if code != "territory"]
