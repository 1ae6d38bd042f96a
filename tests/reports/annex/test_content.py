"""The content of an annex."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.annexes import annex, moving, national, sheet, texts
from support.countries import RULES, territory, zones_of

from apl_engine import InputDataError, ProposalRefusedError
from apl_engine.regional import Move, Proposal
from apl_engine.reports.annex import make_annex, write_annex


def test_an_annex_of_the_national_zones(tmp_path: Path) -> None:
    found = make_annex(national(), "pays de la loire")
    write_annex(found, tmp_path / "out")
    found_texts = texts(tmp_path / "out" / "annexe-52.docx")
    assert "à compléter" in found_texts
    assert "Carte non jointe." in found_texts
    assert "Zonage de la profession de masseur-kinésithérapeute" in found_texts
    assert not any("Justification" in text for text in found_texts)
    assert [gauge.used for gauge in found.gauges] == [0, 0, 0]
    assert found.stamped == RULES.dated
    alone = zones_of([territory("0100", "intermediaire", 10)])
    write_annex(make_annex(alone, "52"), tmp_path / "alone")
    assert "Aucune." in texts(tmp_path / "alone" / "annexe-52.docx")
    assert sheet(tmp_path / "alone" / "annexe-52.xlsx", "3 Autres régions").item(0, 0) == "Aucune."


def test_a_refused_proposal_is_a_draft_at_most(tmp_path: Path) -> None:
    unfilled = Proposal("52", (Move("0100"),))
    with pytest.raises(ProposalRefusedError):
        annex(proposal=unfilled)
    found = annex(proposal=unfilled, force=True)
    write_annex(found, tmp_path / "out")
    shown = texts(tmp_path / "out" / "annexe-52.docx")
    assert "Projet : des justifications sont à compléter (annexe, V)" in shown
    assert shown.count("à compléter") >= 3
    cover = sheet(tmp_path / "out" / "annexe-52.xlsx", "Présentation", None)
    assert any("Projet : les dates de la consultation" in str(row) for row in cover.rows())


def test_a_proposal_for_another_region_is_refused() -> None:
    with pytest.raises(InputDataError) as caught:
        annex(proposal=Proposal("53"))
    (fault,) = caught.value.faults
    assert fault.code == "annex.other_region"
    assert fault.details == {"region": "53", "expected": "52"}


def test_gauges_above_their_limit() -> None:
    found = annex(proposal=moving("0100", "44Z", "nowhere"), force=True)
    assert [round(gauge.used, 1) for gauge in found.gauges] == [39, 0, 39]
    nothing = annex(national(margin=0), force=True)
    assert [gauge.used for gauge in nothing.gauges] == [1, 0, 1]
