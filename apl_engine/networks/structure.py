"""What the header and the arrays of a prepared network must be.

Digests tell that a file is as it was written, not that a network was. Kernels index by what the
arrays hold, and would read beyond them: bounds come first. What lies within them is then held
against the rest of the file: both directions, widths, and the pairs say the same.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import Note
from ..kernels.catchment import MOST_WIDTH, WINDOW
from ..method.network import BUILT_BY
from ..method.runs import SHORT, Layout
from ..method.sparse_rows import COMMUNE_BITS, MOST_COMMUNES, MOST_EDGES, Rows
from ..method.weighted_rows import PairRows, RunRows, WeightedRows

Arrays = Mapping[str, npt.NDArray[Any]]
# Type and shape by name; None is any length.
Shapes = dict[str, tuple[str, tuple[int | None, ...]]]

ALIGNMENT = 64
CODES, ORDER = "codes", "order"
PAIRS = ("origin_pointers", "origin_pairs", "destination_pointers", "destination_pairs")
# The arrays of `RunRows`, for each direction.
RUNS = ("factors", "pointers", "members", "counts", "starts", "lengths", "widths")
WAYS = ("by_origin", "by_destination")
# Before the number of a band whose pairs are stored apart.
BAND = "band."

# The keys of the header after its format.
_HEADER: Mapping[str, type | tuple[type, ...]] = {
    "communes": int,
    "pairs": int,
    "edges": list,
    "built_by": dict,
    "built_for": list,
    "layout": (dict, type(None)),
    "band_counts": (list, type(None)),
    "source": dict,
    "notes": list,
    "bytes": int,
}
_NOTE = {"code": str, "count": int, "examples": list, "warning": bool, "details": dict}
_FILE = {"file": str, "sha256": str}
_SECTION = {"at": int, "bytes": int, "sha256": str, "arrays": dict}
_ARRAY = {"at": int, "shape": list, "dtype": str}
_TYPES = ("uint8", "uint16", "uint32", "int64")
# Levels of the description of a network.
_DEEPEST = 12
# Pairs that are looked at together: few enough to stay in a cache.
_CHUNK = 2**15


def faults_of_header(described: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of a header that are missing, or have no value that a network can have."""
    wrong = [*faults_of_description(described)]
    yield from wrong
    sections = described.get("sections")
    if not isinstance(sections, list) or not isinstance(described.get("bytes"), int):
        yield from ("sections",) if not isinstance(sections, list) else ()
        return
    if len(sections) != 2 or not all(_is_section(each, described["bytes"]) for each in sections):
        yield "sections"


def faults_of_description(described: Mapping[str, Any]) -> Iterator[str]:
    """Yield the same of the keys that say what a network is, not where its arrays are."""
    absent = [*unlike(described, _HEADER)]
    yield from absent
    if absent:
        return
    edges, weights = described["edges"], [described["built_for"]]
    if not 0 <= described["communes"] <= MOST_COMMUNES:
        yield "communes"
    if not 0 <= described["pairs"] <= described["bytes"]:
        yield "pairs"
    if not (0 < len(edges) <= MOST_EDGES and _rise(edges)):
        yield "edges"
    if unlike(described["built_by"], dict.fromkeys(BUILT_BY, str)):
        yield "built_by"
    if described["layout"] is not None:
        weights.append(described["layout"].get("weights"))
    for key, given in zip(("built_for", "layout"), weights, strict=False):
        if not (isinstance(given, list) and len(given) == 2 * len(edges) and _are_weights(given)):
            yield key
    counts = described["band_counts"]
    if counts is not None and not (
        len(counts) == 2 * len(edges)
        and all(isinstance(count, int) and count >= 0 for count in counts)
        and sum(counts) == described["pairs"]
    ):
        yield "band_counts"
    if not all(_is_note(note) for note in described["notes"]):
        yield "notes"
    source = described["source"]
    files, year = source.get("files", []), source.get("vintage")
    if (
        not isinstance(files, list)
        or any(unlike(file, _FILE) for file in files)
        or not isinstance(year, int | str | None)
    ):
        yield "source"


def unlike(given: Any, kinds: Mapping[str, type | tuple[type, ...]]) -> list[str]:
    """Return the keys that are missing or of another type; all of them if there is no mapping."""
    if not isinstance(given, dict):
        return list(kinds)
    return [k for k, kind in kinds.items() if k not in given or not isinstance(given[k], kind)]


