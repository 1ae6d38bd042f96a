"""Travel times to a network: annexe IV, 4.1.3, each bound and each reading of the silent points."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.faults import fault_of
from support.networks import check_same_bits
from support.tables import Row, frames, methodology, small_world

from apl_engine import (
    Methodology,
    MethodologyError,
    TravelNetwork,
    build_network,
    columns,
    read_inputs,
)
from apl_engine.method import network as module
from apl_engine.methodology.values import Step

ONE, TWO = "01001", "01002"


class Built(NamedTuple):
    network: TravelNetwork
    rules: Methodology


def network(times: list[Row], *, reach: float | None = None, **changes: object) -> Built:
    rules = methodology(**changes)
    world = {**small_world(), "travel_times": times}
    tables = read_inputs(frames(world), rules)
    return Built(build_network(tables.travel_times, tables.communes, rules, reach=reach), rules)


def trip(origin: str, destination: str, minutes: float) -> Row:
    return {"origin": origin, "destination": destination, "minutes": minutes}


def weight(built: Built, origin: str, destination: str) -> Fraction:
    """Return the weight of a pair, 0 where it is out of reach; alike in both directions."""
    found, rules = built
    codes = found.communes.to_list()
    table, denominator = found.weights(rules), rules.travel.denominator
    i, j = codes.index(origin), codes.index(destination)
    weights = []
    for rows, row, place in ((found.by_origin, i, j), (found.by_destination, j, i)):
        part = slice(rows.pointers[row], rows.pointers[row + 1])
        bands = rows.bands[part][rows.communes[part] == place]
        assert len(bands) <= 1
        weights.append(Fraction(int(table[bands[0]]), denominator) if len(bands) else Fraction(0))
    assert weights[0] == weights[1]
    return weights[0]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, "1"),
        (np.nextafter(10, 0), "1"),
        (10, "2/3"),
        (np.nextafter(10, 99), "2/3"),
        (np.nextafter(15, 0), "2/3"),
        (15, "1/3"),
        (np.nextafter(15, 99), "1/3"),
        (np.nextafter(20, 0), "1/3"),
        (20, "1/3"),
        (np.nextafter(20, 99), "0"),
        (500, "0"),
    ],
)
def test_bounds_of_the_steps(minutes: float, expected: str) -> None:
    found = network([trip(ONE, TWO, minutes), trip(ONE, ONE, 0)])
    assert weight(found, ONE, TWO) == Fraction(expected)
    assert weight(found, TWO, ONE) == 0


def test_bounds_read_the_other_way() -> None:
    steps = (
        Step(Fraction(10), True, Fraction(1)),
        Step(Fraction(15), True, Fraction(2, 3)),
        Step(Fraction(20), False, Fraction(1, 3)),
    )
    for minutes, expected in ((10, Fraction(1)), (15, Fraction(2, 3)), (20, Fraction(0))):
        found = network([trip(ONE, TWO, minutes), trip(ONE, ONE, 0)], travel_steps=steps)
        assert weight(found, ONE, TWO) == expected


def test_weights_are_whole_numbers_over_a_common_denominator() -> None:
    found = network([trip(ONE, TWO, 5)])
    weights = found.network.weights(found.rules)
    assert weights.tolist() == [3] * 19 + [2] * 10 + [1] * 11


@pytest.mark.parametrize(
    ("reading", "there", "back"),
    [("as_given", "1", "1/3"), ("min", "1", "1"), ("max", "1/3", "1/3"), ("mean", "2/3", "2/3")],
)
def test_pairs_given_both_ways(reading: str, there: str, back: str) -> None:
    times = [trip(ONE, TWO, 5), trip(TWO, ONE, 17)]
    found = network(times, travel_two_way_pairs=reading)
    assert weight(found, ONE, TWO) == Fraction(there)
    assert weight(found, TWO, ONE) == Fraction(back)


@pytest.mark.parametrize("reading", ["as_given", "min", "max", "mean"])
def test_pairs_given_one_way(reading: str) -> None:
    one_way = network([trip(ONE, TWO, 12)], travel_two_way_pairs=reading)
    assert weight(one_way, ONE, TWO) == Fraction(2, 3)
    assert weight(one_way, TWO, ONE) == 0
    both = network(
        [trip(ONE, TWO, 12)], travel_two_way_pairs=reading, travel_one_way_pairs="both_ways"
    )
    assert weight(both, ONE, TWO) == weight(both, TWO, ONE) == Fraction(2, 3)


def test_time_to_oneself() -> None:
    times = [trip(ONE, ONE, 12), trip(ONE, TWO, 3)]
    given = network(times)
    assert weight(given, ONE, ONE) == Fraction(2, 3)
    assert weight(given, TWO, TWO) == 1
    always = network(times, travel_same_commune="always")
    assert weight(always, ONE, ONE) == 1
    slow = network(times, travel_same_commune_minutes=Fraction(18))
    assert weight(slow, ONE, ONE) == Fraction(2, 3)
    assert weight(slow, TWO, TWO) == Fraction(1, 3)
    unreached = network(times, travel_same_commune_minutes=Fraction(25))
    assert weight(unreached, TWO, TWO) == 0


def test_what_was_imputed_or_left_out_is_noted() -> None:
    found = network([trip(ONE, ONE, 1), trip(ONE, TWO, 3), trip(TWO, ONE, 21)])
    assert [(note.code, note.count, note.details) for note in found.network.notes] == [
        ("travel_times.own_times_imputed", 3, {"minutes": 0.0}),
        ("network.beyond_reach", 1, {"reach": 20.0}),
        ("travel_times.not_minutes", 3, {"unit": "seconds", "communes": 4, "reach": 20.0}),
    ]
    assert all(map(str, found.network.notes))
    assert found.network.pairs == 5


def test_times_made_by_rule_are_noted() -> None:
    found = network(
        [trip(ONE, TWO, 5), trip(TWO, ONE, 17), trip(ONE, "2A004", 3), trip(ONE, ONE, 4)],
        travel_two_way_pairs="min",
        travel_one_way_pairs="both_ways",
        travel_same_commune="always",
    )
    assert [(note.code, note.count, note.details) for note in found.network.notes][:3] == [
        ("travel_times.two_way_pairs_combined", 1, {"rule": "min"}),
        ("travel_times.one_way_pairs_mirrored", 1, {}),
        ("travel_times.own_times_replaced", 1, {"minutes": 0.0}),
    ]
    assert all(map(str, found.network.notes))


@pytest.mark.parametrize("same_commune", ["where_absent", "always"])
def test_chunks_of_a_table_change_nothing(
    monkeypatch: pytest.MonkeyPatch, same_commune: str
) -> None:
    rules = methodology(travel_same_commune=same_commune)
    world = small_world()
    world["travel_times"] += [trip(ONE, ONE, 4), trip("2A004", "2A004", 99)]
    tables = read_inputs(frames(world), rules)
    times = tables.travel_times
    chunks = pl.concat([times[3:], times[:0], times[:3]], rechunk=False)
    assert chunks.n_chunks() > 1
    whole = build_network(chunks, tables.communes, rules)
    monkeypatch.setattr(columns, "FEWEST_AT_ONCE", 1)
    check_same_bits(build_network(chunks, tables.communes, rules), whole)
    check_same_bits(build_network(times, tables.communes, rules), whole)


def test_rows_are_sorted_both_ways() -> None:
    found = network(list(reversed(small_world()["travel_times"])))
    for rows in (found.network.by_origin, found.network.by_destination):
        for row in range(len(found.network.communes)):
            places = rows.communes[rows.pointers[row] : rows.pointers[row + 1]].astype(int)
            assert (np.diff(places) > 0).all()


def test_one_network_serves_steps_of_any_ends_and_weights() -> None:
    times = [trip(ONE, TWO, 12.5), trip(TWO, ONE, 30), trip(ONE, "2A004", 31)]
    wide = network(times, reach=30)
    assert weight(wide, ONE, TWO) == Fraction(2, 3)
    assert weight(wide, TWO, ONE) == 0
    other = methodology(
        travel_steps=(
            Step(Fraction(12), True, Fraction(1)),
            Step(Fraction(30), True, Fraction(1, 4)),
        )
    )
    assert weight(Built(wide.network, other), ONE, TWO) == Fraction(1, 4)
    assert weight(Built(wide.network, other), TWO, ONE) == Fraction(1, 4)
    assert weight(Built(wide.network, other), ONE, "2A004") == 0


def test_steps_that_end_within_a_minute_are_edges_too() -> None:
    steps = (Step(Fraction(25, 2), False, Fraction(1)),)
    found = network([trip(ONE, TWO, 12.4), trip(TWO, ONE, 12.5)], travel_steps=steps)
    assert weight(found, ONE, TWO) == 1
    assert weight(found, TWO, ONE) == 0
    assert 12.5 in found.network.edges


@pytest.mark.parametrize(
    ("changes", "code", "details"),
    [
        (
            {"travel_one_way_pairs": "both_ways"},
            "network.other_rule",
            {"built_with": "as_given", "asked": "both_ways"},
        ),
        (
            {"travel_same_commune_minutes": Fraction(3)},
            "network.other_rule",
            {"built_with": "0", "asked": "3"},
        ),
        (
            {"travel_steps": (Step(Fraction(25), True, Fraction(1)),)},
            "network.step_not_on_edge",
            {"minutes": (25.0,), "reach": 20.0},
        ),
        (
            {"travel_steps": (Step(Fraction(7, 2), True, Fraction(1)),)},
            "network.step_not_on_edge",
            {"minutes": (3.5,), "reach": 20.0},
        ),
    ],
)
def test_a_network_of_other_rules_is_refused(
    changes: dict[str, object], code: str, details: dict[str, object]
) -> None:
    found = network([trip(ONE, TWO, 5)]).network
    fault = fault_of(lambda: found.weights(methodology(**changes)), MethodologyError)
    assert (fault.code, fault.details) == (code, details)


@pytest.mark.parametrize("reach", [19.9, 128])
def test_a_reach_out_of_range(reach: float) -> None:
    fault = fault_of(lambda: network([trip(ONE, TWO, 5)], reach=reach))
    assert (fault.code, fault.table) == ("argument.out_of_range", "reach")
    assert fault.details == {"low": 20.0, "high": 127, "value": reach}


def test_steps_farther_than_bands_can_tell_keep_their_ends() -> None:
    steps = (Step(Fraction(90), True, Fraction(1)), Step(Fraction(300), True, Fraction(1, 2)))
    found = network([trip(ONE, TWO, 90), trip(TWO, ONE, 299)], travel_steps=steps)
    assert found.network.edges.tolist() == [90, 300]
    assert weight(found, ONE, TWO) == 1
    assert weight(found, TWO, ONE) == Fraction(1, 2)


def test_more_places_than_a_network_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_COMMUNES", 2)
    fault = fault_of(lambda: network([trip(ONE, TWO, 5)]))
    assert (fault.code, fault.details) == ("network.too_many_communes", {"communes": 4, "most": 2})


CODES = st.lists(st.sampled_from(["", "01001", "01002", "twelve bytes", "thirteen byte", "more é"]))


@given(
    CODES, CODES | st.none(), st.integers(0, 3), st.sampled_from(["text", "categories", "enum"]),
    st.permutations(["", "01001", "01002", "twelve bytes", "thirteen byte", "more é", "other"]),
)  # fmt: skip
def test_communes_are_refused_exactly_if_they_differ(
    own: list[str], others: list[str] | None, apart: int, kind: str, categories: list[str]
) -> None:
    codes = pl.Series("commune", own, dtype=pl.String)
    network = TravelNetwork(codes, cast(Any, None), np.ones(1), {}, np.ones(2, dtype=np.int64))
    given_codes = codes if others is None else pl.Series(others, dtype=pl.String)
    # In chunks, and from the middle of a longer column.
    given_codes = given_codes[:apart].append(given_codes[apart:])
    if kind == "categories":
        given_codes = given_codes.cast(pl.Categorical)
    if kind == "enum":
        given_codes = given_codes.cast(pl.Enum(categories))
    if others is None or own == others:
        network.check_communes(given_codes)
        network.check_communes(codes)
    else:
        assert (
            fault_of(lambda: network.check_communes(given_codes)).code == "network.other_communes"
        )


@given(st.permutations(["01001", "01002", "01004"]), st.permutations(["01001", "01002", "01004"]))
def test_codes_of_an_enum_are_compared_as_text(categories: list[str], given: list[str]) -> None:
    codes = pl.Series("commune", ["01001", "01002", "01004"])
    network = TravelNetwork(codes, cast(Any, None), np.ones(1), {}, np.ones(2, dtype=np.int64))
    check = partial(network.check_communes, pl.Series(given, dtype=pl.Enum(categories)))
    if given == codes.to_list():
        check()
    else:
        assert fault_of(check).code == "network.other_communes"


def test_communes_that_are_absent_are_refused() -> None:
    codes = pl.Series("commune", ["01001", "01002"])
    network = TravelNetwork(codes, cast(Any, None), np.ones(1), {}, np.ones(2, dtype=np.int64))
    for other in (codes[:1], codes[1:], codes.reverse(), pl.Series(["01001", None])):
        fault = fault_of(partial(network.check_communes, other))
        assert fault.code == "network.other_communes"
