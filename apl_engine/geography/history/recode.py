"""What all tables share on the way to another year's communes: codes checked, moved and told."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import polars as pl

from ...errors import Fault, InputDataError
from ...notes import Note, first
from .passage import MERGED, RECODED, SPLIT, Passage, arrondissements_among

REPORT = {
    "code": pl.String,
    "label": pl.String,
    "became": pl.String,
    "kind": pl.String,
    "date": pl.Date,
    "mod": pl.Int64,
}
UNKNOWN = "unknown"

_KINDS = {RECODED: "changed", MERGED: "merged", SPLIT: "split"}
_WORDS = {
    "changed": "commune codes that changed",
    "merged": "communes of which several became one",
    "split": "communes that were split",
}


@dataclass(frozen=True)
class Brought:
    """A table in another year's communes.

    Attributes
    ----------
    table : the table; rows of communes that changed come last, in the order of their codes.
    notes : what was recoded, added up, shared out, dropped or not known.
    report : one row per code of the table that is not as it was: ``code``, ``label``,
        ``became`` (codes, with commas between), ``kind`` (changed, merged, split, unknown),
        ``date`` and ``mod`` of the event (null where not known).
    """

    table: pl.DataFrame
    notes: tuple[Note, ...]
    report: pl.DataFrame


@dataclass(frozen=True)
class Codes:
    """The codes of a table beside a passage.

    Attributes
    ----------
    links : the links of the passage whose old code stands in the table.
    unknown : codes that neither year is known to have.
    already : codes of the later year that the earlier one is known not to have.
    """

    links: pl.DataFrame
    unknown: tuple[str, ...]
    already: tuple[str, ...]

    @property
    def before(self) -> pl.Series:
        """Return the old codes that change, each once."""
        return self.links["before"].unique(maintain_order=True)

    def of_kind(self, kind: str) -> pl.DataFrame:
        """Return the links of one kind."""
        return self.links.filter(pl.col("kind") == kind)


def look_up(
    table: str,
    codes: pl.Series,
    passage: Passage,
    target: Set[str] | None = None,
    *,
    private: bool = False,
) -> Codes:
    """Find which codes of a table change, and which are strange.

    Parameters
    ----------
    table : its name.
    codes : its codes, repeated or not.
    passage : from its year to the other.
    target : every code of the other year, if known.
    private : whether the codes are those of practitioners, and so not to be shown.

    Returns
    -------
    Codes

    Raises
    ------
    InputDataError
        Codes of both years stand in the table: what stands under the one would count twice.
    """
    each = codes.unique()
    given = frozenset(each.to_list())
    moving = frozenset(passage.links["before"])
    valid = passage.valid_after if target is None else frozenset(target)
    strange = given & passage.absent_before
    if passage.valid_before is not None:
        strange |= given - passage.valid_before - arrondissements_among(given)
    elif valid is not None:
        strange |= given - valid - arrondissements_among(given)
    strange -= moving
    already = strange & valid if valid is not None else strange - passage.absent_after
    links = passage.links.filter(pl.col("before").is_in(each.implode()))
    if twice := sorted(already & set(links["after"])):
        problem = f"codes of {passage.year_to} stand beside codes of {passage.year_from}"
        hint = f"Their people would count twice. Is this a file of vintage {passage.year_to}?"
        values = () if private else first(twice)
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=table,
                    values=values,
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
    return Codes(links, tuple(sorted(strange - already)), tuple(sorted(already)))


def told(codes: Codes, passage: Passage, *, private: bool = False) -> list[Note]:
    """Count the communes that changed, by kind, and the codes that are strange."""
    notes = []
    for kind, word in _KINDS.items():
        found = codes.of_kind(kind)["before"].unique(maintain_order=True)
        if len(found):
            text = f"{_WORDS[word]} from {passage.year_from} to {passage.year_to}"
            shown = () if private else first(found)
            notes.append(
                Note(
                    f"communes_{word}", len(found), shown, details={"text": f"{len(found)} {text}"}
                )
            )
    if codes.unknown:
        text = f"codes known neither in {passage.year_from} nor in {passage.year_to}, left as is"
        shown = () if private else first(codes.unknown)
        notes.append(
            Note(
                "communes_unknown",
                len(codes.unknown),
                shown,
                warning=True,
                details={"text": f"{len(codes.unknown)} {text}"},
            )
        )
    if codes.already:
        text = f"codes of {passage.year_to} in a table of {passage.year_from}, left as is"
        shown = () if private else first(codes.already)
        notes.append(
            Note(
                "communes_already",
                len(codes.already),
                shown,
                warning=True,
                details={"text": f"{len(codes.already)} {text}"},
            )
        )
    return notes


def report(codes: Codes) -> pl.DataFrame:
    """List every code of the table that is not as it was; columns as in `Brought`."""
    changed = (
        codes.links.group_by("before", maintain_order=True)
        .agg(
            pl.col("label_before").first().alias("label"),
            pl.col("after").str.join(", ").alias("became"),
            pl.col("kind").first().replace_strict(_KINDS, return_dtype=pl.String),
            pl.col("date", "mod").last(),
        )
        .rename({"before": "code"})
        .select(pl.col(name).cast(dtype) for name, dtype in REPORT.items())
    )
    strange = pl.DataFrame(
        [(code, None, None, UNKNOWN, None, None) for code in codes.unknown], REPORT, orient="row"
    )
    return pl.concat([changed, strange]).sort("code")


def parted(
    rows: pl.DataFrame, codes: Codes, column: str = "commune"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part rows of communes that are as they were from those to move.

    The latter get ``after`` and ``kind``, a row of a split commune once for each of its parts.
    """
    moves = rows[column].is_in(codes.before.implode())
    links = codes.links.select(pl.col("before").alias(column), "after", "kind")
    moved = rows.filter(moves).join(links, on=column, how="inner", maintain_order="left_right")
    return rows.filter(~moves), moved


