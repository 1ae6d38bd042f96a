"""Tonight beside what is stored: fails on a work more than 15 % worse, or on any changed result.

    .venv/bin/python bench/nightly.py [--accept] [--out DIR]

Made to pass twice in a row where nothing changed, on a machine that others use: processor time
instead of the clock's, one thread, the best of several in each turn, every turn between two of a
fixed calibration, medians of these ratios, a threshold on their lower quartile. Where the system
puts a process in memory moves a work by a third for as long as it lives: so works are measured in
several processes, of which the quietest counts, and their median is what --accept stores. What
looks worse is measured again, twice at most, before it fails. Figures hold for one model of
processor: on another nothing is compared but results, and they are stored beside the history.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "bench" / "peers"))

import figures  # noqa: E402
import golden  # noqa: E402
import trend  # noqa: E402
from goals import machine  # noqa: E402
from synthetic import SAMPLE  # noqa: E402
from verdict import Figure, failures, quietest, suspects  # noqa: E402

BASELINE = ROOT / "bench" / "baseline.json"
SITTINGS, AGAIN = 3, 2


def measure(
    names: Sequence[str] | None, rounds: int, count: int, stored: dict[str, float]
) -> tuple[dict[str, Figure], list[str]]:
    """Measure, and measure again what looks worse; return what was, too."""
    found = quietest(sittings(names or figures.NAMES, rounds, count))
    remarks = []
    for _ in range(AGAIN):
        if doubtful := suspects(found, stored):
            remarks.append(f"measured again: {', '.join(doubtful)}")
            found = quietest([found, *sittings(doubtful, rounds, count)])
    return found, remarks


def sittings(names: Sequence[str], rounds: int, count: int) -> list[dict[str, Figure]]:
    """Measure in several processes, one after the other."""
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, figures.__file__, str(rounds), *names]
    found = []
    for _ in range(count):
        told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
        found.append({name: Figure(**values) for name, values in json.loads(told).items()})
    return found


def read(path: Path) -> dict[str, Any]:
    """Return what is stored: ``golden`` and, by processor, ``figures``; empty where nothing is."""
    empty: dict[str, Any] = {"golden": None, "figures": {}}
    return json.loads(path.read_text("utf-8")) if path.exists() else empty


def night(options: argparse.Namespace) -> dict[str, Any]:
    """Measure and judge."""
    kept, processor = read(options.baseline), machine()["processor"]
    local = read(options.out / "figures.json")
    known = kept["figures"].get(processor) or local["figures"].get(processor) or {}
    stored = {
        name: value for name, value in known.items() if not options.only or name in options.only
    }
    results = golden.measure(SAMPLE)
    said = golden.changes(kept["golden"], results)
    rounds, remarks = options.rounds, []
    if options.accept or not stored:
        several = sittings(options.only or figures.NAMES, rounds, 2 * options.sittings - 1)
        found = quietest(several)
        medians = {
            name: statistics.median(sitting[name].median for sitting in several) for name in found
        }
    else:
        found, remarks = measure(options.only, rounds, options.sittings, stored)
    if options.accept:
        kept["golden"], said = results, []
        kept["figures"][processor] = known | medians
        options.baseline.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
        remarks.append(f"accepted: stored in {options.baseline.name}")
    elif not stored:
        local["figures"][processor] = medians
        (options.out / "figures.json").write_text(json.dumps(local, indent=1) + "\n", "utf-8")
        remarks.append(f"no figures are stored for {processor}: these are from now on")
    else:
        said += failures(found, stored)
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": processor,
        "rounds": rounds,
        "figures": {name: asdict(figure) for name, figure in found.items()},
        "stored": stored,
        "results": results,
        "remarks": remarks,
        "failures": said,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accept", action="store_true", help="store tonight's figures and results")
    parser.add_argument("--out", type=Path, default=ROOT / ".benchmarks" / "nightly", metavar="DIR")
    parser.add_argument("--baseline", type=Path, default=BASELINE, metavar="FILE")
    parser.add_argument("--rounds", type=int, default=figures.ROUNDS)
    parser.add_argument("--sittings", type=int, default=SITTINGS, help="processes that measure")
    parser.add_argument("--only", action="append", metavar="WORK", help="one work; may be repeated")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    found = night(options)
    nights = trend.add(options.out, found)
    trend.draw(nights, options.out / trend.PICTURE)
    text = trend.page(found)
    (options.out / trend.PAGE).write_text(text, encoding="utf-8")
    print(text)
    for words in found["failures"]:
        print(f"FAILED: {words}", file=sys.stderr)
    return 1 if found["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
