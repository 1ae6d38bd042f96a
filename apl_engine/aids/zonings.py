"""Which zoning is in force on a day: that of the agency's last order that had taken effect."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import (
    Fault,
    InputDataError,
    OutputError,
    check_arguments,
    check_elements,
    check_types,
)
from ..methodology.parsers import ValueRefusedError, day
from ..methodology.values import plain_fields
from ..schemas import EFFECT_FILE
from ..small_files import read_small_file
from .contract import Contract, ZoneChange
from .dates import FIRST_DAY, LAST_DAY, Period, anniversary
from .rules.load import load_aid_rules
from .rules.rules import AidRules
from .rules.values import DatedValue
from .timeline import last_day


@dataclass(frozen=True)
class DatedZoning:
    """The zone of a place in one zoning, and since when it is in force there.

    Attributes
    ----------
    name : str
        Of the zoning, such as its folder.
    region : str
        INSEE code of the region whose agency classes the place.
    zone : str or None
        Id of its class.
    since : date or None
        Day of effect of the agency's order; None if it is not known.
    source : str
        Where that day is stated.
    """

    name: str
    region: str
    zone: str | None
    since: date | None = None
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the zoning as plain values, for JSON."""
        return plain_fields(self, *vars(self))


@dataclass(frozen=True)
class ZoningChoice:
    """The zoning in force on a day, among those given, and why.

    Attributes
    ----------
    on : date
    chosen : DatedZoning
    earlier, later : tuple of DatedZoning
        Those that it replaces, and those that are not in force yet, by rising day.
    stands : DatedValue
        Until when it is in force.
    rhythm : DatedValue
        The years after which a revision is meant to come; it ends nothing.
    """

    on: date
    chosen: DatedZoning
    earlier: tuple[DatedZoning, ...]
    later: tuple[DatedZoning, ...]
    stands: DatedValue
    rhythm: DatedValue

    @property
    def revision_meant(self) -> date | None:
        """The day on which a revision is meant to come; None if the day of effect is not known."""
        since = self.chosen.since
        return since and anniversary(since, self.rhythm.parsed, "1_march")

    def as_dict(self) -> dict[str, Any]:
        """Return the choice as plain values, for JSON."""
        return plain_fields(self, *vars(self), "revision_meant")


@check_arguments(folder=(str, Path), regions=Collection)
def read_effect(folder: str | Path, regions: Collection[str]) -> Mapping[str, date]:
    """Read the days of effect that a folder states: ``52 = 2024-11-01`` for each region.

    Parameters
    ----------
    folder : str or Path
        Of a zoning; `EFFECT_FILE` in it may be missing.
    regions : collection of str
        INSEE codes of the regions of the zoning.

    Returns
    -------
    mapping of str to date
        By region; empty without a file.

    Raises
    ------
    InputDataError
        The file is no TOML; or all of its unknown regions and impossible days.
    """
    path = Path(folder) / EFFECT_FILE
    if not os.path.exists(path):
        return {}
    name = f"{Path(folder).name}/{EFFECT_FILE}"
    try:
        raw = tomllib.loads(read_small_file(path).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        details = {"reason": getattr(error, "strerror", None) or str(error)}
        raise InputDataError(Fault("aids.unreadable_effect", name, details=details)) from error
    if faults := list(_effect_faults(raw, name, regions)):
        raise InputDataError(faults)
    return raw


@check_arguments(folder=(str, Path), days=Mapping, regions=Mapping)
def write_effect(
    folder: str | Path, days: Mapping[str, date], regions: Mapping[str, str]
) -> Mapping[str, date]:
    """State days of effect in the folder of a zoning, beside those that it states already.

    Parameters
    ----------
    folder : str or Path
    days : mapping of str to date
        By INSEE code of the region.
    regions : mapping of str to str
        Name of each region of the zoning.

    Returns
    -------
    mapping of str to date
        All that the folder states now.

    Raises
    ------
    InputDataError
        Unknown regions, impossible days, or a file there that cannot be read.
    OutputError
        The file cannot be written.
    """
    folder = Path(folder)
    check_elements(days=(days, str), regions=(regions, str))
    if faults := list(_effect_faults(days, f"{folder.name}/{EFFECT_FILE}", regions)):
        raise InputDataError(faults)
    stated = dict(sorted({**read_effect(folder, regions), **days}.items()))
    lines = ["# The day of effect of the order of each region's agency.\n"]
    lines += [f"{region} = {since}  # {regions[region]}\n" for region, since in stated.items()]
    path = folder / EFFECT_FILE
    # A name that writing a result passes over, should this be killed.
    draft = path.with_name(f".apl-engine.{path.name}")
    try:
        draft.write_text("".join(lines), encoding="utf-8")
        draft.replace(path)
    except (OSError, UnicodeEncodeError) as error:
        with suppress(OSError, UnicodeEncodeError):
            draft.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error)
        details = {"path": str(path), "reason": reason}
        raise OutputError(Fault("output.not_written", "output", details=details)) from error
    return stated