def added_up(
    rows: pl.DataFrame, key: list[str], order: list[str], sums: dict[str, pl.Expr]
) -> pl.DataFrame:
    """Gather rows by key: sums in the order of `order`, the first value of other columns."""
    rows = rows.sort(*key, *order).with_columns(**sums)
    run = rows.select(pl.struct(key).rle_id()).to_series().to_numpy()
    heads = rows.filter(
        pl.struct(key).rle_id() != pl.struct(key).rle_id().shift(1, fill_value=2**32 - 1)
    )
    totals = {
        # Added one by one in the order of the rows: the same bits whatever their order was.
        name: np.bincount(run, weights=rows[name].cast(pl.Float64).to_numpy())
        for name in sums
    }
    return heads.with_columns(pl.Series(name, values) for name, values in totals.items())


def shares_of(table: str, codes: Codes, weights: pl.DataFrame | None) -> pl.DataFrame:
    """Say which share of the people of each split commune goes to each of its parts.

    Parameters
    ----------
    table : name of the table that is shared out.
    codes : as from `look_up`.
    weights : ``commune``, ``population`` in the later year, rows of one commune adding up; None
        where nothing is known. Used where the passage gives no shares.

    Returns
    -------
    pl.DataFrame
        ``before``, ``after``, ``share`` (adding up to one for each old code).

    Raises
    ------
    InputDataError
        Communes to give weights for.
    """
    links = codes.of_kind(SPLIT).select("before", "after", "share")
    known: dict[str, float] = {}
    if weights is not None:
        for code, people in weights.sort("commune").select("commune", "population").iter_rows():
            known[code] = known.get(code, 0.0) + float(people or 0.0)
    given = pl.Series([known.get(code) for code in links["after"]], dtype=pl.Float64)
    whole = pl.col("share").is_not_null().all().over("before")
    links = links.with_columns(pl.when(whole).then("share").otherwise(given).alias("share"))
    links = links.with_columns(
        (pl.col("share") / pl.col("share").sum().over("before")).alias("share")
    )
    open_ = ~links["share"].is_finite().fill_null(False)
    bad = links.filter(links["before"].is_in(links.filter(open_)["before"].implode()))
    if bad.height:
        parts = bad["after"].unique(maintain_order=True)
        problem = "communes were split, and nothing tells how many people went to each part"
        hint = f"Give the populations of the later year for: {', '.join(parts)}."
        values = first(bad["before"].unique(maintain_order=True))
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=table,
                    column="commune",
                    values=values,
                    details={"problem": problem, "hint": hint},
                )
            ]
        )
    return links
