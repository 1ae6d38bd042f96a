"""One file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import polars as pl

from ..errors import Fault, OutputError
from ..schemas import INPUTS, RECORD

TABLE_ENDINGS = (".parquet", ".csv")


def refuse_output(kind: str, path: Path, **details: object) -> OutputError:
    """Return the error of an output that cannot be written as asked."""
    return OutputError(Fault(f"output.{kind}", "output", details={"path": str(path), **details}))


def write_table(table: pl.DataFrame, path: str | Path, *, replace: bool = False) -> None:
    """Write a table as Parquet or CSV, by the ending of the path.

    Parameters
    ----------
    table : pl.DataFrame
        Any table.
    path : str or Path
        A ``.parquet`` or ``.csv`` file, in an existing folder.
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    OutputError
        The path has another ending, is taken, or cannot be written to.
    """
    write = table.write_parquet if Path(path).suffix == ".parquet" else table.write_csv
    write_whole(write, path, TABLE_ENDINGS, replace=replace)


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
    target = Path(path)
    refuse_taken(target, replace, endings)
    try:
        with draft_in(target.parent) as draft:
            with draft.open("wb") as file:
                write(file)
            os.replace(draft, target)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse_output("not_written", target, reason=reason) from error


def refuse_taken(target: Path, replace: bool, endings: tuple[str, ...] = TABLE_ENDINGS) -> None:
    """Refuse a path of another ending, or one that is taken; before any long computation.

    Raises
    ------
    OutputError
        The path cannot be written to as asked.
    """
    if target.suffix not in endings:
        raise refuse_output("wrong_ending", target, endings=endings)
    if target.is_dir() or (target.exists() and not replace):
        raise refuse_output("exists", target)
    if not target.parent.is_dir():
        raise refuse_output("no_folder", target.parent)


def refuse_reserved(target: Path) -> None:
    """Refuse the name of a table of a run's inputs, or a path in the folder of a result.

    Raises
    ------
    OutputError
        The path would be taken for a file of inputs or of a result.
    """
    if (target.parent / RECORD).exists():
        raise refuse_output("in_result", target.parent)
    if target.stem in INPUTS:
        raise refuse_output("input_name", target)


@contextlib.contextmanager
def draft_in(folder: Path) -> Iterator[Path]:
    """Provide a hidden file to write in; it is removed unless it was moved into place."""
    handle, name = tempfile.mkstemp(prefix=".draft.", suffix=".partial", dir=folder)
    os.close(handle)
    draft = Path(name)
    draft.chmod(0o644)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
