"""Every view for everybody: by keys, by a screen reader, in both languages, small and on paper."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from apl_engine.reports.zoning_page.texts import texts

VIEWS = ("map", "workbench", "national")
# What is visible, in words: text, and what stands for a name or is shown in its place.
WORDS = """
() => {
  const own = document.documentElement.lang;
  const found = new Set();
  const add = (text) => text && text.trim() && found.add(text.trim().replace(/\\s+/g, " "));
  const walk = (element) => {
    const style = getComputedStyle(element);
    if (style.display === "none" || style.visibility === "hidden") return;
    if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName)) return;
    if (element.lang && element.lang !== own) return;
    for (const name of ["aria-label", "title", "placeholder", "aria-valuetext"]) {
      add(element.getAttribute(name));
    }
    for (const child of element.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) add(child.textContent);
      else if (child.nodeType === Node.ELEMENT_NODE) walk(child);
    }
  };
  walk(document.body);
  return [...found];
}
"""
# Controls whose edge or ground does not stand out from what is around them.
FAINT_CONTROLS = """
() => {
  const light = (channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const clear = (colour) => parts(colour)[3] === 0;
  const luminance = (colour) => {
    const [r, g, b] = parts(colour).map(light);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [a, b] = [luminance(one), luminance(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!clear(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const faint = [];
  const controls = "button, select, textarea, input, [role=slider]";
  for (const control of document.querySelectorAll(controls)) {
    if (!control.checkVisibility() || control.disabled) continue;
    if (["checkbox", "radio", "range", "file"].includes(control.type)) continue;
    const style = getComputedStyle(control);
    const around = ground(control.parentElement);
    const edge = parseFloat(style.borderTopWidth) ? contrast(style.borderTopColor, around) : 0;
    const within = contrast(ground(control), around);
    const asText = style.textDecorationLine.includes("underline");
    if (Math.max(edge, within) < 3 && !asText) {
      faint.push(`${control.outerHTML.slice(0, 120)} ${Math.max(edge, within).toFixed(2)}`);
    }
  }
  return faint;
}
"""
FOCUSED = """
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const before = window.lastFocused;
  // A field for a date has several stops within, which the browser marks.
  const same = before === element;
  const later = !before || same || before.compareDocumentPosition(element) & 4;
  window.lastFocused = element;
  return {
    html: element.outerHTML.slice(0, 100),
    later: Boolean(later),
    seen: box.width > 0 && box.height > 0,
    marked: same || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
    name: (element.getAttribute("aria-label") || element.textContent || element.title ||
      element.labels?.[0]?.textContent || element.getAttribute("aria-labelledby") || "").trim(),
  };
}
"""
# Words of one language that the other does not have; none is part of a name in the data.
FRENCH = {
    "est", "sont", "dans", "pour", "avec", "une", "aux", "cette", "par", "vers", "ni", "ceux",
    "chaque", "selon",
}  # fmt: skip
ENGLISH = {
    "the", "of", "and", "is", "are", "with", "not", "by", "this", "that", "which", "where",
    "from", "to",
}  # fmt: skip


def opened(visit, path, view, **options):
    """Open a view with all that it can hold: the card of a commune, a region at work."""
    page = visit(path, fragment="#53130" if view == "map" else "", **options)
    page.locator(f"#tab-{view}").click()
    if view == "map":
        page.locator("#card-title").wait_for()
    elif view == "national":
        page.locator("#national svg").first.wait_for()
    elif page.locator("#bench-region").count():
        page.locator("#bench-region").select_option(label="Pays de la Loire")
        page.locator("#bench-body tr").first.wait_for()
    return page


def in_other_language(page) -> None:
    before = page.locator("html").get_attribute("lang")
    page.locator("#languages button").click()
    page.locator(f'html:not([lang="{before}"])').wait_for()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def axe_findings(page) -> list[str]:
    response = Axe().run(page).response
    assert response["passes"]
    return [
        f"{finding['id']}: {node['html'][:160]}"
        for finding in response["violations"]
        for node in finding["nodes"]
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_in_either_language(visit, mayenne, view):
    page = opened(visit, mayenne.pages.internal, view)
    assert axe_findings(page) == []
    in_other_language(page)
    assert axe_findings(page) == []


@pytest.mark.parametrize("view", ["map", "workbench"])
def test_axe_finds_nothing_in_a_publication_on_a_phone(visit, mayenne, view):
    page = opened(visit, mayenne.pages.publication, view, width=390, height=844, has_touch=True)
    assert axe_findings(page) == []


@pytest.mark.parametrize("view", VIEWS)
def test_focus_goes_through_the_page_in_its_order_and_is_seen(visit, mayenne, view):
    page = opened(visit, mayenne.pages.internal, view)
    page.evaluate("document.activeElement.blur()")
    page.evaluate("window.getSelection().removeAllRanges()")
    page.evaluate("document.body.setAttribute('tabindex', '-1'); document.body.focus()")
    page.evaluate("document.body.removeAttribute('tabindex')")
    stops = []
    for _ in range(300):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or (stops and not stop["later"]):
            break
        stops.append(stop)
    assert "skip" in stops[0]["html"]
    assert len(stops) > 4
    assert [stop["html"] for stop in stops if not stop["seen"]] == []
    assert [stop["html"] for stop in stops if not stop["marked"]] == []
    assert [stop["html"] for stop in stops if not stop["name"]] == []
    # The last stop is the last that can be reached: nothing holds the focus back.
    assert stop is None or "skip" in stop["html"]


def test_the_skip_link_goes_to_the_content(visit, mayenne):
    page = opened(visit, mayenne.pages.publication, "national")
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#national') !== null")


def templates(language: str) -> tuple[set[str], list[re.Pattern[str]]]:
    """Return the texts of a language: those without values, and patterns of the others."""
    fixed, open_ = set(), []
    for text in texts()[language].values():
        for form in [text] if isinstance(text, str) else text.values():
            plain = re.sub(r"\s+", " ", form).strip()
            if "{" not in plain:
                fixed.add(plain)
            elif len(re.findall(r"[^\W\d]{3,}", re.sub(r"\{\w+\}", "", plain))) > 1:
                parts = [re.escape(part) for part in re.split(r"\{\w+\}", plain)]
                open_.append(re.compile(".+".join(parts)))
    return fixed, open_


@pytest.mark.parametrize(
    ("view", "kind"),
    [*((view, "internal") for view in VIEWS), ("workbench", "publication"),
     ("national", "publication")],
)  # fmt: skip
def test_each_word_is_in_the_language_that_was_chosen(visit, mayenne, view, kind):
    page = opened(visit, getattr(mayenne.pages, kind), view)
    known = {language: templates(language) for language in ("fr", "en")}
    data = {
        *mayenne.exact.communes["name"], *mayenne.exact.territories["territory_name"],
        *(row["region_name"] for row in mayenne.exact.record["regions"]),
    }  # fmt: skip
    for language, other, strangers in (("fr", "en", ENGLISH), ("en", "fr", FRENCH)):
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate("document.title") == page.locator("#title").inner_text()
        words = [text for text in page.evaluate(WORDS) if text not in data]
        assert len(words) > 10
        own_fixed, own_open = known[language]
        fixed, open_ = known[other]
        left = [
            text
            for text in words
            if (text in fixed and text not in own_fixed)
            or (
                any(one.fullmatch(text) for one in open_)
                and not any(one.fullmatch(text) for one in own_open)
            )
        ]
        assert left == []
        foreign = [
            text
            for text in words
            if strangers & set(re.findall(r"(?<![\w'’-])[^\W\d]+(?![\w'’-])", text.lower()))
        ]
        assert foreign == []
        in_other_language(page)


@pytest.mark.parametrize("view", VIEWS)
def test_controls_stand_out_and_nothing_is_cut_off_when_small_or_printed(visit, mayenne, view):
    page = opened(visit, mayenne.pages.internal, view)
    assert page.evaluate(FAINT_CONTROLS) == []
    paper = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", paper)
    assert boxes
    for width, height in boxes:
        assert (float(width), float(height)) == pytest.approx((595.3, 841.9), abs=1)
    # 1 280 px enlarged four times (WCAG 2.2, 1.4.10).
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("new Promise((done) => setTimeout(done, 250))")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    # Between the margins of A4, at 96 dots an inch; no button is left.
    page.emulate_media(media="print")
    page.set_viewport_size({"width": int((210 - 28) / 25.4 * 96), "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    # Names that open a card are printed; what is to be pressed is not.
    pressed = page.locator("button:not(.link)").all()
    assert [button.inner_text() for button in pressed if button.is_visible()] == []
