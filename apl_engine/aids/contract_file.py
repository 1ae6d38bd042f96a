"""TOML to `Contract`. Every fault of a file is found at once, and nothing of a person is echoed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from ..errors import Fault, InputDataError
from .contract import Contract, Earlier, Payment, Procedure, Termination, Trainee, ZoneChange
from .contract_checks import faults_of
from .dates import FIRST_DAY, LAST_DAY, Period
from .rules.load import load_aid_rules
from .rules.rules import AidRules
from .rules.values import KINDS

_PERSONAL = re.compile(
    r"nom|name|rpps|adeli|^am$|^numero|^number|^id|identi|siret|siren|nir|naissance|birth|mail"
    r"|phone|telephone|adress|address|practitioner|praticien|kine",
    re.IGNORECASE,
)
_SAFE_KEY = re.compile(r"[A-Za-z_-]{1,40}")
_KEYS = {
    "": {"contract", "signed", "commune", "zone", "uplift", "acts", "paid", "trainee",
         "termination", "zone_change", "earlier"},
    "paid": {"date", "amount", "kind"},
    "trainee": {"from", "to", "share", "year"},
    "termination": {"by", "on", "letter_received", "answered", "cpd_agrees", "cpn_agrees"},
    "zone_change": {"on", "zone"},
    "earlier": {"contract", "from", "to"},
}  # fmt: skip

Part = TypeVar("Part")


def read_contract(path: str | Path, rules: AidRules | None = None) -> Contract:
    """Read the file of a contract, see docs/aids.md.

    Parameters
    ----------
    path : a TOML file. It holds no name and no identifier of a practitioner.
    rules : as from `load_aid_rules`; by default those shipped.

    Returns
    -------
    Contract

    Raises
    ------
    InputDataError
        All that is wrong with the file: unknown keys, values that are not possible, dates
        outside the contract, a zone that opened no right to it, contracts that exclude it.
    """
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        problem = f"cannot be read as TOML: {getattr(error, 'strerror', None) or error}"
        raise InputDataError(
            [Fault(code="legacy.fault", table=path.name, details={"problem": problem})]
        ) from error
    reader = _Reader(path.name)
    contract = reader.contract(raw)
    if contract is None:
        raise InputDataError(reader.faults)
    faults = [*reader.faults, *faults_of(contract, rules or load_aid_rules(), path.name)]
    if faults:
        raise InputDataError(faults)
    return contract


class _Reader:
    """Reads values one by one and gathers what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def contract(self, raw: Mapping[str, Any]) -> Contract | None:
        """Return what can be read; None where kind or signature cannot."""
        self.check_keys("", raw)
        kind = self.take(raw, "", "contract", _kind)
        signed = self.take(raw, "", "signed", _day)
        termination = self.one(raw, "termination", self.termination)
        found = Contract(
            kind=kind or "",
            signed=signed or FIRST_DAY,
            commune=self.take(raw, "", "commune", _commune, None),
            zone=self.take(raw, "", "zone", _word, None),
            uplift=bool(self.take(raw, "", "uplift", _flag, False)),
            acts=self.take(raw, "", "acts", _acts, ()) or (),
            trainees=self.many(raw, "trainee", self.trainee),
            termination=termination,
            zone_changes=self.many(raw, "zone_change", self.zone_change),
            earlier=self.many(raw, "earlier", self.earlier),
        )
        if "paid" in raw:
            found = replace(found, paid=self.many(raw, "paid", self.payment))
        return found if kind and signed else None

    def payment(self, row: Mapping[str, Any], where: str) -> Payment | None:
        on = self.take(row, where, "date", _day)
        amount = self.take(row, where, "amount", _amount)
        kind = self.take(row, where, "kind", _payment_kind, "aid")
        return None if on is None or amount is None or kind is None else Payment(on, amount, kind)

    def trainee(self, row: Mapping[str, Any], where: str) -> Trainee | None:
        period = self.period(row, where)
        year = self.take(row, where, "year", _whole)
        share = self.take(row, where, "share", _share, Fraction(1))
        # A share that is refused hides no other fault of the trainee.
        return (
            None if period is None or year is None else Trainee(period, year, share or Fraction(1))
        )

    def zone_change(self, row: Mapping[str, Any], where: str) -> ZoneChange | None:
        on, zone = self.take(row, where, "on", _day), self.take(row, where, "zone", _word)
        return None if on is None or zone is None else ZoneChange(on, zone)

    def earlier(self, row: Mapping[str, Any], where: str) -> Earlier | None:
        kind, period = self.take(row, where, "contract", _kind), self.period(row, where)
        return None if kind is None or period is None else Earlier(kind, period)

    def termination(self, row: Mapping[str, Any], where: str) -> Termination | None:
        by, on = self.take(row, where, "by", _side), self.take(row, where, "on", _day)
        received = self.take(row, where, "letter_received", _day, None)
        views = {
            key: self.take(row, where, key, _flag, None)
            for key in ("answered", "cpd_agrees", "cpn_agrees")
        }
        given = [key for key in ("letter_received", *views) if key in row]
        if given and by == "practitioner":
            self.fault(f"{where}.{given[0]}", 'belongs to a termination by = "caisse"')
        elif given and "letter_received" not in row:
            self.fault(f"{where}.{given[0]}", "needs letter_received, from which delays run")
        elif views["cpd_agrees"] is not None and not views["answered"]:
            self.fault(f"{where}.cpd_agrees", "the CPD is seized only where answered = true")
        elif views["cpn_agrees"] is not None and views["cpd_agrees"] is not False:
            self.fault(f"{where}.cpn_agrees", "the CPN is seized only where cpd_agrees = false")
        if by is None or on is None:
            return None
        return Termination(by, on, Procedure(received, **views) if received else None)

    def period(self, row: Mapping[str, Any], where: str) -> Period | None:
        first, last = self.take(row, where, "from", _day), self.take(row, where, "to", _day)
        if first is None or last is None:
            return None
        if last < first:
            self.fault(where, f"ends on {last}, before it begins on {first}")
            return None
        return Period(first, last)

    def take(
        self,
        row: Mapping[str, Any],
        where: str,
        key: str,
        parse: Callable[[Any], Part],
        *default: Part | None,
    ) -> Part | None:
        """Return a value; the default, or a fault, where it is not there; None where refused."""
        place = f"{where}.{key}" if where else key
        if key not in row:
            if default:
                return default[0]
            self.fault(place, "missing")
            return None
        try:
            return parse(row[key])
        except ValueError as error:
            self.fault(place, str(error))
            return None

    def one(
        self,
        raw: Mapping[str, Any],
        key: str,
        read: Callable[[Mapping[str, Any], str], Part | None],
    ) -> Part | None:
        if key not in raw:
            return None
        if not isinstance(raw[key], dict):
            self.fault(key, f"expected a table, [{key}]")
            return None
        self.check_keys(key, raw[key])
        return read(raw[key], key)

    def many(
        self,
        raw: Mapping[str, Any],
        key: str,
        read: Callable[[Mapping[str, Any], str], Part | None],
    ) -> tuple[Part, ...]:
        rows = raw.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.fault(key, f"expected a list of tables, [[{key}]]")
            return ()
        found = []
        for number, row in enumerate(rows, 1):
            where = f"{key} {number}"
            self.check_keys(key, row, where)
            if (part := read(row, where)) is not None:
                found.append(part)
        return tuple(found)

    def check_keys(self, table: str, row: Mapping[str, Any], where: str = "") -> None:
        place = where or table
        for key in sorted(row.keys() - _KEYS[table]):
            shown = f"'{key}'" if _SAFE_KEY.fullmatch(key) else "a key that is no word"
            if _PERSONAL.search(key) or not _SAFE_KEY.fullmatch(key):
                problem = (
                    f"{shown} is refused: the file of a contract holds nothing that could tell "
                    "who the practitioner is"
                )
                self.fault(place, problem, "Take it out; no amount depends on it.")
            else:
                known = ", ".join(sorted(_KEYS[table]))
                self.fault(place, f"unknown key {shown}", f"Known: {known}.")

    def fault(self, place: str, problem: str, hint: str = "") -> None:
        self.faults.append(
            Fault(
                code="legacy.fault",
                table=f"{self.file}: {place}" if place else self.file,
                details={"problem": problem, "hint": hint},
            )
        )


