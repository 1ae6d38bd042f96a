"""What is refused of the file of a contract: all at once, and without a word of a person."""

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

from apl_engine import Contract, InputDataError, load_aid_rules, read_contract, schedule
from apl_engine.aids import Earlier, Payment, Period, Procedure, Termination, Trainee, ZoneChange

RULES = load_aid_rules()
HEAD = 'contract = "CAMMK"\nsigned = 2025-09-15\nzone = "tres_sous_dotee"\n'
CREATION = HEAD.replace("CAMMK", "CACCMK")


def read(folder: Path, text: str) -> Contract:
    path = folder / "contract.toml"
    path.write_text(text, encoding="utf-8")
    return read_contract(path)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(InputDataError) as caught:
        read(folder, text)
    assert all(fault.table.startswith("contract.toml") for fault in caught.value.faults)
    return str(caught.value)


def test_a_contract_with_all_it_may_hold(tmp_path: Path) -> None:
    found = read(
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
    assert found == Contract(
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
    assert schedule(found).lines


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["contract: missing", "signed: missing"]),
        ('contract = "CIMK"\nsigned = 2025-01-01', ["expected one of CACCMK, CAIMK, CAMMK"]),
        ('contract = "CAMMK"\nsigned = "2025-01-01"', ["written 2025-09-15 without quotes"]),
        ('contract = "CAMMK"\nsigned = 2025-01-01T08:00:00', ["expected a day"]),
        ('contract = "CAMMK"\nsigned = 2025-02-29', ["cannot be read as TOML"]),
        ('contract = "CAMMK"\nsigned = 1805-02-28', ["1805-02-28 lies outside 1990-01-01"]),
        ('contract = "CAMMK"\nsigned = 2018-02-07', ["before the first day of the rules"]),
        (HEAD + 'commune = "7203"', ["commune: expected an INSEE code"]),
        (HEAD + "uplift = 1", ["uplift: expected true or false"]),
        (HEAD + "acts = 3", ["acts: expected a list of whole numbers"]),
        (HEAD + "acts = [true]", ["acts: expected a whole number"]),
        (HEAD + "acts = [3000]", ["a CAMMK is not reduced by activity"]),
        (CREATION + "acts = [-1]", ["acts: -1 is negative"]),
        (CREATION + "acts = [1, 2, 3, 4, 5, 6]", ["6 contract years of a contract of 5"]),
        (HEAD + "amount = 3", ["unknown key 'amount'. Known: acts, commune"]),
        (HEAD + "paid = 3", ["paid: expected a list of tables, [[paid]]"]),
        (HEAD + "termination = 3", ["termination: expected a table, [termination]"]),
        (HEAD + "paid = [{}]", ["paid 1.date: missing", "paid 1.amount: missing"]),
        (HEAD + "paid = [{date = 2025-10-01, amount = -1}]", ["paid 1.amount: amount -1 is neg"]),
        (HEAD + "paid = [{date = 2025-10-01, amount = 0.001}]", ["is not in whole cents"]),
        (HEAD + 'paid = [{date = 2025-10-01, amount = "\uff11\uff12"}]', ["expected a number"]),
        (HEAD + "paid = [{date = 2025-10-01, amount = inf}]", ["amount: expected a number"]),
        (HEAD + "paid = [{date = 2025-10-01, amount = 1e99}]", ["amount: expected a number"]),
        (
            HEAD + 'paid = [{date = 2025-10-01, amount = 1, kind = "gift"}]',
            ['kind: expected "aid" or "uplift"'],
        ),
        (HEAD + "paid = [{date = 2025-09-14, amount = 1}]", ["before the signature on 2025-09-15"]),
        (
            CREATION + "paid = [{date = 2032-01-01, amount = 1}]",
            ["2032-01-01 lies after 2031-12-31, the last day of its payments"],
        ),
        (
            HEAD + 'paid = [{date = 2025-10-01, amount = 1, kind = "uplift"}]',
            ["an uplift was paid, where uplift is false"],
        ),
    ],
)
def test_values_that_are_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    message = refused(tmp_path, text)
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("trainee", "word"),
    [
        ("from = 2026-02-01\nto = 2026-01-01\nyear = 4", "ends on 2026-01-01, before it begins"),
        ("from = 2026-01-01\nto = 2026-01-31\nyear = 3", "year of study 3 is not 4 or 5"),
        ('from = 2026-01-01\nto = 2026-01-31\nyear = "4"', "year: expected a whole number"),
        ("from = 2026-01-01\nto = 2026-01-31\nyear = 4\nshare = 1.01", "share 1.01 is not above 0"),
        ("from = 2026-01-01\nto = 2026-01-31\nyear = 4\nshare = 0", "share 0 is not above 0"),
        ("from = 2026-01-01\nto = 2026-01-31\nyear = 4\nshare = -0.5", "share -0.5 is not above 0"),
        ('from = 2026-01-01\nto = 2026-01-31\nyear = 4\nshare = "1/0"', "expected a number"),
        ("from = 2025-08-01\nto = 2025-09-14\nyear = 4", "lies outside the contract, which ran"),
        ("from = 2030-09-15\nto = 2030-10-14\nyear = 4", "2025-09-15 to 2030-09-14"),
        ("from = 2026-01-01\nto = 2026-01-31\nyear = 4\nhours = 3", "unknown key 'hours'"),
    ],
)
def test_trainees_that_are_refused(tmp_path: Path, trainee: str, word: str) -> None:
    assert word in refused(tmp_path, f"{CREATION}[[trainee]]\n{trainee}").replace(
        "from 2025-09-15", "2025-09-15"
    )


