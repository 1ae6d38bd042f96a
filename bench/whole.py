"""Whole jobs as processes, in turn: `apl run` from raw times and on a network, and the peers.

The wall-clock time of each process counts, interpreter and imports included. Two kinds of peers:
bare queries for APL and zones, which print how many territories each zone has; and jobs that write
the files that `apl run` writes, without checks or record.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import processes
import synthetic
from building import prepared
from job_rules import TABLES
from processes import APL, DUCKDB, PEERS, QUERY, ROOT, Run, measure, peer
from synthetic import World

import apl_engine

PREPARED, RAW = "apl run --network", "apl run"
POLARS_QUERY, DUCK_QUERY = "Polars query", "DuckDB query"
DUCK_JOB, POLARS_JOB = "DuckDB, same job", "Polars, same job"
DUCK_JOB_PREPARED, POLARS_JOB_PREPARED = f"{DUCK_JOB}, prepared", f"{POLARS_JOB}, prepared"
RTOL = 1e-12


class Job:
    """The five tables of a world as Parquet, and its prepared pairs, in a folder."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.tables = world, synthetic.write(world, folder)
        self.outputs = folder / "outputs"
        self.network, self.pairs = self.tables / "times.aplnet", self.tables / "prepared.parquet"

    def prepare(self) -> None:
        """Write the network, and the pairs of the peers, unless they exist."""
        world = self.world
        if not self.network.exists():
            apl_engine.networks.save_network(prepared(world), self.network)
        if not self.pairs.exists():
            thirds = np.rint(3 * world.weights).astype(np.uint8)
            columns = {"origin": world.origin, "destination": world.destination, "thirds": thirds}
            pl.DataFrame(columns).write_parquet(self.pairs)

    def commands(self) -> dict[str, list[str]]:
        """Return the commands by name."""
        run = [str(APL), "run", str(self.tables), "--replace", "-o"]
        duckdb, polars = PEERS / "duckdb_job.py", PEERS / "polars_job.py"
        pairs = str(self.pairs)
        return {
            PREPARED: [*run, self.output(PREPARED), "--network", str(self.network)],
            RAW: [*run, self.output(RAW)],
            DUCK_JOB: peer(duckdb, self.tables, self.output(DUCK_JOB)),
            POLARS_JOB: peer(polars, self.tables, self.output(POLARS_JOB)),
            DUCK_JOB_PREPARED: peer(duckdb, self.tables, self.output(DUCK_JOB_PREPARED), pairs),
            POLARS_JOB_PREPARED: peer(polars, self.tables, self.output(POLARS_JOB_PREPARED), pairs),
            POLARS_QUERY: peer(QUERY, self.tables),
            DUCK_QUERY: peer(DUCKDB, self.tables),
        }

    def output(self, name: str) -> str:
        """Return the folder that a command writes to."""
        return str(self.outputs / name.replace(" ", "-").replace(",", ""))

    def check(self) -> None:
        """Exit unless all commands that write files write the same, and queries give its zones."""
        import duckdb_query
        import polars_query

        shutil.rmtree(self.outputs, ignore_errors=True)
        commands = self.commands()
        writing = [name for name in commands if name not in (POLARS_QUERY, DUCK_QUERY)]
        for name in writing:
            measure(commands[name])
        for name in writing:
            check_files(Path(self.output(RAW)), Path(self.output(name)))
        zones = pl.read_parquet(Path(self.output(RAW)) / "territories.parquet")
        expected = zones.sort("territory").select("territory", "zone").rows()
        for name, query in ((POLARS_QUERY, polars_query), (DUCK_QUERY, duckdb_query)):
            theirs = query.zones(self.tables).sort("territory").select("territory", "zone")
            if theirs.rows() != expected:
                raise SystemExit(f"{name}: different zones")

    def in_turn(self, names: list[str], rounds: int) -> dict[str, list[Run]]:
        """Run some commands in turn, without a first round as warm-up."""
        processes.compile_all()
        commands = self.commands()
        runs: dict[str, list[Run]] = {name: [] for name in names}
        for _ in range(rounds + 1):
            for name in names:
                runs[name].append(measure(commands[name]))
        return {name: timed[1:] for name, timed in runs.items()}

    def first_and_later(self, apl: Path, rounds: int) -> list[tuple[Run, Run]]:
        """Run an installed program without any cached machine code, and again, in turn."""
        command, cache = [str(apl), *self.commands()[PREPARED][1:]], self.outputs / "cache"
        timed = []
        for _ in range(rounds + 1):
            shutil.rmtree(cache, ignore_errors=True)
            environment = {"APL_ENGINE_CACHE": str(cache)}
            timed.append((measure(command, environment), measure(command, environment)))
        return timed[1:]


def install_wheel(folder: Path) -> Path:
    """Build a wheel, install it into an environment of its own, and return its `apl`.

    Its bytecode is compiled, as pip does.
    """
    home, uv = folder / "environment", Path(sys.executable).with_name("uv")
    wheels = folder / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    for command in (
        [str(ROOT / "scripts" / "build_wheel"), str(wheels)],
        [str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(home)],
    ):
        subprocess.run(command, check=True, stdout=sys.stderr)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run(
        [str(uv), "pip", "install", "--quiet", "--compile-bytecode", "--python", str(home),
         str(wheel)],
        check=True,
    )  # fmt: skip
    return home / "bin" / "apl"


def check_files(one: Path, other: Path) -> None:
    """Exit unless two folders hold the same result, figures to a relative 1e-12.

    Each file is read for itself: a CSV holds what the Parquet file of `one` does.
    """
    for name in TABLES:
        expected = pl.read_parquet(one / f"{name}.parquet")
        for ending in ("parquet", "csv"):
            path = other / f"{name}.{ending}"
            if ending == "csv":
                table = pl.read_csv(path, schema_overrides=expected.schema)
                # Only `apl run` writes labels; a peer that leaves them out does a little less.
                table = table.drop("zone_label", strict=False)
            else:
                table = pl.read_parquet(path)
            if table.columns != expected.columns or table.height != expected.height:
                raise SystemExit(f"{path}: other columns or rows")
            for column in expected.get_columns():
                if not _same(column, table[column.name].cast(column.dtype)):
                    raise SystemExit(f"{path}: {column.name} differs")


def _same(one: pl.Series, other: pl.Series) -> bool:
    if not one.dtype.is_float():
        return one.equals(other)
    absent = one.is_null().equals(other.is_null())
    return absent and np.allclose(one.to_numpy(), other.to_numpy(), RTOL, RTOL, equal_nan=True)
