"""Other readings of the text, each a run of its own."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.full_runs import run_with_network
from support.tables import SAMPLES

from apl_engine import explain
from apl_engine.explanation import Explanation
from apl_engine.methodology import vary
from apl_engine.networks import save_network
from apl_engine.results import StoredResult
from apl_engine.runs import sweep

REGION = SAMPLES / "pays-de-la-loire"


def test_other_readings_are_runs_of_their_own(zones: StoredResult, laval: Explanation) -> None:
    rules = zones.methodology
    tried = [reading for reading in laval.readings if not reading.untried]
    points = [p for p in rules.parameters if p.others and p.key.split(".")[0] not in
              ("mesh", "regional") and p.key != "etp.age_reference_date"]  # fmt: skip
    assert [reading.key for reading in tried] == [p.key for p in points for _ in p.others]
    one = [reading for reading in tried if reading.key in ("etp.practice_split", "travel.steps")]
    variants = [vary(rules, reading.key, reading.other) for reading in one]
    before = zones.territories.select("territory", now="zone")
    results = sweep(REGION, variants)
    for reading, variant in zip(one, variants, strict=True):
        after = results[variant.id].territories
        assert reading.apl == after.filter(territory=laval.place.territory).item(0, "apl")
        moved = after.join(before, on="territory").filter(pl.col("zone") != pl.col("now"))
        assert reading.changed == moved.height


@pytest.mark.slow
def test_readings_that_a_prepared_network_does_not_serve_are_not_tried(
    zones: StoredResult, laval: Explanation, tmp_path: Path
) -> None:
    _, network = run_with_network(REGION)
    save_network(network, tmp_path / "n.aplnet")
    explained = explain(zones, "53130", network=tmp_path / "n.aplnet")
    assert explained.as_dict()["suppliers"] == laval.as_dict()["suppliers"]
    untried = {r.key: r.untried for r in explained.readings if r.untried}
    assert set(untried) == {"travel.two_way_pairs", "travel.one_way_pairs", "travel.same_commune"}
