"""The content of the annex of a regional order: tables, gauges and texts, in French."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from ...errors import Fault, InputDataError, ProposalRefusedError
from ...inputs.names import plain
from ...method.result import Zoning
from ...regional import Check, Proposal
from ...regional.check import check_in
from ...regional.region import Country, read_country
from ...results.read import StoredResult
from ...results.record import VERSION
from ...results.samples import is_fictitious
from ..french import day, line, lines, number, percent

ADDED, REMOVED = "ajoutée", "retirée"
OWN = ("Code du territoire", "Territoire", "Zone", "Adaptation", "Code commune", "Commune",
       "Population")  # fmt: skip
ACROSS = ("Code commune", "Commune", "Région", "Code du territoire", "Territoire", "Zone",
          "Adaptation", "Population")  # fmt: skip
INDEX = ("Commune", "Code commune", "Zone", "Code du territoire", "Territoire")


@dataclass(frozen=True)
class Gauge:
    """The use of a limit.

    Attributes
    ----------
    label : str
        What is measured.
    value, limit : Fraction
        Inhabitants; `value` may be negative if additions and removals offset each other.
    """

    label: str
    value: Fraction
    limit: Fraction

    @property
    def used(self) -> float:
        """Return the used share of the limit, 0 or more."""
        if self.limit:
            return max(0.0, float(self.value / self.limit))
        return float(self.value > 0)

    @property
    def sentence(self) -> str:
        """Return the figures as a sentence; the limit is rounded down."""
        used = percent(100 * self.used, 1)
        people = "habitants" if self.value >= 2 else "habitant"
        limit = number(self.limit // 1)
        return f"{number(self.value)} {people} sur {limit} autorisés, soit {used}"


@dataclass(frozen=True)
class Reason:
    """A territory that changes class, with the justification."""

    territory: str
    name: str
    move: str
    population: float
    justification: str

    @property
    def cells(self) -> tuple[str, str, str, float, str]:
        """Return the row of the table of reasons, without characters that XML cannot hold."""
        reason = "\n".join(lines(self.justification)) or "à compléter"
        return line(self.territory), self.name, self.move, self.population, reason


@dataclass(frozen=True)
class Annex:
    """The content of an annex.

    Attributes
    ----------
    title : str
        Title of the order.
    dated : date or None
        Date of the order; None if it is not known yet.
    check : Check
        The region, the proposal and the findings on it.
    labels : mapping of str to str
        Labels of the classes by id, in their order.
    own : pl.DataFrame
        Communes of the region that it classifies; columns `OWN`.
    elsewhere : pl.DataFrame
        Communes of the region that another region classifies; columns `ACROSS`.
    foreign : pl.DataFrame
        Communes of other regions that it classifies; columns `ACROSS`.
    zone_of : mapping of str to str
        Class of each commune of the country after the proposal.
    communes : pl.DataFrame
        ``commune``, ``region``, ``territory`` and ``attributed`` (region) of the country.
    reasons : tuple of Reason
        The territories that change class.
    gauges : tuple of Gauge
        The limits of annexe V.
    identity : tuple of pairs of str
        Label and value: what was computed, and from what.
    internal : bool
        Whether it was made from an exact result, and must not be passed on.
    fictitious : bool
        Whether its practitioners are those of the sample data.
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
    reasons: tuple[Reason, ...]
    gauges: tuple[Gauge, ...]
    identity: tuple[tuple[str, str], ...]
    internal: bool = False
    fictitious: bool = False

    @property
    def heading(self) -> str:
        """Return the name of the region."""
        return line(self.check.region.name)

    @property
    def stamped(self) -> date:
        """Return the date of the files: that of the order, otherwise of the methodology."""
        return self.dated or self.check.region.methodology.dated

    @property
    def cover(self) -> list[tuple[str, str]]:
        """Return the labels and values of the first page."""
        region = ("Région", f"{self.heading} ({self.check.region.code})")
        return [region, ("Date de l'arrêté", day(self.dated)), *self.identity]

    @property
    def lists(self) -> tuple[tuple[str, pl.DataFrame], ...]:
        """Return the titles and tables of the three lists of communes."""
        name = self.heading
        return (
            (f"1. Communes de la région {name} et zone de leur territoire", self.own),
            (f"2. Communes de la région {name} classées par une autre région", self.elsewhere),
            (f"3. Communes d'autres régions classées par la région {name}", self.foreign),
        )

    @property
    def shares(self) -> list[tuple[str, float, float, float, float, float]]:
        """Return label, population and share before, those after, and the difference, by class."""
        keys = ("population", "share")
        return [
            (self.labels[one["zone"]], *(row[key] for row in (one, two) for key in keys),
             two["share"] - one["share"])
            for one, two in zip(self.check.before.to_dicts(), self.check.after.to_dicts(),
                                strict=True)
        ]  # fmt: skip

    @property
    def warnings(self) -> list[str]:
        """Return that it is internal or fictitious, and the broken rules: it is then a draft."""
        said = ((self.internal, _INTERNAL), (self.fictitious, _FICTITIOUS))
        drafts = [f"Projet : {_RULES[finding.rule]}" for finding in self.check.broken]
        return [*(text for true, text in said if true), *drafts]

    @property
    def index(self) -> pl.DataFrame:
        """Return the communes of all lists with their zone, by name without accents.

        Returns
        -------
        pl.DataFrame
            Columns `INDEX`.
        """
        listed = pl.concat([table.select(INDEX) for _, table in self.lists])
        plain_name = pl.col("Commune").map_elements(plain, return_dtype=pl.String)
        return listed.sort(plain_name, "Code commune")

    @property
    def summary(self) -> list[str]:
        """Return the sizes of the lists, as sentences."""
        return [
            f"Communes de la région classées par elle : {number(self.own.height)}",
            f"Communes de la région classées par une autre : {number(self.elsewhere.height)}",
            f"Communes d'autres régions classées par elle : {number(self.foreign.height)}",
            f"Territoires dont la zone est modifiée : {number(len(self.reasons))}",
        ]


