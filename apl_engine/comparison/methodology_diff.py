"""The parameters in which two methodologies differ."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ..errors import Fault, InputDataError, MethodologyError, check_arguments
from ..methodology.model import SECTIONS, Methodology
from ..methodology.values import plain
from ..methodology.vary import for_year

# Nothing is computed from these.
_WITHOUT_EFFECT = ("examples.", "regional.published_")
# Sections by which practitioners and inhabitants are counted.
_COUNTING = ("etp.", "demand.")


@dataclass(frozen=True)
class Difference:
    """A parameter that has another value in each of two methodologies.

    Attributes
    ----------
    key : str
        Its name, ``section.parameter``.
    first, second : object
        Its values, as JSON has them.
    """

    key: str
    first: Any
    second: Any


@check_arguments(first=("Methodology",), second=("Methodology",))
def differences(first: Methodology, second: Methodology) -> tuple[Difference, ...]:
    """Return the parameters that differ, whatever the ids and the years of activity are.

    Parameters
    ----------
    first, second : Methodology
        The two.

    Returns
    -------
    tuple of Difference
        In the order of their sections, without figures that nothing is computed from.
    """
    alike = for_year(second, first.year)
    return tuple(
        Difference(key, plain(one), plain(getattr(getattr(second, section), name)))
        for section, kind in SECTIONS.items()
        for name in (field.name for field in fields(kind))
        if not (key := f"{section}.{name}").startswith(_WITHOUT_EFFECT)
        for one, two in [[getattr(getattr(rules, section), name) for rules in (first, alike)]]
        if one != two
    )


def check_comparable(
    first: Methodology, second: Methodology, *, methods_differ: bool
) -> tuple[Difference, ...]:
    """Refuse results of two professions, and methodologies that differ unexpectedly.

    Parameters
    ----------
    first, second : Methodology
        Those of the two results.
    methods_differ : bool
        Whether they may differ.

    Returns
    -------
    tuple of Difference

    Raises
    ------
    InputDataError
        They are of two professions.
    MethodologyError
        They differ; lists the parameters.
    """
    if first.profession != second.profession:
        details: dict[str, object] = {"first": first.profession, "second": second.profession}
        raise InputDataError(Fault("comparison.two_professions", "methodology", details=details))
    differing = differences(first, second)
    if differing and not methods_differ:
        details = {"first": first.id, "second": second.id, "parameters": len(differing)}
        faults = [Fault("comparison.methods_differ", "methodology", details=details)]
        for one in differing:
            details = {"first": one.first, "second": one.second}
            fault = Fault("comparison.parameter", "methodology", key=one.key, details=details)
            faults.append(fault)
        raise MethodologyError(faults)
    return differing


def counting_differs(differing: tuple[Difference, ...]) -> bool:
    """Return whether practitioners or inhabitants are counted by different rules."""
    return any(one.key.startswith(_COUNTING) for one in differing)
