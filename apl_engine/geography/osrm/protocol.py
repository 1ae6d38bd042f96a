"""Requests to the table service of an OSRM server.

GET {url}/table/v1/driving/{lon,lat;...}?sources=..&destinations=..&annotations=duration
(project-osrm.org, HTTP API v1).
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
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


class TableService:
    """A server of tables.

    Parameters
    ----------
    url : str
        Its root, http or https.
    rate : float or None
        Requests a second at most; None for no limit.
    timeout : float
        Seconds to wait for it to connect, or to continue an answer.
    retries : int
        How often a request is repeated after 429, 5xx, a timeout or a lost connection.
    backoff : float
        Seconds before the second retry; each later one waits twice as long. What the server says
        in Retry-After takes precedence.

    Raises
    ------
    AplError
        urllib3 is not installed.
    """

    def __init__(
        self, url: str, rate: float | None, timeout: float, retries: int, backoff: float
    ) -> None:
        try:
            import urllib3
        except ImportError as error:
            details = missing_library("urllib3", "travel")
            raise AplError(Fault("dependency.missing", "osrm", details=details)) from error
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
        if self.rate is not None:
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + 1 / self.rate
        try:
            response = self._pool.request("GET", target)
            status, body = response.status, response.data
        except self._errors.HTTPError as error:
            raise self._unreached(error) from error
        return self._parse(status, body, size, total - size)

    def _error(self, code: str, **details: object) -> TravelServiceError:
        return TravelServiceError(Fault(code, self.url, details=details))

    def _unreached(self, error: Exception) -> TravelServiceError:
        reason = getattr(error, "reason", None) or error
        # First, because urllib3 derives it from timeouts.
        if isinstance(reason, self._errors.NewConnectionError | self._errors.NameResolutionError):
            return self._error("osrm.unreachable")
        if isinstance(reason, self._errors.ConnectTimeoutError | self._errors.ReadTimeoutError):
            return self._error("osrm.timeout", seconds=self.timeout)
        return self._error("osrm.connection_lost", reason=type(reason).__name__)

    def _parse(self, status: int, body: bytes, sources: int, destinations: int) -> Answer:
        """Return the table in an answer; refuse anything else."""
        try:
            answer: Any = json.loads(body)
        except ValueError:
            answer = None
        code = answer.get("code") if isinstance(answer, dict) else None
        if code == "NoTable":
            return Answer([[None] * destinations for _ in range(sources)], [None] * sources)
        if not isinstance(code, str) or (code == "Ok" and status != 200):
            busy = "osrm.too_many_requests" if status == 429 else "osrm.out_of_order"
            start = body[:60].decode("utf-8", "replace").strip()
            kind = busy if status in _RETRIED else "osrm.not_a_table"
            raise self._error(kind, status=status, start=start)
        if code != "Ok":
            message = str(answer.get("message", ""))[:200]
            kind = _REFUSALS.get(code, "osrm.refused")
            raise self._error(kind, answer=code, message=message)
        rows = answer.get("durations")
        if not _has_length(rows, sources) or not all(_has_length(r, destinations) for r in rows):
            raise self._error("osrm.incomplete_table", origins=sources, destinations=destinations)
        for value in itertools.chain.from_iterable(rows):
            if value is not None and not _is_measure(value):
                raise self._error("osrm.invalid_duration", value=repr(value)[:60])
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
    return number and math.isfinite(value) and value >= 0
