"""Zones from a published APL: annexe, IV, 4.2 and 4.3, without 4.1."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ..errors import Fault, InputDataError, Note, OnStep, check_arguments, first
from ..inputs.imported import Imported
from ..inputs.names import compare_names
from ..method.clock import Clock
from ..method.regions import regional_shares
from ..method.result import AMBIGUOUS, Zoning, with_zones
from ..method.zoning import aggregate_territories, classify
from ..methodology.model import Methodology
from ..schemas import Kind, typed_columns

# Points that the text leaves open and that matter only when territories are cut into classes.
_CUTTING = {
    "straddling": ("at_or_below", "crossing", "nearest"),
    "cuts": ("cumulated", "successive"),
    "ties": ("code", "together"),
    "imposed_population": ("inside_cuts", "outside_cuts"),
}
_PUBLISHED: dict[str, Kind] = {
    "commune": "text", "name": "text", "apl": "quantity", "population": "quantity",
    "standardised_population": "quantity",
}  # fmt: skip
_MESH: dict[str, Kind] = {
    "commune": "text", "name": "text", "region": "text", "territory": "text",
    "territory_name": "text", "population": "quantity",
}  # fmt: skip
_TERRITORIES: dict[str, Kind] = {
    "territory": "text", "territory_name": "text", "population": "quantity",
}  # fmt: skip
# In 2021 less than one commune in a thousand had no APL: uninhabited ones and those of Mayotte.
_MANY_WITHOUT = 0.02


@check_arguments(methodology=Methodology)
def zone_published(
    published: object,
    communes: object,
    methodology: Methodology,
    *,
    on_step: OnStep | None = None,
) -> Zoning:
    """Zone territories by an APL that is given.

    Arrêté of 20 March 2024, annexe, IV, 4.1 (the mean of communes), 4.2 and 4.3. A commune
    without an APL counts in the population of its territory, not in its mean.

    Parameters
    ----------
    published : Imported or object
        An import, or a frame of any library that speaks the Arrow C interface: ``commune``,
        ``apl`` (ETP per 100 000 standardised inhabitants), ``population``,
        ``standardised_population``; from `read_published_apl`, of the vintage of `communes`.
    communes : Imported or object
        The same:
        ``commune``, ``name``, ``region``, ``territory``, ``territory_name``, and ``population``
        for those that `published` does not have; from `build_mesh`, for example.
    methodology : Methodology
        See its section ``zoning``.
    on_step : callable, optional
        Called with a few words as each step begins.

    Returns
    -------
    Zoning

    Raises
    ------
    InputDataError
        Columns are missing or of another type, one table has communes that the other does not
        have, or no population to cut by.
    """
    clock = Clock(on_step)
    clock.begin("communes and their APL")
    sources = [part for part in (published, communes) if isinstance(part, Imported)]
    apl = typed_columns(
        published.tables.get("published") if isinstance(published, Imported) else published,
        "published", _PUBLISHED, nullable=_PUBLISHED.keys() - {"commune"}, optional=("name",),
    )  # fmt: skip
    mesh = typed_columns(
        communes.tables.get("communes") if isinstance(communes, Imported) else communes,
        "communes", _MESH, nullable=("name", "territory_name", "population"),
        optional=("population",),
    )  # fmt: skip
    rows, notes = _joined(apl, mesh, methodology)
    clock.begin("territories and zones")
    gathered = aggregate_territories(rows, methodology)
    territories, cuts, zone_notes = classify(gathered, methodology)
    result = with_zones(rows, territories).sort("commune")
    ambiguous = ambiguous_zones(gathered, methodology)
    clock.stop()
    return Zoning(
        communes=result,
        territories=territories,
        regions=regional_shares(rows, territories, methodology),
        cuts=cuts,
        counts={
            "communes": {
                "communes": result.height,
                "without_inhabitants": result.filter(pl.col("population") == 0).height,
                "without_apl": rows.filter(~pl.col("has_apl")).height,
            }
        },
        notes=(*(note for part in sources for note in part.notes), *notes,
               *zone_notes, *_ambiguity_notes(ambiguous)),
        methodology=methodology,
        imports=tuple(part.as_dict() for part in sources),
        timings=clock.seconds,
        ambiguous=ambiguous,
    )  # fmt: skip


@check_arguments(methodology=Methodology)
def ambiguous_zones(gathered: object, methodology: Methodology) -> pl.DataFrame:
    """Return the territories whose zone depends on a point of the cut that the text leaves open.

    Parameters
    ----------
    gathered : object
        A frame of any library that speaks the Arrow C interface, as from `aggregate_territories`.
    methodology : Methodology
        Each other value of its ``straddling``, ``cuts``, ``ties`` and ``imposed_population`` is
        tried alone.

    Returns
    -------
    pl.DataFrame
        ``parameter``, ``value``, ``territory``, ``territory_name``, ``population``, ``zone`` as
        it is, ``other_zone`` as it would be.
    """
    gathered = typed_columns(gathered, "territories", _TERRITORIES)
    own = classify(gathered, methodology).territories
    parts = [own.select(AMBIGUOUS[2:-1]).clear().with_columns(other_zone="zone")]
    for parameter, values in _CUTTING.items():
        for value in values:
            if value == getattr(methodology.zoning, parameter):
                continue
            rules = replace(methodology.zoning, **{parameter: value})  # type: ignore[arg-type]
            other = classify(gathered, replace(methodology, zoning=rules)).territories
            both = own.select(AMBIGUOUS[2:-1]).with_columns(other_zone=other["zone"])
            changed = both.filter(pl.col("zone").ne_missing(pl.col("other_zone")))
            parts.append(changed.with_columns(parameter=pl.lit(parameter), value=pl.lit(value)))
    return pl.concat(parts, how="diagonal").select(AMBIGUOUS)


def _joined(
    published: pl.DataFrame, communes: pl.DataFrame, methodology: Methodology
) -> tuple[pl.DataFrame, list[Note]]:
    """Join the APL to the communes of the mesh; refuse codes that only one of them has."""
    known = communes["commune"].cast(pl.String)
    imposed = [row.region for row in methodology.zoning.imposed]
    wanted = communes.filter(~pl.col("region").is_in(imposed))["commune"].cast(pl.String)
    faults, notes = compare_names(published, communes)
    for kind, codes in (
        ("not_in_mesh", published["commune"].filter(~published["commune"].is_in(known.implode()))),
        ("no_row", wanted.filter(~wanted.is_in(published["commune"].implode()))),
    ):
        if len(codes):
            faults.append(_fault(kind, "commune", first(codes), communes=len(codes)))
    if faults:
        raise InputDataError(faults)
    in_mesh = pl.col("population") if "population" in communes.columns else pl.lit(0.0)
    own = communes.with_columns(pl.col("commune").cast(pl.String), mesh_population=in_mesh)
    figures = published.select("commune", "apl", "population", "standardised_population")
    rows = own.drop("population", strict=False).join(
        figures, on="commune", how="left", maintain_order="left"
    )
    has_apl = pl.col("apl").is_not_null()
    unpopulated = pl.col("population").fill_null(0.0) == 0
    rows = rows.with_columns(
        has_apl=has_apl,
        apl=pl.col("apl").fill_null(0.0),
        # A commune without an APL has no weight in the mean of its territory.
        standardised_population=pl.when(has_apl).then("standardised_population").otherwise(0.0),
        other_source=unpopulated,
        population=pl.when(unpopulated)
        .then(pl.col("mesh_population").fill_null(0.0))
        .otherwise("population"),
    )
    return rows, [*notes, *_missing_apl_notes(rows)]


def _fault(kind: str, column: str, values: tuple[str, ...], **details: object) -> Fault:
    code = f"published_apl.{kind}"
    return Fault(code, "published", column=column, values=values, details=details)


def _missing_apl_notes(rows: pl.DataFrame) -> list[Note]:
    """Report communes without an APL, and those whose population comes from the mesh."""
    notes = []
    without = rows.filter(~pl.col("has_apl"))["commune"]
    if len(without):
        many = len(without) > _MANY_WITHOUT * rows.height
        notes.append(Note("published_apl.no_apl", len(without), first(without), warning=many))
    other = rows.filter(pl.col("other_source") & (pl.col("population") > 0))
    if other.height:
        details = {"population": float(other["population"].sum())}
        code, examples = "published_apl.population_from_mesh", first(other["commune"])
        notes.append(Note(code, other.height, examples, details=details))
    return notes


def _ambiguity_notes(ambiguous: pl.DataFrame) -> list[Note]:
    """Report zones that depend on a point that the text leaves open."""
    notes = []
    for (parameter, value), rows in ambiguous.group_by("parameter", "value", maintain_order=True):
        examples = first(
            f"{row['territory']} {row['territory_name']} ({row['zone']}, else {row['other_zone']})"
            for row in rows.to_dicts()
        )
        details = {"parameter": parameter, "value": value}
        code = "published_apl.ambiguous_zones"
        notes.append(Note(code, rows.height, examples, warning=True, details=details))
    return notes
