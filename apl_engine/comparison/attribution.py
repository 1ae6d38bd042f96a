"""Why a piece changed its zone: what decided, and each part of the way across the cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ..columns import numbers, starts_of, sums
from ..kernels.types import Float
from ..method.ranking import Places
from ..method.result import Zoning
from .counterfactual import Figures, Model, piece_values
from .shapley import DECIMALS, UNIT, Whole, apportion, rounded, shapley, to_units

# What a change of zone comes from, where it is not the APL on its way across a cut.
IMPOSED, ADAPTED, NO_ZONE, CLASSES, APL = "imposed", "adaptation", "no_zone", "classes", "apl"
CUT = "cut"
_MARGINS = ("margin_a", "margin_b", "change")


@dataclass(frozen=True)
class Cuts:
    """The cuts that both results have, from the lowest up.

    Attributes
    ----------
    zones : ids of the classes that end there.
    highest : float64 (n_cuts,) for each result: the highest APL of that class and those below; 0
        where nobody is in them.
    levels : for each result, how many of these cuts lie below each class, by its id.
    """

    zones: tuple[str, ...]
    highest: tuple[Float, Float]
    levels: tuple[dict[str, int], dict[str, int]]

    @classmethod
    def of(cls, first: Zoning, second: Zoning) -> Cuts:
        """Return the cuts that two results share; none where their classes run otherwise."""
        known = {cut.zone for cut in second.cuts}
        shared = [cut.zone for cut in first.cuts if cut.zone in known]
        if shared != [cut.zone for cut in second.cuts if cut.zone in shared]:
            shared = []
        highest = tuple(
            np.array([_height(zones, zone) for zone in shared], dtype=np.float64)
            for zones in (first, second)
        )
        levels = tuple(_levels(zones, shared) for zones in (first, second))
        return cls(tuple(shared), (highest[0], highest[1]), (levels[0], levels[1]))


def _height(zones: Zoning, zone: str) -> float:
    highest = next(cut.highest_apl for cut in zones.cuts if cut.zone == zone)
    # No APL is lower: every territory lies above a class that nobody is in.
    return 0.0 if highest is None else highest


def _levels(zones: Zoning, shared: list[str]) -> dict[str, int]:
    found, below = {}, 0
    for zone in zones.methodology.zoning.classes:
        found[zone.id] = below
        below += zone.id in shared
    return found


def changes_of(pieces: pl.DataFrame, figures: Figures, model: Model) -> pl.DataFrame:
    """Tell of each piece whose zone changed what it comes from.

    Where the APL decided, the margin to a cut is split: m = APL of the territory - highest APL of
    the class below the cut. The cut is the lowest of those crossed, that at the end of the lower of
    both zones: it is the same one way and back, and is the end of the lowest class wherever that
    one is left or entered.

    Parameters
    ----------
    pieces : as from `pieces_of`.
    figures, model : the two results.

    Returns
    -------
    pl.DataFrame
        The pieces that changed, by population downwards, with ``cause``: ``apl``, ``imposed`` or
        ``adaptation`` (the zone of one of both is, see its reason), ``no_zone`` (nobody lives there
        in one of both) or ``classes`` (one of both does not know such a class). Where it is
        ``apl``: ``crossed`` (id of the class that ends at the cut), ``margin_a``, ``margin_b``,
        ``change`` = margin_b - margin_a, and a column ``part_<name>`` for each factor and ``cut``
        that add up to it, all in whole 10^-9 of the APL; ``main_part``, the largest part that
        goes the way of the change.
    """
    cuts = Cuts.of(*figures.zones)
    changed = pieces.filter(pl.col("zone_a").ne_missing(pl.col("zone_b")))
    levels = [
        pl.col(f"zone_{name}").replace_strict(known, default=None, return_dtype=pl.Int64)
        for name, known in zip("ab", cuts.levels, strict=True)
    ]
    changed = changed.with_columns(_cause(*levels), at=pl.min_horizontal(*levels))
    split = changed.filter(pl.col("cause") == APL)
    rest = changed.filter(pl.col("cause") != APL)
    parts = _split(split, cuts, figures, model)
    rows = pl.concat([pl.concat([split, parts], how="horizontal"), rest], how="diagonal")
    return rows.drop("at").sort("population", "territory_a", "territory_b",
                                descending=[True, False, False])  # fmt: skip


def _cause(level_a: pl.Expr, level_b: pl.Expr) -> pl.Expr:
    reasons = [pl.col(f"zone_reason_{name}") for name in "ab"]

    def either(word: str) -> pl.Expr:
        return pl.any_horizontal(reason.str.starts_with(word) for reason in reasons)

    return (
        pl.when(pl.any_horizontal(pl.col("zone_a").is_null(), pl.col("zone_b").is_null()))
        .then(pl.lit(NO_ZONE))
        .when(either("imposed")).then(pl.lit(IMPOSED))
        .when(either("adapted")).then(pl.lit(ADAPTED))
        .when(level_a == level_b).then(pl.lit(CLASSES))
        .otherwise(pl.lit(APL))
        .alias("cause")
    )  # fmt: skip


def _split(split: pl.DataFrame, cuts: Cuts, figures: Figures, model: Model) -> pl.DataFrame:
    """Return the margins of pieces and their parts."""
    at = split["at"].to_numpy()
    values = piece_values(figures, model, _territories(split, figures))
    below = [to_units(highest)[at] for highest in cuts.highest]
    margins = values[0] - below[0], values[-1] - below[1]
    names = (*model.factors, CUT)
    parts = np.vstack((shapley(values, len(model.factors)), below[0] - below[1]))
    main = np.array(names)[np.argmax(parts * np.sign(margins[1] - margins[0]), axis=0)]
    return pl.DataFrame(
        {
            "crossed": pl.Series([cuts.zones[k] for k in at], dtype=pl.String),
            **{
                name: decimals(column)
                for name, column in zip(_MARGINS, (*margins, margins[1] - margins[0]), strict=True)
            },
            **{f"part_{name}": decimals(own) for name, own in zip(names, parts, strict=True)},
            "main_part": pl.Series(main.tolist(), dtype=pl.String),
        }
    )


def _territories(pieces: pl.DataFrame, figures: Figures) -> tuple[Places, Places]:
    """Return the territory of each piece, as its place among the codes of either side."""
    found = []
    for name, zones in zip("ab", figures.zones, strict=True):
        known = pl.Enum(zones.territories["territory"].sort())
        codes = pieces[f"territory_{name}"].cast(known)
        found.append(codes.to_physical().cast(pl.Int64).to_numpy())
    return found[0], found[1]


def decimals(units: Whole) -> pl.Series:
    """Return whole 10^-9 as the nearest numbers, which are written with so many decimals."""
    return pl.Series(units / UNIT)


def units_of(column: pl.Series) -> Whole:
    """Return the whole 10^-9 that `decimals` made numbers of, 0 where there are none."""
    units: Whole = np.rint(numbers(column.fill_null(0.0)) * UNIT).astype(np.int64)
    return units


def sums_of(
    changes: pl.DataFrame, names: tuple[str, ...], zones: tuple[list[str], list[str]]
) -> pl.DataFrame:
    """Add up what changed, by transition and cause.

    Parameters
    ----------
    changes : as from `changes_of`.
    names : the parts, ``cut`` included.
    zones : ids of the classes of each result, in their order.

    Returns
    -------
    pl.DataFrame
        One row per ``zone_a``, ``zone_b``, ``cause`` and ``region`` (where adapted): ``pieces``,
        ``population``, ``change`` and the parts, summed over pieces (exactly, so that parts add
        up); ``main_<part>``: the population of pieces whose main part it is. Null but where the
        cause is ``apl``.
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
    found: dict[str, pl.Series] = {"population": pl.Series(sums(starts, people))}
    for name in ("change", *(f"part_{name}" for name in names)):
        units = sums(starts, units_of(rows[name]).astype(np.float64))
        found[name] = decimals(units.astype(np.int64))
    for name in names:
        main = numbers((rows["main_part"] == name).fill_null(False))
        found[f"main_{name}"] = pl.Series(sums(starts, people * main))
    of_apl = rows["cause"][starts[:-1]] == APL
    return rows[starts[:-1]].select(
        *keys,
        pl.Series("pieces", np.diff(starts)),
        *(
            (column if name == "population" else pl.when(of_apl).then(column)).alias(name)
            for name, column in found.items()
        ),
    )


def with_fewer_decimals(table: pl.DataFrame, names: tuple[str, ...], places: int) -> pl.DataFrame:
    """Round changes and their parts so that what is shown still adds up.

    Parameters
    ----------
    table : of `changes_of` or `sums_of`; rows without parts stay without.
    names : the parts, ``cut`` included.
    places : decimals to keep.

    Returns
    -------
    pl.DataFrame
        ``change`` is the sum of its parts, and the difference of both margins where these stand
        in the table, each rounded by itself.
    """
    columns = [f"part_{name}" for name in names]
    unit = 10 ** (DECIMALS - places)

    margins = [name for name in ("margin_a", "margin_b") if name in table.columns]
    shown = {name: rounded(units_of(table[name]), unit) for name in [*margins, "change"]}
    if margins:
        shown["change"] = shown["margin_b"] - shown["margin_a"]
    split = apportion(np.array([units_of(table[name]) for name in columns]), unit, shown["change"])
    shown |= dict(zip(columns, split, strict=True))
    return table.with_columns(
        pl.when(table["change"].is_not_null()).then(pl.Series(units / 10**places)).alias(name)
        for name, units in shown.items()
    )
