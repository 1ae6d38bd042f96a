"""What an agency proposes to move: the file, strictly read, and written."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..errors import Fault, InputDataError

_TOP = ("region", "addition", "removal", "consultation")
_MOVE = ("territory", "justification")
_CONSULTATION = ("concertation", "commission_paritaire_regionale")
# What a cell of a workbook holds; and years in which a zoning may be consulted on.
_LONGEST = 32_767
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_LISTS = ("addition", "removal")


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
    region : INSEE code.
    additions : territories to add to the lower class ("zones très sous dotées").
    removals : territories to take out of it.
    concertation : when that of article R. 1434-42 of the code de la santé publique was held.
    commission_paritaire_regionale : when the commission gave its opinion.
    file, sha256 : where it was read from; empty where it was not.

    Raises
    ------
    InputDataError
        A territory is there twice.
    """

    region: str
    additions: tuple[Move, ...] = ()
    removals: tuple[Move, ...] = ()
    concertation: date | None = None
    commission_paritaire_regionale: date | None = None
    file: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        """Refuse a territory that is there twice."""
        if faults := _twice(self.file or "proposal", [move.territory for move in self.moves]):
            raise InputDataError(faults)

    @property
    def moves(self) -> tuple[Move, ...]:
        """Return all that moves, either way."""
        return (*self.additions, *self.removals)


def read_proposal(path: str | Path) -> Proposal:
    """Read a proposal.

    Parameters
    ----------
    path : a TOML file with ``region``, ``[[addition]]`` and ``[[removal]]`` (each a ``territory``
        and a ``justification``) and ``[consultation]`` (the dates ``concertation`` and
        ``commission_paritaire_regionale``). What is still to be filled in is ``""``.

    Returns
    -------
    Proposal

    Raises
    ------
    InputDataError
        It is no TOML, or holds keys and values that mean nothing; all of them told.
    """
    place = Path(path)
    try:
        content = place.read_bytes()
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=place.name,
                    details={"problem": f"cannot be read as TOML ({reason})"},
                )
            ]
        ) from error
    faults = _faults(place.name, document)
    if faults:
        raise InputDataError(faults)
    dates = document.get("consultation", {})
    return Proposal(
        region=document["region"],
        additions=_moves(document.get("addition", [])),
        removals=_moves(document.get("removal", [])),
        concertation=dates.get("concertation") or None,
        commission_paritaire_regionale=dates.get("commission_paritaire_regionale") or None,
        file=place.name,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _moves(rows: Sequence[Mapping[str, str]]) -> tuple[Move, ...]:
    return tuple(Move(row["territory"], row["justification"].strip()) for row in rows)


def _faults(name: str, document: Mapping[str, Any]) -> list[Fault]:
    """Return all that means nothing in a proposal."""
    faults = _unknown(name, "the file", document, _TOP)
    region = document.get("region")
    if not isinstance(region, str) or not re.fullmatch(r"\d{2}", region):
        hint = 'Write its INSEE code in quotes, region = "52".'
        faults.append(
            Fault(
                code="legacy.fault",
                table=name,
                details={"problem": f"region is {_shown(region)}, not a code", "hint": hint},
            )
        )
    codes: list[str] = []
    for key in _LISTS:
        rows = document.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            hint = f"Write [[{key}]] above each."
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=name,
                    details={"problem": f"{key} is no list of tables", "hint": hint},
                )
            )
            continue
        for number, row in enumerate(rows, 1):
            faults += _wrong_move(name, f"{key} {number}", row)
            if isinstance(row.get("territory"), str):
                codes.append(row["territory"])
    faults += _twice(name, codes)
    return faults + _wrong_dates(name, document.get("consultation", {}))


