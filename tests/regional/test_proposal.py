"""Files of proposals: read strictly, and written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.countries import proposal

from apl_engine import InputDataError
from apl_engine.errors import Fault
from apl_engine.regional import Move, Proposal, proposal_text, read_proposal

GOOD = """
region = "52"
[[addition]]
territory = "A1"
justification = "Part des patients en affection de longue durée"
[consultation]
concertation = 2024-05-14
commission_paritaire_regionale = 2024-06-11
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "proposal.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Return code, key and values of each fault of a proposal."""
    with pytest.raises(InputDataError) as caught:
        read_proposal(written(folder, text))
    assert {fault.table for fault in caught.value.faults} == {"proposal.toml"}
    return [(fault.code, fault.key, fault.values) for fault in caught.value.faults]


def test_a_proposal_is_read(tmp_path: Path) -> None:
    read = read_proposal(written(tmp_path, "\ufeff" + GOOD))
    assert read.region == "52"
    assert read.additions == (Move("A1", "Part des patients en affection de longue durée"),)
    assert read.removals == ()
    assert read.concertation == date(2024, 5, 14)
    assert read.commission_paritaire_regionale == date(2024, 6, 11)
    assert (read.file, len(read.sha256)) == ("proposal.toml", 64)


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    text = """
    region = 52
    colour = "blue"
    [[addition]]
    territory = "A1"
    justification = "x"
    [[addition]]
    territory = 44009
    [[addition]]
    territory = "  "
    justification = 3
    why = "x"
    [[removal]]
    territory = "A1"
    justification = ""
    [consultation]
    concertation = "14/05/2024"
    commission_paritaire_regionale = 2024-06-11T10:00:00
    opinion = 2024-06-11
    """
    assert refused(tmp_path, text) == [
        ("proposal.unknown_key", "colour", ()),
        ("proposal.invalid_region", "region", ("52",)),
        ("proposal.invalid_territory", "addition[2].territory", ("44009",)),
        ("proposal.invalid_justification", "addition[2].justification", ()),
        ("proposal.unknown_key", "addition[3].why", ()),
        ("proposal.invalid_territory", "addition[3].territory", ("  ",)),
        ("proposal.invalid_justification", "addition[3].justification", ("3",)),
        ("proposal.repeated_territory", None, ()),
        ("proposal.unknown_key", "consultation.opinion", ()),
        ("proposal.invalid_date", "consultation.concertation", ("14/05/2024",)),
        ("proposal.invalid_date", "consultation.commission_paritaire_regionale",
         ("2024-06-11 10:00:00",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("region = ", ["proposal.not_toml"]),
        ("addition = " + "[" * 3000, ["proposal.not_toml"]),
        ("addition = 3", ["proposal.invalid_region", "proposal.not_tables"]),
        ("removal = [3]", ["proposal.invalid_region", "proposal.not_tables"]),
        ("consultation = 3", ["proposal.invalid_region", "proposal.not_a_table"]),
        ("", ["proposal.invalid_region"]),
        ('region = "Bretagne"', ["proposal.invalid_region"]),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert [code for code, _, _ in refused(tmp_path, text)] == codes


def fault_of(path: Path) -> Fault:
    with pytest.raises(InputDataError) as caught:
        read_proposal(path)
    (fault,) = caught.value.faults
    return fault


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    missing = fault_of(tmp_path / "none.toml")
    assert (missing.code, missing.table) == ("proposal.not_toml", "none.toml")
    assert missing.details == {"reason": "No such file or directory"}
    (tmp_path / "latin.toml").write_bytes('region = "é"'.encode("latin-1"))
    assert fault_of(tmp_path / "latin.toml").code == "proposal.not_toml"


@pytest.mark.parametrize("text", ['"]\n[[addition]]', "\\ \x7f\x00\t", "é\u2028x", '"""', "#"])
def test_a_written_proposal_is_read_again(tmp_path: Path, text: str) -> None:
    one = Proposal("52", (Move(text, f"why {text}."),), (Move("B1", ""),), date(2024, 5, 14), None)
    again = read_proposal(
        written(tmp_path, proposal_text(one, {text: f"name\n{text}", "52": text}))
    )
    assert again.additions == one.additions
    assert again.removals == one.removals
    assert (again.concertation, again.commission_paritaire_regionale) == (one.concertation, None)


def test_implausible_texts_and_dates_are_refused(tmp_path: Path) -> None:
    text = GOOD.replace("Part des patients en affection de longue durée", "\u200b")
    text = text.replace("2024-05-14", "0001-01-01").replace("2024-06-11", "9999-12-31")
    assert [code for code, _, _ in refused(tmp_path, text)] == [
        "proposal.justification_without_words",
        "proposal.invalid_date",
        "proposal.invalid_date",
    ]
    long = GOOD.replace("Part des patients en affection de longue durée", "x" * 32_768)
    fault = fault_of(written(tmp_path, long))
    assert fault.code == "proposal.justification_too_long"
    assert fault.details == {"characters": 32768, "limit": 32767}


def test_a_repeated_territory_is_refused() -> None:
    with pytest.raises(InputDataError) as caught:
        proposal(("ADD",), ("ADD",))
    (fault,) = caught.value.faults
    assert (fault.code, fault.table) == ("proposal.repeated_territory", "region 52")
    assert fault.details == {"territory": "ADD", "number": 2}
