"""The main job: tables in, zones out."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from .. import kernels
from ..errors import Fault, InputDataError, MethodologyError
from ..inputs import Inputs, read_for, read_inputs, travel_times_beside
from ..kernels.threads import check_threads
from ..method.result import Clock, OnStep, Result
from ..methodology import DEFAULT, load_methodology
from ..methodology.model import Methodology

if TYPE_CHECKING:
    from ..imports import RunFile
    from ..method.network import TravelNetwork


def run(
    inputs: str | Path | Mapping[str, object] | Inputs,
    methodology: str | Path | Methodology | None = None,
    *,
    network: str | Path | TravelNetwork | None = None,
    min_practitioners: int | None = None,
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
    network : a prepared network, or the file of one, in place of the table travel_times; where
        None, what the run file names. The result is the same.
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
        `threads` is no whole number of 1 or more, `min_practitioners` none of 2 or more.
    ComputationError
        The APLs do not add up to the reachable supply: a defect of the package.

    Examples
    --------
    >>> import apl_engine
    >>> result = apl_engine.run("data_samples/pays-de-la-loire")
    >>> result.territories.sort("rank").head()  # doctest: +SKIP
    """
    check_threads(threads)
    if min_practitioners is not None:
        from ..disclosure_control.apply import check_min_practitioners

        check_min_practitioners(min_practitioners)
    clock = Clock(on_step)
    clock.begin("reading and checking the tables")
    rules, tables, prepared = load_run(inputs, methodology, network=network, on_step=on_step)
    from ..method.compute import apply_method

    if min_practitioners is None:
        result = apply_method(tables, rules, threads, clock, prepared)
    else:
        result = _to_publish(tables, rules, threads, clock, prepared, min_practitioners)
    places = {"inputs": inputs, "network": network}
    located = {what: Path(place) for what, place in places.items() if isinstance(place, str | Path)}
    return replace(result, located=located)


def _to_publish(
    tables: Inputs,
    rules: Methodology,
    threads: int | None,
    clock: Clock,
    prepared: TravelNetwork | None,
    least: int,
) -> Result:
    """Apply the method, and hide figures of few practitioners."""
    from ..disclosure_control.apply import suppress_small_counts
    from ..method.compute import apply_method, network_of

    network = prepared or network_of(tables, rules)
    whole = apply_method(tables, rules, threads, clock, network)
    whole = replace(whole, network=prepared.as_dict() if prepared else {})
    clock.begin("hiding figures of few practitioners")
    result = suppress_small_counts(whole, network, least)
    clock.stop()
    return result


def load_run(
    inputs: str | Path | Mapping[str, object] | Inputs,
    methodology: str | Path | Methodology | None = None,
    *,
    network: str | Path | TravelNetwork | None = None,
    on_step: OnStep | None = None,
) -> tuple[Methodology, Inputs, TravelNetwork | None]:
    """Read and check all that a run takes, and that its parts belong together.

    Parameters
    ----------
    inputs, methodology, network, on_step : as for `run`.

    Returns
    -------
    Methodology, Inputs, TravelNetwork or None
        None where no prepared network is given, nor named by a run file.

    Raises
    ------
    InputDataError, MethodologyError
        As for `run`.
    """
    run_file = _run_file(inputs)
    if run_file:
        from ..imports import refuse_two_sources

        refuse_two_sources(run_file, network)
        network = run_file.network if network is None else network
    faults: list[Fault] = []
    # NumPy, the kernels and a network take a while to get ready, and tables to be read: both at
    # once.
    with ThreadPoolExecutor(1) as pool:
        ready = pool.submit(_get_ready, network)
        try:
            rules, tables = _load(inputs, run_file, methodology, network is None, on_step)
        except InputDataError as error:
            faults += error.faults
        try:
            prepared = ready.result()
        except InputDataError as error:
            faults += error.faults
    if faults:
        raise InputDataError(faults)
    if tables.read_for != read_for(rules):
        raise MethodologyError(
            Fault(
                code="legacy.fault",
                table=rules.id,
                details={
                    "problem": "the tables were read for another reference date of ages, width of age bands or list "
                    "of imposed regions",
                    "hint": "Read them again with this methodology",
                },
            )
        )
    if prepared:
        from ..networks.file import check_fits

        check_fits(prepared, tables, travel_times_beside(inputs))
        prepared.weights(rules)
    return rules, tables, prepared


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
    run_file = _run_file(inputs)
    wanted = travel_times and not (run_file and run_file.network)
    return _load(inputs, run_file, methodology, wanted, on_step)


def _run_file(inputs: object) -> RunFile | None:
    if not isinstance(inputs, str | Path) or Path(inputs).suffix != ".toml":
        return None
    from ..imports import read_run_file

    return read_run_file(inputs)


def _load(
    inputs: str | Path | Mapping[str, object] | Inputs,
    run_file: RunFile | None,
    methodology: str | Path | Methodology | None,
    travel_times: bool,
    on_step: OnStep | None,
) -> tuple[Methodology, Inputs]:
    if run_file:
        from ..imports import gather

        rules = _rules(methodology or run_file.methodology)
        tables, imports = gather(run_file, rules, on_step)
        checked = read_inputs(tables, rules, travel_times=travel_times)
        notes = (*(note for made in imports for note in made.notes), *checked.notes)
        told = tuple(made.as_dict() for made in imports)
        return rules, replace(checked, notes=notes, imports=told)
    rules = _rules(methodology)
    if isinstance(inputs, Inputs):
        return rules, inputs
    return rules, read_inputs(inputs, rules, travel_times=travel_times)


def _rules(methodology: str | Path | Methodology | None) -> Methodology:
    if isinstance(methodology, Methodology):
        return methodology
    return load_methodology(methodology or DEFAULT)


def _get_ready(network: str | Path | TravelNetwork | None) -> TravelNetwork | None:
    """Import the method and load its kernels; and the network, where it is a file."""
    import_module("..method.compute", __package__)
    kernels.prepare()
    if isinstance(network, str | Path):
        from ..networks.file import load_network

        return load_network(network)
    return network
