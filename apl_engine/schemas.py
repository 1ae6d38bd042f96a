"""The input and output tables: columns, units, rules.

What a table must satisfy is stated here and nowhere else; `inputs` checks it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf, isnan
from typing import Literal, cast

import polars as pl
import polars.selectors as cs

from .errors import INVISIBLE, Fault, InputDataError, first
from .quoting import is_of_most, quotable

# A quantity is a number of 0 or more, a count a whole one.
Kind = Literal[
    "commune", "code", "text", "integer", "number", "flag", "band", "date", "quantity", "count"
]

# Paris as a whole has some 2.1 million inhabitants: more in one commune mean a lost thousands
# separator, or a total among the rows.
MOST_IN_A_COMMUNE = 2_500_000

# Marseille, Lyon and Paris as one commune each.
WHOLE_CITIES = ("13055", "69123", "75056")

COMMUNE_CODE = r"^(?:\d{2}|2[AB])\d{3}$"


def printable_codes(codes: pl.Series) -> pl.Series:
    """Return whether each code can be seen whole: some text, on one line, none of it invisible."""
    odd = codes.str.contains(f"{INVISIBLE}|[\r\n\t]") | codes.str.contains(r"^\s|\s$|^$")
    return ~odd


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Its name.
    kind : str
        What it holds: "commune", "code", "text", "integer", "number", "flag", "band" or "date".
    doc : str
        What it means, with its unit.
    required : bool
        Whether the table must have it.
    private : bool
        Whether its values describe a practitioner, so that they are never shown.
    low, high : float or None
        Smallest and largest value that can be right.
    pattern : str
        Regular expression that every value of a text column must match.
    expected : str
        The pattern in words.
    unit : str
        Of its numbers.
    """

    name: str
    kind: Kind
    doc: str
    required: bool = True
    private: bool = False
    low: float | None = None
    high: float | None = None
    pattern: str = ""
    expected: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes
    ----------
    name : str
        Its name.
    row : str
        What a row is, in words.
    columns : tuple of Column
        Its columns.
    key : tuple of str
        The columns that identify a row; empty if rows may repeat.
    either : tuple of str
        Columns of which exactly one must be present.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    either: tuple[str, ...] = ()

    @property
    def private(self) -> bool:
        """Return whether its rows are about persons, so that their values are not shown."""
        return any(column.private for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """Return the names of all columns."""
        return [column.name for column in self.columns]


def _commune(name: str, doc: str) -> Column:
    return Column(
        name, "commune", doc, pattern=COMMUNE_CODE, expected="a commune code of five characters"
    )


# Results name communes and territories: what identifies a person, in a column that was taken for
# theirs, must not become public. The SIREN of an intercommunality, of nine digits, begins with 2.
_NAME, _NO_PERSON = (
    r"^.{0,7}$|[^\d\s./:-]",
    "no number of eight digits or more and no date, which may be those of a person",
)

PRACTITIONERS = Table(
    "practitioners",
    "one practitioner at one practice",
    (
        Column("practitioner_id", "text", "any stable identifier; never leaves the process",
               private=True, pattern=r"\S", expected="an identifier"),
        _commune("commune", "commune of the practice"),
        Column("age", "integer", "completed years on the reference date of the methodology",
               required=False, private=True, low=18, high=110, unit="years"),
        Column("birth_date", "date", "in place of age", required=False, private=True),
        Column("acts", "number", "acts of the year at this practice", private=True, low=0,
               high=1e6, unit="acts"),
        Column("fees", "number", "fees of the year at this practice", private=True, low=0,
               high=1e8, unit="EUR"),
        Column("newly_installed", "flag", "whether installed within the year", private=True),
    ),
    ("practitioner_id", "commune"),
    ("age", "birth_date"),
)  # fmt: skip

POPULATION = Table(
    "population",
    "the inhabitants of one commune in one age band",
    (
        _commune("commune", "commune of residence"),
        Column("age_band", "band", "age band, completed years: 00-04, 05-09 ... 95+"),
        Column(
            "population",
            "number",
            "those that live there",
            low=0,
            high=MOST_IN_A_COMMUNE,
            unit="inhabitants",
        ),
    ),
    ("commune", "age_band"),
)

CONSUMPTION = Table(
    "consumption",
    "one age band of the whole population",
    (
        Column("age_band", "band", "age band, the same as in population"),
        Column(
            "fees", "number", "fees consumed in the year by that band", low=0, high=1e13, unit="EUR"
        ),
    ),
    ("age_band",),
)

TRAVEL_TIMES = Table(
    "travel_times",
    "one way from one commune to another",
    (
        _commune("origin", "commune of residence"),
        _commune("destination", "commune of the practice"),
        Column("minutes", "number", "travel time", low=0, unit="minutes"),
    ),
    ("origin", "destination"),
)

COMMUNES = Table(
    "communes",
    "one commune (arrondissement municipal in Paris, Lyon, Marseille)",
    (
        _commune("commune", "INSEE code"),
        Column("name", "text", "name", pattern=_NAME, expected=_NO_PERSON),
        Column("departement", "code", "INSEE code", required=False, pattern=r"^[0-9AB]{2,3}$",
               expected="a code of two or three characters"),
        Column("region", "code", "INSEE code", pattern=r"^[0-9]{2}$",
               expected="a region code of two characters, such as 52 or 01"),
        Column("territory", "code", "code of the bassin de vie or canton-ou-ville (BVCV)",
               pattern=rf"{_NAME}|^2\d{{8}}$", expected=_NO_PERSON),
        Column("territory_name", "text", "its name", pattern=_NAME, expected=_NO_PERSON),
        Column("territory_kind", "text", "what it is: bassin de vie, canton-ou-ville ...",
               required=False, pattern=_NAME, expected=_NO_PERSON),
        Column("population", "number", "inhabitants by the legal count; no figure uses them, but "
               "they are held against the table population", required=False, low=0,
               high=MOST_IN_A_COMMUNE, unit="inhabitants"),
        Column("lat", "number", "latitude, WGS 84", required=False, low=-90, high=90,
               unit="degrees"),
        Column("lon", "number", "longitude, WGS 84", required=False, low=-180, high=180,
               unit="degrees"),
    ),
    ("commune",),
)  # fmt: skip

INPUTS: dict[str, Table] = {
    table.name: table for table in (COMMUNES, PRACTITIONERS, POPULATION, CONSUMPTION, TRAVEL_TIMES)
}

# An input of a comparison, not of a run.
CONTRACTS = Table(
    "contracts",
    "one running contract",
    (
        Column("commune", "commune", "commune of the practice", private=True, pattern=COMMUNE_CODE,
               expected="a commune code of five characters"),
        Column("contract", "code", "CACCMK, CAIMK or CAMMK", private=True,
               pattern="^(CACCMK|CAIMK|CAMMK)$", expected="CACCMK, CAIMK or CAMMK"),
        Column("signed", "date", "day of the last signature", private=True),
        Column("ends", "date", "last day of its term", required=False, private=True),
    ),
    (),
)  # fmt: skip


# The record of a result: how each figure of the tables beside it was computed.
RECORD = "record.json"
# In the folder of a result: the days of effect that a user states. A result leaves it alone.
EFFECT_FILE = "effect.toml"

# Its tables.
_COMMUNES_OUT = Table(
    "communes",
    "one commune, by code",
    (
        Column("commune", "commune", "INSEE code"),
        Column("name", "text", "name"),
        Column("region", "code", "INSEE code"),
        Column("etp", "number", "full-time equivalents practising here", unit="ETP"),
        Column("practitioners", "integer",
               "their number; each is counted in every commune where they practise"),
        Column("population", "number", "those that live here", unit="inhabitants"),
        Column("standardised_population", "number", "the same, weighted by age",
               unit="standardised inhabitants"),
        Column("demand_reached", "number", "those that a practice here serves, by weight",
               unit="standardised inhabitants"),
        Column("apl", "number", "full-time equivalents within reach",
               unit="ETP per 100 000 standardised inhabitants"),
        Column("territory", "code", "code of the territory"),
        Column("territory_name", "text", "its name"),
        Column("zone", "code", "id of the class of the territory; null where it has none"),
    ),
    ("commune",),
)  # fmt: skip
_TERRITORIES_OUT = Table(
    "territories",
    "one territory, by code",
    (
        Column("territory", "code", "code of the bassin de vie or canton-ou-ville"),
        Column("territory_name", "text", "its name"),
        Column("region", "code", "region of attribution (article 4.3), INSEE code"),
        Column("communes", "integer", "number of communes"),
        Column("etp", "number", "full-time equivalents practising here", unit="ETP"),
        Column("practitioners", "integer", "their number, each counted once"),
        Column("population", "number", "those that live here", unit="inhabitants"),
        Column("standardised_population", "number", "the same, weighted by age",
               unit="standardised inhabitants"),
        Column("apl", "number", "weighted mean of its communes; null if the weights add up to 0",
               unit="ETP per 100 000 standardised inhabitants"),
        Column("rank", "integer", "by rising APL; null where not ranked"),
        Column("cumulative_share", "number",
               "share of the population up to this rank, itself included", unit="%"),
        Column("zone", "code", "id of the class; null where it has none"),
        Column("zone_reason", "text",
               "ranked, imposed (and why), no inhabitants, or no standardised inhabitants"),
    ),
    ("territory",),
)  # fmt: skip
_REGIONS_OUT = Table(
    "regions",
    "one class in one region, the country last",
    (
        Column("region", "code", "INSEE code; FR for the whole"),
        Column("region_name", "text", "its name in the table of article VI"),
        Column("zone", "code", "id of the class"),
        Column("population", "number", "those of the territories attributed to the region",
               unit="inhabitants"),
        Column("share", "number", "share of the region's population", unit="%"),
        Column("communes", "integer", "number of communes"),
        Column("territories", "integer", "number of territories"),
    ),
    ("region", "zone"),
)  # fmt: skip

OUTPUT_TABLES: dict[str, Table] = {
    table.name: table for table in (_COMMUNES_OUT, _TERRITORIES_OUT, _REGIONS_OUT)
}
OUTPUTS: dict[str, dict[str, Column]] = {
    name: {column.name: column for column in table.columns} for name, table in OUTPUT_TABLES.items()
}


@dataclass(frozen=True)
class AgeBand:
    """An age band.

    Attributes
    ----------
    low : int
        Lowest age, completed years.
    high : int or None
        Highest age, completed years; None for the open last band.
    """

    low: int
    high: int | None

    def __str__(self) -> str:
        return f"{self.low:02d}+" if self.high is None else f"{self.low:02d}-{self.high:02d}"


def age_bands(years: int, last: int) -> list[AgeBand]:
    """Return bands of `years` years from 0, the last one open from age `last`."""
    closed = [AgeBand(low, min(low + years, last) - 1) for low in range(0, last, years)]
    return [*closed, AgeBand(last, None)]


_CLOSED = re.compile(r"^\s*(\d{1,3})\s*(?:-|–|à|a|_)\s*(\d{1,3})(?:\s*ans)?\s*$")
_OPEN = re.compile(r"^\s*(\d{1,3})\s*(?:\+|(?:ans )?(?:et|ou) (?:plus|\+)|-|_)\s*$")


def parse_age_band(text: str) -> AgeBand | None:
    """Return the age band that a text denotes, or None.

    Parameters
    ----------
    text : str
        Such as ``00-04``, ``0-4``, ``5 à 9 ans``, ``95+`` or ``95 ans et plus``.

    Returns
    -------
    AgeBand or None
    """
    if closed := _CLOSED.match(text):
        low, high = int(closed[1]), int(closed[2])
        return AgeBand(low, high) if low <= high <= 130 else None
    if last := _OPEN.match(text):
        return AgeBand(int(last[1]), None)
    return None


# --- tables of any library, brought to these columns --------------------------------------------

# `read_inputs` delivers tables of the right types; a caller of a single step may not. The kernels
# index by row number, so a column of codes of another order or type would link the wrong communes.
_TEXT = (pl.String, pl.Categorical, pl.Enum)
_TYPES: dict[Kind, type[pl.DataType]] = {
    "number": pl.Float64,
    "integer": pl.Float64,
    "quantity": pl.Float64,
    "count": pl.Float64,
    "flag": pl.Boolean,
    "date": pl.Date,
}
# The product of two quantities, added up over all communes, is a finite number.
_LIMITS: dict[Kind, Column] = {
    "quantity": Column("", "number", "a number of 0 or more", low=0, high=2.0**300),
    "count": Column("", "integer", "a whole number of 0 or more", low=0, high=2.0**53),
}
# What of a column each kind of fault states.
_STATED = {
    "above_maximum": ("high", "doc"),
    "below_minimum": ("low", "doc"),
    "infinite": ("doc",),
    "negative_value": ("doc",),
    "not_whole": ("doc",),
    "unexpected_value": ("expected", "doc"),
}


def stated(kind: str, column: Column) -> dict[str, object]:
    """Return what of a column a kind of fault states, as its details."""
    return {name: getattr(column, name) for name in _STATED.get(kind, ())}


def wrong_numbers(column: Column, values: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    """Yield each kind of fault that numbers of a column may have, with the rows that have it."""
    yield "nan", values.is_nan()
    yield "infinite", values.is_infinite()
    finite = values.is_finite()
    if column.kind == "integer":
        yield "not_whole", finite & (values != values.round())
    if column.low is not None:
        kind = "negative_value" if column.low == 0 else "below_minimum"
        yield kind, finite & (values < column.low)
    if column.high is not None:
        yield "above_maximum", finite & (values > column.high)


def _number_faults(table: str, name: str, column: Column, given: pl.Series) -> Iterator[Fault]:
    """Yield the faults of the numbers of a column, without their values."""
    values = given if given.dtype == pl.Float64 else given.cast(pl.Float64)
    least, most = cast("float | None", values.min()), cast("float | None", values.max())
    if least is None or most is None:
        return
    low, high = (-inf if column.low is None else column.low), column.high
    # Those that are no number are found by the sum alone.
    in_range = low <= least and most < inf and (high is None or most <= high)
    whole = column.kind != "integer" or given.dtype.is_integer() or (values == values.round()).all()
    if in_range and whole and not isnan(values.sum()):
        return
    for kind, wrong in wrong_numbers(column, values):
        if count := int(wrong.sum()):
            yield Fault(
                f"{table}.{kind}", table, column=name, count=count, details=stated(kind, column)
            )


def table_of(
    given: object,
    table: Table,
    names: Iterable[str],
    codes: Mapping[str, pl.Enum] | None = None,
) -> pl.DataFrame:
    """Return an input table with the columns of a step: numbers as float64, codes as Enums.

    Parameters
    ----------
    given : object
        A frame of any library that speaks the Arrow C interface.
    table : Table
        What it is.
    names : iterable of str
        The columns needed.
    codes : mapping of str to pl.Enum, optional
        The codes that columns may hold, in the order of the rows that they stand for.

    Returns
    -------
    pl.DataFrame
        The frame itself if it is one that `read_inputs` made.

    Raises
    ------
    InputDataError
        It is no table, columns are absent or of another type, numbers are out of the range of
        their column, or codes are unknown.
    """
    frame = to_frame(given, table.name)
    columns = {name: table[name] for name in names}
    kinds = {name: column.kind for name, column in columns.items()}
    limits = {name: column for name, column in columns.items() if column.low is not None}
    typed = _typed(frame, table.name, kinds, limits=limits)
    return _as_codes(typed, table, codes) if codes else typed


def communes_of(given: object) -> tuple[pl.DataFrame, pl.Enum]:
    """Return the table communes sorted by code, and the codes in that order.

    Parameters
    ----------
    given : object
        A table with a column ``commune``.

    Raises
    ------
    InputDataError
        It is no table of communes, or a code stands in several rows.
    """
    frame = to_frame(given, COMMUNES.name)
    dtype = enum_of(frame["commune"]) if "commune" in frame.columns else None
    if dtype is not None and in_order(frame["commune"], dtype) and _is_ascending(dtype):
        return frame, dtype
    frame = table_of(frame, COMMUNES, ["commune"])
    text = frame["commune"].cast(pl.String)
    repeated = text.filter(text.is_duplicated()).unique().sort()
    foreign = is_of_most(int((~text.str.contains(COMMUNE_CODE)).sum()), len(text))
    shown = repeated.to_list()
    _refuse("communes.duplicate_key", COMMUNES, "commune", shown, foreign=foreign)
    ordered = frame.with_columns(text).sort("commune")
    codes = pl.Enum(ordered["commune"])
    return ordered.with_columns(pl.col("commune").cast(codes)), codes


def in_order(codes: pl.Series, enum: pl.Enum) -> bool:
    """Return whether codes are all categories of their type, in its order."""
    size = len(enum.categories)
    return len(codes) == size and codes.to_physical().equals(
        pl.int_range(size, eager=True), check_dtypes=False
    )


def _is_ascending(enum: pl.Enum) -> bool:
    """Return whether the categories of a type are in the order of their text."""
    return enum.categories.is_sorted()


def to_frame(given: object, table: str) -> pl.DataFrame:
    """Return a table of any library that speaks the Arrow C interface as a Polars frame.

    Parameters
    ----------
    given : object
        A frame of Polars, pandas, PyArrow, DuckDB ..., or a mapping of names to columns.
    table : str
        Its name, for the fault.

    Raises
    ------
    InputDataError
        It cannot be read as a table.
    """
    if isinstance(given, pl.DataFrame):
        return given
    try:
        if isinstance(given, pl.LazyFrame):
            return given.collect()
        if given is None or isinstance(given, str | bytes | int | float):
            raise TypeError
        return pl.DataFrame(given)  # type: ignore[arg-type]
    except Exception as error:  # whatever the library that made it raises
        details = {"type": type(given).__name__, "reason": type(error).__name__}
    # Raised alone: what that library says may quote a row.
    raise InputDataError(Fault(f"{table}.not_a_table", table, details=details))


def typed_columns(
    given: object,
    table: str,
    kinds: Mapping[str, Kind],
    *,
    nullable: Iterable[str] = (),
    optional: Iterable[str] = (),
    cast_numbers: bool = True,
    identified: Table | None = None,
) -> pl.DataFrame:
    """Return a table with columns of these kinds, numbers as float64 and text as plain text.

    Parameters
    ----------
    given : object
        A frame of any library that speaks the Arrow C interface.
    table : str
        Its name, for the faults.
    kinds : mapping of str to str
        The columns needed, see `schemas.Column`.
    nullable : iterable of str
        Columns that may hold nulls.
    optional : iterable of str
        Columns that may be absent.
    cast_numbers : bool
        Whether numbers are cast to float64; otherwise they stay of their type.
    identified : Table, optional
        Its key identifies the rows: there must be some, and no two of the same key.

    Raises
    ------
    InputDataError
        It is no table; or every column that is absent, of another type, has nulls, or quantities
        that are none; or it has no rows, or two of the same key.
    """
    frame = to_frame(given, table)
    limits = {name: _LIMITS[kind] for name, kind in kinds.items() if kind in _LIMITS}
    typed = _typed(frame, table, kinds, nullable, optional, cast_numbers, limits)
    if identified is not None:
        _check_key(typed, table, identified)
    return typed


def _check_key(frame: pl.DataFrame, table: str, identified: Table) -> None:
    """Refuse a table without rows, or with two of the same key."""
    if frame.is_empty():
        raise InputDataError(Fault(f"{table}.no_rows", table))
    columns = identified.key
    keys = frame.select(columns)
    enum = enum_of(frame[columns[0]]) if len(columns) == 1 else None
    if enum is not None and in_order(frame[columns[0]], enum):
        return
    if keys.n_unique() < frame.height:
        raise InputDataError(duplicate_fault(identified, table, int(keys.is_duplicated().sum())))


def duplicate_fault(identified: Table, table: str = "", count: int | None = None) -> Fault:
    """Return the fault of rows with the same key."""
    name = table or identified.name
    details = {"columns": identified.key, "row": identified.row}
    column = identified.key[0] if len(identified.key) == 1 else None
    return Fault(f"{name}.duplicate_key", name, column=column, count=count, details=details)


def _typed(
    frame: pl.DataFrame,
    table: str,
    kinds: Mapping[str, Kind],
    nullable: Iterable[str] = (),
    optional: Iterable[str] = (),
    cast_numbers: bool = True,
    limits: Mapping[str, Column] | None = None,
) -> pl.DataFrame:
    """Return the columns of a frame as `typed_columns` does, numbers within their limits."""
    schema = _types(frame)
    faults: list[Fault] = []
    casts: list[pl.Expr] = []
    for name, kind in kinds.items():
        if name not in schema:
            if name in optional:
                continue
            details: dict[str, object] = {"columns": tuple(frame.columns[:10])}
            faults.append(Fault(f"{table}.missing_column", table, column=name, details=details))
            continue
        dtype = schema[name]
        if dtype == pl.Null and name in nullable:
            casts.append(pl.col(name).cast(_TYPES.get(kind, pl.String)))
        elif not _fits(kind, dtype):
            expected = "number" if kind in _LIMITS else kind
            details = {"expected": expected, "type": str(frame[name].dtype)}
            faults.append(Fault(f"{table}.wrong_type", table, column=name, details=details))
        elif name not in nullable and (nulls := frame[name].null_count()):
            faults.append(Fault(f"{table}.no_value", table, column=name, count=nulls))
        elif _TYPES.get(kind) == pl.Float64:
            if limits and name in limits:
                faults += _number_faults(table, name, limits[name], frame[name])
            if cast_numbers and dtype != pl.Float64:
                casts.append(pl.col(name).cast(pl.Float64))
        elif kind == "text" and dtype != pl.String:
            # Categories sort in an order of their own.
            casts.append(pl.col(name).cast(pl.String))
    if faults:
        raise InputDataError(faults)
    return frame.with_columns(casts) if casts else frame


def _types(frame: pl.DataFrame) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Return the type of each column, of an Enum its class alone; see `enum_of`."""
    others = frame.select(~cs.enum()).schema
    return {name: others.get(name, pl.Enum) for name in frame.columns}


# Columns without rows, and their types.
_enums: deque[tuple[pl.Series, pl.Enum]] = deque(maxlen=4)


def enum_of(column: pl.Series) -> pl.Enum | None:
    """Return the type of a column if it is an Enum.

    Polars checks all codes of an Enum anew for each one that it returns, which takes milliseconds
    for those of all communes: the last ones are kept.
    """
    empty = column.head(0)
    for known, enum in tuple(_enums):
        if known.equals(empty, check_dtypes=True):
            return enum
    dtype = column.dtype
    if not isinstance(dtype, pl.Enum):
        return None
    _enums.append((empty, dtype))
    return dtype


def _fits(kind: Kind, dtype: pl.DataType | type[pl.DataType]) -> bool:
    if _TYPES.get(kind) == pl.Float64:
        return dtype.is_numeric()
    return dtype == _TYPES[kind] if kind in _TYPES else dtype in _TEXT


def _as_codes(frame: pl.DataFrame, table: Table, known: Mapping[str, pl.Enum]) -> pl.DataFrame:
    """Return the frame with columns of codes as Enums of the codes known: text and row number."""
    casts, faults = [], []
    for name, codes in known.items():
        given = frame[name]
        if (enum := enum_of(given)) is codes or enum == codes:
            continue
        text = given.cast(pl.String)
        cast = text.cast(codes, strict=False)
        if cast.null_count():
            wrong = text.filter(cast.is_null())
            kind = "unknown_age_band" if name == "age_band" else "unknown_commune"
            values = [] if table.private else wrong.drop_nulls().unique().sort().to_list()
            foreign = is_of_most(len(wrong), len(text))
            shown = quotable(values, table[name].kind, foreign=foreign)
            fault = Fault(
                f"{table.name}.{kind}",
                table.name,
                column=name,
                count=len(wrong),
                values=first(shown, 3),
                withheld=len(shown) < len(values),
            )
            faults.append(fault)
        casts.append(cast)
    if faults:
        raise InputDataError(faults)
    return frame.with_columns(casts) if casts else frame


def bands_of(given: object) -> tuple[pl.DataFrame, pl.Enum]:
    """Return the table consumption sorted by age, and its age bands in that order.

    Parameters
    ----------
    given : object
        A table with columns ``age_band`` and ``fees``.

    Raises
    ------
    InputDataError
        It is no such table, it has no rows, a text is no age band, or a band stands in several
        rows.
    """
    frame = table_of(given, CONSUMPTION, ["age_band", "fees"])
    dtype = enum_of(frame["age_band"])
    if dtype is None or not _is_by_age(dtype):
        text = frame["age_band"].cast(pl.String)
        read = {spelling: parse_age_band(spelling) for spelling in text}
        wrong = [spelling for spelling, band in read.items() if band is None]
        foreign = is_of_most(len(wrong), len(read))
        _refuse("consumption.not_an_age_band", CONSUMPTION, "age_band", wrong, foreign=foreign)
        lows = {spelling: band.low for spelling, band in read.items() if band}
        dtype = pl.Enum(sorted(lows, key=lows.__getitem__))
        frame = frame.with_columns(text.cast(dtype))
    repeated = frame["age_band"].filter(frame["age_band"].is_duplicated()).unique().sort()
    _refuse("consumption.duplicate_key", CONSUMPTION, "age_band", repeated.to_list())
    frame = frame.sort("age_band")
    if frame.is_empty():
        raise InputDataError(Fault("consumption.no_rows", CONSUMPTION.name))
    if not in_order(frame["age_band"], dtype):
        # A band without fees would have no row for the inhabitants that it counts.
        dtype = pl.Enum(frame["age_band"].cast(pl.String))
        frame = frame.with_columns(pl.col("age_band").cast(pl.String).cast(dtype))
    return frame, dtype


def _is_by_age(bands: pl.Enum) -> bool:
    """Return whether the categories of a type are age bands from the youngest on."""
    read = [parse_age_band(band) for band in bands.categories]
    lows = [band.low for band in read if band]
    return len(lows) == len(read) and lows == sorted(lows)


def _refuse(
    code: str, table: Table, column: str, values: list[str], *, foreign: bool = False
) -> None:
    if values:
        shown = quotable(values, table[column].kind, foreign=foreign)
        details = {"columns": (column,), "row": table.row}
        fault = Fault(
            code,
            table.name,
            column=column,
            count=len(values),
            values=first(shown, 3),
            withheld=len(shown) < len(values),
            details=details,
        )
        raise InputDataError(fault)
