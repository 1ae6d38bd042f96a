"""The bounds of the parts of France."""

from __future__ import annotations

import pytest
from support.points import located

from apl_engine.geography.estimate.bounds import outside

INSIDE = {
    "01001": (46.15, 4.93), "29155": (48.46, -5.1), "66150": (42.4, 2.4),
    "59183": (51.03, 2.38), "67249": (48.97, 8.2), "06083": (43.77, 7.5),
    "85113": (46.7, -2.35), "64260": (43.36, -1.77), "2A041": (41.39, 9.16),
    "2B107": (42.99, 9.38), "97127": (16.3, -61.05), "97209": (14.6, -61.07),
    "97302": (4.94, -52.33), "97411": (-20.88, 55.45), "97611": (-12.78, 45.23),
    "97502": (46.78, -56.17),
}  # fmt: skip


def test_points_of_every_part_of_france() -> None:
    assert not outside(located(INSIDE)).any()


@pytest.mark.parametrize("code", INSIDE)
def test_a_point_near_the_equator_is_outside(code: str) -> None:
    frame = located({code: (0.0, 0.0), "01001" if code != "01001" else "01002": (None, 5.0)})
    assert outside(frame).to_list() == [code != "97502", False]
