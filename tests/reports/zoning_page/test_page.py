"""The page as a file: what it holds, under which policy, and that it is the same each time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from datetime import date

import numpy as np
import pytest

from apl_engine.geography.boundaries.encode import decode_arcs
from apl_engine.reports.boundaries import boundaries_of
from apl_engine.reports.zoning_page import make_page

DAY = date(2026, 11, 29)


def block(page, name):
    """Return the content of a block of a page."""
    found = re.search(f'<script type="application/octet-stream" id="{name}">([^<]*)</script>', page)
    content = zlib.decompress(base64.b64decode(found[1]), -zlib.MAX_WBITS)
    return content if name in ("outlines", "inner", "suppliers") else json.loads(content)


@pytest.fixture(scope="module")
def page(mayenne):
    return mayenne.pages.publication.read_text("utf-8")


def test_same_result_gives_the_same_page(mayenne, page):
    assert make_page(mayenne.publication, day=DAY) == page


def test_policy_allows_its_own_script_and_style_alone(page):
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "connect-src" not in rules
    for kind, tag in {"script-src": '<script type="module" async>', "style-src": "<style>"}.items():
        text = page.split(tag)[1].split(f"</{tag[1:6].split(' ')[0].rstrip('>')}")[0]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[kind] == f"'sha256-{digest}'"
    assert not re.search(r"<[^>]*\s(on\w+|style|src|href)=(?!\"#)", page.split("<script")[0])


def test_columns_have_a_row_for_each_territory_and_commune(mayenne, page):
    communes, territories = block(page, "communes"), block(page, "territories")
    zones = mayenne.publication
    codes = [f"53{end:03d}" for end in communes["code"]]
    assert codes == zones.communes["commune"].to_list()
    assert territories["code"] == zones.territories["territory"].to_list()
    units = territories["units"]
    names = [territories["code"][k] for k in units["territory"]]
    assert names == zones.communes["territory"].to_list()
    meta = block(page, "meta")
    regions = [meta["regions"][k]["code"] for k in units["region"]]
    assert regions == zones.communes["region"].to_list()
    classes = [meta["zones"][k]["id"] for k in territories["zone"]]
    assert classes == zones.territories["zone"].to_list()
    assert territories["apl"] == [
        None if one is None else round(one) for one in zones.territories["apl"]
    ]


def test_publication_holds_no_figure_of_the_exact_result(mayenne, page):
    communes = block(page, "communes")
    assert communes["etp"] is None
    published = mayenne.publication.communes["apl"].to_list()
    assert communes["apl"] == [None if one is None else round(one) for one in published]
    assert "proposals" not in re.findall(r'id="([\w-]+)"', page)


def test_internal_page_says_so(mayenne):
    page = mayenne.pages.internal.read_text("utf-8")
    assert block(page, "meta")["result"]["internal"]
    assert block(page, "proposals")


def test_change_is_shown_against_an_earlier_result(mayenne):
    page = make_page(mayenne.publication, before=mayenne.publication, day=DAY)
    territories, communes = block(page, "territories"), block(page, "communes")
    assert territories["before"]["zone"] == territories["zone"]
    zones = [territories["zone"][k] for k in territories["units"]["territory"]]
    assert communes["before"]["zone"] == zones


def test_title_is_shown_not_run(mayenne):
    page = make_page(mayenne.publication, day=DAY, title='<script>alert("1")</script>')
    assert "<script>alert" not in page
    assert "<title>&lt;script&gt;" in page


def test_page_of_territories_has_no_outlines_of_communes(mayenne, page):
    small = make_page(mayenne.publication, communes=False, day=DAY)
    assert len(small) < len(page)
    assert 'id="inner"' not in small


def test_outlines_of_territories_alone_are_enough(mayenne):
    zones = mayenne.publication
    own = boundaries_of(zones)
    territories = own.united(zones.communes["territory"].to_list(), "territory")
    page = make_page(zones, boundaries=territories, day=DAY)
    assert 'id="inner"' not in page
    _, _, left, right = decode_arcs(block(page, "outlines"))
    beside = np.append(block(page, "territories")["units"]["territory"], -1)
    assert {*beside[left], *beside[right]} - {-1} == set(range(zones.territories.height))
