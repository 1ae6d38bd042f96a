"""Numbers and rows: everything is turned into an exact fraction where it is read."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from typing import Any

from .errors import DuplicateRowError, NegativeValueError, NotANumberError, UnknownCommuneError

Number = int | float | str | Decimal | Fraction
Row = Mapping[str, Any]

ZERO = Fraction(0)
ONE = Fraction(1)


def exact(value: Any) -> Fraction:
    """Return the number, exactly as it stands (a float for the binary number that it is)."""
    try:
        return Fraction(int(value)) if isinstance(value, Integral) else Fraction(value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise NotANumberError(f"not a number: {value!r}") from error


def exact_from_zero(value: Any) -> Fraction:
    """Return the number exactly; it may not be below 0."""
    number = exact(value)
    if number < 0:
        raise NegativeValueError(f"below 0: {value!r}")
    return number


def total(numbers: Iterable[Fraction]) -> Fraction:
    """Return the exact sum (0 of nothing)."""
    return sum(numbers, ZERO)


def check_unique(rows: Iterable[Row], *key: str) -> None:
    """Stop where two rows have the same key."""
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        value = tuple(row[column] for column in key)
        if value in seen:
            raise DuplicateRowError(f"two rows with {', '.join(key)} = {value}")
        seen.add(value)


def check_communes(rows: Iterable[Row], column: str, communes: Iterable[str]) -> None:
    """Stop where a row names a commune that is not among the communes."""
    known = set(communes)
    for row in rows:
        if row[column] not in known:
            raise UnknownCommuneError(f"{column}: {row[column]!r} is not in the table of communes")
