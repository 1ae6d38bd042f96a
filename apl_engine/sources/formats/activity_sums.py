"""From rows of prestations to two small tables of exact sums, in one pass of the streaming engine.

Sums are of whole cents and of whole ten-thousandths of an act, so they are the same bits in any
order of rows, split of files and number of threads. Checks of values are counts beside the sums;
identifiers, communes, months and ages are checked afterwards, on their few distinct values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ...errors import Fault
from ...notes import Note
from .activity_columns import MONTH, PRESTATIONS, absent, choose, how, told
from .activity_files import Part, layouts_agree
from .activity_values import (
    ACT_UNITS,
    CENTS,
    Period,
    age_key,
    code,
    inexact,
    period_of,
    period_year,
    scaled,
    text_of,
)

_SAMPLE = 8_192
# Parts whose sums are kept before they are added up.
_BATCH = 16
_KEYS = ("practitioner_id", "commune")
_COUNTS = ("rows", "cents", "fees_read", "fees_rounded", "acts_read", "acts_rounded", "longer")
Roles = Mapping[str, str]


@dataclass
class Sums:
    """What the rows of prestations add up to.

    Attributes
    ----------
    practices : practitioner_id, commune, rows, acts (ten-thousandths), cents; of the year.
    times : age (as written), inside (the year), told (the year as read), rows, cents and counts.
    recognised : what was taken for what.
    """

    practices: pl.DataFrame
    times: pl.DataFrame
    recognised: str
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def sum_up(parts: Sequence[Part], given: Mapping[str, str], year: int) -> Sums | list[Fault]:
    """Read all rows of all parts once.

    Parameters
    ----------
    parts : the data set, not empty.
    given : role to column, ahead of any pattern.
    year : the year of activity.

    Returns
    -------
    Sums, or list of Fault where the files cannot be read at all
    """
    roles: dict[int, Roles] = {}
    faults: list[Fault] = []
    for k, part in enumerate(parts):
        found, wrong = choose(part.files[0].name, part.layout.names, PRESTATIONS, given)
        if not wrong and not {"month", "year"} & found.keys():
            wrong = [absent(part.files[0].name, part.layout.names, MONTH)]
        roles[k], faults = found, [*faults, *wrong]
        if wrong:
            return faults
    faults = layouts_agree(parts, roles)
    if faults:
        return faults
    totals = _Totals()
    faults = [
        fault
        for k, part in enumerate(parts)
        if (fault := _sum_part(part, roles[k], year, totals)) is not None
    ]
    if faults:
        return faults
    words = f"{told(roles[0])}; months as {totals.periods[0].described}"
    sums = Sums(_merged(totals.practices), pl.concat(totals.times), words)
    if any(period.assumed for period in totals.periods):
        text = f"prestations: months without a year: all rows are taken to be of {year}"
        sums.notes.append(Note("year_assumed", text, int(sums.times["rows"].sum()), warning=True))
    return sums


@dataclass
class _Totals:
    """What the parts read so far add up to."""

    practices: list[pl.DataFrame] = field(default_factory=list)
    times: list[pl.DataFrame] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)

    def add(self, practices: pl.DataFrame, times: pl.DataFrame) -> None:
        self.practices.append(practices.with_columns(map(text_of, _KEYS)))
        self.times.append(times)
        if len(self.practices) == _BATCH:
            self.practices = [_merged(self.practices)]


def _sum_part(part: Part, roles: Roles, year: int, totals: _Totals) -> Fault | None:
    """Run the two aggregations of a part over one scan, some millions of rows at a time."""
    frame = part.scan()
    schema = frame.collect_schema()
    head = part.read([frame.select(sorted(set(roles.values()))).head(_SAMPLE)])[0]
    if isinstance(head, Fault):
        return head
    period = period_of(roles.get("month"), roles.get("year"), schema, head, year)
    if period is None:
        return _no_month(part, roles, head)
    totals.periods.append(period)
    for piece in part.pieces():
        plans = [make(piece, schema, part, roles, period) for make in (_practices, _times)]
        done = part.read(plans)
        if isinstance(done[0], Fault):
            return done[0]
        practices, times = done
        assert isinstance(practices, pl.DataFrame)
        assert isinstance(times, pl.DataFrame)
        totals.add(practices, _years(times, period, year))
    return None


def _no_month(part: Part, roles: Roles, head: pl.DataFrame) -> Fault:
    file = part.files[0].name
    if head.is_empty():
        # A quotation mark that never closes leaves no first row; a whole pass tells.
        everything = part.read([part.scan().select(pl.all().null_count())])[0]
        if isinstance(everything, Fault):
            return everything
        return Fault(file, "has no row", hint="Export it again.")
    column = roles.get("month") or roles["year"]
    values = head[column].drop_nulls().cast(pl.String).unique(maintain_order=True).head(3)
    hint = f"Months are written 202203, 2022-03, 03/2022 or as dates. {how('month')}"
    return Fault(file, "months that cannot be read", column, values=tuple(values), hint=hint)


def _practices(
    frame: pl.LazyFrame, schema: pl.Schema, part: Part, roles: Roles, period: Period
) -> pl.LazyFrame:
    comma = part.decimal_comma
    acts, fees = roles["acts"], roles["fees"]
    whole = schema[acts].is_integer()
    unit = 1 if whole else ACT_UNITS
    return (
        frame.filter(period.inside)
        .group_by(code(roles[key], schema[roles[key]]).alias(key) for key in _KEYS)
        .agg(
            pl.len().cast(pl.Int64).alias("rows"),
            scaled(acts, schema[acts], unit, decimal_comma=comma).sum().alias("acts"),
            scaled(fees, schema[fees], CENTS, decimal_comma=comma).sum().alias("cents"),
        )
        .with_columns(pl.col("acts") * (ACT_UNITS // unit))
    )


def _times(
    frame: pl.LazyFrame, schema: pl.Schema, part: Part, roles: Roles, period: Period
) -> pl.LazyFrame:
    comma = part.decimal_comma
    (acts, fees), age = (roles["acts"], roles["fees"]), roles["age"]
    cents = scaled(fees, schema[fees], CENTS, decimal_comma=comma)
    whole = schema[acts].is_integer()
    units = scaled(acts, schema[acts], 1 if whole else ACT_UNITS, decimal_comma=comma)
    keys = {
        "month": period.month,
        "year": period.annual,
        "age": age_key(age, schema[age]),
    }
    return frame.group_by(key.alias(name) for name, key in keys.items() if key is not None).agg(
        pl.len().cast(pl.Int64).alias("rows"),
        cents.sum().alias("cents"),
        cents.count().cast(pl.Int64).alias("fees_read"),
        inexact(fees, schema[fees], CENTS, decimal_comma=comma).alias("fees_rounded"),
        units.count().cast(pl.Int64).alias("acts_read"),
        inexact(acts, schema[acts], ACT_UNITS, decimal_comma=comma).alias("acts_rounded"),
        part.longer.sum().cast(pl.Int64).alias("longer"),
    )


def _years(times: pl.DataFrame, period: Period, year: int) -> pl.DataFrame:
    """Read the months that there are, and the types that all parts share."""
    if period.assumed:
        times = times.with_columns(year=pl.lit(str(year)))
    nothing = [
        pl.lit(None, pl.String).alias(name)
        for name in ("month", "year")
        if name not in times.columns
    ]
    times = times.with_columns(nothing).with_columns(inside=period.inside_read.fill_null(False))
    pairs = times.select("month", "year").unique()
    told = pairs.with_columns(
        told=pl.Series([period_year(*pair) for pair in pairs.iter_rows()], dtype=pl.Int64),
        written=pl.coalesce(pl.col("month").cast(pl.String), "year"),
    )
    blank = (pl.col("fees_read") == 0) & (pl.col("acts_read") == 0) & pl.col("age").is_null()
    return (
        times.filter(~(blank & pl.col("month").is_null()))
        .join(told, on=["month", "year"], nulls_equal=True)
        # What the first rows make a month be must hold for all.
        .with_columns(told=pl.when((pl.col("told") == year) == pl.col("inside")).then("told"))
        .select("inside", "told", "written", pl.col("age").cast(pl.String), *_COUNTS)
    )


def _merged(practices: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up parts, and what is one practice once its codes are cleaned."""
    return pl.concat(practices).group_by(_KEYS).agg(pl.col("rows", "acts", "cents").sum())
