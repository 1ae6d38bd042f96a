"""In which parameters two methodologies differ."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date
from fractions import Fraction
from typing import Any

from ..errors import Fault, InputDataError, MethodologyError
from ..methodology.model import SECTIONS, Methodology

# Nothing is computed from these.
_NO_RULES = ("examples.", "regional.published_shares")
_PRACTITIONERS, _INHABITANTS = ("etp.",), ("demand.",)


@dataclass(frozen=True)
class Difference:
    """One parameter that is not the same in two methodologies.

    Attributes
    ----------
    key : its name, ``section.parameter``.
    first, second : its value in each, as plain values.
    """

    key: str
    first: Any
    second: Any

    def __str__(self) -> str:
        return f"{self.key}: {self.first} in A, {self.second} in B"


def differences(first: Methodology, second: Methodology) -> tuple[Difference, ...]:
    """Return the parameters that differ, whatever the ids are.

    Parameters
    ----------
    first, second : two methodologies.

    Returns
    -------
    tuple of Difference
        In the order of their sections; figures that nothing is computed from are left out.
    """
    found = []
    for section, kind in SECTIONS.items():
        for field in fields(kind):
            key = f"{section}.{field.name}"
            one, two = (getattr(getattr(m, section), field.name) for m in (first, second))
            if one != two and not key.startswith(_NO_RULES):
                found.append(Difference(key, _plain(one), _plain(two)))
    return tuple(found)


def check_comparable(
    first: Methodology, second: Methodology, *, methods_differ: bool
) -> tuple[Difference, ...]:
    """Refuse two professions, and methodologies that differ where that is not expected.

    Parameters
    ----------
    first, second : the methodologies of the two results.
    methods_differ : whether they may differ.

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
        problem = f"A is of {first.profession}, B of {second.profession}"
        hint = "Compare results of one profession."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="methodology",
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
    found = differences(first, second)
    if found and not methods_differ:
        ids = f"{first.id} and {second.id}"
        same = f"two methodologies of the id {first.id}" if first.id == second.id else ids
        lines = "".join(f"\n  - {difference}" for difference in found)
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=same,
                details={
                    "problem": f"{len(found)} parameter{'s differ' if len(found) > 1 else ' differs'}:{lines}\n"
                    "Zones of two methods are compared only where that is asked for",
                    "hint": "Add --methods-differ (methods_differ=True): what they change is then told apart",
                },
            )
        )
    return found


def touches(found: tuple[Difference, ...]) -> bool:
    """Tell whether rules that make ETP or standardised inhabitants are among those that differ."""
    return any(one.key.startswith(_PRACTITIONERS + _INHABITANTS) for one in found)


def _plain(value: Any) -> Any:
    """Return the value of a parameter as JSON knows it; fractions as they are written."""
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {key: _plain(item) for key, item in asdict(value).items()}
    return value
