"""A folder that appears whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import OutputError
from ..schemas import EFFECT_FILE, OUTPUTS, RECORD
from .atomic_file import TABLE_ENDINGS, refuse_output

TABLES = tuple(OUTPUTS)


def files_of(tables: Iterable[str]) -> set[str]:
    """Return the names of the files that tables may be written to."""
    return {f"{table}{ending}" for table in tables for ending in TABLE_ENDINGS}


FILES = frozenset({RECORD, *files_of(TABLES)})


@dataclass(frozen=True)
class Kind:
    """What a kind of output folder holds.

    Attributes
    ----------
    files : frozenset of str
        Names of its files.
    record : str or None
        The file that identifies it as written by this package; None if the names do.
    kept : frozenset of str
        Names of files of the user's that stay when it is replaced.
    """

    files: frozenset[str]
    record: str | None = None
    kept: frozenset[str] = frozenset()


RESULT = Kind(FILES, RECORD, frozenset({EFFECT_FILE}))


@contextmanager
def whole_folder(path: Path, *, replace: bool = False, kind: Kind = RESULT) -> Iterator[Path]:
    """Provide a hidden folder beside `path` to write in, and put it in place at the end.

    After any error, an interruption included, the hidden folder is removed and what was at `path`
    is unchanged.

    Parameters
    ----------
    path : Path
        Where the output is to be.
    replace : bool
        Whether an earlier output there is replaced; a folder that holds anything else never is.
    kind : Kind
        What counts as an earlier output.

    Yields
    ------
    Path

    Raises
    ------
    OutputError
        `path` cannot be written to, or is not empty.
    """
    path = _absolute(path)
    _refuse_occupied(path, replace, kind)
    made = [parent for parent in path.parents if not parent.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent))
    except OSError as error:
        raise refuse_output("not_writable", path, reason=error.strerror) from error
    try:
        yield draft
        _refuse_occupied(path, replace, kind)
        for name in kind.kept:
            if (path / name).is_file():
                shutil.copy2(path / name, draft)
        draft.chmod(0o777 & ~_umask())
        _put(draft, path)
    except OutputError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise refuse_output("not_written", path, reason=reason) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        for parent in made:
            # Only folders that are still empty.
            with suppress(OSError):
                parent.rmdir()


def write_contents(contents: Mapping[str, bytes], folder: Path) -> list[str]:
    """Write files into an existing folder, by name, and return their names."""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return list(contents)


def _absolute(path: Path) -> Path:
    """Return an absolute path; refuse one that cannot be replaced as a whole."""
    try:
        absolute, here = Path(os.path.abspath(path)), Path.cwd()
    except OSError as error:
        raise refuse_output("no_current_folder", path, reason=error.strerror) from error
    # The folder is put in place by renaming, which would leave a shell in it in a deleted folder.
    is_here = os.path.isdir(absolute) and os.path.samefile(absolute, here)
    if is_here or os.path.ismount(absolute):
        raise refuse_output("in_use", absolute)
    return absolute


def _refuse_occupied(path: Path, replace: bool, kind: Kind) -> None:
    """Refuse a path that holds anything but an earlier output that may be replaced."""
    try:
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise refuse_output("not_a_folder", path)
        present = sorted(item.name for item in path.iterdir()) if path.exists() else []
    except OutputError:
        raise
    except OSError as error:
        raise refuse_output("not_writable", path, reason=error.strerror) from error
    if not present:
        return
    if others := tuple(name for name in present if name not in kind.files | kind.kept):
        raise refuse_output("other_files", path, files=others[:3])
    if kind.record is not None and not _is_record(path / kind.record):
        raise refuse_output("no_record", path, record=kind.record)
    if not replace:
        raise refuse_output("result_exists", path)


def _is_record(path: Path) -> bool:
    try:
        return "apl_engine" in json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _put(draft: Path, path: Path) -> None:
    """Move the draft into place; an earlier output is set aside until that is done.

    An interruption may come after any of the moves. Then the earlier output goes back unless
    something has taken its place, and is removed only if something has.
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
