"""Work shared out between threads: all of it done once, and what goes wrong told."""

from __future__ import annotations

import numpy as np
import pytest

from apl_engine.kernels import threads as parallel


@pytest.mark.parametrize("threads", [1, 2, 3, 7, None])
def test_every_row_and_every_pair_is_taken_once(
    threads: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "PAIRS_PER_THREAD", 1)
    pointers = np.array([0, 5, 5, 6, 30, 31, 31])
    rows, pairs = np.zeros(6, int), np.zeros(31, int)

    def row(start: int, stop: int) -> None:
        rows[start:stop] += 1

    def pair(start: int, stop: int) -> None:
        pairs[start:stop] += 1

    parallel.share_out(row, pointers, threads)
    parallel.share_range(pair, 31, threads)
    assert rows.tolist() == [1] * 6
    assert pairs.tolist() == [1] * 31


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_what_a_thread_raises_is_raised_when_all_are_done(wrong: int) -> None:
    """Else what it should have filled would pass for a result."""
    done = []

    def task(place: int) -> None:
        if place == wrong:
            raise MemoryError(f"in {place}")
        done.append(place)

    with pytest.raises(MemoryError, match=f"in {wrong}"):
        parallel.run_all([lambda place=place: task(place) for place in range(3)])
    assert sorted(done) == [place for place in range(3) if place != wrong]
