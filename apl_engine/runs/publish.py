"""A stored result published: its travel times located, its figures protected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..disclosure_control.earlier import Earlier, check_pair
from ..disclosure_control.publish import publish
from ..errors import Fault, InputDataError, OnStep, check_arguments, check_elements
from ..method.network import TravelNetwork
from ..method.result import Published
from ..results.read import StoredResult, read_result
from .reproduce import locate_inputs
from .run import GivenColumns


@check_arguments(
    zones=(StoredResult, str, Path), inputs=(str, Path, None), network=(str, Path, None),
    earlier=Sequence,
)  # fmt: skip
def publish_stored(
    zones: StoredResult | str | Path,
    *,
    inputs: str | Path | None = None,
    network: str | Path | None = None,
    columns: GivenColumns | None = None,
    earlier: Sequence[tuple[StoredResult | str | Path, StoredResult | str | Path]] = (),
    on_step: OnStep | None = None,
    **options: Any,
) -> Published:
    """Round and hide figures of a result in its folder, so that it may be published.

    Parameters
    ----------
    zones : StoredResult, str or Path
        As from `read_result`, or its folder.
    inputs, network : path, optional
        Its tables or run file, or a prepared network of its travel times; by default where they
        were when it was written.
    columns : mapping of str to str, optional
        What the tables call columns, by our names; by default as recorded with the result.
    earlier : sequence of pairs
        Exact results of other years and what was published of each, or their folders.
    on_step : callable, optional
        Called with a few words as each step begins.
    **options
        As for `disclosure_control.publish`.

    Returns
    -------
    Published

    Raises
    ------
    InputDataError
        As `disclosure_control.publish`; or the travel times are not available.

    Examples
    --------
    >>> write_result(publish_stored("zones-2024"), "zones-2024-public")  # doctest: +SKIP
    """
    check_elements(earlier=(earlier, tuple, list))
    pairs: Sequence[Sequence[Any]] = earlier
    for k, pair in enumerate(pairs):
        if len(pair) != 2:
            details = {"length": 2, "shape": str(len(pair))}
            raise InputDataError(Fault("argument.length", f"earlier[{k}]", details=details))
        check_elements(**{f"earlier[{k}]": (pair, StoredResult, str, Path)})
    result = _read(zones)
    travel = None
    if result.has_supply and not result.publication:
        travel = _travel_times(result, inputs, network, columns, on_step)
    others = []
    for exact, published in ((_read(one), _read(two)) for one, two in earlier):
        check_pair(exact, published)
        travel_then = _travel_times(exact, None, None, None, on_step)
        others.append(Earlier(exact, published, travel_then))
    return publish(result, network=travel, earlier=others, on_step=on_step, **options)


def _read(zones: StoredResult | str | Path) -> StoredResult:
    return zones if isinstance(zones, StoredResult) else read_result(zones)


def _travel_times(
    result: StoredResult,
    inputs: str | Path | None,
    network: str | Path | None,
    columns: GivenColumns | None,
    on_step: OnStep | None,
) -> TravelNetwork:
    """Return the travel times of a result, or say why there are none."""
    located = locate_inputs(result, inputs, network, on_step, columns)
    if located.network is None:
        reason = (located.missing.detail or located.missing.code) if located.missing else ""
        details = {"reason": reason}
        fault = Fault("publication.no_travel_times", result.folder.name, details=details)
        raise InputDataError(fault)
    return located.network
