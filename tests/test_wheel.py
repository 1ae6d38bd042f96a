"""The wheel: its first run, in an environment of its own, compiles no kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from apl_engine import kernels
from apl_engine.kernels import _targets

ROOT = Path(__file__).parents[1]
RUN = """
import sys
from apl_engine.cli import main
main(sys.argv[1:], standalone_mode=False)
print("compilers:", sorted({"llvmlite", "numba"} & set(sys.modules)), file=sys.stderr)
"""


def call(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(argument) for argument in arguments], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.heavy
@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.skipif(not _targets.supported(), reason="no code is shipped for this platform")
def test_the_first_run_of_a_wheel_compiles_nothing(tmp_path: Path) -> None:
    built = call(ROOT / "scripts/build_wheel", tmp_path, **environment())
    assert all(f"{target.name}." in built.stdout for target in _targets.supported())

    uv, home = Path(sys.executable).with_name("uv"), tmp_path / "environment"
    call(uv, "venv", "--quiet", "--python", sys.executable, home, **environment())
    (wheel,) = tmp_path.glob("*.whl")
    call(uv, "pip", "install", "--quiet", "--python", home, wheel, **environment())
    python, cache = home / "bin/python", tmp_path / "cache"

    def demo(name: str) -> dict[str, bytes]:
        arguments = ("demo", "--sample", "pays-de-la-loire", "-o", tmp_path / name)
        done = call(python, "-I", "-c", RUN, *arguments, APL_ENGINE_CACHE=str(cache))
        assert "compilers: []" in done.stderr
        assert not cache.exists()
        return {f.name: f.read_bytes() for f in (tmp_path / name).iterdir() if f.suffix != ".json"}

    def shipped() -> tuple[set[str], set[str]]:
        done = call(home / "bin/apl", "warmup", "--json", APL_ENGINE_CACHE=str(cache))
        document = json.loads(done.stdout)
        assert set(document["shipped"]) == set(kernels.__all__)
        return set(document["shipped"].values()), {Path(f).stem for f in document["files"].values()}

    first = demo("first")
    assert {"communes.parquet", "communes.csv"} <= set(first)
    best, *others = (target.name for target in _targets.supported())
    assert shipped() == ({"used"}, {best})
    # With the code of lesser processors, the same bits.
    for worse in others:
        (file,) = home.glob(f"lib/*/site-packages/apl_engine/kernels/compiled/{best}.*")
        file.unlink()
        assert demo(worse) == first
        assert shipped() == ({"used"}, {worse})
        best = worse


@pytest.mark.heavy
@pytest.mark.slow
def test_a_wheel_without_compilers_has_no_machine_code(tmp_path: Path) -> None:
    (tmp_path / "numba.py").write_text("raise ImportError('broken')", encoding="utf-8")
    done = subprocess.run(
        [ROOT / "scripts/build_wheel", tmp_path],
        env={**environment(), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "no machine code" in done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = ZipFile(wheel).namelist()
    assert "apl_engine/kernels/catchment.py" in names
    assert not any("compiled/" in name for name in names)


def environment() -> dict[str, str]:
    """Return the variables that an installer needs, without those of the tests."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("APL_", "COVERAGE", "NUMBA"))}
