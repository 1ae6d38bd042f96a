"""One file that appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO

import polars as pl

from ..errors import OutputError
from ..schemas import INPUTS, RECORD
from .switch import drafts_in, finish_interrupted, refuse_output, switch

TABLE_ENDINGS = (".parquet", ".csv", ".xlsx")


def files_of(tables: Iterable[str]) -> set[str]:
    """Return the names of the files that tables may be written to."""
    return {f"{table}{ending}" for table in tables for ending in TABLE_ENDINGS}


def write_text(
    text: str, path: str | Path, endings: tuple[str, ...], *, replace: bool = False
) -> None:
    """Write a text to a file of one of some endings.

    Parameters
    ----------
    text : str
        Any text.
    path : str or Path
        The file, in an existing folder.
    endings : tuple of str
        Those that are accepted, such as ``.toml``.
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    OutputError
        The path has another ending, is taken, or cannot be written to.
    """
    write_whole(lambda file: file.write(text.encode()), path, endings, replace=replace)


def write_whole(
    write: Callable[[IO[bytes]], object],
    path: str | Path,
    endings: tuple[str, ...],
    *,
    replace: bool,
) -> None:
    """Write a file that appears whole or not at all.

    Parameters
    ----------
    write : callable
        Writes the content to an open file.
    path, endings, replace
        As for `write_text`.

    Raises
    ------
    OutputError
        The path has another ending, is taken, or cannot be written to.
    """
    whole_files({Path(path): write}, endings, replace=replace)


def whole_files(
    writers: Mapping[Path, Callable[[IO[bytes]], object]],
    endings: tuple[str, ...],
    *,
    replace: bool,
) -> None:
    """Write files of one folder, all of them or none.

    Parameters
    ----------
    writers : mapping of Path to callable
        What writes the content of each to an open file.
    endings, replace
        As for `write_text`.

    Raises
    ------
    OutputError
        One of them has another ending, is taken, or cannot be written.
    """
    for path in writers:
        refuse_taken(path, replace, endings)
    (folder,) = {path.parent for path in writers}
    try:
        with drafts_in(folder) as drafts:
            for path, write in writers.items():
                # Another command may have written it since.
                refuse_taken(path, replace, endings)
                with (drafts / path.name).open("wb") as file:
                    write(file)
            switch(folder, {path.name: drafts / path.name for path in writers})
    except OutputError:
        raise
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse_output("not_written", path, reason=reason) from error


def refuse_taken(target: Path, replace: bool, endings: tuple[str, ...] = TABLE_ENDINGS) -> None:
    """Refuse a path of another ending, or one that is taken; before any long computation.

    What a killed command left in the folder is finished first.

    Raises
    ------
    OutputError
        The path cannot be written to as asked.
    """
    if target.suffix not in endings:
        raise refuse_output("wrong_ending", target, endings=endings)
    finish_interrupted(target.parent)
    if os.path.isdir(target) or (os.path.exists(target) and not replace):
        raise refuse_output("exists", target)
    if not os.path.isdir(target.parent):
        raise refuse_output("no_folder", target.parent)


def refuse_reserved(target: Path) -> None:
    """Refuse the name of a table of a run's inputs, or a path in the folder of a result.

    Raises
    ------
    OutputError
        The path would be taken for a file of inputs or of a result.
    """
    if os.path.exists(target.parent / RECORD):
        raise refuse_output("in_result", target.parent)
    if target.stem in INPUTS:
        raise refuse_output("input_name", target)
