"""Time the map of the page in a browser beside others: first map, dragging, redrawing, memory.

    .venv/bin/python bench/page.py RESULT [--leaflet leaflet-1.9.4.tgz] [--page NAME=FILE ...]
                                   [--runs N] [--json FILE]

RESULT is a publication of France. Leaflet, of the npm registry, gets the same outlines and colours
on its canvas; `--page` adds a page that has the map's canvas first and sets `__times` or
`aplTimes`. Each page is opened anew in each run, in turn with the others, by Chromium without GPU
at 1400 x 900, at the speed of the processor and four times slower. Reading pixels makes a picture
be painted at once; it is what ends the time of a redraw.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

import apl_engine
from apl_engine.reports.boundaries import boundaries_of
from apl_engine.reports.colours import zone_colours
from apl_engine.reports.zoning_page import make_page
from apl_engine.results.read import StoredResult

VIEW = {"width": 1400, "height": 900}
FLAGS = ("--no-sandbox", "--disable-gpu", "--enable-precise-memory-info")
SLOWER = (1, 4)
DRAG_STEPS, REDRAWS = 60, 8
# What has been painted is read from a copy, so that the canvas itself stays as it was.
_READ = """const painted = () => {
  const canvas = document.querySelector("canvas");
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [1, 1];
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  pen.getImageData(0, 0, 1, 1);
};
"""
_OURS = 'document.querySelector("input[value=departement]").click();'
_PROTOTYPE = "__map.draw();"
_LEAFLET = "zones._renderer._clear(); zones._renderer._draw();"


@dataclass(frozen=True)
class Subject:
    """A page, what its times are called, and how it is made to draw its map anew."""

    name: str
    file: Path
    first: str
    ready: str
    redraw: str
    prepare: str = ""


def leaflet_page(zones: StoredResult, level: str, library: str, style: str) -> str:
    """Return a page of Leaflet with the outlines of a result, in kilometres."""
    placed = boundaries_of(zones).placed()
    territories = {code: i for i, code in enumerate(zones.territories["territory"])}
    territory = np.array([territories[code] for code in zones.communes["territory"]])
    group = territory if level == "territories" else np.arange(len(territory))
    colours = zone_colours(len(zones.methodology.zoning.classes))
    numbers = {zone.id: i for i, zone in enumerate(zones.methodology.zoning.classes)}
    table = zones.territories if level == "territories" else zones.communes
    outlines = [
        [[[[round(y / 1000, 2), round(x / 1000, 2)] for x, y in ring] for ring in polygon]
         for polygon in polygons]
        for polygons in placed.rings(group)
    ]  # fmt: skip
    fills = [colours[numbers[zone]] for zone in table["zone"]]
    return f"""<!doctype html><html><head><meta charset="utf-8"><style>{style}
html, body, #map {{ height: 100%; margin: 0 }}</style></head><body><div id="map"></div>
<script>{library}</script><script>
const outlines = {json.dumps(outlines)}, fills = {json.dumps(fills)};
const options = {{ crs: L.CRS.Simple, preferCanvas: true, zoomSnap: 0, minZoom: -9 }};
const map = L.map("map", options);
const zones = L.featureGroup(outlines.map((rings, i) => L.polygon(rings,
  {{ fillColor: fills[i], fillOpacity: 1, color: "#444", weight: 0.5 }})));
