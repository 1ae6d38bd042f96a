"""A nightly run fails if a kernel is slower or a weight has changed, in a copy of the package.

These tests time real tasks: run them by hand or with ``scripts/bench suites``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NIGHTLY = [sys.executable, str(ROOT / "bench" / "nightly.py"), "--rounds", "3", "--sessions", "1"]
TASK = "APL on a prepared network"
# Reads all pairs four more times, without changing the result.
SLOWER = """    for _ in range(4):
        for k in range(pointers[start], pointers[stop]):
            out[start] = weights[pairs[k] >> 24] * values[pairs[k] & 0xFFFFFF]
    r = start
"""

WEIGHT = '{ to = 20, included = true, weight = "1/3" }'
OTHER = '{ to = 20, included = true, weight = "1/4" }'


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a copy of the package, with its cached kernels."""
    return Path(shutil.copytree(ROOT / "apl_engine", tmp_path / "copy" / "apl_engine"))


def run_nightly(package: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run nightly on a package, for one task, with its own stored figures."""
    return subprocess.run(
        [*NIGHTLY, "--only", TASK, "--baseline", str(folder / "baseline.json"),
         "--out", str(folder / "out"), *options],
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_slower_kernel_and_a_changed_weight_fail(package: Path, tmp_path: Path) -> None:
    accepted = run_nightly(package, tmp_path, "--accept")
    assert accepted.returncode == 0, accepted.stderr
    same = run_nightly(package, tmp_path)
    assert same.returncode == 0, same.stderr

    kernels = package / "kernels" / "catchment.py"
    original = kernels.read_text("utf-8")
    change(kernels, "    r = start\n", SLOWER)
    slower = run_nightly(package, tmp_path)
    assert slower.returncode == 1
    assert f"FAILED: slower: {TASK}" in slower.stderr
    assert "changed result" not in slower.stderr

    kernels.write_text(original, encoding="utf-8")
    change(package / "methodology" / "mk-2024.toml", WEIGHT, OTHER)
    other = run_nightly(package, tmp_path)
    assert other.returncode == 1
    assert "FAILED: changed result: communes, territories, regions" in other.stderr
    assert "slower:" not in other.stderr
