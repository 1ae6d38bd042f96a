"""A region for annexe V: its territories, its population, and what it may move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import polars as pl

from ..errors import Fault, InputDataError, MethodologyError, Note, check_arguments, check_types
from ..method.result import Zoning
from ..methodology.model import Methodology
from ..results.lookup import find_region, region_names

ADAPTED, UNJUSTIFIED = "adapted by region", "no justification given"
ZERO, WHOLE = Fraction(0), Fraction(100)


@dataclass(frozen=True)
class Territory:
    """A territory as it is classed nationally.

    Attributes
    ----------
    code, name : str
        Of the bassin de vie or canton-ou-ville.
    region : str
        Region of attribution (IV, 4.3).
    zone : str or None
        Id of its class.
    apl : float or None
        ETP per 100 000 standardised inhabitants.
    population : Fraction
        Inhabitants, exactly as they were summed.
    """

    code: str
    name: str
    region: str
    zone: str | None
    apl: float | None
    population: Fraction


@dataclass(frozen=True)
class Region:
    """A region, its territories, and how much of its population it may move.

    Attributes
    ----------
    code, name : str
        INSEE code, and name in the table of article VI.
    own : tuple of Territory
        The territories attributed to it, by code.
    population : Fraction
        Inhabitants of these territories, whole (IV, 4.3).
    residents : Fraction
        Inhabitants of the communes in the region.
    published_share : Fraction or None
        % of its population in the lower class by the table of VI, as printed; None if it is not in
        it.
    misprint : str
        Why the row of VI is taken for a misprint; empty if it is not.
    methodology : Methodology
        See its section ``regional``.
    """

    code: str
    name: str
    own: tuple[Territory, ...]
    population: Fraction
    residents: Fraction
    published_share: Fraction | None
    misprint: str
    methodology: Methodology

    @cached_property
    def limit(self) -> Fraction:
        """Return the inhabitants that may move each way: 2.5 % of the regional population (V)."""
        rules = self.methodology.regional
        people = self.population if rules.regional_population == "attributed" else self.residents
        return rules.margin * people / WHOLE

    @cached_property
    def inside(self) -> Fraction:
        """Return the inhabitants of the class that territories are added to, nationally."""
        return total(self.of_zone(self.methodology.regional.lower_zone))

    @cached_property
    def base(self) -> Fraction:
        """Return the inhabitants of that class that the margin is measured from (V, last sentence).

        Raises
        ------
        InputDataError
            The table of VI is to be used, and the region is not in it.
        """
        if self.methodology.regional.base_share == "computed":
            return self.inside
        if self.published_share is None:
            details = {"region": self.code}
            raise InputDataError(Fault("regional.no_published_share", "region", details=details))
        return self.published_share * self.population / WHOLE

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return a warning if the margin is measured from a misprinted share."""
        if self.methodology.regional.base_share == "computed" or not self.misprint:
            return ()
        details = {"region": self.name, "reason": self.misprint}
        return (Note("regional.misprinted_share", warning=True, details=details),)

    def room(self, *, adding: bool) -> Fraction:
        """Return the inhabitants that may be added, or removed, if nothing else moves.

        The margin (V), or less if it is measured from another share than that of these zones.
        """
        away = self.base - self.inside
        return max(ZERO, min(self.limit, self.limit + (away if adding else -away)))

    def of_zone(self, zone: str) -> list[Territory]:
        """Return the territories of the region that are of a class, by code."""
        return [one for one in self.own if one.zone == zone]

    def additions(self) -> list[Territory]:
        """Return the candidates to add, by rising APL, then code; without APL last (V)."""
        outside = self.of_zone(self.methodology.regional.upper_zone)
        return sorted(outside, key=lambda one: (one.apl is None, one.apl or 0.0, one.code))

    def removals(self) -> list[Territory]:
        """Return the candidates to remove, by falling APL, then code; without APL last (V).

        The text sets no order here; this one removes those with the least need first.
        """
        inside = self.of_zone(self.methodology.regional.lower_zone)
        return sorted(inside, key=lambda one: (one.apl is None, -(one.apl or 0.0), one.code))

    def share(self, people: Fraction) -> Fraction:
        """Return inhabitants as % of those of the region (IV, 4.3); 0 without inhabitants."""
        return WHOLE * people / self.population if self.population else ZERO


