"""Pairs of a matrix: codes repaired, dropped or refused; invalid times; repeated pairs."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.travel_times import (
    COMMUNES,
    PAIRS,
    WITHIN,
    Pairs,
    counts,
    fault,
    faults,
    metric,
    note,
    read,
    table,
    write,
)

from apl_engine.readers.travel_times import scan


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("-3", "negative_value"),
        ("abc", "not_a_number"),
        ("12 min", "not_a_number"),
        ("inf", "infinite"),
    ],
)
def test_invalid_times(tmp_path: Path, value: str, kind: str) -> None:
    found = fault(write(tmp_path, metric(PAIRS).replace("10.25;10.25", f"{value};7")))
    assert (found.code, found.table) == (f"distancier.{kind}", "d.csv")
    assert (found.column, found.count, found.rows) == ("duree", 1, (3,))
    assert found.values == ((value,) if value else ())


def test_all_faults_are_reported_with_their_first_rows(tmp_path: Path) -> None:
    bad = [("01001", "38001", "x")] * 5 + [("01001", "ABCDE", "3"), ("1E+05", "01001", "2")]
    lines = [*metric(PAIRS).splitlines(), *(";".join([*row, "3"]) for row in bad)]
    found = faults(write(tmp_path, "\n".join(lines)))
    assert [(each.code, each.column, each.count, each.rows) for each in found] == [
        ("distancier.not_a_number", "duree", 5, (6, 7, 8)),
        ("distancier.not_a_commune_code", "idSrc", 1, (12,)),
        ("distancier.not_a_commune_code", "idDst", 1, (11,)),
    ]
    assert [each.values for each in found] == [("x", "x", "x"), ("1E+05",), ("ABCDE",)]


def test_faults_of_parquet_have_rows_too(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"o": [1001, 12, 1001], "d": ["01002"] * 3, "minutes": [11.0, 12.0, float("inf")]}
    )
    frame.write_parquet(tmp_path / "d.parquet")
    found = faults(tmp_path / "d.parquet")
    assert [(each.code, each.column, each.count, each.rows, each.values) for each in found] == [
        ("distancier.infinite", "minutes", 1, (3,), ("inf",)),
        ("distancier.not_a_commune_code", "o", 1, (2,), ("12",)),
    ]


def test_two_columns_of_times_are_checked_apart(tmp_path: Path) -> None:
    rows = ["01001;01002;8;x", "01002;01001;-4;12", "01001;2A004;15;y", "01001;01001;1;1"]
    text = "\n".join(["idSrc;idDst;temps_hc;temps_hp", *rows])
    found = faults(write(tmp_path, text), period="max", unit="minutes")
    assert [(each.code, each.column, each.rows, each.values) for each in found] == [
        ("distancier.negative_value", "temps_hc", (2,), ("-4",)),
        ("distancier.not_a_number", "temps_hp", (1, 3), ("x", "y")),
    ]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("bad", ["1001", "1001.0", " 01001 ", '"01001"'])
def test_codes_are_repaired(tmp_path: Path, bad: str, known: bool) -> None:
    pairs = [(bad if o == "01001" else o.lower(), d, t) for o, d, t in PAIRS]
    found = read(write(tmp_path, metric(pairs)), communes=COMMUNES if known else None)
    assert table(found) == WITHIN
    repaired = note(found, "codes_repaired")
    assert repaired.warning
    assert "2a004" in repaired.examples


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("bad", ["1E+05", "001", "0100", "2C004", "Lyon", ""])
def test_invalid_codes(tmp_path: Path, bad: str, known: bool) -> None:
    path = write(tmp_path, metric(PAIRS).replace("02;01001", f"02;{bad}"))
    found = fault(path, communes=COMMUNES if known else None)
    kind = "not_a_commune_code" if bad else "no_value"
    assert (found.code, found.column) == (f"distancier.{kind}", "idDst")
    assert (found.count, found.rows) == (1, (3,))
    assert found.values == ((bad,) if bad else ())


def many(extra: Pairs) -> Pairs:
    codes = [f"38{k:03d}" for k in range(20)]
    return [(o, d, float(abs(i - j)))
            for i, o in enumerate(codes) for j, d in enumerate(codes)] + extra  # fmt: skip


def test_a_few_unknown_communes_are_dropped(tmp_path: Path) -> None:
    codes = pl.Series([f"38{k:03d}" for k in range(20)])
    path = write(tmp_path, metric(many([("60694", "38001", 5.0), ("38001", "85165", 50.0)])))
    found = read(path, communes=codes)
    assert len(table(found)) == 400
    unknown = note(found, "unknown_communes")
    assert unknown.warning
    assert unknown.examples == ("60694",)
    assert unknown.details == {"pairs": 1}


def test_many_unknown_communes_are_another_geography(tmp_path: Path) -> None:
    codes = pl.Series([f"38{k:03d}" for k in range(19)])
    found = fault(write(tmp_path, metric(many([]))), communes=codes)
    assert (found.code, found.values) == ("distancier.unknown_communes", ("38019",))
    assert found.details == {"codes": 1, "pairs": 39, "within": 400}


def test_repeated_pairs(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric([*PAIRS, PAIRS[1], PAIRS[1]])))
    assert table(found) == WITHIN
    assert counts(found)["repeated_pairs"] == 2
    assert note(found, "repeated_pairs").examples == ("01001-01002", "01001-01002")
    conflict = fault(write(tmp_path, metric([("01001", "01002", 11.5), *PAIRS])))
    assert (conflict.code, conflict.count) == ("distancier.conflicting_pairs", 1)
    assert conflict.values == ("01001-01002: 9.5, 11.5",)


@pytest.mark.parametrize("with_codes", [True, False])
def test_equal_rows_are_held_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_codes: bool
) -> None:
    """Whatever repeats: the same table and counts as when all rows are held."""
    long_own = ("01009", "01009", 500.0)
    rows = [*PAIRS, long_own, PAIRS[1], PAIRS[1], *[PAIRS[0]] * 5, long_own, long_own] * 8_000
    path = write(tmp_path, metric(rows))
    codes = pl.Series(sorted({code for row in rows for code in row[:2]}))
    known = {"communes": codes} if with_codes else {}
    whole = read(path, **known)
    held: list[int] = []
    fold = scan.Scan._fold

    def folded(self: scan.Scan) -> None:
        fold(self)
        held.append(sum(frame.height for frame in self.pairs))

    monkeypatch.setattr(scan.Scan, "_fold", folded)
    monkeypatch.setattr(scan, "_MOST_ROWS", 1000)
    monkeypatch.setattr(scan, "_CHUNK_ROWS", 2**12)
    bounded = read(path, **known)
    assert held
    assert max(held) <= len(set(rows))
    assert table(bounded) == table(whole)
    assert counts(bounded) == counts(whole)
    assert set(note(bounded, "repeated_pairs").examples) <= {f"{o}-{d}" for o, d, _ in rows}


def test_two_times_of_a_pair_are_found_among_equal_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_CHUNK_ROWS", 64)
    monkeypatch.setattr(scan, "_MOST_ROWS", 100)
    rows = [*PAIRS * 300, ("01001", "01002", 11.5)]
    conflict = fault(write(tmp_path, metric(rows)))
    assert conflict.code == "distancier.conflicting_pairs"
    assert conflict.values == ("01001-01002: 9.5, 11.5",)
