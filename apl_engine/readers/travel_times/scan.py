"""One pass over a distancier: pairs within reach kept, the others counted."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import polars as pl

from ...errors import Fault
from ...schemas import COMMUNE_CODE
from .layout import Layout, Roles, unreadable
from .units import PER_MINUTE

NOT_COMPUTED = -999_999
PAIR = ("origin", "destination")
# Rows looked at in one go: the engine gives some thousands at a time.
_AT_ONCE = 2**17
_QUOTES = ' "\t\r'


@dataclass(frozen=True)
class Reach:
    """What is kept of the times of a file.

    Attributes
    ----------
    unit : minutes, hours or seconds.
    to, included : the last bound of the methodology, minutes.
    period : off_peak, peak, mean or max of two times.
    """

    unit: str
    to: Fraction
    included: bool
    period: str

    def time(self, roles: Roles) -> pl.Expr:
        """Return the time of a pair in the unit of the file."""
        if len(roles.times) == 1:
            return pl.col("time_0")
        one, two = pl.col("time_0"), pl.col("time_1")
        return (one + two) / 2 if self.period == "mean" else pl.max_horizontal(one, two)

    def beyond(self, roles: Roles) -> pl.Expr:
        """Tell sound times that are out of reach; null where there is none."""
        bound = float(self.to * PER_MINUTE[self.unit])
        # One comparison for all rows: what is NaN, infinite or negative is not between.
        closed: Literal["right", "both"] = "right" if self.included else "both"
        beyond = self.time(roles).is_between(bound, sys.float_info.max, closed=closed)
        return beyond if len(roles.times) == 1 else beyond & ~doubtful(roles)

    def wanted(self, roles: Roles) -> pl.Expr:
        """Tell the rows to look at: times within reach, and those that are none."""
        return self.beyond(roles).ne_missing(True)

    def minutes(self, time: pl.Expr) -> pl.Expr:
        """Turn times into minutes, rounded once."""
        factor = PER_MINUTE[self.unit]
        if factor <= 1:
            return time * float(1 / factor) if factor < 1 else time
        # By a column: Polars multiplies by 1 / 60 in place of dividing by a lone 60, which rounds
        # twice and could put a time on the other side of a step.
        return time / (time * 0 + float(factor))


@dataclass
class Pass:
    """What a pass over a file found.

    Attributes
    ----------
    kept : origin, destination (Enum of the known communes, or String), minutes; sound pairs.
    odd : the same as text, where a code is not among the known ones.
    rows, blank, absent, wrong : rows read, of which blank, not computed, without a sound time.
    text : whether numbers had to be read as text.
    """

    kept: list[pl.DataFrame] = field(default_factory=list)
    odd: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    blank: int = 0
    absent: int = 0
    wrong: int = 0
    text: bool = False


def read_pass(layout: Layout, roles: Roles, reach: Reach, known: pl.Enum | None) -> Pass | Fault:
    """Read a file once, keeping the pairs within reach.

    Numbers are first read as such, which is faster; where one is none the file is read again as
    text, so that spaces and quotation marks do no harm and the others can be counted.

    Parameters
    ----------
    layout, roles : the file and its columns.
    reach : what to keep.
    known : the commune codes; None where all are taken.

    Returns
    -------
    Pass | Fault
    """
    try:
        try:
            return _read(layout, roles, reach, known, text=layout.separator == ",")
        except pl.exceptions.ComputeError:
            return _read(layout, roles, reach, known, text=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        return unreadable(layout.path, layout.format, error)


def _read(layout: Layout, roles: Roles, reach: Reach, known: pl.Enum | None, *, text: bool) -> Pass:
    time = reach.time(roles)
    minutes, codes = reach.minutes(time), codes_of(known, quoted=layout.quoted)
    wanted = reach.wanted(roles)
    scan = scan_of(layout, roles, text=text)
    done = Pass(text=text)
    if layout.format != "CSV":
        # Codes of pairs that are not wanted are not even decoded.
        done.rows = scan.select(pl.len()).collect().item()
        scan = scan.filter(wanted)
    waiting: list[pl.DataFrame] = []
    for batch in batches(scan):
        part = batch
        if layout.format == "CSV":
            done.rows += batch.height
            part = batch.filter(wanted)
        waiting.append(part)
        if sum(frame.height for frame in waiting) >= _AT_ONCE:
            sort_out(pl.concat(waiting), done, minutes, codes)
            waiting.clear()
    if waiting:
        sort_out(pl.concat(waiting), done, minutes, codes)
    return done


def doubtful(roles: Roles) -> pl.Expr:
    """Tell times that are none: absent, not finite, negative."""
    times = [pl.col(f"time_{k}") for k in range(len(roles.times))]
    return pl.any_horizontal(t.is_null() | ~t.is_finite() | (t < 0) for t in times)


def batches(scan: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Give the rows of a scan bit by bit, in their order."""
    return iter(scan.collect_batches(engine="streaming", maintain_order=True))