def _kind(value: Any) -> str:
    if value not in KINDS:
        raise ValueError(f"expected one of {', '.join(KINDS)}")
    return str(value)


def _side(value: Any) -> str:
    if value not in ("practitioner", "caisse"):
        raise ValueError('expected "practitioner" or "caisse"')
    return str(value)


def _payment_kind(value: Any) -> str:
    if value not in ("aid", "uplift"):
        raise ValueError('expected "aid" or "uplift"')
    return str(value)


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("expected a day, written 2025-09-15 without quotes")
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError(f"{value} lies outside {FIRST_DAY} to {LAST_DAY}")
    return value


def _commune(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9][0-9AB][0-9]{3}", value):
        raise ValueError('expected an INSEE code of five characters in quotes, such as "72003"')
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z_]{1,40}", value):
        raise ValueError('expected the id of a zone, such as "tres_sous_dotee"')
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("expected a whole number")
    return value


def _acts(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ValueError("expected a list of whole numbers, one for each contract year")
    return tuple(_whole(number) for number in value)


def _number(value: Any) -> Fraction:
    # An exponent would make a number of a billion figures of a few characters.
    written = str(value) if isinstance(value, int | Decimal | str) else ""
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12}|/0*[1-9][0-9]{0,11})?", written):
        raise ValueError('expected a number, such as 4000.00 or "1/2"')
    return Fraction(written)


def _share(value: Any) -> Fraction:
    share = _number(value)
    if not 0 < share <= 1:
        raise ValueError(f"share {value} is not above 0 and at most 1")
    return share


def _amount(value: Any) -> Decimal:
    amount = _number(value)
    if amount < 0:
        raise ValueError(f"amount {value} is negative")
    if (amount * 100).denominator != 1:
        raise ValueError(f"amount {value} is not in whole cents")
    return int(amount * 100) * Decimal("0.01")
