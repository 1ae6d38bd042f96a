"""The rules shipped, by day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from support.contracts import RULES, contract, own_rules

from apl_engine import InputDataError
from apl_engine.aids import schedule
from apl_engine.aids.rules.values import CONFIDENCES, Notice


def test_every_value_is_cited_and_dated() -> None:
    for key, values in RULES.values.items():
        assert values[0].key == key
        for value in values:
            assert value.source in RULES.sources
            assert value.article
            assert value.confidence in CONFIDENCES
            assert value.reason or not value.silent
            assert value.reason or value.confidence != "inferred"
        assert all(after.since > before.since for before, after in pairwise(values))
    assert RULES.first_day == date(2018, 2, 8)


def test_figures_of_the_cammk_contract() -> None:
    """Each beside the words of the contract."""
    on = date(2025, 1, 1)

    def of(key: str) -> object:
        assert RULES.cite(key, on).confidence == "read"
        return RULES.cite(key, on).parsed

    # « 4 000 euros », « trois ans », « renouvelable tacitement », « 50% »
    assert (of("CAMMK.yearly_amount"), of("CAMMK.years")) == (4000, 3)
    assert (of("CAMMK.renewable"), of("CAMMK.minimum_activity")) == (True, Fraction(1, 2))
    # « 300 euros par mois », « 4ème et 5ème année », « avant le 30 avril »
    assert (of("trainee.monthly_amount"), of("trainee.study_years")) == (300, (4, 5))
    assert RULES.cite("CAMMK.payment_before", on).value == "04-30"
    # « 20% soit 800€ », « au maximum que dans 20% des zones »
    assert (of("uplift.rate"), of("uplift.zone_limit")) == (Fraction(1, 5), Fraction(1, 5))
    # « un mois », « 30 jours », « 15 jours », ...
    steps = {key: of(key) for key in RULES.values if key.startswith("procedure")}
    delays = [value for value in steps.values() if isinstance(value, int)]
    assert delays == [1, 30, 15, 15, 30, 1, 15, 30, 15, 15]
    # « un vote aux deux tiers » ; « lettre recommandée » ; who is « informé »
    assert of("procedure.cpn_majority") == Fraction(2, 3)
    notices = {key: value for key, value in steps.items() if isinstance(value, Notice)}
    assert {key.split(".")[1]: value.informed for key, value in notices.items()} == {
        "opening": ("ARS", "CPD"),
        "cpd_seizure": ("practitioner",),
        "decision": ("CPD",),
        "cpn_seizure": ("practitioner", "CPD"),
        "final_decision": ("members of the CPD, by a copy",),
    }
    by_letter = [key.split(".")[1] for key, value in notices.items() if "letter" in value.form]
    assert by_letter == ["opening", "decision", "final_decision"]
    # « au moins deux », « remplaçant », « dans les mêmes locaux »
    assert (of("practice.practitioners"), of("practice.replacement")) == (2, True)
    assert of("practice.same_premises") == ("group", "pluriprofessional")


def test_a_value_holds_until_the_next() -> None:
    for on, zones in (
        (date(2018, 2, 8), ("tres_sous_dotee", "sous_dotee")),
        (date(2023, 8, 25), ("tres_sous_dotee", "sous_dotee")),
        (date(2023, 8, 26), ("tres_sous_dotee",)),
    ):
        assert RULES.cite("zones.conventional", on).parsed.zones == zones
    with pytest.raises(InputDataError) as caught:
        RULES.cite("zones.conventional", date(2018, 2, 7))
    (fault,) = caught.value.faults
    assert (fault.code, fault.key) == ("aid_rules.not_in_force", "zones.conventional")
    assert dict(fault.details) == {"day": "2018-02-07", "first": "2018-02-08"}


def test_no_contract_is_scheduled_before_every_value_is_known(tmp_path: Path) -> None:
    text = "[[CAIMK.payments]]\nvalue = [1, 2, 3, 4]\nfrom = 2020-02-08\nreason = 'mine'\n"
    rules = own_rules(tmp_path, text)
    assert rules.first_day == date(2020, 2, 8)
    with pytest.raises(InputDataError) as caught:
        schedule(contract("CAIMK", "2020-02-07"), rules)
    (fault,) = caught.value.faults
    assert (fault.code, fault.details["first"]) == ("contract.before_rules", "2020-02-08")