@pytest.mark.parametrize(
    ("ending", "word"),
    [
        ("by = 'ARS'\non = 2026-01-01", 'by: expected "practitioner" or "caisse"'),
        ("by = 'caisse'\non = 2025-09-14", "2025-09-14 lies outside the contract, 2025-09-15 to"),
        ("by = 'caisse'\non = 2030-09-15", "lies outside the contract, 2025-09-15 to 2030-09-14"),
        (
            "by = 'practitioner'\non = 2026-01-01\nletter_received = 2025-12-01",
            "letter_received: belongs to a termination by",
        ),
        ("by = 'caisse'\non = 2026-01-01\nanswered = true", "answered: needs letter_received"),
        (
            "by = 'caisse'\non = 2026-01-01\nletter_received = 2025-10-01\ncpd_agrees = true",
            "the CPD is seized only where answered = true",
        ),
        (
            "by = 'caisse'\non = 2026-01-01\nletter_received = 2025-10-01\nanswered = true\n"
            "cpd_agrees = true\ncpn_agrees = true",
            "the CPN is seized only where cpd_agrees = false",
        ),
        (
            "by = 'caisse'\non = 2026-01-01\nletter_received = 2026-01-02",
            "letter_received: 2026-01-02 lies outside 2025-09-15 to 2026-01-01",
        ),
    ],
)
def test_terminations_that_are_refused(tmp_path: Path, ending: str, word: str) -> None:
    assert word in refused(tmp_path, f"{CREATION}[termination]\n{ending}")


