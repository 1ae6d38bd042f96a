"""The file of aids, what zones open, where an uplift may go, and who may install."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine import (
    AidRules,
    Contract,
    Departure,
    Eligibility,
    InputDataError,
    MethodologyError,
    Plan,
    aids_of_zone,
    check_installation,
    check_uplift,
    choose_uplift,
    load_aid_rules,
    read_contract,
    schedule,
)
from apl_engine.aids.annual import months_of
from apl_engine.aids.dates import Period, months_after
from apl_engine.aids.rules.load import SHIPPED
from apl_engine.aids.rules.values import CONFIDENCES

RULES = load_aid_rules()
EXTENDS = 'id = "own"\nextends = "mk"\n'


def load(folder: Path, text: str) -> AidRules:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_aid_rules(path)


# --- the file ------------------------------------------------------------------------------------


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


def test_figures_of_the_contract_of_upkeep() -> None:
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
    delays = [of(key) for key in RULES.values if key.startswith("procedure")]
    assert delays == [1, 30, 15, 15, 30, 1, 15, 30, 15, 15]


def test_a_value_holds_until_the_next() -> None:
    for on, zones in (
        (date(2018, 2, 8), ("tres_sous_dotee", "sous_dotee")),
        (date(2023, 8, 25), ("tres_sous_dotee", "sous_dotee")),
        (date(2023, 8, 26), ("tres_sous_dotee",)),
    ):
        assert RULES.cite("zones.conventional", on).parsed.zones == zones
    with pytest.raises(InputDataError, match="is not known on 2018-02-07, only from 2018-02-08"):
        RULES.cite("zones.conventional", date(2018, 2, 7))


def test_rules_of_ones_own(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        EXTENDS
        + """
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
    # A renewal goes by the terms of its first day: 2025, 2026 and 2027 by those of 2025.
    case = Contract("CAMMK", date(2025, 1, 1), zone="tres_sous_dotee")
    found = schedule(case, rules, until=date(2028, 1, 1))
    assert [str(line.amount) for line in found.lines] == ["4000.00"] * 3 + ["5000.50"] * 3


