"""The map of an annex."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.annexes import annex, moving
from support.drawn_maps import colours_at, country, on_grid

from apl_engine import InputDataError
from apl_engine.reports.annex.map import annex_sheet, draw_annex_map
from apl_engine.reports.maps.draw import draw_sheet
from apl_engine.reports.maps.sheet import NEIGHBOUR

SIDE = 40_000.0


def stretch(column: int, row: int) -> list[tuple[float, float]]:
    """Return points across a square and up, off its middle, where its name may stand."""
    steps = [0.08 + 0.005 * k for k in range(60)]
    return [((column + step) * SIDE, (row + 0.1 + step / 3) * SIDE) for step in steps]


def test_zones_after_the_proposal() -> None:
    zones, boundaries = country()
    made = annex(zones, title="Arrêté n° 1")
    sheet = annex_sheet(zones, made, boundaries)
    assert [one.share for one in sheet.entries[:2]] == [row[4] for row in made.shares[:2]]
    picture = draw_sheet(sheet, (8.0, 6.0), ".png")
    moved = set(colours_at(picture, stretch(0, 0)))
    assert {"#661a00", "#ffffff"} <= moved
    assert set(colours_at(picture, stretch(1, 0))) == {"#661a00"}
    elsewhere = set(colours_at(picture, stretch(1, 1)))
    assert {"#c44e10", "#ffffff"} <= elsewhere
    assert set(colours_at(picture, stretch(2, 1))) == {"#f4a259"}
    assert set(colours_at(picture, stretch(3, 0))) == {NEIGHBOUR}
    assert "Place 0100" in picture.names


def test_the_same_annex_gives_the_same_map() -> None:
    zones, boundaries = country()
    one, two = (draw_annex_map(zones, annex(zones), boundaries) for _ in range(2))
    assert one == two
    assert one[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"internal": True}, "Document interne"),
        ({"proposal": moving("0100", "44Z"), "force": True}, "Projet : "),
        ({}, "arrêté du 20 novembre 2024"),
    ],
)
def test_what_must_not_be_overlooked_is_on_the_map(options: dict[str, Any], words: str) -> None:
    zones, boundaries = country()
    made = annex(zones, **options)
    shown = draw_sheet(annex_sheet(zones, made, boundaries), (8.0, 6.0), ".svg")
    assert words in shown.content.decode()


def test_fictitious_practitioners_are_stated() -> None:
    zones, boundaries = country()
    made = replace(annex(zones), fictitious=True)
    assert "fictifs" in made.warnings[0]
    assert "fictifs" in " ".join(annex_sheet(zones, made, boundaries).warnings)


def test_a_map_of_territories() -> None:
    zones, _ = country()
    codes = zones.territories["territory"].to_list()
    areas = replace(on_grid((tuple(codes),)), level="territory")
    picture = draw_sheet(annex_sheet(zones, annex(zones), areas), (8.0, 6.0), ".png")
    assert {"#661a00", "#ffffff"} <= set(colours_at(picture, stretch(codes.index("0100"), 0)))


def test_a_region_without_outlines() -> None:
    zones, _ = country()
    with pytest.raises(InputDataError) as caught:
        draw_annex_map(zones, annex(zones), on_grid((("99999",),)))
    assert [fault.code for fault in caught.value.faults] == ["annex.no_outlines_of_region"]
