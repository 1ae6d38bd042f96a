"""Practitioners of one file and not of the other, codes of communes, negative rows."""

from __future__ import annotations

from pathlib import Path

from support.activity_files import entry, faults_of, fees, notes, practices, read, service


def test_negative_rows_cancel(tmp_path: Path) -> None:
    rows = [
        service(fees=50.0, acts=4),
        service(fees=-20.0, acts=-1),
        service("p2", "01001", fees=-5.0, acts=1),
        service("p2", "01002", fees=5.0, acts=1),
        service("p2", "01002", fees=-5.0, acts=-1),
        service("p2", "01003", fees=-1.0, acts=-1),
    ]
    done = read(tmp_path, rows)
    assert [row[:2] + row[3:5] for row in practices(done)] == [
        ("p1", "01001", 3.0, 30.0),
        ("p2", "01001", 1.0, 0.0),
    ]
    assert notes(done)["negative_practices"].count == 2
    assert notes(done)["empty_practices"].count == 2
    (fault,) = faults_of(read, tmp_path, [service(), service(age=3, fees=-1.0)])
    assert (fault.code, fault.details["bands"]) == ("activity.negative_band", ("00-04",))


def test_codes_of_communes(tmp_path: Path) -> None:
    rows = [service(commune=c) for c in ("01001", "1001", " 01001", "2a004", "2A004")]
    done = read(tmp_path, rows)
    assert [row[1:2] + row[3:4] for row in practices(done)] == [("01001", 6.0), ("2A004", 4.0)]
    note = notes(done)["codes_repaired"]
    assert (note.count, note.examples) == (2, ("1001", "2a004"))
    rows = [{**row, "commune": 1001} for row in rows]
    assert practices(read(tmp_path, rows))[0][1] == "01001"
    rows = [service(), service(commune="Lyon"), service(commune=None), service(commune="")]
    missing, wrong = faults_of(read, tmp_path, rows)
    assert (missing.code, missing.count) == ("activity.no_commune", 2)
    assert (missing.table, missing.rows) == ("prestations.parquet", (3, 4))
    assert (wrong.code, wrong.count, wrong.rows) == ("activity.not_a_commune", 1, (2,))
    assert wrong.values == ()


def test_rows_without_a_practitioner(tmp_path: Path) -> None:
    (fault,) = faults_of(read, tmp_path, [service(), service(" "), service(None)])
    assert (fault.code, fault.count) == ("activity.no_practitioner", 2)


def test_practitioners_who_are_not_in_the_register(tmp_path: Path) -> None:
    rows = [service(fees=30.0), service("p9", fees=10.0, acts=1_234)]
    done = read(tmp_path, rows)
    assert [row[0] for row in practices(done)] == ["p1"]
    note = notes(done)["not_in_register"]
    assert (note.count, note.examples) == (1, ())
    assert note.details == {"acts": 1_234, "share": 25.0}
    assert fees(done) == {"30-34": 40.0}
    (fault,) = faults_of(read, tmp_path, [service("007")], [entry("7")])
    assert fault.code == "activity.nobody_in_register"


def test_practitioners_without_activity(tmp_path: Path) -> None:
    people = [
        entry("p1"),
        entry("p2"),
        entry("p3", since="2022-01-01", commune="1004"),
        entry("p4", since="2022-12-31", commune=None),
        entry("p5", since="2023-01-01", commune="01005"),
    ]
    done = read(tmp_path, [service()], people)
    assert practices(done) == [
        ("p1", "01001", 42, 2.0, 32.26, False),
        ("p3", "01004", 42, 0.0, 0.0, True),
    ]
    assert notes(done)["new_without_activity"].count == 1
    assert notes(done)["new_without_commune"].count == 1
    assert notes(done)["without_activity"].count == 2
    assert notes(done)["codes_repaired"].details == {"table": "register"}


def test_practices_in_overseas_collectivities(tmp_path: Path) -> None:
    people = [entry("p1"), entry("p2"), entry("p3", since="2022-05-01", commune="98735")]
    rows = [service(), service("p1", "97801", acts=70), service("p2", "97127", acts=30)]
    done = read(tmp_path, rows, people)
    assert [row[:2] for row in practices(done)] == [("p1", rows[0]["commune"])]
    note = notes(done)["overseas_practices"]
    assert (note.count, note.details, note.examples) == (3, {"acts": 100}, ())
    assert "without_activity" not in notes(done)
