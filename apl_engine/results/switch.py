"""Change what lies under names of a folder, all of it or nothing, even if the command is killed.

What is new is written to drafts in the same folder, and reaches the disk before any name changes.
One name is then changed by one call of the system: a file is renamed, a folder exchanged with the
earlier one. Several names, or a folder where the system exchanges none, are changed by a journal:
from the moment it appears the change is decided, and the next command that writes there carries
out what is left of it. Readers refuse such a folder (`inputs.half_written`) and write nothing.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .. import unfinished
from ..errors import Fault, OutputError
from ..inputs.half_written import JOURNAL
from ..small_files import read_small_file

# All names that begin so are of this module.
OWN = ".apl-engine"
_LOCK = f"{OWN}.lock"
_DRAFT, _OLD = ".partial", ".old"
_UNDECIDED = f"{JOURNAL}{_DRAFT}"
_RANDOM = "[a-z0-9_]{8}"
_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# What systems answer that have no locks, exchange no folders, or cannot sync one.
_LACKING = frozenset(
    {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOTTY}
)

Move = Mapping[str, Any]


def refuse_output(kind: str, path: Path, **details: object) -> OutputError:
    """Return the error of an output that cannot be written as asked."""
    return OutputError(Fault(f"output.{kind}", "output", details={"path": str(path), **details}))


@contextmanager
def drafts_in(folder: Path) -> Iterator[Path]:
    """Provide a hidden folder for drafts of files of `folder`, which is locked meanwhile."""
    with locked(folder / _LOCK):
        _finish(folder)
        remove_drafts(folder, OWN)
        draft = make_draft(folder, OWN)
        try:
            yield draft
        finally:
            discard(draft)


def make_draft(folder: Path, name: str) -> Path:
    """Return a new hidden folder to write in, of a name that `remove_drafts` recognises."""
    draft = Path(tempfile.mkdtemp(prefix=f"{name}.", suffix=_DRAFT, dir=folder))
    unfinished.begin(draft)
    return draft


def open_to_others(draft: Path) -> None:
    """Give a draft of a folder the permissions that a new folder there has.

    They are those of a folder made within: by the umask, or by what the folder asks (its group, for
    instance, or a default ACL). To read the umask itself it must be set, also for other threads.
    """
    within = draft / ".new"
    within.mkdir()
    mode = stat.S_IMODE(within.stat().st_mode)
    within.rmdir()
    draft.chmod(mode)


def _narrow(draft: Path, target: Path) -> None:
    """Let a draft grant others no more than what it replaces, which may have been restricted."""
    try:
        earlier = stat.S_IMODE(os.lstat(target).st_mode)
    except FileNotFoundError:
        return
    mode = stat.S_IMODE(draft.stat().st_mode)
    if mode & ~(earlier | ~_OF_OTHERS):
        draft.chmod(mode & (earlier | ~_OF_OTHERS))


def discard(draft: Path) -> None:
    """Remove a draft, unless a journal may still need it."""
    if not (draft.parent / JOURNAL).exists():
        shutil.rmtree(draft, ignore_errors=True)
    unfinished.end(draft)


def remove_drafts(folder: Path, name: str) -> None:
    """Remove drafts that killed commands left; by whoever holds the lock of the name."""
    # With what was set aside for one, if a command was killed as it removed that.
    ours = re.compile(rf"{re.escape(name)}\.{_RANDOM}{re.escape(_DRAFT)}({re.escape(_OLD)})?")
    for path in folder.iterdir():
        if ours.fullmatch(path.name):
            discard(path)


def finish_interrupted(folder: Path) -> None:
    """Carry out what a killed command had decided to change in a folder.

    Raises
    ------
    OutputError
        That is impossible.
    """
    if not (folder / JOURNAL).exists():
        return
    try:
        with locked(folder / _LOCK):
            _finish(folder)
    except OutputError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise refuse_output("not_finished", folder, reason=reason) from error


def switch_folders(drafts: Mapping[Path, Path]) -> None:
    """Put folders, by draft, in the place of others beside them; see `switch`."""
    (folder,) = {draft.parent for draft in drafts}
    with locked(folder / _LOCK):
        _finish(folder)
        switch(folder, {target.name: draft for draft, target in drafts.items()})


def switch(folder: Path, new: Mapping[str, Path], gone: Iterable[str] = ()) -> None:
    """Change names of a folder together; the caller holds its lock.

    Parameters
    ----------
    folder : Path
        It holds the drafts, or the folder of drafts.
    new : mapping of str to Path
        The draft of what is to have each name.
    gone : iterable of str
        Names to remove, if they are there.

    Raises
    ------
    OSError
        Nothing was changed; or, if not even that is possible, a journal says what is left.
    """
    for name, draft in new.items():
        _narrow(draft, folder / name)
        _sync_all(draft)
    # From here on a draft may be, or hold, what has the name.
    for draft in new.values():
        unfinished.end(draft)
        unfinished.end(draft.parent)
    gone = [name for name in gone if os.path.lexists(folder / name)]
    if len(new) == 1 and not gone:
        ((name, draft),) = new.items()
        target = folder / name
        if not target.is_dir() or target.is_symlink():
            os.replace(draft, target)
            _sync(folder)
            return
        if _exchange(draft, target):
            _sync(folder)
            return
    drafts = {name: draft.relative_to(folder).as_posix() for name, draft in new.items()}
    # Names to remove are moved to where the drafts are, which is removed at the end.
    aside = next(iter(new.values())).parent.relative_to(folder)
    moves: list[Move] = [
        *({"target": name, "draft": path, "old": path + _OLD} for name, path in drafts.items()),
        *(
            {"target": name, "draft": None, "old": (aside / f"{name}{_OLD}").as_posix()}
            for name in gone
        ),
    ]
    try:
        _decide(folder, moves)
        _finish(folder)
    except OSError:
        for move in reversed(moves):
            _undo(folder, move)
        for name in (JOURNAL, _UNDECIDED):
            (folder / name).unlink(missing_ok=True)
        raise
    except BaseException:
        # An interruption may come after any call.
        with suppress(OSError):
            _finish(folder)
        raise


def _decide(folder: Path, moves: list[Move]) -> None:
    """Write the journal: from here on, the change is carried out."""
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    draft = folder / _UNDECIDED
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"format": 1, "command": command, "moves": moves}, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, folder / JOURNAL)
    _sync(folder)


def _finish(folder: Path) -> None:
    """Carry out what is left of a journal, if there is one; by whoever holds the lock."""
    try:
        text = read_small_file(folder / JOURNAL).decode()
    except FileNotFoundError:
        (folder / _UNDECIDED).unlink(missing_ok=True)
        return
    moves = _moves_of(folder, text)
    for move in moves:
        target, old = folder / move["target"], folder / move["old"]
        draft = move["draft"] and folder / move["draft"]
        if draft and not os.path.lexists(draft):
            continue
        if os.path.lexists(target) and not os.path.lexists(old):
            os.replace(target, old)
        if draft:
            os.replace(draft, target)
    _sync(folder)
    os.unlink(folder / JOURNAL)
    # Before the earlier files are removed: a journal that came back would look for them.
    with suppress(OSError):
        _sync(folder)
    for top in {Path(move["old"]).parts[0] for move in moves}:
        shutil.rmtree(folder / top, ignore_errors=True)


def _moves_of(folder: Path, text: str) -> list[Move]:
    """Return the moves of a journal; refuse one that this module did not write."""
    within = re.compile(
        rf"\..+\.{_RANDOM}{re.escape(_DRAFT)}(/[^/]+|{re.escape(_OLD)})?", re.DOTALL
    )
    try:
        moves: list[Move] = json.loads(text)["moves"]
        for move in moves:
            inside = [path for path in (move["draft"], move["old"]) if path is not None]
            if Path(move["target"]).name != move["target"] or not all(
                within.fullmatch(path) and ".." not in Path(path).parts for path in inside
            ):
                raise ValueError(move)
    except (ValueError, KeyError, TypeError) as error:
        raise refuse_output("journal_damaged", folder / JOURNAL) from error
    return moves


def _undo(folder: Path, move: Move) -> None:
    """Reverse what was carried out of one move."""
    target, old = folder / move["target"], folder / move["old"]
    if move["draft"] and not os.path.lexists(folder / move["draft"]):
        os.replace(target, folder / move["draft"])
    if os.path.lexists(old):
        os.replace(old, target)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names in one step; return whether the system can."""
    import ctypes

    if sys.platform == "win32":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(first), os.fsencode(second)
    if sys.platform == "darwin":
        function, arguments = "renamex_np", (*names, 2)
    else:
        function, arguments = "renameat2", (-100, names[0], -100, names[1], 2)
    if not hasattr(library, function):
        return False
    if getattr(library, function)(*arguments) == 0:
        return True
    number = ctypes.get_errno()
    if number in _LACKING:
        return False
    raise OSError(number, os.strerror(number), str(second))


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock file, which is removed at the end; a killed command leaves it unlocked.

    Raises
    ------
    BlockingIOError
        Another command holds it, and `wait` is not set.
    """
    while True:
        number = _open(path)
        try:
            while not _lock(number, wait):
                if not wait:
                    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
                time.sleep(0.1)
            # Whoever held it has removed the name.
            if _is_at(number, path):
                break
        except BaseException:
            os.close(number)
            raise
        os.close(number)
    unfinished.begin(path)
    try:
        yield
    finally:
        unfinished.end(path)
        if sys.platform == "win32":
            os.close(number)
        with suppress(OSError):
            os.unlink(path)
        if sys.platform != "win32":
            os.close(number)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:
        # That of somebody else in a folder that both may write to.
        if not path.is_file():
            raise
        return os.open(path, os.O_RDONLY)


def _lock(number: int, wait: bool) -> bool:
    """Lock an open file; return whether it is now, or the system has no locks there."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        return error.errno in _LACKING
    return True


def _is_at(number: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(number), os.stat(path))
    except FileNotFoundError:
        return False


def _sync_all(path: Path) -> None:
    """Wait until a file, or a folder with all that it holds, is on the disk."""
    if path.is_dir():
        for inside in path.iterdir():
            _sync_all(inside)
    _sync(path)


def _sync(path: Path) -> None:
    if path.is_dir() and sys.platform == "win32":
        return
    # Windows syncs only what may be written to.
    number = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in _LACKING:
            raise
    finally:
        os.close(number)
