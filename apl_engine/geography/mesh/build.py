"""The mesh of territories: bassins de vie, or cantons-ou-villes where the pole is a large town.

Arrêté of 20 March 2024, annexe, II.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from ...errors import Fault, InputDataError
from ...methodology.model import Methodology
from ...notes import Note, first
from ..history.mergers import departement_of, region_of_departement

Kind: TypeAlias = Literal["bassin_de_vie", "canton_ou_ville", "commune", "arrondissement"]

BASSIN, CANTON, COMMUNE, ARRONDISSEMENT = (
    "bassin_de_vie",
    "canton_ou_ville",
    "commune",
    "arrondissement",
)
_TEXTS = ("commune", "name", "departement", "region", "canton", "urban_unit", "living_area")

# Codes that INSEE gives where there is no canton, and where there is no urban unit.
_NO_CANTON = "ZZ$"
_NO_MAINLAND_CANTON = r"^(?:\d\d|2[AB])ZZ$"
_NO_URBAN_UNIT = "000$"


@dataclass(frozen=True)
class Mesh:
    """The communes and their territories.

    Attributes
    ----------
    communes : one row per commune (arrondissement municipal), sorted by code: ``commune``,
        ``name``, ``departement``, ``region``, ``territory``, ``territory_name``,
        ``territory_kind``, ``population``.
    territories : one row per territory, sorted by code: ``territory``, ``territory_name``,
        ``territory_kind``, ``communes`` (how many), ``population``, ``departement`` (that its
        code begins with), ``prefix_region`` (the region of that one), ``region`` (of attribution:
        with most of its population, annexe, IV, 4.3; the smallest code among equals),
        ``regions`` (how many it lies in), ``conflict`` (whether the two regions differ).
    notes : what was chosen or is odd.
    """

    communes: pl.DataFrame
    territories: pl.DataFrame
    notes: tuple[Note, ...]


def build_mesh(
    communes: pl.DataFrame,
    methodology: Methodology,
    arrondissements: pl.DataFrame | None = None,
) -> Mesh:
    """Draw the territories.

    A territory is a bassin de vie. Where the urban unit of its pole, the commune that names it,
    has more than `mesh.split_above` inhabitants, all of it is cut into cantons-ou-villes: each
    holds the communes of that canton that lie in a bassin so cut. The code of a bassin is that
    of its pole; a canton's has a ``_`` at its end (as in files of DREES), since one code may name
    both; that of a commune or arrondissement is its own. A canton of one commune has its name;
    another one that of its most populous commune, with « (canton) » behind.

    Parameters
    ----------
    communes : ``commune``, ``name``, ``departement``, ``region``, ``canton`` (CV),
        ``urban_unit`` (UU; ``...000`` where there is none), ``living_area`` (BV), ``population``:
        the whole country, in one geography.
    methodology : see its section ``mesh``: ``split_above``; ``no_cantons``, for bassins so cut
        where INSEE knows no canton; ``cities``, for arrondissements.
    arrondissements : ``arrondissement`` (or ``commune``), ``name``, ``city``, ``population``:
        rows that stand in place of those of their cities.

    Returns
    -------
    Mesh

    Raises
    ------
    InputDataError
        Columns or values are missing, a commune stands twice, a pole is not in the table or not
        in its own bassin.
    """
    table = _checked(communes)
    split = _split_areas(table, float(methodology.mesh.split_above))
    table = table.with_columns(split=pl.col("living_area").is_in(split.implode()))
    table = _territory_codes(table, methodology.mesh.no_cantons)
    notes: list[Note] = []
    if arrondissements is not None:
        table, notes = _with_arrondissements(table, arrondissements, methodology.mesh.cities)
    rows = _named(table).select(
        "commune", "name", "departement", "region", "territory", "territory_name",
        "territory_kind", "population",
    ).sort("commune")  # fmt: skip
    territories = territories_of(rows)
    notes = [*_said(table, split, methodology.mesh.no_cantons), *notes, *conflicts_of(territories)]
    return Mesh(rows, territories, tuple(notes))


def _checked(communes: pl.DataFrame) -> pl.DataFrame:
    """Refuse a table that lacks columns, values or poles."""
    wanted = (*_TEXTS, "population")
    if missing := [name for name in wanted if name not in communes.columns]:
        problem = f"columns are missing: {', '.join(missing)}"
        hint = "Read INSEE's table d'appartenance géographique."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="communes",
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
    faults = []
    for name in wanted:
        empty = communes.filter(pl.col(name).is_null())
        if empty.height:
            codes = first(empty["commune"].drop_nulls())
            hint = "The mesh needs it for every commune."
            faults.append(
                Fault(
                    code="legacy.fault",
                    table="communes",
                    column=name,
                    count=empty.height,
                    values=codes,
                    details={"problem": "no value", "hint": hint},
                )
            )
    twice = communes.filter(pl.col("commune").is_duplicated())["commune"].unique().sort()
    if len(twice):
        faults.append(Fault(code="legacy.fault", table="communes", column="commune", count=len(twice), values=first(twice), details={"problem": "communes stand on several rows", "hint": "Keep one row of each."}))  # fmt: skip
    own = communes.select(living_area="commune", home="living_area")
    areas = communes.select(pl.col("living_area").unique().sort()).drop_nulls()
    poles = areas.join(own, on="living_area", how="left", maintain_order="left")
    if absent := poles.filter(pl.col("home").is_null())["living_area"].to_list():
        hint = "Give the whole country, in the geography of its bassins de vie."
        faults.append(Fault(code="legacy.fault", table="communes", column="living_area", count=len(absent), values=first(absent), details={"problem": "poles of bassins de vie are not in the table", "hint": hint}))  # fmt: skip
    if away := poles.filter(pl.col("home") != pl.col("living_area"))["living_area"].to_list():
        hint = "A bassin de vie is named by a commune of its own."
        faults.append(Fault(code="legacy.fault", table="communes", column="living_area", count=len(away), values=first(away), details={"problem": "poles lie in another bassin de vie", "hint": hint}))  # fmt: skip
    if faults:
        raise InputDataError(faults)
    return communes.select(wanted)


def _split_areas(table: pl.DataFrame, above: float) -> pl.Series:
    """Return the bassins de vie whose pole's urban unit has more than `above` inhabitants."""
    units = table.filter(~pl.col("urban_unit").str.contains(_NO_URBAN_UNIT)).sort("commune")
    run, people = units["urban_unit"].rank("dense").to_numpy(), units["population"]
    sizes = np.bincount(run, weights=people.cast(pl.Float64).to_numpy())
    large = units.filter(pl.Series(sizes[run] > above))["urban_unit"].unique()
    poles = table.filter(pl.col("commune") == pl.col("living_area"))
    return poles.filter(pl.col("urban_unit").is_in(large.implode()))["living_area"].sort()


