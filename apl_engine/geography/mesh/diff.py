"""A mesh converted to another vintage, and the differences between two meshes."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import polars as pl

from ...errors import check_arguments
from ..history.mergers import CantonPoles, convert_communes
from ..history.passage import Passage
from .build import REGION_CONFLICT, Mesh, aggregate_communes, region_conflicts


@dataclass(frozen=True)
class MeshDiff:
    """The differences between two meshes.

    Attributes
    ----------
    territories : pl.DataFrame
        One row per territory that changed, sorted by code: ``territory``, ``name_before``,
        ``name_after``, ``change`` (created, removed, recomposed, renamed, recoded: the same
        communes under another code), ``communes_gained``, ``communes_lost``,
        ``population_gained``, ``population_lost`` (inhabitants of these communes).
    communes : pl.DataFrame
        One row per commune that changed territory or is in one mesh only, sorted by code:
        ``commune``, ``name``, ``territory_before``, ``territory_after`` (null if the commune is
        not in that mesh), ``population``.
    """

    territories: pl.DataFrame
    communes: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """Return the number of territories by kind of change."""
        return dict(self.territories.group_by("change").len().sort("change").iter_rows())


@check_arguments(mesh=Mesh, passage=Passage, canton_poles=str, target=(Set, None))
def convert_mesh(
    mesh: Mesh,
    passage: Passage,
    *,
    canton_poles: CantonPoles = "most_populous",
    target: Set[str] | None = None,
) -> Mesh:
    """Convert a mesh to another vintage, by the two rules of the annexe, II.

    Parameters
    ----------
    mesh : Mesh
        As from `build_mesh`.
    passage, canton_poles, target
        As for `convert_communes`.

    Returns
    -------
    Mesh
        The parts of a split commune have no population of their own, and count as empty.

    Raises
    ------
    InputDataError
        As for `convert_communes`.
    """
    converted = convert_communes(mesh.communes, passage, canton_poles=canton_poles, target=target)
    communes = converted.table.sort("commune")
    territories = aggregate_communes(communes)
    notes = (note for note in mesh.notes if note.code != REGION_CONFLICT)
    return Mesh(communes, territories, (*notes, *converted.notes, *region_conflicts(territories)))


@check_arguments(before=Mesh, after=Mesh, passage=(Passage, None))
def diff_meshes(before: Mesh, after: Mesh, passage: Passage | None = None) -> MeshDiff:
    """Compare two meshes.

    Parameters
    ----------
    before, after : Mesh
        The two meshes.
    passage : Passage, optional
        From the vintage of the first to that of the second, if these differ; a commune nouvelle is
        then compared with the territory of the commune whose code it keeps.

    Returns
    -------
    MeshDiff

    Raises
    ------
    InputDataError
        As for `convert_communes`.
    """
    old = before.communes
    if passage is not None:
        # Each commune as its own territory: territories whose poles merge are a change to report.
        own = old.with_columns(mesh_territory="territory", territory="commune")
        old = convert_communes(own, passage).table.with_columns(territory="mesh_territory")
    changed = _changed_communes(old, after.communes)
    names = before.territories.select("territory", name_before="territory_name").join(
        after.territories.select("territory", name_after="territory_name"),
        on="territory", how="full", coalesce=True,
    )  # fmt: skip
    counted = ["communes_gained", "population_gained", "communes_lost", "population_lost"]
    rows = names.join(_count(changed, "after", "gained"), on="territory", how="left")
    rows = rows.join(_count(changed, "before", "lost"), on="territory", how="left")
    rows = rows.with_columns(pl.col(counted).fill_null(0))
    rows = rows.with_columns(change=_change(_recoded(old, after.communes))).drop_nulls("change")
    columns = ["territory", "name_before", "name_after", "change", *counted]
    return MeshDiff(rows.select(columns).sort("territory"), changed.sort("commune"))


def _changed_communes(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    columns = ["commune", "name", "territory", "population"]
    both = old.select(columns).join(
        new.select(columns), on="commune", how="full", coalesce=True, suffix="_after"
    )
    return both.select(
        "commune",
        name=pl.coalesce("name_after", "name"),
        territory_before="territory",
        territory_after="territory_after",
        population=pl.coalesce("population_after", "population").cast(pl.Float64),
    ).filter(pl.col("territory_before").ne_missing(pl.col("territory_after")))


def _count(changed: pl.DataFrame, side: str, word: str) -> pl.DataFrame:
    """Count the communes that each territory gained or lost, and their inhabitants."""
    rows = changed.rename({f"territory_{side}": "territory"}).drop_nulls("territory")
    return rows.sort("territory", "commune").group_by("territory", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias(f"communes_{word}"),
        pl.col("population").sum().alias(f"population_{word}"),
    )  # fmt: skip


def _recoded(old: pl.DataFrame, new: pl.DataFrame) -> pl.Series:
    """Return the territories of the same communes under another code, old and new."""

    def composition(rows: pl.DataFrame) -> pl.DataFrame:
        rows = rows.sort("territory", "commune")
        return rows.group_by("territory", maintain_order=True).agg(pl.col("commune").str.join(" "))

    same = composition(old).join(composition(new), on="commune", suffix="_after")
    same = same.filter(pl.col("territory") != pl.col("territory_after"))
    return pl.concat([same["territory"], same["territory_after"]]).unique()


def _change(recoded: pl.Series) -> pl.Expr:
    recomposed = (pl.col("communes_gained") > 0) | (pl.col("communes_lost") > 0)
    renamed = pl.col("name_before") != pl.col("name_after")
    return (
        pl.when(pl.col("territory").is_in(recoded.implode())).then(pl.lit("recoded"))
        .when(pl.col("name_before").is_null()).then(pl.lit("created"))
        .when(pl.col("name_after").is_null()).then(pl.lit("removed"))
        .when(recomposed).then(pl.lit("recomposed"))
        .when(renamed).then(pl.lit("renamed"))
    )  # fmt: skip
