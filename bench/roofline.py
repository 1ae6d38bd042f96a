"""Each pass beside the time that its bytes take at the bandwidth of this machine, now.

What counts as bytes is what a pass must move at least once: every pair (4), pointers (8 a row), the
value that each place carries and the sum that each row gets (8 each, times 16 for a block of
scenarios). That a value is read once for each pair that names it does not count: a cache serves it.
A network that fits a cache is held against the bandwidth of an array that fits it as well: the
bandwidth is that of a sum over an array of as many bytes, by as many threads, timed in turn.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from building import rules
from turns import in_turn, quartiles

from apl_engine import kernels
from apl_engine.kernels.threads import share_out
from apl_engine.method.network import TravelNetwork
from apl_engine.method.sparse_rows import Rows

LANES = 16
WORD, PAIR = 8, 4
SUM, BOTH, BLOCK = "sum of an array", "one scenario, both ways", "block of 16, one way"


@functools.cache
def _sum_kernel() -> Callable[[np.ndarray], int]:
    """Return a loop that reads every word; on integers, which may be added in any order."""
    import numba

    @numba.njit(nogil=True)
    def total(words):  # type: ignore[no-untyped-def]
        found = np.uint64(0)
        for k in range(len(words)):
            found += words[k]
        return found

    total(np.zeros(8, dtype=np.uint64))
    return total


def read_all(words: np.ndarray, threads: int) -> Callable[[], None]:
    """Return the work of reading an array, shared out between threads."""
    total, shares = _sum_kernel(), np.array_split(words, threads)

    def work() -> None:
        others = [threading.Thread(target=total, args=(share,)) for share in shares[1:]]
        for thread in others:
            thread.start()
        total(shares[0])
        for thread in others:
            thread.join()

    return work


def words(size: int) -> np.ndarray:
    return np.ones(size // WORD, dtype=np.uint64)


def bytes_of(rows: Rows, lanes: int = 1) -> int:
    """Return what one pass must move."""
    size = len(rows.pointers) - 1
    return len(rows.pairs) * PAIR + (size + 1) * WORD + 2 * size * WORD * lanes


def both_ways(network: TravelNetwork, threads: int) -> Callable[[], None]:
    """Return the kernels of one scenario: gather, ratio, gather."""
    weights, size = network.weights(rules()), len(network.communes)
    values, out = np.ones(size), np.empty(size)

    def gather(rows: Rows) -> None:
        def work(start: int, stop: int) -> None:
            kernels.gather(rows.pointers, rows.pairs, weights, values, start, stop, out)

        share_out(work, rows.pointers, threads)

    def work() -> None:
        gather(network.by_destination)
        gather(network.by_origin)

    return work


def block(network: TravelNetwork, threads: int) -> Callable[[], None]:
    """Return the kernel of 16 scenarios, one way."""
    rows, weights, size = network.by_origin, network.weights(rules()), len(network.communes)
    values, out, factors = np.ones((size, LANES)), np.empty((size, LANES)), np.ones(1)

    def work() -> None:
        def part(start: int, stop: int) -> None:
            kernels.gather_block(
                rows.pointers, rows.pairs, weights, values, factors, start, stop, 0, LANES, out
            )

        share_out(part, rows.pointers, threads)

    return work


def measure(network: TravelNetwork, threads: int, rounds: int) -> list[dict[str, Any]]:
    """Return each pass: bytes, its gigabytes a second and those of the machine, times the floor."""
    found = []
    both = bytes_of(network.by_destination) + bytes_of(network.by_origin)
    for name, moved, work in (
        (BOTH, both, both_ways(network, threads)),
        (BLOCK, bytes_of(network.by_origin, LANES), block(network, threads)),
    ):
        seconds = in_turn({name: work, SUM: read_all(words(moved), threads)}, rounds)
        floor = seconds[SUM]
        low, middle, high = quartiles([a / b for a, b in zip(seconds[name], floor, strict=True)])
        found.append({
            "pass": name, "threads": threads, "pairs": network.pairs, "bytes": moved,
            "gb_s": moved / quartiles(seconds[name])[1] / 1e9,
            "machine_gb_s": moved / quartiles(floor)[1] / 1e9,
            "times": middle, "low": low, "high": high, "seconds": quartiles(seconds[name])[1],
        })  # fmt: skip
    return found


def bandwidths(sizes: list[int], rounds: int) -> list[dict[str, Any]]:
    """Return what the machine reads in a second, by size of array and number of threads."""
    found = []
    for size in sizes:
        array = words(size)
        works = {str(threads): read_all(array, threads) for threads in (1, 2)}
        for threads, seconds in in_turn(works, rounds).items():
            rate = size / quartiles(seconds)[1] / 1e9
            found.append({"bytes": size, "threads": int(threads), "gb_s": rate})
    return found
