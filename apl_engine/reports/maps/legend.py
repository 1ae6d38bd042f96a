"""The legend of a map: fills and their shares, hatching, notes and the scale."""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

from ..words import Words
from .canvas import Canvas, wrapped
from .labels import Rectangle, text_size
from .layout import Window
from .sheet import FAINT, HATCH, INK, LINE, ZONES, Entry, Overlay, Sheet

_TEXT, _NOTE, _POINTS, _LEADING = 8.0, 6.3, 72.0, 1.32
# Rows, fills, and the spaces within the frame, inches.
_ROW, _SWATCH, _PAD, _BESIDE, _BETWEEN, _SPACE, _SCALE = 0.2, 0.3, 0.1, 0.08, 0.16, 0.05, 0.24
_NARROWEST = 1.6
_TICK = 0.04


class Legend:
    """The legend of a map, measured before it is placed.

    Parameters
    ----------
    sheet : Sheet
        The map.
    words : Words
        Those of maps.
    seen : set of int
        The entries that are on it; those with a share are listed in any case.

    Attributes
    ----------
    size : tuple of float
        Width and height, inches.
    """

    def __init__(self, sheet: Sheet, words: Words, seen: Set[int]) -> None:
        self._sheet, self._words = sheet, words
        self._rows: list[tuple[Entry | Overlay, str]] = [
            (one, "" if one.share is None else words.share(one.share))
            for k, one in enumerate(sheet.entries)
            if k in seen or one.share is not None
        ]
        self._rows += [(one, "") for one in sheet.overlays]
        shares = [text for _, text in self._rows if text]
        self._heading = words.text("share") if shares else ""
        inner = _SWATCH + _BESIDE + max(text_size(one.label, _TEXT)[0] for one, _ in self._rows)
        if shares:
            widest = max(text_size(text, _TEXT)[0] for text in shares)
            inner += _BETWEEN + max(widest, text_size(self._heading, _NOTE)[0])
        inner = max(inner, text_size(sheet.legend, _TEXT, bold=True)[0], _NARROWEST)
        self._notes = wrapped(sheet.legend_foot, _NOTE, inner)
        self._title, self._note = (size * _LEADING / _POINTS for size in (_TEXT, _NOTE))
        height = (
            2 * _PAD + self._title + (self._note if shares else 0.0) + _SPACE
            + _ROW * len(self._rows) + self._note * len(self._notes) + _SPACE + _SCALE
        )  # fmt: skip
        self.size = (inner + 2 * _PAD, height)

    def draw(self, canvas: Canvas, place: Rectangle, main: Window) -> None:
        """Draw it in its place, with the scale of the map."""
        left, bottom, right, top = place
        canvas.rectangle(place, facecolor="white", edgecolor=LINE, linewidth=0.6)
        x, y = left + _PAD, top - _PAD - self._title * 0.8
        canvas.text(x, y, self._sheet.legend, _TEXT, weight="bold", color=INK)
        if self._heading:
            y -= self._note
            canvas.text(right - _PAD, y, self._heading, _NOTE, color=FAINT, ha="right")
        y -= _SPACE
        for one, share in self._rows:
            y -= _ROW
            self._swatch(canvas, (x, y + 0.01, x + _SWATCH, y + _ROW - 0.01), one)
            canvas.text(x + _SWATCH + _BESIDE, y + 0.055, one.label, _TEXT, color=INK)
            if share:
                canvas.text(right - _PAD, y + 0.055, share, _TEXT, color=INK, ha="right")
        y -= _SPACE
        for note in self._notes:
            y -= self._note
            canvas.text(x, y + 0.02, note, _NOTE, color=FAINT)
        scale_bar(canvas, (x, bottom + _PAD), main, self._words, (right - left) * 0.5)

    @staticmethod
    def _swatch(canvas: Canvas, place: Rectangle, one: Entry | Overlay) -> None:
        is_fill = isinstance(one, Entry)
        colour = one.colour if isinstance(one, Entry) else ZONES[1]
        canvas.rectangle(place, facecolor=colour, edgecolor=LINE, linewidth=0.5)
        if one.hatch:
            canvas.rectangle(place, facecolor="none", edgecolor=HATCH if is_fill else "white",
                             linewidth=0.0, hatch=one.hatch)  # fmt: skip
        if isinstance(one, Overlay) and one.outlined:
            canvas.rectangle(place, facecolor="none", edgecolor=INK, linewidth=1.3)


def scale_bar(
    canvas: Canvas, at: tuple[float, float], window: Window, words: Words, longest: float
) -> float:
    """Draw a round length of at most `longest` inches, with its text; return where that ends."""
    rough = longest / window.scale / 1000
    power: float = 10.0 ** math.floor(math.log10(rough))
    length = max(step * power for step in (1, 2, 5) if step * power <= rough)
    x, y = at
    end = x + length * 1000 * window.scale
    style: dict[str, Any] = {"solid_capstyle": "butt", "solid_joinstyle": "miter"}
    canvas.line([x, x, end, end], [y + _TICK, y, y, y + _TICK], color=INK, linewidth=0.9, **style)
    text = words.text("km", length=words.number(length, 0 if length >= 1 else 1))
    canvas.text(end + 0.05, y - 0.01, text, _NOTE, color=INK, halo=True)
    return end + 0.05 + text_size(text, _NOTE)[0]
