"""What the figures of docs/performance.md are of: a machine, a commit, and a digest of sources.

The digest covers all that decides speed: the rooms of the package that a run, a network, scenarios
and the readers go through, the benches and peers themselves, the sample, and the pinned versions of
the libraries. Blank lines and comments on lines of their own do not count.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
LIBRARIES = ("polars", "duckdb", "numpy", "scipy", "pandas", "access", "numba", "llvmlite")
_ROOMS = (
    "imports", "inputs", "kernels", "method", "methodology", "networks", "readers", "results",
    "runs", "scenarios",
)  # fmt: skip
_PATTERNS = (
    "apl_engine/*.py",
    *(f"apl_engine/{room}/**/*" for room in _ROOMS),
    "apl_engine/cli/__init__.py",
    "apl_engine/cli/options.py",
    "apl_engine/cli/run*.py",
    "bench/*.py",
    "bench/peers/*.py",
    "data_samples/france/*.parquet",
)
_TEXT, _OTHER = (".py", ".toml"), (".json", ".parquet")
# The nightly comparison, and tests, decide no figure of the page.
_NIGHTLY = ("calibration", "conftest", "figures", "golden", "nightly", "page", "trend", "verdict")
_STATED = re.compile(r"digest `([0-9a-f]{32})`")


def digest(root: Path = ROOT) -> str:
    """Return the digest of the sources in a checkout, 32 hexadecimal digits."""
    whole = hashlib.sha256()
    for path in files(root):
        whole.update(f"{path.relative_to(root).as_posix()}\0".encode())
        whole.update(hashlib.sha256(_content(path)).digest())
    whole.update(repr(pins(root)).encode())
    return whole.hexdigest()[:32]


def files(root: Path) -> list[Path]:
    """Return the files that decide speed, sorted."""
    matching = {path for pattern in _PATTERNS for path in root.glob(pattern)}
    return sorted(
        path
        for path in matching
        if path.suffix in (*_TEXT, *_OTHER)
        and not (path.parent.name == "bench" and _is_aside(path.stem))
    )


def _is_aside(stem: str) -> bool:
    return stem in _NIGHTLY or stem.startswith("test_")


def _content(path: Path) -> bytes:
    if path.suffix in _OTHER:
        return path.read_bytes()
    lines = (line.rstrip() for line in path.read_text("utf-8").splitlines())
    return "\n".join(line for line in lines if line and line.lstrip()[0] != "#").encode()


def pins(root: Path) -> list[tuple[str, str]]:
    """Return the libraries that are timed, and their versions in the lock file."""
    locked = tomllib.loads((root / "uv.lock").read_text("utf-8"))["package"]
    return sorted((p["name"], p["version"]) for p in locked if p["name"] in LIBRARIES)


def commit(root: Path = ROOT) -> str:
    """Return the commit of a checkout; "unknown" outside one."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "HEAD") + (" with uncommitted changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine() -> dict[str, Any]:
    """Describe this machine."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
        name = next((line.split(":")[1].strip() for line in lines if "model name" in line), name)
    return {"processor": name, "cores": os.cpu_count(), "system": platform.system(),
            "python": platform.python_version()}  # fmt: skip


def stated(page: Path = PAGE) -> str | None:
    """Return the digest that a page carries."""
    found = _STATED.search(page.read_text("utf-8")) if page.exists() else None
    return found[1] if found else None


def failures(page: Path = PAGE, root: Path = ROOT) -> list[str]:
    """Describe why the figures of a page are not those of the sources of a checkout."""
    today, of_page = digest(root), stated(page)
    if of_page == today:
        return []
    return [
        f"{page.name}: its figures are of other sources ({of_page or 'no digest'}, today's are "
        f"{today}): measure again"
    ]
