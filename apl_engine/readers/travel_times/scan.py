"""One pass over a file of travel times: what is within reach is retained, the rest counted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from ...errors import Fault
from ...inputs.travel_times import NOT_COMPUTED, PAIR, no_time, repaired_code
from ...schemas import COMMUNE_CODE
from .layout import OpenedFile, Roles, read_numbers_or_text, scan_typed
from .near_lines import are_selectable, near_lines
from .units import PER_MINUTE

# Rows processed at a time: the engine yields some thousands.
_CHUNK_ROWS = 2**17
# Pairs held before equal rows among them are counted.
_MOST_ROWS = 2**22
_QUOTES = ' "\t\r'


@dataclass(frozen=True)
class Reach:
    """Which times of a file are retained.

    Attributes
    ----------
    unit : str
        minutes, hours or seconds.
    to : Fraction
        The last bound of the methodology, minutes.
    included : bool
        Whether that bound is within reach.
    period : str
        off_peak, peak, mean or max of two times.
    """

    unit: str
    to: Fraction
    included: bool
    period: str

    @property
    def bound(self) -> float:
        """The last bound in the unit of the file."""
        return float(self.to * PER_MINUTE[self.unit])

    def time(self, roles: Roles) -> pl.Expr:
        """Return the time of a pair in the unit of the file."""
        if len(roles.times) == 1:
            return pl.col("time_0")
        one, two = pl.col("time_0"), pl.col("time_1")
        return (one + two) / 2 if self.period == "mean" else pl.max_horizontal(one, two)

    def beyond(self, roles: Roles) -> pl.Expr:
        """Return whether a valid time is out of reach; null if there is no time."""
        # One comparison for all rows: NaN, infinite and negative values are not between.
        closed: Literal["right", "both"] = "right" if self.included else "both"
        beyond = self.time(roles).is_between(self.bound, sys.float_info.max, closed=closed)
        if len(roles.times) == 1:
            return beyond
        times = [pl.col("time_0"), pl.col("time_1")]
        return beyond & ~pl.any_horizontal(t.is_null() | ~t.is_finite() | (t < 0) for t in times)

    def wanted(self, roles: Roles) -> pl.Expr:
        """Return whether a row must be examined: within reach, of one commune, or invalid."""
        own = pl.col(PAIR[0]) == pl.col(PAIR[1])
        return self.beyond(roles).ne_missing(True) | own.fill_null(False)

    def minutes(self, time: pl.Expr) -> pl.Expr:
        """Return times in minutes, rounded once."""
        factor = PER_MINUTE[self.unit]
        if factor <= 1:
            return time * float(1 / factor) if factor < 1 else time
        # By a column: Polars multiplies by 1 / 60 in place of dividing by a lone 60, which rounds
        # twice and could put a time on the other side of a step.
        return time / (time * 0 + float(factor))


@dataclass
class Scan:
    """What one pass over a file found.

    Attributes
    ----------
    pairs : list of pl.DataFrame
        Valid pairs: origin, destination (Enum of the known communes, or String), minutes.
    unmatched : list of pl.DataFrame
        The same with codes as text, if a code is not a known one.
    rows, blank, not_computed, invalid : int
        Rows read, of which blank, not computed, without a valid time.
    as_text : bool
        Whether numbers were read as text.
    repeats : pl.DataFrame or None
        Rows left out of `pairs` because equal ones are there, each once, and how often (``more``):
        memory grows with what differs. None if few rows were read.
    """

    pairs: list[pl.DataFrame] = field(default_factory=list)
    unmatched: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    blank: int = 0
    not_computed: int = 0
    invalid: int = 0
    as_text: bool = False
    repeats: pl.DataFrame | None = None
    _held: int = field(default=0, init=False)
    _most: int = field(default_factory=lambda: _MOST_ROWS, init=False)

    def add(self, batch: pl.DataFrame, minutes: pl.Expr, codes: Sequence[pl.Expr]) -> None:
        """Add the valid pairs of a batch, and count the others.

        Parameters
        ----------
        batch : pl.DataFrame
            origin, destination as text, time_0, and time_1 and distance if the file has them.
        minutes : pl.Expr
            The time of a pair in minutes.
        codes : sequence of pl.Expr
            origin and destination as in `pairs`, null if unmatched.
        """
        times = [pl.col(name) for name in batch.columns if name.startswith("time_")]
        not_computed = pl.any_horizontal(t == NOT_COMPUTED for t in times)
        if "distance" in batch.columns:
            not_computed = not_computed | _no_distance(batch.schema)
        finite = pl.all_horizontal(t.is_finite() & (t >= 0) for t in times)
        absent, valid = batch.select(
            absent=not_computed.fill_null(False), valid=finite.fill_null(False)
        ).get_columns()
        usable = valid & ~absent
        if not usable.all():
            no_codes = pl.all_horizontal(pl.col(name).is_null() for name in PAIR)
            blank = int((batch.select(no_codes).to_series() & absent).sum())
            self.blank += blank
            self.not_computed += int(absent.sum()) - blank
            self.invalid += int((~valid & ~absent).sum())
            batch = batch.filter(usable)
        pairs = batch.select(*codes, minutes=minutes)
        if pairs["origin"].null_count() or pairs["destination"].null_count():
            unmatched = pairs["origin"].is_null() | pairs["destination"].is_null()
            text = batch.select(*PAIR).with_columns(pairs["minutes"])
            self.unmatched.append(text.filter(unmatched))
            pairs = pairs.filter(~unmatched)
        self.pairs.append(pairs)
        self._held += pairs.height
        if self._held >= self._most:
            self._fold()

    def _fold(self) -> None:
        """Hold equal rows once."""
        each, more = [*PAIR, "minutes"], pl.col("more")
        counted = pl.concat(self.pairs).group_by(each).agg(more=pl.len().cast(pl.Int64) - 1)
        self.pairs = [counted.select(each)]
        found = [counted.filter(more > 0), *([] if self.repeats is None else [self.repeats])]
        self.repeats = pl.concat(found).group_by(each).agg(more.sum())
        self._held = counted.height
        # Where most rows differ, the next time comes later: each row is looked at a few times.
        self._most = max(_MOST_ROWS, 2 * self._held)


def scan_pairs(
    file: OpenedFile, roles: Roles, reach: Reach, known: pl.Enum | None
) -> Scan | list[Fault]:
    """Read a file once, retaining the pairs within reach.

    Numbers are first parsed as such, which is faster. If a value is not a number, the file is read
    again as text, which tolerates spaces and quotation marks and lets the others be counted.

    Parameters
    ----------
    file : OpenedFile
    roles : Roles
    reach : Reach
    known : pl.Enum or None
        The commune codes; None accepts all.

    Returns
    -------
    Scan or list of Fault
    """
    return read_numbers_or_text(
        file, lambda as_text: _scan(file, roles, reach, known, as_text=as_text)
    )


def _scan(
    file: OpenedFile, roles: Roles, reach: Reach, known: pl.Enum | None, *, as_text: bool
) -> Scan:
    minutes, wanted = reach.minutes(reach.time(roles)), reach.wanted(roles)
    codes = code_columns(known, quoted=file.quoted)
    scan = Scan(as_text=as_text)
    waiting: list[pl.DataFrame] = []
    for batch in _batches(file, roles, reach, scan):
        waiting.append(batch.filter(wanted) if file.format == "CSV" else batch)
        if sum(frame.height for frame in waiting) >= _CHUNK_ROWS:
            scan.add(pl.concat(waiting), minutes, codes)
            waiting.clear()
    if waiting:
        scan.add(pl.concat(waiting), minutes, codes)
    return scan


def _batches(file: OpenedFile, roles: Roles, reach: Reach, scan: Scan) -> Iterator[pl.DataFrame]:
    """Yield the rows of a file, most of those beyond reach left out, and count all."""
    if file.format != "CSV":
        rows = scan_columns(file, roles, as_text=scan.as_text)
        scan.rows = rows.select(pl.len()).collect().item()
        # Codes of pairs that are not wanted are not even decoded.
        yield from _in_order(rows.filter(reach.wanted(roles)))
        return
    texts: Iterable[tuple[bytes | None, int]] = [(None, 0)]
    if are_selectable(file):
        texts = near_lines(file, roles, reach.bound)
    for text, left_out in texts:
        scan.rows += left_out
        for batch in _in_order(scan_columns(file, roles, as_text=scan.as_text, text=text)):
            scan.rows += batch.height
            yield batch


def _in_order(rows: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    return rows.collect_batches(engine="streaming", maintain_order=True)


def code_columns(known: pl.Enum | None, *, quoted: bool) -> list[pl.Expr]:
    """Return origin and destination as Enum of the known codes, or text; null if unmatched.

    Parameters
    ----------
    known : pl.Enum or None
        The commune codes; None accepts all.
    quoted : bool
        Whether the codes may stand in quotation marks.

    Returns
    -------
    list of pl.Expr
    """
    codes = []
    for name in PAIR:
        text = pl.col(name)
        if quoted:
            inner = text.str.strip_chars('"')
            # A single mark is no quotation: the value is reported as it stands.
            text = pl.when(text.str.len_bytes() - inner.str.len_bytes() != 1).then(inner)
        valid = pl.when(text.str.contains(COMMUNE_CODE)).then(text)
        codes.append((valid if known is None else text.cast(known, strict=False)).alias(name))
    return codes


def scan_columns(
    file: OpenedFile, roles: Roles, *, as_text: bool, row: str | None = None,
    text: bytes | None = None,
) -> pl.LazyFrame:  # fmt: skip
    """Scan the columns of a file: origin, destination as text; time_0, time_1, distance.

    Parameters
    ----------
    file : OpenedFile
    roles : Roles
    as_text : bool
        Whether numbers of CSV are read as text first, so that invalid ones become null.
    row : str, optional
        Name of a column of row numbers from 1 below the header. If given, the columns given_0 and
        given_1 hold the times as text.
    text : bytes, optional
        Lines of the file below a header, to scan in its place.

    Returns
    -------
    pl.LazyFrame
    """
    is_csv = file.format == "CSV"
    if is_csv:
        frame = scan_text(file, set() if as_text else set(roles.times), row, text)
        names = [f"c{k}" for k in range(len(file.names))]
    else:
        frame = scan_typed(file.path, file.format)
        frame = frame.with_row_index(row, 1) if row else frame
        names = [*file.names]
    schema = frame.collect_schema()
    columns = [pl.col(row)] if row else []
    columns += [_code(schema, names[getattr(roles, name)]).alias(name) for name in PAIR]
    for k, place in enumerate(roles.times):
        columns.append(time_column(schema, names[place]).alias(f"time_{k}"))
        if row:
            columns.append(pl.col(names[place]).cast(pl.String).alias(f"given_{k}"))
    if roles.distance is not None:
        name = names[roles.distance]
        # In CSV, distances are parsed for retained pairs only.
        columns.append((pl.col(name) if is_csv else _value(schema, name)).alias("distance"))
    return frame.select(columns)


def reverse_pairs(
    files: Sequence[tuple[OpenedFile, Roles, Scan]], pairs: pl.DataFrame, reach: Reach
) -> pl.DataFrame:
    """Read the pairs beyond reach whose reverse is within it.

    Parameters
    ----------
    files : sequence of (OpenedFile, Roles, Scan)
    pairs : pl.DataFrame
        The pairs within reach and the times of communes to themselves, codes as Enum.
    reach : Reach

    Returns
    -------
    pl.DataFrame
        With the columns of `pairs`.
    """
    found = [pairs.clear()]
    reverse = pairs.lazy().select(origin="destination", destination="origin")
    for file, roles, scan in files:
        rows = scan_columns(file, roles, as_text=scan.as_text).filter(reach.beyond(roles))
        if roles.distance is not None:
            rows = rows.filter(~_no_distance(rows.collect_schema()).fill_null(False))
        repair = scan.unmatched or file.quoted
        codes = (
            (repaired_code(name) if repair else pl.col(name)).cast(pairs.schema[name], strict=False)
            for name in PAIR
        )
        beyond = rows.select(*codes, minutes=reach.minutes(reach.time(roles)))
        # Times of communes to themselves are among the pairs.
        beyond = beyond.filter(pl.col(PAIR[0]) != pl.col(PAIR[1]))
        found.append(beyond.join(reverse, on=PAIR, how="semi").collect(engine="streaming"))
    return pl.concat(found)


def pair_key(one: pl.Expr, two: pl.Expr, size: int) -> pl.Expr:
    """Return one number for two communes of `size`, ascending by the first and then the second."""
    # Half the bytes sort in half the time.
    dtype = pl.UInt32 if size <= 2**16 else pl.UInt64
    return one.cast(dtype) * size + two.cast(dtype)


def _no_distance(schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """Return whether the distance marks a pair that was not computed."""
    is_text = schema["distance"] == pl.String
    return (parsed("distance") if is_text else pl.col("distance")) == NOT_COMPUTED


def scan_text(
    file: OpenedFile, typed: set[int], row: str | None = None, text: bytes | None = None
) -> pl.LazyFrame:
    """Scan a CSV file below its header: columns c0, c1 ..., those in `typed` as numbers.

    Parameters
    ----------
    file : OpenedFile
    typed : set of int
        Positions of the columns to parse as numbers.
    row : str, optional
        Name of a column of row numbers from 1.
    text : bytes, optional
        Lines of the file below a header of these names, to scan in its place.

    Returns
    -------
    pl.LazyFrame
    """
    schema = {f"c{k}": pl.Float64 if k in typed else pl.String for k in range(len(file.names))}
    header: dict[str, Any] = {"has_header": False, "skip_lines": 1} if text is None else {}
    return pl.scan_csv(
        file.path if text is None else text, **header, separator=file.separator, schema=schema,
        # Quotation marks around codes are removed later: parsing them costs time, and one that is
        # never closed would swallow rows.
        quote_char='"' if file.quoted_separators else None,
        decimal_comma=file.decimal_comma and file.separator != ",",
        # Bytes that are not UTF-8 lead to the second reading, as text: the first is faster.
        encoding="utf8" if typed else "utf8-lossy",
        row_index_name=row, row_index_offset=1, glob=False,
    )  # fmt: skip


def parsed(name: str) -> pl.Expr:
    """Parse a number with a point or a comma; null if it is none."""
    text = pl.col(name).cast(pl.String).str.strip_chars(_QUOTES).str.replace(",", ".", literal=True)
    return text.cast(pl.Float64, strict=False)


def _code(schema: Mapping[str, pl.DataType], name: str) -> pl.Expr:
    """Return a column of codes as text; those stored as numbers get their first zero back."""
    if schema[name].is_numeric():
        return pl.col(name).cast(pl.Int64).cast(pl.String).str.replace(r"^(\d{4})$", "0$1")
    return pl.col(name) if schema[name] == pl.String else pl.col(name).cast(pl.String)


def _value(schema: Mapping[str, pl.DataType], name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64) if schema[name].is_numeric() else parsed(name)


def time_column(schema: Mapping[str, pl.DataType], name: str) -> pl.Expr:
    """Return a column of times; a pair without one was not computed."""
    if schema[name].is_numeric():
        return pl.col(name).cast(pl.Float64).fill_nan(None).fill_null(NOT_COMPUTED)
    return pl.when(no_time(pl.col(name))).then(float(NOT_COMPUTED)).otherwise(parsed(name))
