"""One request to the table service of an OSRM server, and what its answer says.

GET {url}/table/v1/driving/{lon,lat;...}?sources=..&destinations=..&annotations=duration
(project-osrm.org, HTTP API v1).
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ...errors import AplError, Fault, TravelServiceError

_RETRIED = (429, 500, 502, 503, 504)
_ADVICE = {
    "TooBig": "Ask for fewer points at once (a smaller largest table), or start osrm-routed with a "
    "larger --max-table-size",
    "NoSegment": "A point has no road near it on the server's map: does the map hold all of the "
    "communes?",
    "InvalidQuery": "Is it an OSRM server of version 5 or later, and the URL its root?",
    "InvalidUrl": "The URL may be too long for the server: ask for fewer points at once",
    "InvalidService": "The server offers no table service",
    "InvalidVersion": "The server speaks another version than v1",
}


@dataclass(frozen=True)
class Answer:
    """What came back for a table.

    Attributes
    ----------
    seconds : by source and destination; None where there is no route.
    snapped : by source, metres from the point to its road; None where not told.
    """

    seconds: list[list[float | None]]
    snapped: list[float | None]


def check_url(url: str) -> str:
    """Return the root of a server without a slash at its end; refuse what is no http URL."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise TravelServiceError(
            Fault(
                code="legacy.fault",
                table="output",
                details={"problem": f"{url!r} is no URL ({error}), such as {_EXAMPLE}"},
            )
        ) from error
    if parts.username or parts.password:
        raise TravelServiceError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": "The URL holds a user name or password, which is not supported"
                },
            )
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TravelServiceError(
            Fault(
                code="legacy.fault",
                table="output",
                details={"problem": f"{url!r} is no http or https URL, such as {_EXAMPLE}"},
            )
        )
    if parts.query or parts.fragment:
        raise TravelServiceError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": f"{url!r} goes on after its path: give the root, as {_EXAMPLE}"
                },
            )
        )
    return url.rstrip("/")


_EXAMPLE = "http://127.0.0.1:5000"


