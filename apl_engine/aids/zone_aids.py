"""What the zone of a commune opens on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..errors import Fault, InputDataError, check_arguments
from ..methodology.values import plain_fields
from .money import cents
from .rules.load import load_aid_rules
from .rules.rules import AidRules
from .rules.sections import AnnualTerms
from .rules.values import KINDS, DatedValue

_REGULATED = "regulated"
_MEASURES = ("conventional", "collectivities", "agency", _REGULATED)


@dataclass(frozen=True)
class ZoneMeasure:
    """An aid or a regulation, and whether the zone opens it.

    Attributes
    ----------
    measure : str
        ``conventional``, ``collectivities``, ``agency`` or ``regulated``.
    title : str
        In the words of the law.
    opens : bool
        Whether the zone opens it.
    rule : DatedValue
        The value, with source and article.
    """

    measure: str
    title: str
    opens: bool
    rule: DatedValue

    def as_dict(self) -> dict[str, Any]:
        """Return the measure as plain values, for JSON."""
        return plain_fields(self, *vars(self))


@dataclass(frozen=True)
class ContractOffer:
    """A contract that may be signed.

    Attributes
    ----------
    kind, title : str
        Of the contract.
    years : int
        Its length.
    renewable : bool
        Whether it is renewed tacitly.
    maximum : Decimal
        The most it pays over its term, in EUR, without trainees and uplift.
    rule : DatedValue
        The value that gives the amounts.
    """

    kind: str
    title: str
    years: int
    renewable: bool
    maximum: Decimal
    rule: DatedValue

    def as_dict(self) -> dict[str, Any]:
        """Return the offer as plain values, for JSON; the amount is a text."""
        return {
            "contract": self.kind,
            **plain_fields(self, "title", "years", "renewable"),
            "maximum": str(self.maximum),
            "rule": self.rule.as_dict(),
        }


@dataclass(frozen=True)
class ZoneAids:
    """What a zone opens on a day.

    Attributes
    ----------
    zone : str
    on : date
    measures : tuple of ZoneMeasure
        Each aid and regulation.
    contracts : tuple of ContractOffer
        Those that may be signed, one at a time.
    """

    zone: str
    on: date
    measures: tuple[ZoneMeasure, ...]
    contracts: tuple[ContractOffer, ...]

    @property
    def regulated(self) -> bool:
        """Whether conventionnement is regulated."""
        return next(m.opens for m in self.measures if m.measure == _REGULATED)

    def as_dict(self) -> dict[str, Any]:
        """Return the aids as plain values, for JSON."""
        return plain_fields(self, *vars(self))


@check_arguments(zone=str, on=date, rules=(AidRules, None))
def aids_of_zone(zone: str, on: date, rules: AidRules | None = None) -> ZoneAids:
    """Return the aids and the regulation that a zone opens (arrêté of 20 March 2024, annexe, I).

    Parameters
    ----------
    zone : str
        Id of a class, such as ``tres_sous_dotee``.
    on : date
        Before avenant 7 other zones gave a right to aid.
    rules : AidRules, optional
        By default those shipped.

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
        details = {"zone": zone, "known": known}
        raise InputDataError(Fault("aids.unknown_zone", "zone", details=details))
    cited = {measure: rules.cite(f"zones.{measure}", on) for measure in _MEASURES}
    measures = tuple(
        ZoneMeasure(measure, rule.parsed.title, zone in rule.parsed.zones, rule)
        for measure, rule in cited.items()
    )
    contracts = tuple(_offer(kind, on, rules) for kind in KINDS) if measures[0].opens else ()
    return ZoneAids(zone, on, measures, contracts)


def _offer(kind: str, on: date, rules: AidRules) -> ContractOffer:
    terms = rules.contract(kind, on)
    name = "yearly_amount" if isinstance(terms, AnnualTerms) else "payments"
    rule, most = rules.cite(f"{kind}.{name}", on), cents(terms.maximum)
    return ContractOffer(kind, terms.title, terms.years, terms.renewable, most, rule)
