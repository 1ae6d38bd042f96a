"""Machine code of kernels on disk: compiled by Numba, kept, loaded by llvmlite.

A file is named after a digest of all that its content depends on (source, argument types, versions,
processor), so a stale one is never found; it begins with a digest of its content, so a damaged one
is never used. It appears whole, so processes may share the folder.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from .arguments import Argument

Interpreted = Callable[..., None]
Arguments = tuple[Argument, ...]


@dataclass(frozen=True)
class Code:
    """Where the machine code of a kernel is, and what must live as long as it is called."""

    address: int
    owner: Any
    kept: bool


def load_or_compile(function: Interpreted, arguments: Arguments) -> Code:
    """Return the machine code of a kernel, from disk where it is kept there."""
    name = f"{function.__name__}-{_digest_of(function, arguments)}.apl-kernel"
    for folder in _folders():
        code = _load(folder / name)
        if code:
            return code
    content = _compile(function, arguments)
    kept = any(_save(folder / name, content) for folder in _folders())
    return _code(*content, kept=kept)


def _digest_of(function: Interpreted, arguments: Arguments) -> str:
    """Return a digest of all that the machine code depends on."""
    source = Path(inspect.getfile(function)).read_bytes() + Path(__file__).read_bytes()
    parts = [function.__name__, *map(str, arguments), *_platform()]
    return hashlib.sha256(source + "\n".join(parts).encode()).hexdigest()[:32]


@functools.cache
def _platform() -> tuple[str, ...]:
    return (
        version("numba"),
        version("llvmlite"),
        llvm.get_default_triple(),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
    )


def _folders() -> list[Path]:
    """Return where machine code may be kept, the best place first.

    Beside the package, as Python keeps its own bytecode: whoever may write there may change the
    package itself. Else in the user's cache.
    """
    chosen = os.environ.get("APL_ENGINE_CACHE")
    if chosen:
        return [Path(chosen)]
    beside = Path(__file__).parent / "__pycache__"
    if os.access(beside if beside.exists() else beside.parent, os.W_OK):
        return [beside]
    from platformdirs import user_cache_path

    # A user without a home has no cache either.
    with suppress(RuntimeError):
        return [beside, user_cache_path("apl_engine")]
    return [beside]


def _load(path: Path) -> Code | None:
    """Load machine code from a file; None where there is none, or it is damaged."""
    with suppress(OSError, ValueError):
        digest, name, content = path.read_bytes().split(b"\n", 2)
        if hashlib.sha256(name + content).hexdigest().encode() == digest:
            return _code(name.decode(), content, kept=True)
    return None


def _code(name: str, content: bytes, *, kept: bool) -> Code:
    """Put an object file into memory.

    Each has an engine of its own: where one holds several, constants of the later files are looked
    for in the earlier ones.
    """
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(content))
    engine.finalize_object()
    return Code(engine.get_function_address(name), engine, kept)


def _save(path: Path, content: tuple[str, bytes]) -> bool:
    name, code = content[0].encode(), content[1]
    digest = hashlib.sha256(name + code).hexdigest().encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(number, "wb") as file:
                file.write(b"\n".join((digest, name, code)))
            os.chmod(draft, 0o644)
            os.replace(draft, path)
        except OSError:
            os.unlink(draft)
            raise
        return True
    return False


def _compile(function: Interpreted, arguments: Arguments) -> tuple[str, bytes]:
    """Compile with Numba; return the entry point and the object file.

    fastmath is off: a compiler may not choose the order of sums. What stands side by side it may
    put into one vector, which Numba does not ask of LLVM by itself.
    """
    import numba

    signature = numba.types.void(*(_numba_type(argument) for argument in arguments))
    compiled = numba.cfunc(signature, fastmath=False, error_model="numpy")(function)
    module, machine = llvm.parse_assembly(compiled.inspect_llvm()), _machine()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.slp_vectorization = True
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    return compiled.native_name, machine.emit_object(module)


def _numba_type(argument: Argument) -> Any:
    import numba

    plain = getattr(numba.types, argument.dtype)
    return plain if argument.kind == "number" else numba.types.CPointer(plain)  # type: ignore[no-untyped-call]


def _machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        jit=True,
    )
