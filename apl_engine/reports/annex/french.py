"""Figures, dates and names as an order in French has them."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

# Between thousands and before %: a line does not break there.
NBSP = "\u00a0"
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
# What XML 1.0 cannot hold, or readers take for something else: no name or reason needs it.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def number(value: float | Fraction, decimals: int = 0) -> str:
    """Write a number: 1 234 567,8, with spaces that do not break."""
    text = f"{float(value):,.{decimals}f}"
    return text.replace(",", NBSP).replace(".", ",")


def percent(value: float | Fraction, decimals: int = 2) -> str:
    """Write a share that is in %: 12,34 %."""
    return f"{number(value, decimals)}{NBSP}%"


def points(value: float | Fraction) -> str:
    """Write a difference of shares: +2,31 points."""
    sign = "+" if float(value) > 0 else ""
    plural = "s" if abs(float(value)) >= 2 else ""
    return f"{sign}{number(value, 2)}{NBSP}point{plural}"


def day(value: date | None) -> str:
    """Write a date: 1er mai 2024; what is missing is to be filled in."""
    if value is None:
        return "à compléter"
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first} {_MONTHS[value.month - 1]} {value.year}"


def line(text: str) -> str:
    """Return a text on one line, without what XML cannot hold."""
    return _NO_TEXT.sub("", re.sub(r"[\t\n\r\u2028\u2029]+", " ", text)).strip()


def lines(text: str) -> list[str]:
    """Return the lines of a text, each as `line` has it."""
    return [line(part) for part in re.split(r"[\n\r\u2028\u2029]+", text) if line(part)]


def counted(count: int, singular: str, plural: str = "") -> str:
    """Write a number of things: 1 commune, 12 communes."""
    return f"{number(count)}{NBSP}{singular if count < 2 else plural or singular + 's'}"
