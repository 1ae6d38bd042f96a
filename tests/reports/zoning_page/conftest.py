"""Pages in a real browser, from the file itself; skipped where there is no Chromium."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.departements import write_departement

import apl_engine
from apl_engine.disclosure_control import publish
from apl_engine.reports.zoning_page import make_page
from apl_engine.results.write import write_result

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
# Root may not use the sandbox; the rest keeps the browser from asking for anything by itself.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
DAY = date(2026, 11, 29)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A browser without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: install Debian's package chromium, or set CHROMIUM to its path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def mayenne(tmp_path_factory) -> SimpleNamespace:
    """A result, its publication and their pages, made once for all workers.

    It has 240 communes in 31 territories; `publication` and `internal` are files.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "mayenne"
    with (shared / "mayenne.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = shared / "mayenne.draft"
            draft.mkdir()
            make_mayenne(draft)
            draft.rename(folder)
    return SimpleNamespace(
        exact=apl_engine.read_result(folder / "exact"),
        publication=apl_engine.read_result(folder / "public"),
        pages=SimpleNamespace(
            publication=folder / "publication.html", internal=folder / "internal.html"
        ),
        folder=folder,
    )


def make_mayenne(folder: Path) -> None:
    """Write tables, results and pages of one departement."""
    exact = apl_engine.run(write_departement(folder / "tables"))
    write_result(exact, folder / "exact")
    write_result(publish(exact), folder / "public")
    for name, result in {"publication": "public", "internal": "exact"}.items():
        zones = apl_engine.read_result(folder / result)
        page = make_page(zones, day=DAY, internal=name == "internal")
        (folder / f"{name}.html").write_text(page, "utf-8")


@pytest.fixture
def pages(mayenne) -> SimpleNamespace:
    """The files of the page of a publication, and of the internal page of the exact result."""
    return mayenne.pages


@pytest.fixture
def visit(browser):
    """Open a page of the file; what it logs and asks for is checked when the test ends."""
    faults, requests = [], []
    with contextlib.ExitStack() as stack:

        def opened(path: Path, *, fragment: str = "", width: int = 1280, height: int = 860,
                   lang: str = "fr-FR", **options: object):  # fmt: skip
            context = browser.new_context(
                viewport={"width": width, "height": height}, locale=lang, **options
            )
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("console", lambda message: message.type in ("error", "warning")
                    and faults.append(message.text))  # fmt: skip
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("request", lambda request: requests.append(request.url))
            page.goto(f"file://{path}{fragment}")
            page.locator("body[data-ready]").wait_for()
            return page

        yield opened
        assert faults == []
        assert {url.split(":")[0] for url in requests} <= {"file", "data", "blob"}
        assert all(url.startswith(("data:", "blob:")) or ".html" in url for url in requests)
