"""Steps called directly with tables of other libraries, orders and types.

A table of the same rows gives the same figures or is refused; anything else is refused, by an
`AplError`. Nothing crashes: the kernels index by row number, and used to read beyond their arrays.
"""

from __future__ import annotations

import math
from contextlib import suppress
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference import MethodError
from reference import compute as compute_exactly
from support.foreign_frames import (
    DRAWS,
    Step,
    as_text,
    check_other_table,
    check_same_rows,
    odd_frames,
    unsound,
    with_odd_table,
)
from support.tables import frames, methodology, small_world

from apl_engine.errors import AplError
from apl_engine.inputs import read_inputs
from apl_engine.method.accessibility import compute_accessibility
from apl_engine.method.compute import compute
from apl_engine.method.demand import Demand, compute_demand
from apl_engine.method.network import build_network
from apl_engine.method.regions import attribute_regions, compare_with_published, regional_shares
from apl_engine.method.supply import Supply, compute_supply
from apl_engine.method.zoning import aggregate_territories, classify

RULES = methodology()
TABLES = read_inputs(frames(small_world()), RULES)
RESULT = compute(TABLES, RULES)
SUPPLY = compute_supply(TABLES.practitioners, TABLES.communes, RULES)
DEMAND = compute_demand(TABLES.population, TABLES.consumption, TABLES.communes, RULES)

Frames = dict[str, Any]


def network_arrays(**tables: Any) -> list[Any]:
    network = build_network(methodology=RULES, **tables)
    rows = (network.by_origin, network.by_destination)
    return [network.communes, *(part for row in rows for part in (row.pointers, row.pairs))]


def apl_of(supply: Any, demand: Any) -> pl.DataFrame:
    return compute_accessibility(
        Supply(supply, 1.0, 1.0, {}), Demand(demand, pl.DataFrame()), RESULT.network, RULES
    ).communes