def is_deep(value: Any) -> bool:
    """Return whether a description is nested deeper than any network's."""
    level = [value]
    for _ in range(_DEEPEST):
        inner = [each.values() if isinstance(each, dict) else each
                 for each in level if isinstance(each, dict | list)]  # fmt: skip
        level = [value for values in inner for value in values]
    return bool(level)


def _is_note(given: Any) -> bool:
    """Return whether something is a remark that can be put into words."""
    if unlike(given, _NOTE) or not re.fullmatch(r"[a-z_]+\.[a-z_0-9]+", given["code"]):
        return False
    if not all(isinstance(example, str) for example in given["examples"]):
        return False
    try:
        return bool(str(Note.from_dict(given)))
    # An unknown code or fact, or one of another type than its template takes.
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError):
        return False


def _rise(edges: list[Any]) -> bool:
    numbers = all(isinstance(edge, float) and math.isfinite(edge) for edge in edges)
    return numbers and all(low < high for low, high in zip([0.0, *edges], edges, strict=False))


def _are_weights(given: list[Any]) -> bool:
    return all(isinstance(weight, int) and 0 <= weight < 2**31 for weight in given)


def _is_section(section: Any, size: int) -> bool:
    """Return whether a section lies in the file, and each of its arrays in the section."""
    if unlike(section, _SECTION) or not _lies_in(section["at"], section["bytes"], size):
        return False
    return all(is_array(array, section["bytes"]) for array in section["arrays"].values())


def is_array(array: Any, size: int) -> bool:
    """Return whether what describes an array describes one that lies in so many bytes."""
    if unlike(array, _ARRAY) or array["dtype"] not in _TYPES:
        return False
    if not all(isinstance(length, int) and length >= 0 for length in array["shape"]):
        return False
    count = math.prod(array["shape"])
    return _lies_in(array["at"], count * np.dtype(array["dtype"]).itemsize, size)


def _lies_in(at: int, length: int, size: int) -> bool:
    return at % ALIGNMENT == 0 and at >= 0 and length >= 0 and at + length <= size


def layout_of(described: Mapping[str, Any], arrays: Arrays) -> Layout | None:
    """Return the runs of a network, if it has any."""
    if described["layout"] is None:
        return None
    weights, order = np.array(described["layout"]["weights"], dtype=np.int64), arrays[ORDER]
    by_origin, by_destination = (
        RunRows(
            order=order,
            heaviest=int(weights.max()),
            **{name: arrays[f"{way}.{name}"] for name in RUNS},
        )
        for way in WAYS
    )
    return Layout(weights, order, by_origin, by_destination)


def faults_of_runs(
    described: Mapping[str, Any], arrays: Arrays, content: bool, _: Arrays
) -> Iterator[str]:
    """Yield the names of the arrays of the first section that are missing or misshapen.

    And if `content` is to be checked, of those that do not hold runs, or other runs than the rest
    of the section says.
    """
    size = described["communes"]
    shapes: Shapes = {CODES: ("uint8", (None,))}
    if described["layout"] is not None:
        shapes[ORDER] = ("uint32", (size,))
        for way in WAYS:
            shapes |= shapes_of_runs(arrays, f"{way}.", size, size)
    bands = [name for name in arrays if name.startswith(BAND)]
    counts = dict(enumerate(described["band_counts"] or ()))
    for name in bands:
        number = name.removeprefix(BAND)
        count = counts.get(int(number) if number.isdecimal() else -1)
        # What has no count has no shape either.
        shapes[name] = ("uint32", (2, count) if count is not None else ())
    wrong = [*misshapen(arrays, shapes)]
    yield from wrong
    if wrong or not content:
        return
    yield from (name for name in bands if arrays[name].size and int(arrays[name].max()) >= size)
    if described["layout"] is None:
        return
    if not is_permutation(arrays[ORDER]):
        wrong.append(ORDER)
    for way in WAYS:
        wrong += [f"{way}.{name}" for name in out_of_bounds(arrays, f"{way}.", size, size)]
    yield from wrong
    # Kernels read from here on.
    if not wrong:
        yield from _contradictions(layout_of(described, arrays), described["band_counts"])


