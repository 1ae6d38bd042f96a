"""A prepared network to its file."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import Fault, OutputError
from ..method.network import TravelNetwork
from ..results.atomic_file import draft_in, refuse_taken
from .file import SUFFIX, network_bytes


def save_network(network: TravelNetwork, path: str | Path, *, replace: bool = False) -> None:
    """Write a network to a file that appears whole or not at all.

    Parameters
    ----------
    network : as from `build_network`.
    path : a ``.aplnet`` file, in a folder that is there.
    replace : whether a file that is there gives way; runs that use it go on with the old one.

    Raises
    ------
    OutputError
        The path has another ending, is taken, or cannot be written to.
    """
    target = Path(path)
    refuse_taken(target, replace, (SUFFIX,))
    head, parts = network_bytes(network)
    try:
        with draft_in(target.parent) as draft:
            with draft.open("wb") as file:
                file.write(head)
                for part in parts:
                    file.write(part)
            os.replace(draft, target)
    except OSError as error:
        raise OutputError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{target} cannot be written ({error.strerror}); nothing was left there"
                },
            )
        ) from error
