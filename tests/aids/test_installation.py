"""Who may install under the convention."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.contracts import RULES, other_reading

from apl_engine import InputDataError
from apl_engine.aids import Departure, Eligibility, Plan, check_installation

ON = date(2028, 9, 1)


def plan(
    zone: str = "intermediaire",
    *,
    entered: int | None = 2019,
    months: int = 0,
    commits: bool = False,
    departure: Departure | None = None,
    derogation: str | None = None,
) -> Eligibility:
    return check_installation(
        Plan(zone, ON, entered, months, commits, departure, derogation), RULES
    )


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        # Article 4.1.1, for those who enter from 2024 on.
        # For those who entered earlier it does not apply, and prevents nothing.
        (plan(entered=2023), "yes"),
        (plan(entered=2024), "no"),
        (plan(entered=None), "to be judged"),
        (plan(entered=None, months=24), "yes"),
        (plan(entered=2024, months=23), "no"),
        (plan(entered=2024, months=24), "yes"),
        (plan("tres_sous_dotee", entered=2024, commits=True), "yes"),
        (plan("sous_dotee", entered=2024, commits=True), "yes"),
        (plan("sous_dotee", entered=2024), "no"),
        (plan("intermediaire", entered=2024, commits=True), "no"),
        # Article 1.2: one departure, one installation, within two years.
        (plan("non_prioritaire"), "no"),
        (plan("non_prioritaire", departure=Departure(date(2026, 9, 1), 1200)), "yes"),
        (plan("non_prioritaire", departure=Departure(date(2026, 8, 31), 1200)), "no"),
        (plan("non_prioritaire", departure=Departure(date(2028, 9, 1), 1200)), "yes"),
        (plan("non_prioritaire", departure=Departure(date(2028, 9, 2), 1200)), "no"),
        (plan("non_prioritaire", departure=Departure(date(2028, 1, 1), 1199)), "to be judged"),
        (plan("non_prioritaire", departure=Departure(date(2028, 1, 1))), "to be judged"),
        (plan("non_prioritaire", departure=Departure(date(2028, 1, 1), 5000, True)), "no"),
        # Article 1.2.3.
        (plan("non_prioritaire", derogation="A"), "to be judged"),
        (
            plan("non_prioritaire", derogation="B", departure=Departure(date(2020, 1, 1), 4000)),
            "to be judged",
        ),
        (
            plan("non_prioritaire", derogation="B", departure=Departure(date(2028, 1, 1), 4000)),
            "yes",
        ),
        # Both conditions must be met.
        (plan("non_prioritaire", entered=2024, derogation="C"), "no"),
    ],
)
def test_installations(result: Eligibility, answer: str) -> None:
    assert result.eligible == answer
    assert len(result.reasons) == 2
    assert all(reason.text and reason.rule.article for reason in result.reasons)
    assert bool(result.judges) == (answer == "to be judged")
    assert result.as_dict()["eligible"] == answer


def other_readings_of_entry(folder: Path, entered: int) -> tuple[str, str]:
    """Return the answer on experience or commitment in each reading of the year of entry."""
    rules = other_reading(folder, "installation.entry_counted", '"second_year"')
    wanted = Plan("intermediaire", ON, entered)
    first, second = (check_installation(wanted, read).reasons[0] for read in (RULES, rules))
    return first.answer, second.answer


def test_the_conditions_are_for_those_who_entered_from_2024_on(tmp_path: Path) -> None:
    """Article 4.1.1; whether entry is into the first or the second year is not settled."""
    assert other_readings_of_entry(tmp_path, 2022) == ("does not apply", "does not apply")
    assert other_readings_of_entry(tmp_path, 2023) == ("does not apply", "no")
    assert other_readings_of_entry(tmp_path, 2024) == ("no", "no")
    earlier = plan(entered=2019).reasons[0]
    assert (earlier.answer, earlier.rule.key) == ("does not apply", "installation.first_entry_year")
    last = plan(entered=2023).reasons[0]
    assert last.rule.key == "installation.entry_counted"
    assert "read as entry into the second year, in 2024, it applies" in last.text


def test_who_judges() -> None:
    low = plan("non_prioritaire", departure=Departure(date(2028, 1, 1), 1199))
    assert low.judges == ("CPD",)
    assert "1199 acts in the year before the departure, 1200 needed" in low.reasons[1].text
    claimed = plan("non_prioritaire", entered=None, derogation="B")
    assert claimed.judges == ("caisse",)
    assert "offre insuffisante de soins spécifiques" in claimed.reasons[1].text


def test_impossible_plans() -> None:
    with pytest.raises(InputDataError) as caught:
        plan(months=-1, departure=Departure(date.max, -1), derogation="D")
    assert [(fault.code, fault.key) for fault in caught.value.faults] == [
        ("installation.day_out_of_range", "departure"),
        ("installation.negative", "establishment_months"),
        ("installation.negative", "departure.acts"),
        ("installation.unknown_ground", "derogation"),
    ]
    with pytest.raises(InputDataError) as caught:
        plan(entered=2199)
    assert [fault.code for fault in caught.value.faults] == ["installation.entered_after"]
    with pytest.raises(InputDataError) as caught:
        plan("x")
    assert caught.value.faults[0].code == "aids.unknown_zone"
