"""Conversion of tables to the communes of another vintage: people, supply, times, APL, zones."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Literal, TypeAlias

import polars as pl

from ...errors import InputDataError, Note, first
from .passage import MERGED, SPLIT, Passage
from .recode import (
    Converted,
    MatchedCodes,
    assemble,
    match_codes,
    partition_rows,
    populations_of,
    split_fault,
    split_shares,
    sum_rows,
)

Times: TypeAlias = Literal["chef_lieu", "min", "mean"]


def convert_population(
    population: pl.DataFrame,
    passage: Passage,
    *,
    weights: pl.DataFrame | None = None,
    target: Set[str] | None = None,
) -> Converted:
    """Convert a table of inhabitants.

    Populations of merged communes are added up, in the order of their old codes; that of a split
    commune is divided in proportion to the populations of its parts.

    Parameters
    ----------
    population : pl.DataFrame
        ``commune``, ``population`` and optionally ``age_band``.
    passage : Passage
        From the vintage of the table to another.
    weights : pl.DataFrame, optional
        ``commune``, ``population`` in the other vintage; required if communes were split.
    target : set of str, optional
        All codes of the other vintage, if known.

    Returns
    -------
    Converted

    Raises
    ------
    InputDataError
        The shares of a split commune are unknown, or the table has codes of both vintages.
    """
    codes = match_codes("population", population["commune"], passage, target)
    population = population.with_columns(pl.col("population").cast(pl.Float64))
    unchanged, recoded = _divide(population, codes, weights, ["population"])
    key = [name for name in population.columns if name in ("commune", "age_band")]
    summed = _sum(recoded, key, {"population": pl.col("population")})
    return assemble(unchanged, summed, codes)


def convert_apl(
    published: pl.DataFrame,
    passage: Passage,
    *,
    weights: pl.DataFrame | None = None,
    target: Set[str] | None = None,
) -> Converted:
    """Convert a published APL by commune.

    The APL of merged communes is their mean weighted by standardised population, as for a
    territory (arrêté of 20 March 2024, annexe, IV, 4.1), without communes that have no APL. The
    parts of a split commune get its APL.

    Parameters
    ----------
    published : pl.DataFrame
        ``commune``, ``apl``, ``population``, ``standardised_population``.
    passage, weights, target
        As for `convert_population`.

    Returns
    -------
    Converted

    Raises
    ------
    InputDataError
        As for `convert_population`.
    """
    codes = match_codes("published APL", published["commune"], passage, target)
    people = ["population", "standardised_population"]
    published = published.with_columns(pl.col("apl", *people).cast(pl.Float64))
    unchanged, recoded = _divide(published, codes, weights, people)
    weight = pl.when(pl.col("apl").is_not_null()).then("standardised_population").otherwise(0.0)
    sums = {name: pl.col(name).fill_null(0.0) for name in people}
    sums |= {"weight": weight.fill_null(0.0), "weighted": (weight * pl.col("apl")).fill_null(0.0)}
    summed = _sum(recoded, ["commune"], sums)
    mean = pl.when(pl.col("weight") > 0).then(pl.col("weighted") / pl.col("weight"))
    # A commune that is only recoded keeps its APL to the bit.
    apl = pl.when(pl.col("origins") == 1).then("apl").otherwise(mean)
    return assemble(unchanged, summed.with_columns(apl=apl), codes)


def convert_practitioners(
    practitioners: pl.DataFrame,
    passage: Passage,
    *,
    weights: pl.DataFrame | None = None,
    target: Set[str] | None = None,
) -> Converted:
    """Convert a table of practitioners.

    Practices of one practitioner that end up in the same commune are merged; their acts and fees
    are added up. A practice in a split commune is assigned to the part that keeps the code, or
    else to the most populous part: the table has no address to decide by.

    Parameters
    ----------
    practitioners : pl.DataFrame
        See `schemas`.
    passage, weights, target
        As for `convert_population`.

    Returns
    -------
    Converted

    Raises
    ------
    InputDataError
        A commune was split, no part keeps its code and the populations of the parts are unknown;
        or the table has codes of both vintages.
    """
    communes = practitioners["commune"]
    codes = match_codes("practitioners", communes, passage, target, private=True)
    in_split = int(communes.is_in(codes.codes_of_kind(SPLIT).implode()).sum())
    assigned = replace(codes, links=_one_part_each(codes, weights))
    unchanged, recoded = partition_rows(practitioners, assigned)
    recoded = recoded.with_columns(former="commune", commune="after")
    if "newly_installed" in recoded.columns:
        any_new = pl.col("newly_installed").any().over("practitioner_id", "commune")
        recoded = recoded.with_columns(any_new)
    sums = {name: pl.col(name) for name in recoded.columns if name in ("acts", "fees")}
    summed = _sum(recoded, ["practitioner_id", "commune"], sums)
    notes = [
        Note("conversion.practices_in_split_communes", in_split, warning=True),
        Note("conversion.practices_merged", recoded.height - summed.height),
    ]
    return assemble(unchanged, summed, codes, notes)


def convert_zoning(
    zoning: pl.DataFrame, passage: Passage, *, target: Set[str] | None = None
) -> Converted:
    """Convert a list of the class of each commune.

    Parameters
    ----------
    zoning : pl.DataFrame
        ``commune``, ``zone``.
    passage, target
        As for `convert_population`.

    Returns
    -------
    Converted
        A merged commune has the class of its parts, or none if these differ, which a note
        reports; the parts of a split commune have its class.

    Raises
    ------
    InputDataError
        The table has codes of both vintages.
    """
    codes = match_codes("zoning", zoning["commune"], passage, target)
    unchanged, recoded = partition_rows(zoning, codes)
    recoded = recoded.sort("after", "commune").with_columns(commune="after")
    zones = recoded.drop_nulls("zone").group_by("commune").agg(pl.col("zone").unique())
    several = zones.filter(pl.col("zone").list.len() > 1)["commune"].sort()
    one = zones.with_columns(pl.col("zone").list.first())
    merged = recoded.unique("commune", keep="first", maintain_order=True).drop("zone")
    merged = merged.join(one, on="commune", how="left", maintain_order="left").with_columns(
        zone=pl.when(~pl.col("commune").is_in(several.implode())).then("zone")
    )
    if "other_class" in merged.columns:
        merged = merged.with_columns(
            other_class=pl.when(pl.col("zone").is_null()).then("other_class")
        )
    count, shown = len(several), first(several)
    notes = [Note("conversion.classes_of_parts_differ", count, shown, warning=True)]
    return assemble(unchanged, merged, codes, notes)


def _one_part_each(codes: MatchedCodes, weights: pl.DataFrame | None) -> pl.DataFrame:
    """Keep one link of each split commune: the same code, else the most populous part."""
    people = populations_of(weights)
    # Every split of the passage: a list of those with practices would disclose where they are.
    parts = codes.passage.links.filter(kind=SPLIT).select("before", "after")
    populations = pl.Series([people.get(code) for code in parts["after"]], dtype=pl.Float64)
    parts = parts.with_columns(same=pl.col("before") == pl.col("after"), population=populations)
    decidable = pl.col("same").any() | pl.col("population").is_not_null().all()
    open_ = parts.filter(~decidable.over("before"))
    if open_["before"].is_in(codes.before.implode()).any():
        raise InputDataError(split_fault(codes.table, open_["after"]))
    descending = [False, True, True, False]
    parts = parts.sort("before", "same", "population", "after", descending=descending)
    parts = parts.unique("before", keep="first", maintain_order=True)
    chosen = codes.links.join(parts, on=["before", "after"], how="semi")
    return pl.concat([codes.links.filter(pl.col("kind") != SPLIT), chosen]).sort("before")


def convert_travel_times(
    times: pl.DataFrame,
    passage: Passage,
    *,
    how: Times = "chef_lieu",
    target: Set[str] | None = None,
) -> Converted:
    """Convert travel times.

    Parameters
    ----------
    times : pl.DataFrame
        ``origin``, ``destination``, ``minutes``.
    passage : Passage
        From the vintage of the table to another.
    how : {"chef_lieu", "min", "mean"}
        The time to use for merged communes: that of the commune whose code is kept, since times
        are measured between chefs-lieux (``chef_lieu``; the shortest if no commune keeps it), the
        shortest (``min``), or the mean (``mean``).
    target : set of str, optional
        All codes of the other vintage, if known.

    Returns
    -------
    Converted
        Without times between communes that became one. The parts of a split commune get its
        times, and none between each other; a note reports it.

    Raises
    ------
    InputDataError
        The table has codes of both vintages.
    """
    both = pl.concat([times["origin"].unique(), times["destination"].unique()])
    codes = match_codes("travel_times", both, passage, target)
    changes = pl.any_horizontal(pl.col("origin", "destination").is_in(codes.before.implode()))
    recoded = _recode_ends(times.filter(changes), codes)
    same_commune = pl.col("origin") == pl.col("destination")
    one_commune = pl.col("to_origin") == pl.col("to_destination")
    within = recoded.filter(one_commune & ~same_commune).height
    candidates = eligible = recoded.filter(one_commune == same_commune)
    if how == "chef_lieu":
        retained = codes.of_kind(MERGED).filter(pl.col("before") == pl.col("after"))["after"]
        for end in ("origin", "destination"):
            other = pl.col(end) != pl.col(f"to_{end}")
            eligible = eligible.filter(~(other & pl.col(f"to_{end}").is_in(retained.implode())))
    chosen = _one_time_each(eligible, how)
    split = codes.codes_of_kind(SPLIT)
    notes = [
        Note("conversion.travel_times_within_communes", within),
        Note("conversion.travel_times_replaced", candidates.height - chosen.height),
        Note("conversion.travel_times_of_parts", len(split), first(split), warning=True),
    ]
    return assemble(times.filter(~changes), chosen, codes, notes)


def _recode_ends(rows: pl.DataFrame, codes: MatchedCodes) -> pl.DataFrame:
    """Add the new code of each end; rows of a split commune are repeated for each part."""
    for end in ("origin", "destination"):
        links = codes.links.select(pl.col("before").alias(end), pl.col("after").alias(f"to_{end}"))
        rows = rows.join(links, on=end, how="left").with_columns(
            pl.col(f"to_{end}").fill_null(pl.col(end))
        )
    return rows


def _one_time_each(rows: pl.DataFrame, how: Times) -> pl.DataFrame:
    """Return one time per pair of new codes."""
    key = ["to_origin", "to_destination"]
    rows = rows.with_columns(pl.col("minutes").cast(pl.Float64), times=pl.lit(1.0))
    if how == "mean":
        sums = {"minutes": pl.col("minutes"), "times": pl.col("times")}
        rows = sum_rows(rows, key, ["origin", "destination", "minutes"], sums)
        rows = rows.with_columns(pl.col("minutes") / pl.col("times"))
    else:
        rows = rows.sort(*key, "minutes").unique(key, keep="first", maintain_order=True)
    return rows.select("minutes", origin="to_origin", destination="to_destination")


def _divide(
    rows: pl.DataFrame, codes: MatchedCodes, weights: pl.DataFrame | None, people: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Separate the rows to recode, and divide the people of split communes among their parts."""
    unchanged, recoded = partition_rows(rows, codes)
    if codes.of_kind(SPLIT).height:
        shares = split_shares(codes, weights)
        recoded = recoded.join(shares, on=["commune", "after"], how="left", maintain_order="left")
        recoded = recoded.with_columns(pl.col(people) * pl.col("share").fill_null(1.0))
    return unchanged, recoded.with_columns(former="commune", commune="after")


def _sum(recoded: pl.DataFrame, key: list[str], sums: dict[str, pl.Expr]) -> pl.DataFrame:
    """Add up the rows that now have the same key, in the order of their former codes."""
    return sum_rows(recoded, key, ["former"], {**sums, "origins": pl.lit(1.0)})
