"""Running contracts in communes that leave the zone; nobody is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.compared import country, with_other_supply
from support.tables import frames, methodology

from apl_engine import Comparison, InputDataError, compare, run_with_network

RULES = methodology()
ONE, TWO = (
    run_with_network(frames(world), RULES) for world in (country(), with_other_supply(country()))
)


def followed(contracts: Any, **options: Any) -> Comparison:
    return compare(ONE[0], TWO[0], networks=(ONE[1], TWO[1]), contracts=contracts, **options)


def by_outcome() -> dict[str, str]:
    """Return a commune of each outcome."""
    rows = followed(None).communes.to_dicts()
    found = {"not_told": "99001"}
    for row in rows:
        lowest = [row[f"zone_{name}"] == "tres_sous_dotee" for name in "ab"]
        outcome = ("stays" if lowest[1] else "runs_on") if lowest[0] else "elsewhere"
        found.setdefault(outcome, row["commune_a"])
    return found


def table(**columns: Any) -> pl.DataFrame:
    places = by_outcome()
    return pl.DataFrame(
        {
            "commune": [places["runs_on"], places["runs_on"], places["elsewhere"], "99001"],
            "contract": ["CAMMK", "CACCMK", "CAIMK", "CAMMK"],
            "signed": [date(2024, 2, 29), date(2025, 7, 1), date(2025, 7, 1), date(2025, 7, 1)],
        }
    ).with_columns(**columns)


def test_who_runs_on_and_until_when() -> None:
    found = followed(table()).contracts
    assert found is not None
    assert found.outcomes.rows() == [
        ("CACCMK", "runs_on", 1),
        ("CAIMK", "elsewhere", 1),
        ("CAMMK", "not_told", 1),
        ("CAMMK", "runs_on", 1),
    ]
    years = dict(found.terms.select("contract", "term_year").iter_rows())
    # Five years from 1 July 2025 end on 30 June 2030.
    assert years == {"CACCMK": 2030, "CAMMK": 2027}


def test_a_term_that_is_told_goes_before() -> None:
    ends = pl.Series([date(2026, 12, 31), *[date(2027, 6, 30)] * 3])
    found = followed(table(ends=ends)).contracts
    assert found is not None
    years = dict(found.terms.select("contract", "term_year").iter_rows())
    assert years == {"CACCMK": 2027, "CAMMK": 2026}


def test_every_fault_is_told_at_once_and_no_value() -> None:
    wrong = table(
        commune=pl.Series(["9401", "01001", "01001", "01001"]),
        contract=pl.Series(["CAMMK", "CAMMKX", "CAMMK", "CAMMK"]),
        ends=pl.Series([date(2026, 1, 1), date(1999, 1, 1), *[date(2027, 1, 1)] * 2]),
        name=pl.lit("Dupont"),
        rpps=pl.lit("10001234567"),
    )
    with pytest.raises(InputDataError) as caught:
        followed(wrong)
    words = str(caught.value)
    assert "contracts: 2 columns beside commune, contract, signed, ends. Leave them out" in words
    assert "contracts, column 'commune': commune codes have lost their first zero" in words
    assert "contracts, column 'contract': not a contract that is known (1 row; row 2)" in words
    assert "contracts, column 'ends': the term is before the signature (1 row; row 2)" in words
    for secret in ("Dupont", "rpps", "name", "1000", "CAMMKX", "9401", "1999"):
        assert secret not in words


def test_what_is_no_table_is_refused_without_a_value(tmp_path: Path) -> None:
    path = tmp_path / "contracts.csv"
    path.write_text("Dupont\n")
    with pytest.raises(InputDataError) as caught:
        followed(path)
    assert "Dupont" not in str(caught.value)
    path.write_text("commune,contract\n01001,CAMMK\n")
    with pytest.raises(InputDataError, match="column 'signed': the column is missing"):
        followed(path)
    path.write_text("commune,contract,signed\n01001,CAMMK,2025-01-01\n")
    assert followed(path).contracts is not None


def test_a_day_without_a_rule_is_told_by_row_alone() -> None:
    days = pl.Series([date(2024, 2, 29), date(2017, 5, 1), date(9999, 12, 31), date(2025, 7, 1)])
    with pytest.raises(InputDataError) as caught:
        followed(table(signed=days))
    words = str(caught.value)
    assert "column 'signed': signed on a day for which no rule tells" in words
    assert "2 rows; rows 2, 3" in words
    assert "add a column ends" in words
    assert "2017" not in words
