"""Aids and rules of installation, each value with the days it is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar

from ...errors import Fault, InputDataError
from ...methodology.parsers import parsers_of
from ...methodology.values import plain_fields
from .sections import SECTIONS, AnnualTerms, LumpSumTerms
from .values import DatedValue

Section = TypeVar("Section")


@dataclass(frozen=True)
class AidRules:
    """Every value of the rules on aids, as `load_aid_rules` returns them.

    Attributes
    ----------
    id, title : str
        Of the rules.
    sources : mapping of str to mapping
        Title and address of each text or page, by key.
    values : mapping of str to tuple of DatedValue
        For each ``section.name``, its values by rising day.
    files : tuple of (str, str)
        Name and SHA-256 of each file that the values were read from.
    """

    id: str
    title: str
    sources: Mapping[str, Mapping[str, str]]
    values: Mapping[str, tuple[DatedValue, ...]]
    files: tuple[tuple[str, str], ...]

    def cite(self, key: str, on: date) -> DatedValue:
        """Return the value of a key that is in force on a day, with its source.

        Parameters
        ----------
        key : str
            ``section.name``.
        on : date

        Returns
        -------
        DatedValue

        Raises
        ------
        InputDataError
            No value is in force on that day.
        """
        in_force = [value for value in self.values[key] if value.since <= on]
        if not in_force:
            details = {"day": str(on), "first": str(self.values[key][0].since)}
            raise InputDataError(Fault("aid_rules.not_in_force", "rules", key=key, details=details))
        return in_force[-1]

    def section(self, name: str, kind: type[Section], on: date) -> Section:
        """Return the values of a section that are in force on a day.

        Parameters
        ----------
        name : str
            Of the section.
        kind : type
            Its dataclass, see `SECTIONS`.
        on : date

        Raises
        ------
        InputDataError
            A value is not in force on that day.
        """
        values = {
            item.name: self.cite(f"{name}.{item.name}", on).parsed
            for item in fields(kind)  # type: ignore[arg-type]
        }
        return kind(**values)

    def contract(self, kind: str, on: date) -> LumpSumTerms | AnnualTerms:
        """Return the terms of a contract that is signed on a day.

        Parameters
        ----------
        kind : str
            CACCMK, CAIMK or CAMMK.
        on : date

        Raises
        ------
        InputDataError
            The rules do not go back to that day.
        """
        return self.section(kind, SECTIONS[kind], on)

    def read_otherwise(self, key: str, on: date, value: Any) -> AidRules:
        """Return the rules with another reading of the value in force on a day.

        Parameters
        ----------
        key : str
            ``section.name``.
        on : date
        value : object
            As written in a file, such as one of the `others` of the value.

        Returns
        -------
        AidRules
        """
        cited, parse = self.cite(key, on), parsers_of(SECTIONS[key.split(".")[0]])
        read = replace(cited, value=value, parsed=parse[key.split(".")[1]](value))
        dated = tuple(read if one is cited else one for one in self.values[key])
        return replace(self, values={**self.values, key: dated})

    @property
    def first_day(self) -> date:
        """The first day on which every value is in force."""
        return max(values[0].since for values in self.values.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the rules as plain values, for JSON."""
        return {
            **plain_fields(self, "id", "title", "sources"),
            "files": [{"name": name, "sha256": sha256} for name, sha256 in self.files],
            "values": [value.as_dict() for dated in self.values.values() for value in dated],
        }
