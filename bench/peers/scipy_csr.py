"""APL of communes with SciPy's sparse matrices, from row numbers and weights."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, eye_array

PER_INHABITANTS = 100_000

Vector = NDArray[np.float64]
Index = NDArray[np.int32]


class Prepared(NamedTuple):
    """Weights by origin (rows) and destination (columns), and the weight of own pairs."""

    matrix: csr_array
    own_weight: float


def prepare(
    origin_idx: Index,
    destination_idx: Index,
    weights: Vector,
    communes: int,
    own_weight: float = 1.0,
) -> Prepared:
    """Build the matrix of the pairs; the diagonal is a single number beside it.

    Pairs in order of origin, as in the files, need no sort: their columns and weights are used as
    they are.
    """
    shape = (communes, communes)
    if bool((origin_idx[1:] >= origin_idx[:-1]).all()):
        starts = np.zeros(communes + 1, dtype=np.int32)
        np.cumsum(np.bincount(origin_idx, minlength=communes), out=starts[1:])
        matrix = csr_array((weights, destination_idx, starts), shape=shape)
    else:
        matrix = coo_array((weights, (origin_idx, destination_idx)), shape=shape).tocsr()
    return Prepared(matrix, own_weight)


def prepared_accessibility(prepared: Prepared, supply: Vector, demand: Vector) -> Vector:
    """Return the APL of every commune, by two products of the matrix with a vector."""
    matrix, own = prepared
    reached = matrix.T @ demand + own * demand
    ratio = np.divide(supply, reached, out=np.zeros_like(reached), where=reached > 0)
    return PER_INHABITANTS * (matrix @ ratio + own * ratio)


def both_ways(prepared: Prepared, supply: Vector, demand: Vector) -> Callable[[], Vector]:
    """Return the same with the transposed matrix stored by rows too, as in the engine."""
    transposed = prepared.matrix.T.tocsr()

    def task() -> Vector:
        reached = transposed @ demand + prepared.own_weight * demand
        ratio = np.divide(supply, reached, out=np.zeros_like(reached), where=reached > 0)
        return PER_INHABITANTS * (prepared.matrix @ ratio + prepared.own_weight * ratio)

    return task


def supply_columns(prepared: Prepared, supply: Vector, demand: Vector) -> Callable[[], Vector]:
    """Return the same with only the communes that have supply as columns, stored both ways.

    Demand is summed only where there is supply, the APL of all communes; own pairs are entries.
    """
    places = np.flatnonzero(supply > 0)
    own = prepared.own_weight * eye_array(len(supply), format="csr")
    forth = (prepared.matrix + own)[:, places].tocsr()
    back, etp = forth.T.tocsr(), supply[places]

    def task() -> Vector:
        reached = back @ demand
        ratio = np.divide(etp, reached, out=np.zeros_like(etp), where=reached > 0)
        return PER_INHABITANTS * (forth @ ratio)

    return task


def scenarios(
    prepared: Prepared, supplies: NDArray[np.float64], demand: Vector, block: int
) -> NDArray[np.float64]:
    """Return the APL of every commune (rows) in every supply scenario (columns).

    Reached demand is the same in all; the matrix is multiplied by `block` columns at a time.
    """
    matrix, own = prepared
    reached = (matrix.T @ demand + own * demand)[:, None]
    apl = np.empty(supplies.shape)
    for first in range(0, supplies.shape[1], block):
        columns = slice(first, first + block)
        etp = np.ascontiguousarray(supplies[:, columns])
        ratio = np.divide(etp, reached, out=np.zeros_like(etp), where=reached > 0)
        sums = matrix @ ratio
        ratio *= own
        sums += ratio
        sums *= PER_INHABITANTS
        apl[:, columns] = sums
    return apl


def scenarios_of_suppliers(
    prepared: Prepared, supplies: NDArray[np.float64], demand: Vector, block: int
) -> Callable[[], NDArray[np.float64]]:
    """Return the same with only the communes that have supply in a scenario as columns."""
    places = np.flatnonzero(supplies.any(axis=1))
    own = prepared.own_weight * eye_array(len(supplies), format="csr")
    forth = (prepared.matrix + own)[:, places].tocsr()
    back = forth.T.tocsr()

    def task() -> NDArray[np.float64]:
        reached = (back @ demand)[:, None]
        apl = np.empty(supplies.shape)
        for first in range(0, supplies.shape[1], block):
            columns = slice(first, first + block)
            etp = supplies[places, columns]
            ratio = np.divide(etp, reached, out=np.zeros_like(etp), where=reached > 0)
            sums = forth @ ratio
            sums *= PER_INHABITANTS
            apl[:, columns] = sums
        return apl

    return task