def _territory_codes(table: pl.DataFrame, no_cantons: str) -> pl.DataFrame:
    """Give each commune the code and kind of its territory."""
    alone = {
        "whole": pl.lit(False),
        "mainland_by_commune": pl.col("canton").str.contains(_NO_MAINLAND_CANTON),
        "by_commune": pl.col("canton").str.contains(_NO_CANTON),
    }[no_cantons]
    by_commune, by_canton = pl.col("split") & alone, pl.col("split") & ~alone
    return table.with_columns(
        territory=pl.when(by_commune).then("commune")
        .when(by_canton).then(pl.col("canton") + "_")
        .otherwise("living_area"),
        territory_kind=pl.when(by_commune).then(pl.lit(COMMUNE))
        .when(by_canton).then(pl.lit(CANTON))
        .otherwise(pl.lit(BASSIN)),
    )  # fmt: skip


def _with_arrondissements(
    table: pl.DataFrame, arrondissements: pl.DataFrame, cities: str
) -> tuple[pl.DataFrame, list[Note]]:
    """Put arrondissements in place of their cities."""
    if "arrondissement" not in arrondissements.columns:
        arrondissements = arrondissements.rename({"commune": "arrondissement"})
    parts = arrondissements.select("arrondissement", "name", "city", "population").sort(
        "arrondissement"
    )
    if len(twice := parts.filter(pl.col("arrondissement").is_duplicated())["arrondissement"]):
        raise InputDataError([Fault(code="legacy.fault", table="arrondissements", column="arrondissement", count=len(twice), values=first(twice.unique().sort()), details={"problem": "stand on several rows", "hint": "Keep one row of each."})])  # fmt: skip
    if absent := sorted(set(parts["city"].to_list()) - set(table["commune"].to_list())):
        hint = "Both tables must be of one geography."
        raise InputDataError([Fault(code="legacy.fault", table="arrondissements", column="city", values=first(absent), details={"problem": "cities are not among the communes", "hint": hint})])  # fmt: skip
    city = table.rename({"commune": "city", "population": "of_city", "name": "city_name"})
    rows = parts.join(city, on="city", how="inner", maintain_order="left")
    sums = rows.group_by("city").agg(pl.col("population").sum(), pl.col("of_city").first())
    odd = sums.filter(pl.col("population") != pl.col("of_city"))["city"].sort()
    notes = []
    if len(odd):
        text = "cities whose arrondissements add up to another population than theirs"
        places = first(odd)
        notes.append(
            Note(
                "arrondissement_populations",
                len(odd),
                places,
                warning=True,
                details={"text": f"{len(odd)} {text}"},
            )
        )
    if cities == "by_arrondissement":
        own = pl.col("split")
        rows = rows.with_columns(
            territory=pl.when(own).then("arrondissement").otherwise("territory"),
            territory_kind=pl.when(own).then(pl.lit(ARRONDISSEMENT)).otherwise("territory_kind"),
        )
    # What a territory takes its name from where the row of the city is gone.
    own = pl.col("territory_kind") == ARRONDISSEMENT
    rows = rows.rename({"arrondissement": "commune"}).with_columns(
        title=pl.when(own).then("name").otherwise("city_name"),
        size=pl.when(own).then("population").otherwise("of_city"),
    )
    rest = table.filter(~pl.col("commune").is_in(parts["city"].implode()))
    rest = rest.with_columns(title=pl.col("name"), size=pl.col("population"))
    return pl.concat([rest, rows.select(rest.columns)], how="vertical_relaxed"), notes


