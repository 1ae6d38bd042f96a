"""Meshes converted to another vintage, and compared."""

from __future__ import annotations

import polars as pl
from support.communes_over_time import (
    events,
    france,
    merged,
    note,
    passage_table,
    territories,
)
from support.tables import methodology

from apl_engine.geography.history.passage import Passage, passage_from_events, passage_from_table
from apl_engine.geography.mesh.build import Mesh, aggregate_communes, build_mesh
from apl_engine.geography.mesh.diff import convert_mesh, diff_meshes


def merging(before: str, after: str) -> Passage:
    return passage_from_events(events(*merged("2024-01-01", before, after)), 2023, 2024)


def mesh_of(*rows: tuple[str, str, int]) -> Mesh:
    communes = territories(*rows)
    return Mesh(communes, aggregate_communes(communes), ())


def changes(before: Mesh, after: Mesh, years: Passage | None = None) -> dict[str, str]:
    found = diff_meshes(before, after, years)
    return dict(found.territories.select("territory", "change").iter_rows())


OLD = mesh_of(("01001", "A", 10), ("01002", "A", 5), ("01003", "B", 8), ("01004", "C", 6))


def test_a_mesh_does_not_differ_from_itself() -> None:
    found = diff_meshes(OLD, OLD)
    assert found.territories.is_empty()
    assert found.communes.is_empty()
    assert found.counts() == {}


def test_a_commune_that_moves_recomposes_two_territories() -> None:
    new = mesh_of(("01001", "A", 10), ("01002", "B", 5), ("01003", "B", 8), ("01004", "C", 6))
    found = diff_meshes(OLD, new)
    assert found.communes.rows() == [("01002", "01002", "A", "B", 5.0)]
    assert found.counts() == {"recomposed": 2}
    assert found.territories.rows() == [
        ("A", "TA", "TA", "recomposed", 0, 0.0, 1, 5.0),
        ("B", "TB", "TB", "recomposed", 1, 5.0, 0, 0.0),
    ]


def test_created_removed_and_recoded_territories() -> None:
    new = mesh_of(("01001", "A", 10), ("01002", "D", 5), ("01003", "E", 8), ("01004", "D", 6))
    assert changes(OLD, new) == {
        "A": "recomposed", "B": "recoded", "C": "removed", "D": "created", "E": "recoded",
    }  # fmt: skip


def test_a_territory_with_another_name_is_renamed() -> None:
    names = OLD.territories.with_columns(
        territory_name=pl.col("territory_name").replace("TB", "Bourg")
    )
    new = Mesh(OLD.communes, names, ())
    assert changes(OLD, new) == {"B": "renamed"}


def test_merged_communes_do_not_count_as_moved() -> None:
    new = mesh_of(("01001", "A", 15), ("01003", "B", 8), ("01004", "C", 6))
    assert changes(OLD, new) == {"A": "recomposed"}
    assert changes(OLD, new, merging("01002", "01001")) == {}
    united = mesh_of(("01001", "A", 10), ("01002", "A", 5), ("01003", "A", 14))
    years = merging("01004", "01003")
    found = diff_meshes(OLD, united, years)
    assert found.communes.rows() == [("01003", "01003", "B", "A", 14.0)]


def test_a_converted_mesh_has_converted_territories_and_notes() -> None:
    mesh = convert_mesh(OLD, merging("01004", "01002"))
    assert dict(mesh.communes.select("commune", "territory").iter_rows())["01002"] == "A"
    assert mesh.territories.select("territory", "population").rows() == [("A", 21.0), ("B", 8.0)]
    assert note(mesh.notes, "conversion.across_territories").examples == ("01002",)


def test_the_mesh_of_france_converted_to_2024() -> None:
    communes, parts = france()
    mesh = build_mesh(communes, methodology(), parts)
    passage = passage_from_table(passage_table(), 2023, 2024)
    converted = convert_mesh(mesh, passage)
    assert "conversion.unknown_codes" not in {each.code for each in converted.notes}
    # Pierre-Bénite became part of Oullins; both are territories of one commune.
    assert note(converted.notes, "conversion.territories_merged").examples == ("69152 into 69149",)
    before = dict(mesh.communes.select("commune", "territory").iter_rows())
    after = dict(converted.communes.select("commune", "territory").iter_rows())
    assert after["64300"] == before["64300"] != before["64541"]
    assert after["85165"] == after["85212"] == before["85084"]
    assert len(before.keys() - after.keys()) == 13
    assert after.keys() - before.keys() == {"60694", "85165", "85212"}
    assert diff_meshes(mesh, converted, passage).counts() == {"removed": 1}
