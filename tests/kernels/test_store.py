"""Machine code of kernels: compiled once, stored, loaded, compiled again if damaged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from apl_engine import kernels
from apl_engine.kernels import _code, _compiler, _store, blocks, segments
from apl_engine.kernels._jit import Kernel
from apl_engine.kernels.arguments import OUT_VALUES, SIZE

CODE = """
import sys
import numpy as np
from apl_engine import kernels
out = np.empty(2)
kernels.segment_sums(np.array([0, 2, 3]), np.array([1.0, 2.0, 4.0]), 2, out)
print(out.tolist(), "numba" in sys.modules)
"""


@pytest.fixture(params=["library", "object"])
def cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder for machine code, with a linker and without one."""
    if request.param == "object":
        monkeypatch.setattr(_compiler, "_linker", lambda _: None)
    elif _compiler._linker(_compiler.host()) is None:
        pytest.skip("this machine has no linker")
    monkeypatch.setattr(_store, "load_shipped", lambda _: "none_shipped")
    monkeypatch.setenv("APL_ENGINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    return tmp_path / "cache"


def fresh() -> Kernel:
    """Return a kernel that is not loaded, as in a new process."""
    return Kernel(segments.segment_sums.function, segments.segment_sums.arguments)


def check_sums(kernel: Kernel) -> None:
    out = np.empty(2)
    kernel(np.array([0, 2, 3]), np.array([1.0, 2.0, 4.0]), 2, out)
    assert out.tolist() == [3.0, 4.0]


def is_stored(kernel: Kernel) -> bool:
    assert kernel._code
    return kernel._code.path is not None


@pytest.mark.slow
def test_code_is_stored_and_loaded_again(cache: Path) -> None:
    first, second = fresh(), fresh()
    check_sums(first)
    (file,) = cache.iterdir()
    assert file.name.startswith("segment_sums_")
    before = file.stat().st_mtime_ns
    check_sums(second)
    assert is_stored(first)
    assert is_stored(second)
    assert file.stat().st_mtime_ns == before
    # The first was compiled here, the second comes from the file.
    assert first._code != second._code


@pytest.mark.slow
def test_stored_code_gives_the_same_bits(cache: Path) -> None:
    """The same as compiled and as interpreted: no sum is reordered."""
    values = np.random.default_rng(7).lognormal(0, 5, 100_000)
    starts = np.array([0, 3, 50_000, 100_000])
    compiled, loaded = fresh(), fresh()
    found = []
    for kernel in (compiled, loaded, compiled.function):
        out = np.empty(3)
        kernel(starts, values, 3, out)
        found.append(out.tobytes())
    assert found[0] == found[1] == found[2]


def test_kernels_do_not_share_constants(cache: Path) -> None:
    """In one engine for all, infinity was read from the constants of another kernel."""
    check_sums(fresh())
    scan = Kernel(blocks.scan_rows.function, blocks.scan_rows.arguments)
    values, highest, odd = np.ones((40, 20)), np.empty(40), np.empty(40, dtype=np.int64)
    scan(values, 20, 0, 40, highest, odd)
    assert not odd.any()
    assert (highest == 1).all()


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "text"])
def test_damaged_code_is_compiled_again(cache: Path, damage: str) -> None:
    check_sums(fresh())
    (file,) = cache.iterdir()
    content = file.read_bytes()
    changed = bytearray(content)
    changed[-10] ^= 1
    damaged = {"cut": content[:-50], "changed": bytes(changed), "empty": b"", "text": b"hello"}
    # Replaced, not overwritten: this process has the file mapped.
    file.unlink()
    file.write_bytes(damaged[damage])
    with pytest.raises(_code.DamagedError):
        _code.load_file(file)
    check_sums(fresh())
    assert _code.load_file(file)


