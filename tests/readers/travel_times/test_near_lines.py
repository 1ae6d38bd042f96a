"""Large text files whose lines are selected before they are parsed, against parsing them all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.travel_times import CODES, COMMUNES, country, metric, read, rules, write

from apl_engine.errors import InputDataError
from apl_engine.readers.common import text_file
from apl_engine.readers.travel_times import near_lines
from apl_engine.readers.travel_times.layout import OpenedFile, Roles, detect_roles, open_file

HEAD = metric(country(8))
values = st.sampled_from(
    [*CODES, "1001", "99999", "x", "", "12.5", "20", "20.000001", "45.5", "1e2", "-5", "-999999",
     "30,5", " 31 ", '"32"', "nan", "é", "\r", "9" * 40]
)  # fmt: skip
times = st.sampled_from(["12.5", "20", "20.01", "31", "45.5", "-999999"])
pairs = st.tuples(st.sampled_from(CODES), st.sampled_from(CODES), times, times)
odd_lines = st.lists(values, max_size=5)
ends = st.sampled_from(["\n", "\r\n"])
tails = st.lists(st.tuples((pairs | odd_lines).map(";".join), ends).map("".join), max_size=12)
SETTINGS = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def outcome(path: Path, **options: object) -> object:
    """Return the table and the notes, or the faults."""
    try:
        imported = read(path, **options)
    except InputDataError as error:
        return error.faults
    return imported.tables["travel_times"].rows(), imported.notes, imported.recognised


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Detect layouts by few rows, and read in small chunks."""
    monkeypatch.setattr(text_file, "_HEAD_BYTES", 400)
    monkeypatch.setattr(near_lines, "_CHUNK", 64)
    monkeypatch.setattr(near_lines, "_YIELDED", 200)
    return monkeypatch


@SETTINGS
@given(tails, st.sampled_from(["as_given", "max"]), st.sampled_from([None, COMMUNES]))
def test_selecting_lines_changes_nothing(
    tmp_path: Path, whole: pytest.MonkeyPatch, tail: list[str], two_way: str, known: object
) -> None:
    path = write(tmp_path, (HEAD + "".join(tail)).encode())
    options = {"rules": rules(two_way_pairs=two_way), "communes": known}
    whole.setattr(near_lines, "LARGE", 2**40)
    expected = outcome(path, **options)
    whole.setattr(near_lines, "LARGE", 0)
    assert outcome(path, **options) == expected


@pytest.mark.parametrize("period", ["off_peak", "max", "mean"])
@pytest.mark.parametrize(("separator", "mark"), [(";", ","), ("\t", "."), (",", ".")])
def test_two_times(
    tmp_path: Path, whole: pytest.MonkeyPatch, period: str, separator: str, mark: str
) -> None:
    lines = ["a,b,duree_hc_min,duree_hp_min".replace(",", separator)]
    lines += [
        separator.join((o, d, f"{t:.2f}".replace(".", mark), f"{t * 3:.2f}".replace(".", mark)))
        for o, d, t in country(30)
    ]
    path = write(tmp_path, "\n".join(lines))
    whole.setattr(near_lines, "LARGE", 2**40)
    expected = outcome(path, period=period)
    whole.setattr(near_lines, "LARGE", 0)
    assert isinstance(expected, tuple)
    assert outcome(path, period=period) == expected


def test_most_lines_beyond_reach_are_left_out(tmp_path: Path, whole: pytest.MonkeyPatch) -> None:
    whole.setattr(near_lines, "LARGE", 0)
    file = open_file(write(tmp_path, metric(country(40))))
    assert isinstance(file, OpenedFile)
    assert near_lines.are_selectable(file)
    roles = detect_roles(file, {}, "off_peak")
    assert isinstance(roles, Roles)
    texts = list(near_lines.near_lines(file, roles, 20.0))
    near = sum(t <= 20 for _, _, t in country(40))
    assert sum(text.count(b"\n") - 1 for text, _ in texts) == near
    assert sum(left_out for _, left_out in texts) == 1600 - near
