"""One parameter of a methodology at another value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..errors import Fault, MethodologyError
from .load import sections_of
from .model import Methodology


def vary(methodology: Methodology, key: str, value: Any, *, id: str | None = None) -> Methodology:
    """Return a methodology with another value of one parameter.

    Parameters
    ----------
    methodology : any.
    key : of the parameter, such as ``zoning.straddling``.
    value : as a TOML file would give it.
    id : of the variant; that of the methodology, the key and the value where None.

    Returns
    -------
    Methodology

    Raises
    ------
    MethodologyError
        There is no such parameter, or it cannot take this value.

    Examples
    --------
    >>> vary(load_methodology("mk-2024"), "zoning.straddling", "crossing")  # doctest: +SKIP
    """
    if not any(parameter.key == key for parameter in methodology.parameters):
        known = ", ".join(parameter.key for parameter in methodology.parameters)
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=methodology.id,
                key=key or None,
                details={"problem": "unknown key", "hint": f"Known keys: {known}"},
            )
        )
    parameters = tuple(
        replace(parameter, value=value) if parameter.key == key else parameter
        for parameter in methodology.parameters
    )
    found = {parameter.key: parameter for parameter in parameters}
    name = id or f"{methodology.id} with {key} = {value}"
    sections = sections_of(found, methodology.id)
    return replace(methodology, id=name, parameters=parameters, **sections)
