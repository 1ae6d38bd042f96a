"""Machine code that comes with the package: the same bits for every target, or not used."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from apl_engine.kernels import _code, _compiler, _shipped, _targets, segments
from apl_engine.kernels._code import Code
from apl_engine.kernels._jit import Kernel, kernel
from apl_engine.kernels.arguments import OUT_VALUES, SIZE, VALUES

X86 = [target for target in _targets.SHIPPED if target.machine == "x86_64"]
RUNS_HERE = [target.name for target in _targets.supported()]
needs_target = pytest.mark.skipif(not RUNS_HERE, reason="no code is shipped for this platform")


@kernel(VALUES, VALUES, VALUES, SIZE, OUT_VALUES)
def products(a, b, c, n, out):  # type: ignore[no-untyped-def]
    """Multiplications and additions that a processor could fuse, and a sum."""
    total = 0.0
    for k in range(n):
        out[k] = a[k] * b[k] + c[k]
        total += a[k] * c[k]
    out[n] = total


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    _shipped.build([segments.segment_sums, products], folder)
    return folder


def forget() -> None:
    """Look at the folder again, as a new process would."""
    _shipped._file.cache_clear()
    _shipped._image.cache_clear()


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the package an empty folder for machine code, and a cache to compile into."""
    folder = tmp_path / "compiled"
    folder.mkdir()
    monkeypatch.setattr(_shipped, "FOLDER", folder)
    monkeypatch.setenv("APL_ENGINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    forget()
    yield folder
    forget()


@pytest.fixture
def filled(shipped: Path, built: Path) -> Path:
    shutil.copytree(built, shipped, dirs_exist_ok=True)
    return shipped


def fresh(vectorise: bool = True) -> Kernel:
    given = segments.segment_sums
    return Kernel(given.function, given.arguments, vectorise=vectorise)


def sums(kernel: Kernel) -> list[float]:
    out = np.empty(2)
    kernel(np.array([0, 2, 3]), np.array([1.0, 2.0, 4.0]), 2, out)
    return out.tolist()


def code_of(kernel: Kernel) -> Code:
    code = kernel.prepare()
    assert code
    return code


@needs_target
def test_shipped_code_is_used(filled: Path) -> None:
    code = code_of(fresh())
    assert code.refusal is None
    assert code.path
    assert code.path.parent == filled
    assert code.path.stem == RUNS_HERE[0]
    assert sums(fresh()) == [3.0, 4.0]
    assert not (filled.parent / "cache").exists()


@needs_target
@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "text"])
def test_damaged_code_is_not_used(filled: Path, damage: str) -> None:
    (file,) = filled.glob(f"{RUNS_HERE[0]}.*")
    content = file.read_bytes()
    middle = len(content) // 2
    changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    damaged = {"cut": content[:-50], "changed": changed, "empty": b"", "text": b"hello"}
    file.unlink()
    file.write_bytes(damaged[damage])
    code = code_of(fresh())
    assert code.refusal == "damaged"
    assert code.path
    assert code.path.parent == filled.parent / "cache"
    assert sums(fresh()) == [3.0, 4.0]


def pin(folder: Path, digests: object) -> None:
    (folder / _shipped.DIGESTS).write_text(json.dumps(digests))


@needs_target
@pytest.mark.parametrize(
    "digests", [{}, [], {f"{RUNS_HERE[:1]}": "0"}, {RUNS_HERE[0]: 1} if RUNS_HERE else 0, None]
)
def test_code_without_its_digest_in_the_package_is_not_used(filled: Path, digests: object) -> None:
    pin(filled, digests)
    assert code_of(fresh()).refusal == "damaged"


@needs_target
def test_another_whole_file_is_not_used(filled: Path, tmp_path: Path) -> None:
    """Right by its own digest, and of the right name: only the package tells them apart."""
    (file,) = filled.glob(f"{RUNS_HERE[0]}.*")
    other = tmp_path / "other"
    other.mkdir()
    _shipped.build([segments.segment_sums], other)
    file.unlink()
    shutil.copy(other / file.name, file)
    assert code_of(fresh()).refusal == "damaged"
    (filled / _shipped.DIGESTS).unlink()
    forget()
    assert code_of(fresh()).refusal == "damaged"


@needs_target
def test_code_that_the_system_refuses_is_not_used(filled: Path) -> None:
    (file,) = filled.glob(f"{RUNS_HERE[0]}.*")
    file.unlink()
    file.with_suffix(".so").write_bytes(content := _code.seal(b"no library"))
    pin(filled, {file.with_suffix(".so").name: _code.digest_of(content)})
    assert code_of(fresh()).refusal == "not_loadable"
    assert sums(fresh()) == [3.0, 4.0]


@needs_target
def test_code_of_another_source_is_not_used(filled: Path) -> None:
    assert code_of(fresh(vectorise=False)).refusal == "other_source"
    assert code_of(Kernel(products.function, products.arguments)).refusal is None


def test_without_code_for_this_platform_kernels_are_compiled(shipped: Path) -> None:
    assert code_of(fresh()).refusal == "other_platform"
    assert sums(fresh()) == [3.0, 4.0]


def test_without_any_code_kernels_are_compiled(shipped: Path) -> None:
    shipped.rmdir()
    assert code_of(fresh()).refusal == "none_shipped"


@needs_target
def test_an_object_file_is_used_where_there_is_no_library(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_compiler, "_linker", lambda _: None)
    files = _shipped.build([segments.segment_sums], shipped)
    assert {file.suffix for file in files} == {".o", ".json"}
    assert code_of(fresh()).refusal is None
    assert sums(fresh()) == [3.0, 4.0]


@needs_target
def test_every_target_gives_the_same_bits(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that this machine runs; as interpreted, hence without reordered or fused sums."""
    random = np.random.default_rng(11)
    a, b, c = (random.lognormal(0, 9, 10_000) for _ in range(3))
    starts = np.array([0, 3, 5000, 10_000])

    def outputs(first: Kernel, second: Kernel) -> bytes:
        one, two = np.empty(10_001), np.empty(3)
        first(a, b, c, 10_000, one)
        second(starts, a, 3, two)
        return one.tobytes() + two.tobytes()

    found = [outputs(products.function, segments.segment_sums.function)]  # type: ignore[arg-type]
    for target in _targets.supported():
        monkeypatch.setattr(_shipped, "supported", lambda target=target: [target])
        forget()
        first, second = Kernel(products.function, products.arguments), fresh()
        assert code_of(first).path == code_of(second).path
        assert code_of(first).path.stem == target.name  # type: ignore[union-attr]
        found.append(outputs(first, second))
    assert len(found) == 1 + len(RUNS_HERE)
    assert len(set(found)) == 1


@pytest.mark.parametrize("target", X86, ids=lambda target: target.name)
def test_multiplications_and_additions_are_not_fused(target: _targets.Target) -> None:
    module = _compiler.module_of([_compiler.draft(products)], target)
    text = _compiler._machine(target).emit_assembly(module)
    assert "mulsd" in text
    assert re.findall(r"\bv?fn?m(?:add|sub)\w*", text) == []


def test_the_best_target_is_chosen_by_the_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    v4, v3, plain = X86
    for flags, best in ((v4.flags, v4), (v3.flags | {"avx512f"}, v3), ({"sse2"}, plain)):
        monkeypatch.setattr(_targets, "processor", lambda flags=flags: {"flags": " ".join(flags)})
        monkeypatch.setattr("os.uname", lambda: SimpleNamespace(machine="x86_64"))
        monkeypatch.setattr("sys.platform", "linux")
        assert _targets.supported()[0] == best
