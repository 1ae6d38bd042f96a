"""An OSRM table service of straight roads, with faults on demand; and fetches from it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars as pl

from apl_engine.errors import AplError, Fault
from apl_engine.geography.osrm.fetch import FetchedTimes, fetch_osrm
from apl_engine.methodology import load_methodology

from .faults import faults_of

RULES = load_methodology("mk-2024")


class Server(ThreadingHTTPServer):
    """The service; `mode` names its fault."""

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
        """Ignore clients that close the connection."""


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
        if mode == "elsewhere":
            snapped = [{"distance": 8_471_800.0, "location": a} for a in sources]
        if mode == "one elsewhere":
            last = max(points)
            snapped = [{"distance": 8_471_800.0 if a == last else 3, "location": a}
                       for a in sources]  # fmt: skip
        if mode == "one point":
            rows = [[0.0 for _ in destinations] for _ in sources]
        if mode == "no snap":
            snapped = [{"location": a} for a in sources]
        if mode == "odd snap":
            snapped = "none"
        return {"code": "Ok", "durations": rows, "sources": snapped}


RAW = {
    "html": (200, b"<html>Welcome to nginx!</html>"),
    "array": (200, b"[]"),
    "not found": (404, b"nothing here"),
    "ok but 404": (404, b'{"code":"Ok"}'),
    "moved": (302, b""),
    "nan": (200, b'{"code":"Ok","durations":[[NaN]],"sources":[]}'),
}


@contextmanager
def running() -> Iterator[Server]:
    """Run a server in a thread."""
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.released.set()
        made.shutdown()
        thread.join()


def grid(size: int = 6, step: float = 0.02) -> pl.DataFrame:
    """Return communes on a square grid, `step` degrees apart."""
    rows = [
        (f"{1001 + n:05d}", 46 + step * (n % size), 5 + step * (n // size))
        for n in range(size * size)
    ]
    return pl.DataFrame(rows, schema=["commune", "lat", "lon"], orient="row")


def fetch(
    server: Server | str, communes: pl.DataFrame | None = None, **options: Any
) -> FetchedTimes:
    url = server if isinstance(server, str) else server.url
    given = {"rate": None, "timeout": 2.0, "retries": 2, "backoff": 0.0, **options}
    return fetch_osrm(grid() if communes is None else communes, url, RULES, **given)


def faults(error: type[AplError], server: Server | str, **options: Any) -> tuple[Fault, ...]:
    """Return the faults for which a fetch fails with this error."""
    return faults_of(lambda: fetch(server, **options), error)


def expected(communes: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Return the times of all pairs within 20 minutes, from the formula of the server."""
    rows = communes.select("commune", "lon", "lat").rows()
    times = {
        (a[0], b[0]): seconds((a[1], a[2]), (b[1], b[2])) / 60
        for a in rows for b in rows if a[0] != b[0]
    }  # fmt: skip
    return {pair: time for pair, time in times.items() if time <= 20}


def times(fetched: FetchedTimes) -> dict[tuple[str, str], float]:
    return {(a, b): m for a, b, m in fetched.travel_times.iter_rows()}


def notes(fetched: FetchedTimes) -> dict[str, Any]:
    return {note.code: note for note in fetched.notes}
