"""One region as annexe V sees it: its territories, its population, what it may move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import polars as pl

from ..errors import Fault, InputDataError, MethodologyError
from ..method.result import Zoning
from ..methodology.model import Methodology
from ..results.lookup import find_region, region_names

ADAPTED = "adapted by region"
ZERO, WHOLE = Fraction(0), Fraction(100)


@dataclass(frozen=True)
class Territory:
    """A territory as it is classed nationally.

    Attributes
    ----------
    code, name : of the bassin de vie or canton-ou-ville.
    region : of attribution (IV, 4.3).
    zone : id of its class; None where it has none.
    apl : ETP per 100 000 standardised inhabitants; None where it is not known.
    population : inhabitants, exactly as they were summed.
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
    code, name : INSEE code, and name in the table of article VI.
    own : the territories attributed to it, by code.
    population : inhabitants of those, whole (IV, 4.3).
    residents : inhabitants of the communes that lie in it.
    published_share : % of its population in the lower class by the table of VI; None where it
        has no row there.
    methodology : see its section ``regional``.
    """

    code: str
    name: str
    own: tuple[Territory, ...]
    population: Fraction
    residents: Fraction
    published_share: Fraction | None
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
        """Return the inhabitants of that class that the margin is taken from (V, last sentence).

        Raises
        ------
        InputDataError
            They are those of the table of VI, where the region has no row.
        """
        if self.methodology.regional.base_share == "computed":
            return self.inside
        if self.published_share is None:
            problem = f"{self.code} has no row in the table of article VI"
            hint = 'Take the share that was computed: regional.base_share = "computed".'
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="region",
                        details={"problem": problem, "hint": hint},
                    )
                ]
            )
        return self.published_share * self.population / WHOLE

    def room(self, *, adding: bool) -> Fraction:
        """Return the inhabitants that may be added, or taken out, where nothing else moves.

        The margin (V), or less where the share that it is taken from is another than ours.
        """
        away = self.base - self.inside
        return max(ZERO, min(self.limit, self.limit + (away if adding else -away)))

    def of_zone(self, zone: str) -> list[Territory]:
        """Return the territories of the region that are of a class, by code."""
        return [one for one in self.own if one.zone == zone]

    def additions(self) -> list[Territory]:
        """Return what may be added, by rising APL, then code; last what has no APL (V)."""
        return ranked(self.of_zone(self.methodology.regional.upper_zone))

    def removals(self) -> list[Territory]:
        """Return what may be taken out, by falling APL, then code; last what has no APL (V).

        The text sets no order here. This one leaves those who lack most where they are.
        """
        found = self.of_zone(self.methodology.regional.lower_zone)
        return sorted(found, key=lambda one: (one.apl is None, -(one.apl or 0.0), one.code))

    def share(self, people: Fraction) -> Fraction:
        """Return inhabitants as % of those of the region (IV, 4.3); 0 where nobody lives."""
        return WHOLE * people / self.population if self.population else ZERO


def ranked(territories: Iterable[Territory]) -> list[Territory]:
    """Return territories by rising APL, then code; last those without one."""
    return sorted(territories, key=lambda one: (one.apl is None, one.apl or 0.0, one.code))


def total(territories: Iterable[Territory]) -> Fraction:
    """Return the inhabitants of several territories, exactly."""
    return sum((one.population for one in territories), ZERO)


@dataclass(frozen=True)
class Country:
    """A national result, its territories read once for all regions.

    Attributes
    ----------
    zones : the result.
    territories : every one, by code.
    """

    zones: Zoning
    territories: Mapping[str, Territory]

    def region(self, text: str) -> Region:
        """Return a region by code or name.

        Raises
        ------
        InputDataError
            There is no such region.
        """
        zones = self.zones
        code = find_region(zones, text)
        own = tuple(one for one in self.territories.values() if one.region == code)
        people = zones.communes.filter(pl.col("region") == code).sort("commune")["population"]
        lower = zones.methodology.regional.lower_zone
        published = {row.region: row.shares for row in zones.methodology.regional.published_shares}
        return Region(
            code=code,
            name=region_names(zones)[code],
            own=own,
            population=total(own),
            residents=sum(map(Fraction, people), ZERO),
            published_share=published.get(code, {}).get(lower),
            methodology=zones.methodology,
        )


def read_country(zones: Zoning) -> Country:
    """Read the territories of a national result.

    Parameters
    ----------
    zones : as from `run`, `zone_published` or `read_result`.

    Returns
    -------
    Country

    Raises
    ------
    InputDataError
        The zones are not the national ones, of which V speaks: an agency has changed them; or
        figures are hidden in them.
    MethodologyError
        The classes between which territories move are none of the methodology.
    """
    zones.check_whole()
    _refuse_adapted(zones)
    _refuse_unknown_classes(zones.methodology)
    rows = zones.territories.sort("territory").select(
        "territory", "territory_name", "region", "zone", "apl", "population"
    )
    return Country(
        zones,
        {
            code: Territory(code, name, region, zone, apl, Fraction(people))
            for code, name, region, zone, apl, people in rows.iter_rows()
        },
    )


def _refuse_adapted(zones: Zoning) -> None:
    reasons = zones.territories["zone_reason"]
    if not (changed := reasons.filter(reasons.str.starts_with(ADAPTED))).is_empty():
        problem = f"{len(changed)} of its territories were adapted already"
        hint = "Give the national result that it was made from."
        raise InputDataError(
            [Fault(code="legacy.fault", table="result", details={"problem": problem, "hint": hint})]
        )


def _refuse_unknown_classes(methodology: Methodology) -> None:
    known = [zone.id for zone in methodology.zoning.classes]
    rules = methodology.regional
    for key, zone in (("lower_zone", rules.lower_zone), ("upper_zone", rules.upper_zone)):
        if zone not in known:
            problem = f"'{zone}' is none of the classes {', '.join(known)}"
            raise MethodologyError(
                Fault(
                    code="legacy.fault",
                    table=methodology.id,
                    key=f"regional.{key}",
                    details={"problem": problem},
                )
            )
