"""The aids that each zone opens, by the days from which they are in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ...aids.rules.load import load_aid_rules
from ...aids.rules.rules import AidRules
from ...aids.rules.values import KINDS
from ...aids.zone_aids import ContractOffer, ZoneMeasure, aids_of_zone
from ...aids.zonings import day_of_effect, read_effect
from ...errors import InputDataError
from ...method.result import Zoning
from ...results.lookup import region_names
from ...results.read import StoredResult
from .. import french

_SECTIONS = ("zones", *KINDS)


def aids_content(zones: Zoning, rules: AidRules | None = None) -> dict[str, Any] | None:
    """Return the aids of each class, from each day on which any of them changes.

    Parameters
    ----------
    zones : Zoning
        A result. Days of effect that its folder states are used.
    rules : AidRules, optional
        By default those shipped.

    Returns
    -------
    dict or None
        ``periods``, each with the day it begins (``since``) and, by class of the methodology, its
        ``measures`` and ``contracts``, and whether these contracts exclude one another
        (``exclusive``); ``effect``, by region of the result the day from which the
        zoning is in force, or None. Plain values. None if the rules know none of these classes.
    """
    rules = rules or load_aid_rules()
    ids = [zone.id for zone in zones.methodology.zoning.classes]
    periods: list[dict[str, Any]] = []
    for day in _days(rules):
        try:
            found = [aids_of_zone(zone, day, rules) for zone in ids]
        except InputDataError:
            continue
        opened = [
            {
                "measures": [_measure(one, rules) for one in aids.measures],
                "contracts": [_contract(one, rules) for one in aids.contracts],
            }
            for aids in found
        ]
        exclusive = rules.cite("contract.exclusive", day).parsed
        period = {"zones": opened, "exclusive": exclusive}
        if not periods or periods[-1] != {"since": periods[-1]["since"], **period}:
            periods.append({"since": day.isoformat(), **period})
    if not periods:
        return None
    regions = list(region_names(zones))
    return {"periods": periods, "effect": _effects(zones, regions, rules)}


def _days(rules: AidRules) -> Iterable[date]:
    """Return the days on which an aid of a zone begins or changes."""
    return sorted(
        {
            value.since
            for key, values in rules.values.items()
            if key.partition(".")[0] in _SECTIONS
            for value in values
        }
    )


def _measure(measure: ZoneMeasure, rules: AidRules) -> dict[str, Any]:
    rule = measure.rule
    return {
        "measure": measure.measure,
        "title": measure.title,
        "opens": measure.opens,
        "certain": rule.confidence == "read",
        "source": rules.sources[rule.source]["title"],
        # Without what it quotes.
        "article": french.citation(rule.article).partition(" : ")[0],
    }


def _contract(offer: ContractOffer, rules: AidRules) -> dict[str, Any]:
    return {
        "kind": offer.kind,
        "title": offer.title,
        "years": offer.years,
        "renewable": offer.renewable,
        "maximum": float(offer.maximum),
        "certain": offer.rule.confidence == "read",
        "source": rules.sources[offer.rule.source]["title"],
    }


def _effects(zones: Zoning, regions: list[str], rules: AidRules) -> list[str | None]:
    stated: Mapping[str, date] = {}
    if isinstance(zones, StoredResult):
        stated = read_effect(zones.folder, regions)
    days = (day_of_effect(region, zones.methodology.id, stated, rules)[0] for region in regions)
    return [None if day is None else day.isoformat() for day in days]