COMMUNE = ["commune"]
JOINED = RESULT.communes
STEPS = {
    "compute_supply": Step(
        lambda **tables: compute_supply(methodology=RULES, **tables).communes,
        {"practitioners": TABLES.practitioners, "communes": TABLES.communes},
        {
            "practitioners": ["practitioner_id", "commune", "age", "acts", "fees",
                              "newly_installed"],
            "communes": COMMUNE,
        },
    ),
    "compute_demand": Step(
        lambda **tables: compute_demand(methodology=RULES, **tables).communes,
        {
            "population": TABLES.population,
            "consumption": TABLES.consumption,
            "communes": TABLES.communes,
        },
        {
            "population": ["commune", "age_band", "population"],
            "consumption": ["age_band", "fees"],
            "communes": COMMUNE,
        },
    ),
    "build_network": Step(
        network_arrays,
        {"travel_times": TABLES.travel_times, "communes": TABLES.communes},
        {"travel_times": ["origin", "destination", "minutes"], "communes": COMMUNE},
    ),
    "compute_accessibility": Step(
        apl_of,
        {"supply": SUPPLY.communes, "demand": DEMAND.communes},
        {"supply": ["commune", "etp"], "demand": ["commune", "standardised_population"]},
    ),
    "aggregate_territories": Step(
        lambda communes: aggregate_territories(communes, RULES),
        {"communes": JOINED},
        {"communes": ["commune", "region", "territory", "territory_name", "population",
                      "standardised_population", "apl"]},
    ),
    "classify": Step(
        lambda territories: classify(territories, RULES).territories.sort("territory").select(
            "territory", "rank", "cumulative_share", "zone"
        ),
        {"territories": RESULT.territories},
        {"territories": ["territory", "region", "population", "standardised_population"]},
    ),
    "attribute_regions": Step(
        lambda communes: attribute_regions(communes),
        {"communes": JOINED},
        {"communes": ["commune", "region", "territory", "population"]},
    ),
    "regional_shares": Step(
        lambda **tables: regional_shares(methodology=RULES, **tables),
        {"communes": JOINED, "territories": RESULT.territories},
        {"communes": ["region"], "territories": ["territory", "region", "population", "communes"]},
    ),
    "compare_with_published": Step(
        lambda regions: compare_with_published(regions, RULES),
        {"regions": RESULT.regions},
        {"regions": ["region", "region_name", "zone"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_the_same_rows_give_the_same_figures_or_are_refused(name: str, data: Any) -> None:
    check_same_rows(STEPS[name], data)


@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_other_tables_are_refused(name: str, data: Any) -> None:
    check_other_table(STEPS[name], data)


@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_odd_rows_and_numbers_give_quantities_or_are_refused(name: str, data: Any) -> None:
    step = STEPS[name]
    tables = with_odd_table(step, data)
    with suppress(AplError):
        assert not [column for column in unsound(step.call(**tables)) if "difference" not in column]


OF_RUN = ("practitioners", "population", "consumption", "travel_times", "communes")
NEEDED = {
    "practitioners": ["age", "acts", "fees"],
    "population": ["population"],
    "consumption": ["fees"],
    "travel_times": ["minutes"],
    "communes": ["commune"],
}
OF_COMMUNES = ("etp", "population", "standardised_population", "demand_reached", "apl")


def is_close(found: float, exact: Fraction) -> bool:
    return math.isclose(found, exact, rel_tol=1e-9, abs_tol=1e-200)


@pytest.mark.heavy
@settings(max_examples=4 * DRAWS)
@given(data=st.data())
def test_figures_of_odd_tables_are_those_of_exact_fractions_or_refused(data: Any) -> None:
    tables: Frames = {name: as_text(getattr(TABLES, name)) for name in OF_RUN}
    for wrong in data.draw(st.lists(st.sampled_from(OF_RUN), min_size=1, max_size=2), "tables"):
        tables[wrong] = data.draw(odd_frames(tables[wrong], NEEDED[wrong]), wrong)
    try:
        found = compute(SimpleNamespace(**tables), RULES)
    except AplError:
        return
    # A time beyond reach is none: beside others of the same pair it is left out.
    times, pair = tables["travel_times"], ["origin", "destination"]
    reach = float(RULES.travel.steps[-1].to)
    nearest = pl.col("minutes").cast(pl.Float64).min().over(pair)
    within = times.filter(pl.col("minutes") <= reach)
    beyond = times.filter(nearest > reach).unique(pair, maintain_order=True)
    tables["travel_times"] = pl.concat([within, beyond])
    try:
        exact = compute_exactly(**{name: frame.to_dicts() for name, frame in tables.items()})
    except MethodError:
        exact = None
    assert exact is not None
    acts = tables["practitioners"]["acts"].cast(pl.Float64)
    # The share of two numbers with fewer bits than others is not exact.
    assume(not ((acts > 0) & (acts < np.finfo(np.float64).tiny)).any())
    for name in OF_COMMUNES:
        figures = dict(found.communes.select(pl.col("commune").cast(pl.String), name).rows())
        of_exact = getattr(exact, name)
        assert figures.keys() == of_exact.keys()
        assert all(is_close(figures[code], of_exact[code]) for code in figures), name
    zones = {row["territory"]: row for row in found.territories.iter_rows(named=True)}
    assert zones.keys() == exact.territories.keys()
    for code, expected in exact.territories.items():
        assert (zones[code]["rank"], zones[code]["zone"]) == (expected.rank, expected.zone)


def test_bands_without_a_row_are_not_written_beyond_the_table() -> None:
    with pytest.raises(AplError) as caught:
        compute_demand(TABLES.population, TABLES.consumption[:1], TABLES.communes, RULES)
    assert [fault.code for fault in caught.value.faults] == ["population.unknown_age_band"]


def test_text_codes_build_the_network_that_row_numbers_build() -> None:
    text = TABLES.travel_times.with_columns(pl.col("origin", "destination").cast(pl.String))
    found = build_network(text.reverse(), TABLES.communes.reverse(), RULES)
    assert found.communes.equals(RESULT.network.communes)
    assert (found.by_origin.pairs == RESULT.network.by_origin.pairs).all()
    assert (found.by_destination.pairs == RESULT.network.by_destination.pairs).all()
