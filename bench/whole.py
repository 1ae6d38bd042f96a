"""Whole jobs as processes, in turn: `apl run` from raw times and on a network, and the peers.

The wall-clock time of each process counts, interpreter and imports included.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path

import processes
import synthetic
from building import network_of
from processes import APL, DUCKDB, QUERY, Run, measure, peer

import apl_engine

PREPARED, RAW = "apl run, prepared", "apl run, raw times"
POLARS, DUCK = "Polars query", "DuckDB query"
# For versions whose command takes no prepared network.
_PREPARED = """
import sys, apl_engine
result = apl_engine.run(sys.argv[1], network=sys.argv[2])
apl_engine.write_result(result, sys.argv[3], replace=True)
"""
_COMPILE = """
import time
from apl_engine import kernels
start = time.perf_counter()
kernels.prepare()
print(time.perf_counter() - start)
"""


class Job:
    """The five tables of a world as Parquet, and its prepared network, in a folder."""

    def __init__(self, name: str, folder: Path) -> None:
        processes.compile_all()
        self.tables, self.out = synthetic.write(name, folder), folder / "out"
        self.file, self.cold = self.tables / "times.aplnet", folder / "cold"

    def commands(self) -> dict[str, list[str]]:
        """Return the commands by name."""
        return {
            PREPARED: self.prepared(),
            RAW: [str(APL), "run", str(self.tables), "-o", str(self.out), "--replace"],
            POLARS: peer(QUERY, self.tables),
            DUCK: peer(DUCKDB, self.tables),
        }

    def prepared(self) -> list[str]:
        """Return the command on the prepared network, which is built if missing."""
        if not self.file.exists():
            apl_engine.networks.save_network(network_of(synthetic.make(self.world)), self.file)
        if takes_network():
            raw = [str(APL), "run", str(self.tables), "-o", str(self.out), "--replace"]
            return [*raw, "--network", str(self.file)]
        arguments = [str(self.tables), str(self.file), str(self.out)]
        return [sys.executable, "-c", _PREPARED, *arguments]

    @property
    def world(self) -> str:
        """Return the name of the world."""
        return self.tables.name.split("-")[0]

    def check(self) -> None:
        """Exit unless both ways give the zones of both peers."""
        import duckdb_query
        import polars_query

        expected = apl_engine.run(self.tables).territories.select("territory", "zone")
        self.prepared()
        prepared = apl_engine.run(self.tables, network=self.file).territories
        if not expected.equals(prepared.select("territory", "zone")):
            raise SystemExit("a prepared network gives different zones")
        for name, query in ((POLARS, polars_query), (DUCK, duckdb_query)):
            theirs = query.zones(self.tables).sort("territory").select("territory", "zone")
            if theirs.rows() != expected.sort("territory").rows():
                raise SystemExit(f"{name}: different zones")

    def in_turn(self, names: list[str], rounds: int) -> dict[str, list[Run]]:
        """Run some commands in turn, without a first round as warm-up."""
        commands = self.commands()
        runs: dict[str, list[Run]] = {name: [] for name in names}
        for _ in range(rounds + 1):
            for name in names:
                runs[name].append(measure(commands[name]))
        return {name: timed[1:] for name, timed in runs.items()}

    def first_and_later(self, rounds: int) -> tuple[list[Run], list[Run]]:
        """Run without any cached machine code, and with all of it, in turn."""
        command, first, later = self.prepared(), [], []
        for _ in range(rounds):
            shutil.rmtree(self.cold, ignore_errors=True)
            first.append(measure(command, {"APL_ENGINE_CACHE": str(self.cold)}))
            later.append(measure(command))
        return first, later

    def compile_seconds(self) -> float:
        """Return the seconds that compiling every kernel takes in a process."""
        shutil.rmtree(self.cold, ignore_errors=True)
        environment = {"APL_ENGINE_CACHE": str(self.cold), "PATH": "/usr/local/bin:/usr/bin:/bin"}
        command = [sys.executable, "-c", _COMPILE]
        return float(
            subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        )


@functools.cache
def takes_network() -> bool:
    """Return whether `apl run` accepts a prepared network."""
    help_text = subprocess.run(
        [str(APL), "run", "--help"], capture_output=True, text=True, check=True
    )
    return "--network" in help_text.stdout
