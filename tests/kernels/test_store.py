"""Machine code of kernels: compiled once, kept, loaded, never trusted when damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from apl_engine import kernels
from apl_engine.cli import main
from apl_engine.kernels import _store, catchment, segments
from apl_engine.kernels._jit import Kernel

TRIAL = (segments.segment_sums.function, segments.segment_sums.arguments)
CODE = """
import sys
import numpy as np
from apl_engine import kernels
kernels.prepare()
out = np.empty(2)
kernels.segment_sums(np.array([0, 2, 3]), np.array([1.0, 2.0, 4.0]), 2, out)
print(out.tolist(), "numba" in sys.modules)
"""


@pytest.fixture(params=["library", "object"])
def cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty store, on a machine with a linker and on one without."""
    if request.param == "object":
        monkeypatch.setattr(_store, "_link", lambda _: None)
    elif _store._link(_store._emit(_store._compile(*TRIAL), for_linker=True)) is None:
        pytest.skip("this machine has no linker")
    monkeypatch.setenv("APL_ENGINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    return tmp_path / "cache"


def fresh() -> Kernel:
    """Return a kernel as a new process would have it."""
    return Kernel(segments.segment_sums.function, segments.segment_sums.arguments)


def check_sums(kernel: Kernel) -> None:
    out = np.empty(2)
    kernel(np.array([0, 2, 3]), np.array([1.0, 2.0, 4.0]), 2, out)
    assert out.tolist() == [3.0, 4.0]


def kept(kernel: Kernel) -> bool:
    assert kernel._code
    return kernel._code.kept


def test_code_is_kept_and_found_again(cache: Path) -> None:
    first, second = fresh(), fresh()
    check_sums(first)
    (file,) = cache.iterdir()
    assert file.name.startswith("segment_sums-")
    before = file.stat().st_mtime_ns
    check_sums(second)
    assert kept(first)
    assert kept(second)
    assert file.stat().st_mtime_ns == before
    # The first was compiled here, the second comes from the file.
    assert first._code != second._code


def test_kept_code_gives_the_same_bits(cache: Path) -> None:
    """As Numba's own, and as the interpreter does: nothing is summed in another order."""
    values = np.random.default_rng(7).lognormal(0, 5, 100_000)
    starts = np.array([0, 3, 50_000, 100_000])
    compiled, loaded = fresh(), fresh()
    found = []
    for kernel in (compiled, loaded, compiled.function):
        out = np.empty(3)
        kernel(starts, values, 3, out)
        found.append(out.tobytes())
    assert found[0] == found[1] == found[2]


def test_constants_of_a_kernel_are_its_own_after_others_were_loaded(cache: Path) -> None:
    """Where one engine held all of them, infinity was read from the constants of another."""
    check_sums(fresh())
    pack = Kernel(catchment.pack_block.function, catchment.pack_block.arguments)
    values, out, odd = np.ones((40, 20)), np.empty((40, 16)), np.zeros(1, dtype=np.int64)
    pack(values, np.ones(40), 40, 20, 0, out, odd)
    assert odd[0] == 0


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "text"])
def test_damaged_code_is_compiled_again(cache: Path, damage: str) -> None:
    check_sums(fresh())
    (file,) = cache.iterdir()
    content = file.read_bytes()
    changed = bytearray(content)
    changed[-10] ^= 1
    damaged = {"cut": content[:-50], "changed": bytes(changed), "empty": b"", "text": b"hello"}
    # In place of the file, not into it: this process has it mapped.
    file.unlink()
    file.write_bytes(damaged[damage])
    assert _store._load(file, "segment_sums") is None
    check_sums(fresh())
    assert _store._load(file, "segment_sums")


def test_code_that_cannot_be_kept_works_all_the_same(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    kernel = fresh()
    check_sums(kernel)
    assert not kept(kernel)


def test_code_goes_to_the_cache_of_the_user_where_the_package_is_not_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("APL_ENGINE_CACHE", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    assert _store.folders() == [Path(_store.__file__).parent / "__pycache__"]
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert _store.folders()[1] == tmp_path / "apl_engine"


def test_the_name_depends_on_all_that_the_code_does(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = (fresh().function, fresh().arguments)
    before = _store._digest_of(*parts)
    assert before == _store._digest_of(*parts)
    monkeypatch.setattr(_store, "_platform", lambda: ("another processor",))
    assert _store._digest_of(*parts) != before


def test_processes_that_warm_up_at_once_share_the_folder(tmp_path: Path) -> None:
    """Each kernel is kept once and whole; a later process compiles nothing, and needs no Numba."""
    cache = tmp_path / "cache"
    environment = {**os.environ, "APL_ENGINE_CACHE": str(cache), "NUMBA_DISABLE_JIT": "0"}
    command = [sys.executable, "-m", "apl_engine", "warmup", "--json"]
    cold = [
        subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True)
        for _ in range(2)
    ]
    for process in cold:
        said, wrong = process.communicate(timeout=120)
        assert (process.returncode, wrong) == (0, "")
        document = json.loads(said)
        assert (document["kept"], document["folders"]) == (True, [str(cache)])
        assert set(document["kernels"]) == set(kernels.__all__)
    command = [sys.executable, "-c", CODE]
    warm = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert warm.stdout.strip() == "[3.0, 4.0] False"
    assert len(list(cache.iterdir())) == len(kernels.__all__)
    assert {path.suffix for path in cache.iterdir()} <= {".so", ".o"}


@pytest.mark.parametrize(("folder", "kept"), [("/some/where", True), (None, False)])
def test_warmup_says_where_machine_code_is(
    monkeypatch: pytest.MonkeyPatch, folder: str | None, kept: bool
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    monkeypatch.setattr(
        kernels, "prepare", lambda: {"k": Path(folder) / "k.so" if folder else None}
    )
    done = CliRunner().invoke(main, ["warmup"])
    assert done.exit_code == 0
    assert ("Their machine code is stored in /some/where" in done.output) == kept
    assert ("Set APL_ENGINE_CACHE to a writable folder." in done.output) != kept
    assert json.loads(CliRunner().invoke(main, ["warmup", "--json"]).output)["kept"] == kept
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert "They are not compiled" in CliRunner().invoke(main, ["warmup"]).output


@pytest.mark.parametrize(
    ("starts", "values", "out", "words"),
    [
        (np.array([0, 1], dtype=np.int32), np.ones(1), np.empty(1), "a int64 array is needed"),
        (np.array([0, 1]), [1.0], np.empty(1), "a float64 array is needed"),
        (np.array([0, 1]), np.ones(4)[::2], np.empty(1), "must be contiguous"),
        (np.array([0, 1]), np.ones(1), np.broadcast_to(0.0, 1), "writeable where it is filled"),
    ],
)
def test_what_the_code_would_misread_is_refused(
    starts: object, values: object, out: object, words: str, cache: Path
) -> None:
    with pytest.raises(TypeError, match=words):
        fresh()(starts, values, 1, out)


@pytest.mark.parametrize("name", kernels.__all__)
def test_code_calls_nothing_outside_itself(name: str) -> None:
    """What Numba defines is not there in a process that has not imported it."""
    kernel = getattr(kernels, name)
    module = _store._compile(kernel.function, kernel.arguments)
    declared = [f.name for f in module.functions if f.is_declaration]
    declared += [v.name for v in module.global_variables if v.is_declaration]
    assert [symbol for symbol in declared if not symbol.startswith("llvm.")] == []
