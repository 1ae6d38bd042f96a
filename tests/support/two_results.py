"""Two results that differ, on disk beside their inputs."""

from __future__ import annotations

from pathlib import Path

from support.compared import country, with_other_mesh, with_other_population, with_other_supply
from support.tables import write_csv

from apl_engine import run, write_result


def write_two_results(folder: Path) -> Path:
    """Write the results a and b, and their inputs in-a and in-b."""
    second = with_other_mesh(with_other_supply(with_other_population(country())))
    for name, world in (("a", country()), ("b", second)):
        write_result(run(write_csv(world, folder / f"in-{name}")), folder / name)
    return folder
