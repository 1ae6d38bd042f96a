"""What a file is by its first bytes, and what must not be opened at all."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path

from ...errors import Fault

_ZIP, _OLE2, _GZIP, _ZSTD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PARQUET, _ARROW = b"PAR1", b"ARROW1"
# A workbook of all communes by year of age and sex is 20 times smaller than this.
_LARGEST = 2 * 1024**3
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 16 * 1024**2
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def content_of(path: Path) -> str | Fault:
    """Tell what a file holds by its first bytes, whatever its name ends in.

    Parameters
    ----------
    path : the file.

    Returns
    -------
    str | Fault
        workbook, CSV, Parquet or Arrow IPC; or why it cannot be read.
    """
    if path.is_dir():
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "is a folder", "hint": "Give the file itself."},
        )
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        return Fault(
            code="legacy.fault",
            table=str(path),
            details={"problem": f"cannot be opened ({error.strerror})", "hint": "Check the name."},
        )
    if not start:
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "is empty (0 bytes)", "hint": "Download or export it again."},
        )
    if start.startswith(_PARQUET):
        return "Parquet"
    if start.startswith(_ARROW):
        return "Arrow IPC"
    if start.startswith(_ZIP):
        return _zipped(path) or "workbook"
    if start.startswith(_OLE2):
        return _old_workbook(path) or "workbook"
    return "CSV"


def _zipped(path: Path) -> Fault | None:
    """Return why a zip must not be read as a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        hint = "It may be cut short: download it again."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": f"cannot be read as a workbook ({error})", "hint": hint},
        )
    names = [member.filename for member in members]
    size = sum(member.file_size for member in members)
    if size > _LARGEST:
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={
                "problem": f"expands to {size / 1024**3:.1f} GiB from {path.stat().st_size / 1024**2:.1f} MiB",
                "hint": "No workbook of communes is that large; it is not opened.",
            },
        )
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        hint = "Save it as .xlsx, without macros."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "is a workbook with macros", "hint": hint},
        )
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        held = ", ".join(sorted(names)[:3])
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": f"is an archive that holds {held}", "hint": "Unzip it first."},
        )
    return None


def _old_workbook(path: Path) -> Fault | None:
    """Return why a workbook in the container of older ones cannot be read."""
    if _ENCRYPTED in path.read_bytes():
        hint = "Open it with its password and save it without one."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "is an encrypted workbook", "hint": hint},
        )
    return None


def decoded(path: Path) -> tuple[bytes, str] | Fault:
    """Return a text file in UTF-8, and the encoding found: UTF-8, UTF-16 or Windows-1252.

    Parameters
    ----------
    path : a text file, plain or gz.

    Returns
    -------
    tuple of bytes and encoding, or Fault
    """
    raw = _bytes(path)
    if isinstance(raw, Fault):
        return raw
    if raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:], "UTF-8 with a mark"
    encodings: tuple[str, ...] = ("utf-8", "cp1252", "latin-1")
    if raw.startswith(UTF16_MARKS):
        encodings = ("utf-16",)
    names = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text[:65_536]:
            break
        utf8 = raw if encoding == "utf-8" else text.encode()
        return utf8, names.get(encoding, encoding.upper())
    return Fault(
        code="legacy.fault",
        table=path.name,
        details={
            "problem": "is neither text nor a format that is known",
            "hint": "Give CSV, a workbook (.xlsx, .xls, .ods), Parquet or Arrow IPC.",
        },
    )


def _bytes(path: Path) -> bytes | Fault:
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_ZSTD):
        hint = "Decompress it first: unzstd FILE."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": "is compressed with Zstandard", "hint": hint},
        )
    opener = gzip.open if start.startswith(_GZIP) else open
    parts, size = [], 0
    try:
        with opener(path, "rb") as file:
            while part := file.read(_CHUNK):
                size += len(part)
                if size > _LARGEST:
                    problem = f"expands to more than {_LARGEST / 1024**3:.0f} GiB"
                    return Fault(
                        code="legacy.fault",
                        table=path.name,
                        details={"problem": problem, "hint": "No such table is that large."},
                    )
                parts.append(part)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        hint = "It is cut short or damaged: download it again."
        return Fault(
            code="legacy.fault",
            table=path.name,
            details={"problem": f"cannot be decompressed ({error})", "hint": hint},
        )
    return b"".join(parts)


def odd_line_ends(path: Path, head: str) -> Fault | None:
    """Return the fault of a file that is too large to mend, whose lines end in CR alone."""
    if "\r" not in head.rstrip("\r\n").replace("\r\n", "\n"):
        return None
    hint = "Save it again with the line ends of today: LF, or CR and LF."
    return Fault(
        code="legacy.fault",
        table=path.name,
        details={"problem": "its lines end in a carriage return alone", "hint": hint},
    )


def odd_first_line(path: Path, line: str) -> Fault | None:
    """Return the fault of a first line that only Excel reads."""
    if not line.lower().startswith("sep="):
        return None
    problem = "begins with a line for Excel, 'sep='"
    return Fault(
        code="legacy.fault",
        table=path.name,
        details={"problem": problem, "hint": "Remove that line."},
    )


def in_utf16(path: Path) -> Fault:
    """Return the fault of a file in UTF-16 that is too large to be turned into UTF-8 here."""
    hint = "Save it as UTF-8, or turn it into it: iconv -f UTF-16 -t UTF-8 FILE > NEW."
    return Fault(
        code="legacy.fault",
        table=path.name,
        details={"problem": "is in UTF-16, which is not read here", "hint": hint},
    )