@check_arguments(contract=Contract, choice=ZoningChoice, name=str, rules=(AidRules, None))
def in_zoning(
    contract: Contract, choice: ZoningChoice, name: str = "contract", rules: AidRules | None = None
) -> Contract:
    """Return a contract with its zone on the day of signature, and changes by later zonings.

    Parameters
    ----------
    contract : Contract
        What it states of zones itself is kept.
    choice : ZoningChoice
        For the place of practice, on the day of signature.
    name : str
        Of its file.
    rules : AidRules, optional
        By default those shipped.

    Returns
    -------
    Contract

    Raises
    ------
    InputDataError
        The zone that it states is not that of the zoning in force.
    """
    chosen, zone = choice.chosen, contract.zone or choice.chosen.zone
    if chosen.since is not None and zone != chosen.zone:
        details = {"zone": zone, "zoning": chosen.name, "actual": chosen.zone,
                   "signed": str(contract.signed), "since": str(chosen.since)}  # fmt: skip
        raise InputDataError(Fault("contract.other_zone", name, key="zone", details=details))
    changes = contract.zone_changes
    if not changes and chosen.since is not None:
        last, zones = last_day(contract.kind, contract.signed, rules or load_aid_rules()), [zone]
        for later in choice.later:
            if (
                later.since is not None
                and later.since <= last
                and later.zone not in (None, zones[-1])
            ):
                zones.append(later.zone)
                changes = (*changes, ZoneChange(later.since, str(later.zone)))
    return replace(contract, zone=zone, zone_changes=changes)


def _effect_faults(raw: Mapping[str, Any], name: str, regions: Collection[str]) -> Iterator[Fault]:
    bounds = Period(FIRST_DAY, LAST_DAY)
    for region, given in raw.items():
        if region not in regions:
            known = tuple(sorted(regions))
            code = "aids.unknown_region_of_effect"
            yield Fault(code, name, key=region, details={"known": known})
        try:
            if not bounds.includes(day(given)):
                details = {"first": str(FIRST_DAY), "last": str(LAST_DAY)}
                yield Fault("value.day_out_of_range", name, key=region, details=details)
        except ValueRefusedError as error:
            yield from (problem.fault(name, region) for problem in error.problems)


@check_arguments(region=str, methodology=str, stated=Mapping, rules=AidRules)
def day_of_effect(
    region: str, methodology: str, stated: Mapping[str, date], rules: AidRules
) -> tuple[date | None, str]:
    """Return the day from which a zoning is in force in a region, and where that is stated.

    Parameters
    ----------
    region : str
        INSEE code.
    methodology : str
        Id of the methodology of the zoning.
    stated : mapping of str to date
        As `read_effect` returns them; they win over the rules.
    rules : AidRules

    Returns
    -------
    tuple of (date or None, str)
        None if neither gives one.
    """
    if region in stated:
        return stated[region], EFFECT_FILE
    for effect in rules.cite("zonings.effects", LAST_DAY).parsed:
        if (effect.region, effect.methodology) == (region, methodology):
            return effect.on, effect.article
    return None, ""


@check_arguments(zonings=Sequence, on=date, rules=(AidRules, None))
def choose_zoning(
    zonings: Sequence[DatedZoning], on: date, rules: AidRules | None = None
) -> ZoningChoice:
    """Choose the zoning that is in force on a day (arrêté of 20 March 2024, annexe, VII).

    A zoning is in force from its day of effect until that of the next one. One alone whose day of
    effect is not known is taken to be in force.

    Parameters
    ----------
    zonings : sequence of DatedZoning
        Those known of one place.
    on : date
    rules : AidRules, optional
        By default those shipped.

    Returns
    -------
    ZoningChoice

    Raises
    ------
    InputDataError
        There is none, or the day is before any of them; of several, one has no day of effect or
        two have the same.
    """
    rules = rules or load_aid_rules()
    if not zonings:
        raise InputDataError(Fault("argument.empty", "zonings"))
    check_elements(zonings=(zonings, DatedZoning))
    for one in zonings:
        check_types(since=(one.since, date, None))
    if len(zonings) > 1 and (faults := list(_faults(zonings))):
        raise InputDataError(faults)
    ordered = sorted(zonings, key=lambda zoning: zoning.since or FIRST_DAY)
    begun = [one for one in ordered if one.since is None or one.since <= on]
    if not begun:
        details = {
            "day": str(on),
            "zonings": tuple(f"{one.name} from {one.since}" for one in ordered),
        }
        raise InputDataError(Fault("aids.before_zonings", "zonings", details=details))
    return ZoningChoice(
        on=on,
        chosen=begun[-1],
        earlier=tuple(begun[:-1]),
        later=tuple(ordered[len(begun) :]),
        stands=rules.cite("zonings.stands", LAST_DAY),
        rhythm=rules.cite("zonings.rhythm_years", LAST_DAY),
    )


def _faults(zonings: Sequence[DatedZoning]) -> Iterator[Fault]:
    by_day: dict[date, list[str]] = {}
    for zoning in zonings:
        if zoning.since is None:
            details: dict[str, object] = {"region": zoning.region, "file": EFFECT_FILE}
            yield Fault("aids.no_day_of_effect", zoning.name, details=details)
        else:
            by_day.setdefault(zoning.since, []).append(zoning.name)
    for since, names in by_day.items():
        if len(names) > 1:
            details = {"day": str(since), "zonings": tuple(names), "file": EFFECT_FILE}
            yield Fault("aids.same_day_of_effect", "zonings", details=details)
