"""What a file is by its first bytes, and which files must not be opened."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ...errors import Fault
from .issues import file_fault

_ZIP, _OLE2 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_TYPED = {b"PAR1": "Parquet", b"ARROW1": "Arrow IPC"}
# A workbook of all communes by year of age and sex is 20 times smaller than this.
LARGEST = 2 * 1024**3
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def content_of(path: Path) -> str | Fault:
    """Return what a file holds by its first bytes, whatever the ending of its name.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str or Fault
        workbook, CSV, Parquet or Arrow IPC; or why it cannot be read.
    """
    if path.is_dir():
        return file_fault(path, "is_folder")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        details = {"reason": error.strerror}
        return Fault("source_file.cannot_open", str(path), details=details)
    if not start:
        return file_fault(path, "empty_file")
    for mark, content in _TYPED.items():
        if start.startswith(mark):
            return content
    if start.startswith(_ZIP):
        return _unsafe_zip(path) or "workbook"
    if start.startswith(_OLE2):
        encrypted = _ENCRYPTED in path.read_bytes()
        return file_fault(path, "encrypted") if encrypted else "workbook"
    return "CSV"


def _unsafe_zip(path: Path) -> Fault | None:
    """Return why a zip must not be read as a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        return file_fault(path, "unreadable", format="a workbook", reason=str(error))
    names = [member.filename for member in members]
    size = sum(member.file_size for member in members)
    if size > LARGEST:
        gib, mib = size / 1024**3, path.stat().st_size / 1024**2
        return file_fault(path, "zip_bomb", gib=gib, mib=mib)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return file_fault(path, "has_macros")
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        return file_fault(path, "is_archive", members=tuple(sorted(names)[:3]))
    return None
