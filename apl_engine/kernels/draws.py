"""Random supply in 16 draws side by side, and what is counted of many.

Random numbers are those of Philox4x32-10 (Salmon et al., 2011): each is a function of a key, which
is the seed, and a counter of four words, which are the number of a group of persons or places, that
of a model, and the two halves of the number of a draw. So a draw is the same wherever, and beside
whatever, it is made.

Arrays of 16 draws have one row per place and one column per draw.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._jit import helper, kernel
from .arguments import (
    BANDS,
    BITS,
    FACTOR,
    OUT_BANDS,
    OUT_BITS,
    OUT_POINTERS,
    OUT_VALUES,
    PLACES,
    POINTERS,
    SIZE,
    VALUES,
)
from .types import Bands, Bits, Float, Index, Pointers

# No APL is rounded to more steps.
MOST_STEPS = 2.0**40
# Second word of the counter, by model.
LEAVING, VARYING, ARRIVING = 1, 2, 3


@helper
def philox_round(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Return four words of 32 bits, in uint64, after one round."""
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    p, q = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
    return (q >> half) ^ c1 ^ k0, q & low, (p >> half) ^ c3 ^ k1, p & low


@helper
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Return four random words of 32 bits, two in each of two uint64, the first one lower."""
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    a, b = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
    # Ten calls rather than a loop, so that 16 draws become vector operations.
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + a) & low, (k1 + b) & low
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + a) & low, (k1 + b) & low
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + a) & low, (k1 + b) & low
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + a) & low, (k1 + b) & low
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + a) & low, (k1 + b) & low
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + a) & low, (k1 + b) & low
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + a) & low, (k1 + b) & low
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + a) & low, (k1 + b) & low
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + a) & low, (k1 + b) & low
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    return c0 | (c1 << half), c2 | (c3 << half)


@helper
def fill_words(group: Any, model: int, seed: Any, first: Any, words: Bits) -> None:
    """words[2][16] = the random words of one group of a model in 16 draws."""
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    for b in range(16):
        draw = np.uint64(first + b)
        words[b], words[16 + b] = philox(
            np.uint64(group), np.uint64(model), draw & low, draw >> half, seed & low, seed >> half
        )


@kernel(BITS, VALUES, SIZE, PLACES, SIZE, POINTERS, PLACES, VALUES, SIZE, OUT_BITS, OUT_VALUES)
def leave_block(
    seed: Bits,
    totals: Float,
    n: int,
    thresholds: Index,
    n_persons: int,
    practices: Pointers,
    places: Index,
    amounts: Float,
    first: int,
    words: Bits,
    etp: Float,
) -> None:
    """etp[c, b] = ETP at place c of the persons who do not leave in draw first + b.

    seed        uint64[1]
    totals      float64[n]           ETP of all persons at each place
    thresholds  uint32[n_persons]    probability of leaving, in 2**-16
    practices   int64[n_persons + 1] first practice of each person
    places      uint32[n_practices]  the place of each practice
    amounts     float64[n_practices] ETP of each; multiples of a power of two that leaves sums exact
    first       int                  number of the first draw
    words       uint64[32]           scratch
    etp         float64[n, 16]       overwritten
    """
    mask = np.uint64(0xFFFF)
    for c in range(n):
        for b in range(16):
            etp[16 * c + b] = totals[c]
    for group in range((n_persons + 7) // 8):
        fill_words(group, LEAVING, seed[0], first, words)
        last = 8 * group + 8 if 8 * group + 8 < n_persons else n_persons
        for i in range(8 * group, last):
            at, shift = 16 * ((i & 7) >> 2), np.uint64(16 * (i & 3))
            threshold = np.uint64(thresholds[i])
            for k in range(practices[i], practices[i + 1]):
                to, amount = 16 * np.int64(places[k]), amounts[k]
                # Four at a time, all read before any is written, become vector operations.
                for b in range(0, 16, 4):
                    p = ((words[at + b] >> shift) & mask) < threshold
                    q = ((words[at + b + 1] >> shift) & mask) < threshold
                    r = ((words[at + b + 2] >> shift) & mask) < threshold
                    s = ((words[at + b + 3] >> shift) & mask) < threshold
                    w, x = etp[to + b], etp[to + b + 1]
                    y, z = etp[to + b + 2], etp[to + b + 3]
                    w, x = w - (amount if p else 0.0), x - (amount if q else 0.0)
                    y, z = y - (amount if r else 0.0), z - (amount if s else 0.0)
                    etp[to + b], etp[to + b + 1] = w, x
                    etp[to + b + 2], etp[to + b + 3] = y, z


@kernel(BITS, PLACES, VALUES, VALUES, SIZE, SIZE, OUT_BITS, OUT_VALUES)
def vary_block(
    seed: Bits,
    numbers: Index,
    spreads: Float,
    normal: Float,
    n: int,
    first: int,
    words: Bits,
    etp: Float,
) -> None:
    """Multiply etp[c, b] by 1 + spread times a standard normal number, or by 0 if that is below 0.

    seed     uint64[1]
    numbers  uint32[n]        number of each place, ascending
    spreads  float64[n]       standard deviation of each factor
    normal   float64[65536]   the numbers that are equally likely
    first    int              number of the first draw
    words    uint64[32]       scratch
    etp      float64[n, 16]   ETP, changed
    """
    group = np.int64(-1)
    for c in range(n):
        number = np.int64(numbers[c])
        if number >> 3 != group:
            group = number >> 3
            fill_words(group, VARYING, seed[0], first, words)
        at, shift = 16 * ((number & 7) >> 2), np.uint64(16 * (number & 3))
        for b in range(16):
            drawn = np.int64((words[at + b] >> shift) & np.uint64(0xFFFF))
            factor = 1.0 + spreads[c] * normal[drawn]
            etp[16 * c + b] *= factor if factor > 0.0 else 0.0


@kernel(BITS, PLACES, POINTERS, PLACES, FACTOR, SIZE, SIZE, OUT_BITS, OUT_VALUES)
def arrive_block(
    seed: Bits,
    numbers: Index,
    starts: Pointers,
    thresholds: Index,
    etp_of_new: float,
    n: int,
    first: int,
    words: Bits,
    etp: Float,
) -> None:
    """Add to etp[c, b] the ETP of those who arrive at place c in draw first + b.

    As many arrive as thresholds of the place are not above a random number of 32 bits.

    seed        uint64[1]
    numbers     uint32[n]        number of each place, ascending
    starts      int64[n + 1]     first threshold of each place
    thresholds  uint32[]         probability of k arrivals or fewer, in 2**-32, ascending by place
    etp_of_new  float            ETP of each who arrives
    first       int              number of the first draw
    words       uint64[32]       scratch
    etp         float64[n, 16]   ETP, changed
    """
    group, mask = np.int64(-1), np.uint64(0xFFFFFFFF)
    for c in range(n):
        number = np.int64(numbers[c])
        if number >> 2 != group:
            group = number >> 2
            fill_words(group, ARRIVING, seed[0], first, words)
        at, shift = 16 * ((number & 3) >> 1), np.uint64(32 * (number & 1))
        # Four at a time, all read before any is written, become vector operations.
        for b in range(0, 16, 4):
            p, q = (words[at + b] >> shift) & mask, (words[at + b + 1] >> shift) & mask
            r, s = (words[at + b + 2] >> shift) & mask, (words[at + b + 3] >> shift) & mask
            to = 16 * c + b
            w, x, y, z = etp[to], etp[to + 1], etp[to + 2], etp[to + 3]
            for k in range(starts[c], starts[c + 1]):
                threshold = np.uint64(thresholds[k])
                w += etp_of_new if p >= threshold else 0.0
                x += etp_of_new if q >= threshold else 0.0
                y += etp_of_new if r >= threshold else 0.0
                z += etp_of_new if s >= threshold else 0.0
            etp[to], etp[to + 1], etp[to + 2], etp[to + 3] = w, x, y, z


@kernel(VALUES, BANDS, FACTOR, FACTOR, SIZE, SIZE, SIZE, OUT_BANDS, OUT_POINTERS, OUT_POINTERS,
        OUT_POINTERS, OUT_POINTERS)  # fmt: skip
def step_block(
    apl: Float,
    classes: Bands,
    scale: float,
    tolerance: float,
    n_cuts: int,
    n_ranked: int,
    n: int,
    unsure: Bands,
    keys: Pointers,
    ends: Pointers,
    lows: Pointers,
    highs: Pointers,
) -> None:
    """Round the APLs of 16 draws to steps, and find the highest of each class and those below.

    apl        float64[n, 16]        0 or more
    classes    uint8[n_ranked, 16]   of the first rows, which are those that are ranked
    scale      float                 steps in 1
    tolerance  float                 relative error of the APLs
    n_cuts     int                   number of classes less 1
    unsure     uint8[16]             1 if an error could change a step of the draw; overwritten
    keys       int64[n, 16]          APL in steps, rounded half up; overwritten
    ends       int64[n_cuts, 16]     highest of class k or below, -1 if there is none; overwritten
    lows, highs  int64[n]            the least and the most of each row, overwritten
    """
    for b in range(16):
        unsure[b] = 0
    for k in range(16 * n_cuts):
        ends[k] = -1
    for r in range(n):
        low, high = np.int64(2**62), np.int64(-1)
        for b in range(16):
            value = apl[16 * r + b] * scale + 0.5
            value = value if value < MOST_STEPS else MOST_STEPS
            key = np.int64(value)
            part = value - np.float64(key)
            # The distance to where the next step begins.
            part = part if part < 0.5 else 1.0 - part
            unsure[b] |= part <= tolerance * value
            keys[16 * r + b] = key
            low = key if key < low else low
            high = key if key > high else high
        lows[r], highs[r] = low, high
        if r < n_ranked:
            for b in range(16):
                key = keys[16 * r + b]
                for k in range(np.int64(classes[16 * r + b]), n_cuts):
                    if key > ends[16 * k + b]:
                        ends[16 * k + b] = key


@kernel(POINTERS, BANDS, SIZE, POINTERS, POINTERS, OUT_POINTERS)
def count_block(
    keys: Pointers, chosen: Bands, n: int, lows: Pointers, starts: Pointers, counts: Pointers
) -> None:
    """Count the keys of each row, of 16 draws those chosen; keys below 0 are passed over.

    keys    int64[n, 16]
    chosen  uint8[16]     1 for the draws that are counted
    lows    int64[n]      key of the first count of each row
    starts  int64[n]      where the counts of each row begin
    counts  int64[]       changed
    """
    for r in range(n):
        at = starts[r] - lows[r]
        for b in range(16):
            key = keys[16 * r + b]
            if chosen[b] != 0 and key >= 0:
                counts[at + key] += 1


@kernel(BANDS, BANDS, SIZE, SIZE, OUT_POINTERS)
def count_classes(classes: Bands, chosen: Bands, n_classes: int, n: int, counts: Pointers) -> None:
    """Count the classes of each row, of 16 draws those chosen.

    classes  uint8[n, 16]         below n_classes
    chosen   uint8[16]            1 for the draws that are counted
    counts   int64[n, n_classes]  changed
    """
    for r in range(n):
        for b in range(16):
            counts[n_classes * r + np.int64(classes[16 * r + b])] += np.int64(chosen[b])