def _named(table: pl.DataFrame) -> pl.DataFrame:
    """Name a bassin after its pole, a canton after its most populous commune."""
    if "title" not in table.columns:
        table = table.with_columns(title=pl.col("name"), size=pl.col("population"))
    pole = pl.col("commune") == pl.col("territory")
    largest = table.sort(
        "territory", ~pole, "size", "commune", descending=[False, False, True, False]
    ).group_by("territory", maintain_order=True)
    several = (pl.col("territory_kind").first() == CANTON) & (pl.col("title").n_unique() > 1)
    suffix = pl.when(several).then(pl.lit(" (canton)")).otherwise(pl.lit(""))
    names = largest.agg(territory_name=pl.col("title").first() + suffix)
    return table.join(names, on="territory", how="left", maintain_order="left")


def territories_of(communes: pl.DataFrame) -> pl.DataFrame:
    """Gather communes into territories, each with its region of attribution.

    Parameters
    ----------
    communes : as in `Mesh`.

    Returns
    -------
    pl.DataFrame
        As in `Mesh`.
    """
    rows = communes.sort("territory", "region", "commune")
    by = ["territory", "region"]
    run = rows.select(pl.struct(by).rle_id()).to_series().to_numpy()
    people = np.bincount(run, weights=rows["population"].fill_null(0).cast(pl.Float64).to_numpy())
    parts = rows.group_by(by, maintain_order=True).agg(
        pl.col("territory_name", "territory_kind").first(), communes=pl.len().cast(pl.Int64)
    )
    parts = parts.with_columns(population=pl.Series(people))
    prefix = departement_of(pl.col("territory"))
    most = parts.sort("territory", "population", descending=[False, True], maintain_order=True)
    regions = region_of_departement(communes)
    return (
        most.group_by("territory", maintain_order=True)
        .agg(
            pl.col("territory_name", "territory_kind", "region").first(),
            pl.col("communes", "population").sum(),
            regions=pl.len().cast(pl.Int64),
        )
        .with_columns(
            departement=prefix,
            prefix_region=prefix.replace_strict(regions, default=None, return_dtype=pl.String),
        )
        .with_columns(conflict=(pl.col("prefix_region") != pl.col("region")).fill_null(False))
        .select(
            "territory", "territory_name", "territory_kind", "communes", "population",
            "departement", "prefix_region", "region", "regions", "conflict",
        )
    )  # fmt: skip


def conflicts_of(territories: pl.DataFrame) -> list[Note]:
    """Tell of territories whose code points to another region than that of most of their people."""
    codes = territories.filter("conflict")["territory"]
    if not len(codes):
        return []
    text = "territories attributed to another region than that of their code (annexe, IV, 4.3)"
    return [
        Note("region_conflicts", len(codes), first(codes), details={"text": f"{len(codes)} {text}"})
    ]


def _said(table: pl.DataFrame, split: pl.Series, no_cantons: str) -> list[Note]:
    """Tell how many bassins were cut, and what was done where there are no cantons."""
    text = "bassins de vie cut into cantons-ou-villes (annexe, II)"
    notes = [
        Note("bassins_split", len(split), first(split), details={"text": f"{len(split)} {text}"})
    ]
    none = table.filter(pl.col("split") & pl.col("canton").str.contains(_NO_CANTON))
    if none.height:
        text = f"communes cut out of bassins de vie where there is no canton: {no_cantons}"
        codes = none["canton"].unique().sort()
        notes.append(
            Note("no_cantons", none.height, first(codes), details={"text": f"{none.height} {text}"})
        )
    regions = table.group_by("departement").agg(pl.col("region").n_unique())
    torn = regions.filter(pl.col("region") > 1)["departement"].sort()
    if len(torn):
        text = "departements whose communes are of several regions: a region may be wrong"
        notes.append(
            Note(
                "departements_torn",
                len(torn),
                first(torn),
                warning=True,
                details={"text": f"{len(torn)} {text}"},
            )
        )
    return notes
