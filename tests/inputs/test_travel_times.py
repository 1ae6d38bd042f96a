"""Rows of travel times: without a time, with odd codes, on several rows, of no time at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.faults import fault_of, faults_of
from support.tables import World, frames, methodology, small_world, write_csv

from apl_engine import InputDataError, read_inputs
from apl_engine.errors import Note
from apl_engine.inputs import Inputs

RULES = methodology()
HEAD = "origin,destination,minutes\n"
TIMES = "01001,01002,9\n01002,01001,9.5\n"


def read(folder: Path, text: str, name: str = "travel_times.csv") -> Inputs:
    write_csv(small_world(), folder)
    (folder / name).write_text(text)
    return read_inputs(folder, RULES)


def rows(inputs: Inputs) -> list[tuple[Any, ...]]:
    assert inputs.travel_times is not None
    return inputs.travel_times.rows()


def note(inputs: Inputs, kind: str) -> Note:
    (found,) = [note for note in inputs.notes if note.code == f"travel_times.{kind}"]
    assert str(found)
    return found


@pytest.mark.parametrize(
    "word",
    ["", "NaN", "nan", "NA", "N/A", "null", "NULL", "None", "#N/A", " ", "-999999", "-999999.0"],
)
def test_a_pair_without_a_time_was_not_computed(tmp_path: Path, word: str) -> None:
    inputs = read(tmp_path, f"{HEAD}{TIMES}01001,2A004,{word}\nLyon,75101,{word}\n,,\n")
    assert rows(inputs) == [("01001", "01002", 9.0), ("01002", "01001", 9.5)]
    assert note(inputs, "not_computed").count == 2


@pytest.mark.parametrize("value", [None, float("nan"), -999999.0])
def test_a_frame_without_a_time(value: float | None) -> None:
    world = small_world()
    world["travel_times"][1]["minutes"] = value
    inputs = read_inputs(frames(world), RULES)
    assert len(rows(inputs)) == 11
    assert note(inputs, "not_computed").count == 1


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("ten", "not_a_number"),
        ("-3", "negative_value"),
        ("inf", "infinite"),
        ("5,5", "not_a_number"),
    ],
)
def test_times_that_are_none(tmp_path: Path, word: str, kind: str) -> None:
    text = f'{HEAD}{TIMES}01001,2A004,\n01001,75101,"{word}"\n'
    fault = fault_of(lambda: read(tmp_path, text))
    assert (fault.code, fault.column) == (f"travel_times.{kind}", "minutes")
    assert (fault.count, fault.rows, fault.values) == (1, (4,), (word,))


@pytest.mark.parametrize("code", ["1001", " 01001", "1001.0", "01001 "])
def test_codes_are_repaired_if_that_is_certain(tmp_path: Path, code: str) -> None:
    inputs = read(tmp_path, f"{HEAD}{code},01002,9\n01002,2a004,15\n")
    assert rows(inputs) == [("01001", "01002", 9.0), ("01002", "2A004", 15.0)]
    repaired = note(inputs, "codes_repaired")
    assert (repaired.count, repaired.examples) == (2, tuple(sorted([code, "2a004"])))
    assert repaired.warning


def test_codes_stored_as_numbers() -> None:
    world = frames(small_world())
    numbers = {"01001": 1001, "01002": 1002, "2A004": None, "75101": 75101}
    times = world["travel_times"].filter(~pl.any_horizontal(pl.all().cast(pl.String) == "2A004"))
    codes = pl.col("origin", "destination").replace_strict(numbers, return_dtype=pl.Int64)
    world["travel_times"] = times.with_columns(codes)
    inputs = read_inputs(world, RULES)
    assert rows(inputs) == times.rows()
    assert note(inputs, "codes_from_numbers").count == 2


@pytest.mark.parametrize(
    ("code", "kind", "values"),
    [("Lyon", "not_a_commune_code", ("Lyon",)), ("", "no_value", ()), ("NA", "no_value", ("NA",))],
)
def test_codes_that_are_none(tmp_path: Path, code: str, kind: str, values: tuple[str, ...]) -> None:
    fault = fault_of(lambda: read(tmp_path, f"{HEAD}{TIMES}{code},01001,8\n{code},01002,30\n"))
    assert (fault.code, fault.column) == (f"travel_times.{kind}", "origin")
    assert (fault.count, fault.rows, fault.values) == (1, (3,), values)


def test_codes_do_not_matter_beyond_reach(tmp_path: Path) -> None:
    inputs = read(tmp_path, f"{HEAD}{TIMES}Lyon,01001,30\n99999,01001,30\n01001,75101,30\n")
    assert len(rows(inputs)) == 3
    assert note(inputs, "unmatched_beyond_reach").count == 2


def grid(size: int = 12) -> World:
    """Return a country of a line of communes, all pairs of them within reach."""
    world = small_world()
    codes = [f"38{k:03d}" for k in range(size)]
    for code in codes:
        world["communes"].append({**world["communes"][0], "commune": code})
        world["population"] += [
            {**row, "commune": code} for row in world["population"] if row["commune"] == "01001"
        ]
    world["travel_times"] = [
        {"origin": one, "destination": two, "minutes": float(abs(j - k))}
        for j, one in enumerate(codes) for k, two in enumerate(codes)
    ]  # fmt: skip
    return world


def test_a_few_pairs_of_unknown_communes_are_dropped() -> None:
    world = grid()
    world["travel_times"].append({"origin": "99999", "destination": "38001", "minutes": 3.0})
    inputs = read_inputs(frames(world), RULES)
    assert len(rows(inputs)) == 144
    unknown = note(inputs, "unknown_communes")
    assert (unknown.count, unknown.examples, unknown.details) == (1, ("99999",), {"pairs": 1})
    assert unknown.warning


def test_many_pairs_of_unknown_communes_are_refused() -> None:
    world = small_world()
    world["travel_times"][0]["origin"] = "33063"
    fault = fault_of(lambda: read_inputs(frames(world), RULES))
    assert (fault.code, fault.values) == ("travel_times.unknown_communes", ("33063",))
    assert fault.details == {"codes": 1, "pairs": 1, "within": 10}


def test_a_pair_on_several_rows_is_kept_once(tmp_path: Path) -> None:
    again = "01001,01002,9.0\n01001,01002,25\n2A004,01001,30\n2A004,01001,40\n"
    inputs = read(tmp_path, HEAD + TIMES + again)
    assert rows(inputs) == [
        ("01001", "01002", 9.0), ("01002", "01001", 9.5), ("2A004", "01001", 30.0),
    ]  # fmt: skip
    assert note(inputs, "repeated_pairs").count == 3


@pytest.mark.parametrize("row", ["01001,01002,9.5", "1001,01002,9.5"])
def test_a_pair_with_two_times(tmp_path: Path, row: str) -> None:
    fault = fault_of(lambda: read(tmp_path, f"{HEAD}{TIMES}{row}\n"))
    assert (fault.code, fault.count, fault.rows) == ("travel_times.conflicting_pairs", 1, (3,))
    assert fault.values == ("01001-01002: 9, 9.5",)


def test_a_commune_with_two_times_to_itself(tmp_path: Path) -> None:
    fault = fault_of(lambda: read(tmp_path, f"{HEAD}{TIMES}01001,01001,0\n01001,01001,25\n"))
    assert fault.code == "travel_times.conflicting_pairs"


def test_nothing_within_reach(tmp_path: Path) -> None:
    for text in ("01001,01002,25\n", "01001,01002,\n"):
        fault = fault_of(lambda text=text: read(tmp_path, HEAD + text))
        assert (fault.code, fault.details) == ("travel_times.none_within", {"minutes": 20.0})
    assert len(rows(read(tmp_path, f"{HEAD}01001,01002,25\n01001,01001,25\n"))) == 2


def test_pairs_that_take_no_time(tmp_path: Path) -> None:
    world = small_world()
    zero = [{**row, "minutes": 0.0} for row in world["travel_times"]]
    world["travel_times"] = zero
    fault = fault_of(lambda: read_inputs(frames(world), RULES))
    assert (fault.code, fault.details) == ("travel_times.zero_times", {"pairs": 12, "zeros": 12})
    assert fault.values == ("01001-01002", "01001-2A004", "01001-75101")
    zero[3]["minutes"] = 5.0
    world["travel_times"].append({"origin": "01001", "destination": "01001", "minutes": 0.0})
    few = note(read_inputs(frames(world), RULES), "zero_times")
    assert (few.count, few.warning) == (11, True)
    large = grid()
    for row in large["travel_times"][:60]:
        row["minutes"] = 0.0
    fault = fault_of(lambda: read_inputs(frames(large), RULES))
    assert (fault.code, fault.details) == ("travel_times.zero_times", {"pairs": 132, "zeros": 55})


def test_all_faults_of_travel_times_at_once(tmp_path: Path) -> None:
    text = f"{HEAD}{TIMES}Lyon,01001,3\n01001,99999,4\n01001,75101,x\n"
    codes = [fault.code for fault in faults_of(lambda: read(tmp_path, text))]
    kinds = ("not_a_commune_code", "not_a_number", "unknown_communes")
    assert codes == [f"travel_times.{kind}" for kind in kinds]


def test_the_last_bound_of_the_methodology(tmp_path: Path) -> None:
    """A code matters at the bound only if it is within reach."""
    with pytest.raises(InputDataError):
        read(tmp_path, f"{HEAD}{TIMES}Lyon,01001,20\n")
