"""Asking an OSRM server, against one of our own that speaks its protocol."""

from __future__ import annotations

import errno
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import polars as pl
import pytest

from apl_engine import AplError, InputDataError, OutputError, load_methodology
from apl_engine.geography.estimate.points import read_places
from apl_engine.geography.osrm.blocks import blocks_of, hilbert_order
from apl_engine.geography.osrm.fetch import Fetched, TravelServiceError, fetch_osrm
from apl_engine.geography.osrm.journal import Journal

RULES = load_methodology("mk-2024")


class Server(ThreadingHTTPServer):
    """An OSRM table service of straight roads, with faults on demand."""

    daemon_threads = True
    mode = ""
    limit = 100
    dies_after: int | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.targets: list[str] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that go away."""


def seconds(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return a duration that differs by direction."""
    east, north = b[0] - a[0], b[1] - a[1]
    return round(6000 * (abs(east) + abs(north)) + (30 if east > 0 else 0), 1)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        pass

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        server = self.server
        server.targets.append(self.path)
        asked = len(server.targets)
        if server.dies_after is not None and asked > server.dies_after:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if server.mode == "slow":
            server.released.wait(5)
            return
        if (server.mode == "busy once" and asked == 1) or server.mode == "busy":
            return self.send(429, b'{"message":"Too Many Requests"}', Retry_After="0")
        if server.mode == "down" or (server.mode == "down once" and asked == 1):
            return self.send(503, b"")
        if server.mode in RAW:
            return self.send(*RAW[server.mode])
        answer = self.answer()
        status = 200 if answer["code"] == "Ok" else 400
        self.send(status, json.dumps(answer).encode())

    def answer(self) -> dict[str, Any]:
        parts = urlsplit(self.path)
        empty, service, version, profile, given = parts.path.split("/")
        assert (empty, service, version, profile) == ("", "table", "v1", "driving")
        query = parse_qs(parts.query)
        assert query["annotations"] == ["duration"]
        points = [tuple(map(float, point.split(","))) for point in given.split(";")]
        if len(points) > self.server.limit:
            return {"code": "TooBig", "message": "Too many table coordinates"}
        mode = self.server.mode
        if mode in ("NoTable", "NoSegment", "InvalidQuery", "Unheard"):
            return {"code": mode, "message": "so it is"}
        sources, destinations = (
            [points[int(number)] for number in query[side][0].split(";")]
            for side in ("sources", "destinations")
        )
        rows: list[list[Any]] = [[seconds(a, b) for b in destinations] for a in sources]
        if mode == "no route":
            rows = [[None if a[0] > 5.05 else time for time in row]
                    for a, row in zip(sources, rows, strict=True)]  # fmt: skip
        if mode == "negative":
            rows[0][0] = -1
        if mode == "words":
            rows[0][0] = "soon"
        if mode == "short row":
            rows[0] = rows[0][1:]
        if mode == "few rows":
            rows = rows[1:]
        snapped: Any = [{"distance": 2500.4 if a[0] < 5.01 else 12, "location": a} for a in sources]
        if mode == "no snap":
            snapped = [{"location": a} for a in sources]
        if mode == "odd snap":
            snapped = "none"
        return {"code": "Ok", "durations": rows, "sources": snapped}


RAW = {
    "html": (200, b"<html>Welcome to nginx!</html>"),
    "array": (200, b"[]"),
    "not found": (404, b"nothing here"),
    "ok but 500": (404, b'{"code":"Ok"}'),
    "moved": (302, b""),
    "nan": (200, b'{"code":"Ok","durations":[[NaN]],"sources":[]}'),
}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.released.set()
        made.shutdown()
        thread.join()


