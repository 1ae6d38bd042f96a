"""The main job: tables in, zones out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from . import kernels
from .methodologies import load_methodology
from .methodology import Methodology
from .result import Clock, OnStep, Result
from .sources import Inputs, read_inputs


def run(
    inputs: str | Path | Mapping[str, object] | Inputs,
    methodology: str | Path | Methodology = "mk-2024",
    *,
    threads: int | None = None,
    on_step: OnStep | None = None,
) -> Result:
    """Compute the APL of every commune and the zone of every territory.

    Parameters
    ----------
    inputs : a folder that holds the five tables, or a mapping of their names to paths or frames,
        or what `read_inputs` made of either, to run several methodologies on one reading.
    methodology : id of a shipped one, path of a TOML file, or one already loaded.
    threads : how many may work in the kernels; the result is the same for any number.
    on_step : called with a few words as each step begins.

    Returns
    -------
    Result

    Raises
    ------
    InputDataError
        The tables are wrong; lists every fault.
    MethodologyError
        The methodology is.

    Examples
    --------
    >>> import apl_engine
    >>> result = apl_engine.run("data_samples/pays-de-la-loire")
    >>> result.territories.sort("rank").head()  # doctest: +SKIP
    """
    # NumPy and the kernels take a while to get ready, and tables to be read: both at once. The
    # interpreter waits for this thread, since a compiler must not be cut short.
    threading.Thread(target=_get_ready).start()
    clock = Clock(on_step)
    clock.begin("reading and checking the tables")
    rules = methodology if isinstance(methodology, Methodology) else load_methodology(methodology)
    tables = inputs if isinstance(inputs, Inputs) else read_inputs(inputs, rules)
    from .method import apply_method

    return apply_method(tables, rules, threads, clock)


def _get_ready() -> None:
    import_module(".method", __package__)
    kernels.prepare()
