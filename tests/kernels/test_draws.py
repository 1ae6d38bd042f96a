"""Random supply against random numbers in plain Python, and counts against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.philox import philox, shorts, words

from apl_engine import kernels
from apl_engine.kernels.blocks import LANES
from apl_engine.kernels.draws import ARRIVING, LEAVING, MOST_STEPS, VARYING

seeds = st.integers(0, 2**64 - 1)
firsts = st.sampled_from([0, 16, 2**32 - 16, 2**32, 2**62 - 16])


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((2**32 - 1,) * 4, (2**32 - 1,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_random_numbers_are_those_of_the_authors(
    counter: tuple[int, int, int, int], key: tuple[int, int], expected: str
) -> None:
    """The known answers that Random123 is distributed with."""
    assert " ".join(f"{word:08x}" for word in philox(counter, key)) == expected


@given(seeds, firsts, st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_whole_persons_leave(seed: int, first: int, persons: int, numpy_seed: int) -> None:
    rng = np.random.default_rng(numpy_seed)
    thresholds = rng.choice([0, 1, 30_000, 65_536], persons).astype(np.uint32)
    practices = np.concatenate(([0], np.cumsum(rng.integers(0, 3, persons))))
    places = rng.integers(0, 4, practices[-1]).astype(np.uint32)
    amounts = rng.integers(1, 2**36, practices[-1]) * 2.0**-36
    totals = np.bincount(places, amounts, 4).astype(float)
    etp, scratch = np.empty((4, LANES)), np.empty(32, dtype=np.uint64)
    kernels.leave_block(
        np.array([seed], dtype=np.uint64), totals, 4, thresholds, persons, practices, places,
        amounts, first, scratch, etp,
    )  # fmt: skip
    for b in range(LANES):
        expected = np.zeros(4)
        for i in range(persons):
            leaves = shorts(i // 8, LEAVING, first + b, seed)[i % 8] < thresholds[i]
            for k in range(practices[i], practices[i + 1]):
                expected[places[k]] += 0.0 if leaves else amounts[k]
        assert etp[:, b].tolist() == expected.tolist()


@given(seeds, firsts, st.sets(st.integers(0, 40), min_size=1))
def test_activity_varies(seed: int, first: int, numbers: set[int]) -> None:
    places = np.array(sorted(numbers), dtype=np.uint32)
    normal = np.linspace(-4, 4, 2**16)
    spreads = np.linspace(0, 0.5, len(places))
    etp, scratch = np.full((len(places), LANES), 3.0), np.empty(32, dtype=np.uint64)
    given_seed = np.array([seed], dtype=np.uint64)
    kernels.vary_block(given_seed, places, spreads, normal, len(places), first, scratch, etp)
    for c, number in enumerate(places.tolist()):
        for b in range(LANES):
            drawn = shorts(number // 8, VARYING, first + b, seed)[number % 8]
            assert etp[c, b] == 3.0 * max(1.0 + spreads[c] * normal[drawn], 0.0)


@given(seeds, firsts, st.sets(st.integers(0, 40), min_size=1))
def test_practitioners_arrive(seed: int, first: int, numbers: set[int]) -> None:
    places = np.array(sorted(numbers), dtype=np.uint32)
    starts = np.arange(len(places) + 1) * 3
    thresholds = np.tile(np.array([2**30, 2**31, 3 * 2**30], dtype=np.uint32), len(places))
    etp, scratch = np.ones((len(places), LANES)), np.empty(32, dtype=np.uint64)
    given_seed = np.array([seed], dtype=np.uint64)
    kernels.arrive_block(
        given_seed, places, starts, thresholds, 0.5, len(places), first, scratch, etp
    )
    for c, number in enumerate(places.tolist()):
        for b in range(LANES):
            drawn = words(number // 4, ARRIVING, first + b, seed)[number % 4]
            assert etp[c, b] == 1.0 + 0.5 * (drawn // 2**30)


@given(st.integers(1, 12), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_steps_and_ends(n: int, cuts: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    apl = rng.choice([0.0, 0.049, 0.05, 0.26, 7.3], (n, LANES)) + rng.integers(0, 3, (n, LANES))
    ranked = n // 2
    classes = rng.integers(0, cuts + 1, (ranked, LANES)).astype(np.uint8)
    unsure, keys = np.empty(LANES, np.uint8), np.empty((n, LANES), np.int64)
    ends, lows, highs = np.empty((cuts, LANES), np.int64), np.empty(n, int), np.empty(n, int)
    kernels.step_block(apl, classes, 10.0, 1e-9, cuts, ranked, n, unsure, keys, ends, lows, highs)
    assert keys.tolist() == np.floor(apl * 10.0 + 0.5).astype(int).tolist()
    assert (lows.tolist(), highs.tolist()) == (keys.min(1).tolist(), keys.max(1).tolist())
    close = np.isclose((apl * 10.0 + 0.5) % 1.0, [[0.0]], atol=1e-7) | np.isclose(
        (apl * 10.0 + 0.5) % 1.0, [[1.0]], atol=1e-7
    )
    assert (unsure > 0).tolist() == close.any(axis=0).tolist()
    for k in range(cuts):
        below = np.where(classes <= k, keys[:ranked], -1)
        assert ends[k].tolist() == below.max(axis=0, initial=-1).tolist()


def test_steps_have_a_limit() -> None:
    apl, unsure = np.full((1, LANES), 1e300), np.empty(LANES, np.uint8)
    keys, ends, edges = (
        np.empty((1, LANES), np.int64),
        np.empty((0, LANES), np.int64),
        np.empty(1, int),
    )
    none = np.empty((0, LANES), np.uint8)
    kernels.step_block(apl, none, 10.0, 1e-9, 0, 0, 1, unsure, keys, ends, edges, edges.copy())
    assert (keys == int(MOST_STEPS)).all()


@given(st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_counts_are_added(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    keys, chosen = rng.integers(-1, 5, (n, LANES)), rng.integers(0, 2, LANES).astype(np.uint8)
    lows, starts = np.full(n, 0), np.arange(n) * 5
    counts = np.ones((n, 5), dtype=np.int64)
    kernels.count_block(keys, chosen, n, lows, starts, counts)
    classes = rng.integers(0, 3, (n, LANES)).astype(np.uint8)
    of_classes = np.ones((n, 3), dtype=np.int64)
    kernels.count_classes(classes, chosen, 3, n, of_classes)
    for r in range(n):
        some = keys[r][(chosen > 0) & (keys[r] >= 0)]
        assert (counts[r] - 1).tolist() == np.bincount(some, minlength=5).tolist()
        some = classes[r][chosen > 0]
        assert (of_classes[r] - 1).tolist() == np.bincount(some, minlength=3).tolist()
