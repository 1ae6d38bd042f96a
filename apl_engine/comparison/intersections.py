"""Pieces: the communes of one territory of A and one of B; and the zones they go from and to."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..columns import numbers, starts_of, sums
from ..kernels.types import Float
from ..method.ranking import Places
from ..method.result import Zoning
from .counterfactual import Figures

_SIDES = ("a", "b")
_COUNTED = ("population_a", "population_b", "population")


def parts_of(figures: Figures, side: int) -> pl.DataFrame:
    """Lay the communes of both results side by side.

    Parameters
    ----------
    figures : the two results.
    side : whose inhabitants and practitioners count, 0 or 1.

    Returns
    -------
    pl.DataFrame
        One row per part, then per commune that only one result has: ``listed`` (both, a, b),
        ``name``, ``commune_a``, ``territory_a``, ``zone_a``, ``apl_a``, ``population_a`` and the
        same of b, null where not listed; ``population`` and, where that result counts them,
        ``practitioners`` of `side`.
    """
    matching = figures.matching
    together = [
        _side_of(figures.zones[k], k, matching.places[k], figures.population[k]) for k in (0, 1)
    ]
    rows = [pl.concat(together, how="horizontal").with_columns(listed=pl.lit("both"))]
    for k, name in enumerate(_SIDES):
        people = numbers(figures.zones[k].communes["population"])
        alone = matching.alone[k]
        table = _side_of(figures.zones[k], k, alone, people[alone])
        rows.append(table.with_columns(listed=pl.lit(name)))
    columns = [name for k in (0, 1) for name in together[k].columns if not name.startswith("name")]
    every = pl.concat(rows, how="diagonal").select(
        "listed", *columns,
        name=pl.coalesce("name_b", "name_a"), population=f"population_{_SIDES[side]}",
    )  # fmt: skip
    if "practitioners" not in figures.zones[side].communes.columns:
        return every
    counts = [_whole_counts(figures, side), *(
        numbers(figures.zones[k].communes["practitioners"])[matching.alone[k]]
        if k == side else np.full(len(matching.alone[k]), np.nan)
        for k in (0, 1)
    )]  # fmt: skip
    column = pl.Series(np.concatenate(counts), nan_to_null=True).cast(pl.Int64)
    return every.with_columns(practitioners=column)


def _side_of(zones: Zoning, side: int, places: Places, population: Float) -> pl.DataFrame:
    table = zones.communes.select(
        pl.col("commune").cast(pl.String), "name", "territory", "zone", "apl"
    )
    return (
        table[places]
        .with_columns(population=pl.Series(population))
        .rename(lambda name: f"{name}_{_SIDES[side]}")
    )


def _whole_counts(figures: Figures, side: int) -> Float:
    """Count practitioners by part: all of a commune where most of its inhabitants are."""
    own = figures.matching.places[side]
    order = np.lexsort((-figures.population[side], own))
    head = order[np.flatnonzero(np.diff(own[order], prepend=-1))]
    counts = np.zeros(len(own))
    counts[head] = numbers(figures.zones[side].communes["practitioners"])[own[head]]
    return counts


def pieces_of(parts: pl.DataFrame, figures: Figures, side: int) -> pl.DataFrame:
    """Gather parts into pieces.

    Parameters
    ----------
    parts : as from `parts_of`.
    figures, side : as for `parts_of`.

    Returns
    -------
    pl.DataFrame
        One row per piece, sorted: ``territory_a``, ``territory_name_a``, ``region_a``, ``zone_a``,
        ``zone_reason_a``, ``apl_a`` and the same of b; ``communes`` of `side`, ``population_a``,
        ``population_b``, ``population`` of `side`; ``practitioners`` where parts have them.
    """
    keys = ["territory_a", "territory_b"]
    # Sums are taken in this order, whatever the threads.
    rows = parts.filter(listed="both").sort(*keys, "commune_a", "commune_b")
    starts = starts_of(rows.select(pl.struct(keys).rle_id()).to_series().to_numpy())
    commune = pl.struct(*keys, f"commune_{_SIDES[side]}").is_first_distinct()
    rows = rows.with_columns(communes=commune.cast(pl.Float64))
    counted = [name for name in ("practitioners",) if name in rows.columns]
    pieces = rows[starts[:-1]].select(
        *keys,
        *(pl.Series(name, sums(starts, numbers(rows[name]))) for name in _COUNTED),
        *(
            pl.Series(name, sums(starts, numbers(rows[name]))).cast(pl.Int64)
            for name in ("communes", *counted)
        ),
    )
    of_both = []
    for name, zones in zip(_SIDES, figures.zones, strict=True):
        own = zones.territories.select(_OF_TERRITORY).rename(lambda c, name=name: f"{c}_{name}")  # type: ignore[misc]
        pieces = pieces.join(own, on=f"territory_{name}", how="left", maintain_order="left")
        of_both += own.columns
    return pieces.select(*of_both, "communes", *_COUNTED, *counted)


# What of a territory stands beside each of its pieces.
_OF_TERRITORY = ("territory", "territory_name", "region", "zone", "zone_reason", "apl")


def transitions_of(
    pieces: pl.DataFrame, zones: tuple[list[str], list[str]], side: int
) -> pl.DataFrame:
    """Count who goes from which zone to which.

    Parameters
    ----------
    pieces : as from `pieces_of`.
    zones : ids of the classes of each result, in their order.
    side : whose territories are counted, 0 or 1.

    Returns
    -------
    pl.DataFrame
        One row per zone of A and of B: ``zone_a``, ``zone_b``, ``population``, ``share`` (% of all
        in pieces), ``communes``, ``territories`` (of `side`; one that goes several ways counts in
        each), ``pieces``; ``practitioners`` where pieces have them. Null stands for no zone, in
        rows of its own where there is such a piece.
    """
    ids = [
        [*own, *([None] if pieces[f"zone_{name}"].null_count() else [])]
        for name, own in zip(_SIDES, zones, strict=True)
    ]
    grid = pl.DataFrame({"zone_a": ids[0]}, {"zone_a": pl.String}).join(
        pl.DataFrame({"zone_b": ids[1]}, {"zone_b": pl.String}), how="cross", maintain_order="left"
    )
    everybody = float(np.cumsum(numbers(pieces["population"]))[-1]) if pieces.height else 0.0
    rows = []
    for one, two in grid.iter_rows():
        here = pieces.filter(pl.col("zone_a").eq_missing(one), pl.col("zone_b").eq_missing(two))
        people = float(np.cumsum([0.0, *here["population"]])[-1])
        row = {
            "zone_a": one,
            "zone_b": two,
            "population": people,
            "share": 100.0 * people / everybody if everybody else None,
            "communes": int(here["communes"].sum()),
            "territories": here[f"territory_{_SIDES[side]}"].n_unique(),
            "pieces": here.height,
        }
        if "practitioners" in pieces.columns:
            row["practitioners"] = int(here["practitioners"].sum())
        rows.append(row)
    kinds = {"zone_a": pl.String, "zone_b": pl.String, "share": pl.Float64}
    return pl.DataFrame(rows, schema_overrides=kinds)
