"""An explanation as a page: for a terminal, or as Markdown for a letter; in English or French."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from .. import __version__
from ..explanation import Explanation
from ..explanation.contributions import Sum
from ..method.zoning import RANKED
from ..methodology.values import plain
from ..scenarios.margins import STEP
from .explanation_texts import WORDS
from .page import ENGLISH, FRENCH, Numbers, Page, Table

Language = Literal["en", "fr"]

_NUMBERS: dict[str, Numbers] = {"en": ENGLISH, "fr": FRENCH}
# Rows of a table that a reader takes in; what follows is added up.
_SHOWN = 16


def explanation_page(told: Explanation, lang: Language = "en", *, at: str | None = None) -> Page:
    """Lay an explanation out as a page.

    Parameters
    ----------
    told : as from `explain`.
    lang : ``en`` or ``fr``.
    at : where ETP was added, as given to `explain`.

    Returns
    -------
    Page
        Its `text` and `markdown` write it.
    """
    writer = _Writer(told, lang, _NUMBERS[lang])
    place = told.place
    page = Page(writer.say(f"title_{place.kind}", name=place.name, code=place.code))
    writer.short(page)
    if told.sum:
        writer.suppliers(page, told.sum)
    if "contribution" in told.communes.columns and told.communes.height > 1:
        writer.communes(page)
    if told.sum:
        writer.demand(page, told.sum)
    if told.ages is not None:
        writer.ages(page)
    if told.neighbours.height:
        writer.neighbours(page)
    if told.distances:
        writer.distances(page, at)
    if told.readings:
        writer.readings(page)
    writer.foot(page)
    return page


@dataclass(frozen=True)
class _Writer:
    """Writes the parts of a page in one language."""

    told: Explanation
    lang: str
    numbers: Numbers

    def say(self, word: str, /, **figures: object) -> str:
        return WORDS[word][self.lang].format(**figures)

    def listed(self, texts: Iterable[str]) -> str:
        return self.say("between").join(texts)

    def header(self, *keys: str) -> list[str]:
        return [self.say(key) for key in keys]

    def value(self, value: float | Decimal | None, decimals: int = 2) -> str:
        return self.say("secret") if value is None else self.numbers.write(value, decimals)

    def zone(self, zone: str | None) -> str:
        classes = self.told.zones.methodology.zoning.classes
        return next((c.label for c in classes if c.id == zone), self.say("no_zone"))

    def article(self, key: str) -> str:
        parameters = self.told.zones.methodology.parameters
        return next(p.article for p in parameters if p.key == key)

    @property
    def per(self) -> str:
        return self.numbers.write(float(self.told.zones.methodology.apl.per_inhabitants))

    def short(self, page: Page) -> None:
        told, territory = self.told, self.told.territory
        page.heading(self.say("short"))
        if told.place.kind == "commune":
            name, code = told.place.territory_name, told.place.territory
            page.say(self.say("of_territory", name=name, code=code))
        if told.zones.suppression and territory["zone_reason"] == RANKED:
            zone, apl = self.zone(territory["zone"]), self.value(territory["apl"])
            page.say(self.say("zone_secret", zone=zone, apl=apl, per=self.per))
        elif territory["rank"] is None:
            zone, reason = self.zone(territory["zone"]), territory["zone_reason"]
            page.say(self.say("zone_unranked", zone=zone, reason=reason))
        else:
            page.say(self.ranked(territory))
            if told.national != territory["zone"]:
                national, reason = self.zone(told.national), territory["zone_reason"]
                page.say(self.say("moved_by_agency", national=national, reason=reason))
            page.say(self.cuts())
        if told.place.kind == "commune":
            page.say(self.say("own_apl", apl=self.value(told.communes.item(0, "apl"))))

    def ranked(self, territory: Mapping[str, Any]) -> str:
        own = self.told.zones.territories
        before = own.filter(pl.col("rank") == territory["rank"] - 1)["cumulative_share"]
        # What imposed zones hold of the first class is there before the first of the ranking.
        start = before.item() if len(before) else self.held()
        return self.say(
            "zone",
            zone=self.zone(territory["zone"]),
            apl=self.value(territory["apl"]),
            per=self.per,
            rank=self.numbers.write(territory["rank"]),
            ranked=self.numbers.write(len(own["rank"].drop_nulls())),
            before=self.numbers.share(start, 2),
            through=self.numbers.share(territory["cumulative_share"], 2),
        )

    def held(self) -> float:
        territory = self.told.territory
        total = float(self.told.zones.territories["population"].sum())
        return float(territory["cumulative_share"]) - 100.0 * float(territory["population"]) / total

    def cuts(self) -> str:
        cuts = [
            self.say("cut", zone=self.zone(cut.zone), share=self.numbers.share(cut.share, 0),
                     apl=self.value(cut.highest_apl))
            for cut in self.told.zones.cuts
        ]  # fmt: skip
        return self.say("cuts", article=self.article("zoning.classes"), cuts=self.listed(cuts))

    def suppliers(self, page: Page, spelled: Sum) -> None:
        page.heading(self.say("suppliers"))
        steps = self.listed(
            self.say("step", weight=step.weight, to=self.numbers.write(float(step.to)),
                     bound=self.say("up_to" if step.included else "below"))
            for step in self.told.zones.methodology.travel.steps
        )  # fmt: skip
        article = self.article("travel.steps").split(":")[0]
        page.say(self.say("suppliers_text", per=self.per, article=article, steps=steps))
        if self.told.place.kind == "territory":
            page.say(self.say("mean_weight"))
        supplied = spelled.suppliers.filter(pl.col("etp").is_null() | (pl.col("etp") > 0))
        reached = self.numbers.write(spelled.suppliers.height)
        page.say(self.say("reached", reached=reached, supplied=self.numbers.write(supplied.height)))
        if supplied.is_empty():
            return
        shown, rest = supplied.head(_SHOWN), supplied.tail(-_SHOWN)
        rows = [self.supplier(row) for row in shown.iter_rows(named=True)]
        if rest.height and not spelled.hidden:
            rows.append(
                [self.say("others", count=rest.height), "", "",
                 self.value(rest["etp"].sum()), "", "",
                 self.value(rest["contribution"].sum(), 6), self.percent(rest["share"].sum())]
            )  # fmt: skip
        total = [self.say("total"), "", "", "", "", "",
                 self.value(spelled.apl, 6), self.percent(supplied["share"].sum())]  # fmt: skip
        header = self.header("commune", "minutes", "weight", "etp", "demand", "ratio",
                             "contribution", "share")  # fmt: skip
        page.table(Table(header, rows, [] if spelled.hidden else total))

    def supplier(self, row: Mapping[str, Any]) -> list[str]:
        return [
            f"{row['commune']} {row['name']}",
            self.minutes(row["minutes_from"], row["minutes_to"]),
            self.numbers.write(row["weight"], 4),
            self.value(row["etp"], 4),
            self.value(row["demand_reached"], 1),
            self.value(row["ratio"], 4),
            self.value(row["contribution"], 6),
            self.percent(row["share"]),
        ]

    def percent(self, share: Decimal | float | None) -> str:
        return self.say("secret") if share is None else self.numbers.share(share, 4)

    def minutes(self, low: float, high: float) -> str:
        decimals = 0 if low == int(low) and high == int(high) else 1
        ends = [self.numbers.write(minutes, decimals) for minutes in (low, high)]
        return ends[0] if low == high else "\N{EN DASH}".join(ends)

    def communes(self, page: Page) -> None:
        weight = self.told.zones.methodology.zoning.aggregation_weight
        page.heading(self.say("communes"))
        article = self.article("zoning.aggregation_weight")
        page.say(self.say("communes_text", weight=self.say(weight), article=article))
        header = self.header("commune", "people", "standardised", "apl", "part")
        shown, rest = self.told.communes.head(_SHOWN), self.told.communes.tail(-_SHOWN)
        rows = [
            [f"{row['commune']} {row['name']}", self.numbers.write(row["population"]),
             self.numbers.write(row["standardised_population"], 1), self.value(row["apl"], 4),
             self.value(row["contribution"], 6)]
            for row in shown.iter_rows(named=True)
        ]  # fmt: skip
        if rest.height:
            rows.append(self.added(rest, self.say("others", count=rest.height)))
        page.table(Table(header, rows, self.added(self.told.communes, self.say("total"))))

    def added(self, rows: pl.DataFrame, name: str) -> list[str]:
        people = self.numbers.write(rows["population"].sum())
        standard = self.numbers.write(rows["standardised_population"].sum(), 1)
        return [name, people, standard, "", self.value(rows["contribution"].sum(), 6)]

    def demand(self, page: Page, spelled: Sum) -> None:
        page.heading(self.say("goes"))
        going = spelled.suppliers.sort("demand_sent", "commune", descending=[True, False])
        received = None if spelled.hidden else going["etp_received"].sum()
        page.say(self.say("goes_text", received=self.value(received, 4)))
        if spelled.own_etp and spelled.own_etp_kept is not None:
            share = self.numbers.share(100.0 * spelled.own_etp_kept / spelled.own_etp)
            own, kept = (self.value(etp, 4) for etp in (spelled.own_etp, spelled.own_etp_kept))
            page.say(self.say("kept", own=own, kept=kept, share=share))
        header = self.header("commune", "sent", "of_demand", "received")
        rows = [
            [f"{row['commune']} {row['name']}", self.numbers.write(row["demand_sent"], 1),
             self.say("secret") if row["share_of_demand"] is None
             else self.numbers.share(row["share_of_demand"], 2),
             self.value(row["etp_received"], 4)]
            for row in going.head(_SHOWN).iter_rows(named=True)
        ]  # fmt: skip
        if rest := going.tail(-_SHOWN).height:
            sent = going.tail(-_SHOWN)["demand_sent"].sum()
            others = None if spelled.hidden else going.tail(-_SHOWN)["etp_received"].sum()
            rows.append([self.say("others", count=rest), self.numbers.write(sent, 1), "",
                         self.value(others, 4)])  # fmt: skip
        page.table(Table(header, rows))

    def ages(self, page: Page) -> None:
        ages = self.told.ages
        assert ages is not None
        page.heading(self.say("ages"))
        page.say(self.say("ages_text", article=self.article("demand.age_band_years")))
        rows = [
            [row["age_band"], self.numbers.write(row["population"], 1),
             self.numbers.write(row["weight"], 4),
             self.numbers.write(row["standardised_population"], 1)]
            for row in ages.iter_rows(named=True)
        ]  # fmt: skip
        people, standard = (ages[name].sum() for name in ("population", "standardised_population"))
        total = [self.say("total"), self.numbers.write(people, 1), "",
                 self.numbers.write(standard, 1)]  # fmt: skip
        page.table(Table(self.header("band", "people", "per_head", "standardised"), rows, total))

    def neighbours(self, page: Page) -> None:
        page.heading(self.say("rank"))
        rows = [
            [self.numbers.write(row["rank"]), f"{row['territory']} {row['territory_name']}",
             self.numbers.write(row["population"]), self.value(row["apl"], 4),
             self.numbers.share(row["cumulative_share"], 3), self.zone(row["zone"])]
            for row in self.told.neighbours.iter_rows(named=True)
        ]  # fmt: skip
        header = self.header("rank_column", "territory", "people", "apl", "cumulative",
                             "zone_column")  # fmt: skip
        page.table(Table(header, rows))

    def distances(self, page: Page, at: str | None) -> None:
        found = self.told.distances
        page.heading(self.say("distance"))
        rows = [
            [self.zone(distance.zone),
             "-" if distance.apl is None else self.numbers.write(distance.apl, 4, sign=True)]
            for distance in found
        ]  # fmt: skip
        if any(distance.reason == "unknown" for distance in found):
            page.say(self.say("distance_apl"))
            page.table(Table(self.header("to_zone", "gain"), rows))
            return
        where = self.say("at", code=at) if at else self.say("as_supply")
        page.say(self.say("distance_text", where=where, step=self.numbers.write(STEP, 6)))
        etp = [
            self.say(distance.reason) if distance.etp is None
            else self.numbers.write(distance.etp, 6, sign=True)
            for distance in found
        ]  # fmt: skip
        rows = [[*row, cell] for row, cell in zip(rows, etp, strict=True)]
        page.table(Table(self.header("to_zone", "gain", "more_etp"), rows))

    def readings(self, page: Page) -> None:
        page.heading(self.say("readings"))
        tried = [reading for reading in self.told.readings if not reading.untried]
        own = self.told.national
        changing = [reading for reading in tried if reading.zone != own]
        key = "readings_some" if changing else "readings_none"
        page.say(self.say(key, tried=len(tried)))
        page.points(
            self.say("reading", key=reading.key, other=_shown(reading.other),
                     value=_shown(reading.value), zone=self.zone(reading.zone),
                     apl=self.value(reading.apl), changed=reading.changed,
                     article=reading.article)
            for reading in changing
        )  # fmt: skip
        untried = list(dict.fromkeys(r.key for r in self.told.readings if r.untried))
        if untried:
            page.say(self.say("readings_untried", keys=", ".join(untried)))

    def foot(self, page: Page) -> None:
        told = self.told
        if told.missing:
            page.heading(self.say("missing"))
            page.points(
                self.say("secret_missing" if part.code == "secret" else part.code,
                         detail=part.detail)
                for part in told.missing
            )  # fmt: skip
        rules, record = told.zones.methodology, told.zones.record
        page.say(
            self.say("foot", id=rules.id, title=rules.title, version=__version__,
                     sha256=str(record["sha256"]))
        )  # fmt: skip


def _shown(value: Any) -> str:
    """Return a value of a methodology in a few letters."""
    value = plain(value)
    if isinstance(value, list):
        return "; ".join(_shown(item) for item in value)
    if isinstance(value, dict):
        cells: Sequence[str] = [f"{key} {_shown(item)}" for key, item in value.items()]
        return " ".join(cells)
    return str(value).lower() if isinstance(value, bool) else str(value)
