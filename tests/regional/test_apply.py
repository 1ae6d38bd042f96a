"""Adaptations applied to a national result, and those that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.countries import CONSULTED, country_of, moves, proposal
from support.tables import frames, small_world

from apl_engine import InputDataError, ProposalRefusedError, read_result, run, write_result
from apl_engine.regional import Move, Proposal, adapt, regional_summary


def test_territories_communes_and_shares_are_adapted() -> None:
    national = country_of(10)
    after = adapt(national, [proposal(("ADD",), ("OUT",))])
    zone = dict(after.territories.select("territory", "zone").iter_rows())
    assert zone == {"ADD": "tres_sous_dotee", "OUT": "sous_dotee", "REST": "intermediaire",
                    "AWAY": "sous_dotee"}  # fmt: skip
    assert dict(after.communes.select("territory", "zone").iter_rows()) == zone
    assert after.communes.columns == national.communes.columns
    reason = dict(after.territories.select("territory", "zone_reason").iter_rows())
    assert reason["ADD"] == "adapted by region 52: because"
    assert reason["REST"] == "ranked"
    note = after.notes[-1]
    assert (note.code, note.count, note.details) == ("proposal.adapted", 2, {"region": "52"})
    shares = {(row["region"], row["zone"]): (row["before"], row["after"])
              for row in after.adaptation["shares"]}  # fmt: skip
    assert shares["52", "tres_sous_dotee"] == (2.5, 2.5)
    with pytest.raises(InputDataError) as caught:
        regional_summary(after, "52")
    (fault,) = caught.value.faults
    assert (fault.code, fault.details) == ("regional.already_adapted", {"territories": 2})


def test_several_regions_are_adapted_at_once() -> None:
    away = Proposal("53", moves("AWAY"), **CONSULTED)
    after = adapt(country_of(10), [proposal(("ADD",)), away], force=True)
    assert after.territories.filter(zone="tres_sous_dotee").height == 3
    assert [check.accepted for check in after.checks] == [True, False]
    assert {row["region"] for row in after.adaptation["shares"]} == {"52", "53", "FR"}
    assert after.notes[-1].warning
    assert after.notes[-1].code == "proposal.adapted_against_rules"
    assert after.notes[-1].details["rules"] == ("margin_up", "final_share")


def test_a_broken_rule_is_refused() -> None:
    with pytest.raises(ProposalRefusedError) as caught:
        adapt(country_of(11), [proposal(("ADD",))])
    assert [(fault.code, fault.table) for fault in caught.value.faults] == [
        ("proposal.margin_up", "region 52"),
        ("proposal.final_share", "region 52"),
    ]


def test_contradictions_are_refused_even_by_force() -> None:
    with pytest.raises(InputDataError) as caught:
        adapt(
            country_of(10),
            [proposal(("ADD",)), proposal(("ADD", "nowhere")), Proposal("53", moves("ADD"))],
            force=True,
        )
    assert [(fault.code, fault.table, dict(fault.details)) for fault in caught.value.faults] == [
        ("proposal.same_region", "proposals", {"region": "52", "number": 2}),
        ("proposal.territory_in_several", "proposals", {"territory": "ADD", "number": 3}),
        ("proposal.unknown_territory", "region 52", {"territories": ("nowhere",), "number": 1}),
    ]


def test_a_proposal_without_moves_changes_nothing() -> None:
    national = country_of(10)
    after = adapt(national, [Proposal("52")])
    assert after.territories.equals(national.territories)
    assert after.regions.equals(national.regions)


def test_the_record_of_an_adapted_run_names_its_inputs(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, frame in frames(small_world()).items():
        frame.write_parquet(tmp_path / "in" / f"{name}.parquet")
    result = run(tmp_path / "in")
    write_result(result, tmp_path / "out")
    wanted = [Proposal("84", removals=(Move("T1", "x"),))]
    for zones in (result, read_result(tmp_path / "out")):
        record = write_result(adapt(zones, wanted, force=True), tmp_path / "new", replace=True)
        stored = read_result(tmp_path / "new")
        assert stored.has_supply
        inputs = stored.located("inputs")
        assert inputs is not None
        assert inputs.samefile(tmp_path / "in")
        assert record["reference_values"]["median_acts"] == result.median_acts
        assert record["counts"]["practitioners"] == dict(result.counts["practitioners"])
