"""A prepared network to its file."""

from __future__ import annotations

from pathlib import Path

from ..errors import check_arguments
from ..method.network import TravelNetwork
from ..results.atomic_file import write_whole
from .file import SUFFIX, network_bytes


@check_arguments(network=TravelNetwork, path=(str, Path))
def save_network(network: TravelNetwork, path: str | Path, *, replace: bool = False) -> None:
    """Write a network to a file that appears whole or not at all.

    A network without a layout in runs gets one.

    Parameters
    ----------
    network : TravelNetwork
        As from `build_network`.
    path : str or Path
        A ``.aplnet`` file, in an existing folder.
    replace : bool
        Whether an existing file is replaced; runs that use it continue with the old one.

    Raises
    ------
    OutputError
        The path has another ending, is taken, or cannot be written to.
    """
    head, parts = network_bytes(network.laid_out())
    write_whole(lambda file: file.writelines([head, *parts]), path, (SUFFIX,), replace=replace)
