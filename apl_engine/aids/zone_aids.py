"""What the zone of a commune opens on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..errors import Fault, InputDataError
from .money import cents
from .rules.load import load_aid_rules
from .rules.rules import AidRules, as_dict
from .rules.values import KINDS, Dated

_AIDS = ("conventional", "collectivities", "agency")


@dataclass(frozen=True)
class Opened:
    """An aid or a regulation, and whether the zone opens it.

    Attributes
    ----------
    measure : conventional, collectivities, agency or regulated.
    title : in the words of the law.
    opens : whether the zone does.
    rule : the value, with source and article.
    """

    measure: str
    title: str
    opens: bool
    rule: Dated

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "measure": self.measure,
            "title": self.title,
            "opens": self.opens,
            "rule": as_dict(self.rule),
        }


@dataclass(frozen=True)
class Offer:
    """A contract that may be signed.

    Attributes
    ----------
    kind, title : of the contract.
    years : how long it runs.
    renewable : whether it is renewed.
    maximum : the most it pays over its term, in EUR, trainees and uplift aside.
    rule : the value that gives the amounts.
    """

    kind: str
    title: str
    years: int
    renewable: bool
    maximum: Decimal
    rule: Dated

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON; the amount is a text."""
        return {
            "contract": self.kind,
            "title": self.title,
            "years": self.years,
            "renewable": self.renewable,
            "maximum": str(self.maximum),
            "rule": as_dict(self.rule),
        }


@dataclass(frozen=True)
class ZoneAids:
    """What a zone opens on a day.

    Attributes
    ----------
    zone, on : which.
    measures : each aid and regulation.
    contracts : those that may be signed; exclusive of one another.
    """

    zone: str
    on: date
    measures: tuple[Opened, ...]
    contracts: tuple[Offer, ...]

    @property
    def regulated(self) -> bool:
        """Whether conventionnement is regulated."""
        return next(m.opens for m in self.measures if m.measure == "regulated")

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "zone": self.zone,
            "on": self.on.isoformat(),
            "measures": [measure.as_dict() for measure in self.measures],
            "contracts": [offer.as_dict() for offer in self.contracts],
        }


def aids_of_zone(zone: str, on: date, rules: AidRules | None = None) -> ZoneAids:
    """Return the aids and the regulation that a zone opens (arrêté of 20 March 2024, annexe, I).

    Parameters
    ----------
    zone : id of a class, such as tres_sous_dotee.
    on : the day; before avenant 7 other zones opened a right.
    rules : as from `load_aid_rules`; by default those shipped.

    Returns
    -------
    ZoneAids

    Raises
    ------
    InputDataError
        An unknown zone, or a day before the first of the rules.
    """
    rules = rules or load_aid_rules()
    known = rules.cite("zones.known", on).parsed
    if zone not in known:
        problem = f"'{zone}' is no zone; known are {', '.join(known)}"
        raise InputDataError(
            [Fault(code="legacy.fault", table="zone", details={"problem": problem})]
        )
    measures = []
    for measure in (*_AIDS, "regulated"):
        rule = rules.cite(f"zones.{measure}", on)
        measures.append(Opened(measure, rule.parsed.title, zone in rule.parsed.zones, rule))
    contracts = tuple(_offer(kind, on, rules) for kind in KINDS) if measures[0].opens else ()
    return ZoneAids(zone, on, tuple(measures), contracts)


def _offer(kind: str, on: date, rules: AidRules) -> Offer:
    terms = rules.contract(kind, on)
    name = "payments" if f"{kind}.payments" in rules.values else "yearly_amount"
    rule = rules.cite(f"{kind}.{name}", on)
    return Offer(kind, terms.title, terms.years, terms.renewable, cents(terms.maximum), rule)
