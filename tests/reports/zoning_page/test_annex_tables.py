"""The tables that the workbench copies are those of the annex of the order."""

from __future__ import annotations

import random

import pytest
from support.drawn_regions import as_page_has_it, proposal, world
from support.page_models import driver, model_of

from apl_engine.regional.region import read_country
from apl_engine.reports.annex import make_annex


def test_tables_are_those_of_the_annex() -> None:
    draw = random.Random(3)
    with driver("annex_tables.mjs") as ask:
        for _ in range(8):
            zones = world(draw)
            made = proposal(draw, read_country(zones))
            annex = make_annex(zones, made.region, made, force=True)
            tables = ask({"model": model_of(zones), "proposal": as_page_has_it(made)})
            for name in ("own", "elsewhere", "foreign"):
                wanted = getattr(annex, name)
                assert tables[name]["columns"] == wanted.columns
                assert tables[name]["rows"] == [list(row) for row in wanted.iter_rows()]
            for row, wanted_row in zip(tables["shares"]["rows"], annex.shares, strict=True):
                assert row[0] == wanted_row[0]
                assert row[1:] == pytest.approx(wanted_row[1:], abs=1e-9)
            assert [row[:4] for row in tables["reasons"]["rows"]] == [
                [one.territory, one.name, one.move, one.population] for one in annex.reasons
            ]


def test_cells_are_no_formulas_and_stay_in_their_row() -> None:
    table = {
        "columns": ["a", "b"],
        "rows": [["=1+1", 1.5], ["x\ty\r\nz", -2], ["'@x", 0], ["-", 3]],
    }
    with driver("annex_tables.mjs") as ask:
        text = ask({"table": table})
    assert text == "a\tb\n'=1+1\t1,5\nx y z\t-2\n''@x\t0\n'-\t3\n"
