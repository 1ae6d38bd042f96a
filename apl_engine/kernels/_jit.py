"""How kernels are declared, loaded and called.

A kernel's machine code comes with the package, or Numba compiles it once per machine: loading it
takes a millisecond, whereas importing Numba takes hundreds.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .arguments import Argument

if TYPE_CHECKING:
    from ._code import Code

Interpreted = Callable[..., None]
Helper = TypeVar("Helper", bound=Callable[..., Any])
_lock = threading.Lock()


class Kernel:
    """A loop over arrays; its machine code is loaded on first call.

    Its function is written for pointers: it indexes arrays and takes their sizes as arguments. If
    NUMBA_DISABLE_JIT is set, it runs slowly, interpreted, on the arrays themselves.

    Parameters
    ----------
    function : callable
        The loop; returns nothing.
    arguments : tuple of Argument
        What it takes.
    vectorise : bool, optional
        Whether iterations of a loop may become one vector operation. It slows loops over short runs
        of whole numbers, whose sums can be reordered. Independent neighbouring operations may
        become one in any case.
    name : str, optional
        Its name, if several kernels are made of the function; by default that of the function.
    """

    def __init__(
        self,
        function: Interpreted,
        arguments: tuple[Argument, ...],
        *,
        vectorise: bool = True,
        name: str | None = None,
    ) -> None:
        self.function, self.arguments, self.vectorise = function, arguments, vectorise
        self.__name__, self.__doc__ = name or function.__name__, function.__doc__
        self._native: Callable[..., Any] | None = None
        self._code: Code | None = None

    def __call__(self, *values: Any) -> None:
        if self._native is None:
            self.prepare()
        assert self._native is not None
        self._native(*values)

    def prepare(self) -> Code | None:
        """Load the machine code, compiling it if there is none; return it unless interpreted."""
        with _lock:
            if self._native is None:
                self._native = self._interpreted() if is_disabled() else self._compiled()
        return self._code

    def _interpreted(self) -> Callable[..., None]:
        def call(*values: Any) -> None:
            # As for pointers: one dimension.
            flat = (v.reshape(-1) if isinstance(v, np.ndarray) else v for v in values)
            # As in machine code: whole numbers wrap around, and no conversion to them warns.
            with np.errstate(over="ignore", invalid="ignore"):
                self.function(*flat)

        return call

    def _compiled(self) -> Callable[..., None]:
        from ._store import load_or_compile

        self._code = load_or_compile(self)
        converters = [argument.converter() for argument in self.arguments]
        types = [argument.native_type for argument in self.arguments]
        # A call through ctypes releases the interpreter lock for other threads.
        native = ctypes.CFUNCTYPE(None, *types)(self._code.address)

        def call(*values: Any) -> None:
            native(*[convert(v) for convert, v in zip(converters, values, strict=True)])

        return call


def kernel(*arguments: Argument, vectorise: bool = True) -> Callable[[Interpreted], Kernel]:
    """Declare the arguments of a function to make a kernel of it; see `Kernel`."""

    def make(function: Interpreted) -> Kernel:
        return Kernel(function, arguments, vectorise=vectorise)

    return make


def helper(function: Helper) -> Helper:
    """Declare a function that kernels of the same module call, in whose code it is put in line.

    It takes numbers, arrays of the kernel and tuples of numbers, and returns numbers or a tuple.
    """
    function.is_helper = True  # type: ignore[attr-defined]
    return function


@helper
def prefetch(array: Any, at: Any) -> None:
    """Ask for the memory of an element that is about to be read or written; changes nothing."""


@helper
def lowest_bit(value: Any) -> Any:
    """Return the position of the lowest bit of a uint64 that is not 0."""
    return np.int64((int(value) & -int(value)).bit_length() - 1)


def is_disabled() -> bool:
    """Return whether kernels are interpreted."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
