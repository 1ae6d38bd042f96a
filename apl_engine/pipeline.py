"""The main job: tables in, zones out."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from . import kernels
from .errors import MethodologyError
from .methodologies import DEFAULT, load_methodology
from .methodology import Methodology
from .parallel import check_threads
from .result import Clock, OnStep, Result
from .sources import Inputs, read_for, read_inputs, travel_times_beside

if TYPE_CHECKING:
    from .network import TravelNetwork


def run(
    inputs: str | Path | Mapping[str, object] | Inputs,
    methodology: str | Path | Methodology | None = None,
    *,
    network: str | Path | TravelNetwork | None = None,
    threads: int | None = None,
    on_step: OnStep | None = None,
) -> Result:
    """Compute the APL of every commune and the zone of every territory.

    Parameters
    ----------
    inputs : a folder that holds the five tables, or a mapping of their names to paths or frames,
        or a run file (``.toml``) that names publishers' files, see `read_run_file`; or what
        `load_inputs` made of any of these, to run several methodologies on one reading.
    methodology : id of a shipped one, path of a TOML file, or one already loaded; where None,
        what the run file names, or mk-2024.
    network : a prepared network, or the file of one, in place of the table travel_times; the
        result is the same.
    threads : how many may work in the kernels; the result is the same for any number.
    on_step : called with a few words as each step begins.

    Returns
    -------
    Result

    Raises
    ------
    InputDataError
        The tables are wrong; lists every fault. Or the network is damaged, or not theirs.
    MethodologyError
        The methodology is; or `inputs` were read for one that reads them in another way, or
        `network` was built for one of other rules.
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
    check_threads(threads)
    clock = Clock(on_step)
    clock.begin("reading and checking the tables")
    given = network_of(inputs, network)
    # NumPy, the kernels and a network take a while to get ready, and tables to be read: both at
    # once.
    with ThreadPoolExecutor(1) as pool:
        ready = pool.submit(_get_ready, given)
        rules, tables = load_inputs(inputs, methodology, travel_times=given is None,
                                    on_step=on_step)  # fmt: skip
        prepared = ready.result()
    if tables.read_for != read_for(rules):
        raise MethodologyError(
            rules.id,
            "",
            "the tables were read for another reference date of ages, width of age bands or list "
            "of imposed regions",
            "Read them again with this methodology",
        )
    if prepared:
        prepared = load_prepared(prepared, inputs, tables)
    from .method import apply_method

    return apply_method(tables, rules, threads, clock, prepared)


def network_of(
    inputs: object, network: str | Path | TravelNetwork | None
) -> str | Path | TravelNetwork | None:
    """Return the network of a run: the one given, else what its run file names, else None."""
    if network is None and isinstance(inputs, str | Path) and Path(inputs).suffix == ".toml":
        from .importing import read_run_file

        return read_run_file(inputs).network
    return network


def load_prepared(
    network: str | Path | TravelNetwork, inputs: object, tables: Inputs
) -> TravelNetwork:
    """Return a prepared network, or refuse one that is not of these tables; see `check_fits`."""
    from .network_file import check_fits, load_network

    found = load_network(network) if isinstance(network, str | Path) else network
    check_fits(found, tables, travel_times_beside(inputs))
    return found


def load_inputs(
    inputs: str | Path | Mapping[str, object] | Inputs,
    methodology: str | Path | Methodology | None = None,
    *,
    travel_times: bool = True,
    on_step: OnStep | None = None,
) -> tuple[Methodology, Inputs]:
    """Read and check what a run takes, publishers' files that a run file names included.

    Parameters
    ----------
    inputs, methodology, on_step : as for `run`.
    travel_times : whether to read that table; not where a prepared network stands for it.

    Returns
    -------
    Methodology, Inputs

    Raises
    ------
    InputDataError
        Files or tables are wrong; lists every fault.
    MethodologyError
        The methodology is.
    """
    named: str | Path | Methodology | None = methodology
    path = Path(inputs) if isinstance(inputs, str | Path) else None
    if path is not None and path.suffix == ".toml":
        from .importing import gather, read_run_file

        run_file = read_run_file(path)
        rules = _rules(named or run_file.methodology)
        tables, imports = gather(run_file, rules, on_step, travel_times=travel_times)
        checked = read_inputs(tables, rules, travel_times=travel_times)
        notes = (*(note for made in imports for note in made.notes), *checked.notes)
        told = tuple(made.as_dict() for made in imports)
        return rules, replace(checked, notes=notes, imports=told)
    rules = _rules(named)
    if isinstance(inputs, Inputs):
        return rules, inputs
    return rules, read_inputs(inputs, rules, travel_times=travel_times)


def _rules(methodology: str | Path | Methodology | None) -> Methodology:
    if isinstance(methodology, Methodology):
        return methodology
    return load_methodology(methodology or DEFAULT)


def _get_ready(network: str | Path | TravelNetwork | None) -> TravelNetwork | None:
    """Import the method and load its kernels; and the network, where it is a file."""
    import_module(".method", __package__)
    kernels.prepare()
    if isinstance(network, str | Path):
        from .network_file import load_network

        return load_network(network)
    return network
