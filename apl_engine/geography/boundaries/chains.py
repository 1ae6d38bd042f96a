"""Chains of directed or undirected pieces, joined end to end."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints: TypeAlias = npt.NDArray[np.int64]


def follow(following: Ints) -> tuple[Ints, Ints]:
    """Return the chains of a successor function.

    Parameters
    ----------
    following : int64 (n,)
        The successor of each element, -1 if it is the last; no two have the same.

    Returns
    -------
    order : int64 (n,)
        The elements, chain by chain. A cycle begins with its smallest element.
    start : int64 (chains + 1,)
        Where each chain begins in `order`. Chains come in the order of their smallest elements.
    """
    count = len(following)
    has_next = np.flatnonzero(following >= 0)
    previous = np.full(count, -1, np.int64)
    previous[following[has_next]] = has_next
    links = coo_array(
        (np.ones(len(has_next), np.bool_), (has_next, following[has_next])), shape=(count, count)
    )
    _, label = connected_components(links, directed=False)
    _, smallest = np.unique(label, return_index=True)
    has_start = np.zeros(len(smallest), np.bool_)
    has_start[label[previous < 0]] = True
    previous[smallest[~has_start]] = -1
    jump = np.where(previous < 0, np.arange(count), previous)
    rank = (previous >= 0).astype(np.int64)
    while (far := rank[jump]).any():
        rank += far
        jump = jump[jump]
    order = np.lexsort((rank, smallest[label]))
    start = np.append(np.flatnonzero(rank[order] == 0), count)
    return order, start


def join(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Join pieces of lines at the nodes where exactly two of them end.

    Parameters
    ----------
    first, last : int64 (n,)
        The nodes of the ends of each piece.

    Returns
    -------
    order : int64 (n,)
        The pieces, line by line: 2 k for piece k as it is, 2 k + 1 if it is reversed. A line runs
        in the direction of its piece of the smallest number.
    start : int64 (lines + 1,)
        Where each line begins in `order`.
    """
    tail = np.stack([first, last], axis=1).ravel()
    by_node = np.argsort(tail, kind="stable")
    begins = np.flatnonzero(np.append(True, tail[by_node][1:] != tail[by_node][:-1]))
    pairs = begins[np.diff(np.append(begins, len(tail))) == 2]
    one, other = by_node[pairs], by_node[pairs + 1]
    following = np.full(len(tail), -1, np.int64)
    following[one ^ 1], following[other ^ 1] = other, one
    order, start = follow(following)
    # Each line is there in both directions.
    smallest = np.minimum.reduceat(order, start[:-1]) if len(order) else order
    size = np.diff(start)
    wanted = smallest % 2 == 0
    order = order[np.repeat(wanted, size)]
    return order, np.append(0, np.cumsum(size[wanted]))
