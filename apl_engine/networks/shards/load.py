"""A network in parts: mapped a part at a time, or joined in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...errors import Fault, InputDataError, Note
from ...kernels.catchment import MOST_WIDTH
from ...kernels.types import Index, Words
from ...method.network import BandPairs, RowsBothWays, Stored, TravelNetwork, Ways
from ...method.runs import factors_of
from ...method.sharded_rows import OnWorkers, RowPart, ShardedRows, joined, pairs_of_parts
from ...method.sparse_rows import Rows
from ...method.weighted_rows import RunRows
from ..structure import (
    BAND,
    CODES,
    ORDER,
    RUNS,
    WAYS,
    Arrays,
    Shapes,
    are_transposed,
    is_permutation,
    misshapen,
    odd_rows,
    out_of_bounds,
    random_words,
    shapes_of_runs,
)
from .manifest import files_of, read_manifest
from .parts import Part, Written

if TYPE_CHECKING:
    from ...executors import Workers
    from ...method.runs import LaidOut

# Bytes of a pair while parts are joined: both ends and a band, and a word each way.
_JOINED = 17


def load_folder(path: Path, check: bool, again: Callable[[str, str], TravelNetwork],
                expected: str = "") -> TravelNetwork:  # fmt: skip
    """Open a network in parts.

    Parameters
    ----------
    path : Path
        The folder.
    check : bool
        Whether digests and content of parts are checked when they are first used.
    again : callable
        What loads it in another process.
    expected : str
        The digest that it must have; any if it is empty.
    """
    described, digest = read_manifest(path)
    if expected not in ("", digest):
        raise InputDataError(Fault("network.changed", path.name))
    path = path.absolute()
    for entry in files_of(described):
        Part(path, Written(entry["file"], entry["bytes"]), check).check_size()
    pairs = ShardedPairs(path, described, check)
    stored = Stored(again, str(path), digest)
    counts, layout = described["band_counts"], described["layout"]
    return TravelNetwork(
        communes=pairs.codes(),
        rows=pairs,
        edges=np.array(described["edges"]),
        built_by=described["built_by"],
        built_for=np.array(described["built_for"], dtype=np.int64),
        notes=tuple(Note.from_dict(note) for note in described["notes"]),
        source=described["source"],
        layout=layout and ShardedLayout(pairs, layout),
        of_bands=BandPairs(np.array(counts, dtype=np.int64), _OfBands(pairs)),
    ).stored_at(stored)


@dataclass(frozen=True)
class ShardedPairs:
    """The pairs of a network in parts, in both directions; see `Pairs`.

    Attributes
    ----------
    folder : Path
        Where the parts are.
    described : mapping
        The manifest.
    check : bool
        Whether parts are checked when they are first used.
    """

    folder: Path
    described: Mapping[str, Any] = field(repr=False)
    check: bool

    def __reduce__(self) -> tuple[type[RowsBothWays], tuple[Rows, Rows]]:
        return RowsBothWays, (self.by_origin, self.by_destination)

    @property
    def count(self) -> int:  # noqa: D102
        return int(self.described["pairs"])

    @property
    def by_origin(self) -> Rows:  # noqa: D102
        return self._joined[0]

    @property
    def by_destination(self) -> Rows:  # noqa: D102
        return self._joined[1]

    @cached_property
    def _joined(self) -> tuple[Rows, Rows]:
        needed, present = _JOINED * self.count, _memory()
        if needed > present:
            details = {"pairs": self.count, "gib": needed / 2**30, "present": present / 2**30}
            raise InputDataError(Fault("network.too_large_to_join", self.folder.name,
                                       details=details))  # fmt: skip
        return joined(self.order, self.parts("by_origin"), 2 * len(self.described["edges"]))

    def weighted(self, weights: Words, layout: LaidOut | None) -> Ways:  # noqa: D102
        as_runs = layout is not None
        return Ways(*(self.way(way, weights, as_runs) for way in WAYS))

    def way(self, way: str, weights: Words, as_runs: bool) -> ShardedRows:
        """Return a direction with weights, as runs if they serve these."""
        return ShardedRows(self.order, self.parts(way), weights, as_runs)

    def parts(self, way: str) -> list[RowPart]:
        """Return the parts of a direction."""
        runs = self.described["layout"] is not None
        return [
            RowPart(
                entry["first"], entry["last"], entry["pairs"],
                partial(self._pairs, entry), partial(self._runs, entry) if runs else None,
            )
            for entry in self.described["parts"][way]
        ]  # fmt: skip

    @property
    def size(self) -> int:
        """Number of communes."""
        return int(self.described["communes"])

    @property
    def order(self) -> Index:
        """The commune at each position, uint32 (n_communes,)."""
        return self._places[ORDER]

    def codes(self) -> pl.Series:
        """Return the codes of the communes, sorted."""
        try:
            text = self._places[CODES].tobytes().decode()
        except UnicodeDecodeError:
            text = ""
        # No list of them: there may be millions.
        codes = pl.Series("commune", [text]).str.split("\n").explode(empty_as_null=False)
        if len(codes) != self.size or not (codes[1:] > codes[:-1]).all():
            raise self._part(self.described["places"]).refused("malformed", parts=(CODES,))
        return codes

    @cached_property
    def _places(self) -> Arrays:
        shapes: Shapes = {CODES: ("uint8", (None,)), ORDER: ("uint32", (self.size,))}

        def odd(arrays: Arrays) -> Iterator[str]:
            if not is_permutation(arrays[ORDER]):
                yield ORDER

        return self._checked(self.described["places"], lambda _: shapes, odd)

    def _part(self, entry: Mapping[str, Any]) -> Part:
        return Part(self.folder, Written(entry["file"], entry["bytes"]), self.check)

    def _checked(
        self,
        entry: Mapping[str, Any],
        shapes: Callable[[Arrays], Shapes],
        odd: Callable[[Arrays], Iterator[str]],
    ) -> Arrays:
        """Return the arrays of a part; refuse any that no network has."""
        part = self._part(entry)
        arrays, new = part.arrays()
        wrong = tuple(misshapen(arrays, shapes(arrays)))
        if not wrong and new:
            wrong = tuple(odd(arrays))
        if wrong:
            raise part.refused("malformed", parts=wrong)
        if new:
            part.mark_verified()
        return arrays

    def _pairs(self, entry: Mapping[str, Any]) -> Rows:
        rows, bands = entry["last"] - entry["first"], 2 * len(self.described["edges"])
        shapes: Shapes = {
            "pointers": ("int64", (rows + 1,)),
            "pairs": ("uint32", (entry["pairs"],)),
        }
        arrays = self._checked(
            entry["rows"],
            lambda _: shapes,
            lambda arrays: odd_rows(arrays, "pointers", "pairs", self.size, bands),
        )
        return Rows(arrays["pointers"], arrays["pairs"])

    def _runs(self, entry: Mapping[str, Any]) -> RunRows:
        rows, weights = entry["last"] - entry["first"], self._weights
        factors = factors_of(weights)

        def of(arrays: Arrays) -> RunRows:
            return RunRows(
                order=np.arange(rows, dtype=np.uint32), factors=factors,
                heaviest=int(weights.max()), **{name: arrays[name] for name in RUNS[1:]},
            )  # fmt: skip

        def odd(arrays: Arrays) -> Iterator[str]:
            wrong = [*out_of_bounds(arrays, "", rows, self.size)]
            for name in (name for name in arrays if name.startswith(BAND)):
                limits = np.array([[rows], [self.size]])
                if (arrays[name] >= limits).any():
                    wrong.append(name)
            if not wrong:
                sums = of(arrays).add(np.arange(self.size + 1), None).words
                if not np.array_equal(np.clip(sums, 0, MOST_WIDTH), arrays["widths"]):
                    wrong.append("widths")
            yield from wrong

        def shapes(arrays: Arrays) -> Shapes:
            expected = shapes_of_runs({**arrays, "factors": factors}, "", rows, self.size)
            del expected["factors"]
            bands = {name: ("uint32", (2, None)) for name in arrays if name.startswith(BAND)}
            return {**expected, **bands}

        return of(self._checked(entry["runs"], shapes, odd))

    @property
    def _weights(self) -> Words:
        return np.array(self.described["layout"]["weights"], dtype=np.int64)

    def pairs_of(self, band: int) -> tuple[Index, Index]:
        """Return origin and destination of each pair of a band, by origin."""
        found = [self._of_band(entry, band) for entry in self.described["parts"]["by_origin"]]
        origins, destinations = (np.concatenate([each[k] for each in found]) for k in (0, 1))
        at = np.lexsort((destinations, origins))
        return origins[at], destinations[at]

    def _of_band(self, entry: Mapping[str, Any], band: int) -> tuple[Index, Index]:
        order, name = self.order, f"{BAND}{band}"
        own = order[entry["first"] : entry["last"]]
        if self.described["layout"] is not None:
            self._runs(entry)
            arrays, _ = self._part(entry["runs"]).arrays()
            if name in arrays:
                rows, places = arrays[name]
                return own[rows], order[places]
        part = RowPart(entry["first"], entry["last"], entry["pairs"], partial(self._pairs, entry))
        (pairs,) = pairs_of_parts(order, [part])
        at = pairs.bands == band
        return pairs.origin[at], pairs.destination[at]

    in_parts = True

    def divided(self, ways: Ways, workers: Workers, network: TravelNetwork) -> Ways:  # noqa: D102
        made = []
        for name in WAYS:
            rows = getattr(ways, name)
            elsewhere = OnWorkers(workers, network, name, rows.weights, rows.as_runs)
            made.append(replace(rows, elsewhere=elsewhere))
        return Ways(*made)

    def verify(self) -> None:
        """Read all parts, and compare both directions, and runs with pairs.

        Raises
        ------
        InputDataError
            A part is damaged, or others contradict it.
        """
        bands = 2 * len(self.described["edges"])
        # The least bit of each weight is set: no two bands are taken for each other.
        weights = random_words(bands) | 1
        counts = np.zeros(bands, dtype=np.int64)
        for part in self.parts("by_origin"):
            counts += np.bincount(part.open_pairs().bands, minlength=bands)
        if counts.tolist() != self.described["band_counts"]:
            raise self._refused("band_counts")
        one, other = (self.way(way, weights, False) for way in WAYS)
        if not are_transposed(one, other, self.size):
            raise self._refused(*WAYS)
        if self.described["layout"] is None:
            return
        words = random_words(self.size)
        for way in WAYS:
            runs, pairs = (self.way(way, self._weights, as_runs) for as_runs in (True, False))
            sums = (rows.add(rows.terms(words), None) for rows in (runs, pairs))
            if not all(np.array_equal(*both) for both in zip(*sums, strict=True)):
                raise self._refused(way)

    def _refused(self, *parts: str) -> InputDataError:
        return InputDataError(
            Fault("network.malformed", self.folder.name, details={"parts": parts})
        )

    def runs_in_memory(self, way: str) -> RunRows:
        """Return the runs of a direction, joined."""
        parts = [self._runs(entry) for entry in self.described["parts"][way]]
        first_runs = np.concatenate(([0], np.cumsum([len(part.starts) for part in parts])))
        pointers = [part.pointers[:-1] + first
                    for part, first in zip(parts, first_runs, strict=False)]  # fmt: skip
        widths = np.empty(self.size, dtype=np.uint32)
        widths[self.order] = np.concatenate([part.widths for part in parts])
        whole = {name: np.concatenate([getattr(part, name) for part in parts])
                 for name in ("members", "counts", "starts", "lengths")}  # fmt: skip
        return RunRows(
            order=self.order, factors=parts[0].factors, widths=widths, heaviest=parts[0].heaviest,
            pointers=np.concatenate([*pointers, first_runs[-1:]]), **whole,
        )  # fmt: skip


class ShardedLayout:
    """The runs of a network in parts; see `Layout`."""

    def __init__(self, pairs: ShardedPairs, described: Mapping[str, Any]) -> None:
        self._pairs = pairs
        self.weights = np.array(described["weights"], dtype=np.int64)
        self.nbytes, self.runs_per_row = int(described["bytes"]), float(described["runs_per_row"])

    @property
    def order(self) -> Index:
        """The commune at each position."""
        return self._pairs.order

    @cached_property
    def by_origin(self) -> RunRows:
        """The runs by origin, in memory."""
        return self._pairs.runs_in_memory("by_origin")

    @cached_property
    def by_destination(self) -> RunRows:
        """The runs by destination, in memory."""
        return self._pairs.runs_in_memory("by_destination")


class _OfBands(Mapping[int, tuple[Index, Index]]):
    """The pairs of each band, read when asked for."""

    def __init__(self, pairs: ShardedPairs) -> None:
        self._pairs, self._bands = pairs, range(2 * len(pairs.described["edges"]))

    def __contains__(self, band: object) -> bool:
        return band in self._bands

    def __getitem__(self, band: int) -> tuple[Index, Index]:
        if band not in self._bands:
            raise KeyError(band)
        return self._pairs.pairs_of(band)

    def __iter__(self) -> Iterator[int]:
        return iter(self._bands)

    def __len__(self) -> int:
        return len(self._bands)


def _memory() -> int:
    """Return the bytes of memory that this machine has free, as far as it says."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            known = dict(line.split(":") for line in file)
        return 1024 * int(known["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):
        pass
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return 2**62
