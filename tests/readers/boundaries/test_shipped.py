"""The outlines that the package ships."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from support.coverages import shape_of
from support.tables import SAMPLES

from apl_engine.geography.boundaries import Boundaries
from apl_engine.geography.boundaries.insets import INSETS
from apl_engine.readers.boundaries import shipped_boundaries
from apl_engine.readers.boundaries.arcs import from_arcs, to_arcs


@pytest.fixture(scope="module")
def shipped() -> Boundaries:
    return shipped_boundaries()


@pytest.fixture(scope="module")
def communes() -> pl.DataFrame:
    return pl.read_parquet(SAMPLES / "france" / "communes.parquet")


def test_every_commune_of_the_sample_has_an_outline(
    shipped: Boundaries, communes: pl.DataFrame
) -> None:
    assert list(shipped.units) == communes["commune"].to_list()
    assert shipped.source == "IGN ADMIN EXPRESS COG, 19 May 2021, Licence Ouverte 2.0"
    assert (shipped.level, shipped.step, shipped.approximate) == ("commune", 20.0, False)
    assert (np.diff(shipped.start) >= 2).all()


def test_departements_are_valid_and_as_large_as_they_are(
    shipped: Boundaries, communes: pl.DataFrame
) -> None:
    codes = communes["departement"].unique().sort()
    group = communes["departement"].replace_strict(codes, range(101)).to_numpy()
    shapes = [shape_of(polygons) for polygons in shipped.rings(group)]
    assert all(shape.is_valid for shape in shapes)
    area = dict(zip(codes, (shape.area / 1e6 for shape in shapes), strict=True))
    assert sum(area.values()) == pytest.approx(637_682, rel=1e-4)
    # Lands of the cadastre without lakes are somewhat less: Finistère 6 733, La Réunion 2 504 km2.
    assert area["29"] == pytest.approx(6_776, rel=5e-3)
    assert area["974"] == pytest.approx(2_512, rel=5e-3)


def test_overseas_lies_in_its_boxes(shipped: Boundaries) -> None:
    placed = shipped.placed()
    assert [inset.name for inset in placed.insets] == [
        "Guadeloupe", "Martinique", "Guyane", "La Réunion", "Mayotte",
    ]  # fmt: skip
    assert placed.insets == INSETS
    departement = [code[:3] if code >= "97" else "" for code in placed.units]
    boxes = {inset.codes: inset.box for inset in placed.insets}
    units = np.where(placed.left >= 0, placed.left, placed.right)
    for arc, unit in enumerate(units.tolist()):
        if box := boxes.get(departement[unit]):
            points = placed.points[placed.start[arc] : placed.start[arc + 1]] * placed.step
            assert (points >= box[:2]).all()
            assert (points <= box[2:]).all()
    assert (placed.placed().points == placed.points).all()


def test_a_table_of_arcs_gives_the_outlines_back(shipped: Boundaries) -> None:
    some = shipped.select(shipped.units[-80:])
    back = from_arcs(*to_arcs(some))
    assert back.units == some.units
    assert (back.frame == some.frame).all()
    group = np.arange(len(some.units))
    for before, after in zip(some.rings(group), back.rings(group), strict=True):
        assert shape_of(before).equals(shape_of(after))
