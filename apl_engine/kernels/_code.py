"""Files of machine code: a shared library or an object file, and a digest of its content."""

from __future__ import annotations

import ctypes
import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from ._owner import read_own

if TYPE_CHECKING:
    from ._jit import Kernel

# Why the code that comes with the package is not used.
Refusal: TypeAlias = Literal[
    "none_shipped", "other_platform", "damaged", "not_loadable", "other_source"
]

LIBRARY, OBJECT = ".so", ".o"
_DIGEST_SIZE = 32
_COMPILER = Path(__file__).with_name("_compiler.py")


class DamagedError(Exception):
    """A file does not have the content that was written."""


@dataclass(frozen=True)
class Image:
    """Machine code in memory: how to look up a symbol, and what owns the memory."""

    find: Callable[[str], int | None]
    owner: Any


@dataclass(frozen=True)
class Code:
    """The machine code of a kernel.

    Attributes
    ----------
    address : int
    image : Image
        What it is part of.
    path : Path or None
        Its file; None if it could not be stored.
    refusal : str or None
        Why the code that comes with the package is not used; None if it is.
    unsafe : tuple of Path
        Folders whose code is not loaded, because others could have written it.
    """

    address: int
    image: Image
    path: Path | None
    refusal: Refusal | None
    unsafe: tuple[Path, ...] = ()


def symbol_of(kernel: Kernel) -> str:
    """Return the name of a kernel in machine code: it has a digest of all that it is made from.

    That is the source of its module and the numbers named there, its arguments and options, and
    how it is compiled; not the platform, nor the versions of the compilers.
    """
    constants = {
        name: value
        for name, value in kernel.function.__globals__.items()
        if isinstance(value, int | float | np.generic)
    }
    parts = [*map(str, kernel.arguments), str(kernel.vectorise), str(constants)]
    source = Path(kernel.function.__code__.co_filename).read_bytes() + _COMPILER.read_bytes()
    digest = hashlib.sha256(source + "\n".join(parts).encode()).hexdigest()
    return f"{kernel.__name__}_{digest[:32]}"


def seal(content: bytes) -> bytes:
    """Return the content of a file with its digest behind, which loaders ignore."""
    return content + hashlib.sha256(content).digest()


def digest_of(whole: bytes) -> str:
    """Return the digest of a file by which the package states which one it comes with."""
    return hashlib.sha256(whole).hexdigest()


def load_file(path: Path, pinned: str | None = None) -> Image:
    """Load a file of machine code: it is read once, and what was read is what runs.

    Parameters
    ----------
    path : Path
        The file.
    pinned : str, optional
        The digest that it must have. A file without one must be the user's own, see `read_own`.

    Raises
    ------
    DamagedError
        The content is not what was written.
    UnsafeError
        Others could have written it.
    OSError
        The file is missing, or the system refuses to load it.
    """
    whole = path.read_bytes() if pinned else read_own(path)
    content = whole[:-_DIGEST_SIZE]
    if seal(content) != whole or (pinned and digest_of(whole) != pinned):
        raise DamagedError(path)
    if path.suffix == OBJECT:
        return load_object(content)
    library, owner = _library_of(content, path)

    def find(symbol: str) -> int | None:
        try:
            return ctypes.cast(getattr(library, symbol), ctypes.c_void_p).value
        except AttributeError:
            return None

    return Image(find, (library, owner))


def _library_of(content: bytes, path: Path) -> tuple[ctypes.CDLL, Any]:
    """Load a shared library that was read, from memory or a private file; not read it again."""
    with suppress(OSError, AttributeError):
        number = os.memfd_create(path.name[:200])
        with os.fdopen(os.dup(number), "wb") as memory:
            memory.write(content)
        # It stays open: the system takes libraries of the same name for one.
        return ctypes.CDLL(f"/proc/self/fd/{number}"), number
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(content)
        return ctypes.CDLL(str(copy)), None


def load_object(content: bytes) -> Image:
    """Load an object file into memory, which takes LLVM.

    Each has an engine of its own: an engine of several files looks up constants of the later ones
    in the earlier ones.
    """
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(
        reloc="pic", codemodel="jitdefault", jit=True
    )
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(content))
    engine.finalize_object()
    return Image(lambda symbol: engine.get_function_address(symbol) or None, engine)
