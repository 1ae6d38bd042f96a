"""What the annex of a regional order says: tables, gauges and texts, in French."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from ... import __version__
from ...errors import Fault, InputDataError, ProposalRefusedError
from ...method.result import Zoning
from ...regional import Check, Proposal
from ...regional.check import check_in
from ...regional.region import Country, read_country
from ...results.read import StoredResult
from .french import day, line, lines, number, percent

ADDED, REMOVED = "ajoutée", "retirée"
# Headings of the columns, and whether each is a number.
OWN = {
    "Code du territoire": False, "Territoire": False, "Zone": False, "Adaptation": False,
    "Code commune": False, "Commune": False, "Population": True,
}  # fmt: skip
ACROSS = {
    "Code commune": False, "Commune": False, "Région": False, "Code du territoire": False,
    "Territoire": False, "Zone": False, "Adaptation": False, "Population": True,
}  # fmt: skip


@dataclass(frozen=True)
class Gauge:
    """How much of a limit is used.

    Attributes
    ----------
    label : what is measured.
    value, limit : inhabitants; `value` may be below 0 where one way is taken off the other.
    """

    label: str
    value: Fraction
    limit: Fraction

    @property
    def used(self) -> float:
        """Return the part of the limit that is used, from 0 on."""
        if self.limit:
            return max(0.0, float(self.value / self.limit))
        return float(self.value > 0)

    @property
    def words(self) -> str:
        """Return the figures as a sentence; a limit is not rounded up."""
        used = percent(100 * self.used, 1)
        return (
            f"{number(self.value)} habitants sur {number(self.limit // 1)} autorisés, soit {used}"
        )


@dataclass(frozen=True)
class Reasoned:
    """A territory that changes class, and why."""

    territory: str
    name: str
    move: str
    population: float
    justification: str

    @property
    def lines(self) -> list[str]:
        """Return the justification as lines that XML can hold."""
        return lines(self.justification)


@dataclass(frozen=True)
class Annex:
    """All that an annex says.

    Attributes
    ----------
    title : of the order.
    dated : of the order; None while it is not known.
    check : the region, the proposal and how it stands before each rule.
    labels : of the classes, by id, in their order.
    own : communes of the region that it classes; columns as in `OWN`.
    elsewhere : its communes that another region classes; columns as in `ACROSS`.
    foreign : communes of other regions that it classes; columns as in `ACROSS`.
    zone_of : class of each commune of the country, after the proposal.
    communes : ``commune``, ``region``, ``territory``, ``attributed`` of the country.
    reasons : the territories that change.
    gauges : the limits of annexe V.
    identity : label and value, of what was computed and from what.
    """

    title: str
    dated: date | None
    check: Check
    labels: Mapping[str, str]
    own: pl.DataFrame
    elsewhere: pl.DataFrame
    foreign: pl.DataFrame
    zone_of: Mapping[str, str | None]
    communes: pl.DataFrame
    reasons: tuple[Reasoned, ...]
    gauges: tuple[Gauge, ...]
    identity: tuple[tuple[str, str], ...]

    @property
    def heading(self) -> str:
        """Return the region, as it is called."""
        return line(self.check.region.name)

    @property
    def stamped(self) -> date:
        """Return the date that files carry: of the order, or else of the methodology."""
        return self.dated or self.check.region.methodology.dated

    @property
    def warnings(self) -> list[str]:
        """Return what stands against the proposal, and keeps the annex a draft."""
        names = (_RULES[found.rule] for found in self.check.broken)
        return [f"Projet : {name}" for name in names]


_RULES = {
    "attribution": "des territoires ne relèvent pas de la région (annexe, IV, 4.3)",
    "allowed_move": "des territoires ne sont pas de la zone qu'ils quittent (annexe, V)",
    "order": "les ajouts ne suivent pas l'ordre des APL (annexe, V)",
    "margin_up": "les ajouts dépassent la marge d'adaptation (annexe, V)",
    "margin_down": "les retraits dépassent la marge d'adaptation (annexe, V)",
    "final_share": "la part finale dépasse la marge d'adaptation (annexe, V)",
    "consultation": "les dates de la consultation sont à compléter (annexe, V)",
    "justification": "des justifications sont à compléter (annexe, V)",
}


def make_annex(
    zones: Zoning,
    region: str,
    proposal: Proposal | None = None,
    *,
    title: str = "",
    dated: date | None = None,
    force: bool = False,
) -> Annex:
    """Say what is attached to the order of an agency (annexe, V and VI).

    Parameters
    ----------
    zones : a national result, as from `read_result`.
    region : code or name.
    proposal : what the order moves; none where it takes the national zones as they are.
    title : of the order.
    dated : of the order.
    force : whether to write a proposal that is refused, marked as a draft.

    Returns
    -------
    Annex

    Raises
    ------
    InputDataError
        No such region, a proposal for another, or zones that were adapted already.
    ProposalRefusedError
        A rule is broken, and `force` is not given.
    """
    country = read_country(zones)
    code = country.region(region).code
    wanted = proposal or Proposal(code)
    if wanted.region != code:
        problem = f"is for region {wanted.region}, not {code}"
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=wanted.file or "proposal",
                    details={"problem": problem},
                )
            ]
        )
    check = check_in(country, wanted)
    if not check.accepted and not force:
        raise ProposalRefusedError(check.faults)
    labels = {zone.id: line(zone.label) for zone in zones.methodology.zoning.classes}
    communes = _communes(country, check, labels)
    return Annex(
        title=line(title) or f"Zonage de la profession de {zones.methodology.profession}",
        dated=dated,
        check=check,
        labels=labels,
        **_tables(communes, code),
        zone_of=dict(communes.select("commune", "zone").iter_rows()),
        communes=communes.select("commune", "region", "territory", "attributed"),
        reasons=_reasons(country, check),
        gauges=_gauges(check, labels),
        identity=_identity(zones, wanted),
    )


def _communes(country: Country, check: Check, labels: Mapping[str, str]) -> pl.DataFrame:
    """Return the communes of the country with their class after the proposal, and its words."""
    after = {one.code: one.zone for one in check.proposal.adapted(check.region)}
    moved = {move.territory: ADDED for move in check.proposal.additions}
    moved |= {move.territory: REMOVED for move in check.proposal.removals}
    rows = [
        (code, one.region, after.get(code, one.zone), moved.get(code, ""))
        for code, one in country.territories.items()
    ]
    schema = ("territory", "attributed", "zone", "Adaptation")
    territories = pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.String), orient="row")
    zones = country.zones
    names = dict(zones.regions.select("region", "region_name").iter_rows())
    here = check.region.code
    # Who classes what lies here; where lies what is classed here.
    other = pl.when(pl.col("region") == here).then("attributed").otherwise("region")
    found = zones.communes.drop("zone").join(territories, on="territory", maintain_order="left")
    return found.sort("territory", "commune").with_columns(
        _line("territory").alias("Code du territoire"),
        _line("territory_name").alias("Territoire"),
        pl.col("zone").replace_strict(labels, default="").alias("Zone"),
        pl.col("commune").alias("Code commune"),
        _line("name").alias("Commune"),
        other.replace_strict(names, default=other).alias("Région"),
        pl.col("population").alias("Population"),
    )


def _line(name: str) -> pl.Expr:
    return pl.col(name).map_elements(line, return_dtype=pl.String)


def _tables(communes: pl.DataFrame, region: str) -> dict[str, pl.DataFrame]:
    here, ours = pl.col("region") == region, pl.col("attributed") == region
    return {
        "own": communes.filter(here, ours).select(list(OWN)),
        "elsewhere": communes.filter(here, ~ours).sort("commune").select(list(ACROSS)),
        "foreign": communes.filter(~here, ours).sort("commune").select(list(ACROSS)),
    }


def _reasons(country: Country, check: Check) -> tuple[Reasoned, ...]:
    added = {move.territory for move in check.proposal.additions}
    return tuple(
        Reasoned(
            one.code,
            line(one.name),
            ADDED if one.code in added else REMOVED,
            float(one.population),
            move.justification,
        )
        for move in check.proposal.moves
        if (one := country.territories.get(move.territory))
    )


def _gauges(check: Check, labels: Mapping[str, str]) -> tuple[Gauge, ...]:
    region, rules = check.region, check.region.methodology.regional
    figures = {found.rule: found.figures for found in check.findings}
    lower = labels[rules.lower_zone]
    zero = Fraction(0)
    after = figures["final_share"]["population"]
    return (
        Gauge(f"Ajouts à la zone « {lower} »", figures["margin_up"].get("population", zero),
              region.limit),
        Gauge(f"Retraits de la zone « {lower} »", figures["margin_down"].get("population", zero),
              region.limit),
        Gauge(f"Écart de la population en zone « {lower} » à la part nationale",
              abs(after - region.base), region.limit),
    )  # fmt: skip


def _identity(zones: Zoning, proposal: Proposal) -> tuple[tuple[str, str], ...]:
    rules = zones.methodology
    record = zones.record if isinstance(zones, StoredResult) else {}
    rows = [
        ("Méthodologie", f"{rules.title} [{rules.id}]"),
        ("Calcul", f"Zones calculées par apl_engine {record.get('apl_engine', __version__)}"),
        ("Empreinte SHA-256 du résultat national", record.get("sha256", "résultat non enregistré")),
    ]
    if proposal.sha256:
        name = f"Empreinte SHA-256 de la proposition {proposal.file}"
        rows.append((line(name), proposal.sha256))
    if proposal.moves:
        rows += [
            ("Concertation (article R. 1434-42 du code de la santé publique)",
             day(proposal.concertation)),
            ("Avis de la commission paritaire régionale",
             day(proposal.commission_paritaire_regionale)),
        ]  # fmt: skip
    return tuple(rows)


def summary_sentences(annex: Annex) -> list[str]:
    """Return how much the parts hold, as sentences."""
    parts = (
        ("Communes de la région classées par elle", annex.own.height),
        ("Communes de la région classées par une autre", annex.elsewhere.height),
        ("Communes d'autres régions classées par elle", annex.foreign.height),
        ("Territoires dont la zone est modifiée", len(annex.reasons)),
    )
    return [f"{label} : {number(count)}" for label, count in parts]