class TableService:
    """A server of tables, asked no faster than `rate` and again where it is busy.

    Parameters
    ----------
    url : its root, http or https.
    rate : requests a second at most; None for as fast as it answers.
    timeout : seconds to wait for it to connect, or to go on answering.
    retries : how often a request is made again after 429, 5xx, a timeout or a lost connection.
    backoff : seconds before the second retry; each later one waits twice as long. What the server
        says in Retry-After comes first.
    """

    def __init__(
        self, url: str, rate: float | None, timeout: float, retries: int, backoff: float
    ) -> None:
        urllib3 = _urllib3()
        self.url, self.timeout, self.rate = check_url(url), timeout, rate
        self._errors = urllib3.exceptions
        self._next = 0.0
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=timeout, read=timeout),
            retries=urllib3.Retry(
                total=retries,
                redirect=False,
                status_forcelist=_RETRIED,
                allowed_methods={"GET"},
                backoff_factor=backoff,
                raise_on_status=False,
                raise_on_redirect=False,
            ),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def table(self, sources: list[str], destinations: list[str]) -> Answer:
        """Ask for the times from each source to each destination, points as 'lon,lat'."""
        size, total = len(sources), len(sources) + len(destinations)
        target = (
            f"{self.url}/table/v1/driving/{';'.join([*sources, *destinations])}"
            f"?sources={_listed(range(size))}&destinations={_listed(range(size, total))}"
            "&annotations=duration"
        )
        self._wait()
        try:
            response = self._pool.request("GET", target)
            status, body = response.status, response.data
        except self._errors.HTTPError as error:
            raise TravelServiceError(
                Fault(
                    code="legacy.fault", table="output", details={"problem": self._unreached(error)}
                )
            ) from error
        return self._read(status, body, size, total - size)

    def _wait(self) -> None:
        """Keep to the rate."""
        if self.rate is None:
            return
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + 1 / self.rate

    def _unreached(self, error: Exception) -> str:
        reason = getattr(error, "reason", None) or error
        # First: it is a kind of timeout to urllib3.
        if isinstance(reason, self._errors.NewConnectionError | self._errors.NameResolutionError):
            return f"{self.url} cannot be reached. Is the server running there?"
        if isinstance(reason, self._errors.ConnectTimeoutError | self._errors.ReadTimeoutError):
            return (
                f"{self.url} did not answer within {self.timeout:g} seconds. Give it more time, or "
                "ask for fewer points at once"
            )
        return f"{self.url} broke off ({type(reason).__name__}). Is the server still running?"

    def _read(self, status: int, body: bytes, sources: int, destinations: int) -> Answer:
        """Return what an answer holds; refuse anything that is no table of the size asked for."""
        try:
            answer: Any = json.loads(body)
        except ValueError:
            answer = None
        code = answer.get("code") if isinstance(answer, dict) else None
        if not isinstance(code, str):
            raise TravelServiceError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={"problem": self._no_table(status, body)},
                )
            )
        if code == "NoTable":
            return Answer([[None] * destinations for _ in range(sources)], [None] * sources)
        if code != "Ok":
            message = str(answer.get("message", ""))[:200]
            advice = _ADVICE.get(code, f"It is what OSRM calls {code}")
            told = f" ({message})" if message else ""
            raise TravelServiceError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={"problem": f"{self.url} refused the table: {code}{told}. {advice}"},
                )
            )
        if status != 200:
            raise TravelServiceError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={"problem": self._no_table(status, body)},
                )
            )
        seconds = _matrix(answer.get("durations"), sources, destinations)
        if isinstance(seconds, str):
            raise TravelServiceError(
                Fault(
                    code="legacy.fault",
                    table="output",
                    details={
                        "problem": f"{self.url} answered with {seconds}. Is it an OSRM server of version 5 or later?"
                    },
                )
            )
        return Answer(seconds, _snapped(answer.get("sources"), sources))

    def _no_table(self, status: int, body: bytes) -> str:
        if status in _RETRIED:
            return (
                f"{self.url} answered {status} again and again. Ask it more slowly, or later"
                if status == 429
                else f"{self.url} answered {status} again and again: it is out of order"
            )
        shown = body[:60].decode("utf-8", "replace").strip()
        return (
            f"{self.url} answered {status} with what is no OSRM table: {shown!r}. Is the URL the "
            "root of an OSRM server?"
        )


def _listed(numbers: range) -> str:
    return ";".join(map(str, numbers))


def _matrix(given: Any, sources: int, destinations: int) -> list[list[float | None]] | str:
    """Return the durations, or what is wrong with them."""
    if not isinstance(given, list) or len(given) != sources:
        return f"no durations for {sources} origins"
    for row in given:
        if not isinstance(row, list) or len(row) != destinations:
            return f"a row of durations that are not those to {destinations} destinations"
        for value in row:
            if value is not None and not _is_length(value):
                return f"a duration that cannot be one, {value!r}"
    return given


def _is_length(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and value >= 0


def _snapped(given: Any, sources: int) -> list[float | None]:
    """Return how far points lie from their road; it is not essential, so oddities are no error."""
    if not isinstance(given, list) or len(given) != sources:
        return [None] * sources
    distances: list[Any] = [
        point.get("distance") if isinstance(point, dict) else None for point in given
    ]
    return [float(value) if _is_length(value) else None for value in distances]


def _urllib3() -> Any:
    """Import urllib3 only where it is needed: it is an extra."""
    try:
        import urllib3
    except ImportError as error:
        raise AplError(
            Fault(
                code="legacy.fault",
                table="output",
                details={
                    "problem": "Asking a server for travel times needs urllib3: pip install 'apl-engine[travel]'"
                },
            )
        ) from error
    return urllib3
