"""One table against its schema: read with the right types, every fault found."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from ..errors import Fault
from ..notes import Note, first
from ..schemas import AgeBand, Column, Table, parse_age_band
from .describe import describe, no_value
from .tables import Source, reading

_TRUE = ("true", "1", "oui", "vrai", "yes", "o", "v", "t", "y")
_FALSE = ("false", "0", "non", "faux", "no", "n", "f")


@dataclass
class Checked:
    """A table read with the types of its schema, and what was found on the way.

    A value that could not be read is null, and has its fault.
    """

    frame: pl.DataFrame | None
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """The words that other tables have established, as Enums: text and row number in one.

    Attributes
    ----------
    communes : the commune codes, sorted; None while the table of communes is not read.
    bands : the age bands, as `AgeBand` writes them; None while consumption is not read.
    """

    communes: pl.Enum | None = None
    bands: pl.Enum | None = None


def check_table(table: Table, source: Source, known: Known = Known()) -> Checked:
    """Read a table and check its columns, values and key.

    Parameters
    ----------
    table : what it must be.
    source : where it is.
    known : communes and age bands; where one is None, its column is read as text.

    Returns
    -------
    Checked
    """
    faults, plan = plan_of(table, source, known)
    if plan is None:
        return Checked(None, faults)
    data = reading(
        table.name,
        source.path.name if source.path else "the frame",
        source.format,
        lambda: plan.collect(engine="streaming"),
    )
    schema = source.frame.collect_schema()
    sound = [table[name] for name in plan.collect_schema().names()]
    if isinstance(data, Fault):
        return Checked(None, [*faults, data])
    if data.height == 0:
        return Checked(
            None,
            [
                *faults,
                Fault(
                    code="legacy.fault",
                    table=table.name,
                    details={"problem": "the table has no row", "hint": "Export it again."},
                ),
            ],
        )
    data, trimmed = _trim(table, data, sound)
    data, spelled = _spell_bands(table, data, source, known)
    notes = [*_ignored(table, schema), *trimmed, *spelled]
    found = [describe(table, c, source, data[c.name], known.communes)
             for c in sound if _doubtful(c, data, known)]  # fmt: skip
    faults += [fault for faults_of_column in found for fault in faults_of_column]
    if not faults and table.key:
        faults += _duplicates(table, data, known)
    return Checked(_finish(table, data) if not faults else data, faults, notes)


def plan_of(table: Table, source: Source, known: Known) -> tuple[list[Fault], pl.LazyFrame | None]:
    """Return the faults of the columns of a table, and the plan that reads those without.

    Parameters
    ----------
    table, source, known : as for `check_table`.

    Returns
    -------
    list of Fault, pl.LazyFrame | None
        The plan gives null where a value cannot be read; there is none where no column is sound.
    """
    schema = source.frame.collect_schema()
    faults = _absent_columns(table, schema)
    present = [column for column in table.columns if column.name in schema]
    mistyped = [_wrong_type(table, column, schema[column.name]) for column in present]
    faults += [fault for fault in mistyped if fault]
    sound = [column for column, fault in zip(present, mistyped, strict=True) if not fault]
    if not sound:
        return faults, None
    plan = source.frame.select(_reads(sound, schema, source, known))
    return faults, plan.select(column.name for column in sound)


def _absent_columns(table: Table, schema: pl.Schema) -> list[Fault]:
    names = schema.names()
    faults = [
        Fault(
            code="legacy.fault",
            table=table.name,
            column=column.name,
            details={
                "problem": "the column is missing",
                "hint": _look_alike(column, names) or _it_has(table, names),
            },
        )
        for column in table.columns
        if column.required and column.name not in names
    ]
    there = [name for name in table.either if name in names]
    if table.either and len(there) != 1:
        problem = "none of the columns" if not there else "only one may be there of the columns"
        hint = _it_has(table, names)
        faults.append(
            Fault(
                code="legacy.fault",
                table=table.name,
                details={"problem": f"{problem} {', '.join(table.either)}", "hint": hint},
            )
        )
    return faults


def _look_alike(column: Column, names: list[str]) -> str:
    found = [name for name in names if name.strip().lower() == column.name]
    return f"Rename the column {found[0]!r}." if found else ""


def _it_has(table: Table, names: list[str]) -> str:
    """Say which columns there are.

    Where rows are about persons, only those whose name is ours: in a file without a header the
    first row stands where names should.
    """
    ours = [name for name in names if name in table.names]
    if not table.private:
        return f"It has {', '.join(names)}."
    others = len(names) - len(ours)
    return f"It has {', '.join(ours) or 'none of ours'}" + (
        f" and {others} others." if others else "."
    )


def _ignored(table: Table, schema: pl.Schema) -> list[Note]:
    extra = [name for name in schema.names() if name not in table.names]
    if not extra:
        return []
    text = f"{table.name}: columns that no rule uses are left aside ({len(extra)})"
    shown = () if table.private else tuple(extra[:5])
    return [Note("columns_ignored", len(extra), shown, details={"text": text})]


def _wrong_type(table: Table, column: Column, dtype: pl.DataType) -> Fault | None:
    """Return the fault of a column whose type alone says that it is wrong."""
    is_text = dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)
    if column.kind in ("commune", "code", "text", "band") and not is_text:
        if column.name == "practitioner_id" and dtype.is_integer():
            return None
        hint = "Read it as text: '01001' is not 1001."
        problem = f"codes were read as numbers ({dtype})"
        if column.kind in ("text", "band") or not dtype.is_numeric():
            hint, problem = "Give it as text.", f"text is expected, got {dtype}"
        return Fault(
            code="legacy.fault",
            table=table.name,
            column=column.name,
            details={"problem": problem, "hint": hint},
        )
    fits = {
        "number": dtype.is_numeric(),
        "integer": dtype.is_numeric(),
        "flag": dtype.is_integer() or dtype == pl.Boolean,
        "date": dtype in (pl.Date, pl.Datetime),
    }
    if is_text or fits.get(column.kind, True):
        return None
    return Fault(
        code="legacy.fault",
        table=table.name,
        column=column.name,
        details={"problem": f"a {column.kind} is expected, got {dtype}"},
    )


def _reads(
    columns: list[Column], schema: pl.Schema, source: Source, known: Known
) -> Iterator[pl.Expr]:
    """Give the expressions that read columns; those of the same words in one, which is faster."""
    for words in (known.communes, known.bands):
        if words is None:
            continue
        names = [column.name for column in columns if _words(column, known) is words]
        if names:
            yield pl.col(names).cast(pl.String).cast(words, strict=False)
    for column in columns:
        if _words(column, known) is None:
            value = _read(column, schema[column.name], source.decimal_comma)
            yield value.alias(column.name)


def _read(column: Column, dtype: pl.DataType, decimal_comma: bool) -> pl.Expr:
    """Return the expression that reads a column, null where it cannot be read."""
    value = pl.col(column.name)
    text = value if dtype == pl.String else value.cast(pl.String)
    if column.kind in ("commune", "code", "text", "band"):
        return text
    is_text = not (dtype.is_numeric() or dtype == pl.Boolean or dtype.is_temporal())
    if column.kind == "flag":
        return _flag(text) if is_text else _flag_from_number(value, dtype)
    if column.kind == "date":
        return text.str.to_date("%Y-%m-%d", strict=False) if is_text else value.cast(pl.Date)
    if is_text:
        value = text.str.strip_chars()
        if decimal_comma:
            value = value.str.replace(",", ".", literal=True)
    return value.cast(pl.Float64, strict=False)


def _words(column: Column, known: Known) -> pl.Enum | None:
    """Return the words a column is known to be made of."""
    return {"commune": known.communes, "band": known.bands}.get(column.kind)


def _trim(
    table: Table, data: pl.DataFrame, columns: list[Column]
) -> tuple[pl.DataFrame, list[Note]]:
    """Take the spaces around codes and names away: 'T1 ' and 'T1' are one territory."""
    notes = []
    for column in columns:
        if column.kind not in ("code", "text"):
            continue
        given = data[column.name]
        plain = given.str.strip_chars()
        count = int((given.str.len_bytes() != plain.str.len_bytes()).sum())
        if count:
            data = data.with_columns(plain)
            text = f"{table.name}, column '{column.name}': spaces around {count} values are dropped"
            notes.append(Note("spaces", count, details={"text": text}))
    return data, notes


def _spell_bands(
    table: Table, data: pl.DataFrame, source: Source, known: Known
) -> tuple[pl.DataFrame, list[Note]]:
    """Bring age bands that are spelled in another way (0-4, 95 ans et plus) to ours."""
    if "age_band" not in data.columns or (known.bands and not data["age_band"].null_count()):
        return data, []
    text = source.frame.select(pl.col("age_band").cast(pl.String)).collect().to_series()
    bands = {spelling: parse_age_band(spelling) for spelling in text.drop_nulls().unique().sort()}
    ours = pl.Enum([str(band) for band in sorted(filter(None, set(bands.values())), key=_low)])
    spelled = {spelling: str(band) for spelling, band in bands.items() if band}
    other = [f"{spelling} as {band}" for spelling, band in spelled.items() if spelling != band]
    words = f"{table.name}: age bands spelled in another way are read as ours"
    notes = (
        [Note("band_spelling", len(other), first(other), details={"text": words})] if other else []
    )
    column = text.replace_strict(spelled, default=None, return_dtype=pl.String).cast(ours)
    return data.with_columns(column), notes


def _low(band: AgeBand) -> tuple[int, int]:
    return band.low, 1000 if band.high is None else band.high


def _flag(text: pl.Expr) -> pl.Expr:
    word = text.str.strip_chars().str.to_lowercase()
    return pl.when(word.is_in(_TRUE)).then(True).when(word.is_in(_FALSE)).then(False)


def _flag_from_number(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return value
    return pl.when(value == 1).then(True).when(value == 0).then(False)


def _doubtful(column: Column, data: pl.DataFrame, known: Known) -> bool:
    """Tell cheaply whether some value of a column may be at fault."""
    values = data[column.name]
    if values.null_count():
        return True
    if column.kind in ("number", "integer"):
        low, high = values.min(), values.max()
        assert isinstance(low, float)
        assert isinstance(high, float)
        whole = column.kind == "number" or bool((values == values.round()).all())
        return not (
            whole
            # A sum is finite where every value is, and takes one pass.
            and math.isfinite(values.sum())
            and (column.low is None or low >= column.low)
            and (column.high is None or high <= column.high)
        )
    if column.kind == "band" or not column.pattern or _words(column, known) is not None:
        return False
    if column.kind == "text":
        return values.str.len_bytes().min() == 0
    return bool(no_value(values).any()) or not bool(values.str.contains(column.pattern).all())


def _duplicates(table: Table, data: pl.DataFrame, known: Known) -> list[Fault]:
    """Return the fault of rows that have the same key."""
    key = data.select(_key(table, known)).to_series()
    if key.is_unique().all() if key.dtype != pl.UInt64 else _all_distinct(key):
        return []
    twice = key.is_duplicated()
    rows = twice.arg_true()
    shown = [name for name in table.key if not table[name].private]
    examples = data[rows.head(6).to_list(), shown].unique(maintain_order=True).head(3)
    return [
        Fault(
            code="legacy.fault",
            table=table.name,
            column=table.key[0] if len(table.key) == 1 else None,
            count=len(rows),
            rows=tuple(row + 1 for row in rows.head(3)),
            values=tuple(" / ".join(map(str, row)) for row in examples.iter_rows()),
            details={
                "problem": f"the same {' and '.join(table.key)} stands in several rows",
                "hint": f"A row is {table.row}. {table.twice}",
            },
        )
    ]


def _key(table: Table, known: Known) -> pl.Expr:
    """Return one column that tells rows apart as the key does; a number where it can."""
    if len(table.key) == 1:
        return pl.col(table.key[0])
    if any(_words(table[name], known) is None for name in table.key):
        return pl.struct(table.key)
    first, second = (pl.col(name).to_physical().cast(pl.UInt64) for name in table.key)
    return first * 2**32 + second


def _all_distinct(key: pl.Series) -> bool:
    """Tell whether numbers are distinct; at once where they rise, as in a sorted file."""
    if bool((key.slice(1) > key.head(len(key) - 1)).all()):
        return True
    return key.n_unique() == len(key)


def _finish(table: Table, data: pl.DataFrame) -> pl.DataFrame:
    whole = [column.name for column in table.columns if column.kind == "integer"]
    return data.with_columns(pl.col(name).cast(pl.Int64) for name in whole if name in data.columns)
