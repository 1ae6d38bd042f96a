"""The main job, readable in one page: tables to APL to zones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from . import kernels
from .accessibility import compute_accessibility
from .demand import compute_demand
from .methodologies import load_methodology
from .methodology import Methodology
from .network import build_network
from .notes import Note, first
from .regions import regional_shares
from .schemas import OUTPUTS
from .sources import read_inputs
from .sources.files import Source
from .supply import compute_supply
from .zoning import Cut, aggregate_territories, classify

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """All that a run found.

    Attributes
    ----------
    communes, territories, regions : the tables that come out, see `schemas.OUTPUTS`.
    cuts : where each class but the last ends.
    bands : weight of each age band, see `Demand`.
    median_acts, ceiling_acts : the median and the 9th decile that acts were measured by.
    reachable_etp : the supply that somebody can reach, ETP.
    counts : what went in and what became of it, by table.
    notes : what was imputed, left out or odd.
    methodology : the rules applied.
    sources : the tables that went in.
    timings : seconds by step.
    """

    communes: pl.DataFrame
    territories: pl.DataFrame
    regions: pl.DataFrame
    cuts: tuple[Cut, ...]
    bands: pl.DataFrame
    median_acts: float
    ceiling_acts: float
    reachable_etp: float
    counts: Mapping[str, Mapping[str, int]]
    notes: tuple[Note, ...]
    methodology: Methodology
    sources: Mapping[str, Source]
    timings: Mapping[str, float]

    @property
    def warnings(self) -> tuple[Note, ...]:
        """Return the notes that the reader should look into."""
        return tuple(note for note in self.notes if note.warning)


def run(
    inputs: str | Path | Mapping[str, object],
    methodology: str | Path | Methodology = "mk-2024",
    *,
    threads: int | None = None,
    on_step: OnStep | None = None,
) -> Result:
    """Compute the APL of every commune and the zone of every territory.

    Parameters
    ----------
    inputs : a folder that holds the five tables, or a mapping of their names to paths or frames;
        see `read_inputs`.
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
    # Numba takes a while to import, and the tables to read: both at once.
    threading.Thread(target=kernels.load, daemon=True).start()
    clock = _Clock(on_step)
    clock.begin("methodology")
    rules = methodology if isinstance(methodology, Methodology) else load_methodology(methodology)
    clock.begin("reading and checking the tables")
    tables = read_inputs(inputs, rules)
    clock.begin("practitioners to ETP")
    supply = compute_supply(tables.practitioners, rules)
    clock.begin("population to standardised population")
    demand = compute_demand(tables.population, tables.consumption, rules)
    clock.begin("travel times to network")
    network = build_network(tables.travel_times, rules)
    clock.begin("APL of communes")
    access = compute_accessibility(supply, demand, network, rules, threads=threads)
    clock.begin("territories and zones")
    # All of these are sorted by commune.
    communes = tables.communes.with_columns(
        *supply.communes.drop("commune"),
        *demand.communes.drop("commune"),
        *access.communes.drop("commune"),
    )
    territories, cuts = classify(aggregate_territories(communes, rules), rules)
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
            *_remarks(communes, territories),
        ),
        methodology=rules,
        sources=tables.sources,
        timings=clock.seconds,
    )


class _Clock:
    """Times the steps, and tells that one begins."""

    def __init__(self, on_step: OnStep | None) -> None:
        self.seconds: dict[str, float] = {}
        self._on_step, self._step, self._since = on_step, "", 0.0

    def begin(self, step: str) -> None:
        self.stop()
        self._step, self._since = step, time.perf_counter()
        if self._on_step:
            self._on_step(step)

    def stop(self) -> None:
        if self._step:
            self.seconds[self._step] = time.perf_counter() - self._since


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
    return [Note("methodology_gaps", text, len(gaps), first(gaps), warning=True)]


def _unreachable(unreachable: pl.DataFrame) -> list[Note]:
    if unreachable.is_empty():
        return []
    text = (
        f"{unreachable['etp'].sum():.1f} ETP in {unreachable.height} communes that no inhabitant "
        "can reach count nowhere"
    )
    places = first(unreachable["commune"])
    return [Note("unreachable_supply", text, unreachable.height, places, warning=True)]


def _remarks(communes: pl.DataFrame, territories: pl.DataFrame) -> list[Note]:
    """Remark on places where a rule of ours, not a figure, decides."""
    notes = []
    empty = communes.filter(pl.col("population") == 0)["commune"]
    if len(empty):
        text = f"{len(empty)} communes have no inhabitants"
        notes.append(Note("no_inhabitants", text, len(empty), first(empty)))
    nobody = communes.filter((pl.col("apl") == 0) & (pl.col("population") > 0))["commune"]
    if len(nobody):
        text = f"{len(nobody)} inhabited communes reach no practitioner: their APL is 0"
        notes.append(Note("apl_zero", text, len(nobody), first(nobody)))
    imposed = territories.filter(pl.col("zone_reason").str.starts_with("imposed"))
    for (reason,), rows in imposed.group_by("zone_reason", maintain_order=True):
        text = f"{rows.height} territories are not ranked, {reason}"
        notes.append(Note("imposed_zone", text, rows.height, first(rows["territory"])))
    unzoned = territories.filter(pl.col("zone").is_null())["territory"]
    if len(unzoned):
        text = f"{len(unzoned)} territories without inhabitants to weigh by have no zone"
        notes.append(Note("no_zone", text, len(unzoned), first(unzoned), warning=True))
    return notes
