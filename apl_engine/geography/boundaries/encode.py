"""Arcs as compact bytes, for a page to read."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from .chains import Ints

_GROUP, _MORE = 7, 128


def encode_arcs(points: Ints, start: Ints, left: Ints, right: Ints) -> bytes:
    """Write arcs as the differences between them.

    Parameters
    ----------
    points : int64 (n, 2)
        Points, in steps.
    start : int64 (arcs + 1,)
        The first point of each arc; an arc has two or more.
    left, right : int64 (arcs,)
        What lies beside each arc.

    Returns
    -------
    bytes
        The number of arcs (uint32, little endian); then numbers of 7 bits a byte, low first, signs
        by zigzag: the points of each arc; the differences between the x of first points, then of
        y; the differences of x within arcs, then of y; the differences between the lefts; right
        less left.
    """
    arcs = len(left)
    steps = np.diff(points, axis=0, prepend=points[:1])
    inner = np.ones(len(points), np.bool_)
    inner[start[:-1]] = False
    first = np.diff(points[start[:-1]], axis=0, prepend=0)
    lefts = np.diff(left, prepend=0)
    columns = (
        np.diff(start), first[:, 0], first[:, 1], steps[inner, 0], steps[inner, 1], lefts,
        right - left,
    )  # fmt: skip
    return struct.pack("<I", arcs) + b"".join(map(write_numbers, columns))


def decode_arcs(data: bytes) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the arcs that `encode_arcs` wrote: points, start, left and right."""
    (arcs,) = struct.unpack_from("<I", data)
    numbers = read_numbers(data[4:])
    size = numbers[:arcs]
    start = np.append(0, np.cumsum(size))
    firsts = numbers[arcs : 3 * arcs].reshape(2, arcs).cumsum(axis=1)
    inner = int(start[-1]) - arcs
    steps = numbers[3 * arcs : 3 * arcs + 2 * inner].reshape(2, inner)
    left, off = numbers[3 * arcs + 2 * inner :].reshape(2, arcs)
    points = np.zeros((2, int(start[-1])), np.int64)
    within = np.ones(points.shape[1], np.bool_)
    within[start[:-1]] = False
    points[:, within] = steps
    total = points.cumsum(axis=1)
    points = total + np.repeat(firsts - total[:, start[:-1]], size, axis=1)
    left = left.cumsum()
    return points.T, start, left, left + off


def write_numbers(values: Ints) -> bytes:
    """Return integers as zigzag numbers of 7 bits a byte, the lowest first."""
    signed = values.astype(np.int64)
    rest = ((signed << 1) ^ (signed >> 63)).view(np.uint64)
    size = np.ones(len(rest), np.int64)
    for bits in range(_GROUP, 64, _GROUP):
        size += rest >> np.uint64(bits) > 0
    begins = np.append(0, np.cumsum(size))
    out = np.zeros(int(begins[-1]), np.uint8)
    for k in range(int(size.max(initial=0))):
        rows = np.flatnonzero(size > k)
        part = (rest[rows] >> np.uint64(_GROUP * k)).astype(np.uint8) & np.uint8(_MORE - 1)
        out[begins[rows] + k] = part | np.where(size[rows] > k + 1, _MORE, 0).astype(np.uint8)
    return out.tobytes()


def read_numbers(data: bytes) -> Ints:
    """Return the integers that `write_numbers` wrote."""
    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets < _MORE)
    begins = np.append(0, ends[:-1] + 1) if len(ends) else ends
    shift = np.arange(len(octets)) - np.repeat(begins, ends - begins + 1)
    parts = (octets & (_MORE - 1)).astype(np.uint64) << (shift * _GROUP).astype(np.uint64)
    whole: npt.NDArray[np.uint64] = np.add.reduceat(parts, begins) if len(ends) else parts
    signed: Ints = (whole >> np.uint64(1)).view(np.int64) ^ -(whole & np.uint64(1)).view(np.int64)
    return signed
