"""The summary of a region: margin, candidates, and communes across its border."""

from __future__ import annotations

import pytest
from support.countries import country_of

from apl_engine import InputDataError, MethodologyError
from apl_engine.regional import regional_summary


def test_what_a_region_may_change() -> None:
    summary = regional_summary(country_of(10), "Pays de LA loire")
    assert summary.region.code == "52"
    assert summary.shares["share"].to_list() == [2.5, 2.5, 95.0, 0.0]
    assert summary.additions.to_dicts() == [
        {"territory": "ADD", "territory_name": "Place ADD", "apl": 50.0, "population": 10.0,
         "cumulative": 10.0, "within": True}
    ]  # fmt: skip
    assert summary.removals["territory"].to_list() == ["OUT"]
    assert summary.locked.to_dicts() == [
        {"territory": "AWAY", "territory_name": "Place AWAY", "region": "53",
         "region_name": "Bretagne", "zone": "sous_dotee", "communes": 1, "population": 3.0}
    ]  # fmt: skip
    assert summary.shared.height == 0
    shared = regional_summary(country_of(10), "53").shared
    assert shared.select("territory", "region", "population").row(0) == ("AWAY", "52", 3.0)
    document = summary.as_dict()
    assert document["margin"]["inhabitants"] == 10
    assert document["region_name"] == "Pays de la Loire"


@pytest.mark.parametrize("text", ["Bretagnes", "54", "?", "FR"])
def test_a_region_that_is_unknown(text: str) -> None:
    with pytest.raises(InputDataError) as caught:
        regional_summary(country_of(10), text)
    assert caught.value.faults[0].table == "region"


def test_a_share_that_is_not_published() -> None:
    with pytest.raises(InputDataError) as caught:
        regional_summary(country_of(10, base_share="published", published_shares=()), "52")
    (fault,) = caught.value.faults
    assert (fault.code, fault.details) == ("regional.no_published_share", {"region": "52"})


def test_classes_that_the_methodology_does_not_have() -> None:
    with pytest.raises(MethodologyError) as caught:
        regional_summary(country_of(10, lower_zone="red", upper_zone="blue"), "52")
    assert [(fault.code, fault.key, fault.details["zone"]) for fault in caught.value.faults] == [
        ("regional.unknown_class", "regional.lower_zone", "red"),
        ("regional.unknown_class", "regional.upper_zone", "blue"),
    ]
