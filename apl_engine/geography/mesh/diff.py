"""Meshes of two years: one brought through the mergers of communes, and two laid side by side."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import polars as pl

from ...notes import Note
from ..history.mergers import CantonPoles, bring_communes
from ..history.passage import Passage
from .build import Mesh, conflicts_of, territories_of


@dataclass(frozen=True)
class MeshDiff:
    """What changed between two meshes.

    Attributes
    ----------
    territories : one row per territory that is not as it was, sorted by code: ``territory``,
        ``name_before``, ``name_after``, ``change`` (created, removed, recomposed, renamed,
        recoded: the same communes under another code), ``communes_gained``, ``communes_lost``,
        ``population_gained``, ``population_lost`` (inhabitants that live in them).
    communes : one row per commune that is in another territory, or in one mesh only, sorted by
        code: ``commune``, ``name``, ``territory_before``, ``territory_after`` (null where the
        commune is not in that mesh), ``population``.
    """

    territories: pl.DataFrame
    communes: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """Return how many territories changed in each way."""
        counted = self.territories.group_by("change").len().sort("change")
        return dict(counted.iter_rows())


def mesh_through(
    mesh: Mesh,
    passage: Passage,
    *,
    canton_poles: CantonPoles = "single_commune",
    target: Set[str] | None = None,
) -> Mesh:
    """Bring a mesh to another year's communes, by the two rules of the annexe, II.

    Parameters
    ----------
    mesh : as from `build_mesh`.
    passage, canton_poles, target : as for `bring_communes`.

    Returns
    -------
    Mesh
        The parts of a split commune have no population of their own, and count as empty.

    Raises
    ------
    InputDataError
        As for `bring_communes`.
    """
    brought = bring_communes(mesh.communes, passage, canton_poles=canton_poles, target=target)
    communes = brought.table.sort("commune")
    territories = territories_of(communes)
    unchanged = tuple(note for note in mesh.notes if note.code != "region_conflicts")
    notes: tuple[Note, ...] = (*unchanged, *brought.notes, *conflicts_of(territories))
    return Mesh(communes, territories, notes)


def diff_meshes(before: Mesh, after: Mesh, passage: Passage | None = None) -> MeshDiff:
    """Lay two meshes side by side.

    Parameters
    ----------
    before, after : the two meshes.
    passage : from the communes of the first to those of the second, where they are of two years;
        communes nouvelles then count as in the territory of the commune whose code they keep.

    Returns
    -------
    MeshDiff

    Raises
    ------
    InputDataError
        As for `bring_communes`.
    """
    old = before.communes
    if passage is not None:
        # Each territory on its own: that poles merge is a change of the mesh, and to be told.
        kept = old.with_columns(mesh_territory=pl.col("territory"), territory=pl.col("commune"))
        kept = bring_communes(kept, passage).table
        old = kept.with_columns(territory=pl.col("mesh_territory")).drop("mesh_territory")
    both = _side_by_side(old, after.communes)
    moved = both.filter(~pl.col("territory_before").eq_missing(pl.col("territory_after")))
    titles = _titles(before, after)
    gained = _tally(moved, "territory_after", "gained")
    lost = _tally(moved, "territory_before", "lost")
    rows = titles.join(gained, on="territory", how="left", maintain_order="left")
    rows = rows.join(lost, on="territory", how="left", maintain_order="left")
    tallies = [name for name in rows.columns if name.endswith(("_gained", "_lost"))]
    rows = rows.with_columns(pl.col(tallies).fill_null(0))
    rows = rows.with_columns(change=_change(_recoded(old, after.communes)))
    order = ["territory", "name_before", "name_after", "change", *tallies]
    territories = rows.drop_nulls("change").select(order).sort("territory")
    return MeshDiff(territories, moved.sort("commune"))


def _side_by_side(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    columns = ["commune", "name", "territory", "population"]
    both = old.select(columns).join(
        new.select(columns), on="commune", how="full", coalesce=True, suffix="_after"
    )
    return both.select(
        "commune",
        pl.coalesce("name_after", "name").alias("name"),
        territory_before="territory",
        territory_after="territory_after",
        population=pl.coalesce("population_after", "population").cast(pl.Float64),
    )


def _titles(before: Mesh, after: Mesh) -> pl.DataFrame:
    old = before.territories.select("territory", name_before="territory_name")
    new = after.territories.select("territory", name_after="territory_name")
    return old.join(new, on="territory", how="full", coalesce=True)


def _tally(moved: pl.DataFrame, column: str, word: str) -> pl.DataFrame:
    """Count the communes that came to or left each territory, and their people."""
    rows = moved.drop_nulls(column).sort(column, "commune")
    return rows.group_by(pl.col(column).alias("territory"), maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias(f"communes_{word}"),
        pl.col("population").sum().alias(f"population_{word}"),
    )


def _recoded(old: pl.DataFrame, new: pl.DataFrame) -> pl.Series:
    """Return the territories that hold the same communes under another code, old and new."""

    def sets(rows: pl.DataFrame) -> pl.DataFrame:
        rows = rows.sort("territory", "commune")
        return rows.group_by("territory", maintain_order=True).agg(pl.col("commune").str.join(" "))

    same = sets(old).join(sets(new), on="commune", suffix="_after")
    same = same.filter(pl.col("territory") != pl.col("territory_after"))
    return pl.concat([same["territory"], same["territory_after"]]).unique()


def _change(recoded: pl.Series) -> pl.Expr:
    stirred = (pl.col("communes_gained") > 0) | (pl.col("communes_lost") > 0)
    renamed = pl.col("name_before") != pl.col("name_after")
    return (
        pl.when(pl.col("territory").is_in(recoded.implode())).then(pl.lit("recoded"))
        .when(pl.col("name_before").is_null()).then(pl.lit("created"))
        .when(pl.col("name_after").is_null()).then(pl.lit("removed"))
        .when(stirred).then(pl.lit("recomposed"))
        .when(renamed).then(pl.lit("renamed"))
    )  # fmt: skip
