"""Draws of supply: time and memory as their number, and that of methodologies, grow.

Each case is a process of `apl draws`, so that its peak of memory is its own. The default is the
sample of France; the last lines extrapolate to 10 000 draws by 100 methodologies.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

SAMPLES = Path(__file__).parents[1] / "data_samples"
MODELS = {
    "departures": ("--departures", "0.03", "--departures", "60=0.2"),
    "arrivals": ("--arrivals", "0.04"),
    "variation": ("--variation", "0.1"),
}
ALL = tuple(option for options in MODELS.values() for option in options)
# What the extrapolation is to.
DRAWS, METHODOLOGIES = 10_000, 100


class Measured(NamedTuple):
    """A case: its figures in seconds and MB."""

    name: str
    draws: int
    methodologies: int
    seconds: float
    processor: float
    memory: float


def variants(folder: Path, number: int) -> Iterator[str]:
    """Yield mk-2024, and variants of it with other age limits."""
    yield "mk-2024"
    for k in range(1, number):
        path = folder / f"variant-{k}.toml"
        path.write_text(
            f'extends = "mk-2024"\nid = "variant-{k}"\ntitle = "Variant {k}"\n'
            f'[etp.age_limit]\nvalue = {65 + k}\nunit = "years"\nreason = "a trial"\n',
            encoding="utf-8",
        )
        yield str(path)


def measure(
    inputs: Path, name: str, draws: int, methodologies: int, models: tuple[str, ...], threads: int
) -> Measured:
    """Run one case in a process."""
    with tempfile.TemporaryDirectory() as folder:
        rules = [
            word for one in variants(Path(folder), methodologies) for word in ("--methodology", one)
        ]
        command = [
            sys.executable, "-m", "apl_engine", "draws", str(inputs), *rules, *models,
            "--draws", str(draws), "--threads", str(threads), "-q", "-o", f"{folder}/out",
        ]  # fmt: skip
        start = time.perf_counter()
        child = subprocess.Popen(command)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{name}: apl draws failed")
    memory = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return Measured(name, draws, methodologies, seconds, usage.ru_utime + usage.ru_stime, memory)


def main() -> None:
    """Measure, print a table, and extrapolate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=Path, default=SAMPLES / "france")
    parser.add_argument("--draws", type=int, nargs="+", default=[512, 2048, 20_000])
    parser.add_argument("--methodologies", type=int, nargs="+", default=[1, 3, 6])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-models", action="store_true", help="not each model alone")
    given = parser.parse_args()
    inputs, threads = given.inputs, given.threads
    # Kernels are compiled, and files read once.
    measure(inputs, "first", 16, 1, ALL, threads)
    rows = [measure(inputs, "all models", n, 1, ALL, threads) for n in given.draws]
    some = given.draws[min(1, len(given.draws) - 1)]
    rows += [
        measure(inputs, "all models", some, n, ALL, threads) for n in given.methodologies if n > 1
    ]
    if not given.no_models:
        rows += [measure(inputs, name, some, 1, of, threads) for name, of in MODELS.items()]
    print(f"{'':12}{'draws':>9}{'methods':>9}{'wall s':>9}{'CPU s':>9}{'MB':>7}")
    for row in rows:
        print(
            f"{row.name:12}{row.draws:9}{row.methodologies:9}{row.seconds:9.2f}"
            f"{row.processor:9.2f}{row.memory:7.0f}"
        )
    fitted = [row for row in rows if row.name == "all models"]
    terms = [[1, row.methodologies, row.methodologies * row.draws] for row in fitted]
    for what in ("seconds", "processor"):
        values = [getattr(row, what) for row in fitted]
        fixed, each, draw = np.linalg.lstsq(np.array(terms, float), np.array(values), rcond=None)[0]
        total = fixed + METHODOLOGIES * (each + DRAWS * draw)
        print(
            f"{what}: {fixed:.2f} + {each:.2f} per methodology + {1e3 * draw:.3f} ms per draw; "
            f"{DRAWS} draws by {METHODOLOGIES} methodologies: {total:.0f} s"
        )


if __name__ == "__main__":
    main()
