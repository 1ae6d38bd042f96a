"""The three worlds of the size of France on which tools are compared.

S: the synthetic one of `synthetic.py`, every pair within a radius. D: the sample, with its own
travel times, supply and demand. I: travel times by road between the communes of Isère, side by side
until there are as many communes as in France, with supply and people drawn at random. The matrix
of Isère is open data that this repository does not contain.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

import numpy as np
import polars as pl
from building import rules
from synthetic import REACH, ROOT, SAMPLE, SEED, World, codes_for, make

import apl_engine

NAMES = {"S": "france", "D": "sample", "I": "isere"}
DATA = Path(os.environ.get("APL_ENGINE_OPEN_DATA", ROOT.parent / "shared" / "data"))
MATRIX = "osrm_isere_seconds.csv"
TILES = 68


class AbsentDataError(Exception):
    """The data of a world are not on this machine."""


def world(letter: str) -> World:
    """Return a world by its letter.

    Raises
    ------
    AbsentDataError
        There is no matrix of Isère; the message names the file and the environment variable.
    """
    return {"S": lambda: make("france"), "D": sample, "I": isere}[letter]()


@functools.cache
def sample() -> World:
    """Return the sample of France."""
    tables = apl_engine.read_inputs(SAMPLE, rules())
    assert tables.travel_times is not None
    supply = apl_engine.method.compute_supply(tables.practitioners, tables.communes, rules())
    demand = apl_engine.method.compute_demand(
        tables.population, tables.consumption, tables.communes, rules()
    )
    rows = pl.col("origin", "destination").to_physical().cast(pl.UInt32)
    times = tables.travel_times.with_columns(rows, pl.col("minutes").cast(pl.Float32))
    times = times.filter(pl.col("minutes") <= REACH, pl.col("origin") != pl.col("destination"))
    times = times.sort("origin", "destination")
    return World(
        NAMES["D"],
        tables.communes["commune"].cast(pl.String),
        *(times[name].to_numpy() for name in ("origin", "destination", "minutes")),
        supply.communes["etp"].to_numpy(),
        demand.communes["standardised_population"].to_numpy(),
    )


@functools.cache
def isere() -> World:
    """Return the tiled matrix of Isère."""
    path = DATA / MATRIX
    if not path.exists():
        raise AbsentDataError(
            f"{MATRIX} is not in {DATA}: APL_ENGINE_OPEN_DATA names the folder that holds it"
        )
    table = pl.read_csv(path, schema_overrides={"id": pl.String}).sort("id")
    minutes = table.select(table["id"].to_list()).to_numpy() / 60
    one_way = (minutes <= REACH) & ~np.eye(len(minutes), dtype=bool)
    origin, destination = np.nonzero(one_way)
    size = TILES * len(minutes)
    first = np.arange(TILES)[:, None] * len(minutes)
    draw = np.random.default_rng(SEED)
    people = np.round(np.exp(draw.normal(6.5, 1.2, size)))
    return World(
        NAMES["I"],
        codes_for(size),
        (first + origin).ravel().astype(np.uint32),
        (first + destination).ravel().astype(np.uint32),
        np.tile(minutes[one_way], TILES).astype(np.float32),
        draw.poisson(people / 900) * draw.uniform(0.3, 1.7, size),
        people,
    )
