"""The national view, in a real browser: cuts moved by mouse, finger and keys; figures; files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import polars as pl

from apl_engine.columns import numbers
from apl_engine.method.zoning import contest_of
from apl_engine.reports.page import FRENCH

SPACES = re.compile("[\u00a0\u202f]")


def plain(text: str) -> str:
    """Return a text of the page with plain spaces."""
    return SPACES.sub(" ", text)


def national(visit, path, **options):
    page = visit(path, **options)
    page.locator("#tab-national").click()
    page.locator("#national h2").wait_for()
    return page


def changes_by_command(zones, shares: list[str]) -> dict[tuple[str, str], int]:
    """Count the territories by zone before and after, by the command's own ranking."""
    rules = zones.methodology
    cuts = [Fraction(share) for share in shares]
    own = [cut - below for cut, below in zip(cuts, [Fraction(0), *cuts], strict=False)]
    classes = rules.zoning.classes
    moved = (*(replace(one, share=s) for one, s in zip(classes, own, strict=False)), classes[-1])
    apl = numbers(zones.territories["apl"])
    zones_of = []
    for zoning in (rules.zoning, replace(rules.zoning, classes=moved)):
        contest = contest_of(zones.territories, replace(rules, zoning=zoning))
        zones_of.append(contest.zones(contest.rank(apl)))
    flows: dict[tuple[str, str], int] = {}
    for one, other in zip(*zones_of, strict=True):
        if one != other:
            key = (classes[one].label, classes[other].label)
            flows[key] = flows.get(key, 0) + 1
    return flows


def flows_shown(page) -> dict[tuple[str, str], str]:
    rows = page.locator(".flows tbody tr").all()
    return {
        tuple(row.locator("th").inner_text().split(" → ")): plain(
            row.locator("td").first.inner_text()
        )
        for row in rows
    }


def test_a_cut_moved_by_keys_changes_what_the_command_would(visit, mayenne):
    page = national(visit, mayenne.pages.internal)
    cut = page.locator(".cut-handle").nth(0)
    assert (cut.get_attribute("role"), cut.get_attribute("aria-valuenow")) == ("slider", "15")
    assert page.locator(".flows").count() == 0
    cut.focus()
    for key in ("PageUp",) * 6 + ("ArrowUp",) * 4 + ("ArrowDown",):
        page.keyboard.press(key)
    assert cut.get_attribute("aria-valuenow") == "21.3"
    page.locator(".cut-handle").nth(2).focus()
    page.keyboard.press("PageDown")
    expected = changes_by_command(mayenne.exact, ["21.3", "30", "69"])
    assert expected
    assert flows_shown(page) == {key: str(count) for key, count in expected.items()}
    total = sum(expected.values())
    assert f"{total} territoires (" in plain(page.locator(".cut-status").inner_text())
    page.locator(".cut-handle").nth(0).focus()
    page.keyboard.press("Escape")
    assert cut.get_attribute("aria-valuenow") == "15"
    page.get_by_role("button", name="Revenir aux seuils de la loi").click()
    assert page.locator(".flows").count() == 0
    assert page.locator(".cut-handle").nth(2).get_attribute("aria-valuenow") == "70"


