"""Whole jobs as processes, in turn: ours on a prepared network and from raw times, and the peers.

A child of each prints nothing that is kept; what it takes is the clock's time from its start to its
end, interpreter and imports included.
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
# For as long as the command takes no prepared network.
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
    """The five tables of a world in Parquet and its prepared network, in a folder."""

    def __init__(self, name: str, folder: Path) -> None:
        processes.compile_all()
        self.tables, self.out = synthetic.write(name, folder), folder / "out"
        self.file, self.cold = self.tables / "times.aplnet", folder / "cold"

    def commands(self) -> dict[str, list[str]]:
        """Return what is run, by name."""
        return {
            PREPARED: self.prepared(),
            RAW: [str(APL), "run", str(self.tables), "-o", str(self.out), "--replace"],
            POLARS: peer(QUERY, self.tables),
            DUCK: peer(DUCKDB, self.tables),
        }

    def prepared(self) -> list[str]:
        """Return our command on the prepared network, made first where it is not there."""
        if not self.file.exists():
            apl_engine.networks.save_network(network_of(synthetic.make(self.world)), self.file)
        if takes_network():
            raw = [str(APL), "run", str(self.tables), "-o", str(self.out), "--replace"]
            return [*raw, "--network", str(self.file)]
        given = [str(self.tables), str(self.file), str(self.out)]
        return [sys.executable, "-c", _PREPARED, *given]

    @property
    def world(self) -> str:
        """Return the name of the world."""
        return self.tables.name.split("-")[0]

    def check(self) -> None:
        """Stop unless the zones are those of both peers, raw or prepared."""
        import duckdb_query
        import polars_query

        mine = apl_engine.run(self.tables).territories.select("territory", "zone")
        self.prepared()
        again = apl_engine.run(self.tables, network=self.file).territories
        if not mine.equals(again.select("territory", "zone")):
            raise SystemExit("a prepared network gives other zones")
        for name, query in ((POLARS, polars_query), (DUCK, duckdb_query)):
            theirs = query.zones(self.tables).sort("territory").select("territory", "zone")
            if theirs.rows() != mine.sort("territory").rows():
                raise SystemExit(f"{name}: other zones")

    def in_turn(self, names: list[str], rounds: int) -> dict[str, list[Run]]:
        """Run some commands in turn; a first round that warms up is dropped."""
        commands = self.commands()
        found: dict[str, list[Run]] = {name: [] for name in names}
        for _ in range(rounds + 1):
            for name in names:
                found[name].append(measure(commands[name]))
        return {name: runs[1:] for name, runs in found.items()}

    def first_and_later(self, rounds: int) -> tuple[list[Run], list[Run]]:
        """Run ours with no machine code kept, and with all of it, in turn."""
        command, first, later = self.prepared(), [], []
        for _ in range(rounds):
            shutil.rmtree(self.cold, ignore_errors=True)
            first.append(measure(command, {"APL_ENGINE_CACHE": str(self.cold)}))
            later.append(measure(command))
        return first, later

    def compile_seconds(self) -> float:
        """Return what compiling every kernel takes within a process that keeps none yet."""
        shutil.rmtree(self.cold, ignore_errors=True)
        environment = {"APL_ENGINE_CACHE": str(self.cold), "PATH": "/usr/local/bin:/usr/bin:/bin"}
        command = [sys.executable, "-c", _COMPILE]
        return float(
            subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        )


@functools.cache
def takes_network() -> bool:
    """Tell whether `apl run` takes a prepared network."""
    shown = subprocess.run([str(APL), "run", "--help"], capture_output=True, text=True, check=True)
    return "--network" in shown.stdout
