"""Which zoning is in force on a day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.contracts import RULES, contract, own_rules
from support.rulebooks import keyed

from apl_engine import InputDataError
from apl_engine.aids import (
    DatedZoning,
    ZoneChange,
    choose_zoning,
    day_of_effect,
    in_zoning,
    read_effect,
    write_effect,
)
from apl_engine.errors import OutputError

REGIONS = {"52": "Pays de la Loire", "53": "Bretagne"}


def dated(name: str, since: str | None, zone: str = "tres_sous_dotee") -> DatedZoning:
    return DatedZoning(name, "52", zone, since and date.fromisoformat(since))  # type: ignore[arg-type]


def test_the_days_that_the_rules_know() -> None:
    """Announced for 1 November 2024 in Pays de la Loire; what a folder states wins."""
    since, source = day_of_effect("52", "mk-2024", {}, RULES)
    assert since == date(2024, 11, 1)
    assert "01/11/2024" in source
    assert day_of_effect("53", "mk-2024", {}, RULES)[0] == date(2024, 11, 21)
    for region, methodology in (("11", "mk-2024"), ("52", "mk-2018"), ("52", "own")):
        assert day_of_effect(region, methodology, {}, RULES) == (None, "")
    stated = {"52": date(2025, 1, 1)}
    assert day_of_effect("52", "mk-2024", stated, RULES) == (date(2025, 1, 1), "effect.toml")


def test_a_rhythm_ends_nothing(tmp_path: Path) -> None:
    """Article VII: "en tant que de besoin"."""
    zoning = dated("zones-2024", "2024-11-01")
    choice = choose_zoning([zoning], date(2090, 1, 1))
    assert (choice.chosen, choice.revision_meant) == (zoning, date(2026, 11, 1))
    assert (choice.stands.value, choice.stands.confidence) == ("until_next_order", "read")
    entry = "[[zonings.rhythm_years]]\nfrom = 2018-02-08\nvalue = 3\nreason = 'mine'\n"
    own = choose_zoning([zoning], date(2090, 1, 1), own_rules(tmp_path, entry))
    assert own.revision_meant == date(2027, 11, 1)
    unknown = choose_zoning([dated("zones", None)], date(2020, 1, 1))
    assert (unknown.chosen.since, unknown.revision_meant) == (None, None)


@given(st.sets(st.integers(0, 400), min_size=1, max_size=5), st.integers(0, 500), st.randoms())
def test_the_last_one_that_had_taken_effect_is_in_force(
    days: set[int], after: int, order: object
) -> None:
    first = date(2024, 11, 1)
    zonings = [dated(str(day), str(first + timedelta(day))) for day in days]
    order.shuffle(zonings)  # type: ignore[attr-defined]
    begun = [day for day in days if day <= after]
    on = first + timedelta(after)
    if not begun:
        with pytest.raises(InputDataError) as caught:
            choose_zoning(zonings, on, RULES)
        assert [fault.code for fault in caught.value.faults] == ["aids.before_zonings"]
        return
    choice = choose_zoning(zonings, on, RULES)
    assert choice.chosen.name == str(max(begun))
    assert [one.name for one in choice.earlier] == [str(day) for day in sorted(begun)[:-1]]
    assert [one.name for one in choice.later] == [str(day) for day in sorted(days - set(begun))]


def test_all_zonings_that_cannot_be_placed_are_reported() -> None:
    zonings = [dated("a", None), dated("b", "2024-11-01"), dated("c", "2024-11-01")]
    with pytest.raises(InputDataError) as caught:
        choose_zoning(zonings, date(2025, 1, 1))
    assert [fault.code for fault in caught.value.faults] == [
        "aids.no_day_of_effect",
        "aids.same_day_of_effect",
    ]
    assert str(caught.value)


def test_days_of_effect_are_written_and_read(tmp_path: Path) -> None:
    assert read_effect(tmp_path, REGIONS) == {}
    write_effect(tmp_path, {"53": date(2024, 11, 21)}, REGIONS)
    both = {"52": date(2024, 11, 1), "53": date(2024, 11, 22)}
    assert write_effect(tmp_path, both, REGIONS) == read_effect(tmp_path, REGIONS) == both
    assert [path.name for path in tmp_path.iterdir()] == ["effect.toml"]
    with pytest.raises(InputDataError) as caught:
        write_effect(tmp_path, {"99": date.max}, REGIONS)
    assert keyed(caught.value.faults) == [
        ("aids.unknown_region_of_effect", "99"),
        ("value.day_out_of_range", "99"),
    ]
    assert read_effect(tmp_path, REGIONS) == both


def test_days_of_effect_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_effect(tmp_path / "none", {"52": date(2024, 11, 1)}, REGIONS)


def test_the_zones_of_a_contract() -> None:
    """Its own changes are kept; those after its first term are left out."""
    zonings = [
        dated("a", "2019-01-01", "sous_dotee"),
        dated("b", "2024-11-01"),
        dated("c", "2026-01-01"),
        dated("d", "2027-12-31", "sous_dotee"),
        dated("e", "2028-01-01", "intermediaire"),
    ]
    choice = choose_zoning(zonings, date(2025, 1, 1))
    case = contract("CAMMK", "2025-01-01", zone=None)
    change = ZoneChange(date(2027, 12, 31), "sous_dotee")
    assert in_zoning(case, choice).zone == "tres_sous_dotee"
    assert in_zoning(case, choice).zone_changes == (change,)
    own = ZoneChange(date(2026, 6, 1), "intermediaire")
    stated = contract("CAMMK", "2025-01-01", zone_changes=(own,))
    assert in_zoning(stated, choice).zone_changes == (own,)
    with pytest.raises(InputDataError) as caught:
        in_zoning(contract("CAMMK", "2025-01-01", zone="sous_dotee"), choice)
    assert keyed(caught.value.faults) == [("contract.other_zone", "zone")]
    # Without a known day of effect what the contract states wins.
    unknown = choose_zoning([dated("a", None)], date(2025, 1, 1))
    assert in_zoning(contract("CAMMK", "2025-01-01", zone="sous_dotee"), unknown).zone == (
        "sous_dotee"
    )
