"""The mesh of territories: bassins de vie, or cantons-ou-villes if the pole is a large town.

Arrêté of 20 March 2024, annexe, II.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import polars as pl

from ...columns import numbered, numbers
from ...errors import Fault, InputDataError, MethodologyError, Note, check_arguments, first
from ...methodology.model import Mesh as Rules
from ...methodology.model import Methodology
from ...methodology.values import COUNTRY, ForcedUnit
from ...quoting import FEW, is_of_most
from ...schemas import Kind as Type
from ...schemas import to_frame, typed_columns
from ..history.mergers import departement_of, region_of_departement

Kind: TypeAlias = Literal["bassin_de_vie", "canton_ou_ville", "commune", "arrondissement"]

BASSIN, CANTON, COMMUNE, ARRONDISSEMENT = get_args(Kind)
REGION_CONFLICT = "mesh.region_conflict"

_COLUMNS: dict[str, Type] = {
    "commune": "text", "name": "text", "departement": "text", "region": "text", "canton": "text",
    "urban_unit": "text", "living_area": "text", "population": "quantity",
}  # fmt: skip
_PARTS: dict[str, Type] = {
    "commune": "text", "name": "text", "city": "text", "population": "quantity",
}  # fmt: skip
_UNITS: dict[str, Type] = {"urban_unit": "text", "population": "quantity"}
_TERRITORY: dict[str, Type] = {
    "territory": "text", "territory_name": "text", "territory_kind": "text", "region": "text",
    "population": "quantity",
}  # fmt: skip
# Codes of INSEE for communes without a canton, and without an urban unit.
_NO_CANTON = "ZZ$"
_NO_URBAN_UNIT = "000$"


@dataclass(frozen=True)
class Mesh:
    """The communes and their territories.

    Attributes
    ----------
    communes : pl.DataFrame
        One row per commune (arrondissement municipal), sorted by code: ``commune``, ``name``,
        ``departement``, ``region``, ``territory``, ``territory_name``, ``territory_kind``,
        ``population``.
    territories : pl.DataFrame
        One row per territory, sorted by code: ``territory``, ``territory_name``,
        ``territory_kind``, ``communes`` (their number), ``population``, ``departement`` (prefix of
        its code), ``prefix_region`` (region of that departement), ``region`` (of attribution: the
        one with most of its population, annexe, IV, 4.3; the smallest code among equals),
        ``regions`` (number of regions it spans), ``conflict`` (whether the two regions differ).
    notes : tuple of Note
        Choices made, and irregularities.
    """

    communes: pl.DataFrame
    territories: pl.DataFrame
    notes: tuple[Note, ...]

    def __post_init__(self) -> None:
        """Take tables of other libraries; refuse columns absent or of another type."""
        own = ("commune", "name", "departement")
        of_communes = {**{name: _COLUMNS[name] for name in own}, **_TERRITORY}
        for table, kinds in (("communes", of_communes), ("territories", _TERRITORY)):
            others = kinds.keys() - {"commune", "territory"}
            frame = typed_columns(
                getattr(self, table), table, kinds, nullable=others, optional=("departement",)
            )
            object.__setattr__(self, table, frame)


@check_arguments(methodology=Methodology)
def build_mesh(
    communes: object,
    methodology: Methodology,
    arrondissements: object = None,
    *,
    urban_units: object = None,
) -> Mesh:
    """Build the territories.

    A territory is a bassin de vie. If the urban unit of its pole, the commune that names it, has
    more than `mesh.split_above` inhabitants, the whole bassin is divided into cantons-ou-villes:
    each consists of the communes of that canton that lie in a bassin so divided. The code of a
    bassin is that of its pole; that of a canton ends with ``_`` (as in files of DREES), since one
    code may name both, and with the code of the bassin if only those of one bassin are in it; that
    of a commune or arrondissement is its own. A canton of one commune has
    the name of the commune, another one that of its most populous commune followed by
    « (canton) ».

    Parameters
    ----------
    communes : object
        A frame of any library that speaks the Arrow C interface, with
        ``commune``, ``name``, ``departement``, ``region``, ``canton`` (CV), ``urban_unit`` (UU;
        ``...000`` for none), ``living_area`` (BV), ``population``: the whole country, in one
        vintage.
    methodology : Methodology
        Its section ``mesh``: ``split_above``; ``forced_split`` and ``forced_whole``, which take
        precedence over the population of an urban unit; ``canton_across_bassins``; ``no_cantons``,
        for divided bassins in which INSEE has no canton; ``cities``, for arrondissements.
    arrondissements : object, optional
        ``arrondissement`` (or ``commune``), ``name``, ``city``, ``population``: rows that replace
        those of their cities.
    urban_units : object, optional
        ``urban_unit``, ``population``: the inhabitants that `split_above` compares, such as those
        of another census; by default, those of the communes of each urban unit.

    Returns
    -------
    Mesh

    Raises
    ------
    InputDataError
        Columns or values are missing or of another type, codes are repeated, a pole is missing
        or lies in another bassin, or a city of an arrondissement or the urban unit of a pole is
        missing.
    MethodologyError
        The table is of the whole country, and a forced urban unit is not in it; or `no_cantons`
        does not say how communes without a canton go.
    """
    table = _validated(typed_columns(communes, "communes", _COLUMNS, nullable=_COLUMNS))
    outside = _check_rules(table, methodology)
    divided, against = _divided_areas(table, urban_units, methodology.mesh)
    table = table.with_columns(divided=pl.col("living_area").is_in(divided.implode()))
    table = _with_territories(table, methodology)
    # Territories are named after cities, also if arrondissements replace these.
    table = table.with_columns(title=pl.col("name"), size=pl.col("population"))
    notes: list[Note] = [*against, *outside]
    if arrondissements is not None:
        parts = _validated_arrondissements(arrondissements, table)
        notes += _population_notes(table, parts)
        table = _replace_cities(table, parts, methodology.mesh.cities)
    rows = _with_names(table).select(
        "commune", "name", "departement", "region", "territory", "territory_name",
        "territory_kind", "population",
    ).sort("commune")  # fmt: skip
    territories = aggregate_communes(rows)
    notes = [*_build_notes(table, divided), *notes]
    return Mesh(rows, territories, (*notes, *region_conflicts(territories)))


def _validated(communes: pl.DataFrame) -> pl.DataFrame:
    """Return the columns needed; refuse missing values, repeated communes and missing poles."""
    codes = pl.col("commune")
    poles = communes.select(living_area="commune", own_area="living_area")
    areas = communes.select(pl.col("living_area").unique().sort()).drop_nulls()
    areas = areas.join(poles, on="living_area", how="left", maintain_order="left")
    pole_missing = pl.col("own_area").is_null()
    pole_elsewhere = pl.col("own_area") != pl.col("living_area")
    repeated = communes.filter(codes.is_duplicated())["commune"].unique().sort()
    without_value = {name: communes.filter(pl.col(name).is_null()) for name in _COLUMNS}
    _refuse(
        "communes",
        *(("no_value", name, rows["commune"]) for name, rows in without_value.items()),
        ("duplicate_commune", "commune", repeated),
        ("pole_missing", "living_area", areas.filter(pole_missing)["living_area"]),
        ("pole_elsewhere", "living_area", areas.filter(pole_elsewhere)["living_area"]),
        of=areas.height,
    )
    return communes.select(*_COLUMNS)


def _refuse(table: str, *found: tuple[str, str, pl.Series], of: int | None = None) -> None:
    """Raise a fault of each kind and column of which codes were found, among so many poles."""
    faults = []
    for kind, column, codes in found:
        if count := len(codes):
            withheld = of is not None and kind == "pole_missing" and is_of_most(count, of, FEW)
            values = () if withheld else first(codes.drop_nulls())
            fault = Fault(
                f"mesh.{kind}", table, column=column, count=count, values=values, withheld=withheld
            )
            faults.append(fault)
    if faults:
        raise InputDataError(faults)


def _check_rules(table: pl.DataFrame, methodology: Methodology) -> list[Note]:
    """Refuse forced urban units that are none; note those that a part of the country lacks."""
    rules, units = methodology.mesh, set(table["urban_unit"])
    regions = {row.region for row in methodology.regional.published_shares} - {COUNTRY}
    absent = {
        key: [unit for unit in getattr(rules, key) if unit.unit not in units]
        for key in ("forced_split", "forced_whole")
    }
    # Only a table of the whole country shows that a unit does not exist.
    if regions and regions <= set(table["region"]):
        faults = [
            Fault("mesh.unknown_urban_unit", methodology.id, key=f"mesh.{key}", values=_named(them))
            for key, them in absent.items()
            if them
        ]
        if faults:
            raise MethodologyError(faults)
    # Of a part of the country, only units of its departements might have been expected.
    here = set(table["commune"].str.head(2))
    outside = [unit for them in absent.values() for unit in them if unit.unit[:2] in here]
    return [Note("mesh.forced_units_outside", len(outside), _named(outside))] if outside else []


def _named(units: Iterable[ForcedUnit]) -> tuple[str, ...]:
    return first(f"{unit.unit} {unit.name}" for unit in units)


def _divided_areas(
    table: pl.DataFrame, given: object, rules: Rules
) -> tuple[pl.Series, list[Note]]:
    """Return the bassins de vie to divide, and a note of those divided by force."""
    populations = _unit_populations(table, given)
    poles = table.filter(
        pl.col("commune") == pl.col("living_area"),
        ~pl.col("urban_unit").str.contains(_NO_URBAN_UNIT),
    ).select("living_area", "urban_unit").sort("living_area").join(
        populations, on="urban_unit", how="left", maintain_order="left"
    )  # fmt: skip
    missing = poles.filter(pl.col("population").is_null())["urban_unit"]
    _refuse("urban_units", ("urban_unit_missing", "urban_unit", missing.unique().sort()))
    forced = dict.fromkeys((unit.unit for unit in rules.forced_split), True)
    forced |= dict.fromkeys((unit.unit for unit in rules.forced_whole), False)
    poles = poles.with_columns(
        large=pl.col("population") > float(rules.split_above),
        forced=pl.col("urban_unit").replace_strict(forced, default=None, return_dtype=pl.Boolean),
    )
    against = set(poles.filter(pl.col("forced") != pl.col("large"))["urban_unit"])
    units = [u for u in (*rules.forced_split, *rules.forced_whole) if u.unit in against]
    notes = [Note("mesh.forced_units", len(units), _named(units))] if units else []
    return poles.filter(pl.coalesce("forced", "large"))["living_area"], notes


def _unit_populations(table: pl.DataFrame, given: object) -> pl.DataFrame:
    """Return the inhabitants of each urban unit, as given or as the sum of its communes."""
    if given is None:
        rows = table.sort("commune")
        units, unit = numbered(rows["urban_unit"])
        people = np.bincount(unit, weights=numbers(rows["population"]))
        return pl.DataFrame({"urban_unit": units, "population": people})
    known = typed_columns(given, "urban_units", _UNITS).select(*_UNITS)
    repeated = known.filter(pl.col("urban_unit").is_duplicated())["urban_unit"]
    _refuse("urban_units", ("duplicate_urban_unit", "urban_unit", repeated.unique().sort()))
    return known


def _with_territories(table: pl.DataFrame, methodology: Methodology) -> pl.DataFrame:
    """Give each commune the code and kind of its territory."""
    rules, divided, canton = methodology.mesh, pl.col("divided"), pl.col("canton")
    ways = {row.code: row.territories for row in rules.no_cantons}
    without = table.filter(divided & canton.str.contains(_NO_CANTON))["canton"].unique().sort()
    if unknown := [code for code in without if code not in ways]:
        code, key = "mesh.no_canton_undecided", "mesh.no_cantons"
        raise MethodologyError(Fault(code, methodology.id, key=key, values=first(unknown)))
    alone = canton.is_in([code for code, way in ways.items() if way == "by_commune"])
    by_commune = pl.when(divided & alone)
    own = canton + "_"
    if rules.canton_across_bassins == "by_bassin":
        several = pl.col("living_area").filter("divided").n_unique().over("canton") > 1
        own += pl.when(several).then("living_area").otherwise(pl.lit(""))
    return table.with_columns(
        territory=by_commune.then("commune").when("divided").then(own).otherwise("living_area"),
        territory_kind=by_commune.then(pl.lit(COMMUNE))
        .when("divided").then(pl.lit(CANTON))
        .otherwise(pl.lit(BASSIN)),
    )  # fmt: skip


def _validated_arrondissements(given: object, table: pl.DataFrame) -> pl.DataFrame:
    """Return the arrondissements by code; refuse repeated ones and missing cities."""
    parts = to_frame(given, "arrondissements")
    if "arrondissement" in parts.columns:
        parts = parts.drop("commune", strict=False).rename({"arrondissement": "commune"})
    parts = typed_columns(parts, "arrondissements", _PARTS, nullable=("name", "population"))
    parts = parts.select(*_PARTS).sort("commune")
    repeated = parts.filter(pl.col("commune").is_duplicated())["commune"]
    missing = parts.filter(~pl.col("city").is_in(table["commune"].implode()))["city"]
    _refuse(
        "arrondissements",
        ("duplicate_arrondissement", "arrondissement", repeated.unique().sort()),
        ("city_missing", "city", missing.unique().sort()),
    )
    return parts


def _population_notes(table: pl.DataFrame, parts: pl.DataFrame) -> list[Note]:
    """Report cities whose arrondissements have other populations in sum, or some of them none."""
    people = pl.col("population")
    sums = parts.group_by(commune="city").agg(parts=people.sum(), without=people.is_null().any())
    both = sums.join(table, on="commune").drop_nulls("population").sort("commune")
    differ = ~pl.col("without") & (pl.col("parts") != people)
    return [
        Note(f"mesh.{kind}", len(cities), first(cities), warning=True)
        for kind, cities in (
            ("arrondissement_populations", both.filter(differ)["commune"]),
            ("arrondissements_without_population", both.filter("without")["commune"]),
        )
        if len(cities)
    ]


def _replace_cities(table: pl.DataFrame, parts: pl.DataFrame, cities: str) -> pl.DataFrame:
    """Replace the rows of cities by those of their arrondissements."""
    city = table.drop("name", "population").rename({"commune": "city"})
    rows = parts.join(city, on="city", how="inner", maintain_order="left")
    if cities == "by_arrondissement":
        own = pl.when("divided")
        rows = rows.with_columns(
            territory=own.then("commune").otherwise("territory"),
            territory_kind=own.then(pl.lit(ARRONDISSEMENT)).otherwise("territory_kind"),
            title=own.then("name").otherwise("title"),
            size=own.then("population").otherwise("size"),
        )
    rest = table.filter(~pl.col("commune").is_in(parts["city"].implode()))
    return pl.concat([rest, rows.select(rest.columns)], how="vertical_relaxed")


def _with_names(table: pl.DataFrame) -> pl.DataFrame:
    """Name a bassin after its pole, a canton after its most populous commune."""
    pole = pl.col("commune") == pl.col("territory")
    largest = table.sort(
        "territory", ~pole, "size", "commune", descending=[False, False, True, False]
    ).group_by("territory", maintain_order=True)
    several = (pl.col("territory_kind").first() == CANTON) & (pl.col("title").n_unique() > 1)
    suffix = pl.when(several).then(pl.lit(" (canton)")).otherwise(pl.lit(""))
    names = largest.agg(territory_name=pl.col("title").first() + suffix)
    return table.join(names, on="territory", how="left", maintain_order="left")


def aggregate_communes(communes: pl.DataFrame) -> pl.DataFrame:
    """Aggregate communes into territories, each with its region of attribution.

    Parameters
    ----------
    communes : pl.DataFrame
        As in `Mesh`.

    Returns
    -------
    pl.DataFrame
        The territories, as in `Mesh`.

    Raises
    ------
    InputDataError
        The table lacks columns that are optional in a run.
    """
    needed = ("population", "territory_kind")
    details: dict[str, object] = {"columns": tuple(communes.columns)}
    faults = [
        Fault("communes.missing_column", "communes", column=name, details=details)
        for name in needed
        if name not in communes.columns
    ]
    if faults:
        raise InputDataError(faults)
    rows = communes.sort("territory", "region", "commune")
    by = ["territory", "region"]
    run = rows.select(pl.struct(by).rle_id()).to_series().to_numpy()
    people = np.bincount(run, weights=rows["population"].fill_null(0).cast(pl.Float64).to_numpy())
    parts = rows.group_by(by, maintain_order=True).agg(
        pl.col("territory_name", "territory_kind").first(), communes=pl.len().cast(pl.Int64)
    )
    parts = parts.with_columns(population=pl.Series(people))
    departement = departement_of(pl.col("territory"))
    regions = region_of_departement(communes)
    return (
        parts.sort("territory", "population", descending=[False, True], maintain_order=True)
        .group_by("territory", maintain_order=True)
        .agg(
            pl.col("territory_name", "territory_kind").first(),
            pl.col("communes", "population").sum(),
            departement.first().alias("departement"),
            departement.first()
            .replace_strict(regions, default=None, return_dtype=pl.String)
            .alias("prefix_region"),
            pl.col("region").first(),
            regions=pl.len().cast(pl.Int64),
        )
        .with_columns(conflict=(pl.col("prefix_region") != pl.col("region")).fill_null(False))
    )


def region_conflicts(territories: pl.DataFrame) -> list[Note]:
    """Report territories whose code points to another region than that of attribution."""
    codes = territories.filter("conflict")["territory"]
    return [Note(REGION_CONFLICT, len(codes), first(codes))] if len(codes) else []


def _build_notes(table: pl.DataFrame, divided: pl.Series) -> list[Note]:
    """Report the divided bassins, those without cantons, and departements of several regions."""
    none = table.filter(pl.col("divided") & pl.col("canton").str.contains(_NO_CANTON))
    cantons = first(none["canton"].unique().sort())
    regions = table.group_by("departement").agg(pl.col("region").n_unique())
    several = regions.filter(pl.col("region") > 1)["departement"].sort()
    notes = [
        Note("mesh.bassins_divided", len(divided), first(divided)),
        Note("mesh.no_canton", none.height, cantons),
        Note("mesh.departement_in_several_regions", len(several), first(several), warning=True),
    ]
    return [note for note in notes if note.count or note.code == "mesh.bassins_divided"]
