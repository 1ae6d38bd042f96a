"""A result that may be published: figures rounded, and those hidden that would still disclose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import polars as pl

from ..columns import Flags, Indices, numbers
from ..errors import (
    ComputationError,
    Fault,
    InputDataError,
    Note,
    OnStep,
    check_arguments,
    check_elements,
    check_threads,
    check_whole_number,
    first,
)
from ..method.network import TravelNetwork
from ..method.result import (
    OF_SUPPLY,
    Publication,
    Published,
    Zoning,
    network_of,
    totals_of,
)
from ..method.zoning import Cut
from .earlier import Earlier, Knowledge, knowledge_of, with_earlier
from .protect import Protected, protect
from .rules import ATTACKERS, PublicationRules, publication_rules
from .supply import Layout, Supply, lay_out
from .worlds import Worlds

# Notes about what is public; others may count few practitioners, state a figure of supply, or tell
# which territories are near a cut.
_PUBLIC_SUBJECTS = frozenset(
    {
        "communes", "consumption", "demand", "distancier", "estimate", "insee", "inputs", "mesh",
        "methodology", "network", "osrm", "points", "population", "travel_times",
    }
)  # fmt: skip
_PUBLIC_NOTES = frozenset(
    {
        "accessibility.no_supply_within_reach", "zoning.empty_class", "zoning.imposed_zone",
        "zoning.no_zone",
    }
)  # fmt: skip


@check_arguments(
    result=Zoning, network=(TravelNetwork, None), attacker=(str, None), earlier=Sequence
)
def publish(
    result: Zoning,
    *,
    network: TravelNetwork | None = None,
    min_practitioners: int | None = None,
    protection: float | None = None,
    attacker: str | None = None,
    step: float | None = None,
    territory_step: float | None = None,
    etp_step: float | None = None,
    earlier: Sequence[Earlier] = (),
    threads: int | None = None,
    on_step: OnStep | None = None,
) -> Published:
    """Round the figures of a result, and hide those that would disclose few practitioners.

    Every group of 1 to `min_practitioners` - 1 practitioners in a commune or a territory is proven
    protected: two possible supplies in whole acts give all that is published, and differ in the
    ETP of the group by twice `protection` per cent of it. What is not proven counts as disclosed.
    See docs/secrecy.md for what the attacker knows. Arguments left out are as in the rules,
    `publication_rules`.

    Parameters
    ----------
    result : Zoning
        As from `run`, or as read from its folder.
    network : TravelNetwork, optional
        The network that it was computed on; by default the one that it holds.
    min_practitioners : int, optional
        Fewest practitioners whose activity needs no protection, 2 or more.
    protection : float, optional
        Half the width of what can be inferred of an ETP, at least, in per cent of it.
    attacker : str, optional
        ``public``, or ``colleague``: who practises alone in another commune and knows its own ETP.
    step, territory_step, etp_step : float, optional
        What the published APL of communes, APL of territories and ETP of territories are
        multiples of.
    earlier : sequence of Earlier
        Earlier publications, which the attacker compares with this one.
    threads : int, optional
        Number of threads; the publication is the same for any.
    on_step : callable, optional
        Called with a few words as each step begins.

    Returns
    -------
    Published
        ``etp`` of communes is null, and so are counts below `min_practitioners`; ``rank`` and
        ``cumulative_share`` of territories are those that follow from the published figures.

    Raises
    ------
    InputDataError
        An argument is out of range; or the result is published, adapted or without supply, has
        fewer practitioners in all than `min_practitioners`, or the network has other communes.
    MethodologyError
        The network was built by other rules.

    Examples
    --------
    >>> publication = publish(run("my_tables"))  # doctest: +SKIP
    >>> write_result(publication, "to-publish")  # doctest: +SKIP
    """
    rules = _rules(min_practitioners, protection, attacker, step, territory_step, etp_step)
    check_threads(threads)
    plan = plan_publication(
        result, rules, network=network, earlier=earlier, threads=threads, on_step=on_step
    )
    return _published(result, rules, plan)


class Plan(NamedTuple):
    """What is to be published of a result, and the proofs that it may be.

    Attributes
    ----------
    supply : Supply
        The unknowns.
    layout : Layout
        All figures, rounded.
    known : Knowledge
        What the attacker knows, and the groups to protect.
    protected : Protected
        The figures to hide, and a proof for each group.
    earlier : int
        Number of earlier publications that are part of what the attacker knows.
    """

    supply: Supply
    layout: Layout
    known: Knowledge
    protected: Protected
    earlier: int


def plan_publication(
    result: Zoning,
    rules: PublicationRules,
    *,
    network: TravelNetwork | None = None,
    earlier: Sequence[Earlier] = (),
    threads: int | None = None,
    on_step: OnStep | None = None,
) -> Plan:
    """Decide what of a result is rounded and hidden, and prove that it may be published.

    Parameters
    ----------
    result, network, earlier, threads, on_step
        As for `publish`.
    rules : PublicationRules

    Returns
    -------
    Plan

    Raises
    ------
    InputDataError, MethodologyError
        As for `publish`.
    """
    _check_result(result, rules)
    check_elements(earlier=(earlier, Earlier))
    network = network_of(result, network)
    network.check_communes(result.communes["commune"])
    tell = on_step or (lambda _: None)
    tell("listing what would be published")
    supply = Supply(result, network)
    if not supply.has_own_zones(result):
        raise InputDataError(Fault("publication.adapted", "result"))
    layout = lay_out(result, supply, rules)
    tell("protecting practitioners")
    least = rules.protection.min_practitioners
    known = knowledge_of(result, supply, layout.figures, least)
    for one in earlier:
        known = with_earlier(known, result, supply, one, least)
    worlds = Worlds(
        known.figures,
        known.unknowns,
        known.same_zones,
        protection=float(rules.protection.percent) / 100,
    )
    colleague = rules.protection.attacker == "colleague"
    protected = protect(worlds, known.groups, colleague=colleague, threads=threads)
    used = {id(w): w for proofs in protected.proofs for proof in proofs for w in proof}
    if not all(worlds.holds(world) for world in used.values()):
        raise ComputationError(Fault("publication.proof_failed", "result"))
    return Plan(supply, layout, known, protected, len(earlier))


def _rules(
    min_practitioners: int | None,
    protection: float | None,
    attacker: str | None,
    step: float | None,
    territory_step: float | None,
    etp_step: float | None,
) -> PublicationRules:
    """Return the rules with the arguments given in place of their values."""
    own = publication_rules()
    if min_practitioners is not None:
        check_whole_number("min_practitioners", min_practitioners, 2)
    faults = []
    given = {"step": step, "territory_step": territory_step, "etp_step": etp_step}
    limits = {"protection": (1.0, 100.0), **dict.fromkeys(given, (0.001, 1e6))}
    for name, value in {"protection": protection, **given}.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        least, most = limits[name]
        if value is not None and not (number and least <= value <= most):
            details = {"argument": name, "least": f"{least:g}", "most": f"{most:g}"}
            faults.append(Fault("publication.out_of_range", name, details=details))
    if attacker is not None and attacker not in ATTACKERS:
        known = {"attackers": ATTACKERS}
        faults.append(Fault("publication.unknown_attacker", "attacker", details=known))
    if faults:
        raise InputDataError(faults)

    def exact(value: float | None, default: Fraction) -> Fraction:
        return default if value is None else Fraction(str(value))

    return PublicationRules(
        replace(
            own.protection,
            min_practitioners=min_practitioners or own.protection.min_practitioners,
            percent=exact(protection, own.protection.percent),
            attacker=attacker or own.protection.attacker,
        ),
        replace(
            own.steps,
            commune_apl=exact(step, own.steps.commune_apl),
            territory_apl=exact(territory_step, own.steps.territory_apl),
            territory_etp=exact(etp_step, own.steps.territory_etp),
        ),
    )


def _check_result(result: Zoning, rules: PublicationRules) -> None:
    if result.publication:
        raise InputDataError(Fault("publication.already_published", "result"))
    if not set(result.communes.columns) >= OF_SUPPLY:
        raise InputDataError(Fault("publication.no_supply", "result"))
    least = rules.protection.min_practitioners
    if (counted := result.counts["practitioners"]["counted"] or 0) < least:
        details = {"counted": counted, "min_practitioners": least}
        raise InputDataError(Fault("publication.too_few", "result", details=details))


def _published(result: Zoning, rules: PublicationRules, plan: Plan) -> Published:
    supply, layout, known, protected, earlier = plan
    least = rules.protection.min_practitioners
    shown = {name: _shown(rows, protected.hidden) for name, rows in layout.rows.items()}
    apl, apl_of, etp_of, total = (
        pl.Series(name, np.where(shown[name], layout.values[name], np.nan), nan_to_null=True)
        for name in ("commune_apl", "territory_apl", "territory_etp", "total_etp")
    )
    few = pl.col("practitioners") < least
    counted = pl.when(~few).then("practitioners").alias("practitioners")
    communes = result.communes.with_columns(counted, apl=apl, etp=pl.lit(None, dtype=pl.Float64))
    territories = _ranked(result.territories.with_columns(counted, apl=apl_of, etp=etp_of), supply)
    codes = sorted({known.homes[known.groups[k].columns[0]] for k in protected.unprotected})
    hidden = {
        "communes_apl": int((~shown["commune_apl"]).sum()),
        "territories_apl": int(
            (~shown["territory_apl"] & ~np.isnan(layout.values["territory_apl"])).sum()
        ),
        "territories_etp": etp_of.null_count(),
    }
    people = result.communes["population"]
    publication = Publication(
        min_practitioners=least,
        protection=float(rules.protection.percent),
        attacker=rules.protection.attacker,
        steps={name: float(step) for name, step in asdict(rules.steps).items()},
        hidden=hidden,
        shown={
            "communes_apl": 100 * float(shown["commune_apl"].mean()),
            "inhabitants_apl": 100 * float(people.filter(pl.Series(shown["commune_apl"])).sum())
            / (float(people.sum()) or 1.0),
            "territories_apl": 100 * (1 - hidden["territories_apl"] / territories.height),
        },
        groups=len(known.groups),
        earlier=earlier,
        unprotected=tuple(codes),
        totals={**totals_of(result), "etp": total[0], "reachable_etp": None,
                "distributed_etp": None},
    )  # fmt: skip
    return Published(
        communes=communes,
        territories=territories,
        regions=result.regions,
        cuts=_cuts(result.cuts, territories),
        counts=_counts(result),
        notes=(*_notes(result), *_own_notes(publication)),
        methodology=result.methodology,
        imports=result.imports,
        timings={},
        publication=publication,
        base=result,
    )


def _shown(rows: Indices, hidden: Flags) -> Flags:
    """Return which values of a table are shown; one that no practitioner is part of always is."""
    shown: Flags = np.ones(len(rows), dtype=np.bool_)
    shown[rows >= 0] = ~hidden[rows[rows >= 0]]
    return shown


def _ranked(territories: pl.DataFrame, supply: Supply) -> pl.DataFrame:
    """Return territories with the ranks and cumulative shares that follow from what is shown.

    Before a territory are those of the zones below, and those of its own with a lower APL; none
    whose APL is hidden is known to be before another of its zone.
    """
    ranking, contest = supply.ranking, supply.contest
    apl = numbers(territories["apl"].fill_null(np.nan))
    population = contest.population
    rank = np.zeros(len(apl), dtype=np.int64)
    share = np.full(len(apl), np.nan)
    total = ranking.total or 1.0
    for k in np.unique(ranking.classes):
        below, inside = ranking.order[ranking.classes < k], ranking.order[ranking.classes == k]
        inside = inside[~np.isnan(apl[inside])]
        # In the order of codes: how equal ones were ranked tells which is higher.
        inside = inside[np.lexsort((inside, apl[inside]))]
        values = apl[inside]
        before = np.searchsorted(values, values, side="left")
        through = np.searchsorted(values, values, side="right")
        people = np.concatenate([[0.0], np.cumsum(population[inside])])
        rank[inside] = len(below) + before + 1
        held = float(population[below].sum()) + float(ranking.held[k])
        share[inside] = 100.0 * (held + people[through]) / total
    return territories.with_columns(
        pl.Series("rank", rank, dtype=pl.UInt32).set(pl.Series(rank == 0), None),
        pl.Series("cumulative_share", share, nan_to_null=True),
    )


def _cuts(cuts: tuple[Cut, ...], territories: pl.DataFrame) -> tuple[Cut, ...]:
    """Return the cuts as far as they follow from the published territories."""
    ranked = territories.filter(pl.col("rank").is_not_null())
    zones = [cut.zone for cut in cuts]
    found = []
    for k, cut in enumerate(cuts):
        inside = pl.col("zone").is_in(zones[: k + 1])
        below, above = (numbers(ranked.filter(part)["apl"]) for part in (inside, ~inside))
        found.append(
            replace(
                cut,
                highest_apl=float(below.max()) if len(below) else None,
                next_territory=None,
                next_apl=float(above.min()) if len(above) else None,
                next_share=None,
            )
        )
    return tuple(found)


def _counts(result: Zoning) -> dict[str, dict[str, int | None]]:
    """Return the counts of a result: of practitioners only how many are counted in all."""
    counts: dict[str, dict[str, int | None]] = {k: dict(v) for k, v in result.counts.items()}
    if "rows" in counts:
        counts["rows"]["practitioners"] = None
    few = counts["practitioners"]
    few.update(dict.fromkeys(few.keys() - {"counted"}))
    return counts


def _notes(result: Zoning) -> list[Note]:
    """Return the notes of a result that state nothing of supply."""
    return [
        note
        for note in result.notes
        if note.code in _PUBLIC_NOTES or note.code.split(".")[0] in _PUBLIC_SUBJECTS
    ]


def _own_notes(publication: Publication) -> list[Note]:
    details: dict[str, object] = {
        "min_practitioners": publication.min_practitioners,
        "percent": f"{publication.protection:g}",
        "step": f"{publication.steps['commune_apl']:g}",
    }
    notes = [Note("publication.protected", publication.hidden["communes_apl"], details=details)]
    if codes := publication.unprotected:
        notes.append(
            Note("publication.unprotected", len(codes), first(codes), warning=True,
                 details=details)
        )  # fmt: skip
    return notes
