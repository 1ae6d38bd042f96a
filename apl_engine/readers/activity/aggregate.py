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
from .columns import MONTH, PRESTATIONS, absent, choose, how, told, unused
from .dataset import FILE, Part, layouts_agree
from .duplicates import LOOKED_AT, sample_of, usual_age, with_text
from .expressions import Look, Roles
from .professions import PROFESSION
from .values import ACT_UNITS, CENTS, Period, period_of, period_read, text_of

_SAMPLE = 8_192
# Fees (EUR) and acts that no row of a month and an age has: 40 acts a day.
MOST_FEES, MOST_ACTS = 20_000, 1_200
# Parts whose sums are kept before they are added up.
_BATCH = 16
# What practices are told apart by, and by which columns.
_KEYS = {
    "practitioner_id": "practitioner_id", "commune": "commune", "profession": "acts_profession"
}  # fmt: skip
_SUMMED = ("rows", "acts", "cents")
_COUNTS = (
    "rows", "units", "cents", "fees_read", "fees_rounded", "fees_marked", "fees_large",
    "acts_read", "acts_rounded", "acts_marked", "acts_large", "longer",
)  # fmt: skip


@dataclass
class Sums:
    """What the rows of prestations add up to.

    Attributes
    ----------
    practices : practitioner_id, commune, rows, acts (ten-thousandths), cents; of the year.
    times : file, kind (of acts, as written), age (as written), inside (the year), told (the year
        as read), month (its number), rows, units (of acts), cents and counts.
    sample : some rows whole; see `activity_repeats`.
    looks : how each file is read, for a second look.
    recognised : what was taken for what.
    """

    practices: pl.DataFrame
    times: pl.DataFrame
    sample: pl.DataFrame
    looks: Mapping[str, Look]
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
    totals = _Totals(chosen_rows=sum(part.rows for part in parts) > LOOKED_AT)
    faults = [
        fault for k, part in enumerate(parts) for fault in _sum_part(part, roles[k], year, totals)
    ]
    if faults:
        return faults
    words = f"{told(roles[0])}; months as {totals.looks[0].period.described}"
    looks = {str(path): look for look in totals.looks for path in look.part.files}
    sums = Sums(
        _merged(totals.practices), pl.concat(totals.times), pl.concat(totals.samples), looks, words
    )
    sums.notes += unused("prestations", parts[0].layout.names, roles[0])
    if any(look.period.assumed for look in totals.looks):
        text = f"prestations: months without a year: all rows are taken to be of {year}"
        sums.notes.append(
            Note(
                "year_assumed", int(sums.times["rows"].sum()), warning=True, details={"text": text}
            )
        )
    _keep_physiotherapists(sums, roles[0])
    return sums


@dataclass
class _Totals:
    """What the parts read so far add up to.

    `chosen_rows` says whether rows are too many to look at all; those of one age are then.
    """

    chosen_rows: bool
    chosen_age: str = ""
    practices: list[pl.DataFrame] = field(default_factory=list)
    times: list[pl.DataFrame] = field(default_factory=list)
    samples: list[pl.DataFrame] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    def add(self, practices: pl.DataFrame, times: pl.DataFrame, sample: pl.DataFrame) -> None:
        keys = [name for name in practices.columns if name not in _SUMMED]
        self.practices.append(practices.with_columns(map(text_of, keys)))
        self.times.append(times)
        self.samples.append(sample)
        if len(self.practices) == _BATCH:
            self.practices = [_merged(self.practices)]


def _sum_part(part: Part, roles: Roles, year: int, totals: _Totals) -> list[Fault]:
    """Run the aggregations of a part over one scan, some millions of rows at a time."""
    frame = part.scan()
    schema = frame.collect_schema()
    head = part.read([frame.select(sorted(set(roles.values()))).head(_SAMPLE)])[0]
    if isinstance(head, Fault):
        return [head]
    period = period_of(roles.get("month"), roles.get("year"), schema, head, year)
    if period is None:
        return [_no_month(part, roles, head)]
    look = Look(part, roles, period, schema)
    totals.looks.append(look)
    if totals.chosen_rows and not totals.chosen_age:
        totals.chosen_age = usual_age(look, head)
    marked = look.marked(head)
    for piece in part.pieces():
        plans = [
            _practices(piece, look),
            _times(piece, look, marked),
            sample_of(piece, look, totals.chosen_age),
        ]
        done = part.read(plans)
        if isinstance(done[0], Fault):
            return [done[0]]
        practices, times, sample = (frame for frame in done if isinstance(frame, pl.DataFrame))
        totals.add(practices, _years(times, period, year), with_text(sample))
    return look.thousands(pl.concat(totals.times))


def _no_month(part: Part, roles: Roles, head: pl.DataFrame) -> Fault:
    file = part.files[0].name
    if head.is_empty():
        # A quotation mark that never closes leaves no first row; a whole pass tells.
        everything = part.read([part.scan().select(pl.all().null_count())])[0]
        if isinstance(everything, Fault):
            return everything
        return Fault(
            code="legacy.fault",
            table=file,
            details={"problem": "has no row", "hint": "Export it again."},
        )
    column = roles.get("month") or roles["year"]
    values = head[column].drop_nulls().cast(pl.String).unique(maintain_order=True).head(3)
    hint = f"Months are written 202203, 2022-03, 03/2022 or as dates. {how('month')}"
    return Fault(
        code="legacy.fault",
        table=file,
        column=column,
        values=tuple(values),
        details={"problem": "months that cannot be read", "hint": hint},
    )