def sort_out(batch: pl.DataFrame, done: Pass, minutes: pl.Expr, codes: list[pl.Expr]) -> None:
    """Tell pairs that are kept from those that are not computed, wrong, or of odd codes.

    Parameters
    ----------
    batch : origin, destination as text, time_0, time_1 and distance where there are.
    done : takes them.
    minutes : the time of a pair in minutes.
    codes : origin and destination as they are to be, null where they are odd.
    """
    times = [pl.col(name) for name in batch.columns if name.startswith("time_")]
    not_computed = pl.any_horizontal(t == NOT_COMPUTED for t in times)
    if "distance" in batch.columns:
        not_computed = not_computed | _no_distance(batch.schema)
    finite = pl.all_horizontal(t.is_finite() & (t >= 0) for t in times)
    absent, sound = batch.select(
        absent=not_computed.fill_null(False), sound=finite.fill_null(False)
    ).get_columns()
    usable = sound & ~absent
    if not usable.all():
        empty = [pl.col(name).is_null() for name in PAIR] + [t.is_null() for t in times]
        blank = int(batch.select(pl.all_horizontal(empty).sum()).item())
        done.blank += blank
        done.absent += int(absent.sum())
        done.wrong += int((~sound & ~absent).sum()) - blank
        batch = batch.filter(usable)
    told = batch.select(*codes, minutes=minutes)
    if told["origin"].null_count() or told["destination"].null_count():
        odd = told["origin"].is_null() | told["destination"].is_null()
        done.odd.append(batch.select(*PAIR).with_columns(told["minutes"]).filter(odd))
        told = told.filter(~odd)
    done.kept.append(told)


def codes_of(known: pl.Enum | None, *, quoted: bool) -> list[pl.Expr]:
    """Return origin and destination as Enum of the known codes, or text; null where odd."""
    found = []
    for name in PAIR:
        text = pl.col(name)
        if quoted:
            inner = text.str.strip_chars('"')
            # A mark without its other one is no quotation: the value is told as it stands.
            text = pl.when(text.str.len_bytes() - inner.str.len_bytes() != 1).then(inner)
        if known is None:
            found.append(pl.when(text.str.contains(COMMUNE_CODE)).then(text).alias(name))
        else:
            found.append(text.cast(known, strict=False).alias(name))
    return found


def scan_of(layout: Layout, roles: Roles, *, text: bool, row: str | None = None) -> pl.LazyFrame:
    """Scan the columns of a file: origin, destination as text; time_0, time_1, distance.

    Parameters
    ----------
    layout, roles : the file and its columns.
    text : whether numbers of CSV are read as text first, so that those that are none are null.
    row : name of a column of row numbers from 1 below the header, where these are wanted; then
        given_0, given_1 hold the times as they stand.

    Returns
    -------
    pl.LazyFrame
    """
    wanted = {"origin": roles.origin, "destination": roles.destination}
    numbers = {f"time_{k}": place for k, place in enumerate(roles.times)}
    if roles.distance is not None:
        numbers["distance"] = roles.distance
    given = [(f"given_{k}", place) for k, place in enumerate(roles.times) if row]
    if layout.format != "CSV":
        frame = _typed(layout)
        frame = frame.with_row_index(row, 1) if row else frame
        return frame.select(
            *([row] if row else []),
            *(_code(frame, layout.names[place]).alias(name) for name, place in wanted.items()),
            *(_value(frame, layout.names[place]).alias(name) for name, place in numbers.items()),
            *(pl.col(layout.names[place]).cast(pl.String).alias(name) for name, place in given),
        )
    # Distances are looked at for kept pairs only, and stay text until then.
    typed = set() if text else set(roles.times)
    return scan_text(layout, typed, row).select(
        *([row] if row else []),
        *(pl.col(f"c{place}").alias(name) for name, place in wanted.items()),
        *(
            (number(f"c{place}") if text and name != "distance" else pl.col(f"c{place}")).alias(
                name
            )
            for name, place in numbers.items()
        ),
        *(pl.col(f"c{place}").alias(name) for name, place in given),
    )


