"""Kernels by name."""

from __future__ import annotations

import pytest

from apl_engine import kernels


def test_kernels_are_imported_by_name() -> None:
    with pytest.raises(AttributeError, match="scatter"):
        kernels.scatter  # type: ignore[attr-defined] # noqa: B018
    kernels.prepare()
    assert all(callable(getattr(kernels, name)) for name in kernels.__all__)
