"""An explanation as a page, in English or in French."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isclose
from typing import Any

import polars as pl

from ..explanation import Explanation
from ..explanation.contributions import Sum
from ..method.zoning import RANKED
from ..methodology.values import plain
from ..results.record import VERSION
from ..rounding import apportion_decimals, round_away
from ..scenarios.margins import STEP
from . import french
from .page import NUMBERS, Cell, Column, Language, Page
from .words import Words

# Rows shown of a long table; the others are added up.
_SHOWN = 16
DIGITS = 2


def explanation_page(
    explanation: Explanation, lang: Language = "en", *, digits: int = DIGITS, internal: bool = False
) -> Page:
    """Write an explanation as a page.

    Parameters
    ----------
    explanation : Explanation
        As from `explain`.
    lang : str
        ``en`` or ``fr``.
    digits : int
        Decimals of APL, ETP and shares; inhabitants have two less. Parts are rounded so that they
        add up.
    internal : bool
        Whether the page says that it must not be passed on.

    Returns
    -------
    Page
    """
    place = explanation.place
    words = Words("explanation", lang)
    writer = _Writer(explanation, words, Page(numbers=NUMBERS[lang]), digits)
    page = writer.page
    page.title = writer.text(f"title_{place.kind}", name=place.name, code=place.code)
    if internal:
        writer.say("internal")
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
        writer.distances()
    if explanation.readings:
        writer.readings()
    writer.footer()
    return page


@dataclass(frozen=True)
class _Writer:
    """Writes the sections of a page in one language."""

    explanation: Explanation
    words: Words
    page: Page
    digits: int

    def text(self, key: str, /, **figures: object) -> str:
        return self.words.text(key, **figures)

    def say(self, key: str, /, **figures: object) -> None:
        self.page.paragraph(self.text(key, **figures))

    def section(self, key: str) -> None:
        self.page.section(self.text(key))

    def listed(self, texts: Iterable[str]) -> str:
        return self.text("between").join(texts)

    def column(self, key: str, decimals: int | None = None, **options: Any) -> Column:
        return Column(self.text(key), decimals, missing=self.text("secret"), **options)

    @property
    def people(self) -> int:
        """Decimals of standardised inhabitants."""
        return max(self.digits - 2, 0)

    def number(self, value: float | Decimal | None, decimals: int = 0) -> str:
        if value is None:
            return self.text("secret")
        return self.words.number(value, decimals)

    def figure(self, value: float | Decimal | None) -> str:
        return self.number(value, self.digits)

    def share(self, value: float | Decimal, decimals: int | None = None) -> str:
        return self.words.share(value, self.digits if decimals is None else decimals)

    def others(self, count: int) -> str:
        return self.text("other") if count == 1 else self.text("others", count=self.number(count))

    def reason(self) -> str:
        """Return why the territory has its zone."""
        zones, territory = self.explanation.zones, self.explanation.territory
        if self.words.lang == "fr":
            return french.zone_reason(zones, territory)
        return str(territory["zone_reason"])

    def zone(self, zone: str | None) -> str:
        classes = self.explanation.zones.methodology.zoning.classes
        return next((c.label for c in classes if c.id == zone), self.text("no_zone"))

    def article(self, key: str) -> str:
        rules = self.explanation.zones.methodology
        return self.cited(next(p.article for p in rules.parameters if p.key == key))

    def cited(self, article: str) -> str:
        if self.words.lang == "en":
            return article
        return french.citation(article) or self.explanation.zones.methodology.title

    @property
    def per(self) -> str:
        return self.number(float(self.explanation.zones.methodology.apl.per_inhabitants))

    def summary(self) -> None:
        explanation, territory = self.explanation, self.explanation.territory
        zone, apl = self.zone(territory["zone"]), self.figure(territory["apl"])
        self.section("summary")
        if explanation.place.kind == "commune":
            name, code = explanation.place.territory_name, explanation.place.territory
            self.say("of_territory", name=name, code=code)
        if explanation.zones.publication and territory["zone_reason"] == RANKED:
            self.say("zone_secret", zone=zone, apl=apl, per=self.per)
        elif territory["rank"] is None:
            self.say("zone_unranked", zone=zone, reason=self.reason())
        else:
            self.ranked(territory)
            if explanation.national != territory["zone"]:
                national = self.zone(explanation.national)
                self.say("moved_by_agency", national=national, reason=self.reason())
            self.cuts()
        if explanation.place.kind == "commune":
            self.say("own_apl", apl=self.figure(explanation.communes.item(0, "apl")))

    def ranked(self, territory: Mapping[str, Any]) -> None:
        territories = self.explanation.zones.territories
        before = territories.filter(rank=territory["rank"] - 1)["cumulative_share"]
        # The first of the ranking comes after the imposed zones of the first class.
        own_share = 100.0 * float(territory["population"]) / float(territories["population"].sum())
        start = before.item() if len(before) else territory["cumulative_share"] - own_share
        self.say(
            "zone",
            zone=self.zone(territory["zone"]),
            apl=self.figure(territory["apl"]),
            per=self.per,
            rank=self.number(territory["rank"]),
            ranked=self.number(len(territories["rank"].drop_nulls())),
            before=self.share(start),
            through=self.share(territory["cumulative_share"]),
        )

    def cuts(self) -> None:
        cuts = [
            self.text("cut", zone=self.zone(cut.zone), apl=self.figure(cut.highest_apl),
                      share=self.share(cut.share, 0 if isclose(cut.share, round(cut.share)) else 1))
            for cut in self.explanation.zones.cuts
        ]  # fmt: skip
        self.say("cuts", article=self.article("zoning.classes"), cuts=self.listed(cuts))

    def suppliers(self, spelled: Sum) -> None:
        self.section("suppliers")
        steps = self.steps(plain(self.explanation.zones.methodology.travel.steps))
        article = self.article("travel.steps").partition(":")[0].strip()
        self.say("suppliers_text", per=self.per, article=article, steps=steps)
        if self.explanation.place.kind == "territory":
            self.say("mean_weight")
        supplied = spelled.suppliers.filter(pl.col("etp").is_null() | (pl.col("etp") > 0))
        reached = self.number(spelled.suppliers.height)
        self.say("reached", reached=reached, supplied=self.number(supplied.height))
        rest = supplied.tail(-_SHOWN)
        rows: list[list[Cell]] = [
            [self.commune(row), self.minutes(row["minutes_from"], row["minutes_to"]),
             *(row[name] for name in ("weight", "etp", "demand_reached", "ratio",
                                      "contribution", "share"))]
            for row in supplied.head(_SHOWN).iter_rows(named=True)
        ]  # fmt: skip
        if rest.height and not spelled.hidden:
            others = self.others(rest.height)
            etp, apl, share = (rest[name].sum() for name in ("etp", "contribution", "share"))
            rows.append([others, "", "", etp, "", "", apl, share])
        total: Sequence[Cell] = ()
        if not spelled.hidden:
            whole, of_it = self.explanation.apl, supplied["share"].sum()
            rows = self.adding_up(rows, {6: (whole, self.digits), 7: (of_it, self.digits)})
            total = (self.text("total"), "", "", "", "", "", whole, of_it)
        digits, people = self.digits, self.people
        self.page.table(
            [self.column("commune"), self.column("minutes", right=True),
             self.column("weight", digits), self.column("etp", digits),
             self.column("demand", people), self.column("ratio", digits),
             self.column("contribution", digits), self.column("share", digits, percent=True)],
            rows,
            total=total,
        )  # fmt: skip

    def steps(self, steps: Iterable[Mapping[str, Any]]) -> str:
        return self.listed(
            self.text("step", weight=step["weight"], to=self.number(float(step["to"])),
                      bound=self.text("up_to" if step["included"] else "below"))
            for step in steps
        )  # fmt: skip

    def adding_up(
        self, rows: Sequence[Sequence[Cell]], columns: Mapping[int, tuple[Cell, int]]
    ) -> list[list[Cell]]:
        """Return rows with some columns rounded so that they add up to a total.

        `columns` has the total and the decimals by position; of None nothing is rounded.
        """
        rounded = [list(row) for row in rows]
        for column, (total, decimals) in columns.items():
            parts: list[Any] = [row[column] for row in rounded]
            if total is None or isinstance(total, str) or None in parts:
                continue
            for row, part in zip(rounded, apportion_decimals(parts, total, decimals), strict=True):
                row[column] = part
        return rounded

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
        names = ("population", "standardised_population", "apl", "contribution")
        rows = [
            [self.commune(row), *(row[name] for name in names)]
            for row in communes.head(_SHOWN).iter_rows(named=True)
        ]
        rest = communes.tail(-_SHOWN)
        if rest.height:
            rows.append(_sums(rest, self.others(rest.height)))
        label, people, standardised, *_ = _sums(communes, self.text("total"))
        apl, digits = self.explanation.apl, self.digits
        wholes = {1: (people, 0), 2: (standardised, self.people), 4: (apl, digits)}
        self.page.table(
            [self.column("commune"), self.column("people", 0),
             self.column("standardised", self.people), self.column("apl", digits),
             self.column("part", digits)],
            self.adding_up(rows, wholes),
            total=(label, people, standardised, "", apl),
        )  # fmt: skip

    def demand(self, spelled: Sum) -> None:
        self.section("demand_sent")
        suppliers = spelled.suppliers.sort("demand_sent", "commune", descending=[True, False])
        received = None if spelled.hidden else suppliers["etp_received"].sum()
        if received is None:
            self.say("demand_secret")
        else:
            self.say("demand_text", received=self.figure(received))
        if spelled.own_etp and spelled.own_etp_kept is not None:
            share = self.share(100 * spelled.own_etp_kept / spelled.own_etp)
            own, own_used = (self.figure(etp) for etp in (spelled.own_etp, spelled.own_etp_kept))
            self.say("own_etp", own=own, used=own_used, share=share)
        rows: list[list[Cell]] = [
            [self.commune(row), row["demand_sent"], row["share_of_demand"], row["etp_received"]]
            for row in suppliers.head(_SHOWN).iter_rows(named=True)
        ]
        rest = suppliers.tail(-_SHOWN)
        if rest.height:
            got = None if spelled.hidden else rest["etp_received"].sum()
            rows.append([self.others(rest.height), rest["demand_sent"].sum(), "", got])
        self.page.table(
            [self.column("commune"), self.column("sent", self.people),
             self.column("of_demand", self.digits, percent=True),
             self.column("received", self.digits)],
            self.adding_up(rows, {3: (received, self.digits)}),
        )  # fmt: skip

    def ages(self, ages: pl.DataFrame) -> None:
        self.section("ages")
        self.say("ages_text", article=self.article("demand.age_band_years"))
        people, standardised = (ages[n].sum() for n in ("population", "standardised_population"))
        rows = ages.select("age_band", "population", "weight", "standardised_population").rows()
        if self.words.lang == "fr":
            rows = [(french.age_band(row[0]), *row[1:]) for row in rows]
        self.page.table(
            [self.column("band"), self.column("people", 0), self.column("weight", self.digits),
             self.column("standardised", self.people)],
            self.adding_up(rows, {1: (people, 0), 3: (standardised, self.people)}),
            total=(self.text("total"), people, "", standardised),
        )  # fmt: skip

    def neighbours(self) -> None:
        self.section("rank")
        self.page.table(
            [self.column("rank_column", 0), self.column("territory"), self.column("people", 0),
             self.column("apl", self.digits),
             self.column("cumulative", self.digits, percent=True),
             self.column("zone_column")],
            [
                (row["rank"], f"{row['territory']} {row['territory_name']}", row["population"],
                 row["apl"], row["cumulative_share"], self.zone(row["zone"]))
                for row in self.explanation.neighbours.iter_rows(named=True)
            ],
        )  # fmt: skip

    def distances(self) -> None:
        distances, at, digits = self.explanation.distances, self.explanation.at, self.digits
        columns = [self.column("to_zone"), self.column("apl", digits, sign=True)]
        rows: list[Sequence[Cell]] = [
            (self.zone(one.zone), None if one.apl is None else round_away(one.apl, digits))
            for one in distances
        ]
        self.section("distance")
        if any(one.reason == "unknown" for one in distances):
            self.say("distance_apl")
        else:
            where = self.text("as_supply")
            if at:
                where = self.text("at", name=at.name, code=at.code)
            self.say("distance_text", where=where, step=self.number(STEP, 6))
            columns.append(self.column("etp", digits, sign=True))
            etp = (
                self.text(one.reason) if one.etp is None else round_away(one.etp, digits)
                for one in distances
            )
            rows = [(*row, cell) for row, cell in zip(rows, etp, strict=True)]
        self.page.table([replace(column, missing="-") for column in columns], rows)

    def readings(self) -> None:
        self.section("readings")
        tried = [reading for reading in self.explanation.readings if not reading.untried]
        changing = [reading for reading in tried if reading.zone != self.explanation.national]
        self.say("readings_some" if changing else "readings_none", tried=len(tried))
        self.page.bullets(
            self.text("reading", key=self.parameter(reading.key), zone=self.zone(reading.zone),
                      **{name: self.value(reading.key, reading.as_dict()[name])
                         for name in ("other", "value")},
                      apl=self.figure(reading.apl), changed=self.number(reading.changed),
                      article=self.cited(reading.article))
            for reading in changing
        )  # fmt: skip
        if untried := dict.fromkeys(r.key for r in self.explanation.readings if r.untried):
            self.say("readings_untried", keys=self.listed(map(self.parameter, untried)))

    def parameter(self, key: str) -> str:
        return french.parameter(key) if self.words.lang == "fr" else key

    def value(self, key: str, value: Any) -> str:
        """Return a value of a methodology in short form."""
        if self.words.lang == "en":
            return _value(value)
        return self.steps(value) if key == "travel.steps" else french.value(key, value)

    def footer(self) -> None:
        explanation = self.explanation
        if explanation.missing:
            self.section("missing")
            self.page.bullets(
                self.text("secret_missing" if part.code == "secret" else part.code,
                          detail=self.reason() if part.code in ("unranked", "other_zone")
                          else part.detail)
                for part in explanation.missing
            )  # fmt: skip
        rules, record = explanation.zones.methodology, explanation.zones.record
        self.say("foot", id=rules.id, title=rules.title, version=VERSION,
                 sha256=record["sha256"])  # fmt: skip


def _sums(communes: pl.DataFrame, label: str) -> list[Cell]:
    names = ("population", "standardised_population", "contribution")
    people, standardised, contribution = (communes[name].sum() for name in names)
    return [label, people, standardised, "", contribution]


def _value(value: Any) -> str:
    """Return a value of a methodology in short form."""
    if isinstance(value, list):
        return "; ".join(map(_value, value))
    if isinstance(value, dict):
        return " ".join(f"{key} {_value(item)}" for key, item in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)
