"""What each change of zone is due to: its cause, and the part of each factor."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..columns import Indices, numbers, starts_of, sums
from ..errors import Fault, InputDataError, check_arguments, check_elements
from ..method.result import Zoning
from ..rounding import apportion, round_units
from ..schemas import Kind, typed_columns
from .counterfactual import Figures, Model, counterfactual_apls
from .shapley import DECIMALS, UNIT, Units, shapley, to_units

IMPOSED, ADAPTED, NO_ZONE, CLASSES, APL = "imposed", "adaptation", "no_zone", "classes", "apl"
CUT = "cut"
_MARGINS = ("margin_a", "margin_b", "change")


def _shared_cuts(first: Zoning, second: Zoning) -> list[str]:
    """Return the classes that end at a cut in both results; none if their order differs."""
    known = [cut.zone for cut in second.cuts]
    shared = [cut.zone for cut in first.cuts if cut.zone in known]
    return shared if shared == [zone for zone in known if zone in shared] else []


def _heights(zones: Zoning, shared: list[str]) -> Units:
    """Return the highest APL below each cut; 0, below every territory, if no territory is."""
    highest = {cut.zone: cut.highest_apl or 0.0 for cut in zones.cuts}
    return to_units(np.array([highest[zone] for zone in shared], dtype=np.float64))


def _level(zones: Zoning, name: str, shared: list[str]) -> pl.Expr:
    """Return the number of shared cuts below the class of each row."""
    classes = [zone.id for zone in zones.methodology.zoning.classes]
    levels = {zone: sum(one in shared for one in classes[:k]) for k, zone in enumerate(classes)}
    return pl.col(f"zone_{name}").replace_strict(levels, default=None, return_dtype=pl.Int64)


def attribute_changes(intersections: pl.DataFrame, figures: Figures, model: Model) -> pl.DataFrame:
    """Determine what the change of zone of each intersection is due to.

    If the APL decided, the margin to a cut is split: the APL of the territory less the highest APL
    of the class below the cut. The cut is the lowest of those crossed, at the end of the lower of
    both zones: it is the same in both directions, and it is the end of the lowest class whenever
    that class is left or entered.

    Parameters
    ----------
    intersections : pl.DataFrame
        As from `intersect_territories`.
    figures : Figures
        The two results.
    model : Model
        How their APLs are computed.

    Returns
    -------
    pl.DataFrame
        The intersections whose zone changed, by falling population, with ``cause``: ``apl``,
        ``imposed`` or ``adaptation`` (of the zone in one result, by its reason), ``no_zone``
        (without inhabitants in one result) or ``classes`` (one methodology has no such class).
        If it is ``apl``: ``crossed`` (id of the class that ends at the cut), ``margin_a``,
        ``margin_b``, ``change`` = margin_b - margin_a, and a column ``part_<name>`` for each
        factor and ``cut`` that add up to it, all in whole 10^-9 of the APL; ``main_part``, the
        largest part in the direction of the change.
    """
    cuts = _shared_cuts(*figures.zones)
    levels = [_level(zones, name, cuts) for name, zones in zip("ab", figures.zones, strict=True)]
    changed = intersections.filter(pl.col("zone_a").ne_missing(pl.col("zone_b"))).with_columns(
        _cause(*levels), at=pl.min_horizontal(*levels)
    )
    of_apl = changed.filter(cause=APL)
    split = pl.concat([of_apl, _split(of_apl, cuts, figures, model)], how="horizontal")
    rows = pl.concat([split, changed.filter(pl.col("cause") != APL)], how="diagonal")
    return rows.drop("at").sort("population", "territory_a", "territory_b",
                                descending=[True, False, False])  # fmt: skip


def _cause(level_a: pl.Expr, level_b: pl.Expr) -> pl.Expr:
    def either_begins(word: str) -> pl.Expr:
        return pl.any_horizontal(
            pl.col(f"zone_reason_{name}").str.starts_with(word) for name in "ab"
        )

    return (
        pl.when(pl.any_horizontal(pl.col("zone_a", "zone_b").is_null())).then(pl.lit(NO_ZONE))
        .when(either_begins("imposed")).then(pl.lit(IMPOSED))
        .when(either_begins("adapted")).then(pl.lit(ADAPTED))
        .when(level_a == level_b).then(pl.lit(CLASSES))
        .otherwise(pl.lit(APL))
        .alias("cause")
    )  # fmt: skip


def _split(rows: pl.DataFrame, cuts: list[str], figures: Figures, model: Model) -> pl.DataFrame:
    """Return the margins of intersections and their parts."""
    at = rows["at"].to_numpy()
    values = counterfactual_apls(figures, model, _territories(rows, figures))
    below = [_heights(zones, cuts)[at] for zones in figures.zones]
    margins = values[0] - below[0], values[-1] - below[1]
    change = margins[1] - margins[0]
    names = (*model.factors, CUT)
    parts = np.vstack((shapley(values, len(model.factors)), below[0] - below[1]))
    main = np.array(names)[np.argmax(parts * np.sign(change), axis=0)]
    columns = (*_MARGINS, *(f"part_{name}" for name in names))
    figures_of = zip(columns, (*margins, change, *parts), strict=True)
    return pl.DataFrame(
        {
            "crossed": pl.Series([cuts[k] for k in at], dtype=pl.String),
            **{name: _from_units(units) for name, units in figures_of},
            "main_part": pl.Series(main.tolist(), dtype=pl.String),
        }
    )


def _territories(rows: pl.DataFrame, figures: Figures) -> tuple[Indices, Indices]:
    """Return the row of the territory of each side among their sorted codes."""
    first, second = (
        rows[f"territory_{name}"].cast(pl.Enum(zones.territories["territory"].sort()))
        .to_physical().cast(pl.Int64).to_numpy()
        for name, zones in zip("ab", figures.zones, strict=True)
    )  # fmt: skip
    return first, second


def _from_units(units: Units) -> pl.Series:
    """Return whole 10^-9 as the nearest numbers."""
    return pl.Series(units / UNIT)


def _units_of(column: pl.Series) -> Units:
    """Return the whole 10^-9 that a column was made of, 0 for null."""
    return to_units(numbers(column.fill_null(0.0)))


def add_changes(
    changes: pl.DataFrame, names: tuple[str, ...], zones: tuple[list[str], list[str]]
) -> pl.DataFrame:
    """Add up changes by transition and cause.

    Parameters
    ----------
    changes : pl.DataFrame
        As from `attribute_changes`.
    names : tuple of str
        The parts, ``cut`` included.
    zones : tuple of list of str
        Ids of the classes of each result, in their order.

    Returns
    -------
    pl.DataFrame
        A row per ``zone_a``, ``zone_b``, ``cause`` and ``region`` (if adapted): ``pieces``
        (intersections), ``population``, ``change`` and the parts, exact sums that add up;
        ``main_<part>``: the population of intersections whose main part it is. All but ``pieces``
        and ``population`` are null unless the cause is ``apl``.
    """
    by_b = pl.col("zone_reason_b").str.starts_with("adapted").fill_null(False)
    region = pl.when(by_b).then("region_b").otherwise("region_a")
    keys = ["zone_a", "zone_b", "cause", "region"]
    rows = changes.with_columns(region=pl.when(pl.col("cause") == ADAPTED).then(region))
    order = [
        pl.col(f"zone_{name}").replace_strict(
            {zone: place for place, zone in enumerate(own)}, default=len(own)
        )
        for name, own in zip("ab", zones, strict=True)
    ]
    rows = rows.sort(*order, "cause", "region", "territory_a", "territory_b", nulls_last=True)
    runs = rows.select(pl.struct(keys).rle_id()).to_series().to_numpy()
    starts = starts_of(runs) if len(runs) else np.zeros(1, np.int64)
    people = numbers(rows["population"])
    added: dict[str, pl.Series] = {}
    for name in ("change", *(f"part_{name}" for name in names)):
        units = sums(starts, _units_of(rows[name]).astype(np.float64))
        added[name] = _from_units(units.astype(np.int64))
    for name in names:
        main = numbers((rows["main_part"] == name).fill_null(False))
        added[f"main_{name}"] = pl.Series(sums(starts, people * main))
    heads = rows[starts[:-1]]
    return heads.select(
        *keys,
        pl.Series("pieces", np.diff(starts)),
        pl.Series("population", sums(starts, people)),
        *(
            pl.when(heads["cause"] == APL).then(column).alias(name)
            for name, column in added.items()
        ),
    )


@check_arguments(table=pl.DataFrame, names=(tuple, list), decimals=int)
def round_parts(table: pl.DataFrame, names: tuple[str, ...], decimals: int) -> pl.DataFrame:
    """Round changes and their parts so that the rounded figures still add up.

    Parameters
    ----------
    table : pl.DataFrame
        As from `attribute_changes` or `add_changes`.
    names : tuple of str
        The parts, ``cut`` included.
    decimals : int
        Number of decimals.

    Returns
    -------
    pl.DataFrame
        ``change`` is the sum of its parts and, if the table has margins, the difference of the
        two rounded margins. Rows without parts stay as they are.

    Raises
    ------
    InputDataError
        The table lacks a column, or has other than numbers in one; or there are no parts, fewer
        than 0 decimals, or more than changes have.
    """
    if not 0 <= decimals <= DECIMALS:
        limits = {"low": 0, "high": DECIMALS, "value": decimals}
        raise InputDataError(Fault("argument.out_of_range", "decimals", details=limits))
    if not names:
        raise InputDataError(Fault("argument.empty", "names"))
    check_elements(names=(names, str))
    parts = [f"part_{name}" for name in names]
    kinds: dict[str, Kind] = dict.fromkeys(("change", *parts), "number")
    if "margin_a" in table.columns or "margin_b" in table.columns:
        kinds |= dict.fromkeys(_MARGINS, "number")
    table = typed_columns(table, "table", kinds, nullable=tuple(kinds))
    unit = 10 ** (DECIMALS - decimals)
    given = [name for name in _MARGINS if name in table.columns]
    shown = {name: round_units(_units_of(table[name]), unit) for name in given}
    if "margin_a" in shown:
        shown["change"] = shown["margin_b"] - shown["margin_a"]
    split = apportion(np.array([_units_of(table[name]) for name in parts]), unit, shown["change"])
    shown |= dict(zip(parts, split, strict=True))
    return table.with_columns(
        pl.when(table["change"].is_not_null()).then(pl.Series(units / 10**decimals)).alias(name)
        for name, units in shown.items()
    )
