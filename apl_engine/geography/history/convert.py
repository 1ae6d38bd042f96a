"""Tables of ours to another year's communes: people, practitioners, travel times, published APL."""

from __future__ import annotations

from collections.abc import Set
from typing import Literal, TypeAlias

import polars as pl

from ...errors import Fault, InputDataError
from ...notes import Note, first
from .passage import MERGED, SPLIT, Passage
from .recode import Brought, Codes, added_up, look_up, parted, report, shares_of, told

Times: TypeAlias = Literal["chef_lieu", "min", "mean"]


def bring_population(
    population: pl.DataFrame,
    passage: Passage,
    *,
    weights: pl.DataFrame | None = None,
    target: Set[str] | None = None,
) -> Brought:
    """Bring a table of inhabitants to another year's communes.

    Those of merged communes add up, in the order of their old codes; those of a split one are
    shared out by the populations of its parts.

    Parameters
    ----------
    population : ``commune``, ``population``, and ``age_band`` if it has one.
    passage : from its year to the other.
    weights : ``commune``, ``population`` of the other year; needed where communes were split.
    target : every code of the other year, if known.

    Returns
    -------
    Brought

    Raises
    ------
    InputDataError
        Communes were split and no weights are known, or codes of both years stand in the table.
    """
    codes = look_up("population", population["commune"], passage, target)
    population = population.with_columns(pl.col("population").cast(pl.Float64))
    rest, moved = _shared(population, codes, weights, ["population"], "population")
    key = [name for name in population.columns if name in ("commune", "age_band")]
    gathered = _gathered(moved, key, {"population": pl.col("population")})
    return _brought(rest, gathered, codes, passage)


def bring_apl(
    published: pl.DataFrame,
    passage: Passage,
    *,
    weights: pl.DataFrame | None = None,
    target: Set[str] | None = None,
) -> Brought:
    """Bring a published APL by commune to another year's communes.

    The APL of communes that merge is their mean weighted by standardised population, as for a
    territory (arrêté of 20 March 2024, annexe, IV, 4.1); those without APL are left out of it.
    The parts of a split commune have its APL.

    Parameters
    ----------
    published : ``commune``, ``apl``, ``population``, ``standardised_population``.
    passage, weights, target : as for `bring_population`.

    Returns
    -------
    Brought

    Raises
    ------
    InputDataError
        As for `bring_population`.
    """
    codes = look_up("published APL", published["commune"], passage, target)
    people = ["population", "standardised_population"]
    published = published.with_columns(pl.col("apl", *people).cast(pl.Float64))
    rest, moved = _shared(published, codes, weights, people, "published APL")
    counted = pl.when(pl.col("apl").is_not_null()).then("standardised_population").otherwise(0.0)
    sums = {name: pl.col(name).fill_null(0.0) for name in people}
    sums |= {"weight": counted.fill_null(0.0), "weighted": (counted * pl.col("apl")).fill_null(0.0)}
    gathered = _gathered(moved, ["commune"], sums)
    mean = pl.when(pl.col("weight") > 0).then(pl.col("weighted") / pl.col("weight"))
    gathered = gathered.with_columns(
        # What is alone keeps its value to the bit, and where nobody counts.
        pl.when(pl.col("parts") == 1).then("apl").otherwise(mean).alias("apl")
    )
    return _brought(rest, gathered.drop("weight", "weighted"), codes, passage)


