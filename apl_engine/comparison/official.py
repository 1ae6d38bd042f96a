"""A result held against the classes that the agencies have published, commune by commune."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import polars as pl

from ..errors import EXAMPLES, Fault, InputDataError, Note, check_arguments, first
from ..imports import import_files
from ..inputs.imported import Imported
from ..inputs.provenance import read_provenance
from ..method.result import Zoning
from ..methodology.model import Methodology
from ..methodology.values import COUNTRY
from ..readers.common.match import Named
from ..readers.insee.geography import CITIES
from ..regional.knapsack import each_that_fits, largest_within, longest_prefix
from ..regional.region import ADAPTED, Region, Territory, read_country, total
from ..results.lookup import region_names
from ..results.read import read_result
from ..schemas import typed_columns
from .matching import MOST_UNMATCHED, commune_vintage

TABLE = "zoning"
# Likely causes of a difference.
SPLIT, IMPOSED, NO_ZONE, ADAPTATION, ADJACENT, FARTHER = (
    "several_official_classes", "imposed", "no_zone", "adaptation", "adjacent_class", "farther",
)  # fmt: skip
CAUSES = (ADAPTATION, SPLIT, IMPOSED, NO_ZONE, ADJACENT, FARTHER)


@dataclass(frozen=True, kw_only=True)
class OfficialComparison:
    """A result and a list of classes published by the agencies.

    A territory has the official class of most of its inhabitants. Inhabitants are those of the
    result.

    Attributes
    ----------
    zones : Zoning
        The result.
    official : Imported
        The list.
    communes : pl.DataFrame
        ``commune``, ``name``, ``listed`` (``both``, ``result`` or ``official``), ``territory``,
        ``region`` (of attribution), ``population``, ``zone``, ``official_zone``, ``other_class``
        (class of another text); null if not listed.
    territories : pl.DataFrame
        Those with a class in both: ``territory``, ``territory_name``, ``region``, ``population``
        (of communes with a class in both), ``apl``, ``rank``, ``zone``, ``official_zone``,
        ``official_classes`` (their number), ``distance`` (by how much its APL would have to change
        for the official class, the cuts as they are; null if they agree or it is not ranked),
        ``cause`` (see `CAUSES`; null if they agree).
    transitions : pl.DataFrame
        By ``zone`` and ``official_zone``: ``communes``, ``population``, ``territories``.
    agreement : pl.DataFrame
        By region of attribution, and for all (FR): ``region``, ``region_name``, ``communes``,
        ``territories``, ``population``; of each the share that agrees, %, as
        ``communes_agreeing`` and so on; ``population_within_one_class``, %; and
        ``population_best_adaptation``, %: an upper bound of what adaptations within the rules of
        annexe V can explain, null if the result is already adapted.
    notes : tuple of Note
        Communes that only one has, or that the list leaves without a class.
    """

    zones: Zoning
    official: Imported
    communes: pl.DataFrame
    territories: pl.DataFrame
    transitions: pl.DataFrame
    agreement: pl.DataFrame
    notes: tuple[Note, ...]

    @property
    def differences(self) -> pl.DataFrame:
        """The territories whose classes differ, by falling population."""
        apart = self.territories.filter(pl.col("cause").is_not_null())
        return apart.sort("population", "territory", descending=[True, False])

    @property
    def causes(self) -> pl.DataFrame:
        """The differences by ``cause``, in the order of `CAUSES`."""
        order = pl.DataFrame({"cause": CAUSES})
        grouped = self.differences.group_by("cause").agg(
            territories=pl.len().cast(pl.Int64), population=pl.col("population").sort().sum()
        )
        return order.join(grouped, on="cause", maintain_order="left")


@check_arguments(zones=(str, Path, Zoning), official=(str, Path, Imported))
def compare_official(
    zones: str | Path | Zoning,
    official: str | Path | Imported,
    columns: Named = None,
) -> OfficialComparison:
    """Hold a result against the classes that the agencies have published.

    Parameters
    ----------
    zones : path or Zoning
        A folder that `write_result` wrote, or a result in memory.
    official : path or Imported
        An import of kind ``zoning``: in memory, as a folder that `apl import zoning` wrote, or the
        publisher's file.
    columns : mapping of str to str, optional
        Columns of the publisher's file that are not recognised, by field.

    Returns
    -------
    OfficialComparison

    Raises
    ------
    InputDataError
        The folder is not a result, or has hidden figures; the list is of another profession, text
        or vintage, or is no list of classes.

    Examples
    --------
    >>> compare_official("zones-2024", "official").agreement  # doctest: +SKIP
    """
    result = zones if isinstance(zones, Zoning) else read_result(zones)
    result.check_exact("result.published_official")
    rules = result.methodology
    imported = (
        official if isinstance(official, Imported) else read_official(official, rules, columns)
    )
    listed = _listed(imported, rules)
    _refuse_other_vintage(result, imported)
    communes, notes = _side_by_side(result, listed)
    both = communes.filter(listed="both")
    territories, best = _territories(result, both)
    return OfficialComparison(
        zones=result,
        official=imported,
        communes=communes,
        territories=territories,
        transitions=_transitions(both, territories, rules),
        agreement=_agreement(result, both, territories, best),
        notes=(*notes, *_unmatched(communes)),
    )


@check_arguments(path=(str, Path), methodology=Methodology)
def read_official(path: str | Path, methodology: Methodology, columns: Named = None) -> Imported:
    """Read a list of classes from the folder of an import, or from its publisher's file.

    Parameters
    ----------
    path : str or Path
        The folder, its ``zoning.parquet``, or the file.
    methodology : Methodology
        For the labels of classes in a publisher's file.
    columns : mapping of str to str, optional
        Columns of such a file that are not recognised, by field.

    Returns
    -------
    Imported
        Of kind ``zoning``.

    Raises
    ------
    InputDataError
        There is no such file, or it is no list of classes.
    """
    given = Path(path)
    table = given / f"{TABLE}.parquet" if os.path.isdir(given) else given
    if os.path.isdir(given) and not os.path.isfile(table):
        raise InputDataError(Fault("official.no_zoning", str(given)))
    if table.name != f"{TABLE}.parquet" or not os.path.isfile(table):
        return import_files(TABLE, [table], methodology, columns=columns)
    try:
        frame = pl.read_parquet(table)
    except (OSError, pl.exceptions.PolarsError) as error:
        details = {"reason": type(error).__name__}
        frame = None
    if frame is None:
        raise InputDataError(Fault("official.unreadable", str(table), details=details))
    known = read_provenance(table.parent)
    entries = [] if isinstance(known, Fault) else known
    own = [entry for entry in entries if entry.get("kind") == TABLE]
    recognised, vintage = (own[-1].get(key) if own else None for key in ("recognised", "vintage"))
    return Imported(TABLE, {TABLE: frame}, str(recognised or table.name), vintage)


def _listed(imported: Imported, rules: Methodology) -> pl.DataFrame:
    """Return the table of an import, checked: every row has a code, and a known class or none."""
    given = imported.tables.get(TABLE)
    if given is None:
        raise InputDataError(Fault("official.no_zoning", imported.kind))
    names = ("commune", "name", "territory", "zone", "other_class")
    frame = typed_columns(
        given, TABLE, dict.fromkeys(names, "text"), nullable=names, optional=names[1:3] + names[4:]
    )
    missing = [pl.lit(None, pl.String).alias(name) for name in names if name not in frame.columns]
    frame = frame.with_columns(missing).select(pl.col(names).cast(pl.String))
    known = tuple(zone.id for zone in rules.zoning.classes)
    unknown = frame.filter(~pl.col("zone").is_in(known))["zone"].unique().sort()
    if len(unknown):
        details = {"methodology": rules.id, "classes": known}
        fault = Fault(
            "official.other_classes", TABLE, column="zone", values=first(unknown), details=details
        )
        raise InputDataError(fault)
    _check_keys(frame)
    return frame


def _check_keys(frame: pl.DataFrame) -> None:
    """Refuse rows without a code, and several of the same."""
    by = _key(frame)
    faults = []
    if absent := frame[by].null_count():
        faults.append(Fault("official.no_code", TABLE, column=by, count=absent))
    given = frame.drop_nulls(by)
    repeated = given.filter(pl.col(by).is_duplicated())
    if repeated.height:
        shown = first(repeated[by].unique().sort())
        code, count = "official.repeated_code", repeated.height
        faults.append(Fault(code, TABLE, column=by, count=count, values=shown))
    if faults:
        raise InputDataError(faults)


def _key(listed: pl.DataFrame) -> str:
    """Return what a list is by: communes, or territories, whose class is that of each commune."""
    return "commune" if listed["commune"].is_not_null().any() else "territory"


def _with_arrondissements(
    classes: pl.DataFrame, own: pl.DataFrame
) -> tuple[pl.DataFrame, list[Note]]:
    """Give arrondissements that a list lacks the class of their city, and leave out the city."""
    arrondissements = {
        code: city for code in own["commune"] for prefix, city in CITIES.items()
        if code.startswith(prefix)
    }  # fmt: skip
    cities = classes.filter(pl.col("commune").is_in(list(arrondissements.values())))
    members = pl.DataFrame(
        {"member": arrondissements.keys(), "commune": arrondissements.values()},
        schema={"member": pl.String, "commune": pl.String},
    ).join(classes.select(member="commune"), on="member", how="anti")
    added = members.join(cities, on="commune", maintain_order="left")
    added = added.drop("commune").rename({"member": "commune"}).select(classes.columns)
    codes = added["commune"].sort()
    notes = [Note("official.class_of_city", len(codes), first(codes))] if len(codes) else []
    return pl.concat([classes.join(cities, on="commune", how="anti"), added]), notes


def _refuse_other_vintage(result: Zoning, imported: Imported) -> None:
    own, other = commune_vintage(result), imported.vintage
    if own and other and own != other:
        details = {"own": own, "other": other}
        raise InputDataError(Fault("official.other_vintage", TABLE, details=details))


def _side_by_side(result: Zoning, listed: pl.DataFrame) -> tuple[pl.DataFrame, list[Note]]:
    """Return the communes of the result and of the list, see `OfficialComparison`; and notes."""
    regions = result.territories.select("territory", "region")
    own = (
        result.communes.select(
            pl.col("commune").cast(pl.String), "name", "territory", "population", "zone"
        )
        .join(regions, on="territory", how="left", maintain_order="left")
        .sort("commune")
    )
    by, notes = _key(listed), list[Note]()
    classes = listed.select(by, "other_class", official_zone="zone")
    if by == "commune":
        classes, notes = _with_arrondissements(classes, own)
    both = own.join(classes.with_columns(given=True), on=by, how="left", maintain_order="left")
    alone = classes.join(own, on=by, how="anti")
    if by == "commune":
        alone = alone.join(listed.select("commune", "name"), on="commune", how="left")
    if alone.height > MOST_UNMATCHED * classes.height:
        details = {"number": alone.height, "of": classes.height}
        shown = first(alone[by].sort())
        fault = Fault("official.other_communes", TABLE, column=by, values=shown, details=details)
        raise InputDataError(fault)
    has_both = pl.col("zone").is_not_null() & pl.col("official_zone").is_not_null()
    both = both.with_columns(
        listed=pl.when(has_both).then(pl.lit("both")).otherwise(pl.lit("result"))
    )
    rows = pl.concat([both, alone.with_columns(listed=pl.lit("official"))], how="diagonal")
    table = rows.select(
        "commune", "name", "listed", "territory", "region", "population", "zone", "official_zone",
        "other_class",
    )  # fmt: skip
    return table, notes


def _unmatched(communes: pl.DataFrame) -> Iterator[Note]:
    if not (communes["listed"] == "both").any():
        raise InputDataError(Fault("official.nothing_in_common", TABLE))
    own, alone = (communes.filter(listed=name) for name in ("result", "official"))
    aside = communes.drop_nulls("other_class").sort("commune")
    if aside.height:
        named = aside.select("commune", "name", "other_class").head(EXAMPLES).rows()
        shown = tuple(f"{code} {name} ({label})" for code, name, label in named)
        yield Note("official.set_aside", aside.height, shown, warning=True)
    without = own.filter(pl.col("official_zone").is_null())
    for kind, rows in (("without_official_class", without), ("communes_of_the_list_alone", alone)):
        if rows.height:
            codes = rows["commune"].drop_nulls().sort()
            details = {"population": float(rows["population"].sum() or 0.0)}
            yield Note(f"official.{kind}", rows.height, first(codes), details=details)


def _territories(
    result: Zoning, both: pl.DataFrame
) -> tuple[pl.DataFrame, Mapping[str, bool] | None]:
    """Return the territories with a class in both, and which agree after the best adaptation.

    The latter is None if the result is already adapted.
    """
    order = [zone.id for zone in result.methodology.zoning.classes]
    level = pl.col("official_zone").replace_strict(order, range(len(order)), return_dtype=pl.Int64)
    people = (
        both.with_columns(level=level)
        .sort("territory", "commune")
        .group_by("territory", "official_zone", "level", maintain_order=True)
        .agg(pl.col("population").sum())
    )
    largest = people.sort("territory", "population", "level", descending=[False, True, False])
    official = largest.group_by("territory", maintain_order=True).agg(
        pl.col("official_zone").first(),
        official_classes=pl.len().cast(pl.Int64),
        population=pl.col("population").sum(),
    )
    columns = "territory", "territory_name", "region", "apl", "rank", "zone", "zone_reason"
    table = official.join(result.territories.select(columns), on="territory", how="left").sort(
        "territory"
    )
    differ = pl.col("zone") != pl.col("official_zone")
    best = _best_adaptations(result, table)
    explained = [code for code, agrees in (best or {}).items() if agrees]
    apart = (
        pl.col("zone").replace_strict(order, range(len(order)), return_dtype=pl.Int64) - level
    ).abs()
    cause = (
        pl.when(~differ).then(None)
        .when(pl.col("territory").is_in(explained)).then(pl.lit(ADAPTATION))
        .when(pl.col("official_classes") > 1).then(pl.lit(SPLIT))
        .when(pl.col("zone_reason").str.starts_with("imposed")).then(pl.lit(IMPOSED))
        .when(pl.col("rank").is_null()).then(pl.lit(NO_ZONE))
        .when(apart == 1).then(pl.lit(ADJACENT))
        .otherwise(pl.lit(FARTHER))
    )  # fmt: skip
    distance = pl.when(differ).then(_distance(result, order))
    table = table.with_columns(cause=cause, distance=distance).select(
        "territory", "territory_name", "region", "population", "apl", "rank", "zone",
        "official_zone", "official_classes", "distance", "cause",
    )  # fmt: skip
    return table, best


def _distance(result: Zoning, order: list[str]) -> pl.Expr:
    """Return by how much an APL must change for its territory to be in its official class."""
    highest = {cut.zone: cut.highest_apl for cut in result.cuts}
    following = {order[k + 1]: cut.next_apl for k, cut in enumerate(result.cuts)}
    apl, rank = pl.col("apl"), pl.col("rank")

    def bound(of: Mapping[str, float | None]) -> pl.Expr:
        zone = pl.col("official_zone")
        return zone.replace_strict(dict(of), default=None, return_dtype=pl.Float64)

    down, up = bound(highest) - apl, bound(following) - apl
    needed = pl.when(down < 0).then(down).when(up > 0).then(up)
    return pl.when(rank.is_not_null()).then(needed)


def _best_adaptations(result: Zoning, table: pl.DataFrame) -> dict[str, bool] | None:
    """Return whether each territory agrees after the adaptations that agree most; by code."""
    reasons = result.territories["zone_reason"]
    if reasons.str.starts_with(ADAPTED).any():
        return None
    official = dict(table.select("territory", "official_zone").iter_rows())
    agrees = dict(table.select("territory", pl.col("zone") == pl.col("official_zone")).iter_rows())
    country = read_country(result)
    for code in table["region"].unique().sort():
        region = country.region(code)
        rules = region.methodology.regional
        for moved, zone in (
            (_best_removals(region, official), rules.upper_zone),
            (_best_additions(region, official), rules.lower_zone),
        ):
            agrees |= {one.code: official.get(one.code) == zone for one in moved}
    return {code: bool(agrees[code]) for code in official}


def _best_removals(region: Region, official: Mapping[str, str]) -> list[Territory]:
    """Return the removals with the most inhabitants that the agency also removed."""
    upper = region.methodology.regional.upper_zone
    candidates = [one for one in region.removals() if official.get(one.code) == upper]
    return largest_within(candidates, _room(region, official, adding=False))


def _best_additions(region: Region, official: Mapping[str, str]) -> list[Territory]:
    """Return the additions, in the order that applies, that agree most."""
    rules = region.methodology.regional
    room = _room(region, official, adding=True)
    ranked = [one for one in region.additions() if one.apl is not None]
    wanted = [one for one in region.additions() if official.get(one.code) == rules.lower_zone]
    if rules.addition_order == "free":
        return largest_within(wanted, room)
    choose = longest_prefix if rules.addition_order == "strict" else each_that_fits
    chosen = choose(ranked, room)
    gains = accumulate(
        (_gain(one, official, rules.lower_zone) for one in chosen), initial=Fraction(0)
    )
    # An agency may stop anywhere in the order.
    sums = list(gains)
    return chosen[: sums.index(max(sums))]


def _gain(one: Territory, official: Mapping[str, str], zone: str) -> Fraction:
    """Return the inhabitants that agree more, or less, after a move into a class."""
    given = official.get(one.code)
    return one.population * ((given == zone) - (given == one.zone))


def _room(region: Region, official: Mapping[str, str], *, adding: bool) -> Fraction:
    """Return the inhabitants that may move one way; the other way adds to it if counted net."""
    rules = region.methodology.regional
    room = region.room(adding=adding)
    if rules.margin_counting == "gross":
        return room
    back = region.removals() if adding else region.additions()
    target = rules.upper_zone if adding else rules.lower_zone
    return room + total(one for one in back if official.get(one.code) == target)


def _transitions(both: pl.DataFrame, territories: pl.DataFrame, rules: Methodology) -> pl.DataFrame:
    order = [zone.id for zone in rules.zoning.classes]
    every = pl.DataFrame({"zone": order}).join(pl.DataFrame({"official_zone": order}), how="cross")
    keys = ["zone", "official_zone"]
    communes = (
        both.sort("commune")
        .group_by(keys)
        .agg(communes=pl.len().cast(pl.Int64), population=pl.col("population").sum())
    )
    counted = territories.group_by(keys).agg(territories=pl.len().cast(pl.Int64))
    table = every.join(communes, on=keys, how="left", maintain_order="left").join(
        counted, on=keys, how="left", maintain_order="left"
    )
    return table.with_columns(
        pl.col("communes", "territories").fill_null(0), pl.col("population").fill_null(0.0)
    )


def _agreement(
    result: Zoning,
    both: pl.DataFrame,
    territories: pl.DataFrame,
    best: Mapping[str, bool] | None,
) -> pl.DataFrame:
    """Return the agreement by region and for all, see `OfficialComparison`."""
    order = [zone.id for zone in result.methodology.zoning.classes]
    level = [
        pl.col(name).replace_strict(order, range(len(order)), return_dtype=pl.Int64)
        for name in ("zone", "official_zone")
    ]
    agreeing = dict(territories.select("territory", pl.col("cause").is_null()).iter_rows())
    rows = both.with_columns(
        same=pl.col("zone") == pl.col("official_zone"),
        near=(level[0] - level[1]).abs() <= 1,
    ).sort("commune")
    areas = territories.with_columns(same=pl.col("cause").is_null())
    if best is not None:
        # What the best adaptation gains, over the agreement of communes.
        gains = {code: best[code] - agreeing[code] for code in best}
        gain = pl.col("territory").replace_strict(gains, return_dtype=pl.Int64) * pl.col(
            "population"
        )
        areas = areas.with_columns(gain=gain)
    else:
        areas = areas.with_columns(gain=pl.lit(None, pl.Float64))
    names = {COUNTRY: "France entière"} | region_names(result)
    made = []
    for code in [*both["region"].unique().sort(), COUNTRY]:
        own = rows if code == COUNTRY else rows.filter(region=code)
        of = areas if code == COUNTRY else areas.filter(region=code)
        people = float(own["population"].sum())
        agreed = float(own.filter("same")["population"].sum())
        gained = None if best is None else float(of["gain"].sum())
        made.append({
            "region": code,
            "region_name": names.get(code, code),
            "communes": own.height,
            "territories": of.height,
            "population": people,
            "communes_agreeing": _percent(int(own["same"].sum()), own.height),
            "territories_agreeing": _percent(int(of["same"].sum()), of.height),
            "population_agreeing": _percent(agreed, people),
            "population_within_one_class": _percent(
                float(own.filter("near")["population"].sum()), people
            ),
            "population_best_adaptation": None if gained is None
            else _percent(agreed + gained, people),
        })  # fmt: skip
    return pl.DataFrame(made, infer_schema_length=None)


def _percent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else 0.0
