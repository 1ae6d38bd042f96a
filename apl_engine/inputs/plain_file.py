"""Files as they can be read: what they hold, unpacked from an archive, text in UTF-8.

Every reader of files opens them here. A file that is read as it stands is not copied; the table of
a zip archive, UTF-16 and the line ends of old Macintosh programs are converted, piece by piece, to
a private copy that is removed with the object that stands for it.
"""

from __future__ import annotations

import codecs
import lzma
import os
import re
import shutil
import struct
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from copy import copy as copied
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from .. import unfinished
from ..errors import Fault, printable
from ..small_files import other_kind
from .arrow_file import is_whole
from .half_written import half_written
from .text_file import ENCODINGS, compression_of, damaged, open_text

_ZIP, _OLE2 = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"), b"\xd0\xcf\x11\xe0"
_TYPED = {b"PAR1": "Parquet", b"ARROW1": "Arrow IPC", b"\xff\xff\xff\xff": "Arrow IPC"}
_LFS = b"version https://git-lfs.github.com/"
# What is often given in place of a table.
_OTHERS = {
    rb"\s*<(?:!doctype )?html": "a web page",
    rb"\s*<": "XML",
    rb"\s*[\[{]": "JSON",
    rb"%PDF": "PDF",
    rb"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    rb"Rar!": "a RAR archive",
    rb"BZh[1-9]": "compressed with bzip2",
    rb"\xfd7zXZ": "compressed with xz",
    rb"SQLite format 3": "an SQLite or GeoPackage database",
    rb"(?s).{257}ustar": "a tar archive",
}
# A workbook of all communes by year of age and sex is 20 times smaller than this.
LARGEST = 2 * 1024**3
# Larger tables are only unpacked if they are compressed as tables are, not as repeated bytes are.
_MOST_EXPANDED = 100
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

# Endings of tables in an archive.
_TABLES = (
    ".csv", ".tsv", ".csv.gz", ".csv.zst", ".parquet", ".arrow", ".ipc", ".feather", ".xlsx",
    ".xlsm", ".xls", ".ods",
)  # fmt: skip
# Descriptions that publishers pack with a table.
_DESCRIPTION = re.compile(
    r"(^|[^a-z])(meta|metadata|metadonnees?|varmod|dictionnaire|documentation|notice|readme"
    r"|li(sez|rez)[_ -]?moi)([^a-z]|$)"
)
_HIDDEN = ("__MACOSX", ".", "~$", "Thumbs.db", "desktop.ini")
_UNZIPPING = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError,
    RuntimeError, ValueError, struct.error,
)  # fmt: skip
_START, _CHUNK, _SHOWN = 65_536, 2**20, 12
# Of a name in an archive, in the name of its copy.
_LONGEST_NAME = 100
# Share of zero bytes, in every second byte of UTF-16.
_MOSTLY = 0.8
# The longer marks first: that of UTF-32 begins as that of UTF-16 does.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
_LETTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_HIGH = bytes(range(128, 256))
_TEXT_BYTES = bytes((9, 10, 12, 13, 26, *range(32, 256)))


