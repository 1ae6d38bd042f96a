"""What the header and the arrays of a prepared network must be.

Digests tell that a file is as it was written, not that a network was. Kernels index by what the
arrays hold, and would read beyond them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.catchment import WINDOW
from ..method.network import BUILT_BY
from ..method.runs import SHORT
from ..method.sparse_rows import COMMUNE_BITS, MOST_COMMUNES, MOST_EDGES

Arrays = Mapping[str, npt.NDArray[Any]]

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
    "sections": list,
    "bytes": int,
}
_NOTE = {"code": str, "count": int, "examples": list, "warning": bool, "details": dict}
_FILE = {"file": str, "sha256": str}
_SECTION = {"at": int, "bytes": int, "sha256": str, "arrays": dict}
_ARRAY = {"at": int, "shape": list, "dtype": str}
_TYPES = ("uint8", "uint16", "uint32", "int64")
# Pairs that are looked at together: few enough to stay in a cache.
_CHUNK = 2**15


def faults_of_header(described: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of a header that are missing, or have no value that a network can have."""
    absent = [*_unlike(described, _HEADER)]
    yield from absent
    if absent:
        return
    edges, weights = described["edges"], [described["built_for"]]
    if not 0 <= described["communes"] <= MOST_COMMUNES:
        yield "communes"
    if not (0 < len(edges) <= MOST_EDGES and _rise(edges)):
        yield "edges"
    if _unlike(described["built_by"], dict.fromkeys(BUILT_BY, str)):
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
    if any(_unlike(note, _NOTE) for note in described["notes"]):
        yield "notes"
    files = described["source"].get("files", [])
    if not isinstance(files, list) or any(_unlike(file, _FILE) for file in files):
        yield "source"
    sections = described["sections"]
    if len(sections) != 2 or not all(_is_section(each, described["bytes"]) for each in sections):
        yield "sections"


def _unlike(given: Any, kinds: Mapping[str, type | tuple[type, ...]]) -> list[str]:
    """Return the keys that are missing or of another type; all of them if there is no mapping."""
    if not isinstance(given, dict):
        return list(kinds)
    return [k for k, kind in kinds.items() if k not in given or not isinstance(given[k], kind)]


def _rise(edges: list[Any]) -> bool:
    numbers = all(isinstance(edge, float) and math.isfinite(edge) for edge in edges)
    return numbers and all(low < high for low, high in zip([0.0, *edges], edges, strict=False))


def _are_weights(given: list[Any]) -> bool:
    return all(isinstance(weight, int) and 0 <= weight < 2**31 for weight in given)


def _is_section(section: Any, size: int) -> bool:
    """Return whether a section lies in the file, and each of its arrays in the section."""
    if _unlike(section, _SECTION) or not _lies_in(section["at"], section["bytes"], size):
        return False
    return all(_is_array(array, section["bytes"]) for array in section["arrays"].values())


def _is_array(array: Any, size: int) -> bool:
    if _unlike(array, _ARRAY) or array["dtype"] not in _TYPES:
        return False
    if not all(isinstance(length, int) and length >= 0 for length in array["shape"]):
        return False
    count = math.prod(array["shape"])
    return _lies_in(array["at"], count * np.dtype(array["dtype"]).itemsize, size)


def _lies_in(at: int, length: int, size: int) -> bool:
    return at % ALIGNMENT == 0 and at >= 0 and length >= 0 and at + length <= size


def faults_of_runs(described: Mapping[str, Any], arrays: Arrays, content: bool) -> Iterator[str]:
    """Yield the names of the arrays of the first section that are missing or misshapen.

    And if `content` is to be checked, of those that do not hold runs.
    """
    size = described["communes"]
    shapes: dict[str, tuple[str, tuple[int | None, ...]]] = {CODES: ("uint8", (None,))}
    if described["layout"] is not None:
        windows, starts = -(-size // WINDOW), "uint16" if size <= SHORT else "uint32"
        shapes[ORDER] = ("uint32", (size,))
        for way in WAYS:
            factors, runs = (_length(arrays, f"{way}.{name}") for name in ("factors", "starts"))
            of_way = (
                ("int64", (factors,)), ("int64", (windows + 1,)), ("uint8", (size,)),
                ("uint16", (size, factors)), (starts, (runs,)), ("uint8", (runs,)),
                ("uint32", (size,)),
            )  # fmt: skip
            shapes |= {f"{way}.{name}": of for name, of in zip(RUNS, of_way, strict=True)}
    bands = [name for name in arrays if name.startswith(BAND)]
    counts = dict(enumerate(described["band_counts"] or ()))
    for name in bands:
        number = name.removeprefix(BAND)
        count = counts.get(int(number) if number.isdecimal() else -1)
        # What has no count has no shape either.
        shapes[name] = ("uint32", (2, count) if count is not None else ())
    wrong = [*_misshapen(arrays, shapes)]
    yield from wrong
    if wrong or not content:
        return
    yield from (name for name in bands if arrays[name].size and int(arrays[name].max()) >= size)
    if described["layout"] is None:
        return
    if not _is_permutation(arrays[ORDER]):
        yield ORDER
    for way in WAYS:
        yield from (f"{way}.{name}" for name in _out_of_bounds(arrays, way, size))


def faults_of_pairs(described: Mapping[str, Any], arrays: Arrays, content: bool) -> Iterator[str]:
    """Yield the same for the second section and its pairs."""
    size, pairs = described["communes"], described["pairs"]
    of = (("int64", (size + 1,)), ("uint32", (pairs,))) * 2
    wrong = [*_misshapen(arrays, dict(zip(PAIRS, of, strict=True)))]
    yield from wrong
    if wrong or not content:
        return
    bands = 2 * len(described["edges"])
    for pointers, rows in (PAIRS[:2], PAIRS[2:]):
        if not _divide(arrays[pointers], pairs):
            yield pointers
        if not _are_pairs(arrays[rows], size, bands):
            yield rows


def _length(arrays: Arrays, name: str) -> int | None:
    return arrays[name].size if name in arrays else None


def _misshapen(
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


def _out_of_bounds(arrays: Arrays, way: str, size: int) -> Iterator[str]:
    """Yield the names of arrays of runs that would be read beyond their ends."""
    pointers, members, counts, starts, lengths = (arrays[f"{way}.{name}"] for name in RUNS[1:6])
    if not _divide(pointers, len(starts)):
        yield "pointers"
    rows = np.arange(size, dtype=np.uint32)
    # The position of each row is in its window.
    if not _is_permutation((rows & np.uint32(-WINDOW & 0xFFFFFFFF)) + members):
        yield "members"
    firsts = np.arange(0, counts.size, WINDOW * max(counts.shape[1], 1))
    # Without a factor, rows have no count to add up.
    if (size and not len(firsts)) or not np.array_equal(
        np.diff(pointers), np.add.reduceat(counts.reshape(-1), firsts, dtype=np.int64)
    ):
        yield "counts"
    # No run is longer than a byte counts: few are near the end.
    near = np.flatnonzero(starts > size - 256)
    if len(near) and int((starts[near].astype(np.int64) + lengths[near]).max()) > size:
        yield "starts"


def _is_permutation(places: npt.NDArray[Any]) -> bool:
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


def _are_pairs(pairs: npt.NDArray[Any], size: int, bands: int) -> bool:
    for at in range(0, len(pairs), _CHUNK):
        part = pairs[at : at + _CHUNK]
        if int(part.max()) >> COMMUNE_BITS >= bands:
            return False
        if int((part & np.uint32(MOST_COMMUNES - 1)).max()) >= size:
            return False
    return True
