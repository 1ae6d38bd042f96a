"""Folders that appear whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import Fault, OutputError
from ..schemas import EFFECT_FILE, OUTPUTS, RECORD
from ..small_files import read_small_file
from .atomic_file import files_of
from .switch import (
    OWN,
    discard,
    finish_interrupted,
    locked,
    make_draft,
    open_to_others,
    refuse_output,
    remove_drafts,
    switch_folders,
)

TABLES = tuple(OUTPUTS)


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
    parts : re.Pattern of str or None
        What the paths of files in folders within it match, from it on, with slashes; None if it has
        no folders.
    """

    files: frozenset[str]
    record: str | None = None
    kept: frozenset[str] = frozenset()
    parts: re.Pattern[str] | None = None

    def has(self, path: str) -> bool:
        """Return whether a file, by its path from the folder on, may be in it."""
        if path in self.files | self.kept:
            return True
        return self.parts is not None and self.parts.fullmatch(path) is not None


RESULT = Kind(FILES, RECORD, frozenset({EFFECT_FILE}))


@contextmanager
def whole_folder(
    path: Path, *, replace: bool = False, kind: Kind = RESULT, sources: Iterable[Path] = ()
) -> Iterator[Path]:
    """Provide a hidden folder beside `path` to write in, and put it in place at the end.

    After any error, an interruption included, the hidden folder is removed and what was at `path`
    is unchanged. What a killed command left there is finished or removed first.

    Parameters
    ----------
    path : Path
        Where the output is to be.
    replace : bool
        Whether an earlier output there is replaced; a folder that holds anything else never is.
    kind : Kind
        What counts as an earlier output.
    sources : iterable of Path
        What the output is made from, and must not replace.

    Yields
    ------
    Path

    Raises
    ------
    OutputError
        `path` cannot be written to, is not empty, or is being written by another command.
    """
    for source in sources:
        if Path(os.path.realpath(path)) in (real := Path(os.path.realpath(source)), *real.parents):
            raise refuse_output("is_source", path)
    with whole_folders([path], replace=replace, kind=kind) as (draft,):
        yield draft


@contextmanager
def whole_folders(
    paths: Sequence[Path], *, replace: bool = False, kind: Kind = RESULT
) -> Iterator[list[Path]]:
    """Provide a hidden folder for each of several paths side by side, as `whole_folder` does.

    All are put in place together.
    """
    paths = [_absolute(path) for path in paths]
    (parent,) = {path.parent for path in paths}
    finish_interrupted(parent)
    for path in paths:
        _refuse_occupied(path, replace, kind)
    made = [folder for folder in (parent, *parent.parents) if not os.path.exists(folder)]
    drafts: dict[Path, Path] = {}
    try:
        with ExitStack() as locks:
            try:
                parent.mkdir(parents=True, exist_ok=True)
                for path in paths:
                    _lock(path, locks)
                    remove_drafts(parent, f".{path.name}")
                    drafts[make_draft(parent, f".{path.name}")] = path
            except OutputError:
                raise
            except OSError as error:
                raise refuse_output("not_writable", path, reason=error.strerror) from error
            try:
                yield list(drafts)
                for draft, path in drafts.items():
                    _refuse_occupied(path, replace, kind)
                    for name in kind.kept:
                        if (path / name).is_file():
                            shutil.copy2(path / name, draft)
                    open_to_others(draft)
                switch_folders(drafts)
            except OutputError:
                raise
            except OSError as error:
                reason = error.strerror or str(error)
                raise refuse_output("not_written", path, reason=reason) from error
            finally:
                for draft in drafts:
                    discard(draft)
    finally:
        for folder in made:
            # Only folders that are still empty.
            with suppress(OSError):
                folder.rmdir()


def _lock(path: Path, locks: ExitStack) -> None:
    """Hold the lock of a path until the end, so that no other command computes for it."""
    try:
        locks.enter_context(locked(path.with_name(f".{path.name}.lock"), wait=False))
    except BlockingIOError:
        raise refuse_output("in_progress", path) from None


def check_folder_names(ids: Iterable[str]) -> None:
    """Refuse ids of methodologies that cannot be names of folders.

    Raises
    ------
    OutputError
        An id cannot.
    """
    if odd := [name for name in ids if name in ("", ".", "..") or set(name) & set("/\\\0")]:
        raise OutputError(Fault("option.id_not_a_folder", "--methodology", values=tuple(odd)))


def write_contents(contents: Mapping[str, bytes], folder: Path) -> list[str]:
    """Write files into an existing folder, by name, and return their names."""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return list(contents)


def _absolute(path: Path) -> Path:
    """Return an absolute path; refuse one that cannot be replaced as a whole."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise refuse_output("not_writable", path, reason="its name is no text") from None
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
        present = sorted(_present(path, kind)) if path.exists() else []
        # Those that a killed command left.
        present = [name for name in present if not name.startswith(OWN)]
    except OutputError:
        raise
    except OSError as error:
        raise refuse_output("not_writable", path, reason=error.strerror) from error
    if not present:
        return
    if others := tuple(name for name in present if not kind.has(name)):
        raise refuse_output("other_files", path, files=others[:3])
    if kind.record is not None and not _is_record(path / kind.record):
        raise refuse_output("no_record", path, record=kind.record)
    if not replace:
        raise refuse_output("result_exists", path)


def _present(folder: Path, kind: Kind, above: str = "") -> Iterator[str]:
    """Yield the path of each file of a folder, and of what a kind without folders has there."""
    for item in folder.iterdir():
        name = f"{above}{item.name}"
        if kind.parts and item.is_dir() and not item.is_symlink():
            yield from _present(item, kind, f"{name}/")
        else:
            yield name


def _is_record(path: Path) -> bool:
    try:
        return "apl_engine" in json.loads(read_small_file(path))
    except (OSError, ValueError, TypeError, RecursionError):
        return False
