"""A distancier of 50 million pairs read by us, with every check, and by DuckDB, with none.

    .venv/bin/python bench/distancier.py [--runs N] [--rows MILLIONS] [--keep DIR] [--json]

35 000 communes, 1 429 destinations each; one pair in twenty is within 20 minutes, scattered over
the file as codes in alphabetical order are. Whole processes in turn, A B A B ...: ours opens the
file, tells its columns and unit, takes its SHA-256, checks times, codes and repeated pairs, counts
what is left out and sorts; DuckDB filters and joins the codes. Both have two threads.

Seconds of one machine with two cores, quiet, of the reading alone, best of three:

=======================================================================  =======  =====
what was tried                                                           Parquet    CSV
=======================================================================  =======  =====
DuckDB: two joins with the codes                                            0.62    4.2
the same, order of rows not kept (the one that is timed)                    0.60    3.7
the same through fetchnumpy                                                 0.65      -
Polars: filter, then codes; all numbers read as text first                     -    6.7
the same, numbers typed, bad ones null (ignore_errors)                      0.15    2.6
the same, typed, an error sends to the reading as text (the one that is)    0.15    2.4
the same, codes read as integers                                               -    2.3
codes read as Enum, or Categorical, by the parser                              -    3.6
one scan for pairs and counts, shared by collect_all                        0.22    8.0
counting in map_batches, then the filter in the engine                         -    2.9
counting and filtering batch by batch outside of it (the one that is)          -    2.5
counting line ends beside the digest                                           -   +0.6
=======================================================================  =======  =====

Later, on the same machine while others used it, seconds of processor for the same reading:

=======================================================================  =======  =====
times between the bound and the largest number dropped (the one that is)    0.35    7.3
three conditions: within reach, none, not finite                            0.46    7.7
letters that are not UTF-8 replaced in the first reading                       -   +2.0
the distance read too, for its own -999999 (the one that is)               +0.13   +1.0
codes to numbers by an integer and a table, in place of a cast to Enum     +0.05      -
one-way pairs by a join, in place of counting distinct pairs               +0.08      -
=======================================================================  =======  =====

With imports, digest, checks and counts around it, a process of ours took 1.1 to 1.4 times the
seconds of DuckDB on Parquet, where the reading itself is the smaller part, and 0.85 to 1.08 on
CSV; 0.86 to 0.98 of its processor time there.
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
OURS = """
import sys
from pathlib import Path
import polars as pl
from apl_engine.methodologies import load_methodology
from apl_engine.sources.formats.distancier import read_distancier
communes = pl.read_parquet(sys.argv[2])["commune"]
found = read_distancier([Path(sys.argv[1])], load_methodology("mk-2024"), communes=communes)
print(found.tables["travel_times"].height)
"""


def codes() -> list[str]:
    """Return commune codes, sorted."""
    return [f"{d:02d}{k:03d}" for d in range(1, 96) if d != 20 for k in range(1, 400)][:COMMUNES]


def block(start: int, stop: int, around: int, draw: np.random.Generator) -> pl.DataFrame:
    """Return the pairs of some origins: both ways take about as long."""
    offsets = np.arange(-around, around + 1)
    origins = np.arange(start, stop)
    to = np.sort((origins[:, None] + offsets) % COMMUNES, axis=1).ravel().astype(np.uint64)
    origin = np.repeat(origins, len(offsets)).astype(np.uint64)
    low, high = np.minimum(origin, to), np.maximum(origin, to)
    mixed = (low * np.uint64(0x9E3779B97F4A7C15)) ^ (high * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    share = ((mixed ^ (mixed >> np.uint64(32))) >> np.uint64(11)).astype(float) / 2**53
    minutes = np.sqrt(share) * 89.44 * (1 + draw.uniform(-0.03, 0.03, len(share)))
    minutes[origin == to] = 0
    km = minutes * draw.uniform(0.7, 1.2, len(share))
    absent = draw.random(len(share)) < 1624 / 50e6
    minutes[absent] = km[absent] = -999_999
    enum = pl.Enum(codes())
    return pl.DataFrame(
        {"idSrc": origin, "idDst": to, "duree": minutes.round(2), "distance": km.round(2)}
    ).with_columns(pl.col("idSrc", "idDst").cast(pl.UInt16).cat.to(enum).cast(pl.String))


def generate(folder: Path, millions: float) -> int:
    """Write distancier.parquet, .csv and communes.parquet where absent; return the MiB."""
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
    """Check that both find the same pairs, and return how many."""
    sys.path.insert(0, str(PEER.parent))
    import duckdb_distancier

    from apl_engine.methodology import load_methodology
    from apl_engine.readers.travel_times.read import read_distancier

    communes = pl.read_parquet(folder / "communes.parquet")["commune"]
    ours = read_distancier([folder / name], load_methodology("mk-2024"), communes=communes)
    mine = ours.tables["travel_times"].with_columns(pl.col("origin", "destination").to_physical())
    theirs = pl.DataFrame(duckdb_distancier.pairs(folder / name, folder / "communes.parquet"))
    theirs = theirs.sort("origin", "destination").cast(dict(mine.schema))
    if not mine.equals(theirs):
        raise SystemExit(f"{name}: the pairs differ")
    return mine.height


def apart(function: Callable[..., int], *arguments: object) -> int:
    """Call a function in a process of its own: a child's peak begins with its parent's size."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def bench(folder: Path, runs: int) -> list[dict[str, object]]:
    def ours(name: str) -> Callable[[], Run]:
        files = [str(folder / name), str(folder / "communes.parquet")]
        command = [sys.executable, "-c", OURS, *files]
        return lambda: measure(command, {"POLARS_MAX_THREADS": "2"})

    def theirs(name: str) -> Callable[[], Run]:
        files = [str(folder / name), str(folder / "communes.parquet")]
        return lambda: measure([sys.executable, str(PEER), *files])

    found = []
    for name in ("distancier.parquet", "distancier.csv"):
        number = apart(agree, folder, name)
        title = f"{name}, {number} pairs kept / DuckDB"
        found.append(row(title, "1.0", pairs(ours(name), theirs(name), runs)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=9, help="pairs that count (default 9)")
    parser.add_argument("--rows", type=float, default=50, help="millions of pairs (default 50)")
    parser.add_argument("--keep", type=Path, help="folder that keeps what is generated")
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
    print("| what | goal | ours, s | DuckDB, s | ratio (quartiles) | peak, MiB | DuckDB |")
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
