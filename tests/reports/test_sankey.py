"""The diagram of flows between zones."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from support.compared import country
from support.full_runs import run_with_network
from support.tables import frames
from support.two_results import write_two_results

from apl_engine import compare, read_result, write_result
from apl_engine.reports.sankey import draw_flows, lay_out


def texts(path: Path) -> str:
    return " ".join(ET.parse(path).getroot().itertext())


def test_territories_without_a_zone_are_drawn(tmp_path: Path) -> None:
    empty = country()
    for row in empty["population"]:
        if row["commune"] in ("01003", "01004"):
            row["population"] = 0.0
    (one, network), (two, other) = (run_with_network(frames(world)) for world in (country(), empty))
    found = compare(one, two, networks=(network, other), population="first")
    bars, flows = lay_out(found, "without a zone")
    assert bars[1][-1].label == "without a zone"
    for side in bars:
        assert sum(bar.share for bar in side) == pytest.approx(1)
    assert sum(flow.share for flow in flows) == pytest.approx(1)
    draw_flows(found, tmp_path / "flows.png")
    assert (tmp_path / "flows.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_same_comparison_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = write_two_results(tmp_path / "results")
    found = compare(read_result(folder / "a"), read_result(folder / "b"))
    for name in ("one.svg", "two.svg"):
        draw_flows(found, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    shown = texts(tmp_path / "one.svg")
    for label in ("Très sous dotée", "Non prioritaire", "Change of zone:", "A: a"):
        assert label in shown


def test_a_long_name_is_shortened(tmp_path: Path) -> None:
    result, network = run_with_network(frames(country()))
    write_result(result, tmp_path / ("z" * 40))
    found = compare(tmp_path / ("z" * 40), result, networks=(network, network))
    draw_flows(found, tmp_path / "flows.svg")
    shown = texts(tmp_path / "flows.svg")
    assert "z" * 31 + "…" in shown
    assert "z" * 32 not in shown
