"""From a result to what its map shows."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

import numpy as np
import polars as pl

from ...errors import Fault, InputDataError
from ...geography.boundaries import Boundaries
from ...method.result import Zoning
from ...methodology.values import COUNTRY
from ...results.lookup import find_region, region_names
from ...results.read import StoredResult
from ...results.record import VERSION
from ...results.samples import is_fictitious
from ..boundaries import english_day, source_of
from ..french import day, line
from ..page import Language
from ..words import Words
from .layers import apl_layer, change_layer, zone_layer
from .sheet import NEIGHBOUR, OUTSIDE, Entry, Ints, Sheet

Layer = Literal["zone", "apl", "change"]
Level = Literal["territories", "communes"]

#: Towns of fewer inhabitants are not named.
_FEWEST = 1000
# Digits of the digest of a record that a map shows.
_DIGITS = 16
_ARRONDISSEMENT = re.compile(r"(Paris|Lyon|Marseille) \d+er?e? Arrondissement")


def make_sheet(
    zones: Zoning,
    boundaries: Boundaries,
    *,
    region: str | None = None,
    layer: Layer = "zone",
    before: Zoning | None = None,
    level: Level = "territories",
    lang: Language = "fr",
    title: str | None = None,
    dated: date | None = None,
    internal: bool = False,
) -> Sheet:
    """Collect what a map shows; see `draw_map`.

    Parameters
    ----------
    zones : Zoning
        The result.
    boundaries : Boundaries
        Outlines of its communes or territories, and perhaps of others.
    internal : bool
        Whether the map says that it must not be passed on.

    Returns
    -------
    Sheet
    """
    if level == "communes" and boundaries.level == "territory":
        raise InputDataError(Fault("map.no_communes", "boundaries"))
    words = Words("maps", lang)
    code = find_region(zones, region) if region else None
    units = units_of(zones, boundaries, level, before)
    own = pl.col("region") == code if code else pl.col("known")
    units = units.with_columns(focus=(own & pl.col("known")).fill_null(False))
    focus = units["focus"].to_numpy()
    if not focus.any():
        details = {"region": code or "", "level": boundaries.level}
        raise InputDataError(Fault("map.nothing_to_show", "boundaries", details=details))
    if layer == "apl":
        entries, fill = apl_layer(units, words)
    elif layer == "change" and before is not None:
        entries, fill = change_layer(zones, units, before, words)
    else:
        entries, fill = zone_layer(zones, units, code, words)
    fill = _others(units, entries, fill, words)
    name = _extent(zones, code, words)
    areas = "unit" if level == "communes" or boundaries.level == "territory" else "territory"
    return Sheet(
        lang=lang,
        title=_title(zones, layer, words) if title is None else line(title),
        subtitle=_subtitle(zones, name, before if layer == "change" else None, dated, words),
        warnings=warnings_of(zones, words, internal=internal),
        foot=foot_of(zones, boundaries, words),
        boundaries=boundaries,
        entries=tuple(entries),
        fill=fill,
        areas=numbered(units[areas]),
        regions=numbered(units["region"]),
        departements=numbered(units["departement"]),
        focus=None if focus.all() else focus,
        within=None if focus.all() else focus,
        places=towns(units),
        legend=_legend(layer, level, words),
        legend_foot=_legend_foot(zones, layer, name, words, of_region=code is not None),
    )


def _extent(zones: Zoning, code: str | None, words: Words) -> str:
    """Return the name of what a map is about."""
    names = region_names(zones)
    if code:
        return line(names.get(code, code))
    rows = zones.methodology.regional.published_shares
    country = {row.region for row in rows} - {COUNTRY}
    return words.text("country" if country <= names.keys() else "result")


def units_of(
    zones: Zoning, boundaries: Boundaries, level: Level, before: Zoning | None = None
) -> pl.DataFrame:
    """Return what is known of each unit of outlines, in their order.

    Returns
    -------
    pl.DataFrame
        ``unit``, ``name``, ``region``, ``departement``, ``territory``, ``population``, ``zone``,
        ``apl``, ``zone_before``, ``imposed`` (whether the text fixes the zone of its
        region) and ``known`` (whether the result has it). What it has not is null, and so is an APL
        that was not computed, since the zone is fixed.
    """
    regions = [row.region for row in zones.methodology.zoning.imposed]
    imposed = zones.territories.filter(pl.col("region").is_in(regions))
    if boundaries.level == "commune":
        table = zones.communes.rename({"commune": "unit"})
        if level == "territories":
            of_territory = zones.territories.select("territory", "apl")
            table = table.drop("apl").join(of_territory, on="territory", how="left")
    else:
        table = zones.territories.rename({"territory_name": "name"}).with_columns(unit="territory")
    columns = ("unit", "name", "region", "territory", "population", "zone", "apl")
    computed = ~pl.col("territory").is_in(imposed["territory"].implode())
    table = table.select(*columns, known=pl.lit(True)).with_columns(
        apl=pl.when(computed).then("apl"), imposed=~computed
    )
    if before is None:
        earlier = pl.DataFrame(schema={"unit": pl.String, "zone_before": pl.String})
    elif boundaries.level == "commune":
        earlier = before.communes.select(unit="commune", zone_before="zone")
    else:
        earlier = before.territories.select(unit="territory", zone_before="zone")
    code = pl.col("unit")
    units = pl.DataFrame({"unit": pl.Series(boundaries.units, dtype=pl.String)})
    return (
        units.join(table, on="unit", how="left", maintain_order="left")
        .join(earlier, on="unit", how="left", maintain_order="left")
        .with_columns(
            pl.col("known").fill_null(False),
            departement=pl.when(code.str.starts_with("97"))
            .then(code.str.head(3))
            .otherwise(code.str.head(2))
            if boundaries.level == "commune"
            else pl.col("region"),
        )
    )


def numbered(values: pl.Series) -> Ints:
    """Return a number for each value, from 0; one for null as well."""
    return values.fill_null("").rank("dense").to_numpy().astype(np.int64) - 1


def _others(units: pl.DataFrame, entries: list[Entry], fill: Ints, words: Words) -> Ints:
    """Add the entries of other regions and of what the result does not hold, and fill these."""
    outside = ~units["known"].to_numpy()
    other = ~units["focus"].to_numpy() & ~outside
    fill = np.where(other, len(entries), np.where(outside, len(entries) + 1, fill))
    entries.append(Entry("other_region", words.text("other_region"), NEIGHBOUR))
    entries.append(Entry("outside", words.text("outside"), OUTSIDE))
    return fill


def towns(units: pl.DataFrame) -> pl.DataFrame:
    """Return the towns to name, the largest first; the cities of arrondissements as one.

    Returns
    -------
    pl.DataFrame
        ``name``, ``population``, ``units`` (numbers) and ``dot``.
    """
    city = pl.col("name").str.extract(_ARRONDISSEMENT.pattern)
    return (
        units.with_row_index("number")
        .filter(pl.col("known"))
        .with_columns(
            name=pl.coalesce(city, "name"),
            place=pl.coalesce(city, "unit"),
        )
        .group_by("place", maintain_order=True)
        .agg(pl.col("name").first(), pl.col("population").sum(), pl.col("focus").any(),
             units=pl.col("number"))
        .filter(pl.col("population") >= _FEWEST)
        .sort("focus", "population", "place", descending=[True, True, False])
        .with_columns(dot=pl.lit(True))
        .select("name", "population", "units", "dot")
    )  # fmt: skip


def _title(zones: Zoning, layer: Layer, words: Words) -> str:
    return words.text(f"title_{layer}", profession=line(zones.methodology.profession))


def _subtitle(
    zones: Zoning, name: str, before: Zoning | None, dated: date | None, words: Words
) -> str:
    parts = [name, line(zones.methodology.title)]
    if before is not None:
        parts.append(words.text("since", name=line(_name(before))))
    if dated is not None:
        parts.append(day(dated) if words.lang == "fr" else english_day(dated))
    return " · ".join(parts)


def _name(zones: Zoning) -> str:
    return zones.folder.resolve().name if isinstance(zones, StoredResult) else zones.methodology.id


def warnings_of(zones: Zoning, words: Words, *, internal: bool) -> tuple[str, ...]:
    """Return what a reader of a map must not overlook."""
    said = {"internal": internal, "fictitious": is_fictitious(zones)}
    return tuple(words.text(key) for key, true in said.items() if true)


def foot_of(zones: Zoning, boundaries: Boundaries, words: Words) -> tuple[str, ...]:
    """Return the sources of a map."""
    source = line(source_of(boundaries, words.lang))
    outlines = words.text("approximate" if boundaries.approximate else "outlines", source=source)
    version, rules = VERSION, zones.methodology.id
    if isinstance(zones, StoredResult):
        version = str(zones.record["apl_engine"])
        digest = str(zones.record["sha256"])[:_DIGITS]
        computed = words.text("computed", version=version, id=rules, sha256=digest)
    else:
        computed = words.text("unrecorded", version=version, id=rules)
    parts = [outlines, computed]
    if zones.publication:
        parts.append(words.text("published"))
    return (" ".join(parts),)


def _legend(layer: Layer, level: Level, words: Words) -> str:
    return words.text(f"legend_apl_{level}" if layer == "apl" else f"legend_{layer}")


def _legend_foot(zones: Zoning, layer: Layer, name: str, words: Words, *, of_region: bool) -> str:
    # The zones of a region have the shares of the law, whose regions are made of whole territories.
    attributed = layer == "zone" and of_region
    parts = [words.text("share_attributed" if attributed else "share_of", name=name)]
    if layer == "apl":
        per = words.number(float(zones.methodology.apl.per_inhabitants))
        parts.insert(0, words.text("unit_apl", per=per) + ".")
    return " ".join(parts)
