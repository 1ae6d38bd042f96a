"""The vintage that commune codes fit."""

from __future__ import annotations

import polars as pl
import pytest
from support.communes_over_time import TALICAN, passage_table

from apl_engine.geography.history.guess_vintage import guess_vintage, vintage_fault


@pytest.mark.slow
def test_the_passage_table_of_insee_identifies_vintages() -> None:
    table = passage_table()
    for year in (2021, 2022, 2023, 2024):
        assert year in guess_vintage(table[f"COM{year}"], table)
    assert guess_vintage(table["COM2023"], table) == [2023]
    assert guess_vintage(["60694", "01001", "75101"], table) == [2024]
    fault = vintage_fault("communes", table["COM2024"], 2023, table)
    assert fault
    assert (fault.code, fault.values) == (
        "commune_codes.other_vintage",
        ("60694", "85165", "85212"),
    )
    assert fault.details == {"codes": 3, "year": 2023, "fitting_year": 2024}


def test_events_identify_vintages() -> None:
    assert guess_vintage(["60452"], TALICAN) == [2016]
    assert guess_vintage(["60054"], TALICAN) == list(range(2016, 2026))
    assert guess_vintage(["60694"], TALICAN) == [2016, 2024, 2025]
    assert guess_vintage(["60694"], TALICAN.clear()) == []
    fault = vintage_fault("communes", ["60452", "60054"], 2020, TALICAN)
    assert fault
    assert (fault.code, fault.values) == ("commune_codes.other_vintage", ("60452",))
    assert fault.details == {"codes": 1, "year": 2020, "fitting_year": 2016}
    assert vintage_fault("communes", ["60054"], 2020, TALICAN) is None


def test_codes_of_no_known_year_and_private_codes() -> None:
    table = pl.DataFrame({"COM2020": ["01001"], "COM2021": ["01001"]})
    fault = vintage_fault("practitioners", ["99999"], 2020, table, private=True)
    assert fault
    assert fault.code == "commune_codes.unknown_codes"
    assert "99999" not in str(fault)
    assert "99999" not in str(fault.as_dict())
    assert vintage_fault("communes", ["99999"], 1999, table) is None
