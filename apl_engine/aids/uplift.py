"""Where an agency may raise aid: in a limited part of the zones très sous dotées of its region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import isfinite
from typing import Any

from ..errors import Fault, InputDataError, check_arguments, check_elements, check_types, first
from ..methodology.values import plain_fields
from ..schemas import Kind, typed_columns
from .rules.load import load_aid_rules
from .rules.rules import AidRules
from .rules.sections import UpliftTerms
from .rules.values import DatedValue

_COLUMNS: dict[str, Kind] = {
    "territory": "text", "territory_name": "text", "region": "text", "population": "quantity",
    "apl": "quantity", "zone": "text",
}  # fmt: skip
_BASES = ("count", "population")
# Codes of a list that cannot count.
_REFUSED = ("other_zone", "other_region", "unknown", "twice")


@dataclass(frozen=True)
class UpliftCheck:
    """A list of territories compared with the limit.

    Attributes
    ----------
    region : str
        INSEE code.
    basis : str
        ``count`` or ``population``.
    limit : Fraction
        The part of the zones that may have the uplift.
    total : Fraction
        Zones of the region that could have it, or their inhabitants.
    used : Fraction
        Those chosen, each counted once.
    chosen : tuple of (str, str)
        Code and name of those, in the order given or by rising APL.
    other_zone, other_region, unknown, twice : tuple of str
        Codes of the list that cannot count.
    without_apl : int
        Zones that have no APL, and so are never chosen as the lowest.
    rules : tuple of DatedValue
        The values that apply.
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
    rules: tuple[DatedValue, ...]

    @property
    def within_limit(self) -> bool:
        """Whether the part used is at most the limit; exact."""
        return self.used <= self.limit * self.total

    @property
    def allowed(self) -> bool:
        """Whether the list is permitted as it is."""
        return self.within_limit and not any(getattr(self, name) for name in _REFUSED)

    @property
    def share(self) -> Fraction | None:
        """The part used; None if the region has no such zone."""
        return self.used / self.total if self.total else None

    def as_dict(self) -> dict[str, Any]:
        """Return the check as plain values, for JSON."""
        return {
            **plain_fields(self, "region", "basis"),
            **{name: float(getattr(self, name)) for name in ("limit", "total", "used")},
            "share": None if self.share is None else float(self.share),
            **plain_fields(self, "within_limit", "allowed"),
            "chosen": [{"territory": code, "territory_name": name} for code, name in self.chosen],
            **plain_fields(self, *_REFUSED, "without_apl", "rules"),
        }


@check_arguments(chosen=Iterable)
def check_uplift(
    territories: object,
    region: str,
    chosen: Iterable[str],
    *,
    basis: str | None = None,
    on: date | None = None,
    rules: AidRules | None = None,
) -> UpliftCheck:
    """Compare a list of territories with the limit of the uplift (CAMMK contract, article 2.3).

    Parameters
    ----------
    territories : object
        A frame of any library that speaks the Arrow C interface, with territory,
        territory_name, region, population, apl, zone.
    region : str
        INSEE code of the agency's region.
    chosen : iterable of str
        Codes of territories.
    basis : str, optional
        ``count`` of zones or their ``population``; by default what the rules say.
    on : date, optional
        The day whose rules apply; by default the last ones known.
    rules : AidRules, optional
        By default those shipped.

    Returns
    -------
    UpliftCheck
        With what of the list cannot count, the part used, and whether the list is permitted.

    Raises
    ------
    InputDataError
        An unknown region or basis, missing columns or populations.
    """
    codes = list(chosen)
    check_elements(chosen=(codes, str))
    return _Case(territories, region, basis, on, rules).check(codes)


def choose_uplift(
    territories: object,
    region: str,
    *,
    basis: str | None = None,
    on: date | None = None,
    rules: AidRules | None = None,
) -> UpliftCheck:
    """Choose territories for the uplift: lowest APL first, never beyond the limit.

    Territories of equal APL are ordered by code; those without an APL are never chosen, see
    `UpliftCheck.without_apl`. Errors are those of `check_uplift`.

    Parameters
    ----------
    territories, region, basis, on, rules
        As for `check_uplift`.

    Returns
    -------
    UpliftCheck
    """
    case = _Case(territories, region, basis, on, rules)
    return case.check(case.lowest())


class _Case:
    """The territories of a region that could have the uplift, each with its measure."""

    def __init__(
        self, territories: object, region: str, basis: str | None, on: date | None,
        given_rules: AidRules | None,
    ) -> None:  # fmt: skip
        check_types(
            region=(region, str), basis=(basis, str, None), on=(on, date, None),
            rules=(given_rules, AidRules, None),
        )  # fmt: skip
        rules = given_rules or load_aid_rules()
        self.region, self.rules = region, rules
        self.on = on or max(v.since for values in rules.values.values() for v in values)
        self.terms = rules.section("uplift", UpliftTerms, self.on)
        self.basis = basis or self.terms.basis
        faults = []
        if self.basis not in _BASES:
            details = {"given": self.basis, "known": _BASES}
            faults.append(Fault("uplift.unknown_basis", "basis", details=details))
        table, others = "territories", _COLUMNS.keys() - {"territory"}
        try:
            frame = typed_columns(territories, table, _COLUMNS, nullable=others)
        except InputDataError as error:
            raise InputDataError([*faults, *error.faults]) from error
        self.rows = frame.select(*_COLUMNS).rows(named=True)
        self.by_code = {row["territory"]: row for row in self.rows}
        regions = tuple(sorted({row["region"] for row in self.rows if row["region"] is not None}))
        if region not in regions:
            details = {"region": region, "known": regions}
            faults.append(Fault("uplift.unknown_region", "region", details=details))
        self.candidates = [
            row for row in self.rows
            if row["region"] == region and row["zone"] in self.terms.zones
        ]  # fmt: skip
        if self.basis == "population" and (
            unknown := [row["territory"] for row in self.candidates if not _has(row, "population")]
        ):
            fault = Fault("uplift.no_population", table, column="population", count=len(unknown))
            faults.append(replace(fault, values=first(unknown)))
        if faults:
            raise InputDataError(faults)
        self.total = sum(map(self.measure, self.candidates), Fraction(0))

    def measure(self, row: dict[str, Any]) -> Fraction:
        """Return what a territory uses of the limit."""
        return Fraction(1 if self.basis == "count" else row["population"])

    def lowest(self) -> list[str]:
        """Return territories by rising APL, up to the limit."""
        chosen: list[str] = []
        used = Fraction(0)
        ranked = [row for row in self.candidates if _has(row, "apl")]
        for row in sorted(ranked, key=lambda row: (row["apl"], row["territory"])):
            if used + self.measure(row) <= self.terms.zone_limit * self.total:
                used += self.measure(row)
                chosen.append(row["territory"])
            elif self.terms.choice == "stop":
                break
        return chosen

    def check(self, chosen: Sequence[str]) -> UpliftCheck:
        """Compare a list with the limit."""
        once = list(dict.fromkeys(chosen))
        known = [self.by_code[code] for code in once if code in self.by_code]
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
            unknown=tuple(code for code in once if code not in self.by_code),
            without_apl=sum(not _has(row, "apl") for row in self.candidates),
            twice=tuple(code for code, times in Counter(chosen).items() if times > 1),
            rules=tuple(self.rules.cite(f"uplift.{name}", self.on) for name in names),
        )


def _has(row: dict[str, Any], column: str) -> bool:
    return row[column] is not None and isfinite(row[column])
