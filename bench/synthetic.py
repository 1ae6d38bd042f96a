"""Worlds of fixed sizes for benchmarks: communes, pairs within 20 minutes, supply, people.

The communes are those of the sample, each divided into `copies` a few kilometres apart. Pairs are
those within a radius; minutes rise with distance, up to 20. The same name and seed give the same
world on any machine.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.spatial import cKDTree

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data_samples" / "france"
SEED, REACH, EARTH = 20240320, 20.0, 6371.0
# Standard deviation of the position of copies, kilometres.
APART = 3.0
# Centre of the small worlds, degrees.
CENTRE = (47.4, -1.0)


@dataclass(frozen=True)
class Plan:
    """Number of communes around the centre, copies of each, and the radius of 20 minutes in km."""

    communes: int
    copies: int
    radius: float


PLANS = {
    "departement": Plan(500, 1, 20.3),  # 18 000 pairs
    "region": Plan(1_600, 1, 21.655),  # 85 000
    "france": Plan(34_987, 1, 17.114),  # 2.5 million
    "twofold": Plan(34_987, 2, 12.64),  # 5 million
    # The most copies for which there are commune codes.
    "dense": Plan(34_987, 2, 27.87),  # 25 million
    "tenfold": Plan(34_987, 10, 6.37),  # 25 million
}


@dataclass(frozen=True, eq=False)
class World:
    """Communes, and their pairs within reach.

    Attributes
    ----------
    name : str
        Name of the plan.
    codes : pl.Series
        Commune codes, sorted; five characters, or six if there are too many communes.
    origin, destination : ndarray of uint32, shape (n_pairs,)
        Rows, by rising origin and destination, without own pairs.
    minutes : ndarray of float32, shape (n_pairs,)
        Multiples of a tenth, at most 20.
    etp, people : ndarray of float64, shape (n,)
        Supply and demand.
    """

    name: str
    codes: pl.Series
    origin: NDArray[np.uint32]
    destination: NDArray[np.uint32]
    minutes: NDArray[np.float32]
    etp: NDArray[np.float64]
    people: NDArray[np.float64]

    @property
    def size(self) -> int:
        """Return the number of communes."""
        return len(self.codes)

    @property
    def weights(self) -> NDArray[np.float64]:
        """Return the weight of each pair, float64 (n_pairs,), for the peers."""
        steps = [self.minutes < 10, self.minutes < 15]
        return np.select(steps, [1.0, 2 / 3], default=1 / 3)


@functools.lru_cache(maxsize=1)
def make(name: str, seed: int = SEED) -> World:
    """Return a world of `PLANS`; the last one is cached."""
    plan, draw = PLANS[name], np.random.default_rng(seed)
    communes = pl.read_parquet(SAMPLE / "communes.parquet").sort("commune")
    halls = _positions(communes)
    parent = _parents(plan, halls)
    positions = halls[parent]
    if plan.copies > 1:
        positions = positions + draw.normal(0, APART, positions.shape)
    counted = pl.read_parquet(SAMPLE / "population.parquet").group_by("commune")
    people = communes.select("commune").join(counted.agg(pl.col("population").sum()), "commune",
                                             how="left", maintain_order="left")  # fmt: skip
    inhabitants = people["population"].fill_null(0).to_numpy().astype(np.float64)[parent]
    etp = draw.poisson(inhabitants / 900) * draw.uniform(0.3, 1.7, len(parent))
    origin, destination, minutes = _pairs(positions, plan.radius)
    codes = communes["commune"][parent] if plan.copies == 1 else codes_for(len(parent))
    return World(name, codes, origin, destination, minutes, etp, inhabitants)


def _parents(plan: Plan, halls: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the row, in the sample, of the commune from which each one is made, (n,)."""
    near = np.sort(np.argsort(((halls - _at(*CENTRE)) ** 2).sum(axis=1))[: plan.communes])
    return np.repeat(near, plan.copies)


def _at(latitude: float, longitude: float) -> NDArray[np.float64]:
    lat, lon = np.radians(latitude), np.radians(longitude)
    return EARTH * np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _positions(communes: pl.DataFrame) -> NDArray[np.float64]:
    """Return positions in km from the centre of the earth, (n, 3): chords approximate distances."""
    return np.array([_at(*hall) for hall in communes.select("lat", "lon").iter_rows()])


def _pairs(
    positions: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float32]]:
    """Return the pairs within a radius, in both directions, and their minutes."""
    size = len(positions)
    near = cKDTree(positions).query_pairs(radius, output_type="ndarray").astype(np.int32)
    gaps = positions[near[:, 0]] - positions[near[:, 1]]
    minutes = np.round(REACH * np.sqrt((gaps**2).sum(axis=1)) / radius, 1)
    # A sparse matrix would drop a pair of 0 minutes.
    minutes = np.maximum(minutes, 0.1).astype(np.float32)
    both = np.concatenate([near, near[:, ::-1]])
    matrix = coo_array((np.tile(minutes, 2), (both[:, 0], both[:, 1])), shape=(size, size)).tocsr()
    matrix.sort_indices()
    origin = np.repeat(np.arange(size, dtype=np.uint32), np.diff(matrix.indptr))
    return origin, matrix.indices.astype(np.uint32), matrix.data


def codes_for(size: int) -> pl.Series:
    """Return sorted codes in the form of commune codes, or longer ones if these are too few."""
    short = [f"{k:05d}" for k in range(1000, min(size + 1000, 100_000))]
    codes = short if len(short) == size else [f"{k:06d}" for k in range(size)]
    return pl.Series("commune", codes)


def tables(world: World) -> dict[str, pl.DataFrame]:
    """Return the five tables of a world, with codes as text.

    People and practices of each copy are those of its commune in the sample. A world without a plan
    takes the first communes of the sample.
    """
    sample = {path.stem: pl.read_parquet(path) for path in SAMPLE.glob("*.parquet")}
    order, plan = sample["communes"].sort("commune"), PLANS.get(world.name)
    copies = plan.copies if plan else 1
    parents = _parents(plan, _positions(order)) if plan else np.arange(world.size)
    copy_of = pl.DataFrame({
        "commune": order["commune"][parents], "code": world.codes,
        "copy": np.arange(world.size) % copies,
    })  # fmt: skip

    def of_copies(table: pl.DataFrame) -> pl.DataFrame:
        return copy_of.join(table, on="commune").with_columns(commune="code").drop("code")

    practices = of_copies(sample["practitioners"])
    communes = of_copies(sample["communes"])
    if copies > 1:
        suffix = pl.col("copy").cast(pl.String)
        practices = practices.with_columns(practitioner_id=pl.col("practitioner_id") + "-" + suffix)
        communes = communes.with_columns(territory=pl.col("territory") + "-" + suffix)
    return {
        "practitioners": practices.select(sample["practitioners"].columns),
        "population": of_copies(sample["population"]).drop("copy"),
        "consumption": sample["consumption"],
        "communes": communes.drop("copy").sort("commune"),
        "travel_times": pl.DataFrame({
            "origin": world.codes[world.origin],
            "destination": world.codes[world.destination],
            "minutes": world.minutes,
        }),
    }  # fmt: skip


def write(world: World, folder: Path) -> Path:
    """Write the five tables of a world into a folder of its name, unless it has them."""
    out = folder / f"{world.name}-{SEED}"
    if not (out / "communes.parquet").exists():
        out.mkdir(parents=True, exist_ok=True)
        # The communes come last: their file marks a complete folder.
        for title, table in sorted(tables(world).items(), key=lambda t: t[0] == "communes"):
            table.write_parquet(out / f"{title}.parquet")
    return out
