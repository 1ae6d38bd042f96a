"""One parameter of a methodology at another value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..errors import Fault, MethodologyError
from .load import build_sections
from .model import Methodology


def vary(methodology: Methodology, key: str, value: Any, *, id: str | None = None) -> Methodology:
    """Return a methodology with another value of one parameter.

    Parameters
    ----------
    methodology : Methodology
    key : str
        Of the parameter, such as ``zoning.straddling``.
    value : object
        As a TOML file would give it.
    id : str, optional
        Of the variant; by default made of the methodology, the key and the value.

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
    parameters = {parameter.key: parameter for parameter in methodology.parameters}
    if key not in parameters:
        details = {"known": tuple(parameters)}
        fault = Fault("rulebook.unknown_key", methodology.id, key=key, details=details)
        raise MethodologyError(fault)
    parameters[key] = replace(parameters[key], value=value)
    return replace(
        methodology,
        id=id or f"{methodology.id} with {key} = {value}",
        parameters=tuple(parameters.values()),
        **build_sections(parameters, methodology.id),
    )
