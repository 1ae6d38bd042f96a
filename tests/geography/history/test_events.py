"""Events of communes: grouped by day, chains followed, faults."""

from __future__ import annotations

import polars as pl
import pytest
from support.communes_over_time import TALICAN, became, events, kinds, new_codes

from apl_engine.errors import InputDataError
from apl_engine.geography.history.events import affected_codes, group_by_day
from apl_engine.geography.history.passage import passage_from_events


def test_two_communes_exchange_codes_on_one_day() -> None:
    swap = events((50, "2020-05-01", "01001", "01002"), (50, "2020-05-01", "01002", "01001"))
    assert became(swap, 2020, 2021) == {
        "01001": ["01002"],
        "01002": ["01001"],
    }
    assert set(kinds(passage_from_events(swap, 2020, 2021)).values()) == {"recoded"}


def test_a_code_taken_only_to_be_merged_on_the_same_day_is_followed() -> None:
    # Freigné moved to Loire-Atlantique and merged into Vallons-de-l'Erdre on one day.
    freigne = events(
        (41, "2018-01-01", "49144", "44225"),
        (32, "2018-01-01", "44225", "44180"),
        (32, "2018-01-01", "44180", "44180"),
    )
    found = passage_from_events(freigne, 2017, 2018)
    assert new_codes(found) == {"44180": ["44180"], "49144": ["44180"]}
    assert "44225" not in affected_codes(group_by_day(freigne))


def test_a_commune_nouvelle_that_changes_its_code_on_the_day_of_its_creation() -> None:
    merged = events(
        (32, "2019-01-01", "01002", "01001"),
        (32, "2019-01-01", "01001", "01001"),
        (50, "2019-01-01", "01001", "01002"),
    )
    assert became(merged, 2018, 2019) == {
        "01001": ["01002"],
        "01002": ["01002"],
    }


def test_a_code_in_use_is_not_transient() -> None:
    # 01002 merges into 01003, and 01001 takes the code that becomes free.
    rows = events(
        (50, "2015-03-01", "01009", "01002"),
        (50, "2019-01-01", "01001", "01002"),
        (32, "2019-01-01", "01002", "01003"),
        (32, "2019-01-01", "01003", "01003"),
    )
    found = became(rows, 2018, 2019)
    assert found == {"01001": ["01002"], "01002": ["01003"], "01003": ["01003"]}


@pytest.mark.parametrize("mod", [31, 33])
def test_the_receiving_commune_needs_no_row(mod: int) -> None:
    rows = events((mod, "1973-01-01", "01002", "01001"))
    assert became(rows, 1972, 1973) == {
        "01001": ["01001"],
        "01002": ["01001"],
    }


def test_changes_of_name_and_of_communes_deleguees_change_no_code() -> None:
    rows = events(
        (10, "2020-01-01", "01001", "01001", "Old", "New"),
        (34, "2020-01-01", "01001", "01001"),
        (34, "2020-01-01", "01002", "01001", ("COMA", "COM")),
        (35, "2020-01-01", "01003", "01001", ("COMD", "COM")),
        (70, "2020-01-01", "01004", "01004", ("COMA", "COMD")),
        (41, "2020-01-01", "01001", "38001"),
    )
    assert became(rows, 2019, 2020) == {"01001": ["38001"]}


def test_arrondissements_count_as_communes() -> None:
    rows = events((31, "1963-08-07", "69232", "69385", ("COM", "ARM")))
    assert became(rows, 1963, 1964)["69232"] == ["69385"]


def test_faults_of_events_are_all_reported() -> None:
    with pytest.raises(InputDataError) as error:
        group_by_day(TALICAN.drop("mod", "label_after"))
    assert {fault.code for fault in error.value.faults} == {"movements.missing_column"}
    assert [fault.column for fault in error.value.faults] == ["mod", "label_after"]
    dateless = TALICAN.with_columns(
        date=pl.lit(None, pl.Date), mod=pl.Series([32, None, *[21] * 4])
    )
    with pytest.raises(InputDataError) as error:
        group_by_day(dateless)
    mod, date = error.value.faults
    assert (mod.code, mod.column, mod.count, mod.rows) == ("movements.no_value", "mod", 1, (2,))
    assert (date.column, date.count, date.rows) == ("date", 6, (1, 2, 3, 4, 5))
