"""From pairs on their way to parts: sorted into rows, by origin and then by destination.

Parts by origin are sorted one by one. Each hands its pairs on, turned round, to the parts by
destination, which get them by rising origin: they need no sorting.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from ... import kernels
from ...columns import Indices
from ...errors import InputDataError, Note, OnStep
from ...inputs.travel_times import keep_once
from ...kernels.catchment import WINDOW
from ...kernels.shards import REPEATED
from ...kernels.threads import run_all, share_out
from ...kernels.types import Bits, Index, Pointers, Shorts, Words
from ...method.runs import runs_in_place
from ...method.sparse_rows import COMMUNE_BITS, MOST_COMMUNES, Rows, time_bands
from ...schemas import TRAVEL_TIMES
from ..islands import islands_among
from ..reading import pieces_of, read_piece
from ..structure import BAND, RUNS
from .collect import Collecting, buckets_of
from .limits import Limits
from .parts import write_part
from .work import Work

# Pairs that are read, or turned round, at once.
_CHUNK = 2**20
# Repeated pairs whose times are compared at once.
_COMPARED = 2**22


@dataclass
class _Cut:
    """Ranges of windows with about as many pairs as a part may have."""

    bounds: list[int]
    # The part of each window.
    part_of: Shorts

    @classmethod
    def of(cls, counts: Words, limits: Limits, memory: int) -> _Cut:
        limits.check_window(int(counts.max(initial=0)), memory)
        bounds, total = [0], 0
        for window, count in enumerate(counts.tolist()):
            if total and total + count > limits.pairs:
                bounds.append(window)
                total = 0
            total += count
        bounds.append(len(counts))
        part_of = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds)).astype(np.uint16)
        return cls(bounds, part_of)


class Arranging:
    """Makes the parts of a network; goes on where the journal ends."""

    def __init__(
        self, collected: Collecting, work: Work, limits: Limits, memory: int, weights: Words,
        kept: list[int], report: OnStep,
    ) -> None:  # fmt: skip
        self.plan, self.work, self.collected = collected.plan, work, collected
        self._weights, self._kept, self._report = weights, kept, report
        plan, windows = self.plan, collected.windows.copy()
        self._absent = collected.own.absent[plan.order]
        # The times to oneself that are missing are pairs too.
        minutes = np.array([float(plan.rules.same_commune_minutes)])
        self._own_band = int(time_bands(minutes, plan.edges)[0])
        if self._own_band == plan.beyond:
            self._absent = np.zeros_like(self._absent)
        missing = np.add.reduceat(self._absent, np.arange(0, plan.size, WINDOW), dtype=np.int64)
        self._origins = _Cut.of(windows[0] + missing, limits, memory)
        self._destinations = _Cut.of(windows[1] + missing, limits, memory)
        islands = islands_among(plan.codes)
        self._islands = None
        if len(islands):
            self._islands = np.zeros(plan.size, dtype=bool)
            self._islands[plan.position[islands]] = True
        self.counted = work.state.arranged or {
            "pairs": 0, "alone": 0, "repeats": 0, "bands": [0] * plan.beyond, "islands": [],
            "bytes": {"rows": 0, "runs": 0}, "runs": 0, "in_runs": True, "notes": [],
        }  # fmt: skip
        work.state.arranged = self.counted

    def run(self) -> None:
        """Make all parts that are not made yet."""
        state = self.work.state
        if state.phase == "origins":
            for number, _ in self._left(self._origins, "by_origin"):
                self._by_origin(number)
            state.phase = "repeats"
            self.work.commit()
        if state.phase == "repeats":
            self.counted["notes"] = [note.as_dict() for note in self._settle_repeats()]
            state.phase = "destinations"
            self.work.commit()
        if state.phase == "destinations":
            for number, _ in self._left(self._destinations, "by_destination"):
                self._by_destination(number)
            state.phase = "done"
            self.work.commit()

    def _left(self, cut: _Cut, way: str) -> Iterator[tuple[int, int]]:
        """Yield the parts of a direction that are not made yet, and report each."""
        count, done = len(cut.bounds) - 1, len(self.work.state.parts[way])
        for number in range(done, count):
            words = way.replace("_", " ")
            self._report(f"sorting pairs {words}: part {number + 1} of {count}")
            yield number, count

    def _rows_of(self, cut: _Cut, number: int) -> tuple[int, int]:
        first, last = (WINDOW * bound for bound in cut.bounds[number : number + 2])
        return first, min(last, self.plan.size)

    def _by_origin(self, number: int) -> None:
        first, last = self._rows_of(self._origins, number)
        buckets = buckets_of(self.plan.windows)
        own = np.flatnonzero(self._absent[first:last]).astype(np.uint64) + np.uint64(first)
        own = own << np.uint64(32) | own << np.uint64(8) | np.uint64(self._own_band)
        used = np.unique(buckets[slice(*self._origins.bounds[number : number + 2])]).tolist()
        names = [f"origins-{bucket:03}" for bucket in used]
        rows = self._sorted(self._filled(names, first, last, own), first)
        self._count(rows, first)
        own_bands = {f"{BAND}{band}": _ends_of(rows, band) for band in self._kept}
        with ThreadPoolExecutor(1) as pool:
            # The processor derives runs while the disk is written to.
            turned = pool.submit(self._turn, rows, first)
            self._write("by_origin", rows, first, last, own_bands)
            turned.result()
        self.work.commit()
        # Of a file whose windows may be in the next part too, that part has the rest.
        rest = buckets[self._origins.bounds[number + 1] :][:1].tolist()
        for bucket, name in zip(used, names, strict=True):
            if bucket not in rest:
                self.work.forget(name)

    def _by_destination(self, number: int) -> None:
        first, last = self._rows_of(self._destinations, number)
        name = f"destinations-{number:04}"
        rows = self._filled([name], first, last, np.empty(0, dtype=np.uint64))
        self._write("by_destination", rows, first, last, {})
        self.work.commit()
        self.work.forget(name)

    def _filled(self, names: list[str], first: int, last: int, own: Bits) -> Rows:
        """Return the pairs of some rows, in the order in which they were spooled."""
        counts = np.zeros(last - first, dtype=np.int64)
        for words in self._words(names, own):
            kernels.count_words(words, len(words), first, last, counts)
        pointers = np.concatenate(([0], np.cumsum(counts)))
        cursors, pairs = pointers[:-1].copy(), np.empty(pointers[-1], dtype=np.uint32)
        middle = first + int(np.searchsorted(pointers, pointers[-1] // 2))
        bounds = [first, min(max(middle, first), last), last]
        for words in self._words(names, own):

            def place(low: int, high: int, words: Bits = words) -> None:
                if low < high:
                    at = cursors[low - first : high - first]
                    kernels.place_words(words, len(words), low, high, at, pairs)

            threads = 1 if self.plan.threads == 1 else 2
            if threads == 1:
                place(first, last)
            else:
                run_all([partial(place, *each) for each in pairwise(bounds)])
        return Rows(pointers, pairs)

    def _words(self, names: list[str], own: Bits) -> Iterator[Bits]:
        for name in names:
            start = 0
            while len(words := self.work.words(name, start, _CHUNK)):
                yield words
                start += len(words)
        yield own

    def _sorted(self, rows: Rows, first: int) -> Rows:
        """Return rows sorted by place, each place once; keep those that were there again."""
        size, n = self.plan.size, len(rows.pointers) - 1
        lengths, repeats = np.empty(n, dtype=np.int64), [np.zeros(1, dtype=np.int64)]

        def sort(start: int, stop: int) -> None:
            found = np.zeros(1, dtype=np.int64)
            repeats.append(found)
            kernels.sort_places(
                rows.pointers, start, stop, np.zeros((size >> 6) + 1, np.uint64),
                np.zeros((size >> 12) + 1, np.uint64), np.empty(size, np.uint8),
                rows.pairs, lengths, found,
            )  # fmt: skip

        share_out(sort, rows.pointers, self.plan.threads)
        again = int(sum(found[0] for found in repeats))
        if not again:
            return rows
        at = np.flatnonzero(rows.pairs >> COMMUNE_BITS == REPEATED)
        row = np.searchsorted(rows.pointers, at, side="right") - 1 + first
        keys = self._keys(row, rows.pairs[at] & np.uint32(MOST_COMMUNES - 1))
        self.work.append("repeats", np.unique(keys))
        self.counted["repeats"] += again
        kept = rows.pairs[rows.pairs >> COMMUNE_BITS != REPEATED]
        return Rows(np.concatenate(([0], np.cumsum(lengths))), kept)

    def _keys(self, rows: Indices, places: Index) -> Bits:
        order = self.plan.order.astype(np.uint64)
        keys: Bits = order[rows] << np.uint64(32) | order[places]
        return keys

    def _count(self, rows: Rows, first: int) -> None:
        """Count what notes and the manifest state."""
        counted, lengths = self.counted, np.diff(rows.pointers)
        counted["pairs"] += len(rows.pairs)
        counted["alone"] += int(np.count_nonzero(lengths <= 1))
        bands = np.array(counted["bands"], dtype=np.int64)
        for start in range(0, len(rows.pairs), _CHUNK):
            part = rows.pairs[start : start + _CHUNK] >> np.uint32(COMMUNE_BITS)
            bands += np.bincount(part, minlength=len(bands))
        counted["bands"] = bands.tolist()
        if self._islands is None:
            return
        origins = np.repeat(np.arange(len(lengths)), lengths) + first
        places = rows.communes
        at = np.flatnonzero(self._islands[origins] | self._islands[places])
        order = self.plan.order
        pairs = np.stack([order[origins[at]], order[places[at]]], axis=1)
        counted["islands"] += pairs.tolist()

    def _turn(self, rows: Rows, first: int) -> None:
        """Hand pairs on to the parts by destination."""
        cut = self._destinations
        n_parts = len(cut.bounds) - 1
        steps = np.searchsorted(rows.pointers, np.arange(0, len(rows.pairs), _CHUNK)).tolist()
        for start, stop in pairwise(dict.fromkeys([*steps, len(rows.pointers) - 1])):
            low, high = rows.pointers[start], rows.pointers[stop]
            places = rows.pairs[low:high] & np.uint32(MOST_COMMUNES - 1)
            counts = np.bincount(cut.part_of[places >> np.uint32(8)], minlength=n_parts)
            ends = np.concatenate(([0], np.cumsum(counts)))
            words = np.empty(high - low, dtype=np.uint64)
            kernels.divide_rows(
                rows.pointers, rows.pairs, cut.part_of, first, start, stop,
                ends[:-1].copy(), words,
            )  # fmt: skip
            for part in np.flatnonzero(counts).tolist():
                self.work.append(f"destinations-{part:04}", words[ends[part] : ends[part + 1]])

    def _write(self, way: str, rows: Rows, first: int, last: int, more: dict[str, Any]) -> None:
        """Write the files of a part."""
        counted, folder = self.counted, self.work.folder
        held = write_part(folder, {"pointers": rows.pointers, "pairs": rows.pairs})
        counted["bytes"]["rows"] += rows.pointers.nbytes + rows.pairs.nbytes
        runs, derived = None, None
        if counted["in_runs"]:
            derived = runs_in_place(rows, self._weights, self.plan.size, self.plan.threads)
            counted["in_runs"] = derived is not None
        if derived:
            arrays = {name: getattr(derived, name) for name in RUNS[1:]}
            runs = write_part(folder, {**arrays, **more}).as_dict()
            counted["bytes"]["runs"] += sum(array.nbytes for array in arrays.values())
            counted["bytes"]["runs"] += 4 * (last - first)
            counted["runs"] += len(derived.starts)
        entry = {"first": first, "last": last, "pairs": len(rows.pairs),
                 "rows": held.as_dict(), "runs": runs}  # fmt: skip
        self.work.state.parts[way].append(entry)

    def _settle_repeats(self) -> Iterator[Note]:
        """Compare the times of pairs that are on several rows; yield the note on them.

        Raises
        ------
        InputDataError
            They differ.
        """
        own = np.array(sorted(self.collected.own.again), dtype=np.uint64)
        start, count, shown = 0, 0, list[str]()
        more = own << np.uint64(32) | own
        while len(keys := self.work.words("repeats", start, _COMPARED)) or len(more):
            start += len(keys)
            keys, more = np.unique(np.concatenate([keys, more])), more[:0]
            rows = self._rows_with(keys)
            _, faults, notes = keep_once(rows.drop("row"), self.plan.limit, rows["row"])
            if faults:
                raise InputDataError(faults)
            for note in notes:
                count += note.count
                shown += note.examples
        self.work.forget("repeats")
        if count:
            code = f"{TRAVEL_TIMES.name}.repeated_pairs"
            yield Note(code, count, tuple(sorted(shown)[:3]))

    def _rows_with(self, keys: Bits) -> pl.DataFrame:
        """Return all rows of some pairs: origin, destination, minutes and their number."""
        self._report("comparing pairs that are on several rows")
        plan, found, height = self.plan, list[pl.DataFrame](), 0
        for file in self.collected.files:
            with file.opened(plan.named, self.work.folder / "inputs") as source:
                for raw in pieces_of(source):
                    rows = read_piece(source, raw.with_row_index("row", height), plan.known)
                    height += raw.height
                    found.append(_among(rows.rows, raw, keys, height - raw.height))
        return pl.concat(found)


def _among(rows: pl.DataFrame, raw: pl.DataFrame, keys: Bits, before: int) -> pl.DataFrame:
    """Return the rows of some pairs, with their number if none was left out before them."""
    numbers = (
        np.arange(before, before + raw.height, dtype=np.int64)
        if rows.height == raw.height
        else np.full(rows.height, before, dtype=np.int64)
    )
    ends = (rows[name].to_physical().cast(pl.UInt64).to_numpy() for name in
            ("origin", "destination"))  # fmt: skip
    origin, destination = ends
    key = origin << np.uint64(32) | destination
    at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    has = np.flatnonzero(keys[at] == key)
    return (
        rows[has]
        .select("origin", "destination", "minutes")
        .with_columns(row=pl.Series(numbers[has]))
    )


def _ends_of(rows: Rows, band: int) -> Pointers | Index:
    """Return row and place of each pair of a band, uint32 (2, n)."""
    at = np.flatnonzero(rows.pairs >> np.uint32(COMMUNE_BITS) == band)
    row = np.searchsorted(rows.pointers, at, side="right") - 1
    return np.stack([row.astype(np.uint32), rows.communes[at]])
