"""Lines of text selected by numbers in them, against regular expressions."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import kernels

LIMIT = 20.0
numbers = st.floats(0, 100).map("{:.2f}".format) | st.sampled_from(
    ["20", "20.0", "20.01", "19.99", "0020.5", "1e3", "-30", "+30", "30.", ".5", "3 0", "nan", "",
     "30\r", "é", '"30"', "30,5", "9" * 15, "9" * 16, "9" * 30, "0." + "9" * 30, "-999999"]
)  # fmt: skip
rows = st.lists(numbers, min_size=1, max_size=4).map(";".join)
lines = st.lists(st.tuples(rows, st.sampled_from(["", "\r"])).map("".join))


def is_beyond(line: str, places: tuple[int, ...], n_fields: int, mark: str) -> bool:
    """Return whether a line may be left out: all its numbers are plain and above LIMIT."""
    values = line.removesuffix("\r").split(";")
    plain = re.compile(rf"\d+(?:{re.escape(mark)}\d+)?")
    times = [values[k] for k in places if k < len(values)]
    return (
        line.isascii()
        and len(values) == n_fields
        and values[1] != values[2]
        and all(plain.fullmatch(t) and len(t) <= 16 for t in times)
        and all(float(t.replace(mark, ".")) > LIMIT for t in times)
    )


@given(lines, st.sampled_from([(0,), (1,), (2,), (0, 1), (2, 1)]), st.sampled_from(".,"))
def test_select_lines(given_lines: list[str], places: tuple[int, ...], mark: str) -> None:
    text = "".join(f"{line}\n" for line in given_lines).encode()
    out, counts = np.empty(len(text), np.uint8), np.zeros(2, np.int64)
    fields = (ord(";"), ord(mark), 3, *(*places, -1)[:2], 1, 2)
    data = np.frombuffer(text, np.uint8)
    kernels.select_lines(data, len(text), *fields, np.array([LIMIT]), out, counts)
    kept = [line for line in given_lines if not is_beyond(line, places, 3, mark)]
    assert out[: counts[0]].tobytes().decode() == "".join(f"{line}\n" for line in kept)
    assert counts[1] == len(given_lines) - len(kept)