GIVEN = 'from = 2018-02-08\nreason = "mine"\n'


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("x = ", "cannot be read as TOML"),
        ('extends = "mk"', "[id] missing"),
        ('id = "own"', "[title] missing"),
        ("id = 3", "[id] expected a text, got 3"),
        ('id = 3\nextends = "mk"', "[id] expected a text, got 3"),
        ('id = "own"\ntitle = "t"', "[zones.known] missing"),
        ('id = "own"\nextends = "mk-2024"', "'mk-2024' cannot be extended"),
        (EXTENDS + "bonus = 3", "[bonus] unknown key"),
        (EXTENDS + "CAMMK = 3", "[CAMMK] expected a table, got 3"),
        (EXTENDS + "[sources.x]\nurl = 'y'", "[sources.x] a source is a table with a title"),
        (EXTENDS + "[sources.x]\ntitle = 'y'\nnor = 'z'", "a title and perhaps a url"),
        (EXTENDS + f"[[CAMMK.bonus]]\nvalue = 3\n{GIVEN}", "[CAMMK.bonus] unknown key"),
        (EXTENDS + "[CAMMK]\nyears = 3", "Write [[CAMMK.years]]"),
        (EXTENDS + "[CAMMK]\nyears = [3]", "expected a table with from and value"),
        (EXTENDS + '[[CAMMK.years]]\nvalue = 3\nreason = "x"', "a table with from and value"),
        (EXTENDS + f"[[CAMMK.years]]\nvalue = 3\n{GIVEN}x = 1", "unknown key 'x'"),
        (EXTENDS + "[[CAMMK.years]]\nvalue = 3\nfrom = 2018-02-08", "value 3 has no citation"),
        (EXTENDS + "[[CAMMK.years]]\nvalue = 3\nfrom = '2018'", "from is '2018', not a day"),
        (EXTENDS + f"[[CAMMK.years]]\nvalue = 3\n{GIVEN}unit = 3", "unit is 3, not a text"),
        (EXTENDS + f"[[CAMMK.years]]\nvalue = 0\n{GIVEN}", "expected a whole number of 1 or more"),
        (EXTENDS + f"[[CAMMK.years]]\nvalue = 3\n{GIVEN}silent = 1", "silent is true or false"),
        (
            EXTENDS + f"[[CAMMK.years]]\nvalue = 3\n{GIVEN}confidence = 'sure'",
            "confidence is 'sure'. Say one of read",
        ),
        (
            EXTENDS + "[[CAMMK.years]]\nvalue = 3\nfrom = 2018-02-08\nsource = 'x'\narticle = 'y'",
            "source 'x' has no [sources.x] table",
        ),
        (
            EXTENDS + "[[CAMMK.years]]\nvalue = 3\nfrom = 2018-02-08\nsource = 'ameli'\n"
            "article = 'y'",
            "confidence is ''",
        ),
        (
            EXTENDS + f"[[CAMMK.years]]\nvalue = 3\n{GIVEN}[[CAMMK.years]]\nvalue = 3\n{GIVEN}",
            "days must rise: 2018-02-08 follows 2018-02-08",
        ),
        (EXTENDS + f"[[CAMMK.accrual]]\nvalue = 'daily'\n{GIVEN}", "'daily' is refused"),
        (EXTENDS + f"[[CAMMK.payment_before]]\nvalue = '02-29'\n{GIVEN}", "a day of every year"),
        (EXTENDS + f"[[CAMMK.payment_before]]\nvalue = '13-01'\n{GIVEN}", "a day of every year"),
        (EXTENDS + f"[[CAMMK.payment_before]]\nvalue = 430\n{GIVEN}", "a day of every year"),
        (EXTENDS + f"[[CAMMK.may_follow]]\nvalue = ['X']\n{GIVEN}", "'X' is none of CACCMK"),
        (EXTENDS + f"[[CAMMK.may_follow]]\nvalue = 'X'\n{GIVEN}", "expected a list of texts"),
        (
            EXTENDS + f"[[CAMMK.may_follow]]\nvalue = ['CAIMK', 'CAIMK']\n{GIVEN}",
            "a word is there twice",
        ),
        (EXTENDS + f"[[zones.agency]]\nvalue = ['x']\n{GIVEN}", "expected { title = ..."),
        (
            EXTENDS + f"[[zones.agency]]\nvalue = {{title = 't', zones = ['x']}}\n{GIVEN}",
            "zone 'x' is none of [zones.known]",
        ),
        (EXTENDS + f"[[uplift.zones]]\nvalue = ['x']\n{GIVEN}", "zone 'x' is none of"),
        (EXTENDS + f"[[trainee.study_years]]\nvalue = []\n{GIVEN}", "a list of whole numbers"),
        (EXTENDS + f"[[installation.derogations]]\nvalue = [3]\n{GIVEN}", "a list of { id"),
        (
            EXTENDS + "[[installation.derogations]]\n"
            f"value = [{{id = 'A', title = 'x'}}, {{id = 'A', title = 'y'}}]\n{GIVEN}",
            "two grounds have the same id",
        ),
        (EXTENDS + f"[[CAIMK.payments]]\nvalue = [1, -1]\n{GIVEN}", "expected 0 or more"),
        (EXTENDS + f"[[CAIMK.payments]]\nvalue = 3\n{GIVEN}", "expected a list of amounts"),
        (EXTENDS + f"[[CAIMK.payments]]\nvalue = [1, 2]\n{GIVEN}", "2 payments and 4 delays"),
        (EXTENDS + f"[[CAIMK.years]]\nvalue = 2\n{GIVEN}", "none beyond the contract's years"),
        (EXTENDS + f"[[CAIMK.payment_delays]]\nvalue = 3\n{GIVEN}", "a list of whole numbers"),
        (EXTENDS + f"[[CAIMK.payment_delays]]\nvalue = [0, 2, 2, 3]\n{GIVEN}", "rise from 0"),
        (EXTENDS + f"[[CAIMK.floor]]\nvalue = 3001\n{GIVEN}", "3001 lies above full, 3000"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(MethodologyError) as caught:
        load(tmp_path, text)
    assert word in str(caught.value)
    assert "own.toml" in str(caught.value) or "mk.toml" in str(caught.value)


def test_no_contract_is_judged_before_every_value_is_known(tmp_path: Path) -> None:
    text = f"{EXTENDS}[[CAIMK.payments]]\nvalue = [1, 2, 3, 4]\n{GIVEN}".replace("2018", "2020")
    rules = load(tmp_path, text)
    assert rules.first_day == date(2020, 2, 8)
    case = Contract("CAIMK", date(2020, 2, 7), zone="tres_sous_dotee")
    with pytest.raises(InputDataError, match="before the first day of the rules, 2020-02-08"):
        schedule(case, rules)


def test_examples_of_the_page_are_read(tmp_path: Path) -> None:
    """The rules first, then the contract, which hangs on them."""
    page = (Path(__file__).parents[3] / "docs" / "aids.md").read_text("utf-8")
    own, contract = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    rules = load(tmp_path, own)
    path = tmp_path / "contract.toml"
    path.write_text(contract, encoding="utf-8")
    assert schedule(read_contract(path, rules), rules).net > 0


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MethodologyError, match="cannot be read as TOML"):
        load_aid_rules(tmp_path / "none.toml")


