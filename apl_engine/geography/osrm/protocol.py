"""Requests to the table service of an OSRM server.

GET {url}/table/v1/driving/{lon,lat;...}?sources=..&destinations=..&annotations=duration
(project-osrm.org, HTTP API v1).
"""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from ...errors import AplError, Fault, TravelServiceError, missing_library

_RETRIED = (429, 500, 502, 503, 504)
_REFUSALS = {
    "TooBig": "osrm.too_big",
    "NoSegment": "osrm.no_segment",
    "InvalidQuery": "osrm.invalid_query",
    "InvalidUrl": "osrm.invalid_url",
    "InvalidService": "osrm.invalid_service",
    "InvalidVersion": "osrm.invalid_version",
}
# Seconds; a server that asks for a longer wait is left.
LONGEST_WAIT = 120.0
_A_DAY, _A_YEAR = 86_400.0, 366 * 86_400.0
# Bytes of an answer, of each duration, and of each point with its hint and the name of its road.
_FIXED, _PER_DURATION, _PER_POINT = 65_536, 32, 4096
# Seconds or metres: more than any trip on Earth, and no more than a double holds.
_LARGEST_MEASURE = 1e15


@dataclass(frozen=True)
class Answer:
    """A table of durations.

    Attributes
    ----------
    seconds : list of list of float or None
        By source and destination; None if there is no route.
    snapped : list of float or None
        Metres from each source to its road; None if not given.
    """

    seconds: list[list[float | None]]
    snapped: list[float | None]


