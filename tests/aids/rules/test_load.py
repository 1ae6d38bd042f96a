"""Files of rules on aids: what is inherited, and what is refused."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from support.contracts import RULES, contract, own_rules
from support.rulebooks import keyed, load_text, refused

from apl_engine import MethodologyError
from apl_engine.aids import load_aid_rules, read_contract, schedule
from apl_engine.aids.rules.load import FORMAT

EXTENDS = 'id = "own"\nextends = "mk"\n'
GIVEN = 'from = 2018-02-08\nreason = "mine"\n'
YEARS = "[[CAMMK.years]]\nvalue = 3\n"


def test_own_values_replace_those_inherited(tmp_path: Path) -> None:
    rules = own_rules(
        tmp_path,
        """
        [[CAMMK.yearly_amount]]
        from = 2018-02-08
        value = 4000
        reason = "as before"
        [[CAMMK.yearly_amount]]
        from = 2027-01-01
        value = 5000.5
        reason = "what if it rose?"
        """,
    )
    value = rules.cite("CAMMK.yearly_amount", date(2027, 1, 1))
    assert value.parsed == Fraction(10001, 2)
    assert value.article.startswith("in place of article 2.2")
    assert (value.confidence, value.source, value.unit) == (
        "inferred",
        "contrat-cammk",
        "EUR a contract year",
    )
    assert [name for name, _ in rules.files] == [str(tmp_path / "own.toml"), "mk.toml"]
    assert rules.as_dict()["values"]
    # A renewal follows the terms of its first day: 2025, 2026 and 2027 those of 2025.
    renewed = schedule(contract("CAMMK", "2025-01-01"), rules, until=date(2028, 1, 1))
    assert [str(line.amount) for line in renewed.lines] == ["4000.00"] * 3 + ["5000.50"] * 3


def test_a_file_may_extend_another_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(f"{EXTENDS}{YEARS.replace('3', '4')}{GIVEN}")
    rules = load_text(load_aid_rules, tmp_path, 'id = "own"\nextends = "base.toml"\n')
    assert rules.contract("CAMMK", date(2025, 1, 1)).years == 4


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ("x = ", "rulebook.unreadable", None),
        ('extends = "mk"', "rulebook.missing", "id"),
        ('id = 3\nextends = "mk"', "value.not_a_text", "id"),
        ('id = "own"\nextends = "mk-2024"', "rulebook.unknown_id", "extends"),
        (EXTENDS + "bonus = 3", "rulebook.unknown_key", "bonus"),
        (EXTENDS + "CAMMK = 3", "rulebook.not_a_table", "CAMMK"),
        (EXTENDS + "[sources.x]\nurl = 'y'", "rulebook.not_a_source", "sources.x"),
        (
            EXTENDS + "[sources.x]\ntitle = 'y'\nnor = 'z'",
            "rulebook.unknown_in_source",
            "sources.x",
        ),
        (EXTENDS + f"[[CAMMK.bonus]]\nvalue = 3\n{GIVEN}", "rulebook.unknown_key", "CAMMK.bonus"),
        (EXTENDS + "[CAMMK]\nyears = 3", "aid_rules.not_dated", "CAMMK.years"),
        (EXTENDS + "[CAMMK]\nyears = [3]", "rulebook.not_an_entry", "CAMMK.years"),
        (EXTENDS + YEARS + 'reason = "x"', "value.not_a_day", "CAMMK.years.from"),
        (EXTENDS + YEARS + GIVEN + "x = 1", "rulebook.unknown_key", "CAMMK.years.x"),
        (EXTENDS + YEARS + "from = 2018-02-08", "rulebook.uncited", "CAMMK.years"),
        (EXTENDS + YEARS + "reason = 'x'\nfrom = '2018'", "value.not_a_day", "CAMMK.years.from"),
        (EXTENDS + YEARS + GIVEN + "unit = 3", "rulebook.not_a_text", "CAMMK.years.unit"),
        (EXTENDS + YEARS + GIVEN + "silent = 1", "rulebook.silent_without_reason", "CAMMK.years"),
        (
            EXTENDS + YEARS + GIVEN + "confidence = 'sure'",
            "value.not_allowed",
            "CAMMK.years.confidence",
        ),
        (
            EXTENDS + YEARS + "from = 2018-02-08\nsource = 'x'\narticle = 'y'\nconfidence = 'read'",
            "rulebook.unknown_source",
            "CAMMK.years",
        ),
        (
            EXTENDS + YEARS + "from = 2018-02-08\nsource = 'ameli'\narticle = 'y'",
            "value.not_allowed",
            "CAMMK.years.confidence",
        ),
        (EXTENDS + (YEARS + GIVEN) * 2, "aid_rules.days_not_rising", "CAMMK.years[2]"),
    ],
)
def test_malformed_files(tmp_path: Path, text: str, code: str, key: str | None) -> None:
    assert keyed(refused(load_aid_rules, tmp_path, text)) == [(code, key)]


@pytest.mark.parametrize(
    ("key", "value", "code", "path"),
    [
        ("CAMMK.years", "0", "value.too_low", ""),
        ("CAMMK.accrual", "'daily'", "value.not_allowed", ""),
        ("CAMMK.payment_before", "'02-29'", "value.not_a_day_of_every_year", ""),
        ("CAMMK.payment_before", "'13-01'", "value.not_a_day_of_every_year", ""),
        ("CAMMK.payment_before", "'4-30'", "value.not_a_day_of_every_year", ""),
        ("CAMMK.payment_before", "430", "value.not_a_day_of_every_year", ""),
        ("CAMMK.may_follow", "['X']", "value.not_allowed", "[1]"),
        ("CAMMK.may_follow", "'X'", "value.not_a_list", ""),
        ("CAMMK.may_follow", "['CAIMK', 'CAIMK']", "value.repeated_items", ""),
        ("zones.agency", "['x']", "value.not_a_table", ""),
        ("zones.agency", "{title = 't', zones = ['x']}", "aid_rules.zone_unknown", ""),
        ("uplift.zones", "['x']", "aid_rules.zone_unknown", ""),
        ("trainee.study_years", "[]", "value.too_few_items", ""),
        ("installation.derogations", "[3]", "value.not_a_table", "[1]"),
        (
            "installation.derogations",
            "[{id = 'A', title = 'x'}, {id = 'A', title = 'y'}]",
            "value.repeated_items",
            "",
        ),
        ("CAIMK.payments", "[1, -1]", "value.too_low", "[2]"),
        ("CAIMK.payments", "3", "value.not_a_list", ""),
        ("CAIMK.payment_delays", "3", "value.not_a_list", ""),
        ("CAIMK.payment_delays", "[0, 2, 2, 3]", "value.not_rising_from_0", ""),
        ("CAIMK.payment_delays", "[1, 2, 3, 4]", "value.not_rising_from_0", ""),
        ("CAIMK.floor", "3001", "aid_rules.floor_above_full", ""),
        ("CAIMK.first_year_floor", "2001", "aid_rules.floor_above_full", ""),
    ],
)
def test_impossible_values(tmp_path: Path, key: str, value: str, code: str, path: str) -> None:
    text = f"{EXTENDS}[[{key}]]\nvalue = {value}\n{GIVEN}"
    assert keyed(refused(load_aid_rules, tmp_path, text)) == [(code, key + path)]


def test_payments_must_fit_their_delays_and_the_years_of_the_contract(tmp_path: Path) -> None:
    text = f"{EXTENDS}[[CAIMK.payments]]\nvalue = [1, 2]\n{GIVEN}"
    (fault,) = refused(load_aid_rules, tmp_path, text)
    assert (fault.code, fault.key) == ("aid_rules.payments_without_delay", "CAIMK.payment_delays")
    assert dict(fault.details) == {"payments": 2, "delays": 4}
    text = f"{EXTENDS}[[CAIMK.years]]\nvalue = 2\n{GIVEN}"
    (fault,) = refused(load_aid_rules, tmp_path, text)
    assert (fault.code, fault.key) == ("aid_rules.number_of_payments", "CAIMK.payments")
    assert dict(fault.details) == {"payments": 4, "years": 2}


def test_all_faults_of_a_file_are_raised_together(tmp_path: Path) -> None:
    text = f"""
    id = 3
    extends = "mk"
    bonus = 1
    [sources.x]
    [[CAMMK.years]]
    value = 0
    {GIVEN}
    [[CAMMK.accrual]]
    value = "daily"
    from = 2018-02-08
    [[CAMMK.accrual]]
    value = "daily"
    from = "2019"
    unit = 3
    [[uplift.zones]]
    value = ["x"]
    {GIVEN}
    """
    assert keyed(refused(load_aid_rules, tmp_path, text)) == [
        ("rulebook.unknown_key", "bonus"),
        ("rulebook.not_a_source", "sources.x"),
        ("value.not_a_text", "id"),
        ("value.too_low", "CAMMK.years"),
        ("rulebook.uncited", "CAMMK.accrual[1]"),
        ("value.not_allowed", "CAMMK.accrual[1]"),
        ("rulebook.not_a_text", "CAMMK.accrual[2].unit"),
        ("rulebook.uncited", "CAMMK.accrual[2]"),
        ("value.not_allowed", "CAMMK.accrual[2]"),
        ("value.not_a_day", "CAMMK.accrual[2].from"),
        ("aid_rules.zone_unknown", "uplift.zones"),
    ]


def test_a_file_that_extends_nothing_needs_every_value(tmp_path: Path) -> None:
    faults = refused(load_aid_rules, tmp_path, 'id = "own"\n[CAMMK]\nyears = 3')
    assert keyed(faults) == [
        ("rulebook.missing", "title"),
        ("aid_rules.not_dated", "CAMMK.years"),
        ("rulebook.missing_values", None),
    ]
    missing = faults[2].details["missing"]
    assert isinstance(missing, tuple)
    assert set(missing) == FORMAT.parsers.keys() - {"CAMMK.years"}


def test_examples_of_the_page_are_read(tmp_path: Path) -> None:
    """The rules first, then the contracts, which depend on them."""
    page = (Path(__file__).parents[3] / "docs" / "aids.md").read_text("utf-8")
    own, *examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    rules = load_text(load_aid_rules, tmp_path, own)
    path = tmp_path / "contract.toml"
    for example in examples:
        path.write_text(example, encoding="utf-8")
        assert schedule(read_contract(path, rules), rules).net > 0
    assert len(examples) == 2


def test_other_readings_of_silent_points(tmp_path: Path) -> None:
    """Those of the inherited text stay open, its own choice included."""
    on = date(2025, 1, 1)
    assert RULES.cite("termination.year_begun", on).others == ("pro_rata",)
    entry = "[[termination.year_begun]]\nfrom = 2018-02-08\nvalue = 'pro_rata'\nreason = 'mine'\n"
    own = own_rules(tmp_path, entry)
    assert own.cite("termination.year_begun", on).others == ("nothing",)
    read = RULES.read_otherwise("termination.year_begun", on, "pro_rata")
    assert read.cite("termination.year_begun", on).parsed == "pro_rata"
    assert RULES.cite("termination.year_begun", on).parsed == "nothing"
    for text, code in (
        ("others = ['pro_rata']\n", "aid_rules.others_of_settled_point"),
        ("silent = true\nothers = 'pro_rata'\n", "aid_rules.others_of_settled_point"),
        ("silent = true\nothers = ['thrice']\n", "value.not_allowed"),
    ):
        faults = refused(load_aid_rules, tmp_path, EXTENDS + entry + text)
        assert code in [fault.code for fault in faults]


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(MethodologyError) as caught:
        load_aid_rules(tmp_path / "none.toml")
    assert keyed(caught.value.faults) == [("rulebook.no_such_file", None)]


def test_a_whole_file_of_ones_own(tmp_path: Path) -> None:
    text = (FORMAT.folder / "mk.toml").read_text("utf-8")
    rules = load_text(load_aid_rules, tmp_path, text)
    assert [v.value for values in rules.values.values() for v in values] == [
        v.value for values in RULES.values.values() for v in values
    ]
