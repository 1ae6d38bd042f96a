"""A nightly run fails if a kernel is slower, work is done twice, or a weight has changed.

Each change is made in a copy of the package, and compared with figures of this processor as well as
with the same figures under the name of another one. These tests time real tasks: run them by hand
or with ``scripts/bench suites``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sources

ROOT = Path(__file__).parents[1]
NIGHTLY = [sys.executable, str(ROOT / "bench" / "nightly.py"), "--rounds", "3", "--sessions", "1"]
TASK = "APL on a prepared network"
THIS, OTHER = "this processor", "another processor"

# A row of runs is added nine times, with alternating signs: the sums are the same.
ADDED = """                for k in range(at, end):
                    start = np.int64(starts[k])
                    part += running[start + np.int64(lengths[k])] - running[start]
"""
ADDED_NINE_TIMES = """                for again in range(9):
                    sign = np.int64(1 - 2 * (again & 1))
                    for k in range(at, end):
                        start = np.int64(starts[k])
                        part += sign * (running[start + np.int64(lengths[k])] - running[start])
"""
# Each pass is done twice, with the same result.
PASS = "    sums, widths = rows.add(main, threads)\n"
WEIGHT = '{ to = 20, included = true, weight = "1/3" }'
OTHER_WEIGHT = '{ to = 20, included = true, weight = "1/4" }'


def copy_of(folder: Path) -> Path:
    """Copy the package, with its cached kernels."""
    return Path(shutil.copytree(ROOT / "apl_engine", folder / "apl_engine"))


def run_nightly(package: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run nightly on a package, for one task, with the baseline and the page of a folder."""
    return subprocess.run(
        [*NIGHTLY, "--only", TASK, "--baseline", str(folder / "baseline.json"),
         "--page", str(folder / "page.md"), "--out", str(folder / "out"), *options],
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the figures of the unchanged package, and a page of today's sources."""
    folder = tmp_path_factory.mktemp("accepted")
    (folder / "page.md").write_text(f"digest `{sources.digest()}`", "utf-8")
    run = run_nightly(copy_of(folder / "copy"), folder, "--accept")
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture(params=[THIS, OTHER])
def stored(request: pytest.FixtureRequest, accepted: Path, tmp_path: Path) -> Path:
    """Return a folder with these figures, of this processor or under another name."""
    shutil.copy(accepted / "page.md", tmp_path)
    baseline = json.loads((accepted / "baseline.json").read_text("utf-8"))
    if request.param == OTHER:
        (figures,) = baseline["figures"].values()
        baseline["figures"] = {OTHER: figures}
    (tmp_path / "baseline.json").write_text(json.dumps(baseline), "utf-8")
    return tmp_path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return copy_of(tmp_path / "copy")


def test_the_unchanged_package_passes(package: Path, stored: Path) -> None:
    run = run_nightly(package, stored)
    assert run.returncode == 0, run.stderr


def test_a_slower_kernel_fails(package: Path, stored: Path) -> None:
    replace(package / "kernels" / "catchment.py", ADDED, ADDED_NINE_TIMES)
    run = run_nightly(package, stored)
    assert run.returncode == 1
    assert f"FAILED: slower: {TASK}" in run.stderr
    assert "changed" not in run.stderr


def test_a_doubled_pass_fails_by_count(package: Path, stored: Path) -> None:
    replace(package / "method" / "exact_sums.py", PASS, 2 * PASS)
    run = run_nightly(package, stored)
    assert run.returncode == 1
    assert f"FAILED: changed work: {TASK}" in run.stderr
    assert "changed result" not in run.stderr


def test_a_changed_weight_fails(package: Path, stored: Path) -> None:
    # The rule comes before its other readings, which repeat the weight.
    replace(package / "methodology" / "mk-2024.toml", WEIGHT, OTHER_WEIGHT)
    run = run_nightly(package, stored)
    assert run.returncode == 1
    # Weights of another denominator have longer runs: it may be slower too.
    assert "FAILED: changed result: communes, territories, regions" in run.stderr


def test_a_page_of_other_sources_fails(package: Path, stored: Path) -> None:
    (stored / "page.md").write_text(f"digest `{32 * '0'}`", "utf-8")
    run = run_nightly(package, stored)
    assert run.returncode == 1
    assert "FAILED: page.md: " in run.stderr


def replace(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
