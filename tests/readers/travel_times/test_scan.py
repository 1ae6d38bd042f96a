"""One pass over a file: what is within reach, what was not computed, reverse pairs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from support.travel_times import (
    COMMUNES,
    PAIRS,
    RULES,
    WITHIN,
    counts,
    metric,
    read,
    rules,
    table,
    write,
)


@pytest.mark.parametrize("included", [True, False])
def test_the_last_bound_of_the_methodology(tmp_path: Path, included: bool) -> None:
    step = replace(RULES.travel.steps[-1], to=Fraction(10), included=included)
    pairs = [("01001", "01002", 9.99), ("01002", "01001", 10.0), ("01001", "2A004", 10.01)]
    found = read(write(tmp_path, metric(pairs)), rules=rules(steps=(step,)))
    assert [t for _, _, t in table(found)] == [9.99, 10.0][: 1 + included]


def test_whole_seconds_at_the_bound(tmp_path: Path) -> None:
    text = "o;d;duree_s\n01001;01002;1200\n01002;01001;1200.001\n01001;2A004;1\n"
    found = read(write(tmp_path, text))
    assert table(found) == [("01001", "01002", 20.0), ("01001", "2A004", 1 / 60)]
    assert "in seconds (as its column 'duree_s' says)" in found.recognised


def test_seconds_are_divided_exactly(tmp_path: Path) -> None:
    """A multiplication by 1 / 60 would differ in the last place for one time in twelve."""
    seconds = [k / 10 for k in range(12_000)]
    lines = [f"{k // 900 + 1:02d}{k % 900:03d};75101;{t}" for k, t in enumerate(seconds)]
    found = read(write(tmp_path, "\n".join(["o;d;duree_s", *lines])), unit="seconds")
    assert [t for _, _, t in table(found)] == [t / 60 for t in seconds]


def test_pairs_that_were_not_computed(tmp_path: Path) -> None:
    text = metric(PAIRS) + "01001;2A004;-999999;-999999\n2A004;01001;-999999.0;5\n"
    found = read(write(tmp_path, text + "01001;38001;12;-999999\n"))
    assert table(found) == WITHIN
    assert counts(found)["not_computed"] == 3
    assert counts(found)["pairs_read"] == 8
    assert counts(found)["beyond_reach"] == 1


@pytest.mark.parametrize("how", ["min", "max", "mean"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_reverse_beyond_reach_is_retained_for_the_rule(
    tmp_path: Path, how: str, suffix: str
) -> None:
    pairs = [*PAIRS, ("75101", "38001", 30.0), ("38001", "75101", -999999.0)]
    path = write(tmp_path, metric(pairs))
    if suffix == "parquet":
        path = tmp_path / "d.parquet"
        pl.read_csv(tmp_path / "d.csv", separator=";").write_parquet(path)
    found = read(path, rules=rules(two_way_pairs=how), communes=COMMUNES)
    assert table(found) == [*WITHIN, ("38001", "2A004", 20.01)]
    assert counts(found)["reverse_pairs"] == 1


def test_pairs_completed_both_ways_need_the_times_beyond_too(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric(PAIRS)), rules=rules(one_way_pairs="both_ways"))
    assert ("38001", "2A004", 20.01) in table(found)


def test_a_reverse_pair_with_codes_to_repair(tmp_path: Path) -> None:
    pairs = [("1001", "01002", 9.0), ("01002", "1001", 25.0), ("01002", "2a004", 30.0)]
    found = read(write(tmp_path, metric(pairs)), rules=rules(two_way_pairs="max"))
    assert table(found) == [("01001", "01002", 9.0), ("01002", "01001", 25.0)]
