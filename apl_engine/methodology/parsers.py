"""Parsers of the values that a TOML file may hold.

A parser takes a value as TOML gives it and returns a typed one, or raises `ValueRefusedError` with
all that is wrong. A dataclass declares the parser of each field by `Annotated`, see `parsers_of`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, get_type_hints

from ..errors import Fault

Parser = Callable[[Any], Any]

_LARGEST = 10**15
_MOST_DIGITS = 40
_NUMBER = re.compile(r"[-+]?[0-9]{1,20}(\.[0-9]{1,20}|/0*[1-9][0-9]{0,19})?")
_LONGEST_SHOWN = 48


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a value.

    Attributes
    ----------
    kind : str
        Of the message, ``value.<kind>``.
    details : mapping of str to object
        What the message states.
    path : str
        Where it is inside the value, such as ``[2].weight``.
    shown : str or None
        The value refused, unless it is a list or a table.
    """

    kind: str
    details: Mapping[str, object] = field(default_factory=dict)
    path: str = ""
    shown: str | None = None

    def fault(self, table: str, key: str, *, show: bool = True) -> Fault:
        """Return the fault of a key; `show` whether it may state the value."""
        values = (self.shown,) if show and self.shown is not None else ()
        code, key = f"value.{self.kind}", key + self.path
        return Fault(code, table, key=key, values=values, details=self.details)


class ValueRefusedError(ValueError):
    """A value that its parser does not accept; `problems` are all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)


def refused(kind: str, value: Any = None, **details: object) -> ValueRefusedError:
    """Return the error for one thing that is wrong with a value."""
    shown = None if value is None or isinstance(value, list | Mapping) else str(value)
    return ValueRefusedError([Problem(kind, details, shown=shown and shown[:_LONGEST_SHOWN])])


def flag(value: Any) -> bool:
    """Parse true or false."""
    if not isinstance(value, bool):
        raise refused("not_a_flag", value)
    return value


def day(value: Any) -> date:
    """Parse a date."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise refused("not_a_day", value)
    return value


def text(value: Any) -> str:
    """Parse a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise refused("not_a_text", value)
    return value


def number(
    low: int | None = None,
    high: int | None = None,
    *,
    above: int | None = None,
    denominator: int = 1_000_000,
) -> Parser:
    """Make a parser of exact numbers between bounds.

    Parameters
    ----------
    low, high : int, optional
        Least and greatest number.
    above : int, optional
        What the number must be greater than.
    denominator : int
        The greatest one of a fraction in lowest terms.

    Returns
    -------
    callable
        Takes an integer, a decimal, or a text such as "2/3"; returns a Fraction.
    """

    def parse(value: Any) -> Any:
        result = _fraction(value)
        if abs(result) > _LARGEST:
            raise refused("too_large", value, most=_LARGEST)
        if result.denominator > denominator:
            raise refused("too_fine", value, most=denominator)
        return _bounded(result, value, low, high, above)

    return parse


def _fraction(value: Any) -> Fraction:
    """Return a number exactly; an exponent must not make it a billion digits long."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, Decimal) and value.is_finite():
        if value.adjusted() > _MOST_DIGITS:
            raise refused("too_large", value, most=_LARGEST)
        if value.adjusted() >= -_MOST_DIGITS:
            return Fraction(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Fraction(value)
    raise refused("not_a_number", value)


def _bounded(
    result: Any, value: Any, low: int | None, high: int | None, above: int | None = None
) -> Any:
    if low is not None and result < low:
        raise refused("too_low", value, low=low)
    if above is not None and result <= above:
        raise refused("not_above", value, above=above)
    if high is not None and result > high:
        raise refused("too_high", value, high=high)
    return result


def whole(low: int | None = None) -> Parser:
    """Make a parser of whole numbers from `low` on."""

    def parse(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise refused("not_whole", value)
        return _bounded(value, value, low, None)

    return parse


def choice(*allowed: str) -> Parser:
    """Make a parser of one word among several."""

    def parse(value: Any) -> str:
        if value not in allowed:
            raise refused("not_allowed", value, allowed=allowed)
        return str(value)

    return parse


def matching(pattern: str, kind: str) -> Parser:
    """Make a parser of texts of one form; `kind` is the problem with any other value."""

    def parse(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise refused(kind, value)
        return value

    return parse


def items(
    parse: Parser,
    *,
    least: int = 0,
    most: int | None = None,
    unique: Callable[[Any], object] | None = None,
) -> Parser:
    """Make a parser of lists.

    Parameters
    ----------
    parse : callable
        The parser of each item.
    least, most : int
        How many items there may be.
    unique : callable, optional
        What no two items may share.

    Returns
    -------
    callable
        Returns a tuple.
    """

    def parse_list(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise refused("not_a_list", value)
        if len(value) < least:
            raise refused("too_few_items", least=least)
        if most is not None and len(value) > most:
            raise refused("too_many_items", most=most)
        parsed = _parse_all((f"[{n}]", parse, item) for n, item in enumerate(value, 1))
        if unique:
            seen = [unique(item) for item in parsed]
            if repeated := [item for item in dict.fromkeys(seen) if seen.count(item) > 1]:
                raise refused("repeated_items", repeated=tuple(map(str, repeated)))
        return tuple(parsed)

    return parse_list


def table(kind: type) -> Parser:
    """Make a parser of tables ``{ field = value, ... }`` into a dataclass of `parsers_of`."""

    def parse(value: Any) -> Any:
        parsers = parsers_of(kind)
        required = {item.name for item in fields(kind) if item.default is MISSING}
        if not isinstance(value, Mapping):
            raise refused("not_a_table", value, keys=tuple(parsers))
        problems = [Problem("missing_key", path=f".{key}") for key in sorted(required - set(value))]
        unknown = sorted(value.keys() - parsers)
        problems += [Problem("unknown_key", {"keys": tuple(parsers)}, f".{k}") for k in unknown]
        known = [key for key in parsers if key in value]
        try:
            parsed = _parse_all((f".{key}", parsers[key], value[key]) for key in known)
        except ValueRefusedError as error:
            problems += error.problems
        if problems:
            raise ValueRefusedError(problems)
        return kind(**dict(zip(known, parsed, strict=True)))

    return parse


def _parse_all(parts: Iterable[tuple[str, Parser, Any]]) -> list[Any]:
    """Parse values, each at its path inside a larger one; refuse them together."""
    parsed, problems = [], []
    for path, parse, value in parts:
        try:
            parsed.append(parse(value))
        except ValueRefusedError as error:
            problems += [replace(problem, path=path + problem.path) for problem in error.problems]
    if problems:
        raise ValueRefusedError(problems)
    return parsed


@cache
def parsers_of(kind: type) -> Mapping[str, Parser]:
    """Return the parser of each field of a dataclass, as its annotation declares it.

    Parameters
    ----------
    kind : type
        A dataclass whose fields are ``Annotated[type, parser]``.

    Returns
    -------
    mapping of str to callable
        In the order of the fields.
    """
    hints = get_type_hints(kind, include_extras=True)
    return {item.name: hints[item.name].__metadata__[0] for item in fields(kind)}
