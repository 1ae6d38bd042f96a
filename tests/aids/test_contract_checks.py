"""What is refused of a contract by the rules."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.contracts import HEAD, LUMP_SUM_HEAD, RULES, contract, read_text, refused_contract
from support.rulebooks import keyed

from apl_engine import InputDataError
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
    schedule,
)


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ('contract = "CAMMK"\nsigned = 2018-02-07', "before_rules", "signed"),
        (HEAD + "acts = [3000]", "acts_not_used", "acts"),
        (LUMP_SUM_HEAD + "acts = [-1]", "negative_acts", "acts"),
        (LUMP_SUM_HEAD + "acts = [1, 2, 3, 4, 5, 6]", "acts_after_term", "acts"),
        (HEAD + "paid = [{date = 2025-09-14, amount = 1}]", "paid_before_signature", "paid[1]"),
        (LUMP_SUM_HEAD + "paid = [{date = 2032-01-01, amount = 1}]", "paid_too_late", "paid[1]"),
        (
            HEAD + 'paid = [{date = 2025-10-01, amount = 1, kind = "uplift"}]',
            "uplift_not_granted",
            "paid[1]",
        ),
        (HEAD.replace("tres_sous_dotee", "dense"), "unknown_zone", "zone"),
    ],
)
def test_impossible_contracts(tmp_path: Path, text: str, code: str, key: str) -> None:
    assert keyed(refused_contract(tmp_path, text)) == [(f"contract.{code}", key)]


@pytest.mark.parametrize(
    ("first", "last"), [("2025-08-01", "2025-09-14"), ("2030-09-15", "2030-10-14")]
)
def test_trainees_outside_the_contract(tmp_path: Path, first: str, last: str) -> None:
    text = f"{LUMP_SUM_HEAD}[[trainee]]\nfrom = {first}\nto = {last}\nyear = 4"
    (fault,) = refused_contract(tmp_path, text)
    assert (fault.code, fault.key) == ("contract.trainee_outside_contract", "trainee[1]")
    assert dict(fault.details) == {
        "trainee_from": first,
        "trainee_to": last,
        "from": "2025-09-15",
        "to": "2030-09-14",
    }


@pytest.mark.parametrize("on", ["2025-09-14", "2030-09-15"])
def test_terminations_outside_the_contract(tmp_path: Path, on: str) -> None:
    text = f"{LUMP_SUM_HEAD}[termination]\nby = 'caisse'\non = {on}"
    (fault,) = refused_contract(tmp_path, text)
    assert (fault.code, fault.key) == ("contract.outside_contract", "termination.on")
    assert dict(fault.details) == {"day": on, "from": "2025-09-15", "to": "2030-09-14"}


ZONE_LEFT = "[[zone_change]]\non = 2026-01-01\nzone = 'sous_dotee'\n"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("by = 'agency'\non = 2026-06-01\ncause = 'breach'", []),
        (
            "by = 'practitioner'\non = 2026-06-01\ncause = 'breach'",
            [("breach_of_practitioner", "cause")],
        ),
        ("by = 'caisse'\non = 2026-06-01\ncause = 'zone_left'", [("zone_not_left", "cause")]),
        (ZONE_LEFT + "[termination]\nby = 'caisse'\non = 2026-06-01\ncause = 'zone_left'", []),
        (
            ZONE_LEFT + "[termination]\nby = 'agency'\non = 2026-06-01\ncause = 'zone_left'\n"
            "letter_received = 2026-03-01",
            [("zone_left_by_agency", "cause"), ("procedure_without_breach", "letter_received")],
        ),
    ],
)
def test_causes_of_a_termination(tmp_path: Path, text: str, faults: list[tuple[str, str]]) -> None:
    whole = HEAD + ("" if text.startswith("[[") else "[termination]\n") + text
    if not faults:
        assert schedule(read_text(tmp_path, whole)).lines
        return
    expected = [(f"contract.{kind}", f"termination.{key}") for kind, key in faults]
    assert keyed(refused_contract(tmp_path, whole)) == expected


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("form = 'alone'\nreplacement = true", []),
        ("form = 'alone'\nreplacement = false", [("not_a_beneficiary", "replacement")]),
        ("form = 'alone'\nlink = 'SCP'\nsame_premises = true",
         [("field_of_other_form", "link"), ("field_of_other_form", "same_premises")]),
        ("form = 'group'\npractitioners = 2\nlink = 'SEL'\nsame_premises = true", []),
        ("form = 'group'\npractitioners = 1\nsame_premises = false",
         [("not_a_beneficiary", "practitioners"), ("not_a_beneficiary", "same_premises")]),
        ("form = 'group'\nlink = 'other_company'\nrecognised = true", []),
        ("form = 'group'\nlink = 'other_company'\nrecognised = false",
         [("not_a_beneficiary", "recognised")]),
        ("form = 'group'\nlink = 'SCP'\nrecognised = true",
         [("field_of_other_form", "recognised")]),
        ("form = 'group'\nlink = 'friends'\nreplacement = true",
         [("field_of_other_form", "replacement"), ("unknown_word", "link")]),
        ("form = 'pluriprofessional'\nsetting = 'maison_de_sante'\nsame_premises = true", []),
        ("form = 'pluriprofessional'\nsetting = 'other'\nrecognised = false\nsame_premises = false",
         [("not_a_beneficiary", "same_premises"), ("not_a_beneficiary", "recognised")]),
        ("form = 'pluriprofessional'\nlink = 'SCP'", [("field_of_other_form", "link")]),
        ("form = 'hospital'", [("unknown_word", "form")]),
        ("form = 'alone'\nconventioned = false", [("not_a_beneficiary", "conventioned")]),
    ],
)  # fmt: skip
def test_who_may_have_a_cammk(tmp_path: Path, text: str, faults: list[tuple[str, str]]) -> None:
    """Article 1.2: alone with a replacement, in a group, or pluriprofessional."""
    whole = f"{HEAD}[practice]\n{text}"
    if not faults:
        assert read_text(tmp_path, whole).practice
        return
    found = keyed(refused_contract(tmp_path, whole))
    assert found == [(f"contract.{kind}", f"practice.{key}") for kind, key in faults]


def test_the_duties_of_a_cammk_alone_are_checked(tmp_path: Path) -> None:
    stated = "activity_in_zone = '1/2'\nmodernisation_aid = true\n[practice]\nform = 'alone'"
    assert read_text(tmp_path, HEAD + stated).activity_in_zone == Fraction(1, 2)
    assert keyed(refused_contract(tmp_path, LUMP_SUM_HEAD + stated)) == [
        ("contract.field_of_cammk", "activity_in_zone"),
        ("contract.field_of_cammk", "practice"),
        ("contract.field_of_cammk", "modernisation_aid"),
    ]


def test_a_letter_received_after_the_termination(tmp_path: Path) -> None:
    text = "[termination]\nby = 'caisse'\non = 2026-01-01\nletter_received = 2026-01-02"
    (fault,) = refused_contract(tmp_path, LUMP_SUM_HEAD + text)
    assert (fault.code, fault.key) == (
        "contract.letter_out_of_range",
        "termination.letter_received",
    )


def test_what_is_dated_after_a_termination(tmp_path: Path) -> None:
    faults = refused_contract(
        tmp_path,
        LUMP_SUM_HEAD
        + """
        acts = [2000, 3000]
        paid = [{ date = 2026-03-01, amount = 30000 }]
        [termination]
        by = "caisse"
        on = 2026-03-01
        [[trainee]]
        from = 2026-03-01
        to = 2026-03-31
        year = 4
        """,
    )
    assert keyed(faults) == [
        ("contract.acts_after_termination", "acts"),
        ("contract.trainee_outside_contract", "trainee[1]"),
        ("contract.paid_after_termination", "paid[1]"),
    ]
    assert dict(faults[0].details) == {"given": 2, "begun": 1}


def test_a_contract_that_ended_on_its_first_day(tmp_path: Path) -> None:
    text = f'{LUMP_SUM_HEAD}[termination]\nby = "caisse"\non = 2025-09-15\n'
    result = schedule(read_text(tmp_path, text))
    assert (result.lines, result.as_dict()["ran"]) == ((), None)
    trainee = "[[trainee]]\nfrom = 2025-09-15\nto = 2025-09-15\nyear = 4"
    faults = refused_contract(tmp_path, text + trainee)
    assert keyed(faults) == [("contract.trainee_outside_contract", "trainee[1]")]


@pytest.mark.parametrize(
    ("signed", "zone", "right"),
    [
        ("2023-08-25", "sous_dotee", True),
        ("2023-08-26", "sous_dotee", False),
        ("2023-08-26", "tres_sous_dotee", True),
        ("2023-08-25", "intermediaire", False),
        ("2025-09-15", "non_prioritaire", False),
    ],
)
def test_zones_that_give_a_right(tmp_path: Path, signed: str, zone: str, right: bool) -> None:
    text = f'contract = "CAMMK"\nsigned = {signed}\nzone = "{zone}"\n'
    if right:
        assert read_text(tmp_path, text).zone == zone
        return
    (fault,) = refused_contract(tmp_path, text)
    assert (fault.code, fault.key) == ("contract.zone_without_right", "zone")
    assert (fault.details["zone"], fault.details["signed"]) == (zone, signed)
    faults = refused_contract(tmp_path, text + "uplift = true")
    assert keyed(faults)[1:] == [("contract.uplift_outside_zone", "uplift")]


def test_changes_of_zone(tmp_path: Path) -> None:
    changes = """
    zone_change = [{ on = 2026-01-01, zone = "dense" },
                   { on = 2025-09-15, zone = "sous_dotee" },
                   { on = 2026-01-01, zone = "sous_dotee" },
                   { on = 2030-01-01, zone = "sous_dotee" }]
    """
    faults = refused_contract(tmp_path, HEAD + changes)
    assert keyed(faults) == [
        ("contract.unknown_zone", "zone_change[1]"),
        ("contract.repeated_change", "zone_change[1]"),
        ("contract.outside_contract", "zone_change[2]"),
        ("contract.repeated_change", "zone_change[3]"),
        ("contract.outside_contract", "zone_change[4]"),
    ]


@pytest.mark.parametrize(
    ("kind", "earlier", "faults"),
    [
        ("CAMMK", '{contract = "CAIMK", from = 2020-09-15, to = 2025-09-15}', ["overlap"]),
        ("CAMMK", '{contract = "CAIMK", from = 2020-09-15, to = 2025-09-14}', []),
        ("CAMMK", '{contract = "CAMMK", from = 2022-09-15, to = 2025-09-14}', []),
        ("CAIMK", '{contract = "CAIMK", from = 2019-09-15, to = 2024-09-14}', ["may_not_follow"]),
        ("CACCMK", '{contract = "CACCMK", from = 2019-09-15, to = 2024-09-14}', ["may_not_follow"]),
        ("CAIMK", '{contract = "CACCMK", from = 2019-09-15, to = 2024-09-14}', []),
        (
            "CAMMK",
            '{contract = "CAIMK", from = 2018-09-15, to = 2023-09-14}, '
            '{contract = "CACCMK", from = 2023-09-14, to = 2024-09-14}',
            ["overlap"],
        ),
    ],
)
def test_contracts_that_exclude_one_another(
    tmp_path: Path, kind: str, earlier: str, faults: list[str]
) -> None:
    text = f"{HEAD.replace('CAMMK', kind)}earlier = [{earlier}]\n"
    if faults:
        codes = [fault.code for fault in refused_contract(tmp_path, text)]
        assert codes == [f"contract.{kind}" for kind in faults]
    else:
        assert read_text(tmp_path, text).earlier


def refused(case: Contract, until: date | None = None) -> list[tuple[str, str | None]]:
    with pytest.raises(InputDataError) as caught:
        schedule(case, RULES, until=until)
    assert str(caught.value)
    return keyed(caught.value.faults)


def test_a_schedule_needs_the_zone() -> None:
    case = contract("CAMMK", "2025-09-15", zone=None)
    assert refused(case) == [("contract.zone_unknown", "zone")]
    assert schedule(replace(case, zone="tres_sous_dotee")).net == 12_000


def test_contracts_made_in_python_are_checked_too() -> None:
    wrong = Contract(
        "CAMMK",
        date(2025, 9, 15),
        zone="tres_sous_dotee",
        paid=(Payment(date(2025, 10, 1), Decimal(-1)),),
        trainees=(Trainee(Period(date(2026, 1, 1), date(2026, 1, 31)), 4, Fraction(2)),),
        termination=Termination("ARS", date(2026, 9, 1), cause="fire"),
        activity_in_zone=Fraction(3, 2),
        practice=Practice("group", practitioners=1),
        earlier=(Earlier("CIMK", Period(date(2020, 1, 1), date(2020, 12, 31))),),
    )
    assert refused(wrong) == [
        ("contract.activity_out_of_range", "activity_in_zone"),
        ("contract.not_a_beneficiary", "practice.practitioners"),
        ("contract.unknown_side", "termination.by"),
        ("contract.unknown_cause", "termination.cause"),
        ("contract.share_out_of_range", "trainee[1].share"),
        ("contract.negative_amount", "paid[1]"),
        ("contract.unknown_contract", "earlier[1]"),
    ]
    assert refused(replace(wrong, kind="CIMK")) == [("contract.unknown_contract", "contract")]


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "0.001", "1E+50"])
def test_payments_made_in_python(amount: str) -> None:
    case = contract("CAMMK", "2025-09-15", paid=(Payment(date(2026, 1, 5), Decimal(amount), "x"),))
    assert refused(case) == [
        ("contract.unknown_money", "paid[1]"), ("contract.not_an_amount", "paid[1]"),
    ]  # fmt: skip


def test_an_earlier_contract_that_ends_before_it_begins() -> None:
    earlier = Earlier("CAMMK", Period(date(2024, 1, 1), date(2020, 1, 1)))
    case = contract("CAMMK", "2025-09-15", earlier=(earlier,))
    assert refused(case) == [("contract.period_reversed", "earlier[1]")]


def test_the_day_up_to_which_renewals_are_followed() -> None:
    case = contract("CAMMK", "2025-09-15")
    assert refused(case, date(2025, 1, 1)) == [("contract.until_before_signature", "until")]
    assert refused(case, date.max) == [("contract.day_out_of_range", "days")]


DAYS = st.dates(date(2017, 1, 1), date(2036, 12, 31)) | st.just(date.max) | st.just(date.min)
ZONES = st.sampled_from(["tres_sous_dotee", "sous_dotee", "dense"])
KINDS = st.sampled_from(["CACCMK", "CAIMK", "CAMMK", "CIMK"])
PERIODS = st.builds(Period, DAYS, DAYS)


@pytest.mark.slow
@given(
    st.builds(
        Contract,
        kind=KINDS,
        signed=DAYS,
        zone=ZONES | st.none(),
        uplift=st.booleans(),
        acts=st.lists(st.integers(-1, 4000), max_size=6).map(tuple),
        paid=st.none()
        | st.lists(
            st.builds(
                Payment,
                DAYS,
                st.decimals(-1, 10_000, places=2),
                st.sampled_from(["aid", "uplift"]),
            ),
            max_size=2,
        ).map(tuple),
        trainees=st.lists(
            st.builds(Trainee, PERIODS, st.integers(3, 5), st.fractions(0, 2)), max_size=2
        ).map(tuple),
        termination=st.none()
        | st.builds(
            Termination,
            st.sampled_from(["practitioner", "caisse", "agency", "ARS"]),
            DAYS,
            st.none() | st.builds(Procedure, DAYS, *[st.none() | st.booleans()] * 3),
            st.sampled_from([None, "breach", "zone_left"]),
        ),
        zone_changes=st.lists(st.builds(ZoneChange, DAYS, ZONES), max_size=2).map(tuple),
        earlier=st.lists(st.builds(Earlier, KINDS, PERIODS), max_size=2).map(tuple),
    ),
    DAYS | st.none(),
)
@settings(max_examples=200)
def test_any_contract_is_scheduled_or_refused(case: Contract, until: date | None) -> None:
    with suppress(InputDataError):
        assert json.dumps(schedule(case, RULES, until=until).as_dict())
