"""The table of article VI for a year, with the year before beside it, in French."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from ...comparison.matching import name_of
from ...errors import Fault, InputDataError, check_arguments
from ...method.result import Zoning
from ...methodology.model import Methodology
from ...methodology.values import COUNTRY, RegionalTable
from ...regional.region import check_national
from ...results.lookup import activity_year
from ...results.read import StoredResult
from ...results.record import VERSION
from ...rounding import round_half_up
from ..french import day, line
from ..page import FRENCH, Column, Page

EVOLUTION = "Évolution (points)"
_EVERYWHERE = "Ensemble des régions du résultat"
# Shares by region and class.
_Shares = Mapping[tuple[str, str | None], Decimal]


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes
    ----------
    region, region_name : str
        INSEE code and name; FR for the country.
    zone : str or None
        Id of the class; None for the total of all classes.
    category : str
        Its label in the text.
    share, before : Decimal or None
        % of the population of the region in this year and the one before, as they are printed;
        None if that region has no inhabitants, or no such class.
    """

    region: str
    region_name: str
    zone: str | None
    category: str
    share: Decimal | None
    before: Decimal | None

    @property
    def evolution(self) -> Decimal | None:
        """Return the difference of the shares as they are printed, points."""
        if self.share is None or self.before is None:
            return None
        return self.share - self.before

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, for JSON."""
        figures = {"share": self.share, "before": self.before, "evolution": self.evolution}
        return {
            **{name: getattr(self, name) for name in ("region", "region_name", "zone", "category")},
            **{name: None if value is None else float(value) for name, value in figures.items()},
        }


@dataclass(frozen=True)
class Figures:
    """The yearly communication of the figures of article VI.

    Attributes
    ----------
    words : RegionalTable
        The words of the text, and the decimals that it prints.
    stamped : date
        Date of the text, which the files carry.
    current, previous : str
        What the two columns of shares are of, such as ``activité 2023``.
    rows : tuple of Row
        In the order of the text, the country last.
    remarks : tuple of str
        How to read the table, and what it was made from.
    """

    words: RegionalTable
    stamped: date
    current: str
    previous: str
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return the title, with what the figures are of."""
        return f"{self.words.title} – {self.current}"

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the headings of the columns."""
        of = (f"{self.words.share}, {one} (%)" for one in (self.current, self.previous))
        return (self.words.region, self.words.category, *of, EVOLUTION)

    @property
    def page(self) -> Page:
        """Return the table and the remarks as a page."""
        page = Page(self.title, FRENCH)
        decimals = self.words.decimals
        region, category, *shares, evolution = self.headings
        page.table(
            [region, category, *(Column(one, decimals) for one in shares),
             Column(evolution, decimals, sign=True)],
            [(r.region_name, r.category, r.share, r.before, r.evolution) for r in self.rows],
        )  # fmt: skip
        page.bullets(self.remarks)
        return page

    def as_dict(self) -> dict[str, Any]:
        """Return the communication as plain values, for JSON."""
        return {
            "title": self.title,
            "current": self.current,
            "previous": self.previous,
            "rows": [row.as_dict() for row in self.rows],
            "remarks": list(self.remarks),
        }


@check_arguments(zones=Zoning, before=(Zoning, None))
def make_figures(zones: Zoning, before: Zoning | None = None) -> Figures:
    """Make the table of article VI from a result, with the year before beside it.

    Arrêté of 20 March 2024, annexe, VII: "Les données chiffrées du tableau figurant au point VI
    sont communiquées chaque année aux agences régionales de santé".

    Parameters
    ----------
    zones : Zoning
        The national result of the year, as from `run`, `zone_published` or `read_result`.
    before : Zoning, optional
        That of the year before; by default the table that the text itself publishes.

    Returns
    -------
    Figures

    Raises
    ------
    InputDataError
        A result was adapted or has hidden figures, the professions differ, or `before` is not of
        an earlier year; or it is not given, and the text publishes no table.
    """
    for one in (zones, before):
        if one is not None:
            check_national(one)
    rules = zones.methodology
    words = rules.regional.published_table
    if before is not None:
        _refuse_other(zones, before)
        earlier, previous = _shares_of(before, words.decimals), _of_year(before)
    elif rules.regional.published_shares:
        earlier, previous = _published(rules), f"arrêté du {day(rules.dated)}"
    else:
        raise InputDataError(Fault("figures.no_year_before", rules.id))
    shares = _shares_of(zones, words.decimals)
    return Figures(
        words=words,
        stamped=rules.dated,
        current=_of_year(zones),
        previous=previous,
        rows=tuple(_rows(zones, shares, earlier)),
        remarks=tuple(_remarks(zones, before)),
    )


def _refuse_other(zones: Zoning, before: Zoning) -> None:
    """Refuse a result of another profession, or of a year that is not earlier."""
    faults = []
    names = tuple(one.methodology.profession for one in (zones, before))
    if names[0] != names[1]:
        details: dict[str, object] = {"profession": names[0], "other": names[1]}
        faults.append(Fault("figures.other_profession", name_of(before), details=details))
    year, earlier = activity_year(zones), activity_year(before)
    if year is not None and earlier is not None and earlier >= year:
        details = {"year": year, "before": earlier}
        faults.append(Fault("figures.not_earlier", name_of(before), details=details))
    if faults:
        raise InputDataError(faults)


def _of_year(zones: Zoning) -> str:
    year = activity_year(zones)
    return f"activité {year}" if year else line(name_of(zones))


def _shares_of(zones: Zoning, decimals: int) -> _Shares:
    """Return the shares of a result as they are printed, with the total of all classes."""
    rows = zones.regions.select("region", "zone", "share").drop_nulls().sort("region", "zone")
    shares: dict[tuple[str, str | None], Decimal] = {}
    totals: dict[str, Fraction] = {}
    for region, zone, share in rows.iter_rows():
        shares[region, zone] = round_half_up(share, decimals)
        totals[region] = totals.get(region, Fraction(0)) + Fraction(share)
    return shares | {
        (region, None): round_half_up(float(total), decimals) for region, total in totals.items()
    }


def _published(rules: Methodology) -> _Shares:
    """Return the shares that the text publishes; its totals are the whole of each region."""
    decimals = rules.regional.published_table.decimals
    shares: dict[tuple[str, str | None], Decimal] = {}
    for row in rules.regional.published_shares:
        shares[row.region, None] = round_half_up(100.0, decimals)
        for zone, share in row.shares.items():
            shares[row.region, zone] = round_half_up(float(share), decimals)
    return shares


def _rows(zones: Zoning, shares: _Shares, earlier: _Shares) -> Iterator[Row]:
    """Yield the rows of each region: the classes that have a share in the text, and the total."""
    rules = zones.methodology
    # The last class is drawn by the convention: the table of VI has its share in the total alone.
    categories: list[tuple[str | None, str]] = [
        (zone.id, zone.label) for zone in rules.zoning.classes if zone.share is not None
    ]
    categories.append((None, rules.regional.published_table.total))
    for region, name in _regions(zones).items():
        for zone, label in categories:
            key = region, zone
            yield Row(region, line(name), zone, label, shares.get(key), earlier.get(key))


def _regions(zones: Zoning) -> dict[str, str]:
    """Return the names of the regions of a result in the order of the text, the country last."""
    pairs = zones.regions.select("region", "region_name").unique().sort(pl.all())
    names = {code: name for code, name in pairs.iter_rows() if code != COUNTRY}
    printed = [row.region for row in zones.methodology.regional.published_shares]
    order = [code for code in printed if code in names]
    order += [code for code in names if code not in order]
    return {code: names[code] for code in order} | {COUNTRY: _country(zones)}


def _country(zones: Zoning) -> str:
    """Return the name of the country in the text, or what stands for it in a part of it."""
    for row in zones.methodology.regional.published_shares:
        if row.region == COUNTRY and zones.regions["region_name"].eq(row.name).any():
            return row.name
    return _EVERYWHERE


def _remarks(zones: Zoning, before: Zoning | None) -> Iterator[str]:
    rules = zones.methodology
    yield (
        "Population des territoires attribués à la région, prise en compte en entier "
        "(annexe, IV, 4.3)."
    )
    last = rules.zoning.classes[-1]
    yield f"Catégorie comprise dans le seul total général : {last.label}."
    yield "Évolution : différence des parts telles qu'elles sont imprimées."
    if before is None:
        yield from _misprints(rules)
    if _country(zones) == _EVERYWHERE:
        yield "Le résultat ne couvre pas toutes les régions."
    yield f"Méthodologie : {rules.title} ({rules.id})."
    for one in (zones, before):
        if isinstance(one, StoredResult):
            yield f"Résultat {line(name_of(one))} : SHA-256 {one.record['sha256']}."
    yield f"Établi avec apl_engine {VERSION}."


def _misprints(rules: Methodology) -> Iterator[str]:
    """Yield what the misprinted rows of the table of the text are taken to mean."""
    labels = {zone.id: zone.label for zone in rules.zoning.classes}
    decimals = rules.regional.published_table.decimals
    for row in rules.regional.published_shares:
        if row.misprint:
            meant = ", ".join(
                f"{labels[zone]} {FRENCH.share(share, decimals)}"
                for zone, share in row.misprint.shares.items()
            )
            yield (
                f"{row.name} : la ligne de l'arrêté, reprise ici telle qu'elle est imprimée, est "
                f"tenue pour une coquille ; elle se lirait : {meant}."
            )
