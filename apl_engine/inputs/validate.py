"""One table against its schema: read with the right types, every fault listed."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from ..errors import CONTROL, INVISIBLE, Fault, Note, first
from ..schemas import (
    COMMUNES,
    TRAVEL_TIMES,
    AgeBand,
    Column,
    Table,
    duplicate_fault,
    parse_age_band,
)
from .describe import NO_VALUE, describe
from .names import is_data
from .overseas import is_overseas
from .tables import EXAMPLES, READING_ERRORS, Source, reading, recoded, table_fault
from .text_file import ESCAPED

if TYPE_CHECKING:
    from .travel_times import Limit

# Of a commune, also without its leading zero.
_CODE = r"\d{4,5}|2[ABab]\d{3}"
_TRUE = ("true", "1", "oui", "vrai", "yes", "o", "v", "t", "y")
_FALSE = ("false", "0", "non", "faux", "no", "n", "f")
# Doubts about a table as a whole; no column is named so.
_LONG_NUMBER = r"^\s*\d[\d\s./:-]{7}"
_SPACES, _REPEATED = "(spaces)", "(repeated keys)"


@dataclass
class CheckedTable:
    """A table read with the types of its schema, and what was wrong or worth a note.

    Attributes
    ----------
    frame : pl.DataFrame or None
        The rows; a value that could not be read is null, and has its fault. None if there are no
        rows to read.
    faults : list of Fault
        All that is wrong.
    notes : list of Note
        What was matched by rule or ignored.
    """

    frame: pl.DataFrame | None
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class Categories:
    """Values that other tables have established, as Enums: text and row number at once.

    Attributes
    ----------
    communes : pl.Enum or None
        The commune codes, sorted; None until the table of communes is read.
    bands : pl.Enum or None
        The age bands, as `AgeBand` writes them; None until consumption is read.
    limit : Limit or None
        Pairs of travel times beyond it need no known code; None if all do.
    """

    communes: pl.Enum | None = None
    bands: pl.Enum | None = None
    limit: Limit | None = None
    _reads: dict[tuple[str, ...], pl.Expr] = field(default_factory=dict, repr=False, compare=False)

    def read(self, kind: str, names: tuple[str, ...]) -> pl.Expr | None:
        """Return the expression that reads all columns of a kind; None if its values are not known.

        Made once for all tables: Polars takes milliseconds to take over an Enum of all communes.
        """
        values = {"commune": self.communes, "band": self.bands}.get(kind)
        if values is not None and names not in self._reads:
            if kind == "commune":
                # With NumPy, which another thread may import while the first tables are read.
                from .codes import read_codes

                self._reads[names] = read_codes(list(names), values)
            else:
                self._reads[names] = pl.col(names).cast(pl.String).cast(values, strict=False)
        return self._reads.get(names)


def check_table(table: Table, source: Source, known: Categories = Categories()) -> CheckedTable:
    """Read a table and check its columns, values and key.

    Parameters
    ----------
    table : Table
        Its schema.
    source : Source
        The table, opened.
    known : Categories
        Communes and age bands; a column of a kind that is None is read as text.

    Returns
    -------
    CheckedTable
    """
    return check_tables([(table, source)], known)[0]


def check_tables(
    opened: Sequence[tuple[Table, Source]], known: Categories = Categories()
) -> list[CheckedTable]:
    """Read several tables at once and check the columns, values and key of each.

    One pass over all of them tells whether anything may be wrong; what it is, is only worked out
    for the columns in doubt.

    Parameters
    ----------
    opened : sequence of (Table, Source)
        Schemas and tables.
    known : Categories
        As for `check_table`.

    Returns
    -------
    list of CheckedTable
        In the order given.
    """
    planned = [plan_reading(table, source, known) for table, source in opened]
    checked = [CheckedTable(None, faults) for faults, _ in planned]
    opened = list(opened)
    reads = _read_all(opened, [plan for _, plan in planned], known)
    work: list[tuple[Table, Source, CheckedTable, pl.DataFrame]] = []
    for (table, source), result, data in zip(opened, checked, reads, strict=True):
        if isinstance(data, Fault):
            result.faults.append(data)
        elif data is not None and data.height == 0:
            result.faults.append(table_fault(table.name, "no_rows"))
        elif data is not None:
            data, result.notes = _convert_bands(table, data, source, known)
            work.append((table, source, result, data))
    doubts = pl.collect_all(
        [data.lazy().select(_doubts(table, data.columns, known)) for table, _, _, data in work]
    )
    for (table, source, result, data), raised in zip(work, doubts, strict=True):
        _settle(table, source, result, data, raised.row(0, named=True), known)
    return checked


def _read_all(
    opened: list[tuple[Table, Source]], plans: Sequence[pl.LazyFrame | None], known: Categories
) -> list[pl.DataFrame | Fault | None]:
    """Read all tables that have a plan; a fault in place of one that cannot be read.

    A file that is not UTF-8 is opened again in its encoding.
    """
    try:
        rows = iter(
            pl.collect_all([plan for plan in plans if plan is not None], engine="streaming")
        )
        return [None if plan is None else next(rows) for plan in plans]
    except READING_ERRORS:
        pass
    reads: list[pl.DataFrame | Fault | None] = []
    for number, plan in enumerate(plans):
        table, source = opened[number]
        read = None if plan is None else _read_one(table, source, plan)
        if isinstance(read, Fault) and read.code == f"{table.name}.not_utf8":
            other = recoded(source, table.names)
            plan = plan_reading(table, other, known)[1] if other else None
            if other and plan is not None:
                opened[number] = table, other
                read = _read_one(table, other, plan)
        reads.append(read)
    return reads


def _read_one(table: Table, source: Source, plan: pl.LazyFrame) -> pl.DataFrame | Fault:
    name = source.path.name if source.path else "the frame"
    return reading(table.name, name, source.format, lambda: plan.collect(engine="streaming"))


def _settle(
    table: Table,
    source: Source,
    result: CheckedTable,
    data: pl.DataFrame,
    doubts: dict[str, Any],
    known: Categories,
) -> None:
    """Complete a checked table: work out what is wrong where there is doubt."""
    columns = [table[name] for name in data.columns]
    notes = [*source.notes, *_ignored(table, source.frame.collect_schema())]
    data, repaired = _without_spaces(table, source, data, columns, doubts)
    if repaired:
        notes += repaired
        doubts = data.select(_doubts(table, data.columns, known)).row(0, named=True)
    if table is TRAVEL_TIMES and len(columns) == len(table.columns):
        _settle_pairs(source, result, data, doubts, known)
        result.notes = [*notes, *result.notes]
        return
    omitted, left_out = _overseas(table, source, columns, data, doubts, known)
    notes += left_out
    for column in columns:
        if doubts[column.name]:
            codes = known.communes
            result.faults += describe(table, column, source, data[column.name], codes, omitted)
    rows = None
    if omitted is not None:
        rows, data = (~omitted).arg_true(), data.filter(~omitted)
        if data.is_empty() and not result.faults:
            result.faults.append(table_fault(table.name, "no_rows"))
    if not result.faults and doubts[_REPEATED]:
        result.faults += _duplicates(table, data, known, rows)
    if not result.faults:
        whole = [column.name for column in columns if column.kind == "integer"]
        data = data.with_columns(pl.col(whole).cast(pl.Int64)) if whole else data
    result.frame, result.notes = data, [*notes, *result.notes]


def _overseas(
    table: Table,
    source: Source,
    columns: Sequence[Column],
    data: pl.DataFrame,
    doubts: dict[str, Any],
    known: Categories,
) -> tuple[pl.Series | None, list[Note]]:
    """Return the rows of overseas collectivities, which the table communes does not have."""
    names = [c.name for c in columns if c.kind == "commune" and doubts[c.name]]
    if known.communes is None or not names or table is COMMUNES:
        return None, []
    given = source.frame.select(pl.col(names).cast(pl.String)).collect()
    unknown = [data[name].is_null() & given.select(is_overseas(pl.col(name))).to_series()
               for name in names]  # fmt: skip
    omitted = functools.reduce(operator.or_, unknown)
    count = int(omitted.sum())
    if not count:
        return None, []
    details: dict[str, object] = {"table": table.name}
    for name in ("acts", "population"):
        if name in data.columns:
            details[name] = float(data.filter(omitted)[name].fill_nan(0).sum())
    code = f"{table.name}.overseas_collectivities"
    return omitted, [Note(code, count, warning=True, details=details)]


def _settle_pairs(
    source: Source,
    result: CheckedTable,
    data: pl.DataFrame,
    doubts: dict[str, Any],
    known: Categories,
) -> None:
    """Complete a table of travel times: only its rows that count need be right."""
    from .travel_times import TablePairs, keep_once

    result.notes = _from_numbers(source.frame.collect_schema())
    in_doubt = any(doubts[name] for name in data.columns)
    if in_doubt:
        pairs = TablePairs(known.limit)
        data, result.faults = pairs.add(data, source, known.communes)
        result.faults += pairs.faults()
        result.notes += pairs.notes()
    if not result.faults and (in_doubt or doubts[_REPEATED]):
        data, result.faults, repeated = keep_once(data, known.limit)
        result.notes += repeated
    result.frame = data


def _from_numbers(schema: pl.Schema) -> list[Note]:
    """Report codes of travel times stored as numbers."""
    typed = [c.name for c in TRAVEL_TIMES.columns if c.kind == "commune" and _is_number(schema, c)]
    code = f"{TRAVEL_TIMES.name}.codes_from_numbers"
    return [Note(code, len(typed), tuple(typed), warning=True)] if typed else []


def _is_number(schema: pl.Schema, column: Column) -> bool:
    return schema[column.name].is_numeric()


def plan_reading(
    table: Table, source: Source, known: Categories
) -> tuple[list[Fault], pl.LazyFrame | None]:
    """Return the faults of the columns of a table, and a plan that reads the others.

    Parameters
    ----------
    table, source, known
        As for `check_table`.

    Returns
    -------
    list of Fault, pl.LazyFrame or None
        The plan gives null if a value cannot be read; None if no column can be read.
    """
    schema = source.frame.collect_schema()
    present = [column for column in table.columns if column.name in schema]
    faults, readable = _missing_columns(table, schema.names()), []
    for column in present:
        if fault := _wrong_type(table, column, schema[column.name]):
            faults.append(fault)
        else:
            readable.append(column)
    if not readable:
        return faults, None
    plan = source.frame.select(_reads(readable, schema, source, known))
    return faults, plan.select(column.name for column in readable)


def _missing_columns(table: Table, names: list[str]) -> list[Fault]:
    if not set(names) & set(table.names) and is_data(names):
        # A row of a list ends with a time.
        codes = all(re.fullmatch(_CODE, name.strip()) for name in names[1:])
        if table.name == TRAVEL_TIMES.name and len(names) > 2 and codes:
            return [table_fault(table.name, "square_matrix")]
        return [table_fault(table.name, "no_header", expected=tuple(table.names))]
    columns = _shown_columns(table, names)
    faults = []
    for column in table.columns:
        if not column.required or column.name in names:
            continue
        similar = next((name for name in names if name.strip().lower() == column.name), None)
        kind = "misspelled_column" if similar else "missing_column"
        details: dict[str, object] = {"present": similar} if similar else {"columns": columns}
        faults.append(table_fault(table.name, kind, column.name, **details))
    count = sum(name in names for name in table.either)
    if table.either and count != 1:
        kind = "several_of_either" if count else "missing_either"
        fault = table_fault(table.name, kind, either=table.either, columns=columns)
        faults.append(replace(fault, details={**fault.details, "first": table.either[0]}))
    return faults


def _shown_columns(table: Table, names: list[str]) -> tuple[str, ...]:
    """Return the columns that a message may name.

    In a file without a header, the first row is taken for the names: if rows are about persons,
    only names of the schema are shown.
    """
    if not table.private:
        return tuple(names)
    shown = tuple(name for name in names if name in table.names)
    withheld = len(names) - len(shown)
    return (
        (*shown, f"{withheld} not shown, as they may hold data of persons") if withheld else shown
    )


def _ignored(table: Table, schema: pl.Schema) -> list[Note]:
    extra = [name for name in schema.names() if name not in table.names]
    if not extra:
        return []
    code, shown = f"{table.name}.columns_ignored", () if table.private else first(extra)
    return [Note(code, len(extra), shown, details={"table": table.name})]


def _wrong_type(table: Table, column: Column, dtype: pl.DataType) -> Fault | None:
    """Return the fault of a column whose type alone shows that it is wrong."""
    is_text = dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)
    expected: dict[str, object] = {}
    if column.kind in ("commune", "code", "text", "band"):
        if is_text or (column.name == "practitioner_id" and dtype.is_integer()):
            return None
        is_code = column.kind in ("commune", "code") and dtype.is_numeric()
        if is_code and table is TRAVEL_TIMES:
            # As in a matrix of travel times that is imported, they get their first zero back.
            return None
        kind = "codes_as_numbers" if is_code else "not_text"
    else:
        fits = {
            "number": dtype.is_numeric(),
            "integer": dtype.is_numeric(),
            "flag": dtype.is_integer() or dtype == pl.Boolean,
            "date": dtype in (pl.Date, pl.Datetime),
        }
        if is_text or fits[column.kind]:
            return None
        kind, expected = "wrong_type", {"expected": column.kind}
    return table_fault(table.name, kind, column.name, type=str(dtype), **expected)


def _reads(
    columns: list[Column], schema: pl.Schema, source: Source, known: Categories
) -> Iterator[pl.Expr]:
    """Yield the expressions that read columns; one for all columns of one Enum, which is faster."""
    for kind in ("commune", "band"):
        names = tuple(column.name for column in columns if column.kind == kind)
        if names and (values := known.read(kind, names)) is not None:
            yield values
    for column in columns:
        if _enum(column, known) is None:
            yield _read(column, schema[column.name], source).alias(column.name)


def _read(column: Column, dtype: pl.DataType, source: Source) -> pl.Expr:
    """Return the expression that reads a column; a value that cannot be read becomes null."""
    value = pl.col(column.name)
    text = value if dtype == pl.String else value.cast(pl.String)
    if column.kind in ("commune", "code", "text", "band"):
        escaped = source.format == "CSV" and column.kind in ("code", "text")
        return text.str.replace(ESCAPED, "$1") if escaped else text
    if column.kind == "flag":
        return value if dtype == pl.Boolean else _flag(text)
    is_text = not (dtype.is_numeric() or dtype.is_temporal())
    if column.kind == "date":
        return text.str.to_date("%Y-%m-%d", strict=False) if is_text else value.cast(pl.Date)
    if is_text:
        value = text.str.strip_chars()
        if source.decimal_comma:
            value = value.str.replace(",", ".", literal=True)
    return value.cast(pl.Float64, strict=False)


def _enum(column: Column, known: Categories) -> pl.Enum | None:
    """Return the values that a column may have, if they are known."""
    return {"commune": known.communes, "band": known.bands}.get(column.kind)


def _without_spaces(
    table: Table,
    source: Source,
    data: pl.DataFrame,
    columns: Sequence[Column],
    doubts: dict[str, Any],
) -> tuple[pl.DataFrame, list[Note]]:
    """Remove spaces around codes and names, and between the thousands of numbers in text.

    'T1 ' and 'T1' are one territory; 1 234 with any space is a number.
    """
    notes = []
    schema = source.frame.collect_schema()
    for column in columns:
        before = data[column.name]
        if column.kind in ("code", "text") and doubts[_SPACES]:
            kind, after = "spaces_removed", before.str.strip_chars()
            count = int((before.str.len_bytes() != after.str.len_bytes()).sum())
        elif column.kind in ("number", "integer") and doubts[column.name]:
            if schema[column.name].is_numeric() or not before.null_count():
                continue
            kind, after = "thousands_joined", _joined(source, column.name)
            count = int((before.is_null() & after.is_not_null()).sum())
            after = before.zip_with(before.is_not_null(), after)
        else:
            continue
        if count:
            data = data.with_columns(after.alias(column.name))
            details = {"table": table.name, "column": column.name}
            notes.append(Note(f"{table.name}.{kind}", count, details=details))
    return data, notes


# Spaces between thousands, such as the thin ones of French typography.
_THOUSANDS = r"^[+-]?\d{1,3}(?:\s\d{3})+(?:[.,]\d*)?$"


def _joined(source: Source, name: str) -> pl.Series:
    """Return the numbers of a column whose thousands are separated by spaces; others are null."""
    text = pl.col(name).cast(pl.String).str.strip_chars()
    tight = text.str.replace_all(r"\s", "")
    if source.decimal_comma:
        tight = tight.str.replace(",", ".", literal=True)
    number = pl.when(text.str.contains(_THOUSANDS)).then(tight).cast(pl.Float64, strict=False)
    return source.frame.select(number).collect().to_series()


def _convert_bands(
    table: Table, data: pl.DataFrame, source: Source, known: Categories
) -> tuple[pl.DataFrame, list[Note]]:
    """Bring age bands in another notation (0-4, 95 ans et plus) to that of `AgeBand`."""
    if "age_band" not in data.columns or (known.bands and not data["age_band"].null_count()):
        return data, []
    text = source.frame.select(pl.col("age_band").cast(pl.String)).collect().to_series()
    parsed = {given: parse_age_band(given) for given in text.drop_nulls().unique().sort()}
    names = {given: str(band) for given, band in parsed.items() if band}
    bands = pl.Enum([str(band) for band in sorted(filter(None, set(parsed.values())), key=_low)])
    column = text.replace_strict(names, default=None, return_dtype=pl.String).cast(bands)
    changed = [f"{given} as {band}" for given, band in names.items() if given != band]
    notes = []
    if changed:
        code, details = f"{table.name}.band_spelling", {"table": table.name}
        notes.append(Note(code, len(changed), first(changed), details=details))
    return data.with_columns(column), notes


def _low(band: AgeBand) -> tuple[int, int]:
    return band.low, 1000 if band.high is None else band.high


def _flag(text: pl.Expr) -> pl.Expr:
    word = text.str.strip_chars().str.to_lowercase()
    return pl.when(word.is_in(_TRUE)).then(True).when(word.is_in(_FALSE)).then(False)


def _doubts(table: Table, names: Sequence[str], known: Categories) -> Iterator[pl.Expr]:
    """Yield whether each column may be at fault, may have spaces around, or keys may repeat."""
    columns = [table[name] for name in names]
    for column in columns:
        yield _doubtful(table, column, known).alias(column.name)
    texts = (pl.col(column.name).str for column in columns if column.kind in ("code", "text"))
    spaced = [(text.len_bytes() != text.strip_chars().str.len_bytes()).any() for text in texts]
    yield pl.any_horizontal(pl.lit(False), *spaced).alias(_SPACES)
    increasing = _increasing(table.key) if set(table.key) <= set(names) else pl.lit(True)
    yield (~increasing.all()).alias(_REPEATED)


def _increasing(key: Sequence[str]) -> pl.Expr:
    """Return whether each key comes after the one before, as in a sorted table."""
    increasing = pl.lit(False)
    for name in reversed(key):
        previous, current = pl.col(name).head(pl.len() - 1), pl.col(name).slice(1)
        increasing = (current > previous) | ((current == previous) & increasing)
    return increasing if key else pl.lit(True)


def _doubtful(table: Table, column: Column, known: Categories) -> pl.Expr:
    """Return whether some value of a column may be at fault, at little cost."""
    values = pl.col(column.name)
    doubts = [values.has_nulls()]
    if column.kind in ("number", "integer"):
        # The sum is finite if every value is, and takes one pass.
        doubts.append(~values.sum().is_finite())
        if column.kind == "integer":
            doubts.append((values != values.round()).any())
        if column.low is not None:
            doubts.append(values.min() < column.low)
        if column.high is not None:
            doubts.append(values.max() > column.high)
    elif column.kind == "text":
        doubts.append(values.str.len_bytes().min() == 0)
        if column.name in table.key:
            doubts.append(_may_be_invisible(values))
        else:
            # Names may hold any letter, but nothing that a page or a workbook cannot show.
            doubts.append(values.str.contains(CONTROL).any())
            if column.pattern:
                doubts.append(values.str.contains(_LONG_NUMBER).any())
    elif column.kind in ("commune", "code") and _enum(column, known) is None:
        # Most codes stand in many rows.
        distinct = values if table.key == (column.name,) else values.unique()
        doubts.append(~distinct.str.contains(column.pattern).all())
        if column.kind == "code":
            doubts.append(distinct.str.strip_chars().str.to_lowercase().is_in(NO_VALUE).any())
            doubts.append(distinct.str.contains(INVISIBLE).any())
    return pl.any_horizontal(doubts)


def _may_be_invisible(values: pl.Expr) -> pl.Expr:
    """Return whether some value may hold a character that cannot be seen, at little cost."""
    text = values.str
    return (text.len_bytes().sum() != text.len_chars().sum()) | text.contains(CONTROL).any()


def _duplicates(
    table: Table, data: pl.DataFrame, known: Categories, numbers: pl.Series | None
) -> list[Fault]:
    """Return the fault of rows that have the same key; `numbers` are those of rows in the file."""
    key = data.select(_key(table, known)).to_series()
    if key.n_unique() == len(key):
        return []
    rows = key.is_duplicated().arg_true()
    examples = data[rows.head(6).to_list(), table.key].unique(maintain_order=True).head(EXAMPLES)
    values = tuple(" / ".join(map(str, row)) for row in examples.iter_rows())
    values = () if table.private else values
    shown = rows.head(EXAMPLES) if numbers is None else numbers[rows.head(EXAMPLES)]
    places = tuple(row + 1 for row in shown)
    return [replace(duplicate_fault(table), count=len(rows), rows=places, values=values)]


def _key(table: Table, known: Categories) -> pl.Expr:
    """Return one column that identifies rows as the key does; a number if possible."""
    if len(table.key) == 1:
        return pl.col(table.key[0])
    if any(_enum(table[name], known) is None for name in table.key):
        return pl.struct(table.key)
    first, second = (pl.col(name).to_physical().cast(pl.UInt64) for name in table.key)
    return first * 2**32 + second
