"""Pictures of a small country."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from support.drawn_maps import GRID, SIZE, colours_at, country, on_grid

from apl_engine import InputDataError
from apl_engine.reports.maps.content import make_sheet
from apl_engine.reports.maps.draw import Picture, draw_sheet
from apl_engine.reports.maps.sheet import NEIGHBOUR, OUTSIDE, SEA, Overlay, Sheet

SIDE = 40_000.0


def sheet(**options: object) -> Sheet:
    zones, boundaries = country()
    return make_sheet(zones, boundaries, **options)  # type: ignore[arg-type]


def at(picture: Picture, column: int, row: int) -> str:
    """Return the colour of a square, off its middle, where its name may stand."""
    (colour,) = colours_at(picture, [((column + 0.2) * SIDE, (row + 0.15) * SIDE)])
    return colour


def test_communes_have_the_colours_of_their_zones() -> None:
    picture = draw_sheet(sheet(title=""), SIZE, ".png")
    assert at(picture, 0, 0) == at(picture, 0, 1) == "#c44e10"
    assert at(picture, 1, 0) == "#661a00"
    assert at(picture, 2, 0) == at(picture, 2, 1) == "#f4a259"
    assert at(picture, 1, 1) == "#c44e10"
    assert colours_at(picture, [(-0.1 * SIDE, 0.5 * SIDE)]) == [SEA]


def test_around_a_region_all_is_grey() -> None:
    picture = draw_sheet(sheet(region="53"), SIZE, ".png")
    assert at(picture, 2, 1) == "#f4a259"
    assert colours_at(picture, [(2.5 * SIDE, 0.7 * SIDE)]) == [NEIGHBOUR]


def test_what_the_result_lacks_is_grey() -> None:
    zones, _ = country()
    around = on_grid((GRID[0], ("99999", *GRID[1][1:])))
    picture = draw_sheet(make_sheet(zones, around), SIZE, ".png")
    assert at(picture, 0, 1) == OUTSIDE
    assert at(picture, 0, 0) == "#c44e10"


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_the_same_map_gives_the_same_bytes(ending: str) -> None:
    one, two = (draw_sheet(sheet(layer="apl"), SIZE, ending).content for _ in range(2))
    assert one == two
    assert one[:4] in (b"\x89PNG", b"<?xm", b"%PDF")


def test_texts_stand_in_a_drawing_as_texts() -> None:
    options = {"region": "52", "dated": date(2024, 5, 1), "internal": True}
    french = draw_sheet(sheet(**options), SIZE, ".svg").content.decode()
    for words in (
        "Pays de la Loire · Masseurs-kinésithérapeutes, arrêté du 20 mars 2024 · 1er mai 2024",
        "Document interne, établi sur le résultat exact",
        "Zone du territoire", "Très sous dotée", "2,5\u00a0%", "Autre région", " km<",
        "Contours : drawn.",
    ):  # fmt: skip
        assert words in french, words
    english = draw_sheet(sheet(**options, lang="en"), SIZE, ".svg").content.decode()
    for words in ("Zone of the territory", "1 May 2024", "Internal: from the exact result"):
        assert words in english


def test_towns_are_named_and_cities_once() -> None:
    zones, boundaries = country()
    named = zones.communes.with_columns(
        population=pl.lit(5000.0),
        name=pl.col("commune").replace_strict(
            {"01001": "Paris 1er Arrondissement", "44021": "Paris 20e Arrondissement",
             "04401": "$a$ <b> & c", "03572": "Œuf\x00", "04402": "Nord"}, default="Est",
        ),
    )  # fmt: skip
    picture = draw_sheet(make_sheet(replace(zones, communes=named), boundaries), SIZE, ".svg")
    assert set(picture.names) == {"Paris", "$a$ <b> & c", "Œuf", "Nord", "Est"}
    drawing = picture.content.decode()
    assert drawing.count(">Paris<") == 1
    assert "$a$ &lt;b&gt; &amp; c" in drawing


def test_a_source_has_its_date_in_the_language_of_the_map() -> None:
    zones, boundaries = country()
    dated = replace(boundaries, source="IGN, 19 May 2021, Licence Ouverte 2.0")
    assert "IGN, 19 mai 2021, Licence" in make_sheet(zones, dated).foot[0]
    assert "IGN, 19 May 2021, Licence" in make_sheet(zones, dated, lang="en").foot[0]
    cells = make_sheet(zones, replace(boundaries, approximate=True))
    assert "Contours approchés" in cells.foot[0]


def test_hatching_shows_on_dark_and_on_pale_fills() -> None:
    plain = sheet(title="")
    units = np.array(plain.boundaries.units)
    for code, colour in (("44021", "#661a00"), ("04401", "#f4a259")):
        moved = replace(plain, overlays=(Overlay("moved", units == code, "////", True),))
        column = 1 if code == "44021" else 2
        points = [((column + 0.1 + 0.01 * k) * SIDE, 0.2 * SIDE) for k in range(40)]
        shown = set(colours_at(draw_sheet(moved, SIZE, ".png"), points))
        assert colour in shown
        assert ("#ffffff" if code == "44021" else "#222222") in shown


def test_a_map_shows_something() -> None:
    zones, _ = country()
    with pytest.raises(InputDataError) as caught:
        make_sheet(zones, on_grid((("99999",),)))
    assert [fault.code for fault in caught.value.faults] == ["map.nothing_to_show"]


def test_territories_have_no_communes() -> None:
    zones, boundaries = country()
    codes = zones.territories["territory"].to_list()
    areas = replace(on_grid((tuple(codes),)), level="territory")
    with pytest.raises(InputDataError) as caught:
        make_sheet(zones, areas, level="communes")
    assert [fault.code for fault in caught.value.faults] == ["map.no_communes"]
    picture = draw_sheet(make_sheet(zones, areas, title=""), SIZE, ".png")
    zone = dict(zones.territories.select("territory", "zone").iter_rows())
    column = codes.index("4402_")
    assert zone["4402_"] == "tres_sous_dotee"
    assert at(picture, column, 0) == "#661a00"
    assert boundaries.level == "commune"
