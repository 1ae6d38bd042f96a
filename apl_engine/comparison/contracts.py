"""Running contracts in communes that leave the zone which opens them.

Contrat-type régional, article 5: if the place of practice leaves such a zone « le contrat se
poursuit jusqu'à son terme sauf demande de résiliation ». Contracts are anonymous: identifiers are
refused, and no row is returned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from ..aids import AidRules, last_day, load_aid_rules
from ..errors import Fault, InputDataError
from ..inputs.tables import Source, open_table
from ..inputs.validate import check_table
from ..schemas import CONTRACTS

_SHOWN = 3


@dataclass(frozen=True)
class Contracts:
    """The outcome of running contracts.

    Attributes
    ----------
    outcomes : pl.DataFrame
        A row per ``contract`` and ``outcome``: ``runs_on`` (its commune leaves the zone),
        ``stays`` (it does not), ``elsewhere`` (the commune was not in the zone in A),
        ``not_told`` (the commune is in neither result, or in one only); ``contracts``.
    terms : pl.DataFrame
        Of those that run on, a row per ``contract``, ``zone_b`` and ``term_year`` (null if
        unknown): ``contracts``.
    """

    outcomes: pl.DataFrame
    terms: pl.DataFrame


def read_contracts(given: object) -> pl.DataFrame:
    """Read and validate a table of running contracts.

    Parameters
    ----------
    given : path or frame
        A Parquet, CSV or Arrow file, or a frame: ``commune``, ``contract``, ``signed`` and, if it
        is known of every contract, ``ends``. Other columns are refused, as they may identify
        practitioners.

    Returns
    -------
    pl.DataFrame

    Raises
    ------
    InputDataError
        Lists every fault, without any value.
    """
    source = open_table(CONTRACTS.name, given, CONTRACTS.names)
    if isinstance(source, Fault):
        raise InputDataError(replace(source, values=()))
    checked = check_table(CONTRACTS, source)
    faults = [*_extra_columns(source), *(replace(fault, values=()) for fault in checked.faults)]
    frame = checked.frame
    if frame is not None and {"signed", "ends"} <= set(frame.columns):
        early = (frame["ends"] < frame["signed"]).fill_null(False)
        faults += _faulty_rows("contracts.term_before_signature", "ends", early)
    if faults or frame is None:
        raise InputDataError(faults)
    return frame


def _extra_columns(source: Source) -> list[Fault]:
    extra = len(set(source.frame.collect_schema().names()) - set(CONTRACTS.names))
    if not extra:
        return []
    details = {"columns": extra, "allowed": tuple(CONTRACTS.names)}
    return [Fault(code="contracts.extra_columns", table=CONTRACTS.name, details=details)]


def _faulty_rows(code: str, column: str, wrong: pl.Series) -> list[Fault]:
    """Return a fault for the rows that are wrong, if any."""
    if not (count := int(wrong.sum())):
        return []
    rows = tuple(int(row) + 1 for row in wrong.arg_true().head(_SHOWN))
    return [Fault(code=code, table=CONTRACTS.name, column=column, count=count, rows=rows)]


def follow_contracts(
    contracts: pl.DataFrame, communes: pl.DataFrame, rules: AidRules | None = None
) -> Contracts:
    """Determine which contracts run to their term in a commune that left the zone.

    Parameters
    ----------
    contracts : pl.DataFrame
        As from `read_contracts`.
    communes : pl.DataFrame
        As from `communes_of_both`. A contract is matched by the code of A, or else of B; a commune
        of several fragments has the zones of the one with most inhabitants.
    rules : AidRules, optional
        For the zones that open a contract and, if the table has no terms, for how long each runs
        from its signature, without renewals; by default those shipped.

    Returns
    -------
    Contracts

    Raises
    ------
    InputDataError
        No rule states the term of a contract signed on that day.
    """
    rules = rules or load_aid_rules()
    aided = list(rules.values["zones.conventional"][-1].parsed.zones)
    before, after = (pl.col(f"zone_{name}").is_in(aided).fill_null(False) for name in "ab")
    outcome = (
        pl.when(pl.col("listed").ne_missing("both")).then(pl.lit("not_told"))
        .when(~before).then(pl.lit("elsewhere"))
        .when(after).then(pl.lit("stays"))
        .otherwise(pl.lit("runs_on"))
    )  # fmt: skip
    rows = (
        contracts.join(_zones_by_code(communes), on="commune", how="left", maintain_order="left")
        .with_columns(outcome=outcome, term_year=_terms(contracts, rules).dt.year())
    )  # fmt: skip
    leaving = rows.filter(outcome="runs_on")
    return Contracts(
        _count(rows, ["contract", "outcome"]),
        _count(leaving, ["contract", "zone_b", "term_year"]),
    )


def _zones_by_code(communes: pl.DataFrame) -> pl.DataFrame:
    by_code = [
        communes.filter(pl.col(f"commune_{name}").is_not_null())
        .sort(f"population_{name}", descending=True, maintain_order=True)
        .select("listed", "zone_a", "zone_b", commune=f"commune_{name}")
        for name in "ab"
    ]
    return pl.concat(by_code).unique("commune", keep="first", maintain_order=True)


def _terms(contracts: pl.DataFrame, rules: AidRules) -> pl.Series:
    """Return the last day of each contract."""
    if "ends" in contracts.columns:
        return contracts["ends"]
    days: list[date | None] = []
    for kind, signed in contracts.select("contract", "signed").iter_rows():
        try:
            days.append(last_day(kind, signed, rules))
        except (InputDataError, ValueError):
            days.append(None)
    ends = pl.Series(days, dtype=pl.Date)
    if faults := _faulty_rows("contracts.no_rule_for_date", "signed", ends.is_null()):
        raise InputDataError(faults)
    return ends


def _count(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return rows.group_by(by).agg(contracts=pl.len()).sort(by, nulls_last=True)
