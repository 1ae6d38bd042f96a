"""A folder that appears whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import Fault, OutputError
from ..schemas import OUTPUTS, RECORD

TABLES = tuple(OUTPUTS)
FILES = frozenset({RECORD, *(f"{table}.{end}" for table in TABLES for end in ("csv", "parquet"))})


@dataclass(frozen=True)
class Kind:
    """What a folder of ours holds: its files, and the one of them that says it is ours."""

    files: frozenset[str]
    record: str


RESULT = Kind(FILES, RECORD)


@contextmanager
def whole_folder(path: Path, *, replace: bool = False, kind: Kind = RESULT) -> Iterator[Path]:
    """Give a hidden folder beside `path` to write in, and put it in place at the end.

    Whatever goes wrong inside, an interruption included, the hidden folder is removed and what
    was at `path` stays as it was.

    Parameters
    ----------
    path : where the result is to be.
    replace : whether an earlier result there gives way; a folder that holds anything else never
        does.
    kind : what counts as an earlier result there.

    Yields
    ------
    Path

    Raises
    ------
    OutputError
        `path` cannot be written to, or holds something already.
    """
    path = _absolute(path)
    _refuse_occupied(path, replace, kind)
    made = [parent for parent in path.parents if not parent.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent))
    except OSError as error:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{path} cannot be written ({error.strerror}). Choose another folder with -o."
                },
            )
        ) from error
    try:
        yield draft
        _refuse_occupied(path, replace, kind)
        draft.chmod(0o777 & ~_umask())
        _put(draft, path)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{path} could not be written ({error.strerror or error}); nothing was left there"
                },
            )
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        for parent in made:
            # Only those that stayed empty, hence of no use.
            with suppress(OSError):
                parent.rmdir()


def _absolute(path: Path) -> Path:
    """Return where a result can be moved to as a whole; refuse where it cannot."""
    try:
        absolute, here = Path(os.path.abspath(path)), Path.cwd()
    except OSError as error:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"The current folder is gone ({error.strerror}). Go to another."
                },
            )
        ) from error
    # A folder is put in place by renaming: whoever stands in it would be left standing nowhere.
    is_here = os.path.isdir(absolute) and os.path.samefile(absolute, here)
    if is_here or os.path.ismount(absolute):
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{absolute} is the current folder or a mount point, which cannot be put in place as a "
                    "whole. Name a folder inside it, such as -o result."
                },
            )
        )
    return absolute


def _refuse_occupied(path: Path, replace: bool, kind: Kind) -> None:
    """Refuse a place that holds anything but, where it may be replaced, an earlier result."""
    try:
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise OutputError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={
                        "problem": f"{path} is a file or a link, not a folder. Choose another with -o."
                    },
                )
            )
        held = sorted(item.name for item in path.iterdir()) if path.exists() else []
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{path} cannot be written ({error.strerror}). Choose another folder with -o."
                },
            )
        ) from error
    if not held:
        return
    if others := [name for name in held if name not in kind.files]:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{path} holds files that are not of a result ({', '.join(others[:3])}). Choose an "
                    "empty or a new folder with -o."
                },
            )
        )
    if not _is_result(path / kind.record):
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{path} holds files, but no {kind.record} of ours. Choose another with -o."
                },
            )
        )
    if not replace:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{path} already holds a result. Choose another folder with -o, or add --replace."
                },
            )
        )


def _is_result(record: Path) -> bool:
    try:
        return "apl_engine" in json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _put(draft: Path, path: Path) -> None:
    """Move the draft into place; an earlier result is set aside until that is done.

    An interruption may fall after any of the moves. On the way out the earlier result goes back
    where nothing has taken its place, and is removed only where something has.
    """
    if not path.exists():
        os.replace(draft, path)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".old", dir=path.parent))
    earlier = aside / path.name
    try:
        os.replace(path, earlier)
        os.replace(draft, path)
    finally:
        if earlier.exists() and not path.exists():
            os.replace(earlier, path)
        shutil.rmtree(aside, ignore_errors=True)


def _umask() -> int:
    """Return the umask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
