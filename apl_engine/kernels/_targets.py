"""Processors that kernels are compiled for, and which of them this machine has."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A processor.

    Attributes
    ----------
    name : str
    machine : str
        As the operating system calls it.
    triple, cpu, features : str
        As LLVM calls it.
    flags : frozenset of str
        What /proc/cpuinfo must list, among others.
    """

    name: str
    machine: str
    triple: str
    cpu: str
    features: str = ""
    flags: frozenset[str] = frozenset()


_X86, _ARM = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
_V3 = frozenset({"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"})
_V4 = _V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
# Those that code is shipped for; the better ones first.
SHIPPED = (
    Target("linux-x86-64-v4", "x86_64", _X86, "x86-64-v4", flags=_V4),
    Target("linux-x86-64-v3", "x86_64", _X86, "x86-64-v3", flags=_V3),
    Target("linux-x86-64", "x86_64", _X86, "x86-64"),
    Target("linux-aarch64", "aarch64", _ARM, "generic"),
)


def supported() -> list[Target]:
    """Return the shipped targets that run here, the better ones first."""
    if sys.platform != "linux":
        return []
    machine, flags = os.uname().machine, set(processor().get("flags", "").split())
    return [t for t in SHIPPED if t.machine == machine and t.flags <= flags]


def processor() -> dict[str, str]:
    """Return what Linux states of the first processor; empty on other systems."""
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        first = file.read(100_000).partition("\n\n")[0]
        pairs = (line.partition(":") for line in first.splitlines())
        return {key.strip(): value.strip() for key, _, value in pairs}
    return {}
