"""An annex as a workbook, with a row for each commune."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from ...results.workbook import new_workbook
from ..french import day, line
from .content import ADDED, REMOVED, Annex

_A4 = 9
# The prefix asks for the French separators, whatever the language of the program.
_PEOPLE, _SHARE, _USED = "[$-40C]#,##0", '[$-40C]0.00" %"', '[$-40C]0.0" %"'
_APART = "[$-40C]+0.00;-0.00;0.00"
_WIDTHS = {
    "Code du territoire": 12, "Territoire": 35, "Zone": 17, "Adaptation": 13, "Code commune": 11,
    "Commune": 35, "Population": 13, "Région": 27,
}  # fmt: skip
_SHEETS = ("1 Communes", "2 Classées ailleurs", "3 Autres régions")
_ADDED, _REMOVED, _BAR = "#fde0c5", "#dbe9f6", "#e6550d"
# Scale of the map, so that it fits on a landscape page below its title.
_MAP_SCALE = 0.93
# Explicit sizes of the cells that hold the map, since programs differ in their defaults.
_CELL_WIDE, _MAP_COLUMNS, _MAP_HIGH, _MAP_ROWS = 9, 14, 150, 3
_TITLE_HIGH, _HEAD_HIGH = 22, 28


def annex_workbook(annex: Annex, picture: bytes | None) -> bytes:
    """Return an annex as an .xlsx file.

    Parameters
    ----------
    annex : Annex
        As from `make_annex`.
    picture : bytes or None
        The map, a PNG.

    Returns
    -------
    bytes
        The same for the same annex.
    """
    content = io.BytesIO()
    book = new_workbook(content)
    stamped = datetime(annex.stamped.year, annex.stamped.month, annex.stamped.day)
    book.set_properties(
        {"title": annex.title, "subject": annex.heading, "author": "apl_engine",
         "created": stamped}
    )  # fmt: skip
    formats = _formats(book)
    _cover(book, formats, annex)
    for name, (title, table) in zip(_SHEETS, annex.lists, strict=True):
        _table(book, formats, annex, name, title, table)
    if picture is not None:
        _map(book, formats, annex, picture)
    _populations(book, formats, annex)
    if annex.reasons:
        _reasons(book, formats, annex)
    title = "7. Index alphabétique des communes"
    _table(book, formats, annex, "7 Index", title, annex.index)
    book.close()
    return content.getvalue()


def _formats(book: Any) -> Mapping[str, Any]:
    head = {"bold": True, "bg_color": "#404040", "font_color": "white", "border": 1,
            "text_wrap": True, "valign": "vcenter"}  # fmt: skip
    shapes: Mapping[str, dict[str, Any]] = {
        "text": {"valign": "top"},
        "wrapped": {"text_wrap": True, "valign": "top"},
        "title": {"bold": True, "font_size": 14},
        "label": {"bold": True, "text_wrap": True, "valign": "top"},
        "head": head,
        "head_right": {**head, "align": "right"},
        "indented": {"text_wrap": True, "valign": "top", "align": "left", "indent": 1},
        "people": {"num_format": _PEOPLE, "valign": "top"},
        "apart": {"num_format": _APART, "valign": "top"},
        "share": {"num_format": _SHARE, "valign": "top"},
        "used": {"num_format": _USED, "valign": "top"},
        "warning": {"bold": True, "font_color": "#a50f15", "text_wrap": True},
        "added": {"bg_color": _ADDED},
        "removed": {"bg_color": _REMOVED},
    }
    return {name: book.add_format(shape) for name, shape in shapes.items()}


def _sheet(book: Any, annex: Annex, name: str, title: str, formats: Mapping[str, Any]) -> Any:
    """Add a sheet that prints on A4 in landscape, with its title and pages."""
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    footer = f"Annexe – {annex.heading}".replace("&", "&&")[:100]
    sheet.set_footer(f"&L&8{footer}&R&8Page &P sur &N")
    sheet.hide_gridlines(2)
    sheet.set_row(0, _TITLE_HIGH)
    sheet.write_string(0, 0, title, formats["title"])
    return sheet


def _cover(book: Any, formats: Mapping[str, Any], annex: Annex) -> None:
    sheet = _sheet(book, annex, "Présentation", annex.title, formats)
    sheet.set_column(0, 0, 62, formats["label"])
    sheet.set_column(1, 1, 70, formats["wrapped"])
    summary = zip(("Contenu", "", "", ""), annex.summary, strict=True)
    rows = [*annex.cover, *summary]
    for index, (label, text) in enumerate(rows, 2):
        sheet.write_string(index, 0, label, formats["label"])
        sheet.write_string(index, 1, text, formats["wrapped"])
    for index, text in enumerate(annex.warnings, len(rows) + 3):
        sheet.write_string(index, 1, text, formats["warning"])


def _table(
    book: Any, formats: Mapping[str, Any], annex: Annex, name: str, title: str, table: pl.DataFrame
) -> None:
    """Write a list of communes, with a frozen and repeated heading and a filter."""
    sheet = _sheet(book, annex, name, title, formats)
    sheet.set_row(1, _HEAD_HIGH)
    for index, column in enumerate(table.columns):
        is_number = column in _NUMBERS
        style = formats["people" if is_number else "text"]
        sheet.set_column(index, index, _WIDTHS[column], style)
        sheet.write_string(1, index, column, formats["head_right" if is_number else "head"])
        write = sheet.write_number if is_number else sheet.write_string
        for row, value in enumerate(table[column], 2):
            write(row, index, value, style)
    last = table.height + 1
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(0, 1)
    sheet.autofilter(1, 0, max(last, 2), table.width - 1)
    if table.height and "Adaptation" in table.columns:
        marked = "ABCDEFGH"[table.columns.index("Adaptation")]
        for word, shape in ((ADDED, "added"), (REMOVED, "removed")):
            formula = f'=${marked}3="{word}"'
            sheet.conditional_format(
                2, 0, last, table.width - 1,
                {"type": "formula", "criteria": formula, "format": formats[shape]},
            )  # fmt: skip
    elif not table.height:
        sheet.write_string(2, 0, "Aucune.", formats["text"])


def _map(book: Any, formats: Mapping[str, Any], annex: Annex, picture: bytes) -> None:
    title = f"4. Carte des zones de la région {annex.heading}"
    sheet = _sheet(book, annex, "4 Carte", title, formats)
    sheet.set_column(0, _MAP_COLUMNS, _CELL_WIDE)
    for row in range(2, 2 + _MAP_ROWS):
        sheet.set_row(row, _MAP_HIGH)
        # Programs ignore the height of a row without cells.
        sheet.write_blank(row, 0, None, formats["text"])
    sheet.insert_image(
        2, 0, "carte.png",
        {"image_data": io.BytesIO(picture), "x_scale": _MAP_SCALE, "y_scale": _MAP_SCALE,
         "description": line(title)},
    )  # fmt: skip


def _populations(book: Any, formats: Mapping[str, Any], annex: Annex) -> None:
    title = f"5. Population de la région {annex.heading} par zone, et marges de l'article V"
    sheet = _sheet(book, annex, "5 Populations", title, formats)
    sheet.set_column(0, 0, 58)
    sheet.set_column(1, 5, 18)
    heads = ("Zone", "Habitants, classement national", "Part", "Habitants après adaptation",
             "Part après", "Écart (points)")  # fmt: skip
    _heads(sheet, formats, 2, heads)
    styles = ["text", "people", "share", "people", "share", "apart"]
    for row, shares in enumerate(annex.shares, 3):
        _row(sheet, formats, row, shares, styles)
    first = len(annex.shares) + 5
    _heads(sheet, formats, first, ("Marge", "Habitants", "Limite", "Utilisée", "Jauge"))
    styles = ["text", "people", "people", "used", "used"]
    for row, gauge in enumerate(annex.gauges, first + 1):
        cells = (gauge.label, float(gauge.value), float(gauge.limit // 1), 100 * gauge.used)
        _row(sheet, formats, row, (*cells, gauge.used), styles)
    # Both ends are fixed, so that the bar is full at the limit.
    sheet.conditional_format(
        first + 1, 4, first + len(annex.gauges), 4,
        {"type": "data_bar", "bar_color": _BAR, "bar_solid": True, "bar_only": True,
         "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1},
    )  # fmt: skip


_NUMBERS = {"Habitants, classement national", "Part", "Habitants après adaptation", "Part après",
            "Écart (points)", "Habitants", "Limite", "Utilisée", "Population"}  # fmt: skip


def _heads(sheet: Any, formats: Mapping[str, Any], row: int, heads: Sequence[str]) -> None:
    sheet.set_row(row, _HEAD_HIGH)
    _row(sheet, formats, row, heads, ["head_right" if h in _NUMBERS else "head" for h in heads])


def _row(
    sheet: Any, formats: Mapping[str, Any], row: int, cells: Sequence[Any], styles: Sequence[str]
) -> None:
    for column, (value, style) in enumerate(zip(cells, styles, strict=True)):
        write = sheet.write_string if isinstance(value, str) else sheet.write_number
        write(row, column, value, formats[style])


def _reasons(book: Any, formats: Mapping[str, Any], annex: Annex) -> None:
    title = "6. Justification des adaptations et consultation"
    sheet = _sheet(book, annex, "6 Justifications", title, formats)
    heads = ("Code du territoire", "Territoire", "Adaptation", "Population", "Justification")
    for index, width in enumerate((12, 35, 13, 13, 75)):
        sheet.set_column(index, index, width)
    _heads(sheet, formats, 1, heads)
    styles = ("text", "text", "text", "people", "indented")
    for row, one in enumerate(annex.reasons, 2):
        _row(sheet, formats, row, one.cells, styles)
    proposal = annex.check.proposal
    days = (
        ("Concertation", proposal.concertation),
        ("Avis de la commission paritaire régionale", proposal.commission_paritaire_regionale),
    )
    for index, (label, held) in enumerate(days, len(annex.reasons) + 3):
        sheet.write_string(index, 1, label, formats["label"])
        sheet.write_string(index, 2, day(held), formats["text"])
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(0, 1)
