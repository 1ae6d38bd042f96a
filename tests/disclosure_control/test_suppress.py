"""Primary and secondary suppression: sums that disclose a part, and what else must go."""

from __future__ import annotations

import numpy as np
import polars as pl
from support.full_runs import run_with_network
from support.suppression import world_of
from support.tables import frames

from apl_engine import run
from apl_engine.disclosure_control.apply import suppress_small_counts
from apl_engine.disclosure_control.suppress import disclosing_sums


def test_sums_that_disclose_a_part() -> None:
    """A single value; few persons; and the p % rule."""
    values = np.array([1.0, 5.0, 1.0, 1.0, 1.0, 9.0, 0.1, 1.0, 9.0, 0.3])
    groups = np.array([0, 1, 1, 2, 2, 3, 3, 3, 5, 5])
    small = np.array([True, True, True, True, True, False, True, True, False, False])
    persons = np.array([9, 4, 2, 9, 9, 9])
    disclosing = disclosing_sums(values, groups, small, persons, 3)
    assert disclosing.tolist() == [True, True, True, True, False, False]


def test_the_apl_of_an_isolated_commune_is_suppressed() -> None:
    world = world_of(
        {"01001": ("T1", 1), "01002": ("T2", 9), "2A004": ("T3", 8), "75101": ("T4", 7)}
    )
    whole, _ = run_with_network(frames(world))
    published = suppress_small_counts(whole, 3)
    suppressed = published.territories.filter(pl.col("apl").is_null())["territory"].to_list()
    # If it were the only one, the total would disclose it.
    assert "T1" in suppressed
    assert len(suppressed) > 1
    assert published.territories["zone"].equals(whole.territories["zone"])


def test_a_second_commune_is_suppressed_beside_a_single_one() -> None:
    world = world_of(
        {"01001": ("T1", 1), "01002": ("T1", 9), "2A004": ("T1", 4), "75101": ("T2", 6)}, 12
    )
    published = suppress_small_counts(run(frames(world)), 3)
    etp = dict(published.communes.select("commune", "etp").iter_rows())
    assert etp["01001"] is etp["2A004"] is None
