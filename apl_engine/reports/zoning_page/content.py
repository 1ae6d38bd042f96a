"""What a page shows, as plain values: columns of communes and territories."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import polars as pl

from ...geography.boundaries import Boundaries
from ...results.lookup import activity_year, region_names
from ...results.read import StoredResult
from ...results.record import VERSION
from ..boundaries import source_of
from ..colours import zone_colours
from ..page import Language
from .card import card_content, reason_numbers
from .texts import texts
from .workbench import margin_law, workbench_refusal

# Decimals of an exact APL or ETP in a page; what is published is a multiple of a coarser step.
_DECIMALS = 2


@dataclass(frozen=True)
class PageSource:
    """What a page is made from.

    Attributes
    ----------
    zones : StoredResult
        The result.
    boundaries : Boundaries
        Outlines of its communes, in the order of its table of communes.
    before : StoredResult or None
        An earlier result to compare with.
    day : date
        The day of the page.
    lang : str
        ``fr`` or ``en``: the language in which it opens.
    internal : bool
        Whether the result is exact, and the page must not be passed on.
    fictitious : bool
        Whether the result was made from the sample data.
    title : str
        The title; empty for the usual one.
    """

    zones: StoredResult
    boundaries: Boundaries
    before: StoredResult | None
    day: date
    lang: Language
    internal: bool
    fictitious: bool
    title: str = ""

    @cached_property
    def zone_numbers(self) -> Mapping[str, int]:
        """The number of each class, the least supplied first."""
        return {zone.id: k for k, zone in enumerate(self.zones.methodology.zoning.classes)}

    @cached_property
    def region_numbers(self) -> Mapping[str, int]:
        """The number of each region."""
        return {code: k for k, code in enumerate(sorted(self.region_names_by_code))}

    @cached_property
    def region_names_by_code(self) -> Mapping[str, str]:
        """The name of each region by its code."""
        return region_names(self.zones)

    @cached_property
    def territory_numbers(self) -> Mapping[str, int]:
        """The number of each territory."""
        return {code: k for k, code in enumerate(self.zones.territories["territory"])}

    @cached_property
    def departements(self) -> Sequence[str]:
        """The departement of each commune, by code."""
        code = pl.col("commune")
        overseas = code.str.starts_with("97") | code.str.starts_with("98")
        own = pl.when(overseas).then(code.str.head(3)).otherwise(code.str.head(2))
        return self.zones.communes.select(own).to_series().to_list()

    @cached_property
    def region_of(self) -> Mapping[str, int]:
        """The number of the region of each departement."""
        regions = self.zones.communes["region"]
        pairs = zip(self.departements, regions, strict=True)
        return {code: self.region_numbers.get(region, -1) for code, region in pairs}

    @cached_property
    def departement_numbers(self) -> Mapping[str, int]:
        """The number of each departement."""
        return {code: k for k, code in enumerate(sorted(set(self.departements)))}


def meta_content(source: PageSource) -> dict[str, Any]:
    """Return what describes the result, the classes and the regions, and all texts."""
    zones, record = source.zones, source.zones.record
    names = departement_names()
    english = texts()["en"]
    classes = zones.methodology.zoning.classes
    return {
        "lang": source.lang,
        "title": source.title or "Zonage des masseurs-kinésithérapeutes",
        "title_en": source.title or "Zones of physiotherapists",
        "made": source.day.isoformat(),
        "result": {
            "sha256": record.get("sha256", ""),
            "version": VERSION,
            "year": activity_year(zones),
            "methodology": zones.methodology.id,
            "methodology_title": zones.methodology.title,
            "internal": source.internal,
            "fictitious": source.fictitious,
            "publication": zones.publication.as_dict() if zones.publication else None,
            "has_supply": zones.has_supply,
        },
        "zones": [
            {
                "id": zone.id,
                "label": zone.label,
                "label_en": english.get(f"zones.{zone.id}", zone.label),
                "colour": colour,
                "share": None if zone.share is None else float(zone.share),
            }
            for zone, colour in zip(classes, zone_colours(len(classes)), strict=True)
        ],
        "regions": [
            {"code": code, "name": source.region_names_by_code[code]}
            for code in source.region_numbers
        ],
        "departements": [
            {"code": code, "name": names.get(code, code), "region": source.region_of[code]}
            for code in source.departement_numbers
        ],
        "cuts": [
            {"zone": source.zone_numbers[cut.zone], "apl": cut.highest_apl, "next": cut.next_apl}
            for cut in zones.cuts
        ],
        "card": card_content(zones),
        "law": {"margin": margin_law(zones), "refused": workbench_refusal(zones)},
        "boundaries": {
            "source": source_of(source.boundaries, "fr"),
            "source_en": source_of(source.boundaries, "en"),
            "approximate": source.boundaries.approximate,
            "step": source.boundaries.step,
        },
        "texts": texts(),
    }


def territories_content(source: PageSource) -> dict[str, Any]:
    """Return the territories, and to which of them and of the departements each commune belongs."""
    zones = source.zones
    territories = zones.territories
    before = _zones_before(source)
    return {
        "code": territories["territory"].to_list(),
        "name": territories["territory_name"].to_list(),
        "region": [source.region_numbers.get(code, -1) for code in territories["region"]],
        "zone": [source.zone_numbers.get(zone, -1) for zone in territories["zone"]],
        "reason": reason_numbers(zones),
        "communes": territories["communes"].to_list(),
        "rank": territories["rank"].to_list(),
        "share": _rounded(territories["cumulative_share"], 4),
        **_figures(territories),
        "before": before,
        "units": {
            "territory": [source.territory_numbers[code] for code in zones.communes["territory"]],
            "departement": [source.departement_numbers[code] for code in source.departements],
            "region": [source.region_numbers.get(code, -1) for code in zones.communes["region"]],
        },
    }


def communes_content(source: PageSource, *, figures: bool = True) -> dict[str, Any]:
    """Return the communes, without what `territories_content` says of them.

    Codes lack the departement that they begin with: ``01004`` is 4.

    Parameters
    ----------
    source : PageSource
        What the page is made from.
    figures : bool
        Whether their figures are in it, and what they had before.
    """
    communes = source.zones.communes
    codes = zip(communes["commune"], source.departements, strict=True)
    named = {
        "code": [_plain_number(code[len(departement) :]) for code, departement in codes],
        "name": communes["name"].to_list(),
    }
    if not figures:
        return named
    before = None
    if source.before:
        own = source.before.communes.select("commune", "apl", "zone")
        matched = communes.select("commune").join(
            own, on="commune", how="left", maintain_order="left"
        )
        before = {
            "apl": _rounded(matched["apl"], _DECIMALS),
            "zone": [source.zone_numbers.get(zone, -1) for zone in matched["zone"]],
        }
    columns = _figures(communes)
    # Nothing in the page is computed from those of communes.
    del columns["standardised"]
    return {**named, **columns, "before": before}


def _plain_number(text: str) -> int | str:
    """Return the end of a code as a number if it is one."""
    return int(text) if text.isdecimal() else text


def _figures(table: pl.DataFrame) -> dict[str, list[float | None] | None]:
    """Return the figures of communes or territories; None for those that the result lacks."""
    columns = {
        "apl": "apl", "etp": "etp", "practitioners": "practitioners", "population": "population",
        "standardised": "standardised_population",
    }  # fmt: skip
    return {
        name: _rounded(table[column], 0 if name in ("practitioners", "population") else _DECIMALS)
        if column in table.columns and table[column].null_count() < table.height
        else None
        for name, column in columns.items()
    }


def _rounded(values: pl.Series, decimals: int) -> list[float | None]:
    """Return figures for JSON: rounded, whole ones as such, None for what is missing."""
    short = values.cast(pl.Float64).fill_nan(None).round(decimals)
    whole = short.drop_nulls()
    if (whole == whole.round()).all():
        return short.cast(pl.Int64).to_list()
    return short.to_list()


def _zones_before(source: PageSource) -> dict[str, Any] | None:
    """Return the class that most inhabitants of each territory had before."""
    if not source.before:
        return None
    before = source.before.communes.select("commune", pl.col("zone").alias("before"))
    joined = (
        source.zones.communes.select("commune", "territory", "population")
        .join(before, on="commune", how="left")
        .group_by("territory", "before")
        .agg(pl.col("population").sum())
        .sort("territory", "population", "before", descending=[False, True, False])
        .group_by("territory", maintain_order=True)
        .first()
    )
    zones = dict(joined.select("territory", "before").iter_rows())
    return {
        "zone": [
            source.zone_numbers.get(zones.get(code) or "", -1) for code in source.territory_numbers
        ]
    }


@cache
def departement_names() -> Mapping[str, str]:
    """Return the name of each departement by its code."""
    return tomllib.loads(Path(__file__).with_name("departements.toml").read_text("utf-8"))
