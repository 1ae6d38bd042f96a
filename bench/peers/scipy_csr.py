"""APL of the communes with the sparse matrices of SciPy, from row numbers and weights."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

PER_INHABITANTS = 100_000

Vector = NDArray[np.float64]
Index = NDArray[np.int32]


class Prepared(NamedTuple):
    """The weights by origin (rows) and destination (columns), and the weight of the own commune."""

    matrix: csr_array
    own_weight: float


def prepare(
    origin_idx: Index,
    destination_idx: Index,
    weights: Vector,
    communes: int,
    own_weight: float = 1.0,
) -> Prepared:
    """Build the matrix of the pairs; the diagonal stays out of it, as one number.

    Pairs that come by rising origin, as in the files, need no sort: their columns and weights are
    taken as they are.
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
    """Return the APL of every commune: two products of the matrix and a vector."""
    matrix, own = prepared
    reached = matrix.T @ demand + own * demand
    ratio = np.divide(supply, reached, out=np.zeros_like(reached), where=reached > 0)
    return PER_INHABITANTS * (matrix @ ratio + own * ratio)


def both_ways(prepared: Prepared, supply: Vector, demand: Vector) -> Callable[[], Vector]:
    """Return the same with the transposed matrix kept in rows of its own, as we keep both ways."""
    turned = prepared.matrix.T.tocsr()

    def work() -> Vector:
        reached = turned @ demand + prepared.own_weight * demand
        ratio = np.divide(supply, reached, out=np.zeros_like(reached), where=reached > 0)
        return PER_INHABITANTS * (prepared.matrix @ ratio + prepared.own_weight * ratio)

    return work


def scenarios(
    prepared: Prepared, supplies: NDArray[np.float64], demand: Vector, block: int
) -> NDArray[np.float64]:
    """Return the APL of every commune (rows) in every scenario of supply (columns).

    The demand reached is the same in all; products of the matrix and `block` columns at a time.
    """
    matrix, own = prepared
    reached = (matrix.T @ demand + own * demand)[:, None]
    apl = np.empty(supplies.shape)
    for first in range(0, supplies.shape[1], block):
        columns = slice(first, first + block)
        etp = np.ascontiguousarray(supplies[:, columns])
        ratio = np.divide(etp, reached, out=np.zeros_like(etp), where=reached > 0)
        found = matrix @ ratio
        ratio *= own
        found += ratio
        found *= PER_INHABITANTS
        apl[:, columns] = found
    return apl


def accessibility(
    origin_idx: Index,
    destination_idx: Index,
    weights: Vector,
    supply: Vector,
    demand: Vector,
) -> Vector:
    """Return the APL of every commune, the building of the matrix included.

    The pairs hold no diagonal; every commune is its own neighbour with weight 1.
    """
    prepared = prepare(origin_idx, destination_idx, weights, len(demand))
    return prepared_accessibility(prepared, supply, demand)
