"""What zones open."""

from __future__ import annotations

from datetime import date

import pytest

from apl_engine import InputDataError
from apl_engine.aids import aids_of_zone


@pytest.mark.parametrize(
    ("zone", "on", "opened"),
    [
        # Arrêté of 20 March 2024, annexe, I.
        ("tres_sous_dotee", "2024-11-01", {"conventional", "collectivities", "agency"}),
        ("sous_dotee", "2024-11-01", {"collectivities", "agency"}),
        ("intermediaire", "2024-11-01", {"agency"}),
        ("non_prioritaire", "2024-11-01", {"regulated"}),
        # Before avenant 7.
        ("sous_dotee", "2022-01-01", {"conventional", "collectivities", "agency"}),
        ("tres_dotee", "2022-01-01", set()),
        ("sur_dotee", "2022-01-01", {"regulated"}),
        ("non_prioritaire", "2022-01-01", set()),
    ],
)
def test_what_zones_open(zone: str, on: str, opened: set[str]) -> None:
    result = aids_of_zone(zone, date.fromisoformat(on))
    assert {m.measure for m in result.measures if m.opens} == opened
    assert result.regulated == ("regulated" in opened)
    offers = [(o.kind, str(o.maximum), o.years, o.renewable) for o in result.contracts]
    assert offers == (
        [
            ("CACCMK", "49000.00", 5, False),
            ("CAIMK", "34000.00", 5, False),
            ("CAMMK", "12000.00", 3, True),
        ]
        if "conventional" in opened
        else []
    )
    assert result.as_dict()["on"] == on


def test_an_unknown_zone_or_day() -> None:
    with pytest.raises(InputDataError) as caught:
        aids_of_zone("dense", date(2025, 1, 1))
    (fault,) = caught.value.faults
    assert (fault.code, fault.details["zone"]) == ("aids.unknown_zone", "dense")
    with pytest.raises(InputDataError) as caught:
        aids_of_zone("sous_dotee", date(2007, 4, 3))
    assert caught.value.faults[0].code == "aid_rules.not_in_force"
