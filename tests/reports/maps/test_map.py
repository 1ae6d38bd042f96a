"""A map as a file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.annexes import national
from support.drawn_maps import GRID, country, on_grid

from apl_engine import AplError, InputDataError, read_result, write_result
from apl_engine.reports.maps import draw_map
from apl_engine.reports.maps.content import make_sheet
from apl_engine.reports.maps.map import A4, default_size
from apl_engine.results.read import StoredResult


@pytest.fixture
def stored(tmp_path: Path) -> StoredResult:
    write_result(national(), tmp_path / "zones")
    return read_result(tmp_path / "zones")


def test_a_map_of_other_outlines(stored: StoredResult, tmp_path: Path) -> None:
    target = tmp_path / "zones.png"
    drawn = draw_map(stored, target, boundaries=on_grid(GRID), size=(160, 120), title="")
    assert target.read_bytes()[:4] == b"\x89PNG"
    assert drawn.as_dict()["boundaries"] == {
        "source": "drawn", "level": "commune", "approximate": False,
    }  # fmt: skip
    first = target.read_bytes()
    draw_map(stored, target, boundaries=on_grid(GRID), size=(160, 120), title="", replace=True)
    assert target.read_bytes() == first


def test_all_that_is_wrong_is_reported(stored: StoredResult, tmp_path: Path) -> None:
    with pytest.raises(InputDataError) as caught:
        draw_map(stored, tmp_path / "a.png", layer="change", level="x", size=(1, 1))  # type: ignore[arg-type]
    assert [fault.code for fault in caught.value.faults] == [
        "argument.unknown_choice", "map.no_result_before", "map.size_out_of_range",
    ]  # fmt: skip
    with pytest.raises(InputDataError) as caught:
        draw_map(stored, tmp_path / "a.png", before=stored)
    assert [fault.code for fault in caught.value.faults] == ["map.result_before_unused"]


def test_without_matplotlib(
    stored: StoredResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(AplError) as caught:
        draw_map(stored, tmp_path / "a.png")
    assert [fault.code for fault in caught.value.faults] == ["dependency.missing"]
    assert not (tmp_path / "a.png").exists()


def test_high_regions_are_drawn_upright() -> None:
    zones, _ = country()
    around = ("99998", "99999")
    high = on_grid(tuple((around[0], code, around[1]) for code in ("01001", "44021", "04401")))
    assert default_size(make_sheet(zones, high, region="52")) == A4[::-1]
    assert default_size(make_sheet(zones, on_grid(GRID))) == A4