def bring_practitioners(
    practitioners: pl.DataFrame,
    passage: Passage,
    *,
    weights: pl.DataFrame | None = None,
    target: Set[str] | None = None,
) -> Brought:
    """Bring a table of practitioners to another year's communes.

    Practices of one practitioner that come to lie in one commune add up their acts and fees. A
    practice in a commune that was split goes to the part that keeps the code, else to the most
    populous one: where it is in truth, only its address tells.

    Parameters
    ----------
    practitioners : see `schemas`.
    passage : from its year to the other.
    weights : ``commune``, ``population`` of the other year.
    target : every code of the other year, if known.

    Returns
    -------
    Brought

    Raises
    ------
    InputDataError
        A commune was split, no part keeps its code and no population tells which one to take; or
        codes of both years stand in the table.
    """
    given = practitioners["commune"]
    codes = look_up("practitioners", given, passage, target, private=True)
    split = codes.of_kind(SPLIT)["before"].unique(maintain_order=True)
    doubtful = int(given.is_in(split.implode()).sum())
    chosen = Codes(_one_part_each(codes, weights), codes.unknown, codes.already)
    rest, moved = parted(practitioners, chosen)
    sums = {name: pl.col(name) for name in moved.columns if name in ("acts", "fees")}
    moved = moved.with_columns(moved=pl.col("commune"), commune=pl.col("after"))
    if "newly_installed" in moved.columns:
        any_new = pl.col("newly_installed").any().over("practitioner_id", "commune")
        moved = moved.with_columns(any_new)
    gathered = _gathered(moved, ["practitioner_id", "commune"], sums)
    notes = []
    if doubtful:
        text = "practices in communes that were split, put in the part that keeps the code"
        notes.append(
            Note(
                "practices_in_split_communes",
                doubtful,
                warning=True,
                details={"text": f"{doubtful} {text}"},
            )
        )
    if joined := moved.height - gathered.height:
        text = "practices added to another one of the same practitioner, now in one commune"
        notes.append(Note("practices_joined", joined, details={"text": f"{joined} {text}"}))
    return _brought(rest, gathered, codes, passage, notes, private=True)


def _one_part_each(codes: Codes, weights: pl.DataFrame | None) -> pl.DataFrame:
    """Keep one link of each split commune: the same code, else the most populous part."""
    people: dict[str, float] = {}
    if weights is not None:
        for code, number in weights.select("commune", "population").iter_rows():
            people[code] = people.get(code, 0.0) + float(number or 0.0)
    kept, lost = [], []
    for (before,), links in codes.of_kind(SPLIT).group_by("before", maintain_order=True):
        parts = links["after"].to_list()
        if before in parts:
            kept.append((before, before))
        elif all(part in people for part in parts):
            kept.append((before, min(parts, key=lambda part: (-people[part], part))))
        else:
            lost += parts
    if lost:
        problem = "communes were split, no part keeps the code, and no population tells them apart"
        hint = f"Give the populations of the later year for: {', '.join(lost)}."
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table="practitioners",
                    column="commune",
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
    pairs = pl.DataFrame(kept, {"before": pl.String, "after": pl.String}, orient="row")
    chosen = codes.links.join(pairs, on=["before", "after"], how="semi")
    return pl.concat([codes.links.filter(pl.col("kind") != SPLIT), chosen]).sort("before")


def bring_travel_times(
    times: pl.DataFrame,
    passage: Passage,
    *,
    how: Times = "chef_lieu",
    target: Set[str] | None = None,
) -> Brought:
    """Bring travel times to another year's communes.

    Parameters
    ----------
    times : ``origin``, ``destination``, ``minutes``.
    passage : from their year to the other.
    how : which time counts where communes merged: that of the commune whose code is kept, since
        times are measured between chefs-lieux (``chef_lieu``; the shortest where none keeps it),
        the shortest of all (``min``), or their mean (``mean``).
    target : every code of the other year, if known.

    Returns
    -------
    Brought
        Times between communes that became one are left out; the parts of a split commune have
        its times, and none between each other, which a note tells.

    Raises
    ------
    InputDataError
        Codes of both years stand in the table.
    """
    both = pl.concat([times["origin"].unique(), times["destination"].unique()])
    codes = look_up("travel_times", both, passage, target)
    before = codes.before.implode()
    moves = pl.col("origin").is_in(before) | pl.col("destination").is_in(before)
    moved = _ends_moved(times.filter(moves), codes)
    alone = pl.col("origin") == pl.col("destination")
    met = pl.col("to_origin") == pl.col("to_destination")
    inner = moved.filter(met & ~alone).height
    found = moved.filter(met == alone)
    heard = found
    if how == "chef_lieu":
        keepers = codes.of_kind(MERGED).filter(pl.col("before") == pl.col("after"))["after"]
        for end in ("origin", "destination"):
            other = pl.col(end) != pl.col(f"to_{end}")
            heard = heard.filter(~(other & pl.col(f"to_{end}").is_in(keepers.implode())))
    gathered = _one_time(heard, how).rename(
        {"to_origin": "origin", "to_destination": "destination"}
    )
    notes = _time_notes(codes, inner, found.height - gathered.height)
    return _brought(times.filter(~moves), gathered, codes, passage, notes)


