"""Values of the types that a dataclass states."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any, get_args, get_origin, get_type_hints

from ..errors import Fault, InputDataError


class Typed:
    """A dataclass that refuses values of other types than those of its fields.

    A whole number may stand for a `Fraction`.
    """

    def __post_init__(self) -> None:
        """Refuse wrong values, all of them at once.

        Raises
        ------
        InputDataError
            A value has another type; the fault names the field, and no value.
        """
        faults = []
        for name, hint in _hints(self.__class__).items():
            value = getattr(self, name)
            if not _fits(value, hint):
                wanted = tuple(_named(one) for one in get_args(hint) or (hint,) if one is not ...)
                wanted = (_named(hint),) if get_origin(hint) is tuple else wanted
                details = {"expected": wanted, "type": _kind(value)}
                field_name = f"{type(self).__name__}.{name}"
                faults.append(Fault("argument.wrong_type", field_name, details=details))
        if faults:
            raise InputDataError(faults)


_hints: Callable[[Any], dict[str, Any]] = functools.cache(get_type_hints)


def _fits(value: object, hint: Any) -> bool:
    """Return whether a value has a type as an annotation states it."""
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_fits(one, get_args(hint)[0]) for one in value)
    if options := get_args(hint):
        return any(_fits(value, one) for one in options)
    if isinstance(value, bool):
        return hint is bool
    if hint is date:
        # Days and moments cannot be compared.
        return type(value) is date
    return isinstance(value, (hint, int) if hint is Fraction else hint)


def _kind(value: object) -> str:
    if not isinstance(value, tuple):
        return type(value).__name__
    return f"tuple of {', '.join(dict.fromkeys(type(one).__name__ for one in value))}"


def _named(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return f"tuple of {_named(get_args(hint)[0])}"
    return "None" if hint is type(None) else str(hint.__name__)
