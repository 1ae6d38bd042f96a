"""The annex of a regional order to a folder: workbook, document, map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ...errors import AplError, Fault
from ...results.atomic_folder import whole_folder
from ...results.read import StoredResult
from .content import Annex

T = TypeVar("T")


def write_annex(annex: Annex, folder: str | Path, *, picture: bytes | None = None) -> list[str]:
    """Write an annex as ``annexe-52.xlsx``, ``annexe-52.docx`` and ``carte-52.png``.

    The same annex and map give the same bytes, with one version of the libraries.

    Parameters
    ----------
    annex : as from `make_annex`.
    folder : a new or empty folder; its parents are made.
    picture : the map, as from `annex_map`; None leaves it out.

    Returns
    -------
    list of str
        The names of the files.

    Raises
    ------
    OutputError
        The folder cannot be written to, or holds something already.
    AplError
        A library of the extra ``annex`` is missing.
    """
    with whole_folder(Path(folder)) as draft:
        return write_annex_files(annex, draft, picture)


def annex_map(zones: StoredResult, annex: Annex, points: str | Path | None = None) -> bytes:
    """Draw the map of an annex.

    Parameters
    ----------
    zones : the national result, whose inputs are looked for where they lay.
    annex : as from `make_annex`.
    points : any table of a code of commune, ``lat`` and ``lon`` (degrees, WGS 84), in place of
        the table communes of the inputs.

    Returns
    -------
    bytes
        A PNG.

    Raises
    ------
    InputDataError
        There are no points, or none of the region.
    AplError
        A library of the extra ``annex`` is missing.
    """
    return _needing_extra(_map)(zones, annex, Path(points) if points is not None else None)


def write_annex_files(annex: Annex, folder: Path, picture: bytes | None) -> list[str]:
    """Write the files of an annex into a folder that is there; see `write_annex`."""
    code = annex.check.region.code
    made = {
        f"annexe-{code}.xlsx": _needing_extra(_workbook)(annex, picture),
        f"annexe-{code}.docx": _needing_extra(_document)(annex, picture),
    }
    if picture is not None:
        made[f"carte-{code}.png"] = picture
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return list(made)


def _needing_extra(make: Callable[..., T]) -> Callable[..., T]:
    """Return a function that tells how to get the libraries it imports, where one is missing."""

    def wrapped(*arguments: object) -> T:
        try:
            return make(*arguments)
        except ImportError as error:
            raise AplError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={
                        "problem": f"An annex needs {error.name or 'libraries'}: pip install 'apl-engine[annex]'"
                    },
                )
            ) from error

    return wrapped


def _map(zones: StoredResult, annex: Annex, given: Path | None) -> bytes:
    from .map import draw_map, seen_of
    from .points import find_points

    points = find_points(zones, given)
    return draw_map(annex, points.table, points.source(seen_of(annex)))


def _workbook(annex: Annex, picture: bytes | None) -> bytes:
    from .xlsx import workbook_bytes

    return workbook_bytes(annex, picture)


def _document(annex: Annex, picture: bytes | None) -> bytes:
    from .docx import annex_document

    return annex_document(annex, picture)
