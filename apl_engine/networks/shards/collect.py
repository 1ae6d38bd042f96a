"""From files of travel times to pairs on their way, by part of their origin.

What is spooled is one word of eight bytes for each pair within reach; see `kernels.shards`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from ... import kernels
from ...errors import Fault, InputDataError, OnStep
from ...inputs.named_columns import NamedColumns
from ...inputs.tables import EXAMPLES, Source, table_fault
from ...inputs.travel_times import Limit
from ...inputs.validate import Categories, plan_reading
from ...kernels.catchment import WINDOW
from ...kernels.types import Bits, Float, Index, Shorts, Words
from ...method.network import OwnTimes, commune_pairs, weights_of
from ...method.sparse_rows import CommunePairs
from ...methodology.model import Travel
from ...schemas import TRAVEL_TIMES
from .. import reading
from ..reading import Piece, Totals, in_order, pieces_of, read_piece, rows_of
from .inputs import InputFile
from .work import Work, packed, totals_as_dict, totals_from_dict, unpacked

# Files that pairs are spooled to at first.
_BUCKETS = 256
# Rows that are read again if the process was killed, at most.
COMMITTED = 16_000_000


@dataclass(frozen=True)
class Plan:
    """What a network in parts is of.

    Attributes
    ----------
    codes : pl.Series
        Of the communes, sorted.
    order : uint32 (n_communes,)
        The commune at each position.
    rules : Travel
    edges : float64 (n_edges,)
    limit : Limit
        The longest time within reach.
    named : NamedColumns
        Columns that the user names.
    threads : int or None
    """

    codes: pl.Series
    order: Index
    rules: Travel
    edges: Float
    limit: Limit
    named: NamedColumns
    threads: int | None

    @property
    def size(self) -> int:
        """Number of communes."""
        return len(self.codes)

    @property
    def windows(self) -> int:
        """Number of windows of positions."""
        return -(-self.size // WINDOW)

    @property
    def beyond(self) -> int:
        """The band of pairs beyond reach."""
        return 2 * len(self.edges)

    @cached_property
    def position(self) -> Index:
        """The position of each commune."""
        position = np.empty_like(self.order)
        position[self.order] = np.arange(self.size, dtype=np.uint32)
        return position

    @cached_property
    def known(self) -> Categories:
        """The codes that tables may hold."""
        return Categories(communes=pl.Enum(self.codes), limit=self.limit)


def buckets_of(windows: int) -> Shorts:
    """Return the file that the pairs of each window are spooled to, uint16 (windows,)."""
    return (np.arange(windows) // -(-windows // _BUCKETS)).astype(np.uint16)


@dataclass
class _Ready:
    """A piece on its way to the spool."""

    totals: Totals
    faults: list[Fault]
    # The file and row that follow.
    after: tuple[int, int]
    own: list[CommunePairs]
    replaced: int
    kept: int
    # Counts by band, and by window of origin and destination.
    bands: Words
    windows: Words
    # The words by bucket, and how many each has.
    words: Bits
    counts: Words


Token = tuple[int, int, Source, pl.DataFrame | None]


class Collecting:
    """Reads files and spools their pairs; goes on where the journal ends."""

    def __init__(self, plan: Plan, files: Sequence[InputFile], work: Work, report: OnStep) -> None:
        self.plan, self.files, self.work, self._report = plan, files, work, report
        state, rules = work.state, plan.rules
        self.totals = totals_from_dict(state.totals, plan.limit)
        self.own = OwnTimes(plan.size, weights_of(rules, plan.edges))
        if state.own:
            absent = np.unpackbits(unpacked(state.own["absent"], np.uint8), count=plan.size)
            self.own.absent[:] = absent.astype(bool)
            self.own.long += state.own["long"]
            self.own.again.update(state.own["again"])
        self.own_pairs, self.kept = state.own.get("pairs", 0), state.own.get("kept", 0)
        self.bands = np.array(state.bands or [0] * (plan.beyond + 1), dtype=np.int64)
        shape = (2, plan.windows)
        self.windows = (
            unpacked(state.windows, np.int64).reshape(shape)
            if state.windows
            else np.zeros(shape, dtype=np.int64)
        )
        self._buckets = buckets_of(plan.windows)
        self._faults: dict[tuple[str, str, str | None], Fault] = {}

    def run(self) -> None:
        """Read all that was not read yet.

        Raises
        ------
        InputDataError
            The travel times are wrong; all their faults.
        """
        if self.work.state.phase != "reading":
            return
        since = 0
        ahead = min(self.plan.threads or 2, 2)
        for piece in in_order(self._ready, self._tokens(), ahead):
            self._add(piece)
            since += piece.totals.read
            if since >= COMMITTED and not self._faults:
                self._commit()
                since = 0
        faults = [*self._faults.values(), *self.totals.pairs.faults()]
        if not faults and not self.totals.read:
            faults.append(table_fault(TRAVEL_TIMES.name, "no_rows"))
        if faults:
            raise InputDataError(faults)
        self.totals.check(self.plan.limit)
        self.work.state.phase = "origins"
        self._commit()

    def _tokens(self) -> Iterator[Token]:
        """Yield what is to be read: slices of local Parquet files are read by the threads."""
        state = self.work.state
        start, rest = state.row, self.files[state.file :]
        for number, file in enumerate(rest, state.file):
            with file.opened(self.plan.named, self.work.folder / "inputs") as source:
                if len(state.files) <= number and (stamp := file.stamp(source)):
                    state.files.append(stamp)
                faults, plan = plan_reading(TRAVEL_TIMES, source, self.plan.known)
                if faults or plan is None:
                    self._note(faults, file)
                elif file.fetch is None and source.format == "Parquet":
                    height = rows_of(source, source.frame.select(pl.len())).item()
                    for row in range(start, height, reading.ROWS):
                        yield number, row, source, None
                else:
                    row = start
                    for raw in pieces_of(source, start):
                        yield number, row, source, raw
                        row += raw.height
            start = 0

    def _note(self, faults: Sequence[Fault], file: InputFile, row: int = 0) -> None:
        """Keep faults, those of one kind as one."""
        several = len(self.files) > 1
        for fault in faults:
            if several:
                fault = replace(fault, table=file.name)
            elif row:
                fault = replace(fault, rows=tuple(each + row for each in fault.rows))
            key = (fault.code, fault.table, fault.column)
            if known := self._faults.get(key):
                count = (known.count or 0) + (fault.count or 0)
                values = tuple(dict.fromkeys((*known.values, *fault.values)))[:EXAMPLES]
                rows = (*known.rows, *fault.rows)[:EXAMPLES]
                withheld = known.withheld or fault.withheld
                fault = replace(
                    known, count=count or None, values=values, rows=rows, withheld=withheld
                )
            self._faults[key] = fault

    def _ready(self, token: Token) -> _Ready:
        """Read a piece, and divide its pairs; by any thread."""
        number, row, source, raw = token
        plan = self.plan
        if raw is None:
            given = source.frame.select(TRAVEL_TIMES.names)
            raw = rows_of(source, given.slice(row, reading.ROWS))
        piece: Piece = read_piece(source, raw, plan.known)
        after, height = (number, row + raw.height), piece.rows.height
        parts, replaced = commune_pairs(piece.rows, plan.rules, plan.edges)
        del raw, piece.rows
        bands, windows = np.zeros(plan.beyond + 1, np.int64), np.zeros((2, plan.windows), np.int64)
        own = []
        for part in parts:
            kernels.count_windows(
                part.origin, part.destination, part.bands, plan.beyond, plan.position,
                len(part.bands), *windows,
            )  # fmt: skip
            here = np.flatnonzero(part.origin == part.destination)
            ends = part.origin[here]
            own.append(CommunePairs(ends, ends, part.bands[here]))
            counted = np.bincount(part.bands, minlength=plan.beyond + 1)
            # Of times beyond reach, those to oneself are pairs that were given.
            counted[plan.beyond] = np.count_nonzero(part.bands[here] == plan.beyond)
            bands += counted
        counts = np.bincount(self._buckets, windows[0], _BUCKETS).astype(np.int64)
        words = np.empty(int(counts.sum()), dtype=np.uint64)
        cursors = np.concatenate(([0], np.cumsum(counts)[:-1]))
        for part in parts:
            kernels.divide_pairs(
                part.origin, part.destination, part.bands, plan.beyond, plan.position,
                self._buckets, len(part.bands), cursors, words,
            )  # fmt: skip
        return _Ready(
            piece.totals, piece.faults, after, own, replaced, height, bands, windows, words, counts
        )

    def _add(self, piece: _Ready) -> None:
        """Count a piece, and spool its words."""
        state = self.work.state
        number, row = piece.after
        self._note(piece.faults, self.files[number], row - piece.totals.read)
        self.totals.add(piece.totals)
        self._report(f"reading travel times: {self.totals.read:,} pairs".replace(",", " "))
        if self._faults:
            return
        for part in piece.own:
            self.own_pairs += self.own.add(part)
        self.kept += piece.kept
        self.bands += piece.bands
        self.windows += piece.windows
        state.replaced += piece.replaced
        at = 0
        for bucket in np.flatnonzero(piece.counts).tolist():
            count = int(piece.counts[bucket])
            self.work.append(f"origins-{bucket:03}", piece.words[at : at + count])
            at += count
        state.file, state.row = piece.after

    def _commit(self) -> None:
        state = self.work.state
        state.totals = totals_as_dict(self.totals)
        state.own = {
            "absent": packed(np.packbits(self.own.absent)),
            "long": self.own.long,
            "again": sorted(self.own.again),
            "pairs": self.own_pairs,
            "kept": self.kept,
        }
        state.bands, state.windows = self.bands.tolist(), packed(self.windows)
        self.work.commit()
