"""Tables as files: Parquet for programs, CSV and workbooks for people."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, get_args

import polars as pl
import polars.selectors as cs

from ..errors import Fault, InputDataError, OutputError
from ..inputs.tables import stamp_of
from ..methodology.model import Methodology
from .atomic_file import TABLE_ENDINGS, refuse_taken, whole_files
from .libraries import require_libraries
from .switch import refuse_output

Dialect = Literal["plain", "french"]
# The label of each class by its id, for each column of ids.
Labels = Mapping[str, Mapping[str, str]]

# A spreadsheet takes what begins so for a formula; an apostrophe before it makes it text.
_RUNS = r"^('*[=+\-@\t\r])"
# A worksheet has no more; its first row is the header.
_MOST_ROWS, _MOST_COLUMNS = 1_048_575, 16_384


@dataclass(frozen=True)
class TableFormats:
    """How tables are written for people.

    Attributes
    ----------
    csv : str or None
        The CSV: ``plain`` (commas, decimal points) or ``french`` (semicolons, decimal commas, a
        mark of UTF-8), as a French Excel opens it. None for the default of an output.
    xlsx : bool
        Whether there is a workbook of each table too.
    """

    csv: Dialect | None = None
    xlsx: bool = False

    def __post_init__(self) -> None:
        """Refuse an unknown dialect, and workbooks if the library is missing."""
        known = get_args(Dialect)
        if self.csv not in (None, *known):
            fault = Fault("output.unknown_csv", "csv", values=(str(self.csv),),
                          details={"known": known})  # fmt: skip
            raise InputDataError(fault)
        if self.xlsx:
            require_libraries("xlsxwriter", extra="excel")

    @property
    def given(self) -> bool:
        """Whether anything but the default is asked for."""
        return self != DEFAULT_FORMATS


DEFAULT_FORMATS = TableFormats()


def zone_labels(rules: Methodology, *columns: str) -> dict[str, dict[str, str]]:
    """Return the French labels of the classes of a methodology, for some columns of their ids."""
    labels = {zone.id: zone.label for zone in rules.zoning.classes}
    return {column: labels for column in columns}  # noqa: C420


def with_labels(table: pl.DataFrame, labels: Labels) -> pl.DataFrame:
    """Return a table with the label of each class beside its id.

    Parameters
    ----------
    table : pl.DataFrame
        Any table.
    labels : mapping of str to mapping of str to str
        Columns of ids, each with the labels by id; those that the table lacks are passed over.

    Returns
    -------
    pl.DataFrame
        After each of these columns, one of its name and ``_label``; null where the id is null.
    """
    columns: list[pl.Expr] = []
    taken = set(table.columns)
    for name in table.columns:
        columns.append(pl.col(name))
        if name in labels:
            label = f"{name}_label"
            while label in taken:
                label += "_"
            taken.add(label)
            text = pl.col(name).cast(pl.String)
            columns.append(
                text.replace_strict(labels[name], default=text, return_dtype=pl.String).alias(label)
            )
    return table.select(columns)


def write_csv(
    table: pl.DataFrame,
    file: IO[bytes],
    dialect: Dialect = "plain",
    *,
    decimals: int | None = None,
) -> None:
    """Write a table as CSV that no spreadsheet runs.

    A text, or the name of a column, that a spreadsheet would take for a formula (it begins with
    ``=``, ``+``, ``-``, ``@``, a tabulation or a carriage return) gets an apostrophe before it,
    which reading removes.

    Parameters
    ----------
    table : pl.DataFrame
        Any table.
    file : file of bytes
        Where it is written.
    dialect : str
        See `TableFormats`.
    decimals : int, optional
        Of all numbers that are not whole; by default, as many as they need.
    """
    french = dialect == "french"
    _escaped(table).write_csv(
        file, separator=";" if french else ",", decimal_comma=french, include_bom=french,
        float_precision=decimals,
    )  # fmt: skip


def _escaped(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table with an apostrophe before what a spreadsheet would run."""
    text = (cs.string() | cs.categorical() | cs.enum()).cast(pl.String)
    # Comparing takes a tenth of the time of matching, and few texts begin with a sign.
    sign = (text < "0") | text.is_between(pl.lit("="), pl.lit("A"), closed="left")
    signs = table.select(sign.any())
    columns = [name for name in signs.columns if signs[name].item()]
    if columns:
        table = table.with_columns(pl.col(columns).cast(pl.String).str.replace(_RUNS, "'$1"))
    names = pl.Series(table.columns, dtype=pl.String)
    return table.rename(dict(zip(names, names.str.replace(_RUNS, "'$1"), strict=True)))


