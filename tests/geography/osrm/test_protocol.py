"""Requests to a table service: refused URLs, wrong answers, lost connections."""

from __future__ import annotations

import socket
import sys

import pytest
from support.osrm_server import Server, expected, faults, fetch, grid, times

from apl_engine.errors import AplError, TravelServiceError, missing_library


@pytest.mark.parametrize("mode", ["busy once", "down once"])
def test_a_busy_server_is_asked_again(server: Server, mode: str) -> None:
    server.mode = mode
    assert times(fetch(server)) == pytest.approx(expected(grid()))
    assert len(server.targets) == 2


@pytest.mark.parametrize(
    ("mode", "kind", "details"),
    [
        ("busy", "too_many_requests", {"status": 429}),
        ("down", "out_of_order", {"status": 503}),
        ("html", "not_a_table", {"status": 200, "start": "<html>Welcome to nginx!</html>"}),
        ("array", "not_a_table", {"status": 200, "start": "[]"}),
        ("not found", "not_a_table", {"status": 404, "start": "nothing here"}),
        ("ok but 404", "not_a_table", {"status": 404}),
        ("moved", "not_a_table", {"status": 302, "start": ""}),
        ("nan", "incomplete_table", {"origins": 36, "destinations": 36}),
        ("negative", "invalid_duration", {"value": "-1"}),
        ("words", "invalid_duration", {"value": "'soon'"}),
        ("short row", "incomplete_table", {"origins": 36, "destinations": 36}),
        ("few rows", "incomplete_table", {"origins": 36, "destinations": 36}),
        ("NoSegment", "no_segment", {"answer": "NoSegment", "message": "so it is"}),
        ("InvalidQuery", "invalid_query", {"answer": "InvalidQuery", "message": "so it is"}),
        ("Unheard", "refused", {"answer": "Unheard", "message": "so it is"}),
    ],
)
def test_wrong_answers(server: Server, mode: str, kind: str, details: dict[str, object]) -> None:
    server.mode = mode
    wrong, progress = faults(TravelServiceError, server)
    assert (wrong.code, wrong.table) == (f"osrm.{kind}", server.url)
    assert details.items() <= wrong.details.items()
    assert progress.code == "osrm.interrupted_without_journal"
    assert (progress.details["done"], progress.details["blocks"]) == (0, 1)


def test_too_large_a_table(server: Server) -> None:
    server.limit = 50
    found = faults(TravelServiceError, server)[0]
    assert (found.code, found.details["answer"]) == ("osrm.too_big", "TooBig")


def test_a_slow_server(server: Server) -> None:
    server.mode = "slow"
    found = faults(TravelServiceError, server, timeout=0.1, retries=0)[0]
    assert (found.code, found.details) == ("osrm.timeout", {"seconds": 0.1})


def test_no_server() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    found = faults(TravelServiceError, url)[0]
    assert (found.code, found.table) == ("osrm.unreachable", url)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("ftp://127.0.0.1", "not_http"),
        ("file:///etc/passwd", "not_http"),
        ("127.0.0.1:5000", "not_http"),
        ("http://", "not_http"),
        ("http://[::1", "malformed_url"),
        ("http://127.0.0.1:port", "malformed_url"),
        ("http://127.0.0.1:5000/?a=1", "not_the_root"),
        ("http://me:secret@127.0.0.1", "url_with_credentials"),
        ("http://me:secret@127.0.0.1:port", "malformed_url"),
    ],
)
def test_other_urls_are_refused(url: str, kind: str) -> None:
    (found,) = faults(TravelServiceError, url)
    assert found.code == f"osrm.{kind}"
    assert found.values == ((url,) if kind.startswith("not_") else ())
    assert "secret" not in str(found)


def test_without_urllib3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "urllib3", None)
    (found,) = faults(AplError, "http://127.0.0.1:9")
    assert found.code == "dependency.missing"
    assert found.details == missing_library("urllib3", "travel")
