"""What the modules of the page are given, made without a page; and calls of these modules."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

from apl_engine.method import Zoning
from apl_engine.reports.zoning_page.workbench import margin_law, workbench_content
from apl_engine.results.lookup import region_names

from .node import node

SECONDS = 550
MODULES = Path(__file__).parents[1] / "reports" / "zoning_page" / "modules"


@contextmanager
def driver(name: str) -> Iterator[Callable[[object], Any]]:
    """Run a driver of `MODULES`; what it is asked and what it answers are lines of JSON."""
    process = subprocess.Popen(
        [node(), MODULES / name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    late = Timer(SECONDS, process.kill)
    late.start()
    assert process.stdin
    assert process.stdout

    def ask(data: object) -> Any:
        process.stdin.write(json.dumps(data) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    try:
        yield ask
    finally:
        late.cancel()
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


def model_of(zones: Zoning) -> dict[str, Any]:
    """Return the parts of the page's model that the workbench uses."""
    regions = [{"code": code, "name": name} for code, name in region_names(zones).items()]
    number = {one["code"]: place for place, one in enumerate(regions)}
    labels = {zone.id: zone.label for zone in zones.methodology.zoning.classes}
    classes = list(labels)
    rows = zones.territories.to_dicts()
    places = {row["territory"]: place for place, row in enumerate(rows)}
    return {
        "meta": {
            "regions": regions,
            "zones": [{"id": one, "label": label} for one, label in labels.items()],
            "law": {"margin": margin_law(zones)},
        },
        "territories": {
            "code": [row["territory"] for row in rows],
            "name": [row["territory_name"] for row in rows],
            "region": [number[row["region"]] for row in rows],
            "zone": [classes.index(row["zone"]) if row["zone"] else -1 for row in rows],
            "apl": [row["apl"] for row in rows],
            "population": [row["population"] for row in rows],
        },
        "communes": {
            "code": zones.communes["commune"].to_list(),
            "name": zones.communes["name"].to_list(),
            "population": zones.communes["population"].to_list(),
        },
        "units": {
            "territory": [places[code] for code in zones.communes["territory"]],
            "region": [number.get(code, -1) for code in zones.communes["region"]],
        },
        "workbench": workbench_content(zones),
    }  # fmt: skip
