"""Containers that no table is to be read from: encrypted, old, with macros, made to burst."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

from .writing import write_workbook

OLE2_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NONE = 0xFFFFFFFF


def write_encrypted_workbook(path: Path) -> None:
    """Write what a workbook with a password is: an OLE2 container with an EncryptedPackage.

    The streams hold no real cipher, only what tells such a file: sectors of 512 bytes, a FAT, a
    directory with the two names.
    """
    size = 8 * _SECTOR  # streams under 4096 bytes would need a second table
    info, package = range(2, 10), range(10, 18)
    fat = [_FAT, _END]
    for stream in (info, package):
        fat += [*list(stream)[1:], _END]
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    directory = b"".join(
        (
            _entry("Root Entry", 5, child=1, start=_END, size=0),
            _entry("EncryptionInfo", 2, right=2, start=info[0], size=size),
            _entry("EncryptedPackage", 2, start=package[0], size=size),
            _entry("", 0, start=0, size=0),
        )
    )
    # Agile encryption: version 4.4, flags 0x40, then XML.
    words = struct.pack("<HHI", 4, 4, 0x40) + b'<?xml version="1.0"?><encryption/>'
    header = OLE2_MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    content = header + struct.pack(f"<{len(fat)}I", *fat) + directory
    path.write_bytes(content + words.ljust(size, b" ") + bytes(range(256)) * (size // 256))


def _entry(
    name: str, kind: int, *, right: int = _NONE, child: int = _NONE, start: int, size: int
) -> bytes:
    """One entry of the directory of an OLE2 container, 128 bytes."""
    letters = (name + "\0").encode("utf-16-le") if name else b""
    return (
        letters.ljust(64, b"\0")
        + struct.pack("<HBB", len(letters), kind, 1)
        + struct.pack("<III", _NONE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def write_old_workbook(path: Path) -> None:
    """Write the beginning of a workbook of Excel 97 (.xls): an OLE2 container, not encrypted."""
    write_encrypted_workbook(path)
    content = path.read_bytes()
    for name in ("EncryptionInfo", "EncryptedPackage"):
        old = name.encode("utf-16-le")
        new = {"EncryptionInfo": "Summary", "EncryptedPackage": "Workbook"}[name]
        content = content.replace(old, new.encode("utf-16-le").ljust(len(old), b"\0"))
    path.write_bytes(content)


def add_macros(path: Path) -> None:
    """Put a project of macros into a workbook and declare it, as in .xlsm."""
    with zipfile.ZipFile(path) as book:
        parts = [(item, book.read(item)) for item in book.infolist()]
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for item, content in parts:
            book.writestr(item, content.replace(plain, macro))
        project = zipfile.ZipInfo("xl/vbaProject.bin", (1980, 1, 1, 0, 0, 0))
        book.writestr(project, OLE2_MAGIC + bytes(504))


def write_zip_bomb(path: Path, *, gibibytes: int = 5, claimed: int | None = None) -> None:
    """Write a workbook of some 5 MB whose sheet unpacks to gigabytes of zeros.

    A piece of 64 MiB is packed once and repeated; its check sum is carried forward without
    reading the whole. `claimed` is the size that the directory of the zip gives in place of the
    true one.
    """
    write_workbook(path, {"COM": [["CODGEO"], ["01001"]]})
    with zipfile.ZipFile(path) as book:
        parts = [(item.filename, book.read(item)) for item in book.infolist()]
    piece = 1 << 26
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(piece)) + packer.flush(zlib.Z_FULL_FLUSH)
    count = gibibytes * (1 << 30) // piece
    body = packed * count + b"\x03\x00"  # an empty last block
    crc = _crc_of_zeros(count * piece)
    with open(path, "wb") as file:
        entries = []
        for name, content in parts:
            if name == "xl/worksheets/sheet1.xml":
                size = count * piece if claimed is None else claimed
                entries.append(_member(file.tell(), name, crc, len(body), size, 8))
                file.write(entries[-1][0] + body)
            else:
                entries.append(
                    _member(file.tell(), name, zlib.crc32(content), len(content), len(content), 0)
                )
                file.write(entries[-1][0] + content)
        start = file.tell()
        central = b"".join(entry for _, entry in entries)
        end = struct.pack(
            "<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(central), start, 0
        )
        file.write(central + end)


def _member(
    offset: int, name: str, crc: int, packed: int, size: int, method: int
) -> tuple[bytes, bytes]:
    """Local header and entry of the central directory, sizes in the 64-bit field."""
    extra = struct.pack("<HHQQ", 1, 16, size, packed)
    label = name.encode()
    common = struct.pack(
        "<HHHHHIIIHH", 45, 0, method, 0, 0x21, crc, _NONE, _NONE, len(label), len(extra)
    )
    local = struct.pack("<I", 0x04034B50) + common + label + extra
    central = struct.pack("<IH", 0x02014B50, 45) + common
    central += struct.pack("<HHHII", 0, 0, 0, 0, offset) + label + extra
    return local, central


def _crc_of_zeros(length: int) -> int:
    """CRC-32 of so many zero bytes, by squaring: a zero byte is a linear map of the register."""

    def image(matrix: list[int], vector: int) -> int:
        found = 0
        for bit, column in enumerate(matrix):
            if vector >> bit & 1:
                found ^= column
        return found

    step = [zlib.crc32(b"\0", (1 << bit) ^ 0xFFFFFFFF) ^ 0xFFFFFFFF for bit in range(32)]
    register = 0xFFFFFFFF
    while length:
        if length & 1:
            register = image(step, register)
        step = [image(step, column) for column in step]
        length >>= 1
    return register ^ 0xFFFFFFFF
