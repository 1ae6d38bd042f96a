"""The map in a real browser: what it shows, and what mouse, fingers and keys do."""

from __future__ import annotations

import re

import polars as pl
import pytest
from playwright.sync_api import expect

from apl_engine.reports.zoning_page import make_page

# Pixels are read from a copy: a browser treats a canvas otherwise once its own are read.
COPY = """const copyOf = (selector) => {
  const canvas = document.querySelector(selector);
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  return pen;
};
"""
# A digest of the picture, to compare pictures; and the colour at a place of it.
PICTURE = (
    "() => {"
    + COPY
    + """
  const { width, height } = document.querySelector(".map-picture");
  const { data } = copyOf(".map-picture").getImageData(0, 0, width, height);
  const words = new Uint32Array(data.buffer);
  let hash = 7;
  for (const word of words) hash = (Math.imul(hash, 31) + word) | 0;
  return { width, height, hash };
}"""
)
COLOUR = (
    "([x, y]) => {"
    + COPY
    + """
  const [r, g, b] = copyOf(".map-picture")
    .getImageData(Math.round(x * devicePixelRatio), Math.round(y * devicePixelRatio), 1, 1).data;
  return "#" + [r, g, b].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}"""
)
# The place nearest to the middle that is of one colour round about, and not sea.
INNER = (
    "() => {"
    + COPY
    + """
  const { width, height } = document.querySelector(".map-picture");
  const { data } = copyOf(".map-picture").getImageData(0, 0, width, height);
  const words = new Uint32Array(data.buffer);
  const sea = words[width + 1];
  const plain = (x, y) => {
    const first = words[y * width + x];
    for (let v = y - 4; v <= y + 4; v++) {
      for (let u = x - 4; u <= x + 4; u++) if (words[v * width + u] !== first) return false;
    }
    return first !== sea;
  };
  for (let by = 0; by < Math.min(width, height) / 2; by++) {
    for (let u = -by; u <= by; u++) {
      for (const v of [-by, by]) {
        const x = Math.round(width / 2) + u, y = Math.round(height / 2) + v;
        if (plain(x, y)) return [x / devicePixelRatio, y / devicePixelRatio];
      }
    }
  }
}"""
)
# Whether anything over the picture is in the blue of what is chosen.
CHOSEN = (
    "() => {"
    + COPY
    + """
  const { width, height } = document.querySelector(".map-over");
  const { data } = copyOf(".map-over").getImageData(0, 0, width, height);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === 0x0b && data[i + 1] === 0x57 && data[i + 2] === 0xd0 && data[i + 3] === 255) {
      return true;
    }
  }
  return false;
}"""
)
# Whether anything is drawn over the picture.
DRAWN_OVER = (
    "() => {"
    + COPY
    + """
  const { width, height } = document.querySelector(".map-over");
  return copyOf(".map-over").getImageData(0, 0, width, height).data.some((byte) => byte > 0);
}"""
)
# Longer than the map waits before it paints a moved picture anew.
AT_REST = 700


def centre(page):
    """Return the centre of the picture, in the window and within the picture."""
    box = page.locator(".map-picture").bounding_box()
    x, y = box["width"] / 2, box["height"] / 2
    return (box["x"] + x, box["y"] + y), (x, y)


def pointed(page):
    """Return the name, the zone and the figures on the card of what is pointed at."""
    card = page.locator(".map-card")
    expect(card).to_be_visible()
    return card.locator("strong").inner_text(), card.inner_text()


def digits(text):
    return re.sub(r"[\s\u202f\xa0]", "", text)


def without_lines(page):
    """Switch off the lines, so that pixels of the picture are those of fills."""
    for kind in ("region", "departement", "territory"):
        page.uncheck(f"input[value={kind}]")


def land(page):
    """Move the mouse to land near the middle of the map, away from any border.

    Returns where that is in the window, and in the picture.
    """
    box = page.locator(".map-picture").bounding_box()
    x, y = page.evaluate(INNER)
    page.mouse.move(box["x"] + x, box["y"] + y)
    return (box["x"] + x, box["y"] + y), (x, y)


def test_card_names_what_is_pointed_at(visit, pages, mayenne):
    page = visit(pages.publication)
    without_lines(page)
    _, within = land(page)
    name, text = pointed(page)
    territories = mayenne.publication.territories
    row = territories.row(by_predicate=pl.col("territory_name") == name, named=True)
    zones = mayenne.publication.methodology.zoning.classes
    (zone,) = (zone for zone in zones if zone.id == row["zone"])
    assert zone.label in text
    assert f"{row['population']:.0f}habitants" in digits(text)
    swatch = page.locator(".legend-zones .swatch").nth(zones.index(zone))
    colour = swatch.evaluate("box => getComputedStyle(box).backgroundColor")
    shown = page.evaluate(COLOUR, list(within))
    assert colour == f"rgb({', '.join(str(int(shown[i : i + 2], 16)) for i in (1, 3, 5))})"
    page.mouse.move(5, 5)
    expect(page.locator(".map-card")).to_be_hidden()


