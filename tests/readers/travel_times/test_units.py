"""The unit of travel times: detected, declared, contradictory."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.travel_times import (
    PAIRS,
    RULES,
    counts,
    fault,
    faults,
    metric,
    note,
    read,
    table,
    write,
)

from apl_engine.readers.travel_times.read import read_distancier


@pytest.mark.parametrize(("unit", "factor"), [("minutes", 1), ("seconds", 60), ("hours", 1 / 60)])
@pytest.mark.parametrize("distance", ["km", "m", ""])
def test_units_are_detected(tmp_path: Path, unit: str, factor: float, distance: str) -> None:
    scale = {"km": 1, "m": 1000, "": 0}[distance]
    header = f"o;d;temps{';distance' if scale else ''}"
    rows = [("38001", f"38{k:03d}", k / 2) for k in range(2, 400)]
    lines = [
        f"{o};{d};{t * factor!r}{f';{t * scale}' if scale else ''}" for o, d, t in rows
    ]  # fmt: skip
    path = write(tmp_path, "\n".join([header, *lines]))
    found = read(path)
    assert f"in {unit} (a median" in found.recognised
    pairs = table(found)
    assert [d for _, d, _ in pairs] == [d for _, d, t in rows if t <= 20]
    assert [t for _, _, t in pairs] == pytest.approx([t for _, _, t in rows if t <= 20])
    assert table(read(path, unit=unit)) == pairs


def test_an_unclear_unit_must_be_declared(tmp_path: Path) -> None:
    path = write(tmp_path, "o;d;temps\n01001;01002;5\n01002;01001;6\n")
    found = fault(path)
    assert (found.code, found.table) == ("distancier.unclear_unit", "d.csv")
    assert found.details["basis"] == "a median of 5.5"
    assert len(table(read(path, unit="minutes"))) == 2
    zero = write(tmp_path, "o;d;temps\n01001;01001;0\n")
    assert fault(zero).details["basis"] == "no time above 0"


def test_name_and_values_that_contradict_each_other(tmp_path: Path) -> None:
    found = fault(write(tmp_path, metric(PAIRS).replace("duree", "duree_s")))
    assert found.code == "distancier.contradictory_unit"
    assert found.details == {
        "stated": "seconds", "suggested": "minutes", "basis": "a median speed of 60 km/h",
    }  # fmt: skip


def test_a_declared_unit_prevails_with_a_warning(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric(PAIRS)), unit="seconds")
    warning = note(found, "unit_contradicts_values")
    assert warning.warning
    assert warning.details["declared"] == "seconds"
    assert warning.details["apparent"] == ("minutes",)
    assert "in seconds (as declared)" in found.recognised
    agreeing = read(write(tmp_path, metric(PAIRS)), unit="minutes")
    assert "unit_contradicts_values" not in counts(agreeing)


def test_files_in_several_units(tmp_path: Path) -> None:
    minutes = write(tmp_path, metric(PAIRS), "a.csv")
    unclear = write(tmp_path, "o;d;temps\n01001;75101;5\n", "c.csv")
    seconds = write(tmp_path, "o;d;secondes\n38001;38001;900\n", "b.csv")
    several = fault([minutes, seconds])
    assert several.code == "distancier.several_units"
    assert several.details["files"] == ("a.csv (minutes)", "b.csv (seconds)")
    either = write(tmp_path, "o;d;secondes\n38001;38001;60\n", "b.csv")
    contradictory = fault([minutes, either])
    assert (contradictory.code, contradictory.table) == ("distancier.contradictory_unit", "b.csv")
    again = write(tmp_path, "o;d;secondes\n38001;38001;60\n", "d.csv")
    assert [each.table for each in faults([either, again])] == ["b.csv", "d.csv"]
    found = read_distancier([minutes, unclear], RULES)
    assert ("01001", "75101", 5.0) in table(found)