def _wrong_move(name: str, where: str, row: Mapping[str, Any]) -> list[Fault]:
    faults = _unknown(name, where, row, _MOVE)
    code, why = row.get("territory"), row.get("justification")
    if not isinstance(code, str) or not code.strip():
        hint = 'Write its code in quotes, territory = "44009".'
        faults.append(
            Fault(
                code="legacy.fault",
                table=name,
                details={
                    "problem": f"territory of {where} is {_shown(code)}, no code",
                    "hint": hint,
                },
            )
        )
    if not isinstance(why, str):
        hint = 'Write justification = "", and fill it in before the order is made.'
        problem = f"justification of {where} is {_shown(why)}, no text"
        faults.append(
            Fault(code="legacy.fault", table=name, details={"problem": problem, "hint": hint})
        )
    elif len(why) > _LONGEST:
        problem = f"justification of {where} has {len(why)} characters, more than {_LONGEST}"
        faults.append(
            Fault(
                code="legacy.fault",
                table=name,
                details={
                    "problem": problem,
                    "hint": "No cell of a workbook holds more: shorten it.",
                },
            )
        )
    elif why.strip() and not any(letter.isalnum() for letter in why):
        problem = f"justification of {where} holds no word"
        faults.append(
            Fault(
                code="legacy.fault",
                table=name,
                details={
                    "problem": problem,
                    "hint": 'Write it, or "" while it is to be filled in.',
                },
            )
        )
    return faults


def _wrong_dates(name: str, dates: Any) -> list[Fault]:
    if not isinstance(dates, dict):
        return [
            Fault(
                code="legacy.fault",
                table=name,
                details={
                    "problem": "consultation is no table",
                    "hint": "Write [consultation] above it.",
                },
            )
        ]
    hint = 'Write 2024-06-11 without quotes, or "" while it is not held.'
    return _unknown(name, "consultation", dates, _CONSULTATION) + [
        Fault(
            code="legacy.fault",
            table=name,
            details={
                "problem": f"{key} is {_shown(value)}, no date that can be right",
                "hint": hint,
            },
        )
        for key, value in dates.items()
        if key in _CONSULTATION
        and value != ""
        and (not isinstance(value, date) or isinstance(value, datetime) or _senseless(value))
    ]


def _senseless(day: date) -> bool:
    return not _FIRST_YEAR <= day.year <= _LAST_YEAR


def _unknown(name: str, where: str, found: Mapping[str, Any], known: Sequence[str]) -> list[Fault]:
    hint = f"Known: {', '.join(known)}."
    return [Fault(code="legacy.fault", table=name, details={"problem": f"{where} has an unknown key '{key}'", "hint": hint})
            for key in found if key not in known]  # fmt: skip


def _twice(name: str, codes: Sequence[str]) -> list[Fault]:
    hint = "Keep one: a territory is added, or taken out, once."
    return [Fault(code="legacy.fault", table=name, details={"problem": f"territory {code} is there {count} times", "hint": hint})
            for code, count in Counter(codes).items() if count > 1]  # fmt: skip


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)


def proposal_text(proposal: Proposal, remarks: Mapping[str, str]) -> str:
    """Write a proposal as TOML.

    Parameters
    ----------
    proposal : what it says.
    remarks : a comment beside each territory, by code; beside the region under its code.

    Returns
    -------
    str
        What `read_proposal` reads.
    """
    lines = [f"region = {_quoted(proposal.region)}{_remark(remarks.get(proposal.region))}"]
    for key, moves in (("addition", proposal.additions), ("removal", proposal.removals)):
        for move in moves:
            lines += [
                "",
                f"[[{key}]]",
                f"territory = {_quoted(move.territory)}{_remark(remarks.get(move.territory))}",
                f"justification = {_quoted(move.justification)}{_to_fill(move.justification)}",
            ]
    lines += ["", "[consultation]"]
    for key in _CONSULTATION:
        value = getattr(proposal, key)
        lines.append(f"{key} = {value or _quoted('')}{_to_fill(value)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _remark(text: str | None) -> str:
    """Return a comment on one line, whatever a name holds."""
    return f"  # {re.sub(r'[^ -~¡-￼]', ' ', text)}" if text else ""


def _to_fill(value: object) -> str:
    return "" if value else "  # to be filled in"