def check_url(url: str) -> str:
    """Return the root of a server without a final slash.

    Parameters
    ----------
    url : str
        http or https, without user name, query or fragment.

    Returns
    -------
    str

    Raises
    ------
    TravelServiceError
        It is no such URL.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise TravelServiceError(Fault("osrm.malformed_url", "url")) from error
    if parts.username or parts.password:
        # The URL is not repeated: it holds a secret.
        raise TravelServiceError(Fault("osrm.url_with_credentials", "url"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TravelServiceError(Fault("osrm.not_http", "url", values=(url,)))
    if parts.query or parts.fragment:
        raise TravelServiceError(Fault("osrm.not_the_root", "url", values=(url,)))
    return url.rstrip("/")


def largest_answer(sources: int, destinations: int) -> int:
    """Return how many bytes the answer to a request can have.

    Parameters
    ----------
    sources, destinations : int

    Returns
    -------
    int
    """
    points = sources + destinations
    return _FIXED + _PER_DURATION * sources * destinations + _PER_POINT * points


class Deadline:
    """Breaks a connection off once a time is over, whatever it is waiting for.

    A timeout of a socket starts anew with each byte, so that a server which sends one at a time
    is never too slow.

    Parameters
    ----------
    seconds : float
        From when it is entered, as a context.

    Attributes
    ----------
    is_over : bool
        Whether the time was over since.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self.is_over = seconds, False
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._timer = threading.Timer(0, self._break_off)

    def watch(self, connection: socket.socket) -> None:
        """Take over a new connection from here on.

        Parameters
        ----------
        connection : socket.socket
        """
        # Its own handle, because TLS takes over that of the connection.
        with self._lock:
            self._close()
            self._connection = connection.dup()
        if self.is_over:
            self._break_off()

    def _break_off(self) -> None:
        with self._lock:
            self.is_over = True
            if self._connection is not None:
                with suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self.is_over = False
        self._timer = threading.Timer(self._seconds, self._break_off)
        self._timer.daemon = True
        self._timer.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._timer.cancel()
        self._timer.join()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Close the handle."""
        with self._lock:
            self._close()


def _watched_pools(deadline: Deadline) -> dict[str, Any]:
    """Return the classes of urllib3 by scheme, whose connections a deadline breaks off."""
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection

    def new_connection(connection: HTTPConnection) -> socket.socket:
        made = HTTPConnection._new_conn(connection)
        deadline.watch(made)
        return made

    def watched(pool: type, connection: type) -> type:
        own = type(connection.__name__, (connection,), {"_new_conn": new_connection})
        return type(pool.__name__, (pool,), {"ConnectionCls": own})

    return {
        "http": watched(HTTPConnectionPool, HTTPConnection),
        "https": watched(HTTPSConnectionPool, HTTPSConnection),
    }


class TableService:
    """A server of tables.

    It is not trusted: answers are read up to the size that their table can have, and each attempt
    ends with the timeout, however slowly the server sends.

    Parameters
    ----------
    url : str
        Its root, http or https.
    rate : float or None
        Requests a second at most; None for no limit.
    timeout : float
        Seconds for an attempt as a whole, from connecting to the end of the answer.
    retries : int
        How often a request is repeated after 429, 5xx, a timeout or a lost connection.
    backoff : float
        Seconds before the second retry; each later one waits twice as long. What the server says
        in Retry-After takes precedence, up to `LONGEST_WAIT`.
    on_wait : callable, optional
        Called with the seconds that the server asks to wait, before they are waited.

    Raises
    ------
    AplError
        urllib3 is not installed.
    """

    def __init__(
        self,
        url: str,
        rate: float | None,
        timeout: float,
        retries: int,
        backoff: float,
        on_wait: Callable[[float], None] | None = None,
    ) -> None:
        try:
            import urllib3
        except ImportError as error:
            details = missing_library("urllib3", "travel")
            raise AplError(Fault("dependency.missing", "osrm", details=details)) from error
        self.url, self.timeout, self.rate = check_url(url), min(timeout, _A_DAY), rate
        self._retries, self._backoff, self._on_wait = retries, backoff, on_wait
        self._errors = urllib3.exceptions
        self._next = 0.0
        self._deadline = Deadline(self.timeout)
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=self.timeout, read=self.timeout), retries=False
        )
        self._pool.pool_classes_by_scheme = _watched_pools(self._deadline)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()
        self._deadline.close()

    def table(self, sources: list[str], destinations: list[str]) -> Answer:
        """Request the times from each source to each destination.

        Parameters
        ----------
        sources, destinations : list of str
            Points as ``lon,lat``.

        Returns
        -------
        Answer

        Raises
        ------
        TravelServiceError
            The server cannot be reached, or its answer is no table of that size.
        """
        size, total = len(sources), len(sources) + len(destinations)
        target = (
            f"{self.url}/table/v1/driving/{';'.join([*sources, *destinations])}"
            f"?sources={_joined(range(size))}&destinations={_joined(range(size, total))}"
            "&annotations=duration"
        )
        limit = largest_answer(size, total - size)
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            if self.rate is not None:
                time.sleep(max(0.0, self._next - time.monotonic()))
                self._next = time.monotonic() + 1 / self.rate
            try:
                status, asked, body = self._get(target, limit)
            except self._errors.HTTPError as error:
                if last:
                    raise self._unreached(error) from error
                asked = None
            else:
                if asked is not None and asked > LONGEST_WAIT:
                    details = {"status": status, "seconds": asked, "longest": LONGEST_WAIT}
                    raise self._error("osrm.asks_to_wait", **details)
                if last or status not in _RETRIED:
                    break
            self._wait(asked, attempt)
        return self._parse(status, body, size, total - size)

    def _get(self, target: str, limit: int) -> tuple[int, float | None, bytes]:
        """Return the status, the seconds to wait if another attempt is welcome, and the content."""
        with self._deadline:
            try:
                response = self._pool.request(
                    "GET", target, redirect=False, preload_content=False, decode_content=False
                )
                body = b""
                try:
                    # A part of a shorter answer is an error only once nothing follows it.
                    while part := response.read(limit + 1 - len(body)):
                        body += part
                        if len(body) > limit:
                            raise self._error("osrm.too_long", bytes=limit)
                    response.release_conn()
                finally:
                    response.close()
            except self._errors.HTTPError as error:
                if self._deadline.is_over:
                    raise self._errors.TimeoutError from error
                raise
        # Without a length, an answer that was broken off ends like any other.
        if self._deadline.is_over:
            raise self._errors.TimeoutError
        return response.status, self._asked(response), body

    def _asked(self, response: Any) -> float | None:
        """Return the seconds that a busy server asks to wait, if it says so legibly."""
        given = response.headers.get("Retry-After")
        if response.status not in _RETRIED or given is None:
            return None
        if given.isascii() and given.isdigit():
            return float(min(int(given[:12]), _A_YEAR))
        with suppress(ValueError, TypeError, OverflowError, IndexError):
            seconds = parsedate_to_datetime(given).timestamp() - time.time()
            return min(max(0.0, seconds), _A_YEAR)
        return None

    def _wait(self, asked: float | None, attempt: int) -> None:
        """Wait before the next attempt."""
        if asked and self._on_wait:
            self._on_wait(asked)
        own = self._backoff * 2 ** min(attempt - 1, 20) if attempt else 0.0
        time.sleep(min(own, LONGEST_WAIT) if asked is None else asked)

    def _error(self, code: str, **details: object) -> TravelServiceError:
        return TravelServiceError(Fault(code, self.url, details=details))

    def _unreached(self, error: Exception) -> TravelServiceError:
        # First, because urllib3 derives it from timeouts.
        if isinstance(error, self._errors.NewConnectionError | self._errors.NameResolutionError):
            return self._error("osrm.unreachable")
        if isinstance(error, self._errors.TimeoutError):
            return self._error("osrm.timeout", seconds=self.timeout)
        return self._error("osrm.connection_lost", reason=type(error).__name__)

    def _parse(self, status: int, body: bytes, sources: int, destinations: int) -> Answer:
        """Return the table in an answer; refuse anything else."""
        try:
            answer: Any = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        code = answer.get("code") if isinstance(answer, dict) else None
        if code == "NoTable":
            return Answer([[None] * destinations for _ in range(sources)], [None] * sources)
        if not isinstance(code, str) or (code == "Ok" and status != 200):
            busy = "osrm.too_many_requests" if status == 429 else "osrm.out_of_order"
            start = _shown(body[:60].decode("utf-8", "replace").strip(), 60)
            kind = busy if status in _RETRIED else "osrm.not_a_table"
            raise self._error(kind, status=status, start=start)
        if code != "Ok":
            message = answer.get("message")
            message = _shown(message, 200) if isinstance(message, str) else ""
            kind = _REFUSALS.get(code, "osrm.refused")
            raise self._error(kind, answer=_shown(code, 60), message=message)
        rows = answer.get("durations")
        if not _has_length(rows, sources) or not all(_has_length(r, destinations) for r in rows):
            raise self._error("osrm.incomplete_table", origins=sources, destinations=destinations)
        for value in itertools.chain.from_iterable(rows):
            if value is not None and not _is_measure(value):
                is_one = isinstance(value, str | int | float)
                raise self._error(
                    "osrm.invalid_duration",
                    value=repr(value)[:60] if is_one else type(value).__name__,
                )
        # The distances to roads are not essential, so unexpected ones are no error.
        points = answer.get("sources")
        points = points if _has_length(points, sources) else [None] * sources
        given: list[Any] = [p.get("distance") if isinstance(p, dict) else None for p in points]
        return Answer(rows, [float(value) if _is_measure(value) else None for value in given])


def _joined(numbers: Iterable[int]) -> str:
    return ";".join(map(str, numbers))


def _has_length(value: Any, length: int) -> bool:
    return isinstance(value, list) and len(value) == length


def _is_measure(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # A whole number may be too large for any other comparison.
    return number and 0 <= value <= _LARGEST_MEASURE


def _shown(text: str, most: int) -> str:
    """Return the start of a text from a server with escapes for what a terminal would obey."""
    start = text[:most]
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in start)