map.fitBounds(zones.getBounds());
zones.addTo(map);
zones._renderer = Object.values(zones._layers)[0]._renderer;
const times = {{}};
requestAnimationFrame(() => setTimeout(() => {{ times.first = times.ready = performance.now(); }}));
globalThis.__times = times;
</script></body></html>"""


def measure(browser: Browser, subject: Subject, slower: int) -> dict[str, float]:
    """Open a page and measure it."""
    context = browser.new_context(viewport=VIEW)  # type: ignore[arg-type]
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(f"file://{subject.file}")
    poll = f"(globalThis.__times ?? globalThis.aplTimes)?.{subject.ready} ?? null"
    while page.evaluate(poll) is None:
        page.wait_for_timeout(50)
    times = page.evaluate("globalThis.__times ?? globalThis.aplTimes")
    page.wait_for_timeout(500)
    if subject.prepare:
        page.evaluate(subject.prepare)
        page.wait_for_timeout(1000)
    memory = memory_of(browser, devtools)
    redraws = page.evaluate(
        f"""async () => {{ {_READ}
          const all = [];
          for (let i = 0; i < {REDRAWS}; i++) {{
            painted();
            const start = performance.now();
            {subject.redraw}
            painted();
            all.push(performance.now() - start);
            await new Promise((done) => setTimeout(done, 50));
          }}
          return all;
        }}"""
    )
    frames = dragged(page)
    context.close()
    return {
        "first map": times[subject.first], "all ready": times[subject.ready],
        "redraw": statistics.median(redraws), "drag frame": statistics.median(frames),
        "drag frame, 95 %": sorted(frames)[int(len(frames) * 0.95)], **memory,
    }  # fmt: skip


def dragged(page: Page) -> list[float]:
    """Drag the map with the mouse and return the milliseconds between frames."""
    page.evaluate(
        """() => {
          globalThis.frames_ = [];
          let last = performance.now();
          const next = (now) => {
            frames_.push(now - last);
            last = now;
            requestAnimationFrame(next);
          };
          requestAnimationFrame(next);
        }"""
    )
    x, y = VIEW["width"] * 0.45, VIEW["height"] * 0.5
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("frames_.length = 0")
    page.mouse.move(x - 150, y + 90, steps=DRAG_STEPS // 2)
    page.mouse.move(x + 30, y - 20, steps=DRAG_STEPS // 2)
    frames: list[float] = page.evaluate("frames_.slice(1)")
    page.mouse.up()
    return frames


def memory_of(browser: Browser, devtools: CDPSession) -> dict[str, float]:
    """Return the megabytes of the script's objects and those of its process."""
    devtools.send("HeapProfiler.collectGarbage")
    devtools.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
    whole = browser.new_browser_cdp_session()
    processes = whole.send("SystemInfo.getProcessInfo")["processInfo"]
    whole.detach()
    renderers = [p["id"] for p in processes if p["type"] == "renderer"]
    resident = [
        int(line.split()[1])
        for pid in renderers
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
        if line.startswith("Pss:")
    ]
    return {"heap MB": metrics["JSHeapUsedSize"] / 1e6, "process MB": max(resident) / 1e3}


def subjects(zones: StoredResult, folder: Path, arguments: argparse.Namespace) -> list[Subject]:
    """Write the pages and return them."""
    made = []
    communes = 'document.querySelector("input[value=communes]").click();'
    apl = communes + 'document.querySelector("input[value=apl]").click();'
    for name, with_communes, prepare in (
        ("page, territories", False, ""), ("page, communes", True, communes),
        ("page, APL of communes", True, apl),
    ):  # fmt: skip
        file = folder / f"{'communes' if with_communes else 'territories'}.html"
        if not file.exists():
            file.write_text(make_page(zones, communes=with_communes), "utf-8")
        made.append(Subject(name, file, "first", "ready", _OURS, prepare))
    for pair in arguments.page:
        name, _, file = pair.partition("=")
        modes = {"territories": "", "communes": "__map.set('commune'); __map.draw();"}
        for level, prepare in modes.items():
            made.append(
                Subject(
                    f"{name}, {level}", Path(file).resolve(), "first", "ready", _PROTOTYPE, prepare
                )
            )
    if arguments.leaflet:
        with tarfile.open(arguments.leaflet) as archive:
            library, style = (
                archive.extractfile(f"package/dist/{name}").read().decode()  # type: ignore[union-attr]
                for name in ("leaflet.js", "leaflet.css")
            )
        for level in ("territories", "communes"):
            file = folder / f"leaflet-{level}.html"
            file.write_text(leaflet_page(zones, level, library, style), "utf-8")
            made.append(Subject(f"Leaflet, {level}", file, "first", "ready", _LEAFLET))
    return made


def in_turn(works: list[Callable[[], dict[str, float]]], runs: int) -> list[list[dict[str, float]]]:
    """Run each work once in each round, and return what each measured."""
    measured: list[list[dict[str, float]]] = [[] for _ in works]
    for _ in range(runs):
        for own, work in zip(measured, works, strict=True):
            own.append(work())
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path)
    parser.add_argument("--leaflet", type=Path)
    parser.add_argument("--page", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--slower", type=int, nargs="*", default=SLOWER)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    zones = apl_engine.read_result(arguments.result)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    report: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        pages = subjects(zones, Path(name), arguments)
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for slower in arguments.slower:
            works = [partial(measure, browser, page, slower) for page in pages]
            for page, runs in zip(pages, in_turn(works, arguments.runs), strict=True):
                middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
                report.append({"page": page.name, "slower": slower, **middle})
                line = "  ".join(f"{key} {value:.0f}" for key, value in middle.items())
                print(f"{slower}x {page.name:24} {line}", flush=True)
        browser.close()
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1), "utf-8")


if __name__ == "__main__":
    main()
