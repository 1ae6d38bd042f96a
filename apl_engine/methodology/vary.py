"""A methodology with another value of one parameter, or for another year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ..errors import Fault, InputDataError, MethodologyError, check_arguments, check_types
from .load import build_sections
from .model import Methodology

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_LEAP_DAY = (2, 29)


@check_arguments(methodology=("Methodology",), key=str, id=(str, None))
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


@check_arguments(methodology=("Methodology",), year=int)
def for_year(methodology: Methodology, year: int) -> Methodology:
    """Return a methodology for the activity of another year, with the same id.

    Parameters
    ----------
    methodology : Methodology
    year : int
        Of the activity and of installations. The reference date of ages is the same day of it.

    Returns
    -------
    Methodology
        Its parameter ``etp.age_reference_date`` says that the year was given.

    Raises
    ------
    InputDataError
        It is not a year.

    Examples
    --------
    >>> for_year(load_methodology("mk-2024"), 2024).year  # doctest: +SKIP
    """
    check_types(year=(year, int))
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        details = {"low": _FIRST_YEAR, "high": _LAST_YEAR, "value": year}
        raise InputDataError(Fault("argument.out_of_range", "year", details=details))
    if year == methodology.year:
        return methodology
    day = _same_day(methodology.etp.age_reference_date, year)
    given = f"The year of the run, {year}, was given in place of {methodology.year}."
    parameters = (
        replace(
            parameter,
            value=day,
            others=tuple(_same_day(other, year) for other in parameter.others),
            reason=f"{parameter.reason} {given}".strip(),
        )
        if parameter.key == "etp.age_reference_date"
        else parameter
        for parameter in methodology.parameters
    )
    etp = replace(methodology.etp, age_reference_date=day)
    return replace(methodology, etp=etp, parameters=tuple(parameters))


def _same_day(day: date, year: int) -> date:
    """Return the same day of another year; the last of February for a day that it lacks."""
    leap = (day.month, day.day) == _LEAP_DAY
    return day.replace(year=year, day=28 if leap else day.day)
