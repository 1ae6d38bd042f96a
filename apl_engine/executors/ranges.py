"""Units of work that are ranges of numbers."""

from __future__ import annotations

from typing import TypeAlias

Range: TypeAlias = tuple[int, int]


def ranges(count: int, length: int, least: int = 1) -> list[Range]:
    """Divide the numbers below a count into ranges of a fixed length.

    Parameters
    ----------
    count : int
        0 or more.
    length : int
        Of each range but the last, which may be shorter.
    least : int
        Length below which the last one is joined to the one before.

    Returns
    -------
    list of (int, int)
        The first number, and the one after the last.

    Examples
    --------
    >>> ranges(10, 4)
    [(0, 4), (4, 8), (8, 10)]
    >>> ranges(10, 4, least=3)
    [(0, 4), (4, 10)]
    """
    starts = [*range(0, count, length)]
    if len(starts) > 1 and count - starts[-1] < least:
        starts.pop()
    return [*zip(starts, [*starts[1:], count], strict=True)] if count else []