def _practices(frame: pl.LazyFrame, look: Look) -> pl.LazyFrame:
    whole = look.schema[look.roles["acts"]].is_integer()
    unit = 1 if whole else ACT_UNITS
    keys = [look.key(role).alias(name) for name, role in _KEYS.items() if role in look.roles]
    return (
        frame.filter(look.period.inside)
        .group_by(keys)
        .agg(
            pl.len().cast(pl.Int64).alias("rows"),
            look.scaled("acts", unit).sum().alias("acts"),
            look.scaled("fees", CENTS).sum().alias("cents"),
        )
        .with_columns(pl.col("acts") * (ACT_UNITS // unit))
    )


def _times(frame: pl.LazyFrame, look: Look, marked: Mapping[str, pl.Expr]) -> pl.LazyFrame:
    cents = look.scaled("fees", CENTS)
    unit = 1 if look.schema[look.roles["acts"]].is_integer() else ACT_UNITS
    units = look.scaled("acts", unit)
    keys = {
        "file": pl.col(FILE),
        "month": look.period.month,
        "year": look.period.annual,
        "age": look.age,
        "profession": look.word("acts_profession"),
        "kind": look.word("kind"),
    }
    return (
        frame.group_by(key.alias(name) for name, key in keys.items() if key is not None)
        .agg(
            pl.len().cast(pl.Int64).alias("rows"),
            cents.sum().alias("cents"),
            cents.count().cast(pl.Int64).alias("fees_read"),
            look.inexact("fees", CENTS).alias("fees_rounded"),
            _count(cents.abs() > MOST_FEES * CENTS).alias("fees_large"),
            units.sum().alias("units"),
            units.count().cast(pl.Int64).alias("acts_read"),
            look.inexact("acts", ACT_UNITS).alias("acts_rounded"),
            _count(units.abs() > MOST_ACTS * unit).alias("acts_large"),
            *(_count(test).alias(f"{role}_marked") for role, test in marked.items()),
            _count(look.part.longer).alias("longer"),
        )
        .with_columns(pl.col("units") * (ACT_UNITS // unit))
    )


def _count(test: pl.Expr) -> pl.Expr:
    return test.sum().cast(pl.Int64)


def _years(times: pl.DataFrame, period: Period, year: int) -> pl.DataFrame:
    """Read the months that there are, and the types that all parts share."""
    if period.assumed:
        times = times.with_columns(year=pl.lit(str(year)))
    nothing = [
        pl.lit(None, pl.String).alias(name)
        for name in ("month", "year", "profession", "kind")
        if name not in times.columns
    ]
    times = times.with_columns(nothing).with_columns(inside=period.inside_read.fill_null(False))
    pairs = times.select("month", "year").unique()
    read = [period_read(*pair) for pair in pairs.iter_rows()]
    told = pairs.with_columns(
        told=pl.Series([year for year, _ in read], dtype=pl.Int64),
        number=pl.Series([month for _, month in read], dtype=pl.Int64),
        written=pl.coalesce(pl.col("month").cast(pl.String), "year"),
    )
    blank = (pl.col("fees_read") == 0) & (pl.col("acts_read") == 0) & pl.col("age").is_null()
    return (
        times.filter(~(blank & pl.col("month").is_null()))
        .join(told, on=["month", "year"], nulls_equal=True)
        # What the first rows make a month be must hold for all.
        .with_columns(told=pl.when((pl.col("told") == year) == pl.col("inside")).then("told"))
        .select(
            "file", "inside", "told", "written", pl.col("number").alias("month"),
            pl.col("age", "profession", "kind").cast(pl.String), *_COUNTS,
        )
    )  # fmt: skip


def _merged(practices: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up parts, and what is one practice once its codes are cleaned."""
    keys = [name for name in practices[0].columns if name not in _SUMMED]
    return pl.concat(practices).group_by(keys).agg(pl.col(_SUMMED).sum())


def _keep_physiotherapists(sums: Sums, roles: Roles) -> None:
    """Leave out what others than physiotherapists did, where a column tells the profession."""
    if "acts_profession" not in roles:
        return
    column = roles["acts_profession"]
    given = sums.times["profession"].str.strip_chars()
    sums.faults += PROFESSION.faults("prestations", column, given)
    others = PROFESSION.sort(given.drop_nulls().unique().sort().to_list()).others
    theirs = pl.col("profession").str.strip_chars().is_in(others).fill_null(False)
    rows = int(sums.times.filter(theirs)["rows"].sum())
    sums.times = sums.times.filter(~theirs)
    sums.practices = _merged([sums.practices.filter(~theirs).drop("profession")])
    if rows:
        text = f"prestations: {rows} rows are left out, not being of {PROFESSION.wanted}: "
        text += ", ".join(others[:5])
        sums.notes.append(Note("not_profession", rows, warning=True, details={"text": text}))
    if blank := int(sums.times.filter(pl.col("profession").is_null())["rows"].sum()):
        text = f"prestations: {blank} rows without a value in '{column}' are kept"
        sums.notes.append(Note("no_profession", blank, warning=True, details={"text": text}))