def _ends_moved(rows: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """Give each end of a trip its new code; a split end gives a row for each part."""
    links = codes.links.select("before", "after")
    for end in ("origin", "destination"):
        names = {"before": end, "after": f"to_{end}"}
        rows = rows.join(links.rename(names), on=end, how="left").with_columns(
            pl.col(f"to_{end}").fill_null(pl.col(end))
        )
    return rows


def _one_time(rows: pl.DataFrame, how: Times) -> pl.DataFrame:
    """Keep one time per pair of new codes."""
    key = ["to_origin", "to_destination"]
    rows = rows.with_columns(pl.col("minutes").cast(pl.Float64), trips=pl.lit(1.0))
    if how != "mean":
        return (
            rows.sort(*key, "minutes")
            .unique(key, keep="first", maintain_order=True)
            .drop("origin", "destination", "trips")
        )
    sums = {"minutes": pl.col("minutes"), "trips": pl.col("trips")}
    mean = added_up(rows, key, ["origin", "destination", "minutes"], sums)
    return mean.with_columns(pl.col("minutes") / pl.col("trips")).drop(
        "origin", "destination", "trips"
    )


def _time_notes(codes: Codes, inner: int, other: int) -> list[Note]:
    notes = []
    if inner:
        text = "travel times left out, between communes that became one"
        notes.append(Note("travel_times_inside", inner, details={"text": f"{inner} {text}"}))
    if other:
        text = "travel times that another one of the same new pair replaced"
        notes.append(Note("travel_times_replaced", other, details={"text": f"{other} {text}"}))
    if split := codes.of_kind(SPLIT)["before"].unique(maintain_order=True).to_list():
        text = "split communes whose parts have its travel times, and none between each other"
        notes.append(
            Note(
                "travel_times_split",
                len(split),
                first(split),
                warning=True,
                details={"text": f"{len(split)} {text}"},
            )
        )
    return notes


def _shared(
    rows: pl.DataFrame, codes: Codes, weights: pl.DataFrame | None, people: list[str], table: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the rows to move, and share the people of split communes out among its parts."""
    rest, moved = parted(rows, codes)
    if codes.of_kind(SPLIT).height:
        shares = shares_of(table, codes, weights).rename({"before": "commune"})
        moved = moved.join(shares, on=["commune", "after"], how="left", maintain_order="left")
        moved = moved.with_columns(pl.col(people) * pl.col("share").fill_null(1.0)).drop("share")
    return rest, moved.with_columns(moved=pl.col("commune"), commune=pl.col("after"))


def _gathered(moved: pl.DataFrame, key: list[str], sums: dict[str, pl.Expr]) -> pl.DataFrame:
    """Add up the rows that came together, with how many there were."""
    sums = {**sums, "parts": pl.lit(1.0)}
    return added_up(moved, key, ["moved"], sums).drop("moved", "after", "kind")


def _brought(
    rest: pl.DataFrame,
    gathered: pl.DataFrame,
    codes: Codes,
    passage: Passage,
    notes: list[Note] | None = None,
    *,
    private: bool = False,
) -> Brought:
    """Put the rows together again, in the columns and types of the table."""
    table = pl.concat([rest, gathered.select(pl.col(n).cast(t) for n, t in rest.schema.items())])
    every = (*told(codes, passage, private=private), *(notes or ()))
    return Brought(table, every, report(codes))
