"""All the input tables of a run: opened, checked one by one, then against each other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError, Note, check_arguments
from ..methodology.model import Methodology
from ..schemas import (
    COMMUNES,
    CONSUMPTION,
    INPUTS,
    TRAVEL_TIMES,
    Table,
    communes_of,
    typed_columns,
)
from .amounts import AMOUNTS, not_the_amount
from .named_columns import NamedColumns
from .provenance import check_provenance, read_provenances
from .tables import Source, Stamp, find_table, open_tables, stamp_of, table_fault
from .text_file import damaged
from .travel_times import Limit
from .validate import Categories, CheckedTable, check_tables


@dataclass(frozen=True)
class Inputs:
    """The input tables, checked, with the types of their schemas.

    Attributes
    ----------
    communes : pl.DataFrame
        Sorted by code; ``commune`` is an Enum of the codes in that order, as are ``commune``,
        ``origin`` and ``destination`` of the other tables: text and row number at once.
    practitioners, population, consumption : pl.DataFrame
        See `schemas`.
    travel_times : pl.DataFrame or None
        See `schemas`; None if a prepared network replaces it.
    sources : mapping of str to Source
        Where each table comes from.
    notes : tuple of Note
        What was matched by rule, imputed or ignored.
    read_for : tuple
        The parameters that the reading depended on, see `read_for`.
    imports : tuple of mapping
        The publishers' files that the tables were made from, if known.
    """

    communes: pl.DataFrame
    practitioners: pl.DataFrame
    population: pl.DataFrame
    consumption: pl.DataFrame
    travel_times: pl.DataFrame | None
    sources: Mapping[str, Source]
    notes: tuple[Note, ...]
    read_for: tuple[object, ...]
    imports: tuple[Mapping[str, Any], ...] = ()

    def __post_init__(self) -> None:
        """Take tables of other libraries; refuse columns absent or of another type."""
        faults: list[Fault] = []
        for name, table in INPUTS.items():
            given = getattr(self, name)
            if given is None and name == TRAVEL_TIMES.name:
                continue
            kinds = {column.name: column.kind for column in table.columns if column.required}
            if name == "practitioners":
                kinds["age"] = "integer"
            try:
                frame = typed_columns(given, name, kinds, cast_numbers=False)
                object.__setattr__(
                    self, name, communes_of(frame)[0] if table is COMMUNES else frame
                )
            except InputDataError as error:
                faults += error.faults
        if faults:
            raise InputDataError(faults)

    @property
    def rows(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        tables = {name: getattr(self, name) for name in INPUTS}
        return {name: table.height for name, table in tables.items() if table is not None}


@check_arguments(inputs=(str, Path, Mapping), methodology=Methodology)
def read_inputs(
    inputs: str | Path | Mapping[str, object],
    methodology: Methodology,
    *,
    columns: NamedColumns | Mapping[str, str] | None = None,
    travel_times: bool = True,
) -> Inputs:
    """Read and check the five input tables.

    Parameters
    ----------
    inputs : str, Path or mapping of str to object
        A folder that holds practitioners, population, consumption, travel_times and communes, each
        as Parquet, CSV (of any usual separator and encoding; plain, gz or zst) or Arrow IPC, or in
        a zip archive; or a mapping of those names to a path or to anything that supports the Arrow
        C interface (Polars, pandas, PyArrow, DuckDB). A path ``ARCHIVE.zip/TABLE`` is that of one
        of several tables in an archive.
    methodology : Methodology
        For the reference date of ages, the width of age bands and the regions without data.
    columns : mapping of str to str, optional
        What the tables call columns, by our names, ``{"acts": "NB_ACTES"}``; a name applies to
        each table that has such a column, or, as ``practitioners.acts``, to that table alone.
    travel_times : bool
        Whether to read that table; not needed if a prepared network replaces it.

    Returns
    -------
    Inputs

    Raises
    ------
    InputDataError
        A table is wrong; lists every fault of every table.
    """
    given = Path(inputs) if isinstance(inputs, str | Path) else inputs
    wanted = {name: table.names for name, table in INPUTS.items()}
    twice = []
    if not travel_times:
        del wanted[TRAVEL_TIMES.name]
        if isinstance(given, Mapping) and TRAVEL_TIMES.name in given:
            twice = [Fault("inputs.table_and_network", TRAVEL_TIMES.name)]
            given = {name: table for name, table in given.items() if name != TRAVEL_TIMES.name}
    named = NamedColumns.of(columns)
    sources, faults = open_tables(given, wanted, named)
    if named is not columns:
        # What a prepared network replaces may be named all the same.
        named.fields |= {key for table in INPUTS.values() for key in (*table.names, *_keys(table))}
        for name in wanted.keys() - sources.keys():
            named.unread(name, INPUTS[name].names)
        faults += named.faults("inputs")
    faults += list(_other_amounts(sources))
    faults += twice
    # Digests are taken while the tables are read, not when the record is written.
    with ThreadPoolExecutor(1) as pool:
        stamping = pool.submit(_unread, sources)
        checked, known = _check_each(sources, Limit.of(methodology.travel))
        faults += [fault for result in checked.values() for fault in result.faults]
        sound = {
            name: result.frame
            for name, result in checked.items()
            if result.frame is not None and not result.faults
        }
        from .cross_checks import check_relations, with_age

        if "practitioners" in sound:
            sound["practitioners"] = with_age(sound["practitioners"], methodology)
        if "communes" in sound and known.communes is not None:
            column = known.read("commune", ("commune",))
            sound["communes"] = _in_order(sound["communes"].with_columns(column))
        related, notes = check_relations(sound, methodology)
    lost = stamping.result()
    faults = [*faults, *related] or lost
    imports: list[dict[str, Any]] = []
    changed: list[Note] = []
    if sources and not lost:
        imports, unreadable = read_provenances(given)
        of_imports, changed = check_provenance(imports, sources, methodology.year)
        faults += [*unreadable, *of_imports]
    if faults:
        raise InputDataError(faults)
    return Inputs(
        communes=sound["communes"],
        practitioners=sound["practitioners"],
        population=sound["population"],
        consumption=sound["consumption"],
        travel_times=sound.get("travel_times"),
        sources=sources,
        notes=(*(note for table in checked.values() for note in table.notes), *notes, *changed),
        read_for=read_for(methodology),
        imports=tuple(imports),
    )


def _check_each(
    sources: Mapping[str, Source], limit: Limit
) -> tuple[dict[str, CheckedTable], Categories]:
    """Read and check each table by itself; first those that establish codes for the others."""
    checked: dict[str, CheckedTable] = {}

    def check(names: Iterable[str], known: Categories) -> None:
        opened = {name: (INPUTS[name], sources[name]) for name in names if name in sources}
        checked.update(zip(opened, check_tables(list(opened.values()), known), strict=True))

    communes = bands = None
    check((COMMUNES.name, CONSUMPTION.name), Categories())
    codes = _column(checked.get(COMMUNES.name), "commune")
    if codes is not None and not any(
        fault.column == "commune" for fault in checked[COMMUNES.name].faults
    ):
        # None is missing; if another column is at fault, some may be repeated.
        if checked[COMMUNES.name].faults:
            codes = codes.unique()
        communes = pl.Enum(codes if codes.is_sorted() else codes.sort())
    age_bands = _column(checked.get(CONSUMPTION.name), "age_band")
    if age_bands is not None and isinstance(age_bands.dtype, pl.Enum):
        bands = age_bands.dtype
    known = Categories(communes, bands, limit)
    check((name for name in INPUTS if name not in checked), known)
    return checked, known


@check_arguments(inputs=Path)
def has_every_table(inputs: Path, *, travel_times: bool = True) -> bool:
    """Return whether a folder holds all tables of a run.

    Parameters
    ----------
    inputs : Path
        A folder, or a run file, which names its tables itself.
    travel_times : bool
        Whether that table is needed too.
    """
    if not os.path.isdir(inputs):
        return inputs.suffix == ".toml"
    wanted = [name for name in INPUTS if travel_times or name != TRAVEL_TIMES.name]
    return all(isinstance(find_table(inputs, name), Path) for name in wanted)


def travel_times_beside(inputs: object) -> Stamp | None:
    """Return what identifies the file of travel times of some inputs; None if there is none.

    Parameters
    ----------
    inputs : object
        A folder, or tables that were read.
    """
    if isinstance(inputs, Inputs):
        source = inputs.sources.get(TRAVEL_TIMES.name)
        return source.stamp if source else None
    if not isinstance(inputs, str | Path) or not os.path.isdir(Path(inputs)):
        return None
    path = find_table(Path(inputs), TRAVEL_TIMES.name)
    return stamp_of(path) if isinstance(path, Path) and os.path.isfile(path) else None


@check_arguments(methodology=("Methodology",))
def read_for(methodology: Methodology) -> tuple[object, ...]:
    """Return the parameters that reading depends on: ages, bands, regions without data.

    Parameters
    ----------
    methodology : Methodology
        The rules.
    """
    return (
        methodology.etp.age_reference_date,
        methodology.demand.age_band_years,
        tuple(row.region for row in methodology.zoning.imposed),
    )


def _unread(sources: Mapping[str, Source]) -> list[Fault]:
    """Take the digest of every file, once; return the faults of those that disappeared.

    And of those that end within a row, which only shows once they are decompressed.
    """
    faults = []
    for table, source in sources.items():
        try:
            _ = source.stamp
            faults += [cut] if (cut := source.cut_at_end()) else []
        except damaged():
            # Reading reports it.
            continue
        except OSError as error:
            file = str(source.path)
            faults.append(table_fault(table, "read_interrupted", file=file, reason=error.strerror))
    return faults


def _other_amounts(sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield a fault for each column that the user names for fees or acts and that holds others."""
    for name, source in sources.items():
        header = source.frame.collect_schema().names()
        for ours, theirs in source.columns.items():
            if wrong := not_the_amount(ours, theirs, header):
                yield table_fault(name, AMOUNTS[ours].fault, theirs, **wrong)


def _keys(table: Table) -> list[str]:
    return [f"{table.name}.{name}" for name in table.names]


def _in_order(communes: pl.DataFrame) -> pl.DataFrame:
    """Return the table sorted by code."""
    return communes if communes["commune"].is_sorted() else communes.sort("commune")


def _column(table: CheckedTable | None, name: str) -> pl.Series | None:
    return table.frame.get_column(name, default=None) if table and table.frame is not None else None
