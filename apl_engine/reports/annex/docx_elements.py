"""Elements that python-docx lacks: dense tables, bars, page numbers, reproducible files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

# The earliest time that a zip file can hold.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_TWENTIETHS_OF_A_POINT_PER_MM = 56.7
_HALF_POINTS = 2
# Space above and below the lines of a cell, twentieths of a point.
_ABOVE = "24"
_WIDE, _HIGH, _MARGIN = 297, 210, 14
#: Width between the margins, mm.
TEXT_WIDTH = _WIDE - 2 * _MARGIN
_FONT = "Arial"
# Between columns of text; where a line that is continued begins: mm.
_BETWEEN_COLUMNS, _HANGING = 8, 4


def new_document(title: str, subject: str, stamped: date) -> Any:
    """Return an empty landscape A4 document in French, with fixed properties."""
    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(_WIDE), Mm(_HIGH)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(_MARGIN))
    section.footer_distance = section.header_distance = Mm(_MARGIN / 2)
    _french(document)
    moment = datetime(stamped.year, stamped.month, stamped.day)
    properties = document.core_properties
    properties.title, properties.subject = title[:255], subject[:255]
    properties.author = properties.last_modified_by = "apl_engine"
    properties.created = properties.modified = moment
    properties.comments = ""
    properties.language = "fr-FR"
    return document


def _french(document: Any) -> None:
    """Set the font and language that all styles inherit."""
    for name, size in (("Normal", 9), ("Title", 22), ("Heading 1", 14)):
        style = document.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(kind), _FONT)
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            fonts.attrib.pop(qn(kind), None)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0, 0, 0)
            style.paragraph_format.space_before = Pt(0)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "fr-FR")
    document.styles["Normal"].element.get_or_add_rPr().append(language)


def add_page_numbers(document: Any, text: str) -> None:
    """Write a footer: a text and the page number."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{text} – page ")
    _field(paragraph, "PAGE")
    paragraph.add_run(" sur ")
    _field(paragraph, "NUMPAGES")


def _field(paragraph: Any, code: str) -> None:
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("text", "1"), ("end", "")):
        if kind in ("begin", "separate", "end"):
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:t" if kind else "w:instrText")
            element.text = text
        run._r.append(element)


def add_table(
    document: Any,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[float],
    *,
    right: Sequence[int] = (),
    shades: Sequence[str | None] = (),
    size: float = 8,
) -> None:
    """Write a table whose heading is repeated on each page.

    Parameters
    ----------
    document : docx.Document
        The document.
    heads, rows : sequences of str
        Texts; no heading if `heads` is empty.
    widths : sequence of float
        Width of each column, mm.
    right : sequence of int
        Columns aligned to the right.
    shades : sequence of str or None
        Background colour of each row, RRGGBB.
    size : float
        Font size, points.
    """
    table = document.add_table(rows=0, cols=0, style="Table Grid")
    element = table._tbl
    # python-docx walks the whole table for each cell, so rows are built as XML.
    for width in widths:
        _part(element.tblGrid, "w:gridCol", w=_twips(width))
    if heads:
        element.append(_row(heads, widths, right, shade="404040", head=True, size=size))
    for index, row in enumerate(rows):
        shade = shades[index] if index < len(shades) else None
        element.append(_row(row, widths, right, shade=shade, head=False, size=size))
    table.autofit = False


def _row(
    texts: Sequence[str], widths: Sequence[float], right: Sequence[int], *, shade: str | None,
    head: bool, size: float,
) -> Any:  # fmt: skip
    row = OxmlElement("w:tr")
    properties = _part(row, "w:trPr")
    _part(properties, "w:cantSplit")
    if head:
        _part(properties, "w:tblHeader")
    for index, (text, width) in enumerate(zip(texts, widths, strict=True)):
        cell = _cell(row, width, shade)
        paragraph = _part(cell, "w:p")
        format_ = _part(paragraph, "w:pPr")
        _part(format_, "w:spacing", before=_ABOVE, after=_ABOVE)
        if index in right:
            _part(format_, "w:jc", val="right")
        run = _part(paragraph, "w:r")
        letters = _part(run, "w:rPr")
        if head:
            _part(letters, "w:b")
            _part(letters, "w:color", val="FFFFFF")
        _part(letters, "w:sz", val=str(int(size * _HALF_POINTS)))
        _lines(run, text)
    return row


