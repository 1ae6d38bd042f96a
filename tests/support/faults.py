"""What an action refuses, as data."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apl_engine.errors import AplError, Fault, InputDataError


def faults_of(
    action: Callable[[], object], error: type[AplError] = InputDataError
) -> tuple[Fault, ...]:
    """Return the faults that an action raises; all of them must have their words."""
    with pytest.raises(error) as caught:
        action()
    assert str(caught.value)
    return caught.value.faults


def fault_of(action: Callable[[], object], error: type[AplError] = InputDataError) -> Fault:
    """Return the only fault that an action raises."""
    (fault,) = faults_of(action, error)
    return fault


def codes_of(action: Callable[[], object], error: type[AplError] = InputDataError) -> list[str]:
    """Return the codes of the faults that an action raises."""
    return [fault.code for fault in faults_of(action, error)]
