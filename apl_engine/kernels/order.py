"""An order of places in which those that share neighbours follow each other.

A pair is one word of 32 bits: the other place in the low 24, the band of minutes in the high 8. The
level of a band is the rank of its weight, 0 without weight. The column of a place is its levels in
all rows, by origin and by destination, and the cost of two places in succession the sum of the
differences between their columns. Only the costs of the nearest are known: other places count as if
they shared no neighbour.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._jit import helper, kernel
from .arguments import (
    BANDS,
    OUT_BANDS,
    OUT_PLACES,
    OUT_POINTERS,
    PAIRS,
    PLACES,
    POINTERS,
    SIZE,
)
from .types import Bands, Index, Pairs, Pointers

# Neighbours that a place can be put beside. Of twice as many, runs are 1 % fewer and times double.
# Where pairs and places, each as long as ten pairs, are many, their product with neighbours is
# bounded, and neighbours are fewer: with 6, runs are 4 % more.
MOST_NEIGHBOURS, FEWEST_NEIGHBOURS, COMPARED, PLACE_PAIRS = 24, 6, 2**28, 10
# A change reverses no longer section, and all together no more positions for each place.
REACH, REVERSED = 50_000, 500


@kernel(POINTERS, PAIRS, POINTERS, PAIRS, BANDS, SIZE, SIZE, OUT_POINTERS)
def column_totals(
    from_origin: Pointers,
    origin_pairs: Pairs,
    to_destination: Pointers,
    destination_pairs: Pairs,
    levels: Bands,
    start: int,
    stop: int,
    out: Pointers,
) -> None:
    """out[p] = sum of the column of place p.

    from_origin, to_destination      int64[n + 1]    row starts
    origin_pairs, destination_pairs  uint32[n_pairs] band << 24 | place
    levels                           uint8[n_bands]  level of each band
    start, stop                      int             places start <= p < stop are computed
    out                              int64[n]        overwritten
    """
    for p in range(start, stop):
        total = np.int64(0)
        for k in range(from_origin[p], from_origin[p + 1]):
            total += levels[origin_pairs[k] >> 24]
        for k in range(to_destination[p], to_destination[p + 1]):
            total += levels[destination_pairs[k] >> 24]
        out[p] = total


@kernel(
    POINTERS, PAIRS, POINTERS, PAIRS, BANDS, POINTERS, SIZE, SIZE, SIZE, SIZE,
    OUT_BANDS, OUT_POINTERS, OUT_PLACES, OUT_POINTERS,
)  # fmt: skip
def neighbour_costs(
    from_origin: Pointers,
    origin_pairs: Pairs,
    to_destination: Pointers,
    destination_pairs: Pairs,
    levels: Bands,
    totals: Pointers,
    n: int,
    width: int,
    start: int,
    stop: int,
    marks: Bands,
    counts: Pointers,
    near: Index,
    costs: Pointers,
) -> None:
    """Choose neighbours of each place, and find the costs of each in succession to it.

    They are the places of the lowest bands in its row by origin and, if these are too few, in its
    row by destination; of those of one band, the first. Places count as if they shared nothing if
    one has 32 times the pairs of the other.

    from_origin, to_destination      int64[n + 1]      row starts
    origin_pairs, destination_pairs  uint32[n_pairs]   band << 24 | place
    levels                           uint8[n_bands]    level of each band
    totals                           int64[n]          see `column_totals`
    width                            int               most neighbours of a place
    start, stop                      int               places start <= a < stop are computed
    marks                            uint8[2 n]        all 0, before and after
    counts                           int64[256]        scratch
    near                             uint32[n, width]  neighbours by rising cost, n for no more
    costs                            int64[n, width]   of each; not set where near is n
    """
    for a in range(start, stop):
        for k in range(from_origin[a], from_origin[a + 1]):
            marks[origin_pairs[k] & 0xFFFFFF] = levels[origin_pairs[k] >> 24]
        for k in range(to_destination[a], to_destination[a + 1]):
            marks[n + (destination_pairs[k] & 0xFFFFFF)] = levels[destination_pairs[k] >> 24]

        found = 0
        for way in range(2):
            pointers = from_origin if way == 0 else to_destination
            pairs = origin_pairs if way == 0 else destination_pairs
            for band in range(256):
                counts[band] = 0
            for k in range(pointers[a], pointers[a + 1]):
                place, band = pairs[k] & 0xFFFFFF, pairs[k] >> 24
                # If there is room left after the first way, it gave all its places.
                new = place != a and (way == 0 or marks[place] == 0)
                counts[band] += new and levels[band] > 0
            # All of the bands below `last` are taken, and the first `spare` of that band.
            spare, last = width - found, 0
            while last < 255 and counts[last] <= spare:
                spare -= counts[last]
                last += 1
            for k in range(pointers[a], pointers[a + 1]):
                place, band = pairs[k] & 0xFFFFFF, pairs[k] >> 24
                new = place != a and (way == 0 or marks[place] == 0)
                if new and levels[band] > 0 and (band < last or (band == last and spare > 0)):
                    near[a * width + found] = place
                    found += 1
                    spare -= band == last

        for at in range(a * width + found, (a + 1) * width):
            near[at] = n
        for at in range(a * width, a * width + found):
            c = near[at]
            shared = np.int64(0)
            own = from_origin[a + 1] - from_origin[a] + to_destination[a + 1] - to_destination[a]
            its = from_origin[c + 1] - from_origin[c] + to_destination[c + 1] - to_destination[c]
            # Places of such different sizes share little; a large one is near many small ones.
            if its <= 32 * own and own <= 32 * its:
                for k in range(from_origin[c], from_origin[c + 1]):
                    mark = marks[origin_pairs[k] & 0xFFFFFF]
                    level = levels[origin_pairs[k] >> 24]
                    shared += mark if mark < level else level
                for k in range(to_destination[c], to_destination[c + 1]):
                    mark = marks[n + (destination_pairs[k] & 0xFFFFFF)]
                    level = levels[destination_pairs[k] >> 24]
                    shared += mark if mark < level else level
            cost = totals[a] + totals[c] - 2 * shared
            to = at
            while to > a * width and costs[to - 1] > cost:
                costs[to] = costs[to - 1]
                near[to] = near[to - 1]
                to -= 1
            costs[to] = cost
            near[to] = c

        for k in range(from_origin[a], from_origin[a + 1]):
            marks[origin_pairs[k] & 0xFFFFFF] = 0
        for k in range(to_destination[a], to_destination[a + 1]):
            marks[n + (destination_pairs[k] & 0xFFFFFF)] = 0


@kernel(POINTERS, SIZE, PLACES, SIZE, OUT_PLACES, OUT_BANDS, OUT_PLACES)
def join_nearest(
    ranked: Pointers,
    n_ranked: int,
    near: Index,
    width: int,
    roots: Index,
    degrees: Bands,
    links: Index,
) -> None:
    """Link places into chains, the nearest first.

    ranked   int64[n_ranked]   positions in `near` of the links to try, in that order
    near     uint32[n, width]  the nearest places of each place
    roots    uint32[n]         each place its own; then one place of its chain, or nearer to it
    degrees  uint8[n]          all 0; then the number of links of each place, up to 2
    links    uint32[n, 2]      the links of each place
    """
    for t in range(n_ranked):
        a, b = ranked[t] // width, near[ranked[t]]
        if degrees[a] == 2 or degrees[b] == 2:
            continue
        x, y = a, b
        while roots[x] != x:
            roots[x] = roots[roots[x]]
            x = roots[x]
        while roots[y] != y:
            roots[y] = roots[roots[y]]
            y = roots[y]
        if x != y:
            roots[y] = x
            links[2 * a + degrees[a]] = b
            links[2 * b + degrees[b]] = a
            degrees[a] += 1
            degrees[b] += 1


@kernel(PLACES, SIZE, SIZE, BANDS, PLACES, OUT_BANDS, OUT_PLACES)
def join_chains(
    near: Index, width: int, n: int, degrees: Bands, links: Index, done: Bands, out: Index
) -> None:
    """Put all chains in a row, each after one with an end close to its own.

    near     uint32[n, width]  the nearest places of each place, n where there are no more
    degrees  uint8[n]          the number of links of each place, up to 2
    links    uint32[n, 2]      the links of each place
    done     uint8[n]          all 0; then 1
    out      uint32[n]         the places in order, overwritten
    """
    filled = 0
    first = 0
    last = n
    while filled < n:
        following = n
        # An end among the nearest, or the nearest of these.
        if last < n:
            for q in range(width):
                c = near[last * width + q]
                if c < n and following == n and degrees[c] < 2 and done[c] == 0:
                    following = c
            for q in range(width):
                c = near[last * width + q]
                if c < n and following == n:
                    for r in range(width):
                        d = near[c * width + r]
                        if d < n and following == n and degrees[d] < 2 and done[d] == 0:
                            following = d
        if following == n:
            while degrees[first] == 2 or done[first] == 1:
                first += 1
            following = first
        before = n
        while following < n:
            last = following
            out[filled] = last
            done[last] = 1
            filled += 1
            following = n
            for t in range(degrees[last]):
                if links[2 * last + t] != before:
                    following = links[2 * last + t]
            before = last


@helper
def reverse(low: Any, high: Any, order: Index, positions: Index, steps: Pointers) -> None:
    """Reverse the places from one position to another, and the steps between them."""
    while low < high:
        one, two = order[low], order[high]
        order[low], order[high] = two, one
        positions[one], positions[two] = high, low
        high -= 1
        steps[low], steps[high] = steps[high], steps[low]
        low += 1


@helper
def cost_of(a: Any, b: Any, near: Index, costs: Pointers, width: int, totals: Pointers) -> Any:
    """Return the cost of two places in succession."""
    for q in range(width):
        if near[a * width + q] == b:
            return costs[a * width + q]
        if near[b * width + q] == a:
            return costs[b * width + q]
    return totals[a] + totals[b]


@helper
def sections_of(i: Any, side: Any, length: Any, cut: Any, forward: Any, flips: Pointers) -> Any:
    """Store the sections whose reversal, one after the other, makes a change; return their number.

    It breaks the steps from position i to a side, and from position `cut` to the next. The places
    from i on, `length` of them away from that side, move between those of `cut`, forward or
    backward; of length 0, all between both steps is reversed.
    """
    if length == 0:
        link = i if side > 0 else i - 1
        flips[0] = (link if link < cut else cut) + 1
        flips[1] = cut if link < cut else link
        return 1
    # Reversing the section together with all that it passes swaps the two.
    far = i - side * (length - 1)
    low = i if i < far else far
    high = far if i < far else i
    if cut > high:
        flips[0] = low
        flips[1] = cut
        flips[2] = low
        flips[3] = cut - length
        flips[4] = cut - length + 1
        flips[5] = cut
    else:
        flips[0] = cut + 1
        flips[1] = high
        flips[2] = cut + 1 + length
        flips[3] = high
        flips[4] = cut + 1
        flips[5] = cut + length
    return 3 if forward else 2


@kernel(
    PLACES, POINTERS, SIZE, POINTERS, SIZE, SIZE, SIZE,
    OUT_POINTERS, OUT_PLACES, OUT_BANDS, OUT_POINTERS, OUT_PLACES, OUT_PLACES,
)  # fmt: skip
def improve_order(
    near: Index,
    costs: Pointers,
    width: int,
    totals: Pointers,
    n: int,
    reach: int,
    budget: int,
    steps: Pointers,
    queue: Index,
    queued: Bands,
    flips: Pointers,
    positions: Index,
    order: Index,
) -> None:
    """Shorten a tour by reversing sections and by moving one to three places elsewhere.

    2-opt and Or-opt with lists of neighbours: the step from a place to the one beside it gives way
    to a step to one of the nearest, where that shortens the tour. The first and last places stay.

    near       uint32[n, width]  neighbours of each place by rising cost, n for no more
    costs      int64[n, width]   their costs
    totals     int64[n]          see `column_totals`
    reach      int               most positions between the two ends of a change
    budget     int               most positions to reverse, all changes together
    steps      int64[n - 1]      cost of positions k and k + 1 in succession, updated
    queue      uint32[n]         scratch: ring of places to examine
    queued     uint8[n]          scratch: whether a place is in the ring
    flips      int64[3, 2]       scratch: first and last positions of the sections to reverse
    positions  uint32[n]         position of each place, updated
    order      uint32[n]         place at each position, updated
    """
    for k in range(n):
        queue[k] = order[k]
        queued[k] = 1
    head = 0
    waiting = n
    while waiting > 0 and budget > 0:
        a = queue[head]
        head = (head + 1) % n
        waiting -= 1
        queued[a] = 0
        i = np.int64(positions[a])

        # The best change by which a gets a place near it, c, beside it.
        best = 0
        best_side = 0
        best_length = 0
        cut = i
        forward = False
        for side in range(-1, 2, 2):
            if i + side < 0 or i + side >= n:
                continue
            beside = order[i + side]
            broken = steps[i if side > 0 else i - 1]
            # Length 0: reverse all between the two broken steps. Others: move a and up to two
            # places on its other side between c and a place beside it.
            for length in range(4):
                end = beside
                gain = broken
                if length > 0:
                    after = i - side * length
                    if after < 0 or after >= n:
                        break
                    end = order[after + side]
                    beyond = order[after]
                    gain += steps[after if side > 0 else after - 1]
                    gain -= cost_of(beside, beyond, near, costs, width, totals)
                for t in range(width):
                    c = near[a * width + t]
                    if c == n or costs[a * width + t] >= broken:
                        break
                    j = np.int64(positions[c])
                    if j - i > reach or i - j > reach:
                        continue
                    for way in range(-1, 2, 2):
                        # The step from c to the place beside it is broken too.
                        h = j + way
                        if h < 0 or h >= n or (length == 0 and way != side):
                            continue
                        if 0 <= (i - j) * side < length or 0 <= (i - h) * side < length:
                            continue
                        link = j if way > 0 else h
                        saved = gain + steps[link] - costs[a * width + t]
                        if saved <= best:
                            continue
                        other = order[h]
                        saved -= cost_of(end, other, near, costs, width, totals)
                        if saved > best:
                            best = saved
                            best_side = side
                            best_length = length
                            cut = link
                            forward = (side < 0) == (way > 0)
        if best == 0:
            continue

        n_flips = sections_of(i, best_side, best_length, cut, forward, flips)
        for f in range(n_flips):
            low = flips[2 * f]
            high = flips[2 * f + 1]
            budget -= high - low
            reverse(low, high, order, positions, steps)
        for f in range(2 * n_flips):
            k = flips[f] - 1 if f % 2 == 0 else flips[f]
            steps[k] = cost_of(order[k], order[k + 1], near, costs, width, totals)
            for at in range(k, k + 2):
                if queued[order[at]] == 0:
                    queue[(head + waiting) % n] = order[at]
                    queued[order[at]] = 1
                    waiting += 1