def test_code_that_cannot_be_stored_still_runs(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    kernel = fresh()
    check_sums(kernel)
    assert not is_stored(kernel)


def test_the_cache_of_the_user_is_used_if_the_package_is_not_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("APL_ENGINE_CACHE", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    assert _store.folders() == [Path(_store.__file__).parent / "__pycache__"]
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert _store.folders()[1] == tmp_path / "apl_engine"


def test_the_file_name_depends_on_the_processor(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _store._platform.cache_clear()
    before = _store._platform()
    _store._platform.cache_clear()
    assert _store._platform() == before
    monkeypatch.setattr(_store, "processor", lambda: {"model name": "another processor"})
    _store._platform.cache_clear()
    assert _store._platform() != before
    # On other systems than Linux, LLVM tells.
    monkeypatch.setattr(_store, "processor", dict)
    _store._platform.cache_clear()
    assert _store._platform() != before
    _store._platform.cache_clear()


def test_a_symbol_depends_on_arguments_options_and_constants() -> None:
    given = segments.segment_sums
    scales = (2, 3, np.uint32(2), (2, 3))
    symbols = [_code.symbol_of(k) for k in (fresh(), fresh(), *map(scaled_by, scales))]
    symbols += [
        _code.symbol_of(Kernel(given.function, given.arguments[1:])),
        _code.symbol_of(Kernel(given.function, given.arguments, vectorise=False)),
    ]
    assert symbols[0] == symbols[1]
    assert len(set(symbols)) == 7


def scaled_by(scale: object) -> Kernel:
    """Return a kernel that names a constant."""
    source = "def scaled(n, out):\n    out[0] = n * SCALE\n"
    names = {"SCALE": scale}
    exec(compile(source, __file__, "exec"), names)
    return Kernel(names["scaled"], (SIZE, OUT_VALUES))  # type: ignore[arg-type]


@pytest.mark.slow
def test_processes_that_compile_at_the_same_time_share_the_folder(tmp_path: Path) -> None:
    """Each kernel is stored once; a later process compiles nothing and does not import Numba."""
    cache = tmp_path / "cache"
    environment = {**os.environ, "APL_ENGINE_CACHE": str(cache), "NUMBA_DISABLE_JIT": "0"}
    names = ["running_sums", "segment_sums", "time_bands"]
    prepare = f"from apl_engine import kernels; [getattr(kernels, n).prepare() for n in {names}]"
    command = [sys.executable, "-c", prepare]
    cold = [
        subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True)
        for _ in range(2)
    ]
    for process in cold:
        assert process.communicate(timeout=120) == ("", "")
        assert process.returncode == 0
    command = [sys.executable, "-c", CODE]
    warm = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert warm.stdout.strip() == "[3.0, 4.0] False"
    assert sorted(path.stem.rpartition("_")[0] for path in cache.iterdir()) == names
    assert {path.suffix for path in cache.iterdir()} <= {".so", ".o"}


@pytest.mark.parametrize(
    ("starts", "values", "out"),
    [
        (np.array([0, 1], dtype=np.int32), np.ones(1), np.empty(1)),
        (np.array([0, 1]), [1.0], np.empty(1)),
        (np.array([0, 1]), np.ones(4)[::2], np.empty(1)),
        (np.array([0, 1]), np.ones(1), np.broadcast_to(0.0, 1)),
    ],
)
def test_arrays_that_the_code_would_misread_are_refused(
    starts: object, values: object, out: object, cache: Path
) -> None:
    kernel = fresh()
    kernel.prepare()
    with pytest.raises(TypeError):
        kernel(starts, values, 1, out)


@pytest.mark.parametrize("name", kernels.__all__)
def test_stored_code_names_no_function_of_python(name: str) -> None:
    """A process that has not imported Numba lacks what Numba defines.

    A kernel that may raise calls Python: its library cannot be loaded, stored or shipped.
    """
    code = getattr(kernels, name).prepare()
    assert code is not None
    assert code.path is not None
    assert re.findall(rb"\0_?(?:Py|numba|NRT)\w*", code.path.read_bytes()) == []


@pytest.mark.nightly
@pytest.mark.parametrize("name", kernels.__all__)
def test_code_has_no_external_symbols(name: str) -> None:
    """The same of what is compiled, of which every run tests the machine code."""
    kernel = getattr(kernels, name)
    assert isinstance(kernel, Kernel)
    module = _compiler.module_of([_compiler.draft(kernel)], _compiler.host())
    declared = [f.name for f in module.functions if f.is_declaration]
    declared += [v.name for v in module.global_variables if v.is_declaration]
    assert [symbol for symbol in declared if not symbol.startswith("llvm.")] == []
    assert re.findall(r"@(?:numba_|Py)\w*", str(module)) == []
