"""Steps shared by the conversion of every table: match codes, recode rows, sum, report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np
import polars as pl

from ...errors import Fault, InputDataError, Note, first
from .passage import MERGED, RECODED, SPLIT, Passage, select_arrondissements

_TEXTS = ("code", "label", "became", "kind")
REPORT = {**dict.fromkeys(_TEXTS, pl.String), "date": pl.Date, "mod": pl.Int64}
UNKNOWN, SUPPRESSED = "unknown", "suppressed"

_REPORTED_KINDS = {RECODED: "changed", MERGED: "merged", SPLIT: "split"}


@dataclass(frozen=True)
class Converted:
    """A table in the communes of another vintage.

    Attributes
    ----------
    table : pl.DataFrame
        The table; rows of communes that changed come last, sorted by code.
    notes : tuple of Note
        What was recoded, added up, divided, dropped or unknown.
    report : pl.DataFrame
        One row per code of the table that changed or is unknown: ``code``, ``label``, ``became``
        (codes separated by commas), ``kind`` (changed, merged, split, suppressed, unknown),
        ``date`` and ``mod`` of the event (null if unknown).
    """

    table: pl.DataFrame
    notes: tuple[Note, ...]
    report: pl.DataFrame


@dataclass(frozen=True)
class MatchedCodes:
    """The codes of a table, matched with a passage.

    Attributes
    ----------
    links : pl.DataFrame
        The links of the passage whose old code occurs in the table.
    unknown : tuple of str
        Codes in use in neither year, as far as is known.
    already : tuple of str
        Codes in use in the later year and known not to be in the earlier one.
    suppressed : tuple of str
        Codes in use in the earlier year that no code succeeds.
    passage : Passage
        The passage.
    private : bool
        Whether the codes are those of practitioners, which must not be shown.
    table : str
        Name of the table.
    """

    links: pl.DataFrame
    unknown: tuple[str, ...]
    already: tuple[str, ...]
    suppressed: tuple[str, ...]
    passage: Passage
    private: bool
    table: str

    @property
    def before(self) -> pl.Series:
        """The old codes that change, each once."""
        return self.links["before"].unique(maintain_order=True)

    def of_kind(self, kind: str) -> pl.DataFrame:
        """Return the links of one kind."""
        return self.links.filter(kind=kind)

    def codes_of_kind(self, kind: str) -> pl.Series:
        """Return the old codes that change in one way, each once."""
        return self.of_kind(kind)["before"].unique(maintain_order=True)


def match_codes(
    table: str,
    codes: pl.Series,
    passage: Passage,
    target: Set[str] | None = None,
    *,
    private: bool = False,
) -> MatchedCodes:
    """Find the codes of a table that change, and those that do not fit its vintage.

    Parameters
    ----------
    table : str
        Name of the table.
    codes : pl.Series
        Its commune codes; may repeat.
    passage : Passage
        From the vintage of the table to another.
    target : set of str, optional
        All codes of the other vintage, if known.
    private : bool
        See `MatchedCodes`.

    Returns
    -------
    MatchedCodes

    Raises
    ------
    InputDataError
        The table has a commune under its codes of both vintages, and would count it twice.
    """
    each = codes.unique()
    given = frozenset(each.to_list())
    valid_after = passage.valid_after if target is None else frozenset(target)
    valid = valid_after if passage.valid_before is None else passage.valid_before
    unfit = given & passage.absent_before
    if valid is not None:
        unfit |= given - valid - select_arrondissements(given)
    unfit -= set(passage.links["before"])
    already = unfit - passage.absent_after if valid_after is None else unfit & valid_after
    links = passage.links.filter(pl.col("before").is_in(each.implode()))
    if both := sorted(already.intersection(links["after"])):
        values = () if private else first(both)
        raise InputDataError(
            Fault("conversion.mixed_vintages", table, values=values, details=passage.years)
        )
    unknown = tuple(sorted(unfit - already))
    ended = tuple(sorted((given & passage.absent_after) - unfit - set(links["before"])))
    return MatchedCodes(links, unknown, tuple(sorted(already)), ended, passage, private, table)


def code_notes(codes: MatchedCodes) -> list[Note]:
    """Count the communes that changed, by kind, and the codes that do not fit."""
    counted: dict[str, Sequence[str]] = {
        "communes_recoded": codes.codes_of_kind(RECODED).to_list(),
        "communes_merged": codes.codes_of_kind(MERGED).to_list(),
        "communes_split": codes.codes_of_kind(SPLIT).to_list(),
        "suppressed_communes": codes.suppressed,
        "unknown_codes": codes.unknown,
        "codes_of_target": codes.already,
    }
    return [
        Note(
            f"conversion.{kind}", len(found), () if codes.private else first(found),
            warning=not kind.startswith("communes_"), details=codes.passage.years,
        )
        for kind, found in counted.items()
        if found
    ]  # fmt: skip


def partition_rows(rows: pl.DataFrame, codes: MatchedCodes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Separate the rows of unchanged communes from those to recode.

    The latter get ``after``, ``kind`` and ``label_after``; a row of a split commune is repeated
    for each of its parts. All rows of a new commune get its ``name``, if the table has names.
    """
    links = codes.links.select("after", "kind", "label_after", commune="before")
    changed = rows.join(links, on="commune", how="inner", maintain_order="left_right")
    if "name" in rows.columns:
        # The name that the events give; else that of the commune which keeps the code.
        keeps = pl.col("commune") == pl.col("after")
        heir = pl.col("name").filter(keeps).first().over("after")
        own = pl.when(pl.col("kind") != SPLIT).then(heir)
        changed = changed.with_columns(name=pl.coalesce("label_after", own, "name"))
    return rows.filter(~pl.col("commune").is_in(codes.before.implode())), changed


