"""Intersections of the territories of A and B, and the zones that people move between."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..columns import Float, Indices, numbers, starts_of, sums
from ..method.result import Zoning
from .counterfactual import Figures

_SIDES = ("a", "b")
_COUNTED = ("population_a", "population_b", "population")
_OF_TERRITORY = ("territory", "territory_name", "region", "zone", "zone_reason", "apl")


def communes_of_both(figures: Figures, side: int) -> pl.DataFrame:
    """Return the communes of both results side by side.

    Parameters
    ----------
    figures : Figures
        The two results.
    side : int
        0 or 1, the result whose inhabitants and practitioners are counted.

    Returns
    -------
    pl.DataFrame
        A row per fragment, then per unmatched commune: ``listed`` (both, a, b), ``name``,
        ``commune_a``, ``territory_a``, ``zone_a``, ``apl_a``, ``population_a`` and the same of b,
        null if not listed; ``population`` and, if that result counts them, ``practitioners`` of
        `side`.
    """
    matching = figures.matching
    matched = [
        _columns_of(figures.zones[k], k, matching.rows[k], figures.population[k]) for k in (0, 1)
    ]
    tables = [pl.concat(matched, how="horizontal").with_columns(listed=pl.lit("both"))]
    for k, name in enumerate(_SIDES):
        rows = matching.unmatched[k]
        people = figures.of("population")[k][rows]
        table = _columns_of(figures.zones[k], k, rows, people)
        tables.append(table.with_columns(listed=pl.lit(name)))
    columns = [name for k in (0, 1) for name in matched[k].columns if not name.startswith("name")]
    communes = pl.concat(tables, how="diagonal").select(
        "listed", *columns,
        name=pl.coalesce("name_b", "name_a"), population=f"population_{_SIDES[side]}",
    )  # fmt: skip
    own = figures.zones[side].communes
    if "practitioners" not in own.columns:
        return communes
    counts = numbers(own["practitioners"])
    column = [_whole_counts(figures, side, counts)] + [
        counts[rows] if k == side else np.full(len(rows), np.nan)
        for k, rows in enumerate(matching.unmatched)
    ]
    return communes.with_columns(
        practitioners=pl.Series(np.concatenate(column), nan_to_null=True).cast(pl.Int64)
    )


def _columns_of(zones: Zoning, side: int, rows: Indices, population: Float) -> pl.DataFrame:
    columns = pl.col("commune").cast(pl.String), "name", "territory", "zone", "apl"
    return (
        zones.communes.select(*columns)[rows]
        .with_columns(population=pl.Series(population))
        .rename(lambda name: f"{name}_{_SIDES[side]}")
    )


def _whole_counts(figures: Figures, side: int, counts: Float) -> Float:
    """Count all practitioners of a commune in the fragment with most of its inhabitants."""
    own = figures.matching.rows[side]
    order = np.lexsort((-figures.population[side], own))
    largest = order[np.flatnonzero(np.diff(own[order], prepend=-1))]
    whole = np.zeros(len(own))
    whole[largest] = counts[own[largest]]
    return whole


def intersect_territories(communes: pl.DataFrame, figures: Figures, side: int) -> pl.DataFrame:
    """Return the intersections of the territories of both results.

    Parameters
    ----------
    communes : pl.DataFrame
        As from `communes_of_both`.
    figures, side
        As for `communes_of_both`.

    Returns
    -------
    pl.DataFrame
        A row per intersection, sorted: ``territory_a``, ``territory_name_a``, ``region_a``,
        ``zone_a``, ``zone_reason_a``, ``apl_a`` and the same of b; ``communes`` of `side`,
        ``population_a``, ``population_b``, ``population`` of `side`; ``practitioners`` if
        `communes` has them.
    """
    keys = ["territory_a", "territory_b"]
    # The order in which figures are added, for any number of threads.
    rows = communes.filter(listed="both").sort(*keys, "commune_a", "commune_b")
    starts = starts_of(rows.select(pl.struct(keys).rle_id()).to_series().to_numpy())
    first_row = pl.struct(*keys, f"commune_{_SIDES[side]}").is_first_distinct()
    rows = rows.with_columns(communes=first_row.cast(pl.Float64))
    whole = ["communes", *(name for name in ("practitioners",) if name in rows.columns)]
    added = {name: pl.Series(sums(starts, numbers(rows[name]))) for name in (*_COUNTED, *whole)}
    table = (
        rows[starts[:-1]].select(*keys).with_columns(**added).cast(dict.fromkeys(whole, pl.Int64))
    )
    columns = []
    for name, zones in zip(_SIDES, figures.zones, strict=True):
        own = zones.territories.select(_OF_TERRITORY)
        own.columns = [f"{column}_{name}" for column in _OF_TERRITORY]
        table = table.join(own, on=f"territory_{name}", how="left", maintain_order="left")
        columns += own.columns
    return table.select(*columns, "communes", *_COUNTED, *whole[1:])


def transitions_between(
    intersections: pl.DataFrame, zones: tuple[list[str], list[str]], side: int
) -> pl.DataFrame:
    """Count inhabitants, communes and territories by zone in A and zone in B.

    Parameters
    ----------
    intersections : pl.DataFrame
        As from `intersect_territories`.
    zones : tuple of list of str
        Ids of the classes of each result, in their order.
    side : int
        0 or 1, the result whose territories are counted.

    Returns
    -------
    pl.DataFrame
        A row per zone of A and of B: ``zone_a``, ``zone_b``, ``population``, ``share`` (% of all
        in intersections), ``communes``, ``territories`` (of `side`; counted in each of its rows),
        ``pieces`` (intersections); ``practitioners`` if `intersections` has them. A zone is null
        for intersections without one, if there are any.
    """
    ids = [
        pl.Series(f"zone_{name}", own, pl.String).extend(
            pl.Series([None] * bool(intersections[f"zone_{name}"].null_count()), dtype=pl.String)
        )
        for name, own in zip(_SIDES, zones, strict=True)
    ]
    grid = ids[0].to_frame().join(ids[1].to_frame(), how="cross", maintain_order="left")
    total = _sum(intersections["population"])
    rows = []
    for one, two in grid.iter_rows():
        inside = intersections.filter(
            pl.col("zone_a").eq_missing(one), pl.col("zone_b").eq_missing(two)
        )
        people = _sum(inside["population"])
        row = {
            "zone_a": one,
            "zone_b": two,
            "population": people,
            "share": 100.0 * people / total if total else None,
            "communes": int(inside["communes"].sum()),
            "territories": inside[f"territory_{_SIDES[side]}"].n_unique(),
            "pieces": inside.height,
        }
        if "practitioners" in inside.columns:
            row["practitioners"] = int(inside["practitioners"].sum())
        rows.append(row)
    return pl.DataFrame(rows, schema_overrides={**grid.schema, "share": pl.Float64})


def _sum(column: pl.Series) -> float:
    """Return the sum of a column, added from the first row to the last."""
    return float(np.cumsum([0.0, *column])[-1])
