"""Reading the file of a contract: all faults together, and no personal data repeated."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from support.contracts import HEAD, LUMP_SUM_HEAD, read_text, refused_contract
from support.rulebooks import keyed

from apl_engine import Fault, InputDataError
from apl_engine.aids import (
    Contract,
    Earlier,
    Payment,
    Period,
    Practice,
    Procedure,
    Termination,
    Trainee,
    ZoneChange,
    read_contract,
    schedule,
)


def test_a_contract_with_all_it_may_hold(tmp_path: Path) -> None:
    result = read_text(
        tmp_path,
        """
        contract = "CAIMK"
        signed = 2025-09-15
        commune = "2A004"
        zone = "tres_sous_dotee"
        uplift = true
        acts = [1800, 3200]
        paid = [{ date = 2025-10-01, amount = "15000.00" },
                { date = 2025-10-02, amount = 3000.5, kind = "uplift" }]
        earlier = [{ contract = "CAMMK", from = 2021-01-01, to = 2024-12-31 }]
        [[trainee]]
        from = 2026-01-12
        to = 2026-03-06
        share = "1/2"
        year = 4
        [[trainee]]
        from = 2026-05-01
        to = 2026-05-31
        share = 0.8
        year = 5
        [[zone_change]]
        on = 2026-11-01
        zone = "sous_dotee"
        [termination]
        by = "caisse"
        on = 2027-12-01
        letter_received = 2027-06-30
        answered = true
        cpd_agrees = false
        cpn_agrees = true
        """,
    )
    assert result == Contract(
        kind="CAIMK",
        signed=date(2025, 9, 15),
        commune="2A004",
        zone="tres_sous_dotee",
        uplift=True,
        acts=(1800, 3200),
        paid=(
            Payment(date(2025, 10, 1), Decimal("15000.00")),
            Payment(date(2025, 10, 2), Decimal("3000.50"), "uplift"),
        ),
        earlier=(Earlier("CAMMK", Period(date(2021, 1, 1), date(2024, 12, 31))),),
        trainees=(
            Trainee(Period(date(2026, 1, 12), date(2026, 3, 6)), 4, Fraction(1, 2)),
            Trainee(Period(date(2026, 5, 1), date(2026, 5, 31)), 5, Fraction(4, 5)),
        ),
        zone_changes=(ZoneChange(date(2026, 11, 1), "sous_dotee"),),
        termination=Termination(
            "caisse", date(2027, 12, 1), Procedure(date(2027, 6, 30), True, False, True)
        ),
    )
    assert schedule(result).lines


def test_a_cammk_with_its_conditions(tmp_path: Path) -> None:
    result = read_text(
        tmp_path,
        HEAD
        + """
        activity_in_zone = "3/5"
        modernisation_aid = true
        [practice]
        form = "group"
        practitioners = 3
        conventioned = true
        link = "other_company"
        same_premises = true
        recognised = true
        [termination]
        by = "agency"
        on = 2027-12-01
        cause = "breach"
        """,
    )
    assert (result.activity_in_zone, result.modernisation_aid) == (Fraction(3, 5), True)
    assert result.practice == Practice("group", None, 3, "other_company", None, True, True, True)
    assert result.termination == Termination("agency", date(2027, 12, 1), None, "breach")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [("value.missing_key", "contract"), ("value.missing_key", "signed")]),
        ('contract = "CIMK"\nsigned = 2025-01-01', [("value.not_allowed", "contract")]),
        ('contract = "CAMMK"\nsigned = "2025-01-01"', [("value.not_a_day", "signed")]),
        ('contract = "CAMMK"\nsigned = 2025-01-01T08:00:00', [("value.not_a_day", "signed")]),
        ('contract = "CAMMK"\nsigned = 2025-02-29', [("contract.unreadable", None)]),
        ('contract = "CAMMK"\nsigned = 1805-02-28', [("value.day_out_of_range", "signed")]),
        (HEAD + 'commune = "7203"', [("value.not_a_commune", "commune")]),
        (HEAD.replace("tres_sous_dotee", "Zone 1"), [("value.not_a_zone", "zone")]),
        (HEAD + "uplift = 1", [("value.not_a_flag", "uplift")]),
        (HEAD + "acts = 3", [("value.not_a_list", "acts")]),
        (HEAD + "acts = [true]", [("value.not_whole", "acts[1]")]),
        (HEAD + "amount = 3", [("value.unknown_key", "amount")]),
        (HEAD + "paid = 3", [("contract.not_tables", "paid")]),
        (HEAD + "termination = 3", [("value.not_a_table", "termination")]),
        (HEAD + "practice = 3", [("value.not_a_table", "practice")]),
        (HEAD + "practice = {}", [("value.missing_key", "practice.form")]),
        (HEAD + "practice = { form = 'a b' }", [("value.not_a_word", "practice.form")]),
        (HEAD + "activity_in_zone = 1.5", [("value.too_high", "activity_in_zone")]),
        (HEAD + "modernisation_aid = 1", [("value.not_a_flag", "modernisation_aid")]),
        (
            HEAD + "termination = { by = 'caisse', on = 2026-01-01, cause = 'fire' }",
            [("value.not_allowed", "termination.cause")],
        ),
        (
            HEAD + "paid = [{}]",
            [("value.missing_key", "paid[1].date"), ("value.missing_key", "paid[1].amount")],
        ),
    ],
)
def test_malformed_files(tmp_path: Path, text: str, faults: list[tuple[str, str | None]]) -> None:
    assert keyed(refused_contract(tmp_path, text)) == faults


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("-1", "value.too_low"),
        ("0.001", "value.not_whole_cents"),
        ('"\uff11\uff12"', "value.not_a_number"),
        ("inf", "value.not_a_number"),
        ("1e99", "value.too_large"),
        ("1e999999999", "value.too_large"),
        ('"1e999999999"', "value.not_a_number"),
        ("1000000000001", "value.too_high"),
        ("true", "value.not_a_number"),
    ],
)
def test_impossible_amounts(tmp_path: Path, amount: str, code: str) -> None:
    text = f"{HEAD}paid = [{{date = 2025-10-01, amount = {amount}}}]"
    assert keyed(refused_contract(tmp_path, text)) == [(code, "paid[1].amount")]


@pytest.mark.parametrize(
    ("table", "text", "code", "key"),
    [
        ("paid", 'date = 2025-10-01\namount = 1\nkind = "gift"', "value.not_allowed", ".kind"),
        ("trainee", "from = 2026-02-01\nto = 2026-01-01\nyear = 4", "contract.period_reversed", ""),
        ("trainee", 'from = 2026-01-01\nto = 2026-01-31\nyear = "4"', "value.not_whole", ".year"),
        ("trainee", "to = 2026-01-31\nyear = 4", "value.missing_key", ".from"),
        (
            "earlier",
            'contract = "CIMK"\nfrom = 2019-09-15\nto = 2024-09-14',
            "value.not_allowed",
            ".contract",
        ),
    ],
)
def test_malformed_rows(tmp_path: Path, table: str, text: str, code: str, key: str) -> None:
    faults = keyed(refused_contract(tmp_path, f"{HEAD}[[{table}]]\n{text}"))
    assert faults == [(code, f"{table}[1]{key}")]


@pytest.mark.parametrize(
    ("share", "code"),
    [
        ("1.01", "value.too_high"),
        ("0", "value.not_above"),
        ("-0.5", "value.not_above"),
        ('"1/0"', "value.not_a_number"),
    ],
)
def test_a_share_that_is_refused_hides_no_other_fault(
    tmp_path: Path, share: str, code: str
) -> None:
    text = f"[[trainee]]\nfrom = 2026-01-01\nto = 2026-01-31\nyear = 3\nhours = 3\nshare = {share}"
    assert keyed(refused_contract(tmp_path, LUMP_SUM_HEAD + text)) == [
        ("value.unknown_key", "trainee[1].hours"),
        (code, "trainee[1].share"),
        ("contract.study_year", "trainee[1].year"),
    ]


LETTER = "by = 'caisse'\non = 2026-01-01\nletter_received = 2025-10-01\n"


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ("by = 'ARS'\non = 2026-01-01", "value.not_allowed", "by"),
        (
            "by = 'practitioner'\non = 2026-01-01\nletter_received = 2025-12-01",
            "contract.procedure_of_practitioner",
            "letter_received",
        ),
        (
            "by = 'caisse'\non = 2026-01-01\nanswered = true",
            "contract.procedure_without_letter",
            "answered",
        ),
        (LETTER + "cpd_agrees = true", "contract.cpd_not_seized", "cpd_agrees"),
        (
            LETTER + "answered = true\ncpd_agrees = true\ncpn_agrees = true",
            "contract.cpn_not_seized",
            "cpn_agrees",
        ),
    ],
)
def test_malformed_terminations(tmp_path: Path, text: str, code: str, key: str) -> None:
    faults = keyed(refused_contract(tmp_path, f"{LUMP_SUM_HEAD}[termination]\n{text}"))
    assert faults == [(code, f"termination.{key}")]


SECRET = "Anselme 10001234567"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'name = "{SECRET}"', "contract.personal_key"),
        (f'nom = "{SECRET}"', "contract.personal_key"),
        (f'rpps = "{SECRET}"', "contract.personal_key"),
        (f'numero_am = "{SECRET}"', "contract.personal_key"),
        (f'"{SECRET}" = 1', "contract.unsafe_key"),
        (f'practitioner = {{ id = "{SECRET}" }}', "contract.personal_key"),
        (
            '[[earlier]]\ncontract = "CAIMK"\nfrom = 2020-01-01\nto = 2020-02-01\n'
            f'nom = "{SECRET}"',
            "contract.personal_key",
        ),
        (
            f'[[trainee]]\nfrom = 2026-01-01\nto = 2026-01-31\nyear = 4\nname = "{SECRET}"',
            "contract.personal_key",
        ),
        (
            f'[termination]\nby = "practitioner"\non = 2026-01-01\nemail = "{SECRET}"',
            "contract.personal_key",
        ),
    ],
)
def test_personal_data_is_refused_and_not_repeated(tmp_path: Path, text: str, code: str) -> None:
    faults = refused_contract(tmp_path, f"{HEAD}{text}\n")
    assert [fault.code for fault in faults] == [code]
    assert_nothing_repeated(faults)


def assert_nothing_repeated(faults: tuple[Fault, ...]) -> None:
    words = json.dumps([{**fault.as_dict(), "text": str(fault)} for fault in faults])
    assert "Anselme" not in words
    assert "10001234567" not in words


@pytest.mark.parametrize("key", ["contract", "commune", "zone", "uplift", "acts", "paid", "signed"])
def test_a_name_as_the_value_of_another_key_is_not_repeated(tmp_path: Path, key: str) -> None:
    lines = [line for line in HEAD.splitlines() if not line.startswith(key)]
    assert_nothing_repeated(refused_contract(tmp_path, "\n".join([*lines, f'{key} = "{SECRET}"'])))


def test_all_faults_of_a_file_are_raised_together(tmp_path: Path) -> None:
    faults = refused_contract(
        tmp_path,
        """
        contract = "CAIMK"
        signed = 2024-01-01
        zone = "sous_dotee"
        acts = [-5]
        rpps = "10001234567"
        [[trainee]]
        from = 2031-01-01
        to = 2031-01-31
        year = 2
        share = 2
        [[trainee]]
        from = 2031-01-01
        to = 2031-01-31
        year = 2
        [termination]
        by = "caisse"
        on = 2031-01-01
        """,
    )
    assert keyed(faults) == [
        ("contract.personal_key", "rpps"),
        ("value.too_high", "trainee[1].share"),
        ("contract.zone_without_right", "zone"),
        ("contract.outside_contract", "termination.on"),
        ("contract.negative_acts", "acts"),
        ("contract.study_year", "trainee[1].year"),
        ("contract.trainee_outside_contract", "trainee[1]"),
        ("contract.study_year", "trainee[2].year"),
        ("contract.trainee_outside_contract", "trainee[2]"),
    ]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"zone = '\xe9'")
    (tmp_path / "deep.toml").write_text("x = " + "[" * 3000)
    for name in ("none.toml", "latin.toml", "deep.toml"):
        with pytest.raises(InputDataError) as caught:
            read_contract(tmp_path / name)
        assert keyed(caught.value.faults) == [("contract.unreadable", None)]
        assert caught.value.faults[0].table == name