def test_a_whole_file_of_ones_own(tmp_path: Path) -> None:
    rules = load(tmp_path, SHIPPED.read_text("utf-8"))
    assert [v.value for values in rules.values.values() for v in values] == [
        v.value for values in RULES.values.values() for v in values
    ]


# --- days ----------------------------------------------------------------------------------------


def test_a_month_ends_on_the_same_day_or_on_the_last() -> None:
    """Code de procédure civile, article 641."""
    for day, months, expected in (
        ("2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2027-12-15", 1, "2028-01-15"),
        ("2024-02-29", 24, "2026-02-28"),
    ):
        assert months_after(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 1500))
def test_months_of_two_parts_add_up(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    middle = date.fromordinal(first.toordinal() + days // 3)
    after = date.fromordinal(middle.toordinal() + 1)
    parts = months_of(Period(first, middle)) + months_of(Period(after, last))
    assert parts == months_of(Period(first, last))


# --- zones ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "on", "opened"),
    [
        # Arrêté of 20 March 2024, annexe, I.
        ("tres_sous_dotee", "2024-11-01", {"conventional", "collectivities", "agency"}),
        ("sous_dotee", "2024-11-01", {"collectivities", "agency"}),
        ("intermediaire", "2024-11-01", {"agency"}),
        ("non_prioritaire", "2024-11-01", {"regulated"}),
        # Before avenant 7.
        ("sous_dotee", "2022-01-01", {"conventional", "collectivities", "agency"}),
        ("tres_dotee", "2022-01-01", set()),
        ("sur_dotee", "2022-01-01", {"regulated"}),
        ("non_prioritaire", "2022-01-01", set()),
    ],
)
def test_what_zones_open(zone: str, on: str, opened: set[str]) -> None:
    found = aids_of_zone(zone, date.fromisoformat(on))
    assert {m.measure for m in found.measures if m.opens} == opened
    assert found.regulated == ("regulated" in opened)
    offers = [(o.kind, str(o.maximum), o.years, o.renewable) for o in found.contracts]
    assert offers == (
        [
            ("CACCMK", "49000.00", 5, False),
            ("CAIMK", "34000.00", 5, False),
            ("CAMMK", "12000.00", 3, True),
        ]
        if "conventional" in opened
        else []
    )
    assert found.as_dict()["on"] == on


def test_zones_and_days_that_are_not_known() -> None:
    with pytest.raises(InputDataError, match="'dense' is no zone; known are tres_sous_dotee"):
        aids_of_zone("dense", date(2025, 1, 1))
    with pytest.raises(InputDataError, match="is not known on 2007-04-03"):
        aids_of_zone("sous_dotee", date(2007, 4, 3))


# --- uplift --------------------------------------------------------------------------------------


def territories(*rows: tuple[str, str, float | None, float | None, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(code, f"Territory {code}", *rest) for code, *rest in rows],
        schema={
            "territory": pl.String,
            "territory_name": pl.String,
            "region": pl.String,
            "population": pl.Float64,
            "apl": pl.Float64,
            "zone": pl.String,
        },
        orient="row",
    )


TEN = territories(
    *((f"T{n}", "52", 1000.0 * (n + 1), 40.0 - n, "tres_sous_dotee") for n in range(10)),
    ("SD", "52", 500.0, 50.0, "sous_dotee"),
    ("FAR", "28", 500.0, 1.0, "tres_sous_dotee"),
)


def test_two_of_ten_zones_may_have_the_uplift() -> None:
    """20 % of ten zones are two; those of the lowest APL are T9 (31) and T8 (32)."""
    found = choose_uplift(TEN, "52")
    assert [code for code, _ in found.chosen] == ["T9", "T8"]
    assert (found.used, found.total, found.share) == (2, 10, Fraction(1, 5))
    assert found.allowed
    three = check_uplift(TEN, "52", ["T9", "T8", "T7"])
    assert (three.within_limit, three.allowed, three.share) == (False, False, Fraction(3, 10))


def test_a_fifth_of_the_population(tmp_path: Path) -> None:
    """55 000 inhabitants: 11 000 at most. T9 has 10 000; T8, 9 000, would go beyond.

    `skip` goes on and takes T0, of 1 000: 11 000, exactly the limit.
    """
    found = choose_uplift(TEN, "52", basis="population")
    assert ([code for code, _ in found.chosen], found.used) == (["T9"], 10_000)
    rules = load(tmp_path, f"{EXTENDS}[[uplift.choice]]\nvalue = 'skip'\n{GIVEN}")
    found = choose_uplift(TEN, "52", basis="population", rules=rules)
    assert [code for code, _ in found.chosen] == ["T9", "T0"]
    assert (found.used, found.allowed) == (11_000, True)
    assert not check_uplift(TEN, "52", ["T9", "T1"], basis="population").allowed


def test_what_cannot_be_on_the_list() -> None:
    found = check_uplift(TEN, "52", ["T1", "SD", "FAR", "X", "T1", "X"])
    assert found.other_zone == ("SD",)
    assert found.other_region == ("FAR",)
    assert found.unknown == ("X",)
    assert found.twice == ("T1", "X")
    assert (found.within_limit, found.allowed, found.used) == (True, False, 1)
    assert found.as_dict()["share"] == 0.1


def test_a_region_without_such_a_zone() -> None:
    frame = territories(("A", "94", 10.0, 1.0, "sous_dotee"))
    found = choose_uplift(frame, "94")
    assert (found.chosen, found.share, found.allowed) == ((), None, True)
    assert found.as_dict()["share"] is None


def test_territories_without_apl_come_last_and_equal_ones_by_code() -> None:
    rows = [(code, "52", 1.0, 3.0, "tres_sous_dotee") for code in "EDCB"]
    frame = territories(("A", "52", 1.0, None, "tres_sous_dotee"), *rows)
    assert [code for code, _ in choose_uplift(frame, "52").chosen] == ["B"]


def test_uplift_of_what_is_wrong() -> None:
    with pytest.raises(InputDataError, match=r"'99' is no region .* There: 28, 52\."):
        choose_uplift(TEN, "99")
    with pytest.raises(InputDataError, match="expected count or population"):
        choose_uplift(TEN, "52", basis="area")
    with pytest.raises(InputDataError, match="column 'apl': missing"):
        check_uplift(TEN.drop("apl"), "52", [])
    frame = territories(("A", "52", None, 1.0, "tres_sous_dotee"))
    with pytest.raises(InputDataError, match="A has no population"):
        choose_uplift(frame, "52", basis="population")


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=40),
    st.sampled_from(["count", "population"]),
)
def test_a_choice_never_goes_beyond_the_limit(rows: list[tuple[int, int]], basis: str) -> None:
    """And is by rising APL, so that a list of it may stand."""
    frame = territories(
        *(
            (f"{n:02d}", "52", float(people), float(apl), "tres_sous_dotee")
            for n, (apl, people) in enumerate(rows)
        )
    )
    found = choose_uplift(frame, "52", basis=basis, rules=RULES)
    codes = [code for code, _ in found.chosen]
    assert found.allowed
    assert check_uplift(frame, "52", codes, basis=basis, rules=RULES) == found
    if basis == "count":
        assert len(found.chosen) == len(rows) // 5


