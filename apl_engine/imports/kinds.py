"""The kinds of files that can be imported, and the reader of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError, Note, check_arguments, check_types, first
from ..forks import begin_reading
from ..geography.estimate.land import islands_by_road
from ..geography.mesh.build import build_mesh
from ..inputs.imported import Imported
from ..inputs.named_columns import NamedColumns
from ..inputs.plain_file import on_disk
from ..inputs.tables import Source, find_table, open_file
from ..inputs.validate import check_table
from ..methodology.model import Methodology
from ..readers.activity.read import read_activity
from ..readers.common.match import Named
from ..readers.drees.apl import read_published_apl
from ..readers.drees.territories import read_territories
from ..readers.drees.zoning import read_zoning
from ..readers.insee.geography import UrbanUnits, read_appartenance, read_urban_units
from ..readers.insee.population import read_population
from ..readers.travel_times.read import read_distancier
from ..schemas import COMMUNES
from .vintage import VintageChange, convert_legal_populations, follow_poles

Reader = Callable[..., Imported]
# Communes that a note names.
_NAMED = 12

# Tables that each kind of import makes.
TABLES: Mapping[str, frozenset[str]] = {
    "activity": frozenset({"practitioners", "consumption"}),
    "apl": frozenset({"published"}),
    "distancier": frozenset({"travel_times"}),
    "mesh": frozenset({"communes"}),
    "population": frozenset({"population"}),
    "territories": frozenset({"attribution"}),
    "zoning": frozenset({"zoning"}),
}


@check_arguments(kind=str, methodology=Methodology)
def import_files(
    kind: str, files: str | Path | Sequence[str | Path], methodology: Methodology, **options: Any
) -> Imported:
    """Read publishers' files of one kind.

    Parameters
    ----------
    kind : str
        ``activity`` (prestations, with the register as `register`), ``apl`` (published),
        ``distancier``, ``mesh`` (table d'appartenance), ``population``, ``territories`` or
        ``zoning`` (classes that the agencies have given).
    files : str, Path or sequence of them
        One or more; one alone for ``apl``, ``territories`` and ``zoning``.
    methodology : Methodology
        For age bands, steps of travel time, the year of activity and the rules of the mesh.
    **options
        Of the reader, such as ``vintage``, ``columns`` (ours to theirs), ``unit``, ``period``,
        ``register``, ``keep``, ``year``, ``communes``; of ``activity``, ``executor`` and
        ``on_step``, see `read_activity`; of ``mesh``, ``urban_units`` (a file of
        their inhabitants, see `read_urban_units`), ``urban_units_year`` and ``change``, a
        `VintageChange` that states what became of communes with legal populations.

    Returns
    -------
    Imported

    Raises
    ------
    InputDataError
        There is no such kind, a file does not exist, is not of this kind or is wrong; lists every
        fault.
    """
    begin_reading()
    paths = _paths(files)
    if kind not in READERS:
        details = {"given": kind, "kinds": tuple(READERS)}
        raise InputDataError(Fault("argument.unknown_kind", "kind", details=details))
    missing = [path for path in paths if not os.path.exists(on_disk(path))]
    if missing:
        raise InputDataError(Fault("import.no_such_file", str(path)) for path in missing)
    return READERS[kind](paths, methodology, **options)


@check_arguments(files=(list, tuple, str, Path))
def _paths(files: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return files as paths; a single one is a list of one."""
    files = [files] if isinstance(files, str | Path) else files
    for file in files:
        check_types(files=(file, str, Path))
    return [Path(file) for file in files]


def _activity(
    paths: list[Path], methodology: Methodology, register: str | Path, **options: Any
) -> Imported:
    return read_activity(paths, Path(register), methodology, **options)


def _apl(paths: list[Path], methodology: Methodology, **options: Any) -> Imported:
    return read_published_apl(_single(paths, "apl"), methodology, **options)


def _territories(paths: list[Path], _: Methodology, **options: Any) -> Imported:
    return read_territories(_single(paths, "territories"), **options)


def _zoning(paths: list[Path], methodology: Methodology, **options: Any) -> Imported:
    return read_zoning(_single(paths, "zoning"), methodology, **options)


def _distancier(paths: list[Path], methodology: Methodology, **options: Any) -> Imported:
    made = read_distancier(paths, methodology, **options)
    if not (islands := islands_by_road(made.tables["travel_times"])):
        return made
    code = "distancier.islands_by_road"
    note = Note(code, len(islands), first(islands, _NAMED), warning=True)
    return replace(made, notes=(*made.notes, note))


def _mesh(
    paths: list[Path],
    methodology: Methodology,
    *,
    change: VintageChange | None = None,
    urban_units: str | Path | None = None,
    urban_units_year: int | None = None,
    columns: Named = None,
    **options: Any,
) -> Imported:
    """Read a table d'appartenance and build the mesh of annexe II."""
    named = NamedColumns.of(columns)
    units = _urban_units(urban_units, urban_units_year, named)
    follow = partial(convert_legal_populations, change=change) if change else None
    source = read_appartenance(paths, follow=follow, columns=named, **options)
    named.finish(columns, ", ".join(path.name for path in paths))
    if source.communes["population"].is_null().all():
        names, details = ", ".join(p.name for p in paths), {"recognised": source.recognised}
        raise InputDataError(Fault("import.no_population", names, details=details))
    communes, followed = follow_poles(source.communes, change) if change else (source.communes, [])
    arrondissements = None if source.arrondissements.is_empty() else source.arrondissements
    mesh = build_mesh(communes, methodology, arrondissements, urban_units=units and units.units)
    made = Imported(
        "mesh", {"communes": mesh.communes}, source.recognised, source.vintage,
        (*source.notes, *followed, *mesh.notes), source.stamps,
    )  # fmt: skip
    if units is None:
        return made
    census: dict[str, object] = {"year": units.year, "file": units.stamp.name}
    note = Note("mesh.urban_units", units.units.height, details=census)
    return replace(
        made,
        recognised=f"{made.recognised}; {units.recognised}",
        notes=(*units.notes, note, *made.notes),
        stamps=(*made.stamps, units.stamp),
        details={"urban_units_year": units.year},
    )


def _urban_units(
    file: str | Path | None, year: int | None, columns: NamedColumns
) -> UrbanUnits | None:
    if file is None:
        if year is not None:
            raise InputDataError(Fault("import.urban_units_year_alone", "mesh"))
        return None
    if not os.path.isfile(on_disk(Path(file))):
        raise InputDataError(Fault("import.no_such_file", str(file)))
    return read_urban_units(Path(file), year, columns=columns)


def _single(paths: list[Path], kind: str) -> Path:
    if len(paths) == 1:
        return paths[0]
    files = tuple(path.name for path in paths)
    raise InputDataError(Fault("import.several_files", kind, details={"files": files}))


READERS: Mapping[str, Reader] = {
    "activity": _activity,
    "apl": _apl,
    "distancier": _distancier,
    "mesh": _mesh,
    "population": read_population,
    "territories": _territories,
    "zoning": _zoning,
}


@check_arguments(methodology=("Methodology",), change=("VintageChange", None))
def read_communes(
    files: Sequence[str | Path],
    methodology: Methodology,
    change: VintageChange | None = None,
    columns: Named = None,
    **options: Any,
) -> Imported:
    """Read the table communes, or build the mesh from a table d'appartenance.

    Parameters
    ----------
    files : sequence of str or Path
        One ``.parquet`` or ``.csv`` with the columns of the table communes, or files as for the
        kind ``mesh`` of `import_files`.
    methodology : Methodology
        For the rules of the mesh.
    change : VintageChange, optional
        What became of communes with legal populations, of the kind ``mesh``.
    columns : mapping of str to str or NamedColumns, optional
        Columns that are not recognised, by our names.
    **options
        Of the kind ``mesh``.

    Returns
    -------
    Imported
        With the table ``communes``.

    Raises
    ------
    InputDataError
        The files are neither; or `options` are given for a table communes, whose mesh is built.
    """
    options = {name: value for name, value in options.items() if value is not None}
    paths = _paths(files)
    if len(paths) != 1 or not _is_of_communes(paths[0]):
        return import_files("mesh", paths, methodology, change=change, columns=columns, **options)
    if options:
        raise InputDataError(Fault("import.mesh_is_built", paths[0].name))
    names = NamedColumns.of(columns)
    communes, source, notes = checked_communes(paths[0], names)
    names.finish(columns, paths[0].name)
    stamps = (source.stamp,) if source.stamp else ()
    return Imported("mesh", {"communes": communes}, "table communes", None, tuple(notes), stamps)


def _is_of_communes(path: Path) -> bool:
    """Return whether a file is a table communes: Parquet, or a CSV that has its columns."""
    if path.suffix == ".parquet" or not path.name.lower().endswith((".csv", ".csv.gz")):
        return path.suffix == ".parquet" and os.path.isfile(path)
    opened = open_file(COMMUNES.name, path, COMMUNES.names)
    if isinstance(opened, Fault):
        return False
    present = opened.frame.collect_schema().names()
    return all(column.name in present for column in COMMUNES.columns if column.required)


@check_arguments(folder=Path)
def communes_in(folder: Path) -> pl.DataFrame | None:
    """Return the table communes of a folder, in any format; None if there is none.

    Parameters
    ----------
    folder : Path
        The folder.

    Raises
    ------
    InputDataError
        The folder holds several, or one that is wrong.
    """
    found = find_table(folder, COMMUNES.name)
    if isinstance(found, Fault):
        if found.code == f"{COMMUNES.name}.missing_file":
            return None
        raise InputDataError(found)
    return checked_communes(found)[0]


def checked_communes(
    path: Path, named: NamedColumns | None = None
) -> tuple[pl.DataFrame, Source, list[Note]]:
    """Read a table communes, sorted by code.

    Parameters
    ----------
    path : Path
    named : NamedColumns, optional
        Columns that are named otherwise.

    Raises
    ------
    InputDataError
        It is wrong; lists every fault.
    """
    opened = open_file(COMMUNES.name, path, COMMUNES.names, named)
    if isinstance(opened, Fault):
        raise InputDataError(opened)
    checked = check_table(COMMUNES, opened)
    if checked.faults or checked.frame is None:
        raise InputDataError(checked.faults)
    return checked.frame.sort("commune"), opened, checked.notes
