"""What a result shows, and what makes two of them equal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.tables import frames, methodology, small_world

from apl_engine import InputDataError, run
from apl_engine.method.result import Zoning, network_of

RESULT = run(frames(small_world()))


def test_a_result_shows_a_few_lines() -> None:
    lines = repr(RESULT).splitlines()
    assert len(lines) == 1 + len(RESULT.methodology.zoning.classes)
    assert lines[0].startswith("Result by mk-2024: 4 communes in 2 territories")
    assert max(map(len, lines)) <= 100


def test_a_result_shows_its_summary_in_a_notebook() -> None:
    page = RESULT._repr_html_()
    assert "<table" in page
    for zone in RESULT.methodology.zoning.classes:
        assert zone.id in page


def test_the_summary_is_that_of_the_country() -> None:
    summary = RESULT.summary
    assert summary["zone"].to_list() == [zone.id for zone in RESULT.methodology.zoning.classes]
    assert summary["territories"].sum() == RESULT.territories.height
    assert summary["population"].sum() == RESULT.communes["population"].sum()
    assert summary["highest_apl"].to_list() == [*(cut.highest_apl for cut in RESULT.cuts), None]


def test_results_of_the_same_tables_are_equal() -> None:
    assert run(frames(small_world())) == RESULT
    assert replace(RESULT, timings={}, notes=()) == RESULT
    assert run(frames(small_world()), methodology(zoning_ties="together")) != RESULT
    assert replace(RESULT, cuts=()) != RESULT
    assert RESULT != "a result"
    with pytest.raises(TypeError):
        hash(RESULT)


def test_the_network_of_a_result_is_its_own_or_the_one_given() -> None:
    assert network_of(RESULT) is RESULT.network
    fields = Zoning.__dataclass_fields__
    bare = Zoning(**{name: getattr(RESULT, name) for name in fields})
    assert network_of(bare, RESULT.network) is RESULT.network
    with pytest.raises(InputDataError) as caught:
        network_of(bare)
    assert caught.value.faults[0].code == "result.no_network"
