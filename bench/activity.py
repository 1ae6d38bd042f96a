"""Activity files larger than memory: the reader with all checks, compared with a DuckDB query.

    .venv/bin/python bench/activity.py [--rows N] [--runs N] [--keep DIR] [--json]

Draws prestations with a fixed seed, checks that both sides make the same tables, selects the
fastest of DuckDB's ways, then times both alternately as processes on two threads. This is no test:
it prints a table.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal
from processes import measure, pairs, row

ROOT = Path(__file__).parents[1]
DUCKDB = ROOT / "bench" / "peers" / "duckdb_activity.py"
WAYS = ("sets", "two", "once")
PEOPLE, MONTHS, COMMUNES, CHUNK = 75_000, 12, 35_000, 5_000_000
THREADS = {"POLARS_MAX_THREADS": "2"}
READER = """
import sys
from pathlib import Path
from apl_engine.methodology import load_methodology
from apl_engine.readers.activity.read import read_activity
folder, rules = Path(sys.argv[1]), load_methodology("mk-2024")
read = read_activity([folder / "prestations"], folder / "register.parquet", rules)
for name, table in read.tables.items() if len(sys.argv) > 2 else ():
    table.write_parquet(Path(sys.argv[2]) / f"{name}.parquet")
"""


def draw(folder: Path, rows: int) -> None:
    """Write a register and about `rows` prestations, one file per month."""
    random = np.random.default_rng(20220101)
    codes = [f"{dep:02d}{k:03d}" for dep in range(1, 96) if dep != 20 for k in range(1, 374)]
    communes = pl.Series(codes[:COMMUNES])
    ids = pl.Series([f"{100_000_000 + 11 * k}" for k in random.permutation(PEOPLE)])
    born = np.datetime64("1950-01-01") + random.integers(0, 16_000, PEOPLE)
    since = np.datetime64("1985-01-01") + random.integers(0, 13_870, PEOPLE)
    pl.DataFrame(
        {"practitioner_id": ids, "birth_date": born, "installation_date": since}
    ).with_columns(pl.col("birth_date", "installation_date").cast(pl.Date)).write_parquet(
        folder / "register.parquet"
    )
    home, second = random.integers(0, COMMUNES, (2, PEOPLE))
    several = random.random(PEOPLE) < 0.1
    (folder / "prestations").mkdir()
    for month in range(MONTHS):
        size_of_month = rows // MONTHS + (month < rows % MONTHS)
        chunks = folder / "chunks"
        chunks.mkdir()
        for k in range(0, size_of_month, CHUNK):
            size = min(CHUNK, size_of_month - k)
            person = random.integers(0, PEOPLE, size)
            away = several[person] & (random.random(size) < 0.3)
            sign = np.where(random.random(size) < 0.01, -1, 1)
            acts = random.integers(1, 13, size) * sign
            cents = acts * 1_613 + random.integers(0, 400, size) * sign
            pl.DataFrame(
                {
                    "practitioner_id": ids.gather(person),
                    "commune": communes.gather(np.where(away, second[person], home[person])),
                    "month": pl.repeat(202_201 + month, size, dtype=pl.Int32, eager=True),
                    "age": pl.Series(random.integers(0, 101, size).astype(np.int16)),
                    "acts": pl.Series(acts.astype(np.int32)),
                    "fees": pl.Series(cents / 100),
                }
            ).write_parquet(chunks / f"{k:012d}.parquet")
        part = folder / "prestations" / f"{month + 1:02d}.parquet"
        pl.scan_parquet(chunks / "*.parquet").sink_parquet(part)
        shutil.rmtree(chunks)


def reader_command(folder: Path, *write: str) -> list[str]:
    return [sys.executable, "-c", READER, str(folder), *write]


def duckdb_command(folder: Path, way: str, *write: str) -> list[str]:
    options = ["--write", *write] if write else []
    return [sys.executable, str(DUCKDB), str(folder), "--as", way, *options]


def check(folder: Path) -> None:
    """Fail unless every way of DuckDB makes the same tables as the reader."""
    with tempfile.TemporaryDirectory(dir=folder) as output:
        measure(reader_command(folder, output))
        expected = {
            name: pl.read_parquet(Path(output) / f"{name}.parquet")
            for name in ("practitioners", "consumption")
        }
        for way in WAYS:
            measure(duckdb_command(folder, way, output))
            for name, table in expected.items():
                other = pl.read_parquet(Path(output) / f"{name}.parquet").select(table.columns)
                other = other.cast(dict(table.schema)).sort(table.columns[:2])  # type: ignore[arg-type]
                assert_frame_equal(table, other, rel_tol=1e-9, abs_tol=1e-6)


def bench(folder: Path, runs: int) -> dict[str, object]:
    check(folder)
    walls = {way: min(measure(duckdb_command(folder, way)).wall for _ in range(2)) for way in WAYS}
    best = min(walls, key=lambda way: walls[way])
    timed = pairs(
        lambda: measure(reader_command(folder), THREADS),
        lambda: measure(duckdb_command(folder, best)),
        runs,
    )
    return {**row(f"activity / DuckDB ({best})", "1.1", timed), "ways_s": walls}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--runs", type=int, default=5, help="number of timed pairs (default 5)")
    parser.add_argument("--keep", type=Path, help="folder for the drawn files, reused if present")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        if not (folder / "prestations").is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            draw(folder, options.rows)
        figures = bench(folder, options.runs)
    if options.json:
        print(json.dumps(figures, indent=1))
        return
    for key, value in figures.items():
        print(f"{key:16} {value}")


if __name__ == "__main__":
    main()