def test_what_comes_after_a_termination_is_refused(tmp_path: Path) -> None:
    message = refused(
        tmp_path,
        CREATION
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
    assert "2 contract years, where 1 began before the termination" in message
    assert "paid 1: 2026-03-01 lies after the termination" in message
    assert "trainee 1: 2026-03-01 to 2026-03-31 lies outside the contract" in message
    assert "3 faults" in message


def test_a_contract_that_ended_on_its_first_day(tmp_path: Path) -> None:
    text = f'{CREATION}[termination]\nby = "caisse"\non = 2025-09-15\n'
    found = schedule(read(tmp_path, text))
    assert (found.lines, found.as_dict()["ran"]) == ((), None)
    trainee = "[[trainee]]\nfrom = 2025-09-15\nto = 2025-09-15\nyear = 4"
    assert "which ran no day" in refused(tmp_path, text + trainee)


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
def test_zones_that_open_a_right(tmp_path: Path, signed: str, zone: str, right: bool) -> None:
    text = f'contract = "CAMMK"\nsigned = {signed}\nzone = "{zone}"\n'
    if right:
        assert read(tmp_path, text).zone == zone
    else:
        message = refused(tmp_path, text)
        assert f"'{zone}' opened no right to a CAMMK on {signed}: since" in message
        assert "agency's list" in refused(tmp_path, text + "uplift = true")


def test_zones_that_are_none(tmp_path: Path) -> None:
    text = HEAD.replace("tres_sous_dotee", "dense")
    assert "'dense' is no zone; known are tres_sous_dotee" in refused(tmp_path, text)
    assert "expected the id of a zone" in refused(tmp_path, text.replace("dense", "Zone 1"))
    changes = """
    zone_change = [{ on = 2026-01-01, zone = "dense" },
                   { on = 2025-09-15, zone = "sous_dotee" },
                   { on = 2026-01-01, zone = "sous_dotee" },
                   { on = 2030-01-01, zone = "sous_dotee" }]
    """
    message = refused(tmp_path, CREATION.replace("CACCMK", "CAMMK") + changes)
    assert "zone_change 1: 'dense' is no zone" in message
    assert "zone_change 2: 2025-09-15 lies outside the contract" in message
    assert "zone_change 3: two changes on 2026-01-01" in message
    assert "zone_change 4: 2030-01-01 lies outside the contract, 2025-09-15 to 2028" in message


@pytest.mark.parametrize(
    ("kind", "earlier", "word"),
    [
        ("CAMMK", '{contract = "CAIMK", from = 2020-09-15, to = 2025-09-15}', "overlaps"),
        ("CAMMK", '{contract = "CAIMK", from = 2020-09-15, to = 2025-09-14}', ""),
        ("CAMMK", '{contract = "CAMMK", from = 2022-09-15, to = 2025-09-14}', ""),
        ("CAIMK", '{contract = "CAIMK", from = 2019-09-15, to = 2024-09-14}', "may not follow"),
        ("CACCMK", '{contract = "CACCMK", from = 2019-09-15, to = 2024-09-14}', "may not follow"),
        ("CAIMK", '{contract = "CACCMK", from = 2019-09-15, to = 2024-09-14}', ""),
        ("CAMMK", '{contract = "CIMK", from = 2019-09-15, to = 2024-09-14}', "expected one of"),
        (
            "CAMMK",
            '{contract = "CAIMK", from = 2018-09-15, to = 2023-09-14}, '
            '{contract = "CACCMK", from = 2023-09-14, to = 2024-09-14}',
            "the CAIMK up to 2023-09-14 overlaps a CACCMK",
        ),
    ],
)
def test_contracts_that_exclude_one_another(
    tmp_path: Path, kind: str, earlier: str, word: str
) -> None:
    text = f"{HEAD.replace('CAMMK', kind)}earlier = [{earlier}]\n"
    if word:
        assert word in refused(tmp_path, text)
    else:
        assert read(tmp_path, text).earlier


SECRET = "Anselme 10001234567"


@pytest.mark.parametrize(
    "text",
    [
        f'name = "{SECRET}"',
        f'nom = "{SECRET}"',
        f'rpps = "{SECRET}"',
        f'numero_am = "{SECRET}"',
        f'"{SECRET}" = 1',
        f'practitioner = {{ id = "{SECRET}" }}',
        f'earlier = [{{ contract = "CAIMK", nom = "{SECRET}" }}]',
        f'[[trainee]]\nfrom = 2026-01-01\nto = 2026-01-31\nyear = 4\nname = "{SECRET}"',
        f'[termination]\nby = "practitioner"\non = 2026-01-01\nemail = "{SECRET}"',
    ],
)
def test_nothing_of_a_person_is_taken_or_told(tmp_path: Path, text: str) -> None:
    message = refused(tmp_path, f"{HEAD}{text}\n")
    assert "Anselme" not in message
    assert "10001234567" not in message
    assert "holds nothing that could tell who the practitioner is" in message


@pytest.mark.parametrize("key", ["contract", "commune", "zone"])
def test_a_name_in_the_wrong_place_is_not_told(tmp_path: Path, key: str) -> None:
    lines = [line for line in HEAD.splitlines() if not line.startswith(key)]
    message = refused(tmp_path, "\n".join([*lines, f'{key} = "{SECRET}"']))
    assert "Anselme" not in message


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    message = refused(
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
    # rpps, zone, acts, share, termination; year and days of both trainees.
    assert "9 faults" in message
    for word in ("rpps", "opened no right", "negative", "share 2", "year of study 2", "2031-01-01"):
        assert word in message


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputDataError, match="cannot be read as TOML"):
        read_contract(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"zone = '\xe9'")
    with pytest.raises(InputDataError, match="cannot be read as TOML"):
        read_contract(tmp_path / "latin.toml")


def test_a_zone_that_is_not_known_is_asked_for(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD.replace('zone = "tres_sous_dotee"', ""))
    with pytest.raises(InputDataError, match="zone: not known for 2025-09-15"):
        schedule(found)
    assert schedule(replace(found, zone="tres_sous_dotee")).net == 12_000


def test_contracts_made_in_python_are_checked_too() -> None:
    wrong = Contract(
        "CAMMK",
        date(2025, 9, 15),
        zone="tres_sous_dotee",
        paid=(Payment(date(2025, 10, 1), Decimal(-1)),),
        trainees=(Trainee(Period(date(2026, 1, 1), date(2026, 1, 31)), 4, Fraction(2)),),
        termination=Termination("ARS", date(2026, 9, 1)),
        earlier=(Earlier("CIMK", Period(date(2020, 1, 1), date(2020, 12, 31))),),
    )
    with pytest.raises(InputDataError) as caught:
        schedule(wrong)
    assert len(caught.value.faults) == 4
    with pytest.raises(InputDataError, match="unknown kind of contract"):
        schedule(replace(wrong, kind="CIMK"))
    with pytest.raises(InputDataError, match="2025-01-01 lies before the signature"):
        schedule(
            Contract("CAMMK", date(2025, 9, 15), zone="tres_sous_dotee"), until=date(2025, 1, 1)
        )
    far = Contract("CAMMK", date(2025, 9, 15), zone="tres_sous_dotee")
    with pytest.raises(InputDataError, match="9999-12-31 lies outside 1990-01-01 to 2199-12-31"):
        schedule(far, until=date.max)


DAYS = st.dates(date(2017, 1, 1), date(2036, 12, 31)) | st.just(date.max) | st.just(date.min)
ZONES = st.sampled_from(["tres_sous_dotee", "sous_dotee", "dense"])
KINDS = st.sampled_from(["CACCMK", "CAIMK", "CAMMK", "CIMK"])
PERIODS = st.builds(Period, DAYS, DAYS)


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
            st.sampled_from(["practitioner", "caisse", "ARS"]),
            DAYS,
            st.none() | st.builds(Procedure, DAYS, *[st.none() | st.booleans()] * 3),
        ),
        zone_changes=st.lists(st.builds(ZoneChange, DAYS, ZONES), max_size=2).map(tuple),
        earlier=st.lists(st.builds(Earlier, KINDS, PERIODS), max_size=2).map(tuple),
    ),
    DAYS | st.none(),
)
@settings(max_examples=300)
def test_any_contract_is_scheduled_or_refused(case: Contract, until: date | None) -> None:
    with suppress(InputDataError):
        assert json.dumps(schedule(case, RULES, until=until).as_dict())