def _writer(
    table: pl.DataFrame, ending: str, dialect: Dialect | None, labels: Labels, name: str
) -> Callable[[IO[bytes]], object]:
    """Return what writes a table to a file of some ending."""
    if ending == ".parquet":
        return table.write_parquet
    shown = with_labels(table, labels)
    if ending == ".csv":
        return functools.partial(write_csv, shown, dialect=dialect or "plain")
    from .workbook import write_workbook

    return functools.partial(write_workbook, shown, name=name)


def write_tables(
    tables: Mapping[str, pl.DataFrame],
    folder: Path,
    formats: TableFormats = DEFAULT_FORMATS,
    labels: Labels | None = None,
    endings: tuple[str, ...] = (".parquet", ".csv"),
) -> list[dict[str, Any]]:
    """Write each table as Parquet, CSV and perhaps a workbook, into an existing folder.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame
        By name.
    folder : Path
        Where they are written.
    formats : TableFormats
        See there.
    labels : mapping, optional
        See `with_labels`; not for Parquet.
    endings : tuple of str
        The files of each table, besides workbooks.

    Returns
    -------
    list of dict
        The name, rows and SHA-256 of each file.
    """
    if formats.xlsx:
        _refuse_large({name: with_labels(tables[name], labels or {}) for name in tables}, folder)
        endings = (*endings, ".xlsx")

    def write(name: str, ending: str) -> dict[str, Any]:
        path, table = folder / f"{name}{ending}", tables[name]
        try:
            # Through a file of Python, since its name may hold what is not text elsewhere.
            with path.open("wb") as file:
                _writer(table, ending, formats.csv, labels or {}, name)(file)
        except OutputError:
            raise
        except (pl.exceptions.PolarsError, OSError) as error:
            raise refuse_output("not_written", Path(path.name), reason=str(error)) from error
        return {"file": path.name, "rows": table.height, "sha256": stamp_of(path).sha256}

    work = [(name, ending) for name in tables for ending in endings]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda item: write(*item), work))


def _refuse_large(tables: Mapping[str, pl.DataFrame], folder: Path) -> None:
    """Refuse tables of more rows or columns than a worksheet has."""
    faults = []
    for name, table in tables.items():
        details: dict[str, object] = {"path": str(folder / f"{name}.xlsx")}
        if table.height > _MOST_ROWS:
            details |= {"rows": table.height, "most": _MOST_ROWS}
            faults.append(Fault("output.too_many_rows", "output", details=details))
        if table.width > _MOST_COLUMNS:
            details |= {"columns": table.width, "most": _MOST_COLUMNS}
            faults.append(Fault("output.too_many_columns", "output", details=details))
    if faults:
        raise OutputError(faults)


def table_paths(path: Path, formats: TableFormats = DEFAULT_FORMATS) -> list[Path]:
    """Return the files of one table: that of the path, and those that `formats` asks for besides.

    These are beside it and differ in the ending.
    """
    more = [".csv"] if formats.csv else []
    more += [".xlsx"] if formats.xlsx else []
    return [path, *(path.with_suffix(end) for end in more if end != path.suffix)]


def refuse_tables(path: Path, formats: TableFormats, *, replace: bool) -> None:
    """Refuse the paths of a table as `write_table` would; before any long computation.

    Raises
    ------
    OutputError
        One of the paths cannot be written to as asked.
    AplError
        A library is missing.
    """
    for target in table_paths(path, formats):
        refuse_taken(target, replace, TABLE_ENDINGS)
    if path.suffix == ".xlsx":
        require_libraries("xlsxwriter", extra="excel")


def write_table(
    table: pl.DataFrame,
    path: str | Path,
    formats: TableFormats = DEFAULT_FORMATS,
    labels: Labels | None = None,
    *,
    replace: bool = False,
) -> list[Path]:
    """Write a table as Parquet, CSV or a workbook, by the ending of the path.

    Parameters
    ----------
    table : pl.DataFrame
        Any table.
    path : str or Path
        A ``.parquet``, ``.csv`` or ``.xlsx`` file, in an existing folder.
    formats : TableFormats
        How a CSV is written; a CSV or a workbook that it asks for is written beside another file.
    labels : mapping, optional
        See `with_labels`; not for Parquet.
    replace : bool
        Whether existing files are replaced.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OutputError
        The path has another ending, is taken, or cannot be written to.
    AplError
        A library is missing.
    """
    paths = table_paths(Path(path), formats)
    refuse_tables(paths[0], formats, replace=replace)
    if any(one.suffix == ".xlsx" for one in paths):
        _refuse_large({paths[0].stem: with_labels(table, labels or {})}, paths[0].parent)
    writers = {
        one: _writer(table, one.suffix, formats.csv, labels or {}, one.stem) for one in paths
    }
    whole_files(writers, TABLE_ENDINGS, replace=replace)
    return paths
