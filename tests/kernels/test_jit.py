"""Calls of kernels: what reaches the loop, compiled and interpreted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from apl_engine.kernels import arguments
from apl_engine.kernels._jit import Kernel, helper, lowest_bit, prefetch
from apl_engine.kernels.arguments import SIZE, Argument

WHOLE = ("uint8", "uint16", "uint32", "int32", "int64", "uint64")


def double(value, values, n, out):  # type: ignore[no-untyped-def]
    for k in range(n):
        out[k] = value + values[k] + values[k]


def kernel_of(dtype: str, *, vectorise: bool = True) -> Kernel:
    number, read, fill = (Argument(dtype, kind) for kind in ("number", "read", "fill"))  # type: ignore[arg-type]
    return Kernel(double, (number, read, SIZE, fill), vectorise=vectorise)


@pytest.fixture(params=["0", "1"], ids=["compiled", "interpreted"])
def mode(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", request.param)
    monkeypatch.setenv("APL_ENGINE_CACHE", str(tmp_path))


@pytest.mark.parametrize("dtype", [*WHOLE, "float64"])
def test_each_type_reaches_the_loop(dtype: str, mode: None) -> None:
    values = np.array([[1, 2], [3, 50]], dtype=dtype)
    out = np.zeros_like(values)
    kernel_of(dtype)(7, values, 4, out)
    assert out.tolist() == [[9, 11], [13, 107]]


@pytest.mark.parametrize("vectorise", [True, False])
def test_whole_numbers_wrap_around(mode: None, vectorise: bool) -> None:
    """Sums of 64 bits are exact modulo 2^64, whatever their intermediate values."""
    most = np.iinfo(np.int64).max
    values = np.array([most, 1, -most, 2**62] * 4)
    out = np.zeros_like(values)
    kernel_of("int64", vectorise=vectorise)(3, values, len(values), out)
    assert out.tolist() == [1, 5, 5, 3 - 2**63] * 4


def test_a_whole_number_given_for_a_float_is_converted(mode: None) -> None:
    out = np.zeros(1)
    kernel_of("float64")(1, np.ones(1), 1, out)
    assert out.tolist() == [3.0]


@helper
def doubled(value):  # type: ignore[no-untyped-def]
    return value + value


@helper
def pair(values, at):  # type: ignore[no-untyped-def]
    return doubled(values[at]), values[at] + 1


def store_pairs(values, n, out):  # type: ignore[no-untyped-def]
    for k in range(n):
        prefetch(values, k + 1)
        out[2 * k], out[2 * k + 1] = pair(values, k)


def test_helpers_are_called_by_kernels_and_helpers(mode: None) -> None:
    read, fill = Argument("int64", "read"), Argument("int64", "fill")
    out = np.zeros(4, dtype=np.int64)
    Kernel(store_pairs, (read, SIZE, fill))(np.array([3, 2**62]), 2, out)
    assert out.tolist() == [6, 4, -(2**63), 2**62 + 1]


def locate_bits(values, n, out):  # type: ignore[no-untyped-def]
    for k in range(n):
        out[k] = lowest_bit(values[k])


def test_the_lowest_bit_is_located(mode: None) -> None:
    values = np.array([1 << bit | 1 << 63 for bit in range(64)], dtype=np.uint64)
    out = np.zeros(64, dtype=np.int64)
    arguments = (Argument("uint64", "read"), SIZE, Argument("int64", "fill"))
    Kernel(locate_bits, arguments)(values, 64, out)
    assert out.tolist() == list(range(64))


@pytest.mark.parametrize("values", [np.empty(0), np.ones(3)[1:], np.broadcast_to(1.0, 1)])
def test_the_address_of_an_array_is_read_as_numpy_gives_it(values: np.ndarray) -> None:
    assert arguments._can_read
    assert arguments._address_of is arguments._read_address
    assert arguments._read_address(values) == arguments._ask_address(values) == values.ctypes.data
