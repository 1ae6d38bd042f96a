"""The kinds of files that can be imported, and the reader of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import Fault, InputDataError
from ..geography.mesh.build import build_mesh
from ..inputs.tables import open_file
from ..inputs.validate import check_table
from ..methodology.model import Methodology
from ..readers.activity.read import read_activity
from ..readers.common.imported import Imported
from ..readers.drees.apl import read_published_apl
from ..readers.drees.territories import read_territories
from ..readers.insee.geography import read_appartenance
from ..readers.insee.population import read_population
from ..readers.travel_times.read import read_distancier
from ..schemas import COMMUNES

Reader = Callable[..., Imported]


def import_files(
    kind: str, files: Sequence[str | Path], methodology: Methodology, **options: Any
) -> Imported:
    """Read publishers' files of one kind.

    Parameters
    ----------
    kind : ``activity`` (prestations, with the register as `register`), ``apl`` (published),
        ``distancier``, ``mesh`` (table d'appartenance), ``population``, ``territories``.
    files : one or several; those of a kind that takes one file, one.
    methodology : for bands, steps, the year of activity and the rules of the mesh.
    **options : of the reader, such as ``vintage``, ``columns``, ``unit``, ``period``,
        ``register``, ``year``, ``communes``.

    Returns
    -------
    Imported

    Raises
    ------
    InputDataError
        The files are not what the kind says, or wrong; lists every fault.
    ValueError
        No such kind.
    """
    if kind not in READERS:
        raise ValueError(f"kind must be one of {', '.join(READERS)}, got {kind!r}")
    paths = [Path(file) for file in files]
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise InputDataError(
            [
                Fault(
                    code="legacy.fault",
                    table=str(path),
                    details={"problem": "does not exist", "hint": "Check the name."},
                )
                for path in missing
            ]
        )
    return READERS[kind](paths, methodology, **options)


def _distancier(paths: list[Path], rules: Methodology, **options: Any) -> Imported:
    return read_distancier(paths, rules, **options)


def _population(paths: list[Path], rules: Methodology, **options: Any) -> Imported:
    return read_population(paths, rules, **options)


def _activity(
    paths: list[Path], rules: Methodology, register: str | Path, **options: Any
) -> Imported:
    return read_activity(paths, Path(register), rules, **options)


def _apl(paths: list[Path], rules: Methodology, **options: Any) -> Imported:
    return read_published_apl(_only(paths, "apl"), rules, **options)


def _territories(paths: list[Path], rules: Methodology, **options: Any) -> Imported:
    return read_territories(_only(paths, "territories"), rules, **options)


def _mesh(
    paths: list[Path],
    rules: Methodology,
    columns: Mapping[str, str] | None = None,
    vintage: int | None = None,
) -> Imported:
    """Read a table d'appartenance and draw the mesh of annexe II from it."""
    found = read_appartenance(paths, columns=columns, vintage=vintage)
    if found.communes["population"].is_null().all():
        names = ", ".join(path.name for path in paths)
        problem = f"no column is recognised as the population of communes, in {found.recognised}"
        hint = "Name it: --column population=NAME; or give INSEE's legal populations too."
        raise InputDataError(
            [Fault(code="legacy.fault", table=names, details={"problem": problem, "hint": hint})]
        )
    empty = found.arrondissements.is_empty()
    mesh = build_mesh(found.communes, rules, None if empty else found.arrondissements)
    return Imported(
        "mesh",
        {"communes": mesh.communes},
        found.recognised,
        found.vintage,
        (*found.notes, *mesh.notes),
        found.stamps,
    )


def _only(paths: list[Path], kind: str) -> Path:
    if len(paths) == 1:
        return paths[0]
    names = ", ".join(path.name for path in paths)
    raise InputDataError(
        [
            Fault(
                code="legacy.fault",
                table=kind,
                details={"problem": f"one file is read, got {names}", "hint": "Give them apart."},
            )
        ]
    )


READERS: Mapping[str, Reader] = {
    "activity": _activity,
    "apl": _apl,
    "distancier": _distancier,
    "mesh": _mesh,
    "population": _population,
    "territories": _territories,
}


# The tables that come of each kind.
TABLES: Mapping[str, frozenset[str]] = {
    "activity": frozenset({"practitioners", "consumption"}),
    "apl": frozenset({"published"}),
    "distancier": frozenset({"travel_times"}),
    "mesh": frozenset({"communes"}),
    "population": frozenset({"population"}),
    "territories": frozenset({"attribution"}),
}


def read_communes(files: Sequence[str | Path], methodology: Methodology) -> Imported:
    """Read a table communes that is ready, or draw the mesh from a table d'appartenance.

    Parameters
    ----------
    files : one ``.parquet`` with the columns of the table communes, or files as for the kind
        ``mesh`` of `import_files`.
    methodology : for the rules of the mesh.

    Returns
    -------
    Imported
        With the table ``communes``.

    Raises
    ------
    InputDataError
        The files are neither.
    """
    paths = [Path(file) for file in files]
    if len(paths) == 1 and paths[0].suffix == ".parquet" and paths[0].is_file():
        opened = open_file(COMMUNES.name, paths[0], COMMUNES.names)
        if isinstance(opened, Fault):
            raise InputDataError([opened])
        checked = check_table(COMMUNES, opened)
        if checked.faults or checked.frame is None:
            raise InputDataError(checked.faults)
        tables = {"communes": checked.frame.sort("commune")}
        stamps = (opened.stamp,) if opened.stamp else ()
        return Imported("mesh", tables, "table communes", None, tuple(checked.notes), stamps)
    return import_files("mesh", paths, methodology)


def communes_in(folder: Path) -> pl.DataFrame | None:
    """Return the communes that were imported into a folder already, None where none were."""
    path = folder / "communes.parquet"
    return pl.read_parquet(path) if path.is_file() else None