def test_click_chooses_and_escape_lets_go(visit, pages):
    page = visit(pages.publication)
    assert not page.evaluate(CHOSEN)
    (x, y), _ = land(page)
    page.mouse.click(x, y)
    assert page.evaluate(CHOSEN)
    page.keyboard.press("Escape")
    assert not page.evaluate(CHOSEN)


def test_legend_filters_zones(visit, pages, mayenne):
    page = visit(pages.publication)
    without_lines(page)
    _, within = land(page)
    _, text = pointed(page)
    boxes = page.locator(".legend-zones label")
    counted = [
        int(digits(label).split("territoire")[0])
        for label in boxes.locator("small").all_inner_texts()
    ]
    assert sum(counted) == mayenne.publication.territories.height
    mine = boxes.filter(has_text=text.split("\n")[1])
    mine.locator("input").uncheck()
    assert page.evaluate(COLOUR, list(within)) == "#ffffff"
    expect(mine.locator("input")).to_be_focused()
    mine.locator("input").check()
    assert page.evaluate(COLOUR, list(within)) != "#ffffff"


def test_layers_are_switched_with_their_legends(visit, pages):
    page = visit(pages.publication)
    pictures = {page.evaluate(PICTURE)["hash"]}
    offered = page.locator("input[name=map-layer]").evaluate_all(
        "all => all.map((one) => one.value)"
    )
    assert offered == ["zone", "apl", "etp", "practitioners", "distance"]
    for layer, part in {
        "apl": ".legend-bar", "etp": ".legend-circles", "practitioners": ".legend-circles",
        "distance": ".legend-classes",
    }.items():  # fmt: skip
        page.check(f"input[value={layer}]")
        expect(page.locator(part)).to_be_visible()
        pictures.add(page.evaluate(PICTURE)["hash"])
    assert len(pictures) == 5
    page.check("input[value=zone]")
    assert page.evaluate(PICTURE)["hash"] in pictures


def test_communes_are_shown_and_named(visit, pages, mayenne):
    page = visit(pages.publication)
    page.check("input[value=communes]")
    land(page)
    name, text = pointed(page)
    communes = mayenne.publication.communes
    territory = communes.filter(communes["name"] == name)["territory_name"].item()
    assert f"Territoire : {territory}" in text


def test_lines_are_switched(visit, pages):
    page = visit(pages.publication)
    before = page.evaluate(PICTURE)["hash"]
    page.uncheck("input[value=territory]")
    assert page.evaluate(PICTURE)["hash"] != before
    page.check("input[value=territory]")
    assert page.evaluate(PICTURE)["hash"] == before


