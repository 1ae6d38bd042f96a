"""TOML to `Contract`. All faults of a file are raised together; none repeats personal data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..errors import Fault, InputDataError, check_arguments
from ..methodology.parsers import (
    ValueRefusedError,
    choice,
    day,
    flag,
    items,
    matching,
    number,
    refused,
    whole,
)
from ..small_files import read_small_file
from .contract import (
    CAUSES,
    MONIES,
    SIDES,
    Contract,
    Earlier,
    Payment,
    Practice,
    Procedure,
    Termination,
    Trainee,
    ZoneChange,
)
from .contract_checks import contract_faults
from .dates import FIRST_DAY, LAST_DAY, Period
from .money import CENT, LARGEST
from .rules.load import load_aid_rules
from .rules.rules import AidRules
from .rules.values import KINDS

_PERSONAL = re.compile(
    r"nom|name|rpps|adeli|^am$|^numero|^number|^id|identi|siret|siren|nir|naissance|birth|mail"
    r"|phone|telephone|adress|address|practitioner|praticien|kine",
    re.IGNORECASE,
)
_Row = Mapping[str, Any]
_SAFE_KEY = re.compile(r"[A-Za-z_-]{1,40}")


def _day(value: Any) -> date:
    if not FIRST_DAY <= day(value) <= LAST_DAY:
        raise refused("day_out_of_range", first=str(FIRST_DAY), last=str(LAST_DAY))
    return day(value)


def _amount(value: Any) -> Decimal:
    amount = number(0, LARGEST, denominator=10**12)(value)
    if (amount * 100).denominator != 1:
        raise refused("not_whole_cents")
    return int(amount * 100) * CENT


def _period(row: _Row) -> Period:
    return Period(row["from"], row["to"])


_VIEWS = ("answered", "cpd_agrees", "cpn_agrees")
_PROCEDURE = ("letter_received", *_VIEWS)
_kind = choice(*KINDS)
_share = number(high=1, above=0, denominator=10**12)
_zone = matching("[a-z_]{1,40}", "not_a_zone")
_word = matching("[A-Za-z_]{1,40}", "not_a_word")
# The keys of each table of the file, each with its parser; "" is the top.
_PARSERS = {
    "": {
        "contract": _kind,
        "signed": _day,
        "commune": matching("[0-9][0-9AB][0-9]{3}", "not_a_commune"),
        "zone": _zone,
        "uplift": flag,
        "acts": items(whole()),
        "activity_in_zone": number(0, 1, denominator=10**12),
        "modernisation_aid": flag,
    },
    "practice": {
        "form": _word,
        "replacement": flag,
        "practitioners": whole(0),
        "link": _word,
        "setting": _word,
        "conventioned": flag,
        "same_premises": flag,
        "recognised": flag,
    },
    "paid": {"date": _day, "amount": _amount, "kind": choice(*MONIES)},
    "trainee": {"from": _day, "to": _day, "year": whole(), "share": _share},
    "zone_change": {"on": _day, "zone": _zone},
    "earlier": {"contract": _kind, "from": _day, "to": _day},
    "termination": {
        "by": choice(*SIDES),
        "on": _day,
        "cause": choice(*CAUSES),
        "letter_received": _day,
        **dict.fromkeys(_VIEWS, flag),
    },
}
_OPTIONAL = {
    "": {"commune", "zone", "uplift", "acts", "activity_in_zone", "modernisation_aid"},
    "paid": {"kind"},
    "trainee": {"share"},
    "practice": _PARSERS["practice"].keys() - {"form"},
    "termination": {"cause", *_PROCEDURE},
}
_BUILDERS: Mapping[str, Callable[[_Row], Any]] = {
    "paid": lambda row: Payment(row["date"], row["amount"], row.get("kind", "aid")),
    # A share that is refused hides no other fault of the trainee.
    "trainee": lambda row: Trainee(_period(row), row["year"], row.get("share", Fraction(1))),
    "zone_change": lambda row: ZoneChange(row["on"], row["zone"]),
    "earlier": lambda row: Earlier(row["contract"], _period(row)),
}
_TABLES = _PARSERS.keys() - {""}


@check_arguments(path=(str, Path), rules=(AidRules, None))
def read_contract(path: str | Path, rules: AidRules | None = None) -> Contract:
    """Read the file of a contract; docs/aids.md describes it.

    Parameters
    ----------
    path : str or Path
        A TOML file. It contains no name and no identifier of a practitioner.
    rules : AidRules, optional
        By default those shipped.

    Returns
    -------
    Contract

    Raises
    ------
    InputDataError
        All that is wrong with the file: unknown keys, impossible values, dates outside the
        contract, a zone that gives no right to it, contracts that exclude it.
    """
    path = Path(path)
    try:
        raw = tomllib.loads(read_small_file(path).decode("utf-8-sig"), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        details = {"reason": getattr(error, "strerror", None) or str(error)}
        raise InputDataError(Fault("contract.unreadable", path.name, details=details)) from error
    reader = _Reader(path.name)
    contract = reader.contract(raw)
    faults = reader.faults
    if contract is not None:
        faults += contract_faults(contract, rules or load_aid_rules(), path.name)
    if faults or contract is None:
        raise InputDataError(faults)
    return contract


class _Reader:
    """Reads the tables of a contract and collects what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def contract(self, raw: _Row) -> Contract | None:
        """Return what can be read; None if the kind or the signature cannot."""
        top = self.row("", {key: value for key, value in raw.items() if key not in _TABLES})
        rows = {table: self.rows(raw, table) for table in _BUILDERS}
        termination, practice = self.termination(raw), self.practice(raw)
        if not {"contract", "signed"} <= top.keys():
            return None
        return Contract(
            kind=top.pop("contract"),
            **top,
            paid=rows["paid"] if "paid" in raw else None,
            trainees=rows["trainee"],
            termination=termination,
            zone_changes=rows["zone_change"],
            earlier=rows["earlier"],
            practice=practice,
        )

    def table(self, raw: _Row, table: str) -> dict[str, Any] | None:
        """Return the values of a table that stands once; None if there is none."""
        given = raw.get(table)
        if given is not None and not isinstance(given, dict):
            self.fault("value.not_a_table", table, keys=tuple(_PARSERS[table]))
            return None
        return None if given is None else self.row(table, given, table)

    def practice(self, raw: _Row) -> Practice | None:
        row = self.table(raw, "practice")
        return Practice(**row) if row and "form" in row else None

    def termination(self, raw: _Row) -> Termination | None:
        row = self.table(raw, "termination")
        if row is None:
            return None
        given = raw["termination"]
        steps = [f"termination.{key}" for key in _PROCEDURE if key in given]
        views = [row.get(key) for key in _VIEWS]
        if steps and row.get("by") == "practitioner":
            self.fault("contract.procedure_of_practitioner", steps[0])
        elif steps and "letter_received" not in given:
            self.fault("contract.procedure_without_letter", steps[0])
        elif views[1] is not None and not views[0]:
            self.fault("contract.cpd_not_seized", "termination.cpd_agrees")
        elif views[2] is not None and views[1] is not False:
            self.fault("contract.cpn_not_seized", "termination.cpn_agrees")
        if not {"by", "on"} <= row.keys():
            return None
        received = row.get("letter_received")
        procedure = Procedure(received, *views) if received else None
        return Termination(row["by"], row["on"], procedure, row.get("cause"))

    def rows(self, raw: _Row, table: str) -> tuple[Any, ...]:
        """Return what the complete rows of a table describe."""
        rows = raw.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.fault("contract.not_tables", table)
            return ()
        required = _PARSERS[table].keys() - _OPTIONAL.get(table, set())
        read = [self.row(table, row, f"{table}[{number}]") for number, row in enumerate(rows, 1)]
        return tuple(_BUILDERS[table](row) for row in read if required <= row.keys())

    def row(self, table: str, row: _Row, key: str = "") -> dict[str, Any]:
        """Return the values of a row that its parsers accept; no day of a reversed period."""
        parsers, prefix = _PARSERS[table], f"{key}." if key else ""
        known = (*parsers, *(sorted(_TABLES) if not table else ()))
        for name in sorted(row.keys() - parsers):
            if not _SAFE_KEY.fullmatch(name):
                self.fault("contract.unsafe_key", key)
            elif _PERSONAL.search(name):
                self.fault("contract.personal_key", prefix + name)
            else:
                self.fault("value.unknown_key", prefix + name, keys=known)
        values = {}
        for name, parser in parsers.items():
            if name not in row:
                if name not in _OPTIONAL.get(table, ()):
                    self.fault("value.missing_key", prefix + name)
                continue
            try:
                values[name] = parser(row[name])
            except ValueRefusedError as error:
                # A refused value may be the name of a person in the wrong place.
                faults = (p.fault(self.file, prefix + name, show=False) for p in error.problems)
                self.faults.extend(faults)
        if {"from", "to"} <= values.keys() and not _period(values).days:
            self.fault("contract.period_reversed", key, **_period(values).as_dict())
            del values["from"]
        return values

    def fault(self, code: str, key: str, **details: object) -> None:
        self.faults.append(Fault(code, self.file, key=key or None, details=details))
