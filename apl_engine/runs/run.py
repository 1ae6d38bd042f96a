"""One run: inputs read, the method applied, the result returned.

What needs NumPy is imported while the tables are read, in another thread: both take a while.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .. import imports
from ..errors import (
    Fault,
    InputDataError,
    MethodologyError,
    Note,
    OnStep,
    check_arguments,
    check_threads,
)
from ..executors import Given, open_workers
from ..forks import begin_reading
from ..inputs import Inputs, read_for, read_inputs, travel_times_beside
from ..inputs.named_columns import NamedColumns
from ..method.clock import Clock
from ..methodology import DEFAULT, load_methodology
from ..methodology.model import Methodology
from ..methodology.vary import for_year

if TYPE_CHECKING:
    from ..imports import RunFile
    from ..inputs.imported import Imported
    from ..method.network import TravelNetwork
    from ..method.result import Result

GivenInputs: TypeAlias = str | Path | Mapping[str, object] | Inputs
GivenNetwork: TypeAlias = "str | Path | TravelNetwork"
GivenMethodology: TypeAlias = str | Path | Methodology
GivenColumns: TypeAlias = NamedColumns | Mapping[str, str]


@check_arguments()
def run(
    inputs: GivenInputs,
    methodology: GivenMethodology | None = None,
    *,
    network: GivenNetwork | None = None,
    year: int | None = None,
    columns: GivenColumns | None = None,
    threads: int | None = None,
    executor: Given = None,
    on_step: OnStep | None = None,
) -> Result:
    """Compute the APL of every commune and the zone of every territory.

    Parameters
    ----------
    inputs : str, Path, mapping or Inputs
        A folder with the five tables; or a mapping of their names to paths or frames; or a run
        file (``.toml``) that names publishers' files; or tables from `load_run`, to run several
        methodologies on one reading.
    methodology : str, Path or Methodology, optional
        Id of a shipped one, path of a TOML file, or one already loaded. By default that of the run
        file, or mk-2024.
    network : str, Path or TravelNetwork, optional
        A prepared network, or its file, in place of the table travel_times; by default that of the
        run file. The result is the same.
    year : int, optional
        Of the activity, of installations and of the reference date of ages; by default that of the
        run file or of the methodology.
    columns : mapping of str to str, optional
        What the tables call columns, by our names; see `read_inputs`.
    threads : int, optional
        Number of threads; the result is the same for any.
    executor : concurrent.futures.Executor or str, optional
        What adds up the parts of a network in parts, see `open_workers`; the result is the same.
    on_step : callable, optional
        Called with a few words as each step begins.

    Returns
    -------
    Result

    Raises
    ------
    InputDataError
        The tables are wrong, with every fault; or the network is damaged or does not belong to
        them; or an argument is out of range; or an executor is given without a network in parts.
    ExecutorError
        The executor cannot be used.
    MethodologyError
        The methodology is wrong; or `inputs` were read for one that reads them in another way, or
        `network` was built by other rules.
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
    rules, tables, prepared = load_run(
        inputs, methodology, network=network, year=year, columns=columns, on_step=on_step
    )
    from ..method.compute import compute

    if executor is None:
        result = compute(tables, rules, network=prepared, threads=threads, clock=clock)
    elif prepared is None:
        raise InputDataError(Fault("network.not_in_parts", "network"))
    else:
        with open_workers(executor, on_step) as workers:
            divided = prepared.on(workers)
            result = compute(tables, rules, network=divided, threads=threads, clock=clock)
        result = replace(result, network=prepared)
    if prepared is None:
        from ..networks.islands import island_notes

        result = replace(result, notes=(*result.notes, *island_notes(result.network)))
    return _with_provenance(result, tables, locate(inputs, network))


@check_arguments()
def check(
    inputs: GivenInputs,
    methodology: GivenMethodology | None = None,
    *,
    network: GivenNetwork | None = None,
    year: int | None = None,
    columns: GivenColumns | None = None,
    on_step: OnStep | None = None,
) -> LoadedRun:
    """Read and validate all that a run needs, and report all that a run warns of.

    Parameters
    ----------
    inputs, methodology, network, year, columns, on_step
        As for `run`.

    Returns
    -------
    LoadedRun
        Can be given to `run` by its parts. The notes of its tables are those of a run.

    Raises
    ------
    InputDataError, MethodologyError
        As for `run`, with every fault.
    """
    loaded = load_run(
        inputs, methodology, network=network, year=year, columns=columns, on_step=on_step
    )
    from ..method.compute import compute

    # What the steps of the method refuse or note is known only from them.
    result = compute(loaded.tables, loaded.methodology, network=loaded.network)
    notes = tuple(dict.fromkeys((*loaded.tables.notes, *result.notes)))
    return loaded._replace(tables=replace(loaded.tables, notes=notes))


class LoadedRun(NamedTuple):
    """All that a run needs, read and validated.

    Attributes
    ----------
    methodology : Methodology
    tables : Inputs
    network : TravelNetwork or None
        None if no prepared network is given, nor named by a run file.
    """

    methodology: Methodology
    tables: Inputs
    network: TravelNetwork | None