def grid(size: int = 6, step: float = 0.02) -> pl.DataFrame:
    rows = [
        (f"{1001 + n:05d}", 46 + step * (n % size), 5 + step * (n // size))
        for n in range(size * size)
    ]
    return pl.DataFrame(rows, schema=["commune", "lat", "lon"], orient="row")


def fetch(server: Server | str, places: pl.DataFrame | None = None, **options: Any) -> Fetched:
    url = server if isinstance(server, str) else server.url
    given = {"rate": None, "timeout": 2.0, "retries": 2, "backoff": 0.0, **options}
    return fetch_osrm(grid() if places is None else places, url, RULES, **given)


def expected(places: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Return the times of all pairs within 20 minutes, from the formula of the server."""
    rows = places.select("commune", "lon", "lat").rows()
    times = {
        (a[0], b[0]): seconds((a[1], a[2]), (b[1], b[2])) / 60
        for a in rows for b in rows if a[0] != b[0]
    }  # fmt: skip
    return {pair: time for pair, time in times.items() if time <= 20}


def got(fetched: Fetched) -> dict[tuple[str, str], float]:
    return {(a, b): m for a, b, m in fetched.travel_times.iter_rows()}


def notes(fetched: Fetched) -> dict[str, Any]:
    return {note.code: note for note in fetched.notes}


# --- what comes back -----------------------------------------------------------------------------


@pytest.mark.parametrize("largest", [2, 7, 100])
def test_times_are_the_server_s_in_blocks_of_any_size(server: Server, largest: int) -> None:
    places = grid(4 if largest == 2 else 6)
    server.limit = largest
    fetched = fetch(server, places, largest_table=largest)
    assert got(fetched) == pytest.approx(expected(places))
    assert fetched.requests == fetched.blocks == len(server.targets)
    assert fetched.travel_times.schema == {
        "origin": pl.String, "destination": pl.String, "minutes": pl.Float64,
    }  # fmt: skip
    assert fetched.travel_times.equals(fetched.travel_times.sort("origin", "destination"))


def test_row_order_changes_nothing(server: Server) -> None:
    first = fetch(server, largest_table=10)
    again = fetch(server, grid().sample(fraction=1, shuffle=True, seed=4), largest_table=10)
    assert first.travel_times.equals(again.travel_times)
    half = len(server.targets) // 2
    assert server.targets[:half] == server.targets[half:]


def test_far_pairs_are_not_asked_for(server: Server) -> None:
    near = fetch(server, reach_km=2.5)
    distances = expected(grid())
    assert 0 < len(got(near)) < len(distances)
    assert "beyond_reach" not in notes(near)


def test_pairs_beyond_the_largest_time_are_counted(server: Server) -> None:
    wide = grid(4, 0.08)
    fetched = fetch(server, wide, reach_km=100)
    assert got(fetched) == pytest.approx(expected(wide))
    assert notes(fetched)["beyond_reach"].count == 16 * 15 - len(expected(wide))


def test_communes_far_from_a_road_are_named(server: Server) -> None:
    note = notes(fetch(server))["far_from_road"]
    assert note.warning
    assert note.count == 6
    assert note.examples[0] == "01001 (2.5 km)"


@pytest.mark.parametrize("mode", ["no snap", "odd snap"])
def test_a_server_that_tells_no_snapping_will_do(server: Server, mode: str) -> None:
    server.mode = mode
    assert "far_from_road" not in notes(fetch(server))


def test_pairs_without_a_route_are_counted_and_left_out(server: Server) -> None:
    server.mode = "no route"
    fetched = fetch(server)
    lost = notes(fetched)["no_route"]
    assert lost.count == 18 * 35
    assert lost.examples[0] == "01019-01001"
    assert set(fetched.travel_times["origin"]) == {f"{n:05d}" for n in range(1001, 1019)}


def test_no_table_is_no_route(server: Server) -> None:
    server.mode = "NoTable"
    fetched = fetch(server)
    assert fetched.travel_times.is_empty()
    assert notes(fetched)["no_route"].count == 36 * 35


def test_no_commune_needs_no_server() -> None:
    lonely = pl.DataFrame({"commune": ["01001"], "lat": [46.0], "lon": [5.0]})
    for places in (lonely, lonely.clear()):
        fetched = fetch("http://127.0.0.1:9", places)
        assert fetched.blocks == 0
        assert fetched.travel_times.is_empty()


def test_the_source_and_its_licence_are_told(server: Server) -> None:
    text = notes(fetch(server))["travel_times_from_osrm"].text
    assert server.url in text
    assert "ODbL" in text


def test_a_place_without_a_point_is_told(server: Server) -> None:
    places = grid().with_columns(lat=pl.when(pl.col("commune") != "01001").then("lat"))
    assert notes(fetch(server, places))["no_point"].examples == ("01001",)
    with pytest.raises(InputDataError, match="column 'lon': the column is missing"):
        fetch(server, grid().drop("lon"))


def test_progress_goes_to_the_end(server: Server) -> None:
    seen: list[tuple[int, int]] = []
    fetched = fetch(server, largest_table=10, on_progress=lambda *now: seen.append(now))
    assert seen == [(n + 1, fetched.blocks) for n in range(fetched.blocks)]


def test_the_rate_is_kept(server: Server) -> None:
    start = time.monotonic()
    fetched = fetch(server, grid(4), largest_table=10, rate=50.0)
    assert fetched.requests > 5
    assert time.monotonic() - start >= (fetched.requests - 1) / 50


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["busy once", "down once"])
def test_a_busy_server_is_asked_again(server: Server, mode: str) -> None:
    server.mode = mode
    assert got(fetch(server)) == pytest.approx(expected(grid()))
    assert len(server.targets) == 2


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("busy", "answered 429 again and again. Ask it more slowly"),
        ("down", "answered 503 again and again: it is out of order"),
        ("html", "answered 200 with what is no OSRM table: '<html>Welcome to nginx!</html>'"),
        ("array", "answered 200 with what is no OSRM table"),
        ("not found", "answered 404 with what is no OSRM table: 'nothing here'"),
        ("ok but 500", "answered 404 with what is no OSRM table"),
        ("moved", "answered 302"),
        ("nan", "no durations for 36 origins"),
        ("negative", "a duration that cannot be one, -1"),
        ("words", "a duration that cannot be one, 'soon'"),
        ("short row", "a row of durations that are not those to 36 destinations"),
        ("few rows", "no durations for 36 origins"),
        ("NoSegment", r"refused the table: NoSegment \(so it is\). A point has no road near it"),
        ("InvalidQuery", "refused the table: InvalidQuery .*OSRM server of version 5"),
        ("Unheard", "refused the table: Unheard .*It is what OSRM calls Unheard"),
    ],
)
def test_each_wrong_answer_has_its_words(server: Server, mode: str, words: str) -> None:
    server.mode = mode
    with pytest.raises(TravelServiceError, match=words) as caught:
        fetch(server)
    assert "0 of 1 blocks are done and lost: name a file to resume from" in str(caught.value)
    assert isinstance(caught.value, AplError)


def test_too_big_a_table_says_how_to_ask_for_less(server: Server) -> None:
    server.limit = 50
    words = r"TooBig \(Too many table coordinates\)\. .*smaller largest table.*--max-table-size"
    with pytest.raises(TravelServiceError, match=words):
        fetch(server)


def test_a_slow_server_says_how_long_was_waited(server: Server) -> None:
    server.mode = "slow"
    with pytest.raises(TravelServiceError, match=r"did not answer within 0\.1 seconds"):
        fetch(server, timeout=0.1, retries=0)


def test_no_server_says_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(TravelServiceError, match=f"{url} cannot be reached. Is the server running"):
        fetch(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://127.0.0.1", "'ftp://127.0.0.1' is no http or https URL"),
        ("file:///etc/passwd", "no http or https URL"),
        ("127.0.0.1:5000", "no http or https URL, such as http://127.0.0.1:5000"),
        ("http://", "no http or https URL"),
        ("http://[::1", "is no URL"),
        ("http://127.0.0.1:port", "is no URL"),
        ("http://127.0.0.1:5000/?a=1", "goes on after its path"),
        ("http://me:secret@127.0.0.1", "^The URL holds a user name or password"),
    ],
)
def test_other_urls_are_refused(url: str, words: str) -> None:
    with pytest.raises(TravelServiceError, match=words) as caught:
        fetch(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "option",
    [{"reach_km": 0.0}, {"largest_table": 1}, {"rate": 0.0}, {"timeout": 0.0}, {"retries": -1}],
)
def test_options_that_cannot_be_are_refused(option: dict[str, Any]) -> None:
    with pytest.raises(AplError, match=f"{next(iter(option))}: too small"):
        fetch("http://127.0.0.1:9", **option)


def test_without_urllib3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "urllib3", None)
    with pytest.raises(AplError, match=r"pip install 'apl-engine\[travel\]'"):
        fetch("http://127.0.0.1:9")


# --- going on after an interruption --------------------------------------------------------------


def interrupted(server: Server, journal: Path, after: int = 3) -> str:
    server.dies_after = after
    with pytest.raises(TravelServiceError) as caught:
        fetch(server, largest_table=10, resume=journal)
    server.dies_after = None
    server.targets.clear()
    return str(caught.value)


def test_a_server_that_dies_halfway_loses_nothing(server: Server, tmp_path: Path) -> None:
    journal = tmp_path / "times.journal"
    text = interrupted(server, journal)
    assert "broke off (" in text
    assert "3 of " in text
    assert f"kept in {journal}: the same command goes on from there" in text
    fetched = fetch(server, largest_table=10, resume=journal)
    assert got(fetched) == pytest.approx(expected(grid()))
    assert fetched.requests == fetched.blocks - 3 == len(server.targets)
    again = fetch(server, largest_table=10, resume=journal)
    assert again.requests == 0
    assert again.travel_times.equals(fetched.travel_times)
    assert notes(again)["far_from_road"] == notes(fetched)["far_from_road"]


def test_a_cut_last_line_is_healed(server: Server, tmp_path: Path) -> None:
    journal = tmp_path / "times.journal"
    interrupted(server, journal)
    journal.write_bytes(journal.read_bytes()[:-7])
    fetched = fetch(server, largest_table=10, resume=journal)
    assert fetched.requests == fetched.blocks - 2
    assert got(fetched) == pytest.approx(expected(grid()))
    assert notes(fetched)["journal_healed"].count == 1
    assert "journal_healed" not in notes(fetch(server, largest_table=10, resume=journal))


@pytest.mark.parametrize("length", [0, 30])
def test_a_journal_cut_in_its_first_line_begins_anew(
    server: Server, tmp_path: Path, length: int
) -> None:
    journal = tmp_path / "times.journal"
    interrupted(server, journal)
    journal.write_bytes(journal.read_bytes()[:length])
    fetched = fetch(server, largest_table=10, resume=journal)
    assert fetched.requests == fetched.blocks
    assert fetch(server, largest_table=10, resume=journal).requests == 0


@pytest.mark.parametrize(
    "other",
    [{"largest_table": 12}, {"reach_km": 9.0}, {"places": grid(5)}, {"places": grid(6, 0.021)}],
)
def test_a_journal_of_another_fetch_is_refused(
    server: Server, tmp_path: Path, other: dict[str, Any]
) -> None:
    journal = tmp_path / "times.journal"
    interrupted(server, journal)
    before = journal.read_bytes()
    with pytest.raises(TravelServiceError, match="begun for other communes, another server or"):
        fetch(server, **{"largest_table": 10, **other}, resume=journal)
    assert journal.read_bytes() == before


@pytest.mark.parametrize("content", [b"commune,lat\n01001,46\n", b"no line end", b'["format"]\n'])
def test_a_file_that_is_no_journal_is_left_alone(
    server: Server, tmp_path: Path, content: bytes
) -> None:
    journal = tmp_path / "communes.csv"
    journal.write_bytes(content)
    with pytest.raises(TravelServiceError, match=r"communes\.csv is no journal"):
        fetch(server, resume=journal)
    assert journal.read_bytes() == content


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "damaged in line 3"),
        (b'{"block":1,"seconds":["x"],"snapped":[]}', "damaged in line 3"),
        (b'{"block":1,"seconds":[1],"snapped":[1]}', "holds a block 1 that is not of this fetch"),
        (b'{"block":999,"seconds":[],"snapped":[]}', "holds a block 999 that is not of this fetch"),
    ],
)
def test_a_damaged_journal_is_refused(
    server: Server, tmp_path: Path, line: bytes, words: str
) -> None:
    journal = tmp_path / "times.journal"
    interrupted(server, journal)
    lines = journal.read_bytes().splitlines()
    lines[2] = line
    journal.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(TravelServiceError, match=words):
        fetch(server, largest_table=10, resume=journal)


def test_a_journal_that_cannot_be_written_says_so(server: Server, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot be used \(No such file or directory\)"):
        fetch(server, resume=tmp_path / "absent" / "times.journal")
    with pytest.raises(OutputError, match="is no plain file"):
        fetch(server, resume=tmp_path)


def test_a_disk_that_fills_up_says_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Journal, "_write", full)
    journal = tmp_path / "times.journal"
    with pytest.raises(OutputError, match=r"cannot be used \(No space left on device\)"):
        fetch(server, resume=journal)
    monkeypatch.undo()
    fetch(server, largest_table=10, resume=journal)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    monkeypatch.setattr(Journal, "_write", full)
    with pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"):
        fetch(server, largest_table=10, resume=journal)


# --- blocks --------------------------------------------------------------------------------------


def test_blocks_hold_every_near_pair_once() -> None:
    places = read_places(grid(9))
    blocks = blocks_of(places, 4.0, 16)
    seen = [
        (int(block.sources[a]), int(block.destinations[b]))
        for block in blocks
        for a, b in np.argwhere(block.wanted)
    ]
    assert len(seen) == len(set(seen))
    assert all(len(block.sources) + len(block.destinations) <= 16 for block in blocks)
    points = grid(9).select("lat", "lon").rows()
    near = {
        (a, b) for a in range(81) for b in range(81) if a != b
        and ((points[a][0] - points[b][0]) * 111.19) ** 2
        + ((points[a][1] - points[b][1]) * 77.2) ** 2 < 16
    }  # fmt: skip
    assert set(seen) == near


def test_the_curve_goes_from_neighbour_to_neighbour() -> None:
    places = read_places(grid(8, 1 / 7))
    points = np.stack([places.lat, places.lon], axis=1)[hilbert_order(places)]
    steps = np.abs(np.diff(points, axis=0)).sum(axis=1)
    assert steps.max() == pytest.approx(1 / 7)
