"""Look-up, card, link and letter in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import expect

from apl_engine.aids.zone_aids import aids_of_zone
from apl_engine.explanation import explain
from apl_engine.reports.zoning_page import make_page
from apl_engine.scenarios.margins import distances

HOSTILE = (
    "<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>",
    'Zone"onfocus="alert(3)', "\u202egro.live", "{name}",
)  # fmt: skip


def option(page, number: int = 0):
    return page.locator("#found [role=option]").nth(number)


def test_a_commune_is_found_by_keys_alone(visit, pages):
    page = visit(pages.publication)
    page.locator("#query").press_sequentially("st bert")
    expect(option(page)).to_contain_text("Saint-Berthevin")
    field = page.locator("#query")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "found-0")
    expect(option(page)).to_have_attribute("aria-selected", "true")
    field.press("ArrowUp")
    expect(field).not_to_have_attribute("aria-activedescendant", "found-0")
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("Enter")
    expect(page.locator("#card-title")).to_have_text("Saint-Berthevin")
    expect(page.locator("#card-title")).to_be_focused()
    assert page.url.endswith("#53201")


@pytest.mark.parametrize(
    ("typed", "shown", "card"),
    [
        ("53000", "code postal 53000", "Laval"),
        ("53130", "code INSEE 53130", "Laval"),
        ("azé", "ancienne commune", "Château-Gontier-sur-Mayenne"),
        ("lavla", "Laval", "Laval"),
    ],
)
def test_a_place_is_chosen_by_a_click(visit, pages, typed, shown, card):
    page = visit(pages.publication)
    page.locator("#query").fill(typed)
    expect(option(page)).to_contain_text(shown)
    option(page).click()
    expect(page.locator("#card-title")).to_have_text(card)
    expect(page.locator("#found")).to_be_hidden()


def test_what_is_not_there_is_said(visit, pages):
    page = visit(pages.publication, fragment="#35238")
    expect(page.locator("#card")).to_contain_text("« 35238 »")
    page.locator("#query").fill("zzzzzz")
    expect(page.locator("#found")).to_contain_text("Rien de ce nom")
    page.locator("#query").press("Enter")
    expect(page.locator("#card-title")).to_have_count(0)


def test_a_link_opens_the_page_on_it_and_the_way_back(visit, pages):
    page = visit(pages.publication, fragment="#53130")
    title = page.locator("#card-title")
    expect(title).to_have_text("Laval")
    page.locator("#card .places button").first.click()
    expect(title).not_to_have_text("Laval")
    assert re.search(r"#territoire-\w+$", page.url)
    page.go_back()
    expect(title).to_have_text("Laval")
    page.go_forward()
    expect(title).not_to_have_text("Laval")
    page.evaluate("location.hash = '#53054'")
    expect(title).to_have_text("Changé")
    page.get_by_role("button", name="Fermer").click()
    expect(title).to_have_count(0)
    assert page.url.split("#")[1:] in ([], [""])


@pytest.mark.parametrize("fragment", ["#%3Cimg%20src%3Dx%3E", "#%", "#%E0%A4%A", "#constructor"])
def test_odd_links_are_shown_and_not_run(visit, pages, fragment):
    page = visit(pages.publication, fragment=fragment)
    expect(page.locator("#card .none")).to_contain_text("Le lien désigne")
    assert page.locator("#card img").count() == 0


def test_hostile_names_are_shown_and_not_run(visit, mayenne, tmp_path):
    zones = mayenne.publication
    names = list(HOSTILE) + zones.communes["name"].to_list()[len(HOSTILE) :]
    territory = zones.communes["territory"][0]
    changed = replace(
        zones,
        communes=zones.communes.with_columns(name=pl.Series(names)),
        territories=zones.territories.with_columns(
            territory_name=pl.when(territory=territory)
            .then(pl.lit(HOSTILE[0]))
            .otherwise("territory_name")
        ),
    )
    path = tmp_path / "hostile.html"
    path.write_text(make_page(changed), "utf-8")
    page = visit(path)
    page.on("dialog", lambda dialog: pytest.fail(f"a name was run: {dialog.message}"))
    for code, name in zip(zones.communes["commune"][: len(HOSTILE)], HOSTILE, strict=True):
        page.locator("#query").fill(code)
        assert option(page).locator("bdi").first.text_content() == name
        option(page).click()
        assert page.locator("#card-title").text_content() == name
        page.locator("[data-letter]").click()
        assert name in page.locator(".letter").text_content()
        page.get_by_role("button", name="Retour à la fiche").click()
    assert page.locator("img, #card script").count() == 0


def test_aids_are_those_of_the_day(visit, mayenne):
    zones = mayenne.publication
    row = zones.communes.filter(zone="sous_dotee").row(0, named=True)
    page = visit(mayenne.pages.publication, fragment=f"#{row['commune']}")
    for day in (date(2018, 2, 8), date(2023, 8, 25), date(2023, 8, 26), date(2026, 1, 1)):
        page.locator("#aids-day").fill(day.isoformat())
        page.locator("#aids-day").dispatch_event("change")
        aids = aids_of_zone(row["zone"], day)
        for measure in aids.measures:
            answer = page.locator(f"#card [data-measure={measure.measure}] strong").first
            expect(answer).to_have_text("oui" if measure.opens else "non")
        expect(page.locator("#card .aids [data-contract]")).to_have_count(len(aids.contracts))
    effect = page.locator("#card .effect")
    if "Données d'exemple" in page.locator("#notices").inner_text():
        # A zoning of fictitious practitioners is in force on no day.
        expect(effect).not_to_contain_text("2024")
        expect(page.locator("#card .example")).to_have_count(1)
    else:
        expect(effect).to_contain_text("depuis le 1er novembre 2024")
        page.locator("#aids-day").fill("2020-05-05")
        page.locator("#aids-day").dispatch_event("change")
        expect(effect).to_contain_text("qu'à partir du 1er novembre 2024")


def test_a_territory_leads_back_to_its_commune_and_to_the_search(visit, mayenne):
    zones = mayenne.publication
    shared = zones.territories.filter(pl.col("communes") > 1)["territory"].implode()
    code, name = zones.communes.filter(pl.col("territory").is_in(shared))["commune", "name"].row(0)
    page = visit(mayenne.pages.publication, fragment=f"#{code}")
    page.locator("#card section button.link").first.click()
    expect(page.locator("#card-title .level")).to_have_count(1)
    page.locator("[data-back]").click()
    expect(page.locator("#card-title")).to_have_text(name)
    expect(page.locator("#card-title .level")).to_have_count(0)
    # Of a file no link is copied, but what to look for in it.
    page.get_by_role("button", name="Copier le lien").click()
    copied = page.locator("#card .actions input")
    expect(copied).to_be_visible()
    text = copied.input_value()
    assert code in text
    assert name in text
    assert "file:" not in text
    page.locator("[data-search]").click()
    expect(page.locator("#query")).to_be_focused()


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext: install poppler-utils")
def test_a_printed_card_names_its_territory_and_those_around(visit, mayenne, tmp_path: Path):
    page = visit(mayenne.pages.publication, fragment="#53054")
    names = page.locator("#card button.link:not(.on-screen)").all_inner_texts()
    assert names
    path = tmp_path / "card.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    done = subprocess.run(
        ["pdftotext", str(path), "-"], capture_output=True, text=True, timeout=30, check=True
    )
    text = " ".join(done.stdout.split())
    for name in names:
        assert name in text


def test_a_publication_shows_no_other_figures(visit, mayenne):
    zones, exact = mayenne.publication, mayenne.exact
    row = zones.communes.filter(pl.col("apl").is_not_null()).row(3, named=True)
    page = visit(mayenne.pages.publication, fragment=f"#{row['commune']}")
    text = page.locator("#card").inner_text()
    own = zones.territories.row(by_predicate=pl.col("territory") == row["territory"], named=True)
    assert f"l'équivalent de {own['apl']:.0f} " in text
    true = exact.communes.row(by_predicate=pl.col("commune") == row["commune"], named=True)
    assert f"{true['apl']:.1f}".replace(".", ",") not in text
    assert "D'où vient l'offre" not in text
    # What is hidden is said where something is: a column that the page lacks is not.
    cells = page.locator("#card table td.number").all_inner_texts()
    assert ("« Non publié »" in text) == ("non publié" in cells)
    assert "–" in cells


def test_an_internal_page_has_suppliers_and_exact_margins(visit, mayenne):
    zones = mayenne.exact
    code = zones.communes.sort("population", descending=True)["commune"][0]
    page = visit(mayenne.pages.internal, fragment=f"#{code}")
    explained = explain(zones, code, readings=False)
    text = page.locator("#card").inner_text().replace("\u202f", " ").replace("\xa0", " ")
    assert explained.sum is not None
    for name, share in explained.sum.suppliers.head(5)["name", "share"].rows():
        assert name in text
        assert f"{max(round(share), 1)} %" in text
    for distance in distances(zones, explained.place.territory):
        label = next(one for one in zones.methodology.zoning.classes if one.id == distance.zone)
        if distance.apl is not None and f"« {label.label.lower()} » (" in text:
            assert f"{abs(distance.apl):.2f}".replace(".", ",") in text
    page.locator("[data-letter]").click()
    expect(page.locator(".letter")).to_contain_text("Document interne")


def test_the_card_follows_the_language(visit, pages):
    page = visit(pages.publication, fragment="#53130")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#card")).to_contain_text("full-time physiotherapists per 100,000")
    expect(page.locator(".search-label")).to_contain_text("postcode")
    expect(page.locator("#card-title")).to_have_text("Laval")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext: install poppler-utils")
def test_the_letter_is_a_page_of_its_own(visit, pages, tmp_path: Path):
    page = visit(pages.publication, fragment="#53054")
    page.locator("[data-letter]").click()
    path = tmp_path / "letter.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert done.stdout.count("\f") == 1
    text = " ".join(done.stdout.split())
    for part in (
        "À l'attention du maire", "Changé", "otre commune est", "annexe, V",
        "L. 1511-8 du code général des collectivités territoriales",
    ):  # fmt: skip
        assert part in text
    # Neither the map nor the search is on it.
    assert "Légende" not in text
    assert "code postal" not in text
