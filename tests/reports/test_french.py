"""Numbers, dates and texts of a French order."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from apl_engine.reports.french import counted, day, line, lines, number, percent, points


def test_numbers() -> None:
    assert number(1234567.25, 1) == "1\u202f234\u202f567,2"
    assert number(Fraction(5, 2), 1) == "2,5"
    assert percent(12.344) == "12,34\u00a0%"
    assert (points(0), points(-2.5), points(1.5)) == (
        "0,00\u00a0point", "\u22122,50\u00a0points", "+1,50\u00a0point",
    )  # fmt: skip
    assert (counted(1, "retiré"), counted(2, "retiré")) == ("1\u00a0retiré", "2\u00a0retirés")


def test_dates_and_texts() -> None:
    assert (day(date(2024, 8, 1)), day(None)) == ("1er août 2024", "à compléter")
    assert line("é\ud800\x85") == "é"
    assert lines(" a\n\r\n\tb\x00 ") == ["a", "b"]
