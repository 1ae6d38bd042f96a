"""Running contracts in communes that leave the zone that opens them: they run on to their term.

Contrat-type régional, article 5: where the place of practice leaves such a zone « le contrat se
poursuit jusqu'à son terme sauf demande de résiliation ». What a contract is about is not told: no
identifier goes in, no row comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from ..aids import AidRules, last_day, load_aid_rules
from ..errors import Fault, InputDataError
from ..inputs.tables import Source, open_table
from ..inputs.validate import check_table
from ..schemas import CONTRACTS


@dataclass(frozen=True)
class Contracts:
    """What becomes of running contracts.

    Attributes
    ----------
    outcomes : one row per ``contract`` and ``outcome``: ``runs_on`` (its commune leaves the zone),
        ``stays`` (it does not), ``elsewhere`` (the commune was not in the zone in A), ``not_told``
        (the commune stands in neither result, or in one only); ``contracts``.
    terms : of those that run on, one row per ``contract``, ``zone_b`` and ``term_year`` (null where
        no term is told): ``contracts``.
    """

    outcomes: pl.DataFrame
    terms: pl.DataFrame


def read_contracts(given: object) -> pl.DataFrame:
    """Read and check a table of running contracts.

    Parameters
    ----------
    given : path of a Parquet, CSV or Arrow file, or a frame: ``commune``, ``contract``, ``signed``
        and, where it is known of every contract, ``ends``. Nothing else: nobody is to be
        identified.

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
        raise InputDataError([_without_values(source)])
    checked = check_table(CONTRACTS, source)
    faults = [*_more_columns(source), *checked.faults]
    frame = checked.frame
    if frame is not None and {"signed", "ends"} <= set(frame.columns):
        faults += _early(frame["ends"] < frame["signed"])
    if faults or frame is None:
        raise InputDataError([_without_values(fault) for fault in faults])
    return frame


def _without_values(fault: Fault) -> Fault:
    return Fault(
        code="legacy.fault",
        table=fault.table,
        column=fault.column,
        count=fault.count,
        rows=fault.rows,
        values=(),
        details={"problem": fault.problem, "hint": fault.hint},
    )


def _more_columns(source: Source) -> list[Fault]:
    """Refuse what might tell who somebody is."""
    more = len(set(source.frame.collect_schema().names()) - set(CONTRACTS.names))
    if not more:
        return []
    problem = f"{more} columns beside {', '.join(CONTRACTS.names)}"
    return [
        Fault(
            code="legacy.fault",
            table=CONTRACTS.name,
            details={"problem": problem, "hint": "Leave them out: nobody is to be identified."},
        )
    ]


def _early(wrong: pl.Series) -> list[Fault]:
    rows = wrong.fill_null(False).arg_true()
    if rows.is_empty():
        return []
    shown = tuple(int(row) + 1 for row in rows.head(3))
    problem = "the term is before the signature"
    return [
        Fault(
            code="legacy.fault",
            table=CONTRACTS.name,
            column="ends",
            count=len(rows),
            rows=shown,
            details={"problem": problem},
        )
    ]


def follow_contracts(
    contracts: pl.DataFrame, parts: pl.DataFrame, rules: AidRules | None = None
) -> Contracts:
    """Find out which contracts run on to their term in a zone that their commune left.

    Parameters
    ----------
    contracts : as from `read_contracts`.
    parts : as from `pieces.parts_of`. A contract goes by the code of A, else of B; in a commune of
        several parts, by the part with most inhabitants.
    rules : for the zones that open a contract and, where the table tells no term, for how long
        each runs from its signature, its renewals aside; those shipped where None.

    Returns
    -------
    Contracts
    """
    rules = rules or load_aid_rules()
    aided = list(rules.values["zones.conventional"][-1].parsed.zones)
    outcome = (
        pl.when(pl.col("listed").ne_missing("both"))
        .then(pl.lit("not_told"))
        .when(~pl.col("zone_a").is_in(aided).fill_null(False))
        .then(pl.lit("elsewhere"))
        .when(pl.col("zone_b").is_in(aided).fill_null(False))
        .then(pl.lit("stays"))
        .otherwise(pl.lit("runs_on"))
    )
    rows = (
        contracts.join(_zones_by_code(parts), on="commune", how="left", maintain_order="left")
        .with_columns(outcome.alias("outcome"))
        .with_columns(term_year=_term(contracts, rules).dt.year())
    )
    leaving = rows.filter(outcome="runs_on")
    return Contracts(
        _counted(rows, ["contract", "outcome"]),
        _counted(leaving, ["contract", "zone_b", "term_year"]),
    )


def _zones_by_code(parts: pl.DataFrame) -> pl.DataFrame:
    by_code = [
        parts.filter(pl.col(f"commune_{name}").is_not_null())
        .sort(f"population_{name}", descending=True, maintain_order=True)
        .select("listed", "zone_a", "zone_b", commune=f"commune_{name}")
        for name in "ab"
    ]
    return pl.concat(by_code).unique("commune", keep="first", maintain_order=True)


def _term(contracts: pl.DataFrame, rules: AidRules) -> pl.Series:
    """Return the day to which each contract runs."""
    if "ends" in contracts.columns:
        return contracts["ends"]
    days: list[date | None] = []
    for kind, signed in contracts.select("contract", "signed").iter_rows():
        try:
            days.append(last_day(kind, signed, rules))
        except (InputDataError, ValueError):
            days.append(None)
    ends = pl.Series(days, dtype=pl.Date)
    if ends.null_count():
        rows = ends.is_null().arg_true()
        shown = tuple(int(row) + 1 for row in rows.head(3))
        problem = "signed on a day for which no rule tells how long a contract runs"
        hint = "Correct the day, or add a column ends to the table."
        fault = Fault(
            code="legacy.fault",
            table=CONTRACTS.name,
            column="signed",
            count=len(rows),
            rows=shown,
            details={"problem": problem, "hint": hint},
        )
        raise InputDataError([fault])
    return ends


def _counted(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return rows.group_by(by).agg(contracts=pl.len()).sort(by, nulls_last=True)
