"""The journal of a fetch: resumed after interruptions, refused if it is of another fetch."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from support.osrm_server import Server, expected, faults, fetch, grid, notes, times

from apl_engine.errors import Fault, OutputError, TravelServiceError
from apl_engine.geography.osrm.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "times.journal"


def interrupt(server: Server, journal: Path, after: int = 3) -> tuple[Fault, ...]:
    """Fetch from a server that dies, and return the faults."""
    server.dies_after = after
    found = faults(TravelServiceError, server, largest_table=10, resume=journal)
    server.dies_after = None
    server.targets.clear()
    return found


def test_a_server_that_dies_loses_nothing(server: Server, journal: Path) -> None:
    lost, progress = interrupt(server, journal)
    assert lost.code == "osrm.connection_lost"
    assert progress.code == "osrm.interrupted"
    assert progress.details["done"] == 3
    assert progress.details["journal"] == str(journal)
    fetched = fetch(server, largest_table=10, resume=journal)
    assert progress.details["blocks"] == fetched.blocks
    assert times(fetched) == pytest.approx(expected(grid()))
    assert fetched.requests == fetched.blocks - 3 == len(server.targets)
    again = fetch(server, largest_table=10, resume=journal)
    assert again.requests == 0
    assert again.travel_times.equals(fetched.travel_times)
    assert again.notes == fetched.notes


def test_an_incomplete_last_line_is_dropped(server: Server, journal: Path) -> None:
    interrupt(server, journal)
    journal.write_bytes(journal.read_bytes()[:-7])
    fetched = fetch(server, largest_table=10, resume=journal)
    assert fetched.requests == fetched.blocks - 2
    assert times(fetched) == pytest.approx(expected(grid()))
    assert notes(fetched)["osrm.journal_cut"].count == 1
    assert "osrm.journal_cut" not in notes(fetch(server, largest_table=10, resume=journal))


@pytest.mark.parametrize("length", [0, 30])
def test_a_journal_cut_in_its_first_line_starts_again(
    server: Server, journal: Path, length: int
) -> None:
    interrupt(server, journal)
    journal.write_bytes(journal.read_bytes()[:length])
    fetched = fetch(server, largest_table=10, resume=journal)
    assert fetched.requests == fetched.blocks
    assert fetch(server, largest_table=10, resume=journal).requests == 0


@pytest.mark.parametrize(
    "other",
    [
        {"largest_table": 12},
        {"reach_km": 9.0},
        {"communes": grid(5)},
        {"communes": grid(6, 0.021)},
    ],
)
def test_a_journal_of_another_fetch_is_refused(
    server: Server, journal: Path, other: dict[str, Any]
) -> None:
    interrupt(server, journal)
    before = journal.read_bytes()
    options = {"largest_table": 10, **other}
    (found,) = faults(TravelServiceError, server, **options, resume=journal)
    assert (found.code, found.table) == ("osrm.other_journal", str(journal))
    assert journal.read_bytes() == before


@pytest.mark.parametrize("content", [b"commune,lat\n01001,46\n", b"no line end", b'["format"]\n'])
def test_a_file_that_is_no_journal_is_not_changed(
    server: Server, journal: Path, content: bytes
) -> None:
    journal.write_bytes(content)
    (found,) = faults(TravelServiceError, server, resume=journal)
    assert (found.code, found.table) == ("osrm.not_a_journal", str(journal))
    assert journal.read_bytes() == content


@pytest.mark.parametrize(
    ("line", "kind", "details"),
    [
        (b"{", "journal_damaged", {"line": 3}),
        (b'{"block":1,"seconds":["x"],"snapped":[]}', "journal_damaged", {"line": 3}),
        (b'{"block":1,"seconds":[1],"snapped":[1]}', "journal_of_other_blocks", {"block": 1}),
        (b'{"block":999,"seconds":[],"snapped":[]}', "journal_of_other_blocks", {"block": 999}),
    ],
)
def test_a_damaged_journal_is_refused(
    server: Server, journal: Path, line: bytes, kind: str, details: dict[str, int]
) -> None:
    interrupt(server, journal)
    lines = journal.read_bytes().splitlines()
    lines[2] = line
    journal.write_bytes(b"\n".join(lines) + b"\n")
    (found,) = faults(TravelServiceError, server, largest_table=10, resume=journal)
    assert (found.code, found.details) == (f"osrm.{kind}", details)


def test_a_journal_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "absent" / "times.journal"
    (found,) = faults(OutputError, server, resume=path)
    assert (found.code, found.table) == ("osrm.journal_unusable", str(path))
    assert found.details == {"reason": "No such file or directory"}
    (found,) = faults(OutputError, server, resume=tmp_path)
    assert found.code == "osrm.journal_not_a_file"


def test_a_full_disk(server: Server, journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def check() -> None:
        (found,) = faults(OutputError, server, largest_table=10, resume=journal)
        assert found.code == "osrm.journal_unusable"
        assert found.details == {"reason": "No space left on device"}

    monkeypatch.setattr(Journal, "_write", full)
    check()
    monkeypatch.undo()
    fetch(server, largest_table=10, resume=journal)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    monkeypatch.setattr(Journal, "_write", full)
    check()
