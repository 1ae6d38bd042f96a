"""How much of a network is held at once, so that the process stays within its memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from ...errors import Fault, InputDataError

_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4,
          "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}  # fmt: skip


def bytes_of(memory: int | str) -> int:
    """Return a number of bytes that may be given with a unit, such as 2GiB.

    Raises
    ------
    InputDataError
        It is no such number.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?\s*", str(memory).lower())
    if not found:
        raise InputDataError(Fault("argument.not_bytes", "memory", details={"given": str(memory)}))
    return int(float(found[1]) * _UNITS[found[2] or ""])


@dataclass(frozen=True)
class Limits:
    """What is held at once.

    Attributes
    ----------
    pairs : int
        Pairs of a part.
    """

    pairs: int

    # Bytes of the interpreter, the libraries and the rows that are being read; of each commune; of
    # each pair of a part while it is sorted and its runs are derived.
    FIXED: ClassVar = 640 * 2**20
    COMMUNE: ClassVar = 150
    PAIR: ClassVar = 14
    # A larger part gains nothing, smaller ones cost files.
    MOST: ClassVar = 2**25
    FEWEST: ClassVar = 2**20

    @classmethod
    def of(cls, memory: int, communes: int) -> Limits:
        """Return the limits by a number of bytes.

        Raises
        ------
        InputDataError
            They do not suffice.
        """
        fixed = cls.FIXED + cls.COMMUNE * communes
        least = fixed + cls.PAIR * cls.FEWEST
        if memory < least:
            raise too_little(memory, least)
        return cls(min(cls.MOST, (memory - fixed) // cls.PAIR))

    def check_window(self, pairs: int, memory: int) -> None:
        """Refuse a window of rows with more pairs than a part may have."""
        if pairs > self.pairs:
            raise too_little(memory, memory + self.PAIR * (pairs - self.pairs))


def too_little(memory: int, least: int) -> InputDataError:
    """Return the error of too little memory."""
    mib = -(-least // 2**20)
    details = {"given": memory / 2**20, "least": mib}
    return InputDataError(Fault("network.too_little_memory", "memory", details=details))
