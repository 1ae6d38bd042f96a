"""An attack on suppressed figures: public knowledge, linear algebra and linear programming.

The attacker shares no code with the package. It knows the published tables and totals, travel
times, populations and the text of the law, and which figures are suppressed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from scipy.optimize import linprog
from support.tables import SAMPLES, World, frames, small_world
from support.worlds import worlds

from apl_engine import InputDataError, Result, run
from apl_engine.disclosure_control.apply import suppress_small_counts
from apl_engine.results import make_record

Array = npt.NDArray[Any]
LEAST = 5
# Relative error below which an estimate counts as the figure itself.
NEAR = 1e-6


def weight(minutes: Array) -> Array:
    """Annexe, IV, 4.1.3: 1 below 10 minutes, 2/3 below 15, 1/3 up to 20."""
    steps = [minutes < 10, minutes < 15, minutes <= 20]
    return np.select(steps, [1.0, 2.0 / 3.0, 1.0 / 3.0], 0.0)


@dataclass
class Attacker:
    """Equations of the suppressed ETP: ``equations @ unknown = values``, rows of length 1."""

    unknown: Array
    territory: Array
    equations: Array
    values: Array

    @classmethod
    def reading(cls, published: Result, travel_times: pl.DataFrame) -> Attacker:
        communes, areas = published.communes, published.territories
        totals = make_record(published)["totals"]
        place = {code: k for k, code in enumerate(communes["commune"])}
        size = len(place)
        reach = np.eye(size)
        origin = [place[str(code)] for code in travel_times["origin"]]
        destination = [place[str(code)] for code in travel_times["destination"]]
        reach[origin, destination] = weight(travel_times["minutes"].to_numpy())
        people = communes["standardised_population"].to_numpy()
        demand = people @ reach
        apl = 1e5 * reach / np.where(demand > 0, demand, np.inf)
        code = {name: k for k, name in enumerate(areas["territory"])}
        territory = np.array([code[name] for name in communes["territory"]])
        inside = (territory == np.arange(len(code))[:, None]).astype(float)
        of_areas = areas["standardised_population"].to_numpy()
        mean = (inside * people) @ apl / np.where(of_areas > 0, of_areas, np.inf)[:, None]
        everywhere = np.ones((1, size))
        served = (demand > 0).astype(float)[None]
        parts = [
            (apl, communes["apl"]),
            (inside, areas["etp"]),
            (mean, areas["apl"]),
            (everywhere, [totals["etp"]]),
            (served, [totals["reachable_etp"]]),
            (people[None] @ apl / 1e5, [totals["distributed_etp"]]),
        ]
        etp = communes["etp"].to_numpy().astype(float)
        unknown = np.flatnonzero(np.isnan(etp))
        rows = np.vstack([matrix for matrix, _ in parts])
        right = np.concatenate([np.array(list(figures), dtype=float) for _, figures in parts])
        right = right - rows @ np.nan_to_num(etp)
        rows = rows[:, unknown]
        length = np.linalg.norm(rows, axis=1)
        known = ~np.isnan(right) & (length > 1e-12)
        return cls(
            unknown,
            territory[unknown],
            rows[known] / length[known, None],
            right[known] / length[known],
        )

    def solve(self) -> tuple[Array, Array]:
        """Return an estimate of each unknown, and which ones the equations determine."""
        if len(self.equations) == 0:
            return np.zeros(len(self.unknown)), np.zeros(len(self.unknown), dtype=bool)
        square = np.linalg.qr(self.equations, mode="r")
        _, singular, basis = np.linalg.svd(square, full_matrices=True)
        rank = int(np.count_nonzero(singular > 1e-9 * singular[0]))
        free = np.linalg.norm(basis[rank:], axis=0)
        estimate = np.linalg.lstsq(self.equations, self.values, rcond=1e-9)[0]
        return estimate, free < 1e-6

    def interval(self, unknowns: Array, most: Array | None = None) -> tuple[float, float]:
        """Return the lower and the upper bound of the sum of some unknowns."""
        goal = np.zeros(len(self.unknown))
        goal[unknowns] = 1.0
        bounds = [(0.0, None if most is None else most[k]) for k in range(len(goal))]
        found = []
        for sign in (1.0, -1.0):
            done = linprog(sign * goal, A_eq=self.equations, b_eq=self.values, bounds=bounds)
            found.append(float(done.fun) * sign if done.status == 0 else sign * -np.inf)
        return found[0], found[1]


def sensitive(attacker: Attacker, whole: Result, least: int) -> list[tuple[Array, float]]:
    """Return the unknowns whose sum is a figure of few practitioners, and that sum."""
    etp = whole.communes["etp"].to_numpy()[attacker.unknown]
    few = whole.communes["practitioners"].to_numpy()[attacker.unknown] < least
    found = [(np.array([k]), float(etp[k])) for k in np.flatnonzero(few)]
    areas = whole.territories["practitioners"].to_numpy()
    for area in np.flatnonzero((areas > 0) & (areas < least)):
        inside = np.flatnonzero(attacker.territory == area)
        found.append((inside, float(etp[inside].sum())))
    return found


def check_margins(attacker: Attacker, figures: Iterable[tuple[Array, float]]) -> None:
    for unknowns, truth in figures:
        low, high = attacker.interval(unknowns)
        assert low <= 0.8 * truth + NEAR, (low, truth, high)
        assert high >= 1.2 * truth - NEAR, (low, truth, high)


@pytest.fixture(scope="module")
def sample() -> tuple[Result, pl.DataFrame]:
    folder = SAMPLES / "pays-de-la-loire"
    return run(folder), pl.read_parquet(folder / "travel_times.parquet")


@pytest.mark.slow
def test_primary_suppression_alone_protects_nothing(
    sample: tuple[Result, pl.DataFrame],
) -> None:
    whole, times = sample
    attacker = Attacker.reading(suppress_small_counts(whole, LEAST, secondary=False), times)
    estimate, determined = attacker.solve()
    truth = whole.communes["etp"].to_numpy()[attacker.unknown]
    near = np.abs(estimate - truth) <= NEAR * truth
    assert len(truth) == 676
    assert np.mean(determined & near) > 0.95


@pytest.mark.slow
def test_no_equation_determines_a_suppressed_figure(
    sample: tuple[Result, pl.DataFrame],
) -> None:
    whole, times = sample
    attacker = Attacker.reading(suppress_small_counts(whole, LEAST), times)
    estimate, determined = attacker.solve()
    truth = whole.communes["etp"].to_numpy()[attacker.unknown]
    assert not determined.any()
    assert not (np.abs(estimate - truth) <= NEAR * truth).any()


@pytest.mark.slow
def test_figures_of_few_can_vary(sample: tuple[Result, pl.DataFrame]) -> None:
    whole, times = sample
    attacker = Attacker.reading(suppress_small_counts(whole, LEAST), times)
    figures = sensitive(attacker, whole, LEAST)
    check_margins(attacker, figures[:: len(figures) // 40])


@pytest.mark.heavy
@pytest.mark.slow
@pytest.mark.parametrize("least", [3, 5, 6, 11])
def test_figures_of_few_can_vary_for_any_minimum(
    sample: tuple[Result, pl.DataFrame], least: int
) -> None:
    whole, times = sample
    attacker = Attacker.reading(suppress_small_counts(whole, least), times)
    figures = sensitive(attacker, whole, least)
    assert not attacker.solve()[1].any()
    check_margins(attacker, figures[::12])


def check_nothing_disclosed(world: World, least: int) -> None:
    try:
        whole = run(frames(world))
    except InputDataError:
        assume(False)
    published = suppress_small_counts(whole, least)
    attacker = Attacker.reading(published, frames(world)["travel_times"])
    check_margins(attacker, sensitive(attacker, whole, least))
    assert published.territories["zone"].equals(whole.territories["zone"])


@pytest.mark.heavy
@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=10,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(world=worlds())
def test_no_small_world_discloses_a_figure(world: World) -> None:
    check_nothing_disclosed(world, 2)
    check_nothing_disclosed(world, 3)


def test_the_small_world_discloses_nothing() -> None:
    check_nothing_disclosed(small_world(), 2)
