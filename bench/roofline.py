"""Each pass compared with the time that its bytes take at the bandwidth of this machine.

The bytes are those that a pass must move at least once: pairs (4 each), pointers (8 per row), the
value of each commune and the sum of each row (8 each, times 16 for a block of scenarios). A value
that is read again for each pair that refers to it comes from a cache and is not counted again. The
bandwidth is that of a sum over an array of the same size by the same number of threads, timed in
turn; a network that fits in a cache is thus compared with an array that fits in it too.
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
    """Return a loop that reads every word; integers may be added in any order."""
    import numba

    @numba.njit(nogil=True)
    def total(words):  # type: ignore[no-untyped-def]
        result = np.uint64(0)
        for k in range(len(words)):
            result += words[k]
        return result

    total(np.zeros(8, dtype=np.uint64))
    return total


def read_all(words: np.ndarray, threads: int) -> Callable[[], None]:
    """Return the task of reading an array, divided among threads."""
    total, shares = _sum_kernel(), np.array_split(words, threads)

    def task() -> None:
        others = [threading.Thread(target=total, args=(share,)) for share in shares[1:]]
        for thread in others:
            thread.start()
        total(shares[0])
        for thread in others:
            thread.join()

    return task


def words(size: int) -> np.ndarray:
    return np.ones(size // WORD, dtype=np.uint64)


def bytes_of(rows: Rows, lanes: int = 1) -> int:
    """Return the bytes that one pass must move."""
    size = len(rows.pointers) - 1
    return len(rows.pairs) * PAIR + (size + 1) * WORD + 2 * size * WORD * lanes


def both_ways(network: TravelNetwork, threads: int) -> Callable[[], None]:
    """Return the two gathers of one scenario."""
    weights, size = network.weights(rules()), len(network.communes)
    values, out = np.ones(size), np.empty(size)

    def gather(rows: Rows) -> None:
        def task(start: int, stop: int) -> None:
            kernels.gather(rows.pointers, rows.pairs, weights, values, start, stop, out)

        share_out(task, rows.pointers, threads)

    def task() -> None:
        gather(network.by_destination)
        gather(network.by_origin)

    return task


def block(network: TravelNetwork, threads: int) -> Callable[[], None]:
    """Return the gather of 16 scenarios, in one direction."""
    rows, weights, size = network.by_origin, network.weights(rules()), len(network.communes)
    values, out, factors = np.ones((size, LANES)), np.empty((size, LANES)), np.ones(1)

    def task() -> None:
        def part(start: int, stop: int) -> None:
            kernels.gather_block(
                rows.pointers, rows.pairs, weights, values, factors, start, stop, 0, LANES, out
            )

        share_out(part, rows.pointers, threads)

    return task


def measure(network: TravelNetwork, threads: int, rounds: int) -> list[dict[str, Any]]:
    """Return for each pass its bytes, its rate, that of the machine, and their ratio."""
    passes = []
    both = bytes_of(network.by_destination) + bytes_of(network.by_origin)
    for name, moved, task in (
        (BOTH, both, both_ways(network, threads)),
        (BLOCK, bytes_of(network.by_origin, LANES), block(network, threads)),
    ):
        seconds = in_turn({name: task, SUM: read_all(words(moved), threads)}, rounds)
        least = seconds[SUM]
        low, middle, high = quartiles([a / b for a, b in zip(seconds[name], least, strict=True)])
        passes.append({
            "pass": name, "threads": threads, "pairs": network.pairs, "bytes": moved,
            "gb_s": moved / quartiles(seconds[name])[1] / 1e9,
            "machine_gb_s": moved / quartiles(least)[1] / 1e9,
            "times": middle, "low": low, "high": high, "seconds": quartiles(seconds[name])[1],
        })  # fmt: skip
    return passes


def bandwidths(sizes: list[int], rounds: int) -> list[dict[str, Any]]:
    """Return the rate at which the machine reads, by size of array and number of threads."""
    rates = []
    for size in sizes:
        array = words(size)
        tasks = {str(threads): read_all(array, threads) for threads in (1, 2)}
        for threads, seconds in in_turn(tasks, rounds).items():
            rate = size / quartiles(seconds)[1] / 1e9
            rates.append({"bytes": size, "threads": int(threads), "gb_s": rate})
    return rates