def _lines(run: Any, text: str) -> None:
    for index, part in enumerate(text.split("\n")):
        if index:
            _part(run, "w:br")
        words = _part(run, "w:t")
        words.text = part
        words.set(qn("xml:space"), "preserve")


def _cell(row: Any, width: float, shade: str | None) -> Any:
    cell = _part(row, "w:tc")
    properties = _part(cell, "w:tcPr")
    _part(properties, "w:tcW", w=_twips(width), type="dxa")
    if shade:
        _part(properties, "w:shd", val="clear", color="auto", fill=shade)
    return cell


def add_bar(document: Any, used: float, colour: str, width: float) -> None:
    """Draw a gauge as a table of one row, filled up to `used` (at most 1)."""
    table = document.add_table(rows=0, cols=0, style="Table Grid")
    element = table._tbl
    filled = min(max(used, 0.0), 1.0) * width
    parts = [(filled, colour), (width - filled, "F2F2F2")]
    shown = [(long, shade) for long, shade in parts if long >= _MARGIN / 100]
    row = OxmlElement("w:tr")
    for long, shade in shown:
        _part(element.tblGrid, "w:gridCol", w=_twips(long))
        _part(_cell(row, long, shade), "w:p")
    element.append(row)
    table.autofit = False


def add_columns(
    document: Any, parts: Mapping[str, Sequence[tuple[str, str]]], columns: int, size: float = 7.5
) -> None:
    """Write lines under bold headings in columns of text, each with a part at the right edge.

    Parameters
    ----------
    document : docx.Document
        The document; what follows is in one column again if a section is added.
    parts : mapping of str to sequence of pairs of str
        The lines of each heading: their beginning, and what stands at the right edge.
    columns : int
        The number of columns.
    size : float
        Font size, points.
    """
    section = document.add_section(WD_SECTION.CONTINUOUS)
    shape = section._sectPr.find(qn("w:cols"))
    shape.set(qn("w:num"), str(columns))
    shape.set(qn("w:space"), _twips(_BETWEEN_COLUMNS))
    edge = (TEXT_WIDTH - (columns - 1) * _BETWEEN_COLUMNS) / columns
    before = section._sectPr
    for heading, lines in parts.items():
        before.addprevious(_line_of_column(heading, None, edge, size))
        for text, aside in lines:
            before.addprevious(_line_of_column(text, aside, edge, size))


def _line_of_column(text: str, aside: str | None, edge: float, size: float) -> Any:
    """Return a line, or a heading that stays with the next line if nothing stands aside."""
    paragraph = OxmlElement("w:p")
    shape = _part(paragraph, "w:pPr")
    if aside is None:
        _part(shape, "w:keepNext")
    tabs = _part(shape, "w:tabs")
    _part(tabs, "w:tab", val="right", leader="dot", pos=_twips(edge))
    above = _ABOVE if aside is not None else str(4 * int(_ABOVE))
    _part(shape, "w:spacing", before=above, after="0", line="220", lineRule="auto")
    _part(shape, "w:ind", left=_twips(_HANGING), hanging=_twips(_HANGING))
    run = _part(paragraph, "w:r")
    letters = _part(run, "w:rPr")
    if aside is None:
        _part(letters, "w:b")
    _part(letters, "w:sz", val=str(int(size * _HALF_POINTS)))
    _lines(run, text)
    if aside is not None:
        _part(run, "w:tab")
        _lines(run, aside)
    return paragraph


def _part(parent: Any, name: str, **attributes: str) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    parent.append(element)
    return element


def _twips(mm: float) -> str:
    return str(round(mm * _TWENTIETHS_OF_A_POINT_PER_MM))


def document_bytes(document: Any) -> bytes:
    """Return a document as a .docx file whose parts have no time of writing."""
    written, content = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(content, "w") as target:
        for entry in source.infolist():
            part = zipfile.ZipInfo(entry.filename, _NO_TIME)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(entry.filename))
    return content.getvalue()
