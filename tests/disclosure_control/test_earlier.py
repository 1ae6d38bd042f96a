"""A release beside that of the year before: who left is not told by the difference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.publications import interval, mayenne

from apl_engine import InputDataError, write_result
from apl_engine.disclosure_control import Earlier, publication_rules, publish
from apl_engine.disclosure_control.publish import Plan, plan_publication
from apl_engine.runs import publish_stored

RULES = publication_rules()
LEAVING = 4


@pytest.fixture(scope="module")
def before() -> Earlier:
    exact = mayenne()
    published = publish(exact)
    return Earlier(exact, published, exact.network)


@pytest.fixture(scope="module")
def together(before: Earlier) -> Plan:
    return plan_publication(mayenne(leaving=LEAVING), RULES, earlier=[before])


def disclosed(plan: Plan, hidden: np.ndarray, groups: list[int]) -> set[int]:
    """Return the groups that linear programs over both years bound too closely."""
    known = plan.known
    shown = np.flatnonzero(~hidden)
    # Changes of the unknowns: those of both years have another value in each.
    bounds = np.stack([known.unknowns.least, known.unknowns.most], 1)
    bounds -= known.unknowns.values[:, None]
    figures = known.figures
    lower, upper = figures.lower - figures.values, figures.upper - figures.values
    told = set()
    for k in groups:
        group = np.zeros(len(bounds))
        group[known.groups[k].columns] = known.groups[k].weights
        least, most = interval(figures.matrix[shown], lower[shown], upper[shown], bounds, group)
        if (most - least) / 2 < 0.2 * known.groups[k].value:
            told.add(k)
    return told


def test_those_who_left_are_groups_and_protected(together: Plan) -> None:
    size = len(together.supply.communes)
    gone = [k for k, group in enumerate(together.known.groups) if group.columns[0] >= size]
    assert len(gone) == LEAVING
    assert together.earlier == 1
    hidden = together.protected.hidden
    open_ones = set(together.protected.unprotected)
    assert disclosed(together, hidden, gone) == open_ones & set(gone)
    some = list(range(0, len(together.known.groups), 9))
    assert disclosed(together, hidden, some) == open_ones & set(some)


def test_without_the_earlier_release_more_are_disclosed(together: Plan) -> None:
    alone = plan_publication(mayenne(leaving=LEAVING), RULES)
    hidden = together.protected.hidden.copy()
    hidden[: len(alone.protected.hidden)] = alone.protected.hidden
    groups = list(range(len(together.known.groups)))
    assert len(disclosed(together, hidden, groups)) > len(together.protected.unprotected)


def test_proofs_are_worlds_of_both_years(together: Plan, before: Earlier) -> None:
    """Each gives all figures of both years; those of the year before are not hidden any more."""
    known = together.known
    shown = ~together.protected.hidden
    new = len(together.layout.figures.values)
    assert shown[new:].all()
    for proofs in together.protected.proofs:
        for world in (world for proof in proofs for world in proof):
            change = np.zeros(len(known.unknowns.values))
            change[world.columns] = world.change
            figures = known.figures.values + known.figures.matrix @ change
            inside = (figures >= known.figures.lower - 1e-9) & (
                figures <= known.figures.upper + 1e-9
            )
            assert inside[shown].all()


def test_pairs_that_do_not_belong_together_are_refused(before: Earlier) -> None:
    exact = mayenne(leaving=LEAVING)
    for wrong, code in (
        (replace(before, published=before.exact), "publication.earlier_is_exact"),
        (replace(before, exact=before.published), "publication.earlier_differs"),
    ):
        with pytest.raises(InputDataError) as caught:
            publish(exact, earlier=[wrong])
        assert [fault.code for fault in caught.value.faults] == [code]


def test_travel_times_of_a_stored_result_must_be_there(before: Earlier, tmp_path: Path) -> None:
    write_result(before.exact, tmp_path / "out")
    with pytest.raises(InputDataError) as caught:
        publish_stored(tmp_path / "out")
    assert [fault.code for fault in caught.value.faults] == ["publication.no_travel_times"]
