"""Practitioners to ETP: each rule of annexe IV, 4.1.1 at its exact bound."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tables import Row, frames, methodology, practitioner, small_world

from apl_engine import InputDataError, read_inputs
from apl_engine.method import compute_supply
from apl_engine.method.supply import Supply, quantile

HOME, AWAY = "01001", "75101"
PLACES = ("01001", "01002", "2A004", "75101")


def supply(rows: list[Row], **changes: object) -> Supply:
    world = {**small_world(), "practitioners": rows}
    rules = methodology(**changes)
    tables = read_inputs(frames(world), rules)
    return compute_supply(tables.practitioners, tables.communes, rules)


def etp(rows: list[Row], **changes: object) -> dict[str, float]:
    return dict(supply(rows, **changes).communes.select("commune", "etp").iter_rows())


def others(acts: float = 3000, number: int = 9) -> list[Row]:
    """Practitioners elsewhere, so that the median is known."""
    return [practitioner(f"o{k}", "75101", acts=acts) for k in range(number)]


@pytest.mark.parametrize(("age", "counts"), [(64, 1.0), (65, 1.0), (66, 0.0)])
def test_over_65_is_out(age: int, counts: float) -> None:
    assert etp([*others(), practitioner("p", HOME, age=age)])[HOME] == counts


@pytest.mark.parametrize(("age", "counts"), [(64, 1.0), (65, 0.0), (66, 0.0)])
def test_65_and_over_is_out_where_the_text_says_so(age: int, counts: float) -> None:
    rows = [*others(), practitioner("p", HOME, age=age)]
    assert etp(rows, etp_age_exclusion="from")[HOME] == counts


@pytest.mark.parametrize(("fees", "counts"), [(9_999.99, 0.0), (10_000, 1.0), (10_000.01, 1.0)])
def test_fees_under_10_000_are_out(fees: float, counts: float) -> None:
    assert etp([*others(), practitioner("p", HOME, fees=fees)])[HOME] == counts


def test_fees_of_all_practices_count_together() -> None:
    rows = [practitioner("p", place, acts=1500, fees=5_000) for place in (HOME, "01002")]
    found = etp([*others(), *rows])
    assert (found[HOME], found["01002"]) == (0.5, 0.5)


@pytest.mark.parametrize(("acts", "counts"), [(543, 0.0), (544, 544 / 3000)])
def test_low_activity_by_acts(acts: float, counts: float) -> None:
    rows = [*others(), practitioner("p", HOME, acts=acts, fees=1)]
    assert etp(rows, etp_low_activity_measure="acts")[HOME] == counts


@pytest.mark.parametrize(("acts", "counts"), [(6000, 2.0), (6001, 2.0), (90_000, 2.0), (4500, 1.5)])
def test_acts_are_capped_at_the_9th_decile(acts: float, counts: float) -> None:
    # Of eleven, the 9th decile is the tenth: 6000 acts; the median is 3000.
    rows = [*others(number=8), practitioner("q", "75101", acts=6000)]
    top = [practitioner("r", "75101", acts=6000), practitioner("p", HOME, acts=acts)]
    found = supply([*rows, *top])
    assert found.median_acts == 3000
    assert found.ceiling_acts == 6000
    assert dict(found.communes.select("commune", "etp").iter_rows())[HOME] == counts


def test_newly_installed_are_one_etp_whatever_their_activity() -> None:
    rows = [*others(), practitioner("p", HOME, acts=3, fees=40, new=True)]
    assert etp(rows)[HOME] == 1.0
    assert etp(rows, etp_newly_installed_low_activity="excluded")[HOME] == 0.0
    assert etp(rows, etp_newly_installed_etp=Fraction(1, 2))[HOME] == 0.5


def test_newly_installed_over_65_are_out() -> None:
    assert etp([*others(), practitioner("p", HOME, age=66, new=True)])[HOME] == 0.0


@pytest.mark.parametrize(
    ("field", "median"),
    [("kept_without_new", 3000), ("kept", 2500), ("age_kept", 2000), ("all", 1500)],
)
def test_over_whom_the_median_is_taken(field: str, median: float) -> None:
    rows = [
        practitioner("a", HOME, acts=3000),
        practitioner("b", HOME, acts=2000, new=True),
        practitioner("c", HOME, acts=1000, fees=9_000),
        practitioner("d", HOME, acts=500, age=80),
    ]
    assert supply(rows, etp_reference_population=field).median_acts == median


def test_practices_share_by_acts() -> None:
    rows = [
        practitioner("p", HOME, acts=1000),
        practitioner("p", "01002", acts=2000),
        practitioner("p", "2A004", acts=0),
    ]
    found = etp([*others(), *rows])
    assert found[HOME] == pytest.approx(1 / 3)
    assert found["01002"] == pytest.approx(2 / 3)
    assert found["2A004"] == 0.0


def test_practices_without_acts_share_equally() -> None:
    rows = [practitioner("p", place, acts=0, new=True) for place in (HOME, "01002")]
    found = etp([*others(), *rows])
    assert (found[HOME], found["01002"]) == (0.5, 0.5)


def test_practices_share_otherwise() -> None:
    rows = [
        practitioner("p", HOME, acts=1000),
        practitioner("p", "01002", acts=1000),
        practitioner("p", "2A004", acts=1000),
    ]
    equal = etp([*others(), *rows], etp_practice_split="equal")
    assert equal[HOME] == pytest.approx(1 / 3)
    # Of practices with as many acts, that of the smallest code is the main one.
    main = etp([*others(), *rows[::-1]], etp_practice_split="main_practice")
    assert (main[HOME], main["01002"], main["2A004"]) == (1.0, 0.0, 0.0)


def test_counts_tell_what_became_of_each() -> None:
    found = supply(small_world()["practitioners"])
    assert found.counts == {
        "practitioners": 5,
        "practices": 6,
        "several_practices": 1,
        "excluded_age": 1,
        "excluded_low_activity": 0,
        "newly_installed": 1,
        "at_ceiling": 0,
        "counted": 4,
    }


@pytest.mark.parametrize(
    ("born", "age"),
    [(date(1957, 12, 31), 65), (date(1957, 1, 1), 65), (date(1956, 12, 31), 66)],
)
def test_age_from_the_date_of_birth(born: date, age: int) -> None:
    """On 31 December 2022, the reference date of the text of 2024."""
    rows = frames({**small_world(), "practitioners": [*others(), practitioner("p", HOME)]})
    birth = pl.when(pl.col("practitioner_id") == "p").then(pl.lit(born))
    rows["practitioners"] = (
        rows["practitioners"].with_columns(birth_date=birth.otherwise(date(1980, 6, 1))).drop("age")
    )
    read = read_inputs(rows, methodology()).practitioners
    assert read.filter(pl.col("practitioner_id") == "p")["age"].item() == age


def test_age_before_the_birthday() -> None:
    rows = frames(small_world())
    born = date(1957, 6, 16)
    rows["practitioners"] = rows["practitioners"].with_columns(birth_date=born).drop("age")
    rules = methodology(etp_age_reference_date=date(2023, 6, 15))
    assert set(read_inputs(rows, rules).practitioners["age"]) == {65}


DEFINITIONS = ["linear", "inverted_cdf", "averaged_inverted_cdf", "weibull"]


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=50),
    st.sampled_from([Fraction(1, 2), Fraction(9, 10), Fraction(1, 3), Fraction(0), Fraction(1)]),
    st.sampled_from(DEFINITIONS),
)
def test_quantiles_are_those_of_numpy(values: list[int], share: Fraction, definition: str) -> None:
    ours = quantile(np.array(values, dtype=float), share, definition)
    # NumPy computes the place in floating point: where that is a step, look on both sides of it.
    theirs = {
        float(np.quantile(values, min(max(float(share) + shift, 0), 1), method=definition))  # type: ignore[call-overload]
        for shift in (-1e-12, 0, 1e-12)
    }
    assert any(ours == pytest.approx(value, rel=1e-9, abs=1e-6) for value in theirs)


def test_definitions_differ_where_they_should() -> None:
    values = np.array([3.0, 1.0, 4.0, 2.0])
    half = [quantile(values, Fraction(1, 2), definition) for definition in DEFINITIONS]
    assert half == [2.5, 2.0, 2.5, 2.5]
    top = [quantile(values, Fraction(9, 10), definition) for definition in DEFINITIONS]
    assert top == pytest.approx([3.7, 4.0, 4.0, 4.0])


def test_practitioners_are_counted_where_they_have_a_share() -> None:
    rows = [practitioner("a", HOME), practitioner("a", AWAY), practitioner("b", HOME, age=80)]
    found = supply(rows)
    counts = dict(found.communes.select("commune", "practitioners").iter_rows())
    assert (counts[HOME], counts[AWAY]) == (1, 1)
    assert found.practices.select("commune", "number").rows() == [(HOME, 0), (AWAY, 0)]


@st.composite
def practices(draw: st.DrawFn) -> list[Row]:
    """Practitioners with one to four practices, in any order."""
    rows: list[Row] = []
    for k in range(draw(st.integers(1, 12))):
        age, new = draw(st.integers(60, 70)), draw(st.booleans())
        for place in draw(st.sets(st.sampled_from(PLACES), min_size=1)):
            acts, fees = draw(st.integers(1, 5_000)) / 8, draw(st.integers(0, 2_000_000)) / 100
            rows.append(practitioner(f"p{k}", place, acts=acts, fees=fees, age=age, new=new))
    return draw(st.permutations(rows))


@pytest.mark.heavy
@given(practices(), st.sampled_from(["acts", "equal", "main_practice"]), st.booleans())
def test_figures_do_not_depend_on_the_order_of_rows(
    rows: list[Row], split: str, same_hash: bool
) -> None:
    rules = methodology(etp_practice_split=split, etp_reference_population="all")
    communes = frames(small_world())["communes"]

    def found(rows: list[Row]) -> Supply:
        return compute_supply(frames({"practitioners": rows})["practitioners"], communes, rules)

    expected = found(sorted(rows, key=lambda row: (row["practitioner_id"], row["commune"])))
    with pytest.MonkeyPatch.context() as patch:
        if same_hash:
            patch.setattr(
                pl.Series, "hash", lambda self: pl.Series([7] * len(self), dtype=pl.UInt64)
            )
        given_order = found(rows)
    assert given_order.communes.equals(expected.communes)
    assert given_order.counts == expected.counts
    assert given_order.median_acts == expected.median_acts
    assert given_order.ceiling_acts == expected.ceiling_acts
    assert homes(given_order) == homes(expected)


def homes(found: Supply) -> list[list[str]]:
    """Return where each practitioner has a share, without their numbers."""
    groups = found.practices.cast({"commune": pl.String}).group_by("number").agg("commune")
    return sorted(sorted(places) for places in groups["commune"].to_list())


def test_without_practitioners_there_is_no_median() -> None:
    tables = frames({**small_world(), "practitioners": []})
    with pytest.raises(InputDataError) as raised:
        compute_supply(tables["practitioners"], tables["communes"], methodology())
    assert [fault.code for fault in raised.value.faults] == ["supply.no_practitioner_left"]