_INTERNAL = "Document interne, établi sur le résultat exact : ne pas diffuser."
_FICTITIOUS = (
    "Données d'exemple : les praticiens sont fictifs et les temps de trajet estimés ; ces zones ne "
    "sont pas les zones officielles."
)
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
    internal: bool = False,
) -> Annex:
    """Collect the content of the annex of a regional order (annexe, V and VI).

    Parameters
    ----------
    zones : Zoning
        A national result, as from `read_result`; or its publication, if there is no proposal: the
        rules of annexe V need exact APLs.
    region : str
        Code or name.
    proposal : Proposal or None
        What the order changes; None for the national zones.
    title : str
        Title of the order.
    dated : date or None
        Date of the order.
    force : bool
        Whether to accept a proposal that breaks a rule, as a draft.
    internal : bool
        Whether the annex says that it must not be passed on.

    Returns
    -------
    Annex

    Raises
    ------
    InputDataError
        There is no such region, the proposal is for another, or the zones were already adapted.
    ProposalRefusedError
        The proposal breaks a rule, and `force` is not given.
    """
    country = read_country(zones, exact=proposal is not None)
    code = country.region(region).code
    wanted = proposal or Proposal(code)
    if wanted.region != code:
        details = {"region": wanted.region, "expected": code}
        raise InputDataError(
            Fault("annex.other_region", wanted.file or "proposal", details=details)
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
        internal=internal,
        fictitious=is_fictitious(zones),
    )


def _communes(country: Country, check: Check, labels: Mapping[str, str]) -> pl.DataFrame:
    """Return the communes of the country with their class after the proposal, in French."""
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
    # The region that classifies communes of this one, or that of communes classified here.
    other = pl.when(pl.col("region") == here).then("attributed").otherwise("region")
    communes = zones.communes.drop("zone").join(territories, on="territory", maintain_order="left")
    return communes.sort("territory", "commune").with_columns(
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
        "own": communes.filter(here, ours).select(OWN),
        "elsewhere": communes.filter(here, ~ours).sort("commune").select(ACROSS),
        "foreign": communes.filter(~here, ours).sort("commune").select(ACROSS),
    }


def _reasons(country: Country, check: Check) -> tuple[Reason, ...]:
    added = {move.territory for move in check.proposal.additions}
    return tuple(
        Reason(one.code, line(one.name), ADDED if one.code in added else REMOVED,
               float(one.population), move.justification)
        for move in check.proposal.moves
        if (one := country.territories.get(move.territory))
    )  # fmt: skip


def _gauges(check: Check, labels: Mapping[str, str]) -> tuple[Gauge, ...]:
    region, rules = check.region, check.region.methodology.regional
    figures = {finding.rule: finding.figures for finding in check.findings}
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
        ("Calcul", f"Zones calculées par apl_engine {record.get('apl_engine', VERSION)}"),
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
