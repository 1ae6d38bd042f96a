"""The rules of annexe V: each gives a finding with a verdict, statements and exact figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, Literal, TypeAlias

from ..errors import Fault, Note
from ..methodology.values import plain_fields
from ..results.lookup import nearest
from .proposal import DATES, Move, Proposal
from .region import Region, Territory, total

Verdict = Literal["ok", "broken", "not applicable"]
Details: TypeAlias = Mapping[str, object]

# Territories that a statement names.
SHOWN = 10


@dataclass(frozen=True)
class Finding:
    """What a rule makes of a proposal.

    Attributes
    ----------
    rule : str
        Its name, one of `RULES`.
    verdict : str
        ``ok``, ``broken`` or ``not applicable``.
    article : str
        The article with the rule, in its own words.
    statements : tuple of Fault or Note
        The reasons: faults if it is broken, or else a note; and warnings.
    figures : mapping of str to Fraction
        Inhabitants, or % of the region if the name says so, exactly.
    """

    rule: str
    verdict: Verdict
    article: str
    statements: tuple[Fault | Note, ...]
    figures: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return the faults of a proposal that breaks the rule."""
        return tuple(one for one in self.statements if isinstance(one, Fault))

    @property
    def sentence(self) -> str:
        """Return the reasons in words."""
        return "; ".join(
            one.problem if isinstance(one, Fault) else one.text for one in self.statements
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, for JSON; figures also as exact fractions."""
        return {
            **plain_fields(self, "rule", "verdict", "sentence"),
            "statements": [
                {"code": one.code, "details": dict(one.details)} for one in self.statements
            ],
            "article": self.article,
            "figures": {
                name: {"value": float(value), "exact": str(value)}
                for name, value in self.figures.items()
            },
        }


@dataclass(frozen=True)
class _Judgement:
    """Faults by kind if the rule is broken, or else a kind of note; exact figures."""

    note: str
    details: Details = field(default_factory=dict)
    faults: Sequence[tuple[str, Details]] = ()
    figures: Mapping[str, Fraction] = field(default_factory=dict)
    verdict: Verdict = "ok"


def _not_applicable(note: str) -> _Judgement:
    return _Judgement(note, verdict="not applicable")


@dataclass(frozen=True)
class _Case:
    """A proposal, with the territories added and removed as far as they are known."""

    proposal: Proposal
    region: Region
    country: Mapping[str, Territory]
    added: list[Territory]
    removed: list[Territory]


def judge(
    proposal: Proposal, region: Region, country: Mapping[str, Territory]
) -> tuple[Finding, ...]:
    """Judge a proposal by each rule of annexe V.

    Parameters
    ----------
    proposal : Proposal
        What an agency would move.
    region : Region
        Its region.
    country : mapping of str to Territory
        All territories, by code.

    Returns
    -------
    tuple of Finding
        In the order of `RULES`.
    """
    known = (
        [country[code] for code in sorted({move.territory for move in moves}) if code in country]
        for moves in (proposal.additions, proposal.removals)
    )
    case = _Case(proposal, region, country, *known)
    articles = {entry.key: entry.article for entry in region.methodology.parameters}
    findings = []
    for rule, (parameter, apply) in RULES.items():
        applies = proposal.moves or rule == "final_share"
        made = apply(case) if applies else _not_applicable("nothing_moves")
        note = Note(f"proposal.{made.note}", details=made.details)
        faults = faults_of(proposal, made.faults)
        verdict: Verdict = "broken" if faults else made.verdict
        more = region.notes if rule == "final_share" else ()
        statements = (*(faults or (note,)), *more)
        findings.append(Finding(rule, verdict, articles[parameter], statements, made.figures))
    return tuple(findings)


def faults_of(proposal: Proposal, kinds: Iterable[tuple[str, Details]]) -> tuple[Fault, ...]:
    """Return faults of a proposal by kind."""
    return tuple(
        Fault(f"proposal.{kind}", proposal.name, details=details) for kind, details in kinds
    )


def _faults_if_any(kind: str, items: Sequence[str], **details: object) -> list[tuple[str, Details]]:
    """Return a fault with the number of territories and the first of them; none without any."""
    shown = (*items[:SHOWN], *(["..."] if len(items) > SHOWN else []))
    return [(kind, {"territories": shown, "number": len(items), **details})] if items else []


def unknown_territories(
    moves: Iterable[Move], country: Mapping[str, Territory]
) -> list[tuple[str, Details]]:
    """Return the kind and the details of a fault for territories that are not in a result."""
    unknown = [move.territory for move in moves if move.territory not in country]
    names = {one.code: one.name for one in country.values()}
    similar = dict.fromkeys(near for code in unknown[:SHOWN] for near in nearest(code, names))
    if similar:
        return _faults_if_any("misspelt_territory", unknown, similar=tuple(similar))
    return _faults_if_any("unknown_territory", unknown)


def _attribution(case: _Case) -> _Judgement:
    faults = unknown_territories(case.proposal.moves, case.country)
    region = {"region": case.region.code}
    other = [
        f"{one.code} {one.name} ({one.region})"
        for one in [*case.added, *case.removed]
        if one.region != case.region.code
    ]
    faults += _faults_if_any("attribution", other, **region)
    return _Judgement("attribution_respected", region, faults)


def _allowed_move(case: _Case) -> _Judgement:
    rules = case.region.methodology.regional
    labels = {zone.id: zone.label for zone in case.region.methodology.zoning.classes}
    faults: list[tuple[str, Details]] = []
    for zone, moved in ((rules.upper_zone, case.added), (rules.lower_zone, case.removed)):
        wrong = [
            f"{one.code} {one.name} ({labels.get(one.zone or '', '-')})"
            for one in moved
            if one.zone != zone
        ]
        faults += _faults_if_any("allowed_move", wrong, zone=labels[zone])
    if not case.added and not case.removed:
        return _not_applicable("no_known_territory")
    both = {"upper": labels[rules.upper_zone], "lower": labels[rules.lower_zone]}
    return _Judgement("allowed_move_respected", both, faults)


def _order(case: _Case) -> _Judgement:
    required = case.region.methodology.regional.addition_order
    order = case.region.additions()
    added = {one.code for one in case.added}
    chosen = [one for one in order if one.code in added]
    if not chosen:
        return _not_applicable("nothing_added")
    if required == "free":
        return _not_applicable("no_order")
    too_large: list[Territory] = []
    if required == "strict":
        out_of_order = _out_of_strict_order(order, chosen)
    else:
        out_of_order, too_large = _out_of_skipping_order(case, order, chosen)
    faults = _faults_if_any("order", _with_apl(out_of_order))
    if faults or not too_large:
        return _Judgement("order_respected", faults=faults)
    # All of them: what an agency passes over is part of what it decides.
    details = {"territories": _with_apl(too_large), "number": len(too_large)}
    return _Judgement("order_respected_skipping", details)


def _with_apl(territories: Iterable[Territory]) -> tuple[str, ...]:
    return tuple(
        f"{one.code} {one.name}" + ("" if one.apl is None else f" ({one.apl:.2f})")
        for one in territories
    )


def _out_of_strict_order(
    order: Sequence[Territory], chosen: Sequence[Territory]
) -> list[Territory]:
    """Return the territories passed over for those chosen, or else those without an APL."""
    with_apl = [one for one in order if one.apl is not None]
    first = with_apl[: len(chosen)]
    return [one for one in first if one not in chosen] or [
        one for one in chosen if one not in first
    ]


def _out_of_skipping_order(
    case: _Case, order: Sequence[Territory], chosen: Sequence[Territory]
) -> tuple[list[Territory], list[Territory]]:
    """Return the territories passed over although they fitted at their turn; and the others.

    These were too large for what was left of the margin.
    """
    left = case.region.limit
    if case.region.methodology.regional.margin_counting == "net":
        left += total(case.removed)
    passed: list[Territory] = []
    too_large: list[Territory] = []
    waiting = len(chosen)
    for one in order:
        if not waiting:
            break
        if one.apl is None:
            # Without an APL it has no rank: no territory comes before it.
            return passed + [last for last in chosen if last.apl is None], too_large
        if one in chosen:
            left -= one.population
            waiting -= 1
        else:
            (passed if one.population <= left else too_large).append(one)
    return passed, too_large


def rounded(value: Fraction) -> float:
    """Return a figure for a sentence: to 3 decimals, unless nothing would be left of it."""
    return round(float(value), 3) or float(value)


def _rounded(figures: Mapping[str, Fraction], excess: Fraction) -> dict[str, object]:
    return {name: rounded(value) for name, value in {**figures, "excess": excess}.items()}


def _margin(case: _Case, *, adding: bool) -> _Judgement:
    """Judge the inhabitants that move, less those that move back if the count is net."""
    rule, nothing = ("margin_up", "nothing_added") if adding else ("margin_down", "nothing_removed")
    moved, back = (case.added, case.removed) if adding else (case.removed, case.added)
    if not moved:
        return _not_applicable(nothing)
    region, rules = case.region, case.region.methodology.regional
    people = total(moved)
    if rules.margin_counting == "net":
        people -= total(back)
    figures = {"population": people, "limit": region.limit, "share_percent": region.share(people)}
    figures["left"] = region.limit - people
    details = _rounded(figures, excess=people - region.limit)
    details |= {"margin": float(rules.margin), "counting": rules.margin_counting}
    faults = [(rule, details)] if people > region.limit else []
    return _Judgement("within_margin", details, faults, figures)


def _final_share(case: _Case) -> _Judgement:
    region, rules = case.region, case.region.methodology.regional
    own = case.proposal.adapted(region)
    after = total(one for one in own if one.zone == rules.lower_zone)
    difference = after - region.base
    figures = {
        "base_percent": region.share(region.base),
        "after_percent": region.share(after),
        "difference_percent": region.share(difference),
        "limit_percent": region.share(region.limit),
        "population": after,
    }
    excess = abs(difference) - region.limit
    details = _rounded(figures, excess=region.share(excess)) | {"base_share": rules.base_share}
    faults = [("final_share", details)] if excess > 0 else []
    return _Judgement("final_share_respected", details, faults, figures)


def _consultation(case: _Case) -> _Judgement:
    if not case.region.methodology.regional.consultation:
        return _not_applicable("not_required")
    days = {name: getattr(case.proposal, name) for name in DATES}
    missing = tuple(name for name, day in days.items() if day is None)
    faults = [("consultation", {"missing": missing})] if missing else []
    return _Judgement(
        "consultation_respected", {name: str(day) for name, day in days.items()}, faults
    )


def _justification(case: _Case) -> _Judgement:
    if not case.region.methodology.regional.justification:
        return _not_applicable("not_required")
    without = [move.territory for move in case.proposal.moves if not move.justification.strip()]
    faults = _faults_if_any("justification", without)
    return _Judgement("justification_respected", faults=faults)


# The rules in the order in which they are judged, each with the parameter that cites its article.
RULES: Mapping[str, tuple[str, Callable[[_Case], _Judgement]]] = {
    "attribution": ("regional.regional_population", _attribution),
    "allowed_move": ("regional.upper_zone", _allowed_move),
    "order": ("regional.addition_order", _order),
    "margin_up": ("regional.margin", partial(_margin, adding=True)),
    "margin_down": ("regional.margin", partial(_margin, adding=False)),
    "final_share": ("regional.base_share", _final_share),
    "consultation": ("regional.consultation", _consultation),
    "justification": ("regional.justification", _justification),
}
