"""Compiling kernels: by Numba to LLVM's language, and by LLVM for a processor.

Sums are never reordered nor fused, so that every processor gives the same bits: fastmath is off,
and LLVM contracts a multiplication and an addition only where it is told to.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ._code import symbol_of
from ._targets import Target

if TYPE_CHECKING:
    from ._jit import Kernel
    from .arguments import Argument


@dataclass(frozen=True)
class Draft:
    """A kernel in the language of LLVM, not optimised, the same for every target."""

    kernel: Kernel
    text: str
    entry: str


def host() -> Target:
    """Return the processor of this machine."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features().flatten()
    triple, cpu = llvm.get_default_triple(), llvm.get_host_cpu_name()
    return Target("host", platform.machine(), triple, cpu, features)


def draft(kernel: Kernel) -> Draft:
    """Compile a kernel with Numba, whose own passes are off: loops they vectorise stay so."""
    import numba
    from numba.core.compiler_lock import global_compiler_lock

    signature = numba.types.void(*(_numba_type(argument) for argument in kernel.arguments))
    declare = numba.cfunc(signature, fastmath=False, error_model="numpy")
    config: Any = numba.config
    with global_compiler_lock:
        level = config.OPT
        config.OPT = type(level)(0)
        try:
            compiled = declare(_with_helpers(kernel.function))
        finally:
            config.OPT = level
    return Draft(kernel, compiled.inspect_llvm(), compiled.native_name)


def _with_helpers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls compiled helpers in place of those that it names.

    LLVM puts them in line: kernels and helpers are one module, of which only the kernel is called.
    """
    import numba

    known = function.__globals__
    declare = numba.njit(fastmath=False, error_model="numpy")
    named = [
        name for name in function.__code__.co_names if getattr(known.get(name), "is_helper", False)
    ]
    intrinsics = _intrinsics() if named else {}
    helpers = {
        name: intrinsics[name] if name in intrinsics else declare(_with_helpers(known[name]))
        for name in named
    }
    if not helpers:
        return function
    return FunctionType(
        function.__code__, {**known, **helpers}, function.__name__, function.__defaults__
    )


def _intrinsics() -> dict[str, Any]:
    """Return the helpers that are one instruction of LLVM."""
    import numba
    from llvmlite import ir

    flag, number, word = ir.IntType(1), ir.IntType(32), ir.IntType(64)

    def called(builder: Any, name: str, returned: Any, given: list[Any]) -> Any:
        kind = ir.FunctionType(returned, [each.type for each in given])
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        return builder.call(function, given)

    @numba.extending.intrinsic
    def prefetch(_context: Any, array: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
            element = builder.gep(given[0], [given[1]])
            address = builder.bitcast(element, ir.IntType(8).as_pointer())
            # To be read, in the nearest cache, as data.
            how = [number(0), number(3), number(1)]
            called(builder, "llvm.prefetch.p0", ir.VoidType(), [address, *how])
            return context.get_dummy_value()

        return numba.types.void(array, at), generate

    @numba.extending.intrinsic
    def lowest_bit(_context: Any, value: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
            return called(builder, "llvm.cttz.i64", word, [given[0], flag(1)])

        return numba.types.int64(value), generate

    return {"prefetch": prefetch, "lowest_bit": lowest_bit}


def _numba_type(argument: Argument) -> Any:
    import numba

    plain = getattr(numba.types, argument.dtype)
    return plain if argument.kind == "number" else numba.types.CPointer(plain)  # type: ignore[no-untyped-call]


def is_known(target: Target) -> bool:
    """Return whether this LLVM compiles for a target; it may be built for some only."""
    try:
        _machine(target)
    except RuntimeError:
        return False
    return True


def module_of(drafts: Iterable[Draft], target: Target) -> Any:
    """Optimise kernels for a target, each by its own options; return one module of LLVM."""
    import llvmlite.binding as llvm

    machine = _machine(target)
    whole = llvm.parse_assembly("")
    whole.triple, whole.data_layout = target.triple, str(machine.target_data)
    for draft in drafts:
        module = llvm.parse_assembly(draft.text)
        module.triple, module.data_layout = whole.triple, whole.data_layout
        # Whatever else is defined can go once it is unused.
        for value in (*module.functions, *module.global_variables):
            if value.name == draft.entry:
                value.name = symbol_of(draft.kernel)
            elif not value.is_declaration:
                value.linkage = "internal"
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = draft.kernel.vectorise
        options.slp_vectorization = True
        builder = llvm.create_pass_builder(machine, options)
        builder.getModulePassManager().run(module, builder)
        whole.link_in(module)
    return whole


def object_of(module: Any, target: Target) -> bytes:
    """Return a module as an object file that LLVM can load."""
    content: bytes = _machine(target).emit_object(module)
    return content


def library_of(module: Any, target: Target) -> bytes | None:
    """Return a module as a shared library; None if there is no linker or it fails.

    It needs no other library, hence any C library can load it.
    """
    linker = _linker(target)
    if not linker:
        return None
    with suppress(OSError, subprocess.SubprocessError), tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "kernels.o", Path(folder) / "kernels.so"
        given.write_bytes(_machine(target, for_linker=True).emit_object(module))
        command = [linker, "-shared", "-nostdlib", "-s", "-o", str(made), str(given)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return made.read_bytes()
    return None


def _machine(target: Target, *, for_linker: bool = False) -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu,
        features=target.features,
        opt=3,
        reloc="pic",
        codemodel="default" if for_linker else "jitdefault",
        jit=not for_linker,
    )


def _linker(target: Target) -> str | None:
    """Return a program that links for a target."""
    system = platform.system()
    if target.machine == platform.machine() and (target.name == "host" or system == "Linux"):
        names = [] if system == "Windows" else ["cc", "gcc", "clang"]
    else:
        names = [f"{target.machine}-linux-gnu-gcc", f"{target.machine}-linux-gnu-ld", "ld.lld"]
    return next((path for name in names if (path := shutil.which(name))), None)
