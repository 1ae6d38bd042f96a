"""The regional adaptation (arrêté of 20 March 2024, annexe, V), and the shares of VI.

Read from the text alone, in exact fractions. A territory is a mapping with

``territory``
    its code
``region``
    its region of attribution: "La population considérée du bassin de vie ou canton-ou-ville est
    intégralement prise en compte dans la part de population de la région qui procède à son
    classement." (4.3)
``population``
    its whole population, a ``Fraction``
``apl``
    its indicator, a ``Fraction``, or None where it has none
``zone``
    its national class, one of ``ZONES``, or None where it is not classified
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import takewhile
from typing import Any

Territory = Mapping[str, Any]

MOST_UNDERSERVED = "tres_sous_dotee"
UNDERSERVED = "sous_dotee"
ZONES = (MOST_UNDERSERVED, UNDERSERVED, "intermediaire", "non_prioritaire")

ORDERS = ("strict", "skip_what_does_not_fit", "free")
COUNTINGS = ("gross", "net")

#: "au maximum 2,5 % de sa population régionale" (V)
MARGIN_PERCENT = Fraction(5, 2)
ZERO = Fraction(0)


def by_code(territories: Iterable[Territory]) -> dict[str, Territory]:
    """Return the territories by their code."""
    return {one["territory"]: one for one in territories}


def of_region(territories: Iterable[Territory], region: str) -> list[Territory]:
    """Return the territories that are attributed to the region, whole.

    4.3: "l'agence régionale de santé qui regroupe le plus de population est en charge du
    classement du bassin de vie ou canton-ou-ville concerné dans son entièreté".
    """
    return [one for one in territories if one["region"] == region]


def population(territories: Iterable[Territory]) -> Fraction:
    """Return the population of the territories."""
    return sum((Fraction(one["population"]) for one in territories), ZERO)


def margin(territories: Iterable[Territory], region: str) -> Fraction:
    """Return the inhabitants that the region may reclassify.

    V: "des bassins de vie ou cantons-ou-villes représentant au maximum 2,5 % de sa population
    régionale". 4.3: the population of a territory counts whole in its region of attribution.
    """
    return MARGIN_PERCENT / 100 * population(of_region(territories, region))


def candidates_to_add(territories: Iterable[Territory], region: str) -> list[Territory]:
    """Return what may become "très sous dotée", in no order.

    V: "sélectionnés parmi les bassins de vie ou cantons-ou-villes définis nationalement comme
    zone sous dotée".
    """
    return [one for one in of_region(territories, region) if one["zone"] == UNDERSERVED]


def candidates_to_remove(territories: Iterable[Territory], region: str) -> list[Territory]:
    """Return what may become "sous dotée": the text sets no order among them.

    V: "De même, l'agence régionale de santé peut reclasser des bassins de vie ou
    cantons-ou-villes définis nationalement comme zones très sous dotées en zones sous dotées dans
    la limite de 2,5 % de sa population régionale."
    """
    return [one for one in of_region(territories, region) if one["zone"] == MOST_UNDERSERVED]


def ranked(candidates: Iterable[Territory]) -> list[Territory]:
    """Return the candidates by rising APL, then code; those without an APL have no rank.

    V: "et pour lesquels le niveau d'APL est le plus faible pour la région".
    """
    with_level = [one for one in candidates if one["apl"] is not None]
    return sorted(with_level, key=lambda one: (one["apl"], one["territory"]))


def keeps_strict_order(candidates: Sequence[Territory], added: Collection[str]) -> bool:
    """Say whether the added are exactly the first of the ranked candidates (V).

    ``added`` are candidates of the region: others break another rule.
    """
    first = [one["territory"] for one in ranked(candidates)[: len(added)]]
    return set(first) == set(added)


def keeps_skipping_order(
    candidates: Sequence[Territory], added: Collection[str], room: Fraction
) -> bool:
    """Say whether each candidate skipped before the last addition did not fit at its turn (V).

    The text sets the order of the APL and the limit of 2.5 %, and is silent on a territory that
    is too large for what is left: here it is passed over.
    """
    waiting = set(added)
    left = room
    for one in ranked(candidates):
        if not waiting:
            return True
        if one["territory"] in waiting:
            waiting.remove(one["territory"])
            left -= one["population"]
        elif one["population"] <= left:
            return False
    return not waiting  # what is left was added without an APL


def share_of_most_underserved(territories: Iterable[Territory], region: str) -> Fraction:
    """Return the part of the regional population in "très sous dotée", in % (V; VI)."""
    own = of_region(territories, region)
    if population(own) == 0:
        return ZERO
    inside = population(one for one in own if one["zone"] == MOST_UNDERSERVED)
    return 100 * inside / population(own)


def adapted(
    territories: Iterable[Territory], additions: Collection[str], removals: Collection[str]
) -> list[dict[str, Any]]:
    """Return the territories with the classes that the regional order gives them (V).

    What is added becomes "très sous dotée", what is removed becomes "sous dotée", as asked, right
    or wrong; what is in both lists, and what is not known, changes nothing.
    """
    result = []
    for one in territories:
        after = dict(one)
        up, down = one["territory"] in additions, one["territory"] in removals
        if up and not down:
            after["zone"] = MOST_UNDERSERVED
        if down and not up:
            after["zone"] = UNDERSERVED
        result.append(after)
    return result


def check(
    territories: Sequence[Territory],
    region: str,
    additions: Sequence[str],
    removals: Sequence[str],
    *,
    order: str = "skip_what_does_not_fit",
    counting: str = "gross",
    consultation: bool = True,
    justified: bool = True,
) -> set[str]:
    """Return the names of the rules that the adaptation breaks; the limits themselves are allowed.

    ``unknown``
        a code that no territory has
    ``twice``
        a code more than once among the additions, or among the removals
    ``attribution``
        a territory of another region: 4.3, "l'agence régionale de santé qui regroupe le plus de
        population est en charge du classement"
    ``move``
        V: what is added is "parmi les bassins de vie ou cantons-ou-villes définis nationalement
        comme zone sous dotée"; what is removed is among those "définis nationalement comme zones
        très sous dotées"
    ``order``
        V: "pour lesquels le niveau d'APL est le plus faible pour la région"; judged on those of
        the additions that are known, of the region and nationally "sous dotées"
    ``margin_up``
        V: "représentant au maximum 2,5 % de sa population régionale"
    ``margin_down``
        V: "dans la limite de 2,5 % de sa population régionale"
    ``final_share``
        V: "pour chaque région, la part de la population en zone très sous dotée doit être égale à
        la part définie nationalement pour la région avec une marge d'adaptation maximale de
        2,5 % de sa population régionale (en plus ou moins)"
    ``consultation``
        V: "après avoir mené la concertation prévue par les dispositions de l'article R. 1434-42
        du code de la santé publique et recueilli l'avis de la commission paritaire régionale"
    ``justification``
        V: "Si les caractéristiques sociales, économiques et géographiques d'une zone sous dotée ou
        très sous dotée [...] le justifient"
    """
    if order not in ORDERS:
        raise ValueError(f"order is none of {ORDERS}: {order!r}")
    if counting not in COUNTINGS:
        raise ValueError(f"counting is none of {COUNTINGS}: {counting!r}")

    known = by_code(territories)
    added = [known[code] for code in sorted(set(additions)) if code in known]
    removed = [known[code] for code in sorted(set(removals)) if code in known]
    limit = margin(territories, region)
    up, down = population(added), population(removed)
    room = limit
    if counting == "net":
        up, down = up - down, down - up
        room = limit + population(removed)

    broken = set()
    if any(code not in known for code in [*additions, *removals]):
        broken.add("unknown")
    if len(set(additions)) < len(additions) or len(set(removals)) < len(removals):
        broken.add("twice")
    if any(one["region"] != region for one in [*added, *removed]):
        broken.add("attribution")
    if (
        any(one["zone"] != UNDERSERVED for one in added)
        or any(one["zone"] != MOST_UNDERSERVED for one in removed)
        or set(additions) & set(removals)
    ):
        broken.add("move")

    candidates = candidates_to_add(territories, region)
    chosen = {one["territory"] for one in candidates} & set(additions)
    if order == "strict" and not keeps_strict_order(candidates, chosen):
        broken.add("order")
    if order == "skip_what_does_not_fit" and not keeps_skipping_order(candidates, chosen, room):
        broken.add("order")

    if up > limit:
        broken.add("margin_up")
    if down > limit:
        broken.add("margin_down")
    before = share_of_most_underserved(territories, region)
    after = share_of_most_underserved(adapted(territories, additions, removals), region)
    if abs(after - before) > MARGIN_PERCENT:
        broken.add("final_share")

    something_moves = bool(additions or removals)
    if something_moves and not consultation:
        broken.add("consultation")
    if something_moves and not justified:
        broken.add("justification")
    return broken


def _first_that_fit(candidates: Sequence[Territory], limit: Fraction) -> list[Territory]:
    """Return the longest beginning of the candidates whose population is within the limit."""
    beginnings = (candidates[: count + 1] for count in range(len(candidates)))
    fitting = list(takewhile(lambda some: population(some) <= limit, beginnings))
    return list(fitting[-1]) if fitting else []


def _each_that_fits(candidates: Sequence[Territory], limit: Fraction) -> list[Territory]:
    """Return, of the candidates in turn, each that fits into what the earlier ones leave."""
    chosen: list[Territory] = []
    for one in candidates:
        if population([*chosen, one]) <= limit:
            chosen.append(one)
    return chosen


PROPOSERS: dict[str, Callable[[Sequence[Territory], Fraction], list[Territory]]] = {
    "strict": _first_that_fit,
    "skip_what_does_not_fit": _each_that_fits,
    "free": _each_that_fits,
}


def propose_lowest_apl(
    territories: Sequence[Territory], region: str, *, order: str = "skip_what_does_not_fit"
) -> list[str]:
    """Return the additions of lowest APL that the margin holds, by rising APL, then code (V).

    ``strict`` stops before the first territory that does not fit; ``skip_what_does_not_fit``
    passes it over and goes on; ``free`` imposes no order, so that the lowest APLs that fit are
    those of the same walk. Nothing is removed.
    """
    candidates = ranked(candidates_to_add(territories, region))
    chosen = PROPOSERS[order](candidates, margin(territories, region))
    return [one["territory"] for one in chosen]


def largest_sum_within(sizes: Iterable[Fraction], limit: Fraction) -> Fraction:
    """Return the largest sum, within the limit, of some of the sizes: every sum is looked at."""
    reachable = {ZERO}
    for size in sizes:
        reachable |= {before + size for before in reachable if before + size <= limit}
    return max(reachable)


def most_population_added(
    territories: Sequence[Territory], region: str, *, order: str = "skip_what_does_not_fit"
) -> Fraction:
    """Return the most inhabitants that additions allowed by V can have, nothing being removed.

    With an order, what may be added is a beginning of what the walk adds, and the whole of it has
    the most inhabitants; without one, it is any set of candidates, and each is tried.
    """
    limit = margin(territories, region)
    if order == "free":
        candidates = candidates_to_add(territories, region)
        return largest_sum_within([Fraction(one["population"]) for one in candidates], limit)
    known = by_code(territories)
    chosen = propose_lowest_apl(territories, region, order=order)
    return population(known[code] for code in chosen)


def most_population_removed(territories: Sequence[Territory], region: str) -> Fraction:
    """Return the most inhabitants that removals allowed by V can have, nothing being added.

    V sets the limit of 2.5 % and no order, so that each set of candidates is tried.
    """
    candidates = candidates_to_remove(territories, region)
    sizes = [Fraction(one["population"]) for one in candidates]
    return largest_sum_within(sizes, margin(territories, region))


def _shares_of(territories: Collection[Territory]) -> dict[str, Fraction]:
    """Return the % of the population of these territories in each class."""
    whole = population(territories)
    return {
        zone: 100 * population(one for one in territories if one["zone"] == zone) / whole
        if whole
        else ZERO
        for zone in ZONES
    }


def shares(territories: Sequence[Territory]) -> dict[str, dict[str, Fraction]]:
    """Return, by region, the % of its population in each class.

    VI: "Part de la population régionale couverte", by "Région" and "Catégorie", not rounded. The
    table prints no "non prioritaire": it is what is missing from the 100,0 % of "Total général".
    A territory without a class counts in the population, not in any class.
    """
    regions = sorted({one["region"] for one in territories})
    return {region: _shares_of(of_region(territories, region)) for region in regions}


def national_shares(territories: Sequence[Territory]) -> dict[str, Fraction]:
    """Return the % of the whole population in each class (VI, "France entière")."""
    return _shares_of(territories)
