"""The workbench in a browser: moves, verdicts, files, drafts and keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner

from apl_engine.cli import main
from apl_engine.regional import regional_summary

REGION = "Pays de la Loire"


@pytest.fixture
def bench(visit, pages) -> Any:
    """The workbench of a region, in the page of an exact result."""
    page = visit(pages.internal)
    page.locator("#tab-workbench").click()
    page.locator("#bench-region").select_option(label=REGION)
    return page


def press(page: Any, place: int) -> None:
    page.locator("#bench-body tr").nth(place).locator(".bench-move button").click()


def moved(page: Any) -> list[str]:
    """Return the codes of the territories that move, in the order of the table."""
    return page.locator("#bench-body tr.bench-moved th .bench-code").all_inner_texts()


def verdicts(page: Any) -> dict[str, str]:
    rules = page.locator("#bench-rules tbody tr")
    return rules.evaluate_all(
        "rows => Object.fromEntries(rows.map(row => [row.dataset.rule, row.dataset.verdict]))"
    )


def fill_in(page: Any) -> None:
    for field in page.locator("#bench-moves textarea").all():
        field.fill('Fermeture « de la maternité »\n\\ 2023\t"')
    page.locator("#bench-date-concertation").fill("2024-05-14")
    page.locator("#bench-date-commission_paritaire_regionale").fill("2024-06-11")
    page.locator("#bench-export").focus()


def export(page: Any, path: Path) -> Path:
    with page.expect_download() as download:
        page.locator("#bench-export").click()
    assert download.value.suggested_filename == "proposition-52.toml"
    download.value.save_as(path)
    return path


def of_command(path: Path, folder: Path) -> tuple[int, dict[str, str]]:
    """Return the exit code of `apl region check`, and its verdict on each rule."""
    done = CliRunner().invoke(main, ["region", "check", str(path), str(folder / "exact"), "--json"])
    document = json.loads(done.stdout)
    return done.exit_code, {one["rule"]: one["verdict"] for one in document["findings"]}


def test_moves_past_the_limit_and_back(bench, mayenne, tmp_path) -> None:
    summary = regional_summary(mayenne.exact, "52")
    order = summary.additions["territory"].to_list()
    bench.locator("#bench-filter-additions").click()
    codes = bench.locator("#bench-body th .bench-code")
    assert codes.all_inner_texts() == order
    fitting = summary.additions.filter("within")["territory"].to_list()
    following = bench.locator("#bench-body tr:has(.bench-turn-next) th .bench-code")
    assert following.all_inner_texts() == fitting[:1]
    over = bench.locator("#gauge-up .gauge-over")
    count = 0
    while not over.count():
        press(bench, count)
        count += 1
    assert moved(bench) == order[:count]
    assert verdicts(bench)["margin_up"] == "broken"
    assert of_command(export(bench, tmp_path / "over.toml"), mayenne.folder) == (
        1, verdicts(bench),
    )  # fmt: skip
    bench.locator("#bench-undo").click()
    assert over.count() == 0
    assert verdicts(bench)["margin_up"] in ("ok", "not applicable")
    bench.locator("#bench-redo").click()
    assert over.count() == 1
    for _ in range(count):
        bench.locator("#bench-undo").click()
    assert moved(bench) == []
    assert bench.locator("#bench-undo").is_disabled()


def test_the_verdict_is_shown_before_the_move(bench) -> None:
    rows = bench.locator("#bench-body tr")
    last = rows.count() - 1
    for place in (0, 1, last):
        rows.nth(place).hover()
        told = bench.locator("#bench-preview .bench-broken").count()
        hint = rows.nth(place).locator(".bench-hint")
        expected = "bench-broken" in (hint.get_attribute("class") or "")
        press(bench, place)
        now = verdicts(bench)
        moves = ("attribution", "allowed_move", "order", "margin_up", "margin_down", "final_share")
        assert sum(now[rule] == "broken" for rule in moves) == told
        assert expected == bool(told)
        bench.locator("#bench-undo").click()


def test_a_chosen_territory_is_moved_beside_its_verdict(bench) -> None:
    row = bench.locator("#bench-body tr:has(.bench-turn-next)")
    code = row.locator("th .bench-code").inner_text()
    row.locator(".bench-name").click()
    bench.locator("#bench-undo").hover(force=True)
    assert "bench-chosen" in (row.get_attribute("class") or "")
    bench.locator("#bench-do").click()
    assert moved(bench) == [code]
    bench.keyboard.press("Enter")
    assert moved(bench) == []
    bench.locator("#bench-filter-locked").click()
    bench.locator("#bench-body .bench-name").first.click()
    bench.locator("#bench-undo").hover(force=True)
    assert "verrouillé" in bench.locator("#bench-preview").inner_text()
    assert bench.locator("#bench-do").count() == 0


def test_a_proposal_is_written_read_and_accepted(bench, mayenne, tmp_path) -> None:
    allowed = regional_summary(mayenne.exact, "52").additions.filter("within")["territory"]
    bench.locator("#bench-filter-additions").click()
    for code in allowed:
        bench.locator(
            f"#bench-body tr:has(.bench-code:text-is('{code}')) .bench-move button"
        ).click()
    assert verdicts(bench)["order"] == "ok"
    assert verdicts(bench)["justification"] == "broken"
    fill_in(bench)
    assert set(verdicts(bench).values()) <= {"ok", "not applicable"}
    path = export(bench, tmp_path / "proposal.toml")
    assert of_command(path, mayenne.folder) == (0, verdicts(bench))
    before = (moved(bench), verdicts(bench))
    bench.locator("#bench-clear").click()
    assert moved(bench) == []
    bench.locator("#bench-file").set_input_files(path)
    bench.locator("#bench-status", has_text="proposal.toml").wait_for()
    assert (moved(bench), verdicts(bench)) == before
    assert export(bench, tmp_path / "again.toml").read_bytes() == path.read_bytes()


def test_a_damaged_file_changes_nothing_and_is_explained(bench, tmp_path) -> None:
    press(bench, 0)
    before = moved(bench)
    path = tmp_path / "damaged.toml"
    path.write_text('region = "52"\nwhy = 1\n[[addition]]\nterritory = 3\n', "utf-8")
    bench.locator("#bench-file").set_input_files(path)
    faults = bench.locator("#bench-status li")
    faults.first.wait_for()
    assert [text.split("\xa0:")[0] for text in faults.all_inner_texts()] == [
        "ligne 2", "ligne 3", "ligne 4",
    ]  # fmt: skip
    path.write_bytes(b"\xff")
    bench.locator("#bench-file").set_input_files(path)
    bench.locator("#bench-status li", has_text="UTF-8").wait_for()
    assert moved(bench) == before


def test_a_draft_outlives_the_page_but_not_its_result(bench, mayenne) -> None:
    press(bench, 0)
    press(bench, 1)
    wanted = moved(bench)
    bench.reload()
    bench.locator("body[data-ready]").wait_for()
    bench.locator("#tab-workbench").click()
    bench.locator("#bench-region").select_option(label=REGION)
    assert moved(bench) == wanted
    keys = bench.evaluate("Object.keys(localStorage)")
    assert keys == [f"apl_engine/{mayenne.exact.record['sha256']}/52"]


def test_a_browser_that_keeps_nothing_is_no_obstacle(bench) -> None:
    bench.evaluate(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('none'); } })"
    )
    press(bench, 0)
    assert len(moved(bench)) == 1
    assert bench.locator("#bench-status").inner_text() != ""


def test_keys_alone_are_enough(visit, pages) -> None:
    page = visit(pages.internal)
    page.locator("#tab-map").focus()
    page.keyboard.press("ArrowRight")

    def reach(selector: str) -> None:
        for _ in range(60):
            if page.evaluate("one => document.activeElement.matches(one)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(selector)

    reach("#bench-region")
    page.keyboard.type("Pays")
    reach("#bench-body .bench-move button")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    described = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
    )
    assert described
    page.keyboard.press("Enter")
    assert len(moved(page)) == 1
    assert page.locator("#bench-spoken").inner_text() != ""
    # The focus stays on the button, and the same key takes the move back.
    page.keyboard.press("Enter")
    assert moved(page) == []
    page.keyboard.press("Control+z")
    assert len(moved(page)) == 1
    page.keyboard.press("Control+y")
    assert moved(page) == []
    page.keyboard.press("Control+z")
    reach("#bench-moves textarea")
    page.keyboard.type("Maternité")
    page.keyboard.press("Tab")
    assert verdicts(page)["justification"] == "ok"


def test_columns_sort_and_filters_count(bench) -> None:
    for column in ("name", "people", "apl"):
        heading = bench.locator(f"#bench-column-{column}")
        heading.locator("button").click()
        assert heading.get_attribute("aria-sort") == "ascending"
        first = bench.locator("#bench-body tr").first.inner_text()
        heading.locator("button").click()
        assert heading.get_attribute("aria-sort") == "descending"
        assert bench.locator("#bench-body tr").last.inner_text() == first
    for kind in ("additions", "removals", "locked", "all"):
        button = bench.locator(f"#bench-filter-{kind}")
        button.click()
        assert f"({bench.locator('#bench-body tr').count()})" in button.inner_text()
    bench.locator("#bench-name").fill("laval")
    assert {
        "laval" in one.lower() for one in bench.locator("#bench-body th").all_inner_texts()
    } == {True}


def test_tables_are_copied(bench) -> None:
    press(bench, 0)
    bench.locator("#bench-tables summary").click()
    bench.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bench.locator("#bench-copy-own").click()
    bench.locator("#bench-copied", has_text="copié").wait_for()
    lines = bench.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0].split("\t")[:3] == ["Code du territoire", "Territoire", "Zone"]
    assert any("\tajoutée\t" in line for line in lines)
    bench.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(1); }")
    bench.locator("#bench-copy-shares").click()
    bench.locator("#bench-text").wait_for()
    assert bench.locator("#bench-text").input_value().startswith("Zone\t")


def test_the_language_changes_and_the_draft_stays(bench) -> None:
    press(bench, 0)
    wanted = moved(bench)
    bench.locator("#languages button").click()
    assert bench.locator("#bench-undo").inner_text() == "Undo"
    assert moved(bench) == wanted


def test_a_publication_says_why_it_has_no_workbench(visit, pages) -> None:
    page = visit(pages.publication)
    page.locator("#tab-workbench").click()
    assert "apl page OUT --internal" in page.locator("#workbench").inner_text()
    assert page.locator("#bench-region").count() == 0


@pytest.mark.nightly
def test_nothing_bars_the_way_of_a_screen_reader(bench) -> None:
    for place in range(4):
        press(bench, place)
    bench.locator("#bench-body tr").nth(5).hover()
    for part in bench.locator("#workbench details > summary").all():
        part.click()
    found = Axe().run(bench, context="#workbench > *").response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
