"""Machine code that others could have written is not loaded."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from apl_engine.kernels import _code, _compiler, _owner, _store, segments
from apl_engine.kernels._jit import Kernel
from apl_engine.kernels._owner import UnsafeError, check_folder, read_own

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no owners")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "above" / "folder"
    made.mkdir(parents=True, mode=0o755)
    return made


def file_in(folder: Path, mode: int = 0o644) -> Path:
    path = folder / "code.so"
    path.write_bytes(b"content")
    path.chmod(mode)
    return path


def is_refused(path: Path) -> bool:
    try:
        return read_own(path) != b"content"
    except UnsafeError:
        return True


@pytest.mark.parametrize(
    ("file", "of_folder", "above", "refused"),
    [
        (0o644, 0o755, 0o755, False),
        (0o600, 0o700, 0o700, False),
        (0o646, 0o755, 0o755, True),
        (0o644, 0o757, 0o755, True),
        (0o644, 0o1777, 0o755, True),
        (0o644, 0o755, 0o757, True),
        (0o644, 0o755, 0o1777, False),
    ],
)
def test_who_can_write(folder: Path, file: int, of_folder: int, above: int, refused: bool) -> None:
    path = file_in(folder, file)
    folder.chmod(of_folder)
    folder.parent.chmod(above)
    assert is_refused(path) == refused


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_files_of_others(folder: Path) -> None:
    path = file_in(folder)
    os.chown(path, 12345, 0)
    assert is_refused(path)
    os.chown(path, 0, 0)
    assert not is_refused(path)
    for each in (folder, folder.parent):
        os.chown(each, 12345, 0)
        assert is_refused(path)
        os.chown(each, 0, 0)
    # A group that is the owner's own, and another.
    for each in (folder, path):
        mode = each.stat().st_mode & 0o777
        each.chmod(mode | 0o020)
        assert not is_refused(path)
        os.chown(each, 0, 12345)
        assert is_refused(path)
        os.chown(each, 0, 1)
        assert is_refused(path)
        os.chown(each, 0, 0)
        each.chmod(mode)


def test_links_and_other_kinds(folder: Path) -> None:
    path = file_in(folder)
    (folder / "link.so").symlink_to(path)
    with pytest.raises(OSError, match="symbolic"):
        read_own(folder / "link.so")
    os.mkfifo(folder / "fifo.so")
    assert is_refused(folder / "fifo.so")
    with pytest.raises(OSError, match=r"absent\.so"):
        read_own(folder / "absent.so")
    with pytest.raises(OSError, match="absent"):
        check_folder(folder / "absent")


@pytest.fixture
def cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(_store, "load_shipped", lambda _: "none_shipped")
    monkeypatch.setenv("APL_ENGINE_CACHE", str(folder))
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    return folder


def sums_of(kernel: Kernel) -> list[float]:
    out = np.empty(2)
    kernel(np.array([0, 2, 3]), np.array([1.0, 2.0, 4.0]), 2, out)
    return out.tolist()


def fresh() -> Kernel:
    return Kernel(segments.segment_sums.function, segments.segment_sums.arguments)


def test_code_in_a_folder_of_others_is_compiled_in_memory(cache: Path) -> None:
    assert sums_of(fresh()) == [3.0, 4.0]
    (file,) = cache.iterdir()
    # Code that would return other sums, right by its own digest: only the owner tells.
    bad = _store_of("out[0] = -1.0")
    file.write_bytes(bad)
    cache.chmod(0o777)
    kernel = fresh()
    assert sums_of(kernel) == [3.0, 4.0]
    assert kernel._code
    assert (kernel._code.path, kernel._code.unsafe) == (None, (cache,))
    assert file.read_bytes() == bad


def _store_of(line: str) -> bytes:
    """Return a stored file of another function under the name of the kernel."""
    names: dict[str, object] = {}
    exec(f"def segment_sums(starts, values, n, out):\n    {line}\n", names)
    other = Kernel(names["segment_sums"], segments.segment_sums.arguments)  # type: ignore[arg-type]
    given = _code.symbol_of

    def symbol(_: Kernel) -> str:
        return given(fresh())

    before, _compiler.symbol_of = _compiler.symbol_of, symbol
    try:
        target = _compiler.host()
        module = _compiler.module_of([_compiler.draft(other)], target)
        return _code.seal(_compiler.library_of(module, target) or b"")
    finally:
        _compiler.symbol_of = before


def test_a_file_of_others_in_a_folder_of_the_user_is_replaced(cache: Path) -> None:
    assert sums_of(fresh()) == [3.0, 4.0]
    (file,) = cache.iterdir()
    file.chmod(0o666)
    kernel = fresh()
    assert sums_of(kernel) == [3.0, 4.0]
    assert kernel._code
    assert kernel._code.path == file
    assert file.stat().st_mode & 0o777 == 0o644


def test_what_was_read_is_what_runs(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is replaced between the check and the loading."""
    assert sums_of(fresh()) == [3.0, 4.0]
    (file,) = cache.iterdir()
    if file.suffix != ".so":
        pytest.skip("this machine has no linker")
    bad, load = _store_of("out[0] = -1.0"), ctypes.CDLL

    def swapped(name: str) -> ctypes.CDLL:
        file.unlink(missing_ok=True)
        file.write_bytes(bad)
        return load(name)

    monkeypatch.setattr(ctypes, "CDLL", swapped)
    assert sums_of(fresh()) == [3.0, 4.0]
    assert file.read_bytes() == bad


def test_without_files_in_memory_a_private_copy_is_loaded(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    for _ in range(2):
        kernel = fresh()
        assert sums_of(kernel) == [3.0, 4.0]
        assert kernel._code
        assert kernel._code.path


@pytest.mark.parametrize("home", [None, "~", "relative"])
def test_a_user_without_a_home_gets_no_folder_named_after_it(
    tmp_path: Path, home: str | None
) -> None:
    code = """
import json, os, pwd
def nobody(_): raise KeyError
pwd.getpwuid = nobody
access, os.access = os.access, lambda *_: False
from apl_engine.kernels import _store
print(json.dumps([str(f) for f in _store.folders()]))
"""
    kept = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    kept.pop("APL_ENGINE_CACHE", None)
    environment = kept if home is None else {**kept, "HOME": home}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    folders = json.loads(done.stdout)
    assert len(folders) == 1
    assert os.path.isabs(folders[0])
    assert list(tmp_path.iterdir()) == []


def test_a_new_folder_in_one_that_all_can_write_is_the_users_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.chmod(0o1777)
    monkeypatch.setenv("APL_ENGINE_CACHE", str(folder / "new" / "cache"))
    assert _store._own_folders() == ([folder / "new" / "cache"], ())
    assert not (folder / "new").stat().st_mode & 0o022
    folder.chmod(0o777)
    assert _store._own_folders() == ([], (folder / "new" / "cache",))
    assert _owner._is_own(os.stat("/"))
