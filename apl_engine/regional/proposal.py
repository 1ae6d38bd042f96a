"""What an agency proposes to move: the file, read strictly and written."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import Fault, InputDataError, check_arguments
from ..small_files import read_small_file
from .region import Region, Territory

_TOP = ("region", "addition", "removal", "consultation")
_MOVE = ("territory", "justification")
DATES = ("concertation", "commission_paritaire_regionale")
# The limit of a cell of a workbook; and the years in which a zoning may be consulted on.
LONGEST = 32_767
FIRST_YEAR, LAST_YEAR = 2000, 2199


@dataclass(frozen=True)
class Move:
    """A territory that is to change class, and why; the reason is empty until it is given."""

    territory: str
    justification: str = ""


@dataclass(frozen=True)
class Proposal:
    """What an agency would move (arrêté of 20 March 2024, annexe, V).

    Attributes
    ----------
    region : str
        INSEE code.
    additions : tuple of Move
        Territories to add to the lower class ("zones très sous dotées").
    removals : tuple of Move
        Territories to remove from it.
    concertation : date or None
        Date of that of article R. 1434-42 of the code de la santé publique.
    commission_paritaire_regionale : date or None
        Date of the opinion of the commission.
    file, sha256 : str
        The file it was read from; empty if there is none.

    Raises
    ------
    InputDataError
        A territory is repeated.
    """

    region: str
    additions: tuple[Move, ...] = ()
    removals: tuple[Move, ...] = ()
    concertation: date | None = None
    commission_paritaire_regionale: date | None = None
    file: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        """Refuse a repeated territory."""
        if faults := _repeated(self.name, [move.territory for move in self.moves]):
            raise InputDataError(faults)

    @property
    def name(self) -> str:
        """Return the file, or else the region."""
        return self.file or f"region {self.region}"

    @property
    def moves(self) -> tuple[Move, ...]:
        """Return additions and removals."""
        return (*self.additions, *self.removals)

    def zones(self, region: Region) -> dict[str, str]:
        """Return the class that each territory would take, whether the rules allow it or not."""
        rules = region.methodology.regional
        return {
            **{move.territory: rules.lower_zone for move in self.additions},
            **{move.territory: rules.upper_zone for move in self.removals},
        }

    def adapted(self, region: Region) -> list[Territory]:
        """Return the territories of a region in the classes that they would take."""
        zones = self.zones(region)
        return [replace(one, zone=zones.get(one.code, one.zone)) for one in region.own]


@check_arguments(path=(str, Path))
def read_proposal(path: str | Path) -> Proposal:
    """Read a proposal.

    Parameters
    ----------
    path : path
        A TOML file with ``region``, ``[[addition]]`` and ``[[removal]]`` (each a ``territory``
        and a ``justification``) and ``[consultation]`` (the dates ``concertation`` and
        ``commission_paritaire_regionale``). What is still to be filled in is ``""``.

    Returns
    -------
    Proposal

    Raises
    ------
    InputDataError
        It is not TOML, or has unknown keys or invalid values; lists all of them.
    """
    place = Path(path)
    try:
        content = read_small_file(place)
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputDataError(_fault(place.name, "not_toml", reason=reason)) from error
    if faults := list(_faults(place.name, document)):
        raise InputDataError(faults)
    dates = document.get("consultation", {})
    return Proposal(
        region=document["region"],
        additions=_moves(document.get("addition", [])),
        removals=_moves(document.get("removal", [])),
        **{key: dates.get(key) or None for key in DATES},
        file=place.name,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _moves(rows: Sequence[Mapping[str, str]]) -> tuple[Move, ...]:
    return tuple(Move(row["territory"], row["justification"].strip()) for row in rows)


def _fault(
    table: str, kind: str, key: str | None = None, value: object = None, **details: object
) -> Fault:
    values = () if value is None else (str(value),)
    return Fault(f"proposal.{kind}", table, key=key, values=values, details=details)


def _faults(table: str, document: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _unknown_keys(table, "", document, _TOP)
    region = document.get("region")
    if not isinstance(region, str) or not re.fullmatch(r"\d{2}", region):
        yield _fault(table, "invalid_region", "region", region)
    codes: list[str] = []
    for key in ("addition", "removal"):
        rows = document.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield _fault(table, "not_tables", key)
            continue
        for number, row in enumerate(rows, 1):
            yield from _faults_of_move(table, f"{key}[{number}].", row)
            codes += [code for code in [row.get("territory")] if isinstance(code, str)]
    yield from _repeated(table, codes)
    dates = document.get("consultation", {})
    if not isinstance(dates, dict):
        yield _fault(table, "not_a_table", "consultation")
        return
    yield from _unknown_keys(table, "consultation.", dates, DATES)
    for key in DATES:
        if key in dates and dates[key] != "" and not _is_plausible(dates[key]):
            yield _fault(table, "invalid_date", f"consultation.{key}", dates[key])


def _faults_of_move(table: str, prefix: str, row: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _unknown_keys(table, prefix, row, _MOVE)
    code, why = row.get("territory"), row.get("justification")
    if not isinstance(code, str) or not code.strip():
        yield _fault(table, "invalid_territory", f"{prefix}territory", code)
    key = f"{prefix}justification"
    if not isinstance(why, str):
        yield _fault(table, "invalid_justification", key, why)
    elif len(why) > LONGEST:
        yield _fault(table, "justification_too_long", key, characters=len(why), limit=LONGEST)
    elif why.strip() and not any(letter.isalnum() for letter in why):
        yield _fault(table, "justification_without_words", key)


def _is_plausible(day: object) -> bool:
    return type(day) is date and FIRST_YEAR <= day.year <= LAST_YEAR


def _unknown_keys(
    table: str, prefix: str, row: Mapping[str, Any], known: Sequence[str]
) -> Iterator[Fault]:
    for key in row:
        if key not in known:
            yield _fault(table, "unknown_key", f"{prefix}{key}", known=tuple(known))


def _repeated(table: str, codes: Sequence[str]) -> list[Fault]:
    repeated = ((code, number) for code, number in Counter(codes).items() if number > 1)
    return [_fault(table, "repeated_territory", territory=c, number=n) for c, n in repeated]


@check_arguments(proposal=("Proposal",), comments=Mapping)
def proposal_text(proposal: Proposal, comments: Mapping[str, str]) -> str:
    """Write a proposal as TOML.

    Parameters
    ----------
    proposal : Proposal
        What to write.
    comments : mapping of str to str
        A comment for each territory, by code, and for the region, by its code.

    Returns
    -------
    str
        `read_proposal` reads it.
    """
    lines = [f"region = {_quote(proposal.region)}{_comment(comments.get(proposal.region))}"]
    for key, moves in (("addition", proposal.additions), ("removal", proposal.removals)):
        for move in moves:
            lines += [
                "",
                f"[[{key}]]",
                f"territory = {_quote(move.territory)}{_comment(comments.get(move.territory))}",
                f"justification = {_quote(move.justification)}{_to_fill_in(move.justification)}",
            ]
    lines += ["", "[consultation]"]
    for key in DATES:
        value = getattr(proposal, key)
        lines.append(f"{key} = {value or _quote('')}{_to_fill_in(value)}")
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str | None) -> str:
    """Return a comment on one line, whatever characters a name has."""
    return f"  # {re.sub(r'[^ -~¡-￼]', ' ', text)}" if text else ""


def _to_fill_in(value: object) -> str:
    return "" if value else "  # to be filled in"
