"""Practitioners and consumption from prestations and the register, whole."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activity_files import (
    PEOPLE,
    RULES,
    SERVICES,
    TEXT,
    Row,
    entry,
    faults_of,
    fees,
    notes,
    practices,
    process_pool,
    read,
    read_files,
    read_text,
    service,
    write,
)

from apl_engine.readers.activity import aggregate, units
from apl_engine.readers.activity import read as module
from apl_engine.readers.activity.read import read_activity
from apl_engine.readers.activity.values import age_bands


def test_both_tables(tmp_path: Path) -> None:
    done = read(tmp_path, vintage=2021)
    assert practices(done) == [
        ("p1", "01001", 42, 5.0, 82.27, False),
        ("p1", "2A004", 42, 2.0, 32.26, False),
        ("p2", "75101", 65, 4.0, 0.3, False),
        ("p3", "01002", 42, 1.0, 16.13, True),
    ]
    assert done.tables["practitioners"].schema == {
        "practitioner_id": pl.String,
        "commune": pl.String,
        "age": pl.Int64,
        "acts": pl.Float64,
        "fees": pl.Float64,
        "newly_installed": pl.Boolean,
    }
    assert fees(done) == {"00-04": 50.01, "30-34": 32.36, "60-64": 16.13, "95+": 32.46}
    assert done.tables["consumption"]["age_band"].to_list() == [str(b) for b in age_bands(5)]
    assert (done.kind, done.vintage) == ("activity", 2021)
    assert "acts = acts" in done.recognised
    assert "register_id = practitioner_id" in done.recognised
    assert [stamp.name for stamp in done.stamps] == ["prestations.parquet", "register.parquet"]
    counts = {code: note.count for code, note in notes(done).items()}
    assert counts == {"empty_bands": 16, "months_missing": 11}


def independent(rows: list[Row]) -> tuple[dict[tuple[str, str], list[int]], dict[str, int]]:
    """Add up in whole cents, in plain Python."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    bands: dict[str, int] = defaultdict(int)
    for row in rows:
        cents = round(row["fees"] * 100)
        sums[row["practitioner_id"], row["commune"]][0] += row["acts"]
        sums[row["practitioner_id"], row["commune"]][1] += cents
        low = min(row["age"] // 5 * 5, 95)
        bands["95+" if low == 95 else f"{low:02d}-{low + 4:02d}"] += cents
    return sums, bands


DRAWN = st.builds(
    service,
    st.sampled_from(["p1", "p2", "p3"]),
    st.sampled_from(["01001", "01002", "2A004", "97105"]),
    age=st.integers(0, 130),
    acts=st.integers(1, 50),
    fees=st.integers(1, 10_000_000).map(lambda cents: cents / 100),
)


@settings(max_examples=10)
@given(
    rows=st.lists(DRAWN, min_size=1, max_size=30),
    seed=st.integers(0, 9),
    bytes_of_files=st.sampled_from([0, 5_000, 10**9]),
    bytes_of_rows=st.sampled_from([500, 10**9]),
    aside=st.sampled_from([1, 10**6]),
)
def test_exact_sums_for_any_order_split_and_units(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], seed: int,
    bytes_of_files: int, bytes_of_rows: int, aside: int,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("activity")
    prestations, register = write(folder / "p.parquet", rows), write(folder / "r.parquet", PEOPLE)
    done = read_activity([prestations], register, RULES)
    sums, bands = independent(rows)
    expected = {key: (float(acts), cents / 100) for key, (acts, cents) in sums.items()}
    assert {(row[0], row[1]): (row[3], row[4]) for row in practices(done)} == expected
    assert fees(done) == {band: cents / 100 for band, cents in bands.items() if cents}
    draw = random.Random(seed)
    mixed = draw.sample(rows, len(rows))
    split = folder / "split"
    split.mkdir()
    for k, part in enumerate([mixed[k::4] for k in range(4)]):
        # Files of the same rows would be copies of one another.
        frame = pl.DataFrame(part).with_columns(part=k)
        if part and draw.random() < 0.6:
            frame.write_parquet(split / f"{k}.parquet")
        elif part:
            frame.write_csv(split / f"{k}.csv")
    with (
        mock.patch.object(units, "BYTES_OF_FILES", bytes_of_files),
        mock.patch.object(units, "BYTES_OF_ROWS", bytes_of_rows),
        mock.patch.object(aggregate, "_MOST_ASIDE", aside),
    ):
        again = read_activity([split], register, RULES, executor=process_pool())
    for name, table in done.tables.items():
        assert again.tables[name].equals(table)
    alike = {code: note for code, note in notes(again).items() if code != "columns_unused"}
    assert alike == notes(done)


def test_against_duckdb(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    draw = random.Random(5)
    rows = [
        service(
            f"p{draw.randrange(1, 4)}",
            draw.choice(["01001", "69381"]),
            month=draw.choice([202112, 202201, 202212, 202301]),
            age=draw.randrange(101),
            fees=draw.randrange(100, 9_999) / 100,
        )
        for _ in range(5_000)
    ]
    done = read(tmp_path, rows)
    source = f"read_parquet('{tmp_path}/prestations.parquet') where month // 100 = 2022"
    money = "sum(fees::decimal(12, 2))::double"
    assert [row[:2] + row[3:5] for row in practices(done)] == duckdb.sql(
        f"select practitioner_id, commune, sum(acts)::double, {money} from {source} "
        "group by all order by all"
    ).fetchall()
    by_band = f"select least(age // 5, 19) as b, {money} from {source} group by b order by b"
    assert list(done.tables["consumption"]["fees"]) == [
        paid for _, paid in duckdb.sql(by_band).fetchall()
    ]
    outside = sum(row["month"] in (202112, 202301) for row in rows)
    assert notes(done)["other_years"].count == outside


def test_copies_of_a_file_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", SERVICES)
    (tmp_path / "copy.parquet").write_bytes(path.read_bytes())
    (fault,) = faults_of(read_files, tmp_path, "a.parquet", "copy.parquet")
    assert fault.code == "activity.same_file"
    assert fault.details["files"] == ("a.parquet", "copy.parquet")


def test_the_same_path_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", SERVICES)
    done = read_files(tmp_path, "a.parquet", "./a.parquet")
    assert practices(done) == practices(read(tmp_path))


def test_a_file_that_is_removed_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Path) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(module, "stamp_of", gone)
    files = [write(tmp_path / "p.parquet", SERVICES)], write(tmp_path / "r.parquet", PEOPLE)
    (fault,) = faults_of(read_activity, *files, RULES)
    assert fault.code == "activity.file_gone"


def test_another_year_is_that_of_ages_and_installations_too(tmp_path: Path) -> None:
    rows = [*SERVICES, service(month=202112)]
    done = read(tmp_path, rows, year=2021)
    assert done.year == done.as_dict()["year"] == 2021
    # A year younger than on the last day of 2022.
    assert practices(done)[0] == ("p1", "01001", 41, 2.0, 32.26, False)
    register = [{**PEOPLE[0], "installation_date": "2021-05-01"}, *PEOPLE[1:]]
    for year, new in ((2021, True), (2022, False)):
        made = read(tmp_path, rows, register, year=year)
        assert practices(made)[0][-1] == new
    (fault,) = faults_of(read, tmp_path, rows, year=2019)
    assert (fault.code, fault.details["years"]) == ("activity.no_row_of_year", (2021, 2022))


def test_faults_of_both_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    for people in ({"practitioner_id": "p1"}, {**PEOPLE[0], "birth_date": "soon"}):
        register = write(tmp_path / "r.parquet", [people])
        faults = faults_of(read_activity, [tmp_path / "empty.csv"], register, RULES)
        assert [fault.table for fault in faults] == ["empty.csv", "r.parquet"]


def test_nothing_private_in_faults_and_notes(tmp_path: Path) -> None:
    rows = [service("secret9", "Lyon", fees=4_321.98), service("p1", fees=None)]
    faults = faults_of(read, tmp_path, rows, [*PEOPLE, entry("secret9", "2010-01-01")])
    text = "".join(map(str, faults))
    assert all(word not in text for word in ("secret9", "p1", "Lyon", "4321", "4 321", "2010"))


@pytest.mark.parametrize("odd", ["\u200b", "\x0b", "\u2028", "\xad", "\u2060"])
@pytest.mark.parametrize("of", ["p1", "01001"])
def test_characters_that_cannot_be_seen(tmp_path: Path, of: str, odd: str) -> None:
    (fault,) = faults_of(read_text, tmp_path, TEXT.replace(of, of + odd, 1).encode())
    assert fault.code == "activity.invisible_characters"
    assert fault.column == ("practitioner_id" if of == "p1" else "commune")
    assert str(fault.details["characters"]).count(f"U+{ord(odd):04X}") == 1
    assert fault.values == ()


def test_characters_of_the_register_that_cannot_be_seen(tmp_path: Path) -> None:
    people = [entry("p\u200b1"), *PEOPLE[1:]]
    (fault,) = faults_of(read, tmp_path, people=people)
    assert (fault.code, fault.table) == ("activity.invisible_characters", "register.parquet")
    assert fault.rows == (1,)