@check_arguments(
    inputs=(str, Path, Mapping, Inputs),
    methodology=(str, Path, Methodology, None),
    network=(str, Path, "TravelNetwork", None),
)
def load_run(
    inputs: GivenInputs,
    methodology: GivenMethodology | None = None,
    *,
    network: GivenNetwork | None = None,
    year: int | None = None,
    columns: GivenColumns | None = None,
    travel_times: bool = True,
    on_step: OnStep | None = None,
) -> LoadedRun:
    """Read and validate all that a run needs, and that its parts belong together.

    Parameters
    ----------
    inputs, methodology, network, year, columns, on_step
        As for `run`.
    travel_times : bool
        Whether to read that table, if no prepared network replaces it.

    Returns
    -------
    LoadedRun

    Raises
    ------
    InputDataError, MethodologyError
        As for `run`.
    """
    begin_reading()
    run_file = run_file_of(inputs)
    if run_file:
        imports.refuse_two_sources(run_file, network)
        network = run_file.network if network is None else network
    faults: list[Fault] = []
    # A network takes time to load, and so do the tables: both at once.
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(_load_network, network)
        beside = pool.submit(travel_times_beside, None if network is None else inputs)
        try:
            wanted = travel_times and network is None
            rules, tables = _load_tables(
                inputs, run_file, methodology, year, columns, wanted, on_step
            )
        except InputDataError as error:
            faults += error.faults
        try:
            prepared = loading.result()
        except InputDataError as error:
            faults += error.faults
    if faults:
        raise InputDataError(faults)
    if tables.read_for != read_for(rules):
        raise MethodologyError(Fault("methodology.tables_read_otherwise", rules.id))
    if prepared:
        from ..networks.file import check_fits

        check_fits(prepared, tables, beside.result())
        prepared.weights(rules)
    return LoadedRun(rules, tables, prepared)


def run_file_of(inputs: object) -> RunFile | None:
    """Return the run file that is given as inputs; None if they are something else."""
    if isinstance(inputs, str | Path) and Path(inputs).suffix == ".toml":
        return imports.read_run_file(inputs)
    return None


def _load_tables(
    inputs: GivenInputs,
    run_file: RunFile | None,
    methodology: GivenMethodology | None,
    year: int | None,
    columns: GivenColumns | None,
    travel_times: bool,
    on_step: OnStep | None,
) -> tuple[Methodology, Inputs]:
    rules = methodology or (run_file and run_file.methodology) or DEFAULT
    if not isinstance(rules, Methodology):
        rules = load_methodology(rules)
    if year is None and run_file:
        year = run_file.year
    own = rules.year
    if year is not None:
        rules = for_year(rules, year)
    if isinstance(inputs, Inputs):
        return rules, inputs
    tables: Mapping[str, object] | str | Path = inputs
    imported: list[Imported] = []
    if run_file:
        tables, imported = imports.gather(run_file, rules, on_step)
        columns = _with_those_of(run_file, columns)
    checked = read_inputs(tables, rules, columns=columns, travel_times=travel_times)
    made = (*(one.as_dict() for one in imported), *checked.imports)
    notes = [*(note for one in imported for note in one.notes), *checked.notes]
    if rules.year != own and not any(entry.get("year") for entry in made):
        details = {"year": rules.year, "day": str(rules.etp.age_reference_date)}
        notes.append(Note("inputs.year_not_stated", details=details))
    return rules, replace(checked, notes=tuple(notes), imports=made)


def _with_those_of(run_file: RunFile, columns: GivenColumns | None) -> GivenColumns:
    """Return names of columns with those of a run file, which others take precedence over."""
    if isinstance(columns, NamedColumns):
        return replace(columns, given={**run_file.columns, **columns.given})
    return {**run_file.columns, **(columns or {})}


def _load_network(network: GivenNetwork | None) -> TravelNetwork | None:
    # What follows the first tables.
    from ..inputs import codes, cross_checks  # noqa: F401
    from ..method import compute  # noqa: F401
    from ..networks.file import load_network

    return load_network(network) if isinstance(network, str | Path) else network


def locate(inputs: object, network: object) -> dict[str, Path]:
    """Return where the inputs and the network of a run are, as far as they are files."""
    given = {"inputs": inputs, "network": network}
    return {name: Path(path) for name, path in given.items() if isinstance(path, str | Path)}


def _with_provenance(result: Result, tables: Inputs, located: Mapping[str, Path]) -> Result:
    """Add what the record states of the inputs."""
    rows = tables.rows
    return replace(
        result,
        counts={"rows": rows, **result.counts},
        # Tables that were checked have the notes of a run.
        notes=tuple(dict.fromkeys((*tables.notes, *result.notes))),
        imports=tables.imports,
        inputs=tuple(tables.sources[name].as_dict(rows[name]) for name in rows),
        located=located,
    )
