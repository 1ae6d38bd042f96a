"""Lines of a text of separated values, selected by a number in them before anything is parsed."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .arguments import OUT_POINTERS, OUT_TEXT, SIZE, TEXT, VALUES
from .types import Float, Pointers, Text

_LINE_END, _RETURN, _ZERO, _NINE = 10, 13, 48, 57
# Longer numbers are not plain: these are exact as float64.
_MOST_CHARACTERS = 16


@kernel(TEXT, SIZE, SIZE, SIZE, SIZE, SIZE, SIZE, SIZE, SIZE, VALUES, OUT_TEXT, OUT_POINTERS)
def select_lines(
    text: Text,
    size: int,
    separator: int,
    mark: int,
    n_fields: int,
    first: int,
    second: int,
    one: int,
    other: int,
    limit: Float,
    out: Text,
    counts: Pointers,
) -> None:
    """Copy the lines whose numbers are not all plain ones above a limit.

    A line is left out only if it is ASCII, has all its fields, two of its fields differ, and a
    number in each field that counts is digits with at most one decimal mark among them, and above
    the limit.

    text           uint8[size]  whole lines, the last one ended too
    separator      int          of fields, a character
    mark           int          of decimals, a character
    n_fields       int          fields of a whole line
    first, second  int          fields of the numbers; second is -1 if there is only one
    one, other     int          fields of which a line is copied if they are the same
    limit          float64[1]   0 or more
    out            uint8[size]  the lines copied, overwritten from the start
    counts         int64[2]     bytes copied and lines left out, overwritten
    """
    needed = 1 if second < 0 else 2
    above = limit[0]
    at, left_out, k = 0, 0, 0
    while k < size:
        begin, field, far, bits = k, 0, 0, np.int64(0)
        start_one, end_one, start_other, end_other = k, k, k, k
        while True:
            c = np.int64(text[k])
            if field == one:
                start_one = k
            if field == other:
                start_other = k
            if (field == first) | (field == second):
                begin_number, end = k, k + _MOST_CHARACTERS
                number, power = np.int64(0), 1.0
                while _ZERO <= c <= _NINE and k < end:
                    number = number * 10 + (c - _ZERO)
                    k += 1
                    c = np.int64(text[k])
                digits = k - begin_number
                if c == mark and digits > 0:
                    k += 1
                    c = np.int64(text[k])
                    digits = 0
                    while _ZERO <= c <= _NINE and k < end:
                        number = number * 10 + (c - _ZERO)
                        power *= 10.0
                        digits += 1
                        k += 1
                        c = np.int64(text[k])
                ends = (c == separator) | (c == _LINE_END)
                if c == _RETURN:
                    ends = text[k + 1] == _LINE_END
                if ends and digits > 0:
                    far += number > above * power
            while c != separator and c != _LINE_END:
                bits |= c
                k += 1
                c = np.int64(text[k])
            if field == one:
                end_one = k
            if field == other:
                end_other = k
            k += 1
            if c == _LINE_END:
                break
            field += 1
        width, same = end_one - start_one, 0
        if width == end_other - start_other:
            while same < width and text[start_one + same] == text[start_other + same]:
                same += 1
            same += same == width
        if far == needed and field == n_fields - 1 and bits < 128 and same <= width:
            left_out += 1
        else:
            for j in range(begin, k):
                out[at] = text[j]
                at += 1
    counts[0] = at
    counts[1] = left_out
