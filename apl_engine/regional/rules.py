"""The rules of annexe V, each as a verdict, a sentence and exact figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from ..results.lookup import nearest
from .format import apart, inhabitants, listed, percent, points
from .moves import adapted_own
from .proposal import Proposal
from .region import Region, Territory, total

Verdict = Literal["ok", "broken", "not applicable"]
Judged = tuple[Verdict, str, Mapping[str, Fraction]]

# The rules in the order they are judged, and the parameter whose article each is.
RULES = {
    "attribution": "regional.regional_population",
    "allowed_move": "regional.upper_zone",
    "order": "regional.addition_order",
    "margin_up": "regional.margin",
    "margin_down": "regional.margin",
    "final_share": "regional.base_share",
    "consultation": "regional.consultation",
    "justification": "regional.justification",
}
# Territories that a sentence names.
_SHOWN = 10
_DATES = ("concertation", "commission_paritaire_regionale")


@dataclass(frozen=True)
class Case:
    """A proposal beside the territories it names; those that nobody knows are not among them."""

    proposal: Proposal
    region: Region
    country: Mapping[str, Territory]

    def known(self, codes: Iterable[str]) -> list[Territory]:
        """Return the territories of these codes, by code."""
        return [self.country[code] for code in sorted(set(codes)) if code in self.country]

    @property
    def added(self) -> list[Territory]:
        """Return what would be added to the lower class."""
        return self.known(move.territory for move in self.proposal.additions)

    @property
    def removed(self) -> list[Territory]:
        """Return what would be taken out of it."""
        return self.known(move.territory for move in self.proposal.removals)


def judged(case: Case) -> Sequence[Judged]:
    """Judge by each rule, in the order of `RULES`."""
    if not case.proposal.moves:
        nothing: Judged = ("not applicable", "nothing moves", {})
        return [_final_share(case) if rule == "final_share" else nothing for rule in RULES]
    return (
        _attribution(case), _allowed_move(case), _order(case), _margin(case, adding=True),
        _margin(case, adding=False), _final_share(case), _consultation(case),
        _justification(case),
    )  # fmt: skip


def _attribution(case: Case) -> Judged:
    names = {one.code: one.name for one in case.country.values()}
    wrong: list[str] = []
    for move in case.proposal.moves:
        one = case.country.get(move.territory)
        if one is None and len(wrong) >= _SHOWN:
            wrong.append(f"{move.territory} is no territory of the result")
        elif one is None:
            near = nearest(move.territory, names)
            hint = f"; nearest: {', '.join(near)}" if near else ""
            wrong.append(f"{move.territory} is no territory of the result{hint}")
        elif one.region != case.region.code:
            wrong.append(f"{one.code} {one.name} is classed by region {one.region}")
    if wrong:
        return "broken", listed(wrong, "; ", _SHOWN), {}
    return "ok", f"all territories are classed by region {case.region.code}", {}


def _allowed_move(case: Case) -> Judged:
    rules = case.region.methodology.regional
    labels = {zone.id: zone.label for zone in case.region.methodology.zoning.classes}
    wrong = [
        f"{one.code} {one.name} is {labels.get(one.zone or '', 'in no class')}, not {labels[zone]}"
        for zone, moved in ((rules.upper_zone, case.added), (rules.lower_zone, case.removed))
        for one in moved
        if one.zone != zone
    ]
    if wrong:
        return "broken", listed(wrong, "; ", _SHOWN), {}
    if not case.added and not case.removed:
        return "not applicable", "no territory of the proposal is known", {}
    lower, upper = labels[rules.lower_zone], labels[rules.upper_zone]
    return "ok", f"{upper} to {lower}, or back: a move that the text allows", {}


def _order(case: Case) -> Judged:
    rules = case.region.methodology.regional
    order = case.region.additions()
    added = {one.code for one in case.added}
    chosen = [one for one in order if one.code in added]
    if rules.addition_order == "free" or not chosen:
        why = "nothing is added" if not chosen else "the methodology asks for no order"
        return "not applicable", why, {}
    if rules.addition_order == "strict":
        passed = _passed_over_strictly(order, chosen)
    else:
        passed = _passed_over_where_it_fits(case, order, chosen)
    if not passed:
        return "ok", "the additions are those of the lowest APL in the region", {}
    names = listed(f"{one.code} {one.name}{_apl(one)}" for one in passed)
    return "broken", f"lower APL, or as low, and passed over: {names}", {}


def _passed_over_strictly(
    order: Sequence[Territory], chosen: Sequence[Territory]
) -> list[Territory]:
    """Return who should stand in the place of the last of those chosen."""
    with_apl = [one for one in order if one.apl is not None]
    first = with_apl[: len(chosen)]
    return [one for one in first if one not in chosen] or [
        one for one in chosen if one not in first
    ]


def _passed_over_where_it_fits(
    case: Case, order: Sequence[Territory], chosen: Sequence[Territory]
) -> list[Territory]:
    """Return who was passed over though there was room at its turn."""
    left = case.region.limit
    if case.region.methodology.regional.margin_counting == "net":
        left += total(case.removed)
    passed: list[Territory] = []
    waiting = len(chosen)
    for one in order:
        if not waiting:
            break
        if one.apl is None:
            # It has no rank: nothing can be said to come before it.
            return passed + [last for last in chosen if last.apl is None]
        if one in chosen:
            left -= one.population
            waiting -= 1
        elif one.population <= left:
            passed.append(one)
    return passed


def _apl(one: Territory) -> str:
    return " (no APL)" if one.apl is None else f" ({one.apl:.2f})"


def _margin(case: Case, *, adding: bool) -> Judged:
    region, rules = case.region, case.region.methodology.regional
    ours, others = (case.added, case.removed) if adding else (case.removed, case.added)
    what = "added" if adding else "taken out"
    if not ours:
        return "not applicable", f"nothing is {what}", {}
    people = total(ours)
    if rules.margin_counting == "net":
        people -= total(others)
        what += ", net of those that go the other way"
    figures = {
        "population": people,
        "limit": region.limit,
        "share_percent": region.share(people),
        "left": region.limit - people,
    }
    told, limit = apart(inhabitants, people, region.limit)
    text = (
        f"{told} inhabitants {what}, at most {limit} may be "
        f"({percent(rules.margin)} of the regional population)"
    )
    return ("ok" if people <= region.limit else "broken"), text, figures


def _final_share(case: Case) -> Judged:
    region, rules = case.region, case.region.methodology.regional
    after = total(one for one in adapted_own(region, case.proposal) if one.zone == rules.lower_zone)
    away, allowed = after - region.base, region.share(region.limit)
    figures = {
        "base_percent": region.share(region.base),
        "after_percent": region.share(after),
        "difference_percent": region.share(away),
        "limit_percent": allowed,
        "population": after,
    }
    whose = "of this result" if rules.base_share == "computed" else "of article VI"
    told, limit = apart(points, abs(region.share(away)), allowed)
    text = (
        f"{percent(region.share(after))} of the region after, {percent(region.share(region.base))} "
        f"by the share {whose}: {told} apart, at most {limit} may lie between"
    )
    return ("ok" if abs(away) <= region.limit else "broken"), text, figures


def _consultation(case: Case) -> Judged:
    if not case.region.methodology.regional.consultation:
        return "not applicable", "the methodology asks for none", {}
    missing = [name for name in _DATES if getattr(case.proposal, name) is None]
    if missing:
        return "broken", f"no date of {' and '.join(missing)}", {}
    held = (f"{name} {getattr(case.proposal, name).isoformat()}" for name in _DATES)
    return "ok", ", ".join(held), {}


def _justification(case: Case) -> Judged:
    if not case.region.methodology.regional.justification:
        return "not applicable", "the methodology asks for none", {}
    without = [move.territory for move in case.proposal.moves if not move.justification.strip()]
    if without:
        return "broken", f"no justification of {listed(without)}", {}
    return "ok", "each territory that moves has its justification", {}
