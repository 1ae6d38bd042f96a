"""Machine code of kernels on disk: compiled by Numba once per machine, stored, and loaded.

On a machine with a linker, a kernel is stored as a shared library, which loads at once; otherwise
as an object file, which llvmlite loads in some 60 ms. The name of a file has a digest of all that
its content depends on (source, argument types, versions, processor), so that a stale file is never
loaded; the file ends with a digest of its content, so that a damaged one is never used. Files are
put in place whole, so that processes can share the folder.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import inspect
import os
import platform
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._jit import Kernel
    from .arguments import Argument

_LIBRARY, _OBJECT = ".so", ".o"
_DIGEST_SIZE = 32
# Lines of /proc/cpuinfo that identify a processor and its capabilities.
_PROCESSOR = ("model name", "flags", "CPU implementer", "CPU part", "Features")


@dataclass(frozen=True)
class Code:
    """The address of a kernel, the object that owns its memory, and its file, if stored."""

    address: int
    owner: Any
    path: Path | None

    @property
    def kept(self) -> bool:
        """Return whether later processes can load it."""
        return self.path is not None


def load_or_compile(kernel: Kernel) -> Code:
    """Return the machine code of a kernel, from disk if it is stored."""
    name = f"{kernel.__name__}-{_digest_of(kernel)}"
    for folder in folders():
        for ending in (_LIBRARY, _OBJECT):
            code = _load(folder / (name + ending), kernel.__name__)
            if code:
                return code
    module = _compile(kernel)
    library = _link(_emit(module, for_linker=True))
    ending, content = (_LIBRARY, library) if library else (_OBJECT, _emit(module))
    for folder in folders():
        path = folder / (name + ending)
        if _save(path, content):
            code = _load(path, kernel.__name__)
            if code:
                return code
    # Not stored: a library can only be loaded from a file.
    return _from_object(kernel.__name__, _emit(module), None)


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

    # A user without a home directory has no cache.
    with suppress(RuntimeError):
        return [beside, user_cache_path("apl_engine")]
    return [beside]


def _digest_of(kernel: Kernel) -> str:
    """Return a digest of everything that the machine code depends on."""
    source = Path(inspect.getfile(kernel.function)).read_bytes() + Path(__file__).read_bytes()
    parts = [kernel.__name__, *map(str, kernel.arguments), str(kernel.vectorise), *_platform()]
    return hashlib.sha256(source + "\n".join(parts).encode()).hexdigest()[:32]


@functools.cache
def _platform() -> tuple[str, ...]:
    return (version("numba"), version("llvmlite"), platform.system(), *_processor())


def _processor() -> tuple[str, ...]:
    """Return what identifies the processor; from Linux, which is faster than from LLVM."""
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        first = file.read(100_000).partition("\n\n")[0]
        told = tuple(line for line in first.splitlines() if line.startswith(_PROCESSOR))
        if told:
            return told
    import llvmlite.binding as llvm

    name, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return (llvm.get_default_triple(), name, features)


def _load(path: Path, name: str) -> Code | None:
    """Load machine code from a file; None if the file is missing or damaged."""
    with suppress(OSError, AttributeError):
        whole = path.read_bytes()
        content, digest = whole[:-_DIGEST_SIZE], whole[-_DIGEST_SIZE:]
        if hashlib.sha256(content).digest() != digest:
            return None
        if path.suffix == _OBJECT:
            return _from_object(name, content, path)
        library = ctypes.CDLL(str(path))
        address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
        return Code(address, library, path) if address else None
    return None


def _from_object(name: str, content: bytes, path: Path | None) -> Code:
    """Load an object file into memory.

    Each has an engine of its own: an engine of several files looks up constants of the later ones
    in the earlier ones.
    """
    import llvmlite.binding as llvm

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(content))
    engine.finalize_object()
    return Code(engine.get_function_address(name), engine, path)


def _save(path: Path, content: bytes) -> bool:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content + hashlib.sha256(content).digest())
            os.chmod(draft, 0o644)
            os.replace(draft, path)
        except OSError:
            os.unlink(draft)
            raise
        return True
    return False


def _compile(kernel: Kernel) -> Any:
    """Compile with Numba; return a module of LLVM whose entry point has the kernel's name.

    fastmath is off, so that the order of sums is fixed. Numba's own passes are off, since loops
    that they have vectorised stay so.
    """
    import llvmlite.binding as llvm
    import numba
    from numba.core.compiler_lock import global_compiler_lock

    signature = numba.types.void(*(_numba_type(argument) for argument in kernel.arguments))
    declare = numba.cfunc(signature, fastmath=False, error_model="numpy")
    config: Any = numba.config
    with global_compiler_lock:
        level = config.OPT
        config.OPT = type(level)(0)
        try:
            compiled = declare(kernel.function)
        finally:
            config.OPT = level
    module, machine = llvm.parse_assembly(compiled.inspect_llvm()), _machine()
    module.get_function(compiled.native_name).name = kernel.__name__
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = kernel.vectorise
    options.slp_vectorization = True
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return module


def _numba_type(argument: Argument) -> Any:
    import numba

    plain = getattr(numba.types, argument.dtype)
    return plain if argument.kind == "number" else numba.types.CPointer(plain)  # type: ignore[no-untyped-call]


def _emit(module: Any, *, for_linker: bool = False) -> bytes:
    """Return the object file of a module."""
    content: bytes = _machine(for_linker=for_linker).emit_object(module)
    return content


def _machine(*, for_linker: bool = False) -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="default" if for_linker else "jitdefault",
        jit=not for_linker,
    )


def _link(content: bytes) -> bytes | None:
    """Link an object file into a shared library; None if there is no linker or it fails."""
    linker = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not linker or platform.system() == "Windows":
        return None
    with suppress(OSError, subprocess.SubprocessError), tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "kernel.o", Path(folder) / "kernel.so"
        given.write_bytes(content)
        command = [linker, "-shared", "-nostdlib", "-o", str(made), str(given)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return made.read_bytes()
    return None
