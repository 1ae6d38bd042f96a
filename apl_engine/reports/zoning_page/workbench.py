"""What the page needs of annexe V: the margin of each region, and the data of its workbench."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from ...errors import InputDataError, MethodologyError
from ...method.result import Zoning
from ...methodology.values import plain_fields
from ...regional.proposal import DATES, FIRST_YEAR, LAST_YEAR, LONGEST
from ...regional.region import Country, Region, Territory, check_national, read_country
from ...regional.rules import RULES, SHOWN
from ...regional.summary import across_border
from ...results.lookup import ALIKE, NEAREST, region_names
from ..annex.content import ACROSS, ADDED, OWN, REMOVED

_CHOICES = ("addition_order", "margin_counting", "regional_population", "base_share")


def margin_law(zones: Zoning) -> dict[str, Any] | None:
    """Return the parameters of annexe V with their articles, and the margin of each region.

    Populations and zones are published exactly, so that a publication has it too.

    Parameters
    ----------
    zones : Zoning
        A national result, or its publication.

    Returns
    -------
    dict or None
        Plain values: ``margin`` (% as a fraction), ``lower`` and ``upper`` (numbers of classes),
        the choices where the text is silent, ``articles`` by rule, and ``regions`` with
        ``population``, ``limit``, ``base``, ``up`` and ``down`` (inhabitants, fractions as text;
        ``base``, ``up`` and ``down`` are None if the text publishes no share of the region and
        the methodology asks for it). None if V does not apply to these zones.
    """
    try:
        country = read_country(zones, exact=False)
    except (InputDataError, MethodologyError):
        return None
    rules = zones.methodology.regional
    classes = [zone.id for zone in zones.methodology.zoning.classes]
    articles = {entry.key: entry.article for entry in zones.methodology.parameters}
    return {
        **plain_fields(rules, "margin", *_CHOICES, "consultation", "justification"),
        "lower": classes.index(rules.lower_zone),
        "upper": classes.index(rules.upper_zone),
        "articles": {rule: articles[parameter] for rule, (parameter, _) in RULES.items()},
        "regions": [_margin(country.region(code)) for code in region_names(zones)],
    }


def _margin(region: Region) -> dict[str, Any]:
    """Return the inhabitants of a region, and how many may move."""
    named: dict[str, Any] = {
        "code": region.code,
        **{name: str(getattr(region, name)) for name in ("population", "residents", "limit")},
    }
    try:
        base, up, down = region.base, region.room(adding=True), region.room(adding=False)
    except InputDataError:
        return {**named, "base": None, "up": None, "down": None, "misprint": ""}
    misprint = region.misprint if region.notes else ""
    return {**named, "base": str(base), "up": str(up), "down": str(down), "misprint": misprint}


def workbench_refusal(zones: Zoning) -> str | None:
    """Return why a result may not be used for a proposal; None if it may.

    Returns
    -------
    str or None
        ``published`` (figures are rounded or hidden), ``adapted`` (V speaks of national zones) or
        ``classes`` (the methodology lacks the classes between which territories move).
    """
    if zones.publication:
        return "published"
    try:
        check_national(zones)
        read_country(zones)
    except InputDataError:
        return "adapted"
    except MethodologyError:
        return "classes"
    return None


def workbench_content(zones: Zoning) -> dict[str, Any] | None:
    """Return what the workbench needs beside `margin_law` and the table of territories.

    Parameters
    ----------
    zones : Zoning
        A national result. Territories are numbered as in its table.

    Returns
    -------
    dict or None
        Plain values: ``people`` of each territory, whole numbers as text over one ``denominator``;
        ``regions`` with the numbers of their candidates in legal order (``additions``, of which
        the first ``ranked`` have an APL; ``removals``), and of territories that cross their border
        (``locked``: another region classes them; ``shared``: classed here); ``file``: what a
        proposal may contain; ``annex``: headings of its tables. None if the result may not be used
        for a proposal, see `workbench_refusal`.
    """
    if workbench_refusal(zones):
        return None
    country = read_country(zones)
    order = zones.territories["territory"].to_list()
    number = {code: place for place, code in enumerate(order)}
    denominator, people = _whole([country.territories[code].population for code in order])
    return {
        "denominator": str(denominator),
        "people": people,
        "regions": [_region(country, code, number) for code in region_names(zones)],
        "shown": SHOWN,
        "spelling": {"nearest": NEAREST, "alike": ALIKE},
        "file": {"longest": LONGEST, "years": [FIRST_YEAR, LAST_YEAR], "dates": list(DATES)},
        "annex": {"own": list(OWN), "across": list(ACROSS), "added": ADDED, "removed": REMOVED},
    }


def _whole(fractions: Sequence[Fraction]) -> tuple[int, list[str]]:
    """Return fractions as whole numbers over one denominator."""
    denominator = lcm(*(one.denominator for one in fractions))
    return denominator, [str(int(one * denominator)) for one in fractions]


def _region(country: Country, code: str, number: dict[str, int]) -> dict[str, Any]:
    region = country.region(code)
    additions = region.additions()
    return {
        "code": code,
        "additions": _numbers(additions, number),
        "ranked": sum(one.apl is not None for one in additions),
        "removals": _numbers(region.removals(), number),
        **{
            name: [
                {"territory": number[row["territory"]], **{key: row[key] for key in _SHARED}}
                for row in across_border(country, region, attributed_here=here).to_dicts()
            ]
            for name, here in (("locked", False), ("shared", True))
        },
    }


_SHARED = ("region", "communes", "population")


def _numbers(territories: Iterable[Territory], number: dict[str, int]) -> list[int]:
    return [number[one.code] for one in territories]
