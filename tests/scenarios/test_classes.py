"""Classes of territories in many scenarios, as full runs give them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.tables import SAMPLES, methodology

from apl_engine import Result, run
from apl_engine.columns import numbered, numbers
from apl_engine.method.zoning import contest_of, group_means
from apl_engine.scenarios import classes as classes_module
from apl_engine.scenarios import scenario_accessibility, scenario_classes

RULES = methodology()


@pytest.fixture(scope="module")
def result() -> Result:
    return run(SAMPLES / "pays-de-la-loire")


def draws(result: Result, columns: int) -> Any:
    etp = result.communes["etp"].to_numpy()
    return np.random.default_rng(3).poisson(etp[:, None], (len(etp), columns)).astype(float)


def by_full_runs(result: Result, supply: Any) -> Any:
    """Return the classes by the APLs of all communes, scenario by scenario."""
    people = numbers(result.communes["standardised_population"])
    found = scenario_accessibility(result.network, supply, people, result.methodology)
    codes, territory = numbered(result.communes["territory"])
    contest = contest_of(result.territories, result.methodology)
    zones = []
    for apl in found.apl.T:
        means = group_means(territory, len(codes), people, apl)
        zones.append(contest.zones(contest.rank(means)))
    return np.stack(zones, axis=1)


@pytest.mark.parametrize("columns", [1, 16, 50])
@pytest.mark.parametrize("straddling", ["at_or_below", "crossing", "nearest"])
def test_classes_are_those_of_full_runs(result: Result, columns: int, straddling: str) -> None:
    zoning = replace(result.methodology.zoning, straddling=straddling)
    other = replace(result, methodology=replace(result.methodology, zoning=zoning))
    supply = draws(result, columns)
    found = scenario_classes(other, supply)
    assert found.classes.tolist() == by_full_runs(other, supply).tolist()
    assert found.computed_in_full == (columns if columns < 16 else 0)
    counts = found.counts(4)
    assert (counts.sum(axis=1) == columns).all()


def test_successive_cuts_are_computed_in_full(result: Result) -> None:
    zoning = replace(result.methodology.zoning, cuts="successive")
    other = replace(result, methodology=replace(result.methodology, zoning=zoning))
    supply = draws(result, 16)
    found = scenario_classes(other, supply)
    assert found.classes.tolist() == by_full_runs(other, supply).tolist()
    assert found.computed_in_full == 16


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_no_class(result: Result, threads: int) -> None:
    supply = draws(result, 50)
    alone = scenario_classes(result, supply, threads=1)
    assert (scenario_classes(result, supply, threads=threads).classes == alone.classes).all()


def test_cuts_that_are_too_close_are_computed_in_full(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where two APLs on both sides of a cut are equal."""
    supply = draws(result, 20)
    # Without supply, all APLs are 0.
    supply[:, 7] = 0.0
    found = scenario_classes(result, supply)
    assert found.computed_in_full == 1
    expected = by_full_runs(result, supply)
    assert found.classes.tolist() == expected.tolist()
    monkeypatch.setattr(classes_module, "_APART", np.inf)
    in_full = scenario_classes(result, supply)
    assert in_full.computed_in_full == 20
    assert in_full.classes.tolist() == expected.tolist()