def _exact_sum(numbers: Iterable[float]) -> Fraction:
    """Add up numbers exactly, those of one denominator as whole numbers."""
    sums: defaultdict[int, int] = defaultdict(int)
    for number in numbers:
        numerator, denominator = number.as_integer_ratio()
        sums[denominator] += numerator
    return sum((Fraction(sums[below], below) for below in sums), ZERO)


def total(territories: Iterable[Territory]) -> Fraction:
    """Return the inhabitants of several territories, exactly."""
    return sum((one.population for one in territories), ZERO)


@dataclass(frozen=True)
class Country:
    """A national result, its territories read once for all regions.

    Attributes
    ----------
    zones : Zoning
        The result.
    territories : mapping of str to Territory
        All of them, by code.
    """

    zones: Zoning
    territories: Mapping[str, Territory]

    def region(self, text: str) -> Region:
        """Return a region by code or name.

        Raises
        ------
        InputDataError
            The region is unknown.
        """
        check_types(region=(text, str))
        zones = self.zones
        code = find_region(zones, text)
        own = tuple(one for one in self.territories.values() if one.region == code)
        people = zones.communes.filter(pl.col("region") == code).sort("commune")["population"]
        rules = zones.methodology.regional
        row = next((row for row in rules.published_shares if row.region == code), None)
        return Region(
            code=code,
            name=region_names(zones)[code],
            own=own,
            population=total(own),
            residents=_exact_sum(people),
            published_share=row.shares.get(rules.lower_zone) if row else None,
            misprint=row.misprint.reason if row and row.misprint else "",
            methodology=zones.methodology,
        )


@check_arguments(zones=Zoning)
def read_country(zones: Zoning, *, exact: bool = True) -> Country:
    """Read the territories of a national result.

    Parameters
    ----------
    zones : Zoning
        As from `run`, `zone_published` or `read_result`.
    exact : bool
        Whether a publication, whose figures are rounded or hidden, is refused.

    Returns
    -------
    Country

    Raises
    ------
    InputDataError
        The zones are not the national ones of which V speaks, since an agency has adapted them; or
        figures are hidden in them.
    MethodologyError
        The classes between which territories move are not in the methodology.
    """
    if exact:
        zones.check_exact("result.published_region")
    check_national(zones)
    _refuse_unknown_classes(zones.methodology)
    rows = zones.territories.sort("territory").select(
        "territory", "territory_name", "region", "zone", "apl", "population"
    )
    territories = (
        Territory(code, name, region, zone, apl, Fraction(people))
        for code, name, region, zone, apl, people in rows.iter_rows()
    )
    return Country(zones, {one.code: one for one in territories})


def check_national(zones: Zoning) -> None:
    """Refuse zones that are not the national ones of which V and VI speak.

    Raises
    ------
    InputDataError
        An agency has adapted them.
    """
    if adapted := int(zones.territories["zone_reason"].str.starts_with(ADAPTED).sum()):
        details = {"territories": adapted}
        raise InputDataError(Fault("regional.already_adapted", "result", details=details))


def _refuse_unknown_classes(methodology: Methodology) -> None:
    classes = tuple(zone.id for zone in methodology.zoning.classes)
    faults = []
    for name in ("lower_zone", "upper_zone"):
        key, zone = f"regional.{name}", getattr(methodology.regional, name)
        if zone not in classes:
            details = {"zone": zone, "classes": classes}
            faults.append(Fault("regional.unknown_class", methodology.id, key=key, details=details))
    if faults:
        raise MethodologyError(faults)
