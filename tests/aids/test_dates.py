"""Time limits in months (code de procédure civile, article 641)."""

from __future__ import annotations

from datetime import date

from apl_engine.aids.dates import months_after


def test_a_month_ends_on_the_same_day_or_on_the_last() -> None:
    """Code de procédure civile, article 641."""
    for day, months, expected in (
        ("2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2027-12-15", 1, "2028-01-15"),
        ("2024-02-29", 24, "2026-02-28"),
    ):
        assert months_after(date.fromisoformat(day), months) == date.fromisoformat(expected)