def sum_rows(
    rows: pl.DataFrame, key: list[str], order: list[str], sums: dict[str, pl.Expr]
) -> pl.DataFrame:
    """Aggregate rows by key: sums in the order of `order`, the first value of other columns."""
    rows = rows.sort(*key, *order).with_columns(**sums)
    run = rows.select(pl.struct(key).rle_id()).to_series().to_numpy()
    totals = [
        # Added one by one in the order of the rows: the same bits for rows in any order.
        pl.Series(name, np.bincount(run, weights=rows[name].cast(pl.Float64).to_numpy()))
        for name in sums
    ]
    return rows.unique(key, keep="first", maintain_order=True).with_columns(totals)


def populations_of(weights: pl.DataFrame | None) -> dict[str, float]:
    """Return the population of each commune; rows of one commune are added up."""
    people: dict[str, float] = {}
    if weights is not None:
        for code, number in weights.sort("commune").select("commune", "population").iter_rows():
            people[code] = people.get(code, 0.0) + float(number or 0.0)
    return people


def split_shares(codes: MatchedCodes, weights: pl.DataFrame | None) -> pl.DataFrame:
    """Return the share of the population of each split commune that goes to each of its parts.

    Parameters
    ----------
    codes : MatchedCodes
        Those of the table to divide, as from `match_codes`.
    weights : pl.DataFrame or None
        ``commune``, ``population`` in the later year; rows of one commune are added up. Used if
        the passage has no shares.

    Returns
    -------
    pl.DataFrame
        ``commune`` (the old code), ``after``, ``share`` (summing to 1 for each old code).

    Raises
    ------
    InputDataError
        The shares of a commune are unknown.
    """
    people = populations_of(weights)
    links = codes.of_kind(SPLIT).select("after", "share", commune="before")
    populations = pl.Series([people.get(code) for code in links["after"]], dtype=pl.Float64)
    given = pl.col("share").is_not_null().all().over("commune")
    links = links.with_columns(share=pl.when(given).then("share").otherwise(populations))
    links = links.with_columns(pl.col("share") / pl.col("share").sum().over("commune"))
    known = pl.col("share").is_finite().fill_null(value=False)
    open_ = links.filter(~known.all().over("commune"))
    if open_.height:
        raise InputDataError(split_fault(codes.table, open_["after"], open_["commune"]))
    return links


def split_fault(table: str, parts: pl.Series, codes: Iterable[str] = ()) -> Fault:
    """Return the fault of split communes whose parts have no known population."""
    code, values = "conversion.split_without_population", first(dict.fromkeys(codes))
    details = {"parts": tuple(parts.unique(maintain_order=True))}
    return Fault(code, table, column="commune", values=values, details=details)


def assemble(
    unchanged: pl.DataFrame, recoded: pl.DataFrame, codes: MatchedCodes, notes: Iterable[Note] = ()
) -> Converted:
    """Put the rows together again, in the columns and types of the table; drop empty notes."""
    rows = recoded.select(pl.col(name).cast(dtype) for name, dtype in unchanged.schema.items())
    counted = (*code_notes(codes), *(note for note in notes if note.count))
    return Converted(pl.concat([unchanged, rows]), counted, _report(codes))


def _report(codes: MatchedCodes) -> pl.DataFrame:
    """List every code of the table that changed or is unknown; columns as in `Converted`."""
    changed = codes.links.group_by(code="before", maintain_order=True).agg(
        label=pl.col("label_before").first(),
        became=pl.col("after").str.join(", "),
        kind=pl.col("kind").first().replace_strict(_REPORTED_KINDS, return_dtype=pl.String),
        date=pl.col("date").last(),
        mod=pl.col("mod").last(),
    )
    others = [
        pl.DataFrame({"code": of_kind}, {"code": pl.String}).with_columns(kind=pl.lit(kind))
        for kind, of_kind in ((UNKNOWN, codes.unknown), (SUPPRESSED, codes.suppressed))
    ]
    empty = pl.DataFrame(schema=REPORT)
    return pl.concat([empty, changed, *others], how="diagonal").sort("code")
