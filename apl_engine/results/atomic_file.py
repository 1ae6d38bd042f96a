"""One table, or one text, to one file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ..errors import Fault, OutputError
from ..schemas import INPUTS, RECORD


def write_table(table: pl.DataFrame, path: str | Path, *, replace: bool = False) -> None:
    """Write a table as Parquet or CSV, by the ending of the path.

    Parameters
    ----------
    table : any.
    path : a ``.parquet`` or ``.csv`` file, in a folder that is there.
    replace : whether a file that is there gives way.

    Raises
    ------
    OutputError
        The path has another ending, is taken, or cannot be written to.
    """
    target = Path(path)
    refuse_taken(target, replace)
    try:
        with draft_in(target.parent) as draft:
            with draft.open("wb") as file:
                table.write_parquet(file) if target.suffix == ".parquet" else table.write_csv(file)
            os.replace(draft, target)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{target} cannot be written ({reason}); nothing was left there"
                },
            )
        ) from (error)


def write_text(
    text: str, path: str | Path, endings: tuple[str, ...], *, replace: bool = False
) -> None:
    """Write a text to a file of one of some endings, which appears whole or not at all.

    Raises
    ------
    OutputError
        The path has another ending, is taken, or cannot be written to.
    """
    target = Path(path)
    refuse_taken(target, replace, endings)
    try:
        with draft_in(target.parent) as draft:
            draft.write_text(text, encoding="utf-8")
            os.replace(draft, target)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{target} cannot be written ({reason}); nothing was left there"
                },
            )
        ) from (error)


def refuse_taken(
    target: Path, replace: bool, endings: tuple[str, ...] = (".parquet", ".csv")
) -> None:
    """Refuse a path of another ending, or one that is taken; to be asked before long work."""
    if target.suffix not in endings:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={"problem": f"{target}: write to a {' or a '.join(endings)} file."},
            )
        )
    if target.is_dir() or (target.exists() and not replace):
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{target} is there already. Choose another name, or add --replace."
                },
            )
        )
    if not target.parent.is_dir():
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={"problem": f"{target.parent} is no folder. Make it first."},
            )
        )


def refuse_ours(target: Path) -> None:
    """Refuse the name of a table of a run's inputs, or a place in the folder of a result."""
    if (target.parent / RECORD).exists():
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{target.parent} is the folder of a result. Choose another place."
                },
            )
        )
    if target.stem in INPUTS:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{target.name} is the name of an input of a run. Choose another."
                },
            )
        )


@contextlib.contextmanager
def draft_in(folder: Path) -> Iterator[Path]:
    """Give a hidden file to write in, removed unless it was moved into place."""
    handle, name = tempfile.mkstemp(prefix=".draft.", suffix=".partial", dir=folder)
    os.close(handle)
    draft = Path(name)
    draft.chmod(0o644)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