@pytest.mark.nightly
@pytest.mark.parametrize("level", ["territories", "communes"])
def test_dragged_picture_is_as_if_painted_anew(visit, pages, level):
    page = visit(pages.publication)
    page.check(f"input[value={level}]")
    (x, y), _ = centre(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(x - 13 * step, y + 7 * step)
    page.mouse.up()
    page.wait_for_timeout(AT_REST)
    dragged = page.evaluate(PICTURE)
    assert not page.evaluate(CHOSEN)
    page.uncheck("input[value=region]")
    page.check("input[value=region]")
    assert page.evaluate(PICTURE) == dragged


def test_zooms_and_comes_back(visit, pages):
    page = visit(pages.publication)
    first = page.evaluate(PICTURE)
    (x, y), _ = centre(page)
    page.get_by_role("button", name="Agrandir").click()
    page.wait_for_timeout(AT_REST)
    nearer = page.evaluate(PICTURE)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(AT_REST)
    nearest = page.evaluate(PICTURE)
    assert len({first["hash"], nearer["hash"], nearest["hash"]}) == 3
    page.get_by_role("button", name="Tout voir").click()
    assert page.evaluate(PICTURE) == first
    page.mouse.dblclick(x, y)
    page.wait_for_timeout(AT_REST)
    assert page.evaluate(PICTURE) != first
    page.locator(".map-picture").focus()
    page.keyboard.press("0")
    assert page.evaluate(PICTURE) == first


def test_keys_alone_move_read_out_and_open(visit, pages, mayenne):
    page = visit(pages.publication)
    names = mayenne.publication.territories["territory_name"].to_list()
    picture, live = page.locator(".map-picture"), page.locator(".map-stage [aria-live=polite]")
    page.get_by_role("button", name="Tout voir").focus()
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    expect(picture).to_be_focused()
    expect(live).to_contain_text("APL")
    here = live.inner_text()
    assert here.split(",")[0] in names
    before = page.evaluate(PICTURE)
    page.keyboard.press("+")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(AT_REST)
    assert page.evaluate(PICTURE) != before
    assert live.inner_text() != here
    page.keyboard.press("Enter")
    assert page.evaluate(CHOSEN)
    for _ in range(40):
        page.keyboard.press("ArrowUp")
    page.wait_for_timeout(AT_REST)
    assert live.inner_text() == "Aucun territoire au centre de la carte"


def test_tap_chooses_and_two_fingers_zoom(visit, pages):
    page = visit(
        pages.publication,
        width=390,
        height=844,
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    first = page.evaluate(PICTURE)
    assert first["width"] == 2 * page.locator(".map-picture").bounding_box()["width"]
    page.locator(".map-picture").scroll_into_view_if_needed()
    (x, y), _ = centre(page)
    page.touchscreen.tap(x, y)
    assert page.evaluate(CHOSEN)
    expect(page.locator(".map-card")).to_be_hidden()
    expect(page.locator("#card-title")).to_be_in_viewport()
    page.locator(".map-picture").scroll_into_view_if_needed()
    (x, y), _ = centre(page)
    fingers = page.context.new_cdp_session(page)
    for kind, apart in [
        ("touchStart", 20),
        ("touchMove", 40),
        ("touchMove", 80),
        ("touchEnd", None),
    ]:
        points = (
            []
            if apart is None
            else [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        )
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_timeout(AT_REST)
    assert page.evaluate(PICTURE)["hash"] != first["hash"]
    legend = page.locator(".map-legend")
    assert legend.get_attribute("open") is None
    legend.locator("summary").tap()
    expect(page.locator("input[value=communes]")).to_be_visible()


@pytest.mark.nightly
def test_follows_the_window(visit, pages):
    page = visit(pages.publication)
    page.set_viewport_size({"width": 900, "height": 600})
    page.wait_for_timeout(AT_REST)
    size = page.evaluate(PICTURE)
    box = page.locator(".map-picture").bounding_box()
    assert (size["width"], size["height"]) == (round(box["width"]), round(box["height"]))
    land(page)
    pointed(page)


def test_speaks_english(visit, pages):
    page = visit(pages.publication)
    page.get_by_role("button", name="English").click()
    expect(page.locator(".legend-zones legend")).to_have_text("Zones shown")
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
    land(page)
    assert "inhabitants" in pointed(page)[1]


@pytest.mark.nightly
def test_prints_the_view_at_the_resolution_of_paper(visit, pages):
    page = visit(pages.publication)
    shown = page.evaluate(PICTURE)
    pdf = page.pdf()
    widths = [int(width) for width in re.findall(rb"/Subtype /Image\s+/Width (\d+)", pdf)]
    assert max(widths) == 3 * shown["width"]
    page.wait_for_timeout(AT_REST)
    assert page.evaluate(PICTURE) == shown


def test_places_are_named_at_rest(visit, pages):
    page = visit(pages.publication)
    page.mouse.move(5, 5)
    page.wait_for_function(DRAWN_OVER)
    page.get_by_role("button", name="Agrandir").click()
    page.wait_for_timeout(AT_REST)
    assert page.evaluate(DRAWN_OVER)


def test_card_of_what_is_pointed_at_closes_when_another_opens(visit, pages):
    page = visit(pages.publication)
    (x, y), _ = land(page)
    pointed(page)
    page.mouse.click(x, y)
    expect(page.locator(".map-card")).to_be_hidden()
    expect(page.locator("#card-title")).to_be_visible()


def test_publication_leads_from_the_workbench_to_the_card(visit, pages):
    page = visit(pages.publication)
    page.locator("#tab-workbench").click()
    expect(page.locator("#map")).to_be_hidden()
    page.locator(".bench-refusal button").click()
    expect(page.locator("#map")).to_be_visible()
    expect(page.locator("#search-box input")).to_be_focused()
    x, y = centre(page)[0]
    page.mouse.click(x, y)
    page.locator("#tab-workbench").click()
    page.locator(".bench-refusal button").click()
    expect(page.locator("#card .agency h3")).to_be_in_viewport()


def test_page_of_territories_alone_offers_no_communes(visit, mayenne, tmp_path):
    path = tmp_path / "territories.html"
    path.write_text(make_page(mayenne.publication, communes=False), "utf-8")
    page = visit(path)
    expect(page.locator("input[value=territory]")).to_be_visible()
    for value in ("communes", "commune"):
        expect(page.locator(f"input[value={value}]")).to_have_count(0)
    (x, y), _ = land(page)
    page.mouse.click(x, y)
    assert page.evaluate(CHOSEN)
