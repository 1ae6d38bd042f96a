"""Where an agency may raise aid: at most a part of the zones très sous dotées of its region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import isfinite
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError
from .rules.load import load_aid_rules
from .rules.rules import AidRules, as_dict
from .rules.sections import UpliftTerms
from .rules.values import Dated

_COLUMNS = ("territory", "territory_name", "region", "population", "apl", "zone")


@dataclass(frozen=True)
class UpliftCheck:
    """A list of territories beside the limit.

    Attributes
    ----------
    region : INSEE code.
    basis : count or population.
    limit : the part of the zones that may have the uplift.
    total : zones of the region that could, or their inhabitants.
    used : of them those chosen, each once.
    chosen : code and name of those, by the order given or by rising APL.
    other_zone, other_region, unknown, twice : codes of the list that cannot count.
    without_apl : how many of the zones have no APL, and so are never chosen as the lowest.
    rules : the values that apply.
    """

    region: str
    basis: str
    limit: Fraction
    total: Fraction
    used: Fraction
    chosen: tuple[tuple[str, str], ...]
    other_zone: tuple[str, ...]
    other_region: tuple[str, ...]
    unknown: tuple[str, ...]
    twice: tuple[str, ...]
    without_apl: int
    rules: tuple[Dated, ...]

    @property
    def within_limit(self) -> bool:
        """Whether the part used is at most the limit; exact."""
        return self.used <= self.limit * self.total

    @property
    def allowed(self) -> bool:
        """Whether the list may stand as it is."""
        faults = (self.other_zone, self.other_region, self.unknown, self.twice)
        return self.within_limit and not any(faults)

    @property
    def share(self) -> Fraction | None:
        """The part used; None where the region has no such zone."""
        return self.used / self.total if self.total else None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        share = self.share
        return {
            "region": self.region,
            "basis": self.basis,
            "limit": float(self.limit),
            "total": float(self.total),
            "used": float(self.used),
            "share": None if share is None else float(share),
            "within_limit": self.within_limit,
            "allowed": self.allowed,
            "chosen": [{"territory": code, "territory_name": name} for code, name in self.chosen],
            "other_zone": list(self.other_zone),
            "other_region": list(self.other_region),
            "unknown": list(self.unknown),
            "twice": list(self.twice),
            "without_apl": self.without_apl,
            "rules": [as_dict(rule) for rule in self.rules],
        }


def check_uplift(
    territories: pl.DataFrame,
    region: str,
    chosen: Iterable[str],
    *,
    basis: str | None = None,
    on: date | None = None,
    rules: AidRules | None = None,
) -> UpliftCheck:
    """Set a list of territories beside the limit of the uplift (CAMMK contract, article 2.3).

    Parameters
    ----------
    territories : columns territory, territory_name, region, population, apl, zone.
    region : INSEE code of the agency's region.
    chosen : codes of territories.
    basis : ``count`` of zones or their ``population``; by default what the rules say.
    on : the day whose rules apply; by default the last ones known.
    rules : as from `load_aid_rules`; by default those shipped.

    Returns
    -------
    UpliftCheck
        With what of the list cannot count, the part used, and whether it may stand.

    Raises
    ------
    InputDataError
        An unknown region or basis, a missing column or population.
    """
    case = _Case(territories, region, basis, on, rules or load_aid_rules())
    return case.check(list(chosen))


def choose_uplift(
    territories: pl.DataFrame,
    region: str,
    *,
    basis: str | None = None,
    on: date | None = None,
    rules: AidRules | None = None,
) -> UpliftCheck:
    """Choose territories for the uplift: lowest APL first, never beyond the limit.

    Parameters and errors are those of `check_uplift`. Territories of equal APL go by code; none is
    lowest whose APL is not known, see `UpliftCheck.without_apl`.
    """
    case = _Case(territories, region, basis, on, rules or load_aid_rules())
    return case.check(case.lowest())


class _Case:
    """The territories of a region that could have the uplift, each with its measure."""

    def __init__(
        self,
        territories: pl.DataFrame,
        region: str,
        basis: str | None,
        on: date | None,
        rules: AidRules,
    ) -> None:
        self.region, self.rules = region, rules
        self.on = on or max(v.since for values in rules.values.values() for v in values)
        self.terms = rules.section("uplift", UpliftTerms, self.on)
        self.basis = basis or self.terms.basis
        if self.basis not in ("count", "population"):
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="--basis",
                        details={"problem": "expected count or population"},
                    )
                ]
            )
        if missing := [column for column in _COLUMNS if column not in territories.columns]:
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="territories",
                        column=missing[0],
                        details={"problem": "missing"},
                    )
                ]
            )
        self.rows = territories.select(_COLUMNS).rows(named=True)
        self.of = {row["territory"]: row for row in self.rows}
        regions = sorted({row["region"] for row in self.rows if row["region"] is not None})
        if region not in regions:
            problem = f"'{region}' is no region of these territories"
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="--region",
                        details={"problem": problem, "hint": f"There: {', '.join(regions)}."},
                    )
                ]
            )
        self.candidates = [
            row for row in self.rows
            if row["region"] == region and row["zone"] in self.terms.zones
        ]  # fmt: skip
        self.total = sum(map(self.measure, self.candidates), Fraction(0))

    def measure(self, row: dict[str, Any]) -> Fraction:
        """Return what a territory uses of the limit."""
        if self.basis == "count":
            return Fraction(1)
        if row["population"] is None or not isfinite(row["population"]):
            problem = f"{row['territory']} has no population"
            raise InputDataError(
                [
                    Fault(
                        code="legacy.fault",
                        table="territories",
                        column="population",
                        details={"problem": problem},
                    )
                ]
            )
        return Fraction(row["population"])

    def lowest(self) -> list[str]:
        """Return territories by rising APL, up to the limit."""
        found: list[str] = []
        used = Fraction(0)
        ranked = [row for row in self.candidates if _has_apl(row)]
        for row in sorted(ranked, key=lambda row: (row["apl"], row["territory"])):
            if used + self.measure(row) <= self.terms.zone_limit * self.total:
                used += self.measure(row)
                found.append(row["territory"])
            elif self.terms.choice == "stop":
                break
        return found

    def check(self, chosen: Sequence[str]) -> UpliftCheck:
        """Set a list beside the limit."""
        once = list(dict.fromkeys(chosen))
        known = [self.of[code] for code in once if code in self.of]
        inside = [row for row in known if row["region"] == self.region]
        counted = [row for row in inside if row["zone"] in self.terms.zones]
        names = ("zone_limit", "zones", "basis", "choice")
        return UpliftCheck(
            region=self.region,
            basis=self.basis,
            limit=self.terms.zone_limit,
            total=self.total,
            used=sum(map(self.measure, counted), Fraction(0)),
            chosen=tuple((row["territory"], row["territory_name"]) for row in counted),
            other_zone=tuple(row["territory"] for row in inside if row not in counted),
            other_region=tuple(row["territory"] for row in known if row not in inside),
            unknown=tuple(code for code in once if code not in self.of),
            without_apl=sum(not _has_apl(row) for row in self.candidates),
            twice=tuple(code for code, times in Counter(chosen).items() if times > 1),
            rules=tuple(self.rules.cite(f"uplift.{name}", self.on) for name in names),
        )


def _has_apl(row: dict[str, Any]) -> bool:
    return row["apl"] is not None and isfinite(row["apl"])
