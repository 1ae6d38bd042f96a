"""Pages: the same content as terminal text, Markdown and HTML."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser

import pytest

from apl_engine.reports.page import ENGLISH, FRENCH, WIDTH, Column, Page


class _Cells(HTMLParser):
    """Collect the texts of a fragment of HTML, and check that its elements are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data)


def texts(html: str) -> list[str]:
    parser = _Cells()
    parser.feed(html)
    assert not parser.open
    return parser.texts


def table(page: Page) -> None:
    page.table(
        [
            Column("name", longest=10),
            Column("APL", 2, sign=True),
            Column("share", 1, percent=True),
            "zone",
        ],
        [
            ("Montigny-lès-Metz", 1234.567, Fraction(81, 2), "INT"),
            ("Laval", None, None, ""),
            ("Metz", Decimal("-1.5"), "hidden", "NP"),
        ],
        total=("total", 1233.067, 100, ""),
        details=["first detail", "", "third detail"],
        limit=2,
        rest="with --json",
    )


def test_a_terminal_shows_an_aligned_table() -> None:
    page = Page()
    table(page)
    assert page.text().splitlines() == [
        "  name              APL    share  zone",
        "  Montigny-…  +1 234.57   40.5 %  INT",
        "      first detail",
        "  Laval               -        -",
        "  ------------------------------------",
        "  total       +1 233.07  100.0 %",
        "  ... 1 more with --json",
    ]


def test_markdown_has_whole_names_and_details() -> None:
    page = Page("Title", FRENCH)
    table(page)
    assert page.markdown().splitlines() == [
        "# Title",
        "",
        "| name | APL | share | zone |  |",
        "| --- | ---: | ---: | --- | --- |",
        "| Montigny-lès-Metz | +1\N{NARROW NO-BREAK SPACE}234,57 | 40,5\N{NO-BREAK SPACE}% | INT "
        "| first detail |",
        "| Laval | - | - |  |  |",
        "| **total** | **+1\N{NARROW NO-BREAK SPACE}233,07** | **100,0\N{NO-BREAK SPACE}%** "
        "|  |  |",
        "",
        "... 1 more with --json",
    ]


def test_html_has_the_same_cells() -> None:
    page = Page("Title")
    page.section("Section")
    table(page)
    assert texts(page.html()) == [
        "Title", "Section", "name", "APL", "share", "zone", "Montigny-lès-Metz", "+1 234.57",
        "40.5 %", "INT", "first detail", "Laval", "-", "-", "total", "+1 233.07", "100.0 %",
        "... 1 more with --json",
    ]  # fmt: skip
    assert page.html().count("text-align: right") == 8


def test_paragraphs_and_lists_are_wrapped_in_a_terminal_only() -> None:
    page = Page("Title")
    page.section("Section")
    page.paragraph("word " * 30)
    page.bullets(["word " * 30, "last"])
    title, blank, heading, first, *rest = page.text().splitlines()
    assert (title, blank, heading) == ("Title", "", "Section ".ljust(WIDTH, "-"))
    assert first.startswith("  word word")
    assert all(len(line) <= WIDTH for line in rest)
    assert rest[-2].startswith("    word")
    assert rest[-1] == "  - last"
    assert len(page.markdown().splitlines()) == len(["title", "", "heading", "", "text", ""]) + 2
    assert texts(page.html())[-1] == "last"


def test_a_table_without_headings_or_rows() -> None:
    page = Page()
    page.table(["name"], [])
    page.bullets([])
    assert page.text() == ""
    page.table(["", Column(right=True)], [("practitioners", "5 (6)"), ("ETP", "12")])
    assert page.text() == "  practitioners  5 (6)\n  ETP               12"
    assert str(page) == page.text()


def test_a_notebook_shows_the_page() -> None:
    page = Page("Title")
    assert page._repr_html_() == page.html() == "<h1>Title</h1>\n"
    assert page._repr_markdown_() == page.markdown() == "# Title\n"


def test_a_row_of_the_wrong_length_is_refused() -> None:
    page = Page()
    page.table(["one", "two"], [("a",)])
    for write in (page.text, page.markdown, page.html):
        with pytest.raises(ValueError, match="zip"):
            write()


def test_numbers_follow_the_language() -> None:
    assert ENGLISH.write(-1234.5, 1) == "-1 234.5"
    assert FRENCH.write(1234.5, 2) == "1\N{NARROW NO-BREAK SPACE}234,50"
    assert FRENCH.write(-1.0) == "\N{MINUS SIGN}1"
    assert FRENCH.share(Decimal("12.3456"), 2) == "12,35\N{NO-BREAK SPACE}%"
    assert ENGLISH.write(None) == ENGLISH.share(None) == "-"
    assert ENGLISH.write(2.0, 1, sign=True) == "+2.0"


def test_no_name_becomes_markdown_or_html() -> None:
    page = Page("<b>*a*|")
    page.section("<i>")
    page.paragraph("[x](y)")
    page.bullets(["`c`<u>"])
    page.table(["n", Column("v", right=True)], [["a|b*", "<1>"]], total=["t", "2"])
    markdown = page.markdown()
    for text in ("\\<b\\>\\*a\\*\\|", "\\[x\\](y)", "a\\|b\\*", "| **t** | **2** |", "\\`c\\`"):
        assert text in markdown
    assert "a|b*" in page.text()
    assert {"<b>*a*|", "<i>", "`c`<u>", "<1>"} <= set(texts(page.html()))


def test_a_section_without_content_is_followed_by_an_empty_line() -> None:
    page = Page()
    page.section("Territories that change zone: 0")
    page.section("Cuts")
    page.paragraph("None.")
    first, empty, second, content = page.text().split("\n")
    assert (first.split(":")[0], empty) == ("Territories that change zone", "")
    assert (second.split(" ")[0], content.strip()) == ("Cuts", "None.")
