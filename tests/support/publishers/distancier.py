"""The travel times of METRIC: far more pairs than anybody needs, and some not computed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from .writing import write_parts

NOT_COMPUTED = -999_999.0
REACH = 20.0
"""Minutes that the sample's pairs go to; those that are added lie beyond."""

FARTHEST = 90.0
_NEIGHBOURS = 400
_ONE_MISSING_PER = 20


@dataclass(frozen=True)
class Distancier:
    """The raw table (idSrc, idDst, duree in minutes, distance in km), and the tidy one."""

    raw: pl.DataFrame
    tidy: pl.DataFrame


def draw_distancier(
    times: pl.DataFrame,
    communes: list[str],
    rng: np.random.Generator,
    *,
    duplicates: int,
    diagonal: bool,
) -> Distancier:
    """Add to the sample's pairs as many beyond reach, and pairs that were not computed.

    The tidy table has the sample's pairs only, those within reach: a reader that keeps every time
    it finds has the others too. `duplicates` rows stand twice, the same in all columns;
    `diagonal` adds each commune to itself at 0 minutes.
    """
    tidy = times.select("origin", "destination", pl.col("minutes").cast(pl.Float64))
    tidy = tidy.sort("origin", "destination")
    missing = max(3, len(communes) // _ONE_MISSING_PER)
    added = _other_pairs(tidy, communes, tidy.height + missing, rng)
    far = rng.uniform(REACH + 0.01, FARTHEST, added.height).round(4)
    far[rng.permutation(added.height)[:missing]] = NOT_COMPUTED
    parts = [tidy, added.with_columns(minutes=far)]
    if diagonal:
        own = pl.Series("origin", communes)
        parts.append(pl.DataFrame({"origin": own, "destination": own, "minutes": 0.0}))
    if duplicates:
        parts.append(tidy[np.sort(rng.permutation(tidy.height)[:duplicates])])
    kilometres = (pl.col("minutes") * 0.72).round(1)
    raw = pl.concat(parts).select(
        pl.col("origin").alias("idSrc"),
        pl.col("destination").alias("idDst"),
        pl.col("minutes").alias("duree"),
        pl.when(pl.col("minutes") < 0).then(NOT_COMPUTED).otherwise(kilometres).alias("distance"),
    )
    return Distancier(raw.sort("idSrc", "idDst"), tidy)


def _other_pairs(
    tidy: pl.DataFrame, communes: list[str], wanted: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Pairs of communes near in order of code that the sample does not have, each once."""
    number = {code: row for row, code in enumerate(communes)}
    size = len(communes)
    known = (
        tidy["origin"].replace_strict(number, return_dtype=pl.Int64) * size
        + tidy["destination"].replace_strict(number, return_dtype=pl.Int64)
    ).to_numpy(writable=True)
    origin = rng.integers(0, size, 2 * wanted)
    spread = min(_NEIGHBOURS, size - 1)
    destination = (origin + rng.integers(-spread, spread + 1, 2 * wanted)) % size
    drawn = np.sort((origin * size + destination)[origin != destination])
    drawn = drawn[np.diff(drawn, prepend=-1) > 0]
    known.sort()
    at = np.minimum(np.searchsorted(known, drawn), len(known) - 1)
    fresh = drawn[known[at] != drawn] if len(known) else drawn
    fresh = np.sort(rng.permutation(fresh)[:wanted])
    codes = pl.Series(communes)
    return pl.DataFrame(
        {"origin": codes.gather(fresh // size), "destination": codes.gather(fresh % size)}
    )


def write_distancier(path: Path, raw: pl.DataFrame) -> Path:
    """Write the table as gzipped CSV or as Parquet, by the name of the file."""
    write_parts([(path, raw)])
    return path
