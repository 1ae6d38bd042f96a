"""A distancier of 50 million pairs: the reader with all checks, compared with a DuckDB query.

    .venv/bin/python bench/distancier.py [--runs N] [--rows MILLIONS] [--keep DIR] [--json]

35 000 communes with 1 429 destinations each; one pair in twenty is within 20 minutes, and these
are scattered over the file, which is in order of codes. Whole processes alternate, A B A B ... The
reader opens the file, detects its columns and unit, computes its SHA-256, validates times, codes
and repeated pairs, counts what is left out, and sorts. DuckDB filters and joins the codes. Both
have two threads.

Seconds of reading alone on an idle machine with two cores, best of three:

=======================================================================  =======  =====
variant                                                                  Parquet    CSV
=======================================================================  =======  =====
DuckDB: two joins with the codes                                            0.62    4.2
the same without preserving row order (used)                                0.60    3.7
the same through fetchnumpy                                                 0.65      -
Polars: filter, then codes; all numbers read as text                           -    6.7
the same, numbers typed, invalid ones null (ignore_errors)                  0.15    2.6
the same, typed, read again as text after an error (used)                   0.15    2.4
the same, codes read as integers                                               -    2.3
codes parsed as Enum or Categorical                                            -    3.6
one scan for pairs and counts, with collect_all                             0.22    8.0
counts in map_batches, then the filter in the engine                           -    2.9
counts and filter batch by batch outside the engine (used)                     -    2.5
counting line ends together with the digest                                    -   +0.6
=======================================================================  =======  =====

Later, processor seconds of the same reading on the same machine under other load:

=======================================================================  =======  =====
times between the bound and the largest number dropped (used)               0.35    7.3
three conditions: within reach, null, not finite                            0.46    7.7
characters other than UTF-8 replaced in the first reading                      -   +2.0
distances read too, for their own -999999 (used)                           +0.13   +1.0
codes to numbers through integers and a table instead of a cast to Enum    +0.05      -
one-way pairs by a join instead of counting distinct pairs                 +0.08      -
=======================================================================  =======  =====

On 10 million rows of CSV, processor seconds of the reading on another machine:

=======================================================================  =====
variant                                                                    CSV
=======================================================================  =====
Polars parses every line                                                   2.8
a kernel selects the lines to parse, of mapped memory                      0.8
the same of chunks that are read (used): a seventh of the memory           0.8
=======================================================================  =====

With imports, digest, checks and counts, a process of the reader took 0.54 to 0.60 times as long as
DuckDB on CSV, with 0.43 to 0.61 of its processor time. On Parquet, of which imports and digest are
the larger part, it took 0.9 to 1.1 times as long on 10 million rows, under heavy load.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
from processes import ROOT, Run, measure, pairs, row

PEER = ROOT / "bench" / "peers" / "duckdb_distancier.py"
COMMUNES, SEED = 35_000, 7
READER = """
import sys
from pathlib import Path
import polars as pl
from apl_engine.methodology import load_methodology
from apl_engine.readers.travel_times.read import read_distancier
communes = pl.read_parquet(sys.argv[2])["commune"]
imported = read_distancier([Path(sys.argv[1])], load_methodology("mk-2024"), communes=communes)
print(imported.tables["travel_times"].height)
"""


def codes() -> list[str]:
    """Return commune codes, sorted."""
    return [f"{d:02d}{k:03d}" for d in range(1, 96) if d != 20 for k in range(1, 400)][:COMMUNES]


def block(start: int, stop: int, around: int, draw: np.random.Generator) -> pl.DataFrame:
    """Return the pairs of some origins; times are similar in both directions."""
    offsets = np.arange(-around, around + 1)
    origins = np.arange(start, stop)
    destination = np.sort((origins[:, None] + offsets) % COMMUNES, axis=1).ravel().astype(np.uint64)
    origin = np.repeat(origins, len(offsets)).astype(np.uint64)
    low, high = np.minimum(origin, destination), np.maximum(origin, destination)
    mixed = (low * np.uint64(0x9E3779B97F4A7C15)) ^ (high * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    share = ((mixed ^ (mixed >> np.uint64(32))) >> np.uint64(11)).astype(float) / 2**53
    minutes = np.sqrt(share) * 89.44 * (1 + draw.uniform(-0.03, 0.03, len(share)))
    minutes[origin == destination] = 0
    km = minutes * draw.uniform(0.7, 1.2, len(share))
    absent = draw.random(len(share)) < 1624 / 50e6
    minutes[absent] = km[absent] = -999_999
    enum = pl.Enum(codes())
    return pl.DataFrame(
        {"idSrc": origin, "idDst": destination, "duree": minutes.round(2), "distance": km.round(2)}
    ).with_columns(pl.col("idSrc", "idDst").cast(pl.UInt16).cat.to(enum).cast(pl.String))


def generate(folder: Path, millions: float) -> int:
    """Write distancier.parquet, .csv and communes.parquet if absent; return their size in MiB."""
    import pyarrow.parquet

    around = round((millions * 1e6 / COMMUNES - 1) / 2)
    if (folder / "communes.parquet").exists():
        return _size(folder)
    draw = np.random.default_rng(SEED)
    writer = None
    with (folder / "distancier.csv").open("wb") as file:
        for start in range(0, COMMUNES, 700):
            frame = block(start, min(start + 700, COMMUNES), around, draw)
            frame.write_csv(file, include_header=start == 0, separator=";")
            table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
            if writer is None:
                path = folder / "distancier.parquet"
                writer = pyarrow.parquet.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    assert writer is not None
    writer.close()
    pl.DataFrame({"commune": codes()}).write_parquet(folder / "communes.parquet")
    return _size(folder)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("distancier.*")) // 1024**2


def agree(folder: Path, name: str) -> int:
    """Check that both sides keep the same pairs, and return their number."""
    sys.path.insert(0, str(PEER.parent))
    import duckdb_distancier

    from apl_engine.methodology import load_methodology
    from apl_engine.readers.travel_times.read import read_distancier

    communes = pl.read_parquet(folder / "communes.parquet")["commune"]
    imported = read_distancier([folder / name], load_methodology("mk-2024"), communes=communes)
    expected = imported.tables["travel_times"].with_columns(
        pl.col("origin", "destination").to_physical()
    )
    theirs = pl.DataFrame(duckdb_distancier.pairs(folder / name, folder / "communes.parquet"))
    theirs = theirs.sort("origin", "destination").cast(dict(expected.schema))
    if not expected.equals(theirs):
        raise SystemExit(f"{name}: the pairs differ")
    return expected.height


def apart(function: Callable[..., int], *arguments: object) -> int:
    """Call a function in a separate process, since peak memory includes that of the parent."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def bench(folder: Path, runs: int) -> list[dict[str, object]]:
    def reader(name: str) -> Callable[[], Run]:
        files = [str(folder / name), str(folder / "communes.parquet")]
        command = [sys.executable, "-c", READER, *files]
        return lambda: measure(command, {"POLARS_MAX_THREADS": "2"})

    def duckdb(name: str) -> Callable[[], Run]:
        files = [str(folder / name), str(folder / "communes.parquet")]
        return lambda: measure([sys.executable, str(PEER), *files])

    rows = []
    for name, goal in (("distancier.parquet", "1.0"), ("distancier.csv", "0.9")):
        number = apart(agree, folder, name)
        title = f"{name}, {number} pairs kept / DuckDB"
        rows.append(row(title, goal, pairs(reader(name), duckdb(name), runs)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=9, help="number of timed pairs (default 9)")
    parser.add_argument("--rows", type=float, default=50, help="millions of pairs (default 50)")
    parser.add_argument(
        "--keep", type=Path, help="folder for the generated files, reused if present"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        apart(generate, folder, options.rows)
        rows = bench(folder, options.runs)
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print(
        "| what | goal | reader, s | DuckDB, s | ratio (quartiles) | peak, MiB | peak of DuckDB |"
    )
    print("|---|---|---|---|---|---|---|")
    for r in rows:
        low, high = r["ratio_quartiles"]  # type: ignore[misc]
        print(
            f"| {r['what']} | {r['goal']} | {r['ours_s']:.2f} | {r['theirs_s']:.2f} "
            f"| {r['ratio']:.2f} ({low:.2f} to {high:.2f}) "
            f"| {r['peak_mib']:.0f} | {r['their_peak_mib']:.0f} |"
        )


if __name__ == "__main__":
    main()
