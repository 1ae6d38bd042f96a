"""The method in eight lines: checked tables to APL to zones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import polars as pl

from ..errors import Fault, InputDataError
from ..inputs import Inputs
from ..methodology.model import Methodology
from ..notes import Note, first
from ..schemas import OUTPUTS
from .accessibility import compute_accessibility
from .demand import compute_demand
from .network import TravelNetwork, build_network
from .regions import regional_shares
from .result import Clock, Result
from .supply import Supply, compute_supply
from .zoning import aggregate_territories, classify, remarks_on_zones


def apply_method(
    tables: Inputs,
    rules: Methodology,
    threads: int | None,
    clock: Clock,
    prepared: TravelNetwork | None = None,
) -> Result:
    """Apply the methodology to tables that are read and checked; see `pipeline.run`."""
    clock.begin("practitioners, population and travel times")
    with ThreadPoolExecutor(1) as pool:
        # The network waits for neither of the two others.
        building = pool.submit(lambda: prepared or network_of(tables, rules))
        supply = compute_supply(tables.practitioners, tables.communes, rules)
        demand = compute_demand(tables.population, tables.consumption, tables.communes, rules)
        network = building.result()
    clock.begin("APL of communes")
    access = compute_accessibility(supply, demand, network, rules, threads=threads)
    clock.begin("territories and zones")
    # All of these are sorted by commune.
    communes = tables.communes.with_columns(
        *supply.communes.drop("commune"),
        *demand.communes.drop("commune"),
        *access.communes.drop("commune"),
    )
    gathered = _with_practitioners(aggregate_territories(communes, rules), communes, supply)
    territories, cuts = classify(gathered, rules)
    communes = _with_zones(communes, territories)
    regions = regional_shares(communes, territories, rules)
    clock.stop()
    return Result(
        communes=communes,
        territories=territories,
        regions=regions,
        cuts=cuts,
        bands=demand.bands,
        median_acts=supply.median_acts,
        ceiling_acts=supply.ceiling_acts,
        reachable_etp=access.reachable_etp,
        counts={
            "rows": tables.rows,
            "practitioners": supply.counts,
            "network": {"pairs": network.pairs},
            "communes": _commune_counts(communes),
        },
        notes=(
            *_gaps(rules),
            *tables.notes,
            *network.notes,
            *_unreachable(access.unreachable),
            *_remarks(communes),
            *remarks_on_zones(territories),
        ),
        methodology=rules,
        imports=tables.imports,
        network=prepared.as_dict() if prepared else {},
        sources=tables.sources,
        timings=clock.seconds,
    )


def network_of(tables: Inputs, rules: Methodology, *, reach: float | None = None) -> TravelNetwork:
    """Build the network of tables that are read; see `build_network`."""
    if tables.travel_times is None:
        fault = Fault(
            code="legacy.fault",
            table="travel_times",
            details={"problem": "the table was not read", "hint": "Give a network, or read it."},
        )
        raise InputDataError([fault])
    return build_network(tables.travel_times, tables.communes, rules, reach=reach)


def _with_practitioners(
    territories: pl.DataFrame, communes: pl.DataFrame, supply: Supply
) -> pl.DataFrame:
    counted = supply.practitioners_in(communes["territory"])
    both = territories.join(counted, on="territory", how="left", maintain_order="left")
    names = [*territories.columns]
    names.insert(names.index("etp") + 1, "practitioners")
    return both.with_columns(pl.col("practitioners").fill_null(0)).select(names)


def _with_zones(communes: pl.DataFrame, territories: pl.DataFrame) -> pl.DataFrame:
    zones = territories.select("territory", "zone")
    return (
        communes.join(zones, on="territory", how="left", maintain_order="left")
        .with_columns(pl.col("commune").cast(pl.String))
        .select(*OUTPUTS["communes"])
    )


def _commune_counts(communes: pl.DataFrame) -> dict[str, int]:
    return {
        "communes": communes.height,
        "with_supply": communes.filter(pl.col("etp") > 0).height,
        "without_inhabitants": communes.filter(pl.col("population") == 0).height,
        "reaching_nobody": communes.filter(pl.col("apl") == 0).height,
    }


def _gaps(methodology: Methodology) -> list[Note]:
    if not methodology.gaps:
        return []
    text = (
        f"methodology {methodology.id}: parameters whose value in that text is not known; "
        "those of the text it extends stand in"
    )
    gaps = methodology.gaps
    return [Note("methodology_gaps", len(gaps), first(gaps), warning=True, details={"text": text})]


def _unreachable(unreachable: pl.DataFrame) -> list[Note]:
    if unreachable.is_empty():
        return []
    text = (
        f"{unreachable['etp'].sum():.1f} ETP in {unreachable.height} communes that no inhabitant "
        "can reach count nowhere"
    )
    places = first(unreachable["commune"])
    return [
        Note("unreachable_supply", unreachable.height, places, warning=True, details={"text": text})
    ]


def _remarks(communes: pl.DataFrame) -> list[Note]:
    """Remark on places where a rule of ours, not a figure, decides."""
    notes = []
    empty = communes.filter(pl.col("population") == 0)["commune"]
    if len(empty):
        text = f"{len(empty)} communes have no inhabitants"
        notes.append(Note("no_inhabitants", len(empty), first(empty), details={"text": text}))
    nobody = communes.filter((pl.col("apl") == 0) & (pl.col("population") > 0))["commune"]
    if len(nobody):
        text = f"{len(nobody)} inhabited communes reach no practitioner: their APL is 0"
        notes.append(Note("apl_zero", len(nobody), first(nobody), details={"text": text}))
    return notes
