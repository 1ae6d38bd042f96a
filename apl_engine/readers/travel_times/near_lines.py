"""Large text files without their lines beyond reach, which would take most of the time to parse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from .layout import OpenedFile, Roles

# Smaller files are parsed whole: it takes no longer than loading NumPy and the kernel.
LARGE = 32 * 1024**2
# Bytes that a thread reads at a time, and bytes of lines that are yielded at a time.
_CHUNK, _YIELDED, _MOST_THREADS = 2 * 1024**2, 16 * 1024**2, 8
# What exceeds a limit by more than this share exceeds it whichever way it is rounded.
_MARGIN = 1e-9


def are_selectable(file: OpenedFile) -> bool:
    """Return whether lines can be selected from a file, and whether it is worth it."""
    if file.format != "CSV" or not file.plain_text or file.quoted_separators:
        return False
    return file.path.stat().st_size >= LARGE


def near_lines(file: OpenedFile, roles: Roles, bound: float) -> Iterator[tuple[bytes, int]]:
    """Yield the lines of a file without those whose times are certainly above a bound.

    These are left out only if they parse without error: ASCII, as many values as the header has,
    and each time a plain number. The time of a commune to itself is never left out.

    Parameters
    ----------
    file : OpenedFile
        One whose lines `are_selectable`.
    roles : Roles
    bound : float
        In the unit of the file.

    Yields
    ------
    bytes
        Lines in the order of the file, below a header.
    int
        How many lines were left out.
    """
    import numpy as np

    from ... import kernels

    limit = np.array([bound * (1 + _MARGIN)])
    mark = "," if file.decimal_comma and file.separator != "," else "."
    first, second = (*roles.times, -1)[:2]
    codes = roles.origin, roles.destination
    fields = (ord(file.separator), ord(mark), len(file.names), first, second, *codes)

    def select(start: int, stop: int) -> tuple[bytes, int]:
        with file.path.open("rb", buffering=0) as stream:
            stream.seek(start)
            text = stream.read(stop - start)
        size = text.rfind(b"\n") + 1
        out, counts = np.empty(size, np.uint8), np.zeros(2, np.int64)
        kernels.select_lines(np.frombuffer(text, np.uint8), size, *fields, limit, out, counts)
        return out[: counts[0]].tobytes() + text[size:], int(counts[1])

    header = file.separator.join(f"c{k}" for k in range(len(file.names))).encode() + b"\n"
    lines, left_out, starts = bytearray(header), 0, _line_starts(file)
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    with ThreadPoolExecutor(threads) as pool:
        for k in range(0, len(starts) - 1, threads):
            group = starts[k : k + threads + 1]
            for part, count in pool.map(select, group, group[1:]):
                lines += part
                left_out += count
            if len(lines) >= _YIELDED:
                yield bytes(lines), left_out
                lines, left_out = bytearray(header), 0
    yield bytes(lines), left_out


def _line_starts(file: OpenedFile) -> list[int]:
    """Return where chunks of whole lines below the header start, and where the file ends."""
    size = file.path.stat().st_size
    with file.path.open("rb") as stream:
        stream.readline()
        starts = [stream.tell()]
        while starts[-1] + _CHUNK < size:
            stream.seek(starts[-1] + _CHUNK)
            stream.readline()
            starts.append(stream.tell())
    return [*starts, size]