def shapes_of_runs(arrays: Arrays, prefix: str, rows: int, positions: int) -> Shapes:
    """Return types and shapes of the arrays of runs of some rows, by prefixed name."""
    windows, short = -(-rows // WINDOW), "uint16" if positions <= SHORT else "uint32"
    factors, runs = (_length(arrays, f"{prefix}{name}") for name in ("factors", "starts"))
    if factors is None:
        counts = arrays.get(f"{prefix}counts")
        factors = counts.shape[1] if counts is not None and counts.ndim == 2 else None
    of_way: tuple[tuple[str, tuple[int | None, ...]], ...] = (
        ("int64", (factors,)), ("int64", (windows + 1,)), ("uint8", (rows,)),
        ("uint16", (rows, factors)), (short, (runs,)), ("uint8", (runs,)), ("uint32", (rows,)),
    )  # fmt: skip
    return {f"{prefix}{name}": of for name, of in zip(RUNS, of_way, strict=True)}


def _contradictions(layout: Layout | None, counts: list[int] | None) -> Iterator[str]:
    """Yield the names of arrays of runs that others contradict."""
    assert layout
    levels = np.unique(np.append(layout.weights, 0))
    ones = np.ones(len(layout.order), dtype=np.int64)
    total = None if counts is None else int(np.dot(counts, layout.weights))
    wrong = []
    for name in WAYS:
        way: RunRows = getattr(layout, name)
        if not np.array_equal(way.factors, np.unique(np.diff(levels))):
            wrong.append(f"{name}.factors")
            continue
        words = way.add(way.terms(ones), None).words
        if not np.array_equal(np.clip(words, 0, MOST_WIDTH), way.widths):
            wrong.append(f"{name}.widths")
        elif total not in (None, int(words.sum())):
            wrong.append(f"{name}.lengths")
    if not wrong and not are_transposed(layout.by_origin, layout.by_destination, len(ones)):
        # Not told apart: either direction may be the wrong one.
        wrong = [f"{name}.starts" for name in WAYS]
    yield from wrong


def are_transposed(one: WeightedRows, other: WeightedRows, size: int) -> bool:
    """Return whether two directions have the same pairs, by the product with random words.

    That of others is the same in one of 2**60 trials at most, and the words are new in each.
    """
    x, y = random_words(size), random_words(size)
    there, back = one.add(one.terms(y), None).words, other.add(other.terms(x), None).words
    # Modulo 2**64, as the sums are.
    return bool(np.dot(x, there) == np.dot(y, back))


def random_words(size: int) -> npt.NDArray[np.int64]:
    """Return words that nobody foresees, int64 (size,)."""
    return np.frombuffer(os.urandom(8 * size), dtype=np.int64)


def faults_of_pairs(
    described: Mapping[str, Any], arrays: Arrays, content: bool, runs: Arrays
) -> Iterator[str]:
    """Yield the same for the second section and its pairs; `runs` are the arrays of the first."""
    size, pairs = described["communes"], described["pairs"]
    of = (("int64", (size + 1,)), ("uint32", (pairs,))) * 2
    wrong = [*misshapen(arrays, dict(zip(PAIRS, of, strict=True)))]
    yield from wrong
    if wrong or not content:
        return
    bands = 2 * len(described["edges"])
    for pointers, rows in (PAIRS[:2], PAIRS[2:]):
        wrong += odd_rows(arrays, pointers, rows, size, bands)
    yield from wrong
    if not wrong:
        yield from _contradicted_pairs(described, arrays, runs, bands)


def odd_rows(arrays: Arrays, pointers: str, rows: str, size: int, bands: int) -> Iterator[str]:
    """Yield which of the two arrays of some rows is none: places below `size`, and bands."""
    divide = _divide(arrays[pointers], len(arrays[rows]))
    if not divide:
        yield pointers
    whole = not divide or _ascend(arrays[pointers], arrays[rows])
    if not whole or not _are_pairs(arrays[rows], size, bands):
        yield rows


def _contradicted_pairs(
    described: Mapping[str, Any], arrays: Arrays, runs: Arrays, bands: int
) -> Iterator[str]:
    """Yield the names of arrays of pairs that others contradict."""
    size = described["communes"]
    ways = tuple(Rows(arrays[p], arrays[rows]) for p, rows in (PAIRS[:2], PAIRS[2:]))
    # The least bit of each weight is set: no two bands are taken for each other.
    weights = random_words(bands) | 1
    if not are_transposed(PairRows(ways[0], weights), PairRows(ways[1], weights), size):
        yield from (PAIRS[1], PAIRS[3])
        return
    of_pairs = np.bincount(ways[0].bands, minlength=bands)
    if described["band_counts"] not in (None, of_pairs.tolist()):
        yield "band_counts"
        return
    for name in (name for name in runs if name.startswith(BAND)):
        at = np.flatnonzero(ways[0].bands == int(name.removeprefix(BAND)))
        origins = np.searchsorted(ways[0].pointers, at, side="right") - 1
        if not np.array_equal(runs[name], np.stack([origins, ways[0].communes[at]])):
            yield name
    layout = layout_of(described, runs)
    words = random_words(size)
    for name, rows in zip(WAYS, ways, strict=True):
        if layout:
            way: RunRows = getattr(layout, name)
            pairs = PairRows(rows, layout.weights)
            by_runs = way.add(way.terms(words), None).words
            if not np.array_equal(by_runs, pairs.add(words, None).words):
                yield ORDER
                return


def _length(arrays: Arrays, name: str) -> int | None:
    return arrays[name].size if name in arrays else None


def misshapen(
    arrays: Arrays, expected: Mapping[str, tuple[str, tuple[int | None, ...]]]
) -> Iterator[str]:
    """Yield the names of arrays that are missing, or have another type or shape; None is any."""
    for name, (dtype, shape) in expected.items():
        array = arrays.get(name)
        alike = array is not None and (array.dtype.name, array.ndim) == (dtype, len(shape))
        if not alike or any(
            want not in (None, has) for want, has in zip(shape, arrays[name].shape, strict=True)
        ):
            yield name


def out_of_bounds(arrays: Arrays, prefix: str, size: int, positions: int) -> Iterator[str]:
    """Yield the names of arrays of runs that would be read beyond their ends.

    Parameters
    ----------
    arrays : mapping
        By name, after a prefix; of the right types and shapes.
    prefix : str
        Of the names of the arrays.
    size, positions : int
        Number of rows, and of positions.
    """
    pointers, members, counts, starts, lengths = (arrays[f"{prefix}{name}"] for name in RUNS[1:6])
    if not _divide(pointers, len(starts)):
        yield "pointers"
    rows = np.arange(size, dtype=np.uint32)
    # The position of each row is in its window.
    if not is_permutation((rows & np.uint32(-WINDOW & 0xFFFFFFFF)) + members):
        yield "members"
    firsts = np.arange(0, counts.size, WINDOW * max(counts.shape[1], 1))
    # Without a factor, rows have no count to add up.
    if (size and not len(firsts)) or not np.array_equal(
        np.diff(pointers), np.add.reduceat(counts.reshape(-1), firsts, dtype=np.int64)
    ):
        yield "counts"
    # No run is longer than a byte counts: few are near the end.
    near = np.flatnonzero(starts > positions - 256)
    if len(near) and int((starts[near].astype(np.int64) + lengths[near]).max()) > positions:
        yield "starts"


def is_permutation(places: npt.NDArray[Any]) -> bool:
    """Return whether places are 0, 1, ... in some order."""
    size = len(places)
    if not size:
        return True
    if int(places.max()) >= size:
        return False
    met = np.zeros(size, dtype=np.bool_)
    met[places] = True
    return bool(met.all())


def _divide(pointers: npt.NDArray[Any], length: int) -> bool:
    """Return whether pointers divide so many elements into rows."""
    return bool(
        pointers[0] == 0 and pointers[-1] == length and (pointers[1:] >= pointers[:-1]).all()
    )


def _ascend(pointers: npt.NDArray[Any], pairs: npt.NDArray[Any]) -> bool:
    """Return whether the communes of each row rise, so that none is there twice."""
    communes = pairs & np.uint32(MOST_COMMUNES - 1)
    falls = np.flatnonzero(communes[1:] <= communes[:-1]) + 1
    return bool(np.isin(falls, pointers).all())


def _are_pairs(pairs: npt.NDArray[Any], size: int, bands: int) -> bool:
    for at in range(0, len(pairs), _CHUNK):
        part = pairs[at : at + _CHUNK]
        if int(part.max()) >> COMMUNE_BITS >= bands:
            return False
        if int((part & np.uint32(MOST_COMMUNES - 1)).max()) >= size:
            return False
    return True
