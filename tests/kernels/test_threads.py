"""Work divided among threads: done once, and exceptions raised."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from apl_engine.errors import InputDataError, check_threads
from apl_engine.kernels import threads as module


@pytest.mark.parametrize("threads", [1, 2, 3, 7, None])
def test_every_row_and_every_pair_is_visited_once(
    threads: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAIRS_PER_THREAD", 1)
    pointers = np.array([0, 5, 5, 6, 30, 31, 31])
    rows, pairs = np.zeros(6, int), np.zeros(31, int)

    def row(start: int, stop: int) -> None:
        rows[start:stop] += 1

    def pair(start: int, stop: int) -> None:
        pairs[start:stop] += 1

    module.share_out(row, pointers, threads)
    module.share_range(pair, 31, threads)
    assert rows.tolist() == [1] * 6
    assert pairs.tolist() == [1] * 31


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_the_exception_of_a_thread_is_raised_once_all_are_done(wrong: int) -> None:
    """Otherwise unfilled output would pass for a result."""
    done = []

    def task(number: int) -> None:
        if number == wrong:
            raise MemoryError(f"in {number}")
        done.append(number)

    with pytest.raises(MemoryError, match=f"in {wrong}"):
        module.run_all([lambda number=number: task(number) for number in range(3)])
    assert sorted(done) == [number for number in range(3) if number != wrong]


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2"])
def test_threads_must_be_a_positive_whole_number(threads: Any) -> None:
    with pytest.raises(InputDataError) as error:
        check_threads(threads)
    (fault,) = error.value.faults
    assert (fault.code, fault.table) == ("argument.not_a_whole_number", "threads")
    assert fault.details == {"minimum": 1, "given": str(threads)}
