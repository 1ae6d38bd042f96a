"""One file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

import polars as pl

from ..errors import Fault, OutputError
from ..schemas import INPUTS, RECORD

TABLE_ENDINGS = (".parquet", ".csv", ".xlsx")


def refuse_output(kind: str, path: Path, **details: object) -> OutputError:
    """Return the error of an output that cannot be written as asked."""
    return OutputError(Fault(f"output.{kind}", "output", details={"path": str(path), **details}))


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
    whole_files({target: write})


def whole_files(writers: Mapping[Path, Callable[[IO[bytes]], object]]) -> None:
    """Write several files, none of which appears before all are written.

    Parameters
    ----------
    writers : mapping of Path to callable
        What writes the content of each to an open file.

    Raises
    ------
    OutputError
        One of them cannot be written.
    """
    path = Path()
    try:
        with contextlib.ExitStack() as drafts:
            written = {}
            for path, write in writers.items():
                written[path] = drafts.enter_context(draft_in(path.parent))
                with written[path].open("wb") as file:
                    write(file)
            for path, draft in written.items():
                os.replace(draft, path)
    except OutputError:
        raise
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse_output("not_written", path, reason=reason) from error


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
