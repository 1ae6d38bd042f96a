"""Running contracts in communes that leave the zone; no value is shown."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.compared import RULES, country, with_other_supply
from support.full_runs import run_with_network
from support.tables import frames

from apl_engine import InputDataError, compare
from apl_engine.comparison import Comparison

ONE, TWO = (
    run_with_network(frames(world), RULES) for world in (country(), with_other_supply(country()))
)


def followed(contracts: Any, **options: Any) -> Comparison:
    return compare(ONE[0], TWO[0], networks=(ONE[1], TWO[1]), contracts=contracts, **options)


def by_outcome() -> dict[str, str]:
    """Return a commune of each outcome."""
    rows = followed(None).communes.to_dicts()
    communes = {"not_told": "99001"}
    for row in rows:
        lowest = [row[f"zone_{name}"] == "tres_sous_dotee" for name in "ab"]
        outcome = ("stays" if lowest[1] else "runs_on") if lowest[0] else "elsewhere"
        communes.setdefault(outcome, row["commune_a"])
    return communes


def table(**columns: Any) -> pl.DataFrame:
    codes = by_outcome()
    return pl.DataFrame(
        {
            "commune": [codes["runs_on"], codes["runs_on"], codes["elsewhere"], "99001"],
            "contract": ["CAMMK", "CACCMK", "CAIMK", "CAMMK"],
            "signed": [date(2024, 2, 29), date(2025, 7, 1), date(2025, 7, 1), date(2025, 7, 1)],
        }
    ).with_columns(**columns)


def test_outcomes_and_terms_are_counted() -> None:
    contracts = followed(table()).contracts
    assert contracts is not None
    assert contracts.outcomes.rows() == [
        ("CACCMK", "runs_on", 1),
        ("CAIMK", "elsewhere", 1),
        ("CAMMK", "not_told", 1),
        ("CAMMK", "runs_on", 1),
    ]
    years = dict(contracts.terms.select("contract", "term_year").iter_rows())
    # Five years from 1 July 2025 end on 30 June 2030.
    assert years == {"CACCMK": 2030, "CAMMK": 2027}


def test_a_given_term_takes_precedence() -> None:
    ends = pl.Series([date(2026, 12, 31), *[date(2027, 6, 30)] * 3])
    contracts = followed(table(ends=ends)).contracts
    assert contracts is not None
    years = dict(contracts.terms.select("contract", "term_year").iter_rows())
    assert years == {"CACCMK": 2027, "CAMMK": 2026}


def test_every_fault_is_reported_at_once_without_values() -> None:
    wrong = table(
        commune=pl.Series(["9401", "01001", "01001", "01001"]),
        contract=pl.Series(["CAMMK", "CAMMKX", "CAMMK", "CAMMK"]),
        ends=pl.Series([date(2026, 1, 1), date(1999, 1, 1), *[date(2027, 1, 1)] * 2]),
        name=pl.lit("Dupont"),
        rpps=pl.lit("10001234567"),
    )
    with pytest.raises(InputDataError) as caught:
        followed(wrong)
    faults = {(fault.code, fault.column): fault for fault in caught.value.faults}
    assert faults["contracts.extra_columns", None].details["columns"] == 2
    assert {column for _, column in faults} == {None, "commune", "contract", "ends"}
    early = faults["contracts.term_before_signature", "ends"]
    assert (early.count, early.rows) == (1, (2,))
    assert not any(fault.values for fault in caught.value.faults)
    words = str(caught.value)
    for secret in ("Dupont", "rpps", "name", "1000", "CAMMKX", "9401", "1999"):
        assert secret not in words


def test_a_file_that_is_not_a_table_is_refused_without_values(tmp_path: Path) -> None:
    path = tmp_path / "contracts.csv"
    path.write_text("Dupont\n")
    with pytest.raises(InputDataError) as caught:
        followed(path)
    assert "Dupont" not in str(caught.value)
    path.write_text("commune,contract\n01001,CAMMK\n")
    with pytest.raises(InputDataError) as caught:
        followed(path)
    assert [fault.column for fault in caught.value.faults] == ["signed"]
    path.write_text("commune,contract,signed\n01001,CAMMK,2025-01-01\n")
    assert followed(path).contracts is not None


def test_a_date_without_a_rule_is_reported_by_row_alone() -> None:
    days = pl.Series([date(2024, 2, 29), date(2017, 5, 1), date(9999, 12, 31), date(2025, 7, 1)])
    with pytest.raises(InputDataError) as caught:
        followed(table(signed=days))
    (fault,) = caught.value.faults
    assert (fault.code, fault.column) == ("contracts.no_rule_for_date", "signed")
    assert (fault.count, fault.rows, fault.values) == (2, (2, 3), ())
    assert "2017" not in str(caught.value)