@dataclass(frozen=True, eq=False)
class PlainFile:
    """A file, or a private copy of its table, that can be read.

    Attributes
    ----------
    given : Path
        The file that was given; of a table in an archive, ``ARCHIVE.zip/TABLE``.
    path : Path
        What is read: the file itself, or the copy, which lives as long as this object.
    content : str
        workbook, CSV, Parquet or Arrow IPC.
    encoding : str
        That of the text that a copy was converted from; otherwise "".
    """

    given: Path
    path: Path
    content: str
    encoding: str = ""
    # What this copy was made from, and what is removed with it.
    _before: PlainFile | None = field(default=None, repr=False)

    def in_single_bytes(self) -> PlainFile | Fault:
        """Return text that is not UTF-8, read as Windows-1252 or Latin-1.

        Refused if most of its letters beyond ASCII are those of UTF-8: then it is damaged.
        """
        if self.encoding or self._is_mostly_utf8():
            return file_fault(self.given, "not_utf8")
        for encoding in ("cp1252", "latin-1"):
            converted = self.converted(encoding)
            if not isinstance(converted, Fault) or converted.code != "source_file.not_text":
                break
        return converted

    def _is_mostly_utf8(self) -> bool:
        with open_text(self.path) as file:
            # A letter of two bytes may stand across two pieces, which changes few of the counts.
            counts = [
                (len(part) - len(part.translate(None, _HIGH)), sum(map(len, _LETTER.findall(part))))
                for part in pieces(file)
            ]
        high, whole = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
        return 2 * whole > high

    def converted(self, encoding: str = "") -> PlainFile | Fault:
        """Return a copy in UTF-8; without an encoding, one whose lines end in a line feed.

        Parameters
        ----------
        encoding : str
            In which the text is.
        """
        copy = _new_copy(self.given, self.path.name)
        if isinstance(copy, Fault):
            return copy
        made = PlainFile(self.given, copy, "CSV", ENCODINGS.get(encoding, self.encoding))
        weakref.finalize(made, _remove, copy.parent)
        decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
        size, most = 0, _largest(self.path.stat().st_size)
        try:
            with open_text(self.path) as source, copy.open("xb") as target:
                for part in pieces(source, last=True):
                    if decoder:
                        text = decoder.decode(part, final=not part)
                        part = text.encode()
                    else:
                        part = part.replace(b"\r", b"\n")
                    size += len(part)
                    if size > most:
                        return file_fault(self.given, "too_large", gib=most / 1024**3)
                    target.write(part)
        except UnicodeDecodeError:
            return file_fault(self.given, "not_text")
        except damaged() as error:
            return file_fault(self.given, "cannot_decompress", reason=str(error))
        except OSError as error:
            return _no_room(self.given, error)
        return made


def file_fault(
    path: Path, kind: str, *, rows: tuple[int, ...] = (), values: tuple[str, ...] = (),
    **details: object,
) -> Fault:  # fmt: skip
    """Return a fault of a file, ``source_file.<kind>``."""
    return Fault(f"source_file.{kind}", path.name, rows=rows, values=values, details=details)


def on_disk(path: Path) -> Path:
    """Return the file that holds a path: the archive of ``ARCHIVE.zip/TABLE``, or the path."""
    if os.path.lexists(path):
        return path
    archive = next((parent for parent in path.parents if os.path.isfile(parent)), None)
    try:
        return archive if archive and _starts(archive, 4).startswith(_ZIP) else path
    except OSError:
        return path


