"""The method as the law has it, one step a line: checked tables to APL, zones and regions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import polars as pl

from ..errors import check_arguments
from ..methodology.model import Methodology
from ..schemas import COMMUNES, Kind, communes_of, typed_columns
from .accessibility import compute_accessibility
from .clock import Clock
from .demand import compute_demand
from .network import TravelNetwork, build_network
from .regions import regional_shares
from .result import Result, count_communes, join_communes, with_zones
from .step_ends import zones_by_other_ends
from .supply import compute_supply
from .zoning import aggregate_territories, classify

_NAMES: dict[str, Kind] = {
    column.name: "text"
    for column in COMMUNES.columns
    if column.required and column.kind != "commune"
}


class Tables(Protocol):
    """The input tables, read and validated; see `apl_engine.inputs.Inputs`."""

    @property
    def communes(self) -> pl.DataFrame: ...  # noqa: D102
    @property
    def practitioners(self) -> pl.DataFrame: ...  # noqa: D102
    @property
    def population(self) -> pl.DataFrame: ...  # noqa: D102
    @property
    def consumption(self) -> pl.DataFrame: ...  # noqa: D102
    @property
    def travel_times(self) -> pl.DataFrame | None: ...  # noqa: D102


@check_arguments(methodology=Methodology, network=(TravelNetwork, None))
def compute(
    tables: Tables,
    methodology: Methodology,
    *,
    network: TravelNetwork | None = None,
    threads: int | None = None,
    clock: Clock | None = None,
) -> Result:
    """Compute the APL of every commune and the zone of every territory.

    The steps of the arrêté of 20 March 2024, annexe, IV, in its order.

    Parameters
    ----------
    tables : Inputs
        The five tables, as from `apl_engine.read_inputs`.
    methodology : Methodology
        The rules of every step.
    network : TravelNetwork, optional
        A prepared network in place of the table ``travel_times``.
    threads : int, optional
        Number of threads of the two steps of the APL; the result is the same for any number.
    clock : Clock, optional
        Times the steps.

    Returns
    -------
    Result

    Raises
    ------
    InputDataError
        A table cannot be used.
    MethodologyError
        `network` was built by other rules.
    ComputationError
        The APLs do not add up to the reachable supply.
    """
    clock = clock or Clock()
    clock.begin("supply and demand")
    given, _ = communes_of(typed_columns(tables.communes, COMMUNES.name, _NAMES))
    with ThreadPoolExecutor(1) as pool:
        demanding = pool.submit(
            compute_demand, tables.population, tables.consumption, given, methodology
        )
        supply = compute_supply(tables.practitioners, given, methodology)
        demand = demanding.result()
    clock.begin("travel network")
    prepared = network is not None
    network = network or build_network(tables.travel_times, given, methodology)
    clock.begin("APL of communes")
    access = compute_accessibility(supply, demand, network, methodology, threads=threads)
    clock.begin("territories and zones")
    communes = join_communes(given, supply.communes, demand.communes, access.communes)
    territories = aggregate_territories(communes, methodology, practices=supply.practices)
    zones = classify(territories, methodology)
    regions = regional_shares(communes, zones.territories, methodology)
    ambiguous, ends = zones_by_other_ends(
        communes, zones.territories, network, methodology, threads
    )
    clock.stop()
    return Result(
        communes=with_zones(communes, zones.territories),
        territories=zones.territories,
        regions=regions,
        cuts=zones.cuts,
        bands=demand.bands,
        median_acts=supply.median_acts,
        ceiling_acts=supply.ceiling_acts,
        reachable_etp=access.reachable_etp,
        counts={
            "practitioners": supply.counts,
            "network": {
                "pairs": network.pairs,
                **{
                    f"exactly_{float(step.to):g}_minutes": network.count_at(float(step.to))
                    for step in methodology.travel.steps
                },
            },
            "communes": count_communes(communes),
        },
        notes=(
            *methodology.notes,
            *demand.notes,
            *network.notes,
            *access.notes,
            *zones.notes,
            *ends,
        ),
        ambiguous=ambiguous,
        methodology=methodology,
        network=network,
        prepared=prepared,
        timings=clock.seconds,
    )
