"""Write the figures of article VI to a folder: workbook, CSV and Markdown."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from ...results.atomic_folder import Kind, whole_folder, write_contents
from ...results.libraries import require_libraries
from ...results.tables import write_csv
from .content import Figures

NAME = "parts-regionales"
_FILES = tuple(f"{NAME}.{ending}" for ending in ("xlsx", "csv", "md"))
FOLDER = Kind(frozenset(_FILES))


def write_figures(figures: Figures, folder: str | Path, *, replace: bool = False) -> list[str]:
    """Write the figures as ``parts-regionales.xlsx``, ``.csv`` and ``.md``.

    The same figures give the same bytes with the same versions of the libraries.

    Parameters
    ----------
    figures : Figures
        As from `make_figures`.
    folder : str or Path
        A new or empty folder; its parents are created.
    replace : bool
        Whether earlier figures there are replaced.

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
    with whole_folder(Path(folder), replace=replace, kind=FOLDER) as draft:
        return write_figure_files(figures, draft)


def write_figure_files(figures: Figures, folder: Path) -> list[str]:
    """Write the files of the figures to an existing folder; see `write_figures`."""
    require_libraries("xlsxwriter")
    from .xlsx import figures_workbook

    table = io.BytesIO()
    write_csv(_table(figures), table, "french", decimals=figures.words.decimals)
    page = figures.page.markdown().encode()
    contents = (figures_workbook(figures), table.getvalue(), page)
    return write_contents(dict(zip(_FILES, contents, strict=True)), folder)


def _table(figures: Figures) -> pl.DataFrame:
    """Return the figures as a table, with their French headings."""
    region, category, share, before, evolution = figures.headings
    rows = [
        {
            "Code région": row.region,
            region: row.region_name,
            category: row.category,
            **{
                heading: None if value is None else float(value)
                for heading, value in (
                    (share, row.share), (before, row.before), (evolution, row.evolution)
                )
            },
        }
        for row in figures.rows
    ]  # fmt: skip
    numbers = dict.fromkeys((share, before, evolution), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=numbers, infer_schema_length=None)