def open_plain(path: Path) -> PlainFile | Fault:
    """Open a file far enough to know what it holds, whatever the ending of its name.

    Parameters
    ----------
    path : Path
        The file; or ``ARCHIVE.zip/TABLE`` for one of several tables in an archive.

    Returns
    -------
    PlainFile or Fault
        Or why it cannot be read.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return file_fault(path, "name_not_utf8")
    place = on_disk(path)
    if fault := half_written(place):
        return fault
    member = path.relative_to(place).as_posix() if place != path else ""
    try:
        # Tables are read several times, by several threads: a FIFO would be empty after the first.
        if kind := other_kind(place):
            return file_fault(path, "is_folder" if kind == "a folder" else "not_regular", is_a=kind)
        start = _starts(place, _START)
    except (OSError, ValueError) as error:
        # A null character in a path is a ValueError.
        details = {"reason": getattr(error, "strerror", None) or str(error)}
        return Fault("source_file.cannot_open", str(path), details=details)
    if not start.startswith(_ZIP):
        return _open(PlainFile(path, place, ""), start)
    members = _members(place, path)
    if isinstance(members, Fault):
        return members
    if _is_workbook(members) and not member:
        return _open(PlainFile(path, place, ""), start)
    copy = _unpacked(path, place, member)
    return copy if isinstance(copy, Fault) else _open(copy, _starts(copy.path, _START))


def pieces(file: IO[bytes], *, last: bool = False) -> Iterator[bytes]:
    """Yield a file in pieces; an empty one at the end if `last`."""
    while part := file.read(_CHUNK):
        yield part
    if last:
        yield b""


def _starts(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _open(file: PlainFile, start: bytes) -> PlainFile | Fault:
    """Return a file with its content, by its first bytes."""

    def holding(content: str) -> PlainFile:
        return PlainFile(file.given, file.path, content, _before=file)

    if not start:
        return file_fault(file.given, "empty_file")
    for mark, content in _TYPED.items():
        if start.startswith(mark):
            if content == "Arrow IPC" and not is_whole(file.path):
                return file_fault(file.given, "arrow_not_whole")
            return holding(content)
    if start.startswith(_ZIP):
        return _unsafe_workbook(file) or holding("workbook")
    if start.startswith(_OLE2):
        if (size := file.path.stat().st_size) > LARGEST:
            return file_fault(file.given, "too_large", gib=LARGEST / 1024**3, size=size)
        encrypted = _ENCRYPTED in file.path.read_bytes()
        return file_fault(file.given, "encrypted") if encrypted else holding("workbook")
    if start.startswith(_LFS):
        return file_fault(file.given, "git_lfs_pointer")
    for pattern, name in _OTHERS.items():
        if re.match(pattern, start, re.IGNORECASE):
            return file_fault(file.given, "other_format", format=name)
    return _open_text(holding("CSV"), start)


# --- text ----------------------------------------------------------------------------------------


def _open_text(file: PlainFile, start: bytes) -> PlainFile | Fault:
    """Return text in UTF-8 or in single bytes, its lines ending in a line feed."""
    if compression_of(file.path):
        try:
            with open_text(file.path) as text:
                start = text.read(_START)
        except damaged() as error:
            return file_fault(file.given, "cannot_decompress", reason=str(error))
    if encoding := _wide_encoding(start):
        converted = file.converted(encoding)
        if isinstance(converted, Fault):
            return converted
        start, file = _starts(converted.path, _START), converted
    if b"\0" in start:
        return _null_fault(file.given, start)
    return file.converted() if b"\r" in start and b"\n" not in start else file


def _wide_encoding(start: bytes) -> str:
    """Return the encoding of text in units of two or four bytes; otherwise ""."""
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "")
    if marked or len(start) < 4:
        return marked
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = start[first::2], start[1 - first :: 2]
        if not others.count(0) and zeros.count(0) > _MOSTLY * len(zeros):
            return name
    return ""


def _null_fault(path: Path, start: bytes) -> Fault:
    """Return the fault of text with null characters, or of a file that is no text."""
    if start.translate(None, _TEXT_BYTES).strip(b"\0"):
        return file_fault(path, "not_text")
    at = start.index(b"\0")
    rows = tuple(row for row in (start.count(b"\n", 0, at),) if row)
    return file_fault(path, "null_characters", rows=rows, count=start.count(0))


# --- archives ------------------------------------------------------------------------------------


def _members(path: Path, given: Path) -> list[zipfile.ZipInfo] | Fault:
    try:
        with zipfile.ZipFile(path) as archive:
            return [member for member in archive.infolist() if not member.is_dir()]
    except _UNZIPPING as error:
        return file_fault(given, "unreadable", format="a zip archive", reason=_reason(error))


def _is_workbook(members: Sequence[zipfile.ZipInfo]) -> bool:
    names = [member.filename for member in members]
    return any(name.startswith("xl/") or name == "content.xml" for name in names)


def _unsafe_workbook(file: PlainFile) -> Fault | None:
    """Return why a zip must not be read as a workbook."""
    members = _members(file.path, file.given)
    if isinstance(members, Fault):
        return members
    if not _is_workbook(members):
        return _no_table(file.given, members)
    size = sum(member.file_size for member in members)
    if size > LARGEST:
        return _bomb(file.given, size, file.path.stat().st_size)
    if any(member.filename.lower().endswith("vbaproject.bin") for member in members):
        return file_fault(file.given, "has_macros")
    return _lying(file, members)


def _lying(file: PlainFile, members: Sequence[zipfile.ZipInfo]) -> Fault | None:
    """Return the fault of a workbook that expands to more than it states.

    Its reader goes on to the end of the compressed data, whatever size is stated.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            for member in members:
                # As if the largest size were stated: reading ends where the data do.
                freed = copied(member)
                freed.file_size, size = LARGEST + 1, 0
                with archive.open(freed) as source:
                    for part in pieces(source):
                        if (size := size + len(part)) > member.file_size:
                            name, stated = printable(member.filename), member.file_size
                            return file_fault(file.given, "lies", member=name, bytes=stated)
    except _UNZIPPING as error:
        return file_fault(file.given, "unreadable", format="a zip archive", reason=_reason(error))
    return None