# --- installation --------------------------------------------------------------------------------

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
    ("found", "answer"),
    [
        # Article 4.1.1, for those who enter from 2024 on.
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
def test_installations(found: Eligibility, answer: str) -> None:
    assert found.eligible == answer
    assert len(found.reasons) == 2
    assert all(reason.text and reason.rule.article for reason in found.reasons)
    assert bool(found.judges) == (answer == "to be judged")
    assert found.as_dict()["eligible"] == answer


def test_who_judges() -> None:
    low = plan("non_prioritaire", departure=Departure(date(2028, 1, 1), 1199))
    assert low.judges == ("CPD",)
    assert "1199 acts in the year before the departure, 1200 needed" in low.reasons[1].text
    claimed = plan("non_prioritaire", entered=None, derogation="B")
    assert claimed.judges == ("caisse",)
    assert "offre insuffisante de soins spécifiques" in claimed.reasons[1].text


def test_installations_that_make_no_sense() -> None:
    with pytest.raises(InputDataError) as caught:
        plan(months=-1, departure=Departure(ON, -1), derogation="D")
    assert len(caught.value.faults) == 3
    with pytest.raises(InputDataError, match="'x' is no zone"):
        plan("x")
    with pytest.raises(InputDataError, match="9999-12-31 lies outside 1990-01-01"):
        plan("non_prioritaire", departure=Departure(date.max))


def test_whose_apl_is_not_known_is_never_the_lowest() -> None:
    """All of Mayotte is très sous dotée without an APL."""
    rows = [(f"T{n}", "06", 1000.0, None, "tres_sous_dotee") for n in range(5)]
    found = choose_uplift(territories(*rows), "06")
    assert (found.chosen, found.without_apl, found.total) == ((), 5, 5)
    one = ("T9", "06", 1000.0, 90.0, "tres_sous_dotee")
    found = choose_uplift(territories(*rows[:4], one), "06")
    assert ([code for code, _ in found.chosen], found.without_apl) == (["T9"], 4)
    assert check_uplift(territories(*rows), "06", ["T1"]).allowed
