"""Where the machine code of kernels comes from: the package, a folder of this machine, or Numba.

Code that does not come with the package is compiled once per machine and stored. On a machine with
a linker, a kernel is stored as a shared library, which loads at once; otherwise as an object file,
which llvmlite loads in some 60 ms. The name of a file has a digest of all that its content depends
on (source, argument types, versions, processor), so that a stale file is never loaded; a damaged
one is never used either, nor one that others than the user and root could have written. Files are
put in place whole, so that processes can share the folder.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ._code import (
    LIBRARY,
    OBJECT,
    Code,
    DamagedError,
    Image,
    Refusal,
    load_file,
    load_object,
    seal,
    symbol_of,
)
from ._owner import UnsafeError, check_folder
from ._shipped import load_shipped
from ._targets import processor

if TYPE_CHECKING:
    from ._jit import Kernel

# What identifies a processor and its capabilities.
_PROCESSOR = ("model name", "flags", "CPU implementer", "CPU part", "Features")


def load_or_compile(kernel: Kernel) -> Code:
    """Return the machine code of a kernel: shipped, stored, or compiled now."""
    found = load_shipped(kernel)
    return found if isinstance(found, Code) else _load_stored(kernel, found)


def _load_stored(kernel: Kernel, refusal: Refusal) -> Code:
    symbol = symbol_of(kernel)
    name = f"{symbol}-{_platform()}"

    own, unsafe = _own_folders()

    def code_in(image: Image, path: Path | None) -> Code | None:
        address = image.find(symbol)
        return Code(address, image, path, refusal, unsafe) if address else None

    def load(path: Path) -> Code | None:
        with suppress(OSError, DamagedError, UnsafeError):
            return code_in(load_file(path), path)
        return None

    for folder in own:
        for ending in (LIBRARY, OBJECT):
            if code := load(folder / (name + ending)):
                return code
    from ._compiler import draft, host, library_of, module_of, object_of

    target = host()
    module = module_of([draft(kernel)], target)
    library = library_of(module, target)
    ending, content = (LIBRARY, library) if library else (OBJECT, object_of(module, target))
    for folder in own:
        path = folder / (name + ending)
        if _save(path, content) and (code := load(path)):
            return code
    # Not stored: a library can only be loaded from a file.
    code = code_in(load_object(object_of(module, target)), None)
    assert code
    return code


def folders() -> list[Path]:
    """Return the folders for machine code, the preferred one first.

    Beside the package, as for Python's bytecode: write access there is write access to the package
    itself. Otherwise in the user's cache.
    """
    chosen = os.environ.get("APL_ENGINE_CACHE")
    if chosen:
        return [Path(chosen)]
    beside = Path(__file__).parent / "__pycache__"
    if os.access(beside if beside.exists() else beside.parent, os.W_OK):
        return [beside]
    from platformdirs import user_cache_path

    # A user without a home directory has no cache: the path would start with a literal ~.
    with suppress(RuntimeError):
        cache = user_cache_path("apl_engine")
        return [beside, cache] if cache.is_absolute() else [beside]
    return [beside]


def _own_folders() -> tuple[list[Path], tuple[Path, ...]]:
    """Return the folders that are the user's own, made if missing, and those that are not."""
    own, unsafe = [], []
    for folder in folders():
        with suppress(OSError):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                check_folder(folder)
                own.append(folder)
            except UnsafeError:
                unsafe.append(folder)
    return own, tuple(unsafe)


@functools.cache
def _platform() -> str:
    """Return a digest of the compilers and of the processor."""
    stated = processor()
    parts = [_version("numba"), _version("llvmlite"), sys.platform]
    parts += [stated[key] for key in _PROCESSOR if key in stated] or _processor_by_llvm()
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _version(package: str) -> str:
    """Return what states the version of a package; metadata take ten times as long to read."""
    found = find_spec(package)
    if found and found.origin:
        with suppress(OSError):
            return Path(found.origin).with_name("_version.py").read_text("utf-8")
    return version(package)


def _processor_by_llvm() -> list[str]:
    from ._compiler import host

    target = host()
    return [target.triple, target.cpu, target.features]


def _save(path: Path, content: bytes) -> bool:
    with suppress(OSError):
        number, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(number, "wb") as file:
                file.write(seal(content))
            os.chmod(draft, 0o644)
            os.replace(draft, path)
        except OSError:
            os.unlink(draft)
            raise
        return True
    return False
