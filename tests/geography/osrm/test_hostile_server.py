"""A server of travel times that means harm: endless, dripping, delaying, writing to terminals."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from itertools import repeat
from pathlib import Path

import pytest
from support.command import apl
from support.osrm_server import expected, faults, fetch, grid, times

from apl_engine.errors import AplError, Fault, TravelServiceError
from apl_engine.geography.osrm.protocol import LONGEST_WAIT, largest_answer

HEAD = b"HTTP/1.1 200 OK\r\n"
LIMIT = largest_answer(36, 36)
# Far more than any of the short timeouts here, far less than what the servers would send.
SOON = 5.0


@contextmanager
def serving(*answers: Callable[[], Iterator[bytes]]) -> Iterator[tuple[str, list[int]]]:
    """Run a server that answers each connection with bytes, whatever it asks; the last one stays.

    Yields its address without a scheme, and how many bytes each connection took.
    """
    stop, sent = threading.Event(), []

    def answer(connection: socket.socket, parts: Iterator[bytes]) -> None:
        sent.append(0)
        number = len(sent) - 1
        with connection, suppress(OSError):
            connection.settimeout(0.2)
            with suppress(TimeoutError):
                connection.recv(65_536)
            connection.settimeout(10)
            for part in parts:
                if stop.is_set():
                    return
                connection.sendall(part)
                sent[number] += len(part)

    def accept() -> None:
        count = 0
        while not stop.is_set():
            with suppress(TimeoutError):
                connection, _ = listening.accept()
                parts = answers[min(count, len(answers) - 1)]()
                count += 1
                threading.Thread(target=answer, args=(connection, parts), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}", sent
        finally:
            stop.set()
            thread.join()


def whole(body: bytes, *headers: str, status: str = "200 OK") -> Callable[[], Iterator[bytes]]:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    content = "\r\n".join([*lines, "", ""]).encode() + body
    return lambda: iter([content])


def dripping(start: bytes, part: bytes) -> Callable[[], Iterator[bytes]]:
    """Send one part after the other for a minute, each well within any timeout."""

    def parts() -> Iterator[bytes]:
        yield start
        for _ in range(1200):
            time.sleep(0.05)
            yield part

    return parts


def endless(start: bytes, part: bytes) -> Callable[[], Iterator[bytes]]:
    def parts() -> Iterator[bytes]:
        yield start
        yield from repeat(part)

    return parts


def fault(url: str, **options: object) -> Fault:
    return faults(TravelServiceError, url, **{"retries": 0, **options})[0]


@pytest.mark.parametrize(
    ("scheme", "start", "part"),
    [
        ("http", b"", b"H"),
        ("http", HEAD, b"X-More: 1\r\n"),
        ("http", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("http", HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
        ("http", HEAD + b"Connection: close\r\n\r\n", b" "),
        ("http", HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        # A record of a handshake, which never ends.
        ("https", b"\x16\x03\x03\x40\x00", b"\x02"),
    ],
    ids=["status", "headers", "continue", "content", "no length", "chunks", "handshake"],
)
def test_a_server_that_drips_is_too_slow(scheme: str, start: bytes, part: bytes) -> None:
    with serving(dripping(start, part)) as (address, _):
        begun = time.monotonic()
        found = fault(f"{scheme}://{address}", timeout=0.5)
        assert time.monotonic() - begun < SOON
    assert (found.code, found.details) == ("osrm.timeout", {"seconds": 0.5})


def test_each_attempt_has_its_own_time() -> None:
    with serving(dripping(HEAD, b"X: 1\r\n")) as (address, sent):
        assert fault(f"http://{address}", timeout=0.3, retries=2).code == "osrm.timeout"
        assert len(sent) == 3


def test_an_answer_is_good_after_one_that_dripped() -> None:
    durations = [[0.0] * 36] * 36
    body = json.dumps({"code": "Ok", "durations": durations, "sources": []}).encode()
    with serving(dripping(HEAD, b"X: 1\r\n"), whole(body)) as (address, sent):
        # All times are 0: no road has that.
        assert fault(f"http://{address}", timeout=0.5, retries=1).code == "osrm.zero_times"
        assert len(sent) == 2


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"Connection: close\r\n\r\n",
        HEAD + b"Content-Length: 1000000000000\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n",
    ],
    ids=["no length", "length", "busy"],
)
def test_an_endless_answer_is_left(head: bytes) -> None:
    with serving(endless(head, b" " * 65_536)) as (address, sent):
        found = fault(f"http://{address}", timeout=30.0, retries=2)
        assert (found.code, found.details) == ("osrm.too_long", {"bytes": LIMIT})
        time.sleep(0.1)
        # What the system holds of a connection on its way comes on top. It is asked once.
        assert [count < LIMIT + 20_000_000 for count in sent] == [True]


def test_a_compressed_answer_is_not_expanded() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    with serving(whole(bomb, "Content-Encoding: gzip")) as (address, _):
        found = fault(f"http://{address}")
    assert found.code == "osrm.not_a_table"
    assert str(found.details["start"]).isprintable()


def test_the_largest_true_answer_is_within_the_limit() -> None:
    point = {"hint": "x" * 800, "name": "é" * 255, "location": [-179.123456, 89.123456],
             "distance": 1234567.123456789}  # fmt: skip
    for sides in ((1, 1), (50, 50), (500, 500)):
        rows = [[123456.123456789] * sides[1]] * sides[0]
        answer = {"code": "Ok", "durations": rows, "sources": [point] * sides[0],
                  "destinations": [point] * sides[1]}  # fmt: skip
        assert len(json.dumps(answer)) < largest_answer(*sides)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("121", 121.0), ("86400", 86_400.0), ("9" * 4000, 366 * 86_400.0)],
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Busy"])
def test_too_long_a_wait_is_not_waited(asked: str, seconds: float, status: str) -> None:
    with serving(whole(b"", f"Retry-After: {asked}", status=status)) as (address, sent):
        found = fault(f"http://{address}", retries=3)
        assert len(sent) == 1
    assert found.code == "osrm.asks_to_wait"
    assert found.details["seconds"] == seconds
    assert found.details["longest"] == LONGEST_WAIT


def test_a_date_to_wait_for_is_understood() -> None:
    date = formatdate(time.time() + 3600, usegmt=True)
    answer = whole(b"", f"Retry-After: {date}", status="429 Busy")
    with serving(answer) as (address, _):
        found = fault(f"http://{address}", retries=3)
    assert found.code == "osrm.asks_to_wait"
    assert 3500 < found.details["seconds"] <= 3600  # type: ignore[operator]


@pytest.mark.parametrize(
    "asked",
    ["soon", "-5", "9" * 20 + "s", "Sun, 99 Nov 2026 99:00:00 GMT", "\xb2", "1e9", "nan", ""],
)
def test_an_illegible_wait_is_as_none(asked: str) -> None:
    with serving(whole(b"", f"Retry-After: {asked}", status="429 Busy")) as (address, sent):
        begun = time.monotonic()
        assert fault(f"http://{address}", retries=1).code == "osrm.too_many_requests"
        assert time.monotonic() - begun < SOON
        assert len(sent) == 2


def test_a_wait_is_shown_before_it_is_waited() -> None:
    seen: list[float] = []
    with serving(whole(b"", "Retry-After: 1", status="503 Busy")) as (address, _):
        begun = time.monotonic()
        found = fault(f"http://{address}", retries=1, on_wait=seen.append)
        assert time.monotonic() - begun >= 1
    assert seen == [1.0]
    assert found.code == "osrm.out_of_order"


WILD = "\x1b]0;owned\x07\x1b[2J\r\n\x9b31m\x7f\u202e\u2028\ud800"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"code": "TooBig", "message": WILD}, "osrm.too_big"),
        ({"code": WILD * 1000, "message": "m" * 9000}, "osrm.refused"),
        ({"code": "Unheard", "message": {"a": WILD}}, "osrm.refused"),
        ({"code": "Ok", "durations": [[WILD] * 36] * 36}, "osrm.invalid_duration"),
        ({"code": "Ok", "durations": [[[WILD]] * 36] * 36}, "osrm.invalid_duration"),
        ({"code": "Ok", "durations": [[10**400] * 36] + [[0] * 36] * 35}, "osrm.invalid_duration"),
        ({"code": "Ok", "durations": [[1e300] * 36] * 36}, "osrm.invalid_duration"),
        ({"code": "Ok", "durations": WILD}, "osrm.incomplete_table"),
        ([WILD], "osrm.not_a_table"),
        (WILD.replace("\ud800", "").encode(), "osrm.not_a_table"),
        (b"\x1b[2J\xff\x00\x9b", "osrm.not_a_table"),
        (b"[" * 100_000, "osrm.not_a_table"),
        (b'{"code":' * 50_000, "osrm.not_a_table"),
    ],
    ids=range(13),
)
def test_what_a_server_says_never_reaches_the_terminal(
    answer: object, code: str, tmp_path: Path
) -> None:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    with serving(whole(body)) as (address, _):
        found = fault(f"http://{address}")
    assert found.code == code
    assert str(found).isprintable()
    assert len(str(found)) < 1000
    assert all(value.isprintable() for value in found.details.values() if isinstance(value, str))


@pytest.mark.slow
def test_the_command_prints_no_control_character(tmp_path: Path) -> None:
    grid().write_csv(tmp_path / "communes.csv")
    body = json.dumps({"code": WILD, "message": WILD}).encode()
    for folder, as_json in (("in", []), ("other", ["--json"])):
        with serving(whole(body)) as (address, _):
            done = apl(
                "travel-times", "osrm", "communes.csv", "--url", f"http://{address}", "-o", folder,
                *as_json, cwd=tmp_path,
            )  # fmt: skip
        assert done.returncode == 1
        printed = (done.stdout + done.stderr).replace("\n", "")
        assert printed.isprintable()
        assert "owned" in printed


def test_impossible_distances_to_roads_are_as_none() -> None:
    start, end = [[0.0, 300.0], [300.0, 0.0]], [{"distance": 10**400}, {"distance": 1e308}]
    answer = {"code": "Ok", "durations": start, "sources": end}
    with serving(whole(json.dumps(answer).encode())) as (address, _):
        fetched = fetch(f"http://{address}", grid().head(2))
    assert len(times(fetched)) == len(expected(grid().head(2)))
    assert [note.code for note in fetched.notes] == ["osrm.source"]


def test_a_negative_backoff_is_refused() -> None:
    (found,) = faults(AplError, "http://127.0.0.1:9", backoff=-1.0)
    assert (found.code, found.table) == ("argument.too_small", "backoff")
