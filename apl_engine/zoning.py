"""Communes to territories, ranked and cut into zones: annexe, IV, 4.1 and 4.2."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import polars as pl

from .arrays import Flags, numbers, starts_of, sums
from .errors import Fault, InputDataError
from .kernels.types import Float, Index
from .methodology import Methodology, Zoning
from .notes import Note, first
from .regions import attribute_regions

RANKED, NOBODY, NO_DEMAND = "ranked", "no inhabitants", "no standardised inhabitants"

# APLs nearer to each other than this, relatively, differ by rounding only.
_SAME = 1e-12


@dataclass(frozen=True)
class Cut:
    """Where one class ends.

    Attributes
    ----------
    zone : id of the class below the cut.
    share : % of the population up to which the text lets it and those before it go.
    reached : % of the population in it and those before it.
    highest_apl : APL of the last ranked territory in it; None where it has none.
    next_territory, next_apl, next_share : the first territory above, its APL and the cumulative
        share with it, in %: the one that straddles the cut, unless the cut falls between two.
    """

    zone: str
    share: float
    reached: float
    highest_apl: float | None
    next_territory: str | None
    next_apl: float | None
    next_share: float | None


def aggregate_territories(communes: pl.DataFrame, methodology: Methodology) -> pl.DataFrame:
    """Gather communes into territories.

    The APL of a territory is the mean of its communes weighted by standardised population
    (arrêté of 20 March 2024, annexe, IV, 4.1); its region of attribution the one with most of
    its population (4.3), the smallest code where two have as much.

    Parameters
    ----------
    communes : one row per commune: ``commune``, ``region``, ``territory``, ``territory_name``,
        ``population``, ``standardised_population``, ``apl``, and ``etp`` where it is known.
    methodology : see its section ``zoning``.

    Returns
    -------
    pl.DataFrame
        One row per territory, sorted by code: ``territory``, ``territory_name``, ``region``,
        ``communes``, ``etp`` (where communes have it), ``population``,
        ``standardised_population``, ``apl`` (null where the weights add up to 0).
    """
    rows = communes.sort("territory", "commune")
    starts = starts_of(rows["territory"].rle_id().to_numpy())
    head = rows[starts[:-1]]
    weight = numbers(rows[methodology.zoning.aggregation_weight])
    total = sums(starts, weight)
    weighted = sums(starts, weight * numbers(rows["apl"]))
    apl = np.divide(weighted, total, out=np.full(len(total), np.nan), where=total > 0)
    added = ("etp", "population", "standardised_population")
    columns: dict[str, pl.Series | Float] = {
        name: sums(starts, numbers(rows[name])) for name in added if name in rows.columns
    }
    return pl.DataFrame(
        {
            "territory": head["territory"],
            "territory_name": head["territory_name"],
            "region": attribute_regions(rows)["region"],
            "communes": np.diff(starts),
            **columns,
            "apl": pl.Series(apl, nan_to_null=True),
        }
    )


def classify(
    territories: pl.DataFrame, methodology: Methodology
) -> tuple[pl.DataFrame, tuple[Cut, ...]]:
    """Rank territories by rising APL and cut them into classes by cumulative population.

    Arrêté of 20 March 2024, annexe, IV, 4.2. Territories attributed to a region whose zone the
    methodology imposes are not ranked; those where nobody lives have no zone.

    Parameters
    ----------
    territories : as from `aggregate_territories`.
    methodology : see its section ``zoning``.

    Returns
    -------
    pl.DataFrame, tuple of Cut
        The territories with ``rank``, ``cumulative_share`` (%), ``zone`` and ``zone_reason``;
        and the cuts, one per class but the last.

    Raises
    ------
    InputDataError
        The territories to rank have no population to cut by.
    """
    rules = methodology.zoning
    imposed_zone = {row.region: row.zone for row in rules.imposed}
    reason = {row.region: f"imposed: {row.reason}" for row in rules.imposed}
    table = territories.with_columns(
        zone=pl.col("region").replace_strict(imposed_zone, default=None, return_dtype=pl.String),
        zone_reason=pl.col("region").replace_strict(reason, default=RANKED, return_dtype=pl.String),
    )
    is_imposed = table["zone"].is_not_null()
    ranked = table.filter(~is_imposed & pl.col("apl").is_not_null()).sort("apl", "territory")
    ranked, blocks = _untie(ranked)
    held = _held(table.filter(is_imposed), rules)
    ranking = _Ranking.of(ranked, blocks, held, rules)
    places = ranking.places(rules)
    ids = [c.id for c in rules.classes]
    ranked = ranked.select(
        "territory",
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32),
        cumulative_share=100.0 * (ranking.cumulative + held[places]) / (ranking.total or 1.0),
        ranked_zone=pl.Series([ids[place] for place in places], dtype=pl.String),
    )
    result = (
        table.join(ranked, on="territory", how="left", maintain_order="left")
        .with_columns(
            zone=pl.coalesce("zone", "ranked_zone"),
            zone_reason=pl.when(pl.coalesce("zone", "ranked_zone").is_null())
            .then(
                pl.when(pl.col("population") > 0).then(pl.lit(NO_DEMAND)).otherwise(pl.lit(NOBODY))
            )
            .otherwise("zone_reason"),
        )
        .drop("ranked_zone")
        .select(*territories.columns, "rank", "cumulative_share", "zone", "zone_reason")
    )
    return result, ranking.cuts(places, rules, result)


def _untie(ranked: pl.DataFrame) -> tuple[pl.DataFrame, Index]:
    """Order by code the territories whose APLs differ by rounding only; number such blocks."""
    apl = numbers(ranked["apl"])
    blocks = np.zeros(len(apl), dtype=np.uint32)
    blocks[1:] = np.cumsum(np.diff(apl) > _SAME * np.abs(apl[1:]))
    ranked = ranked.with_columns(block=pl.Series(blocks, dtype=pl.UInt32))
    return ranked.sort("block", "territory").drop("block"), blocks


def _held(imposed: pl.DataFrame, rules: Zoning) -> Float:
    """Return the population that imposed zones take from each class and those before it."""
    population = numbers(imposed[rules.cut_population])
    if rules.imposed_population == "outside_cuts":
        return np.zeros(len(rules.classes))
    zones = imposed["zone"].to_list()
    of_class = [
        float(sum(p for p, zone in zip(population.tolist(), zones, strict=True) if zone == c.id))
        for c in rules.classes
    ]
    return np.cumsum(of_class)


@dataclass(frozen=True)
class _Ranking:
    """The ranked territories before cutting.

    `codes` and `apl` by rank; `cumulative` population with each included, `block` that of the
    territories of equal APL with it, `before` that before it or before its block; `held` the
    population imposed in each class and those before; `total` of all that the cuts are taken on.
    """

    codes: list[str]
    apl: Float
    cumulative: Float
    block: Float
    before: Float
    held: Float
    total: float

    @classmethod
    def of(cls, ranked: pl.DataFrame, blocks: Index, held: Float, rules: Zoning) -> _Ranking:
        cumulative = np.cumsum(numbers(ranked[rules.cut_population]))
        block = cumulative
        before = np.concatenate(([0.0], cumulative[:-1]))[: len(cumulative)]
        if rules.ties == "together" and len(cumulative):
            starts = starts_of(blocks)
            length = np.diff(starts)
            block = np.repeat(cumulative[starts[1:] - 1], length)
            before = np.repeat(before[starts[:-1]], length)
        total = float(cumulative[-1] if len(cumulative) else 0.0) + float(held[-1])
        if len(cumulative) and cumulative[-1] <= 0:
            problem = "the territories to rank have no population to cut by"
            raise InputDataError([Fault("population", problem)])
        return cls(
            ranked["territory"].to_list(), numbers(ranked["apl"]), cumulative, block, before,
            held, total,
        )  # fmt: skip

    def places(self, rules: Zoning) -> npt.NDArray[np.int64]:
        """Return the class of each rank, as its place among the classes."""
        place = np.full(len(self.codes), len(rules.classes) - 1)
        for k in reversed(range(len(rules.classes) - 1)):
            place[self._within(k, rules)] = k
        return place

    def _within(self, k: int, rules: Zoning) -> Flags:
        """Tell who is in class k or before.

        Where populations are whole, so are the numbers compared: a share on a cut is on it.
        """
        share = _cut(k, rules)
        scale = float(100 * share.denominator)
        limit = float(share.numerator) * self.total - scale * self.held[k]
        through: Float = scale * self.block
        start: Float = scale * self.before
        at_or_below: Flags = through <= limit
        if rules.straddling == "crossing":
            crossing: Flags = at_or_below | (start < limit)
            return crossing
        if rules.straddling == "nearest":
            nearest: Flags = at_or_below | ((start < limit) & (through - limit < limit - start))
            return nearest
        return at_or_below

    def cuts(
        self, places: npt.NDArray[np.int64], rules: Zoning, table: pl.DataFrame
    ) -> tuple[Cut, ...]:
        """Describe where each class but the last ends."""
        population = numbers(table[rules.cut_population])
        found = []
        for k, zone in enumerate(rules.classes[:-1]):
            # Ranks in class k or before; they come first, but for cuts lowered below each other.
            count = int(np.count_nonzero(places <= k))
            inside = float(self.cumulative[count - 1]) if count else 0.0
            above = count < len(self.codes)
            total = self.total or float(population.sum()) or 1.0
            found.append(
                Cut(
                    zone=zone.id,
                    share=float(_cut(k, rules)),
                    reached=100.0 * (inside + float(self.held[k])) / total,
                    highest_apl=float(self.apl[count - 1]) if count else None,
                    next_territory=self.codes[count] if above else None,
                    next_apl=float(self.apl[count]) if above else None,
                    next_share=100.0 * (float(self.cumulative[count]) + float(self.held[k])) / total
                    if above
                    else None,
                )
            )
        return tuple(found)


def _cut(k: int, rules: Zoning) -> Fraction:
    """Return the share of the population up to the end of class k, %."""
    shares = (c.share for c in rules.classes[: k + 1])
    return sum((share for share in shares if share is not None), Fraction(0))


def remarks_on_zones(territories: pl.DataFrame) -> list[Note]:
    """Remark on territories whose zone no rank decides; `territories` as from `classify`."""
    notes = []
    imposed = territories.filter(pl.col("zone_reason").str.starts_with("imposed"))
    for (reason,), rows in imposed.group_by("zone_reason", maintain_order=True):
        text = f"{rows.height} territories are not ranked, {reason}"
        notes.append(Note("imposed_zone", text, rows.height, first(rows["territory"])))
    unzoned = territories.filter(pl.col("zone").is_null())["territory"]
    if len(unzoned):
        text = f"{len(unzoned)} territories without inhabitants to weigh by have no zone"
        notes.append(Note("no_zone", text, len(unzoned), first(unzoned), warning=True))
    return notes
