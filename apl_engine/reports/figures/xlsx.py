"""The figures of article VI as a workbook."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from ...results.workbook import new_workbook
from .content import Figures

_A4 = 9
_WIDTHS = (28, 60, 24, 24, 12)
_TITLE_HIGH, _HEAD_HIGH, _TOTAL_HIGH = 36, 44, 28


def figures_workbook(figures: Figures) -> bytes:
    """Return the figures as an .xlsx file.

    Parameters
    ----------
    figures : Figures
        As from `make_figures`.

    Returns
    -------
    bytes
        The same for the same figures.
    """
    content = io.BytesIO()
    book = new_workbook(content)
    stamped = datetime(figures.stamped.year, figures.stamped.month, figures.stamped.day)
    book.set_properties({"title": figures.title, "author": "apl_engine", "created": stamped})
    sheet = book.add_worksheet("VI")
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&R&8Page &P sur &N")
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    title = book.add_format({"bold": True, "font_size": 12, "text_wrap": True, "valign": "top"})
    sheet.merge_range(0, 0, 0, len(_WIDTHS) - 1, figures.title, title)
    sheet.set_row(0, _TITLE_HIGH)
    _table(book, sheet, figures)
    small = book.add_format({"font_size": 8})
    for row, remark in enumerate(figures.remarks, len(figures.rows) + 4):
        sheet.write_string(row, 0, remark, small)
    book.close()
    return content.getvalue()


def _table(book: Any, sheet: Any, figures: Figures) -> None:
    """Write the headings, repeated on every page, and the rows; totals are bold."""
    head = {"bold": True, "bg_color": "#404040", "font_color": "white", "text_wrap": True,
            "valign": "vcenter", "border": 1}  # fmt: skip
    top = 2
    sheet.set_row(top, _HEAD_HIGH)
    for column, heading in enumerate(figures.headings):
        right = {"align": "right"} if column > 1 else {}
        sheet.write_string(top, column, heading, book.add_format(head | right))
    digits = "0." + "0" * figures.words.decimals if figures.words.decimals else "0"
    # The prefix asks for the French separators, whatever the language of the program.
    share, points = f"[$-40C]{digits}", f"[$-40C]+{digits};-{digits};{digits}"
    styles = {
        is_total: [
            book.add_format({**shape, "bold": is_total, "valign": "top", "bottom": is_total})
            for shape in (
                {}, {"text_wrap": True}, {"num_format": share}, {"num_format": share},
                {"num_format": points},
            )
        ]
        for is_total in (False, True)
    }  # fmt: skip
    for index, row in enumerate(figures.rows, top + 1):
        style = styles[row.zone is None]
        if row.zone is None:
            sheet.set_row(index, _TOTAL_HIGH)
        sheet.write_string(index, 0, row.region_name, style[0])
        sheet.write_string(index, 1, row.category, style[1])
        for column, value in enumerate((row.share, row.before, row.evolution), 2):
            if value is None:
                sheet.write_blank(index, column, None, style[column])
            else:
                sheet.write_number(index, column, float(value), style[column])
    sheet.freeze_panes(top + 1, 0)
    sheet.repeat_rows(top, top)
    sheet.autofilter(top, 0, top + len(figures.rows), len(_WIDTHS) - 1)
