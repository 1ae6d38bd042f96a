"""Running contracts in communes that leave the zone which opens them.

Contrat-type régional, article 5: if the place of practice leaves such a zone « le contrat se
poursuit jusqu'à son terme sauf demande de résiliation ». Contracts are anonymous: identifiers are
refused, and no row is returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from ..aids import AidRules, last_day, load_aid_rules
from ..errors import InputDataError
from ..inputs.tables import rows_fault


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
    outcomes = _count(rows, ["contract", "outcome"])
    return Contracts(outcomes, _count(leaving, ["contract", "zone_b", "term_year"]))


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
    if ends.null_count():
        rows = ends.is_null().arg_true()
        raise InputDataError(rows_fault("contracts", "no_rule_for_date", "signed", rows))
    return ends


def _count(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return rows.group_by(by).agg(contracts=pl.len()).sort(by, nulls_last=True)
