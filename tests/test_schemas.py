"""Age bands, as tables write them."""

from __future__ import annotations

import pytest

from apl_engine.schemas import parse_age_band


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("00-04", "00-04"),
        ("0-4", "00-04"),
        ("5 à 9 ans", "05-09"),
        ("95+", "95+"),
        ("95 ans et plus", "95+"),
        ("100-104", "100-104"),
        ("9-5", None),
        ("0-400", None),
        ("95", None),
        ("", None),
    ],
)
def test_age_bands(text: str, band: str | None) -> None:
    found = parse_age_band(text)
    assert (None if found is None else str(found)) == band
