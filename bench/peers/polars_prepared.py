"""APL on prepared pairs in memory with Polars: indices in place of codes, weights worked out.

What was tried on 2.5 million pairs with two cores, milliseconds, median of five taken in turn:

=================================================================  ===
values gathered by index, pairs sorted by origin (this one)         52
the same, pairs in any order                                        67
joins, the pairs without supply left out first, ``cache()``        109
joins and group-bys, one plan                                      131
the gather on the in-memory engine                                 191
joins, and a window over the destinations                          198
=================================================================  ===
"""

from collections.abc import Callable

import numpy as np
import polars as pl

PER_INHABITANTS = 100_000


def prepare(
    origin: np.ndarray,
    destination: np.ndarray,
    weights: np.ndarray,
    supply: np.ndarray,
    demand: np.ndarray,
) -> Callable[..., np.ndarray]:
    """Return the work; `work(etp)` takes another supply. Own pairs are among the pairs.

    Every place has itself for a pair, so that each is a group of both sums.
    """
    columns = {"origin": origin, "destination": destination, "weight": weights}
    pairs, people = pl.DataFrame(columns).sort("origin", "destination"), pl.Series(demand)

    def passed(by: str, other: str, values: pl.Series) -> np.ndarray:
        """Sum weight times the value of the one place by the other."""
        carried = pl.col("weight") * pl.lit(values).gather(pl.col(other))
        sums = pairs.lazy().select(by, carried=carried).group_by(by).agg(pl.col("carried").sum())
        return sums.sort(by).collect(engine="streaming")["carried"].to_numpy()

    def work(etp: np.ndarray = supply) -> np.ndarray:
        reached = passed("destination", "origin", people)
        ratio = np.divide(etp, reached, out=np.zeros_like(reached), where=reached > 0)
        return PER_INHABITANTS * passed("origin", "destination", pl.Series(ratio))

    return work


def prepare_codes(
    origin: pl.Series,
    destination: pl.Series,
    weights: np.ndarray,
    codes: pl.Series,
    supply: np.ndarray,
    demand: np.ndarray,
) -> Callable[[], np.ndarray]:
    """Return the work on codes as text, as tables have them: joins and group-bys."""
    pairs = pl.LazyFrame({"origin": origin, "destination": destination, "weight": weights})
    people = pl.LazyFrame({"origin": codes, "demand": demand})
    practices = pl.LazyFrame({"destination": codes, "etp": supply}).filter(pl.col("etp") > 0)
    weight = pl.col("weight")
    trips = pairs.join(practices, on="destination").cache()
    reached = (
        trips.join(people, on="origin")
        .group_by("destination")
        .agg(reached=(weight * pl.col("demand")).sum())
    )
    apl = (
        trips.join(reached.filter(pl.col("reached") > 0), on="destination")
        .group_by("origin")
        .agg(apl=PER_INHABITANTS * (weight * pl.col("etp") / pl.col("reached")).sum())
    )
    query = people.select("origin").join(apl, on="origin", how="left").sort("origin")

    def work() -> np.ndarray:
        return query.collect(engine="streaming")["apl"].fill_null(0.0).to_numpy()

    return work
