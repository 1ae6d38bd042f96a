"""Write the annex of a regional order to a folder: workbook, document, map."""

from __future__ import annotations

from pathlib import Path

from ...geography.boundaries.boundaries import Boundaries
from ...results.atomic_folder import Kind, whole_folder, write_contents
from ...results.libraries import require_libraries
from ...results.read import StoredResult
from .content import Annex


def write_annex(
    annex: Annex, folder: str | Path, *, picture: bytes | None = None, replace: bool = False
) -> list[str]:
    """Write an annex as ``annexe-52.xlsx``, ``annexe-52.docx`` and ``carte-52.png``.

    The same annex and map give the same bytes with the same versions of the libraries.

    Parameters
    ----------
    annex : Annex
        As from `make_annex`.
    folder : str or Path
        A new or empty folder; its parents are created.
    picture : bytes or None
        The map, as from `annex_map`; None for an annex without a map.
    replace : bool
        Whether an earlier annex of the same region there is replaced.

    Returns
    -------
    list of str
        The names of the files.

    Raises
    ------
    OutputError
        The folder cannot be written to, or is not empty.
    AplError
        A library of the extra ``annex`` is not installed.
    """
    kind = folder_kind(annex.check.region.code)
    with whole_folder(Path(folder), replace=replace, kind=kind) as draft:
        return write_annex_files(annex, draft, picture)


def folder_kind(region: str) -> Kind:
    """Return what a folder with the annex of a region holds."""
    return Kind(
        frozenset({f"annexe-{region}.xlsx", f"annexe-{region}.docx", f"carte-{region}.png"})
    )


def annex_map(
    zones: StoredResult,
    annex: Annex,
    boundaries: Boundaries | None = None,
) -> bytes:
    """Draw the map of an annex.

    Parameters
    ----------
    zones : StoredResult
        The national result.
    annex : Annex
        As from `make_annex`.
    boundaries : Boundaries or None
        Outlines of communes or territories, and perhaps of others around them; those of
        `boundaries_of` if it is None.

    Returns
    -------
    bytes
        A PNG.

    Raises
    ------
    InputDataError
        There are no outlines, or none of the region.
    AplError
        A library of the extra ``annex`` is not installed.
    """
    require_libraries("matplotlib")
    from ..boundaries import boundaries_of
    from .map import draw_annex_map

    return draw_annex_map(zones, annex, boundaries or boundaries_of(zones, around=True))


def write_annex_files(annex: Annex, folder: Path, picture: bytes | None) -> list[str]:
    """Write the files of an annex to an existing folder; see `write_annex`."""
    require_libraries("docx", "xlsxwriter")
    from .docx import annex_document
    from .xlsx import annex_workbook

    code = annex.check.region.code
    files = {
        f"annexe-{code}.xlsx": annex_workbook(annex, picture),
        f"annexe-{code}.docx": annex_document(annex, picture),
    }
    if picture is not None:
        files[f"carte-{code}.png"] = picture
    return write_contents(files, folder)
