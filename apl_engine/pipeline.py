"""The main job: tables in, zones out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from . import kernels
from .errors import MethodologyError
from .methodologies import load_methodology
from .methodology import Methodology
from .result import Clock, OnStep, Result
from .sources import Inputs, read_for, read_inputs


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
        The methodology is; or `inputs` were read for one that reads them in another way.
    ValueError
        `threads` is no whole number of 1 or more.
    ComputationError
        The APLs do not add up to the reachable supply: a defect of the package.

    Examples
    --------
    >>> import apl_engine
    >>> result = apl_engine.run("data_samples/pays-de-la-loire")
    >>> result.territories.sort("rank").head()  # doctest: +SKIP
    """
    if threads is not None and (not isinstance(threads, int) or threads < 1):
        raise ValueError(f"threads must be a whole number of 1 or more, got {threads!r}")
    # NumPy and the kernels take a while to get ready, and tables to be read: both at once.
    threading.Thread(target=_get_ready).start()
    clock = Clock(on_step)
    clock.begin("reading and checking the tables")
    rules = methodology if isinstance(methodology, Methodology) else load_methodology(methodology)
    tables = inputs if isinstance(inputs, Inputs) else read_inputs(inputs, rules)
    if tables.read_for != read_for(rules):
        raise MethodologyError(
            rules.id,
            "",
            "the tables were read for another reference date of ages, width of age bands or list "
            "of imposed regions",
            "Read them again with this methodology",
        )
    from .method import apply_method

    return apply_method(tables, rules, threads, clock)


def _get_ready() -> None:
    import_module(".method", __package__)
    kernels.prepare()