def within_back(
    files: Sequence[tuple[Layout, Roles, Pass]], kept: pl.DataFrame, reach: Reach
) -> pl.DataFrame:
    """Read the pairs beyond reach whose way back is within it.

    Parameters
    ----------
    files : the files, their columns and what was found in them.
    kept : the pairs within reach, codes as Enum.
    reach : what is within reach.

    Returns
    -------
    pl.DataFrame
        Of the columns of `kept`.
    """
    found = [kept.clear()]
    ways = kept.lazy().select(origin="destination", destination="origin")
    for layout, roles, done in files:
        time = reach.time(roles)
        scan = scan_of(layout, roles, text=done.text).filter(reach.beyond(roles))
        if roles.distance is not None:
            scan = scan.filter(~_no_distance(scan.collect_schema()).fill_null(False))
        clean = done.odd or layout.quoted
        codes = (
            (repaired(name) if clean else pl.col(name)).cast(kept.schema[name], strict=False)
            for name in PAIR
        )
        pairs = scan.select(*codes, minutes=reach.minutes(time))
        found.append(pairs.join(ways, on=PAIR, how="semi").collect(engine="streaming"))
    return pl.concat(found)


def repaired(name: str) -> pl.Expr:
    """Repair a code where that is certain: its first zero lost, 1001.0, small letters, spaces."""
    text = pl.col(name).str.strip_chars().str.replace(r'^"(.*)"$', "$1").str.strip_chars()
    text = text.str.replace(r"\.0$", "").str.to_uppercase()
    return text.str.replace(r"^([1-9]\d{3})$", "0$1")


def _no_distance(schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """Tell pairs whose distance is the mark of those that were not computed."""
    text = schema["distance"] == pl.String
    return (number("distance") if text else pl.col("distance")) == NOT_COMPUTED


def scan_text(layout: Layout, typed: set[int], row: str | None = None) -> pl.LazyFrame:
    """Scan a CSV file below its header: columns c0, c1 ..., those `typed` as numbers."""
    return pl.scan_csv(
        layout.path,
        has_header=False,
        skip_lines=1,
        separator=layout.separator,
        # Marks around codes are taken away later: following them costs time, and one that is
        # left open would swallow rows.
        quote_char='"' if layout.quotes else None,
        schema={f"c{k}": pl.Float64 if k in typed else pl.String for k in range(len(layout.names))},
        decimal_comma=layout.decimal_comma and layout.separator != ",",
        # Letters that are not UTF-8 send to the second reading, as text: the first is faster.
        encoding="utf8" if typed else "utf8-lossy",
        row_index_name=row,
        row_index_offset=1,
        glob=False,
    )


def number(name: str) -> pl.Expr:
    """Read a number with a point or a comma; null where it is none."""
    bare_text = pl.col(name).str.strip_chars(_QUOTES).str.replace(",", ".", literal=True)
    return bare_text.cast(pl.Float64, strict=False)


def _typed(layout: Layout) -> pl.LazyFrame:
    if layout.format == "Parquet":
        return pl.scan_parquet(layout.path, glob=False)
    return pl.scan_ipc(layout.path, glob=False)


def _code(frame: pl.LazyFrame, name: str) -> pl.Expr:
    """Return a column of codes as text; those kept as numbers get their first zero back."""
    dtype = frame.collect_schema()[name]
    if dtype.is_numeric():
        return pl.col(name).cast(pl.Int64).cast(pl.String).str.replace(r"^(\d{4})$", "0$1")
    return pl.col(name).cast(pl.String) if dtype != pl.String else pl.col(name)


def _value(frame: pl.LazyFrame, name: str) -> pl.Expr:
    if frame.collect_schema()[name].is_numeric():
        return pl.col(name).cast(pl.Float64)
    return number(name)
