"""The files that a network in parts is built from, here or at an address, one at a time."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ...errors import Fault, InputDataError, missing_library
from ...inputs.named_columns import NamedColumns
from ...inputs.tables import SUFFIXES, Source, stamp_of
from ...schemas import TRAVEL_TIMES
from ..reading import Given, locate, open_times

_ADDRESS = re.compile(r"[a-z][a-z0-9+.\-]+(::[a-z][a-z0-9+.\-]+)*://", re.IGNORECASE)


def is_address(given: object) -> bool:
    """Return whether travel times are given by an address such as s3://bucket/times."""
    return isinstance(given, str) and bool(_ADDRESS.match(given))


@dataclass(frozen=True)
class InputFile:
    """One file of travel times, or a table in memory.

    Attributes
    ----------
    name : str
        As the network records it.
    identity : tuple
        What changes if the file does: its size and time.
    given : Path or object
        What is opened; the path at the other end of an address.
    fetch : callable or None
        Copies a file of an address to a path.
    """

    name: str
    identity: tuple[Any, ...]
    given: Given
    fetch: Callable[[str, str], object] | None = None

    @contextmanager
    def opened(self, named: NamedColumns, folder: Path) -> Iterator[Source]:
        """Open the file, for as long as it is read; `folder` is for a copy.

        Raises
        ------
        InputDataError
            It cannot be read.
        """
        given = self.given
        if self.fetch:
            folder.mkdir(exist_ok=True)
            given = folder / PurePosixPath(self.name).name
            with _reported(self.name):
                self.fetch(str(self.given), str(given))
        try:
            source = open_times(given, named)
            if isinstance(source, Fault):
                raise InputDataError(source)
            yield source
        finally:
            if self.fetch:
                shutil.rmtree(folder, ignore_errors=True)

    def stamp(self, source: Source) -> dict[str, Any] | None:
        """Return name, size and digest of an open file."""
        if source.path is None:
            return None
        stamp = replace(stamp_of(source.path), name=self.name)
        return {"file": stamp.name, "bytes": stamp.size, "sha256": stamp.sha256}


@dataclass(frozen=True)
class InputFiles:
    """All files of travel times.

    Attributes
    ----------
    files : tuple of InputFile
    folder : Path or None
        Where the table communes and imports.json are beside them.
    beside : Path or None
        That table.
    """

    files: tuple[InputFile, ...]
    folder: Path | None = None
    beside: Path | None = None


def find_inputs(given: Given) -> InputFiles:
    """Find the files of travel times.

    Parameters
    ----------
    given : str, Path or object
        As for `locate`; or an address that fsspec knows, of a file, a folder or a pattern.

    Raises
    ------
    InputDataError
        There are none.
    """
    if isinstance(given, str) and is_address(given):
        return InputFiles(tuple(_at_address(given)))
    located = locate(given)
    if isinstance(located.tables, Fault):
        raise InputDataError(located.tables)
    files = []
    for number, table in enumerate(located.tables):
        if not isinstance(table, Path):
            # A table in memory is not known from another process.
            files.append(InputFile("", ("memory", os.urandom(8).hex()), table))
            continue
        name = located.names[number] if located.names else table.name
        try:
            status = table.stat()
            identity: tuple[Any, ...] = (str(table.absolute()), status.st_size, status.st_mtime_ns)
        except (OSError, ValueError):
            # Of an archive, missing, or no path at all: opening it tells.
            identity = (str(table.absolute()),)
        files.append(InputFile(name, identity, table))
    return InputFiles(tuple(files), located.folder, located.beside())


def _at_address(address: str) -> list[InputFile]:
    """Find the files at an address."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        details = missing_library("fsspec", "cluster")
        raise InputDataError(Fault("dependency.missing", "network", details=details)) from error
    with _reported(_shown(address)):
        system, root = url_to_fs(address)
        if any(mark in root for mark in "*?["):
            names = [path for path in system.glob(root) if not system.isdir(path)]
            fixed = re.split(r"[*?\[]", root)[0]
            top = PurePosixPath(fixed.rpartition("/")[0])
        elif system.isdir(root):
            names, top = system.find(root), PurePosixPath(root)
        else:
            names, top = [root], PurePosixPath(root).parent
        several = names != [root]
        files = []
        for path in sorted(map(str, names)):
            name = _below(path, top)
            parts = PurePosixPath(name).parts
            hidden = any(part.startswith((".", "_")) for part in parts)
            if several and (hidden or not name.lower().endswith(SUFFIXES)):
                continue
            info = system.info(path)
            changed = [str(info[key]) for key in ("ETag", "etag", "mtime", "LastModified",
                                                  "last_modified", "updated", "created")
                       if info.get(key) is not None]  # fmt: skip
            identity = (_shown(address), name, info.get("size"), *changed)
            files.append(InputFile(name, identity, path, system.get_file))
    if not files:
        details = {"folder": _shown(address)}
        raise InputDataError(Fault("travel_times.missing_file", TRAVEL_TIMES.name, details=details))
    return files


def _below(path: str, top: PurePosixPath) -> str:
    """Return the name of a file below a folder; some systems put a slash before one of them."""
    whole, start = path.lstrip("/"), str(top).strip("/")
    if start and whole.startswith(f"{start}/"):
        return whole[len(start) + 1 :]
    return PurePosixPath(whole).name if start and start != "." else whole


def _shown(address: str) -> str:
    """Return an address without user, password and query, which may hold secrets."""
    return re.sub(r"//[^/@]*@", "//", address.partition("?")[0])


@contextmanager
def _reported(name: str) -> Iterator[None]:
    """Report what a file system of any library raises."""
    try:
        yield
    except (KeyboardInterrupt, InputDataError):
        raise
    except ImportError as error:
        details = {"reason": f"the library {error.name or 'it needs'} is missing"}
        raise InputDataError(Fault("network.address_unreadable", name, details=details)) from error
    except FileNotFoundError as error:
        details = {"reason": "there is no such file or folder"}
        raise InputDataError(Fault("network.address_unreadable", name, details=details)) from error
    except OSError as error:
        if error.errno == 28:
            raise
        details = {"reason": error.strerror or type(error).__name__}
        raise InputDataError(Fault("network.address_unreadable", name, details=details)) from error
    except Exception as error:
        # Its text may hold what the address did.
        details = {"reason": type(error).__name__}
        raise InputDataError(Fault("network.address_unreadable", name, details=details)) from error
