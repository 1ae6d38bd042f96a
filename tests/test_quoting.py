"""Which values of an input a message quotes: by their form, and by how many are wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apl_engine.errors import Fault, Note
from apl_engine.quoting import HIDDEN, is_name, is_of_most, is_quotable, quotable, reason_of

NEVER = [
    "10101234567", "810001234567", "247000123", "12345678", "81000056789.0", "1.0101234567e10",
    "1 71 05 44 123 017 22", "10.101.234.567", "01001 10101234567", "praticien 10101234567",
    "1970-05-12", "12/05/1970", "12-05-70", "12.05.1970", "1970/5/2", "12051970", "19700512",
    "1970-05-12 00:00:00", "12 mai 1970", "1er mai 1970", "May 12, 1970", "12 févr. 70",
    "P000123", "PRA-000123", "K12345", "a3f9c2d1e8b7", "x" * 301 + "1",
]  # fmt: skip
ALWAYS = [
    "01001", "1001", "2a004", "01001.0", "O1001", "01001\u200b", "01001-01002",
    "01001-01002: 9.5, 11.5", "01001 / 00-04", "2A004-01002", "69152 into 69149", "01001: -806",
    "59 ans", "95 ans et plus", "5 à 9 ans", "00-04", "Y15T19", "-999999.0", "1e308", "2500001.0",
    "99 999,50 €", "91305.97", "46.123456", "-0.1234567", "1 234 567", "750s", "PT12M30S",
    "00:12:30", "Zone très sous dotée", "sous_dotee", "Saint-Étienne-du-Rouvray",
    "14401 Lisieux", "COM_2019", "2019-13-01", "31/03/2022", "ten", "x", "", "#DIV/0!",
]  # fmt: skip


@pytest.mark.parametrize("text", NEVER)
def test_what_may_identify_a_person_is_never_quoted(text: str) -> None:
    assert not is_quotable(text)
    assert quotable([text], "code", foreign=False) == []
    fault = Fault("population.not_a_number", "population", values=(text,))
    assert (fault.values, fault.withheld) == ((), True)
    note = Note("insee.other_levels", 1, (text,), details={"file": "f.csv"})
    assert (note.examples, note.withheld) == ((), True)
    for shown in (str(fault), repr(fault), json.dumps(fault.as_dict()), str(note), repr(note)):
        assert len(text) > 300 or text not in shown
    assert note == Note.from_dict(note.as_dict())


@pytest.mark.parametrize("text", ALWAYS)
def test_mistyped_values_are_quoted(text: str) -> None:
    assert is_quotable(text)


@given(st.from_regex(r"[0-9]{9,14}", fullmatch=True), st.sampled_from([" ", "-", ".", ""]))
def test_long_numbers_are_never_quoted(digits: str, mark: str) -> None:
    grouped = mark.join([digits[:1], digits[1:3], digits[3:5], digits[5:8], digits[8:]])
    for text in (digits, grouped, f"n° {grouped}", f"{grouped} x"):
        assert not is_quotable(text)
        assert not is_name(text)


@given(st.dates())
def test_birth_dates_are_never_quoted(day: object) -> None:
    if 1900 < day.year < 2012:  # type: ignore[attr-defined]
        for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%y", "%Y%m%d", "%d%m%Y", "%d %B %Y"):
            assert not is_quotable(format(day, form)), form


def test_of_a_column_that_may_be_another_only_what_is_certain_is_quoted() -> None:
    for kind, quoted, hidden in (
        ("commune", ["1001", "2a004"], ["7301", "20731", "DUPONT", "417"]),
        ("number", ["12 €", "-3", "9,5", "inf", "x"], ["7301", "DUPONT", "20731"]),
        ("band", ["59 ans", "5-9", "95+"], ["59", "7301", "DUPONT"]),
        ("code", [], ["417", "DUPONT"]),
        ("label", [], ["DUPONT"]),
    ):
        both = [*quoted, *hidden]
        assert quotable(both, kind, foreign=True, known=["01001"]) == quoted
        assert quotable(both, kind, foreign=False) == both


def test_most_rows_wrong_may_be_another_column() -> None:
    assert [is_of_most(*rows) for rows in ((1, 3), (2, 4), (2, 3), (3, 3))] == [
        False, False, True, True,
    ]  # fmt: skip
    assert not is_of_most(3, 3, few=3)


def test_details_hide_identifiers_but_no_paths() -> None:
    details = {"columns": ("commune", "10101234567"), "file": "/data/10101234567.csv", "count": 3}
    fault = Fault("population.missing_column", "population", details=details)
    assert fault.details == {**details, "columns": ("commune", HIDDEN)}


def test_what_the_user_typed_is_quoted() -> None:
    fault = Fault("option.change_malformed", "--change", values=("01001=10101234567",))
    assert fault.values == ("01001=10101234567",)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("could not parse `10101x` as dtype `f64` at column 'ps'",
         "could not parse ... as dtype `f64` at column ..."),
        ("more fields than in 'Schema'", "more fields than in 'Schema'"),
        ("bad row 10101234567", "ValueError"),
        ("", "ValueError"),
    ],
)  # fmt: skip
def test_what_a_parser_quotes_is_left_out(said: str, reason: str) -> None:
    assert reason_of(ValueError(said)) == reason