def _unpacked(given: Path, archive: Path, wanted: str) -> PlainFile | Fault:
    """Return a copy of the one table of an archive, or of the one that is wanted."""
    members = _members(archive, given)
    if isinstance(members, Fault):
        return members
    tables = _tables(members)
    if wanted:
        tables = [one for one in members if one.filename.replace("\\", "/") == wanted]
    if len(tables) != 1:
        if not wanted and not tables:
            return _no_table(given, members)
        names = _names(_tables(members) or members)
        kind = "no_such_member" if wanted else "several_tables"
        example = f"{archive.name}/{names[0]}" if names else ""
        return file_fault(given, kind, members=names, example=example)
    (member,) = tables
    if member.flag_bits & 1:
        return file_fault(given, "encrypted_archive")
    if member.file_size > _largest(member.compress_size):
        return _bomb(given, member.file_size, member.compress_size)
    inner = PurePosixPath(member.filename.replace("\\", "/")).name
    name = f"{printable(inner)[-_LONGEST_NAME:]} (in {archive.name})"
    copy = _new_copy(given, name, member.file_size)
    if isinstance(copy, Fault):
        return copy
    made = PlainFile(given, copy, "")
    weakref.finalize(made, _remove, copy.parent)
    try:
        # No more is read than the size that the archive states.
        with (
            zipfile.ZipFile(archive) as opened,
            opened.open(member) as source,
            copy.open("xb") as target,
        ):
            for part in pieces(source):
                target.write(part)
    except _UNZIPPING as error:
        return file_fault(given, "unreadable", format="a zip archive", reason=_reason(error))
    return made


def _tables(members: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the tables of an archive, without the descriptions that publishers add."""
    paths = [(one, PurePosixPath(one.filename.replace("\\", "/"))) for one in members]
    visible = [
        (one, path.name.lower()) for one, path in paths
        if not any(part.startswith(_HIDDEN) for part in path.parts)
    ]  # fmt: skip
    for endings in (_TABLES, (".txt", ".txt.gz")):
        tables = [(one, name) for one, name in visible if name.endswith(endings)]
        if data := [one for one, name in tables if not _DESCRIPTION.search(name)]:
            return data
    return [one for one, _ in visible] if len(visible) == 1 else []


def _names(members: Iterable[zipfile.ZipInfo]) -> tuple[str, ...]:
    names = sorted(printable(member.filename) for member in members)
    return (*names[:_SHOWN], "...") if len(names) > _SHOWN else tuple(names)


def _no_table(given: Path, members: Sequence[zipfile.ZipInfo]) -> Fault:
    return file_fault(given, "is_archive", members=_names(members)[:3] or ("nothing",))


def _bomb(given: Path, size: int, compressed: int) -> Fault:
    return file_fault(given, "zip_bomb", gib=size / 1024**3, mib=compressed / 1024**2)


def _largest(compressed: int) -> int:
    """Return how large a table of some bytes may become."""
    return max(LARGEST, _MOST_EXPANDED * compressed)


def _new_copy(given: Path, name: str, size: int = 0) -> Path | Fault:
    """Return a path for a copy, in a new folder that only this user can read."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="apl-engine-"))
        if (free := shutil.disk_usage(folder).free) < size:
            folder.rmdir()
            gib, place = size / 1024**3, str(folder.parent)
            return file_fault(given, "no_room", gib=gib, free=free / 1024**3, folder=place)
    except OSError as error:
        return _no_room(given, error)
    unfinished.begin(folder)
    return folder / name


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.end(folder)


def _no_room(given: Path, error: OSError) -> Fault:
    return file_fault(given, "cannot_unpack", reason=_reason(error))


def _reason(error: BaseException) -> str:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable(reason.strip().splitlines()[0])
