"""Questions about a result of all France: why, how far, what changed, what may be changed.

``.venv/bin/pytest bench/test_asking.py`` prints one table. Like the commands, each benchmark starts
from a folder that was written, read and verified against its record.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import apl_engine

FRANCE = Path(__file__).parents[1] / "data_samples" / "france"
CODE = "72181"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the result of France as a folder."""
    path = tmp_path_factory.mktemp("asking") / "zones"
    apl_engine.write_result(apl_engine.run(FRANCE), path)
    return path


@pytest.fixture(scope="module")
def zones(folder: Path) -> apl_engine.results.StoredResult:
    return apl_engine.read_result(folder)


@pytest.mark.benchmark(group="a result of France")
def test_read_and_verify(benchmark: Any, folder: Path) -> None:
    assert benchmark(apl_engine.read_result, folder).communes.height


@pytest.mark.benchmark(group="a result of France")
def test_explain_a_commune(benchmark: Any, zones: apl_engine.results.StoredResult) -> None:
    explanation = benchmark(apl_engine.explain, zones, CODE, readings=False)
    assert explanation.sum.suppliers["share"].sum() == 100


@pytest.mark.benchmark(group="a result of France")
def test_explain_with_every_reading(benchmark: Any, zones: apl_engine.results.StoredResult) -> None:
    explanation = benchmark.pedantic(apl_engine.explain, (zones, CODE), rounds=3)
    assert any(not reading.untried for reading in explanation.readings)


@pytest.mark.benchmark(group="a result of France")
def test_distances_of_a_territory(benchmark: Any, zones: apl_engine.results.StoredResult) -> None:
    network = apl_engine.explanation.locate_inputs(zones).network
    assert network
    what_if = apl_engine.scenarios.WhatIf(zones, network)
    assert benchmark(apl_engine.scenarios.distances, zones, "7299", what_if)


@pytest.mark.benchmark(group="a result of France")
def test_compare_with_itself(benchmark: Any, folder: Path) -> None:
    comparison = benchmark.pedantic(apl_engine.compare, (folder, folder), rounds=3)
    assert comparison.changes.is_empty()