def test_a_cut_is_dragged_by_mouse_and_finger_and_stays_between_its_neighbours(visit, pages):
    page = national(visit, pages.publication, has_touch=True)
    middle = page.locator(".cut-handle").nth(1)
    box = middle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 30, steps=3)
    page.mouse.up()
    raised = float(middle.get_attribute("aria-valuenow"))
    assert 34 < raised < 45
    assert page.evaluate("document.activeElement.className") == "cut-handle"
    # By finger, past the cut below.
    touch = page.context.new_cdp_session(page)
    y = middle.bounding_box()["y"] + box["height"] / 2
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x, "y": y + 40}]),
        ("touchMove", [{"x": x, "y": y + 300}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert middle.get_attribute("aria-valuenow") == "15.1"
    assert page.evaluate("window.scrollY + document.querySelector('#national').scrollTop") == 0


def test_published_figures_give_ranges_that_hold_the_truth(visit, mayenne):
    page = national(visit, mayenne.pages.publication)
    assert "arrondies" in page.locator("#national figcaption").first.inner_text()
    page.locator(".cut-handle").nth(1).focus()
    for _ in range(6):
        page.keyboard.press("PageUp")
    shown = flows_shown(page)
    assert any(" à " in count for count in shown.values())
    expected = changes_by_command(mayenne.exact, ["15", "36", "70"])
    for key, count in shown.items():
        bounds = [int(part) for part in count.split(" à ")]
        assert bounds[0] <= expected.pop(key, 0) <= bounds[-1]
    assert expected == {}


def test_article_vi_stands_beside_the_text(visit, mayenne):
    page = national(visit, mayenne.pages.publication)
    cells = plain(page.locator(".article tbody tr").first.inner_text()).split("\t")
    record = [row for row in mayenne.publication.record["article_vi"] if row["region"] == "52"]
    expected = ["Pays de la Loire"]
    for row in record:
        expected += [
            f"{FRENCH.write(row['share'], 1)} %", f"{FRENCH.write(row['published'], 1)} %",
            FRENCH.write(row["difference"], 1, sign=True),
        ]  # fmt: skip
    assert [cell.replace("−", "-") for cell in cells] == [
        plain(cell).replace("−", "-") for cell in expected
    ]


def test_charts_have_names_and_tables_with_their_figures(visit, mayenne):
    page = national(visit, mayenne.pages.publication)
    charts = page.locator("#national svg.chart").all()
    assert len(charts) == 3
    for chart in charts:
        ids = chart.get_attribute("aria-labelledby").split()
        assert chart.get_attribute("role") == "img"
        assert all(page.locator(f"#{one}").text_content() for one in ids)
    assert page.locator("#national figure details table").count() == 3
    page.locator("#national figure").nth(1).get_by_text("Voir le tableau").click()
    table = page.locator("#national figure").nth(1).locator("table")
    figures = re.findall(r"\t([\d ]+)", plain(table.locator("tbody").inner_text()))
    population = mayenne.publication.territories["population"].sum()
    assert sum(int(figure.replace(" ", "")) for figure in figures) == population


def test_figures_are_saved_as_csv_and_the_record_as_json(visit, mayenne, tmp_path):
    page = national(visit, mayenne.pages.internal)

    def saved(button) -> Path:
        with page.expect_download() as download:
            button.click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path

    curve = page.locator("#national figure").first
    french = saved(curve.get_by_role("button", name="CSV pour Excel"))
    assert french.read_bytes().startswith(b"\xef\xbb\xbfcode;territoire;")
    table = pl.read_csv(french, separator=";", decimal_comma=True, infer_schema_length=None)
    ranked = mayenne.exact.territories.filter(pl.col("rank").is_not_null()).sort("rank")
    assert table["code"].cast(pl.String).to_list() == [
        code.lstrip("0") if code.isdigit() else code for code in ranked["territory"]
    ]
    assert table["habitants"].to_list() == ranked["population"].to_list()
    plain_table = saved(curve.get_by_role("button", name="CSV standard")).read_text()
    assert plain_table.splitlines()[0].startswith("code,territoire,")
    record = saved(page.get_by_role("button", name="Télécharger l'enregistrement"))
    assert json.loads(record.read_text()) == mayenne.exact.record


def test_a_region_is_shown_beside_the_country(visit, pages):
    page = national(visit, pages.publication, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_label("Région montrée").select_option("Pays de la Loire")
    page.locator(".curve-own").wait_for()
    assert "Pays de la Loire" in page.locator("#national h2").inner_text()
    assert page.locator(".article .chosen").count() == 1
    page.locator("#languages button").click()
    assert page.get_by_label("Region shown").input_value() == "0"
    assert page.locator("#national h2").inner_text() == "The zones in figures – Pays de la Loire"
    assert page.locator(".curve-own").count() == 1
