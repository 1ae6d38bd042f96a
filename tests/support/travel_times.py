"""Files of travel times for tests, and what the reader makes of them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from apl_engine.errors import Fault, Note
from apl_engine.inputs.imported import Imported
from apl_engine.methodology.model import Methodology
from apl_engine.readers.travel_times.read import read_distancier

from .faults import faults_of
from .tables import methodology

RULES = methodology()
CODES = ["01001", "01002", "2A004", "38001", "75101"]
COMMUNES = pl.Series(CODES)
Pairs = list[tuple[str, str, float]]

#: minutes; the last is beyond reach, and its reverse is not
PAIRS: Pairs = [
    ("01001", "01001", 0.0),
    ("01001", "01002", 9.5),
    ("01002", "01001", 10.25),
    ("2A004", "38001", 20.0),
    ("38001", "2A004", 20.01),
]
WITHIN = PAIRS[:4]


def rules(**travel: Any) -> Methodology:
    """Return the methodology with some parameters of section travel changed."""
    return replace(RULES, travel=replace(RULES.travel, **travel))


def metric(pairs: Pairs, separator: str = ";") -> str:
    """Return pairs as METRIC writes them, a kilometre a minute."""
    lines = [separator.join(("idSrc", "idDst", "duree", "distance"))]
    lines += [separator.join((o, d, str(t), str(t))) for o, d, t in pairs]
    return "\n".join(lines) + "\n"


def country(size: int = 40) -> Pairs:
    """Return all pairs of communes on a line, a minute and a kilometre apart."""
    codes = [f"38{k:03d}" for k in range(size)]
    return [(o, d, abs(i - j) + 0.25) for i, o in enumerate(codes) for j, d in enumerate(codes)]


def long_file(rows: int = 20_000) -> str:
    """Return a file longer than the part that is read to detect its layout."""
    draw = random.Random(5)
    return metric(
        [(f"38{k % 900:03d}", f"01{k // 900:03d}", draw.randrange(9000) / 100) for k in range(rows)]
    )


def write(folder: Path, content: str | bytes, name: str = "d.csv") -> Path:
    """Write a file; text gets an end of line, without which it would count as cut."""
    path = folder / name
    if isinstance(content, str):
        content = (content if not content or content.endswith("\n") else content + "\n").encode()
    path.write_bytes(content)
    return path


def read(path: Path, **options: Any) -> Imported:
    return read_distancier([path], options.pop("rules", RULES), **options)


def table(imported: Imported) -> Pairs:
    return imported.tables["travel_times"].rows()


def counts(imported: Imported) -> dict[str, int]:
    """Return the count of each note, by code without its subject."""
    return {note.code.removeprefix("distancier."): note.count for note in imported.notes}


def note(imported: Imported, kind: str) -> Note:
    return next(note for note in imported.notes if note.code == f"distancier.{kind}")


def faults(path: Path | list[Path], **options: Any) -> tuple[Fault, ...]:
    """Return the faults for which a matrix is refused."""
    files = path if isinstance(path, list) else [path]
    return faults_of(lambda: read_distancier(files, options.pop("rules", RULES), **options))


def fault(path: Path | list[Path], **options: Any) -> Fault:
    """Return the only fault for which a matrix is refused."""
    (only,) = faults(path, **options)
    return only
