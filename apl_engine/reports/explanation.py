"""An explanation as a page, in English or in French."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import polars as pl

from ..explanation import Explanation
from ..explanation.contributions import Sum
from ..method.zoning import RANKED
from ..results.record import VERSION
from ..scenarios.margins import STEP
from .page import ENGLISH, FRENCH, Cell, Column, Numbers, Page

Language = Literal["en", "fr"]

TEXTS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text("utf-8")
)
_NUMBERS: dict[str, Numbers] = {"en": ENGLISH, "fr": FRENCH}
# Rows shown of a long table; the others are added up.
_SHOWN = 16


def explanation_page(
    explanation: Explanation, lang: Language = "en", *, at: str | None = None
) -> Page:
    """Write an explanation as a page.

    Parameters
    ----------
    explanation : Explanation
        As from `explain`.
    lang : str
        ``en`` or ``fr``.
    at : str or None
        The commune to which ETP was added, as given to `explain`.

    Returns
    -------
    Page
    """
    place = explanation.place
    writer = _Writer(explanation, lang, Page(numbers=_NUMBERS[lang]))
    page = writer.page
    page.title = writer.text(f"title_{place.kind}", name=place.name, code=place.code)
    writer.summary()
    if explanation.sum:
        writer.suppliers(explanation.sum)
    if "contribution" in explanation.communes.columns and explanation.communes.height > 1:
        writer.communes()
    if explanation.sum:
        writer.demand(explanation.sum)
    if explanation.ages is not None:
        writer.ages(explanation.ages)
    if explanation.neighbours.height:
        writer.neighbours()
    if explanation.distances:
        writer.distances(at)
    if explanation.readings:
        writer.readings()
    writer.footer()
    return page


@dataclass(frozen=True)
class _Writer:
    """Writes the sections of a page in one language."""

    explanation: Explanation
    lang: str
    page: Page

    def text(self, key: str, /, **figures: object) -> str:
        return TEXTS[key][self.lang].format(**figures)

    def say(self, key: str, /, **figures: object) -> None:
        self.page.paragraph(self.text(key, **figures))

    def section(self, key: str) -> None:
        self.page.section(self.text(key))

    def listed(self, texts: Iterable[str]) -> str:
        return self.text("between").join(texts)

    def column(self, key: str, decimals: int | None = None, **options: Any) -> Column:
        return Column(self.text(key), decimals, missing=self.text("secret"), **options)

    def number(self, value: float | Decimal | None, decimals: int = 0) -> str:
        if value is None:
            return self.text("secret")
        return self.page.numbers.write(value, decimals)

    def share(self, value: float | Decimal, decimals: int) -> str:
        return self.page.numbers.share(value, decimals)

    def zone(self, zone: str | None) -> str:
        classes = self.explanation.zones.methodology.zoning.classes
        return next((c.label for c in classes if c.id == zone), self.text("no_zone"))

    def article(self, key: str) -> str:
        parameters = self.explanation.zones.methodology.parameters
        return next(p.article for p in parameters if p.key == key)

    @property
    def per(self) -> str:
        return self.number(float(self.explanation.zones.methodology.apl.per_inhabitants))

    def summary(self) -> None:
        explanation, territory = self.explanation, self.explanation.territory
        zone, reason = self.zone(territory["zone"]), territory["zone_reason"]
        self.section("summary")
        if explanation.place.kind == "commune":
            name, code = explanation.place.territory_name, explanation.place.territory
            self.say("of_territory", name=name, code=code)
        if explanation.zones.suppression and reason == RANKED:
            self.say("zone_secret", zone=zone, apl=self.number(territory["apl"], 2), per=self.per)
        elif territory["rank"] is None:
            self.say("zone_unranked", zone=zone, reason=reason)
        else:
            self.ranked(territory)
            if explanation.national != territory["zone"]:
                self.say("moved_by_agency", national=self.zone(explanation.national), reason=reason)
            self.cuts()
        if explanation.place.kind == "commune":
            self.say("own_apl", apl=self.number(explanation.communes.item(0, "apl"), 2))

    def ranked(self, territory: Mapping[str, Any]) -> None:
        territories = self.explanation.zones.territories
        before = territories.filter(rank=territory["rank"] - 1)["cumulative_share"]
        # The first of the ranking comes after the imposed zones of the first class.
        own_share = 100.0 * float(territory["population"]) / float(territories["population"].sum())
        start = before.item() if len(before) else territory["cumulative_share"] - own_share
        self.say(
            "zone",
            zone=self.zone(territory["zone"]),
            apl=self.number(territory["apl"], 2),
            per=self.per,
            rank=self.number(territory["rank"]),
            ranked=self.number(len(territories["rank"].drop_nulls())),
            before=self.share(start, 2),
            through=self.share(territory["cumulative_share"], 2),
        )

    def cuts(self) -> None:
        cuts = [
            self.text("cut", zone=self.zone(cut.zone), share=self.share(cut.share, 0),
                      apl=self.number(cut.highest_apl, 2))
            for cut in self.explanation.zones.cuts
        ]  # fmt: skip
        self.say("cuts", article=self.article("zoning.classes"), cuts=self.listed(cuts))

    def suppliers(self, spelled: Sum) -> None:
        self.section("suppliers")
        steps = self.listed(
            self.text("step", weight=step.weight, to=self.number(float(step.to)),
                      bound=self.text("up_to" if step.included else "below"))
            for step in self.explanation.zones.methodology.travel.steps
        )  # fmt: skip
        article = self.article("travel.steps").split(":")[0]
        self.say("suppliers_text", per=self.per, article=article, steps=steps)
        if self.explanation.place.kind == "territory":
            self.say("mean_weight")
        supplied = spelled.suppliers.filter(pl.col("etp").is_null() | (pl.col("etp") > 0))
        reached = self.number(spelled.suppliers.height)
        self.say("reached", reached=reached, supplied=self.number(supplied.height))
        rest = supplied.tail(-_SHOWN)
        rows: list[Sequence[Cell]] = [
            (self.commune(row), self.minutes(row["minutes_from"], row["minutes_to"]),
             *(row[name] for name in ("weight", "etp", "demand_reached", "ratio",
                                      "contribution", "share")))
            for row in supplied.head(_SHOWN).iter_rows(named=True)
        ]  # fmt: skip
        if rest.height and not spelled.hidden:
            others = self.text("others", count=rest.height)
            etp, apl, share = (rest[name].sum() for name in ("etp", "contribution", "share"))
            rows.append((others, "", "", etp, "", "", apl, share))
        total = (self.text("total"), "", "", "", "", "", spelled.apl, supplied["share"].sum())
        self.page.table(
            [self.column("commune"), self.column("minutes", right=True), self.column("weight", 4),
             self.column("etp", 4), self.column("demand", 1), self.column("ratio", 4),
             self.column("contribution", 6), self.column("share", 4, percent=True)],
            rows,
            total=() if spelled.hidden else total,
        )  # fmt: skip

    def commune(self, row: Mapping[str, Any]) -> str:
        return f"{row['commune']} {row['name']}"

    def minutes(self, low: float, high: float) -> str:
        decimals = 0 if low == int(low) and high == int(high) else 1
        ends = dict.fromkeys(self.number(minutes, decimals) for minutes in (low, high))
        return "\N{EN DASH}".join(ends)

    def communes(self) -> None:
        self.section("communes")
        weight = self.text(self.explanation.zones.methodology.zoning.aggregation_weight)
        self.say("communes_text", weight=weight, article=self.article("zoning.aggregation_weight"))
        communes = self.explanation.communes
        rows: list[Sequence[Cell]] = [
            (self.commune(row), *(row[name] for name in ("population", "standardised_population",
                                                         "apl", "contribution")))
            for row in communes.head(_SHOWN).iter_rows(named=True)
        ]  # fmt: skip
        rest = communes.tail(-_SHOWN)
        if rest.height:
            rows.append(_sums(rest, self.text("others", count=rest.height)))
        self.page.table(
            [self.column("commune"), self.column("people", 0), self.column("standardised", 1),
             self.column("apl", 4), self.column("part", 6)],
            rows,
            total=_sums(communes, self.text("total")),
        )  # fmt: skip

    def demand(self, spelled: Sum) -> None:
        self.section("demand_sent")
        suppliers = spelled.suppliers.sort("demand_sent", "commune", descending=[True, False])
        received = None if spelled.hidden else suppliers["etp_received"].sum()
        self.say("demand_text", received=self.number(received, 4))
        if spelled.own_etp and spelled.own_etp_kept is not None:
            share = self.share(100 * spelled.own_etp_kept / spelled.own_etp, 1)
            own, own_used = (self.number(etp, 4) for etp in (spelled.own_etp, spelled.own_etp_kept))
            self.say("own_etp", own=own, used=own_used, share=share)
        rows: list[Sequence[Cell]] = [
            (self.commune(row), row["demand_sent"], row["share_of_demand"], row["etp_received"])
            for row in suppliers.head(_SHOWN).iter_rows(named=True)
        ]
        rest = suppliers.tail(-_SHOWN)
        if rest.height:
            received = None if spelled.hidden else rest["etp_received"].sum()
            others = self.text("others", count=rest.height)
            rows.append((others, rest["demand_sent"].sum(), "", received))
        self.page.table(
            [self.column("commune"), self.column("sent", 1),
             self.column("of_demand", 2, percent=True), self.column("received", 4)],
            rows,
        )  # fmt: skip

    def ages(self, ages: pl.DataFrame) -> None:
        self.section("ages")
        self.say("ages_text", article=self.article("demand.age_band_years"))
        people, standardised = (ages[n].sum() for n in ("population", "standardised_population"))
        self.page.table(
            [self.column("band"), self.column("people", 1), self.column("weight", 4),
             self.column("standardised", 1)],
            ages.select("age_band", "population", "weight", "standardised_population").rows(),
            total=(self.text("total"), people, "", standardised),
        )  # fmt: skip

    def neighbours(self) -> None:
        self.section("rank")
        self.page.table(
            [self.column("rank_column", 0), self.column("territory"), self.column("people", 0),
             self.column("apl", 4), self.column("cumulative", 3, percent=True),
             self.column("zone_column")],
            [
                (row["rank"], f"{row['territory']} {row['territory_name']}", row["population"],
                 row["apl"], row["cumulative_share"], self.zone(row["zone"]))
                for row in self.explanation.neighbours.iter_rows(named=True)
            ],
        )  # fmt: skip

    def distances(self, at: str | None) -> None:
        distances = self.explanation.distances
        columns = [Column(self.text("to_zone")), Column(self.text("apl"), 4, sign=True)]
        rows: list[Sequence[Cell]] = [(self.zone(one.zone), one.apl) for one in distances]
        self.section("distance")
        if any(one.reason == "unknown" for one in distances):
            self.say("distance_apl")
        else:
            where = self.text("at", code=at) if at else self.text("as_supply")
            self.say("distance_text", where=where, step=self.number(STEP, 6))
            columns.append(Column(self.text("etp"), 6, sign=True))
            etp = (self.text(one.reason) if one.etp is None else one.etp for one in distances)
            rows = [(*row, cell) for row, cell in zip(rows, etp, strict=True)]
        self.page.table(columns, rows)

    def readings(self) -> None:
        self.section("readings")
        tried = [reading for reading in self.explanation.readings if not reading.untried]
        changing = [reading for reading in tried if reading.zone != self.explanation.national]
        self.say("readings_some" if changing else "readings_none", tried=len(tried))
        self.page.bullets(
            self.text("reading", key=reading.key, other=_value(reading.as_dict()["other"]),
                      value=_value(reading.as_dict()["value"]), zone=self.zone(reading.zone),
                      apl=self.number(reading.apl, 2), changed=reading.changed,
                      article=reading.article)
            for reading in changing
        )  # fmt: skip
        if untried := dict.fromkeys(r.key for r in self.explanation.readings if r.untried):
            self.say("readings_untried", keys=", ".join(untried))

    def footer(self) -> None:
        explanation = self.explanation
        if explanation.missing:
            self.section("missing")
            self.page.bullets(
                self.text("secret_missing" if part.code == "secret" else part.code,
                          detail=part.detail)
                for part in explanation.missing
            )  # fmt: skip
        rules, record = explanation.zones.methodology, explanation.zones.record
        self.say("foot", id=rules.id, title=rules.title, version=VERSION,
                 sha256=record["sha256"])  # fmt: skip


def _sums(communes: pl.DataFrame, label: str) -> Sequence[Cell]:
    names = ("population", "standardised_population", "contribution")
    people, standardised, contribution = (communes[name].sum() for name in names)
    return label, people, standardised, "", contribution


def _value(value: Any) -> str:
    """Return a value of a methodology in short form."""
    if isinstance(value, list):
        return "; ".join(map(_value, value))
    if isinstance(value, dict):
        return " ".join(f"{key} {_value(item)}" for key, item in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)
